"""Giving money back for a line of an order: what may go back, and asking for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from creditable.audit import trail
from creditable.audit.clock import now
from creditable.credit.models import Award, Report
from creditable.learning import standing
from creditable.learning.standing import Standing
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.store import ledger, refund_rule, seller
from creditable.store.fulfil import SOURCE
from creditable.store.models import Order, OrderLine, Payment, Refund
from creditable.store.payments import settlement
from creditable.store.payments.paypal import refunds as paypal
from creditable.store.refund_rule import Facts, Verdict

SHORTEST_KEY = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One line of an order before a refund: what can still go back, what was done with the course
    (None while it was never opened), and what the rule weighs."""

    line: OrderLine
    refunds: tuple[Refund, ...]
    left: Money
    standing: Standing | None
    facts: Facts

    def verdict(self, reason: str) -> Verdict:
        return refund_rule.judge(seller.current().terms, self.facts, reason=reason)

    @property
    def changed_mind(self) -> Verdict:
        """What the provider's rule says where the customer changed their mind."""
        return self.verdict(Refund.Reason.CHANGED_MIND)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What whoever gives the money back must know first, whatever the reason."""
        return self.verdict(Refund.Reason.OUR_FAULT).warnings


def cases(order: Order, payment: Payment | None) -> list[Case]:
    """Every line of the order, in its order (six queries, however many lines). `payment` is the
    one that was captured; without one nothing can go back."""
    lines = list(order.lines.select_related("course_version__course"))
    refunds = _by_line(Refund.objects.filter(line__order=order).select_related("payment__order"))
    standings = standing.of(SOURCE, [str(line.id) for line in lines])
    credit = _credit(each.completion_id for each in standings.values() if each.completion_id)
    days = (now() - payment.changed_at) // timedelta(days=1) if payment else 0
    return [
        _case(order, line, payment, refunds.get(line.id, []), standings, credit, days)
        for line in lines
    ]


@transaction.atomic
def ask(
    *,
    line: OrderLine,
    amount: Money,
    reason: str,
    note: str,
    confirmed: bool,
    attempt_key: str,
    by: Actor,
) -> Refund:
    """Asks the processor to return the amount for the line. The same attempt again gives the same
    refund. Refused where the order is not paid, more would go back than is left, the provider's
    rule forbids it, or its warnings are not `confirmed`; the decision is kept with the refund."""
    if len(attempt_key) < SHORTEST_KEY:
        raise Refused(_("This page is too old. Open the order and try again."), code="stale")
    payment = line.order.payments.filter(state=Payment.State.CAPTURED).first()
    if payment is None:
        raise Refused(_("This order is not paid, so nothing can go back."), code="not_paid")
    payment = settlement.locked(payment.id)
    earlier = Refund.objects.filter(attempt_key=attempt_key).first()
    if earlier is not None:
        return earlier
    case = next(each for each in cases(line.order, payment) if each.line == line)
    verdict = _decided(case, amount, reason, confirmed=confirmed)
    refund = Refund.objects.create(
        payment=payment,
        line=line,
        cents=amount.cents,
        attempt_key=attempt_key,
        reason=reason,
        note=note.strip(),
        decision={
            "rule": seller.current().terms.text,
            "says": verdict.says,
            "warnings": list(verdict.warnings),
            "whole": amount == case.left,
            "days": case.facts.days,
            "exam_started": case.facts.exam_started,
            "credited": case.facts.credited,
            "reported": case.facts.reported,
        },
        asked_by=by.subject_id,
    )
    ledger.book_refund_asked(refund)
    paypal.begin(refund=refund, by=by)
    trail.record(
        verb="refunds.ask",
        by=by,
        noun="refund",
        noun_id=refund.id,
        about=line.order.subject_id,
        detail={"order": line.order.reference, "cents": amount.cents, "reason": reason},
    )
    return refund


def _decided(case: Case, amount: Money, reason: str, *, confirmed: bool) -> Verdict:
    if reason not in Refund.Reason.values:
        raise Refused(_("Choose why the money goes back."), field="reason", code="unknown")
    if amount.cents <= 0:
        raise Refused(_("Enter an amount above zero."), field="amount", code="too_little")
    if case.left < amount:
        raise Refused(
            _("At most {left} can go back for this line.").format(left=case.left),
            field="amount",
            code="too_much",
        )
    verdict = case.verdict(reason)
    if not verdict.allowed:
        raise Refused(verdict.says, field="reason", code="rule")
    if verdict.warnings and not confirmed:
        raise Refused(" ".join(verdict.warnings), field="confirmed", code="confirm")
    return verdict


def _case(
    order: Order,
    line: OrderLine,
    payment: Payment | None,
    refunds: list[Refund],
    standings: Mapping[str, Standing],
    credit: Mapping[UUID, bool],
    days: int,
) -> Case:
    gone = sum(each.cents for each in refunds if each.state != Refund.State.FAILED)
    place = standings.get(str(line.id))
    completion = place.completion_id if place else None
    return Case(
        line=line,
        refunds=tuple(refunds),
        left=Money(line.price_cents - gone if payment else 0, order.currency),
        standing=place,
        facts=Facts(
            days=days,
            exam_started=bool(place and place.exam_started),
            credited=completion in credit,
            reported=credit.get(completion, False) if completion else False,
        ),
    )


def _by_line(refunds: Iterable[Refund]) -> dict[UUID, list[Refund]]:
    found: dict[UUID, list[Refund]] = {}
    for refund in refunds:
        found.setdefault(refund.line_id, []).append(refund)
    return found


def _credit(completion_ids: Iterable[UUID]) -> dict[UUID, bool]:
    """The completions that earned credit, and whether any of it was reported."""
    awards = Award.objects.filter(completion_id__in=list(completion_ids))
    reported = set(
        Report.objects.filter(award__in=awards)
        .exclude(state__in=(Report.State.DUE, Report.State.REJECTED))
        .values_list("award__completion_id", flat=True)
    )
    return {award.completion_id: award.completion_id in reported for award in awards}
