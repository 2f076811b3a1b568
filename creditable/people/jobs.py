"""What the worker does for people's accounts."""

from django.db import connection

from creditable.people.sessions import SessionStore


def clear_expired() -> None:
    """Forgets sessions and counts of tries that are over. The counts run by the clock of the
    machine, as Django keeps them."""
    SessionStore.clear_expired()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM creditable_cache WHERE expires < now()")
