"""The stand-in for sign-in companies keeps to what is published."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from tests.standins.running import Reply, Running

BACK = "http://shop.test/back/"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN = {"google": "/google/token", "facebook": "/facebook/v21.0/oauth/access_token"}


@pytest.fixture
def companies(launch: Callable[..., Running], tmp_path: Path) -> Running:
    people = tmp_path / "people.json"
    people.write_text(json.dumps([{"name": "Ana Diaz", "email": "ana@example.com"}]))
    return launch("identity", "--people", str(people))


def post(companies: Running, path: str, **fields: str) -> Reply:
    return companies.call("POST", path, urlencode(fields), headers=FORM)


def code(companies: Running, company: str, number: str = f"1{1:020}") -> dict[str, list[str]]:
    answer = post(
        companies,
        f"/{company}/authorize",
        client_id="standin-client",
        redirect_uri=BACK,
        state="s 1",
        nonce="n1",
        code_challenge=CHALLENGE,
        number=number,
    )
    assert answer.status == 303
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def exchange(companies: Running, company: str, given: str, **more: str) -> Reply:
    fields = {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": "standin-client",
        "client_secret": "standin-secret",
    }
    return post(companies, TOKEN[company], **fields | more)


def test_it_describes_itself(companies: Running) -> None:
    told = companies.call("GET", "/openid/.well-known/openid-configuration").json

    assert told["issuer"] == f"http://127.0.0.1:{companies.port}/openid"
    assert told["code_challenge_methods_supported"] == ["S256"]


def test_it_asks_and_escapes_what_it_was_told(companies: Running) -> None:
    asked = {"client_id": "standin-client", "redirect_uri": BACK, "state": '"><script>'}
    answer = companies.call("GET", f"/google/authorize?{urlencode(asked)}")

    assert b"Ana Diaz" in answer.body
    assert b"<script>" not in answer.body
    assert "form-action 'self' http://shop.test" in answer.headers["Content-Security-Policy"]


def test_a_code_is_worth_a_token_that_its_key_signed_once(companies: Running) -> None:
    given = code(companies, "google")
    told = exchange(companies, "google", given["code"][0]).json
    keys = jwt.PyJWKSet.from_dict(companies.call("GET", "/google/keys").json)
    said = jwt.decode(
        told["id_token"], keys.keys[0], algorithms=["RS256"], audience="standin-client"
    )

    assert (given["state"], said["nonce"], said["email"]) == (["s 1"], "n1", "ana@example.com")
    assert exchange(companies, "google", given["code"][0]).json == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "guessed"}, "invalid_client"),
        ({"code_verifier": "guessed"}, "invalid_grant"),
        ({"redirect_uri": "http://evil.test/"}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
    ],
)
def test_a_code_is_worth_nothing_to_others(
    companies: Running, change: dict[str, str], error: str
) -> None:
    given = code(companies, "google")

    assert exchange(companies, "google", given["code"][0], **change).json == {"error": error}


def test_the_code_of_one_company_is_nothing_to_another(companies: Running) -> None:
    given = code(companies, "facebook")

    assert exchange(companies, "google", given["code"][0]).status == 400


def test_the_graph_tells_the_fields_that_were_asked_for(companies: Running) -> None:
    token = exchange(companies, "facebook", code(companies, "facebook")["code"][0]).json
    me = "/facebook/v21.0/me?fields=id,email&access_token="

    assert companies.call("GET", me + token["access_token"]).json == {
        "id": f"1{1:020}",
        "email": "ana@example.com",
    }
    assert companies.call("GET", me + "guessed").status == 400
    assert "id_token" not in token


def test_who_cancels_is_led_back_with_an_error(companies: Running) -> None:
    assert code(companies, "google", number="")["error"] == ["access_denied"]
