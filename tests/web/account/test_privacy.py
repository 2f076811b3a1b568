"""The page that says who got what."""

from typing import Any

import pytest
from django.test import Client

from creditable.disclosure.models import Release, ReleaseEvent
from creditable.people.models import Person
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db

PAGE = "/account/privacy/"


def write_to(person: Person) -> Release:
    """A release about the person: a sign-in code by mail."""
    Client().post("/account/login/", {"login": person.email})
    return Release.objects.filter(subject_id=person.pk).latest("at")


def test_before_anything_left_the_page_says_so(browser: Client) -> None:
    assert "Nobody has received anything about you" in browser.get(PAGE).content.decode()


@promise("A3")
def test_a_release_is_listed_in_plain_words(browser: Client, ana: Person, policy: Any) -> None:
    release = write_to(ana)
    answer = browser.get(PAGE)
    page = answer.content.decode()
    (line,) = answer.context["lines"]
    assert line.recipient == "yourself"
    assert line.purpose == "running your account"
    assert line.channel == "e-mail"
    assert set(line.fields) == {
        "your e-mail address",
        "your name",
        "your one-time sign-in code",
    }
    assert line.entry.at == release.at
    assert "For running your account we write to you by e-mail" in page
    assert f"Privacy policy, version {policy.version}" in page
    assert f'href="/privacy/#{line.anchor}"' in page
    assert "Waiting to leave" in page
    assert "user.contact.email" not in page


@pytest.mark.parametrize("status", ReleaseEvent.Status.values)
def test_what_became_of_it_is_told(browser: Client, ana: Person, status: str) -> None:
    release = write_to(ana)
    ReleaseEvent.objects.create(batch=release.batch, status=status)
    (line,) = browser.get(PAGE).context["lines"]
    assert line.entry.status == status
    assert line.status


def test_newest_first_and_only_ones_own(browser: Client, ana: Person) -> None:
    other = make_person(email="ben@example.com")
    first = write_to(ana)
    write_to(other)
    second = write_to(ana)
    lines = browser.get(PAGE).context["lines"]
    assert [line.entry.at for line in lines] == [second.at, first.at]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_for_three(
    browser: Client, ana: Person, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        write_to(ana)
    browser.get(PAGE)
    with django_assert_num_queries(QUERIES):
        browser.get(PAGE)


QUERIES = 6
