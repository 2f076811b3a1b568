"""Every page of the path, on a phone and at a desk, in light and in dark."""

from collections.abc import Callable

import pytest

from tests.browser import axe
from tests.browser.chromium import (
    DESK,
    NARROWEST,
    PHONE,
    SCREENSHOTS,
    Device,
    overflow,
    plain,
    save,
)
from tests.journeys.path import COURSE, TEXAS, open_where_the_factor_is_asked_anew
from tests.journeys.walk import Walk

pytestmark = pytest.mark.browser

STRANGER = {
    "home": "/",
    "catalog": "/courses/",
    "course": f"/courses/{COURSE}/",
    "basket": "/basket/",
    "privacy": "/privacy/",
    "contact": "/contact/",
    "verify": "/verify/",
    "hours": "/hours/",
    "hours of": "/hours/US-TX-BHEC-LPC/",
    "verified": "/verify/{serial}/",
    "sign up": "/account/signup/",
    "sign in": "/account/login/",
    "sign in with password": "/account/login/password/",
    "demo": "/demo/",
}
LEARNER = {
    "my course page": f"/courses/{COURSE}/",
    "paid": "/checkout/{order}/done/",
    "learning": "/learn/",
    "my course": f"/learn/{COURSE}/",
    "lesson": f"/learn/{COURSE}/deenergize-lock-verify/",
    "practice": f"/learn/{COURSE}/practice/",
    "exam": f"/learn/{COURSE}/exam/",
    "result": f"/learn/{COURSE}/exam/1/",
    "completed": f"/learn/{COURSE}/completed/",
    "record": f"/learn/{COURSE}/record/",
    "account": "/account/",
    "licenses": "/account/licenses/",
    "license": "/account/licenses/add/",
    "license answers": "/account/licenses/{license}/answers/",
    "plan": "/account/plan/",
    "credits": "/account/credits/",
    "proof": "/account/credits/{credit}/proof/",
    "documents": "/account/documents/",
    "choices": "/account/choices/",
    "orders": "/account/orders/",
    "order": "/account/orders/{order}/",
    "certificates": "/account/certificates/",
    "reports": "/account/reports/",
    "ledger": "/account/privacy/",
    "messages": "/account/messages/",
    "security": "/account/security/",
    "email": "/account/email/",
}
OFFICE = {
    "console": "/console/",
    "console components": "/console/ui/",
    "console books": "/console/books/",
    "console evaluations": "/console/evaluations/",
    "console accommodations": "/console/people/{subject}/accommodations/",
    "console certificate": "/console/certificates/{serial}/",
    "console calculator": "/console/calculator/?minutes=120&words=9000&film=30&questions=20",
    "console completions": "/console/completions/",
    "console reviews": "/console/reviews/",
    "console reports": "/console/reports/",
    "console roster": "/console/reports/rosters/{roster}/",
    "console orders": "/console/orders/",
    "console order": "/console/orders/{order}/",
    "console people": "/console/people/?q=Rosalind",
    "console person": "/console/people/{subject}/",
    "console cases": "/console/cases/",
    "console changes": "/console/changes/",
    "console legal": "/console/legal/",
    "console legal new": "/console/legal/new/",
    "console campaigns": "/console/campaigns/",
    "console campaigns new": "/console/campaigns/new/",
    "console lists": "/console/rentals/",
    "console banners": "/console/banners/",
    "console roles": "/console/roles/",
}

ASKED_ANEW = {"/console/completions/"}
"""Pages of the office that ask for the second factor again."""
LICENSE = """
SELECT license.id::text FROM people_license AS license
JOIN people_person AS person USING (subject_id)
WHERE person.email = %s AND license.authority LIKE 'us-tx%%'
"""
CREDIT = """
SELECT credit.id::text FROM credit_heldcredit AS credit
JOIN people_person AS person USING (subject_id) WHERE person.email = %s
"""
TWICE = """
() => [...document.querySelectorAll("[id]")].map((one) => one.id)
  .filter((id, place, all) => all.indexOf(id) !== place)
"""


@pytest.fixture
def known(walk: Walk) -> dict[str, object]:
    """What stands in the addresses."""
    roster = "SELECT number FROM credit_roster WHERE authority LIKE 'us-tx%%' ORDER BY created_at"
    return {
        "serial": walk.serials[0],
        "order": walk.order,
        "subject": walk.subject,
        "roster": walk.running.value(roster),
        "license": walk.running.value(LICENSE, walk.learner.email),
        "credit": credit_of(walk),
    }


def credit_of(walk: Walk) -> object:
    """Hours from elsewhere, which the learner tells of where nobody did yet."""
    found = walk.running.value(CREDIT, walk.learner.email)
    if found is None:
        browser = walk.learner.browser
        browser.open("/account/credits/")
        browser.press(
            "Save",
            {
                "Credited by": TEXAS,
                "Course": "Conduit fill at the college",
                "Course number": "TX-77",
                "Completed on": "2026-02-03",
                "Hours": "1",
            },
        )
        found = walk.running.value(CREDIT, walk.learner.email)
    return found


def visit(device: Device, name: str, path: str) -> None:
    """Looks at a page in every size and color, and at what a page must never do."""
    page = device.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, f"{path} answered {answer.status}"
    if path in ASKED_ANEW:
        assert page.url.endswith(path), "the second factor was asked for"
    assert page.locator("h1").count() == 1
    assert page.locator("html[lang]").count() == 1
    assert page.evaluate(TWICE) == [], f"{path} uses an id twice, so a label leads astray"
    page.evaluate("scrollTo(0, 0)")  # a lesson opens at the place that was left
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        save(page, SCREENSHOTS / "pages" / f"{plain(name)}-390-{scheme}.png")
    assert overflow(page) == 0, f"{path} is {overflow(page)} px too wide for a phone"
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        save(page, SCREENSHOTS / "pages" / f"{plain(name)}-1280-{scheme}.png")
    assert axe.findings(page) == [], path
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    assert overflow(page) == 0, f"{path} is {overflow(page)} px too wide for {NARROWEST} px"


@pytest.mark.parametrize("name", STRANGER)
def test_a_strangers_page(
    device: Callable[..., Device], known: dict[str, object], name: str
) -> None:
    stranger = device()
    visit(stranger, name, STRANGER[name].format(**known))
    assert stranger.cookies() == {}


@pytest.mark.parametrize("name", LEARNER)
def test_a_learners_page(
    device: Callable[..., Device], walk: Walk, known: dict[str, object], name: str
) -> None:
    learner = device()
    learner.take(walk.learner.browser.cookies)
    visit(learner, name, LEARNER[name].format(**known))


@pytest.mark.parametrize("name", OFFICE)
def test_a_page_of_the_office(
    device: Callable[..., Device], walk: Walk, known: dict[str, object], name: str
) -> None:
    if OFFICE[name] in ASKED_ANEW:
        open_where_the_factor_is_asked_anew(walk.running, walk.office, OFFICE[name])
    office = device()
    office.take(walk.office.cookies)
    visit(office, name, OFFICE[name].format(**known))
