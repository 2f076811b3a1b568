"""The path of a new learner and of the office, step by step, as the pages lead them."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from creditable.ops.processes import ROOT
from tests.installation import Running, wait_until
from tests.journeys.visitor import Visitor, said

COURSE = "electrical-safety-subpart-s"
TITLE = "Electrical safety on the job"
STREET = "9 Busbar Way"
BOARD = "Demo State Board of Electricians"
OFFICE = "ines@example.com"
A_READER = 55  # seconds between two reports of a lesson that is being read; at most 60 count
TEXAS = "Texas Department of Licensing and Regulation"


@dataclass
class Learner:
    """Somebody who has never been here, with two licenses to their name."""

    running: Running
    browser: Visitor
    email: str = "rosalind@example.com"
    name: str = "Rosalind Achebe-Marsh"
    board_license: str = "J-51873"
    texas_license: str = "660417"


def sign_up(learner: Learner) -> None:
    browser = learner.browser
    browser.open("/")
    browser.follow("Sign in")
    browser.follow("Create an account")
    browser.press("Continue", {"E-mail address": learner.email, "Full name": learner.name})
    browser.press("Continue", {"Code": learner.running.code(learner.email)})


def add_licenses(learner: Learner) -> None:
    browser = learner.browser
    for kind, number in (
        ("Journeyman Electrician, Demo State Board", learner.board_license),
        ("Journeyman Electrician, TDLR", learner.texas_license),
    ):
        browser.open("/account/licenses/")
        browser.follow("Add a license")
        browser.press("Save", {"License": kind, "Number": number, "Expires": "2028-04-30"})
        browser.sees(number)


def choose(learner: Learner) -> str:
    """Reads the course's page, which says what it counts for; the words of the verdicts."""
    browser = learner.browser
    browser.open("/courses/")
    browser.follow(TITLE)
    assert browser.path == f"/courses/{COURSE}/"
    (verdicts,) = browser.find("//section[@aria-labelledby='counts']")
    return said(verdicts)


def buy(learner: Learner) -> int:
    """From the course's page through PayPal and back; the order's number."""
    browser = learner.browser
    browser.press("Add to basket")
    browser.follow("Go to checkout")
    address = {"Street": STREET, "City": "Fernley Springs", "State": "Texas", "ZIP code": "75999"}
    browser.press("Pay $39.00 with PayPal", address)
    assert browser.where.startswith(learner.running.demo.paypal), browser.where
    browser.press("Approve")
    found = re.search(r"/checkout/(\d+)/", browser.path)
    assert found, browser.where
    number = int(found[1])

    def paid() -> bool:
        browser.open(f"/checkout/{number}/")
        return browser.path.endswith("/done/")

    wait_until(paid, "the payment")
    return number


def read_lessons(learner: Learner) -> int:
    """Reads every lesson for as long as it lasts, reporting as its page does; how many."""
    browser = learner.browser
    browser.open("/learn/")
    browser.follow(TITLE)
    outline = "//ol[contains(@class, 'outline')]//a[not(contains(@href, '/exam/'))]"
    lessons = [link.get("href") for link in browser.find(outline)]
    for lesson in lessons:
        browser.open(lesson)
        _read(learner)
    return len(lessons)


def _read(learner: Learner) -> None:
    browser = learner.browser
    (clock,) = browser.find("//*[@id='clock']")
    token, cap = clock.get("data-token"), int(clock.get("data-cap"))
    counted = int(clock.get("data-counted"))
    assert cap > 0
    while counted < cap:
        learner.running.pass_time(A_READER)
        answer = browser.post_json(
            clock.get("data-url"),
            {"token": token, "position": 4500, "reading": True, "touched": True},
        ).json()
        assert answer["state"] == "counted", answer
        assert counted < answer["lesson_seconds"] <= counted + A_READER + 5, answer
        token, counted = answer["token"], answer["lesson_seconds"]


def take_exam(learner: Learner) -> None:
    """Signs the declaration and answers every question as the bank has it."""
    browser = learner.browser
    browser.follow("To the exam")
    browser.press("Sign and begin the exam", {"Your full name, as your signature": learner.name})
    right = right_answers(COURSE)
    questions = len(browser.find("//form[@id='sheet']//li"))
    assert questions == 20
    for number in range(1, questions + 1):
        (card,) = browser.find(f"//li[@id='q{number}']")
        stem = said(card.find(".//legend"))
        browser.press("Save this answer", {right[stem]: True}, within=card)
    browser.sees("20 of 20 answers are saved", "Every question has an answer.")
    browser.press("Hand in the exam")
    assert browser.heading == "Passed"


