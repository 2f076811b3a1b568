from django.apps import AppConfig
from django.core.checks import register
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.utils.translation import gettext, gettext_lazy, ngettext

from creditable.lib import words
from creditable.web.ui.checks import provider_can_be_shown


class UiConfig(AppConfig):
    name = "creditable.web.ui"
    label = "web_ui"

    def ready(self) -> None:
        words.speak_with(gettext, ngettext)
        # In our words, whichever form or model holds to the limit, the framework's own too.
        MaxLengthValidator.message = gettext_lazy(
            "Use at most %(limit_value)d characters. These are %(show_value)d."
        )
        MaxValueValidator.message = gettext_lazy("Enter a number up to %(limit_value)s.")
        MinValueValidator.message = gettext_lazy("Enter a number from %(limit_value)s up.")
        register(provider_can_be_shown)
