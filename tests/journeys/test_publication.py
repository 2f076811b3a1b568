"""A new version that rents addresses, from the author's desk to those who had said no."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from creditable.ops.processes import ROOT
from creditable.rights.publication import FILES
from tests.installation import Running, started, wait_until
from tests.journeys import path
from tests.journeys.path import Learner
from tests.journeys.visitor import Visitor, said
from tests.journeys.walk import is_quiet
from tests.promises import promise

NEXT = ROOT / "demo" / "electric" / "policy-drafts" / "2"
CORINNE, HECTOR, NADIA = (f"{name}@example.com" for name in ("corinne", "hector", "nadia"))
NEWCOMER = "priscilla@example.com"
RENTERS = "companies that rent lists of names"
LETTER = "Our privacy policy changed"


@pytest.fixture(scope="module")
def house() -> Iterator[Running]:
    """An installation of its own: what is published in it stays."""
    with started() as running:
        yield running


@pytest.mark.xdist_group("publication")
@promise("A30")
def test_whoever_had_said_no_is_named_held_written_to_and_asked(house: Running) -> None:
    with Visitor(house.address) as newcomer:
        path.sign_up(Learner(house, newcomer, email=NEWCOMER, name="Priscilla Ohm"))
        newcomer.open("/account/choices/")
        newcomer.press("Say no to all of it")

    # The author asks the command, which changes nothing, and then the office's own page.
    concerned = {"Corinne Baptiste": CORINNE, "Priscilla Ohm": NEWCOMER}
    told = diff(house)
    assert {one["name"]: one["email"] for one in told["people"]} == concerned
    assert told["nameless"] == 0
    assert {(cell["recipient"], cell["people"]) for cell in told["widened"]} == {("renter", 2)}
    assert house.value("SELECT count(*) FROM disclosure_hold") == 0
    with Visitor(house.address) as office:
        path.enter_console(house, office)
        office.open("/console/policy/")
        office.press("Write a new version")
        files = {name: (NEXT / name).read_text(encoding="utf-8") for name in FILES}
        office.press("Keep it and look what it does", files)
        office.sees("2 people objected to what this would let out", *concerned)
        assert "Hector" not in office.text
        office.press("Publish version 2")
        office.sees("Version 2 is published.", "2 people have something on hold")

        # Those two are written to, and nobody else is.
        for email in concerned.values():
            letter = house.mail(email, LETTER)
            assert f"your ZIP code to {RENTERS}" in letter["text"], letter["text"]
        wait_until(lambda: is_quiet(house), "the last message to arrive")
        letters = [mail for mail in house.mails() if LETTER in mail["subject"]]
        assert sorted(mail["to"] for mail in letters) == sorted([one] for one in concerned.values())

        # An agency orders a list: it leaves Corinne out, who has said nothing yet.
        order_list(office)
        assert names(office) == 2
        office.sees("Left out:", "1 on hold until the person says yes")

        # Her page shows it with her own words. A yes is hers to give.
        with Visitor(house.address) as corinne:
            path.sign_in(house, corinne, CORINNE)
            corinne.open("/account/privacy/")
            corinne.sees("Something is on hold for you")
            corinne.follow("See what it is, and answer if you like")
            corinne.sees("Version 2 of our policy would let this leave", RENTERS)
            corinne.sees("I had enough paper mail from strangers")
            corinne.press("Keep it here")
            assert names(office) == 2
            corinne.open("/account/privacy/held/")
            corinne.press("Yes, it may leave")
            corinne.sees("Nothing is on hold")
            assert names(office) == 3

        with Visitor(house.address) as hector:
            path.sign_in(house, hector, HECTOR)
            hector.open("/account/privacy/held/")
            hector.sees("Nothing is on hold")


def diff(house: Running) -> Any:
    """`./do policy diff` of the version that holds there and the draft."""
    command = (sys.executable, "-m", "creditable.ops.policy", "diff", "1", str(NEXT), "--json")
    done = subprocess.run(
        [*command, "--data", str(house.demo.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def order_list(office: Visitor) -> None:
    """Enters a contract with an agency, and its order."""
    office.open("/console/policy/contracts/")
    office.press(
        "Enter it",
        {
            "With whom, in the words of the policy": RENTERS,
            "Name of the company": "Copper Lists",
            **dict.fromkeys(
                ("your name", "your street", "your city", "your state", "your ZIP code"), True
            ),
            "Where they keep it": "United States",
            "In force from": "2026-01-01",
        },
        files={"The signed document (PDF, at most 5 MB)": b"%PDF signed"},
    )
    office.open("/console/rentals/")
    office.follow("Enter an order")
    office.press(
        "Enter it",
        {
            "Under which contract": "Copper Lists",
            "What they will send to these people": "A catalog of tools for electricians.",
            "Day of the one use": str(date.today() + timedelta(days=9)),
            "At most how many names": "100",
        },
    )


def names(office: Visitor) -> int:
    """How many people would be on the list now."""
    office.open(office.path)
    (section,) = office.find("//section[@aria-labelledby='names']")
    found = re.search(r"(\d+) (person|people), and the decoys", said(section))
    assert found, said(section)
    return int(found[1])
