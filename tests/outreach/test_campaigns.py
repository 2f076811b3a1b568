"""A campaign reaches those who want it and nobody else, each once, whatever happens on its way."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from creditable.disclosure import choices, gate
from creditable.disclosure.models import Outbox, Reply
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.mail import addresses, post
from creditable.outreach import campaigns
from creditable.outreach.models import Campaign, Recipient
from creditable.people.models import Person
from tests.factories.people import make_license, make_person
from tests.mail.mailing import agree
from tests.people.signing import mails_to, text_of
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

BY = Actor.system("tests")


def make_campaign(topic: str = "offers.email", authority: str = "") -> Campaign:
    return campaigns.write(
        campaign=None,
        topic=topic,
        authority=authority,
        headline="New courses\nthis spring",
        text="Three new courses.\n\nCome and see.",
        by=BY,
    )


def wanting(many: int, choice: str = "offers.email") -> list[Person]:
    people = [make_person(name=f"Person {number}") for number in range(many)]
    for person in people:
        agree(person, choice)
    return people


def got(person: Person) -> list[EmailMessage]:
    return [mail for mail in mails_to(person.email) if mail["Subject"] == "New courses this spring"]


def begin(campaign: Campaign) -> None:
    campaigns.start(campaign=campaign, by=BY)


@promise("A15")
def test_only_those_who_agreed_to_the_topic_get_it(run_jobs: Callable[[], int]) -> None:
    (ana,) = wanting(1)
    (bo,) = wanting(1, "research.email")
    cy, refusing = make_person(name="Cy"), make_person(name="Di")
    agree(refusing)
    agree(refusing, agrees=False)
    campaign = make_campaign()
    begin(campaign)
    run_jobs()
    assert [len(got(person)) for person in (ana, bo, cy, refusing)] == [1, 0, 0, 0]
    campaign.refresh_from_db()
    assert (campaign.state, campaigns.progress(campaign)) == ("done", {"sent": 1, "left_out": 3})
    (reason,) = campaigns.left_out(campaign)
    assert "has not agreed to mail about new courses" in reason


@promise("A15")
def test_research_is_a_topic_of_its_own(run_jobs: Callable[[], int]) -> None:
    (ana,), (bo,) = wanting(1), wanting(1, "research.email")
    begin(make_campaign("research.email"))
    run_jobs()
    assert (len(got(ana)), len(got(bo))) == (0, 1)


@promise("A15", "A16")
def test_a_campaign_says_how_to_stop_it_to_people_and_to_programs(
    run_jobs: Callable[[], int],
) -> None:
    (ana,) = wanting(1)
    begin(make_campaign())
    run_jobs()
    (mail,) = got(ana)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/choices/" in mail["List-Unsubscribe"]
    text = text_of(mail)
    assert "Hello Person 0," in text
    assert "Come and see." in text
    assert "Stop it: " in text


@promise("A15")
def test_the_preview_says_how_many_and_why_others_are_left_out() -> None:
    people = wanting(3)
    addresses.mark_dead(subject_id=people[0].pk, address=people[0].email, status="5.1.1")
    make_person()
    preview = campaigns.preview(make_campaign())
    assert preview.receiving == 2
    assert sorted(preview.left_out.values()) == [1, 1]
    assert "no mail reaches their address" in preview.left_out
    assert not Recipient.objects.exists()
    assert not Outbox.objects.filter(topic="mail", body__contains=b"New courses").exists()


@promise("A15")
def test_the_preview_is_what_happens(run_jobs: Callable[[], int]) -> None:
    wanting(4)
    make_person()
    campaign = make_campaign()
    preview = campaigns.preview(campaign)
    begin(campaign)
    run_jobs()
    assert campaigns.progress(campaign) == {
        "sent": preview.receiving, "left_out": sum(preview.left_out.values()),
    }  # fmt: skip
    assert campaigns.left_out(campaign) == preview.left_out


@promise("A15", "A16")
def test_a_no_while_it_is_on_its_way_holds_for_the_next_message() -> None:
    people = sorted(wanting(3), key=lambda person: person.pk)
    campaign = make_campaign()
    begin(campaign)
    assert campaigns._send_one(campaign.pk, BY)
    agree(people[1], agrees=False)
    campaigns.send(campaign_id=campaign.pk, by=BY)
    assert [len(got(person)) for person in people] == [1, 0, 1]
    agree(people[0], agrees=False)
    queued = Outbox.objects.get(head__to=people[0].email)
    assert Reply.objects.get(outbox=queued).outcome == "void", "queued, and taken back"


@pytest.fixture
def committed(transactional_db: None, policy: Any) -> Iterator[None]:
    yield
    connection.close()


@promise("A15")
@pytest.mark.django_db(transaction=True)
def test_a_no_at_the_same_moment_is_either_first_or_takes_it_back(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The no comes while the mail is being queued, and waits for the person's lock: when it has
    it, the mail is taken back before it left."""
    (ana,) = wanting(1)
    campaign = make_campaign()
    begin(campaign)
    queued, sent = Event(), post.send

    def slowly(**told: Any) -> None:
        sent(**told)
        queued.set()
        speaking.join(0.3)
        assert speaking.is_alive(), "the no waits until the mail is queued"

    def speak() -> None:
        queued.wait(30)
        agree(ana, agrees=False)
        connection.close()

    monkeypatch.setattr(post, "send", slowly)
    speaking = Thread(target=speak)
    speaking.start()
    campaigns.send(campaign_id=campaign.pk, by=BY)
    speaking.join(30)
    waiting = Outbox.objects.get(head__to=ana.email)
    assert Reply.objects.get(outbox=waiting).outcome == "void"


