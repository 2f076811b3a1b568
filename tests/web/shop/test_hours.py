"""Do my hours count? A page for whoever holds a license, without an account."""

from typing import Any

import lxml.html
import pytest
from django.test import Client

from creditable.credit import pack, phrases

TEXAS, COUNSELORS = "/hours/US-TX-TDLR-ELEC/", "/hours/US-TX-BHEC-LPC/"
LICENSE = {"type": "journeyman_electrician", "expires": "2026-06-15"}


def sent(license: dict[str, str], *courses: dict[str, str], **more: str) -> dict[str, str]:
    """The form as a browser sends it, with an empty row at the end."""
    rows = [*courses, {}]
    empty = dict.fromkeys(("course", "finished", "amount", "topic", "mode"), "")
    fields = {
        f"{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in {**empty, "unit": "units", **row}.items()
    }
    return {**license, **fields, **more}


def course(amount: str, finished: str = "2026-03-01", **more: str) -> dict[str, str]:
    return {"course": "TX-1", "finished": finished, "amount": amount, **more}


def words(answer: Any) -> str:
    return " ".join(lxml.html.fromstring(answer.content).text_content().split())


@pytest.fixture
def stranger(client: Client) -> Client:
    return client


def test_one_chooses_whose_rules(stranger: Client, db: None) -> None:
    page = stranger.get("/hours/")
    assert "Texas Department of Licensing and Regulation: electrician" in words(page)
    assert stranger.get("/hours/", {"authority": ""}).status_code == 422
    there = stranger.get("/hours/", {"authority": "US-TX-TDLR-ELEC"})
    assert there.headers["Location"] == TEXAS
    assert stranger.get("/hours/US-XX/").status_code == 404


def test_the_providers_own_authorities_stand_first_and_no_two_read_alike(
    stranger: Client, db: None
) -> None:
    page = lxml.html.fromstring(stranger.get("/hours/").content)
    ours, others = page.xpath("//select[@name='authority']/optgroup")
    told = [option.text for option in ours]
    assert "Demo State Board of Electricians: electrician" in told
    assert "Texas Department of Licensing and Regulation: electrician" in told
    told += [option.text for option in others]
    assert len(told) == len(set(told)) > 50
    judged = stranger.post(
        "/hours/demo-state-board/",
        sent({"type": "journeyman", "expires": "2026-06-15"}, course("2", topic="nec")),
    )
    assert "Yes: enough for this renewal" in words(judged)


def test_enough_hours_are_told_with_what_each_course_counts(stranger: Client, db: None) -> None:
    said = words(
        stranger.post(TEXAS, sent(LICENSE, course("2", topic="nec"), course("2", topic="law")))
    )
    assert "Yes: enough for this renewal" in said
    assert "License period from June 16, 2025 to June 15, 2026" in said
    assert "Counted: 4 hours. Needed: 4 hours." in said
    assert "16 TAC 73.25" in said
    assert "quoted from it word for word" in said
    assert ", verbatim" not in said


def test_how_sure_a_source_makes_us_has_words_for_every_grade() -> None:
    assert phrases.CONFIDENCE.keys() == pack.CONFIDENCE


def test_too_few_hours_are_told_with_what_is_missing(stranger: Client, db: None) -> None:
    answer = stranger.post(TEXAS, sent(LICENSE, course("4"), course("4", "2026-04-01")))
    assert "Yes: enough" in words(answer)
    late = sent({**LICENSE, "renewal_date": "2027-04-10"}, course("4"))
    said = words(stranger.post(TEXAS, late))
    assert "Not enough yet for this renewal" in said
    assert "4 hours more" in said
    assert "before the period 2026-04-10 to 2027-04-10" in said


def test_what_nobody_knows_is_asked_for(stranger: Client, db: None) -> None:
    said = words(stranger.post(TEXAS, sent({}, course("4"))))
    assert "We cannot tell" in said
    assert "license.expires or renewal_date" in said


def test_what_the_rules_ask_stands_in_the_form(stranger: Client, db: None) -> None:
    page = lxml.html.fromstring(stranger.get(COUNSELORS).content)
    assert page.xpath("//input[@name='role_supervisor']")
    license = {"expires": "2026-06-30", "fact_jurisprudence_exam": "yes"}
    rows = [
        {"course": "E", "finished": "2026-01-05", "amount": "5", "topic": "ethics"},
        {"course": "C", "finished": "2026-01-06", "amount": "3", "topic": "cultural"},
        {"course": "G", "finished": "2026-01-07", "amount": "900", "unit": "minutes"},
    ]
    said = words(stranger.post(COUNSELORS, sent(license, *rows)))
    assert "Yes: enough" in said
    without = {**license, "fact_jurisprudence_exam": "no"}
    said = words(stranger.post(COUNSELORS, sent(without, *rows)))
    assert "jurisprudence exam (worth 1 hour of Ethics)" in said


def test_more_rows_keep_what_was_typed(stranger: Client, db: None) -> None:
    answer = stranger.post(TEXAS, sent(LICENSE, course("2"), more="1"))
    page = lxml.html.fromstring(answer.content)
    assert answer.status_code == 200
    assert page.xpath("//input[@name='0-course']/@value") == ["TX-1"]
    assert len(page.xpath("//fieldset")) == 6
    assert not page.xpath("//*[@id='verdict']")


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"finished": "2026-02-30"}, "Enter a date"),
        ({"amount": "-3"}, "Enter more than nothing"),
        ({"amount": ""}, "Enter how long it was"),
        ({"amount": "many"}, "Enter a number"),
        ({"topic": "gardening"}, "Select a valid choice"),
        ({"mode": "telepathy"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_named(
    stranger: Client, db: None, broken: dict[str, str], complaint: str
) -> None:
    answer = stranger.post(TEXAS, sent(LICENSE, {**course("2"), **broken}))
    assert answer.status_code == 422
    assert complaint in words(answer)


def test_dates_that_contradict_each_other_are_named(stranger: Client, db: None) -> None:
    license = {"issued": "2026-07-01", "expires": "2026-06-15"}
    answer = stranger.post(TEXAS, sent(license, course("2")))
    assert answer.status_code == 422
    assert "comes before the day of issue, 2026-07-01" in words(answer)


def test_no_rows_at_all_count_nothing(stranger: Client, db: None) -> None:
    said = words(stranger.post(TEXAS, LICENSE))
    assert "Counted: 0 hours. Needed: 4 hours." in said


def test_more_rows_than_there_can_be_do_no_harm(stranger: Client, db: None) -> None:
    answer = stranger.post(TEXAS, sent(LICENSE, *[course("0.5", topic="nec")] * 100))
    assert "Counted: 30 hours." in words(answer)


def test_nothing_is_kept(stranger: Client, db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0, exact=False) as asked:
        stranger.post(TEXAS, sent(LICENSE, course("4")))
    assert not any(
        query["sql"].startswith(("INSERT", "UPDATE", "DELETE")) for query in asked.captured_queries
    )
    assert not stranger.cookies


def test_every_authority_has_its_page(stranger: Client, db: None) -> None:
    page = lxml.html.fromstring(stranger.get("/hours/").content)
    rows = [row for row in page.xpath("//select//option/@value") if row]
    assert len(rows) == 65 + 1  # the survey's, and the provider's own
    for row in rows:
        answer = stranger.post(f"/hours/{row}/", sent({"expires": "2026-06-30"}, course("4")))
        assert answer.status_code == 200, row
        ids = lxml.html.fromstring(answer.content).xpath("//@id")
        assert len(set(ids)) == len(ids), row
        assert stranger.get(f"/hours/{row}/").status_code == 200, row
