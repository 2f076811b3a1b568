"""Every page as each role is given it, kept so that tests can look at all of them."""

from dataclasses import dataclass

from django.test import Client

from tests.web.matrix import METHODS, PATTERNS, World, ask, client_of, rows

NOWHERE = "/no/such/page/"


@dataclass(frozen=True)
class Seen:
    """One answer to one request of the matrix."""

    name: str
    method: str
    address: str
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: frozenset[str]

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html") and bool(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.address} ({self.name}, {self.status})"


def crawl(world: World, role: str) -> list[Seen]:
    """What this role gets from every address: looking, and sending nothing where a form is asked
    for, so that forms with complaints are among the pages. Needs the fixture `impatient`."""
    client = client_of(world, role)
    seen = [look(client, "nowhere", NOWHERE)]
    for name in sorted(rows()):
        address = world.address(name, PATTERNS[name])
        seen += [look(client, name, address, method) for method in METHODS]
    return seen


def look(client: Client, name: str, address: str, method: str = "GET") -> Seen:
    """One answer, of a request that leaves no trace."""
    answer = ask(client, method, address)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    given = frozenset(answer.cookies)
    return Seen(name, method, address, answer.status_code, dict(answer.headers), body, given)