def test_an_interrupted_campaign_goes_on_and_writes_to_nobody_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = wanting(3)
    campaign = make_campaign()
    begin(campaign)
    sent, calls = post.send, iter([True, False, True, True])

    def dying(**told: Any) -> None:
        sent(**told)
        if not next(calls):
            raise RuntimeError("the machine went down")

    monkeypatch.setattr(post, "send", dying)
    with pytest.raises(RuntimeError), transaction.atomic():
        campaigns.send(campaign_id=campaign.pk, by=BY)
    monkeypatch.setattr(post, "send", sent)
    campaigns.send(campaign_id=campaign.pk, by=BY)
    campaigns.send(campaign_id=campaign.pk, by=BY)
    assert [len(got(person)) for person in people] == [1, 1, 1]


def test_it_pauses_and_goes_on(run_jobs: Callable[[], int]) -> None:
    people = wanting(3)
    campaign = make_campaign()
    begin(campaign)
    campaigns._send_one(campaign.pk, BY)
    campaigns.pause(campaign=campaign, by=BY)
    run_jobs()
    assert sum(len(got(person)) for person in people) == 1
    campaigns.resume(campaign=campaign, by=BY)
    run_jobs()
    assert sum(len(got(person)) for person in people) == 3


def test_it_can_be_for_those_who_hold_a_license(run_jobs: Callable[[], int]) -> None:
    ana, bo = wanting(2)
    make_license(ana, authority="demo-state-board")
    begin(make_campaign(authority="demo-state-board"))
    run_jobs()
    assert (len(got(ana)), len(got(bo))) == (1, 0)


def test_a_long_campaign_goes_on_by_itself(
    run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigns, "AT_ONCE", 2)
    monkeypatch.setattr(campaigns, "PORTION", 2)
    people = wanting(5)
    campaign = make_campaign()
    assert campaigns.preview(campaign).receiving == 5
    begin(campaign)
    run_jobs()
    assert [len(got(person)) for person in people] == [1] * 5


def test_what_was_begun_is_not_rewritten_and_not_begun_again() -> None:
    campaign = make_campaign()
    begin(campaign)
    with pytest.raises(Refused, match="stays as it is"):
        campaigns.write(
            campaign=campaign, topic="offers.email", authority="", headline="x", text="y", by=BY
        )
    with pytest.raises(Refused, match="has gone on meanwhile"):
        begin(campaign)


def test_a_topic_that_the_policy_does_not_have_is_none() -> None:
    assert set(campaigns.topics()) == {"offers.email", "research.email"}
    with pytest.raises(Refused, match="knows no such mail"):
        make_campaign("share.others")


def test_the_gate_is_what_decides(run_jobs: Callable[[], int]) -> None:
    """The planted fault: a campaign whose kind forgot its choice still reaches nobody who did not
    agree, since the policy's rule gives way to it."""
    ana = make_person()
    template = campaigns.TOPICS["offers.email"].template
    assert gate.permits(template, [ana.pk]) == {ana.pk: False}
    choices.say(
        subject_id=ana.pk, choice="offers.email", agrees=True, source="account", by=ana.actor
    )
    assert gate.permits(template, [ana.pk]) == {ana.pk: True}
