"""What must be true of an installation, whatever was killed: nothing that was acknowledged is
lost, nothing was done twice."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol


class Seen(Protocol):
    """An installation seen from outside, with a look into its rows."""

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]: ...

    def recorded(self, stand_in: str) -> list[dict[str, Any]]:
        """The requests that a stand-in has received, oldest first."""
        ...

    def mails(self, to: str = "") -> list[dict[str, Any]]: ...


def check_money(seen: Seen, emails: Sequence[str]) -> None:
    """PayPal has taken the money of an order of these people once, and the books say the same.
    What PayPal recorded is theirs alone."""
    captures: dict[str, set[str]] = {}
    for entry in seen.recorded("paypal"):
        answer = entry["answer"]
        if entry["path"].endswith("/capture") and answer and answer["status"] in {200, 201}:
            taken = json.loads(answer["body"])
            unit = taken["purchase_units"][0]["payments"]["captures"]
            captures.setdefault(taken["id"], set()).update(each["id"] for each in unit)
    assert captures, "nothing was captured, so nothing was looked at"
    assert all(len(ids) == 1 for ids in captures.values()), captures
    booked = {
        row["provider_ref"]: row["cents"]
        for row in seen.rows(
            "SELECT p.provider_ref, sum(l.cents)::int AS cents FROM store_leg l"
            " JOIN store_transaction t ON t.id = l.transaction_id"
            " JOIN store_order o ON o.id = t.order_id"
            " JOIN people_person h ON h.subject_id = o.subject_id AND h.email = ANY(%s)"
            " JOIN store_payment p ON p.order_id = t.order_id AND p.state = 'captured'"
            " WHERE l.account = 'paypal' AND t.kind = 'capture' GROUP BY 1",
            list(emails),
        )
    }
    assert booked.keys() == captures.keys()
    assert set(booked.values()) == {3900}
    check_books(seen)


def check_refunds(seen: Seen, emails: Sequence[str]) -> None:
    """What PayPal returned to these people is what the books say that it did, once each."""
    returned: dict[str, set[str]] = {}
    for entry in seen.recorded("paypal"):
        answer = entry["answer"]
        if entry["path"].endswith("/refund") and answer and answer["status"] in {200, 201}:
            refund = json.loads(answer["body"])
            returned.setdefault(entry["path"], set()).add(refund["id"])
    completed = seen.rows(
        "SELECT f.refund_ref FROM store_refund f JOIN store_payment p ON p.id = f.payment_id"
        " JOIN store_order o ON o.id = p.order_id"
        " JOIN people_person h ON h.subject_id = o.subject_id AND h.email = ANY(%s)"
        " WHERE f.state = 'completed'",
        list(emails),
    )
    assert completed
    assert sorted(ref for refs in returned.values() for ref in refs) == sorted(
        row["refund_ref"] for row in completed
    )


def check_books(seen: Seen) -> None:
    """Every entry of the books sums to zero."""
    assert not seen.rows(
        "SELECT transaction_id FROM store_leg GROUP BY transaction_id HAVING sum(cents) <> 0"
    )


def check_access(seen: Seen, emails: Sequence[str]) -> None:
    """Paid, and only then, the course is open, by one reason."""
    lines = seen.rows(
        "SELECT ol.id, count(DISTINCT p.id) AS paid, count(DISTINCT g.id) AS granted"
        " FROM store_orderline ol"
        " JOIN store_order o ON o.id = ol.order_id"
        " JOIN people_person h ON h.subject_id = o.subject_id AND h.email = ANY(%s)"
        " LEFT JOIN store_payment p ON p.order_id = ol.order_id AND p.state = 'captured'"
        " LEFT JOIN learning_grant g"
        " ON g.source = 'store.order_line' AND g.source_id = ol.id::text"
        " GROUP BY ol.id",
        list(emails),
    )
    assert lines
    assert all(line["paid"] == line["granted"] <= 1 for line in lines), lines


def check_credit(seen: Seen, email: str, board_license: str, *, texas: str = "due") -> None:
    """One completion; for each of two authorities one award, one certificate whose bytes are
    whole, one report; the board has heard of it once, and `texas` is the state of the other."""
    awards = seen.rows(
        "SELECT a.authority, a.completion_id, c.sha256, c.pdf, r.state,"
        " count(*) OVER (PARTITION BY a.id) AS times"
        " FROM credit_award a"
        " JOIN people_person p ON p.subject_id = a.subject_id"
        " LEFT JOIN credit_certificate c ON c.award_id = a.id"
        " LEFT JOIN credit_report r ON r.award_id = a.id"
        " WHERE p.email = %s ORDER BY 1",
        email,
    )
    states = {award["authority"]: award["state"] for award in awards}
    assert states == {"demo-state-board": "accepted", "us-tx-tdlr-electricians": texas}
    assert len(awards) == 2, awards
    assert {award["times"] for award in awards} == {1}
    assert len({award["completion_id"] for award in awards}) == 1
    for award in awards:
        assert award["pdf"], award["authority"]
        assert hashlib.sha256(award["pdf"]).hexdigest() == award["sha256"]
    heard = [
        entry["headers"]["idempotency-key"]
        for entry in seen.recorded("authority")
        if entry["method"] == "POST" and board_license in entry["body"]
    ]
    assert len(set(heard)) == 1, heard


def check_mail(seen: Seen, email: str = "") -> None:
    """Each mail (to the address, without one to anybody) is there once, however often it was
    sent."""
    mails = seen.mails(email)
    assert mails
    shown = Counter((tuple(mail["to"]), mail["subject"], mail["text"]) for mail in mails)
    assert not {what: times for what, times in shown.items() if times > 1}
    (written,) = seen.rows(
        "SELECT count(*) AS times FROM disclosure_outbox WHERE channel = 'smtp' AND (%s = ''"
        " OR batch IN (SELECT r.batch FROM disclosure_release r"
        " JOIN people_person p ON p.subject_id = r.subject_id WHERE p.email = %s))",
        email,
        email,
    )
    assert len(mails) == written["times"]
