"""Legal matters: what a court, the police or somebody's safety demands is opened with its document,
approved by two people, released through the gate, and told to whom it is about.

What was opened never changes: who approves it sees what will be released. A line that is hidden
stands in the ledger and its tree from the start; its person sees it when the silence ends.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.disclosure import gate, matters, policies
from creditable.disclosure.models import Handover, Matter, MatterWord
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people import vault
from creditable.people.models import Person
from creditable.policy.contents import Cell, covers
from creditable.rights import extract
from creditable.rights.releases import ORDER, SAFETY

PURPOSE = "legal matters"


@transaction.atomic
def open(
    *,
    kind: str,
    authority: str,
    reached_at: str,
    reference: str,
    people: Sequence[UUID],
    categories: Sequence[str],
    expires: date,
    hidden_until: datetime | None,
    filename: str,
    document: bytes,
    by: Actor,
) -> Matter:
    """Opens a matter as its document states it. Refused without the document, about nobody or
    nothing, and for what our policy gives to no court."""
    instant = now()
    if not document:
        raise Refused(_("Add the document: nothing leaves on a word alone."), field="file")
    if not people:
        raise Refused(_("Name at least one person."), field="people")
    if not categories:
        raise Refused(_("Say which data the document demands."), field="categories")
    if expires < instant.date():
        raise Refused(
            _("This day has passed. A demand that has expired is not obeyed."), field="expires"
        )
    if hidden_until is not None and hidden_until <= instant:
        raise Refused(_("A silence ends on a day to come."), field="hidden_until")
    template = template_of(kind)
    if shut := [name for name in categories if not _given_out(template, name)]:
        labels = policies.current().categories
        raise Refused(
            _("Our policy gives this to no court: {names}. The matter was not opened.").format(
                names=", ".join(labels.get(name, name) for name in shut)
            ),
            field="categories",
        )
    matter = Matter.objects.create(
        kind=kind,
        authority=authority,
        reached_at=reached_at,
        reference=reference,
        people=list(dict.fromkeys(people)),
        categories=sorted(set(categories)),
        expires=expires,
        hidden_until=hidden_until,
        filename=filename[:200],
        document=vault.seal(document, purpose=PURPOSE),
        sha256=hashlib.sha256(document).hexdigest(),
        opened_by=_staff(by),
    )
    matter.refresh_from_db(fields=["number", "opened_at"])
    _note("legal.open", matter, by)
    return matter


def template_of(kind: str) -> Template:
    return SAFETY if kind == Matter.Kind.SAFETY else ORDER


def _given_out(template: Template, category: str) -> bool:
    """Whether the policy opens the category, or something below it, to courts."""
    return any(
        covers(category, of) and policies.decisions().decide(_cell(template, of)).allowed
        for of in template.fields.values()
    )


def _cell(template: Template, category: str) -> Cell:
    return Cell(category, template.recipient, template.purpose, template.channel, template.group)


@transaction.atomic
def approve(*, matter: Matter, by: Actor) -> None:
    """One of the two approvals. Refused for who has given one, and when it is too late."""
    _turn(matter)
    state = matters.state(matter)
    if state not in ("open", "approved"):
        raise Refused(_too_late(state), code=state)
    if _staff(by) in matters.approvers(matters.words(matter)):
        raise Refused(
            _(
                "You have approved this matter already. The second approval has to be somebody "
                "else's. Nothing was changed."
            ),
            code="same_person",
        )
    MatterWord.objects.create(matter=matter, kind=MatterWord.Kind.APPROVED, by=_staff(by))
    _note("legal.approve", matter, by)


@transaction.atomic
def refuse(*, matter: Matter, words: str, by: Actor) -> None:
    """Ends the matter: nothing is released under it, whoever has approved it."""
    _turn(matter)
    if (state := matters.state(matter)) in ("refused", "released"):
        raise Refused(_too_late(state), code=state)
    MatterWord.objects.create(
        matter=matter, kind=MatterWord.Kind.REFUSED, by=_staff(by), words=words
    )
    _note("legal.refuse", matter, by)


@transaction.atomic
def release(
    *, matter: Matter, people: Collection[UUID], fields: Collection[str], by: Actor
) -> Handover:
    """Lets out these fields about these people, or less where the gate says so, as a file for the
    authority of the matter. Refused where two people have not approved it, and for anybody and
    anything that the document does not name."""
    _turn(matter)
    if (state := matters.state(matter)) != "approved":
        raise Refused(_too_late(state), code=state)
    if set(people) - set(matter.people):
        raise Refused(
            _("The document does not name everybody whom you chose. Nothing was released."),
            field="people",
            code="beyond",
        )
    template = template_of(matter.kind)
    if beyond := sorted(set(fields) - set(fields_of(matter))):
        labels = policies.current().categories
        raise Refused(
            _("The document does not ask for this: {names}. Nothing was released.").format(
                names=", ".join(labels.get(template.fields.get(x, x), x) for x in beyond)
            ),
            field="fields",
            code="beyond",
        )
    if not people or not fields:
        raise Refused(_("Choose at least one person and one kind of data."), field="fields")
    released = gate.open(template=template, by=by, key=f"legal:{matter.pk}", matter=matter.pk)
    for subject_id in sorted(people):
        found = extract.read(subject_id, {template.fields[field] for field in fields})
        values = {
            field: found[template.fields[field]]
            for field in fields
            if template.fields[field] in found
        }
        released.add(subject_id, values)
    try:
        batch = released.commit().batch
    except gate.Denied as denied:
        raise Refused(
            _("Nothing was released, because {reason}").format(reason=denied), code="denied"
        ) from denied
    content = json.dumps(
        {
            "matter": matter.code,
            "authority": matter.authority,
            "reference": matter.reference,
            "released_at": now().isoformat(),
            "people": [
                {"person": str(line.subject_id), "data": released.kept(line)}
                for line in released.decide().allowed
            ],
        },
        indent=1,
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    handover = Handover.objects.create(
        matter=matter,
        by=_staff(by),
        batch=batch,
        content=vault.seal(content, purpose=PURPOSE),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    _note("legal.release", matter, by)
    return handover


@transaction.atomic
def lift(*, matter: Matter, words: str, by: Actor) -> None:
    """Ends the silence before its day: the people see the line from now on."""
    _turn(matter)
    lifted = any(word.kind == MatterWord.Kind.LIFTED for word in matters.words(matter))
    if matter.hidden_until is None or matter.hidden_until <= now() or lifted:
        raise Refused(_("Nothing is hidden under this matter now."), code="not_hidden")
    MatterWord.objects.create(
        matter=matter, kind=MatterWord.Kind.LIFTED, by=_staff(by), words=words
    )
    _note("legal.lift", matter, by)


def fields_of(matter: Matter) -> Sequence[str]:
    """What of the template's fields the document demands."""
    template = template_of(matter.kind)
    return [name for name, of in template.fields.items() if matters.names(matter, of)]


