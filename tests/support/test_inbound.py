"""A reply that refuses a mailing is obeyed before the next one leaves; a report is believed from
the address alone that only its mail server can know; the rest is for a person."""

import json
from typing import Any

import pytest
from django.test import Client

from creditable.disclosure import choices, gate, replies
from creditable.disclosure.models import Alarm, Answer, Outbox, Reply, Withheld
from creditable.mail import addresses, arrivals, post, return_address
from creditable.mail.models import Arrival, Message
from creditable.mail.return_address import Mailing, Use
from creditable.people.models import Person
from creditable.support import inbound
from creditable.support.models import Case
from tests.factories.people import make_person
from tests.factories.store import make_course_on_sale, make_order, pay
from tests.mail.mailing import CODE, OFFERS, RECEIPT, REPLIES, agree, letters, queued, send
from tests.mail.replies import KEYS, signed
from tests.people.signing import sign_in_staff
from tests.promises import promise

__all__ = ["letters"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy", "letters")]

CHOICE = "offers.email"


@pytest.fixture
def ana() -> Person:
    person = make_person(email="ana@post.example", name="Ana Diaz")
    agree(person)
    return person


def holds(person: Person) -> bool:
    return {option.name: option.agrees for option in choices.options(person.pk)}[CHOICE]


def own_address(sent: Message, use: Use, settings: Any) -> str:
    mailing = Mailing(sent.subject_id, sent.number)
    return return_address.write(mailing, use, domain=REPLIES, key=settings.MAIL_KEY)


def take(raw: bytes, *, to: str, sender: str = "ana@post.example", keys: Any = None) -> str:
    """The message comes in and is read; what it was found to be."""
    arrivals.keep(raw=raw, sender=sender, recipients=[to])
    arrival = Arrival.objects.latest("at")
    inbound.read(arrival_id=arrival.id)
    if question := Outbox.objects.filter(reference=str(arrival.id), channel="dns").first():
        answer(question, keys or {})
    arrival.refresh_from_db()
    assert bytes(arrival.raw) == b""
    assert arrival.sender == ""
    return arrival.meaning


def answer(question: Outbox, keys: dict[str, bytes]) -> None:
    """The DNS answers with those of the keys that were asked for."""
    found = {name: keys[name].decode() for name in question.head["names"] if name in keys}
    Reply.objects.create(
        outbox=question,
        attempt=1,
        outcome=Reply.Outcome.DELIVERED,
        body=json.dumps(found).encode(),
    )
    replies.handle(outbox_id=question.id)


def reply(
    to: str, text: str = "unsubscribe", sender: str = "ana@post.example", **head: str
) -> bytes:
    lines = {
        "From": f"Ana <{sender}>", "To": to, "Subject": "Re: New courses",
        "Date": "Tue, 03 Nov 2026 08:15:00 -0600", "Message-ID": "<r1@post.example>",
        **{name.replace("_", "-"): value for name, value in head.items()},
    }  # fmt: skip
    named = "\r\n".join(f"{name}: {value}" for name, value in lines.items())
    return f"{named}\r\n\r\n{text}\r\n".encode()


@promise("A16", "C14")
def test_a_reply_stops_it_before_the_next_message_and_is_answered(
    ana: Person, settings: Any
) -> None:
    sent = send(ana)
    to = own_address(sent, "u", settings)
    assert take(reply(to), to=to) == "unsigned"
    assert not holds(ana)
    assert Answer.objects.latest("at").source == "reply"
    with pytest.raises(gate.Denied):
        send(ana, "next")
    told = Message.objects.get(kind="support.stopped")
    assert told.to == "ana@post.example"
    assert "/undo/" in told.text


def test_the_same_reply_handed_over_twice_is_answered_once(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    for _ in range(2):
        arrivals.keep(raw=reply(to), sender="ana@post.example", recipients=[to])
    assert Arrival.objects.count() == 1
    for _ in range(2):
        inbound.read(arrival_id=Arrival.objects.get().id)
    assert take(reply(to, Message_ID="<r2@post.example>"), to=to) == "unsigned"
    assert Message.objects.filter(kind="support.stopped").count() == 1, "it was stopped already"


@promise("C14")
@pytest.mark.parametrize("sender", ["mallory@evil.example", "anа@post.example", "ana@post.examp1e"])
def test_from_another_address_it_changes_nothing_and_its_owner_hears_of_it(
    ana: Person, settings: Any, sender: str
) -> None:
    to = own_address(send(ana), "u", settings)
    assert take(reply(to, sender=sender), to=to, sender=sender) == "wrong_address"
    assert holds(ana)
    notice = Message.objects.get(kind="support.not_stopped")
    assert notice.to == "ana@post.example"
    assert "/stop/" in notice.text
    case = Case.objects.get()
    assert (case.email, case.subject_id) == (sender, None)
    again = reply(to, sender=sender, Message_ID="<r2@evil.example>")
    take(again, to=to, sender=sender)
    assert Message.objects.filter(kind="support.not_stopped").count() == 1


def test_an_address_that_we_did_not_write_is_no_mailing(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    forged = to.replace("u+a", "u+b", 1) if to.startswith("u+a") else "u+a" + to[3:]
    assert take(reply(forged), to=forged) == "other"
    assert holds(ana)


def test_a_reply_to_the_office_counts_when_its_mail_service_signed_it(
    ana: Person, settings: Any
) -> None:
    sent = send(ana)
    office = "office@provider.example"
    raw = reply(office, In_Reply_To=sent.message_id)
    assert take(raw, to=office) == "other"
    assert holds(ana)
    assert Case.objects.count() == 1
    raw = reply(office, In_Reply_To=sent.message_id, Message_ID="<r2@post.example>")
    fresh = raw.replace(b"03 Nov 2026", b"03 Nov 2037")
    assert take(signed(fresh), to=office, keys=KEYS) == "genuine"
    assert not holds(ana)


def test_an_old_reply_sent_again_undoes_no_later_yes(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    agree(ana, agrees=False)
    agree(ana)
    assert take(reply(to), to=to) == "stale"
    assert holds(ana)
    assert Case.objects.count() == 1


def test_an_absence_notice_is_not_answered(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    before = Message.objects.count()
    assert take(reply(to, Auto_Submitted="auto-replied"), to=to) == "automatic"
    assert holds(ana)
    assert Message.objects.count() == before
    assert not Case.objects.exists()


def test_a_question_becomes_a_case(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    assert take(reply(to, "When is the exam?"), to=to) == "other"
    case = Case.objects.get()
    assert "When is the exam?" in case.body
    assert case.subject_id == ana.pk


def bounced(status: str, action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@post.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; post.example\r\n\r\nFinal-Recipient: rfc822; ana@post.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    ).encode()


def test_an_address_that_is_gone_is_marked_and_one_that_waits_is_not(
    ana: Person, settings: Any
) -> None:
    to = own_address(send(ana), "b", settings)
    assert take(bounced("4.4.7", "delayed"), to=to, sender="") == "delayed"
    assert take(bounced("5.2.2"), to=to, sender="") == "refused"
    assert not addresses.is_dead(subject_id=ana.pk, address=ana.email)
    assert take(bounced("5.1.1"), to=to, sender="") == "gone"
    assert addresses.is_dead(subject_id=ana.pk, address="ANA@post.example")
    assert holds(ana), "a mail server says nothing about what somebody wants"
    addresses.clear(subject_id=ana.pk, address=ana.email)
    assert not addresses.is_dead(subject_id=ana.pk, address=ana.email)


def test_nothing_more_goes_to_an_address_that_is_gone_until_mail_is_seen_to_arrive(
    ana: Person, settings: Any
) -> None:
    to = own_address(send(ana), "b", settings)
    waiting = queued(send(ana, "next"))
    take(bounced("5.1.1"), to=to, sender="")
    assert [reply.outcome for reply in waiting.replies.all()] == ["void"]
    for number, kind in enumerate((OFFERS, RECEIPT)):
        assert not post.send(
            kind=kind, subject_id=ana.pk, to=ana.email, values={"name": ana.name},
            by=ana.actor, key=f"late {number}",
        )  # fmt: skip
    assert not Message.objects.filter(key__startswith="mail:late").exists()
    assert not Outbox.objects.filter(key__startswith="mail:late").exists()
    reasons = set(Withheld.objects.values_list("reason", flat=True))
    assert reasons == {"no mail can be delivered to the address"}
    send(ana, "a code", kind=CODE)
    other = make_person(email=ana.email.replace("post", "home"))
    agree(other)
    send(other, "another address")
    addresses.clear(subject_id=ana.pk, address=ana.email)
    send(ana, "after all")


def test_a_report_to_no_mailings_own_address_marks_nobody(ana: Person, settings: Any) -> None:
    send(ana)
    assert take(bounced("5.1.1"), to=f"b+x@{REPLIES}", sender="") in {"automatic", "other"}
    assert not addresses.is_dead(subject_id=ana.pk, address=ana.email)


def complaint(about: Message, kind: str = "abuse") -> bytes:
    return (
        "From: fbl@post.example\r\nSubject: Report\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\n\r\nA report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {about.message_id}\r\nSubject: New courses\r\n\r\nHello\r\n--b--\r\n"
    ).encode()


def test_who_complains_gets_no_more_of_it(ana: Person) -> None:
    sent = send(ana)
    assert take(complaint(sent, "auth-failure"), to=f"abuse@{REPLIES}") != "complaint"
    assert holds(ana)
    assert take(complaint(sent), to=f"abuse@{REPLIES}") == "complaint"
    assert not holds(ana)


@promise("A16")
def test_a_new_order_asks_for_nothing_again(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    take(reply(to), to=to)
    pay(make_order(ana, make_course_on_sale()))
    assert not holds(ana)
    with pytest.raises(gate.Denied):
        send(ana, "next")


def test_what_cannot_be_read_changes_nothing(ana: Person, settings: Any) -> None:
    to = own_address(send(ana), "u", settings)
    assert take(b"Received: x\r\n" * 600 + reply(to), to=to) == "unreadable"
    assert holds(ana)
    assert rings() == ["mail came in that nobody can read: too many headers"]


@promise("C14")
def test_a_forged_reply_that_cannot_become_a_case_rings_in_the_office(
    ana: Person, settings: Any
) -> None:
    """It names two senders, so nobody can be answered. A flood of them rings once, and what they
    said stands nowhere."""
    to = own_address(send(ana), "u", settings)
    for number in range(3):
        raw = reply(
            to, sender="ana@post.example, mallory@evil.example", Message_ID=f"<f{number}@x>"
        )
        assert take(raw, to=to, sender="mallory@evil.example") == "wrong_address"
    assert holds(ana)
    assert not Case.objects.exists()
    assert rings() == [
        "a reply to a mailing came in and was not kept: it names no sender whom one could answer"
    ]
    desk = Client()
    sign_in_staff(desk, make_person(role="administrator"))
    page = desk.get("/console/policy/alarms/").content.decode()
    assert "Mail from outside was not taken" in page
    assert "mallory" not in page


def rings() -> list[str]:
    return list(Alarm.objects.filter(kind="mail").values_list("words", flat=True))
