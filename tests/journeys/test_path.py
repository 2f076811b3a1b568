"""The whole path through real processes: sign up, buy, learn, pass, certificate, report accepted,
and who got what about whom."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from creditable.credit import keys, signing
from creditable.credit.keys import Use
from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT
from creditable.policy import document, notice
from creditable.policy.contents import Policy
from tests.installation import Running
from tests.journeys import cards, traffic
from tests.journeys.path import BOARD, COURSE, STREET, TEXAS, TITLE
from tests.journeys.visitor import Visitor, said
from tests.journeys.walk import Walk
from tests.promises import promise
from tests.standins import contract


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policy as its files say it."""
    return document.load(ROOT / "demo" / "electric" / "policy" / "1")


@pytest.fixture
def stranger(installation: Running) -> Iterator[Visitor]:
    """Somebody without an account."""
    with Visitor(installation.address) as browser:
        yield browser


# What the learner saw


@promise("A1")
def test_a_stranger_becomes_a_customer_and_comes_as_far_as_two_accepted_reports(walk: Walk) -> None:
    assert f"Journeyman Electrician {walk.learner.board_license}" in walk.verdicts
    assert "Yes: completes your 2 hours" in walk.verdicts
    assert walk.lessons == 10
    after_the_exam, at_the_end = walk.reports
    assert len(after_the_exam[TEXAS]) == 0
    assert [re.split(r"[ ,]", station)[0] for station in at_the_end[BOARD]] == [
        "Prepared",
        "Queued",
        "Sent",
        "Accepted",
    ]
    assert "Confirmation DSB-" in at_the_end[BOARD][-1]
    assert f"Confirmation TDLR-{walk.learner.texas_license}" in at_the_end[TEXAS][-1]


@promise("A1")
def test_catalog_prices_policy_and_check_need_no_account_and_leave_no_cookie(
    walk: Walk, stranger: Visitor
) -> None:
    for path in ("/", "/courses/", f"/courses/{COURSE}/", "/privacy/", "/contact/", "/verify/"):
        stranger.open(path)
    stranger.open(f"/verify/{walk.serials[0]}/")
    stranger.sees("This certificate is genuine", walk.learner.name, TITLE)
    assert stranger.cookies == {}
    stranger.open("/learn/")
    assert stranger.path == "/account/login/"


@promise("A14")
def test_the_certificates_are_signed_and_whole_and_can_be_checked_by_anybody(
    walk: Walk, stranger: Visitor
) -> None:
    folder = walk.running.demo.data / "keys"
    assert (folder / "certificates.pem").exists()
    key = keys.current(folder, Use.DOCUMENTS, organization="", at=datetime.now(UTC))
    provider = signing.identity(key)
    assert len(walk.certificates) == 2
    for serial, pdf in zip(walk.serials, walk.certificates, strict=True):
        assert signing.read_seal(pdf, identity=provider).genuine
        stranger.open(f"/verify/{serial}/")
        stranger.press("Check the file", files={"The certificate's file (PDF)": pdf})
        stranger.sees("The file is genuine", walk.learner.name, "2 hours")
        stranger.open("/verify/")
        altered = pdf.replace(b"%PDF-1.7", b"%PDF-1.6", 1)
        stranger.press("Check the file", files={"The certificate's file (PDF)": altered})
        stranger.sees("This file was altered", "1 byte was changed in place.", walk.learner.name)


@promise("A5")
def test_mail_came_for_account_order_course_certificate_and_report(walk: Walk) -> None:
    mails = walk.running.mails(walk.learner.email)
    assert all(mail["deliveries"] == 1 for mail in mails)
    about = {}
    for kind, words in {
        "order": str(walk.order),
        "completed": "completed",
        "certificate": "certificate for",
        "report": "accepted your credit",
    }.items():
        about[kind] = [mail for mail in mails if words in mail["subject"]]
    assert {kind: len(found) for kind, found in about.items()} == {
        "order": 1,
        "completed": 1,
        "certificate": 2,
        "report": 2,
    }
    (order,) = about["order"]
    assert "$39.00" in order["text"]
    assert TITLE in order["text"]
    assert TITLE in about["completed"][0]["subject"] + about["completed"][0]["text"]
    for serial in walk.serials:
        assert any(serial in mail["text"] for mail in about["certificate"])


# What the office saw


