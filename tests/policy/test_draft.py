"""The draft of the electric provider's next version rents names and addresses, calls that by a
purpose that nobody has refused, and gives way to nothing. Its author sees all of that."""

from pathlib import Path

import pytest

from creditable.disclosure import choices, policies, subjects
from creditable.lib.actor import Actor
from creditable.ops import policy as command
from creditable.policy import compare, document, notice
from creditable.policy.compare import Comparison, Objection
from creditable.policy.contents import Reach
from tests.factories.people import make_person
from tests.promises import promise

ELECTRIC = Path(__file__).parents[2] / "demo" / "electric"
NOW, NEXT = ELECTRIC / "policy" / "1", ELECTRIC / "policy-drafts" / "2"
RENTED = {
    "user.name",
    "user.contact.address.street",
    "user.contact.address.city",
    "user.contact.address.state",
    "user.contact.address.postal_code",
}


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare.compare(command.edition(NOW), command.edition(NEXT))


def held(comparison: Comparison, objection: Objection) -> set[str]:
    return {widening.cell.category for widening in comparison.concerned(objection)}


def test_it_is_the_first_version_but_for_what_it_is_a_draft_of(comparison: Comparison) -> None:
    assert {sentence.clause for sentence in comparison.sentences} == {
        *("about.version", "others.none", "others.rent", "others.refuse", "rights.bases")
    }
    assert {bound.what for bound in comparison.bounds} == {"recipient.renter.contract"}


def test_it_widens_what_an_agency_gets_and_nothing_else(comparison: Comparison) -> None:
    cells = {widening.cell for widening in comparison.widened}
    assert {cell.category for cell in cells} == RENTED
    assert {(cell.recipient, cell.purpose) for cell in cells} == {("renter", "third_party_offers")}
    assert {widening.reasons for widening in comparison.widened} == {("new",)}
    assert comparison.narrowed == ()


@promise("A30")
def test_a_no_to_what_others_get_holds_it_whatever_the_purpose_is_called(
    comparison: Comparison,
) -> None:
    reach = comparison.old.policy.choices["share.others"].covers
    assert held(comparison, Objection(reach, (("share.others", False),))) == RENTED
    assert held(comparison, Objection(Reach(recipients=("renter",)))) == RENTED
    address = Reach(categories=("user.contact.address",))
    assert held(comparison, Objection(address)) == RENTED - {"user.name"}


def test_a_no_to_news_is_about_something_else(comparison: Comparison) -> None:
    reach = comparison.old.policy.choices["offers.email"].covers
    assert held(comparison, Objection(reach, (("offers.email", False),))) == set()


def test_the_author_reads_it_before_publishing(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["diff", str(NOW), str(NEXT)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "[-We do not sell or rent data about you.-]" in shown
    assert "{+We may rent your name and your postal address to companies that rent lists" in shown
    assert "Cells that let out more: 5" in shown
    assert (
        "to companies that rent lists of names for letting suppliers of your trade know of you"
        in shown
    )
    assert notice.because(["new"]) in shown


@pytest.mark.django_db
def test_the_author_reads_whom_it_concerns(comparison: Comparison) -> None:
    by = Actor.system("tests")
    policies.publish(policy=document.load(NOW), by=by)
    ana, ben, nobody = make_person(name="Ana Diaz"), make_person(), subjects.create()
    choices.say(subject_id=ana.pk, choice="share.others", agrees=False, source="account", by=by)
    choices.say(subject_id=nobody.pk, choice="share.others", agrees=False, source="reply", by=by)
    choices.say(subject_id=ben.pk, choice="offers.email", agrees=False, source="account", by=by)
    contacts = command.to_contact(comparison)
    assert (contacts.people, contacts.nameless) == ([("Ana Diaz", ana.email)], 1)
    assert set(contacts.per_cell.values()) == {2}
    shown = " ".join("\n".join(command.report(comparison, contacts)).split())
    assert "people who said no: 2" in shown
    assert f"People to contact: 2 Ana Diaz <{ana.email}> and 1 without an account" in shown
    machine = command.as_json(comparison, contacts)
    assert machine["people"] == [{"name": "Ana Diaz", "email": ana.email}]


def test_a_folder_without_an_installation_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["diff", str(NOW), str(NEXT), "--data", str(tmp_path)]) == 1
    assert f"{tmp_path} holds no installation" in capsys.readouterr().err
