"""The office's pages for campaigns."""

from collections.abc import Callable

import pytest
from django.test import Client

from creditable.outreach.models import Campaign
from tests.factories.people import make_person
from tests.mail.mailing import agree
from tests.people.signing import mails_to, sign_in_staff
from tests.promises import promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]

TOLD = {
    "topic": "offers.email",
    "headline": "News",
    "text": "There <b>is</b> news.",
    "authority": "",
}


@pytest.fixture
def office() -> Client:
    client = Client()
    sign_in_staff(client, make_person(name="Mo Writer", role="outreach"))
    return client


@promise("A15")
def test_a_campaign_is_written_looked_at_begun_and_watched(
    office: Client, run_jobs: Callable[[], int]
) -> None:
    ana = make_person(name="Ana Diaz")
    agree(ana)
    page = office.post("/console/campaigns/new/", TOLD)["Location"]
    shown = office.get(page).content.decode()
    assert "<strong>1</strong> person gets it." in shown
    assert "has not agreed to mail about new courses" in shown, "the member of staff themselves"
    assert "There &lt;b&gt;is&lt;/b&gt; news." in shown
    assert "Ana Diaz" not in shown
    office.post(f"{page}edit/", TOLD | {"headline": "Better news"})
    office.post(f"{page}turn/", {"action": "start"})
    assert "On its way" in office.get(page).content.decode()
    office.post(f"{page}turn/", {"action": "pause"})
    run_jobs()
    assert not [mail for mail in mails_to(ana.email) if mail["Subject"] == "Better news"]
    office.post(f"{page}turn/", {"action": "resume"})
    run_jobs()
    assert [mail for mail in mails_to(ana.email) if mail["Subject"] == "Better news"]
    shown = office.get(page).content.decode()
    assert "2 of 2" in shown
    assert "<strong>1</strong> person was written to." in shown


@pytest.mark.parametrize(
    "changed", [{"topic": ""}, {"topic": "share.others"}, {"headline": ""}, {"text": " "},
                {"authority": "nowhere"}, {"headline": "x" * 200}]
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it(office: Client, changed: dict[str, str]) -> None:
    assert office.post("/console/campaigns/new/", TOLD | changed).status_code == 422
    assert not Campaign.objects.exists()


def test_buttons_that_do_not_fit_any_more_change_nothing(office: Client) -> None:
    page = office.post("/console/campaigns/new/", TOLD)["Location"]
    assert office.post(f"{page}turn/", {"action": "resume"}).status_code == 409
    assert office.post(f"{page}turn/", {"action": "x"}).status_code == 422
    assert office.post(f"{page}turn/").status_code == 422
    assert Campaign.objects.get().state == "draft"


def test_other_roles_write_to_nobody(office: Client) -> None:
    page = office.post("/console/campaigns/new/", TOLD)["Location"]
    clerk = Client()
    sign_in_staff(clerk, make_person(role="office"))
    assert clerk.post(f"{page}turn/", {"action": "start"}).status_code == 403
    assert clerk.get(page).status_code == 403
