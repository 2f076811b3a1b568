"""A stand-in for the mail of the world: an SMTP server, and a page that shows what it took and lets
one answer, handing the answer over by LMTP as the provider's mail server would.

`python -m creditable.standins.inbox --port 8023 --smtp-port 8025 --state DIR`
"""

import asyncio
import base64
import email
import email.policy
import html
import re
import smtplib
import uuid
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from creditable.standins import authenticator, http, process
from creditable.standins.faults import Faults, Kind
from creditable.standins.http import Answer, Request, Standin, as_json, as_text
from creditable.standins.pages import Html, fault_forms, joined, moment, page, say, tag
from creditable.standins.records import Document, Records

NAME = "Stand-in for everybody's mailbox."
NOTE = "Mail ends here; none is passed on."
LINKS = {"Mail": "/", "Authenticator": "/authenticator/", "Let it fail": "/standin/"}
SHOWN = 200
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

FAULTS = {
    "smtp.refuse_temporary": Kind("The next mail is refused for now (451)"),
    "smtp.refuse_permanent": Kind("The next mail is refused for good (550)"),
    "smtp.drop": Kind("The next mail is kept, and the connection dropped before the reply"),
    "smtp.late": Kind("The next mail is kept, and acknowledged late", seconds=True),
}


class Mailbox:
    """Mail as it came. The same Message-ID again is the same mail, delivered once more."""

    def __init__(self, records: Records, clock: Callable[[], float]) -> None:
        self._records = records
        self._clock = clock

    def keep(self, envelope: Envelope) -> None:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        message_id = str(message["Message-ID"] or f"<{uuid.uuid4().hex}@no-message-id>").strip()
        recipients = [str(address) for address in envelope.rcpt_tos]
        with self._records.transaction():
            known = self._records.get("mail", message_id)
            mail: Document = known or {
                "id": uuid.uuid4().hex[:16],
                "message_id": message_id,
                "from": str(envelope.mail_from or ""),
                "to": [],
                "received_at": self._clock(),
                "deliveries": 0,
                "raw": base64.b64encode(raw).decode(),
            }
            mail["to"] = sorted({*mail["to"], *recipients})
            mail["deliveries"] += 1
            self._records.put("mail", message_id, mail)

    def listed(self, to: str) -> list[Document]:
        """Newest first; `to` empty means everybody's."""
        mails = [_read(mail) for mail in self._records.newest("mail", SHOWN)]
        wanted = to.strip().casefold()
        return [mail for mail in mails if not wanted or wanted in _folded(mail["to"])]

    def one(self, mail_id: str) -> Document | None:
        for mail in self._records.all("mail"):
            if mail["id"] == mail_id:
                return _read(mail)
        return None

    def addresses(self) -> list[str]:
        return sorted({to for mail in self._records.newest("mail", SHOWN) for to in mail["to"]})


class Reception:
    """What the SMTP server does with each mail. The names are aiosmtpd's."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self._faults.strike("smtp.refuse_temporary"):
            return "451 4.3.0 Try again later"
        if self._faults.strike("smtp.refuse_permanent"):
            return "550 5.1.1 There is no such mailbox"
        self._mailbox.keep(envelope)
        late = self._faults.strike("smtp.late")
        if late:
            await asyncio.sleep(late.seconds)
        if self._faults.strike("smtp.drop") and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 Kept"


class Undelivered(Exception):
    """The provider's side did not take the answer; the text says what it said."""


class Answers:
    """Carries answers to mail that came, to whoever takes mail in on this port (0: nobody)."""

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, mail: Document, text: str) -> None:
        """As the first recipient, to where the mail wants its answers. Not signed: the believed
        address of a mailing is enough to be stopped, with a way back."""
        if not self._port:
            raise Undelivered("nobody takes mail in here")
        headers = dict(mail["headers"])
        answer = EmailMessage(policy=email.policy.SMTP)
        answer["From"] = sender = mail["to"][0]
        answer["To"] = recipient = parseaddr(headers.get("Reply-To") or mail["sender"])[1]
        answer["Subject"] = f"Re: {mail['subject']}"
        answer["Date"] = formatdate()
        answer["Message-ID"] = f"<{uuid.uuid4().hex}@inbox.example>"
        answer["In-Reply-To"] = answer["References"] = mail["message_id"]
        answer.set_content(text)
        try:
            with smtplib.LMTP("127.0.0.1", self._port) as line:
                line.sendmail(sender, recipient, answer.as_bytes())
        except (OSError, smtplib.SMTPException) as problem:
            raise Undelivered(str(problem)) from problem


