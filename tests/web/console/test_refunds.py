"""Giving money back in the console, and looking into what does not agree."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.audit.models import Event
from creditable.credit import awards
from creditable.learning.models import Attempt, Attestation, Completion, Enrollment
from creditable.store.models import Difference, Order, Refund
from tests.factories.credit import fact_of
from tests.factories.people import make_person
from tests.factories.store import BY, answer, make_order, pay, paypal_refund
from tests.people.signing import sign_in_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers in these tests, which run inside a transaction."""
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)


@pytest.fixture
def order(policy: None) -> Order:
    order = make_order(make_person(name="Ana Diaz"))
    pay(order)
    return order


@pytest.fixture
def finance(client: Client, order: Order) -> Client:
    sign_in_staff(client, make_person(role="finance"))
    return client


def typed(finance: Client, order: Order, **told: str) -> dict[str, str]:
    """The form of the first line as the page offers it, with what is typed into it."""
    page = finance.get(f"/console/orders/{order.number}/").content.decode()
    found = re.search(r'name="1-attempt_key" value="([^"]+)"', page)
    assert found, "no form on the page"
    form = {"attempt_key": found[1], "amount": "15.00", "reason": "our_fault", "note": "By phone"}
    return {f"1-{name}": value for name, value in {**form, **told}.items()}


def give_back(finance: Client, order: Order, form: dict[str, str]) -> Any:
    return finance.post(f"/console/orders/{order.number}/lines/1/refund/", form)


def test_money_goes_back_once_whatever_is_clicked(finance: Client, order: Order) -> None:
    form = typed(finance, order)
    for _ in range(2):
        assert give_back(finance, order, form)["Location"] == f"/console/orders/{order.number}/"
    refund = Refund.objects.get()
    assert (refund.cents, refund.reason, refund.note) == (1500, "our_fault", "By phone")
    page = finance.get(f"/console/orders/{order.number}/").content.decode()
    assert "It has not confirmed yet" in page
    assert "Asked, not confirmed yet" in page
    assert "Give it back" not in page
    answer("paypal.refund", paypal_refund(refund), status=201)
    page = finance.get(f"/console/orders/{order.number}/").content.decode()
    assert "Went back" in page
    assert "access was taken back" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("amount", "15.01", "At most $15.00"),
        ("amount", "0", "above zero"),
        ("amount", "-3", "above zero"),
        ("amount", "1.005", "no more than 2 decimal places"),
        ("amount", "NaN", "Enter a number"),
        ("amount", "lots", "Enter a number"),
        ("reason", "", "required"),
        ("reason", "because", "not one of the available choices"),
        ("note", "", "required"),
        ("attempt_key", "short", "too old"),
    ],
)
def test_what_cannot_be_is_told_and_loses_nothing(
    finance: Client, order: Order, field: str, value: str, words: str
) -> None:
    form = typed(finance, order, **{"note": "Ana called", field: value})
    response = give_back(finance, order, form)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert field == "note" or "Ana called" in page
    assert not Refund.objects.exists()


def test_the_rule_is_shown_and_binds_a_changed_mind(
    finance: Client, order: Order, move_clock: Any
) -> None:
    assert "Both hold here" in finance.get(f"/console/orders/{order.number}/").content.decode()
    move_clock(timedelta(days=31))
    sign_in_staff(finance, make_person(role="finance"))
    page = finance.get(f"/console/orders/{order.number}/").content.decode()
    assert "31 days ago" in page
    response = give_back(finance, order, typed(finance, order, reason="changed_mind"))
    assert response.status_code == 422
    assert not Refund.objects.exists()


def test_credit_that_was_awarded_is_warned_about_and_must_be_confirmed(
    finance: Client, order: Order
) -> None:
    completed(order)
    page = finance.get(f"/console/orders/{order.number}/").content.decode()
    assert "Credit for this course was awarded" in page
    form = typed(finance, order)
    refused = give_back(finance, order, form)
    assert refused.status_code == 422
    assert not Refund.objects.exists()
    assert give_back(finance, order, form | {"1-confirmed": "on"}).status_code == 302
    decision = Refund.objects.get().decision
    assert decision["credited"] is True
    assert decision["warnings"]


def completed(order: Order) -> None:
    """The buyer has completed the course of the order and was awarded its credit."""
    place = Enrollment.objects.get(subject_id=order.subject_id)
    statement = Attestation.objects.create(enrollment=place, version=1, text="x", signature="x")
    attempt = Attempt.objects.create(
        enrollment=place, attestation=statement, number=1, deadline="2099-01-01T00:00Z"
    )
    completion = Completion.objects.create(
        enrollment=place,
        subject_id=order.subject_id,
        attempt=attempt,
        started_at=place.created_at,
        seat_seconds=1,
        score_percent=90,
        checklist=[],
    )
    fact = fact_of(order.subject_id, place.course_version.course)
    awards.award(fact=replace(fact, completion_id=completion.pk), by=BY)


def test_who_may_only_look_finds_no_form_and_is_refused(client: Client, order: Order) -> None:
    sign_in_staff(client, make_person(role="office"))
    assert "Give money back" not in client.get(f"/console/orders/{order.number}/").content.decode()
    assert give_back(client, order, {}).status_code == 403


def difference(order: Order, reference: str = "STRAY1") -> Difference:
    return Difference.objects.create(
        provider="paypal",
        kind="theirs_alone",
        reference=reference,
        order=order,
        their_cents=-1500,
        currency="USD",
    )


def test_a_difference_is_closed_with_what_came_of_it(finance: Client, order: Order) -> None:
    found = difference(order)
    assert "difference with PayPal" in finance.get("/console/").content.decode()
    page = finance.get("/console/books/").content.decode()
    assert "STRAY1" in page
    assert "-$15.00" in page
    address = f"/console/books/{found.pk}/resolve/"
    nothing = finance.post(address, {f"{found.pk}-note": " "})
    assert nothing.status_code == 422
    told = {f"{found.pk}-note": "Refunded on PayPal's own page; booked by hand next week"}
    assert finance.post(address, told)["Location"] == "/console/books/"
    page = finance.get("/console/books/").content.decode()
    assert "Everything agrees" in page
    assert "booked by hand next week" in page
    assert Event.objects.filter(verb="reconciliation.resolve").count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_books_ask_the_same_number_of_questions_for_one_and_for_three(
    finance: Client, order: Order, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number):
        difference(order, f"STRAY{count}")
    finance.get("/console/books/")
    with django_assert_num_queries(BOOKS_QUERIES):
        finance.get("/console/books/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_one_order_and_for_three(
    finance: Client, order: Order, number: int, django_assert_num_queries: Any
) -> None:
    for count in range(number - 1):
        pay(make_order(make_person()), capture=f"CAPTURE{count:010}")
    finance.get("/console/orders/")
    with django_assert_num_queries(ORDERS_QUERIES):
        finance.get("/console/orders/")


BOOKS_QUERIES = 6
ORDERS_QUERIES = 8
