"""Staff enter a no that reached them by phone or letter, and never a yes."""

from typing import Any

import pytest
from django.test import Client

from creditable.disclosure import choices
from creditable.disclosure.models import Answer
from tests.factories.people import make_person
from tests.mail.mailing import agree
from tests.people.signing import sign_in_staff
from tests.promises import promise

pytestmark = pytest.mark.django_db


@promise("A16")
def test_a_no_by_phone_is_entered_with_what_was_said(policy: Any) -> None:
    ana, office = make_person(name="Ana Diaz"), make_person(role="office")
    agree(ana)
    desk = Client()
    sign_in_staff(desk, office)
    page = f"/console/people/{ana.pk}/choices/"
    assert page in desk.get(f"/console/people/{ana.pk}/").content.decode()
    assert desk.post(page, {"choice": "offers.email"}).status_code == 422, "how did they say so?"
    answer = desk.post(page, {"choice": "offers.email", "words": "Call of Nov 3: no more mail."})
    assert answer.status_code == 303
    assert not next(o for o in choices.options(ana.pk) if o.name == "offers.email").agrees
    receipt = Answer.objects.latest("at")
    assert (receipt.source, receipt.actor_id) == ("staff", office.pk)
    assert receipt.words.startswith("Call")


def test_a_yes_cannot_be_entered(policy: Any) -> None:
    ana, office = make_person(), make_person(role="office")
    desk = Client()
    sign_in_staff(desk, office)
    page = f"/console/people/{ana.pk}/choices/"
    offered = 'value="offers.email"'
    assert offered not in desk.get(page).content.decode(), "it is not agreed to"
    desk.post(page, {"choice": "offers.email", "words": "They want it.", "agrees": "1"})
    assert not Answer.objects.exists()
    agree(ana)
    assert offered in desk.get(page).content.decode(), "now there is a yes to take back"
