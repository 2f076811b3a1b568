"""Planted faults: what the other tests of this folder look at would show a loss or a double."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from tests.faults.house import House

NAME, EMAIL, LICENSE = "Milena Farrow", "milena@example.com", "J-33017"

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def sound(house: House) -> House:
    """Somebody has walked the whole path, undisturbed."""
    with house.arrive([NAME], first=201) as (learner,):
        house.walk(learner)
        house.settle()
        house.check([learner])
    return house


@contextmanager
def planted(house: House, fault: str, cure: str) -> Iterator[None]:
    house.running.rows(f"{fault} RETURNING 1")
    yield
    house.running.rows(f"{cure} RETURNING 1")


def test_money_taken_and_not_booked(sound: House) -> None:
    one = "(SELECT id FROM store_payment WHERE state = 'captured' ORDER BY id LIMIT 1)"
    with (
        planted(
            sound,
            f"UPDATE store_payment SET provider = 'nobody', provider_ref = 'x' || provider_ref"
            f" WHERE id = {one}",
            "UPDATE store_payment SET provider = 'paypal', provider_ref = substr(provider_ref, 2)"
            " WHERE provider = 'nobody'",
        ),
        pytest.raises(AssertionError),
    ):
        sound.check_money()
    sound.check_money()


def test_money_taken_and_nothing_given(sound: House) -> None:
    with (
        planted(
            sound,
            "UPDATE learning_grant SET source = 'lost' WHERE id ="
            " (SELECT id FROM learning_grant WHERE source = 'store.order_line' LIMIT 1)",
            "UPDATE learning_grant SET source = 'store.order_line' WHERE source = 'lost'",
        ),
        pytest.raises(AssertionError),
    ):
        sound.check_access()
    sound.check_access()


def test_a_certificate_whose_bytes_are_not_those_that_were_issued(sound: House) -> None:
    mine = (
        "award_id IN (SELECT a.id FROM credit_award a JOIN people_person p"
        f" ON p.subject_id = a.subject_id WHERE p.email = '{EMAIL}')"
    )
    with (
        planted(
            sound,
            f"UPDATE credit_certificate SET sha256 = reverse(sha256) WHERE {mine}",
            f"UPDATE credit_certificate SET sha256 = reverse(sha256) WHERE {mine}",
        ),
        pytest.raises(AssertionError),
    ):
        sound.check_credit(EMAIL, LICENSE)
    sound.check_credit(EMAIL, LICENSE)


def test_a_report_that_the_board_has_not_heard_of(sound: House) -> None:
    with pytest.raises(AssertionError):
        sound.check_credit(EMAIL, "J-99999")


def test_a_mail_that_came_twice(sound: House) -> None:
    sound.check_mail()
    seen = sound.running.mails(EMAIL)[0]
    again = EmailMessage()
    again["From"], again["To"], again["Subject"] = seen["from"], EMAIL, seen["subject"]
    again["Message-ID"] = "<again@example.com>"
    again.set_content(seen["text"])
    with smtplib.SMTP("127.0.0.1", sound.running.demo.smtp_port) as server:
        server.send_message(again)
    with pytest.raises(AssertionError):
        sound.check_mail()
