"""The person that comes with the session: found in one query, and let in only where Django's own
checks would let them in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from creditable.people.models import Person, Session
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db

PAGE = "/account/security/"


@pytest.fixture
def ana(policy: None) -> Person:
    return make_person()


@pytest.fixture
def browser(ana: Person) -> Client:
    client = Client()
    client.force_login(ana, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_session_and_person_are_one_query(
    browser: Client, ana: Person, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        request = browser.get("/nothing-here/").wsgi_request
        assert request.user == ana


def _closed(person: Person, _session: Any) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def _new_password(person: Person, _session: Any) -> None:
    person.set_password("another password, a long one")
    person.save()


def _ended(person: Person, _session: Any) -> None:
    Session.objects.filter(subject_id=person.pk).delete()


def _other_backend(_person: Person, session: Any) -> None:
    session[BACKEND_SESSION_KEY] = "somewhere.Else"
    session.save()


def _no_hash(_person: Person, session: Any) -> None:
    session[HASH_SESSION_KEY] = ""
    session.save()


def _nobody(_person: Person, session: Any) -> None:
    del session[SESSION_KEY]
    session.save()


@pytest.mark.parametrize(
    "happened", [_closed, _new_password, _ended, _other_backend, _no_hash, _nobody]
)
def test_who_is_not_let_in_any_more_is_signed_out(
    browser: Client, ana: Person, happened: Callable[[Person, Any], None]
) -> None:
    assert browser.get(PAGE).status_code == 200
    happened(ana, browser.session)
    answer = browser.get(PAGE)
    assert (answer.status_code, "/account/login/" in answer.headers["Location"]) == (302, True)
