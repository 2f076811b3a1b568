"""Every authority of the survey has a pack, and what is unknown there stays unknown."""

import json
from typing import Any

import pytest

from creditable.credit import atlas, case, verdicts
from creditable.credit.case import CaseRefused

UNKNOWN = [
    "US-AK-ELEC", "US-AL-ELEC", "US-AR-ELEC", "US-DE-ELEC", "US-GA-ELEC", "US-HI-ELEC",
    "US-KY-ELEC", "US-LA-ELEC", "US-MD-ELEC", "US-MN-SW", "US-NC-CODEOFF", "US-ND-ELEC",
    "US-OR-CCB", "US-RCEP", "US-VA-DPOR-TRADES", "US-WY-ELEC", "AIA-CES", "IACET", "NASBA",
    "NMLS", "US-APA-SPONSOR", "US-ASWB-ACE", "US-NAADAC", "US-NBCC-ACEP",
]  # fmt: skip


def judged(row: str, units: int, **parts: Any) -> Any:
    stated = {
        "authority": row,
        "license": {"expires": "2026-12-31"},
        "completions": [{"finished": "2026-12-01", "units": units, "mode": "in_person"}],
        **parts,
    }
    found = case.read(json.dumps(stated))
    return verdicts.judge(atlas.find(row), found)


def test_every_row_of_the_survey_has_a_pack() -> None:
    assert len(atlas.rows()) == 65


@pytest.mark.parametrize("row", atlas.rows())
def test_every_pack_is_sound_and_says_where_it_was_read(row: str) -> None:
    pack = atlas.find(row)
    assert row in pack.survey_rows
    assert pack.sources
    told = atlas.describe(pack)
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("row", UNKNOWN)
@pytest.mark.parametrize("units", [0, 500])
def test_where_the_hours_are_unknown_nobody_can_tell(row: str, units: int) -> None:
    found = judged(row, units)
    assert found.verdict == "cannot tell"
    assert found.required is None
    assert found.carry_out is None
    assert any("how many hours" in need for need in found.needs)


@pytest.mark.parametrize("row", sorted(set(atlas.rows()) - set(UNKNOWN)))
def test_where_they_are_known_no_hours_are_too_few(row: str) -> None:
    found = judged(row, 0)
    assert found.verdict == "cannot tell" if found.needs else "not met"
    assert found.verdict != "met"


def test_an_unknown_authority_is_named_with_those_that_are_near() -> None:
    with pytest.raises(CaseRefused, match="US-TX-TDLR-ELEC"):
        atlas.find("US-TX-TDLR-ELECTRIC")
