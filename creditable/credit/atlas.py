"""The authorities whose packs ship, by the id of their row in the survey of authorities."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from creditable.credit import pack
from creditable.credit.case import CaseRefused
from creditable.credit.demands import ASKED_OF_ALL, MODES, NO_CARRY, Asked, When
from creditable.credit.pack import Pack

SHIPPED = Path(__file__).with_name("authorities")
_ROWS = re.compile(r"^survey_rows: \[(.+)\]$", re.MULTILINE)


@cache
def folders() -> dict[str, Path]:
    """The folder of each row; only the line that names the rows is read."""
    found = {}
    for folder in sorted(SHIPPED.iterdir()):
        named = _ROWS.search((folder / "rules.yaml").read_text(encoding="utf-8"))
        for row in named[1].split(", ") if named else ():
            found[row] = folder
    return found


def rows() -> list[str]:
    """Every row that has a pack."""
    return sorted(folders())


@cache
def find(row: str) -> Pack:
    """The pack of that row. CaseRefused when there is none."""
    folder = folders().get(row) or folders().get(row.upper())
    if folder is None:
        near = get_close_matches(row.upper(), rows(), n=3)
        cure = f"did you mean {' or '.join(near)}?" if near else "./do verdict --list has them all"
        raise CaseRefused("authority", f"{row[:60]!r} is not an authority we know; {cure}")
    return pack.read(folder)


def topics(found: Pack) -> dict[str, str]:
    """The topics of that authority by their id, with their names."""
    names = {topic.id: topic.name for topic in found.topics}
    for rules in found.versions:
        names |= {topic: topic for topic in rules.topics.value or () if topic not in names}
    return names


def questions(found: Pack) -> list[Asked]:
    """The facts on which a verdict of that authority may hang."""
    conditions = list(_conditions(found))
    carries = any(rules.carry_over.value not in (None, NO_CARRY) for rules in found.versions)
    hangs = {
        "first_renewal": any(when.first_renewal for when in conditions),
        "cycle_index": any(when.cycle for when in conditions),
        "period_months": any(when.shorter_than_months for when in conditions),
        "carry_in": carries,
    }
    return [*(ask for ask in ASKED_OF_ALL if hangs.get(ask.name)), *found.asks]


def _conditions(found: Pack) -> Iterator[When]:
    for rules in found.versions:
        for other in rules.instead.value or ():
            yield other.when
        for minimum in rules.minimums.value or ():
            yield minimum.when


def describe(found: Pack) -> dict[str, Any]:
    """The words that a case may use with that authority."""
    facts = {}
    for ask in (*ASKED_OF_ALL, *found.asks):
        kind = " or ".join(ask.choices) if ask.choices else ask.kind.replace("_", " or ")
        facts[ask.name] = f"{kind}: {ask.says}"
    return {
        "authority": found.survey_rows[0],
        "name": found.name,
        "profession": found.profession,
        "unit": found.unit,
        "license_types": {kind.id: kind.name for kind in found.license_types},
        "topics": topics(found),
        "roles": {role.id: role.name for role in found.roles},
        "facts": facts,
        "modes": list(MODES),
        "also_spelled": {
            term.id: list(term.also)
            for term in (*found.license_types, *found.topics, *found.roles)
            if term.also
        },
        "sources": [
            {
                "title": source.title,
                "url": source.url,
                "checked": source.checked.isoformat(),
                "confidence": source.confidence,
            }
            for source in found.sources.values()
        ],
    }
