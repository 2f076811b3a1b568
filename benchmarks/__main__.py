"""What pages and saves cost, beside a bare Django view: a table, then a line of JSON for each.

Our page and the bare one are asked for in turns, so that whatever else the machine does falls on
both. A page is judged by the median of the ratios of the rounds, not by the ratio of medians.
"""

import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lxml.html
import yaml

from benchmarks import completions, meter, policies, releases, reports, stage, verdicts
from benchmarks.stage import COURSE, LESSON, TEN, Asker, Inside, Stage

BUDGETS = Path(__file__).parent / "budgets.yaml"
ROUNDS = 5
REQUESTS = 15
"""How often a page is asked for in a round, after two times that do not count."""
UNITS = {
    "ratio": "times bare",
    "kilobytes": "kB",
    "statements": "statements",
    "waited": "times that, waited",
    "times_plain": "times a plain view",
    "times_save": "times a bare save",
    "mebibytes": "MiB",
}


@dataclass(frozen=True)
class Figure:
    """One thing measured against its budget. `shown` has what is worth knowing beside it."""

    thing: str
    figures: Mapping[str, float]
    budget: Mapping[str, float]
    shown: Mapping[str, float]

    @property
    def over(self) -> list[str]:
        return [name for name, most in self.budget.items() if self.figures[name] > most]


def main(names: Sequence[str]) -> int:
    """Prints what was measured, only the things named if any are; 1 when something is over its
    budget."""
    budgets = yaml.safe_load(BUDGETS.read_text(encoding="utf-8"))
    for kind, named in (("pages", "page"), ("operations", "operation")):
        budgets[kind] = [one for one in budgets[kind] if not names or one[named] in names]
    print("Setting the stage (half a minute, longer on a busy machine) ...", flush=True)
    with stage.staged() as set_up:
        found = pages(set_up, budgets)
        for budget in budgets["operations"]:
            name = budget["operation"]
            most = {key: budget[key] for key in UNITS if key in budget}
            figures, shown = OPERATIONS[name](set_up)
            found.append(Figure(name, figures, most, shown))
            tell(found[-1])
    print()
    for figure in found:
        print(json.dumps(asdict(figure) | {"over": figure.over}))
    return 1 if any(figure.over for figure in found) else 0


def tell(figure: Figure) -> None:
    measured = "".join(
        f"{figure.figures[name]:>9.2f} of {most:<5g}{UNITS[name]:<19}"
        for name, most in figure.budget.items()
    )
    beside = ", ".join(f"{name} {value:.2f}" for name, value in figure.shown.items())
    over = f"   OVER: {', '.join(figure.over)}" if figure.over else ""
    print(f"{figure.thing:<18}{measured} ({beside}){over}", flush=True)


def pages(set_up: Stage, budgets: Mapping[str, Any]) -> list[Figure]:
    """Every page beside its bare twin, in turns."""
    found = []
    for budget in budgets["pages"]:
        address = budget["path"].format(course=COURSE, lesson=LESSON)
        bare_address = f"/page/{budget['page']}/?course={COURSE}&lesson={LESSON}".replace(
            " ", "%20"
        )
        ours, bare = set_up.asker(budget["who"]), set_up.bare_asker(budget["who"])
        ours_ms, bare_ms = [], []
        for _ in range(ROUNDS):
            ours_ms.append(asked(ours, address, [set_up.web, set_up.postgres]))
            bare_ms.append(asked(bare, bare_address, [set_up.bare, set_up.postgres]))
        written = words(ours.get(address), budget["authored"]) if "authored" in budget else 0
        figures = {
            "ratio": median_ratio(ours_ms, bare_ms),
            "kilobytes": (ours.size - written) / 1000,
            "statements": statements(set_up, budget["who"], address),
        }
        most = {
            "ratio": budgets["ratio"],
            "kilobytes": budgets["kilobytes"],
            "statements": budget["statements"],
        }
        shown = {
            "ms": statistics.median(ours_ms),
            "bare ms": statistics.median(bare_ms),
            "bare kB": bare.size / 1000,
        }
        if written:
            shown["kB of authored words"] = written / 1000
        found.append(Figure(budget["page"], figures, most, shown))
        tell(found[-1])
    return found


