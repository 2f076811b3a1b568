"""The authorities whose packs ship, by the id of their row in the survey of authorities."""

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from creditable.credit import pack
from creditable.credit.case import CaseRefused
from creditable.credit.demands import MODES
from creditable.credit.pack import Pack

SHIPPED = Path(__file__).with_name("authorities")
STANDARD_FACTS = {
    "first_renewal": "yes or no: whether the license was first issued in this period",
    "cycle_index": "number: the how manieth renewal period this is, the first being 1",
    "period_months": "number: how many months the period has, if it is a shorter one",
    "carry_in": "number: hours carried over from the period before, if you know them",
    "waiver": "yes or no: whether the authority has waived the hours of this period",
}
_ROWS = re.compile(r"^survey_rows: \[(.+)\]$", re.MULTILINE)


@cache
def _folders() -> dict[str, Path]:
    """The folder of each row; only the line that names the rows is read."""
    found = {}
    for folder in sorted(SHIPPED.iterdir()):
        named = _ROWS.search((folder / "rules.yaml").read_text(encoding="utf-8"))
        for row in named[1].split(", ") if named else ():
            found[row] = folder
    return found


def rows() -> list[str]:
    """Every row that has a pack."""
    return sorted(_folders())


@cache
def find(row: str) -> Pack:
    """The pack of that row. CaseRefused when there is none."""
    folder = _folders().get(row) or _folders().get(row.upper())
    if folder is None:
        near = get_close_matches(row.upper(), rows(), n=3)
        cure = f"did you mean {' or '.join(near)}?" if near else "./do verdict --list has them all"
        raise CaseRefused("authority", f"{row[:60]!r} is not an authority we know; {cure}")
    return pack.read(folder)


def describe(found: Pack) -> dict[str, Any]:
    """The words that a case may use with that authority."""
    topics = {topic.id: topic.name for topic in found.topics}
    for rules in found.versions:
        topics |= {topic: topic for topic in rules.topics.value or () if topic not in topics}
    facts = dict(STANDARD_FACTS)
    for ask in found.asks:
        kind = " or ".join(ask.choices) if ask.choices else ask.kind.replace("_", " or ")
        facts[ask.name] = f"{kind}: {ask.says}"
    return {
        "authority": found.survey_rows[0],
        "name": found.name,
        "profession": found.profession,
        "unit": found.unit,
        "license_types": {kind.id: kind.name for kind in found.license_types},
        "topics": topics,
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
