"""Videos are taken when their container says what they are, and is whole."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditable.catalog import video
from creditable.catalog.media import Fault, Looked, look
from creditable.catalog.video import Unreadable, Video

DATA = Path(__file__).parent / "data"
WEBM = (DATA / "counted.webm").read_bytes()
MP4 = (DATA / "short.mp4").read_bytes()


def test_a_webm_tells_its_length_and_size() -> None:
    assert video.webm(WEBM) == Video(24_008, 640, 360)


def test_an_mp4_tells_its_length_and_size() -> None:
    assert video.mp4(MP4) == Video(2_000, 160, 90)


def test_a_video_is_judged_by_its_bytes() -> None:
    assert look("media/a.webm", WEBM) == Looked("video/webm", 640, 360, 24_008)
    assert look("media/a.mp4", MP4) == Looked("video/mp4", 160, 90, 2_000)
    (fault,) = look("media/a.mp4", WEBM)
    assert isinstance(fault, Fault)
    assert "the content is video/webm" in fault.message


def test_a_video_that_is_too_large_is_refused() -> None:
    (fault,) = look("media/a.webm", WEBM + bytes(64 * 1024 * 1024))
    assert isinstance(fault, Fault)
    assert "KB" in fault.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"\x42\x82\x84webm", b"\x42\x82\x84mkvx", "not WebM"),
        (b"V_VP9", b"V_MPX", "written as V_MPX"),
        (b"\x44\x89\x88", b"\x44\x88\x88", "how long it is"),
        (b"\x16\x54\xae\x6b", b"\x16\x54\xae\x6c", "no picture"),
        (b"\x18\x53\x80\x67", b"\x18\x53\x80\x68", "no content"),
    ],
)
def test_a_webm_that_hides_something_is_refused(old: bytes, new: bytes, words: str) -> None:
    assert old in WEBM
    with pytest.raises(Unreadable, match=words):
        video.webm(WEBM.replace(old, new))


@pytest.mark.parametrize("length", [0.0, -5.0, 999.0, 1e300, float("inf"), float("nan")])
def test_a_length_that_cannot_be_is_refused(length: float) -> None:
    at = WEBM.index(b"\x44\x89\x88") + 3
    with pytest.raises(Unreadable, match="how long"):
        video.webm(WEBM[:at] + struct.pack(">d", length) + WEBM[at + 8 :])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"avc1", b"hvc1", "written as hvc1"),
        (b"moov", b"moox", "no list"),
        (b"vide", b"soun", "no picture"),
        (b"tkhd", b"tkhx", "damaged"),
    ],
)
def test_an_mp4_that_hides_something_is_refused(old: bytes, new: bytes, words: str) -> None:
    at = MP4.rindex(old) if old == b"avc1" else MP4.index(old)
    with pytest.raises(Unreadable, match=words):
        video.mp4(MP4[:at] + new + MP4[at + len(old) :])


@pytest.mark.parametrize("read", [video.webm, video.mp4])
def test_a_file_that_is_cut_off_is_refused(read: object) -> None:
    assert callable(read)
    whole = WEBM if read is video.webm else MP4
    for length in (0, 3, 40, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Unreadable):
            read(whole[:length])


@given(st.integers(0, 600), st.binary(min_size=1, max_size=12))
def test_bytes_that_were_overwritten_never_crash_the_reader(at: int, new: bytes) -> None:
    for read, whole in ((video.webm, WEBM), (video.mp4, MP4)):
        try:
            found = read(whole[:at] + new + whole[at + len(new) :])
        except Unreadable:
            continue
        assert 1000 <= found.milliseconds <= video.LONGEST