def words(page: str, authored: str) -> int:
    """The bytes of the words in these elements of a page."""
    found = lxml.html.document_fromstring(page).xpath(authored)
    return sum(len(element.text_content().encode()) for element in found)


def asked(asker: Asker, address: str, roots: list[int]) -> float:
    """The CPU milliseconds of one request, of a worker that has answered it before."""
    asker.connect()
    for _ in range(2):
        asker.get(address)
    work = [lambda: asker.get(address)] * REQUESTS
    return meter.cost(roots, lambda: [one() for one in work]) / REQUESTS


def statements(set_up: Stage, who: str, address: str) -> int:
    """How many statements it takes, once what is read once a process has been read."""
    Inside(set_up.cookies[who]).get(address)
    counted = Inside(set_up.cookies[who])
    counted.get(address)
    return counted.statements


Measured = tuple[Mapping[str, float], Mapping[str, float]]


def beat(set_up: Stage) -> Measured:
    """A page reports every half minute; here every five seconds of the clock. It comes after a
    pause, in which the processors have forgotten it; so the plain view is asked for after one."""
    ours, bare = set_up.asker("reader"), set_up.bare_asker("visitor")
    token = stage.token(ours.get(f"/learn/{COURSE}/{LESSON}/"))

    def report() -> None:
        nonlocal token
        token = _report(ours, token)

    def after(seconds: int, work: Callable[[], object], *roots: int) -> list[float]:
        set_up.running.pass_time(seconds)
        before = [meter.cpu_ms([root]) for root in roots]
        work()
        return [meter.cpu_ms([root]) - was for root, was in zip(roots, before, strict=True)]

    rounds, plain_ms = [], []
    for _ in range(3):
        after(5, report)
    for _ in range(ROUNDS):
        web, postgres, plain = 0.0, 0.0, 0.0
        for _ in range(REQUESTS):
            spent = after(5, report, set_up.web, set_up.postgres)
            web, postgres = web + spent[0], postgres + spent[1]
            plain += sum(after(0, lambda: bare.get("/plain/"), set_up.bare))
        rounds.append((web / REQUESTS, postgres / REQUESTS))
        plain_ms.append(plain / REQUESTS)
    figures = {
        "times_plain": median_ratio([web for web, _ in rounds], plain_ms),
        "statements": _statements_of_a_beat(set_up),
    }
    shown = {
        "ms in web": statistics.median(web for web, _ in rounds),
        "ms with PostgreSQL": statistics.median(sum(both) for both in rounds),
        "plain ms": statistics.median(plain_ms),
    }
    return figures, shown


def _report(asker: Asker | Inside, token: str) -> str:
    """Sends a report; the token of the next."""
    body = {"token": token, "position": 4500, "reading": True, "touched": True}
    answer = json.loads(asker.post_json("/learn/beat/", json.dumps(body)))
    following: str = answer["token"]
    return following


def _statements_of_a_beat(set_up: Stage) -> int:
    counted = Inside(set_up.cookies["reader"])
    token = stage.token(counted.get(f"/learn/{COURSE}/{LESSON}/"))
    token = _report(counted, token)
    counted.statements = 0
    set_up.running.pass_time(5)
    _report(counted, token)
    return counted.statements


def median_ratio(ours: Sequence[float], bare: Sequence[float]) -> float:
    """Of rounds that took turns."""
    return statistics.median(one / other for one, other in zip(ours, bare, strict=True))


def bare_save(set_up: Stage) -> float:
    return asked(set_up.bare_asker("reader"), "/save/", [set_up.bare, set_up.postgres])


