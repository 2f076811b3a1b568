"""The Reply-To address of a mailing leads to it, and cannot be made up."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from creditable.mail import return_address
from creditable.mail.return_address import Mailing

KEY = b"k" * 32
DOMAIN = "mail.example.com"


def write(mailing: Mailing, key: bytes = KEY) -> str:
    return return_address.write(mailing, "u", domain=DOMAIN, key=key)


def read(address: str) -> Mailing | None:
    return return_address.read(address, "u", domain=DOMAIN, key=KEY)


@given(person=st.uuids(), key=st.text(max_size=60))
def test_it_is_read_back_whatever_its_case_and_fits_into_a_local_part(
    person: UUID, key: str
) -> None:
    mailing = Mailing(person, return_address.number(key))
    address = write(mailing)
    assert read(address) == read(address.upper()) == mailing
    assert len(address.partition("@")[0]) <= 64


@given(person=st.uuids(), other=st.uuids(), position=st.integers(2, 56), letter=st.characters())
def test_nobody_makes_one_up(person: UUID, other: UUID, position: int, letter: str) -> None:
    mark = return_address.number("spring")
    address = write(Mailing(person, mark))
    altered = address[:position] + letter + address[position + 1 :]
    if altered.lower() != address:
        assert read(altered) is None
    if other != person:
        theirs = write(Mailing(other, mark))
        assert read(theirs[:29] + address[29:]) is None
    assert read(write(Mailing(person, mark), key=b"x" * 32)) is None
    assert read(address.replace(DOMAIN, "evil.example")) is None


@given(person=st.uuids())
def test_the_address_for_reports_is_not_the_one_for_replies(person: UUID) -> None:
    mailing = Mailing(person, return_address.number("spring"))
    reports = return_address.write(mailing, "b", domain=DOMAIN, key=KEY)
    assert return_address.read(reports, "b", domain=DOMAIN, key=KEY) == mailing
    assert read(reports) is None
    assert read("u" + reports[1:]) is None


@given(st.text(max_size=120))
def test_nonsense_is_no_mailing(text: str) -> None:
    assert read(text) is None
    assert read(f"{text}@{DOMAIN}") is None
