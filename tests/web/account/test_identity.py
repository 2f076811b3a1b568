"""Signing in by way of Google, Facebook and an OpenID provider, each played by the stand-in; the
calls are carried by the sender's own channel."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.test import Client

from creditable.disclosure import ledger, policies, replies
from creditable.disclosure.models import Outbox, Reply
from creditable.disclosure.replies import Answer
from creditable.egress import destinations, outbox
from creditable.egress.channels import open_channel
from creditable.egress.outbox import Message
from creditable.lib.actor import Actor
from creditable.people import identity_providers
from creditable.people.models import Identity, Person, Session
from creditable.policy import document
from tests.conftest import ROOT
from tests.factories.people import make_person
from tests.people.signing import app_code, enroll, mails_to, text_of
from tests.promises import promise
from tests.standins.fixtures import certificates, launching
from tests.standins.running import Running
from tests.web.crawl import look
from tests.web.test_forms import forms, wrong

__all__ = ["certificates"]

pytestmark = pytest.mark.django_db

ANA, ROBIN = "ana@example.com", "robin@example.com"
PEOPLE = [{"name": "Ana Diaz", "email": ANA}, {"name": "Robin Newcome", "email": ROBIN}]
NUMBERS = {email: f"1{place:020}" for place, email in enumerate((ANA, ROBIN), 1)}
SECRET = {"client_id": "standin-client", "client_secret": "standin-secret"}
RECEIVED = "/account/with/received/"
EVERY = ("google", "facebook", "openid")
ISSUING = ("google", "openid")


@pytest.fixture
def policy(db: None) -> Any:
    """That of the provider that lets others vouch."""
    published = document.load(ROOT / "demo" / "seminars" / "policy" / "1")
    policies.publish(policy=published, by=Actor.system("tests"))
    return published


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("identity")
    people = folder / "people.json"
    people.write_text(json.dumps(PEOPLE))
    with launching(folder, certificates) as launch:
        yield launch("identity", "--people", str(people))


@pytest.fixture(autouse=True)
def set_up(
    companies: Running, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The settings that an operator makes, and a sender that carries at once."""
    base = f"http://127.0.0.1:{companies.port}"
    secret = tmp_path / "identity.json"
    secret.write_text(json.dumps(SECRET))
    named = {
        name: {
            **entry,
            "client_id": "standin-client",
            "authorize": f"{base}/{name}/authorize",
            **({"issuer": f"{base}/{name}"} if name in ISSUING else {}),
        }
        for name, entry in configured.IDENTITY_PROVIDERS.items()
    }
    named["openid"]["name"] = "Northwind Learning ID"
    settings.IDENTITY_PROVIDERS = named
    entries = {
        name: {
            **configured.EGRESS_DESTINATIONS[name],
            "base_url": f"{base}/{name.partition('-')[0]}",
            "credentials_file": str(secret),
        }
        for name in ("google", "google-keys", "facebook", "openid")
    }
    reached = {name: open_channel(where) for name, where in destinations.read(entries).items()}

    def wait(outbox_id: UUID, **_more: object) -> Answer | None:
        row = Outbox.objects.get(id=outbox_id)
        message = Message(
            id=row.id,
            batch=row.batch,
            channel=row.channel,
            destination=row.destination,
            head=row.head,
            body=bytes(row.body),
            created_at=row.created_at,
            expires_at=row.expires_at,
            attempt=1,
            arrived=False,
        )
        outbox.settle(message, reached[row.destination].carry(message))
        return replies.handle(outbox_id=outbox_id)

    monkeypatch.setattr("creditable.disclosure.lane.wait", wait)
    identity_providers.named.cache_clear()
    yield
    companies.call("DELETE", "/standin/faults")
    identity_providers.named.cache_clear()
    for channel in reached.values():
        channel.close()


def led(client: Client, company: str = "google", **more: str) -> str:
    """Presses the button; the address at which the company asks."""
    answer = client.post(f"/account/with/{company}/", more)
    assert answer.status_code == 303, answer.content
    return str(answer.headers["Location"])


def agree(companies: Running, asked: str, email: str = ANA) -> str:
    """Chooses an account over there (none cancels); the address to which it leads back."""
    query = dict(parse_qsl(urlsplit(asked).query))
    body = urlencode(query | {"number": NUMBERS.get(email, "")})
    content_type = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = companies.call("POST", urlsplit(asked).path, body, headers=content_type)
    assert answer.status == 303, answer.body
    return answer.headers["Location"].removeprefix(configured.BASE_URL)