def right_answers(course: str, provider: str = "electric") -> dict[str, str]:
    """The right choice of each question of a course's bank, by what it asks."""
    file = ROOT / "demo" / provider / "courses" / course / "bank.yaml"
    questions: list[dict[str, Any]] = yaml.safe_load(file.read_text())["questions"]
    answers: dict[str, str] = {}
    for question in questions:
        choices = question.get("choices") or ["True", "False"]
        answer = question["answer"]
        right = choices[answer] if type(answer) is int else str(answer)
        answers[_plain(question["stem"])] = _plain(right)
    return answers


def _plain(text: str) -> str:
    return " ".join(text.split())


def wait_for_certificates(learner: Learner) -> list[str]:
    """The serials of the certificates, once they are made."""
    browser = learner.browser

    def made() -> list[str]:
        browser.open("/account/certificates/")
        serials = browser.find("//main//a[starts-with(@href, '/verify/')]")
        return [said(link) for link in serials] if len(serials) == 2 else []

    serials: list[str] = wait_until(made, "two certificates")
    return serials


def download_certificates(learner: Learner) -> list[bytes]:
    """The files, in the order of the page."""
    learner.browser.open("/account/certificates/")
    links = [said(link) for link in learner.browser.find("//a[contains(., 'the certificate for')]")]
    return [learner.browser.download(link).content for link in links]


def wait_for_board(learner: Learner) -> dict[str, list[str]]:
    """The stations of the reports once the board has answered."""
    states: dict[str, list[str]] = wait_until(
        lambda: (seen := report_states(learner)) and len(seen[BOARD]) == 4 and seen,
        "the board's answer",
    )
    return states


def report_states(learner: Learner) -> dict[str, list[str]]:
    """The stations that each report has passed, as the page of the reports shows them, by the
    name of the authority."""
    browser = learner.browser
    browser.open("/account/reports/")
    return {
        said(parcel.find(".//h2")): [
            said(station) for station in parcel.xpath(".//*[contains(@class, 'done')]")
        ]
        for parcel in browser.find("//li[contains(@class, 'parcel')]")
    }


def sign_in(running: Running, browser: Visitor, email: str) -> None:
    """By a code from the mailbox."""
    before = len(running.mails(email))
    browser.open("/account/login/")
    browser.press("Send me a code", {"E-mail address": email})
    browser.press("Sign in", {"Code": running.code(email, beside=before)})


def enter_console(running: Running, browser: Visitor, email: str = OFFICE) -> None:
    """Signs a member of staff in, with the code of their authenticator, as far as the console."""
    browser.open("/console/")
    before = len(running.mails(email))
    browser.press("Send me a code", {"E-mail address": email})
    browser.press("Sign in", {"Code": running.code(email, beside=before)})
    browser.press("Sign in", {"Code": running.factor(email)})


def open_where_the_factor_is_asked_anew(
    running: Running, browser: Visitor, address: str, email: str = OFFICE
) -> None:
    """Opens a page from which much can be taken, with another code of the authenticator."""
    browser.open(address)
    if browser.path != address:
        browser.press("Continue", {"Code": running.factor(email)})
    assert browser.path == address


def enter_texas_receipt(running: Running, office: Visitor, learner: Learner) -> str:
    """Previews the list for Texas, types it in and enters the receipt; what the list says."""
    report = running.value(
        "SELECT id::text FROM credit_report WHERE authority LIKE 'us-tx%%' AND subject_id ="
        " (SELECT subject_id FROM people_person WHERE email = %s)",
        learner.email,
    )
    office.open("/console/reports/")
    (section,) = office.find(f"//section[contains(h2, '{TEXAS}')]")
    chosen = {
        row.get("id"): row.get("value") == report for row in section.iter("input") if row.get("id")
    }
    for name, is_hers in chosen.items():
        section.get_element_by_id(name).checked = is_hers
    office.press("Preview what leaves", within=section)
    (roster,) = office.find("//pre")
    preview = said(roster)
    office.press("I enter this now")
    office.sees(learner.texas_license, "How it gets there")
    office.press("Enter", {"Confirmation": f"TDLR-{learner.texas_license}"})
    return preview
