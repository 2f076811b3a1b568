"""Those who want to hear of each new version of the policy: with an account by one click, without
one by an address that confirms itself.

Wanting it is a choice of the policy like any other, so each way of saying no to mail says no to
this too, and nothing but the person's own yes takes it back.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.disclosure import choices, gate, policies, subjects
from creditable.disclosure.models import PolicyVersion, Standing
from creditable.lib import tokens
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.tokens import BadToken
from creditable.mail import post
from creditable.people.models import Person
from creditable.policy import compare
from creditable.rights.models import Follower
from creditable.rights.releases import CONFIRM, PUBLISHED

CHOICE = PUBLISHED.choice
GOOD_FOR = timedelta(days=7)
AN_HOUR = timedelta(hours=1)
NEW_AN_HOUR = 200
"""Addresses that are not known here and may ask within an hour: a form that writes to whatever is
typed must not be a way to write to the world."""
_PURPOSE = "follow"


def follow(*, person: Person, by: Actor) -> None:
    """A yes of somebody who is signed in."""
    choices.say(
        subject_id=person.pk,
        choice=CHOICE,
        agrees=True,
        source="account",
        words=policies.choice_label(CHOICE),
        by=by,
    )


@transaction.atomic
def ask(*, email: str, by: Actor) -> None:
    """Writes to an address that somebody typed, at most once a day: only the link in the mail says
    yes. Whether the address belongs to an account is told to nobody."""
    if CHOICE not in policies.current().choices:
        raise Refused(_("We send no mail about new versions of this policy."), code="none")
    subject_id = _subject_of(email)
    today = now().date()
    token = tokens.sign(
        {"p": subject_id.hex, "d": today.isoformat()}, key=settings.MAIL_KEY, purpose=_PURPOSE
    )
    post.send(
        kind=CONFIRM,
        subject_id=subject_id,
        to=email,
        values={"link": f"{settings.BASE_URL}/privacy/versions/follow/{token}/"},
        by=by,
        key=f"follow:{subject_id}:{today}",
    )


def _subject_of(email: str) -> UUID:
    person = Person.objects.filter(email__iexact=email).first()
    if person is not None:
        return person.subject_id
    known = Follower.objects.filter(email__iexact=email).first()
    if known is None:
        recent = Follower.objects.filter(asked_at__gt=now() - AN_HOUR, confirmed_at=None)
        if recent.count() >= NEW_AN_HOUR:
            raise Refused(
                _("Many have asked within this hour. Please try again in an hour."),
                code="too_many",
            )
        known = Follower.objects.create(subject=subjects.create(), email=email)
    return known.subject_id


def asked(token: str) -> UUID:
    """Whom the link in the mail is for; BadToken when we did not write it or it is too old."""
    payload = tokens.read(token, key=settings.MAIL_KEY, purpose=_PURPOSE)
    try:
        subject_id, day = UUID(hex=payload["p"]), str(payload["d"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadToken("not a link of ours") from error
    if day < (now() - GOOD_FOR).date().isoformat() or address_of(subject_id) is None:
        raise BadToken("too old")
    return subject_id


@transaction.atomic
def confirm(*, token: str, by: Actor) -> None:
    """The yes of whoever reads the mail at the address."""
    subject_id = asked(token)
    Follower.objects.filter(pk=subject_id, confirmed_at=None).update(confirmed_at=now())
    choices.say(
        subject_id=subject_id,
        choice=CHOICE,
        agrees=True,
        source="link",
        words=policies.choice_label(CHOICE),
        by=by,
    )


def forget(*, by: Actor) -> None:
    """Forgets addresses that did not confirm while their link was good."""
    old = Follower.objects.filter(confirmed_at=None, asked_at__lt=now() - GOOD_FOR)
    if forgotten := old.delete()[0]:
        trail.record(
            verb="followers.forget", by=by, noun="followers", noun_id="all",
            detail={"forgotten": forgotten},
        )  # fmt: skip


def address_of(subject_id: UUID) -> str | None:
    """Where somebody is written to, with an account or without one."""
    person = Person.objects.filter(pk=subject_id).values_list("email", flat=True).first()
    return person or (
        Follower.objects.filter(pk=subject_id).values_list("email", flat=True).first()
    )


def tell(*, version: int, by: Actor) -> None:
    """One letter about the version to each who wants it; doing it again sends none twice."""
    wanting = Standing.objects.filter(answers__contains={CHOICE: True})
    about = {
        "version": version,
        "effective": policies.published(version).effective,
        "changed": _changed(version),
        "link": f"{settings.BASE_URL}/privacy/versions/{version}/",
    }
    for subject_id in list(wanting.order_by("subject_id").values_list("subject_id", flat=True)):
        _tell(subject_id, about, by)


def _changed(version: int) -> int:
    """How many paragraphs it changed."""
    before = PolicyVersion.objects.filter(version__lt=version).order_by("-version")
    older = before.values_list("version", flat=True).first()
    if older is None:
        return 0
    return len(compare.compare(policies.edition(older), policies.edition(version)).sentences)


@transaction.atomic
def _tell(subject_id: UUID, about: Mapping[str, object], by: Actor) -> None:
    address = address_of(subject_id)
    if address is None:
        return
    person = Person.objects.filter(pk=subject_id).first()
    try:
        post.send(
            kind=PUBLISHED,
            subject_id=subject_id,
            to=address,
            values={"name": person.name if person else "", **about},
            by=by,
            key=f"published:{about['version']}:{subject_id}",
        )
    except gate.Denied:
        return  # they have said no since, or the version itself has closed this way
