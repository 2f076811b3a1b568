"""Course folders are read strictly: every fault has its file, its line and its cure."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from creditable.catalog.importing import ImportRefused, read_course, read_ncvec

DEMO = Path(__file__).parents[2] / "demo" / "electric"
DATA = Path(__file__).parent / "data"
POOL = DEMO / "banks" / "technician-2026-2030.json"

COURSE = """\
slug: short-course
title: A short course
summary: Ten minutes on one thing.
subject: safety
delivery: self_paced_online
credit_minutes: 10
audience: [Electricians]
objectives: [Know one thing., Know another.]
instructor: {name: Ana Diaz, bio: Master electrician.}
price: {cents: 1900, currency: USD}
access_days: 30
modules:
  - title: All of it
    lessons:
      - {slug: one, title: One, file: lessons/one.md, minutes: 4}
      - {slug: two, title: Two, file: lessons/two.md, minutes: 6}
exam: {bank: bank.yaml, questions: 2, pass_percent: 70, minutes: 10, attempts: 3, delay_minutes: 5}
attestation: {version: 1, text: I did this myself.}
"""
BANK = """\
bank: short-bank
title: Questions
questions:
  - {ref: Q1, kind: single, stem: First, choices: [A, B, C], answer: 1, explanation: Because.,
     objective: 1, lesson: one}
  - {ref: Q2, kind: true_false, stem: Second, choices: ["True", "False"], answer: 0,
     explanation: So.}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 36"><path d="M0 0h9"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "library" / "courses" / "short-course"
    (root / "lessons").mkdir(parents=True)
    (root / "media").mkdir()
    (root / "course.yaml").write_text(COURSE)
    (root / "bank.yaml").write_text(BANK)
    (root / "lessons" / "one.md").write_text("Hello.\n\n![A line](media/line.svg)\n")
    (root / "lessons" / "two.md").write_text("Good-bye.\n")
    (root / "media" / "line.svg").write_text(SVG)
    return root


def refusals(folder: Path) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        read_course(folder)
    assert refused.value.message.splitlines() == [str(one) for one in refused.value.problems]
    return [str(problem) for problem in refused.value.problems]


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_a_correct_folder_is_read_whole(folder: Path) -> None:
    draft = read_course(folder)
    assert [lesson.slug for lesson in draft.lessons] == ["one", "two"]
    assert draft.bank.questions[0].objective == "Know one thing."
    assert [item.path for item in draft.media] == ["media/line.svg"]
    assert str(draft.price) == "$19.00"


def test_the_same_folder_always_has_the_same_digest_and_another_text_another(folder: Path) -> None:
    before = read_course(folder).digest
    assert read_course(folder).digest == before
    edit(folder, "lessons/two.md", "Good-bye.", "So long.")
    assert read_course(folder).digest != before


def test_another_price_does_not_make_a_new_version(folder: Path) -> None:
    before = read_course(folder).digest
    edit(folder, "course.yaml", "cents: 1900", "cents: 2900")
    assert read_course(folder).digest == before


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("course.yaml", "subject:", "subjekt:", "course.yaml:4: the course has no key 'subjekt'"),
        ("course.yaml", "credit_minutes: 10", "credit_minutes: 11", "take 10 minutes"),
        ("course.yaml", "slug: short-course", "slug: Short Course", "cannot stand in an address"),
        ("course.yaml", "{slug: one,", "{slug: exam,", "is an address of the program"),
        ("course.yaml", "slug: two", "slug: one", "course.yaml:16: 'one' stands twice"),
        ("course.yaml", "lessons/two.md", "lessons/three.md", "no file 'lessons/three.md'"),
        ("course.yaml", "lessons/two.md", "../two.md", "leads out of the folder"),
        ("course.yaml", "lessons/two.md", "/etc/passwd", "leads out of the folder"),
        ("course.yaml", "pass_percent: 70", "pass_percent: 170", "Use 100 or less"),
        ("course.yaml", "questions: 2", "questions: 3", "the bank has 2"),
        ("course.yaml", "delivery: self_paced_online", "delivery: osmosis", "'osmosis' is no way"),
        ("course.yaml", "currency: USD", "currency: EUR", "'EUR' is no currency"),
        ("course.yaml", "minutes: 6", "minutes: -6", "minutes is -6"),
        ("course.yaml", "title: A short course", "title: ''", "the title is empty"),
        ("course.yaml", "title: A short course", f"title: {'x' * 161}", "161 characters"),
        ("bank.yaml", "answer: 1", "answer: 3", "there is no choice 3"),
        ("bank.yaml", "[A, B, C]", "[A, A, C]", "too few or alike"),
        ("bank.yaml", "stem: Second", "stem: First", "'Q2' repeats 'Q1'"),
        ("bank.yaml", "kind: single", "kind: essay", "'essay' is no kind of question"),
        ("bank.yaml", "objective: 1", "objective: 3", "no objective 3"),
        ("bank.yaml", "lesson: one", "lesson: six", "'six' is no lesson of this course"),
        ("bank.yaml", "ref: Q1", "note: hm, ref: Q1", "a question has no key 'note'"),
        ("lessons/two.md", "Good-bye.", "Fine.\n\n<b>x</b>", "lessons/two.md:3: raw HTML"),
        ("lessons/one.md", "media/line.svg", "media/none.svg", "no picture 'media/none.svg'"),
        ("media/line.svg", "<path", "<script/><path", "media/line.svg:1: <script>"),
    ],
)
def test_a_fault_is_named_with_its_place_and_cure(
    folder: Path, name: str, old: str, new: str, expected: str
) -> None:
    edit(folder, name, old, new)
    assert expected in "\n".join(refusals(folder))


