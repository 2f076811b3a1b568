"""A rented list holds names and postal addresses of those who do not object, decoys, and nothing by
which anybody can be reached at once."""

import csv
import io
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from creditable.audit.clock import now
from creditable.disclosure import choices, contracts, gate, ledger, policies
from creditable.disclosure.models import Contract, Release
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.ops import policy as command
from creditable.outreach import rentals
from creditable.outreach.models import Recall, Rental, RentedList
from creditable.outreach.releases import RENTED
from creditable.people.models import Person
from creditable.policy import document
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = pytest.mark.django_db

SEMINARS = Path(__file__).parents[2] / "demo" / "seminars" / "policy" / "1"
CLERK, OTHER = Actor.staff(uuid4()), Actor.staff(uuid4())
BY = Actor.system("tests")


@pytest.fixture(autouse=True)
def rents(db: None) -> None:
    """The provider of seminars, who rents lists."""
    policies.publish(policy=document.load(SEMINARS), by=BY)


def sign(party: str = "Hearthside Books", ends: date | None = None) -> Contract:
    return contracts.record(
        recipient="renter",
        party=party,
        categories=["user.name", "user.contact.address"],
        region="usa",
        begins=date(2026, 1, 1),
        ends=ends,
        filename="signed.pdf",
        document=b"%PDF",
        by=BY,
    )


def resident(name: str, street: str = "1 Elm St") -> Person:
    person = make_person(name=name)
    Person.objects.filter(pk=person.pk).update(
        street=street, city="Albany", state="NY", postal_code="12207", phone="+1 518 555 0199"
    )
    return person


def order(contract: Contract, *, limit: int = 100, days: int = 10) -> Rental:
    return rentals.order(
        contract=contract,
        offer="Books for therapists",
        use_on=now().date() + timedelta(days=days),
        limit=limit,
        by=CLERK,
    )


def approved(contract: Contract, **told: int) -> Rental:
    rental = order(contract, **told)
    rentals.vet(rental=rental, fit=True, finding="Books on our subjects.", by=OTHER)
    rentals.enter_decoy(
        name="Ivy Lantern", street="210 Orchard Court", city="Maple Ferry", state="NY",
        postal_code="12999", by=BY,
    )  # fmt: skip
    return rental


def lines(listed: RentedList) -> list[dict[str, str]]:
    text = rentals.file(listed=listed, by=CLERK).decode()
    return list(csv.DictReader(io.StringIO(text)))


@promise("B10")
def test_a_list_holds_names_and_addresses_and_each_is_a_line_of_the_ledger() -> None:
    ana, bo = resident("Ana Diaz"), resident("Bo Chen", "2 Oak St")
    contract = sign()
    listed = rentals.export(rental=approved(contract), by=CLERK)
    rows = lines(listed)
    assert all(set(row) == {"name", "street", "city", "state", "postal_code"} for row in rows)
    assert {"Ana Diaz", "Bo Chen"} <= {row["name"] for row in rows}
    text = rentals.file(listed=listed, by=CLERK).decode()
    assert ana.email not in text
    assert "518 555" not in text
    for person in (ana, bo):
        line = Release.objects.get(subject_id=person.pk, recipient="renter")
        assert (line.batch, line.contract_id) == (listed.batch, contract.pk)
        (shown,) = (one for one in ledger.of(person.pk) if one.recipient == "renter")
        assert shown.party == "Hearthside Books"


@promise("B10")
def test_who_objected_is_on_no_list() -> None:
    ana, bo, cy = resident("Ana Diaz"), resident("Bo Chen"), resident("Cy Noble")
    rental = approved(sign())
    choices.say(
        subject_id=bo.pk, choice="offers.third_party", agrees=False, source="gpc", by=bo.actor
    )
    choices.stop(subject_id=cy.pk, recipient="renter", by=cy.actor)
    shown = rentals.preview(rental)
    assert (shown.names, sum(shown.left_out.values())) == (1, 2)
    names = {row["name"] for row in lines(rentals.export(rental=rental, by=CLERK))}
    assert names == {"Ana Diaz", "Ivy Lantern"}
    assert not Release.objects.filter(subject_id__in=[bo.pk, cy.pk], recipient="renter").exists()
    assert ana.pk


@promise("B10")
def test_decoys_stand_among_the_names_and_tell_the_list() -> None:
    resident("Ana Diaz")
    contract = sign()
    first = rentals.export(rental=approved(contract), by=CLERK)
    second = rentals.export(rental=approved(contract), by=CLERK)
    assert first.mark != second.mark
    (decoy,) = (row for row in lines(first) if row["name"] == "Ivy Lantern")
    assert decoy["street"] == f"210 Orchard Court, Unit {first.mark}"


@promise("B10")
def test_a_list_that_was_recalled_is_handed_out_no_more_and_each_on_it_reads_so() -> None:
    ana, _bo = resident("Ana Diaz"), resident("Bo Chen", "2 Oak St")
    listed = rentals.export(rental=approved(sign()), by=CLERK)
    assert rentals.shut_since(listed) == 0
    choices.stop(subject_id=ana.pk, recipient="renter", by=ana.actor)
    assert rentals.shut_since(listed) == 1
    with pytest.raises(Refused, match="Say why"):
        rentals.recall(listed=listed, why=" ", by=CLERK)
    rentals.recall(listed=listed, why="A person on it objected.", by=CLERK)
    assert [one.status for one in ledger.of(ana.pk) if one.recipient == "renter"] == ["recalled"]
    with pytest.raises(Refused, match="Nobody may use it"):
        rentals.file(listed=listed, by=CLERK)
    with pytest.raises(Refused, match="already"):
        rentals.recall(listed=listed, why="Again.", by=CLERK)
    assert Recall.objects.get().why == "A person on it objected."


