"""The processor's list and our books, compared both ways; and the books with themselves."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creditable.audit import clock
from creditable.disclosure.models import Outbox
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.store import books, checkout, reconciliation
from creditable.store.models import Difference, Leg, Order, Reconciliation, Transaction
from tests.factories.people import make_person
from tests.factories.store import (
    BY,
    answer,
    ask_refund,
    make_course_on_sale,
    make_order,
    pay,
    paypal_refund,
)

pytestmark = pytest.mark.django_db
CAPTURE = "3C679366HH908993F"
Move = Callable[[timedelta], None]


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person(name="Ana Diaz")


@pytest.fixture
def order(ana: Person) -> Order:
    order = make_order(ana)
    pay(order)
    return order


def row(
    reference: str = CAPTURE,
    value: str = "15.00",
    *,
    code: str = "T0006",
    at: datetime | None = None,
    invoice: str = "",
    status: str = "S",
) -> dict[str, object]:
    """A line of PayPal's list."""
    return {
        "transaction_id": reference,
        "transaction_event_code": code,
        "transaction_initiation_date": f"{at or clock.now():%Y-%m-%dT%H:%M:%S+0000}",
        "transaction_amount": {"currency_code": "USD", "value": value},
        "transaction_status": status,
        **({"invoice_id": invoice} if invoice else {}),
    }


def listed(*rows: dict[str, object], page: int = 1, of: int = 1) -> None:
    body = {
        "transaction_details": [{"transaction_info": each} for each in rows],
        "page": page,
        "total_pages": of,
    }
    answer("paypal.list", body)


def night(*rows: dict[str, object]) -> None:
    """One night's reading, of one page."""
    reconciliation.begin(by=BY)
    listed(*rows)


def open_kinds() -> list[tuple[str, str]]:
    return [(each.kind, each.reference) for each in reconciliation.open_differences()]


def test_a_list_that_agrees_leaves_nothing_open(order: Order, move_clock: Move) -> None:
    paid = row(invoice=order.reference)
    move_clock(timedelta(hours=5))
    night(paid)
    assert open_kinds() == []
    assert Reconciliation.objects.get().finished_at is not None


def test_what_paypal_has_and_we_do_not_is_shown_with_its_order(
    order: Order, move_clock: Move
) -> None:
    stray = row("STRAY0000000000001", "-15.00", code="T1107", invoice=order.reference)
    paid = row()
    move_clock(timedelta(hours=5))
    night(paid, stray)
    (difference,) = reconciliation.open_differences()
    assert (difference.kind, difference.reference) == ("theirs_alone", "STRAY0000000000001")
    assert difference.order == order
    assert str(difference.theirs) == "-$15.00"
    assert difference.ours is None


def test_what_we_have_and_paypal_does_not_is_shown(order: Order, move_clock: Move) -> None:
    move_clock(timedelta(hours=5))
    night()
    assert open_kinds() == [("ours_alone", CAPTURE)]


def test_another_amount_is_shown_with_both(order: Order, move_clock: Move) -> None:
    paid = row(value="14.00")
    move_clock(timedelta(hours=5))
    night(paid)
    (difference,) = reconciliation.open_differences()
    assert (str(difference.ours), str(difference.theirs)) == ("$15.00", "$14.00")


def test_a_refund_is_matched_with_its_sign(order: Order, move_clock: Move) -> None:
    refund = ask_refund(order.lines.get())
    answer("paypal.refund", paypal_refund(refund), status=201)
    rows = [row(), row("1JU08902781691411", "-15.00", code="T1107")]
    move_clock(timedelta(hours=5))
    night(*rows)
    assert open_kinds() == []


def test_what_is_younger_than_three_hours_may_still_be_on_its_way(
    order: Order, move_clock: Move
) -> None:
    move_clock(timedelta(hours=2))
    night(row("STRAY0000000000001"))
    assert open_kinds() == []


def test_the_same_night_twice_and_overlapping_nights_note_each_difference_once(
    order: Order, move_clock: Move
) -> None:
    move_clock(timedelta(hours=5))
    night()
    reconciliation.begin(by=BY)
    assert Outbox.objects.filter(topic="paypal.list").count() == 1
    move_clock(timedelta(days=1))
    night()
    assert open_kinds() == [("ours_alone", CAPTURE)]
    assert Difference.objects.count() == 1


def test_what_arrives_in_the_list_later_closes_itself(order: Order, move_clock: Move) -> None:
    paid = row()
    move_clock(timedelta(hours=5))
    night()
    move_clock(timedelta(days=1))
    night(paid)
    difference = Difference.objects.get()
    assert difference.resolved_at is not None
    assert difference.resolved_by is None
    assert open_kinds() == []


