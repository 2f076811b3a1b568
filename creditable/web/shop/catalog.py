"""All courses, narrowed by words and by what is ticked, without a line of script."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.credit import counts
from creditable.outreach import banners
from creditable.store import offers
from creditable.web.shop.filters import narrow
from creditable.web.shop.shelf import shelve

LONGEST_QUERY = 100
A_PAGE = 24


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    holder = counts.to_suit(request.user.pk) if request.user.is_authenticated else None
    shelf = shelve(offers.listing(query), holder)
    narrowed = narrow(shelf, request.GET, licensed=bool(holder and holder.licenses))
    return render(
        request,
        "shop/catalog.html",
        {
            "banner": banners.shown(),
            "narrowed": narrowed,
            "page": Paginator(narrowed.courses, A_PAGE).get_page(request.GET.get("page")),
            "query": query,
            "sold": bool(shelf) or bool(query),
        },
    )


urlpatterns = [path("courses/", catalog, name="catalog")]
