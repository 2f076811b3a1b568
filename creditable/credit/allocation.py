"""Which hours serve which demand: exact, over integers, as a flow of least cost.

    source -> limits -> supplies -> minimums -> total -> sink

A supply is an amount of hours of one kind. It passes the limits that hold for it, the outermost
first, then any one of the minimums that take it (and those around that one), or none, and ends in
the total. A minimum that fills and a total that is reached are rewarded, so a flow of least cost
serves every demand as far as anything can; among the flows that do, one uses up what is worth
least later on (the supply's `worth`). All amounts are whole numbers.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MINIMUM, TOTAL = 1_000_000, 1_000  # rewards of a unit: one for a minimum outweighs all others


@dataclass(frozen=True, slots=True)
class Supply:
    """Hours of one kind: the minimums that take it, the limits it passes, and what it is worth
    to keep (0 to 99)."""

    amount: int
    minimums: tuple[int, ...] = ()
    limits: tuple[int, ...] = ()
    worth: int = 0


@dataclass(frozen=True, slots=True)
class Demand:
    """A minimum, and the one around it whose hours it is part of."""

    amount: int
    around: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """What each supply gives to what is required, and to all that counts; how far each minimum
    is filled."""

    used: tuple[int, ...]
    counted: tuple[int, ...]
    filled: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counted)


def allocate(
    supplies: Sequence[Supply],
    minimums: Sequence[Demand],
    limits: Sequence[int],
    required: int,
) -> Allocation:
    """The best use of the supplies. Limits must lie within each other or apart."""
    everything = sum(supply.amount for supply in supplies)
    source, sink, total = 0, 1, 2
    minimum_at, limit_at = 3, 3 + len(minimums)
    supply_at = limit_at + len(limits)
    network = _Network(supply_at + len(supplies))
    outer = {inner: around for supply in supplies for around, inner in pairwise(supply.limits)}
    for number, limit in enumerate(limits):
        start = limit_at + outer[number] if number in outer else source
        network.pipe(start, limit_at + number, limit, 0)
    doors = []
    for number, supply in enumerate(supplies):
        start = limit_at + supply.limits[-1] if supply.limits else source
        door = network.pipe(start, supply_at + number, supply.amount, supply.worth)
        doors.append(door)
        network.pipe(supply_at + number, total, everything, 0)
        for minimum in supply.minimums:
            network.pipe(supply_at + number, minimum_at + minimum, everything, 0)
    rewarded = []
    for number, demand in enumerate(minimums):
        end = total if demand.around is None else minimum_at + demand.around
        rewarded.append(network.pipe(minimum_at + number, end, demand.amount, -MINIMUM))
        network.pipe(minimum_at + number, end, everything, 0)
    network.pipe(total, sink, required, -TOTAL)
    network.pipe(total, sink, everything, 0)

    def flown(pipes: Sequence[int]) -> tuple[int, ...]:
        return tuple(network.flow(pipe) for pipe in pipes)

    network.push(source, sink, only_if_it_pays=True)
    used = flown(doors)
    network.push(source, sink, only_if_it_pays=False)
    return Allocation(used, flown(doors), flown(rewarded))


class _Network:
    """Pipes between places; what is pushed takes the cheapest way, again and again."""

    def __init__(self, places: int) -> None:
        self._from: list[list[int]] = [[] for _ in range(places)]
        self._to: list[int] = []
        self._room: list[int] = []
        self._cost: list[int] = []

    def pipe(self, start: int, end: int, room: int, cost: int) -> int:
        """A pipe and the way back through it, which follows it."""
        number = len(self._to)
        for place, other, free, price in ((start, end, room, cost), (end, start, 0, -cost)):
            self._from[place].append(len(self._to))
            self._to.append(other)
            self._room.append(free)
            self._cost.append(price)
        return number

    def flow(self, pipe: int) -> int:
        return self._room[pipe + 1]

    def push(self, source: int, sink: int, *, only_if_it_pays: bool) -> None:
        """As much as fits; or as long as each unit costs less than nothing."""
        while True:
            cost, pipes = self._cheapest(source, sink)
            if not pipes or (only_if_it_pays and cost >= 0):
                return
            amount = min(self._room[pipe] for pipe in pipes)
            for pipe in pipes:
                self._room[pipe] -= amount
                self._room[pipe ^ 1] += amount

    def _cheapest(self, source: int, sink: int) -> tuple[int, list[int]]:
        """The cheapest way that has room (Bellman and Ford, with a queue)."""
        costs: list[int | None] = [None] * len(self._from)
        arrival = [-1] * len(self._from)
        costs[source] = 0
        queue, waiting = deque([source]), {source}
        while queue:
            place = queue.popleft()
            waiting.discard(place)
            here = costs[place]
            assert here is not None
            for pipe in self._from[place]:
                if not self._room[pipe]:
                    continue
                end, cost = self._to[pipe], here + self._cost[pipe]
                known = costs[end]
                if known is None or cost < known:
                    costs[end], arrival[end] = cost, pipe
                    if end not in waiting:
                        queue.append(end)
                        waiting.add(end)
        best = costs[sink]
        if best is None:
            return 0, []
        pipes, place = [], sink
        while place != source:
            pipes.append(arrival[place])
            place = self._to[arrival[place] ^ 1]
        return best, pipes
