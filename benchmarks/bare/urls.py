"""One view for every page: the rows that the page of the same name shows, as tables. And the least
that a request can be: an answer, and a save by somebody who is signed in."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model, login
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from creditable.catalog.models import Approval, CourseVersion, Lesson
from creditable.credit.models import Award, Certificate, Report
from creditable.disclosure.models import PolicyVersion, Release
from creditable.learning.models import AnswerEvent, Attempt, AttemptQuestion, Beat, Enrollment
from creditable.people.models import License
from creditable.store.models import BasketItem, Offer

Tables = Iterable["QuerySet[Any, Any]"]

SHOP = {"home", "catalog", "course", "policy", "basket"}
CLASSROOM = {"outline", "lesson", "exam"}


def enter(request: HttpRequest, email: str) -> HttpResponse:
    """Signs in whoever is named."""
    login(request, get_user_model().objects.get(email=email))
    return HttpResponse("in")


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("plain")


def save(request: HttpRequest) -> HttpResponse:
    """Session, person and one upsert."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_save (person, at) VALUES (%s, now())"
            " ON CONFLICT (person) DO UPDATE SET at = now()",
            [request.user.pk],
        )
    return HttpResponse("saved")


def page(request: HttpRequest, name: str) -> HttpResponse:
    course, lesson = request.GET.get("course", ""), request.GET.get("lesson", "")
    tables = rows(name, request.user.pk, course, lesson)
    return render(request, "rows.html", {"page": name, "user": request.user, "tables": tables})


def rows(name: str, person: Any, course: str, lesson: str) -> Tables:
    """What the page shows of the database, each table in one plain query."""
    licenses = License.objects.filter(subject=person).values_list("authority", "license_type")
    awards = Award.objects.filter(subject=person).values_list("authority", "minutes")
    if name.endswith("signed in"):
        return [*_shop(name.removesuffix(" signed in"), course), licenses, awards]
    if name in SHOP:
        return _shop(name, course)
    if name == "my learning":
        return [*_classroom(name, person, course, lesson), licenses, awards]
    if name in CLASSROOM:
        return _classroom(name, person, course, lesson)
    return _account(name, person)


def _shop(name: str, course: str) -> Tables:
    versions = CourseVersion.objects.all()
    offers = Offer.objects.values_list("course", "price_cents")
    approvals = Approval.objects.values_list("authority", "number", "topic_minutes")
    match name:
        case "home" | "catalog":
            shown = ("course__slug", "title", "subtitle", "summary", "delivery", "credit_minutes")
            return [versions.values_list(*shown), offers, approvals]
        case "course":
            return [
                versions.filter(course__slug=course).values_list("title", "summary", "detail"),
                _outline(course),
                offers.filter(course__slug=course),
                approvals.filter(course__slug=course),
            ]
        case "policy":
            return [PolicyVersion.objects.values_list("version", "effective", "sha256")]
    return [BasketItem.objects.filter(basket__token="").values_list("course")]


def _outline(course: str) -> QuerySet[Any, Any]:
    lessons = Lesson.objects.filter(version__course__slug=course)
    return lessons.values_list("title", "module_title", "minutes")


def _classroom(name: str, person: Any, course: str, lesson: str) -> Tables:
    places = Enrollment.objects.filter(subject=person)
    place = places.values_list("course_version__title", "expires_at")
    beats = Beat.objects.filter(subject=person).order_by("lesson", "-sequence").distinct("lesson")
    seen = beats.values_list("lesson", "lesson_seconds", "position")
    match name:
        case "my learning" | "outline":
            return [place, _outline(course), seen]
        case "lesson":
            read = Lesson.objects.filter(version__course__slug=course, slug=lesson)
            return [place, _outline(course), seen, read.values_list("title", "html")]
    attempts = Attempt.objects.filter(enrollment__subject=person)
    questions = AttemptQuestion.objects.filter(attempt__in=attempts)
    answers = AnswerEvent.objects.filter(item__attempt__in=attempts)
    return [
        place,
        attempts.values_list("number", "deadline"),
        questions.values_list("position", "question__stem", "question__choices"),
        answers.values_list("item", "version", "choice"),
    ]


def _account(name: str, person: Any) -> Tables:
    match name:
        case "certificates":
            shown = ("serial", "issued_at", "award__authority", "award__minutes")
            return [Certificate.objects.filter(award__subject=person).values_list(*shown)]
        case "reports":
            shown = ("authority", "state", "due_on", "confirmation", "award__minutes")
            return [Report.objects.filter(subject=person).values_list(*shown)]
        case "ledger":
            shown = ("at", "recipient", "purpose", "channel", "fields", "clause")
            return [Release.objects.filter(subject=person).values_list(*shown)]
    return []  # the profile is the person, who is there already


urlpatterns = [
    path("enter/<str:email>/", enter),
    path("plain/", plain),
    path("save/", save),
    path("page/<str:name>/", page),
]