EVALUATION = """\
evaluation:
  required: true
  questions:
    - {ref: objective-1, kind: scale, words: I can do one thing., required: true, objective: 1}
    - {ref: teacher, kind: scale, words: They were clear., required: true, instructor: true}
    - {ref: pace, kind: choice, words: The pace was, choices: [slow, right, fast], required: false}
    - {ref: words, kind: text, words: What should change, required: false}
"""


def test_an_evaluation_is_read_and_makes_another_course(folder: Path) -> None:
    before = read_course(folder)
    assert before.evaluation is None
    (folder / "course.yaml").write_text(COURSE + EVALUATION)
    draft = read_course(folder)
    assert draft.digest != before.digest
    assert draft.evaluation
    assert draft.evaluation.required
    first, teacher, pace, words = draft.evaluation.questions
    assert (first.objective, first.instructor) == ("Know one thing.", False)
    assert (teacher.objective, teacher.instructor) == ("", True)
    assert pace.choices == ("slow", "right", "fast")
    assert (words.kind, words.required) == ("text", False)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  required: true\n", "", "course.yaml:19: the evaluation lacks 'required'"),
        ("required: true\n", "required: 3\n", "required is a whole number"),
        ("objective: 1}", "objective: 3}", "course.yaml:22: the course has no objective 3"),
        ("instructor: true", "instructor: true, objective: 2", "an objective and the instructor"),
        ("ref: teacher", "ref: objective-1", "course.yaml:23: 'objective-1' stands twice"),
        ("kind: text", "kind: essay", "'essay' is no kind of question"),
        ("kind: text", "kind: text, choices: [a, b]", "a text has no choices"),
        ("choices: [slow, right, fast]", "choices: [slow]", "too few or alike"),
        ("ref: words", "ref: My words", "cannot stand in an address"),
        ("kind: text, words: What should change,", "kind: text,", "lacks 'words'"),
    ],
)
def test_a_fault_of_an_evaluation_is_named_with_its_place_and_cure(
    folder: Path, old: str, new: str, expected: str
) -> None:
    (folder / "course.yaml").write_text(COURSE + EVALUATION)
    edit(folder, "course.yaml", old, new)
    assert expected in "\n".join(refusals(folder))


# A lesson with a video

VIDEO = "minutes: 4, video: {file: media/counted.webm, captions: media/counted.vtt}}"


@pytest.fixture
def filmed(folder: Path) -> Path:
    """The folder, whose first lesson has a video of 24 seconds and 300 words below it."""
    for name in ("counted.webm", "counted.vtt"):
        shutil.copy(DATA / name, folder / "media" / name)
    edit(folder, "course.yaml", "minutes: 4}", VIDEO)
    edit(folder, "lessons/one.md", "Hello.", "Hello again. " * 150)
    return folder


def test_a_lesson_takes_a_video_and_its_captions_make_the_transcript(filmed: Path) -> None:
    one, two = read_course(filmed).lessons
    assert one.video
    assert (one.video.path, one.video.milliseconds) == ("media/counted.webm", 24_008)
    assert (one.video.width, one.video.height) == (640, 360)
    assert one.video.transcript[0].text == "A clock counts the seconds from zero."
    assert two.video is None


def test_other_words_in_the_captions_make_another_version(filmed: Path) -> None:
    before = read_course(filmed).digest
    edit(filmed, "media/counted.vtt", "from zero", "from nought")
    assert read_course(filmed).digest != before


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("course.yaml", "minutes: 4,", "minutes: 6,", "course.yaml:15: the video and 30"),
        ("course.yaml", "media/counted.webm", "media/line.svg", "'media/line.svg' is no video"),
        ("course.yaml", "media/counted.vtt", "media/line.svg", "'media/line.svg' is no captions"),
        ("course.yaml", "media/counted.webm", "media/none.webm", "no video 'media/none.webm'"),
        ("course.yaml", ", captions: media/counted.vtt", "", "the video lacks 'captions'"),
        ("course.yaml", "video: {file", "video: {poster: x, file", "no key 'poster'"),
        ("course.yaml", "access_days: 30", "access_days: 30\norder: odd", "'odd' is no order"),
        ("media/counted.vtt", "00:24.000", "00:25.000", "media/counted.vtt:19: the cue ends after"),
        ("lessons/one.md", "media/line.svg", "media/counted.webm", "is not a picture"),
    ],
)
def test_a_fault_of_a_video_lesson_is_named_with_its_place(
    filmed: Path, name: str, old: str, new: str, expected: str
) -> None:
    edit(filmed, name, old, new)
    assert expected in "\n".join(refusals(filmed))


