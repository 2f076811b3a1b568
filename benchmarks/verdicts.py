"""What it costs to judge whether a license may be renewed."""

import json
import statistics
import time
from collections.abc import Iterable

from benchmarks.stage import Stage
from creditable.credit import atlas, case, verdicts

ROUNDS = 15
Measured = tuple[dict[str, float], dict[str, float]]


def stated(row: str, completions: int, *, years: int) -> str:
    """A license whose holder completed so many courses in the last years, as JSON."""
    topics = [*atlas.topics(atlas.find(row)), "general"]
    rows = [
        {
            "course": f"course {number}",
            "finished": f"{2026 - number % years}-{number % 12 + 1:02}-{number % 28 + 1:02}",
            "minutes": 50 + number % 5 * 25,
            "topics": {topics[number % len(topics)]: 25},
            "mode": ("in_person", "self_paced")[number % 2],
        }
        for number in range(completions)
    ]
    license = {"expires": "2026-12-31"}
    return json.dumps({"authority": row, "license": license, "completions": rows})


def cpu_ms(texts: Iterable[str]) -> list[float]:
    """Of each case: read and judged, at its quickest."""
    spent = []
    for text in texts:
        rounds = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            told = case.read(text)
            verdicts.judge(atlas.find(told.authority), told)
            rounds.append((time.process_time() - begun) * 1000)
        spent.append(min(rounds))
    return spent


def verdict(_: Stage) -> Measured:
    """200 completions of five years, with the slowest of all authorities."""
    spent = cpu_ms(stated(row, 200, years=5) for row in atlas.rows())
    return {"ms": max(spent)}, {"median ms": statistics.median(spent)}


def licensees(_: Stage) -> Measured:
    """20 completions of two years, as most licensees have them, over all authorities."""
    spent = cpu_ms(stated(row, 20, years=2) for row in atlas.rows())
    return {"ms": statistics.mean(spent)}, {"a second": 1000 / statistics.mean(spent)}
