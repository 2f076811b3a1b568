"""Every column that exists in the database has a privacy answer, and every answer a column."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from creditable.people.models import Person
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


def add_field() -> None:
    field = models.CharField(max_length=9, null=True)
    field.set_attributes_from_name("shoe_size")
    with connection.schema_editor() as editor:
        editor.add_field(Person, field)


def add_third_party() -> None:
    """The migration of an app of somebody else's."""
    fields = [("id", models.BigAutoField(primary_key=True)), ("email", models.EmailField())]
    migration = migrations.Migration("0001_initial", "theirs")
    migration.operations = [migrations.CreateModel("Tracker", fields)]
    with connection.schema_editor() as editor:
        migration.apply(ProjectState(), editor)


Planting = Callable[[str | Callable[[], None]], None]


PLANTED: dict[str, tuple[str | Callable[[], None], set[tuple[str, str]]]] = {
    "a field of a model": (add_field, {("people_person", "shoe_size")}),
    "a raw column": (
        "ALTER TABLE store_order ADD COLUMN note text",
        {("store_order", "note")},
    ),
    "a view": (
        "CREATE VIEW everybody AS SELECT email AS line2 FROM people_person",
        {("everybody", "line2")},
    ),
    "a view that keeps": (
        "CREATE MATERIALIZED VIEW everybody AS SELECT email FROM people_person",
        {("everybody", "email")},
    ),
    "a table without a model": ("CREATE TABLE planted (secret text)", {("planted", "secret")}),
    "a table in parts": (
        "CREATE TABLE planted (secret text) PARTITION BY LIST (secret)",
        {("planted", "secret")},
    ),
    "an app of others": (
        add_third_party,
        {("theirs_tracker", "id"), ("theirs_tracker", "email")},
    ),
}


@pytest.mark.parametrize("change", PLANTED)
@pytest.mark.django_db(transaction=True)
def test_a_planted_change_of_the_schema_is_seen_whoever_may_read_it(
    answers: datamap.DataMap, change: str, planting: Planting
) -> None:
    plant, wanted = PLANTED[change]
    before = live()
    planting(plant)
    assert live() > before
    found = set(answers.missing(live()))
    assert found >= wanted
    assert found == live() - before, "and nothing but what was planted"


@pytest.fixture
def planting(transactional_db: None) -> Iterator[Planting]:
    """Does it as the owner, in a transaction that is taken back; the check reads as the owner's
    connection then, and in the test above as the application's, who may read none of it."""
    with login_as("DATABASE_URL"):
        connection.set_autocommit(False)

        def do(plant: str | Callable[[], None]) -> None:
            if isinstance(plant, str):
                with connection.cursor() as cursor:
                    cursor.execute(plant)
            else:
                plant()

        yield do
        connection.rollback()
        connection.set_autocommit(True)


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


def test_a_planted_key_in_json_is_seen(answers: datamap.DataMap) -> None:
    """Wherever keys are answered one by one; `*` answers for keys that are data themselves."""
    named = {
        place: answer
        for place, answer in answers.answers.items()
        if answer.inner and "*" not in answer.inner
    }
    assert len(named) >= 5
    for place in named:
        assert answers.missing_keys([(*place, "shoe_size")]) == [(*place, "shoe_size")]
