"""The demo's tour page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
