"""Where the policy says consent, it is asked for at the moment of need, and nothing leaves
before."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditable.catalog.drafts import ApprovalDraft
from creditable.credit import reports
from creditable.credit.models import Report
from creditable.disclosure import choices, policies
from creditable.disclosure.models import Answer, Outbox, PolicyVersion, Release
from creditable.lib.actor import Actor
from creditable.mail.models import Message
from creditable.policy import document
from creditable.store.models import Order
from tests.credit.test_awards import license_of
from tests.factories import catalog
from tests.factories.credit import BOARD, make_award, make_course
from tests.factories.learning import enroll, sit_all, take_exam
from tests.factories.people import make_license, make_person
from tests.promises import promise
from tests.web.shop.test_checkout import BILL, filled

pytestmark = pytest.mark.django_db

BY = Actor.system("tests")


@pytest.fixture(autouse=True)
def consent(policy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy under which PayPal and the authorities get nothing without a yes."""
    monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)
    parts = json.loads(bytes(PolicyVersion.objects.get().canonical))
    parts["policy"] |= {"version": 2, "supersedes": 1}
    parts.setdefault("choices", {})
    for name, recipient in {"pay": "payment", "board": "authority"}.items():
        parts["choices"][f"share.{name}"] = {
            "label": f"what goes to {recipient}",
            "default": "deny",
            "covers": {"recipient": recipient},
        }
    for rule in parts["rules"]:
        if rule["id"] == "pay.paypal":
            rule["unless"] = ["share.pay"]
        if rule["id"].startswith("report."):
            rule["unless"] = ["share.board"]
    clause = parts["clauses"][0]["clauses"][-1]
    clause.setdefault("binds", [])
    clause["binds"] += ["choice.share.pay", "choice.share.board"]
    (tmp_path / "policy.yaml").write_text(json.dumps(parts))
    policies.publish(policy=document.load(tmp_path), by=BY)


@promise("C1")
def test_the_checkout_asks_before_anything_goes_to_paypal(client: Client) -> None:
    ana = make_person(name="Ana Diaz")
    client.force_login(ana)
    attempt = filled(client)
    assert "Yes, I agree to what goes to payment." in client.get("/checkout/").content.decode()
    refused = client.post("/checkout/", BILL | {"attempt_key": attempt})
    assert refused.status_code == 422
    assert "without this yes" in refused.content.decode()
    assert not Order.objects.exists()
    assert not Release.objects.filter(recipient__startswith="payment").exists()

    agreed = client.post("/checkout/", BILL | {"attempt_key": attempt, "consent-0": "on"})
    assert agreed.status_code == 302
    receipt = Answer.objects.get()
    assert (receipt.choice, receipt.source) == ("share.pay", "need")
    assert receipt.words == "Yes, I agree to what goes to payment."
    assert Outbox.objects.filter(destination="paypal").count() == 1


def test_who_agreed_once_is_not_asked_again(client: Client) -> None:
    ana = make_person(name="Ana Diaz")
    client.force_login(ana)
    choices.say(subject_id=ana.pk, choice="share.pay", agrees=True, source="need", by=ana.actor)
    filled(client)
    assert "I agree to" not in client.get("/checkout/").content.decode()


@promise("C1")
def test_a_report_waits_for_the_yes_and_then_leaves(client: Client) -> None:
    ana = make_person(name="Ana Diaz")
    client.force_login(ana)
    license_of(ana, BOARD, "journeyman", "J-11111")
    (award,) = make_award(ana.pk, make_course(BOARD))
    reports.send_due(authority=BOARD, by=BY)
    report = Report.objects.get(award=award)
    assert (report.state, report.code) == (Report.State.DUE, "withheld")
    assert "It waits for your yes" in client.get("/account/reports/").content.decode()
    assert "has not agreed" not in client.get("/account/reports/").content.decode()  # the office's
    assert reports.look_again(by=BY) == 0
    reports.send_due(authority=BOARD, by=BY)
    told = Message.objects.get(kind="credit.agreement_needed")
    assert told.to == ana.email
    assert "Nothing about you goes to Demo State Board" in " ".join(told.text.split())
    assert "/account/reports/" in told.text

    other = Client()
    other.force_login(make_person(name="Bo Lee"))
    assert other.post(f"/account/reports/{report.pk}/agree/").status_code == 404
    assert client.post(f"/account/reports/{report.pk}/agree/").status_code == 302
    reports.send_due(authority=BOARD, by=BY)
    report.refresh_from_db()
    assert report.state == Report.State.QUEUED
    assert "It waits for your yes" not in client.get("/account/reports/").content.decode()


@promise("C1")
def test_who_completes_a_course_is_asked_at_once(client: Client) -> None:
    ana = make_person(name="Ana Diaz")
    client.force_login(ana)
    approval = ApprovalDraft(BOARD, "DSB-1", {"safety": 100}, date(2020, 1, 1), date(2099, 12, 31))
    place = enroll(ana, catalog.make_course(slug="approved", approvals=(approval,)))
    make_license(ana, authority=BOARD)
    sit_all(place)
    take_exam(ana, place, right=4)
    report = Report.objects.get()
    done = client.get("/learn/approved/completed/").content.decode()
    assert "Not sent yet: it waits for your yes, below." in done
    assert "We report it" not in done
    assert f'action="/account/reports/{report.pk}/agree/"' in done
    assert client.post(f"/account/reports/{report.pk}/agree/").status_code == 302
    done = client.get("/learn/approved/completed/").content.decode()
    assert "waits for your yes" not in done
    assert "We report it" in done


def test_a_yes_that_is_withdrawn_closes_what_comes_next(client: Client) -> None:
    ana = make_person(name="Ana Diaz")
    for agrees in (True, False):
        choices.say(
            subject_id=ana.pk, choice="share.board", agrees=agrees, source="account", by=ana.actor
        )
    license_of(ana, BOARD, "journeyman", "J-11111")
    make_award(ana.pk, make_course(BOARD))
    reports.send_due(authority=BOARD, by=BY)
    assert Report.objects.get().code == "withheld"
    client.force_login(ana)
    assert "It waits for your yes" not in client.get("/account/reports/").content.decode()
