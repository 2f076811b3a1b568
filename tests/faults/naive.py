"""A program like ours that was written without care, to show that the kills find it out."""

from typing import Any

from django.db.backends.postgresql.features import DatabaseFeatures
from django.db.transaction import Atomic


def without_transactions() -> None:
    """Every statement stands by itself, as where `@transaction.atomic` was forgotten."""

    def nothing(*_: Any) -> None:
        return None

    Atomic.__enter__ = nothing  # type: ignore[method-assign]
    Atomic.__exit__ = nothing  # type: ignore[method-assign]
    DatabaseFeatures.has_select_for_update = False
