"""Statements that are planned once for each connection, and queries put together once a process."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from creditable.audit import prepared
from creditable.audit.clock import Now
from creditable.people.models import License, Person
from tests.factories.people import make_license, make_person

pytestmark = pytest.mark.django_db


def test_a_statement_is_prepared_once_and_counted_like_any_other(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(2) as made:
        for number in (1, 2):
            with prepared.cursor() as cursor:
                cursor.execute("SELECT %(number)s::int + 40 AS sum", {"number": number})
                assert cursor.fetchone() == (number + 40,)
    assert ["+ 40" in query["sql"] for query in made.captured_queries] == [True, True]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%+ 40%'")
        assert cursor.fetchall() == [("SELECT $1::int + 40 AS sum",)]


def test_a_long_statement_with_named_places_gives_its_row_and_is_counted_too(
    django_assert_num_queries: Any,
) -> None:
    sum_of = prepared.Statement("SELECT %(one)s::int + %(two)s::int AS sum, %(one)s AS first")
    with django_assert_num_queries(2) as made:
        rows = [sum_of.row({"two": 2, "one": number, "unused": 0}) for number in (1, 5)]
    assert [(row.sum, row.first) for row in rows] == [(3, 1), (7, 5)]
    assert ["AS first" in query["sql"] for query in made.captured_queries] == [True, True]


def test_a_query_is_put_together_and_planned_once_and_gives_the_rows_of_its_values(
    django_assert_num_queries: Any,
) -> None:
    built = []

    @prepared.query
    def held(person: Any, number: str) -> QuerySet[License]:
        built.append(person)
        return (
            License.objects.filter(subject=person, number=number)
            .select_related("subject__person")
            .annotate(at=Now(), who=F("subject__person__email"))
        )

    ana, ben = make_person(email="ana@example.com"), make_person(email="ben@example.com")
    for person in (ana, ben):
        make_license(person, number="J-1")
        make_license(person, number="J-2")
    with django_assert_num_queries(2):
        (first,) = held(ana.pk, "J-1")
        (second,) = held(number="J-2", person=ben.pk)
        names = [row.subject.person.name for row in (first, second)]
    assert len(built) == 1
    assert (first.subject_id, second.subject_id) == (ana.pk, ben.pk)
    assert names == [ana.name, ben.name]
    (plain,) = License.objects.filter(subject=ana.pk, number="J-1")
    assert first == plain
    assert (first.answers, first.expires) == (plain.answers, plain.expires)
    assert first.who == "ana@example.com"  # type: ignore[attr-defined]
    assert first.at < second.at  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%people_license%'"
        )
        assert cursor.fetchone() == (1,)


def test_a_query_that_is_put_together_once_gives_values_and_nothing_as_well() -> None:
    @prepared.query
    def emails(name: str) -> QuerySet[Person, str]:
        return Person.objects.filter(name=name).order_by("email").values_list("email", flat=True)

    assert emails("Nobody") == []
    for email in ("b@example.com", "a@example.com"):
        make_person(email=email, name="Ana Diaz")
    assert emails("Ana Diaz") == ["a@example.com", "b@example.com"]
