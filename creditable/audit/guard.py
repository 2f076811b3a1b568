"""Rows that are written once."""

from typing import Any

from django.db import models


class Frozen(TypeError):
    """Somebody tried to change or delete a row that is never changed."""


class AppendOnly(models.Model):
    """A row that is inserted and never updated or deleted. Python says so here; the database
    says so by rights: `ops.grants` gives the application SELECT and INSERT on these tables
    and nothing else."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Frozen(f"{type(self).__name__} rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Frozen(f"{type(self).__name__} rows are never deleted")