class Pages:
    def __init__(self, standin: Standin, mailbox: Mailbox, answers: Answers) -> None:
        self._standin = standin
        self._mailbox = mailbox
        self._answers = answers
        standin.route("GET", "/", self._list)
        standin.route("GET", "/mail/{id}/", self._one)
        standin.route("GET", "/mail/{id}/source", self._source)
        standin.route("POST", "/mail/{id}/answer", self._answer)
        standin.route("GET", "/api/mail", self._api)
        standin.route("GET", "/standin/", self._faults)

    def _list(self, request: Request) -> Answer:
        to = request.query.get("to", "")
        entries = [
            tag(
                "li",
                tag(
                    "a",
                    tag("strong", mail["subject"] or "(no subject)"),
                    tag(
                        "span",
                        joined(
                            (
                                f"to {', '.join(mail['to'])}",
                                moment(mail["received_at"]),
                                _times(mail),
                            ),
                            " · ",
                        ),
                        class_="soft",
                    ),
                    href=f"/mail/{mail['id']}/",
                ),
                class_="card",
            )
            for mail in self._mailbox.listed(to)
        ]
        options = joined(
            Html(f'<option value="{html.escape(address)}"></option>')
            for address in self._mailbox.addresses()
        )
        chosen = Html(
            f'<input name="to" type="search" list="addresses" value="{html.escape(to)}"'
            ' autocomplete="off">'
        )
        return page(
            NAME,
            "Mail, newest first",
            tag(
                "form",
                tag("label", "Sent to", chosen),
                tag("datalist", options, id="addresses"),
                tag("button", "Show"),
                tag("p", tag("a", "Everybody's", href="/")) if to else "",
                method="get",
                action="/",
                class_="row",
            ),
            tag("ul", *entries, class_="mail")
            if entries
            else tag("p", "No mail yet. Reload when you expect some.", class_="empty"),
            note=NOTE,
            links=LINKS,
        )

    def _one(self, request: Request) -> Answer:
        mail = self._mailbox.one(request.parameters["id"])
        if mail is None:
            text = tag("p", "There is no such mail.")
            return page(NAME, "Not found", text, note=NOTE, links=LINKS, status=404)
        facts = {
            "From": mail["sender"],
            "To": ", ".join(mail["to"]),
            "Received": moment(mail["received_at"]),
            "Message-ID": mail["message_id"],
        }
        parts: list[object] = [
            tag("dl", *(joined((tag("dt", k), tag("dd", v))) for k, v in facts.items())),
            tag("p", _times(mail), class_="soft"),
            tag("pre", _linked(mail["text"]), class_="letter") if mail["text"] else "",
        ]
        if mail["html"]:
            parts += [tag("h2", "As HTML"), _frame(mail)]
        for name in mail["attachments"]:
            parts.append(tag("p", f"Attachment: {name}", class_="soft"))
        source = f"/mail/{mail['id']}/source"
        return page(
            NAME,
            mail["subject"] or "(no subject)",
            *parts,
            _answer_form(mail),
            tag("p", tag("a", "Source", href=source)),
            note=NOTE,
            links=LINKS,
            # The frame inherits this policy, and mail brings its styles inline.
            style="'self' 'unsafe-inline'",
        )

    def _answer(self, request: Request) -> Answer:
        mail = self._mailbox.one(request.parameters["id"])
        if mail is None:
            return as_text("There is no such mail.\n", status=404)
        title, said, status = "Answered", "The answer was handed over.", 200
        try:
            self._answers.send(mail, request.form().get("text", ""))
        except Undelivered as problem:
            title, said, status = "Not answered", f"It was not taken: {problem}.", 502
        back = tag("p", tag("a", "Back to the mail", href=f"/mail/{mail['id']}/"))
        return page(NAME, title, tag("p", said), back, note=NOTE, links=LINKS, status=status)

    def _source(self, request: Request) -> Answer:
        mail = self._mailbox.one(request.parameters["id"])
        if mail is None:
            return as_text("There is no such mail.\n", status=404)
        return as_text(base64.b64decode(mail["raw"]).decode(errors="replace"))

    def _api(self, request: Request) -> Answer:
        mails = self._mailbox.listed(request.query.get("to", ""))
        return as_json([{k: v for k, v in mail.items() if k != "raw"} for mail in mails])

    def _faults(self, request: Request) -> Answer:
        forms = fault_forms(self._standin)
        return page(NAME, "Let the mail server fail", forms, note=NOTE, links=LINKS)


