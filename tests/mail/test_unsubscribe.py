"""Who replies "unsubscribe" is believed, and nobody can ask in another's name."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from creditable.mail import incoming, signatures, unsubscribe
from creditable.mail.incoming import Envelope, Unreadable
from creditable.mail.unsubscribe import Meaning, Sent
from tests.mail.forgeries import FORGERS, disguised
from tests.mail.replies import ADDRESS, KEYS, PROGRAMS, SENT, Reply, keys, signed


def means(
    raw: bytes,
    sent: Sent | None = SENT,
    sender: str = ADDRESS,
    found_keys: dict[str, bytes] = KEYS,
) -> Meaning:
    mail = incoming.read(raw, Envelope(sender, [SENT.reply_to]))
    found = signatures.found(incoming.fields(raw))
    return unsubscribe.meaning(raw, mail, sent, found, found_keys)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_signed_reply_of_every_mail_program_is_believed(program: str) -> None:
    assert means(signed(PROGRAMS[program].raw())) == Meaning.GENUINE


@pytest.mark.parametrize("program", PROGRAMS)
def test_one_without_a_signature_is_believed_with_a_way_back(program: str) -> None:
    assert means(PROGRAMS[program].raw()) == Meaning.UNSIGNED


@pytest.mark.parametrize("messages", [1_200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_of_so_many_forged_messages_none_is_taken_for_genuine(messages: int) -> None:
    chance, seen = Random(20261130), Counter[tuple[str, Meaning]]()
    names = sorted(FORGERS)
    for number in range(messages):
        name = names[number % len(names)]
        raw = disguised(FORGERS[name](chance), chance)
        seen[name, means(raw)] += 1
    assert seen.total() == messages
    assert {name for name, _ in seen} == set(FORGERS)
    accepted = {name: count for (name, said), count in seen.items() if said == Meaning.GENUINE}
    assert accepted == {}
    # Only a message in the person's name to the Reply-To address that they alone got stops
    # anything, and then it is answered with a way back.
    heard = {name for name, said in seen if said == Meaning.UNSIGNED}
    assert not heard & {"lookalike", "strange_sender", "automatic", "quoted_only"}


def test_the_test_would_see_a_forgery_that_is_accepted() -> None:
    """The same forgeries against a rule that trusts whatever domain signed."""
    chance = Random(1)
    raw = FORGERS["signed_elsewhere"](chance)
    mail = incoming.read(raw, Envelope(ADDRESS, []))
    (found,) = signatures.found(incoming.fields(raw))
    assert signatures.valid(raw, found, KEYS)
    assert not signatures.usable(found, ADDRESS)
    assert mail.sender is not None


def test_another_address_is_refused_even_with_a_good_signature() -> None:
    reply = Reply(head={"From": "Ana <ana@evil.example>"})
    assert means(signed(reply.raw(), domain="evil.example")) == Meaning.WRONG_ADDRESS


def test_the_address_of_another_persons_mailing_is_refused() -> None:
    theirs = replace(SENT, address="bob@post.example")
    assert means(signed(Reply().raw()), theirs) == Meaning.WRONG_ADDRESS


def test_who_signs_below_their_own_domain_is_believed() -> None:
    """The mail service of a domain signs for the hosts below it."""
    sent = replace(SENT, address="ana@mail.post.example")
    reply = Reply(head={"From": "ana@mail.post.example"})
    assert means(signed(reply.raw()), sent) == Meaning.GENUINE


@pytest.mark.parametrize(
    ("signing", "sending", "good"),
    [
        ("post.example", "post.example", True),
        ("post.example", "mail.post.example", True),
        ("Post.Example", "post.example", True),
        ("mail.post.example", "post.example", False),
        ("com", "example.com", False),
        ("co.uk", "example.co.uk", False),
        ("ost.example", "post.example", False),
        ("", "post.example", False),
    ],
)
def test_which_domain_signs_for_which(signing: str, sending: str, good: bool) -> None:
    assert signatures.aligned(signing, sending) is good


def test_a_key_that_the_dns_does_not_hold_makes_no_signature_good() -> None:
    raw = signed(Reply().raw())
    assert means(raw, found_keys={}) == Meaning.UNSIGNED
    assert means(raw, found_keys={"s1._domainkey.post.example.": b""}) == Meaning.UNSIGNED
    other = keys("evil.example")["s1._domainkey.evil.example."]
    assert means(raw, found_keys={"s1._domainkey.post.example.": other}) == Meaning.UNSIGNED


def test_last_years_reply_undoes_nothing_that_was_agreed_since() -> None:
    again = replace(SENT, agreed_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert means(signed(Reply().raw()), again) == Meaning.STALE
    assert means(Reply().raw(), again) == Meaning.STALE
    fresh = Reply(head={"Date": "Sat, 21 Nov 2026 10:00:00 +0000"})
    assert means(fresh.raw(), again) == Meaning.STALE, "an unsigned date proves nothing"
    assert means(signed(fresh.raw()), again) == Meaning.GENUINE


def test_a_reply_to_the_office_is_believed_only_when_it_is_signed() -> None:
    """Some mail programs answer From instead of Reply-To: then only the thread leads to the
    mailing, and a thread is no secret."""
    found = replace(SENT, by_token=False)
    reply = Reply(head={"To": "office@provider.example"})
    assert means(signed(reply.raw()), found) == Meaning.GENUINE
    assert means(reply.raw(), found) == Meaning.OTHER


def test_what_answers_no_mailing_is_for_a_person() -> None:
    assert means(signed(Reply().raw()), None) == Meaning.OTHER
    assert means(signed(Reply("When is the exam?\r\n").raw())) == Meaning.OTHER


@pytest.mark.parametrize("text", ["unsubscribed me twice", "please do not write", "unsub", "stop"])
def test_only_the_word_at_the_beginning_counts(text: str) -> None:
    assert means(signed(Reply(text + "\r\n").raw())) == Meaning.OTHER


def test_mail_from_nobody_is_automatic() -> None:
    assert means(signed(Reply().raw()), sender="") == Meaning.AUTOMATIC


def test_ten_megabytes_are_not_read() -> None:
    with pytest.raises(Unreadable):
        means(Reply("unsubscribe\r\n" + "x" * 10_000_000).raw())


def test_a_thousand_headers_are_not_read() -> None:
    with pytest.raises(Unreadable):
        means(b"Received: from a by b\r\n" * 1000 + Reply().raw())


def test_a_hundred_servers_on_the_way_change_nothing() -> None:
    assert means(b"Received: from a by b\r\n" * 100 + signed(Reply().raw())) == Meaning.GENUINE


def test_no_bytes_break_the_reader() -> None:
    chance = Random(7)
    honest = signed(PROGRAMS["gmail on the web"].raw())
    for _ in range(500):
        raw = bytearray(honest)
        for _ in range(chance.randint(1, 40)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        assert means(bytes(raw)) in Meaning
