"""Money is exact, and two currencies never mix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.lib.money import Money

cents = st.integers(-(10**12), 10**12)


@given(cents)
def test_what_a_processor_writes_is_read_back_to_the_cent(amount: int) -> None:
    assert Money.read(Money(amount).decimal) == Money(amount)


@given(st.lists(cents))
def test_a_total_is_the_sum_of_its_parts(amounts: list[int]) -> None:
    assert Money.total(map(Money, amounts)).cents == sum(amounts)


@pytest.mark.parametrize(
    "text", ["39", "39.0", "39.000", "39,00", "1e3.00", "٣٩.00", "", "-.00", "--1.00"]
)
def test_an_amount_without_exactly_two_decimals_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        Money.read(text)


def test_dollars_and_euros_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(1) + Money(1, "EUR")


def test_a_fraction_of_a_cent_is_refused() -> None:
    with pytest.raises(TypeError):
        Money(1.5)  # type: ignore[arg-type]


def test_people_read_dollars() -> None:
    assert str(Money(123456)) == "$1,234.56"
    assert str(Money(-500)) == "-$5.00"
