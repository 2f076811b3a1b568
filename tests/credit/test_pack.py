"""Packs are read strictly: a mistake is named with its file, its place and its cure."""

import shutil
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from creditable.credit import pack as packs
from creditable.credit.pack import Pack
from creditable.credit.reading import PackRefused
from tests.credit.conftest import DEMO, SHIPPED

Edit = Callable[[str, str], Path]
HOURS = "{value: 4, source: tac-73-25}"
SEVEN_DAYS = "days: 7, kind: calendar"
NO_MINUTES = "minutes_per_hour: {value: null"


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The Texas pack with one text replaced by another."""
    folder = tmp_path / "us-tx-tdlr-electricians"
    shutil.copytree(SHIPPED / folder.name, folder)

    def edit(old: str, new: str) -> Path:
        for path in (folder / "rules.yaml", folder / "report.yaml"):
            text = path.read_text()
            if old in text:
                path.write_text(text.replace(old, new, 1))
                return folder
        raise AssertionError(f"{old!r} is in neither file")

    return edit


def test_shipped_packs_are_readable_and_have_sources() -> None:
    found = packs.read_all(SHIPPED, DEMO)
    assert set(found) >= {"us-tx-tdlr-electricians", "demo-state-board"}
    for pack in found.values():
        for rules in pack.versions:
            for name in rules.__slots__:
                fact = getattr(rules, name)
                if isinstance(fact, packs.Fact) and fact.value is not None:
                    assert fact.source is not None, (pack.id, name)


def test_what_texas_does_not_say_stays_unknown(texas: Pack) -> None:
    in_force = texas.rules_on(date(2026, 11, 22))
    assert in_force is not None
    for fact in (in_force.minutes_per_hour, in_force.hour_step_minutes, in_force.pass_percent):
        assert fact.value is None
    assert in_force.hours_needed.value == Fraction(4)
    assert in_force.report_due.value is not None
    assert in_force.report_due.value.within.days == 7


def test_texas_prints_what_its_rule_lists_on_a_certificate(texas: Pack) -> None:
    fields = texas.versions[-1].certificate_fields.value
    assert fields is not None
    assert set(fields) == {
        "course_title",
        "course_number",
        "completed_on",
        "provider_name",
        "provider_number",
        "hours",
        "signatory",
        "holder_name",
        "license_type",
        "license_number",
    }


def test_license_numbers_only_warn(texas: Pack, demo_board: Pack) -> None:
    assert texas.number_warning("123456") == ""
    assert "digits" in texas.number_warning("TX-123")
    assert demo_board.number_warning("J-04711") == ""
    assert demo_board.number_warning("4711")


@pytest.mark.parametrize(
    ("old", "new", "place", "cure"),
    [
        ("hours_needed:", "hours_neded:", "hours_neded", "unknown key"),
        (HOURS, f"{HOURS}\n      repeat: {{value: term, source: tac-73-25}}", "", "stands twice"),
        ("confidence: verbatim}", "confidence: low}", "source", "too weak"),
        (NO_MINUTES, f"extra: {{value: 1}}\n      {NO_MINUTES}", "extra", "unknown key"),
        (HOURS, "{value: 4}", "hours_needed.source", "needs the source"),
        (
            "{value: 4, source: tac-73-25}",
            "{value: 4, source: rumor}",
            "hours_needed.source",
            "rumor",
        ),
        (
            "{value: 4, source: tac-73-25}",
            "{value: -4, source: tac-73-25}",
            "hours_needed.value",
            "negative",
        ),
        (
            "{value: 4, source: tac-73-25}",
            "{value: 0.001, source: tac-73-25}",
            "hours_needed",
            "whole minutes",
        ),
        (SEVEN_DAYS, "days: 7, kind: business", "report_due.value", "holidays"),
        (
            "days: 7, kind: calendar",
            "days: 7.5, kind: calendar",
            "report_due.value",
            "whole number",
        ),
        ("checked: 2026-11-22", "checked: last year", "checked", "date"),
        ("confidence: verbatim", "confidence: hearsay", "confidence", "one of"),
        ("America/Chicago", "America/Dallas", "time_zone", "IANA"),
        ('"[0-9]+"', '"[0-9+"', "license_number.pattern", "regular expression"),
        ("format: typein_list", "format: carrier_pigeon", "format", "one of"),
        ("send: staff", "send: automatic", "send", "staff"),
        ("field: participants", "field: shoe_size", "fields[6].field", "one of"),
        ("id: us-tx-tdlr-electricians", "id: us-ok", "id", "name the folder"),
    ],
)
def test_mistakes_are_named_with_place_and_cure(
    edited: Edit, old: str, new: str, place: str, cure: str
) -> None:
    folder = edited(old, new)
    with pytest.raises(PackRefused) as refused:
        packs.read(folder)
    assert place in refused.value.place
    assert cure in refused.value.cure
    assert str(folder) in str(refused.value)


def test_versions_that_overlap_are_refused(edited: Edit) -> None:
    folder = edited(
        "versions:\n", "versions:\n  - from: 2010-01-01\n    to: null\n    facts: *facts\n"
    )
    path = folder / "rules.yaml"
    text = path.read_text().replace("    facts: *facts\n", "    facts: &facts\n", 1)
    body = text.split("    facts:\n", 1)[1]
    path.write_text(text.replace("    facts: &facts\n", f"    facts: &facts\n{body}", 1))
    with pytest.raises(PackRefused, match="before the next"):
        packs.read(folder)


def test_what_is_served_needs_a_readme(edited: Edit) -> None:
    folder = edited("send: staff", "send: staff")
    (folder / "README.md").unlink()
    with pytest.raises(PackRefused, match="README"):
        packs.read(folder)


def test_by_a_pack_without_report_can_be_judged(edited: Edit) -> None:
    folder = edited("send: staff", "send: staff")
    (folder / "report.yaml").unlink()
    assert not packs.read(folder).is_served


@pytest.mark.parametrize(
    ("old", "new", "at", "cure"),
    [
        ("[statutes], hours: 1", "[statuts], hours: 1", "[statuts]", "not one of"),
        ("[statutes], hours: 1", "[statutes], hours: 31", "minimums:", "of 30"),
        ("[statutes], hours: 1", "[statutes], hours: [2, 1]", "[statutes]", "lowest"),
        ("hours: 15, periods: 1", "hours: 15, periods: 0", "carry_over:", "none"),
        ("yes}, hours: 0", "yes}, hour: 0", "yes}, hour: 0", "unknown key"),
        ("when: {first_renewal: yes}", "when: {role: gardener}", "gardener", "one of"),
        ("first: 2025-11-30", "first: 2025-11-31", "anchor:", "date"),
        ("minutes_per_hour: {value: 50", "minutes_per_hour: {value: 0", "minutes_per", "0 minutes"),
        ("to: 2020-12-31", "to: 2021-12-31", "versions:", "before the next"),
        ('"conduct"]', '"law"]', "topics:", "means both"),
    ],
)
def test_contradictions_are_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, at: str, cure: str
) -> None:
    folder = tmp_path / "us-il-pe"
    shutil.copytree(SHIPPED / folder.name, folder)
    path = folder / "rules.yaml"
    text = path.read_text().replace(old, new, 1)
    path.write_text(text)
    line = text[: text.index(at)].count("\n") + 1
    with pytest.raises(PackRefused) as refused:
        packs.read(folder)
    assert f"{path}:{line}: " in str(refused.value)
    assert cure in str(refused.value)


def test_limits_that_cross_each_other_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "us-nc-ncbeec-full"
    shutil.copytree(SHIPPED / folder.name, folder)
    path = folder / "rules.yaml"
    limit = "    - {modes: [live_online, self_paced, correspondence], share: 1/2}\n"
    text = path.read_text()
    assert limit in text
    crossing = limit + "          - {modes: [in_person, self_paced], hours: 2}\n"
    path.write_text(text.replace(limit, crossing, 1))
    with pytest.raises(PackRefused, match="within another or apart"):
        packs.read(folder)


def test_two_packs_of_one_id_are_refused() -> None:
    with pytest.raises(PackRefused, match="exists already"):
        packs.read_all(SHIPPED, SHIPPED)
