from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "creditable.web.ui"
    label = "web_ui"