def test_the_order_of_lessons_is_free_unless_the_course_asks(folder: Path) -> None:
    free = read_course(folder)
    edit(folder, "course.yaml", "access_days: 30", "access_days: 30\norder: fixed")
    assert (free.in_order, read_course(folder).in_order) == (False, True)


def test_all_faults_are_listed_together(folder: Path) -> None:
    edit(folder, "course.yaml", "subject: safety", "subject: Safety First")
    edit(folder, "bank.yaml", "answer: 1", "answer: 9")
    edit(folder, "lessons/two.md", "Good-bye.", "# Loud")
    found = "\n".join(refusals(folder))
    assert all(name in found for name in ("course.yaml:4", "bank.yaml:4", "lessons/two.md:1"))


def test_a_file_that_nothing_names_is_not_dropped_in_silence(folder: Path) -> None:
    (folder / "notes.txt").write_text("remember")
    (folder / "media" / "spare.svg").write_text(SVG)
    found = refusals(folder)
    assert any(line.startswith("notes.txt:1: the course does not name") for line in found)
    assert any(line.startswith("media/spare.svg:1: no lesson uses") for line in found)


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(SVG)
    (folder / "media" / "linked.svg").symlink_to(secret)
    (folder / "lessons" / "two.md").unlink()
    (folder / "lessons" / "two.md").symlink_to(secret)
    found = "\n".join(refusals(folder))
    assert "media/linked.svg:1" in found
    assert "lessons/two.md" in found


@pytest.mark.parametrize(
    "content", [b"", b"- 1\n- 2\n", b"\xff\xfe\x00", b"a: [", b"{}", b"a: &a [*a]"]
)
def test_a_file_that_is_no_course_is_refused_and_never_crashes(
    folder: Path, content: bytes
) -> None:
    (folder / "course.yaml").write_bytes(content)
    assert any(line.startswith("course.yaml:") for line in refusals(folder))


def test_a_folder_without_a_course_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert "no such file" in refusals(tmp_path / "a" / "b")[0]


def test_practice_from_outside_the_library_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copy(POOL, tmp_path / "pool.json")
    practice = "practice: {title: Theory, bank: ../../../pool.json, format: ncvec, questions: 5}\n"
    (folder / "course.yaml").write_text(COURSE + practice)
    assert any("leads out of the provider's folder" in line for line in refusals(folder))


def test_the_courses_of_the_demo_are_taken_without_a_complaint() -> None:
    drafts = {folder.name: read_course(folder) for folder in sorted((DEMO / "courses").iterdir())}
    draft = drafts["electrical-safety-subpart-s"]
    assert sum(lesson.minutes for lesson in draft.lessons) >= draft.credit_minutes == 120
    assert len(draft.bank.questions) >= 50
    assert draft.practice
    assert draft.practice.bank.not_taken


# The pool of the amateur-radio examiners


def test_the_technician_pool_is_taken_but_for_the_questions_that_need_a_figure() -> None:
    entries = json.loads(POOL.read_text())
    bank = read_ncvec(POOL)
    assert len(bank.questions) + len(bank.not_taken) == len(entries) == 409
    assert {missed.ref for missed in bank.not_taken} == {
        entry["id"] for entry in entries if entry["figure"]
    }
    assert all("figure" in missed.reason for missed in bank.not_taken)
    by_ref = {entry["id"]: entry for entry in entries}
    for question in bank.questions:
        entry = by_ref[question.ref]
        assert question.choices[question.answer] == entry["answers"][entry["correct"]]


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": "T1A01",
        "correct": 0,
        "refs": "[97.1]",
        "question": "Which?",
        "answers": ["this", "that"],
        "figure": "",
        "correct_letter": "A",
    } | changes


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (entry(id="T1A02", correct=2), "no answer is marked"),
        (entry(id="T1A02", correct=True, correct_letter="B"), "no answer is marked"),
        (entry(id="T1A02", correct_letter="B"), "contradict"),
        (entry(id="T1A02", answers=["same", "same"]), "too few or alike"),
        (entry(id="T1A02", answers="this"), "not text"),
        (entry(id="T1A02", question=" "), "not text"),
        (entry(id="T1A02", question="In figure T-1, which?"), "figure"),
        (entry(id="T1A02", points=3), "unknown: points"),
        (entry(), "stands twice"),
        ("T1A02", "not a question"),
    ],
)
def test_what_the_foreign_file_holds_and_we_cannot_take_is_listed(
    tmp_path: Path, odd: object, reason: str
) -> None:
    path = tmp_path / "pool.json"
    path.write_text(json.dumps([entry(), odd]))
    bank = read_ncvec(path)
    assert len(bank.questions) == 1
    (missed,) = bank.not_taken
    assert reason in missed.reason


@pytest.mark.parametrize("content", ["", "{}", "[]", "[1,", '["a"]', "[" * 5000, "null"])
def test_a_file_that_is_no_pool_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pool.json"
    path.write_text(content)
    with pytest.raises(ImportRefused) as refused:
        read_ncvec(path)
    assert refused.value.problems[0].file == "pool.json"
