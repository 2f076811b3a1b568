"""The office's pages for legal matters: open, approve, release, hand over, lift."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from creditable.audit.clock import now
from creditable.disclosure.models import Matter
from creditable.people.models import Person
from tests.factories.people import make_person
from tests.factories.rights import DOCUMENT, make_matter
from tests.people.signing import sign_in_staff
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

ADDRESS = "/console/legal/"


def member(role: str = "legal", name: str = "Lee Counsel") -> Client:
    client = Client()
    sign_in_staff(client, make_person(name=name, role=role))
    return client


@pytest.fixture
def ana() -> Person:
    return make_person(name="Ana Diaz")


def told(ana: Person, **changed: object) -> dict[str, object]:
    day = now().date() + timedelta(days=20)
    return {
        "kind": "subpoena",
        "authority": "County Court",
        "reached_at": "1 Court Square",
        "reference": "26-77",
        "people": ana.email.upper(),
        "categories": ["user.name", "user.contact.email"],
        "expires": day.isoformat(),
        "hidden_until": "",
        "file": SimpleUploadedFile("<script>.pdf", DOCUMENT),
        **changed,
    }


@promise("A22")
def test_a_matter_goes_its_way_through_the_hands_of_two(ana: Person) -> None:
    first, second = member(), member(name="Kim Second")
    day = (now().date() + timedelta(days=40)).isoformat()
    opened = first.post(f"{ADDRESS}new/", told(ana, hidden_until=day))
    assert opened.status_code == 302
    page = opened["Location"]
    assert "Waits for approval" in first.get(page).content.decode()
    first.post(f"{page}approve/")
    again = first.post(f"{page}approve/")
    assert (again.status_code, "somebody else" in again.content.decode()) == (409, True)
    early = first.post(f"{page}release/", {"person": str(ana.pk), "field": "name"})
    assert "Two people have to approve" in early.content.decode()
    second.post(f"{page}approve/")
    wide = first.post(f"{page}release/", {"person": str(ana.pk), "field": ["name", "phone"]})
    assert "does not ask for this" in wide.content.decode()
    released = first.post(f"{page}release/", {"person": str(ana.pk), "field": ["name", "email"]})
    assert released.status_code == 302
    file = first.get(f"{page}file/")
    assert ana.email in file.content.decode()
    assert file["Content-Type"] == "application/octet-stream"
    theirs = Client()
    theirs.force_login(ana)
    assert "County Court" not in theirs.get("/account/privacy/").content.decode()
    second.post(f"{page}lift/", {"words": "The court says so."})
    shown = " ".join(theirs.get("/account/privacy/").content.decode().split())
    assert "County Court, reference 26-77" in shown
    assert "We were ordered to say nothing of it until" in shown


def test_the_office_sees_what_waits_for_approval(ana: Person) -> None:
    client = member()
    make_matter(ana.pk, approvals=2)
    assert '<span class="queue__count number">0</span> matters wait' in _home(client)
    make_matter(ana.pk, approvals=1)
    refused = make_matter(ana.pk, approvals=0)
    assert '<span class="queue__count number">2</span> matters wait' in _home(client)
    client.post(f"{ADDRESS}{refused.number}/refuse/", {"words": "No such court."})
    assert '<span class="queue__count number">1</span> matter waits' in _home(client)


def _home(client: Client) -> str:
    return client.get("/console/").content.decode()


def test_the_document_is_a_download_and_never_a_page(ana: Person) -> None:
    answer = member().get(f"{ADDRESS}{make_matter(ana.pk).number}/document/")
    assert answer.content == DOCUMENT
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"people": "nobody@example.com"}, "No account has the address nobody@example.com."),
        ({"expires": "2020-01-01"}, "A demand that has expired is not obeyed."),
        ({"categories": []}, "Choose at least one."),
        ({"hidden_until": "yesterday"}, "Enter a date"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    ana: Person, changed: dict[str, object], says: str
) -> None:
    answer = member().post(f"{ADDRESS}new/", told(ana, **changed))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Matter.objects.exists()


def test_a_refusal_needs_its_reason(ana: Person) -> None:
    client, page = member(), f"{ADDRESS}{make_matter(ana.pk).number}/"
    assert client.post(f"{page}refuse/").status_code == 422
    assert client.post(f"{page}refuse/", {"words": "Not a court."}).status_code == 302
    assert "Not a court." in client.get(page).content.decode()


def test_the_office_sees_no_matter(ana: Person) -> None:
    client, number = member("office"), make_matter(ana.pk).number
    for address in ("", f"{number}/", f"{number}/document/"):
        assert client.get(f"{ADDRESS}{address}").status_code == 403
