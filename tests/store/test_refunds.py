"""Money goes back once, never more than was paid, and never "failed" while nobody knows."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from creditable.disclosure.models import Outbox, Release
from creditable.learning import access, enrollment
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.mail.models import Message
from creditable.people.models import Person
from creditable.store import books, ledger, refunds
from creditable.store.models import Document, Leg, Order, OrderLine, Payment, Refund, Transaction
from creditable.store.payments.paypal import refunds as flow
from tests.factories.people import make_person
from tests.factories.store import (
    BY,
    answer,
    ask_refund,
    make_course_on_sale,
    make_order,
    pay,
    paypal_refund,
    with_refunds,
)
from tests.promises import promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


@pytest.fixture
def order(ana: Person) -> Order:
    """A paid order of two courses, 15 and 39 dollars."""
    order = make_order(
        ana,
        make_course_on_sale(price=Money(1500)),
        make_course_on_sale("test-instruments-in-practice", price=Money(3900)),
    )
    pay(order)
    return order


def line(order: Order, position: int = 1) -> OrderLine:
    return order.lines.get(position=position)


def state(refund: Refund) -> str:
    return Refund.objects.get(id=refund.id).state


def asked(topic: str) -> int:
    return Outbox.objects.filter(topic=topic).count()


def balances(order: Order) -> dict[str, int]:
    return {each: ledger.balance(each, order=order).cents for each in Leg.Account}


def test_a_whole_refund_goes_back_once_and_the_books_explain_it(order: Order) -> None:
    refund = ask_refund(line(order))
    assert state(refund) == "asked"
    assert balances(order)["refunds"] == -1500
    answer("paypal.refund", paypal_refund(refund), status=201)
    assert state(refund) == "completed"
    assert balances(order) == {"receivable": 0, "paypal": 3900, "sales": -3900, "refunds": 0}
    assert books.unexplained() == []


def test_the_whole_price_back_withdraws_the_access_of_that_line_alone(
    order: Order, ana: Person
) -> None:
    refund = ask_refund(line(order))
    assert access.of(ana.pk).count() == 2
    answer("paypal.refund", paypal_refund(refund), status=201)
    (left,) = access.of(ana.pk)
    assert left.course_version == line(order, 2).course_version


def test_access_that_another_reason_gives_stays_open(order: Order, ana: Person) -> None:
    enrollment.grant(
        subject_id=ana.pk,
        course_version=line(order).course_version,
        source="gift",
        source_id="1",
        by=BY,
    )
    answer("paypal.refund", paypal_refund(ask_refund(line(order))), status=201)
    assert access.of(ana.pk).count() == 2


def test_a_part_of_the_price_back_keeps_the_access_until_it_is_the_whole(
    order: Order, ana: Person
) -> None:
    first = ask_refund(line(order), Money(500))
    answer("paypal.refund", paypal_refund(first), status=201)
    assert access.of(ana.pk).count() == 2
    second = ask_refund(line(order), Money(1000))
    answer("paypal.refund", paypal_refund(second, ref="REFUND2"), status=201)
    assert access.of(ana.pk).count() == 1


def test_paypal_hears_amount_and_number_and_the_ledger_says_so(order: Order, ana: Person) -> None:
    refund = ask_refund(line(order))
    row = Outbox.objects.get(topic="paypal.refund")
    assert json.loads(bytes(row.body)) == {
        "amount": {"currency_code": "USD", "value": "15.00"},
        "custom_id": str(refund.id),
        "note_to_payer": f"Refund for order {order.reference}",
    }
    assert row.head["path"] == "/v2/payments/captures/3C679366HH908993F/refund"
    line_of = Release.objects.get(batch=row.batch)
    assert (line_of.recipient, line_of.purpose, line_of.rule) == (
        "payment.paypal",
        "refund",
        "refund.paypal",
    )


def test_a_double_click_and_a_retry_refund_once(order: Order) -> None:
    key = uuid4().hex
    first = ask_refund(line(order), Money(500), attempt_key=key)
    assert ask_refund(line(order), Money(500), attempt_key=key) == first
    assert asked("paypal.refund") == 1


def test_more_than_is_left_is_refused_at_the_amount(order: Order) -> None:
    ask_refund(line(order), Money(1000))
    for amount in (Money(501), Money(0), Money(-5)):
        with pytest.raises(Refused) as refusal:
            ask_refund(line(order), amount)
        assert refusal.value.field == "amount"
    ask_refund(line(order), Money(500))


def test_the_database_lets_no_more_go_back_than_was_paid(order: Order) -> None:
    """The planted fault: a program that forgot to look."""
    payment = order.payments.get()
    given = {"payment": payment, "reason": "our_fault", "decision": {}}
    Refund.objects.create(line=line(order), cents=1500, attempt_key="a" * 20, **given)
    with pytest.raises(IntegrityError, match="more would go back"), transaction.atomic():
        Refund.objects.create(line=line(order), cents=1, attempt_key="b" * 20, **given)
    Payment.objects.filter(id=payment.id).update(state="canceled", capture_ref=None)
    with pytest.raises(IntegrityError, match="more would go back"), transaction.atomic():
        Refund.objects.create(line=line(order, 2), cents=1, attempt_key="c" * 20, **given)


def test_an_order_that_is_not_paid_has_nothing_to_give_back(ana: Person) -> None:
    with pytest.raises(Refused, match="not paid"):
        ask_refund(line(make_order(ana)))


def test_an_unknown_outcome_stays_open_and_paypal_is_asked(order: Order) -> None:
    refund = ask_refund(line(order))
    answer("paypal.refund", None, outcome="unknown")
    assert state(refund) == "asked"
    answer("paypal.refund_status", with_refunds(order, paypal_refund(refund)))
    assert state(refund) == "completed"
    assert asked("paypal.refund") == 1


def test_a_request_that_never_arrived_is_sent_again_as_the_same_request(order: Order) -> None:
    refund = ask_refund(line(order))
    first = Outbox.objects.get(topic="paypal.refund").head["headers"]["PayPal-Request-Id"]
    answer("paypal.refund", None, outcome="unknown")
    answer("paypal.refund_status", with_refunds(order))
    assert state(refund) == "asked"
    again = Outbox.objects.get(topic="paypal.refund", settled=False)
    assert again.head["headers"]["PayPal-Request-Id"] == first
    answer("paypal.refund", paypal_refund(refund), status=201)
    assert state(refund) == "completed"


def test_a_no_is_believed_when_paypals_order_shows_no_refund(order: Order, ana: Person) -> None:
    refund = ask_refund(line(order))
    refusal = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "REFUND_NOT_ALLOWED"}]}
    answer("paypal.refund", refusal, status=422, outcome="refused")
    assert state(refund) == "asked"
    answer("paypal.refund_status", with_refunds(order))
    assert state(refund) == "failed"
    assert "REFUND_NOT_ALLOWED" in Refund.objects.get().problem
    assert balances(order) == {"receivable": 0, "paypal": 5400, "sales": -5400, "refunds": 0}
    assert Transaction.objects.filter(kind="refund_reversed").count() == 1
    assert access.of(ana.pk).count() == 2
    assert books.unexplained() == []
    ask_refund(line(order))


def test_a_no_after_a_lost_yes_is_a_yes(order: Order) -> None:
    refund = ask_refund(line(order))
    refusal = {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "CAPTURE_FULLY_REFUNDED"}]}
    answer("paypal.refund", refusal, status=422, outcome="refused")
    answer("paypal.refund_status", with_refunds(order, paypal_refund(refund)))
    assert state(refund) == "completed"
    assert Refund.objects.get().problem == ""


@pytest.mark.parametrize("said", [None, {}, {"id": 7}, {"name": "X", "details": {}}])
def test_an_answer_that_cannot_be_read_says_nothing(
    order: Order, said: dict[str, object] | None
) -> None:
    refund = ask_refund(line(order))
    answer("paypal.refund", said, status=201 if said != {} else 500)
    assert state(refund) == "asked"


def test_a_pending_refund_waits_and_then_completes_or_fails(order: Order) -> None:
    first = ask_refund(line(order), Money(500))
    answer("paypal.refund", paypal_refund(first, status="PENDING"), status=201)
    assert state(first) == "pending"
    flow.ask_status(refund=Refund.objects.get(), by=BY, hint="notice")
    answer("paypal.refund_status", with_refunds(order, paypal_refund(first)))
    assert state(first) == "completed"
    second = ask_refund(line(order), Money(500))
    answer("paypal.refund", paypal_refund(second, ref="REFUND2", status="PENDING"), status=201)
    flow.ask_status(refund=Refund.objects.get(id=second.id), by=BY, hint="notice")
    failed = paypal_refund(second, ref="REFUND2", status="FAILED")
    answer("paypal.refund_status", with_refunds(order, failed))
    assert state(second) == "failed"
    assert books.unexplained() == []


@pytest.mark.parametrize("sequence", list(permutations(["answer", "notice", "late"])))
def test_in_whatever_order_the_answers_come_the_money_goes_back_once(
    order: Order, sequence: tuple[str, ...]
) -> None:
    refund = ask_refund(line(order))
    for hint in ("first notice", "second notice"):
        flow.ask_status(refund=refund, by=BY, hint=hint)
    said = {
        "answer": lambda: answer("paypal.refund", paypal_refund(refund), status=201),
        "notice": lambda: answer(
            "paypal.refund_status", with_refunds(order, paypal_refund(refund))
        ),
        "late": lambda: answer("paypal.refund_status", with_refunds(order)),
    }
    for name in sequence:
        said[name]()
    assert state(refund) == "completed"
    assert Transaction.objects.filter(order=order, kind="refund").count() == 1
    assert asked("paypal.refund") == 1


def test_another_amount_than_we_asked_for_books_nothing_and_is_shown(order: Order) -> None:
    refund = ask_refund(line(order))
    answer("paypal.refund", paypal_refund(refund, value="14.00"), status=201)
    assert state(refund) == "asked"
    assert "$14.00" in order.payments.get().problem
    assert balances(order)["paypal"] == 5400


def test_whoever_waits_is_asked_about_once_an_hour(
    order: Order, move_clock: Callable[[timedelta], None]
) -> None:
    ask_refund(line(order))
    flow.look_again()
    assert asked("paypal.refund_status") == 0
    move_clock(timedelta(minutes=6))
    for _ in range(2):
        flow.look_again()
    assert asked("paypal.refund_status") == 1


@promise("A14")
def test_the_credit_note_follows_the_invoice_and_the_mail_says_where_both_are(
    order: Order, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    refund = ask_refund(line(order))
    answer("paypal.refund", paypal_refund(refund), status=201)
    run_jobs()
    invoice, note = Document.objects.order_by("issued_at", "id")
    assert (invoice.name, note.name) == ("INV-000001", "CN-000001")
    assert note.refund == refund
    mail = Message.objects.get(kind="store.refunded")
    for part in ("$15.00", order.reference, "CN-000001", f"/account/orders/{order.number}/"):
        assert part in mail.title + mail.text
    run_jobs()
    assert Message.objects.filter(kind="store.refunded").count() == 1


def test_the_rule_and_what_was_known_are_kept_with_the_refund(order: Order) -> None:
    refund = ask_refund(line(order), reason="changed_mind")
    assert refund.decision["days"] == 0
    assert "30 days" in refund.decision["rule"]
    assert refund.decision["exam_started"] is False
    assert refund.asked_by == BY.subject_id


def test_a_changed_mind_after_thirty_days_is_refused_with_the_rule(
    order: Order, move_clock: Callable[[timedelta], None]
) -> None:
    move_clock(timedelta(days=31))
    with pytest.raises(Refused, match="31 days ago") as refusal:
        ask_refund(line(order), reason="changed_mind")
    assert refusal.value.field == "reason"
    ask_refund(line(order), reason="our_fault")


def refund_at_once(order: Order, keys: list[str], amount: Money) -> list[str]:
    def one(key: str) -> str:
        try:
            ask_refund(OrderLine.objects.get(order=order, position=1), amount, attempt_key=key)
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return "asked"

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(one, keys))


@pytest.mark.django_db(transaction=True)
def test_fifty_submits_of_one_attempt_at_once_are_one_refund(order: Order) -> None:
    assert set(refund_at_once(order, [uuid4().hex] * 50, Money(1500))) == {"asked"}
    assert Refund.objects.count() == asked("paypal.refund") == 1
    assert books.unexplained() == []


@pytest.mark.django_db(transaction=True)
def test_fifty_different_attempts_at_once_give_back_no_more_than_was_paid(order: Order) -> None:
    told = refund_at_once(order, [uuid4().hex for _ in range(50)], Money(500))
    assert sorted(set(told)) == ["asked", "too_much"]
    assert told.count("asked") == 3
    assert Refund.objects.count() == 3
    assert refunds.cases(order, order.payments.get())[0].left == Money(0)
