from django.apps import AppConfig
from django.core.checks import register

from creditable.web.ui.checks import provider_can_be_shown


class UiConfig(AppConfig):
    name = "creditable.web.ui"
    label = "web_ui"

    def ready(self) -> None:
        register(provider_can_be_shown)
