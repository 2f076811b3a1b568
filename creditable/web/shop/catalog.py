"""All courses, narrowed by subject and words without a line of script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.catalog import offerings
from creditable.web.shop.shelf import shelve

LONGEST_QUERY = 100


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    subject = request.GET.get("subject", "")
    return render(
        request,
        "shop/catalog.html",
        {
            "courses": shelve(offerings.listing(query, subject)),
            "query": query,
            "subject": subject,
            "subjects": offerings.subjects(),
            "narrowed": bool(query or subject),
        },
    )


urlpatterns = [path("courses/", catalog, name="catalog")]