def answer(set_up: Stage) -> Measured:
    """The first question, answered again and again."""
    address = f"/learn/{COURSE}/exam/"

    def answers(asker: Asker | Inside, times: int) -> Callable[[], None]:
        form = stage.right_choices(asker.get(address))[0]
        start = int(form["answer"].partition(".")[2])

        def work() -> None:
            for place in range(times):
                fields = form | {"answer": f"1.{start + place}"}
                asker.post(f"{address}answer/", fields, script=True)

        return work

    ours = set_up.asker("examinee")
    answers(ours, 3)()
    roots = [set_up.web, set_up.postgres]
    rounds, save_ms = [], []
    for _ in range(ROUNDS):
        rounds.append(meter.cost(roots, answers(ours, REQUESTS)) / REQUESTS)
        save_ms.append(bare_save(set_up))
    counted = Inside(set_up.cookies["examinee"])
    work = answers(counted, 1)
    counted.statements = 0
    work()
    return (
        {"times_save": median_ratio(rounds, save_ms), "statements": counted.statements},
        {"ms": statistics.median(rounds), "bare ms": statistics.median(save_ms)},
    )


def exam_saves(set_up: Stage) -> Measured:
    """As a browser with scripts takes it: the declaration, ten saved answers, handing in, each
    followed by a bare save, which finds the processors as it does. The pages in between count
    apart: they have bare twins of their own."""
    address = f"/learn/{TEN}/exam/"
    roots = [set_up.web, set_up.postgres]
    bare = set_up.bare_asker("reader")
    bare_roots = [set_up.bare, set_up.postgres]
    people = stage.examinees(ROUNDS + 2)

    def take(asker: Asker | Inside, spend: Callable[[str, Callable[[], str]], str]) -> None:
        intro = spend("pages", lambda: asker.get(address))
        target, fields = stage.hidden(intro, "Sign and begin")
        fields["signature"] = "Ana Diaz"
        spend("start", lambda: asker.post(target, fields))
        sheet = spend("pages", lambda: asker.get(address))
        for filled in stage.right_choices(sheet):
            spend(
                "answers",
                lambda filled=filled: asker.post(f"{address}answer/", filled, script=True),  # type: ignore[misc]
            )
        target, fields = stage.hidden(sheet, "Hand in")
        spend("handing in", lambda: asker.post(target, fields))
        spend("pages", lambda: asker.get(f"{address}1/"))

    def round_of(cookies: Mapping[str, str]) -> Mapping[str, float]:
        """The milliseconds of each kind of request, and of the bare saves between them."""
        spent: defaultdict[str, float] = defaultdict(float)

        def spend(kind: str, work: Callable[[], str]) -> str:
            answers: list[str] = []
            spent[kind] += meter.cost(roots, lambda: answers.append(work()))
            if kind != "pages":
                spent["bare"] += meter.cost(bare_roots, lambda: bare.get("/save/"))
            return answers[0]

        take(Asker(set_up.running.demo.port, cookies), spend)
        return spent

    warm = [round_of(cookies) for cookies in people[:-1]][1:]
    counted, statements = Inside(people[-1]), Counter[str]()

    def count(kind: str, work: Callable[[], str]) -> str:
        before = counted.statements
        answer = work()
        statements[kind] += counted.statements - before
        return answer

    take(counted, count)
    saves = ("start", "answers", "handing in")
    requests = 1 + 10 + 1

    def median(*kinds: str) -> float:
        return statistics.median(sum(spent[kind] for kind in kinds) for spent in warm)

    figures = {
        "times_save": statistics.median(
            sum(spent[kind] for kind in saves) / (spent["bare"] / requests) for spent in warm
        ),
        "statements": sum(statements[kind] for kind in saves),
    }
    shown = {"ms": median(*saves), "bare ms": median("bare") / requests}
    for kind, number in statements.items():
        shown |= {f"ms of {kind}": median(kind), f"statements of {kind}": number}
    return figures, shown


