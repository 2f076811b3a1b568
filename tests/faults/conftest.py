from collections.abc import Iterator

import pytest

from tests.faults.house import House
from tests.installation import started


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """An installation of its own, whose processes may be killed."""
    with started() as running:
        yield House(running)