def document(*, matter: Matter, by: Actor) -> bytes:
    """The document as it was filed. Each look is noted."""
    _note("legal.document", matter, by)
    return vault.open_sealed(bytes(matter.document), purpose=PURPOSE)


def file(*, handover: Handover, by: Actor) -> bytes:
    """What is handed to the authority. Each look is noted."""
    _note("legal.file", handover.matter, by)
    return vault.open_sealed(bytes(handover.content), purpose=PURPOSE)


def named(matter: Matter) -> list[tuple[UUID, Person | None]]:
    """The people of the matter; None for who has no account any more."""
    known = Person.objects.in_bulk(matter.people)
    return [(subject_id, known.get(subject_id)) for subject_id in matter.people]


def _too_late(state: matters.State) -> str:
    return {
        "open": _("Two people have to approve the matter first. Nothing was released."),
        "approved": _("Two people have approved the matter."),
        "refused": _("The matter was refused. Nothing leaves under it."),
        "released": _("What the matter demands was released. Nothing more leaves under it."),
        "expired": _(
            "The demand has expired: its last day has passed. Ask the authority for a new one. "
            "Nothing was released."
        ),
    }[state]


def _staff(by: Actor) -> UUID:
    if by.kind != "staff" or by.subject_id is None:
        raise ValueError("a legal matter is in the hands of people")
    return by.subject_id


def _note(verb: str, matter: Matter, by: Actor) -> None:
    """In the trail, and not among what is noted about the people: they may not know yet."""
    trail.record(verb=verb, by=by, noun="matter", noun_id=matter.pk)


def _turn(matter: Matter) -> None:
    """One at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"matter {matter.pk}"]
        )
