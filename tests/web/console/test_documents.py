"""Staff see an identity document under their own name, or not at all."""

import io

import pytest
from django.test import Client
from PIL import Image

from creditable.audit.models import Event
from creditable.credit import identification
from creditable.people import documents
from creditable.people.models import IdentityDocument
from creditable.people.permissions import ROLES
from tests.factories import pictures
from tests.factories.credit import BOARD
from tests.factories.people import BY, make_license, make_person
from tests.people.signing import sign_in_staff
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]
MAY = {"reporting", "administrator"}


@pytest.fixture
def document() -> IdentityDocument:
    holder = make_person(name="Ruth Alvarado")
    license = make_license(holder, authority=BOARD, license_type="residential", number="R-10442")
    return identification.hand_in(license=license, content=pictures.file(), by=holder.actor)


@promise("A12")
def test_whoever_looks_stands_in_the_picture_and_in_the_trail(
    client: Client, document: IdentityDocument
) -> None:
    sam = make_person(name="Sam Office", role="reporting")
    sign_in_staff(client, sam)
    page = client.get(f"/console/people/{document.subject_id}/").content.decode()
    assert f"/console/documents/{document.pk}/" in page
    shown = client.get(f"/console/documents/{document.pk}/")
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert shown["Cache-Control"] == "no-store"
    plain = documents.KEYS.key(document.pk).decrypt(bytes(document.encrypted))
    assert shown.content != plain
    assert Image.open(io.BytesIO(shown.content)).size == (900, 560)
    look = Event.objects.get(noun=documents.VIEWED)
    assert (look.about, look.actor_id, look.noun_id) == (
        document.subject_id,
        sam.pk,
        str(document.pk),
    )


@promise("A12")
@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_few_can_open_one(client: Client, document: IdentityDocument, role: str) -> None:
    sign_in_staff(client, make_person(role=role))
    status = client.get(f"/console/documents/{document.pk}/").status_code
    assert status == (200 if role in MAY else 403)
    assert Event.objects.filter(noun=documents.VIEWED).count() == (role in MAY)


def test_what_has_ended_is_not_there(client: Client, document: IdentityDocument) -> None:
    documents.end(document_id=document.pk, why=IdentityDocument.End.WITHDRAWN, by=BY)
    sign_in_staff(client, make_person(role="reporting"))
    assert client.get(f"/console/documents/{document.pk}/").status_code == 404
    documents.KEYS.key(document.pk).destroy()
