"""Checks what went over the wire against PayPal's published OpenAPI descriptions."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

PUBLISHED = Path(__file__).parent / "published"
HOST = "https://api-m.sandbox.paypal.com"
DESCRIPTIONS = {
    "/v2/checkout/": "checkout_orders_v2.json",
    "/v2/payments/": "payments_payment_v2.json",
    "/v1/notifications/webhooks-events": "notifications_webhooks_v1.json",
    "/v1/reporting/": "../transaction_search.yaml",
}
SECURITY_IS_LEFT_OUT = "the recorded requests carry no access token"


class OffContract(AssertionError):
    """A message that the published description does not allow."""


def check(entry: Mapping[str, Any]) -> None:
    """A recorded request and its answer, as `/standin/recorded` gives them. Raises OffContract.
    Stricter than the description in one way: a field of the request that it does not know is
    refused, because a misspelled field would otherwise be ignored in silence."""
    description = described(entry["path"])
    if description is None:
        raise OffContract(f"{entry['path']} is in no published description")
    request = _request(entry)
    for error in _openapi(description).iter_request_errors(request):
        raise OffContract(f"{entry['method']} {entry['path']}: {_reason(error)}")
    if entry["body"]:
        body = json.loads(entry["body"])
        unknown = list(_unknown(body, _body_schema(description, entry), _document(description), ""))
        if unknown:
            raise OffContract(f"{entry['method']} {entry['path']}: unknown fields {unknown}")
    if entry["answer"] is not None:
        _check_answer(description, request, entry["answer"])


def described(path: str) -> str | None:
    """The description that speaks of the path, or None: the token request is in none."""
    return next((name for start, name in DESCRIPTIONS.items() if path.startswith(start)), None)


def check_schema(description: str, schema: str, value: object) -> None:
    """Any value against a named schema, such as the resource inside a webhook."""
    from openapi_schema_validator import OAS30Validator

    document = _document(description)
    root = {**document["components"]["schemas"][schema], "components": document["components"]}
    errors = [error.message for error in OAS30Validator(root).iter_errors(value)]
    if errors:
        raise OffContract(f"{schema}: {errors}")


def _check_answer(description: str, request: MockRequest, answer: Mapping[str, Any]) -> None:
    response = MockResponse(
        answer["body"].encode(),
        status_code=answer["status"],
        headers=dict(answer["headers"]),
        content_type=answer["headers"].get("Content-Type", "application/json"),
    )
    for error in _openapi(description).iter_response_errors(request, response):
        raise OffContract(f"answer {answer['status']} to {request.path}: {_reason(error)}")


@cache
def _document(description: str) -> dict[str, Any]:
    document = yaml.safe_load((PUBLISHED / description).read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return document


@cache
def _openapi(description: str) -> OpenAPI:
    return OpenAPI.from_dict(_document(description))


def _request(entry: Mapping[str, Any]) -> MockRequest:
    return MockRequest(
        HOST,
        entry["method"].lower(),
        entry["path"],
        args=dict(entry["query"]),
        headers={name.title(): value for name, value in entry["headers"].items()},
        data=entry["body"].encode() or None,
        content_type=entry["headers"].get("content-type", "application/json"),
    )


def _body_schema(description: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    for template, operations in _document(description)["paths"].items():
        parts, actual = template.split("/"), entry["path"].split("/")
        if len(parts) == len(actual) and all(
            part == there or part.startswith("{") for part, there in zip(parts, actual, strict=True)
        ):
            body = operations[entry["method"].lower()].get("requestBody", {})
            schema = body.get("content", {}).get("application/json", {}).get("schema", {})
            return dict(schema)
    return {}


def _unknown(
    value: object, schema: Mapping[str, Any], document: dict[str, Any], place: str
) -> Iterator[str]:
    """The fields of a value that its schema does not name, in whatever way it is composed."""
    parts = list(_composed(schema, document))
    if isinstance(value, list):
        items = next((part["items"] for part in parts if "items" in part), {})
        for number, item in enumerate(value):
            yield from _unknown(item, items, document, f"{place}/{number}")
    if isinstance(value, dict):
        known: dict[str, Any] = {}
        for part in parts:
            known |= part.get("properties", {})
        for key, inner in value.items():
            if key not in known:
                yield f"{place}/{key}"
            else:
                yield from _unknown(inner, known[key], document, f"{place}/{key}")


def _composed(schema: Mapping[str, Any], document: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from _composed(target, document)
    yield schema
    for word in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(word, []):
            yield from _composed(part, document)


def _reason(error: Exception) -> str:
    cause = error.__cause__
    return f"{error}" + (f": {cause}" if cause else "")
