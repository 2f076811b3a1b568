"""Who may ask for which address: every address has a row, and every row is what happens."""

import pytest

from tests.web.matrix import METHODS, PATTERNS, ROLES, World, answered, ask, client_of, rows

UNMATCHED_DEMO = {"demo"}  # exists in demonstrations only; see creditable.ops.demo


def undeclared(names: set[str], declared: set[str]) -> set[str]:
    return names - declared - UNMATCHED_DEMO


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    declared = set(rows())
    assert len(PATTERNS) > 50
    assert undeclared(set(PATTERNS), declared) == set()
    assert declared - set(PATTERNS) == set()


def test_a_new_address_without_a_row_is_seen() -> None:
    assert undeclared({*PATTERNS, "console:planted"}, set(rows())) == {"console:planted"}


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_the_rows_say(world: World, role: str) -> None:
    wrong, asked, client = [], 0, client_of(world, role)
    for name, row in sorted(rows().items()):
        address = world.address(name, PATTERNS[name])
        for method in METHODS:
            got = answered(ask(client, method, address))
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


@pytest.mark.django_db
def test_a_page_without_its_check_would_be_seen(world: World) -> None:
    """The planted fault: an order that opens for anybody who knows its number."""
    row = rows()["account:order"]
    client = client_of(world, "person")
    leaked = client.get(world.address("account:order", PATTERNS["account:order"]))
    assert answered(leaked) != row.expected("other")
