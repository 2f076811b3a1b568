from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext, ngettext

from creditable.lib import words
from creditable.web.ui.checks import provider_can_be_shown


class UiConfig(AppConfig):
    name = "creditable.web.ui"
    label = "web_ui"

    def ready(self) -> None:
        words.speak_with(gettext, ngettext)
        register(provider_can_be_shown)
