"""Statements that are planned once for each connection."""

from typing import Any

import pytest
from django.db import connection

from creditable.learning import prepared

pytestmark = pytest.mark.django_db


def test_a_statement_is_prepared_once_and_counted_like_any_other(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(2):
        for number in (1, 2):
            with prepared.cursor() as cursor:
                cursor.execute("SELECT %(number)s::int + 40 AS sum", {"number": number})
                assert cursor.fetchone() == (number + 40,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%+ 40%'")
        assert cursor.fetchall() == [("SELECT $1::int + 40 AS sum",)]
