"""Pages in the middle of something, which open only after a step was taken: the crawl of all
addresses does not come to them."""

from django.conf import settings
from django.test import Client

from creditable.people.models import Person
from tests.credit.test_awards import license_of
from tests.factories import store
from tests.factories.catalog import make_course, survey
from tests.factories.credit import BOARD, make_award, make_review
from tests.factories.credit import make_course as make_board_course
from tests.factories.learning import enroll, sit_all, take_exam
from tests.factories.people import make_person
from tests.people.signing import code_for, sign_in_staff
from tests.people.signing import enroll as give_app
from tests.web.crawl import Seen, look

PASSWORD = "nine volts in a drawer"
ROLE = "midway"


def walk() -> list[Seen]:
    """Each of these pages, once, by people who have nothing else to do."""
    return [*signing_in(), *signed_in(), *learning(), *paying(), *reviewing()]


def signing_in() -> list[Seen]:
    person = make_person()
    new, known, forgetful = Client(), Client(), Client()
    new.post("/account/signup/", {"email": "new@example.com", "name": "Nia New"})
    seen = [look(new, "account_email_verification_sent", "/account/signup/code/")]
    known.post("/account/login/", {"login": person.email})
    seen.append(look(known, "account_confirm_login_code", "/account/login/code/"))
    give_app(person)
    known.post("/account/login/code/", {"code": code_for(person.email)})
    seen.append(look(known, "mfa_authenticate", "/account/login/second-step/"))
    other = make_person()
    forgetful.post("/account/password/", {"email": other.email})
    seen.append(look(forgetful, "account_confirm_password_reset_code", "/account/password/code/"))
    forgetful.post("/account/password/code/", {"code": code_for(other.email)})
    seen.append(look(forgetful, "account_complete_password_reset", "/account/password/new/"))
    return seen


def signed_in() -> list[Seen]:
    person = make_person()
    person.set_password(PASSWORD)
    person.save()
    browser = client_of(person)
    browser.post("/account/email/", {"email": "moved@example.com"})
    return [
        look(browser, "account:address_codes", "/account/email/codes/"),
        look(browser, "account_change_password", "/account/security/password/"),
        look(browser, "account_reauthenticate", "/account/security/again/"),
    ]


def learning() -> list[Seen]:
    person, asked = make_person(), make_person()
    browser = client_of(person)
    place = enroll(person, make_course(slug="passed"))
    sit_all(place)
    seen = [look(browser, "classroom:exam", "/learn/passed/exam/")]
    take_exam(person, place, right=4)
    seen.append(look(browser, "classroom:result", "/learn/passed/exam/1/"))
    seen.append(look(browser, "classroom:completed", "/learn/passed/completed/"))
    place = enroll(asked, make_course(slug="asked", evaluation=survey()))
    sit_all(place)
    take_exam(asked, place, right=4)
    evaluation = look(client_of(asked), "classroom:evaluation", "/learn/asked/evaluation/")
    return [*seen, evaluation]


def paying() -> list[Seen]:
    person = make_person()
    browser = client_of(person)
    browser.cookies[settings.BASKET_COOKIE_NAME] = store.make_basket(store.make_course_on_sale())
    seen = [look(browser, "shop:checkout", "/checkout/")]
    order = store.make_order(person, store.make_course_on_sale("test-instruments-in-practice"))
    store.answer("paypal.order", store.paypal_order(order, "PAYER_ACTION_REQUIRED"), status=201)
    seen.append(look(browser, "shop:checkout_progress", f"/checkout/{order.number}/"))
    return [*seen, look(browser, "shop:checkout_cancel", f"/checkout/{order.number}/cancel/")]


def reviewing() -> list[Seen]:
    """Somebody of an authority, at whose roster one learner stands."""
    learner, person = make_person(), make_person()
    license_of(learner, BOARD, "journeyman", "J-20202")
    make_award(learner.pk, make_board_course(BOARD))
    browser = Client()
    sign_in_staff(browser, person)
    review = make_review(person)
    return [look(browser, "account:review", f"/account/reviews/{review.pk}/")]


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
