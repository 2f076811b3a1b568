"""/console/orders/: what was bought, how far each payment is, and giving money back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creditable.audit import trail
from creditable.disclosure import gate, lane
from creditable.lib import ids
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.store import refunds, seller
from creditable.store.models import Document, Order, Payment, Refund
from creditable.store.payments.paypal import refunds as paypal
from creditable.store.refunds import Case
from creditable.web.console.frame import page

A_PAGE = 50


class RefundForm(forms.Form):
    """What goes back for one line, and why. `attempt_key` was made with the page."""

    attempt_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount in dollars"),
        max_digits=9,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why it goes back"),
        choices=[("", gettext_lazy("Choose")), *Refund.Reason.choices],
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the office"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Who asked, and what was agreed. The customer can ask to see it."),
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("I have read this and want to give the money back all the same"),
        required=False,
    )


@staff_required("orders.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """Newest first, by number: who ordered stands on the order itself, where the look is noted."""
    orders = Order.objects.prefetch_related("lines", "payments__refunds").order_by(
        "-placed_at", "-id"
    )
    shown = Paginator(orders, A_PAGE).get_page(request.GET.get("page"))
    return page(request, "console/orders.html", {"orders": shown})


@staff_required("orders.view")
@require_safe
def show(request: SignedRequest, number: int) -> HttpResponse:
    return _show(request, _order(number))


@staff_required("orders.refund")
@require_POST
def refund(request: SignedRequest, number: int, position: int) -> HttpResponse:
    """Asks for the money of one line to go back; what is refused stands at its field."""
    order = _order(number)
    line = get_object_or_404(order.lines, position=position)
    form = RefundForm(request.POST, prefix=str(position))
    if form.is_valid():
        told = dict(form.cleaned_data)
        cents = int(told.pop("amount") * 100)
        try:
            asked = refunds.ask(
                line=line,
                amount=Money(cents, order.currency),
                by=request.user.staff_actor,
                **told,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        except gate.Denied as denied:
            denied.note()
            form.add_error(None, _("The privacy policy does not let us ask PayPal for this."))
        else:
            lane.wait(paypal.first_request(asked))
            _say(request, asked)
            return redirect("console:order", number=number)
    return _show(request, order, {position: form}, status=422)


def _say(request: SignedRequest, asked: Refund) -> None:
    asked.refresh_from_db()
    if asked.state == Refund.State.COMPLETED:
        messages.success(request, _("%(amount)s went back.") % {"amount": asked.amount})
    elif asked.state != Refund.State.FAILED:
        messages.info(
            request,
            _("We asked PayPal to return %(amount)s. It has not confirmed yet; this page shows it.")
            % {"amount": asked.amount},
        )


def _order(number: int) -> Order:
    orders = Order.objects.prefetch_related(
        "payments", Prefetch("documents", Document.objects.defer("pdf", "content"))
    )
    return get_object_or_404(orders, number=number)


def _show(
    request: SignedRequest,
    order: Order,
    typed: dict[int, RefundForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    trail.viewed(by=request.user.staff_actor, subject_id=order.subject_id, page="console order")
    buyer = Person.objects.filter(pk=order.subject_id).first()
    paid = next((p for p in order.payments.all() if p.state == Payment.State.CAPTURED), None)
    cases = refunds.cases(order, paid)
    may_refund = request.user.may("orders.refund")
    papers = {paper.refund_id: paper for paper in order.documents.all()}
    context: dict[str, Any] = {
        "order": order,
        "buyer": buyer,
        "lines": [
            (case, (typed or {}).get(case.line.position) or _form(case))
            if may_refund and case.left.cents
            else (case, None)
            for case in cases
        ],
        "refunds": [
            (each, case.line, papers.get(each.id)) for case in cases for each in case.refunds
        ],
        "invoice": papers.get(None),
        "rule": seller.current().terms.text,
    }
    return page(request, "console/order.html", context, status)


def _form(case: Case) -> RefundForm:
    known = {"attempt_key": ids.token(), "amount": case.left.decimal}
    return RefundForm(initial=known, prefix=str(case.line.position))


urlpatterns = [
    path("orders/", index, name="orders"),
    path("orders/<int:number>/", show, name="order"),
    path("orders/<int:number>/lines/<int:position>/refund/", refund, name="refund"),
]
