"""A new version is seen before it is published, and whoever it concerns is written to."""

from pathlib import Path

import pytest

from creditable.audit.models import Event
from creditable.disclosure import choices, gate, policies
from creditable.disclosure.models import Hold, PolicyVersion
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import addresses
from creditable.mail.models import Message
from creditable.people.models import Person
from creditable.policy import document
from creditable.rights import contact, publication
from creditable.rights.models import Draft
from tests.disclosure.test_choices import RENTAL, rent
from tests.factories.people import make_person
from tests.policy import example
from tests.promises import promise

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")
MAIL = """\
  - id: mail
    permit:
      categories: [user.name, user.contact.email]
      recipient: self
      purpose: account
      channel: smtp
      group: customer
never:
"""
"""What lets us write to people, in the example's policy."""
CHANGES = [
    ("never:\n", MAIL),
    ("  renter: {label:", "  self: {label: yourself, region: here}\n  renter: {label:"),
    ("purposes:\n", "purposes:\n  account: {label: your account, basis: contract}\n"),
    ("channels: {", "channels: {smtp: e-mail, "),
    ("binds: [report]", "binds: [report, mail]"),
    ("  - user.name: your name\n", "  - user.name: your name\n  - user.privacy.choice: your no\n"),
    (
        "categories: [user.name, user.contact.email]\n      recipient: self",
        "categories: [user.name, user.contact.email, user.privacy.choice]\n      recipient: self",
    ),
]


@pytest.fixture
def ana(tmp_path: Path) -> Person:
    policies.publish(policy=document.load(example.write(tmp_path, *CHANGES)), by=BY)
    person = make_person(name="Ana Diaz")
    choices.say(
        subject_id=person.pk,
        choice="offers.others",
        agrees=False,
        source="account",
        words="No lists, please.",
        by=person.actor,
    )
    return person


def rewritten(*changes: tuple[str, str]) -> Draft:
    """The next version, written in the console."""
    draft = publication.begin(by=BY)
    files = dict(draft.files)
    for old, new in changes:
        assert any(old in text for text in files.values()), f"nothing says {old!r}"
        files = {name: text.replace(old, new) for name, text in files.items()}
    publication.write(draft=draft, files=files, by=BY)
    return draft


DROP = ("  unless:\n  - offers.others\n", "")


def test_a_draft_begins_as_the_version_that_holds_with_the_next_number(ana: Person) -> None:
    preview = publication.preview(publication.begin(by=BY).files)
    assert not preview.problems
    assert preview.policy is not None
    assert (preview.policy.version, preview.policy.supersedes) == (3, 2)
    assert preview.comparison is not None
    assert [sentence.clause for sentence in preview.comparison.sentences] == ["hello"]
    assert (preview.comparison.widened, preview.people) == ((), 0)


def test_what_it_widens_and_whom_it_concerns_is_known_before_publishing(ana: Person) -> None:
    preview = publication.preview(rewritten(DROP).files)
    assert preview.people == 1
    assert set(preview.letters.values()) == {1}
    assert not Hold.objects.exists()
    assert PolicyVersion.objects.count() == 1


def test_an_unsound_draft_is_kept_and_its_faults_have_file_and_line(ana: Person) -> None:
    draft = rewritten(("recipient: board", "recipient: bord"))
    (problem, *_rest) = publication.preview(draft.files).problems
    assert problem.file == "rules.yaml"
    assert "bord" in draft.files["rules.yaml"].splitlines()[problem.line - 1]
    with pytest.raises(Refused, match="Nothing was published"):
        publication.publish(draft=draft, sha256="", by=BY)
    assert Draft.objects.get().files == draft.files


def test_only_what_was_looked_at_is_published(ana: Person) -> None:
    draft = rewritten(DROP)
    with pytest.raises(Refused, match="Look again"):
        publication.publish(draft=draft, sha256="of another text", by=BY)


@promise("A30")
def test_whom_no_mail_reaches_is_held_and_stays_on_the_list_of_the_office(ana: Person) -> None:
    addresses.mark_dead(subject_id=ana.pk, address=ana.email, status="5.1.1")
    draft = rewritten(DROP)
    preview = publication.preview(draft.files)
    assert preview.policy is not None
    publication.publish(draft=draft, sha256=preview.policy.sha256, by=BY)
    contact.tell_all(by=BY)
    assert not Message.objects.filter(kind="rights.held").exists()
    assert {hold.subject_id for hold in contact.untold()} == {ana.pk}
    with pytest.raises(gate.Denied, match="on hold"):
        rent(ana.subject, "held")
    addresses.clear(subject_id=ana.pk, address=ana.email)
    contact.tell_all(by=BY)
    assert Message.objects.get(kind="rights.held").to == ana.email
    assert not contact.untold().exists()


@promise("A30")
def test_publishing_holds_and_writes_to_them_and_a_yes_opens(ana: Person) -> None:
    draft = rewritten(DROP)
    preview = publication.preview(draft.files)
    assert preview.policy is not None
    publication.publish(draft=draft, sha256=preview.policy.sha256, by=BY)
    assert not Draft.objects.exists()
    contact.tell_all(by=BY)
    contact.tell_all(by=BY)
    letter = Message.objects.get(kind="rights.held")
    assert letter.subject_id == ana.pk
    assert "your name and your street" in letter.text or "your name" in letter.text
    assert "those who rent lists" in letter.text
    assert not Hold.objects.filter(told_at=None).exists()
    with pytest.raises(gate.Denied, match="on hold"):
        rent(ana.subject, "held")
    choices.answer_hold(subject_id=ana.pk, version=3, agrees=True, by=ana.actor)
    rent(ana.subject, "opened")
    assert RENTAL.recipient == "renter"
    assert Event.objects.filter(verb="policies.publish").count() == 2
