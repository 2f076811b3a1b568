"""A person's orders."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from creditable.people.models import Person
from creditable.store.models import Order


@never_cache
@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All orders, newest first."""
    orders = (
        Order.objects.filter(subject_id=cast(Person, request.user).pk)
        .prefetch_related("lines", "payments")
        .order_by("-placed_at")
    )
    return render(request, "account/orders.html", {"orders": orders})


@never_cache
@login_required
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One order with its receipt."""
    orders = Order.objects.prefetch_related("payments")
    order = get_object_or_404(orders, subject_id=cast(Person, request.user).pk, number=number)
    lines = order.lines.select_related("course_version__course")
    return render(request, "account/order.html", {"order": order, "lines": lines})


urlpatterns = [
    path("orders/", index, name="orders"),
    path("orders/<int:number>/", show, name="order"),
]
