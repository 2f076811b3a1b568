"""The whole path, walked once a run: what it showed on the way, for the tests that look at it and
at what it left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.installation import Running, wait_until
from tests.journeys import path
from tests.journeys.path import Learner
from tests.journeys.visitor import Visitor

SIGN_IN = "/account/login/"


@dataclass
class Walk:
    """What a learner and the office have seen."""

    running: Running
    learner: Learner
    office: Visitor
    verdicts: str = ""
    order: int = 0
    lessons: int = 0
    serials: list[str] = field(default_factory=list)
    certificates: list[bytes] = field(default_factory=list)
    reports: list[dict[str, list[str]]] = field(default_factory=list)
    texas_list: str = ""

    @property
    def subject(self) -> str:
        """The random id under which the house knows the learner."""
        query = "SELECT subject_id::text FROM people_person WHERE email = %s"
        return str(self.running.value(query, self.learner.email))

    def come_in_again(self) -> None:
        """Signs in whoever was signed out meanwhile because they did nothing."""
        learner, office = self.learner.browser, self.office
        learner.open("/account/")
        if learner.path == SIGN_IN:
            path.sign_in(self.running, learner, self.learner.email)
        office.open("/console/")
        if office.path == SIGN_IN:
            path.enter_console(self.running, office)


@pytest.fixture
def walk(walked: Walk) -> Walk:
    """A stranger who has come as far as two accepted reports. Learner and office are signed in,
    however long other tests took since."""
    walked.come_in_again()
    wait_until(lambda: is_quiet(walked.running), "the last message to arrive")
    return walked


@pytest.fixture(scope="session")
def walked(installation: Running) -> Iterator[Walk]:
    """The walk itself, once a run."""
    with Visitor(installation.address) as browser, Visitor(installation.address) as office:
        yield _walked(Walk(installation, Learner(installation, browser), office))


def _walked(done: Walk) -> Walk:
    installation, learner, office = done.running, done.learner, done.office
    path.sign_up(learner)
    path.add_licenses(learner)
    done.verdicts = path.choose(learner)
    done.order = path.buy(learner)
    done.lessons = path.read_lessons(learner)
    path.take_exam(learner)
    path.enter_console(installation, office)
    done.serials = path.wait_for_certificates(learner)
    done.certificates = path.download_certificates(learner)
    done.reports.append(path.wait_for_board(learner))
    done.texas_list = path.enter_texas_receipt(installation, office, learner)
    done.reports.append(path.report_states(learner))
    wait_until(lambda: is_quiet(installation), "the last message to arrive")
    return done


def is_quiet(running: Running) -> bool:
    """Whether everything that should leave has left, and every answer is handled."""
    open_messages = "SELECT count(*) FROM disclosure_outbox WHERE NOT settled"
    unread = "SELECT count(*) FROM disclosure_reply WHERE handled_at IS NULL AND outcome <> 'retry'"
    return running.value(open_messages) == 0 and running.value(unread) == 0
