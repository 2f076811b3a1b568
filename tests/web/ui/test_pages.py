"""The files of the provider and the pages of errors."""

import pytest
from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from creditable.lib.refusal import Refused
from creditable.web.ui import errors, provider

pytestmark = pytest.mark.django_db


def test_the_provider_gives_the_pages_their_colors_and_mark(client: Client) -> None:
    digest = provider.current().digest

    colors = client.get(f"/ui/provider-{digest}.css")
    mark = client.get(f"/ui/mark-{digest}.svg")

    assert colors["Content-Type"].startswith("text/css")
    assert b"--accent:light-dark(" in colors.content
    assert mark["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in mark["Content-Security-Policy"]
    for answer in (colors, mark):
        assert "immutable" in answer["Cache-Control"]
        assert "public" in answer["Cache-Control"]


def test_when_all_fails_the_page_still_comes_without_the_database(
    django_assert_num_queries: object,
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        answer = errors.server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "We could not finish this" in answer.content.decode()


@pytest.mark.parametrize("failure", [OperationalError, InterfaceError])
def test_while_the_database_is_away_pages_say_so_and_when_to_ask_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
) -> None:
    def away(*_: object) -> None:
        raise failure("the connection is gone")

    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        answer = client.get("/courses/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Back in a moment" in answer.content.decode()


@pytest.mark.parametrize("address", ["/account/login/", "/privacy/", "/contact/"])
def test_before_a_policy_is_published_its_pages_say_that_they_are_not_open_yet(
    client: Client, address: str
) -> None:
    client.raise_request_exception = False

    answer = client.get(address)

    assert answer.status_code == 503
    assert "Not open yet" in answer.content.decode()


def test_a_verb_that_says_no_is_a_page_in_its_own_words(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/basket/")
    request.user = AnonymousUser()

    answer = errors.refused(request, Refused("This course is not on sale now."))

    assert answer.status_code == 409
    assert "This course is not on sale now." in answer.content.decode()
