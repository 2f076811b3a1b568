"""Comparing the books with the processor's own list, both ways. What differs becomes a row that
somebody looks into; no money moves here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import Now, now
from creditable.disclosure import gate
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.store.models import Difference, Leg, Order, Reconciliation, StatementLine
from creditable.store.payments.paypal.flow import PROVIDER
from creditable.store.payments.paypal.messages import Page
from creditable.store.payments.paypal.releases import LIST

LONGEST = timedelta(days=31)
OVERLAP = timedelta(days=3)
LAG = timedelta(hours=3)
AGREES = "Both agree since a later look."


@dataclass(frozen=True, slots=True)
class Booked:
    """A movement of money at the processor as our books have it, signed as in its list."""

    reference: str
    cents: int
    currency: str
    order: Order


@transaction.atomic
def begin(*, by: Actor) -> list[Reconciliation]:
    """Reads the processor's list from three days before the end of the last reading up to this
    hour, in stretches that the processor answers for (31 days). Beginning twice in an hour is
    once."""
    until = now().replace(minute=0, second=0, microsecond=0)
    if runs := list(Reconciliation.objects.filter(provider=PROVIDER, until=until)):
        return runs
    for since, end in stretches(_start(until), until):
        run = Reconciliation.objects.create(provider=PROVIDER, since=since, until=end)
        _ask(run, page=1, by=by)
        runs.append(run)
    return runs


def stretches(since: datetime, until: datetime) -> Iterable[tuple[datetime, datetime]]:
    """The time between, in pieces of at most 31 days."""
    while since < until:
        end = min(since + LONGEST, until)
        yield since, end
        since = end


@transaction.atomic
def take_page(*, run_id: UUID, page: Page) -> None:
    """Keeps a page of the list and asks for the next one; after the last, compares. The same page
    again changes nothing."""
    run = Reconciliation.objects.select_for_update().filter(id=run_id).first()
    if run is None or run.finished_at is not None or page.number != run.pages + 1:
        return
    StatementLine.objects.bulk_create(
        (
            StatementLine(
                provider=run.provider,
                reference=movement.reference,
                kind=movement.kind,
                cents=movement.amount.cents,
                currency=movement.amount.currency,
                at=movement.at,
                order_reference=movement.order_reference,
            )
            for movement in page.movements
        ),
        update_conflicts=True,
        unique_fields=["provider", "reference"],
        update_fields=["cents", "currency", "at", "read_at"],
    )
    run.pages = page.number
    run.save(update_fields=["pages"])
    if page.number < page.of:
        _ask(run, page=page.number + 1, by=Actor.system("reconciliation"))
        return
    _compare(run, horizon=min(run.until - LAG, page.refreshed or run.until))
    run.finished_at = now()
    run.save(update_fields=["finished_at"])


@transaction.atomic
def give_up(*, run_id: UUID, outcome: str, status: int | None) -> None:
    """The list could not be read to its end. The next reading begins it anew, so nothing is left
    out."""
    said = f" ({status})" if status else ""
    Reconciliation.objects.filter(id=run_id, finished_at=None).update(
        problem=f"PayPal's list could not be read: {outcome}{said}."
    )


@transaction.atomic
def resolve(*, difference_id: UUID, note: str, by: Actor) -> Difference:
    """Closes a difference with what came of it. Refused without a note, or when it is closed."""
    difference = Difference.objects.select_for_update().get(id=difference_id)
    if difference.resolved_at is not None:
        raise Refused(_("Somebody has closed this difference already."), code="closed")
    if not note.strip():
        raise Refused(_("Write what you found and what came of it."), field="note", code="required")
    _close(difference, note.strip()[:500], by)
    return difference


def open_differences() -> QuerySet[Difference]:
    """What somebody has to look into, oldest first."""
    return Difference.objects.filter(resolved_at=None).select_related("order").order_by("found_at")


def report(
    *,
    provider: str,
    kind: Difference.Kind,
    reference: str,
    order: Order | None,
    ours: int | None,
    theirs: int | None,
    currency: str,
) -> None:
    """Notes a difference, once. One that somebody has closed stays closed."""
    Difference.objects.get_or_create(
        provider=provider,
        kind=kind,
        reference=reference,
        defaults={
            "order": order,
            "our_cents": ours,
            "their_cents": theirs,
            "currency": currency,
        },
    )


def agreed(difference: Difference) -> None:
    """A later look found no difference any more."""
    _close(difference, AGREES, None)


def _compare(run: Reconciliation, *, horizon: datetime) -> None:
    """Weighs every movement of the stretch, theirs and ours, and every difference that is open.
    What is younger than the horizon may still be on its way into the list, or into our books."""
    window = {"at__gte": run.since, "at__lt": horizon}
    still = list(open_differences().filter(provider=run.provider))
    listed = StatementLine.objects.filter(provider=run.provider)
    references = {
        *listed.filter(**window).values_list("reference", flat=True),
        *_booked({f"transaction__{name}": at for name, at in window.items()}),
    }
    every = references | {difference.reference for difference in still}
    theirs = {line.reference: line for line in listed.filter(reference__in=every)}
    ours = _booked({"transaction__key__in": [key for each in every for key in _keys(each)]})
    for reference in sorted(references):
        _weigh(run.provider, ours.get(reference), theirs.get(reference))
    for difference in still:
        reference = difference.reference
        if _kind(ours.get(reference), theirs.get(reference)) != difference.kind:
            agreed(difference)


def _weigh(provider: str, ours: Booked | None, theirs: StatementLine | None) -> None:
    kind = _kind(ours, theirs)
    if kind is None:
        return
    known = ours or theirs
    assert known is not None
    report(
        provider=provider,
        kind=kind,
        reference=known.reference,
        order=ours.order if ours else _order(theirs),
        ours=ours.cents if ours else None,
        theirs=theirs.cents if theirs else None,
        currency=known.currency,
    )


def _kind(ours: Booked | None, theirs: StatementLine | None) -> Difference.Kind | None:
    if ours is None:
        return Difference.Kind.THEIRS_ALONE
    if theirs is None:
        return Difference.Kind.OURS_ALONE
    same = (ours.cents, ours.currency) == (theirs.cents, theirs.currency)
    return None if same else Difference.Kind.AMOUNT


def _booked(where: Mapping[str, Any]) -> dict[str, Booked]:
    """Our entries that moved money at PayPal, by PayPal's reference."""
    legs = Leg.objects.filter(account=Leg.Account.PAYPAL, **where)
    found = {}
    for leg in legs.select_related("transaction__order"):
        reference = leg.transaction.key.rpartition(":")[2]
        found[reference] = Booked(reference, leg.cents, leg.currency, leg.transaction.order)
    return found