def test_the_office_sees_order_person_and_report_and_each_look_is_on_record(walk: Walk) -> None:
    assert walk.learner.texas_license in walk.texas_list
    office = walk.office
    office.open("/console/orders/")
    (link,) = (words for words in office.links if str(walk.order) in words)
    office.follow(link)
    office.sees(walk.learner.name, TITLE, "$39.00")
    office.open("/console/people/")
    office.press("Search", {"Name, e-mail or license number": walk.learner.texas_license})
    office.follow(walk.learner.name)
    office.sees(walk.learner.email, *walk.serials, "Who looked at this record", "Ines Galloway")
    looks = walk.running.rows(
        "SELECT noun, actor_kind, actor_id FROM audit_event WHERE verb = 'view' AND about = %s",
        walk.subject,
    )
    assert {row["noun"] for row in looks} >= {
        "console order",
        "console person",
        "console report",
        "console roster",
    }
    assert {row["actor_kind"] for row in looks} == {"staff"}


def test_the_console_is_shut_to_learners_and_to_staff_without_their_second_factor(
    walk: Walk, stranger: Visitor
) -> None:
    walk.learner.browser.open("/console/reports/", expect=403)
    stranger.open("/console/people/")
    assert stranger.path == "/account/login/"


def test_whoever_was_signed_out_since_the_walk_is_signed_in_for_the_next_test(walk: Walk) -> None:
    learner, office = walk.learner.browser, walk.office
    walk.running.pass_time(11 * 60)
    learner.open("/account/")
    office.open("/console/")
    assert (learner.path, office.path) == ("/account/login/", "/account/login/")

    walk.come_in_again()

    learner.open("/account/")
    office.open("/console/")
    assert (learner.path, office.path) == ("/account/", "/console/")


# What left the house


@promise("A3")
def test_every_message_has_its_line_in_the_ledger_and_every_line_its_message(walk: Walk) -> None:
    lines, messages = traffic.both_ends(walk.running)
    assert len(messages) > 10
    ours = Counter(message for message, line in lines if str(line["subject_id"]) == walk.subject)
    theirs = Counter(entry.message for entry in messages if entry.message in ours)
    assert theirs == ours, "a message came twice, or a line stands twice"
    assert {recipient for recipient, _ in ours} == {
        "self",
        "payment.paypal",
        "authority.demo-state-board",
    }


@promise("A3")
def test_a_message_holds_just_the_fields_that_its_line_names(walk: Walk) -> None:
    values = {
        "name": walk.learner.name.split()[-1],
        "email": walk.learner.email,
        "street": STREET,
        "board": walk.learner.board_license,
        "texas": walk.learner.texas_license,
    }
    fields = {
        "name": {"name", "holder_name"},
        "email": {"email"},
        "street": {"street"},
        "board": {"license_number", "report", "certificate"},
        "texas": {"license_number", "report", "certificate"},
    }
    found, messages = traffic.both_ends(walk.running)
    lines = dict(found)
    looked_at = 0
    for entry in messages:
        line = lines[entry.message]
        if str(line["subject_id"]) != walk.subject:
            assert walk.learner.email not in entry.content
            continue
        looked_at += 1
        for what, value in values.items():
            if value in entry.content:
                assert fields[what] & set(line["fields"]), (entry.message, what, line["fields"])
    assert looked_at > 8


@promise("A3")
def test_paypal_got_the_total_and_the_billing_information_in_the_form_that_it_publishes(
    walk: Walk,
) -> None:
    entries = [
        entry for entry in walk.running.recorded("paypal") if contract.described(entry["path"])
    ]
    for entry in entries:
        contract.check(entry)
    (create,) = (
        json.loads(entry["body"])
        for entry in entries
        if walk.learner.email in entry["body"] and entry["path"] == "/v2/checkout/orders"
    )
    (unit,) = create["purchase_units"]
    assert unit["amount"] == {"currency_code": "USD", "value": "39.00"}
    assert set(unit) == {"amount", "invoice_id", "reference_id"}
    assert set(create["payment_source"]["paypal"]) == {
        "address",
        "email_address",
        "experience_context",
        "name",
    }
    assert TITLE not in json.dumps(create)
    asked_without = [
        entry["path"] for entry in walk.running.recorded("paypal") if entry not in entries
    ]
    assert {path.partition("/certs/")[0] for path in asked_without} <= {
        "/v1/oauth2/token",
        "/v1/notifications",
    }


@promise("A3")
def test_the_learner_reads_who_got_what_when_why_and_under_which_sentence(
    walk: Walk, policy: Policy
) -> None:
    browser = walk.learner.browser
    browser.open("/account/privacy/")
    shown = [said(line) for line in browser.find("//ol[@role='list']/li")]
    rows = walk.running.rows(
        "SELECT * FROM disclosure_release WHERE subject_id = %s ORDER BY at DESC, id DESC",
        walk.subject,
    )
    assert len(shown) == len(rows) > 10
    for line, row in zip(shown, rows, strict=True):
        words = " ".join(line.split()).lower()
        purpose = policy.purposes[row["purpose"]].label
        for part in (
            policy.recipients[row["recipient"]].label,
            policy.channels[row["channel"]],
            purpose,
            notice.sentence(policy, row["clause"]),
            f"{row['at']:%B} {row['at'].day}, {row['at'].year}",
        ):
            assert " ".join(part.split()).lower() in words, (part, line)
        assert row["policy_sha256"] == policy.sha256
    recipients = {row["recipient"] for row in rows}
    assert recipients == {
        "self",
        "payment.paypal",
        "authority.demo-state-board",
        "authority.us-tx-tdlr-electricians",
        "public_verifier",
    }


