"""What the engineers' courses promise beyond what every course does."""

from pathlib import Path

from creditable.catalog.importing import read_course

COURSES = Path(__file__).parents[2] / "demo" / "engineers" / "courses"


def test_the_hour_of_ethics_asks_what_engineers_think_of_it_and_waits_for_no_answer() -> None:
    draft = read_course(COURSES / "engineering-ethics-four-decisions")
    assert draft.evaluation
    assert not draft.evaluation.required
    asked = {question.objective for question in draft.evaluation.questions}
    assert asked >= {*draft.detail["objectives"]}
    assert any(question.instructor for question in draft.evaluation.questions)
    assert any(question.kind == "text" for question in draft.evaluation.questions)
