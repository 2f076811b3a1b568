"""What is believed of what an identity provider says."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from creditable.people import claims
from creditable.people.claims import Claims, NotBelieved
from tests.promises import promise

ISSUER, CLIENT, NONCE = "https://accounts.example.com", "client-1", "n-0S6_WzA2Mj"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
KEYS = {"keys": [PUBLIC | {"kid": "k1", "use": "sig", "alg": "RS256"}]}


def said(**changes: object) -> dict[str, object]:
    now = int(time.time())
    sound = {
        "iss": ISSUER,
        "sub": "110169484474386276334",
        "aud": CLIENT,
        "iat": now,
        "exp": now + 600,
        "nonce": NONCE,
        "name": "Ana Diaz",
        "email": "ana@example.com",
        "email_verified": True,
        "picture": "https://accounts.example.com/ana",
    }
    return {key: value for key, value in (sound | changes).items() if value is not None}


def signed(told: dict[str, object], key: Any = KEY, **more: Any) -> str:
    options = {"algorithm": "RS256", "headers": {"kid": "k1"}} | more
    return jwt.encode(told, key, **options)


def read(token: str) -> Claims:
    return claims.of_token(token, KEYS, issuer=ISSUER, client_id=CLIENT, nonce=NONCE)


@promise("B3")
def test_what_was_signed_for_us_now_and_in_answer_is_believed() -> None:
    assert read(signed(said())) == Claims(
        "110169484474386276334", "Ana Diaz", "ana@example.com", True, ("picture",)
    )


@promise("B3")
@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(said(aud="client-2")), id="made for another"),
        pytest.param(signed(said(aud=[CLIENT, "client-2"])), id="made for two"),
        pytest.param(signed(said(aud=[CLIENT, "c2"], azp="c2")), id="made by way of another"),
        pytest.param(signed(said(iss="https://evil.example")), id="another issuer"),
        pytest.param(signed(said(exp=int(time.time()) - 61)), id="over"),
        pytest.param(signed(said(exp=None)), id="without an end"),
        pytest.param(signed(said(nonce="another")), id="another request"),
        pytest.param(signed(said(nonce=None)), id="no request"),
        pytest.param(signed(said(sub=None)), id="nobody"),
        pytest.param(signed(said(sub="")), id="an empty number"),
        pytest.param(signed(said(sub="9" * 256)), id="too long a number"),
        pytest.param(signed(said(), OTHER), id="another key"),
        pytest.param(signed(said(), headers={"kid": "k2"}), id="an unknown key"),
        pytest.param(signed(said(), headers={}), id="no key named"),
        pytest.param(signed(said(), None, algorithm="none"), id="alg none"),
        pytest.param(signed(said(), PUBLIC["n"], algorithm="HS256"), id="the public key as secret"),
        pytest.param(signed(said())[:-4], id="cut off"),
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="nonsense"),
    ],
)
def test_anything_else_is_not(token: str) -> None:
    with pytest.raises(NotBelieved):
        read(token)


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "k1"}, {"keys": [{"kid": "k1"}]}])
def test_without_its_keys_nothing_is_believed(keys: dict[str, Any]) -> None:
    with pytest.raises(NotBelieved):
        claims.of_token(signed(said()), keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_only_a_plain_yes_vouches_for_an_address(verified: object) -> None:
    assert not read(signed(said(email_verified=verified))).email_verified


def test_facebook_vouches_for_no_address() -> None:
    told = {"id": "10150", "name": "Ana Diaz", "email": "ana@example.com", "email_verified": True}

    assert claims.of_profile(told) == Claims("10150", "Ana Diaz", "ana@example.com", False, ())


@pytest.mark.parametrize("told", [[], {}, {"id": 7}, {"id": ""}, "ana"])
def test_a_profile_of_nobody_is_not_believed(told: object) -> None:
    with pytest.raises(NotBelieved):
        claims.of_profile(told)
