"""What the law demands leaves with a document, two approvals and no more than it names; who is kept
in the dark for a time sees it by itself when that time ends."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from creditable.audit.clock import now
from creditable.audit.models import Event
from creditable.disclosure import choices, gate, ledger, matters, proofs, seals, verification
from creditable.disclosure.models import Handover, Leaves, Matter, MatterWord, Release
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import Person
from creditable.rights import extract, legal
from creditable.rights.releases import ORDER
from tests.factories.people import make_license, make_person
from tests.factories.rights import DOCUMENT, make_matter
from tests.factories.store import make_course_on_sale, make_order
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

STAFF = Actor.staff(uuid4())


@pytest.fixture
def ana() -> Person:
    return make_person(name="Ana Diaz")


def release(matter: Matter, *people: Person, fields: tuple[str, ...] = ("name",)) -> Handover:
    return legal.release(
        matter=matter, people=[person.pk for person in people], fields=fields, by=STAFF
    )


def given(handover: Handover) -> dict[str, object]:
    content: dict[str, object] = json.loads(legal.file(handover=handover, by=STAFF))
    return content


@promise("A22", "C15")
def test_an_order_lets_out_what_it_names_with_a_line_in_the_ledger(ana: Person) -> None:
    order = make_order(ana, make_course_on_sale())
    make_license(ana)
    matter = make_matter(ana.pk)
    handover = release(matter, ana, fields=("name", "purchases"))
    (about,) = given(handover)["people"]  # type: ignore[misc]
    assert about["person"] == str(ana.pk)
    assert set(about["data"]) == {"name", "purchases"}
    assert {"people_person.name": "Ana Diaz"} in about["data"]["name"]
    titles = [row.get("store_orderline.title") for row in about["data"]["purchases"]]
    assert order.lines.get().title in titles
    line = Release.objects.get(batch=handover.batch)
    assert (line.recipient, line.purpose, line.rule) == ("court", "legal", "court.order")
    assert (line.matter_id, sorted(line.fields)) == (matter.pk, ["name", "purchases"])
    (shown,) = (one for one in ledger.of(ana.pk) if one.recipient == "court")
    assert shown.demand
    assert (shown.demand.authority, shown.demand.hidden_until) == (matter.authority, None)


@promise("A22")
def test_the_document_is_kept_as_it_came_and_not_in_the_open(ana: Person) -> None:
    matter = make_matter(ana.pk)
    assert DOCUMENT not in bytes(matter.document)
    assert legal.document(matter=matter, by=STAFF) == DOCUMENT
    noted = Event.objects.filter(noun="matter", noun_id=str(matter.pk), verb="legal.document")
    assert noted.get().actor_id == STAFF.subject_id


@promise("A22")
def test_two_different_people_approve_it(ana: Person) -> None:
    matter = make_matter(ana.pk, approvals=0)
    with pytest.raises(Refused, match="Two people have to approve"):
        release(matter, ana)
    legal.approve(matter=matter, by=STAFF)
    with pytest.raises(Refused, match="somebody else's"):
        legal.approve(matter=matter, by=STAFF)
    with pytest.raises(Refused, match="Two people have to approve"):
        release(matter, ana)
    legal.approve(matter=matter, by=Actor.staff(uuid4()))
    assert release(matter, ana)


@promise("A22")
def test_the_database_itself_asks_for_two(ana: Person) -> None:
    """Whatever a program says: neither a second word of the same person nor a line of the ledger
    under one approval alone can be written, nor can the matter be changed afterward."""
    matter = make_matter(ana.pk, approvals=0)
    legal.approve(matter=matter, by=STAFF)
    with pytest.raises(IntegrityError, match="approved_once_by_each"), transaction.atomic():
        MatterWord.objects.create(matter=matter, kind="approved", by=STAFF.subject_id)
    line = {
        "subject_id": ana.pk, "batch": uuid4(), "key": "planted", "recipient": "court",
        "purpose": "legal", "channel": "manual", "template": "legal.order", "fields": ["name"],
        "rule": "court.order", "clause": "others.court", "policy_version": 1,
        "policy_sha256": "0" * 64, "digest": "0" * 64, "actor_kind": "staff",
        "matter_id": matter.pk,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="not approved by two"), transaction.atomic():
        Release.objects.create(**line)
    legal.approve(matter=matter, by=Actor.staff(uuid4()))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(people=[uuid4()])
    Release.objects.create(**line)


def test_no_matter_no_release(ana: Person) -> None:
    opened = gate.open(template=ORDER, by=STAFF, key="bare")
    opened.add(ana.pk, {"name": "Ana Diaz"})
    with pytest.raises(gate.Denied, match="no approved legal matter names it"):
        opened.commit()
    assert gate.permits(ORDER, [ana.pk]) == {ana.pk: False}


@pytest.mark.parametrize("approvals", [0, 1])
def test_the_gate_itself_lets_nothing_out_under_an_unapproved_matter(
    ana: Person, approvals: int
) -> None:
    matter = make_matter(ana.pk, approvals=approvals)
    opened = gate.open(template=ORDER, by=STAFF, key="early", matter=matter.pk)
    opened.add(ana.pk, {"name": "Ana Diaz"})
    with pytest.raises(gate.Denied, match="no approved legal matter"):
        opened.commit()


@promise("A22")
def test_beyond_the_document_nothing_leaves(ana: Person) -> None:
    other = make_person(name="Bo Chen")
    matter = make_matter(ana.pk)
    with pytest.raises(Refused, match="does not ask for this: your e-mail address"):
        release(matter, ana, fields=("name", "email"))
    with pytest.raises(Refused, match="does not name everybody"):
        release(matter, ana, other)
    opened = gate.open(template=ORDER, by=STAFF, key="wide", matter=matter.pk)
    opened.add(other.pk, {"name": "Bo Chen"})
    with pytest.raises(gate.Denied, match="does not name this person"):
        opened.commit()
    opened = gate.open(template=ORDER, by=STAFF, key="deep", matter=matter.pk)
    opened.add(ana.pk, {"email": ana.email})
    with pytest.raises(gate.Denied, match="no approved legal matter names it"):
        opened.commit()
    assert not Release.objects.filter(recipient="court").exists()


def test_less_than_the_document_names_may_leave(ana: Person) -> None:
    make_order(ana, make_course_on_sale())
    handover = release(make_matter(ana.pk), ana)
    assert Release.objects.get(batch=handover.batch).fields == ["name"]


@promise("A22")
def test_what_has_expired_was_refused_or_is_done_is_not_obeyed(
    ana: Person, move_clock: Callable[..., None]
) -> None:
    done, old, refused = (make_matter(ana.pk) for _ in range(3))
    release(done, ana)
    with pytest.raises(Refused, match="Nothing more leaves"):
        release(done, ana)
    legal.refuse(matter=refused, words="No such court.", by=STAFF)
    with pytest.raises(Refused, match="was refused"):
        release(refused, ana)
    with pytest.raises(Refused, match="was refused"):
        legal.approve(matter=refused, by=Actor.staff(uuid4()))
    move_clock(timedelta(days=31))
    with pytest.raises(Refused, match="expired"):
        release(old, ana)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"document": b""}, "Add the document"),
        ({"people": []}, "at least one person"),
        ({"categories": []}, "which data"),
        ({"categories": ["user.health_and_medical"]}, "gives this to no court: the reason why"),
        ({"categories": ["user.authorization.credentials"]}, "no court: your password"),
        ({"expires": -1}, "has passed"),
        ({"hidden_until": -1}, "a day to come"),
    ],
)
def test_what_cannot_be_obeyed_is_not_opened(
    ana: Person, changed: dict[str, object], says: str
) -> None:
    day = {"expires": (now() - timedelta(days=1)).date(), "hidden_until": now()}
    changed = {name: day[name] if value == -1 else value for name, value in changed.items()}
    with pytest.raises(Refused, match=says):
        make_matter(ana.pk, **changed)
    assert not Matter.objects.exists()


@promise("A22", "C15")
def test_no_choice_and_no_objection_stops_it(ana: Person) -> None:
    for name in ("offers.email", "research.email", "share.others"):
        choices.say(subject_id=ana.pk, choice=name, agrees=False, source="account", by=STAFF)
    with pytest.raises(Refused, match="cannot be stopped here"):
        choices.stop(subject_id=ana.pk, recipient="court", by=ana.actor)
    assert release(make_matter(ana.pk), ana)


def test_somebodys_safety_has_a_ground_of_its_own(ana: Person) -> None:
    handover = release(make_matter(ana.pk, kind="safety"), ana)
    assert Release.objects.get(batch=handover.batch).purpose == "safety"


def ordered_silence(ana: Person) -> Matter:
    matter = make_matter(ana.pk, hidden_until=now() + timedelta(days=20))
    release(matter, ana)
    return matter


@promise("A22")
def test_a_hidden_line_is_sealed_at_once_and_shows_on_its_day(
    ana: Person, move_clock: Callable[..., None]
) -> None:
    matter = ordered_silence(ana)
    seals.seal()
    line = Release.objects.get(recipient="court")
    assert Leaves.objects.filter(lines__contains=[line.pk]).exists()
    assert not [one for one in ledger.of(ana.pk) if one.recipient == "court"]
    assert str(line.pk) not in json.dumps(proofs.of(ana.pk), default=str)
    assert not Event.objects.filter(about=ana.pk, verb__startswith="legal.").exists()
    move_clock(timedelta(days=21))
    (shown,) = (one for one in ledger.of(ana.pk) if one.recipient == "court")
    assert shown.demand
    assert shown.demand.hidden_until == matter.hidden_until
    assert str(line.pk) in json.dumps(proofs.of(ana.pk), default=str)


@promise("A22")
def test_lifting_the_silence_shows_it_before_its_day_and_alters_no_row(ana: Person) -> None:
    matter = ordered_silence(ana)
    seals.seal()
    legal.lift(matter=matter, words="Order of March 2", by=STAFF)
    assert [one for one in ledger.of(ana.pk) if one.recipient == "court"]
    seals.seal()
    seals.publish()
    published = seals.published().read_text(encoding="utf-8").splitlines()
    assert verification.verify(published=published).wrong == []
    with pytest.raises(Refused, match="Nothing is hidden"):
        legal.lift(matter=matter, words="again", by=STAFF)


def test_each_table_that_is_read_has_a_way_to_its_person(ana: Person) -> None:
    """Every place of a category that a court may get is found along the keys of the database."""
    categories = set(ORDER.fields.values())
    make_order(ana, make_course_on_sale())
    make_license(ana)
    found = extract.read(ana.pk, categories)
    assert {"user.name", "user.contact.email", "user.payment.reference"} <= found.keys()
    assert "user.government_id.ce_license" in found
    assert extract.read(make_person(name="Bo Chen").pk, {"user.behavior.purchase_history"}) == {}


def test_the_states_of_a_matter(ana: Person) -> None:
    assert matters.state(make_matter(ana.pk, approvals=0)) == "open"
    assert matters.state(make_matter(ana.pk, approvals=1)) == "open"
    matter = make_matter(ana.pk)
    assert matters.state(matter) == "approved"
    release(matter, ana)
    assert matters.state(matter) == "released"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Handover.objects.filter(matter=matter).delete()
