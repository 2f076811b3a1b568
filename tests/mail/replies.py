"""Replies to a mailing, as mail programs write them and as forgers do.

The sender's mail service signs with a key of these tests, which `KEYS` holds as the DNS would.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from creditable.mail import return_address
from creditable.mail.return_address import Mailing
from creditable.mail.unsubscribe import Sent

DOMAIN = "mail.provider.example"
KEY = b"k" * 32
MAILING = Mailing(UUID("0190a1b2-0000-7000-8000-00000000000a"), return_address.number("spring"))
REPLY_TO = return_address.write(MAILING, "u", domain=DOMAIN, key=KEY)
ADDRESS = "ana.diaz@post.example"
SENT_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
SUBJECT = "New courses for Texas electricians"
SENT = Sent(address=ADDRESS, reply_to=REPLY_TO, at=SENT_AT, agreed_at=None, by_token=True)
SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"from", b"to", b"subject")


@lru_cache
def private_key(domain: str) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


@lru_cache
def dns_text(domain: str) -> bytes:
    key = serialization.load_pem_private_key(private_key(domain), None).public_key()
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(spki)


def keys(*domains: str) -> dict[str, bytes]:
    return {f"s1._domainkey.{domain}.": dns_text(domain) for domain in domains}


KEYS = keys("post.example", "evil.example")


@lru_cache(maxsize=4096)
def signed(
    raw: bytes,
    *,
    domain: str = "post.example",
    headers: tuple[bytes, ...] = SIGNED,
    partial: bool = False,
) -> bytes:
    signature = dkim.DKIM(raw).sign(
        b"s1", domain.encode(), private_key(domain),
        canonicalize=(b"relaxed", b"relaxed"), include_headers=list(headers), length=partial,
    )  # fmt: skip
    return bytes(signature) + raw


@dataclass
class Reply:
    """A reply as its sender's mail program writes it. `head` replaces or adds headers; a name
    with None leaves the header out."""

    text: str = "unsubscribe\r\n"
    kind: str = "text/plain; charset=utf-8"
    head: dict[str, str | None] = field(default_factory=dict)

    def raw(self) -> bytes:
        head: dict[str, str | None] = {
            "From": f"Ana Diaz <{ADDRESS}>",
            "To": REPLY_TO,
            "Subject": f"Re: {SUBJECT}",
            "Date": "Tue, 03 Nov 2026 08:15:00 -0600",
            "Message-ID": "<reply-1@post.example>",
            "MIME-Version": "1.0",
            "Content-Type": self.kind,
            **self.head,
        }
        lines = [f"{name}: {value}" for name, value in head.items() if value is not None]
        return ("\r\n".join(lines) + "\r\n\r\n" + self.text).encode()


def _alternative(plain: str, html: str) -> Reply:
    boundary = "000000000000aa11"
    return Reply(
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n"
        f"--{boundary}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
        f"--{boundary}--\r\n",
        f'multipart/alternative; boundary="{boundary}"',
    )


_QUOTE = "> Hello Ana,\r\n> unsubscribe at any time: https://provider.example/choices/x/\r\n"
_ON = "On Mon, Nov 2, 2026 at 3:00 AM Lone Star <office@provider.example> wrote:\r\n"
_B64 = base64.encodebytes(f"Unsubscribe\r\n\r\n{_QUOTE}".encode()).decode()

PROGRAMS: dict[str, Reply] = {
    "gmail on the web": _alternative(
        f"unsubscribe\r\n\r\n{_ON}\r\n{_QUOTE}",
        '<div dir="ltr">unsubscribe</div><br><div class="gmail_quote"><div class="gmail_attr">On'
        " Mon wrote:<br></div><blockquote>Hello</blockquote></div>",
    ),
    "gmail on android": _alternative(
        f"Unsubscribe \r\n\r\n{_ON[:50]}\r\n{_ON[50:]}\r\n{_QUOTE}", "<p dir='auto'>Unsubscribe</p>"
    ),
    "apple mail": Reply(f"Unsubscribe\r\n\r\n> {_ON}{_QUOTE}", "text/plain; charset=us-ascii"),
    "iphone": Reply(f"Unsubscribe\r\n\r\nSent from my iPhone\r\n\r\n{_ON}\r\n{_QUOTE}"),
    "outlook 2019": Reply(
        "<html><head><style>p {margin:0}</style></head><body><p class=MsoNormal>UNSUBSCRIBE"
        "<o:p></o:p></p><div style='border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Lone Star"
        "</p></div></body></html>",
        "text/html; charset=us-ascii",
    ),
    "outlook on the web": Reply(
        '<html><body><div style="font-size:12pt">Unsubscribe</div><div id="appendonsend"></div>'
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Lone Star</div><div>Hello</div></body></html>',
        'text/html; charset="iso-8859-1"',
    ),
    "outlook, plain": Reply(
        "Unsubscribe\r\n\r\n________________________________\r\nFrom: Lone Star\r\nSent: Monday"
        "\r\nTo: Ana\r\nSubject: New courses\r\n\r\nHello Ana,\r\n"
    ),
    "thunderbird, above": Reply(f"unsubscribe\r\n\r\nOn 11/2/26 03:00, L wrote:\r\n{_QUOTE}"),
    "thunderbird, below": Reply(f"On 11/2/26 03:00, L wrote:\r\n{_QUOTE}\r\nunsubscribe\r\n"),
    "thunderbird, html": Reply(
        '<html><body><p>unsubscribe</p><div class="moz-cite-prefix">On 11/2/26 wrote:</div>'
        '<blockquote type="cite">Hello</blockquote></body></html>',
        "text/html; charset=UTF-8",
    ),
    "yahoo": Reply(
        '<html><body><div class="ydp1" dir="ltr">Unsubscribe</div><div class="yahoo_quoted">'
        "On Monday wrote:</div></body></html>",
        "text/html; charset=UTF-8",
    ),
    "proton": Reply(
        'Unsubscribe<br><br><div class="protonmail_quote">On Monday wrote:<blockquote>Hello'
        "</blockquote></div>",
        "text/html; charset=utf-8",
    ),
    "fastmail": Reply(f"unsubscribe please\r\n\r\nOn Mon, Nov 2, 2026, L wrote:\r\n{_QUOTE}"),
    "mutt": Reply(f"* Lone Star <office@provider.example> [2026-11-02 03:00]:\r\n{_QUOTE}\r\n"
                  "unsubscribe\r\n", head={"Subject": f"unsubscribe: {SUBJECT}"}),
    "alpine": Reply(
        f"Unsubscribe.\r\n\r\nOn Mon, 2 Nov 2026, Lone Star wrote:\r\n\r\n{_QUOTE}",
        head={"From": f"{ADDRESS} (Ana Diaz)"},
    ),
    "k-9": Reply("Unsubscribe\r\n-- \r\nSent from my Android device with K-9 Mail.\r\n"),
    "samsung": _alternative(
        "UnsubscribeSent from my Galaxy".replace("Sent", "\r\nSent")
        + "\r\n-------- Original message --------\r\nFrom: Lone Star\r\n",
        "<div>Unsubscribe</div>",
    ),
    "evolution": Reply(f"unsubscribe\r\n\r\nOn Mon, 2026-11-02 at 03:00, L wrote:\r\n{_QUOTE}",
                       'text/plain; charset="UTF-8"', {"From": f'"Diaz, Ana" <{ADDRESS}>'}),
    "exchange, base 64": Reply(_B64, head={"Content-Transfer-Encoding": "base64"}),
    "lotus notes": Reply(
        "unsubscribe\r\n\r\n\r\nFrom:   Lone Star <office@provider.example>\r\nTo:     Ana\r\n",
        head={"From": ADDRESS},
    ),
    "aol": Reply(f"\r\n\r\n Unsubscribe \r\n\r\n-----Original Message-----\r\nFrom: L\r\n{_QUOTE}",
                 head={"From": ADDRESS.upper().replace("ANA", "Ana")}),
    "encoded name": Reply(
        "Unsubscribe\r\n", head={"From": f"=?utf-8?q?Ana_D=C3=ADaz?=\r\n <{ADDRESS}>"}
    ),
    "an address book's name for us": Reply(head={"To": f'"Lone Star" <{REPLY_TO.upper()}>'}),
    "word in the subject": Reply("", head={"Subject": "Unsubscribe"}),
    "word in the subject, signature below": Reply(
        "Ana Diaz\r\nMaster electrician\r\n", head={"Subject": f"UNSUBSCRIBE {SUBJECT}"}
    ),
}  # fmt: skip
