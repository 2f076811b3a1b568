"""The cast of the authorization matrix."""

import pytest

from tests.web.matrix import World, make_world


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an answer from outside, where there is no sender to bring one."""
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)


@pytest.fixture
def world(policy: None) -> World:
    return make_world()
