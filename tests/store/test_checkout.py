"""An order is placed once, frozen, booked to the cent, and asks PayPal for its total."""

import json
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError

from creditable.audit.guard import Frozen
from creditable.disclosure.models import Outbox, Release
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.store import basket, checkout, ledger, offers
from creditable.store.models import Basket, Leg, Order, Transaction
from tests.factories.people import make_person
from tests.factories.store import BILLING, BY, make_basket, make_course_on_sale, make_order
from tests.promises import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


def place(person: Person, token: str, key: str) -> Order:
    return checkout.place_order(
        person=person, basket_token=token, billing=BILLING, attempt_key=key, by=person.actor
    )


def test_an_order_keeps_the_price_of_the_moment_it_was_placed(ana: Person) -> None:
    version = make_course_on_sale(price=Money(1500))
    order = make_order(ana, version)
    offers.set_price(course=version.course, price=Money(9900), by=BY)
    assert order.total == Money(1500)
    assert [line.price for line in order.lines.all()] == [Money(1500)]
    with pytest.raises(Frozen):
        order.save()


def test_a_double_click_and_a_reload_are_one_order(ana: Person) -> None:
    token, key = make_basket(make_course_on_sale()), uuid4().hex
    assert place(ana, token, key) == place(ana, token, key)
    assert Order.objects.count() == 1
    assert Outbox.objects.filter(topic="paypal.order").count() == 1


def test_somebody_elses_attempt_key_opens_nobodys_order(ana: Person) -> None:
    key = uuid4().hex
    mine = make_order(ana, attempt_key=key)
    other = make_person()
    with pytest.raises(Refused, match="empty"):
        place(other, "", key)
    assert make_order(other, attempt_key=key) != mine


def test_the_basket_is_empty_after_the_order(ana: Person) -> None:
    make_order(ana)
    assert not Basket.objects.exists()


def test_an_empty_basket_orders_nothing(ana: Person) -> None:
    with pytest.raises(Refused, match="empty"):
        place(ana, "no-such-basket", uuid4().hex)


def test_a_bill_without_an_address_is_refused_at_the_field(ana: Person) -> None:
    billing = checkout.Billing(name="Ana", street=" ", city="Waco", state="TX", postal_code="76701")
    with pytest.raises(Refused) as refusal:
        checkout.place_order(
            person=ana,
            basket_token=make_basket(make_course_on_sale()),
            billing=billing,
            attempt_key=uuid4().hex,
            by=ana.actor,
        )
    assert refusal.value.field == "street"
    assert not Order.objects.exists()


@promise("A3")
def test_paypal_is_told_the_total_and_the_bill_and_the_ledger_says_so(ana: Person) -> None:
    order = make_order(ana, make_course_on_sale(price=Money(3900)))
    row = Outbox.objects.get(topic="paypal.order")
    sent = json.loads(bytes(row.body))
    assert sent["purchase_units"][0]["amount"] == {"currency_code": "USD", "value": "39.00"}
    assert "Ladder" not in bytes(row.body).decode()
    line = Release.objects.get(batch=row.batch)
    assert (line.subject_id, line.recipient, line.purpose) == (ana.pk, "payment.paypal", "payment")
    assert set(line.fields) == {
        "total", "currency", "reference", "name", "email", "street", "city", "state",
        "postal_code", "country",
    }  # fmt: skip
    assert order.reference in bytes(row.body).decode()


def test_the_address_is_kept_for_the_next_time(ana: Person) -> None:
    make_order(ana)
    ana.refresh_from_db()
    assert (ana.street, ana.city, ana.state, ana.postal_code) == (
        "12 Main St",
        "Waco",
        "TX",
        "76701",
    )


def test_a_placed_order_is_owed_to_the_cent(ana: Person) -> None:
    order = make_order(ana, make_course_on_sale(price=Money(3900)))
    assert ledger.balance(Leg.Account.RECEIVABLE, order=order) == Money(3900)
    assert ledger.balance(Leg.Account.SALES, order=order) == Money(-3900)


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_does_not_sum_to_zero_cannot_be_committed(policy: None) -> None:
    order = make_order(make_person())
    with pytest.raises((IntegrityError, InternalError), match="sum to zero"), transaction.atomic():
        entry = Transaction.objects.create(kind="x", key="x", order=order)
        Leg.objects.create(transaction=entry, account="paypal", cents=5, currency="USD")
        Leg.objects.create(transaction=entry, account="sales", cents=-4, currency="USD")
    assert not Transaction.objects.filter(key="x").exists()


def test_a_basket_holds_a_course_once_and_only_what_is_sold(policy: None) -> None:
    version = make_course_on_sale()
    token = make_basket(version, version)
    assert basket.count(token) == 1
    assert basket.contents(token, None).total == Money(1500)
    version.course.offers.update(withdrawn_at="2026-01-01T00:00Z")
    assert basket.contents(token, None).gone == (version.course.slug,)
    assert basket.contents(token, None).total == Money(0)
    with pytest.raises(Refused, match="not on sale"):
        basket.add(token=token, course=version.course, by=BY)
