"""Every column has an answer, and a map that leaves one open is refused."""

from pathlib import Path

import pytest

from creditable.policy import datamap
from creditable.policy.datamap import DataMap, DataMapError

MAP = """\
defaults: {export: yes, corrected_by: nobody, disclosure: by rule}
people_license:
  subject: person_id.subject_id
  defaults: {category: user.government_id.ce_license, erase: erase, retention: license}
  columns:
    id: {not_personal: random row id}
    number: {corrected_by: self}
    issued: user.government_id.ce_license
    secret: {category: user.authorization.credentials, export: no, disclosure: never, reason: hash}
    on: {}
    extra:
      inner:
        name: {category: user.name}
        address: {inner: {city: user.contact.address.city}}
        "*": {not_personal: any other key is a count}
people_role:
  not_personal: the page of roles
  columns: [id, name]
people_limit:
  subject: {none: counts by address}
  columns:
    address: {category: user.device.ip_address, erase: blank, retention: security}
third_party:
  django_content_type:
    not_personal: names of the program's own models
    columns: [id]
"""


def written(folder: Path, text: str, name: str = "data_map.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def answers(tmp_path: Path) -> DataMap:
    return datamap.load([written(tmp_path, MAP)])


def test_an_answer_takes_from_column_table_and_file(answers: DataMap) -> None:
    number = answers.answers["people_license", "number"]
    assert number.personal
    assert number.category == "user.government_id.ce_license"
    assert number.subject_path == "person_id.subject_id"
    assert (number.export, number.erase, number.retention) == (True, "erase", "license")
    assert (number.corrected_by, number.disclosure) == ("self", "by rule")
    assert answers.answers["people_license", "issued"].corrected_by == "nobody"
    secret = answers.answers["people_license", "secret"]
    assert (secret.export, secret.disclosure, secret.reason) == (False, "never", "hash")


def test_a_column_that_looks_like_a_truth_value_keeps_its_name(answers: DataMap) -> None:
    assert ("people_license", "on") in answers.answers


def test_a_column_without_personal_data_says_why(answers: DataMap) -> None:
    for column in (
        ("people_license", "id"),
        ("people_role", "name"),
        ("django_content_type", "id"),
    ):
        answer = answers.answers[column]
        assert not answer.personal
        assert answer.reason
        assert answer.category is None


def test_a_json_column_answers_for_its_keys(answers: DataMap) -> None:
    extra = answers.answers["people_license", "extra"]
    assert extra.personal
    city = extra.key(("address", "city"))
    assert city is not None
    assert (city.category, city.retention) == ("user.contact.address.city", "license")
    count = extra.key(("anything.else",))
    assert count is not None
    assert not count.personal
    assert extra.key(("address",)) is None, "an object is answered by its keys"
    assert extra.key(("address", "street")) is None


def test_live_columns_without_an_answer_and_answers_without_a_column_are_found(
    answers: DataMap,
) -> None:
    live = set(answers.answers)
    assert answers.missing(live) == answers.stale(live) == []
    assert answers.missing(live | {("people_license", "birthday"), ("a_view", "name")}) == [
        ("a_view", "name"),
        ("people_license", "birthday"),
    ]
    assert answers.stale(live - {("people_role", "name")}) == [("people_role", "name")]
    assert len(answers.stale([])) == len(live) > 0


def test_live_json_keys_without_an_answer_are_found(answers: DataMap) -> None:
    live = {
        ("people_license", "extra", ("name",)),
        ("people_license", "extra", ("address", "city")),
        ("people_license", "extra", ("address", "street")),
        ("people_license", "extra", ("whatever.else",)),
        ("people_license", "number", ("inside",)),
        ("people_role", "name", ("inside",)),
        ("a_view", "column", ("key",)),
    }
    assert answers.missing_keys(live) == [
        ("a_view", "column", ("key",)),
        ("people_license", "extra", ("address", "street")),
        ("people_license", "number", ("inside",)),
    ]


def test_words_that_the_policy_does_not_know_are_found(answers: DataMap) -> None:
    found = answers.unknown(
        categories={
            "user.government_id.ce_license",
            "user.authorization.credentials",
            "user.device.ip_address",
            "user.name",
        },
        retention={"license"},
    )
    assert [(problem.line, problem.message) for problem in found] == [
        (14, "people_license.extra.address.city: 'user.contact.address.city' is no category"),
        (22, "people_limit.address: 'security' is no retention class"),
    ]
    assert "Use one of: license." in found[1].cure


def test_every_place_of_personal_data_has_its_category(answers: DataMap) -> None:
    found = answers.categories()
    assert found["people_license.number"] == "user.government_id.ce_license"
    personal = [answer for answer in answers.leaves() if answer.personal]
    assert len(found) == len(personal)
    assert {place for place in found if place.count(".") > 1}, "keys of a JSON column count too"


def test_files_of_several_apps_become_one_map(tmp_path: Path, answers: DataMap) -> None:
    other = "store_order:\n  not_personal: none\n  columns: [id]\n"
    both = datamap.load([written(tmp_path, MAP), written(tmp_path, other, "other.yaml")])
    assert set(both.answers) == {*answers.answers, ("store_order", "id")}


def test_a_table_is_answered_once(tmp_path: Path) -> None:
    again = "third_party:\n  people_role:\n    not_personal: again\n    columns: [id]\n"
    files = [written(tmp_path, MAP), written(tmp_path, again, "again.yaml")]
    with pytest.raises(DataMapError, match="'people_role' is answered twice") as raised:
        datamap.load(files)
    assert (Path(raised.value.problems[0].file).name, raised.value.problems[0].line) == (
        "again.yaml",
        2,
    )


FAULTS = {
    "unknown key": ("corrected_by: self}", "correct: self}", "no key 'correct'"),
    "open question": ("retention: license}", "corrected_by: self}", "does not answer 'retention'"),
    "kept in silence": (
        "erase: erase, retention: license}",
        "erase: keep, retention: license}",
        "rea",
    ),
    "hidden in silence": (", reason: hash}", "}", "without a reason"),
    "unknown way to erase": ("erase: blank", "erase: shred", "'shred' is no way to erase"),
    "unknown corrector": ("corrected_by: self}", "corrected_by: me}", "'me' is no corrector"),
    "unknown disclosure": ("disclosure: never", "disclosure: maybe", "'maybe' is no disclosure"),
    "export is a word": ("export: no,", "export: maybe,", "export is text"),
    "no subject": ("  subject: person_id.subject_id\n", "", "names no subject"),
    "subject is no path": ("person_id.subject_id", "person id", "is no path of columns"),
    "no reason why no subject": (
        "{none: counts by address}",
        "{}",
        "'none'",
    ),
    "mixed erasure": ("    on: {}", "    on: {erase: blank}", "both erases its rows and keeps"),
    "two verdicts": ("{not_personal: random row id}", "{not_personal: x, export: no}", "'export'"),
    "no reason": ("not_personal: the page of roles", "not_personal:", "the reason is nothing"),
    "no columns": ("  columns: [id, name]\n", "", "lacks 'columns'"),
    "column twice": ("columns: [id, name]", "columns: [id, id]", "'id' stands twice"),
    "empty inner map": ("{inner: {city: user.contact.address.city}}", "{inner: {}}", "empty inner"),
    "misplaced columns": ("people_role:\n", "people_role:\n  subject: x\n", "no key 'subject'"),
    "category is empty": ("    on: {}", "    on:", "category is nothing"),
}


@pytest.mark.parametrize(("old", "new", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_map_that_leaves_a_question_open_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in MAP
    with pytest.raises(DataMapError) as raised:
        datamap.load([written(tmp_path, MAP.replace(old, new))])
    assert any(words in problem.message for problem in raised.value.problems), str(raised.value)
    assert all(problem.line > 0 and problem.cure for problem in raised.value.problems)


def test_the_map_is_checked_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path, MAP), written(tmp_path, "x: 1\n", "bad.yaml")
    assert datamap.main([str(good)]) == 0
    assert "10 columns of 4 tables" in capsys.readouterr().out
    assert datamap.main([str(good), str(bad)]) == 1
    assert "bad.yaml:1" in capsys.readouterr().out
