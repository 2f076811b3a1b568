"""What the worker does for people's accounts and documents."""

from uuid import UUID

from django.db import connection

from creditable.jobs import job
from creditable.lib.actor import Actor
from creditable.people import documents
from creditable.people.sessions import SessionStore


def clear_expired() -> None:
    """Forgets sessions and counts of tries that are over. The counts run by the clock of the
    machine, as Django keeps them."""
    SessionStore.clear_expired()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM creditable_cache WHERE expires < now()")


def end_documents() -> None:
    """Ends identity documents whose time is over, and sets right what a restored database or an
    interrupted hand-in has left."""
    by = Actor.system("schedule")
    documents.end_overdue(by=by)
    documents.reconcile(by=by)


@job("people.destroy_document")
def destroy_document(*, document_id: str) -> None:
    documents.destroy(document_id=UUID(document_id), by=Actor.system("documents"))
