"""What is measured: an installation as `./do demo` starts it, the bare server beside it, and people
who stand at different places of the path."""

import gzip
import http.client
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import lxml.html
import psycopg

from benchmarks import meter
from creditable.ops.children import spawn, stop
from creditable.ops.postgres import DURABLE, Cluster
from creditable.ops.processes import ROOT, answers_http
from tests.installation import Running, started
from tests.journeys import path
from tests.journeys.path import Learner
from tests.journeys.visitor import Visitor

COURSE = "electrical-safety-subpart-s"
LESSON = "what-subpart-s-covers"
TEN = "ten-questions"


@dataclass
class Asker:
    """One connection to a server with one cookie."""

    port: int
    cookies: Mapping[str, str] = field(default_factory=dict)
    size: int = 0

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self._line = http.client.HTTPConnection("localhost", self.port, timeout=60)

    def get(self, address: str) -> str:
        """The page, unpacked; `size` is its length before compression."""
        return self._send("GET", address)

    def post(self, address: str, fields: Mapping[str, Any], *, script: bool = False) -> str:
        """Sends a form, as the page or as its script does."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        if script:
            kind["Accept"] = "application/json"
        return self._send("POST", address, urlencode(fields), kind)

    def post_json(self, address: str, body: str) -> str:
        return self._send("POST", address, body, {"Content-Type": "application/json"})

    def _send(
        self, method: str, address: str, body: str = "", more: Mapping[str, str] | None = None
    ) -> str:
        headers = {"Accept": "text/html", "Accept-Encoding": "gzip", **(more or {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Sec-Fetch-Site"] = "same-origin"
        self._line.request(method, address, body.encode() or None, headers)
        answer = self._line.getresponse()
        content = answer.read()
        if answer.status not in {200, 302, 303}:
            raise SystemExit(f"{method} {address} answered {answer.status}: nothing is measured.")
        if answer.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        self.size = len(content)
        return content.decode()


@dataclass
class Inside:
    """The same in this process, where the statements can be counted."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    statements: int = 0

    def __post_init__(self) -> None:
        from django.test import Client

        self._client = Client(HTTP_HOST="localhost", HTTP_SEC_FETCH_SITE="same-origin")
        for name, value in self.cookies.items():
            self._client.cookies[name] = value

    def get(self, address: str) -> str:
        return self._count(lambda: self._client.get(address, HTTP_ACCEPT="text/html"))

    def post(self, address: str, fields: Mapping[str, Any], *, script: bool = False) -> str:
        accept = "application/json" if script else "text/html"
        return self._count(lambda: self._client.post(address, dict(fields), HTTP_ACCEPT=accept))

    def post_json(self, address: str, body: str) -> str:
        return self._count(
            lambda: self._client.post(address, body, content_type="application/json")
        )

    def _count(self, ask: Any) -> str:
        from django.db import connection

        def counting(execute: Any, sql: Any, *rest: Any) -> Any:
            if not re.match(r"\s*(SAVEPOINT|RELEASE|ROLLBACK|SET)\b", str(sql)):
                self.statements += 1
            return execute(sql, *rest)

        with connection.execute_wrapper(counting):
            answer = ask()
        if answer.status_code not in {200, 302, 303}:
            raise SystemExit(f"{answer.request} answered {answer.status_code}")
        return str(answer.content.decode())


@dataclass
class Stage:
    """Everything that runs, and who there is: a name and the cookies of a browser of theirs."""

    running: Running
    web: int
    postgres: int
    bare: int
    bare_port: int
    cookies: dict[str, dict[str, str]]
    bare_cookies: dict[str, dict[str, str]]

    def asker(self, who: str) -> Asker:
        return Asker(self.running.demo.port, self.cookies[who])

    def bare_asker(self, who: str) -> Asker:
        return Asker(self.bare_port, self.bare_cookies[who])


@contextmanager
def staged() -> Iterator[Stage]:
    """The stage, from nothing, gone afterwards."""
    with started() as running:
        supervisor = _supervisor(running)
        web = meter.find(supervisor, "gunicorn")
        environment = meter.environment(web)
        _open_django(environment)
        learner = _graduate(running)
        people = {"visitor": "", "graduate": learner.email, **_cast()}
        cookies = {who: _signed_in(email) if email else {} for who, email in people.items()}
        _give_bare_its_tables(running)
        bare_environment = environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings"}
        with served("benchmarks.bare.wsgi:application", bare_environment) as (bare, port):
            yield Stage(
                running, web, meter.find(supervisor, "postgres"), bare, port, cookies,
                {who: _entered(port, email) if email else {} for who, email in people.items()},
            )  # fmt: skip


