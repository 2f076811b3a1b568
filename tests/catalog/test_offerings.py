"""What is on sale, in few queries however much there is."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from creditable.catalog import offerings, publishing
from creditable.catalog.drafts import ApprovalDraft
from tests.factories.catalog import BY, make_course, make_draft

pytestmark = pytest.mark.django_db


def approval(number: int) -> ApprovalDraft:
    return ApprovalDraft(
        "demo-state-board", f"DSB-{number}", {"safety": 4}, date(2026, 1, 1), date(2027, 12, 31)
    )


def test_only_the_newest_version_of_a_course_is_on_sale() -> None:
    draft = make_draft(title="Old")
    publishing.publish(draft=draft, by=BY)
    publishing.publish(draft=replace(draft, title="New"), by=BY)
    assert [version.title for version in offerings.listing()] == ["New"]


def test_every_word_must_be_found_in_whatever_case() -> None:
    make_course(title="Grounding and bonding")
    make_course(title="Ladders")
    assert [one.title for one in offerings.listing("BONDING ground")] == ["Grounding and bonding"]
    assert list(offerings.listing("bonding ladders")) == []
    assert list(offerings.listing("100%\x00_")) == []


@pytest.mark.parametrize("courses", [1, 3])
def test_the_list_takes_two_queries(courses: int, django_assert_num_queries: Any) -> None:
    for number in range(courses):
        make_course(approvals=(approval(number),))
    with django_assert_num_queries(2):
        found = offerings.listing()
        assert [len(one.course.approvals.all()) for one in found] == [1] * courses


@pytest.mark.parametrize("lessons", [1, 3])
def test_a_course_with_its_outline_takes_three_queries(
    lessons: int, django_assert_num_queries: Any
) -> None:
    slug = make_course(lessons=lessons, approvals=(approval(1),)).course.slug
    with django_assert_num_queries(3):
        (version,) = offerings.course(slug)
        ((module, rows),) = offerings.modules(version.lessons.all())
        assert (module, len(rows), len(version.course.approvals.all())) == ("All of it", lessons, 1)


def test_a_course_that_is_not_there_is_none() -> None:
    assert list(offerings.course("nothing")) == []
    assert offerings.picture("nothing") is None


def test_the_cover_of_the_version_on_sale_can_be_seen() -> None:
    slug = make_course().course.slug
    cover = offerings.picture(slug)
    assert cover
    assert cover.content_type == "image/svg+xml"
