"""The nightly looks ring an alarm in the office, once for each thing that is wrong."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from creditable.audit.models import Event
from creditable.disclosure import gate, seals, verification
from creditable.disclosure.models import Alarm, Seal, Subject
from creditable.disclosure.templates import Template
from creditable.lib.actor import Actor
from tests.conftest import login_as
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff

BY = Actor.system("tests")
PAGE = "/console/policy/alarms/"


@pytest.fixture
def sealed(
    transactional_db: None, policy: None, payment: Template, tmp_path: Path, settings: Any
) -> None:
    """A release, sealed and published."""
    settings.DATA = tmp_path
    opened = gate.open(template=payment, by=BY, key="k")
    opened.add(Subject.objects.create().id, {"total": "39.00"})
    opened.commit()
    seals.seal()
    seals.publish()


def as_owner(statement: str) -> None:
    with login_as("DATABASE_URL"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_sound_ledger_rings_nothing_and_the_look_is_on_record(sealed: None) -> None:
    found = verification.watch(by=BY)
    assert (found.rows, found.seals, found.wrong) == (2, 1, [])
    assert not Alarm.objects.exists()
    detail = {"rows": 2, "seals": 1, "published": 1, "wrong": 0, "alarms": 0}
    assert Event.objects.get(verb="ledger.verify").detail == detail


def test_an_altered_row_rings_in_the_office_until_somebody_has_looked_after_it(
    sealed: None,
) -> None:
    as_owner("UPDATE disclosure_release SET recipient = 'authority'")
    for _ in range(2):
        verification.watch(by=BY)
    alarm = Alarm.objects.get()
    assert "was altered" in alarm.words
    desk = Client()
    sign_in_staff(desk, make_person(role="administrator"))
    queues = {queue.title: queue.count for queue in desk.get("/console/").context["queues"]}
    assert queues["Alarms"] == 1
    assert "was altered" in desk.get(PAGE).content.decode()
    assert desk.post(f"{PAGE}{alarm.pk}/settle/").status_code == 302
    assert "Nothing rings" in desk.get(PAGE).content.decode()
    assert "Somebody has looked" in desk.post(f"{PAGE}{alarm.pk}/settle/").content.decode()
    verification.watch(by=BY)
    assert Alarm.objects.filter(settled_at=None).count() == 1, (
        "it is still wrong, so it rings again"
    )


def test_a_look_that_sees_nothing_although_there_is_something_rings(sealed: None) -> None:
    as_owner("TRUNCATE disclosure_leaves, disclosure_release, disclosure_releaseevent")
    assert Seal.objects.exists()
    verification.watch(by=BY)
    assert Alarm.objects.exists()


@pytest.mark.django_db
def test_the_schedule_looks_every_night() -> None:
    from procrastinate.contrib.django import app

    from creditable import schedule

    assert schedule.nightly_look_at_the_ledger
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["schedule.verify_ledger"] == "20 7 * * *"


@pytest.mark.django_db
def test_every_kind_of_alarm_has_its_title_on_the_page(policy: None) -> None:
    for kind in Alarm.Kind:
        Alarm.objects.create(kind=kind, words=f"a planted {kind}")
    desk = Client()
    sign_in_staff(desk, make_person(role="administrator"))
    rows = desk.get(PAGE).context["rows"]
    assert len({title for _, title in rows}) == len(Alarm.Kind) >= 4
