"""Reading one message from outside, which may be forged, broken or hostile.

Nothing here trusts the message: what cannot be read exactly is not read at all. A message that is
read says little, and it is for others to decide what follows from it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

LARGEST = 1_000_000
MOST_HEADERS = 500
MOST_PARTS = 200

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOMAIN = r"[A-Za-z0-9\u0080-\U0010ffff-]+"
_ADDRESS = rf"{_LOCAL}(?:\.{_LOCAL})*@{_DOMAIN}(?:\.{_DOMAIN})*"
_QUOTED = r'"(?:[^"\\\r\n]|\\[^\r\n])*"'
_WORDS = r"[^\x00-\x1f\"<>@,;:()\\\[\]]*"
_MAILBOX = re.compile(
    rf"\s*(?:(?:{_QUOTED}|{_WORDS})\s*<({_ADDRESS})>|({_ADDRESS})(?:\s*\({_WORDS}\))?)\s*"
)
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)

_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTOMATIC_HEADERS = (
    "list-id", "list-unsubscribe", "list-post", "feedback-id", "x-autoreply", "x-autorespond",
    "x-auto-response-suppress", "x-failed-recipients", "x-loop",
)  # fmt: skip
_AUTOMATIC_SENDERS = frozenset({"mailer-daemon", "postmaster", "no-reply", "noreply", "daemon"})
_AWAY = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)|auto:|out of (?:the )?office)", re.IGNORECASE
)


class Unreadable(Exception):
    """The message is larger, longer or more nested than any that a person writes."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mail server was told: from whom (empty for a notice about mail) and for whom."""

    sender: str
    recipients: Sequence[str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as far as it can be read exactly. `sender` and `recipient` are None where the
    header is not one address in one of the forms that mail programs write."""

    sender: str | None
    recipient: str | None
    subject: str
    date: datetime | None
    first_line: str
    message_id: str
    answers: Sequence[str]
    automatic: bool


def read(raw: bytes, envelope: Envelope) -> Incoming:
    """Reads the message, or raises Unreadable."""
    headers = fields(raw)
    message = parsed(raw)
    subject = _decoded(_one(headers, "subject") or "")
    sender = _mailbox(headers, "from")
    return Incoming(
        sender=sender,
        recipient=_mailbox(headers, "to"),
        subject=subject,
        date=_date(_one(headers, "date") or ""),
        first_line=_first_line(message),
        message_id=(_one(headers, "message-id") or "").strip()[:250],
        answers=_answers(headers),
        automatic=_automatic(headers, message, envelope, sender, subject),
    )


def text(raw: bytes) -> str:
    """All that the message says, as one text."""
    parts = list(texts(parsed(raw)))
    plain = [said for kind, said in parts if kind == "plain"]
    return "\n".join(plain or [_unmarked(said) for _, said in parts]).replace("\0", "")


def fields(raw: bytes) -> list[tuple[str, str]]:
    """The header fields in their order, names in lower case, values unfolded."""
    if len(raw) > LARGEST:
        raise Unreadable("too large")
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    lines: list[bytes] = []
    for line in re.split(rb"\r?\n", head):
        if line[:1] in {b" ", b"\t"} and lines:
            lines[-1] += line
        else:
            lines.append(line)
    if len(lines) > MOST_HEADERS:
        raise Unreadable("too many headers")
    found = []
    for line in lines:
        if match := _FIELD.fullmatch(line):
            value = match[2].decode("utf-8", errors="replace").strip()
            found.append((match[1].decode("ascii").lower(), value))
    return found


def parsed(raw: bytes) -> Message:
    """The message by the standard library's parser, which repairs what it can."""
    try:
        message = message_from_bytes(raw)
        if sum(1 for _ in message.walk()) > MOST_PARTS:
            raise Unreadable("too many parts")
    except RecursionError as error:
        raise Unreadable("nested too deep") from error
    return message


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """The texts of the message that are not attached: the kind (plain or html) and the text."""
    for part in message.walk():
        if part.get_content_maintype() != "text" or part.get_filename() is not None:
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield part.get_content_subtype(), _text(payload, str(part.get_content_charset("utf-8")))


def _one(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The value of a header that stands there once."""
    values = [value for key, value in headers if key == name]
    return values[0] if len(values) == 1 else None


def _mailbox(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    value = _one(headers, name)
    match = _MAILBOX.fullmatch(value) if value is not None and len(value) <= 2000 else None
    return (match[1] or match[2]) if match else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _answers(headers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The messages that this one answers, nearest first."""
    named = [value for key, value in headers if key in {"in-reply-to", "references"}]
    ids = [found for value in named for found in reversed(re.findall(r"<[^<>\s]{1,248}>", value))]
    return tuple(dict.fromkeys(ids))[:50]


def _automatic(
    headers: Sequence[tuple[str, str]],
    message: Message,
    envelope: Envelope,
    sender: str | None,
    subject: str,
) -> bool:
    """Whether a program wrote it (RFC 3834), so that answering might go on for ever."""
    submitted = [value for key, value in headers if key == "auto-submitted"]
    precedence = [value.strip().lower() for key, value in headers if key == "precedence"]
    return (
        not envelope.sender.strip("<> ")
        or any(value.split(";")[0].split("(")[0].strip().lower() != "no" for value in submitted)
        or any(value in _AUTOMATIC_PRECEDENCE for value in precedence)
        or any(key in _AUTOMATIC_HEADERS for key, _ in headers)
        or any(key == "return-path" and value.strip() == "<>" for key, value in headers)
        or message.get_content_type() == "multipart/report"
        or (sender or "").partition("@")[0].lower() in _AUTOMATIC_SENDERS
        or _AWAY.match(subject) is not None
    )


def _decoded(value: str) -> str:
    """A header's encoded words (RFC 2047) as text."""
    try:
        parts = decode_header(value[:2000])
    except ValueError:
        return value
    return "".join(
        _text(part, charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in parts
    )


def _text(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return payload.decode("utf-8", errors="replace")


# What somebody wrote themselves, above or below what their mail program quotes

_ATTRIBUTION = re.compile(
    r"(?:on|am|le|el|il|em|op)\b.{5,300}(?:wrote|schrieb|écrit|escribió|scritto|escreveu|schreef)"
    r"\s?:?|.{5,300}(?:wrote|writes):",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[-_*\s]*(?:original message|forwarded message|original-nachricht)[-_*\s]*|_{10,}|-{10,}"
    r"|from:\s.*",
    re.IGNORECASE,
)


def _first_line(message: Message) -> str:
    """The first line that the sender wrote; empty where there is none."""
    plain: list[str] = []
    marked: list[str] = []
    for kind, text in texts(message):
        (plain if kind == "plain" else marked).append(text)
    for text in plain:
        if line := first_unquoted(text):
            return line
    for text in marked:
        if line := first_unquoted(_unmarked(text)):
            return line
    return ""


def first_unquoted(text: str) -> str:
    """The first line that is neither quoted nor says whom it quotes. What follows a mark of the
    original message is quoted to the end."""
    lines = [line.strip() for line in text.splitlines()]
    for number, line in enumerate(lines):
        if not line or line.startswith((">", "|")):
            continue
        if _ORIGINAL.fullmatch(line):
            return ""
        together = " ".join(lines[number : number + 3])
        if _ATTRIBUTION.fullmatch(line) or (
            line.lower().startswith("on ") and _ATTRIBUTION.match(together)
        ):
            return first_unquoted(_below(lines[number:]))
        return line[:500]
    return ""


def _below(lines: Sequence[str]) -> str:
    """What stands below a quotation that begins with these lines."""
    quoted = [number for number, line in enumerate(lines) if line.startswith(">")]
    return "\n".join(lines[quoted[-1] + 1 :]) if quoted else ""


class _Unmarked(HTMLParser):
    """HTML as lines of text, without what is quoted or not shown."""

    _BREAKS = frozenset({"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3", "hr", "pre"})
    _HIDDEN = frozenset({"blockquote", "style", "script", "head", "title"})
    _EMPTY = frozenset({"br", "hr", "img", "meta", "link", "input", "wbr", "col", "base"})
    _QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "gmail_attr")
    _BOUNDARIES = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden: list[str] = []
        self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: (value or "").lower() for name, value in attrs}
        if named.get("id", "") in self._BOUNDARIES:
            self._over = True
        if tag in self._BREAKS:
            self.text.append("\n")
        if tag in self._EMPTY:
            return
        quoted = any(name in named.get("class", "") for name in self._QUOTES)
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.append(tag)
        elif tag in self._HIDDEN or quoted:
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[0]:
            self._hidden.pop()
        if tag in self._BREAKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden and not self._over:
            self.text.append(" ".join(data.split()) if data.strip() else " ")


def _unmarked(html: str) -> str:
    reader = _Unmarked()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):
        return ""
    return "".join(reader.text)
