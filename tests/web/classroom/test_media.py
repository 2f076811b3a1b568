"""Videos are private and come in parts of at most 1 MB."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from creditable.catalog import publishing
from creditable.catalog.drafts import MediaDraft
from creditable.learning.models import Enrollment
from creditable.people.models import Person, Session
from tests.factories.catalog import BY, DATA, make_draft, make_video_course, with_video
from tests.factories.learning import enroll

VIDEO = "/learn/filmed/media/counted.webm"
WHOLE = (DATA / "counted.webm").read_bytes()
PART = 1024 * 1024


@pytest.fixture
def film(ana: Person) -> Enrollment:
    return enroll(ana, make_video_course(slug="filmed"))


@pytest.fixture
def long_film(ana: Person) -> bytes:
    """A course whose video has 2.5 MB; its bytes."""
    draft = with_video(make_draft(slug="filmed"))
    content = WHOLE + bytes(range(256)) * (10 * 1024 - len(WHOLE) // 256)
    *others, video = draft.media
    longer = MediaDraft(video.path, video.content_type, content)
    enroll(ana, publishing.publish(draft=replace(draft, media=(*others, longer)), by=BY))
    return content


def ask(browser: Client, part: str = "", **headers: str) -> Any:
    return browser.get(VIDEO, headers={"Range": part, **headers} if part else headers)


@pytest.mark.parametrize(
    ("part", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=0-", 0, len(WHOLE)),
        ("bytes=127000-999999999", 127_000, len(WHOLE)),
        ("bytes=-500", len(WHOLE) - 500, len(WHOLE)),
        ("bytes=-999999999", 0, len(WHOLE)),
    ],
)
def test_a_part_is_answered_with_206_and_says_which_it_is(
    browser: Client, film: Enrollment, part: str, start: int, end: int
) -> None:
    answer = ask(browser, part)
    assert (answer.status_code, answer.content) == (206, WHOLE[start:end])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(WHOLE)}"
    assert answer.headers["Content-Type"] == "video/webm"
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("part", [f"bytes={len(WHOLE)}-", "bytes=999999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_answered_with_416(
    browser: Client, film: Enrollment, part: str
) -> None:
    answer = ask(browser, part)
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(WHOLE)}"


@pytest.mark.parametrize(
    "part", ["bytes=-", "bytes=9-5", "bytes=a-b", "bytes=0-1,4-5", "lines=0-1", "bytes=١-٢"]
)
def test_a_range_that_means_nothing_gets_the_whole(
    browser: Client, film: Enrollment, part: str
) -> None:
    answer = browser.get(VIDEO, headers={"Range": part.encode().decode("latin-1")})
    assert (answer.status_code, answer.content) == (200, WHOLE)


def test_nobody_gets_more_than_a_megabyte_in_a_part(browser: Client, long_film: bytes) -> None:
    answer = ask(browser, "bytes=1000-")
    assert answer.status_code == 206
    assert answer.content == long_film[1000 : 1000 + PART]
    assert answer.headers["Content-Range"] == f"bytes 1000-{999 + PART}/{len(long_film)}"


def test_the_whole_of_a_long_film_goes_out_part_by_part(browser: Client, long_film: bytes) -> None:
    answer = ask(browser)
    assert (answer.status_code, answer.streaming) == (200, True)
    parts = list(answer.streaming_content)
    assert max(map(len, parts)) == PART
    assert b"".join(parts) == long_film
    assert answer.headers["Content-Length"] == str(len(long_film))


def test_head_says_the_size_and_reads_nothing(
    browser: Client, film: Enrollment, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answer = browser.head(VIDEO)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(WHOLE))
    assert answer.headers["ETag"]


def test_a_part_of_another_version_is_not_mixed_in(browser: Client, film: Enrollment) -> None:
    etag = ask(browser, "bytes=0-9").headers["ETag"]
    same = ask(browser, "bytes=0-9", **{"If-Range": etag})
    assert (same.status_code, same.content) == (206, WHOLE[:10])
    other = ask(browser, "bytes=0-9", **{"If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, WHOLE)
    assert ask(browser, "bytes=0-9", **{"If-None-Match": etag}).status_code == 304


def test_a_part_takes_three_queries(
    browser: Client, long_film: bytes, django_assert_num_queries: Any
) -> None:
    for part in ("bytes=0-9", "bytes=1000000-"):
        with django_assert_num_queries(3):
            ask(browser, part)


def test_a_film_is_served_to_nobody_who_may_not_enter_the_course(
    browser: Client, stranger: Client, film: Enrollment, move_clock: Any
) -> None:
    assert ask(stranger, "bytes=0-9").status_code == 404
    visitor = ask(Client(), "bytes=0-9")
    assert (visitor.status_code, "/account/login/" in visitor.headers["Location"]) == (302, True)
    move_clock(timedelta(days=31))
    Session.objects.update(expires_at="2099-01-01T00:00Z")
    assert ask(browser, "bytes=0-9").status_code == 404


def test_fetching_parts_is_no_sign_of_life(
    browser: Client, film: Enrollment, move_clock: Any
) -> None:
    for _ in range(4):
        move_clock(timedelta(minutes=2), idle=True)
        assert ask(browser, "bytes=0-9").status_code == 206
    move_clock(timedelta(minutes=3), idle=True)
    assert ask(browser, "bytes=0-9").status_code == 302
