"""Ten thousand ways to ask in somebody else's name, made from a few kinds by a seeded chance.

Each kind gives a message that the person did not send, or did not send for this. A forger may
know the Reply-To address, have a domain and a signing service of their own, and hold messages that
the person once sent; they have no key of the person's mail service.
"""

from collections.abc import Callable
from random import Random

from creditable.mail import return_address
from creditable.mail.return_address import Mailing
from tests.mail.replies import ADDRESS, DOMAIN, KEY, MAILING, PROGRAMS, REPLY_TO, Reply, signed

Forger = Callable[[Random], bytes]
LOOKALIKES = {"a": "а", "e": "е", "o": "о", "i": "і", "p": "р", "s": "ѕ", "d": "ԁ", "x": "х"}


def _some(chance: Random) -> Reply:
    return PROGRAMS[chance.choice(sorted(PROGRAMS))]


def _with(reply: Reply, **head: str | None) -> Reply:
    named = {name.replace("_", "-"): value for name, value in head.items()}
    return Reply(reply.text, reply.kind, {**reply.head, **named})


def unsigned(chance: Random) -> bytes:
    return _some(chance).raw()


def signed_elsewhere(chance: Random) -> bytes:
    return signed(_some(chance).raw(), domain="evil.example")


def signed_as_a_neighbor(chance: Random) -> bytes:
    """A domain that ends like the person's, or a registry above it."""
    claimed = chance.choice(
        [b"notpost.example", b"example", b"post.example.evil.example", b"t.example"]
    )
    return signed(_some(chance).raw(), domain="evil.example").replace(b"evil.example", claimed)


def strange_sender(chance: Random) -> bytes:
    """Headers that some readers take for the person's address, signed by the forger."""
    local, _, domain = ADDRESS.partition("@")
    evil = "mallory@evil.example"
    forms = [
        f"{ADDRESS} <{evil}>", f'"{ADDRESS}" <{evil}>', f"<{ADDRESS}> <{evil}>",
        f"<{evil}> ({ADDRESS})", f"{evil} ({ADDRESS})", f"({ADDRESS}) {evil}",
        f"{ADDRESS}, {evil}", f"{evil}, {ADDRESS}", f"A: {ADDRESS}, {evil};",
        f"=?utf-8?q?{local}=40{domain}?= <{evil}>", f"=?utf-8?q?{local}=40{domain}?=",
        f"=?utf-8?b?YW5hLmRpYXpAcG9zdC5leGFtcGxlIDw+?= <{evil}>", f'"Ana" <{evil}> <{ADDRESS}>',
        f"Ana <{local}@evil.example@{domain}>", f"Ana <{ADDRESS}.evil.example>",
        f"Ana <{local}(x)@evil.example(@{domain})>", f"Ana <@{domain},@x:{evil}>",
        f'"{local}@{domain}\\" <{evil}>', f"Ana <{ADDRESS}\x00{evil}>", f"Ana\r\n <{evil}>",
        f"Ana <{evil}>\r\nFrom: Ana <{ADDRESS}>", f"Ana <{ADDRESS}>\r\nFrom: Ana <{evil}>",
        f"Ana <{ADDRESS}>\r\nfrom : <{evil}>", "", "<>", "Ana", f"Ana <{local}>",
    ]  # fmt: skip
    raw = _with(_some(chance), From=chance.choice(forms)).raw()
    try:
        return signed(raw, domain="evil.example")
    except Exception:  # the forger's signer refuses the worst of them  # noqa: BLE001
        return raw


def lookalike(chance: Random) -> bytes:
    letters = [place for place, letter in enumerate(ADDRESS) if letter in LOOKALIKES]
    chosen = chance.sample(letters, chance.randint(1, 3))
    address = "".join(
        LOOKALIKES[letter] if place in chosen else letter for place, letter in enumerate(ADDRESS)
    )
    return signed(_with(_some(chance), From=f"Ana Diaz <{address}>").raw(), domain="evil.example")


def appended(chance: Random) -> bytes:
    """An honest message signed over a part of its body, with the request put after or before."""
    honest = Reply("Thank you!\r\n")
    raw = signed(honest.raw(), partial=True)
    return (
        raw + b"unsubscribe\r\n" if chance.random() < 0.5 else raw.replace(b"Thank", b"unsubscribe")
    )


def partly_signed(chance: Random) -> bytes:
    """A request whose signature leaves out what we decide by, or covers a part of the body."""
    covered = [b"from", b"to", b"subject", b"date"]
    partial = chance.random() < 0.5
    if not partial:
        covered.remove(chance.choice(covered[1:3]))
    return signed(_some(chance).raw(), headers=tuple(covered), partial=partial)


