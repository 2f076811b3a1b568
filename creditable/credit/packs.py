"""The authorities that this installation serves: those of the shipped packs that the provider's
`provider.yaml` names, and the provider's own."""

from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from creditable.credit import pack
from creditable.credit.pack import Pack
from creditable.credit.reading import PackRefused

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
    return served(Path(settings.PROVIDER))


def served(provider: Path) -> dict[str, Pack]:
    """The packs of the provider in that folder, by id. PackRefused names what to mend."""
    path = provider / "provider.yaml"
    named = yaml.safe_load(path.read_text(encoding="utf-8")).get("authorities", [])
    shipped = {folder.name for folder in SHIPPED.iterdir() if (folder / "report.yaml").exists()}
    if not isinstance(named, list) or not set(named) <= shipped:
        raise PackRefused(path, "authorities", f"list any of {', '.join(sorted(shipped))}")
    own = pack.read_all(provider / "authorities")
    for id in sorted(own.keys() & {folder.name for folder in SHIPPED.iterdir()}):
        raise PackRefused(provider / "authorities" / id, "id", f"{id} exists already; rename it")
    for each in own.values():
        if not each.is_served:
            folder = provider / "authorities" / each.id
            raise PackRefused(folder, "", "add report.yaml: how completions are reported")
    return own | {id: pack.read(SHIPPED / id) for id in named}
