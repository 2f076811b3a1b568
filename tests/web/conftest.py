"""The cast of the authorization matrix, and what each of them is given."""

from collections.abc import Callable

import pytest

from tests.web import midway
from tests.web.crawl import Seen, crawl
from tests.web.matrix import World, make_world

_CRAWLED: dict[str, list[Seen]] = {}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an answer from outside, where there is no sender to bring one."""
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)


@pytest.fixture
def world(policy: None) -> World:
    return make_world()


@pytest.fixture
def crawled(request: pytest.FixtureRequest) -> Callable[[str], list[Seen]]:
    """What a role gets from every address, and somebody in the middle of something (`midway`) from
    the others, asked once a run."""

    def answers(role: str) -> list[Seen]:
        if role not in _CRAWLED:
            request.getfixturevalue("impatient")
            world = request.getfixturevalue("world")
            _CRAWLED[role] = midway.walk() if role == midway.ROLE else crawl(world, role)
        return _CRAWLED[role]

    return answers
