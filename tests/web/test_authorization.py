"""Who may ask for which address: every address has a row, and every row is what happens.

The rows stand in `authorization.yaml` beside the tests of each face. A row says what a visitor,
the owner of the object in the address (`person`), somebody else (`other`) and staff with every
permission get: `ok`, `login` (led to sign-in), `403`, `404`, or `unsigned` (a hook refuses what
nobody signed). `other: "-"` means that the address names nobody's object. Where it names one,
staff are somebody else too, unless `staff` says `office`: a page of the console.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from creditable.people.models import Person, Session
from tests.factories.people import make_license, make_person
from tests.factories.store import make_course_on_sale, make_order, pay
from tests.people.signing import sign_in_staff

ROWS = Path(__file__).parent
ROLES = ("visitor", "person", "other", "staff")
METHODS = ("GET", "POST")
UNMATCHED_DEMO = {"demo"}  # exists in demonstrations only; see creditable.ops.demo


@dataclass(frozen=True)
class Row:
    name: str
    methods: tuple[str, ...]
    visitor: str
    person: str
    other: str
    staff: str
    url: dict[str, str] = field(default_factory=dict)

    def expected(self, role: str) -> str:
        if role == "staff" and self.other != "-" and self.staff == "ok":
            return self.other
        if role == "other" and self.other == "-":
            return self.person
        answer = str(getattr(self, role))
        return "ok" if answer == "office" else answer


def rows() -> dict[str, Row]:
    """Every row, by the name of its address."""
    found: dict[str, Row] = {}
    for file in sorted(ROWS.rglob("authorization.yaml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
            row = Row(**entry | {"methods": tuple(entry["methods"])})
            assert row.name not in found, f"two rows for {row.name}"
            found[row.name] = row
    return found


def addresses(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site with its full name."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, inner)
        else:
            yield f"{space}{pattern.name}", pattern


def undeclared(names: set[str], declared: set[str]) -> set[str]:
    return names - declared - UNMATCHED_DEMO


@dataclass
class World:
    """The cast of the matrix, and the objects that addresses name; all belong to `person`."""

    person: Person
    other: Person
    staff: Person
    objects: dict[str, Any]

    def address(self, name: str, pattern: URLPattern) -> str:
        wanted = pattern.pattern.converters
        return reverse(
            name,
            kwargs={key: self.objects.get(f"{name} {key}", self.objects[key]) for key in wanted},
        )


@pytest.fixture
def world(policy: None) -> World:
    from tests.web import objects

    person, other = make_person(name="Ana Diaz"), make_person(name="Bo Chen")
    staff = make_person(name="Sam Office", role="administrator")
    order = make_order(person, make_course_on_sale())
    pay(order)
    browser = Client()
    browser.force_login(person)
    session = Session.objects.get(subject_id=person.pk)
    return World(
        person,
        other,
        staff,
        {
            "slug": order.lines.get().course_version.course.slug,
            "number": order.number,
            "license_id": make_license(person).pk,
            "session_id": session.pk,
            "digest": "0",
            **objects.make(person=person, order=order),
        },
    )


def client_of(world: World, role: str) -> Client:
    client = Client()
    if role == "staff":
        sign_in_staff(client, world.staff)
    elif role != "visitor":
        client.force_login(getattr(world, role))
    return client


def answered(response: HttpResponse) -> str:
    """What the asker got, in the words of the rows."""
    if response.status_code in {301, 302, 303}:
        led = response["Location"].split("?")[0]
        return "login" if led == reverse("account_login") else "ok"
    if response.status_code in {200, 204, 206, 409, 410, 422, 429}:
        return "ok"
    if response.status_code == 400:
        return "unsigned"
    return str(response.status_code)


PATTERNS = dict(addresses(get_resolver()))


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    declared = set(rows())
    assert len(PATTERNS) > 50
    assert undeclared(set(PATTERNS), declared) == set()
    assert declared - set(PATTERNS) == set()


def test_a_new_address_without_a_row_is_seen() -> None:
    assert undeclared({*PATTERNS, "console:planted"}, set(rows())) == {"console:planted"}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_the_rows_say(world: World, role: str) -> None:
    wrong, asked, client = [], 0, client_of(world, role)
    for name, row in sorted(rows().items()):
        address = world.address(name, PATTERNS[name])
        for method in METHODS:
            got = _ask(client, method, address)
            asked += 1
            if method not in row.methods:
                if got not in {"405", row.expected(role)}:
                    wrong.append(f"{method} {name} should not exist, {role} got {got}")
            elif got == "login" and row.visitor == "ok":
                continue  # a public page in the middle of something leads back to its start
            elif got != row.expected(role):
                wrong.append(f"{method} {name}: {role} got {got}, not {row.expected(role)}")
    assert asked > 100
    assert wrong == []


def _ask(client: Client, method: str, address: str) -> str:
    """One request that leaves no trace, neither in rows nor in the browser."""
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        response = client.get(address) if method == "GET" else client.post(address)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return answered(response)


@pytest.mark.django_db
def test_a_page_without_its_check_would_be_seen(world: World) -> None:
    """The planted fault: an order that opens for anybody who knows its number."""
    row = rows()["account:order"]
    client = client_of(world, "person")
    leaked = client.get(world.address("account:order", PATTERNS["account:order"]))
    assert answered(leaked) != row.expected("other")
