"""The path from the basket to the last receipt, cut into the deeds of single processes: what one
request of a page does, what the worker does until it is idle, what the sender carries.

Each step is a function of the walk and of `say`, by which it acknowledges what its page would
show. It may be killed anywhere, so it is written to be done again, as people, the worker and the
sender do: with the same attempt key, the same answer, the same notice.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from procrastinate.contrib.django import app

from creditable.catalog.models import Course
from creditable.credit import reports
from creditable.credit.models import Report, Roster
from creditable.disclosure.jobs import queue_unhandled
from creditable.egress import destinations
from creditable.egress.channels import open_channel
from creditable.egress.sender import Sender
from creditable.learning import attempts, progress, study
from creditable.learning.models import Attempt, Enrollment
from creditable.lib.actor import Actor
from creditable.lib.money import Money
from creditable.lib.refusal import Refused
from creditable.ops import seed
from creditable.ops.management.commands.work import rescue
from creditable.people import accounts, licenses
from creditable.people.models import Person
from creditable.people.sessions import SessionStore, digest
from creditable.standins.authority import signature
from creditable.standins.paypal.signing import Signer
from creditable.store import basket, checkout, refunds
from creditable.store.checkout import Billing
from creditable.store.models import OrderLine, Payment, Refund
from creditable.store.payments.paypal import flow
from creditable.web.hooks import authorities, payments
from tests.conftest import login_as
from tests.faults.forks import Say
from tests.faults.scene import Scene

COURSE = "electrical-safety-subpart-s"
BOARD = "demo-state-board"
TEXAS = "us-tx-tdlr-electricians"
BY = Actor.system("tests")
LEFT_TO_READ = 40  # seconds, reported from the lesson's page; the rest was read before


@dataclass
class Walk:
    """Somebody on the path. `said` is what was acknowledged to them, by name."""

    number: int
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"walker{self.number}@example.com"

    @property
    def name(self) -> str:
        return f"Wanda Walker-{'abcdefghij'[self.number % 10].upper()}"

    @property
    def board_license(self) -> str:
        return f"J-{31007 + 10 * self.number}"

    @property
    def texas_license(self) -> str:
        return f"{410003 + 10 * self.number}"

    @property
    def subject_id(self) -> UUID:
        return UUID(self.said["person"])

    @property
    def person(self) -> Person:
        return Person.objects.get(pk=self.subject_id)

    @property
    def enrollment(self) -> Enrollment:
        return Enrollment.objects.get(subject_id=self.subject_id)

    @property
    def payment(self) -> Payment:
        return Payment.objects.select_related("order").get(order__subject_id=self.subject_id)


@dataclass(frozen=True)
class Step:
    """A deed of one kind of process. `first` is what happens outside before it."""

    name: str
    who: Literal["web", "worker", "https", "smtp"]
    deed: Callable[[Walk, Say], None]
    first: Callable[[Walk, Scene], None] = lambda _walk, _scene: None


def arrive(walk: Walk, say: Say) -> None:
    """An account with two licenses, signed in."""
    person = accounts.open_account(email=walk.email, name=walk.name, verified=True, by=BY)
    for authority, kind, number in (
        (BOARD, "journeyman", walk.board_license),
        (TEXAS, "journeyman_electrician", walk.texas_license),
    ):
        licenses.add(
            subject_id=person.pk,
            authority=authority,
            license_type=kind,
            number=number,
            name_as_printed=walk.name,
            issued=None,
            expires=None,
            by=BY,
        )
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session.create()
    say("session", digest(session.session_key or ""))
    say("person", str(person.pk))


# Web: what one request does


def fill_basket(walk: Walk, say: Say) -> None:
    course = Course.objects.get(slug=COURSE)
    filled = basket.add(token=walk.said.get("basket"), course=course, by=walk.person.actor)
    say("basket", filled.token)


def place_order(walk: Walk, say: Say) -> None:
    person = walk.person
    order = checkout.place_order(
        person=person,
        basket_token=walk.said["basket"],
        billing=Billing(walk.name, "9 Busbar Way", "Fernley Springs", "TX", "75999"),
        attempt_key=walk.subject_id.hex,
        by=person.actor,
    )
    say("order", str(order.pk))
    payment = flow.begin(order=order, by=person.actor)
    say("payment", str(payment.pk))


def come_back(walk: Walk, say: Say) -> None:
    flow.capture(payment=walk.payment, by=walk.person.actor)
    say("asked for the money", True)


def notice_of_approval(walk: Walk, say: Say) -> None:
    _notice(walk, "CHECKOUT.ORDER.APPROVED", {"id": walk.payment.provider_ref})


def notice_of_capture(walk: Walk, say: Say) -> None:
    related = {"related_ids": {"order_id": walk.payment.provider_ref}}
    _notice(walk, "PAYMENT.CAPTURE.COMPLETED", {"supplementary_data": related})


def _notice(walk: Walk, kind: str, resource: Mapping[str, Any]) -> None:
    """PayPal posts a notice, again and again until it is taken."""
    event = {"id": f"WH-{walk.number}-{kind}", "event_type": kind, "resource": resource}
    body = json.dumps(event).encode()
    _post(payments.paypal, body, _paypal().headers(body))


def _paypal() -> Signer:
    return Signer(
        Path(settings.PAYPAL_WEBHOOK_ANCHOR).parent,
        webhook_id=settings.PAYPAL_WEBHOOK_ID,
        base=settings.EGRESS_DESTINATIONS["paypal-certificates"]["base_url"],
        clock=time.time,
    )


def _post(
    view: Callable[[Any], HttpResponse], body: bytes, headers: Mapping[str, str]
) -> HttpResponse:
    answer = view(
        RequestFactory().post("/", body, content_type="application/json", headers=dict(headers))
    )
    assert answer.status_code == 200, answer.content
    return answer


def first_notice(walk: Walk, say: Say) -> None:
    """A notice of which PayPal's certificate is not known yet: it is asked for."""
    body = json.dumps({"id": "WH-0", "event_type": "NONE", "resource": {}}).encode()
    headers = _paypal().headers(body)
    answer = payments.paypal(
        RequestFactory().post("/", body, content_type="application/json", headers=headers)
    )
    assert answer.status_code == 503, answer.content


