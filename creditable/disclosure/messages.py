"""What the sender can carry: plain values, one shape per channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

ONCE = {"once": True}
FILE_KEY = "file_key"
"""In the head of a message whose body is encrypted until it leaves: the name of the key."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTPS call. `destination` names the recipient's entry in the sender's settings, which
    holds the address and the credentials; `path` is appended to that address. A request that is
    not harmless to repeat (no GET, no key that the recipient remembers) is said to be for `once`:
    where nobody knows whether it arrived, it is not tried again. The body of one with a `file_key`
    lies in the outbox encrypted with that key, and the sender decrypts it at the last moment."""

    destination: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    once: bool = False
    file_key: str = ""

    channel = "https"

    def packed(self) -> tuple[dict[str, Any], bytes]:
        head: dict[str, Any] = {
            "method": self.method,
            "path": self.path,
            "headers": dict(self.headers),
        }
        head |= ONCE if self.once else {}
        if self.file_key:
            head[FILE_KEY] = self.file_key
        return head, self.body


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to one address. `message_id` is stable, so that a mail sent twice after a
    crash shows once; where that is not enough, as with a file that somebody enters, it is for
    `once`. `to` and `sender` may carry a display name. Reports that it did not arrive
    go to `return_path`. A mail that a person may refuse carries where to: `reply_to`, and an
    address that refuses it in one click (RFC 8058)."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    return_path: str = ""
    reply_to: str = ""
    one_click: str = ""
    attachment: Attachment | None = None
    once: bool = False

    channel = "smtp"
    destination = "smtp"

    def packed(self) -> tuple[dict[str, Any], bytes]:
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = self.to
        message["Subject"] = self.subject
        message["Message-ID"] = self.message_id
        message["Auto-Submitted"] = "auto-generated"
        if self.reply_to:
            message["Reply-To"] = self.reply_to
        if self.one_click:
            message["List-Unsubscribe"] = f"<{self.one_click}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        if self.attachment:
            kind, _, subtype = self.attachment.media_type.partition("/")
            message.add_attachment(
                self.attachment.content,
                maintype=kind,
                subtype=subtype,
                filename=self.attachment.filename,
            )
        head: dict[str, Any] = {"to": self.to, "sender": self.sender}
        head |= ONCE if self.once else {}
        if self.return_path:
            head["return_path"] = self.return_path
        return head, message.as_bytes()


@dataclass(frozen=True, slots=True)
class Drop:
    """A file laid into a recipient's folder, whole or not at all."""

    destination: str
    filename: str
    content: bytes

    channel = "file_drop"

    def packed(self) -> tuple[dict[str, Any], bytes]:
        return {"filename": self.filename}, self.content


@dataclass(frozen=True, slots=True)
class Upload:
    """A file laid over SFTP into the folder `path` of a recipient, once."""

    destination: str
    path: str
    filename: str
    content: bytes

    channel = "sftp"

    def packed(self) -> tuple[dict[str, Any], bytes]:
        return {"path": self.path, "filename": self.filename} | ONCE, self.content


@dataclass(frozen=True, slots=True)
class Lookup:
    """The texts that the DNS holds under these names. The answer is a JSON object of those that
    there are."""

    names: Sequence[str]

    channel = "dns"
    destination = "dns"

    def packed(self) -> tuple[dict[str, Any], bytes]:
        return {"names": list(self.names)}, b""


Message = Request | Mail | Drop | Upload | Lookup
