"""The files of the provider and the pages of errors."""

import pytest
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


def test_a_verb_that_says_no_is_a_page_in_its_own_words(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/basket/")
    request.user = AnonymousUser()

    answer = errors.refused(request, Refused("This course is not on sale now."))

    assert answer.status_code == 409
    assert "This course is not on sale now." in answer.content.decode()
