"""A person's orders: what was bought, what it cost, what went back, and the papers of it all."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.store import checkout, offers, refunds
from creditable.store.models import Document, Order, Payment, Refund
from creditable.store.refunds import Case
from creditable.web.ui.errors import refused
from creditable.web.ui.timeline import Step

PAPERS = Prefetch("documents", Document.objects.defer("pdf", "content"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An order in the list, with its last payment and what went back of it."""

    order: Order
    payment: Payment | None
    returned: Money


@never_cache
@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All orders, newest first (five queries, however many)."""
    orders = (
        Order.objects.filter(subject_id=cast(Person, request.user).pk)
        .select_related("cancellation")
        .prefetch_related("lines", "payments__refunds", PAPERS)
        .order_by("-placed_at")
    )
    entries = [_entry(order) for order in orders]
    return render(request, "account/orders.html", {"entries": entries})


@never_cache
@login_required
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One order: where it stands, what it opened, and its papers."""
    orders = Order.objects.select_related("cancellation").prefetch_related("payments", PAPERS)
    order = get_object_or_404(orders, subject_id=cast(Person, request.user).pk, number=number)
    payment = _last(order)
    paid = payment is not None and payment.state == Payment.State.CAPTURED
    cases = refunds.cases(order, payment if paid else None)
    sold = offers.prices(case.line.course_version.course_id for case in cases)
    context = {
        "order": order,
        "payment": payment,
        "paid": paid,
        "canceled": hasattr(order, "cancellation"),
        "lines": [(case, case.line.course_version.course_id in sold) for case in cases],
        "returned": Money.total(
            (each.amount for case in cases for each in _completed(case)), order.currency
        ),
        "no_tax": Money(0, order.currency),
        "steps": _steps(order, payment, cases),
    }
    return render(request, "account/order.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Gives the order up, while it is not paid."""
    person = cast(Person, request.user)
    order = get_object_or_404(Order, subject_id=person.pk, number=number)
    try:
        checkout.cancel_order(order=order, by=person.actor)
    except Refused as refusal:
        return refused(request, refusal, status=409)
    return redirect("account:order", number=number)


@never_cache
@login_required
@require_safe
def document(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """An invoice or a credit note of this person's order, as it was issued."""
    order = get_object_or_404(Order, subject_id=cast(Person, request.user).pk, number=number)
    kinds = {prefix: kind for kind, prefix in Document.PREFIX.items()}
    prefix, _hyphen, digits = name.partition("-")
    paper = get_object_or_404(
        order.documents, kind=kinds.get(prefix, ""), number=int(digits) if digits.isdecimal() else 0
    )
    response = HttpResponse(bytes(paper.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{paper.name}.pdf"'
    return response


def _entry(order: Order) -> Entry:
    returned = (
        refund.amount
        for payment in order.payments.all()
        for refund in payment.refunds.all()
        if refund.state == Refund.State.COMPLETED
    )
    return Entry(order, _last(order), Money.total(returned, order.currency))


def _last(order: Order) -> Payment | None:
    """Of the payments of an order, the one that counts: an order is paid once."""
    return max(order.payments.all(), key=lambda each: (each.created_at, each.id), default=None)


def _completed(case: Case) -> list[Refund]:
    return [refund for refund in case.refunds if refund.state == Refund.State.COMPLETED]


def _steps(order: Order, payment: Payment | None, cases: list[Case]) -> list[Step]:
    steps = [Step(_("Ordered"), "done", order.placed_at)]
    if hasattr(order, "cancellation"):
        note = _("Nothing was charged.")
        return [*steps, Step(_("You canceled it"), "done", order.cancellation.at, note)]
    steps += _paying(payment)
    papers = {paper.refund_id: paper for paper in order.documents.all()}
    if None in papers:
        steps.append(
            Step(
                _("Receipt %(name)s issued") % {"name": papers[None].name},
                "done",
                papers[None].issued_at,
            )
        )
    refunds_of = [(refund, case) for case in cases for refund in case.refunds]
    for refund, case in sorted(refunds_of, key=lambda each: each[0].asked_at):
        steps.append(_returning(refund, case))
    return steps


def _paying(payment: Payment | None) -> list[Step]:
    states = Payment.State
    if payment is None or payment.state in Payment.ENDED:
        return [Step(_("Not paid"), "bad", payment.changed_at if payment else None)]
    if payment.state == states.CAPTURED:
        return [Step(_("Paid with PayPal"), "done", payment.changed_at, payment.capture_ref or "")]
    if payment.state == states.CAPTURING:
        note = _("You approved it. PayPal's answer is still on the way.")
        return [Step(_("Payment pending"), "now", payment.changed_at, note)]
    return [Step(_("Waiting for your payment"), "now")]


def _returning(refund: Refund, case: Case) -> Step:
    what = {"amount": refund.amount, "course": case.line.title}
    if refund.state == Refund.State.COMPLETED:
        return Step(
            _("%(amount)s went back to you") % what, "done", refund.changed_at, case.line.title
        )
    if refund.state == Refund.State.FAILED:
        note = _("PayPal could not return it. Our office is looking after it.")
        return Step(_("%(amount)s did not go back") % what, "bad", refund.changed_at, note)
    note = _("For %(course)s. We asked PayPal; it has not confirmed yet.") % what
    return Step(_("%(amount)s is on its way back to you") % what, "now", refund.asked_at, note)


urlpatterns = [
    path("orders/", index, name="orders"),
    path("orders/<int:number>/", show, name="order"),
    path("orders/<int:number>/cancel/", cancel, name="order_cancel"),
    path("orders/<int:number>/<str:name>.pdf", document, name="order_document"),
]
