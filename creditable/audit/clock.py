"""What time it is: one SQL function, so that rows, deadlines and people see the same clock."""

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class Now(Func):
    """`creditable_now()` in a query or as a column's default."""

    function = "creditable_now"
    template = "%(function)s()"
    output_field = DateTimeField()


def now() -> datetime:
    """The current instant by the database's clock (one query)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT creditable_now()")
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant
