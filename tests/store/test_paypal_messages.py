"""What PayPal hears is what its published description asks for and the policy allows."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest

from creditable.disclosure.messages import Request
from creditable.disclosure.templates import Line
from creditable.lib.money import Money
from creditable.store.payments.paypal import messages
from tests.promises import promise
from tests.standins import contract

BILLED = {
    "total": "39.00",
    "currency": "USD",
    "reference": "CR-100001",
    "name": "Ana Lucía Diaz",
    "email": "ana@example.com",
    "street": "12 Main St",
    "city": "Waco",
    "state": "TX",
    "postal_code": "76701",
    "country": "US",
    "return_url": "https://shop.example.com/checkout/100001/return/",
    "cancel_url": "https://shop.example.com/checkout/100001/cancel/",
}

REFUNDED = {
    "capture_ref": "3C679366HH908993F",
    "total": "9.00",
    "currency": "USD",
    "reference": "CR-100001",
    "refund": "0190a0b0-0000-7000-8000-000000000001",
}
STRETCH = {"since": "2026-11-01T00:00:00Z", "until": "2026-11-25T08:00:00Z", "page": 1}


def recorded(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": urlsplit(request.path).path,
        "query": dict(parse_qsl(urlsplit(request.path).query)),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "body": request.body.decode(),
        "answer": None,
    }


def create(**values: str) -> Request:
    return messages.create_order([Line(uuid4(), values)], "paypal.order:1")


@promise("A3")
def test_an_order_says_the_total_and_the_billing_information_and_nothing_else() -> None:
    body = json.loads(create(**BILLED).body)
    context = body["payment_source"]["paypal"].pop("experience_context")
    assert context["user_action"] == "PAY_NOW"
    assert body == {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "reference_id": "CR-100001",
                "invoice_id": "CR-100001",
                "amount": {"currency_code": "USD", "value": "39.00"},
            }
        ],
        "payment_source": {
            "paypal": {
                "name": {"given_name": "Ana Lucía", "surname": "Diaz"},
                "email_address": "ana@example.com",
                "address": {
                    "address_line_1": "12 Main St",
                    "admin_area_2": "Waco",
                    "admin_area_1": "TX",
                    "postal_code": "76701",
                    "country_code": "US",
                },
            }
        },
    }


def test_each_request_keeps_to_the_published_description() -> None:
    line = [Line(uuid4(), {"provider_ref": "5O190127TN364715T"})]
    for request in (
        create(**BILLED),
        messages.capture_order(line, "paypal.capture:1:1"),
        messages.show_order(line, "paypal.status:1"),
        messages.refund_capture([Line(uuid4(), REFUNDED)], "paypal.refund:1:first"),
        messages.list_movements([Line(None, STRETCH)], "paypal.list:1:1"),
    ):
        contract.check(recorded(request))


def test_what_the_policy_holds_back_is_left_out_and_the_request_still_fits() -> None:
    held_back = {"name", "email", "street", "city", "state", "postal_code", "country"}
    request = create(**{name: value for name, value in BILLED.items() if name not in held_back})
    contract.check(recorded(request))
    assert set(json.loads(request.body)["payment_source"]["paypal"]) == {"experience_context"}


def test_a_reference_from_outside_cannot_leave_its_place_in_the_path() -> None:
    request = messages.show_order([Line(uuid4(), {"provider_ref": "../../v1/x?y=1"})], "k")
    assert request.path == "/v2/checkout/orders/..%2F..%2Fv1%2Fx%3Fy%3D1"


def answer(status: str, **more: Any) -> bytes:
    return json.dumps({"id": "5O1", "status": status, **more}).encode()


def test_where_the_payer_approves_is_read() -> None:
    links = [{"rel": "payer-action", "href": "https://www.paypal.com/checkoutnow?token=5O1"}]
    state = messages.read_order(201, answer("PAYER_ACTION_REQUIRED", links=links))
    assert (state.id, state.status) == ("5O1", "PAYER_ACTION_REQUIRED")
    assert state.approve_url == "https://www.paypal.com/checkoutnow?token=5O1"
    assert state.captured is None


def test_what_was_captured_is_read_to_the_cent() -> None:
    capture = {
        "id": "3C6",
        "status": "COMPLETED",
        "amount": {"value": "39.00", "currency_code": "USD"},
    }
    units = [{"payments": {"captures": [capture]}}]
    state = messages.read_order(201, answer("COMPLETED", purchase_units=units))
    assert (state.capture_ref, state.capture_status, state.captured) == (
        "3C6",
        "COMPLETED",
        Money(3900),
    )


def test_why_paypal_says_no_is_read() -> None:
    body = json.dumps(
        {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}
    )
    assert messages.read_order(422, body.encode()).problem == "INSTRUMENT_DECLINED"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"id":"5O1","purchase_units":[{"payments":{"captures":[{"id":"3","amount":{"value":"x","currency_code":"USD"}}]}}]}',
    ],
)
def test_an_answer_that_is_none_is_an_error_and_not_a_guess(body: bytes) -> None:
    with pytest.raises(messages.Unreadable):
        messages.read_order(200, body)


def test_a_refund_asked_for_again_is_the_same_request_to_paypal() -> None:
    first, again = (
        messages.refund_capture([Line(uuid4(), REFUNDED)], f"paypal.refund:1:{hint}")
        for hint in ("first", "after-2")
    )
    assert first == again


def test_what_went_back_is_read_from_the_refund_and_from_its_order() -> None:
    refund = {
        "id": "1JU",
        "status": "COMPLETED",
        "custom_id": "ours",
        "amount": {"value": "9.00", "currency_code": "USD"},
    }
    read = messages.read_refund(201, json.dumps(refund).encode())
    assert (read.id, read.status, read.amount) == ("1JU", "COMPLETED", Money(900))
    units = [{"payments": {"refunds": [refund]}}]
    assert messages.read_order(200, answer("COMPLETED", purchase_units=units)).refunds == (read,)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"id":"1","amount":{"value":"9"}}'])
def test_an_answer_about_a_refund_that_is_none_is_an_error(body: bytes) -> None:
    with pytest.raises(messages.Unreadable):
        messages.read_refund(200, body)


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://www.paypal.com/checkoutnow?token=1", True),
        ("https://www.paypal.com.evil.test/checkoutnow", False),
        ("https://www.paypal.com@evil.test/", False),
        ("http://www.paypal.com/", False),
        ("//www.paypal.com/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_a_payer_is_sent_to_paypal_and_nowhere_else(url: str, there: bool) -> None:
    assert messages.is_at(url, "https://www.paypal.com") is there


@pytest.mark.parametrize(
    ("event", "order"),
    [
        ({"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "5O1"}}, "5O1"),
        (
            {
                "event_type": "PAYMENT.CAPTURE.COMPLETED",
                "resource": {
                    "id": "3C6",
                    "supplementary_data": {"related_ids": {"order_id": "5O1"}},
                },
            },
            "5O1",
        ),
        ({"event_type": "BILLING.PLAN.CREATED", "resource": {"id": "P-1"}}, ""),
        ({"event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": None}, ""),
        ({}, ""),
    ],
)
def test_the_order_that_a_notice_is_about(event: dict[str, Any], order: str) -> None:
    assert messages.order_in_notice(event) == order
