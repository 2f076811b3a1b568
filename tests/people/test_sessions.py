"""A cookie is a random number; the table knows its hash and whose it is."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from creditable.lib.refusal import Refused
from creditable.people import jobs, sessions
from creditable.people.models import Session
from creditable.people.sessions import SessionStore
from tests.factories.people import BY, make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db
Clock = Callable[..., None]


def signed_in(person_id: object, **carried: object) -> SessionStore:
    store = SessionStore()
    store.update({SESSION_KEY: str(person_id), **carried})
    store.save()
    return store


def test_the_settings_name_this_engine() -> None:
    assert import_module(settings.SESSION_ENGINE).SessionStore is SessionStore


@promise("C6")
def test_the_number_in_the_cookie_is_random_and_not_in_the_table() -> None:
    keys = {signed_in(make_person().pk).session_key for _ in range(20)}
    assert len(keys) == 20
    assert all(key is not None and len(key) >= 43 for key in keys)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM people_session s")
        rows = [text for (text,) in cursor.fetchall()]
    assert len(rows) == 20
    assert not any(key in row for key in keys for row in rows if key)


@promise("C6")
def test_what_a_session_remembers_comes_back_and_is_unreadable_in_the_table() -> None:
    store = signed_in(make_person().pk, code="482913", list=[1, {"two": None}])
    again = SessionStore(store.session_key)
    assert again["code"] == "482913"
    assert again["list"] == [1, {"two": None}]
    assert b"482913" not in bytes(Session.objects.get().sealed)


def test_a_number_that_nobody_was_given_opens_nothing_and_is_not_kept() -> None:
    store = SessionStore("0" * 43)
    assert SESSION_KEY not in store
    assert store.session_key is None
    digest_of_a_real_one = sessions.digest(str(signed_in(make_person().pk).session_key))
    assert SESSION_KEY not in SessionStore(digest_of_a_real_one)


def test_a_session_is_the_persons_from_sign_in_to_sign_out() -> None:
    person = make_person()
    store = SessionStore()
    store["basket"] = "b"
    store.save()
    assert Session.objects.get().subject_id is None
    store[SESSION_KEY] = str(person.pk)
    store.cycle_key()
    store.save()
    assert Session.objects.get().subject_id == person.pk
    store.flush()
    assert not Session.objects.exists()


def test_an_ended_session_is_not_brought_back_by_a_request_that_still_runs() -> None:
    person = make_person()
    running = signed_in(person.pk)
    sessions.end(subject_id=person.pk, session_id=Session.objects.get().id, by=BY)
    running["late"] = True
    with pytest.raises(UpdateError):
        running.save()
    assert not Session.objects.exists()


def test_a_session_ends_by_the_clock_of_the_database(move_clock: Clock) -> None:
    key = signed_in(make_person().pk).session_key
    move_clock(timedelta(seconds=settings.SESSION_COOKIE_AGE - 60))
    assert SESSION_KEY in SessionStore(key)
    move_clock(timedelta(seconds=120))
    assert SESSION_KEY not in SessionStore(key)
    jobs.clear_expired()
    assert not Session.objects.exists()


def test_counts_of_tries_that_are_over_are_forgotten() -> None:
    cache.set("over", 1, timeout=1)
    cache.set("running", 1, timeout=600)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE creditable_cache SET expires = now() - interval '1 second' "
            "WHERE cache_key LIKE '%over'"
        )
    jobs.clear_expired()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM creditable_cache")
        assert [key for (key,) in cursor.fetchall()] == [":1:running"]


def test_last_use_is_noted_at_most_every_fifteen_seconds(move_clock: Clock) -> None:
    key = signed_in(make_person().pk).session_key
    first = Session.objects.get().seen_at
    move_clock(timedelta(seconds=10), idle=True)
    assert SESSION_KEY in SessionStore(key)
    assert Session.objects.get().seen_at == first
    move_clock(timedelta(seconds=10), idle=True)
    assert SESSION_KEY in SessionStore(key)
    assert Session.objects.get().seen_at > first + timedelta(seconds=15)


# Who does nothing


@promise("A18")
def test_who_does_nothing_for_ten_minutes_is_signed_out_and_who_does_something_is_not(
    move_clock: Clock,
) -> None:
    """Never sooner than the limit, and at most `SEEN_EVERY` later."""
    key = signed_in(make_person().pk).session_key
    for _ in range(3):
        move_clock(timedelta(seconds=settings.IDLE_SECONDS - 1), idle=True)
        assert SESSION_KEY in SessionStore(key)
    move_clock(timedelta(seconds=settings.IDLE_SECONDS) + sessions.SEEN_EVERY, idle=True)
    store = SessionStore(key)
    assert SESSION_KEY not in store
    assert store.session_key is None
    assert not sessions.of(Session.objects.get().subject_id, here=None)


def test_the_limit_is_the_one_of_the_settings(move_clock: Clock, settings: Any) -> None:
    settings.IDLE_SECONDS = 1800
    key = signed_in(make_person().pk).session_key
    move_clock(timedelta(minutes=29), idle=True)
    assert SESSION_KEY in SessionStore(key)
    move_clock(timedelta(minutes=31), idle=True)
    assert SESSION_KEY not in SessionStore(key)


def test_a_visitor_who_is_not_signed_in_keeps_what_the_browser_holds(move_clock: Clock) -> None:
    store = SessionStore()
    store["basket"] = "b"
    store.save()
    move_clock(timedelta(days=3), idle=True)
    assert SessionStore(store.session_key)["basket"] == "b"


def test_to_ask_is_no_sign_of_life_and_to_say_so_is_one(move_clock: Clock) -> None:
    person = make_person()
    key = str(signed_in(person.pk).session_key)
    move_clock(timedelta(seconds=500), idle=True)
    left = sessions.idle_left(key)
    assert left is not None
    assert 100 <= left <= 115
    assert sessions.subject(key) == person.pk
    move_clock(timedelta(seconds=60), idle=True)
    assert (sessions.idle_left(key) or 0) < left
    assert sessions.still_here(key) == 615
    move_clock(timedelta(seconds=599), idle=True)
    assert sessions.subject(key) == person.pk
    move_clock(timedelta(seconds=30), idle=True)
    assert (sessions.idle_left(key), sessions.still_here(key)) == (0, 0)
    assert sessions.subject(key) is None
    assert sessions.idle_left("nobody") is sessions.still_here("nobody") is None


def test_idle_sessions_are_cleared_away(move_clock: Clock) -> None:
    signed_in(make_person().pk)
    move_clock(timedelta(minutes=11), idle=True)
    jobs.clear_expired()
    assert not Session.objects.exists()


def test_people_see_their_own_browsers_and_end_one() -> None:
    person, other = make_person(), make_person()
    here = signed_in(person.pk, device="Firefox on Linux")
    signed_in(person.pk, device="Safari on iPhone")
    theirs = signed_in(other.pk)
    seen = sessions.of(person.pk, here=here.session_key)
    assert {(browser.device, browser.here) for browser in seen} == {
        ("Firefox on Linux", True),
        ("Safari on iPhone", False),
    }
    (there,) = (browser for browser in seen if not browser.here)
    sessions.end(subject_id=person.pk, session_id=there.id, by=BY)
    assert [browser.here for browser in sessions.of(person.pk, here=here.session_key)] == [True]
    not_mine = Session.objects.get(digest=sessions.digest(str(theirs.session_key)))
    with pytest.raises(Refused):
        sessions.end(subject_id=person.pk, session_id=not_mine.id, by=BY)
    assert SESSION_KEY in SessionStore(theirs.session_key)


def test_ending_all_others_keeps_the_one_that_asks() -> None:
    person = make_person()
    here = signed_in(person.pk)
    others = [signed_in(person.pk) for _ in range(3)]
    assert sessions.end_others(subject_id=person.pk, here=here.session_key, by=BY) == 3
    assert SESSION_KEY in SessionStore(here.session_key)
    assert not any(SESSION_KEY in SessionStore(other.session_key) for other in others)


def test_loading_a_session_takes_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    key = signed_in(make_person().pk).session_key
    with django_assert_num_queries(1):
        assert SESSION_KEY in SessionStore(key)
