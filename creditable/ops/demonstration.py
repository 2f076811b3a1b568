"""The demo: a believable provider on this machine, with stand-ins for the whole outside.

The pages take the chosen port; the inbox, PayPal, the authority, the mail server and the companies
that vouch at sign-in take the five after it. Nothing listens beyond this machine.
"""

import hashlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from functools import cached_property
from pathlib import Path

import psycopg
import yaml

from creditable.ops.personas import Persona, read
from creditable.ops.processes import ROOT, Installation, accepts
from creditable.ops.supervisor import Failed, Process
from creditable.policy import document

_PROVIDERS = ROOT / "demo"
_CLIENT = {"client_id": "standin-client", "client_secret": "standin-secret"}
_BOARD_KEY = "standin-board-key"
_BOARD_HOOK_SECRET = "standin-hook-secret"  # noqa: S105 - a stand-in has nothing to hide
_WEBHOOK_ID = "STANDINWEBHOOK001"


def providers() -> list[str]:
    """The names of the providers that can be shown."""
    return sorted(file.parent.name for file in _PROVIDERS.glob("*/provider.yaml"))


def usual_port(provider: str) -> int:
    """Where a provider's pages are when nobody names a port: each has its own six ports, so that
    all can be shown side by side."""
    return {"electric": 8000, "seminars": 8100, "engineers": 8200}.get(provider, 8300)


