"""Mail that can be refused says how, in its text and to programs; other mail says that it comes
anyway. None leaves against a no."""

from email import message_from_bytes
from email import policy as email_policy
from typing import Any
from urllib.parse import urlsplit

import pytest

from creditable.disclosure import gate, policies
from creditable.mail import kinds, return_address
from creditable.mail.return_address import Mailing
from tests.factories.people import make_person
from tests.mail.mailing import OFFERS, RECEIPT, REPLIES, agree, letters, queued, send
from tests.promises import promise

__all__ = ["letters"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy", "letters")]


def head_and_text(message: Any) -> tuple[Any, str]:
    parsed = message_from_bytes(bytes(queued(message).body), policy=email_policy.default)
    return parsed, parsed.get_body(("plain",)).get_content()


def test_a_mail_that_can_be_refused_says_how_to_people_and_programs(settings: Any) -> None:
    ana = make_person(email="ana@example.com")
    agree(ana)
    sent = send(ana)
    head, text = head_and_text(sent)
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = str(head["List-Unsubscribe"])
    assert stop.startswith("<http")
    assert stop.endswith("/stop/>")
    assert stop.strip("<>") in text
    assert "/why/" in text
    assert "unsubscribe" in text
    mailing = Mailing(ana.pk, sent.number)
    for use, address in (("u", head["Reply-To"]), ("b", queued(sent).head["return_path"])):
        read = return_address.read(
            str(address),
            use,
            domain=REPLIES,
            key=settings.MAIL_KEY,  # type: ignore[arg-type]
        )
        assert read == mailing


def test_other_mail_says_that_it_comes_anyway() -> None:
    head, text = head_and_text(send(make_person(), kind=RECEIPT))
    assert head["List-Unsubscribe"] is None
    assert head["Reply-To"] is None
    assert "whatever you have chosen" in text
    assert "/account/choices/" in text


def test_without_a_mail_server_that_hands_us_replies_nobody_is_told_to_reply(settings: Any) -> None:
    settings.MAIL_REPLIES = ""
    ana = make_person()
    agree(ana)
    sent = send(ana)
    head, text = head_and_text(sent)
    assert head["Reply-To"] is None
    assert "return_path" not in queued(sent).head
    assert "one word" not in text
    assert head["List-Unsubscribe"] is not None


@promise("A15")
def test_no_mail_of_a_choice_leaves_to_who_has_not_agreed_or_agrees_no_more() -> None:
    ana = make_person()
    with pytest.raises(gate.Denied):
        send(ana, "before")
    agree(ana)
    send(ana, "between")
    agree(ana, agrees=False)
    with pytest.raises(gate.Denied):
        send(ana, "after")
    send(ana, kind=RECEIPT)


def test_every_kind_that_can_be_refused_is_shut_by_its_choice() -> None:
    """A kind whose choice did nothing would be a promise nobody keeps."""
    decisions = policies.decisions()
    refusable = [kind for kind in kinds.registered().values() if kind.choice]
    assert OFFERS in refusable
    for kind in refusable:
        template = kind.template
        for field in filter(template.is_personal, kind.fields):
            for opening in decisions.openings[template.cell(field)]:
                assert kind.choice in opening.unless


def test_links_lead_to_this_site() -> None:
    ana = make_person()
    agree(ana)
    head, _text = head_and_text(send(ana))
    assert urlsplit(str(head["List-Unsubscribe"]).strip("<>")).path.startswith("/choices/")
