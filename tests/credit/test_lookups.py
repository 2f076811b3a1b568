"""Licenses that people entered are looked up in public lists; what they typed stays as it is."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from creditable.credit import counts, lookups, registers
from creditable.credit.models import LicenseLookup
from creditable.credit.registers import LAYOUTS, BadLine, ListRefused
from creditable.ops import licenses as command
from creditable.people import licenses
from creditable.people.models import License, Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BY
from tests.factories.people import make_person

TDLR = (
    "license_type,license_number,license_subtype,business_name,owner_name,"
    "license_expiration_date_mmddccyy\n"
)
DAY = date(2026, 11, 30)


@pytest.fixture
def dana(db: None) -> Person:
    return make_person(name="Dana Whitfield")


@pytest.fixture
def license(dana: Person) -> License:
    return license_of(dana, number="00660417")  # expires June 15, 2027


def take(*rows: str, layout: str = "texas-tdlr", header: str = TDLR) -> lookups.Imported:
    text = io.StringIO(header + "".join(f"{row}\n" for row in rows))
    return lookups.take(lines=text, layout=layout, listed_on=DAY, by=BY)


def page_of(client: Client, person: Person) -> str:
    client.force_login(person)
    return client.get("/account/licenses/").content.decode()


@pytest.mark.usefixtures("policy")
def test_a_license_that_is_in_the_list_is_confirmed_with_its_day(
    client: Client, dana: Person, license: License
) -> None:
    found = take('Journeyman Electrician,660417,,,"WHITFIELD, DANA R",06152027')
    assert (found.read, found.bad, found.found, found.missing) == (1, 0, 1, 0)
    assert "Found in the authority's list of" in page_of(client, dana)


@pytest.mark.usefixtures("policy")
def test_what_the_list_says_otherwise_is_shown_and_what_was_typed_stays(
    client: Client, dana: Person, license: License
) -> None:
    take('Journeyman Electrician,660417,,,"WHITMAN, DANA",06152028')
    page = page_of(client, dana)
    assert "WHITMAN, DANA" in page
    assert "June 15, 2028" in page
    license.refresh_from_db()
    assert (license.name_as_printed, license.expires) == ("Dana Whitfield", date(2027, 6, 15))


@pytest.mark.usefixtures("policy")
def test_a_number_that_is_not_in_the_list_is_said(
    client: Client, dana: Person, license: License
) -> None:
    assert take("Journeyman Electrician,1,,,SOMEBODY ELSE,").missing == 1
    assert "This number is not in the authority's list of" in page_of(client, dana)
    assert LicenseLookup.objects.get().name == ""


def test_of_two_of_one_number_the_one_of_its_type_is_taken(license: License) -> None:
    """Texas numbers its licenses within their types."""
    ours = 'Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027'
    other = 'Barber,660417,,,"WHITFIELD, DANA",01012030'
    for rows in ((ours, other), (other, ours)):
        take(*rows)
        assert LicenseLookup.objects.get().expires == date(2027, 6, 15)


def test_the_next_list_takes_the_place_of_the_last_one(license: License) -> None:
    take("Journeyman Electrician,1,,,SOMEBODY ELSE,")
    take('Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027')
    assert LicenseLookup.objects.get().found


def test_a_license_that_was_changed_is_not_confirmed_by_an_earlier_list(
    dana: Person, license: License
) -> None:
    take('Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027')
    told = {"authority": license.authority, "license_type": license.license_type}
    licenses.change(
        license=license,
        number="660418",
        name_as_printed="Dana Whitfield",
        issued=None,
        expires=license.expires,
        by=dana.actor,
        **told,
    )
    (held,) = counts.holder(dana.pk).licenses
    assert held.listed is None
    licenses.remove(license=held.row, by=dana.actor)
    assert not LicenseLookup.objects.exists()


def test_nothing_is_kept_of_people_who_are_not_ours(license: License) -> None:
    take(*(f'Journeyman Electrician,{number},,,"STRANGER, A",' for number in range(1, 50)))
    assert LicenseLookup.objects.count() == 1


BAD = [
    ("Journeyman Electrician,5", "too few"),
    ("Journeyman Electrician,5,,,SOMEBODY,13312027", "is no date"),
    ("Journeyman Electrician,,,,SOMEBODY,", "no license number"),
    ("Journeyman Electrician,5,,,SOME\udcffBODY,", "no text"),
    (f'Journeyman Electrician,5,,,"{"x" * 200_000}",', "field larger"),
]


def test_bad_lines_are_named_and_kept_out_and_the_others_count(license: License) -> None:
    good = 'Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027'
    found = take(*(row for row, _ in BAD), good)
    assert (found.read, found.bad, found.found) == (1, len(BAD), 1)
    assert [bad.line for bad in found.named] == [2, 3, 4, 5, 6]
    for bad, (_, why) in zip(found.named, BAD, strict=True):
        assert why in bad.why


@pytest.mark.parametrize("header", ["", "name,number\n", "\x00\n"])
def test_a_list_of_another_layout_changes_nothing(license: License, header: str) -> None:
    take('Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027')
    with pytest.raises(ListRefused):
        take("a,b", header=header)
    assert LicenseLookup.objects.get().found


@pytest.mark.parametrize(
    ("layout", "header", "row", "numbers"),
    [
        (
            "texas-bhec",
            (
                "LIC_TYPE,RANK,LIC_NBR,ENTITY_NBR,LAST_NME,FIRST_NME,MIDDLE_NME,SFX_NME,LIC_STATUS,"
                "LIC_EXPR_DTE,RANK_EFCT_DTE,DISCPL_ACTN"
            ),
            "1,LPC,70001,9,Reyes,Marisol,A,,Current,08/31/2027,01/01/2020,N",
            ["70001"],
        ),
        (
            "colorado-dora",
            (
                "licensenumber,lastname,firstname,licensetype,licensestatusdescription,"
                "licenseexpirationdate,programaction"
            ),
            "7001,Reyes,Marisol,JW,Active,2026-09-30T00:00:00.000,",
            ["7001"],
        ),
        (
            "illinois-asbestos",
            "last_name,first_name,city," + ",".join(LAYOUTS["illinois-asbestos"].number),
            "Reyes,Marisol,Peoria,100-1,,,,,100-2",
            ["100-1", "100-2"],
        ),
    ],
)
def test_the_published_layouts_are_read(
    layout: str, header: str, row: str, numbers: list[str]
) -> None:
    found = list(registers.read([header + "\n", row + "\n"], LAYOUTS[layout]))
    assert not [entry for entry in found if isinstance(entry, BadLine)]
    assert [entry.number for entry in found if not isinstance(entry, BadLine)] == numbers
    assert "Marisol" in str(found[0])


def test_memory_does_not_grow_with_the_list() -> None:
    def lines(number: int) -> Iterator[str]:
        yield TDLR
        for each in range(number):
            yield f'Journeyman Electrician,{each + 1},,,"STRANGER, A",06152027\n'

    def peak(number: int) -> int:
        tracemalloc.start()
        for _ in registers.read(lines(number), LAYOUTS["texas-tdlr"]):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(200)


def test_the_command_says_what_came_of_it(
    license: License, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    good = b'Journeyman Electrician,660417,,,"WHITFIELD, DANA",06152027\n'
    file.write_bytes(TDLR.encode() + b"Journeyman Electrician,5,,,\xff,\n" + good)
    assert command.take(file, "texas-tdlr", DAY) == 1
    told = capsys.readouterr().out
    assert "line 2: holds bytes that are no text" in told
    assert "1 licenses read, 1 lines kept out" in told
    assert "1 are in the list and 0 are not" in told
    file.write_text("nothing\n")
    assert command.take(file, "texas-tdlr", DAY) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert command.take(tmp_path / "none.csv", "texas-tdlr", DAY) == 1
