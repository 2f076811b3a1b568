"""A case that cannot be is refused with its place; one that is odd is judged as it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditable.credit import atlas, case, verdicts
from creditable.credit.case import CaseRefused

TEXAS = "US-TX-TDLR-ELEC"
MASTER = {"type": "master electrician", "expires": "2026-06-15"}
ENGINEER = {"type": "PE", "expires": "2026-12-31"}
SUMMER = {"expires": "2026-06-30"}


def course(units: Any, finished: Any = "2026-01-05", **more: Any) -> dict[str, Any]:
    return {"finished": finished, "units": units, **more}


def judged(authority: str, license: Any, *completions: Any, **more: Any) -> Any:
    stated = {
        "authority": authority,
        "license": license,
        "completions": list(completions),
        **more,
    }
    found = case.read(json.dumps(stated))
    return verdicts.judge(atlas.find(authority), found).plain()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1"),
        ("{", "line 1"),
        ("[]", "must be an object"),
        ("null", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"authority": NaN}', "NaN"),
        ('{"authority": 1' + "0" * 5000 + "}", "thousands of digits"),
        ('{"authority": "a", "authority": "b"}', "authority: stands twice"),
        ("{}", "authority: must be text"),
        ('{"authority": 5}', "authority: must be text"),
    ],
)
def test_what_is_no_case_is_refused(text: str, place: str) -> None:
    with pytest.raises(CaseRefused) as refused:
        case.read(text)
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"lisence": {}}, "lisence"),
        ({"license": []}, "license"),
        ({"license": {"expiry": "2026-06-15"}}, "license.expiry"),
        ({"license": {"expires": "2026-02-29"}}, "license.expires"),
        ({"license": {"roles": "dual"}}, "license.roles"),
        ({"license": {"issued": "2027-01-01", "expires": "2026-06-15"}}, "license.expires"),
        ({"license": {"issued": "2026-01-01"}, "renewal_date": "2025-01-01"}, "renewal_date"),
        ({"renewal_date": 20260101}, "renewal_date"),
        ({"completions": {}}, "completions"),
        ({"completions": ["x"]}, "completions[0]"),
        ({"completions": [course(1), course(-1)]}, "completions[1].units"),
        ({"completions": [course(True)]}, "completions[0].units"),
        ({"completions": [course("4")]}, "completions[0].units"),
        ({"completions": [course(4, minutes=240)]}, "completions[0].minutes"),
        ({"completions": [{"finished": "2026-01-05"}]}, "completions[0].minutes"),
        ({"completions": [course(1e18)]}, "completions[0].units"),
        ({"completions": [course(1e-30)]}, "completions[0].units"),
        ({"completions": [course(4, "2026-02-30")]}, "completions[0].finished"),
        ({"completions": [course(4, "2026-01-05T25:00")]}, "completions[0].finished"),
        ({"completions": [course(4, "2026-W01-1")]}, "completions[0].finished"),
        ({"completions": [course(4, "0001-01-01")]}, "completions[0].finished"),
        ({"completions": [course(4, "9999-12-31")]}, "completions[0].finished"),
        ({"completions": [course(4, topics=["nec"])]}, "completions[0].topics"),
        ({"completions": [course(4, topics={"nec": -1})]}, "completions[0].topics.nec"),
        ({"completions": [course(4, topics={"nec": 3, "law": 2})]}, "completions[0].topics"),
        ({"completions": [course(4, mode="online")]}, "completions[0].mode"),
        ({"completions": [course(4, hours=4)]}, "completions[0].hours"),
        ({"completions": [course(4, approval=[])]}, "completions[0].approval"),
        ({"facts": [1]}, "facts"),
        ({"facts": {"carry_in": [1]}}, "facts.carry_in"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(part: dict[str, Any], place: str) -> None:
    with pytest.raises(CaseRefused) as refused:
        case.read(json.dumps({"authority": TEXAS, "completions": [], **part}))
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("authority", "facts", "cure"),
    [
        ("US-TX-TBPELS-PE", {"carry_in": "many"}, "number"),
        ("US-TX-TBPELS-PE", {"carry_in": -3}, "number"),
        ("US-TX-LCDC", {"degree": "wizard"}, "one of"),
        ("US-NC-NCBEEC-FULL", {"qualified_by_exam": True}, "date"),
        ("US-NC-NCBEEC-FULL", {"qualified_by_exam": "2026-02-30"}, "no date"),
        ("US-TX-BHEC-LPC", {"jurisprudence_exam": 3}, "true, false"),
    ],
)
def test_a_fact_of_another_kind_is_refused(
    authority: str, facts: dict[str, Any], cure: str
) -> None:
    with pytest.raises(CaseRefused, match=cure) as refused:
        judged(authority, SUMMER, facts=facts)
    assert refused.value.place.startswith("facts.")


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        ("2025-06-15", "not met"),
        ("2025-06-16", "met"),
        ("2026-06-15", "met"),
        ("2026-06-16", "not met"),
    ],
)
def test_both_ends_of_a_term_count(day: str, verdict: str) -> None:
    assert judged(TEXAS, MASTER, course(4, day))["verdict"] == verdict


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        ("2024-12-31", "not met"),
        ("2025-01-01", "met"),
        ("2026-12-31", "met"),
        ("2027-01-01", "not met"),
    ],
)
def test_nebraska_counts_before_january_1(day: str, verdict: str) -> None:
    rows = [course(12, day, topics={"nec": 12})]
    for license in ({"expires": "2027-01-01"}, {"expires": "2026-12-31"}):
        assert judged("US-NE-ELEC", license, *rows)["verdict"] == verdict
    assert judged("US-NE-ELEC", {}, *rows, renewal_date="2026-11-01")["verdict"] == verdict


@pytest.mark.parametrize(
    ("minutes", "verdict"), [(199, "not met"), (200, "cannot tell"), (240, "met")]
)
def test_an_unknown_hour_matters_only_between_fifty_and_sixty_minutes(
    minutes: int, verdict: str
) -> None:
    row = {"finished": "2026-01-05", "minutes": minutes}
    found = judged(TEXAS, MASTER, row)
    assert found["verdict"] == verdict
    assert bool(found["needs"]) == (verdict == "cannot tell")


def test_texas_carries_nothing_over() -> None:
    found = judged(TEXAS, MASTER, course(12, "2025-01-10"))
    assert (found["verdict"], found["carry_in"]) == ("not met", 0)
    assert judged(TEXAS, MASTER, course(12))["carry_out"] == 0


def test_a_late_window_that_begins_on_a_leap_day_s_eve() -> None:
    license = {**MASTER, "expires": "2028-01-31"}
    for day, verdict in (("2027-02-27", "not met"), ("2027-02-28", "met")):
        found = judged(TEXAS, license, course(4, day), renewal_date="2028-02-29")
        assert found["verdict"] == verdict


def test_an_instant_is_a_date_where_the_authority_is() -> None:
    license = {"type": "SW", "expires": "2027-08-31"}
    rows = [course(30, "2027-09-01T03:30:00Z", topics={"medical errors": 2, "ethics": 3})]
    facts = {"cycle_index": 2}
    assert judged("US-FL-491", license, *rows, facts=facts)["verdict"] == "met"
    rows[0]["finished"] = "2027-09-01T04:30:00Z"
    assert judged("US-FL-491", license, *rows, facts=facts)["verdict"] == "not met"


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2026-01-04", "not met"), ("2026-01-05", "met"), ("2026-01-06", "not met")],
)
def test_an_approval_holds_from_day_to_day(day: str, verdict: str) -> None:
    approval = {"number": "TX-1", "valid_from": "2026-01-05", "valid_to": "2026-01-05"}
    assert judged(TEXAS, MASTER, course(4, day, approval=approval))["verdict"] == verdict


def test_a_number_of_its_own_makes_another_course() -> None:
    same = judged(TEXAS, MASTER, course(2, course="A"), course(2, "2026-02-01", course="A"))
    assert (same["verdict"], same["counted"]) == ("not met", 2)
    anew = [course(2, course="A", approval="1"), course(2, "2026-02-01", course="A", approval="2")]
    assert judged(TEXAS, MASTER, *anew)["verdict"] == "met"


def test_whether_a_course_counts_twice_matters_only_where_it_decides() -> None:
    rows = [course(4, course="A", mode="in_person"), course(4, "2026-02-01", course="A")]
    rows[1]["mode"] = "in_person"
    unsure = judged("US-NC-NCBEEC-FULL", SUMMER, *rows)
    assert unsure["verdict"] == "cannot tell"
    assert unsure["needs"] == ["whether NCBEEC counts the same course twice"]
    enough = judged("US-NC-NCBEEC-FULL", SUMMER, *rows, course(8, mode="in_person"))
    assert enough["verdict"] == "met"


@pytest.mark.parametrize(
    ("authority", "verdict"),
    [(TEXAS, "not met"), ("US-TX-TBPELS-PE", "met"), ("US-ME-ELEC", "cannot tell")],
)
def test_a_course_without_approval(authority: str, verdict: str) -> None:
    row = course(15, approval=None, topics={"ethics": 1} if "PE" in authority else {})
    found = judged(authority, {"expires": "2026-12-31"}, row)
    assert found["verdict"] == verdict


@pytest.mark.parametrize(
    ("topics", "counted"),
    [({}, 4), ({"nec": 2}, 4), ({"nec": 2, "business": 2}, 2), ({"business": 4}, 0)],
)
def test_texas_takes_three_topics_alone(topics: dict[str, int], counted: int) -> None:
    found = judged(TEXAS, MASTER, course(4, topics=topics))
    assert found["counted"] == counted
    assert (found["verdict"] == "met") == (counted == 4)


def test_what_a_topic_s_misspelling_costs_is_said() -> None:
    found = judged("US-TX-TBPELS-PE", ENGINEER, course(15, topics={"ethcis": 1}))
    assert found["verdict"] == "not met"
    assert "TBPELS has no topic ethcis; did you mean ethics?" in found["notes"]


def test_roles_and_facts_that_no_rule_asks_for_are_said() -> None:
    license = {**MASTER, "roles": ["king"]}
    found = judged(TEXAS, license, course(4), facts={"shoe size": 9})
    assert found["verdict"] == "met"
    assert "No rule here asks for the role king." in found["notes"]
    assert "No rule here asks for the fact shoe size." in found["notes"]


def test_an_unknown_type_of_license_is_asked_for() -> None:
    found = judged(TEXAS, {**MASTER, "type": "plumber"}, course(4))
    assert found["verdict"] == "cannot tell"
    assert "license.type" in found["needs"][0]


@pytest.mark.parametrize(("units", "verdict"), [(19, "not met"), (20, "cannot tell"), (30, "met")])
def test_a_type_that_nobody_told_matters_only_where_it_decides(units: int, verdict: str) -> None:
    found = judged("US-AL-SW", SUMMER, course(units))
    assert (found["verdict"], found["required"]) == (verdict, None)


def test_of_types_that_lack_different_hours_the_least_is_told_and_for_which() -> None:
    law = course(15, "2025-05-30", topics={"law_and_ethics": 4})
    found = judged("US-CA-BBS", {"expires": "2026-12-31"}, course(19, "2025-05-30"), law)
    assert found["verdict"] == "not met"
    assert [row["words"] for row in found["missing"]] == ["2 hours of Law and ethics"]
    (note,) = found["notes"]
    assert "Licensed Clinical Social Worker" in note
    assert "Associate" not in note


def test_a_period_is_judged_by_the_rules_at_its_end() -> None:
    found = judged("US-GA-PE", {"expires": "2023-12-31"}, course(30, "2022-01-01"))
    assert (found["verdict"], found["required"]) == ("met", 30)
    after = judged("US-GA-PE", {"expires": "2024-12-31"}, course(30, "2022-01-01"))
    assert (after["verdict"], after["required"]) == ("not met", 15)


def test_hours_of_a_period_whose_carrying_is_unknown_leave_it_open() -> None:
    rows = [course(40, "2023-05-01"), course(10, "2024-05-01")]
    found = judged("US-GA-PE", {"expires": "2024-12-31"}, *rows)
    assert found["verdict"] == "cannot tell"
    assert "carry over" in found["needs"][0]


@pytest.mark.parametrize(
    ("license", "facts", "verdict"),
    [
        ({"issued": "2025-08-01"}, {"apprenticeship_graduate": True}, "met"),
        ({"issued": "2025-08-01"}, {"apprenticeship_graduate": False}, "not met"),
        ({"issued": "2025-08-01"}, {}, "cannot tell"),
        ({"issued": "2019-08-01"}, {"apprenticeship_graduate": True}, "not met"),
    ],
)
def test_montana_s_graduates(license: dict[str, str], facts: Any, verdict: str) -> None:
    found = judged("US-MT-ELEC", {**license, "expires": "2027-07-15"}, facts=facts)
    assert found["verdict"] == verdict


@pytest.mark.parametrize(
    ("issued", "units", "verdict"),
    [
        ("2025-03-01", 0, "met"),
        ("2024-03-01", 14, "not met"),
        ("2024-03-01", 20, "cannot tell"),
        ("2024-03-01", 30, "met"),
        ("2015-03-01", 29, "not met"),
        ("2024-01-01", 29, "not met"),
        ("2025-01-01", 0, "met"),
    ],
)
def test_ohio_in_the_first_years(issued: str, units: int, verdict: str) -> None:
    rows = [course(units, "2025-06-01", topics={"ethics": 2})] if units else []
    license = {"issued": issued, "expires": "2025-12-31"}
    assert judged("US-OH-PE", license, *rows)["verdict"] == verdict


@pytest.mark.parametrize(
    ("issued", "facts", "required"),
    [
        ("2024-02-01", {}, 0),
        ("2023-12-01", {}, 30),
        ("2023-12-01", {"first_renewal": True}, 0),
        ("2024-02-01", {"first_renewal": False}, 30),
        ("2011-05-05", {}, 30),
    ],
)
def test_a_first_renewal_is_exempt_in_illinois(issued: str, facts: Any, required: int) -> None:
    license = {"issued": issued, "expires": "2025-11-30"}
    assert judged("US-IL-PE", license, facts=facts)["required"] == required


def test_hours_that_the_holder_says_were_carried_over_are_capped_and_shown() -> None:
    row = course(1, "2026-05-01", topics={"ethics": 1})
    found = judged("US-TX-TBPELS-PE", ENGINEER, row, facts={"carry_in": 20})
    assert (found["verdict"], found["carry_in"], found["counted"]) == ("met", 14, 15)
    assert found["lines"][-1]["completion"] == "carried over"


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([course(8, mode="in_person"), course(8, mode="in_person")], 8),
        ([course(12, mode="in_person"), course(4, mode="in_person")], 16),
        ([course(8, mode="self_paced"), course(8, mode="in_person")], 16),
        ([course(8, mode="in_person"), course(8, "2026-01-06", mode="in_person")], 16),
    ],
)
def test_minnesota_s_day_has_eight_hours_of_classes(rows: list[Any], counted: int) -> None:
    license = {"type": "journeyman", "expires": "2026-06-30"}
    assert judged("US-MN-DLI-ELEC", license, *rows)["counted"] == counted


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**6),
    st.floats(allow_nan=False, width=32),
    st.text(max_size=8),
    st.sampled_from(["2026-02-30", "2026-06-30", "2026-06", "in person", "2026-06-30T23:59-05:00"]),
    st.sampled_from(["in_person", "correspondence", "dual", "ethics", "nec", "yes"]),
    st.just([]),
    st.just({}),
)
WHOLE = {
    "license": {"type": "PE", "issued": "2020-01-01", "expires": "2026-06-30", "roles": ["dual"]},
    "renewal_date": "2026-06-30",
    "completions": [
        {
            "course": "A",
            "approval": "1",
            "finished": "2026-01-05",
            "units": 4,
            "topics": {"ethics": 1},
            "mode": "in_person",
            "provider": "B",
        },
        {"course": "A", "finished": "2024-01-05T10:00", "minutes": 500, "mode": "self_paced"},
    ],
    "facts": {"first_renewal": False, "cycle_index": 3, "carry_in": 2, "waiver": False},
}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(atlas.rows()), st.lists(st.tuples(st.integers(0, 99), STRANGE), max_size=3))
def test_whatever_is_put_in_is_judged_or_refused(row: str, strange: Any) -> None:
    stated: dict[str, Any] = {"authority": row, **json.loads(json.dumps(WHOLE))}
    for place, value in strange:
        spots = list(spots_of(stated))
        holder, name = spots[place % len(spots)]
        holder[name] = value
    try:
        found = case.read(json.dumps(stated))
        plain = verdicts.judge(atlas.find(found.authority), found).plain()
    except CaseRefused:
        return
    assert plain["verdict"] in {"met", "not met", "cannot tell"}
    assert bool(plain["needs"]) == (plain["verdict"] == "cannot tell")
    json.dumps(plain, allow_nan=False)


def spots_of(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the case where something else may be put."""
    names = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for name in names:
        yield part, name
        yield from spots_of(part[name])
