"""There is one clock, and it is in the database."""

from collections.abc import Iterable

from tests.architecture.source import Module, called, inside, modules

CLOCKS = frozenset({
    "timezone.now", "django.utils.timezone.now", "datetime.now", "datetime.utcnow",
    "datetime.today", "date.today", "datetime.datetime.now", "datetime.date.today", "time.time",
    "time.time_ns", "time.localtime", "time.gmtime",
})  # fmt: skip
OTHER_CLOCKS = {
    "creditable.lib.ids": "orders row ids on disk and proves nothing",
    "creditable.standins": "the outside has its own clock",
    "creditable.ops": "starts and watches processes",
}


def readers(found: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} calls {text}"
        for module in found
        if not inside(module.name, OTHER_CLOCKS)
        for text, _ in called(module)
        if text in CLOCKS
    ]


def test_nobody_asks_another_clock() -> None:
    found = modules()
    assert len(found) > 80
    assert readers(found) == []


def test_a_planted_clock_is_seen() -> None:
    for call in ("datetime.now(UTC)", "timezone.now()", "date.today()", "time.time()"):
        assert readers([Module.of("creditable.credit.reports", f"x = {call}")]), call