@dataclass(frozen=True)
class Demonstration:
    """One provider on one port with its data in one folder."""

    provider: str
    port: int
    data: Path

    @property
    def folder(self) -> Path:
        return _PROVIDERS / self.provider

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def inbox(self) -> str:
        return f"http://localhost:{self.port + 1}"

    @property
    def paypal(self) -> str:
        return f"http://localhost:{self.port + 2}"

    @property
    def board(self) -> str:
        return f"http://localhost:{self.port + 3}"

    @property
    def smtp_port(self) -> int:
        return self.port + 4

    @property
    def identity(self) -> str:
        return f"http://localhost:{self.port + 5}"

    @cached_property
    def vouched(self) -> bool:
        """Whether the provider's policy lets other companies vouch for people at sign-in."""
        newest = max((self.folder / "policy").iterdir(), key=lambda folder: int(folder.name))
        return "identity" in document.load(newest).recipients

    @cached_property
    def people(self) -> Sequence[Persona]:
        return read(self.folder / "people.yaml")

    @property
    def newcomer(self) -> Persona:
        """Who has bought nothing yet."""
        return next(one for one in self.people if not one.studies and not one.roles)

    @property
    def learner(self) -> Persona:
        """Who is nearly through a course."""
        return next(one for one in self.people if one.studies)

    @property
    def staff(self) -> Persona:
        """Who works in the office."""
        return next(one for one in self.people if one.roles)

    def refuse_taken_ports(self) -> None:
        """Name a port that somebody else has before anything is started."""
        for number in range(self.port, self.port + 6):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", number))
                except OSError as problem:
                    raise Failed(
                        f"Port {number} is taken, and the demo needs {self.port} to"
                        f" {self.port + 5}: choose others with --port {self.port + 10}."
                    ) from problem

    def environment(self, outer: Mapping[str, str]) -> dict[str, str]:
        """The settings of a demo, over what the terminal's environment says."""
        secrets = self.data / "secrets"
        return {
            **{name: value for name, value in outer.items() if not name.startswith("CREDITABLE_")},
            "DJANGO_SETTINGS_MODULE": "creditable.settings",
            "CREDITABLE_DEMO": "1",
            "CREDITABLE_DATA": str(self.data),
            "CREDITABLE_PROVIDER": str(self.folder),
            "CREDITABLE_BASE_URL": self.address,
            "CREDITABLE_MAIL_FROM": self._mail_from(),
            "CREDITABLE_MAIL_REPLIES": self._mail_replies(),
            "CREDITABLE_AUDITOR": "auditor@example.com",
            "CREDITABLE_SMTP_HOST": "127.0.0.1",
            "CREDITABLE_SMTP_PORT": str(self.smtp_port),
            "CREDITABLE_PAYPAL_URL": self.paypal,
            "CREDITABLE_PAYPAL_CHECKOUT_URL": self.paypal,
            "CREDITABLE_PAYPAL_CERTIFICATES_URL": self.paypal,
            "CREDITABLE_PAYPAL_CREDENTIALS_FILE": self._secret(
                secrets / "paypal.json", json.dumps(_CLIENT)
            ),
            "CREDITABLE_PAYPAL_WEBHOOK_ID": _WEBHOOK_ID,
            "CREDITABLE_PAYPAL_WEBHOOK_ANCHOR": str(self._state("paypal") / "ca.pem"),
            "CREDITABLE_DEMO_BOARD_URL": self.board,
            "CREDITABLE_DEMO_BOARD_KEY_FILE": self._secret(secrets / "board.key", _BOARD_KEY),
            "CREDITABLE_DEMO_BOARD_HOOK_KEY_FILE": self._secret(
                secrets / "board-hook.key", _BOARD_HOOK_SECRET
            ),
            **(self._identity_settings() if self.vouched else {}),
        }

    def _identity_settings(self) -> dict[str, str]:
        """Google, Facebook and a third, all at the stand-in."""
        google, facebook, openid = (
            f"{self.identity}/{company}" for company in ("google", "facebook", "openid")
        )
        file = self._secret(self.data / "secrets" / "identity.json", json.dumps(_CLIENT))
        client = _CLIENT["client_id"]
        return {
            "CREDITABLE_GOOGLE_CLIENT_ID": client,
            "CREDITABLE_GOOGLE_CREDENTIALS_FILE": file,
            "CREDITABLE_GOOGLE_ISSUER": google,
            "CREDITABLE_GOOGLE_AUTHORIZE_URL": f"{google}/authorize",
            "CREDITABLE_GOOGLE_TOKEN_URL": google,
            "CREDITABLE_GOOGLE_KEYS_URL": google,
            "CREDITABLE_FACEBOOK_CLIENT_ID": client,
            "CREDITABLE_FACEBOOK_CREDENTIALS_FILE": file,
            "CREDITABLE_FACEBOOK_AUTHORIZE_URL": f"{facebook}/authorize",
            "CREDITABLE_FACEBOOK_GRAPH_URL": facebook,
            "CREDITABLE_OPENID_NAME": "Northwind Learning ID",
            "CREDITABLE_OPENID_CLIENT_ID": client,
            "CREDITABLE_OPENID_CREDENTIALS_FILE": file,
            "CREDITABLE_OPENID_ISSUER": openid,
            "CREDITABLE_OPENID_AUTHORIZE_URL": f"{openid}/authorize",
        }

    def refuse_other_policy(self, database: str) -> None:
        """Say it at once when this folder's database has published another text under the number
        of one of the provider's policies: what is published cannot change, so no seed can help."""
        with psycopg.connect(database) as connection:
            if connection.execute("SELECT to_regclass('disclosure_policyversion')").fetchone() == (
                None,
            ):
                return
            published = connection.execute("SELECT version, sha256 FROM disclosure_policyversion")
            known: dict[int, str] = dict(published.fetchall())
        for folder in (self.folder / "policy").iterdir():
            policy = document.load(folder)
            if known.get(policy.version, policy.sha256) != policy.sha256:
                raise Failed(
                    f"{self.data} holds a demo with another text of privacy policy"
                    f" {policy.version}: remove that folder, or choose another with --data."
                )

    def seed(self, installation: Installation) -> Process:
        """Brings the provider's courses, prices and people in, as often as one likes."""
        return installation.process("seed", ["creditable", "seed"], login="app")

    def is_prepared(self) -> bool:
        """Whether this very program has prepared and seeded this data folder before."""
        note = self.data / "prepared-for"
        return note.exists() and note.read_text() == self._fingerprint()

    def note_prepared(self) -> None:
        (self.data / "prepared-for").write_text(self._fingerprint())

    def _fingerprint(self) -> str:
        """Another one whenever a file of the program or of the provider is another."""
        digest = hashlib.sha256()
        for folder in (ROOT / "creditable", self.folder):
            for file in sorted(folder.rglob("*")):
                if file.is_file() and file.suffix != ".pyc":
                    found = file.stat()
                    digest.update(f"{file} {found.st_size} {found.st_mtime_ns}\n".encode())
        return digest.hexdigest()

    def stand_ins(self, installation: Installation, *, answers: int = 0) -> list[Process]:
        """The outside: an inbox for all mail, PayPal, and the fictional state board. What is
        answered in the inbox is handed over on the port `answers`."""
        factors = [
            {"name": f"{persona.name} ({persona.email})", "secret": persona.authenticator}
            for persona in self.people
            if persona.authenticator
        ]
        authenticator = self.data / "secrets" / "authenticator.json"
        self._secret(authenticator, json.dumps(factors))
        hooks = f"http://127.0.0.1:{self.port}/hooks"
        return [
            self._stand_in(
                installation,
                "inbox",
                self.port + 1,
                *("--smtp-port", str(self.smtp_port), "--authenticator", str(authenticator)),
                *("--answers-port", str(answers)),
            ),
            self._stand_in(
                installation,
                "paypal",
                self.port + 2,
                *("--webhook-url", f"{hooks}/payments/paypal/", "--base", self.paypal),
                *("--webhook-id", _WEBHOOK_ID),
            ),
            self._stand_in(
                installation,
                "authority",
                self.port + 3,
                *("--hook-url", f"{hooks}/authorities/demo-state-board/"),
            ),
            *([self._vouching(installation)] if self.vouched else []),
        ]

    def _vouching(self, installation: Installation) -> Process:
        """Everybody of the demo has an account there, and one more whom the provider does not
        know."""
        accounts = [{"name": one.name, "email": one.email} for one in self.people]
        accounts.append({"name": "Robin Newcome", "email": "robin.newcome@example.com"})
        people = self._secret(self.data / "secrets" / "identity-people.json", json.dumps(accounts))
        return self._stand_in(
            installation,
            "identity",
            self.port + 5,
            *("--base", self.identity, "--people", people),
        )

    def _stand_in(self, installation: Installation, name: str, port: int, *words: str) -> Process:
        state = ("--state", str(self._state(name)))
        return installation.process(
            name,
            [f"creditable.standins.{name}", "--port", str(port), *state, *words],
            ready=lambda _child: accepts(port),
        )

    def _mail_from(self) -> str:
        about = yaml.safe_load((self.folder / "provider.yaml").read_text())
        return formataddr((about["name"], about["email"]))

    def _mail_replies(self) -> str:
        """The domain of answers, below that of the sender."""
        return f"replies.{parseaddr(self._mail_from())[1].rpartition('@')[2]}"

    def _state(self, stand_in: str) -> Path:
        return self.data / "standins" / stand_in

    def _secret(self, file: Path, content: str) -> str:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(content)
        draft.replace(file)
        return str(file)

    def _vouching_said(self) -> str:
        if not self.vouched:
            return ""
        return (
            "  Or by Google, Facebook or a third, all played by the stand-in at"
            f" {self.identity}/standin/.\n\n"
        )

    def tour(self) -> str:
        """What a visitor reads when everything is up."""
        rows = "\n".join(f"    {persona.email:<34} {persona.about}" for persona in self.people)
        return f"""
  Open. Everything below is on this machine alone; Ctrl-C stops it.

    {self.address + "/":<32} the provider's site
    {self.address + "/demo/":<32} this tour, and the button that moves the demo's clock
    {self.address + "/console/":<32} the office
    {self.inbox + "/":<32} stand-in: everybody's mailbox, and an authenticator
    {self.paypal + "/standin/":<32} stand-in: PayPal, and how to make it fail
    {self.board + "/standin/":<32} stand-in: the state board, and how to make it fail

  Sign in at {self.address}/account/login/ with an address; the code comes to the mailbox.

{self._vouching_said()}{rows}

  Logs: {self.data / "logs"}
"""
