"""/console/orders/: what was bought and how far each payment is."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from creditable.audit import trail
from creditable.people.access import SignedRequest, staff_required
from creditable.people.models import Person
from creditable.store.models import Order
from creditable.web.console.frame import page

A_PAGE = 50


@staff_required("orders.view")
@require_safe
def index(request: SignedRequest) -> HttpResponse:
    """Newest first, by number: who ordered stands on the order itself, where the look is noted."""
    orders = Order.objects.prefetch_related("lines", "payments").order_by("-placed_at", "-id")
    shown = Paginator(orders, A_PAGE).get_page(request.GET.get("page"))
    return page(request, "console/orders.html", {"orders": shown})


@staff_required("orders.view")
@require_safe
def show(request: SignedRequest, number: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.prefetch_related("payments", "lines"), number=number)
    trail.viewed(by=request.user.staff_actor, subject_id=order.subject_id, page="console order")
    buyer = Person.objects.filter(pk=order.subject_id).first()
    return page(request, "console/order.html", {"order": order, "buyer": buyer})


urlpatterns = [
    path("orders/", index, name="orders"),
    path("orders/<int:number>/", show, name="order"),
]