def come(client: Client, companies: Running, company: str = "google", email: str = ANA) -> Any:
    """There and back."""
    return client.get(agree(companies, led(client, company), email))


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def link(client: Client, companies: Running, company: str = "google", email: str = ANA) -> Any:
    come(client, companies, company, email)
    return client.post(RECEIVED)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@promise("B3")
class TestNewcomer:
    @pytest.mark.parametrize("company", ISSUING)
    def test_sees_what_was_said_before_anything_is_kept(
        self, client: Client, companies: Running, company: str
    ) -> None:
        answer = come(client, companies, company)
        assert answer.headers["Location"] == RECEIVED
        assert not Person.objects.exists()
        assert not Identity.objects.exists()
        page = said(client.get(RECEIVED))
        for told in ("Nothing of it is kept yet", NUMBERS[ANA], "Ana Diaz", ANA, "locale, picture"):
            assert told in page

    @pytest.mark.parametrize("company", ISSUING)
    def test_opens_an_account_with_it_and_may_write_another_name(
        self, client: Client, companies: Running, company: str
    ) -> None:
        come(client, companies, company)
        client.post(RECEIVED, {"name": "Anamaria Diaz"})
        assert is_in(client)
        person = Person.objects.get()
        assert (person.name, person.email) == ("Anamaria Diaz", ANA)
        assert EmailAddress.objects.get(user=person).verified
        kept = Identity.objects.get()
        assert (kept.provider, kept.number) == (company, NUMBERS[ANA])

    def test_is_kept_no_token_no_picture_and_no_answer(
        self, client: Client, companies: Running
    ) -> None:
        come(client, companies)
        client.post(RECEIVED, {"name": "Ana Diaz"})
        assert all(not bytes(reply.body) and not reply.head for reply in Reply.objects.all())
        sent = Outbox.objects.filter(topic="identity")
        assert sent.count() == 2
        assert all(not bytes(row.body) and not row.head for row in sent)

    def test_who_keeps_nothing_leaves_nothing(self, client: Client, companies: Running) -> None:
        come(client, companies)
        client.get("/account/signup/")
        assert not Person.objects.exists()
        assert not Identity.objects.exists()

    def test_of_facebook_cannot_open_an_account_with_an_address_it_does_not_vouch_for(
        self, client: Client, companies: Running
    ) -> None:
        come(client, companies, "facebook")
        assert "does not vouch that this address is yours" in said(client.get(RECEIVED))
        assert client.post(RECEIVED, {"name": "Ana Diaz"}).status_code == 422
        assert not Person.objects.exists()

    def test_with_an_address_that_is_not_vouched_for_cannot_either(
        self, client: Client, companies: Running
    ) -> None:
        companies.arm("email.unverified")
        come(client, companies)
        client.post(RECEIVED, {"name": "Ana Diaz"})
        assert not Person.objects.exists()


@promise("B3")
class TestKnown:
    @pytest.fixture
    def ana(self) -> Person:
        return make_person(email=ANA)

    @pytest.mark.parametrize("company", EVERY)
    def test_links_signs_in_and_unlinks(
        self, companies: Running, ana: Person, company: str
    ) -> None:
        here, elsewhere = signed_in(ana), Client()
        assert link(here, companies, company).headers["Location"] == "/account/security/"
        come(elsewhere, companies, company)
        assert is_in(elsewhere)
        assert Session.objects.filter(subject_id=ana.pk).count() == 2
        identity = Identity.objects.get()
        here.post(f"/account/with/{identity.pk}/unlink/")
        assert not Identity.objects.exists()
        late = Client()
        come(late, companies, company)
        assert not is_in(late)
        letters = [text_of(mail) for mail in mails_to(ANA)]
        assert sum("was linked" in letter for letter in letters) == 1
        assert sum("was unlinked" in letter for letter in letters) == 1

    def test_goes_on_to_the_page_that_was_asked_for(self, companies: Running, ana: Person) -> None:
        link(signed_in(ana), companies)
        elsewhere = Client()
        back = agree(companies, led(elsewhere, next="/account/licenses/"))
        assert elsewhere.get(back).headers["Location"] == "/account/licenses/"

    def test_reads_in_the_ledger_that_the_company_learned_of_it(
        self, companies: Running, ana: Person
    ) -> None:
        link(signed_in(ana), companies)
        come(Client(), companies)
        lines = [line for line in ledger.of(ana.pk) if line.recipient == "identity.google"]
        assert [(line.clause, line.channel) for line in lines] == [("signin.google", "web")] * 2

    def test_the_second_step_is_asked_for_as_ever(self, companies: Running, ana: Person) -> None:
        link(signed_in(ana), companies)
        secret = enroll(ana)
        elsewhere = Client()
        come(elsewhere, companies)
        assert not is_in(elsewhere)
        elsewhere.post("/account/login/second-step/", {"code": app_code(secret)})
        assert is_in(elsewhere)

    def test_a_company_that_is_no_longer_offered_can_still_be_unlinked(
        self, companies: Running, ana: Person, settings: Any
    ) -> None:
        here = signed_in(ana)
        link(here, companies)
        settings.IDENTITY_PROVIDERS = {
            name: {**entry, "client_id": ""} for name, entry in settings.IDENTITY_PROVIDERS.items()
        }
        identity_providers.named.cache_clear()
        assert "Unlink" in said(here.get("/account/security/"))
        here.post(f"/account/with/{Identity.objects.get().pk}/unlink/")
        assert not Identity.objects.exists()


