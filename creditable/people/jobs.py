"""What the worker does for people's accounts."""

from django.db import connection

from creditable.jobs import job
from creditable.people.sessions import SessionStore


@job("people.clear_expired")
def clear_expired(timestamp: int = 0) -> None:
    """Forgets sessions and counts of tries that are over. Hourly."""
    SessionStore.clear_expired()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM creditable_cache WHERE expires < now()")
