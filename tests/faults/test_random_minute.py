"""For a minute, now the web, now the worker, now the sender is killed, while people buy and take
their exams. The seed gives the same victims after the same pauses."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.house import MARKS, House

SEED = 20_261_122
SECONDS = 60.0
BUYERS = ["Gunhild Pratt", "Hamid Lindqvist", "Ilse Moreau"]
EXAMINEES = ["Jonas Achterberg", "Kiona Redfield", "Lars Mbeki"]

pytestmark = pytest.mark.fault


def kill_at_random(house: House) -> Counter[str]:
    """How often each was killed."""
    chance = random.Random(SEED)
    killed: Counter[str] = Counter()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.3, 4.0))
        victim = chance.choice(list(MARKS))
        if victim in house.pids():
            house.kill(victim)
            killed[victim] += 1
    return killed


def test_nothing_is_lost_and_nothing_doubled(house: House) -> None:
    with house.arrive([*BUYERS, *EXAMINEES], first=101) as learners:
        buyers, examinees = learners[: len(BUYERS)], learners[len(BUYERS) :]
        for learner in examinees:
            house.buy(learner)
        house.read_lessons(examinees)
        with ThreadPoolExecutor(2) as hands:
            buying = hands.submit(lambda: [house.buy(learner) for learner in buyers])
            passing = hands.submit(lambda: [house.pass_exam(learner) for learner in examinees])
            killed = kill_at_random(house)
            buying.result()
            passing.result()
        house.settle()
        assert killed.keys() == MARKS.keys(), killed
        house.check(examinees)
        paid = house.running.value(
            "SELECT count(*) FROM store_payment p JOIN store_order o ON o.id = p.order_id"
            " JOIN people_person h ON h.subject_id = o.subject_id"
            " WHERE p.state = 'captured' AND h.email = ANY(%s)",
            [learner.email for learner in learners],
        )
        assert paid == len(learners)
