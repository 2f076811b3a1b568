"""The page that says who got what."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditable.disclosure import seals
from creditable.disclosure.models import Leaves, Release, ReleaseEvent, Seal
from creditable.people.models import Person
from creditable.web import shop
from tests.factories.people import make_person
from tests.mail.mailing import RECEIPT, letters, send
from tests.promises import promise

__all__ = ["letters"]

pytestmark = pytest.mark.django_db

PAGE = "/account/privacy/"


def write_to(person: Person) -> Release:
    """A release about the person: a sign-in code by mail."""
    Client().post("/account/login/", {"login": person.email})
    return Release.objects.filter(subject_id=person.pk).latest("at")


def test_before_anything_left_the_page_says_so(browser: Client) -> None:
    assert "Nobody has received anything about you" in browser.get(PAGE).content.decode()


@promise("A3")
def test_a_release_is_listed_in_plain_words(browser: Client, ana: Person, policy: Any) -> None:
    release = write_to(ana)
    answer = browser.get(PAGE)
    page = answer.content.decode()
    (line,) = answer.context["lines"]
    assert line.recipient == "yourself"
    assert line.purpose == "running your account"
    assert line.channel == "e-mail"
    assert set(line.fields) == {
        "your e-mail address",
        "your name",
        "your one-time sign-in code",
    }
    assert line.entry.at == release.at
    assert "For running your account we write to you by e-mail" in page
    assert f"Privacy policy, version {policy.version}" in page
    assert f'href="/privacy/#{line.anchor}"' in page
    assert "Waiting to leave" in page
    assert "user.contact.email" not in page


@pytest.mark.usefixtures("letters")
def test_a_mail_is_named_by_what_it_was_about(browser: Client, ana: Person) -> None:
    write_to(ana)
    receipt = send(ana, kind=RECEIPT)
    lines = browser.get(PAGE).context["lines"]
    assert [line.title for line in lines] == [receipt.title, "A mail with a code"]
    assert f"<q>{receipt.title}</q>" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("status", ReleaseEvent.Status.values)
def test_what_became_of_it_is_told(browser: Client, ana: Person, status: str) -> None:
    release = write_to(ana)
    ReleaseEvent.objects.create(batch=release.batch, status=status)
    (line,) = browser.get(PAGE).context["lines"]
    assert line.entry.status == status
    assert line.status


def test_newest_first_and_only_ones_own(browser: Client, ana: Person) -> None:
    other = make_person(email="ben@example.com")
    first = write_to(ana)
    write_to(other)
    second = write_to(ana)
    lines = browser.get(PAGE).context["lines"]
    assert [line.entry.at for line in lines] == [second.at, first.at]


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_for_three(
    browser: Client, ana: Person, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        write_to(ana)
    browser.get(PAGE)
    with django_assert_num_queries(QUERIES):
        browser.get(PAGE)


QUERIES = 5


PROGRAM = Path(shop.__file__).parent / "static" / "shop" / "verify_ledger.py"


def checked(folder: Path, proof: Any, *more: object) -> subprocess.CompletedProcess[str]:
    """The program that people download, run on a proof, away from everything else of ours."""
    file = folder / "ledger-proof.json"
    file.write_text(proof if isinstance(proof, str) else json.dumps(proof))
    words = [sys.executable, "-I", shutil.copy(PROGRAM, folder), file, *map(str, more)]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def sealed(browser: Client, ana: Person, policy: Any, tmp_path: Path, settings: Any) -> Path:
    """Three lines about Ana and one about Ben, sealed and published: the file."""
    settings.DATA = tmp_path
    for person in (ana, make_person(email="ben@example.com"), ana, ana):
        write_to(person)
    seals.seal()
    seals.publish()
    return seals.published()


def test_a_line_tells_when_it_was_sealed_and_at_which_place(
    browser: Client, ana: Person, policy: Any
) -> None:
    release = write_to(ana)
    page = browser.get(PAGE)
    assert page.context["lines"][0].place is None
    assert "Will be sealed within minutes" in page.content.decode()
    (seal,) = seals.seal()
    page = browser.get(PAGE)
    (line,) = page.context["lines"]
    assert line.entry.sealed_at == seal.at
    assert line.place == Leaves.objects.get(lines=[release.id]).first + 1
    assert f"Row {line.place} of the ledger, sealed" in " ".join(page.content.decode().split())


def test_the_proof_is_checked_without_us(
    browser: Client, ana: Person, sealed: Path, tmp_path: Path
) -> None:
    answer = browser.get(f"{PAGE}proof.json")
    assert "attachment" in answer["Content-Disposition"]
    subjects = {line["row"].get("subject_id", str(ana.pk)) for line in answer.json()["lines"]}
    assert subjects == {str(ana.pk)}
    root = Seal.objects.get().root.hex()
    for more in ([], [sealed], [sealed, seals.public_key().hex()]):
        done = checked(tmp_path, answer.content.decode(), *more)
        assert done.returncode == 0, done.stderr
        assert "6 rows lead to the root; 0 wait" in done.stdout
        assert root in done.stdout


def altered(row: dict[str, Any]) -> None:
    row["lines"][0]["row"]["recipient"] = "authority"


def back_dated(proof: dict[str, Any]) -> None:
    proof["lines"][-1]["row"]["at"] = "2020-01-01T00:00:00+00:00"


def moved(proof: dict[str, Any]) -> None:
    proof["lines"][0]["index"] += 1


def shortened(proof: dict[str, Any]) -> None:
    proof["lines"][0]["path"].pop()


def forked(proof: dict[str, Any]) -> None:
    at, size, root, signature = proof["seal"]["line"].split()
    proof["seal"]["line"] = f"{at} {size} {root[::-1]} {signature}"


def emptied(proof: dict[str, Any]) -> None:
    proof["lines"] = []


@pytest.mark.parametrize("deed", [altered, back_dated, moved, shortened, forked, emptied])
def test_a_proof_that_was_changed_is_noticed(
    deed: Callable[[dict[str, Any]], None],
    browser: Client,
    ana: Person,
    sealed: Path,
    tmp_path: Path,
) -> None:
    proof = browser.get(f"{PAGE}proof.json").json()
    deed(proof)
    done = checked(tmp_path, proof, sealed)
    assert done.returncode == 1
    assert "WRONG" in done.stderr or "Nothing was proved" in done.stderr


def test_a_seal_that_was_not_published_or_not_signed_by_the_key_is_noticed(
    browser: Client, ana: Person, sealed: Path, tmp_path: Path
) -> None:
    proof = browser.get(f"{PAGE}proof.json").json()
    other = tmp_path / "other.txt"
    other.write_text(sealed.read_text().replace(" ", "  "))
    assert "is not in" in checked(tmp_path, proof, other).stderr
    assert "not signed by this key" in checked(tmp_path, proof, sealed, "00" * 32).stderr


def test_before_anything_is_sealed_the_program_says_so(
    browser: Client, ana: Person, policy: Any, tmp_path: Path
) -> None:
    write_to(ana)
    done = checked(tmp_path, browser.get(f"{PAGE}proof.json").json())
    assert "Nothing is sealed yet" in done.stderr


def test_the_program_is_short_enough_to_be_read_and_needs_nothing_else() -> None:
    text = PROGRAM.read_text()
    assert len(text.splitlines()) <= 100
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported == {"hashlib", "json", "sys", "pathlib", "typing", "cryptography"}