def read(walk: Walk, say: Say) -> None:
    """All lessons but the last seconds."""
    seed.read_lessons(walk.enrollment, seconds_left=LEFT_TO_READ)
    say("read", True)


def read_on(walk: Walk, say: Say) -> None:
    """The page of the last lesson, opened some seconds ago, reports."""
    place = study.find(walk.subject_id, COURSE)
    assert place is not None
    row = place.rows[-1]
    token = progress.token(
        enrollment_id=place.enrollment.pk,
        lesson_id=row.id,
        subject_id=walk.subject_id,
        session=walk.said["session"],
        sequence=place.last_sequence + 1,
        opened=place.now - timedelta(seconds=LEFT_TO_READ + 5),
    )
    for outcome in ("counted", "used"):  # the page sends it twice
        beaten = progress.beat(
            token=token, session=walk.said["session"], position=4000, reading=True
        )
        assert beaten.outcome == outcome, beaten
        say("read on", beaten.lesson_seconds)


def start_exam(walk: Walk, say: Say) -> None:
    attempt = attempts.start(
        subject_id=walk.subject_id, slug=COURSE, signature=walk.name, by=walk.person.actor
    )
    say("attempt", str(attempt.pk))


def answer_questions(walk: Walk, say: Say) -> None:
    attempt = Attempt.objects.get(pk=walk.said["attempt"])
    session = walk.said["session"]
    token = attempts.token(attempt=attempt, subject_id=walk.subject_id, session=session)
    for line in attempts.answers(attempt):
        saved = attempts.save(
            token=token,
            session=session,
            place=line.item.position,
            version=1,
            choice=line.right,
        )
        assert saved.outcome == "saved", saved
        say(f"answer {line.item.position}", saved.choice)


def submit(walk: Walk, say: Say) -> None:
    attempt = attempts.submit(
        subject_id=walk.subject_id, slug=COURSE, number=1, by=walk.person.actor
    )
    say("passed", attempt.passed)


def hear_verdict(walk: Walk, say: Say) -> None:
    """The board posts its verdict, again and again until it is taken."""
    body = json.dumps({"event_id": f"event-{walk.number}", **walk.said["verdict"]}).encode()
    secret = Path(settings.AUTHORITY_HOOK_KEYS[BOARD]).read_text().strip()
    headers = signature(body, secret=secret, clock=time.time)
    _post(lambda request: authorities.verdict(request, BOARD), body, headers)


