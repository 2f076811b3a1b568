"""What a vendor may ask: does a course count for the license with this number?

The vendor gets a yes or a no, and of the other fields those that its contract names. Whatever else
it asks for is refused, and the office sees that it was. About a license that nobody has entered, or
whose holder lets nothing leave, it gets no answer at all, and cannot tell which of the two it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.audit.models import Event
from creditable.catalog import offerings
from creditable.catalog.models import Course
from creditable.credit import counts
from creditable.credit.releases import ELIGIBILITY
from creditable.disclosure import contracts, gate
from creditable.disclosure.models import Contract
from creditable.lib import tokens
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.tokens import BadToken
from creditable.people.models import License, Person
from creditable.policy.contents import covers

AN_HOUR = timedelta(hours=1)
QUESTIONS_AN_HOUR = 500
_PURPOSE = "eligibility"
_VERB = "eligibility.ask"


def key_of(contract: Contract) -> str:
    """What the vendor shows with each question. It ends with the contract."""
    return tokens.sign({"c": contract.pk.hex}, key=settings.TOKEN_KEY, purpose=_PURPOSE)


def contract_of(key: str) -> UUID:
    """Whose key it is; BadToken when we did not write it."""
    payload = tokens.read(key, key=settings.TOKEN_KEY, purpose=_PURPOSE)
    try:
        return UUID(hex=payload["c"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadToken("not a key of ours") from error


def ask(
    *,
    contract_id: UUID,
    authority: str,
    number: str,
    course: str,
    fields: Sequence[str],
    by: Actor,
) -> Mapping[str, object]:
    """The answer by field: `eligible` (None where none is given), and what was asked for besides.
    Refused without a contract in force, and for a field that it does not name."""
    asked = {"eligible", *fields}
    _check(contract_id, asked, by)
    return _answer(contract_id, authority, number, course, asked, by)


@transaction.atomic
def _check(contract_id: UUID, asked: set[str], by: Actor) -> None:
    since = now() - AN_HOUR
    earlier = Event.objects.filter(verb=_VERB, noun_id=str(contract_id), at__gt=since)
    if earlier.count() >= QUESTIONS_AN_HOUR:
        raise Refused(_("Too many questions within an hour."), code="too_many")
    contract = contracts.in_force(ELIGIBILITY.recipient)
    if contract is None or contract.pk != contract_id:
        raise Refused(_("No contract is in force under this key."), code="no_contract")
    beyond = sorted(
        name
        for name in asked
        if name not in ELIGIBILITY.fields
        or not any(covers(given, ELIGIBILITY.fields[name]) for given in contract.categories)
    )
    if beyond:
        raise Refused(
            _("The contract does not name this: {names}.").format(names=", ".join(beyond)),
            code="beyond",
        )


@transaction.atomic
def _answer(
    contract_id: UUID, authority: str, number: str, course: str, asked: set[str], by: Actor
) -> Mapping[str, object]:
    trail.record(verb=_VERB, by=by, noun="contract", noun_id=contract_id)
    nothing: Mapping[str, object] = {"eligible": None}
    held = list(License.objects.filter(authority=authority, number__iexact=number)[:2])
    taught = Course.objects.filter(slug=course).first()
    if len(held) != 1 or taught is None:
        return nothing
    (license,) = held
    person = Person.objects.get(pk=license.subject_id)
    eligible = _counts(license, taught)
    values = {
        "eligible": "yes" if eligible else "no",
        "name": person.name,
        "license": {"authority": authority, "number": license.number},
    }
    template = replace(ELIGIBILITY, required=frozenset(asked))
    what = "+".join(sorted(asked))
    release = gate.open(
        template=template,
        by=by,
        key=f"eligibility:{contract_id}:{now().date()}:{license.pk}:{taught.pk}:{what}",
    )
    release.add(person.pk, {name: value for name, value in values.items() if name in asked})
    if not (plan := release.decide()).allowed:
        release.note_withheld(plan)
        return nothing
    release.commit()
    given = {name: value for name, value in values.items() if name in asked}
    return {**given, "eligible": eligible}


def _counts(license: License, course: Course) -> bool:
    holder = counts.holder(license.subject_id)
    taught = offerings.newest().filter(course=course).first()
    delivery = taught.delivery if taught else ""
    prospects = zip(holder.licenses, holder.prospects(course, delivery), strict=True)
    return any(
        held.row.pk == license.pk and prospect.answer in ("yes", "partly")
        for held, prospect in prospects
    )
