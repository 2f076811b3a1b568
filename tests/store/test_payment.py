"""A payment moves only on what PayPal says; what is unknown stays pending, and nothing is twice."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest

from creditable.audit.models import Event
from creditable.disclosure.models import Outbox
from creditable.learning.models import Enrollment
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people.models import Person
from creditable.store import checkout, ledger
from creditable.store.models import Leg, Order, Payment, Transaction
from creditable.store.payments import settlement
from creditable.store.payments.paypal import flow
from tests.factories.people import make_person
from tests.factories.store import (
    BY,
    answer,
    captured,
    make_course_on_sale,
    make_order,
    pay,
    paypal_order,
)
from tests.promises import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


@pytest.fixture
def order(ana: Person) -> Order:
    return make_order(ana)


def state(order: Order) -> str:
    return order.payments.order_by("-created_at", "-id")[0].state


def asked(topic: str) -> int:
    return Outbox.objects.filter(topic=topic).count()


def approving(order: Order) -> Payment:
    answer("paypal.order", paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    return order.payments.get()


@promise("A5")
def test_a_captured_payment_opens_the_course_books_the_money_and_mails_once(
    order: Order, ana: Person
) -> None:
    payment = pay(order)
    assert payment.state == "captured"
    assert Enrollment.objects.filter(subject_id=ana.pk).count() == 1
    assert ledger.balance(Leg.Account.RECEIVABLE, order=order) == Money(0)
    assert ledger.balance(Leg.Account.PAYPAL, order=order) == order.total
    mail = Message.objects.get(kind="store.order_confirmed")
    assert order.reference in mail.title
    assert str(order.total) in mail.text


def test_nothing_is_delivered_before_the_money_is_there(order: Order) -> None:
    assert state(order) == "created"
    approving(order)
    assert state(order) == "approving"
    flow.capture(payment=order.payments.get(), by=BY)
    assert state(order) == "capturing"
    assert not Enrollment.objects.exists()


def test_asking_twice_captures_once(order: Order) -> None:
    payment = approving(order)
    assert flow.capture(payment=payment, by=BY) is not None
    assert flow.capture(payment=payment, by=BY) is None
    assert asked("paypal.capture") == 1


def test_an_unknown_outcome_stays_pending_and_paypal_is_asked(order: Order) -> None:
    flow.capture(payment=approving(order), by=BY)
    answer("paypal.capture", None, outcome="unknown")
    assert state(order) == "capturing"
    assert asked("paypal.status") == 1
    answer("paypal.status", captured(order))
    assert state(order) == "captured"


def test_a_declined_card_can_be_replaced_and_charges_nothing(order: Order) -> None:
    flow.capture(payment=approving(order), by=BY)
    refusal = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}
    answer("paypal.capture", refusal, status=422, outcome="refused")
    assert state(order) == "approving"
    flow.capture(payment=order.payments.get(), by=BY)
    assert asked("paypal.capture") == 2
    answer("paypal.capture", captured(order), status=201)
    assert state(order) == "captured"


def test_a_course_that_was_bought_in_another_tab_meanwhile_is_not_charged_again(
    ana: Person,
) -> None:
    course = make_course_on_sale()
    here, there = make_order(ana, course), make_order(ana, course)
    answer("paypal.order", paypal_order(here, "PAYER_ACTION_REQUIRED"), status=201)
    answer("paypal.order", paypal_order(there, "PAYER_ACTION_REQUIRED"), status=201)
    flow.capture(payment=there.payments.get(), by=BY)
    answer("paypal.capture", captured(there), status=201)
    assert flow.capture(payment=here.payments.get(), by=BY) is None
    assert (state(here), state(there)) == ("canceled", "captured")
    with pytest.raises(Refused, match="already"):
        flow.begin(order=here, by=BY)
    assert asked("paypal.capture") == 1


def test_two_orders_of_a_course_that_are_approved_at_once_are_charged_once(ana: Person) -> None:
    course = make_course_on_sale()
    here, there = make_order(ana, course), make_order(ana, course)
    answer("paypal.order", paypal_order(here, "PAYER_ACTION_REQUIRED"), status=201)
    answer("paypal.order", paypal_order(there, "PAYER_ACTION_REQUIRED"), status=201)
    flow.capture(payment=here.payments.get(), by=BY)
    flow.capture(payment=there.payments.get(), by=BY)
    assert asked("paypal.capture") == 1
    assert (state(here), state(there)) == ("capturing", "canceled")


def test_a_canceled_order_takes_no_money_even_when_paypal_says_approved_later(
    order: Order,
) -> None:
    payment = approving(order)
    flow.ask_status(payment=payment, by=BY, hint="before")
    checkout.cancel_order(order=order, by=BY)
    checkout.cancel_order(order=order, by=BY)
    answer("paypal.status", paypal_order(order, "APPROVED"))
    assert asked("paypal.capture") == 0
    assert state(order) == "canceled"
    assert ledger.balance(Leg.Account.RECEIVABLE, order=order) == Money(0)
    with pytest.raises(Refused, match="canceled"):
        flow.begin(order=order, by=BY)


def test_an_order_whose_money_was_asked_for_cannot_be_canceled(order: Order) -> None:
    flow.capture(payment=approving(order), by=BY)
    with pytest.raises(Refused, match="no longer be canceled"):
        checkout.cancel_order(order=order, by=BY)
    answer("paypal.capture", captured(order), status=201)
    assert state(order) == "captured"


def test_a_payer_who_did_not_come_back_is_captured_when_paypal_says_approved(order: Order) -> None:
    payment = approving(order)
    flow.ask_status(payment=payment, by=BY, hint="notice")
    answer("paypal.status", paypal_order(order, "APPROVED"))
    assert asked("paypal.capture") == 1


def test_an_order_that_paypal_will_not_make_ends_and_can_be_paid_again(order: Order) -> None:
    refusal = {"name": "INVALID_REQUEST", "details": [{"issue": "MISSING_REQUIRED_PARAMETER"}]}
    answer("paypal.order", refusal, status=400, outcome="refused")
    assert state(order) == "canceled"
    flow.begin(order=order, by=BY)
    assert state(order) == "created"
    assert order.payments.count() == 2


def test_another_amount_than_the_total_delivers_nothing_and_is_noted(order: Order) -> None:
    flow.capture(payment=approving(order), by=BY)
    answer("paypal.capture", captured(order, value="0.01"), status=201)
    assert state(order) == "capturing"
    assert not Enrollment.objects.exists()
    assert Event.objects.filter(verb="payments.flag").count() == 1
    assert "is not" in order.payments.get().problem


def test_a_second_capture_of_a_paid_order_is_an_alarm_and_not_a_second_delivery(
    order: Order,
) -> None:
    payment = pay(order)
    with pytest.raises(settlement.Mismatch, match="twice"):
        settlement.settle(payment=payment, capture_ref="OTHER", amount=order.total, by=BY)


def test_an_approval_page_elsewhere_is_not_followed(order: Order) -> None:
    links = [{"rel": "payer-action", "href": "https://evil.test/checkoutnow"}]
    answer("paypal.order", {**paypal_order(order, "PAYER_ACTION_REQUIRED"), "links": links})
    assert order.payments.get().approve_url == ""


@pytest.mark.parametrize("sequence", list(itertools.permutations(["capture", "status", "late"])))
def test_in_whatever_order_the_answers_come_the_money_is_booked_once(
    order: Order, sequence: tuple[str, ...]
) -> None:
    payment = approving(order)
    flow.capture(payment=payment, by=BY)
    flow.ask_status(payment=payment, by=BY, hint="first notice")
    flow.ask_status(payment=payment, by=BY, hint="second notice")
    said = {
        "capture": lambda: answer("paypal.capture", captured(order), status=201),
        "status": lambda: answer("paypal.status", captured(order)),
        "late": lambda: answer("paypal.status", paypal_order(order, "APPROVED")),
    }
    for name in sequence:
        said[name]()
    assert state(order) == "captured"
    assert Transaction.objects.filter(order=order, kind="capture").count() == 1
    assert asked("paypal.capture") == 1
    assert Enrollment.objects.count() == 1
    assert Message.objects.filter(kind="store.order_confirmed").count() == 1


def test_a_buyer_who_approved_again_after_a_decline_and_did_not_come_back_is_served(
    order: Order,
) -> None:
    flow.capture(payment=approving(order), by=BY)
    refusal = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INSTRUMENT_DECLINED"}]}
    answer("paypal.capture", refusal, status=422, outcome="refused")
    flow.ask_status(payment=order.payments.get(), by=BY, hint="second notice")
    answer("paypal.status", paypal_order(order, "APPROVED"))
    answer("paypal.capture", captured(order), status=201)
    assert state(order) == "captured"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "TRANSACTION_REFUSED"}]},
        {"name": "UNPROCESSABLE_ENTITY", "details": {}},
        {"name": "NOT_AUTHORIZED", "details": []},
        {},
        None,
    ],
)
def test_a_refusal_that_we_do_not_know_makes_us_ask_and_leaves_no_dead_end(
    order: Order, said: dict[str, object] | None
) -> None:
    flow.capture(payment=approving(order), by=BY)
    answer("paypal.capture", said, status=422, outcome="refused")
    assert state(order) == "capturing"
    answer("paypal.status", paypal_order(order, "PAYER_ACTION_REQUIRED"))
    assert state(order) == "approving"
    assert not Enrollment.objects.exists()


def test_a_capture_that_failed_at_paypal_ends_and_the_order_can_be_paid_again(
    order: Order,
) -> None:
    flow.capture(payment=approving(order), by=BY)
    failed = captured(order)
    failed["purchase_units"][0]["payments"]["captures"][0]["status"] = "DECLINED"  # type: ignore[index]
    answer("paypal.capture", failed, status=201)
    assert state(order) == "declined"
    flow.begin(order=order, by=BY)
    assert state(order) == "created"


def test_whoever_waits_is_asked_about_once_an_hour(
    order: Order, move_clock: Callable[[timedelta], None]
) -> None:
    flow.capture(payment=approving(order), by=BY)
    flow.look_again()
    assert asked("paypal.status") == 0
    move_clock(timedelta(minutes=6))
    flow.look_again()
    flow.look_again()
    assert asked("paypal.status") == 1
    move_clock(timedelta(hours=1))
    flow.look_again()
    assert asked("paypal.status") == 2


def test_an_order_that_ran_out_at_paypal_ends(
    order: Order, move_clock: Callable[[timedelta], None]
) -> None:
    approving(order)
    move_clock(timedelta(hours=5))
    flow.look_again()
    unknown = {"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]}
    answer("paypal.status", unknown, status=404, outcome="refused")
    assert state(order) == "canceled"


def test_an_order_that_is_gone_while_we_wait_for_its_money_is_shown_to_the_office(
    order: Order,
) -> None:
    payment = approving(order)
    flow.capture(payment=payment, by=BY)
    flow.ask_status(payment=payment, by=BY, hint="look")
    unknown = {"name": "RESOURCE_NOT_FOUND", "details": [{"issue": "INVALID_RESOURCE_ID"}]}
    answer("paypal.status", unknown, status=404, outcome="refused")
    assert state(order) == "capturing"
    assert order.payments.get().problem
