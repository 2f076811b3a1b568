"""The authorization matrix, and the cast that asks: who may ask for which address.

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


def make_world() -> World:
    """The cast, once a policy is published."""
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


def ask(client: Client, method: str, address: str) -> HttpResponse:
    """One request that leaves no trace, neither in rows nor in the browser."""
    cookies = client.cookies.output(header="", sep=";")
    with transaction.atomic():
        response = client.get(address) if method == "GET" else client.post(address)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return response  # type: ignore[return-value]


PATTERNS = dict(addresses(get_resolver()))