def type_in(walk: Walk, say: Say) -> None:
    """The office takes the list for Texas."""
    report = Report.objects.get(subject_id=walk.subject_id, authority=TEXAS)
    reports.send(report_ids=[report.pk], by=BY)
    say("list", str(Roster.objects.get(reports=report).pk))


def enter_receipt(walk: Walk, say: Say) -> None:
    """The office enters what the page of Texas answered."""
    roster = Roster.objects.get(pk=walk.said["list"])
    try:
        reports.record_receipt(
            roster=roster, confirmation=f"TDLR-{walk.texas_license}", rejected={}, by=BY
        )
    except Refused as refusal:
        if refusal.code != "settled":
            raise
    say("receipt", Roster.objects.get(pk=roster.pk).receipt)


def give_back(walk: Walk, say: Say) -> None:
    """The office returns a part of the money."""
    refund = refunds.ask(
        line=OrderLine.objects.get(order_id=walk.said["order"]),
        amount=Money(1000),
        reason=Refund.Reason.PAID_TOO_MUCH,
        note="",
        confirmed=True,
        attempt_key=f"give-back-{walk.number:012}",
        by=BY,
    )
    say("refund", str(refund.pk))


# The worker and the sender


def work(walk: Walk, say: Say) -> None:
    """A worker starts, looks after the jobs of one that was killed and works until it is idle."""
    queue_unhandled()
    connection.close()
    asyncio.run(_work_until_idle())


async def _work_until_idle() -> None:
    fetching = app.with_connector(app.connector.get_worker_connector())
    async with fetching.open_async():
        await rescue(fetching)
        await fetching.run_worker_async(
            queues=["default"], wait=False, install_signal_handlers=False, listen_notify=False
        )


def carry(channel: str) -> Callable[[Walk, Say], None]:
    """A sender starts and carries what is due on the channel."""

    def deed(walk: Walk, say: Say) -> None:
        with login_as("CREDITABLE_EGRESS_DATABASE_URL"):
            found = destinations.read(settings.EGRESS_DESTINATIONS)
            sender = Sender({name: open_channel(where) for name, where in found.items()})
            while sender.send_one(channel):
                pass

    return deed


# Outside: never killed here


def _approve(walk: Walk, scene: Scene) -> None:
    scene.approve(walk.subject_id)


def _decide(walk: Walk, scene: Scene) -> None:
    walk.said["verdict"] = scene.verdict(walk.subject_id)


def _wait(walk: Walk, scene: Scene) -> None:
    scene.pass_to_the_question()


def path(number: int) -> list[Step]:
    """The steps in their order. The board's verdict comes by a notice and by asking: on every
    other walk the one first, on the others the other."""
    https, smtp = carry("https"), carry("smtp")
    notice = [Step("hear the verdict", "web", hear_verdict, _decide)]
    question = [
        Step("ask for the verdict", "worker", work, _wait),
        Step("carry the question", "https", https),
        Step("read the answer", "worker", work),
    ]
    return [
        Step("fill the basket", "web", fill_basket),
        Step("place the order", "web", place_order),
        Step("ask PayPal for the order", "https", https),
        Step("handle PayPal's order", "worker", work),
        Step("notice of approval", "web", notice_of_approval, _approve),
        Step("come back from PayPal", "web", come_back),
        Step("capture", "https", https),
        Step("settle and deliver", "worker", work),
        Step("notice of capture", "web", notice_of_capture),
        Step("mail the confirmation", "smtp", smtp),
        Step("read", "web", read),
        Step("read on", "web", read_on),
        Step("start the exam", "web", start_exam),
        Step("answer", "web", answer_questions),
        Step("submit and complete", "web", submit),
        Step("certify and report", "worker", work),
        Step("carry the report", "https", https),
        Step("take the receipt", "worker", work),
        *(notice + question if number % 2 else question + notice),
        Step("type in for Texas", "web", type_in),
        Step("enter the receipt", "web", enter_receipt),
        Step("give money back", "web", give_back),
        Step("carry the refund", "https", https),
        Step("book the refund", "worker", work),
        Step("mail the rest", "smtp", smtp),
    ]
