"""Serials that people type, and row ids that sort by time."""

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from creditable.lib import ids


def test_a_serial_is_read_however_it_was_typed() -> None:
    serial = ids.serial()
    typed = serial.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert ids.read_serial(typed) == serial
    assert ids.read_serial(f"\ufeff\u200b{serial[:12]}\u200b{serial[12:]}\u00ad") == serial


@given(st.text(max_size=40))
def test_nonsense_is_not_a_serial_and_breaks_nothing(text: str) -> None:
    serial = ids.read_serial(text)
    assert serial is None or ids.read_serial(serial) == serial


def test_serials_do_not_repeat() -> None:
    assert len({ids.serial() for _ in range(1000)}) == 1000


def test_row_ids_are_version_7_and_sort_by_time() -> None:
    first = ids.uuid7()
    assert first.version == 7
    assert first.int >> 80 <= ids.uuid7().int >> 80


def test_many_row_ids_at_once_are_like_one_and_in_their_order() -> None:
    before = ids.uuid7().int >> 80
    many = [UUID(bytes=one) for one in ids.uuid7s(5000)]
    assert many == sorted(set(many))
    assert {(one.version, one.variant) for one in many} == {(7, RFC_4122)}
    assert {before <= one.int >> 80 <= ids.uuid7().int >> 80 for one in many} == {True}
