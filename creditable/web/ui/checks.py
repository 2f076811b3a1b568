"""What must be right before a page can be shown."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from creditable.web.ui import provider


def provider_can_be_shown(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """web_ui.E001: the provider's file cannot be used, or its colors cannot be read."""
    try:
        provider.read(Path(settings.PROVIDER))
    except provider.ProviderRefused as refused:
        return [Error(str(refused), id="web_ui.E001")]
    return []