def turned_over(chance: Random) -> bytes:
    """A genuine request to another sender of mail, or from another mailing, sent on to us."""
    other = return_address.write(
        Mailing(MAILING.subject_id, return_address.number("winter")), "u", domain=DOMAIN, key=KEY
    )
    to = chance.choice(["list@elsewhere.example", "Ana <ana@elsewhere.example>", other])
    raw = signed(_with(_some(chance), To=to).raw())
    replaced = raw.replace(f"To: {to}".encode(), f"To: {REPLY_TO}".encode(), 1)
    added = raw.replace(b"To: ", f"To: {REPLY_TO}\r\nTo: ".encode(), 1)
    return chance.choice([raw, replaced, added])


def reworded(chance: Random) -> bytes:
    """An honest message of the person's, made to say something else."""
    raw = signed(Reply("Thank you, I will come.\r\n").raw())
    changes = [
        (b"Thank you", b"unsubscribe"),
        (b"Subject: Re: New", b"Subject: unsubscribe"),
        (b"Subject: ", b"Subject: unsubscribe\r\nSubject: "),
        (b"\r\n\r\n", b"\r\n\r\nunsubscribe\r\n"),
        (b"Content-Type: text/plain", b"Subject: unsubscribe\r\nContent-Type: text/plain"),
    ]
    return raw.replace(*chance.choice(changes), 1)


def damaged(chance: Random) -> bytes:
    """A genuine request in which one letter of what is signed was changed."""
    honest = Reply("unsubscribe please\r\n").raw()
    raw = signed(honest)
    names = (b"Subject: ", b"Message-ID: ", b"Date: ", b"\r\n\r\n")
    start = raw.index(chance.choice(names), len(raw) - len(honest)) + 11
    place = start + chance.randint(0, 4)
    letter = chance.choice(b"abcdefghijklmnopqrstuvwxyz")
    changed = raw[:place] + bytes([letter]) + raw[place + 1 :]
    if changed.lower() == raw.lower():
        changed = raw.replace(b"please", b"pleaze")
    return changed


def automatic(chance: Random) -> bytes:
    named = chance.choice(
        [
            {"Auto-Submitted": "auto-replied"}, {"Auto-Submitted": "auto-generated (vacation)"},
            {"Precedence": "bulk"}, {"Precedence": "list"}, {"List-Id": "<a.example>"},
            {"X-Autoreply": "yes"}, {"Subject": "Automatic reply: unsubscribe"},
            {"Subject": "Out of office: New courses"}, {"X-Auto-Response-Suppress": "All"},
            {"Return-Path": "<>"}, {"Auto-Submitted": "Auto-Notified"},
        ]
    )  # fmt: skip
    reply = _some(chance)
    return signed(Reply(reply.text, reply.kind, {**reply.head, **named}).raw())


def quoted_only(chance: Random) -> bytes:
    """A reply whose own words ask for nothing; the word stands in what it quotes."""
    own = chance.choice(["", "Thanks!", "Do not unsubscribe me.", "How do I unsubscribe?"])
    between = "On Mon, Nov 2, 2026 at 3:00 AM Lone Star <o@provider.example> wrote:\r\n"
    mark = chance.choice([between, "-----Original Message-----\r\n"])
    return signed(Reply(f"{own}\r\n\r\n{mark}> unsubscribe\r\n> here\r\n").raw())


FORGERS: dict[str, Forger] = {
    forger.__name__: forger
    for forger in (
        unsigned, signed_elsewhere, signed_as_a_neighbor, strange_sender, lookalike, appended,
        partly_signed, turned_over, reworded, damaged, automatic, quoted_only,
    )
}  # fmt: skip


def disguised(raw: bytes, chance: Random) -> bytes:
    """The same with what mail servers on the way may add, which proves nothing."""
    additions = [
        b"Received: from a.example by b.example; Tue, 3 Nov 2026 14:15:00 +0000\r\n" * 100,
        b"Authentication-Results: mail.provider.example; dkim=pass header.d=post.example\r\n",
        (
            b"DKIM-Signature: v=1; a=rsa-sha256; d=post.example; s=s1; h=from:to:subject; bh=AA==;"
            b" b=AA==\r\n"
        ),
        b"X-Original-From: " + ADDRESS.encode() + b"\r\n",
        b"Sender: " + ADDRESS.encode() + b"\r\n",
        b"ARC-Seal: i=1; a=rsa-sha256; cv=pass; d=evil.example; s=s1; b=AA==\r\n",
    ]
    return b"".join(chance.sample(additions, chance.randint(0, 3))) + raw
