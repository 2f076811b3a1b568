"""Lists of names and postal addresses that agencies rent: ordered under a contract, found fit by
somebody else, released line by line through the gate, with decoys among them.

Whoever objected is not in the list, since the gate keeps them out. There is no field for an e-mail
address or a phone number: the template has none, and a policy that opens one is refused.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.disclosure import contracts, gate
from creditable.disclosure.gate import Opened, Plan
from creditable.disclosure.models import Contract, Release, ReleaseEvent
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.lib.text import inert
from creditable.outreach.models import Decoy, Recall, Rental, RentedList
from creditable.outreach.releases import RENTED
from creditable.people import vault
from creditable.people.models import Person

State = Rental.State
COLUMNS = ("name", "street", "city", "state", "postal_code")
_PURPOSE = "rented list"


@dataclass(frozen=True, slots=True)
class Preview:
    """How many names a list would hold now, and why others are left out."""

    names: int
    left_out: Mapping[str, int]


@transaction.atomic
def order(*, contract: Contract, offer: str, use_on: date, limit: int, by: Actor) -> Rental:
    """An agency's order. Refused without a contract in force with somebody who rents lists."""
    if contracts.in_force(RENTED.recipient, contract.pk) is None:
        raise Refused(_("This contract is not in force."), field="contract", code="contract")
    if use_on < now().date():
        raise Refused(_("The day of use has passed."), field="use_on", code="day")
    rental = Rental.objects.create(
        contract=contract, offer=offer.strip(), use_on=use_on, limit=limit, ordered_by=_staff(by)
    )
    trail.record(verb="rentals.order", by=by, noun="rental", noun_id=rental.pk)
    return rental


@transaction.atomic
def vet(*, rental: Rental, fit: bool, finding: str, by: Actor) -> None:
    """Says whether the offer is of an appropriate and related purpose, and why. Refused for who
    took the order."""
    if not finding.strip():
        raise Refused(_("Say what you found."), field="finding", code="finding")
    if rental.ordered_by == _staff(by):
        raise Refused(
            _("You took this order. Somebody else has to look at what the agency offers."),
            code="same_person",
        )
    found = Rental.objects.filter(pk=rental.pk, state=State.ORDERED)
    if not found.update(
        state=State.APPROVED if fit else State.REFUSED,
        vetted_at=Now(),
        vetted_by=_staff(by),
        finding=finding.strip(),
    ):
        raise Refused(_("Somebody has looked at this order already."), code="vetted")
    verb = "rentals.approve" if fit else "rentals.refuse"
    trail.record(verb=verb, by=by, noun="rental", noun_id=rental.pk)


def preview(rental: Rental) -> Preview:
    """Asks the gate about everybody; writes nothing."""
    plan = _opened(rental, Actor.system("preview")).decide()
    reasons = Counter(line.reason for line in plan.lines if not line.allowed)
    return Preview(min(len(plan.allowed), rental.limit), dict(reasons.most_common()))


