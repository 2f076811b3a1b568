"""The first page: what this place is for, and what it teaches."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creditable.outreach import banners
from creditable.store import offers
from creditable.web.shop.shelf import approves_courses, authority_in_full, authority_name, shelve

SHOWN = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    courses = shelve(offers.listing())
    authorities = {
        approval.authority: authority_name(approval.authority)
        for course in courses
        for approval in course.version.course.approvals.all()
    }
    return render(
        request,
        "shop/home.html",
        {
            "banner": banners.shown(),
            "courses": courses[:SHOWN],
            "more": len(courses) > SHOWN,
            "authorities": sorted(
                ((id, authority_in_full(id)) for id in authorities), key=lambda entry: entry[1]
            ),
            "approved_by": get_text_list(
                [name for id, name in authorities.items() if approves_courses(id)], _("and")
            ),
            "accepted_by": get_text_list(
                [name for id, name in authorities.items() if not approves_courses(id)], _("and")
            ),
        },
    )


urlpatterns = [path("", home, name="home")]
