"""A hundred thousand pairs of versions, and a million where somebody waits for it: nobody is missed
who must be written to, and nobody is written to for nothing."""

import pytest

from tests.policy.test_compare import agree_on


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_hundred_thousand_pairs(seed: int) -> None:
    agree_on(25_000, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5, 9))
def test_a_million_pairs(seed: int) -> None:
    agree_on(250_000, seed=seed)