def test_when_the_contract_ends_nobody_could_be_on_the_list_any_more() -> None:
    for name in ("Ana Diaz", "Bo Chen"):
        resident(name)
    contract = sign()
    listed = rentals.export(rental=approved(contract), by=CLERK)
    contracts.end(contract_id=contract.pk, by=BY)
    assert rentals.shut_since(listed) == 2


@promise("B10")
def test_without_a_decoy_no_list_leaves() -> None:
    resident("Ana Diaz")
    rental = order(sign())
    rentals.vet(rental=rental, fit=True, finding="Fit.", by=OTHER)
    with pytest.raises(Refused, match="Enter a decoy first"):
        rentals.export(rental=rental, by=CLERK)


@promise("B10")
def test_somebody_else_looks_at_what_the_agency_offers() -> None:
    resident("Ana Diaz")
    rental = order(sign())
    with pytest.raises(Refused, match="approve the order first"):
        rentals.export(rental=rental, by=CLERK)
    with pytest.raises(Refused, match="Somebody else has to look"):
        rentals.vet(rental=rental, fit=True, finding="Fine.", by=CLERK)
    rentals.vet(rental=rental, fit=False, finding="It sells diets.", by=OTHER)
    with pytest.raises(Refused, match="approve the order first"):
        rentals.export(rental=rental, by=CLERK)
    planted = Rental.objects.filter(pk=order(sign("Second")).pk)
    with pytest.raises(IntegrityError, match="vetted_by_another"), transaction.atomic():
        planted.update(
            state="approved", vetted_by=CLERK.subject_id, vetted_at=now(), finding="Fine."
        )


@promise("B10", "B11")
def test_no_contract_in_force_no_list(move_clock: Callable[..., None]) -> None:
    resident("Ana Diaz")
    ended, other = sign("Ended"), sign("In force")
    rental = approved(ended)
    contracts.end(contract_id=ended.pk, by=BY)
    with pytest.raises(Refused, match="Nobody may be on this list"):
        rentals.export(rental=rental, by=CLERK)
    with pytest.raises(Refused, match="not in force"):
        order(ended)
    assert rentals.export(rental=approved(other), by=CLERK).names == 1


def test_one_order_is_one_list_and_not_after_its_day(move_clock: Callable[..., None]) -> None:
    resident("Ana Diaz")
    contract = sign()
    rental, late = approved(contract), approved(contract)
    rentals.export(rental=rental, by=CLERK)
    with pytest.raises(Refused, match="released already"):
        rentals.export(rental=rental, by=CLERK)
    move_clock(timedelta(days=11))
    with pytest.raises(Refused, match="day of use has passed"):
        rentals.export(rental=late, by=CLERK)


def test_no_more_names_than_were_ordered() -> None:
    for number in range(3):
        resident(f"Person {number}")
    listed = rentals.export(rental=approved(sign(), limit=2), by=CLERK)
    assert (listed.names, len(lines(listed))) == (2, 3)
    assert Release.objects.filter(recipient="renter").count() == 2


def test_who_has_no_whole_address_and_who_types_a_formula() -> None:
    make_person(name="No Address")
    resident("Ana Diaz", "=HYPERLINK(evil)")
    rows = lines(rentals.export(rental=approved(sign()), by=CLERK))
    assert {row["name"] for row in rows} == {"Ana Diaz", "Ivy Lantern"}
    assert "'=HYPERLINK(evil)" in {row["street"] for row in rows}


@promise("B10")
@pytest.mark.parametrize(
    "category", ["user.contact.email", "user.contact.phone_number", "user.contact.email, user.name"]
)
def test_a_policy_that_would_rent_out_e_mail_or_phone_is_refused_with_its_line(
    category: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the bar that forbids it was taken out."""
    folder = tmp_path / "policy"
    shutil.copytree(SEMINARS, folder)
    rules = folder / "rules.yaml"
    text = rules.read_text(encoding="utf-8")
    old = "      categories: [user.name, user.contact.address]\n      recipient: renter"
    assert old in text
    text = text.replace(old, f"      categories: [{category}]\n      recipient: renter")
    begin = text.index("  - id: rented\n")
    text = text[:begin] + text[text.index("  - id: study\n") :]
    rules.write_text(text, encoding="utf-8")
    assert command.main(["check", str(folder)]) == 1
    line = text[: text.index(f"categories: [{category}]")].count("\n") + 1
    said = capsys.readouterr()
    assert f"rules.yaml:{line}: rule 'rent.list' would rent out 'user.contact." in (
        said.out + said.err
    )


@promise("B10")
def test_the_template_has_no_field_for_e_mail_or_phone() -> None:
    assert set(RENTED.fields) == {"name", "street", "city", "state", "postal_code"}
    release = gate.open(template=RENTED, by=BY, key="planted")
    with pytest.raises(ValueError, match="has no field"):
        release.add(uuid4(), {"name": "Ana", "email": "ana@example.com"})
