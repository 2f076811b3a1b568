"""Checkout: one page, then PayPal, then what came of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from creditable.disclosure import choices, gate, lane
from creditable.disclosure.choices import Option
from creditable.disclosure.models import Outbox
from creditable.lib import ids
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.people import profile
from creditable.people.models import Person
from creditable.people.states import STATES
from creditable.store import basket as baskets
from creditable.store import checkout, fulfil
from creditable.store.basket import Taken
from creditable.store.models import Cancellation, Order, Payment
from creditable.store.payments.paypal import flow
from creditable.store.payments.paypal.releases import ORDER
from creditable.web.shop.basket import cautions, token_of
from creditable.web.ui.errors import refused

PAYPAL = "{0.scheme}://{0.netloc}".format(urlsplit(settings.PAYPAL_CHECKOUT_URL))

ADDRESS = ("street", "city", "state", "postal_code")
BILLED = ("name", *ADDRESS)

P = ParamSpec("P")
View = Callable[P, HttpResponse]


def may_lead_to_paypal(view: View[P]) -> View[P]:
    """Lets the forms of this page end at PayPal, which browsers hold to be part of the form."""
    widened = csp_update({"form-action": [PAYPAL]})(cast(Any, view))
    return cast(View[P], widened)


class BillingForm(forms.Form):
    """The billing address, filled in from the account."""

    attempt_key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name on the bill"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter the name for the bill.")},
    )
    street = forms.CharField(
        label=gettext_lazy("Street"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": gettext_lazy("Enter the street.")},
    )
    city = forms.CharField(
        label=gettext_lazy("City"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": gettext_lazy("Enter the city.")},
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("Choose")), *STATES.items()],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": gettext_lazy("Choose the state.")},
    )
    postal_code = forms.CharField(
        label=gettext_lazy("ZIP code"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        error_messages={"required": gettext_lazy("Enter the ZIP code.")},
    )

    def __init__(self, *args: Any, asked: Sequence[Option] = (), **kwargs: Any) -> None:
        """With a box for each choice of the policy that has to be asked before the order can go to
        PayPal."""
        super().__init__(*args, **kwargs)
        self.consents = {f"consent-{number}": option for number, option in enumerate(asked)}
        for name, option in self.consents.items():
            self.fields[name] = forms.BooleanField(
                label=_("Yes, I agree to {choice}.").format(choice=option.label),
                error_messages={
                    "required": _(
                        "PayPal cannot take your payment without this yes. Nothing was ordered, "
                        "and nothing went to PayPal."
                    )
                },
            )

    def clean(self) -> dict[str, Any]:
        """What the account could not keep is said at once, each at its field."""
        told = self.cleaned_data
        for fault in profile.faults(**{name: told[name] for name in ADDRESS if name in told}):
            self.add_error(fault.field, fault.message)
        return told

    def agreed(self) -> Iterator[tuple[str, str]]:
        """The choices that were agreed to, each with the sentence that was asked; what is left of
        the form is the bill."""
        for name, option in self.consents.items():
            if self.cleaned_data.pop(name):
                yield option.name, str(self.fields[name].label)


@never_cache
@login_required
@may_lead_to_paypal
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The page with the basket and the billing address, which is only asked for where the account
    does not hold it; on POST places the order and leads to PayPal."""
    person = cast(Person, request.user)
    asked = choices.needed(subject_id=person.pk, template=ORDER)
    form = BillingForm(request.POST or None, initial=_known(person), asked=asked)
    if request.method == "POST" and form.is_valid():
        for choice, words in form.agreed():
            choices.say(
                subject_id=person.pk,
                choice=choice,
                agrees=True,
                source="need",
                words=words,
                by=person.actor,
            )
        billing = dict(form.cleaned_data)
        attempt_key = billing.pop("attempt_key")
        try:
            order = checkout.place_order(
                person=person,
                basket_token=token_of(request),
                billing=checkout.Billing(**billing),
                attempt_key=attempt_key,
                by=person.actor,
            )
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        except gate.Denied as denied:
            denied.note()
            form.add_error(
                None,
                _("The privacy policy does not let us send this to PayPal. Nothing was ordered."),
            )
        else:
            return _to_paypal(order)
    contents = baskets.contents(token_of(request), person.pk)
    if request.method != "POST" and not contents.items:
        return redirect("shop:basket")
    status = 422 if form.errors else 200
    context = {
        "form": form,
        "contents": contents,
        "known": _whole(person),
        "no_tax": Money(0, contents.total.currency),
        **cautions(person, contents),
    }
    return render(request, "shop/checkout.html", context, status=status)


