"""Every column that exists in the database has a privacy answer, and every answer a column."""

from collections.abc import Iterator

import pytest
from django.db import connection

from creditable.policy import datamap
from tests.architecture.source import HOUSE
from tests.conftest import login_as

LIVE = """
    SELECT c.relname, a.attname
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
      AND a.attnum > 0 AND NOT a.attisdropped
"""


def live() -> set[tuple[str, str]]:
    """Every column of every table and view, whatever the login may read."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE)
        return set(cursor.fetchall())


@pytest.fixture(scope="module")
def answers() -> datamap.DataMap:
    return datamap.load(sorted(HOUSE.glob("*/data_map.yaml")))


@pytest.mark.django_db
def test_every_live_column_has_an_answer(answers: datamap.DataMap) -> None:
    columns = live()
    assert len(columns) > 300
    assert sorted(answers.missing(columns)) == []


@pytest.mark.django_db
def test_no_answer_is_about_a_column_that_is_gone(answers: datamap.DataMap) -> None:
    assert sorted(answers.stale(live())) == []


@pytest.mark.django_db
def test_a_planted_column_is_seen(answers: datamap.DataMap) -> None:
    assert sorted(answers.missing({*live(), ("people_person", "shoe_size")})) == [
        ("people_person", "shoe_size")
    ]
    assert ("people_person", "email") in answers.stale(live() - {("people_person", "email")})


@pytest.fixture
def planted_table(transactional_db: None) -> Iterator[str]:
    with login_as("DATABASE_URL"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted (secret text)")
    yield "planted"
    with login_as("DATABASE_URL"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE planted")


@pytest.mark.django_db(transaction=True)
def test_a_table_that_this_login_may_not_read_is_seen_all_the_same(
    answers: datamap.DataMap, planted_table: str
) -> None:
    assert ("planted", "secret") in answers.missing(live())