def certificate(set_up: Stage) -> Measured:
    """In this process, as the worker does it."""
    from django.db import transaction

    from creditable.catalog.models import Course
    from creditable.credit import certificates
    from creditable.people.models import Person
    from tests.factories.credit import BY, make_award
    from tests.factories.people import make_person

    course = Course.objects.get(slug=COURSE)
    spent, plain_ms = [], []
    for number in range(ROUNDS + 2):
        person: Person = make_person(email=f"graduate-{number}@example.com")
        with transaction.atomic():  # else the installation's worker may be quicker
            award = make_award(person.pk, course)[0]
            database = meter.cpu_ms([set_up.postgres])
            begun = time.process_time()
            certificates.issue(award_id=award.pk, by=BY)
            own = (time.process_time() - begun) * 1000
            spent.append((own, meter.cpu_ms([set_up.postgres]) - database))
        plain_ms.append(asked(set_up.bare_asker("visitor"), "/plain/", [set_up.bare]))
    warm = spent[2:]
    return (
        {"times_plain": median_ratio([sum(both) for both in warm], plain_ms[2:])},
        {
            "ms": statistics.median(sum(both) for both in warm),
            "plain ms": statistics.median(plain_ms[2:]),
            "first ms": sum(spent[0]),
            "PostgreSQL ms": statistics.median(database for _, database in warm),
        },
    )


def start(set_up: Stage) -> Measured:
    """From nothing to the first page, ours and the bare server's in turns."""

    def begin(application: str, process: int, address: str) -> tuple[float, float]:
        """The milliseconds that one waits, and those that the server's processes spend."""
        begun = time.monotonic()
        with stage.served(application, meter.environment(process)) as (server, port):
            Asker(port).get(address)
            return (time.monotonic() - begun) * 1000, meter.cpu_ms([server])

    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(begin("creditable.wsgi:application", set_up.web, "/"))
        bare.append(begin("benchmarks.bare.wsgi:application", set_up.bare, "/plain/"))
    return {"waited": statistics.median(waited for waited, _ in ours)}, {
        "spent": statistics.median(spent for _, spent in ours),
        "bare waited": statistics.median(waited for waited, _ in bare),
        "bare spent": statistics.median(spent for _, spent in bare),
    }


def worker(set_up: Stage) -> Measured:
    """The largest of the web workers, which by now have answered every page many times."""

    def most(measure: Callable[[int], float], root: int) -> float:
        return max(measure(pid) for pid in meter.family(root) - {root})

    shown = {
        "bare MiB": most(meter.mebibytes, set_up.bare),
        "with all that is shared": most(meter.resident, set_up.web),
        "bare": most(meter.resident, set_up.bare),
    }
    return {"mebibytes": most(meter.mebibytes, set_up.web)}, shown


def beside_plain(measure: Callable[[Stage], Measured]) -> Callable[[Stage], Measured]:
    """Milliseconds, spent (`ms`) or `waited`, as multiples of those of a plain view, which is asked
    for before and after; what else was measured stays as it is."""

    def compared(set_up: Stage) -> Measured:
        def plain() -> list[float]:
            return [asked(set_up.bare_asker("visitor"), "/plain/", [set_up.bare]) for _ in "ab"]

        before = plain()
        figures, shown = measure(set_up)
        plain_ms = statistics.median([*before, *plain()])
        timed = {name: figures[name] for name in ("ms", "waited") if name in figures}
        others = {name: figure for name, figure in figures.items() if name not in timed}
        multiples = {
            {"ms": "times_plain", "waited": "waited"}[name]: figure / plain_ms
            for name, figure in timed.items()
        }
        return multiples | others, timed | {"plain ms": plain_ms, **shown}

    return compared


OPERATIONS: Mapping[str, Callable[[Stage], Measured]] = {
    "beat": beat,
    "answer": answer,
    "exam saves": exam_saves,
    "certificate": certificate,
    "start": beside_plain(start),
    "worker": worker,
    "release": beside_plain(releases.release),
    "release list": beside_plain(releases.release_list),
    "seal": beside_plain(releases.seal),
    "report": beside_plain(reports.report),
    "completions": beside_plain(completions.completions),
    "verdict": beside_plain(verdicts.verdict),
    "licensees": beside_plain(verdicts.licensees),
    "decision": beside_plain(policies.decision),
    "objections": beside_plain(policies.against_objections),
    "preview": beside_plain(policies.preview),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
