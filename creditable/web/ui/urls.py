from django.urls import path

from creditable.web.ui import views

app_name = "ui"
urlpatterns = [
    path("idle/", views.idle, name="idle"),
    path("provider-<slug:digest>.css", views.stylesheet, name="stylesheet"),
    path("mark-<slug:digest>.svg", views.mark, name="mark"),
]
