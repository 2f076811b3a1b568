"""`./do faults`: kills at random lines of the main job; see docs/faults.md.

Afterwards a deliberately naive variant is killed as well, to show that losses would be seen.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import django

from tests.faults.scene import installed

if TYPE_CHECKING:
    from tests.faults.lab import Lab

SEED = 20_261_125
LEAST_SHARE = 10  # percent of its kills in which the naive variant must be caught
NAIVE_WALKS = 10_000  # the number of the first one, so that nobody meets somebody known


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./do faults")
    parser.add_argument("--kills", type=int, default=500, help="how many (%(default)s)")
    parser.add_argument("--naive", type=int, default=50, help="of the naive variant (%(default)s)")
    parser.add_argument("--once", action="store_true", help="of it, only until it is caught")
    parser.add_argument("--seed", type=int, default=SEED, help="the same kills again (%(default)s)")
    parser.add_argument("--walk", type=int, help="this walk alone")
    given = parser.parse_args(words)
    with installed() as scene:
        django.setup()
        from tests.faults.lab import Lab

        lab = Lab(scene, given.seed)
        lab.rehearse()
        print(f"seed {given.seed}", flush=True)
        if given.walk is not None:
            lab.walk(given.walk, given.kills)
            return _careful(lab)
        lab.go(given.kills)
        return _careful(lab) or (_naive(lab, given.naive, given.once) if given.naive else 0)


def _careful(lab: "Lab") -> int:
    """Shows what the kills came to; nothing may have been found."""
    tally = lab.tally
    hit: dict[str, set[object]] = defaultdict(set)
    for kill in tally.kills:
        hit[kill.step].add(kill.place.line)
    times = Counter(kill.step for kill in tally.kills)
    print(f"\n{'step':26}{'kills':>6}{'lines hit':>11}{'of':>5}")
    for step, lines in lab.lines.items():
        print(f"{step:26}{times[step]:6}{len(hit[step]):11}{len(lines):5}")
    at_once = sum(not kill.pause for kill in tally.kills)
    print(
        f"\n{len(tally.kills)} kills at {len(set().union(*hit.values()))} of"
        f" {len(set().union(*lab.lines.values()))} lines, done again at once after {at_once};"
        f" {tally.checks} facts and acknowledgements compared; {len(tally.findings)} findings",
        flush=True,
    )
    return bool(tally.findings) or not tally.kills


def _naive(lab: "Lab", most: int, once: bool) -> int:
    """The same for a variant that is sound while nobody kills it; it must be caught, in so many
    kills in at least so many of a hundred, or `once` at all."""
    from tests.faults import lab as labs
    from tests.faults import naive

    print("\nThe naive variant, first left alone, then killed:", flush=True)
    lab.variant, lab.tally = naive.without_transactions, labs.Tally()
    lab.walk(NAIVE_WALKS, 0)
    if lab.tally.findings:
        return 1
    lab.go(most, first=NAIVE_WALKS + 1, once=once)
    caught, kills = len(lab.tally.findings), len(lab.tally.kills)
    print(f"The naive variant was caught {caught} times in {kills} kills: {caught / kills:.0%}.")
    return not caught if once else 100 * caught <= LEAST_SHARE * kills


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