@promise("B3")
class TestTakeover:
    """An account is reached by who owns it, whatever a company says."""

    def test_an_equal_address_links_nothing(self, client: Client, companies: Running) -> None:
        make_person(email=ANA)
        come(client, companies)
        answer = client.post(RECEIVED, {"name": "Ana Diaz"})
        assert answer.status_code == 422
        assert "an equal address links nothing" in said(answer)
        assert not is_in(client)
        assert not Identity.objects.exists()

    def test_one_that_is_not_vouched_for_says_not_even_whether_there_is_an_account(
        self, client: Client, companies: Running
    ) -> None:
        make_person(email=ANA)
        companies.arm("email.unverified")
        come(client, companies)
        answer = client.post(RECEIVED, {"name": "Ana Diaz"})
        assert "has an account" not in said(answer).replace("You have an account?", "")
        assert not is_in(client)

    def test_who_is_linked_to_one_account_cannot_be_linked_to_another(
        self, companies: Running
    ) -> None:
        ana, robin = make_person(email=ANA), make_person(email=ROBIN)
        link(signed_in(ana), companies)
        assert link(signed_in(robin), companies).status_code == 409
        assert Identity.objects.get().subject_id == ana.pk

    def test_one_company_vouches_once_for_a_person(self, companies: Running) -> None:
        ana = make_person(email=ANA)
        here = signed_in(ana)
        link(here, companies)
        assert link(here, companies, email=ROBIN).status_code == 409
        assert Identity.objects.count() == 1

    def test_somebody_elses_link_cannot_be_cut(self, companies: Running) -> None:
        ana, robin = make_person(email=ANA), make_person(email=ROBIN)
        link(signed_in(ana), companies)
        identity = Identity.objects.get()
        answer = signed_in(robin).post(f"/account/with/{identity.pk}/unlink/")
        assert answer.status_code == 404
        assert Identity.objects.exists()

    def test_an_answer_to_somebody_signed_out_links_nothing_to_who_signed_in_since(
        self, client: Client, companies: Running
    ) -> None:
        asked = led(client)
        ana = make_person(email=ANA)
        client.force_login(ana)
        answer = client.get(agree(companies, asked, ROBIN))
        assert answer.status_code == 422
        assert not Identity.objects.exists()


