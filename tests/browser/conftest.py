"""A browser for a module of tests, and devices in it that are looked over at the end."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Device, chromium
from tests.installation import Running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def device(browser: Browser, installation: Running) -> Iterator[Callable[..., Device]]:
    """Makes devices. Nothing may have gone wrong on any of them."""
    made: list[Device] = []
    shots = count(1)

    def make(**settings: Any) -> Device:
        made.append(Device(browser, installation, shots, **settings))
        return made[-1]

    yield make
    wrong = [what for one in made for what in one.wrong]
    for one in made:
        one.close()
    assert wrong == []
