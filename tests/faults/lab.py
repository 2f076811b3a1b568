"""People walk the path while the process that serves them is killed at every step.

Two first walks are left alone: they show which lines each step executes and which rows it leaves.
On every other walk each step is killed just before one of its lines (on every other walk its
recovery as well), done again at once, and must leave exactly the rows of the first walks.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.core.management import call_command
from django.db import connections
from django.urls import get_resolver

from creditable.credit import issuer, packs, signing  # noqa: F401 - what a warm process has loaded
from creditable.disclosure import policies
from creditable.lib.money import Money
from creditable.ops import grants
from creditable.policy import document
from tests.conftest import login_as
from tests.factories.store import BY, COURSES, make_course_on_sale
from tests.faults import forks, invariants, steps
from tests.faults.forks import Deed, Ending, Line, Place, Say
from tests.faults.scene import PATIENCE, Scene
from tests.faults.steps import Step, Walk

PAUSES = (0.0, 0.0, 0.0, 0.05)  # seconds until a step is done again
FIRST = 2  # the first walk that is not left alone


class Wrong(Exception):
    """An invariant does not hold."""


@dataclass(frozen=True)
class Kill:
    """One kill: where, and how long until the step was done again."""

    walk: int
    step: str
    place: Place
    pause: float

    def __str__(self) -> str:
        again = f"again after {self.pause * 1000:.0f} ms"
        return f"walk {self.walk:<4} {self.step:24} {self.place}  {again}"


@dataclass
class Tally:
    """What walks came to. `checks` are the facts and acknowledgements that were compared."""

    kills: list[Kill] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    checks: int = 0


@dataclass
class Lab:
    """`variant` makes another program of the one in the children, and of no other process; of its
    walks, each is left alone up to another step, since few would get far."""

    scene: Scene
    seed: int
    variant: Callable[[], None] | None = None
    lines: dict[str, Counter[Line]] = field(default_factory=dict)
    facts: dict[tuple[int, str], dict[str, int]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def rehearse(self) -> None:
        """Prepares what everybody shares and shows the way, undisturbed, in each of its two
        orders."""
        shared = Walk(0)
        for deed in (_prepare, _sell, steps.first_notice, steps.carry("https"), steps.work):
            self._do(partial(deed, shared), shared)
        _warm_up()
        for number in range(FIRST):
            walk = self._arrived(number)
            for step in steps.path(number):
                step.first(walk, self.scene)
                self.lines[step.name] = self._do(partial(step.deed, walk), walk, record=True).lines
                if not self.lines[step.name]:
                    raise Wrong(f"{step.name} executes no line of ours")
                self._require(step)
                self.facts[number, step.name] = self.scene.facts(walk.subject_id)
            self._finish(walk)

    def go(self, most: int, *, first: int = FIRST, once: bool = False) -> None:
        """One walk after the other until there were so many kills, or a finding if `once` will
        do."""
        number, before = first, -1
        while before < len(self.tally.kills) < most:  # a walk without a kill leads nowhere
            if once and self.tally.findings:
                return
            before = len(self.tally.kills)
            self.walk(number, most)
            number += 1

    def walk(self, number: int, most: int) -> None:
        """One walk; it ends early at the first invariant that is broken, or when there were so
        many kills."""
        try:
            self._walk(number, most)
        except Wrong as wrong:
            self.tally.findings.append(f"seed {self.seed}, walk {number}: {wrong}")
            print(f"       WRONG: {self.tally.findings[-1]}", flush=True)
            self.scene.give_up()

    def _walk(self, number: int, most: int) -> None:
        walk, path = self._arrived(number), steps.path(number)
        spared = 7 * number % len(path) if self.variant else 0
        for turn, step in enumerate(path):
            step.first(walk, self.scene)
            left = most - len(self.tally.kills) if turn >= spared else 0
            for place, pause in self._plan(number, step)[:left]:
                self.scene.bury()
                if self._do(partial(step.deed, walk), walk, kill_at=place).killed:
                    kill = Kill(number, step.name, place, pause)
                    self.tally.kills.append(kill)
                    print(f"{len(self.tally.kills):5}  {kill}", flush=True)
                    time.sleep(pause)
            self._recover(step, walk)
            self._require(step)
            self._compare(step, walk)
        self._finish(walk)

    def _plan(self, number: int, step: Step) -> list[tuple[Place, float]]:
        """Where this step is killed on this walk, and the pauses afterwards: over the walks, at
        each of its lines in turn, in an order that the seed gives."""
        lines = sorted(self.lines[step.name])
        random.Random(f"{self.seed} {step.name}").shuffle(lines)
        turn = number + number // 2
        plan = []
        for line in (lines * 2)[turn % len(lines) :][: 1 + number % 2]:
            chance = random.Random(f"{self.seed} {step.name} {turn + len(plan)}")
            place = Place(line, chance.randint(1, self.lines[step.name][line]))
            plan.append((place, chance.choice(PAUSES)))
        return plan

    def _recover(self, step: Step, walk: Walk) -> None:
        """The same page again, another worker, another sender, until it is done."""
        end = time.monotonic() + PATIENCE
        while True:
            self.scene.bury()
            self._do(partial(step.deed, walk), walk)
            if self.scene.is_done(step.who):
                return
            if time.monotonic() > end:
                raise Wrong(f"{step.name}: never done")
            time.sleep(0.05)

    def _require(self, step: Step) -> None:
        self.scene.wait_for_the_dead()
        if not self.scene.is_done(step.who):
            raise Wrong(f"{step.name}: not done")
        self.scene.stand_still()

    def _compare(self, step: Step, walk: Walk) -> None:
        """What there is of this walker is what there was of the undisturbed one."""
        expected = self.facts[walk.number % FIRST, step.name]
        found = self.scene.facts(walk.subject_id)
        self.tally.checks += len(expected)
        differ = [
            f"{name}: {found.get(name, 0)}, not {expected.get(name, 0)}"
            for name in sorted(found.keys() | expected.keys())
            if found.get(name) != expected.get(name)
        ]
        if differ:
            raise Wrong(f"{step.name}: {'; '.join(differ)}")

    def _finish(self, walk: Walk) -> None:
        """The whole path was walked: what outsiders know is true as well."""
        try:
            invariants.check_money(self.scene, [walk.email])
            invariants.check_refunds(self.scene, [walk.email])
            invariants.check_access(self.scene, [walk.email])
            invariants.check_credit(self.scene, walk.email, walk.board_license, texas="accepted")
            invariants.check_mail(self.scene, walk.email)
        except AssertionError as broken:
            raise Wrong(f"at the end: {broken}") from broken

    def _arrived(self, number: int) -> Walk:
        walk = Walk(number)
        self._do(partial(steps.arrive, walk), walk)
        self.scene.begin()
        return walk

    def _do(
        self, deed: Deed, walk: Walk, *, kill_at: Place | None = None, record: bool = False
    ) -> Ending:
        """In a process of its own. What was acknowledged once stays true, and a deed that was not
        killed does not fail: its page would have told somebody so."""

        def changed(say: Say) -> None:
            if self.variant is not None:
                self.variant()
            deed(say)

        ending = forks.run(changed, log=self.scene.log, kill_at=kill_at, record=record)
        for name, value in ending.said:
            self.tally.checks += 1
            if walk.said.setdefault(name, value) != value:
                raise Wrong(f"{name}: {walk.said[name]!r} was acknowledged, now it is {value!r}")
        if ending.error:
            raise Wrong(ending.error)
        return ending


def _prepare(walk: Walk, say: Say) -> None:
    """The tables and the rights of each login, by the owner."""
    with login_as("DATABASE_URL"):
        call_command("migrate", interactive=False, verbosity=0)
        grants.apply()


def _sell(walk: Walk, say: Say) -> None:
    """The policy, and one course on sale."""
    policies.publish(policy=document.load(COURSES.parent / "policy" / "1"), by=BY)
    make_course_on_sale(steps.COURSE, Money(3900))


def _warm_up() -> None:
    """What a process has read when it has run for a while. No connection stays open."""
    issuer.current()
    packs.get(steps.BOARD)
    policies.decisions()
    assert get_resolver().url_patterns
    connections.close_all()
