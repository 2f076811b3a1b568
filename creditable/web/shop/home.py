"""The first page: what this place is for, and what it teaches."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.catalog import offerings
from creditable.web.shop.shelf import shelve

SHOWN = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    courses = shelve(offerings.listing())
    approved_by = dict.fromkeys(name for course in courses for name in course.authorities)
    return render(
        request,
        "shop/home.html",
        {
            "courses": courses[:SHOWN],
            "more": len(courses) > SHOWN,
            "approved_by": " and ".join(approved_by),
        },
    )


urlpatterns = [path("", home, name="home")]
