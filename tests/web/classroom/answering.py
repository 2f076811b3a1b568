"""Answers to an exam's questions, as its sheet sends them."""

from typing import Any

from django.test import Client

from creditable.learning import attempts
from creditable.learning.attempts import Line
from creditable.people import sessions


def fields(browser: Client, line: Line, choice: object, **changed: object) -> dict[str, object]:
    """What the button of this question sends."""
    attempt, place = line.item.attempt, line.item.position
    session = sessions.digest(browser.session.session_key or "")
    sent: dict[str, object] = {
        "token": attempts.token(
            attempt=attempt, subject_id=attempt.enrollment.subject_id, session=session
        ),
        "answer": f"{changed.pop('place', place)}.{changed.pop('version', line.version + 1)}",
        f"q{place}": choice,
    }
    return sent | changed


def send(browser: Client, sent: dict[str, object], slug: str = "grounding") -> Any:
    """By plain form."""
    return browser.post(f"/learn/{slug}/exam/answer/", sent)


def send_json(browser: Client, sent: dict[str, object], slug: str = "grounding") -> Any:
    """As the page's script does."""
    return browser.post(f"/learn/{slug}/exam/answer/", sent, headers={"Accept": "application/json"})


def give(browser: Client, line: Line, choice: object, **changed: object) -> Any:
    return send(browser, fields(browser, line, choice, **changed))


def give_json(browser: Client, line: Line, choice: object, **changed: object) -> Any:
    return send_json(browser, fields(browser, line, choice, **changed))
