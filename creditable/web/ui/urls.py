from django.urls import path

from creditable.web.ui import views

app_name = "ui"
urlpatterns = [
    path("provider-<slug:digest>.css", views.stylesheet, name="stylesheet"),
    path("mark-<slug:digest>.svg", views.mark, name="mark"),
]
