"""The authorities that this installation knows: the packs that ship, and the provider's own."""

from functools import cache
from pathlib import Path

from django.conf import settings

from creditable.credit import pack
from creditable.credit.pack import Pack

SHIPPED = Path(__file__).with_name("authorities")


def all() -> tuple[Pack, ...]:
    """Every pack, by its name."""
    return tuple(sorted(_packs().values(), key=lambda pack: pack.name))


def get(authority: str) -> Pack:
    """The pack of that id. KeyError when there is none."""
    return _packs()[authority]


def find(authority: str) -> Pack | None:
    """The pack of that id; None for an authority whose pack is not installed (any more)."""
    return _packs().get(authority)


@cache
def _packs() -> dict[str, Pack]:
    return pack.read_all(SHIPPED, Path(settings.AUTHORITY_PACKS))
