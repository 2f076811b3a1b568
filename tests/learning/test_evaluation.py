"""A course may ask what learners think of it, and may ask for that before it is complete."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError

from creditable.audit.guard import Frozen
from creditable.credit.models import Award
from creditable.learning import enrollment, evaluation, study
from creditable.learning.models import Completion, Enrollment, Evaluation, EvaluationAnswer
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from tests.factories.catalog import BY, make_course, survey
from tests.factories.learning import begin_exam, enroll, sit_all, take_exam
from tests.factories.people import make_person

ANSWERS: dict[str, int | str] = {"first": 4, "teacher": 5, "pace": 1, "words": "More  pictures."}
Move = Callable[[timedelta], None]


@pytest.fixture
def place(ana: Person) -> Enrollment:
    """A place in a course that asks for an evaluation."""
    return enroll(ana, make_course(evaluation=survey()))


@pytest.fixture
def passed(ana: Person, place: Enrollment) -> Enrollment:
    sit_all(place)
    take_exam(ana, place, right=4)
    return place


def say(
    person: Person, place: Enrollment, answers: dict[str, int | str] | None = None
) -> Completion | None:
    return evaluation.answer(
        subject_id=person.pk,
        slug=place.course_version.course.slug,
        answers=ANSWERS if answers is None else answers,
        by=person.actor,
    )


def test_a_passed_exam_completes_nothing_before_the_evaluation(
    ana: Person, passed: Enrollment, move_clock: Move
) -> None:
    assert Completion.objects.count() == Award.objects.count() == 0
    with pytest.raises(Refused, match="passed this exam already"):
        begin_exam(ana, passed)
    move_clock(timedelta(hours=1))
    done = say(ana, passed)
    assert done is not None
    assert done.completed_at == Evaluation.objects.get().at
    assert done.completed_at - done.attempt.started_at > timedelta(minutes=59)
    assert [line["name"] for line in done.checklist][-1] == "evaluation"
    assert Award.objects.count() == 1


def test_answers_are_stored_once_and_a_second_time_changes_nothing(
    ana: Person, passed: Enrollment
) -> None:
    first = say(ana, passed)
    assert say(ana, passed, ANSWERS | {"first": 1}) == first
    stored = EvaluationAnswer.objects.order_by("ref").values_list("ref", "value", "text")
    assert list(stored) == [
        ("first", 4, ""),
        ("pace", 1, ""),
        ("teacher", 5, ""),
        ("words", None, "More pictures."),
    ]
    with pytest.raises(Frozen):
        EvaluationAnswer.objects.all()[0].save()


def test_an_enrollment_has_one_evaluation(ana: Person, passed: Enrollment) -> None:
    say(ana, passed)
    with pytest.raises(IntegrityError):
        Evaluation.objects.create(enrollment=passed)


def test_an_answer_says_one_thing(ana: Person, passed: Enrollment) -> None:
    say(ana, passed)
    with pytest.raises(IntegrityError, match="says_one"):
        EvaluationAnswer.objects.create(
            evaluation=Evaluation.objects.get(), ref="second", value=1, text="both"
        )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 6}, "first"),
        ({"first": "4"}, "first"),
        ({"pace": 3}, "pace"),
        ({"pace": -1}, "pace"),
        ({"teacher": ""}, "teacher"),
        ({"words": "x" * 4001}, "words"),
        ({"words": 3}, "words"),
    ],
)
def test_what_is_no_answer_is_refused_at_its_question(
    ana: Person, passed: Enrollment, wrong: dict[str, int | str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        say(ana, passed, ANSWERS | wrong)
    assert refused.value.field == field
    assert Evaluation.objects.count() == Completion.objects.count() == 0


def test_what_must_be_answered_is(ana: Person, passed: Enrollment) -> None:
    with pytest.raises(Refused) as refused:
        say(ana, passed, {"first": 4, "teacher": 5})
    assert refused.value.field == "pace"
    say(ana, passed, {"first": 4, "teacher": 5, "pace": 0, "what-nobody-asked": 3})
    assert EvaluationAnswer.objects.count() == 3


def test_it_opens_after_the_exam_is_passed(ana: Person, place: Enrollment) -> None:
    with pytest.raises(Refused, match="passed"):
        say(ana, place)
    sit_all(place)
    take_exam(ana, place, right=1)
    with pytest.raises(Refused, match="passed"):
        say(ana, place)
    with pytest.raises(Refused):
        say(make_person(), place)


def test_who_has_passed_may_finish_after_the_access_has_run_out(
    ana: Person, passed: Enrollment, move_clock: Move
) -> None:
    move_clock(timedelta(days=31))
    assert not study.of(passed).open
    assert say(ana, passed)


def test_nothing_is_earned_once_the_reason_for_the_access_was_taken_back(
    ana: Person, passed: Enrollment
) -> None:
    grant = passed.grants.get()
    enrollment.withdraw(source=grant.source, source_id=grant.source_id, by=BY)
    with pytest.raises(Refused):
        say(ana, passed)
    assert Completion.objects.count() == 0


def test_one_that_is_not_required_waits_for_nobody(ana: Person) -> None:
    place = enroll(ana, make_course(evaluation=survey(required=False)))
    sit_all(place)
    take_exam(ana, place, right=4)
    done = Completion.objects.get()
    assert "evaluation" not in [line["name"] for line in done.checklist]
    assert say(ana, place) == done
    assert Evaluation.objects.count() == 1


def test_results_are_totals_and_words_without_a_name(ana: Person, passed: Enrollment) -> None:
    say(ana, passed)
    others: list[dict[str, int | str]] = [
        {"first": 1, "teacher": 4, "pace": 1, "words": "Less talk."},
        *[{"first": 3, "teacher": 4, "pace": 0}] * 3,
    ]
    for number, answers in enumerate(others):
        assert evaluation.results(passed.course_version) is None, f"after {number + 1}"
        other = make_person()
        place = enroll(other, passed.course_version)
        sit_all(place)
        take_exam(other, place, right=4)
        say(other, place, answers)
    results = evaluation.results(passed.course_version)
    assert results is not None
    assert results.people == 5
    found = {result.question.ref: result for result in results.questions}
    assert found["first"].counts == (1, 0, 3, 1, 0)
    assert found["first"].average_hundredths == 280
    assert found["first"].question.objective == "Objective 1"
    assert (found["second"].answered, found["second"].average_hundredths) == (0, None)
    assert found["teacher"].question.instructor
    assert found["teacher"].average_hundredths == 420
    assert found["pace"].counts == (3, 2, 0)
    assert found["words"].texts == ("Less talk.", "More pictures.")
    (version,) = evaluation.evaluated()
    assert (version.pk, version.evaluations) == (passed.course_version_id, 5)  # type: ignore[attr-defined]


def test_who_looks_after_each_answer_learns_nobodys(ana: Person, passed: Enrollment) -> None:
    seen = []
    for number in range(1, 12):
        other = make_person()
        place = enroll(other, passed.course_version)
        sit_all(place)
        take_exam(other, place, right=4)
        say(other, place, ANSWERS | {"words": f"Word {number}."})
        seen.append(evaluation.results(passed.course_version))
    assert seen[:4] == [None] * 4
    assert seen[4] == seen[5] == seen[8] != seen[9] == seen[10]
    assert [results.people for results in seen if results] == [5] * 5 + [10] * 2
    assert [len(r.questions[-1].texts) for r in seen if r][-1] == 10
