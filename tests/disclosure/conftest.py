"""One kind of release for these tests: a payment's three fields and a link."""

import json
from collections.abc import Sequence

import pytest

from creditable.disclosure.messages import Request
from creditable.disclosure.models import Subject
from creditable.disclosure.templates import Line, Template


def build(lines: Sequence[Line], key: str) -> Request:
    people = [dict(line.values) for line in lines]
    return Request("paypal", "POST", "/somewhere", {"Key": key}, json.dumps(people).encode())


@pytest.fixture
def payment() -> Template:
    """What PayPal may hear; `phone` is more than it may."""
    return Template(
        name="tests.payment",
        recipient="payment.paypal",
        purpose="payment",
        channel="https",
        fields={
            "total": "user.payment.total",
            "name": "user.name",
            "phone": "user.contact.phone_number",
            "link": "system.operations",
        },
        required=frozenset({"total"}),
        build=build,
        topic="tests.payment",
    )


@pytest.fixture
def person(db: None) -> Subject:
    return Subject.objects.create()
