"""Which score an exam needs for which license."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from creditable.audit.clock import now
from creditable.catalog.drafts import ApprovalDraft
from creditable.credit import awards, marks, packs
from creditable.credit.conversion import PassMark, pass_mark
from creditable.credit.models import Award
from creditable.credit.pack import Fact, Rules
from creditable.learning.models import Completion, Enrollment
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories import catalog
from tests.factories.credit import BOARD, BY, TEXAS, fact_of, make_course
from tests.factories.learning import begin_exam, enroll, sit_all, take_exam
from tests.factories.people import make_person


def publishing(percent: int | None) -> Rules:
    """The board's rules with this mark."""
    return replace(packs.get(BOARD).versions[0], pass_percent=Fact(percent, None, ""))


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board asks for 80 percent."""
    board = packs.get(BOARD)
    changed = tuple(
        replace(one, pass_percent=Fact(80, one.pass_percent.source, "")) for one in board.versions
    )
    known = {pack.id: pack for pack in packs.all()}
    known[BOARD] = replace(board, versions=changed)
    monkeypatch.setattr(packs, "find", known.get)


@pytest.mark.parametrize(
    ("published", "own", "expected"),
    [
        (None, 70, PassMark(70, own=True, published=None)),
        (60, 70, PassMark(70, own=True, published=60)),
        (70, 70, PassMark(70, own=False, published=70)),
        (80, 70, PassMark(80, own=False, published=80)),
    ],
)
def test_the_authoritys_mark_counts_where_it_is_known_and_not_lower(
    published: int | None, own: int, expected: PassMark
) -> None:
    assert pass_mark(publishing(published), own) == expected


@given(st.one_of(st.none(), st.integers(0, 100)), st.integers(1, 100))
def test_no_mark_is_below_the_providers_nor_below_the_authoritys(
    published: int | None, own: int
) -> None:
    mark = pass_mark(publishing(published), own)
    assert mark.percent == max(own, published or 0)


@pytest.mark.django_db
class TestForSomebody:
    @pytest.fixture
    def ana(self, policy: None) -> Person:
        return make_person(name="Ana Diaz")

    def test_the_mark_is_told_for_each_license_that_the_course_counts_for(
        self, ana: Person, strict: None
    ) -> None:
        course = make_course(BOARD, TEXAS)
        assert marks.of(subject_id=ana.pk, course=course, own=70, at=now()) == []
        license_of(ana, BOARD, "journeyman", "J-1")
        license_of(ana)
        board, texas = marks.of(subject_id=ana.pk, course=course, own=70, at=now())
        assert (board.mark.percent, board.mark.own, board.license_numbers) == (80, False, ("J-1",))
        assert (texas.mark.percent, texas.mark.own, texas.mark.published) == (70, True, None)
        assert marks.of(subject_id=ana.pk, course=make_course(), own=70, at=now()) == []

    @pytest.mark.parametrize(
        ("score", "credited"), [(79, {TEXAS}), (80, {BOARD, TEXAS}), (70, {TEXAS})]
    )
    def test_credit_is_given_from_the_mark_of_its_authority_on(
        self, ana: Person, strict: None, score: int, credited: set[str]
    ) -> None:
        course = make_course(BOARD, TEXAS)
        license_of(ana, BOARD, "journeyman", "J-1")
        license_of(ana)
        made = awards.award(fact=fact_of(ana.pk, course, score=score), by=BY)
        assert {award.authority for award in made} == credited

    def test_below_the_only_authoritys_mark_the_providers_own_certificate_remains(
        self, ana: Person, strict: None
    ) -> None:
        license_of(ana, BOARD, "journeyman", "J-1")
        (made,) = awards.award(fact=fact_of(ana.pk, make_course(BOARD), score=75), by=BY)
        assert (made.authority, made.reports.count()) == ("", 0)


@pytest.mark.django_db
class TestShortOfALicensesMark:
    """75 percent complete the course and do not reach the board's 80."""

    @pytest.fixture
    def ana(self, policy: None, strict: None) -> Person:
        return make_person(name="Ana Diaz")

    @pytest.fixture
    def place(self, ana: Person) -> Enrollment:
        approval = ApprovalDraft(BOARD, "B-1", {"safety": 120}, date(2020, 1, 1), date(2099, 1, 1))
        place = enroll(ana, catalog.make_course(approvals=(approval,), delay_minutes=0))
        license_of(ana, BOARD, "journeyman", "J-1")
        sit_all(place)
        take_exam(ana, place, right=3)
        return place

    def test_the_learner_may_try_again_and_gets_the_credit(
        self, ana: Person, place: Enrollment, client: Client
    ) -> None:
        client.force_login(ana)
        slug = place.course_version.course.slug
        page = client.get(f"/learn/{slug}/exam/1/").content.decode()
        assert "Complete the course with 75%" in page
        assert "right answer" not in page
        assert Completion.objects.count() == 0
        take_exam(ana, place, right=4)
        assert Completion.objects.get().score_percent == 100
        assert Award.objects.get().authority == BOARD

    def test_or_completes_with_the_score_that_was_reached(
        self, ana: Person, place: Enrollment, client: Client
    ) -> None:
        client.force_login(ana)
        slug = place.course_version.course.slug
        assert client.post(f"/learn/{slug}/exam/complete/").status_code == 302
        assert client.post(f"/learn/{slug}/exam/complete/").status_code == 302
        assert Completion.objects.get().score_percent == 75
        assert Award.objects.get().authority == ""
        done = client.get(f"/learn/{slug}/completed/").content.decode()
        assert "it asks for 80% in the exam" in done

    def test_after_the_last_attempt_the_best_score_stands(
        self, ana: Person, place: Enrollment
    ) -> None:
        take_exam(ana, place, right=0)
        done = Completion.objects.get()
        assert (done.score_percent, done.attempt.number) == (75, 1)
        with pytest.raises(Refused, match="passed"):
            begin_exam(ana, place)