# What must not be anywhere


@promise("A25", "B13", "C9")
def test_no_card_number_is_in_any_row_log_or_message(walk: Walk) -> None:
    running = walk.running
    with psycopg.connect(Cluster(running.demo.data, DURABLE).urls["DATABASE_URL"]) as database:
        rows = cards.in_rows(database)
    logs = cards.in_files(running.logs)
    sent = cards.in_traffic(
        [*running.recorded("paypal"), *running.recorded("authority"), *running.mails()]
    )
    assert (rows.found, logs.found, sent.found) == ([], [], [])
    assert rows.places > 300
    assert logs.places >= 8
    assert sent.places > 10
    assert min(rows.signs, logs.signs, sent.signs) > 5_000


def test_no_log_says_who_was_here_and_none_speaks_of_an_error(walk: Walk) -> None:
    learner = walk.learner
    who = [
        learner.email,
        learner.name.split()[-1],
        learner.board_license,
        STREET,
        *walk.running.used,
        *learner.browser.cookies.values(),
        *walk.office.cookies.values(),
    ]
    logs = {log.name: log.read_text() for log in walk.running.logs.iterdir()}
    assert logs.keys() >= {"web.log", "worker.log", "egress.log", "postgres.log"}
    assert sum(map(len, logs.values())) > 2_000
    for name, text in logs.items():
        assert [value for value in who if value in text] == [], name
        bad = re.findall(r".*\b(?:ERROR|CRITICAL|FATAL|PANIC)\b.*", text)
        assert [line for line in bad if ASKED_AGAIN not in line] == [], name


# A notice that comes before the certificate that proves it is asked to come again.
ASKED_AGAIN = "Service Unavailable: /hooks/payments/paypal/"

PLANTED = "4111 1111 1111 1111"


@promise("C9")
def test_a_planted_card_number_is_found_wherever_it_stands(
    installation: Running, tmp_path: Path
) -> None:
    url = Cluster(installation.demo.data, DURABLE).urls["DATABASE_URL"]
    with psycopg.connect(url) as database:
        database.execute(
            "CREATE TABLE planted (words text, document jsonb, raw bytea, many text[])"
        )
        database.execute(
            "INSERT INTO planted VALUES (%s, %s, %s, %s)",
            (
                f"my card is {PLANTED}, thanks",
                json.dumps({"note": ["378282246310005"]}),
                b"6011-1111-1111-1117",
                ["5555555555554444"],
            ),
        )
        found = cards.in_rows(database).found
        database.rollback()
    assert found == ["planted.document", "planted.many", "planted.raw", "planted.words"]
    (tmp_path / "web.log").write_text(f"POST /contact/ {PLANTED}\n")
    assert cards.in_files(tmp_path).found == ["web.log"]
    entries: list[dict[str, Any]] = [{"body": "{}"}, {"answer": {"body": f'"{PLANTED}"'}}]
    assert cards.in_traffic(entries).found == ["message 1"]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "order 2026-11-22 05:27:40, +1 214 555 0161",
        "0199b2a4-4111-8111-1111-111111111111",
        "width 3.5636363636363635",
        "a4111111111111111f",
        'boundary="===============4437692144414270586=="',
    ],
)
def test_what_is_no_card_number_is_left_alone(text: str) -> None:
    assert list(cards.numbers(text)) == []


@promise("A25", "B13")
def test_no_page_of_the_path_asks_for_a_card(walk: Walk, stranger: Visitor) -> None:
    learner = walk.learner.browser
    learner.open(f"/courses/{COURSE}/")
    learner.press("Add to basket")
    fields = []
    for browser, path in (
        (learner, "/checkout/"),
        (learner, "/account/"),
        (learner, "/account/licenses/add/"),
        (stranger, "/account/signup/"),
        (stranger, "/contact/"),
    ):
        browser.open(path)
        fields += browser.find("//main//input | //main//select | //main//textarea")
    assert len(fields) > 20
    for field in fields:
        about = " ".join([field.get("name", ""), field.get("autocomplete", "")]).lower()
        assert not re.search(r"cc-|card|cvc|cvv|pan\b", about), about
