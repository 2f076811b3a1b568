"""Where messages go: the settings' entries, read strictly when the sender starts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
AUTHS = ("none", "bearer", "oauth2", "client_secret_post", "xml_form")

Security = Literal["none", "starttls", "tls"]


class Misconfigured(Exception):
    """A destination cannot be used as it is set. The text names it and the cure."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A fixed key, read when it is used, so that it can be replaced while we run."""

    file: Path


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): the file holds client_id and client_secret."""

    token_path: str
    file: Path

    def read(self) -> tuple[str, str]:
        return _client(self.file)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """The same two, sent along in each form that is posted (RFC 6749, 2.3.1)."""

    file: Path

    def read(self) -> tuple[str, str]:
        return _client(self.file)


@dataclass(frozen=True, slots=True)
class XmlForm:
    """Secrets inside an XML document that is posted as a field of a form: each name of the file
    stands in braces where its value belongs."""

    file: Path

    def read(self) -> dict[str, str]:
        content = json.loads(self.file.read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in content.items()}


def _client(file: Path) -> tuple[str, str]:
    content = json.loads(file.read_text(encoding="utf-8"))
    return str(content["client_id"]), str(content["client_secret"])


Auth = Bearer | ClientCredentials | ClientSecret | XmlForm


@dataclass(frozen=True, slots=True)
class Web:
    """An HTTPS interface. `busy` are further statuses by which it says "not now"."""

    name: str
    base: str
    auth: Auth | None
    busy: frozenset[int]


@dataclass(frozen=True, slots=True)
class Dkim:
    """With which key mail is signed, and where the DNS has its other half (RFC 6376). The key is
    read when it is used; nobody else on this machine may read it."""

    domain: str
    selector: str
    key_file: Path


@dataclass(frozen=True, slots=True)
class MailServer:
    name: str
    host: str
    port: int
    security: Security
    user: str
    password_file: Path | None
    dkim: Dkim | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Resolver:
    """A server that answers questions about names."""

    name: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder on somebody's SFTP server. `host_key` is its public key as ssh-keyscan prints it
    (kind and base64): another server of that name is not talked to. We show a key or a password,
    which are read when they are used."""

    name: str
    host: str
    port: int
    user: str
    host_key: str
    key_file: Path | None
    password_file: Path | None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail for us waits, and the host and port of our own reception, which takes it in."""

    name: str
    host: str
    port: int
    security: Security
    user: str
    password_file: Path
    folder: str
    reception: tuple[str, int]


Destination = Web | MailServer | Folder | Inbox | Resolver


def read(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Destination]:
    """The destinations by name. One without an address is left out: messages to it wait."""
    readers = {
        "https": _web,
        "smtp": _mail_server,
        "file_drop": _folder,
        "sftp": _inbox,
        "dns": _resolver,
    }
    found: dict[str, Destination] = {}
    for name, entry in entries.items():
        reader = readers.get(entry.get("channel", ""))
        if reader is None:
            raise Misconfigured(f"Destination {name}: its channel is one of {sorted(readers)}.")
        destination = reader(name, entry)
        if destination is not None:
            found[name] = destination
    return found


def _web(name: str, entry: Mapping[str, Any]) -> Web | None:
    base = str(entry.get("base_url", "")).rstrip("/")
    if not base:
        return None
    parts = urlsplit(base)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Misconfigured(f"Destination {name}: {base!r} is not an address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Misconfigured(f"Destination {name}: use https:// beyond this machine, not {base!r}.")
    kind = entry.get("auth", "none")
    if kind not in AUTHS:
        raise Misconfigured(f"Destination {name}: auth is {_either(AUTHS)}, not {kind!r}.")
    auth: Auth | None = None
    if kind != "none":
        file = entry.get("credentials_file")
        if not file:
            return None
        readings: dict[str, Auth] = {
            "bearer": Bearer(Path(file)),
            "oauth2": ClientCredentials(str(entry.get("token_path", "")), Path(file)),
            "client_secret_post": ClientSecret(Path(file)),
            "xml_form": XmlForm(Path(file)),
        }
        auth = readings[kind]
    return Web(name, base, auth, frozenset(entry.get("busy_statuses", ())))


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _mail_server(name: str, entry: Mapping[str, Any]) -> MailServer | None:
    if not entry.get("host"):
        return None
    security = entry.get("security", "none")
    if security not in {"none", "starttls", "tls"}:
        raise Misconfigured(
            f"Destination {name}: security is none, starttls or tls, not {security!r}."
        )
    password = entry.get("password_file")
    if entry.get("user") and not password:
        raise Misconfigured(f"Destination {name}: a user needs a password_file.")
    if entry.get("user") and security == "none" and entry["host"] not in LOOPBACK:
        raise Misconfigured(f"Destination {name}: a password needs starttls or tls.")
    return MailServer(
        name=name,
        host=entry["host"],
        port=int(entry.get("port", 25)),
        security=cast(Security, security),
        user=entry.get("user", ""),
        password_file=Path(password) if password else None,
        dkim=_dkim(name, entry),
    )


def _dkim(name: str, entry: Mapping[str, Any]) -> Dkim | None:
    domain, selector, key_file = (
        str(entry.get(word, "")) for word in ("dkim_domain", "dkim_selector", "dkim_key_file")
    )
    if not (domain or selector or key_file):
        return None
    if not (domain and selector and key_file):
        raise Misconfigured(
            f"Destination {name}: a signature needs dkim_domain, dkim_selector and dkim_key_file."
        )
    path = Path(key_file)
    if not path.is_file():
        raise Misconfigured(f"Destination {name}: there is no key {key_file}.")
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"Destination {name}: chmod 600 {key_file}, others may read it.")
    return Dkim(domain, selector, path)


def _folder(name: str, entry: Mapping[str, Any]) -> Folder | None:
    return Folder(name, Path(entry["folder"])) if entry.get("folder") else None


def _inbox(name: str, entry: Mapping[str, Any]) -> Inbox | None:
    if not entry.get("host"):
        return None
    key, password = entry.get("key_file"), entry.get("password_file")
    if not entry.get("user") or not (key or password):
        raise Misconfigured(
            f"Destination {name}: a user needs a key_file or a password_file, and they a user."
        )
    words = str(entry.get("host_key", "")).split()
    if len(words) != 2:
        raise Misconfigured(
            f"Destination {name}: host_key is the server's public key, kind and base64, "
            "as `ssh-keyscan HOST` prints them; compare it with what the authority told you."
        )
    return Inbox(
        name=name,
        host=entry["host"],
        port=int(entry.get("port", 22)),
        user=str(entry["user"]),
        host_key=" ".join(words),
        key_file=Path(key) if key else None,
        password_file=Path(password) if password else None,
    )


def mailbox(entry: Mapping[str, Any]) -> Mailbox | None:
    """The mailbox that is looked into; None where a mail server hands the mail over itself, or none
    is taken in."""
    host = str(entry.get("host", ""))
    if not host:
        return None
    security = entry.get("security", "tls")
    if security not in {"none", "starttls", "tls"}:
        raise Misconfigured(f"The mailbox: security is none, starttls or tls, not {security!r}.")
    if security == "none" and host not in LOOPBACK:
        raise Misconfigured("The mailbox: a password needs starttls or tls.")
    user, password = str(entry.get("user", "")), str(entry.get("password_file", ""))
    if not user or not password:
        raise Misconfigured("The mailbox: it needs a user and a password_file.")
    path = Path(password)
    if not path.is_file():
        raise Misconfigured(f"The mailbox: there is no file {password}.")
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"The mailbox: chmod 600 {password}, others may read it.")
    folder = str(entry.get("folder", "")) or "INBOX"
    if not folder.isprintable() or not folder.isascii() or set(folder) & set('"\\'):
        raise Misconfigured(f"The mailbox: {folder!r} is no name of a folder.")
    where, _, port = str(entry.get("reception", "")).rpartition(":")
    if not where or not port.isdigit():
        raise Misconfigured(
            "The mailbox: set CREDITABLE_LMTP_LISTEN, where our own reception takes the mail in."
        )
    return Mailbox(
        name=f"{user} at {host}, {folder}",
        host=host,
        port=int(entry.get("port", 993)),
        security=cast(Security, security),
        user=user,
        password_file=path,
        folder=folder,
        reception=(where, int(port)),
    )


def _resolver(name: str, entry: Mapping[str, Any]) -> Resolver | None:
    host = str(entry.get("host", "")) or _of_this_machine()
    return Resolver(name, host, int(entry.get("port", 53))) if host else None


def _of_this_machine() -> str:
    """The first resolver that this machine itself asks."""
    file = Path("/etc/resolv.conf")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = (line.split() for line in lines if line.startswith("nameserver"))
    return next((words[1] for words in named if len(words) > 1), "")