@never_cache
@login_required
@may_lead_to_paypal
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """Where the order stands. A POST starts the payment again after it ended without money."""
    order = _own(request, number)
    if request.method == "POST":
        try:
            flow.begin(order=order, by=cast(Person, request.user).actor)
        except Refused as refusal:
            return refused(request, refusal, status=409)
        return _to_paypal(order)
    payment = order.payments.order_by("-created_at", "-id").first()
    if payment is not None and payment.state == Payment.State.CAPTURED:
        return redirect("shop:checkout_done", number=number)
    context = {
        "order": order,
        "payment": payment,
        "taken": _taken(order),
        "canceled": Cancellation.objects.filter(order=order).exists(),
    }
    return render(request, "shop/checkout_progress.html", context)


@never_cache
@login_required
@require_safe
def returned(request: HttpRequest, number: int) -> HttpResponse:
    """Back from PayPal: takes the money of the order that this person approved."""
    order = _own(request, number)
    payment = order.payments.exclude(state__in=Payment.ENDED).first()
    if payment is not None and payment.provider_ref == request.GET.get("token", ""):
        released = flow.capture(payment=payment, by=cast(Person, request.user).actor)
        if released is not None and released.outbox_id is not None:
            lane.wait(released.outbox_id)
    return redirect("shop:checkout_progress", number=number)


@never_cache
@login_required
@require_safe
def canceled(request: HttpRequest, number: int) -> HttpResponse:
    """Back from PayPal without paying: says so, and offers to try again."""
    order = _own(request, number)
    payment = order.payments.order_by("-created_at", "-id").first()
    is_open = payment is not None and payment.state == Payment.State.APPROVING
    if not is_open or Cancellation.objects.filter(order=order).exists():
        return redirect("shop:checkout_progress", number=number)
    context = {"order": order, "payment": payment}
    return render(request, "shop/checkout_canceled.html", context)


@never_cache
@login_required
@require_safe
def done(request: HttpRequest, number: int) -> HttpResponse:
    """Paid: what was bought, and where to start."""
    order = _own(request, number)
    if not order.payments.filter(state=Payment.State.CAPTURED).exists():
        return redirect("shop:checkout_progress", number=number)
    lines = order.lines.select_related("course_version__course")
    return render(request, "shop/checkout_done.html", {"order": order, "lines": lines})


def _own(request: HttpRequest, number: int) -> Order:
    return get_object_or_404(Order, subject_id=request.user.pk, number=number)


def _taken(order: Order) -> list[Taken]:
    """The courses of the order that its customer has already."""
    lines = list(order.lines.select_related("course_version__course"))
    has = fulfil.open_already(order.subject_id, [line.course_version.course_id for line in lines])
    return [
        Taken(line.course_version.course.slug, line.title, has[line.course_version.course_id])
        for line in lines
        if line.course_version.course_id in has
    ]


def _to_paypal(order: Order) -> HttpResponse:
    payment = order.payments.exclude(state__in=Payment.ENDED).get()
    if payment.state == Payment.State.CREATED:
        asked = Outbox.objects.values_list("id", flat=True).get(key=flow.order_key(payment))
        lane.wait(asked)
        payment.refresh_from_db()
    if payment.state == Payment.State.APPROVING and payment.approve_url:
        return redirect(payment.approve_url)
    return redirect("shop:checkout_progress", number=order.number)


def _known(person: Person) -> dict[str, str]:
    return {"attempt_key": ids.token(), **{field: getattr(person, field) for field in BILLED}}


def _whole(person: Person) -> dict[str, str] | None:
    """The billing address of the account, when nothing of it is missing: then it is shown and
    not asked for."""
    known = {field: getattr(person, field) for field in BILLED}
    return known if all(known.values()) else None


urlpatterns = [
    path("checkout/", start, name="checkout"),
    path("checkout/<int:number>/", progress, name="checkout_progress"),
    path("checkout/<int:number>/return/", returned, name="checkout_return"),
    path("checkout/<int:number>/cancel/", canceled, name="checkout_cancel"),
    path("checkout/<int:number>/done/", done, name="checkout_done"),
]
