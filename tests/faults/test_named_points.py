"""Web, worker and sender are killed at the same instant, at the six points where it would hurt
most. A learner is in the middle of it and tries again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.faults.house import MARKS, House
from tests.journeys.path import Learner

pytestmark = pytest.mark.fault


@dataclass(frozen=True)
class Point:
    """The instant at which such a row is about to be written."""

    name: str
    learner: str
    table: str
    condition: str = "true"


def leaving(topic: str) -> str:
    """A message of this topic is about to leave for the first time."""
    return (
        "NEW.status = 'sent' AND"
        f" (SELECT topic FROM disclosure_outbox WHERE batch = NEW.batch) = '{topic}'"
    )


def answered(topic: str) -> str:
    """The answer to a message of this topic is there, and nobody here knows it yet."""
    return f"(SELECT topic FROM disclosure_outbox WHERE id = NEW.outbox_id) = '{topic}'"


POINTS = [
    Point(
        "before the capture", "Ada Olander", "disclosure_releaseevent", leaving("paypal.capture")
    ),
    Point("after the capture", "Boris Kuroda", "disclosure_reply", answered("paypal.capture")),
    Point("before the award", "Clara Nwosu", "credit_award"),
    Point("after the award", "Dmitri Vance", "credit_certificate"),
    Point("before the report", "Elena Sorbo", "disclosure_releaseevent", leaving("credit.roster")),
    Point("after the report", "Farid Keogh", "disclosure_reply", answered("credit.roster")),
]


@pytest.fixture(scope="module")
def learners(house: House) -> Iterator[dict[str, Learner]]:
    with house.arrive([point.learner for point in POINTS], first=1) as arrived:
        yield {learner.name: learner for learner in arrived}


@pytest.mark.parametrize("point", POINTS, ids=[point.name for point in POINTS])
def test_killed(house: House, learners: dict[str, Learner], point: Point) -> None:
    learner = learners[point.learner]
    with ThreadPoolExecutor(1) as hands:
        with house.halt(point.table, point.condition) as reached:
            walk = hands.submit(house.walk, learner)
            reached(walk)
            house.kill(*MARKS)
        walk.result()
    house.settle()
    house.check([learner])
