"""A completion is worth what each authority says, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from creditable.credit import awards, counts, held, names, packs
from creditable.credit.models import Award, Report
from creditable.credit.pack import Pack, read
from creditable.lib.refusal import Refused
from creditable.people import licenses
from creditable.people.models import License, Person
from tests.credit.conftest import SHIPPED
from tests.factories.credit import (
    BOARD,
    BY,
    TEXAS,
    fact_of,
    make_approval,
    make_award,
    make_course,
)
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db

COUNSELORS = "us-tx-bhec-counselors"
NEW_YORK = "us-ny-nysed-social-work"


def license_of(
    person: Person,
    authority: str = TEXAS,
    license_type: str = "journeyman_electrician",
    number: str = "0123456",
    expires: date | None = date(2027, 6, 15),
) -> License:
    return licenses.add(
        subject_id=person.pk,
        authority=authority,
        license_type=license_type,
        number=number,
        name_as_printed=person.name,
        issued=None,
        expires=expires,
        by=person.actor,
    )


def test_credit_is_awarded_to_each_license_that_the_course_is_approved_for() -> None:
    person = make_person()
    license_of(person)
    license_of(person, BOARD, "journeyman", "J-11111")
    course = make_course(TEXAS, BOARD)
    made = {award.authority: award for award in make_award(person.pk, course)}
    assert {name: award.minutes for name, award in made.items()} == {TEXAS: 120, BOARD: 100}
    assert made[TEXAS].snapshot["license"]["number"] == "0123456"
    assert made[TEXAS].snapshot["provider"]["number"] == "DEMO-TX-1047"


def test_two_licenses_of_one_authority_are_each_credited() -> None:
    person = make_person()
    license_of(person)
    license_of(person, license_type="master_sign_electrician", number="777")
    made = make_award(person.pk, make_course(TEXAS))
    assert {award.snapshot["license"]["number"] for award in made} == {"0123456", "777"}


def test_without_a_license_the_provider_itself_certifies_the_time() -> None:
    person = make_person(name="Ana Diaz")
    (award,) = make_award(person.pk, make_course(TEXAS))
    assert (award.authority, award.minutes) == ("", 121)
    assert award.snapshot["holder_name"] == "Ana Diaz"
    assert not Report.objects.filter(award=award).exists()


def test_awarding_twice_changes_nothing() -> None:
    person = make_person()
    license_of(person)
    fact = fact_of(person.pk, make_course(TEXAS))
    first = awards.award(fact=fact, by=BY)
    assert awards.award(fact=fact, by=BY) == first
    assert Award.objects.filter(subject=person.pk).count() == 1
    assert Report.objects.filter(subject=person.pk).count() == 1


def test_the_database_itself_bars_a_second_award() -> None:
    person = make_person()
    (award,) = make_award(person.pk, make_course())
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.create(
            completion_id=award.completion_id,
            subject_id=award.subject_id,
            course_id=award.course_id,
            minutes=1,
            completed_at=award.completed_at,
            completed_on=award.completed_on,
            snapshot={},
        )


@pytest.mark.parametrize("table", ["credit_award", "credit_certificate", "credit_reportevent"])
def test_the_application_cannot_change_what_was_awarded(table: str) -> None:
    from django.db.utils import ProgrammingError

    for deed in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(deed)


def test_the_day_counts_in_the_authoritys_time_zone() -> None:
    person = make_person()
    license_of(person)
    course = make_course()
    make_approval(course, TEXAS, valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 28))
    late_evening = datetime(2026, 12, 29, 5, 30, tzinfo=UTC)
    (award,) = make_award(person.pk, course, completed_at=late_evening)
    assert (award.authority, award.completed_on) == (TEXAS, date(2026, 12, 28))
    assert award.reports.get().due_on == date(2027, 1, 4)


def test_a_lapsed_approval_earns_nothing_from_its_authority() -> None:
    person = make_person()
    license_of(person)
    course = make_course()
    make_approval(course, TEXAS, valid_to=date(2026, 12, 27))
    (award,) = make_award(person.pk, course)
    assert award.authority == ""


def test_texas_credits_the_same_course_number_once() -> None:
    person = make_person()
    license_of(person)
    course = make_course(TEXAS)
    make_award(person.pk, course)
    (again,) = make_award(person.pk, course)
    assert again.authority == ""


def test_award_survives_the_removal_of_the_license() -> None:
    person = make_person()
    license = license_of(person)
    (award,) = make_award(person.pk, make_course(TEXAS))
    licenses.remove(license=license, by=person.actor)
    award.refresh_from_db()
    assert award.snapshot["license"]["number"] == "0123456"


def test_an_award_must_be_whole_or_the_providers_own() -> None:
    person = make_person()
    course = make_course(TEXAS)
    with pytest.raises(IntegrityError, match="credit_award_whole"), transaction.atomic():
        Award.objects.create(
            completion_id=fact_of(person.pk, course).completion_id,
            subject_id=person.pk,
            course=course,
            authority=TEXAS,
            minutes=120,
            completed_at=datetime(2026, 12, 28, tzinfo=UTC),
            completed_on=date(2026, 12, 28),
            snapshot={},
        )


def today() -> date:
    from creditable.audit.clock import now
    from creditable.lib.dates import local_date

    return local_date(now(), "America/Chicago")


def test_what_the_course_page_says_before_and_after() -> None:
    person = make_person()
    license_of(person, expires=today() + timedelta(days=100))
    course = make_course(TEXAS)
    (prospect,) = counts.holder(person.pk).prospects(course, "self_paced_online")
    assert prospect.headline == "Yes: 2 hours count toward your 4 hours"
    assert prospect.license_name == "Journeyman Electrician 0123456"
    held.add(
        subject_id=person.pk,
        authority=TEXAS,
        course_title="Code update",
        course_number="tx-other",
        completed_on=today(),
        minutes=120,
        by=person.actor,
    )
    (prospect,) = counts.holder(person.pk).prospects(course, "self_paced_online")
    assert prospect.headline == "Yes: completes your 4 hours"
    make_award(person.pk, course, completed_at=datetime.now(UTC) - timedelta(days=1))
    (prospect,) = counts.holder(person.pk).prospects(course, "self_paced_online")
    assert (prospect.answer, prospect.reasons[0].code) == ("no", "duplicate")


def test_the_verdicts_cost_the_same_for_one_license_and_three(
    django_assert_num_queries: object,
) -> None:
    person = make_person()
    course = make_course(TEXAS, BOARD)
    license_of(person)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(counts.holder(person.pk).prospects(course, "self_paced_online")) == 1
    license_of(person, number="2")
    license_of(person, BOARD, "master", "M-22222")
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(counts.holder(person.pk).prospects(course, "self_paced_online")) == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"authority": "us-xx"}, "authority"),
        ({"completed_on": date(2090, 1, 1)}, "completed_on"),
        ({"minutes": 0}, "hours"),
        ({"minutes": 10**6}, "hours"),
        ({"topic": "yoga"}, "topic"),
        ({"mode": "by mail"}, "mode"),
    ],
)
def test_credit_from_elsewhere_is_refused_at_its_field(
    change: dict[str, object], field: str
) -> None:
    person = make_person()
    told: dict[str, object] = {
        "authority": TEXAS,
        "course_title": "Code update",
        "course_number": "X",
        "completed_on": date(2026, 1, 1),
        "minutes": 60,
    }
    with pytest.raises(Refused) as refusal:
        held.add(subject_id=person.pk, by=person.actor, **{**told, **change})  # type: ignore[arg-type]
    assert refusal.value.field == field


def test_credit_from_elsewhere_is_told_once() -> None:
    person = make_person()
    told = {
        "subject_id": person.pk,
        "authority": TEXAS,
        "course_title": "Code update",
        "course_number": "X",
        "completed_on": date(2026, 1, 1),
        "minutes": 60,
        "by": person.actor,
    }
    held.add(**told)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        held.add(**{**told, "course_number": " x "})  # type: ignore[arg-type]


def test_a_name_that_differs_is_found_before_the_exam() -> None:
    person = make_person(name="Dana Whitfield")
    license = license_of(person)
    course = make_course(TEXAS)
    assert names.check(person, course) == []
    License.objects.filter(pk=license.pk).update(name_as_printed="Dana Whitman")
    (mismatch,) = names.check(person, course)
    assert (mismatch.license_name, mismatch.account_name) == ("Dana Whitman", "Dana Whitfield")
    assert names.check(person, make_course(BOARD)) == []


def test_the_facts_of_a_completion_are_taken_over() -> None:
    person = make_person()
    fact = replace(fact_of(person.pk, make_course()), score_percent=71)
    (award,) = awards.award(fact=fact, by=BY)
    assert award.snapshot["score_percent"] == 71
    assert award.snapshot["course"]["instructor"] == fact.instructor


@pytest.fixture
def counselors(monkeypatch: pytest.MonkeyPatch) -> Pack:
    """The provider serves the counselors of Texas too."""
    served = {pack.id: pack for pack in packs.all()} | {COUNSELORS: read(SHIPPED / COUNSELORS)}
    monkeypatch.setattr(packs, "_packs", lambda: served)
    return served[COUNSELORS]


def test_what_the_rules_ask_besides_hours_is_answered_at_the_license(counselors: Pack) -> None:
    person = make_person()
    license = license_of(person, COUNSELORS, "lpc", "70001", today() + timedelta(days=200))
    held.add(
        subject_id=person.pk,
        authority=COUNSELORS,
        course_title="Everything",
        course_number="ALL",
        completed_on=today(),
        minutes=24 * 60,
        mode="in_person",
        by=person.actor,
    )
    (standing,) = counts.holder(person.pk).standings()
    assert standing.missing_text == (
        "jurisprudence exam (worth 1 hour of Ethics), 5 hours of Ethics, "
        "3 hours of Cultural diversity or competency"
    )
    for topic, hours in (("ethics", 6), ("cultural", 3)):
        held.add(
            subject_id=person.pk,
            authority=COUNSELORS,
            course_title=topic,
            course_number=topic,
            completed_on=today(),
            minutes=hours * 60,
            topic=topic,
            mode="in_person",
            by=person.actor,
        )
    (standing,) = counts.holder(person.pk).standings()
    assert standing.missing_text == "jurisprudence exam (worth 1 hour of Ethics)"
    assert {ask.name for ask in counselors.asks} == {"jurisprudence_exam"}

    licenses.answer(license=license, roles=[], facts={"jurisprudence_exam": True}, by=person.actor)
    (standing,) = counts.holder(person.pk).standings()
    assert standing.verdict == "met"

    licenses.answer(
        license=license, roles=["supervisor"], facts={"jurisprudence_exam": True}, by=person.actor
    )
    (standing,) = counts.holder(person.pk).standings()
    assert standing.missing_text == "6 hours of Supervision"


def test_what_must_be_taken_in_certain_ways_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    served = {pack.id: pack for pack in packs.all()} | {NEW_YORK: read(SHIPPED / NEW_YORK)}
    monkeypatch.setattr(packs, "_packs", lambda: served)
    person = make_person()
    license_of(person, NEW_YORK, "lcsw", "081234", today() + timedelta(days=200))
    (standing,) = counts.holder(person.pk).standings()
    assert (standing.missing_text, standing.modes_text) == (
        "36 hours",
        "At least 24 hours of it in person or live online.",
    )


@pytest.mark.usefixtures("counselors")
def test_an_answer_that_the_rules_do_not_understand_any_more_is_none() -> None:
    person = make_person()
    license = license_of(person, COUNSELORS, "lpc", "70001", today() + timedelta(days=200))
    for facts in ({"jurisprudence_exam": "perhaps"}, {"gone": True}):
        licenses.answer(license=license, roles=["king"], facts=facts, by=person.actor)
        (standing,) = counts.holder(person.pk).standings()
        assert standing.verdict == "not met"


def test_answers_go_with_the_period_that_they_are_about() -> None:
    person = make_person()
    license = license_of(person, COUNSELORS, "lpc", "70001", today() + timedelta(days=200))
    licenses.answer(license=license, roles=["supervisor"], facts={}, by=person.actor)
    told = {
        "authority": COUNSELORS,
        "license_type": "lpc",
        "number": "70002",
        "name_as_printed": "Ana Diaz",
        "issued": None,
        "by": person.actor,
    }
    kept = licenses.change(license=license, expires=license.expires, **told)  # type: ignore[arg-type]
    assert kept.answers["roles"] == ["supervisor"]
    later = date(2029, 6, 15)
    assert licenses.change(license=license, expires=later, **told).answers == {}  # type: ignore[arg-type]
