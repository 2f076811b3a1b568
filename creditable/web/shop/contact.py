"""Writing to the provider: the form opens a case and says its number."""

from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.store.models import Order
from creditable.support import cases
from creditable.support.models import Case, Topic

SENDER = Actor.outside("contact form")
MOST_DIGITS = 9


class Message(forms.Form):
    """What the contact page asks. `key` is minted with the page: sent twice is one case. `account`
    says that the page was shown to somebody who was signed in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    account = forms.BooleanField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Please type your name.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Where our answer goes."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": gettext_lazy("Please type your address.")},
    )
    topic = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=Topic.choices,
        error_messages={"required": gettext_lazy("Please choose what it is about.")},
    )
    message = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Never write a card number or a password here. Nobody will ask you for one."
        ),
        error_messages={"required": gettext_lazy("Please write your message.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "shop/contact.html", {"form": Message(initial=_known(request))})
    form, left_out = Message(request.POST), False
    if form.is_valid():
        left_out = form.cleaned_data["account"] and not request.user.is_authenticated
    if left_out:
        form = Message({**request.POST.dict(), "account": ""})
    elif form.is_valid():
        try:
            case = _open(request, form)
        except Refused as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            return HttpResponseRedirect(reverse("shop:received", args=[case.key]), status=303)
    elif "key" in form.errors:
        form = Message({**request.POST.dict(), "key": str(uuid4())})
        form.add_error(None, _("The page had been changed on its way. Please send it once more."))
    context = {"form": form, "left_out": left_out}
    return render(request, "shop/contact.html", context, status=422)


@require_safe
def received(request: HttpRequest, key: UUID) -> HttpResponse:
    """Thanks, with the number to quote. Only the sender knows the key."""
    case = Case.objects.filter(key=key).only("number", "due", "subject").first()
    if case is None:
        raise Http404
    own = case.subject_id is not None and case.subject_id == request.user.pk
    return render(request, "shop/received.html", {"case": case, "own": own})


def _known(request: HttpRequest) -> dict[str, object]:
    """What a person who is signed in need not type again."""
    known: dict[str, object] = {"key": uuid4(), "topic": request.GET.get("topic", "")}
    if request.user.is_authenticated:
        known |= {"name": request.user.name, "email": request.user.email, "account": True}
        known["message"] = _about(request.user, request.GET.get("order", ""))
    return known


def _about(person: Person, number: str) -> str:
    """How a message about an order of one's own begins."""
    if not number.isascii() or not number.isdecimal() or len(number) > MOST_DIGITS:
        return ""
    order = Order.objects.filter(subject_id=person.pk, number=number).only("number").first()
    return _("About order {order}: ").format(order=order.reference) if order else ""


def _open(request: HttpRequest, form: Message) -> Case:
    person = request.user if request.user.is_authenticated else None
    return cases.open(
        key=form.cleaned_data["key"],
        name=form.cleaned_data["name"],
        email=form.cleaned_data["email"],
        topic=form.cleaned_data["topic"],
        body=form.cleaned_data["message"],
        by=person.actor if person else SENDER,
        subject_id=person.pk if person else None,
    )


urlpatterns = [
    path("contact/", contact, name="contact"),
    path("contact/received/<uuid:key>/", received, name="received"),
]