def _read(mail: Document) -> Document:
    message = email.message_from_bytes(base64.b64decode(mail["raw"]), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return {
        **mail,
        "sender": str(message["From"] or mail["from"]),
        "subject": str(message["Subject"] or ""),
        "date": str(message["Date"] or ""),
        "headers": [[name, str(value)] for name, value in message.items()],
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "attachments": [part.get_filename() or "?" for part in message.iter_attachments()],
    }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, KeyError):
        payload: Any = part.get_payload(decode=True)
        return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _frame(mail: Document) -> Html:
    """The mail's HTML without scripts, forms or anything from elsewhere; links open beside."""
    document = (
        '<!doctype html><meta name="color-scheme" content="light"><base target="_blank">'
        f"<body>{mail['html']}"
    )
    return Html(
        '<iframe title="The mail as HTML" referrerpolicy="no-referrer"'
        ' sandbox="allow-popups allow-popups-to-escape-sandbox"'
        f' srcdoc="{html.escape(document)}"></iframe>'
    )


def _linked(text: str) -> Html:
    parts, end = [], 0
    for match in ADDRESS.finditer(text):
        href = quote(match[0], safe="%/:=&?~#+!$,;'@()*[]")
        parts += [say(text[end : match.start()]), tag("a", match[0], href=href)]
        end = match.end()
    return joined([*parts, say(text[end:])])


def _answer_form(mail: Document) -> Html:
    text = Html('<textarea name="text" rows="4">unsubscribe</textarea>')
    return tag(
        "form",
        tag("label", "Answer", text),
        tag("button", "Send the answer"),
        method="post",
        action=f"/mail/{mail['id']}/answer",
    )


def _times(mail: Document) -> str:
    times = mail["deliveries"]
    return "delivered once" if times == 1 else f"delivered {times} times"


def _folded(addresses: list[str]) -> set[str]:
    return {address.casefold() for address in addresses}


def main() -> None:
    parser = process.arguments("A stand-in for mail servers, with a page of what they took.")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--answers-port", type=int, default=0, help="where LMTP takes answers in")
    parser.add_argument("--authenticator", type=Path, help="JSON: name and secret of each")
    given = parser.parse_args()
    process.die_with_parent()
    records = Records(process.state_folder(given.state) / "inbox.sqlite3")
    standin = Standin("Inbox", records, faults=FAULTS)
    mailbox = Mailbox(records, standin.clock)
    Pages(standin, mailbox, Answers(given.answers_port))
    authenticator.Authenticator(standin, given.authenticator, name=NAME, note=NOTE, links=LINKS)
    server = http.server(standin, host=given.host, port=given.port)
    smtp = Controller(
        Reception(mailbox, standin.faults),
        hostname=given.host,
        port=given.smtp_port,
        data_size_limit=10_000_000,
        enable_SMTPUTF8=True,
        ident="creditable-standin",
    )
    smtp.start()

    def stop() -> None:
        smtp.stop()
        records.close()

    process.serve("inbox", server, stop=stop)


if __name__ == "__main__":
    main()