def _keys(reference: str) -> tuple[str, str]:
    """The names of the entries that PayPal's reference can have."""
    return f"capture:{PROVIDER}:{reference}", f"refund:{PROVIDER}:{reference}"


def _order(line: StatementLine | None) -> Order | None:
    number = line.order_reference.removeprefix("CR-") if line else ""
    return Order.objects.filter(number=int(number)).first() if number.isdecimal() else None


def _close(difference: Difference, note: str, by: Actor | None) -> None:
    Difference.objects.filter(id=difference.id).update(
        resolved_at=Now(), resolved_by=by.subject_id if by else None, note=note
    )
    trail.record(
        verb="reconciliation.resolve",
        by=by or Actor.system("reconciliation"),
        noun="difference",
        noun_id=difference.id,
        about=difference.order.subject_id if difference.order else None,
    )


def _start(until: datetime) -> datetime:
    """Where the last whole reading ended, or where one began that never ended and is begun anew;
    at first, where the books begin. With the overlap before it."""
    runs = Reconciliation.objects.filter(provider=PROVIDER)
    broken = runs.filter(finished_at=None, begun_at__lt=until)
    ends: list[datetime | None] = [
        broken.aggregate(at=Min("since"))["at"],
        runs.filter(finished_at__isnull=False).aggregate(at=Max("until"))["at"],
    ]
    broken.delete()
    if not any(ends):
        legs = Leg.objects.filter(account=Leg.Account.PAYPAL)
        ends = [legs.aggregate(at=Min("transaction__at"))["at"]]
    return min([until, *(end for end in ends if end)]) - OVERLAP


def _ask(run: Reconciliation, *, page: int, by: Actor) -> None:
    release = gate.open(template=LIST, by=by, key=f"paypal.list:{run.id}:{page}")
    release.add(None, {"since": _utc(run.since), "until": _utc(run.until), "page": page})
    release.commit(reference=str(run.id))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
