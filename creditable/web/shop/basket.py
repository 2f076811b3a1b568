"""The basket page, and putting courses into it."""

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creditable.catalog.models import Course
from creditable.credit import counts
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.store import basket as baskets
from creditable.store import checkout
from creditable.web.ui import cookies
from creditable.web.ui.errors import refused


def token_of(request: HttpRequest) -> str:
    """The basket's token that this browser sent, empty when it has none."""
    return request.COOKIES.get(settings.BASKET_COOKIE_NAME, "")[:32]


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    person = request.user if isinstance(request.user, Person) else None
    contents = baskets.contents(token_of(request), person.pk if person else None)
    waiting = checkout.waiting(person.pk) if person else []
    shown = {"contents": contents, "waiting": waiting, **cautions(person, contents)}
    return render(request, "shop/basket.html", shown)


def cautions(person: Person | None, contents: baskets.Contents) -> dict[str, list[str]]:
    """What a person should know before paying: what ends before the access to these courses would
    (`lapses`, each with the course's title), and the courses that count for none of the person's
    licenses (`idle`, titles). Three queries; none for a visitor, to whom the course's page said
    it."""
    holder = counts.holder(person.pk) if person and contents.items else None
    if holder is None or not holder.licenses:
        return {}
    versions = [item.version for item in contents.items]
    prefetch_related_objects(versions, "course__approvals")
    return {
        "lapses": [
            f"{version.title}: {words}"
            for version in versions
            for words in holder.lapses(version.course, version.access_days)
        ],
        "idle": [
            version.title
            for version in versions
            if all(
                prospect.answer == "no"
                for prospect in holder.prospects(version.course, version.delivery)
            )
        ],
    }


@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    course = get_object_or_404(Course, slug=slug)
    try:
        basket = baskets.add(token=token_of(request), course=course, by=_visitor(request))
    except Refused as refusal:
        return refused(request, refusal, status=409)
    response = redirect(cookies.seen_to(request, reverse("shop:basket")))
    response.set_cookie(
        settings.BASKET_COOKIE_NAME,
        basket.token,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
        path="/",
    )
    return response


@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    baskets.remove(token=token_of(request), slug=slug, by=_visitor(request))
    return redirect("shop:basket")


def _visitor(request: HttpRequest) -> Actor:
    if request.user.is_authenticated:
        return Actor.person(request.user.pk)
    return Actor.outside("visitor")


urlpatterns = [
    path("basket/", show, name="basket"),
    path("basket/add/<slug:slug>/", add, name="basket_add"),
    path("basket/remove/<slug:slug>/", remove, name="basket_remove"),
]
