"""What a mail server says about a mail of ours that did not arrive, or a reader about one that did.

Reports made for programs (RFC 3464, RFC 5965) are believed as they stand; of free text only what
servers commonly say. Whose mail it was is never read from here: the address that the report came
to tells that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from creditable.mail import incoming
from creditable.mail.incoming import Envelope


class Kind(StrEnum):
    GONE = "gone"  # there is no such mailbox, and there will not be
    REFUSED = "refused"  # this message was refused for good; the next may pass
    DELAYED = "delayed"  # not yet, or given up after waiting
    COMPLAINT = "complaint"  # the reader says that they do not want it
    AUTO_REPLY = "auto_reply"  # a program answered for somebody
    OTHER = "other"  # none of these


@dataclass(frozen=True, slots=True)
class Report:
    """`status` is the enhanced status code (RFC 3463), empty where none was given."""

    kind: Kind
    status: str = ""


_LINES = re.IGNORECASE | re.MULTILINE
_CODE = r"([245])\.(\d{1,3})\.(\d{1,3})"
_STATUS = re.compile(rf"(?<![\d.]){_CODE}(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[ -][A-Za-z<#(\d\[])")

_NOBODY = re.compile(
    r"(?:user|recipient|mailbox|account|address|addressee|host|domain|alias)(?: name)?s?\b.{0,40}"
    r"(?:unknown|not found|not exist|n't exist|not listed|no longer|invalid|disabled|inactive"
    r"|suspended|deactivated|not known|not recogni[sz]ed|is not valid|nonexist|closed)"
    r"|(?:unknown|no such|invalid|non-?existent|bad|undefined|inactive|unrecogni[sz]ed) "
    r"(?:local )?(?:part|user|recipient|mailbox|address|account|host|domain|alias|person|here)"
    r"|unrouteable|unroutable|not our customer|no mailbox here|doesn't have an? \S+ account"
    r"|(?:name|host|domain)\b.{0,40} (?:lookup fail|not found)|lookup failure|no mx|nullmx"
    r"|does not like recipient|could not be found|wasn't found",
    re.IGNORECASE | re.DOTALL,
)
_FULL_OR_UNWANTED = re.compile(
    r"full|quota|storage|too (?:large|big|many)|exceed|size|spam|block|blacklist|poli[ct]y|reject"
    r"|denied|content|virus|reputation|authenticat|relay|loop|hop count|header|permission",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"(?:will|we'll|shall) (?:keep|continue|be) ?(?:trying|to (?:try|retry)|retr|re-?attempt)"
    r"|will retry|delay|temporar|deferred|try again later|timed? ?out|retry time|retry timeout"
    r"|still (?:being )?(?:trying|undelivered)|too long|expired",
    re.IGNORECASE,
)
_FAILED_SUBJECT = re.compile(
    r"undeliver|delivery|failure notice|returned mail|mail system error|non[- ]?remis|unzustell"
    r"|returning message|could not be delivered|mail failure|not delivered|bounce",
    re.IGNORECASE,
)
_FAILED_TEXT = re.compile(
    r"(?:not|n't|cannot|could not|unable to|failed to)(?: be)? (?:been )?(?:deliver|reach|sen[dt])"
    r"|delivery (?:to .{0,80} )?(?:has )?failed|permanent(?:ly)?\b.{0,20}(?:error|fail)"
    r"|undeliver|bounced|status notification \(failure\)",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"^[-\s>*=]*(?:original (?:message|mail)|copy of (?:the|your)|this is a copy"
    r"|below this line|message (?:header|text) follows|unsent message|returned message"
    r"|message headers follow|the header of the original|received:\s)",
    re.IGNORECASE | re.MULTILINE,
)
_COMPLAINT_SUBJECT = re.compile(r"complaint about message from [\d.:a-f]+\s*$", re.IGNORECASE)
_COMPLAINTS = frozenset({"abuse", "opt-out", "opt-out-list", "miscategorized"})
_MAILERS = ("mailer-daemon", "postmaster", "mail-daemon", "mailer_daemon", "mdaemon")


def read(raw: bytes, envelope: Envelope) -> Report:
    """What the message reports, or OTHER. Raises incoming.Unreadable."""
    fields = incoming.fields(raw)
    message = incoming.parsed(raw)
    if (feedback := _feedback(message, fields)) is not None:
        return feedback
    if blocks := list(_status_blocks(message)):
        return _of_blocks(blocks, _words(message))
    words = _words(message)
    if _is_notice(fields, envelope, words):
        return _of_text(words, _subject(fields))
    if incoming.read(raw, envelope).automatic:
        return Report(Kind.AUTO_REPLY)
    return Report(Kind.OTHER)


def original_message_id(raw: bytes) -> str:
    """The Message-ID of the mail that a report is about, where the report encloses it."""
    for part in incoming.parsed(raw).walk():
        if part.get_content_type() not in {"message/rfc822", "text/rfc822-headers"}:
            continue
        enclosed = part.get_payload()
        text = str(enclosed[0]) if isinstance(enclosed, list) else str(enclosed)
        if found := re.search(
            r"^message-id:\s*(<[^<>\s]{1,248}>)", text, re.IGNORECASE | re.MULTILINE
        ):
            return found[1]
    return ""


def _feedback(message: Message, fields: list[tuple[str, str]]) -> Report | None:
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            kind = re.search(
                r"^feedback-type:\s*([\w-]+)", _source(part), re.IGNORECASE | re.MULTILINE
            )
            complains = kind is not None and kind[1].lower() in _COMPLAINTS
            return Report(Kind.COMPLAINT if complains else Kind.OTHER)
    return Report(Kind.COMPLAINT) if _COMPLAINT_SUBJECT.match(_subject(fields)) else None


def _status_blocks(message: Message) -> Iterator[str]:
    """What is said about each recipient, as text: the blocks after the first, which is about the
    reporting server."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = re.split(r"\r?\n[ \t]*\r?\n", _source(part).strip())
        yield from (block for block in blocks if re.search(r"^action:", block, _LINES))


