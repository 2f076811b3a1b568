from django.urls import path

from creditable.web.ui import cookies, views

app_name = "ui"
urlpatterns = [
    *cookies.urlpatterns,
    path("idle/", views.idle, name="idle"),
    path("provider-<slug:digest>.css", views.stylesheet, name="stylesheet"),
    path("mark-<slug:digest>.svg", views.mark, name="mark"),
]
