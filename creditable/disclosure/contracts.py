"""The register of contracts with those who get something: none in force, nothing leaves."""

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from creditable.audit import clock, trail
from creditable.disclosure import policies
from creditable.disclosure.models import Contract
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.policy.contents import Cell, Policy, covers


@transaction.atomic
def record(
    *,
    recipient: str,
    party: str,
    categories: Sequence[str],
    region: str,
    begins: date,
    ends: date | None,
    filename: str,
    document: bytes,
    by: Actor,
) -> Contract:
    """Enters a signed contract. Refused where it names what the policy does not know, ends before
    it begins, or comes without its document."""
    policy = policies.current()
    if recipient not in policy.recipients:
        raise Refused(_("The policy names no such recipient."), field="recipient")
    if unknown := [name for name in categories if name not in policy.categories]:
        raise Refused(
            _("The policy names no such data: {names}.").format(names=", ".join(unknown)),
            field="categories",
        )
    if not categories:
        raise Refused(_("Say which data the contract is about."), field="categories")
    if region not in policy.regions:
        raise Refused(_("The policy names no such region."), field="region")
    if ends is not None and ends < begins:
        raise Refused(_("The contract ends before it begins."), field="ends")
    if not document:
        raise Refused(_("Add the signed document: it is what an auditor asks for."), field="file")
    contract = Contract.objects.create(
        recipient=recipient,
        party=party,
        categories=sorted(categories),
        region=region,
        begins=begins,
        ends=ends,
        filename=filename[:200],
        document=document,
        sha256=hashlib.sha256(document).hexdigest(),
    )
    trail.record(
        verb="contracts.record",
        by=by,
        noun="contract",
        noun_id=contract.pk,
        detail={"recipient": recipient},
    )
    return contract


@transaction.atomic
def end(*, contract_id: UUID, by: Actor) -> None:
    """Ends a contract now: what is not sent yet stays here."""
    ended = Contract.objects.filter(id=contract_id, ended_at=None).update(ended_at=clock.now())
    if not ended:
        raise Refused(_("This contract has ended already."), code="ended")
    trail.record(verb="contracts.end", by=by, noun="contract", noun_id=contract_id)


def in_force(recipient: str, contract_id: UUID | None = None) -> Contract | None:
    """The contract under which the recipient, or whoever it belongs to, gets something today; of
    several the one that began last, or the one that is named (one query, without the document)."""
    steps = recipient.split(".")
    above = [".".join(steps[: length + 1]) for length in range(len(steps))]
    today = clock.now().date()
    named = Contract.objects.filter(pk=contract_id) if contract_id else Contract.objects.all()
    return (
        named.filter(
            Q(ends=None) | Q(ends__gte=today),
            recipient__in=above,
            begins__lte=today,
            ended_at=None,
        )
        .order_by("-begins", "-recorded_at")
        .defer("document")
        .first()
    )


def bars(contract: Contract | None, cell: Cell, policy: Policy) -> str:
    """Why the recipient gets nothing of this under the contract; "" where nothing bars it. The
    policy says where the recipient has what it gets, and the contract has to say the same."""
    if contract is None or not any(covers(name, cell.category) for name in contract.categories):
        return "no contract in force covers it"
    region = policy.recipients[cell.recipient].region
    if contract.region != region:
        named = policy.regions.get(contract.region, contract.region)
        return f"the contract has it in {named}, and the policy in {policy.regions[region]} alone"
    return ""
