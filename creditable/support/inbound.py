"""Reading what comes in by mail, and doing what it asks: a reply that refuses a mailing, a report
that an address is gone, a complaint. What a person should read becomes a case."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.disclosure import alarms, choices, policies
from creditable.disclosure.models import Alarm, Answer
from creditable.lib.actor import Actor
from creditable.mail import (
    addresses,
    arrivals,
    bounces,
    incoming,
    links,
    post,
    return_address,
    signatures,
    unsubscribe,
)
from creditable.mail import keys as mail_keys
from creditable.mail.incoming import Envelope, Incoming, Unreadable
from creditable.mail.kinds import Kind
from creditable.mail.links import Link
from creditable.mail.models import Arrival, Message
from creditable.mail.return_address import Use
from creditable.mail.unsubscribe import Meaning, Sent
from creditable.people.models import Person
from creditable.support import cases, releases

BY = Actor.outside("mail")
LONGEST_BODY = 10_000
STOPS = frozenset({Meaning.GENUINE, Meaning.UNSIGNED})
REFUSES = frozenset({Meaning.WRONG_ADDRESS, Meaning.STALE})


@transaction.atomic
def read(*, arrival_id: UUID, keys: Mapping[str, bytes] | None = None) -> None:
    """Reads one message, once, and does what follows from it. Where a signature would decide, the
    DNS is asked for its key first, and the message is read again with the `keys` it has."""
    arrival = Arrival.objects.select_for_update().get(id=arrival_id)
    if arrival.handled_at is not None:
        return
    raw, envelope = bytes(arrival.raw), Envelope(arrival.sender, arrival.recipients)
    try:
        meaning, subject_id = _read(arrival, raw, envelope, keys)
    except _KeysAsked:
        return
    except Unreadable as error:
        meaning, subject_id = "unreadable", None
        _ring(f"mail came in that nobody can read: {error}")
    arrivals.settle(arrival, meaning=meaning, subject_id=subject_id)


class _KeysAsked(Exception):
    """It is read again when the DNS has answered."""


def _read(
    arrival: Arrival, raw: bytes, envelope: Envelope, keys: Mapping[str, bytes] | None
) -> tuple[str, UUID | None]:
    if reported := _named(envelope, "b"):
        return _report(raw, envelope, reported)
    report = bounces.read(raw, envelope)
    if report.kind == bounces.Kind.COMPLAINT:
        about = Message.objects.filter(message_id=bounces.original_message_id(raw) or "-").first()
        return _complaint(about) if about else (report.kind, None)
    mail = incoming.read(raw, envelope)
    by_token = _named(envelope, "u")
    about = by_token or Message.objects.filter(message_id__in=mail.answers).first()
    sent = _sent(about, by_token=by_token is not None) if about and about.choice else None
    meaning = _meaning(arrival, raw, mail, sent, keys)
    return _reply(arrival, raw, mail, about if sent else None, meaning)


def _named(envelope: Envelope, use: Use) -> Message | None:
    """The mailing whose own address the message came to."""
    for recipient in envelope.recipients:
        mailing = return_address.read(
            recipient, use, domain=settings.MAIL_REPLIES, key=settings.MAIL_KEY
        )
        if mailing is not None:
            found = Message.objects.filter(subject_id=mailing.subject_id, number=mailing.number)
            return found.first()
    return None


def _report(raw: bytes, envelope: Envelope, about: Message) -> tuple[str, UUID | None]:
    report = bounces.read(raw, envelope)
    if report.kind == bounces.Kind.GONE:
        addresses.mark_dead(subject_id=about.subject_id, address=about.to, status=report.status)
    if report.kind == bounces.Kind.COMPLAINT:
        return _complaint(about)
    return report.kind, about.subject_id


def _complaint(about: Message) -> tuple[str, UUID | None]:
    """Who calls a mail unwanted does not want what it belongs to. Other mail they need."""
    if about.choice in policies.current().choices:
        _refuse(about, words="complaint")
    return bounces.Kind.COMPLAINT, about.subject_id


def _meaning(
    arrival: Arrival,
    raw: bytes,
    mail: Incoming,
    sent: Sent | None,
    keys: Mapping[str, bytes] | None,
) -> Meaning:
    """What the reply means. Who is believed without a signature is not kept waiting for the DNS."""
    found = signatures.found(incoming.fields(raw))
    meaning = unsubscribe.meaning(raw, mail, sent, found, keys or {})
    worth = unsubscribe.worth_keys(mail, sent, found)
    if keys is None and worth and meaning not in STOPS:
        names = {signature.key_name for signature in worth}
        mail_keys.ask(names=names, reference=str(arrival.id), by=BY)
        raise _KeysAsked
    return meaning


def _reply(
    arrival: Arrival, raw: bytes, mail: Incoming, about: Message | None, meaning: Meaning
) -> tuple[str, UUID | None]:
    if about is not None and meaning in STOPS:
        if _refuse(about, words=mail.first_line or mail.subject):
            _answer(releases.STOPPED, about, links.undo, key=f"stopped:{arrival.id}")
        return meaning, about.subject_id
    if about is not None and meaning in REFUSES:
        _answer(releases.NOT_STOPPED, about, links.stop, key=f"not_stopped:{about.id}")
    if meaning != Meaning.AUTOMATIC:
        _open_case(arrival, raw, mail, about)
    return meaning, about.subject_id if about else None


def _sent(about: Message, *, by_token: bool) -> Sent:
    agreed = Answer.objects.filter(subject_id=about.subject_id, choice=about.choice, agrees=True)
    latest = agreed.order_by("-at").values_list("at", flat=True).first()
    domain = settings.MAIL_REPLIES
    mailing = return_address.Mailing(about.subject_id, about.number)
    return Sent(
        address=about.to,
        reply_to=return_address.write(mailing, "u", domain=domain, key=settings.MAIL_KEY),
        at=about.at,
        agreed_at=latest,
        by_token=by_token,
    )


def _refuse(about: Message, *, words: str) -> bool:
    """Says no for the person; False when they had said so before."""
    return choices.say(
        subject_id=about.subject_id,
        choice=about.choice,
        agrees=False,
        source="reply",
        words=words,
        by=BY,
    )


def _answer(kind: Kind, about: Message, link: links.Address, *, key: str) -> None:
    """Writes to the address that got the mailing, whoever asked."""
    person = Person.objects.filter(pk=about.subject_id).first()
    if person is None:
        return
    post.send(
        kind=kind,
        subject_id=person.pk,
        to=about.to,
        values={
            "name": person.name,
            "choice": policies.choice_label(about.choice),
            "link": link(Link(person.pk, about.choice, about.number)),
        },
        by=BY,
        key=key,
    )


def _open_case(arrival: Arrival, raw: bytes, mail: Incoming, about: Message | None) -> None:
    """For a person of the office to read. Mail whose sender cannot be answered is not kept: that
    rings."""
    sender = mail.sender or ""
    if not sender or len(sender) > 254:
        what = "a reply to a mailing" if about else "mail"
        _ring(f"{what} came in and was not kept: it names no sender whom one could answer")
        return
    text = incoming.text(raw).strip()
    cases.open(
        key=arrival.id,
        name=sender.partition("@")[0][:120],
        email=sender,
        topic="privacy" if about is not None and about.choice else "other",
        body=f"{mail.subject}\n\n{text}".strip()[:LONGEST_BODY] or _("(no text)"),
        by=BY,
        subject_id=about.subject_id if about and sender.lower() == about.to.lower() else None,
    )


def _ring(words: str) -> None:
    """Tells the office of mail that it will not find among its cases."""
    alarms.ring(kind=Alarm.Kind.MAIL, found=[words])