@transaction.atomic
def export(*, rental: Rental, by: Actor) -> RentedList:
    """Releases the list: each name a line of the ledger, decoys among them. Once for an order."""
    rental = Rental.objects.select_for_update().get(pk=rental.pk)
    if rental.state != State.APPROVED:
        raise Refused(_("Somebody has to approve the order first."), code="vetting")
    if rental.use_on < now().date():
        raise Refused(_("The day of use has passed. Nothing was released."), code="day")
    if RentedList.objects.filter(rental=rental).exists():
        raise Refused(_("The list was released already."), code="released")
    decoys = list(Decoy.objects.filter(ended_at=None).order_by("pk"))
    if not decoys:
        raise Refused(_("Enter a decoy first: without one nobody sees misuse."), code="decoys")
    allowed = [line.subject_id for line in _opened(rental, by).decide().allowed][: rental.limit]
    if not allowed:
        raise Refused(_("Nobody may be on this list now. Nothing was released."), code="empty")
    release = _opened(rental, by, only=frozenset(allowed))
    batch = release.commit().batch
    mark = uuid4().hex[:6].upper()
    rows = [*_lines(release, release.decide()), *(_decoy(one, mark) for one in decoys)]
    content = _written(sorted(rows, key=lambda row: (row["postal_code"], row["street"])))
    listed = RentedList.objects.create(
        rental=rental,
        by=_staff(by),
        batch=batch,
        names=len(rows) - len(decoys),
        decoys=len(decoys),
        mark=mark,
        content=vault.seal(content, purpose=_PURPOSE),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    trail.record(
        verb="rentals.export", by=by, noun="rental", noun_id=rental.pk,
        detail={"names": listed.names},
    )  # fmt: skip
    return listed


def file(*, listed: RentedList, by: Actor) -> bytes:
    """The list as it is handed over. Each look is noted. Refused once it was recalled."""
    if Recall.objects.filter(listed=listed).exists():
        raise Refused(_("This list was recalled. Nobody may use it."), code="recalled")
    trail.record(verb="rentals.file", by=by, noun="rental", noun_id=listed.rental_id)
    return vault.open_sealed(bytes(listed.content), purpose=_PURPOSE)


def shut_since(listed: RentedList) -> int:
    """How many people on the list could not be on it now: they said no or left since, or the
    policy or the contract lets it out no more."""
    people = Release.objects.filter(batch=listed.batch).values_list("subject_id", flat=True)
    on_it = frozenset(people)
    plan = _opened(listed.rental, Actor.system("preview"), only=on_it).decide()
    return len(on_it) - len(plan.allowed)


@transaction.atomic
def recall(*, listed: RentedList, why: str, by: Actor) -> Recall:
    """Calls a list back: whoever is on it reads so in the ledger, and it is handed out no more.
    Telling the agency is for the office."""
    if not why.strip():
        raise Refused(_("Say why."), field="why", code="why")
    recalled, new = Recall.objects.get_or_create(
        listed=listed, defaults={"by": _staff(by), "why": why.strip()}
    )
    if not new:
        raise Refused(_("This list was recalled already."), code="recalled")
    ReleaseEvent.objects.create(batch=listed.batch, status=ReleaseEvent.Status.RECALLED)
    trail.record(verb="rentals.recall", by=by, noun="rental", noun_id=listed.rental_id)
    return recalled


def _opened(rental: Rental, by: Actor, only: frozenset[UUID] | None = None) -> Opened:
    """A release with everybody who has a whole postal address, or only with these."""
    release = gate.open(
        template=RENTED, by=by, key=f"rental:{rental.pk}", contract=rental.contract_id
    )
    people = Person.objects.filter(is_active=True).exclude(name="")
    for column in COLUMNS[1:]:
        people = people.exclude(**{column: ""})
    for pk, *values in people.order_by("pk").values_list("pk", *COLUMNS):
        if only is None or pk in only:
            release.add(pk, dict(zip(COLUMNS, values, strict=True)))
    return release


def _lines(release: Opened, plan: Plan) -> list[dict[str, str]]:
    kept = (release.kept(line) for line in plan.allowed)
    return [{column: str(values[column]) for column in COLUMNS} for values in kept]


def _decoy(one: Decoy, mark: str) -> dict[str, str]:
    line = {column: str(getattr(one, column)) for column in COLUMNS}
    return line | {"street": f"{one.street}, Unit {mark}"}


def _written(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({column: inert(value) for column, value in row.items()} for row in rows)
    return text.getvalue().encode()


@transaction.atomic
def enter_decoy(*, by: Actor, **told: str) -> Decoy:
    """A name at one of our own addresses."""
    decoy = Decoy.objects.create(**told)
    trail.record(verb="rentals.decoy", by=by, noun="decoy", noun_id=decoy.pk)
    return decoy


@transaction.atomic
def end_decoy(*, decoy_id: UUID, by: Actor) -> None:
    """It stands in no later list. Those that hold it already still tell."""
    if not Decoy.objects.filter(pk=decoy_id, ended_at=None).update(ended_at=Now()):
        raise Refused(_("This decoy has ended already."), code="ended")
    trail.record(verb="rentals.end_decoy", by=by, noun="decoy", noun_id=decoy_id)


def _staff(by: Actor) -> UUID:
    if by.kind != "staff" or by.subject_id is None:
        raise ValueError("a rental is in the hands of people")
    return by.subject_id