def test_what_was_resolved_stays_resolved(order: Order, move_clock: Move) -> None:
    staff = make_person(role="administrator")
    move_clock(timedelta(hours=5))
    night()
    difference = Difference.objects.get()
    with pytest.raises(Refused) as refusal:
        reconciliation.resolve(difference_id=difference.id, note=" ", by=staff.staff_actor)
    assert refusal.value.field == "note"
    reconciliation.resolve(
        difference_id=difference.id, note="PayPal's support: listed late", by=staff.staff_actor
    )
    move_clock(timedelta(days=1))
    night()
    assert open_kinds() == []
    with pytest.raises(Refused, match="already"):
        reconciliation.resolve(difference_id=difference.id, note="again", by=staff.staff_actor)


def test_pages_are_read_one_after_the_other(order: Order, move_clock: Move) -> None:
    paid, stray = row(), row("STRAY0000000000001")
    move_clock(timedelta(hours=5))
    reconciliation.begin(by=BY)
    listed(stray, page=1, of=2)
    assert open_kinds() == []
    listed(paid, page=2, of=2)
    assert open_kinds() == [("theirs_alone", "STRAY0000000000001")]
    assert Outbox.objects.filter(topic="paypal.list").count() == 2


def test_a_list_that_broke_off_is_begun_anew_the_next_night(order: Order, move_clock: Move) -> None:
    paid = row()
    move_clock(timedelta(hours=5))
    reconciliation.begin(by=BY)
    answer("paypal.list", None, outcome="unknown")
    assert "could not be read" in Reconciliation.objects.get().problem
    first = Reconciliation.objects.get().since
    move_clock(timedelta(days=10))
    night(paid)
    run = Reconciliation.objects.get()
    assert run.since <= first
    assert run.finished_at is not None
    assert open_kinds() == []


def test_a_list_that_is_none_says_nothing(order: Order, move_clock: Move) -> None:
    move_clock(timedelta(hours=5))
    reconciliation.begin(by=BY)
    answer("paypal.list", {"transaction_details": [{}], "page": 1, "total_pages": 1})
    assert open_kinds() == []
    assert Reconciliation.objects.get().finished_at is None


def test_fees_withdrawals_and_what_did_not_go_through_are_no_movements(
    order: Order, move_clock: Move
) -> None:
    rows = [
        row(),
        row("WITHDRAWAL00000001", "-90.00", code="T0400"),
        row("DENIED000000000001", "15.00", status="D"),
        row("SENTBYUS0000000001", "-5.00", code="T0000"),
    ]
    move_clock(timedelta(hours=5))
    night(*rows)
    assert open_kinds() == []


def test_a_long_silence_is_read_in_stretches_of_at_most_31_days() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    until = since + timedelta(days=70)
    pieces = list(reconciliation.stretches(since, until))
    assert len(pieces) == 3
    assert (pieces[0][0], pieces[-1][1]) == (since, until)
    assert all(end - begin <= timedelta(days=31) for begin, end in pieces)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(pieces))


def test_the_request_names_a_time_and_nobody(order: Order, move_clock: Move) -> None:
    move_clock(timedelta(hours=5))
    reconciliation.begin(by=BY)
    sent = Outbox.objects.get(topic="paypal.list")
    assert sent.head["method"] == "GET"
    assert "fields=transaction_info&page_size=100&page=1" in sent.head["path"]
    assert not bytes(sent.body)
    assert "Ana" not in json.dumps(sent.head)


def test_every_cent_of_every_state_is_explained(ana: Person, order: Order) -> None:
    other = make_course_on_sale("test-instruments-in-practice")
    make_order(ana, other)
    checkout.cancel_order(order=make_order(ana, other), by=BY)
    ask_refund(order.lines.get())
    assert Leg.objects.exists()
    assert books.check(by=BY) == []


@pytest.mark.parametrize("account", ["sales", "paypal", "refunds"])
def test_a_cent_too_much_is_seen_and_closed_when_it_is_put_right(
    order: Order, account: str
) -> None:
    """The planted fault: an entry that nothing explains."""

    def post(cents: int) -> None:
        entry = Transaction.objects.create(kind="x", key=uuid4().hex, order=order)
        for name, signed in ((account, cents), ("receivable", -cents)):
            Leg.objects.create(transaction=entry, account=name, cents=signed, currency="USD")

    post(1)
    assert {each.account for each in books.check(by=BY)} == {account, "receivable"}
    assert len(books.check(by=BY)) == 2
    assert Difference.objects.filter(kind="books").count() == 2
    post(-1)
    assert books.check(by=BY) == []
    assert open_kinds() == []