@contextmanager
def served(application: str, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """One more web server like that of the installation: its process and its port."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        tempfile.TemporaryFile() as log,
    ):
        command = [sys.executable, "-m", "gunicorn", "--config", "python:creditable.ops.webserver"]
        server = spawn(
            [*command, "--bind", f"fd://{listener.fileno()}", application],
            environment=environment,
            directory=ROOT,
            output=log,
            death_signal=signal.SIGTERM,
            keep=(listener.fileno(),),
        )
        port = listener.getsockname()[1]
        try:
            while not answers_http(port):
                if server.poll() is not None:
                    log.seek(0)
                    raise SystemExit(log.read().decode())
                time.sleep(0.02)
            yield server.pid, port
        finally:
            stop(server, order=(signal.SIGTERM, signal.SIGKILL), seconds=10)


def _supervisor(running: Running) -> int:
    """The process that `started` has begun."""
    return meter.find(os.getpid(), f"--port {running.demo.port}")


def _open_django(environment: Mapping[str, str]) -> None:
    """This process, too, becomes one of the installation's, as far as settings go."""
    import django

    os.environ.update(
        {
            name: value
            for name, value in environment.items()
            if name.startswith(("CREDITABLE_", "DJANGO_"))
        },
        CREDITABLE_POOL="0",
    )

    django.setup()


def _graduate(running: Running) -> Learner:
    """Somebody who has walked the whole path through the pages."""
    with Visitor(running.address) as browser:
        learner = Learner(running, browser)
        path.sign_up(learner)
        path.add_licenses(learner)
        path.choose(learner)
        path.buy(learner)
        path.read_lessons(learner)
        path.take_exam(learner)
        path.wait_for_certificates(learner)
        path.wait_for_board(learner)
    return learner


def _cast() -> dict[str, str]:
    """A reader with two licenses in the middle of the course, and an examinee."""
    from creditable.audit.clock import now
    from creditable.catalog.models import CourseVersion
    from tests.factories.learning import begin_exam, enroll, sit, sit_all
    from tests.factories.people import make_license, make_person

    version = CourseVersion.objects.get(course__slug=COURSE)
    reader = make_person(email="reader@example.com")
    make_license(reader)
    make_license(reader, authority="demo-state-board", number="J-55555")
    place = enroll(reader, version)
    ended = now() - timedelta(hours=4)
    for lesson in version.lessons.all()[:4]:
        sit(place, lesson, seconds=lesson.minutes * 30, until=ended)
        ended += timedelta(hours=1)
    examinee = make_person(email="examinee@example.com")
    place = enroll(examinee, version)
    sit_all(place)
    begin_exam(examinee, place)
    return {"reader": reader.email, "examinee": examinee.email}


def examinees(number: int) -> list[dict[str, str]]:
    """Cookies of as many people who may begin the exam of ten questions."""
    from creditable.catalog import importing, publishing
    from tests.factories.learning import BY, enroll, sit_all
    from tests.factories.people import make_person

    draft = importing.read_course(ROOT / "demo" / "electric" / "courses" / COURSE)
    ten = replace(draft, slug=TEN, exam=replace(draft.exam, questions=10), approvals=())
    version = publishing.publish(draft=ten, by=BY)
    found = []
    for place in range(number):
        person = make_person(email=f"examinee-{place}@example.com")
        sit_all(enroll(person, version))
        found.append(_signed_in(person.email))
    return found


def right_choices(sheet: str) -> list[dict[str, str]]:
    """What the script of an exam's sheet sends of each question, with the right answers."""
    from creditable.learning.models import AttemptQuestion

    page = lxml.html.document_fromstring(sheet)
    (attempt,) = page.xpath("//@data-attempt")
    (token,) = page.xpath("//form[@id='sheet']/input[@name='token']/@value")
    buttons = page.xpath("//form[@id='sheet']//button[@name='answer']/@value")
    return [
        {
            "token": token,
            "answer": buttons[item.position - 1],
            f"q{item.position}": str(item.order.index(item.question.answer)),
        }
        for item in AttemptQuestion.objects.select_related("question").filter(attempt=attempt)
    ]


def hidden(page: str, button: str) -> tuple[str, dict[str, str]]:
    """Where the form with this button leads, and what it sends of its own."""
    for form in lxml.html.document_fromstring(page).xpath("//form"):
        if any(button in pressed.text_content() for pressed in form.iter("button")):
            return str(form.get("action")), dict(form.form_values())
    raise LookupError(f"no button {button!r}")


def _signed_in(email: str) -> dict[str, str]:
    """The cookies of a browser in which this person has signed in."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    browser = Client()
    browser.force_login(get_user_model().objects.get(email=email))
    return {name: morsel.value for name, morsel in browser.cookies.items()}


def _give_bare_its_tables(running: Running) -> None:
    """Django's own table of sessions, which we do without, and one to save to."""
    url = Cluster(running.demo.data, DURABLE).urls["DATABASE_URL"]
    with psycopg.connect(url) as database:
        database.execute(
            "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,"
            " session_data text NOT NULL, expire_date timestamptz NOT NULL)"
        )
        database.execute("CREATE TABLE bare_save (person uuid PRIMARY KEY, at timestamptz)")
        database.execute("GRANT ALL ON django_session, bare_save TO creditable_app")


def _entered(port: int, email: str) -> dict[str, str]:
    """The cookies of a browser in which this person has signed in at the bare server."""
    line = http.client.HTTPConnection("localhost", port, timeout=60)
    line.request("GET", f"/enter/{email}/")
    answer = line.getresponse()
    if answer.status != 200:
        raise SystemExit(f"the bare server lets nobody in: {answer.status}")
    name, _, value = str(answer.getheader("Set-Cookie")).partition(";")[0].partition("=")
    return {name: value}


def token(page: str) -> str:
    """What the next report of a lesson's page has to show."""
    (clock,) = lxml.html.document_fromstring(page).xpath("//*[@id='clock']")
    return str(clock.get("data-token"))
