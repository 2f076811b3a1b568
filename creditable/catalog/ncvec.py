"""A foreign question bank: the pools of the amateur-radio examiners (NCVEC) in their JSON form."""

import json
import re
from pathlib import Path

from creditable.catalog.drafts import BankDraft, NotTaken, QuestionDraft
from creditable.catalog.files import ImportRefused, text_of
from creditable.policy.source import Problem

LARGEST = 4 * 1024 * 1024
KEYS = {"id", "correct", "refs", "question", "answers", "figure", "correct_letter"}


def read_ncvec(path: Path, *, title: str = "") -> BankDraft:
    """A question pool of the amateur-radio examiners (NCVEC) in its JSON form: a list of questions
    with four answers each. Questions that need a figure are not taken, and listed."""
    problems: list[Problem] = []
    text = text_of(path, path.name, LARGEST, problems)
    try:
        entries = json.loads(text) if text is not None else None
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        problems.append(Problem(path.name, line, "not readable as JSON", "Download it again."))
        entries = None
    if not problems and not (isinstance(entries, list) and entries):
        problems.append(Problem(path.name, 1, "not a list of questions", "Use an NCVEC pool."))
    if problems or not isinstance(entries, list):
        raise ImportRefused(problems)
    questions: list[QuestionDraft] = []
    not_taken: list[NotTaken] = []
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        read = _question(entry, number, seen)
        if isinstance(read, NotTaken):
            not_taken.append(read)
        else:
            seen.add(read.ref)
            questions.append(read)
    if not questions:
        raise ImportRefused(
            [
                Problem(path.name, 1, f"{missed.ref}: {missed.reason}", "Use an NCVEC pool.")
                for missed in not_taken
            ]
        )
    return BankDraft(
        slug=path.stem,
        title=title or path.stem,
        source=f"{path.name}: question pool of the NCVEC Question Pool Committee, public domain",
        questions=tuple(questions),
        not_taken=tuple(not_taken),
    )


def _question(entry: object, number: int, seen: set[str]) -> QuestionDraft | NotTaken:
    place = f"entry {number}"
    if not isinstance(entry, dict):
        return NotTaken(place, "it is not a question")
    ref = str(entry.get("id") or place)[:40]
    odd = KEYS ^ entry.keys()
    if odd:
        return NotTaken(ref, f"keys missing or unknown: {', '.join(sorted(map(str, odd)))}")
    stem, answers, correct = entry["question"], entry["answers"], entry["correct"]
    if ref in seen:
        return NotTaken(ref, "the id stands twice; the first is taken")
    if not _is_text(stem) or not isinstance(answers, list) or not all(map(_is_text, answers)):
        return NotTaken(ref, "question or answers are empty or not text")
    if entry["figure"] or re.search(r"\bfigure T-?\d", stem):
        return NotTaken(ref, f"it needs the figure {entry['figure'] or 'named in it'}")
    if len(answers) < 2 or len(set(answers)) != len(answers):
        return NotTaken(ref, "its answers are too few or alike")
    if type(correct) is not int or not 0 <= correct < len(answers):
        return NotTaken(ref, "no answer is marked as right")
    if entry["correct_letter"] != chr(ord("A") + correct):
        return NotTaken(ref, "number and letter of the right answer contradict each other")
    return QuestionDraft(
        ref=ref,
        kind="single",
        stem=stem,
        choices=tuple(answers),
        answer=correct,
        explanation=f"FCC rule {entry['refs'].strip('[]')}" if _is_text(entry["refs"]) else "",
        objective=ref[:3],
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\x00" not in value
