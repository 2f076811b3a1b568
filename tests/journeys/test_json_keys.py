"""What the path wrote into JSON columns has a privacy answer, key by key."""

import json
from collections.abc import Iterable, Iterator

import pytest

from creditable.policy import datamap
from creditable.policy.datamap import DataMap, LiveKey
from tests.architecture.source import HOUSE
from tests.installation import Running
from tests.journeys.walk import Walk

JSON_COLUMNS = """
    SELECT c.relname AS table, a.attname AS column
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)
"""


def paths(value: object, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The keys that lead to every value in a JSON document; items of a list share their list's."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from paths(inner, (*above, str(key)))
        case list():
            for item in value:
                yield from paths(item, above)
        case _:
            if above:
                yield above


def written(installation: Running) -> set[LiveKey]:
    """Every key in every JSON column of every row."""
    found: set[LiveKey] = set()
    for place in installation.rows(JSON_COLUMNS):
        table, column = place["table"], place["column"]
        for row in installation.rows(f'SELECT "{column}"::text AS value FROM "{table}"'):
            if row["value"] is not None:
                found |= {(table, column, path) for path in paths(json.loads(row["value"]))}
    return found


def personal(keys: Iterable[LiveKey], answers: DataMap) -> set[LiveKey]:
    """Those that belong to columns which hold something personal."""
    return {key for key in keys if answers.answers[key[:2]].inner}


@pytest.fixture(scope="module")
def answers() -> DataMap:
    return datamap.load(sorted(HOUSE.glob("*/data_map.yaml")))


def test_every_key_that_was_written_has_an_answer(
    installation: Running, walk: Walk, answers: DataMap
) -> None:
    keys = written(installation)
    assert len({key[:2] for key in keys}) > 5
    assert len(personal(keys, answers)) > 10
    assert answers.missing_keys(keys) == []


def test_a_key_that_nobody_answered_is_seen(answers: DataMap) -> None:
    planted = ("credit_award", "snapshot", ("shoe_size",))
    assert answers.missing_keys([planted, ("no_table", "x", ("y",))]) != []