def _source(part: Message) -> str:
    enclosed = part.get_payload()
    if isinstance(enclosed, list):
        return "\n\n".join(
            f"{_heads(inner)}\n\n{inner.get_payload() if not inner.is_multipart() else ''}"
            for inner in enclosed
            if isinstance(inner, Message)
        )
    return str(enclosed)


def _heads(part: Message) -> str:
    return "\n".join(f"{name}: {value}" for name, value in part.items())


def _of_blocks(blocks: list[str], text: str) -> Report:
    reports = [_of_block(block, text) for block in blocks]
    for kind in (Kind.GONE, Kind.REFUSED, Kind.DELAYED):
        for report in reports:
            if report.kind == kind:
                return report
    return reports[0]


def _of_block(block: str, text: str) -> Report:
    def value(name: str) -> str:
        found = re.search(
            rf"^{name}:[ \t]*((?:.*)(?:\r?\n[ \t]+.*)*)", block, re.IGNORECASE | re.MULTILINE
        )
        return " ".join(found[1].split()) if found else ""

    action = value("action").lower()
    if action in {"delivered", "relayed", "expanded"}:
        return Report(Kind.OTHER)
    diagnostic = value("diagnostic-code")
    status = _STATUS.search(value("status"))
    said = _STATUS.search(diagnostic)
    if said is not None and (status is None or (status[2], status[3]) == ("0", "0")):
        status = said
    if action.startswith("delayed") or (status is not None and status[1] == "4"):
        return Report(Kind.DELAYED, status[0] if status else "")
    if status is None or status[2] == "0":
        by_words = _of_text(diagnostic or text, "")
        failed = by_words.kind if by_words.kind != Kind.OTHER else Kind.REFUSED
        return Report(failed, status[0] if status else by_words.status)
    return Report(_by_status(status, diagnostic), status[0])


def _by_status(status: re.Match[str], words: str) -> Kind:
    """RFC 3463: 5.1.x is the address, 5.2.1 a mailbox switched off, 5.4.4 a host that is not
    there. The rest is about this message, a full mailbox or a policy; but a code that says no
    more than its subject (5.2.0) leaves it to the words."""
    subject, detail = int(status[2]), int(status[3])
    if status[1] == "4":
        return Kind.DELAYED
    about_sender = subject == 1 and detail in {7, 8}
    if (subject == 1 and not about_sender) or (subject, detail) in {(2, 1), (4, 4)}:
        return Kind.GONE
    if detail == 0 and subject in {2, 3, 4, 5} and _NOBODY.search(words):
        return Kind.GONE
    return Kind.REFUSED


def _is_notice(fields: list[tuple[str, str]], envelope: Envelope, words: str) -> bool:
    """Whether it comes from a mail server itself, as far as that can be told."""
    senders = [value.lower() for name, value in fields if name in {"from", "return-path"}]
    replied = any(name == "auto-submitted" and "replied" in value for name, value in fields)
    return (
        any(mailer in sender for sender in senders for mailer in _MAILERS)
        or any(name == "x-failed-recipients" for name, _ in fields)
        or (
            (not envelope.sender.strip("<> ") or "<>" in senders or not replied)
            and _FAILED_SUBJECT.search(_subject(fields)) is not None
        )
        or ("<>" in senders and _FAILED_TEXT.search(words) is not None)
    )


def _subject(fields: list[tuple[str, str]]) -> str:
    return next((value for name, value in fields if name == "subject"), "")


def _words(message: Message) -> str:
    """What the notice says itself, without the mail that it returns."""
    text = "\n".join(text for _, text in incoming.texts(message))
    mark = _ORIGINAL.search(text)
    return (text[: mark.start()] if mark and mark.start() > 40 else text)[:20_000]


def _of_text(text: str, subject: str) -> Report:
    status = _STATUS.search(text)
    if status is not None and (status[2], status[3]) != ("0", "0"):
        return Report(_by_status(status, text), status[0])
    reply = _REPLY.search(text)
    if reply is not None and reply[1].startswith("4"):
        return Report(Kind.DELAYED)
    if _NOBODY.search(text):
        return Report(Kind.GONE)
    if reply is None and _NOT_YET.search(text):
        return Report(Kind.DELAYED)
    if reply is not None or _FULL_OR_UNWANTED.search(text) or _FAILED_TEXT.search(text + subject):
        return Report(Kind.REFUSED)
    return Report(Kind.DELAYED if _NOT_YET.search(subject) else Kind.OTHER)