@promise("B3")
class TestForgedAnswers:
    def failed(self, client: Client, answer: Any, words: str) -> None:
        assert answer.status_code in {422, 503}
        assert words in said(answer)
        assert not is_in(client)
        assert not Identity.objects.exists()
        assert client.get(RECEIVED).status_code == 302

    def test_without_a_state(self, client: Client, companies: Running) -> None:
        back = agree(companies, led(client))
        path, query = back.split("?")
        kept = {name: values[0] for name, values in parse_qs(query).items() if name != "state"}
        self.failed(client, client.get(path, kept), "does not belong to anything")

    def test_with_the_state_of_another(self, client: Client, companies: Running) -> None:
        attacker = Client()
        back = agree(companies, led(attacker), ROBIN)
        led(client)
        self.failed(client, client.get(back), "does not belong to anything")

    def test_in_a_browser_that_asked_nothing(self, client: Client, companies: Running) -> None:
        back = agree(companies, led(Client()), ROBIN)
        client.post("/account/login/", {"login": ANA})
        self.failed(client, client.get(back), "does not belong to anything")

    def test_heard_twice(self, client: Client, companies: Running) -> None:
        back = agree(companies, led(client))
        client.get(back)
        answer = client.get(back)
        assert answer.status_code == 422
        assert "does not belong to anything" in said(answer)

    def test_a_code_used_before(self, client: Client, companies: Running) -> None:
        back = agree(companies, led(client))
        client.get(back)
        used = parse_qs(urlsplit(back).query)["code"][0]
        again = Client()
        state = parse_qs(urlsplit(led(again)).query)["state"][0]
        answer = again.get("/account/with/google/back/", {"code": used, "state": state})
        self.failed(again, answer, "did not answer us in time")

    def test_a_code_of_another_browsers_question(self, client: Client, companies: Running) -> None:
        """PKCE: the code is worth nothing without the word that only its browser's session has."""
        stolen = parse_qs(urlsplit(agree(companies, led(Client()), ROBIN)).query)["code"][0]
        state = parse_qs(urlsplit(led(client)).query)["state"][0]
        answer = client.get("/account/with/google/back/", {"code": stolen, "state": state})
        self.failed(client, answer, "did not answer us in time")

    def test_two_companies_mixed_up(self, client: Client, companies: Running) -> None:
        back = agree(companies, led(client, "openid"))
        mixed = back.replace("/with/openid/", "/with/google/")
        self.failed(client, client.get(mixed), "does not belong to anything")

    def test_a_company_that_gives_itself_out_for_another(
        self, client: Client, companies: Running
    ) -> None:
        back = agree(companies, led(client)).replace("%2Fgoogle&", "%2Fopenid&")
        back = re.sub(r"iss=[^&]*", "iss=https%3A%2F%2Fevil.example", back)
        self.failed(client, client.get(back), "does not belong to anything")

    def test_after_ten_minutes(
        self, client: Client, companies: Running, move_clock: Callable[..., None]
    ) -> None:
        from datetime import timedelta

        back = agree(companies, led(client))
        move_clock(timedelta(minutes=11))
        self.failed(client, client.get(back), "does not belong to anything")

    @pytest.mark.parametrize(
        "fault",
        ["audience", "expired", "unsigned", "nonce", "foreign_key"],
    )
    def test_a_token_that_is_not_for_us_now(
        self, client: Client, companies: Running, fault: str
    ) -> None:
        companies.arm(f"token.{fault}")
        self.failed(client, come(client, companies), "could not be believed")

    @pytest.mark.parametrize("fault", ["token.500", "keys.500"])
    def test_a_company_that_fails(self, client: Client, companies: Running, fault: str) -> None:
        companies.arm(fault)
        self.failed(client, come(client, companies), "did not answer us in time")

    def test_a_company_that_is_slow(
        self, client: Client, companies: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("creditable.disclosure.lane.wait", lambda *args, **more: None)
        self.failed(client, come(client, companies), "did not answer us in time")

    def test_who_does_not_agree(self, client: Client, companies: Running) -> None:
        self.failed(client, come(client, companies, email=""), "You did not agree")


@promise("B3")
class TestOffer:
    @pytest.mark.parametrize("page", ["login/", "signup/"])
    def test_each_company_is_offered(self, client: Client, page: str) -> None:
        words = said(client.get(f"/account/{page}"))
        for name in ("Google", "Facebook", "Northwind Learning ID"):
            assert f"Continue with {name}" in words

    def test_nothing_is_offered_that_the_policy_does_not_permit(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from creditable.policy import decide

        electric = document.load(ROOT / "demo" / "electric" / "policy" / "1")
        monkeypatch.setattr(policies, "decisions", lambda: decide.compile(electric))
        assert "Continue with" not in said(client.get("/account/login/"))
        assert client.get("/account/with/google/").status_code == 404

    def test_the_browser_is_led_with_a_challenge_and_no_secret(self, client: Client) -> None:
        query = parse_qs(urlsplit(led(client)).query)
        assert query["code_challenge_method"] == ["S256"]
        assert query["scope"] == ["openid email profile"]
        assert query["redirect_uri"] == [f"{configured.BASE_URL}/account/with/google/back/"]
        assert {"state", "nonce", "code_challenge"} <= query.keys()
        assert "standin-secret" not in str(query)

    def test_only_the_page_that_leads_there_lets_a_form_end_there(
        self, client: Client, companies: Running
    ) -> None:
        origin = f"form-action 'self' http://127.0.0.1:{companies.port}"
        header = "Content-Security-Policy"
        assert origin in client.get("/account/with/google/").headers[header]
        assert origin not in client.get("/account/login/").headers[header]
        come(client, companies)
        assert origin not in client.get(RECEIVED).headers[header]

    def test_who_is_signed_out_is_given_no_cookie_for_looking(self, client: Client) -> None:
        assert not client.get("/account/with/google/").cookies

    @promise("C3")
    def test_its_forms_say_what_they_ask_for(
        self, client: Client, companies: Running, policy: Any
    ) -> None:
        leaving = look(client, "account:identity_leave", "/account/with/google/")
        come(client, companies)
        page = look(client, "account:identity_received", RECEIVED)
        asked = [form for seen in (leaving, page) for form in forms(seen)]
        assert {form.notice for form in asked} == {"identity"}
        assert [fault for form in asked for fault in wrong(form, policy)] == []
