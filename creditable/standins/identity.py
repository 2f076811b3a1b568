"""A stand-in for three companies that vouch for people at sign-in: `/google` and `/openid` speak
OpenID Connect with PKCE, `/facebook` speaks OAuth 2.0 and the Graph's `/me`.

`python -m creditable.standins.identity --port 8005 --state DIR --people people.json`
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from creditable.standins import http, process
from creditable.standins.faults import Kind
from creditable.standins.http import Answer, Request, Standin, as_json, see_other
from creditable.standins.pages import Html, fault_forms, page, recorded_requests, tag
from creditable.standins.records import Document, Records

NAME = "Stand-in for sign-in companies."
NOTE = "No account of yours is asked for."
COMPANIES = {"google": "Google", "facebook": "Facebook", "openid": "Northwind Learning ID"}
GRAPH = "v21.0"
LASTS = 600
FAULTS = {
    "token.500": Kind("The token is asked for, and the company's system fails"),
    "token.slow": Kind("The token comes late", seconds=True),
    "token.audience": Kind("The ID token was made for another client"),
    "token.expired": Kind("The ID token is over"),
    "token.unsigned": Kind("The ID token has no signature (alg none)"),
    "token.nonce": Kind("The ID token answers another request"),
    "token.foreign_key": Kind("The ID token is signed with another key"),
    "keys.500": Kind("The keys are asked for, and the company's system fails"),
    "email.unverified": Kind("The e-mail address is not vouched for"),
}


@dataclass(frozen=True, slots=True)
class Somebody:
    """An account over there."""

    number: str
    name: str
    email: str


class Company:
    """One of the three: asks the person, hands out codes, changes them for tokens."""

    def __init__(
        self,
        standin: Standin,
        path: str,
        *,
        base: str,
        key: rsa.RSAPrivateKey,
        client: tuple[str, str],
        people: Sequence[Somebody],
    ) -> None:
        self._path, self._name = path, COMPANIES[path]
        self._issuer = f"{base}/{path}"
        self._records, self._faults, self._clock = standin.records, standin.faults, standin.clock
        self._key, self._client, self._people = key, client, people
        standin.route("GET", f"/{path}/authorize", self._ask)
        standin.route("POST", f"/{path}/authorize", self._decide)
        if path == "facebook":
            standin.route("POST", f"/{path}/{GRAPH}/oauth/access_token", self._token)
            standin.route("GET", f"/{path}/{GRAPH}/me", self._me)
        else:
            standin.route("POST", f"/{path}/token", self._token)
            standin.route("GET", f"/{path}/keys", self._keys)
            standin.route("GET", f"/{path}/oauth2/v3/certs", self._keys)
            standin.route("GET", f"/{path}/.well-known/openid-configuration", self._configuration)

    def _ask(self, request: Request) -> Answer:
        query = request.query
        back = urlsplit(query.get("redirect_uri", ""))
        if query.get("client_id") != self._client[0] or not back.netloc:
            text = "No client of this company asks for that. Go back and start again."
            return page(NAME, "Unknown client", tag("p", text), note=NOTE, status=400)
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query[name])}">'
            for name in ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
            if name in query
        )
        accounts = [
            tag(
                "button",
                tag("strong", one.name),
                tag("span", f" {one.email}", class_="soft"),
                name="number",
                value=one.number,
                class_="quiet",
            )
            for one in self._people
        ]
        form = tag(
            "form",
            Html(kept),
            *(tag("p", account) for account in accounts),
            tag("p", tag("button", "Cancel", name="number", value="", class_="quiet")),
            method="post",
            action=f"/{self._path}/authorize",
        )
        told = f"{back.netloc} gets to know your name and your e-mail address."
        return page(
            NAME,
            f"Choose an account at {self._name}",
            tag("div", tag("p", told), form, class_="card narrow"),
            note=NOTE,
            links={"What this stand-in has seen": "/standin/"},
            form_action=f"'self' {back.scheme}://{back.netloc}",
        )

    def _decide(self, request: Request) -> Answer:
        form = request.form()
        back = form.get("redirect_uri", "")
        if form.get("client_id") != self._client[0] or not urlsplit(back).netloc:
            return as_json({"error": "invalid_request"}, status=400)
        state = {"state": form.get("state", ""), "iss": self._issuer}
        if self._path == "facebook":
            del state["iss"]
        chosen = next((one for one in self._people if one.number == form.get("number")), None)
        if chosen is None:
            return see_other(_with(back, error="access_denied", **state))
        code = secrets.token_urlsafe(24)
        given = {
            "company": self._path,
            "number": chosen.number,
            "back": back,
            "challenge": form.get("code_challenge", ""),
            "nonce": form.get("nonce", ""),
            "until": self._clock() + LASTS,
        }
        self._records.put("code", code, given)
        return see_other(_with(back, code=code, **state))

    def _token(self, request: Request) -> Answer:
        slow = self._faults.strike("token.slow")
        if slow:
            time.sleep(slow.seconds)
        if self._faults.strike("token.500"):
            return as_json({"error": "server_error"}, status=500)
        form = request.form()
        told = (form.get("client_id", ""), form.get("client_secret", ""))
        if not all(map(hmac.compare_digest, told, self._client)):
            return as_json({"error": "invalid_client"}, status=401)
        with self._records.transaction():
            given = self._records.get("code", form.get("code", ""))
            if given is not None:
                self._records.delete("code", form["code"])
        if given is None or not self._fits(given, form):
            return as_json({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe(24)
        self._records.put("token", token, given)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LASTS}
        if self._path != "facebook":
            answer["id_token"] = self._id_token(given)
        return as_json(answer)

    def _fits(self, given: Document, form: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return (
            given["company"] == self._path
            and given["back"] == form.get("redirect_uri")
            and given["until"] > self._clock()
            and hmac.compare_digest(given["challenge"], challenge)
        )

    def _id_token(self, given: Document) -> str:
        one = self._person(given)
        now = int(self._clock())
        said = {
            "iss": self._issuer,
            "sub": one.number,
            "aud": "another-client" if self._strikes("token.audience") else self._client[0],
            "iat": now,
            "exp": now - LASTS if self._strikes("token.expired") else now + LASTS,
            "nonce": "another" if self._strikes("token.nonce") else given["nonce"],
            "name": one.name,
            "email": one.email,
            "email_verified": not self._strikes("email.unverified"),
            "picture": f"{self._issuer}/pictures/{one.number}",
            "locale": "en-US",
        }
        if self._strikes("token.unsigned"):
            return jwt.encode(said, "", algorithm="none", headers={"kid": self._path})
        key = _new_key() if self._strikes("token.foreign_key") else self._key
        return jwt.encode(said, key, algorithm="RS256", headers={"kid": self._path})

    def _strikes(self, fault: str) -> bool:
        return self._faults.strike(fault) is not None

    def _keys(self, request: Request) -> Answer:
        if self._strikes("keys.500"):
            return as_json({"error": "server_error"}, status=500)
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return as_json({"keys": [{**key, "kid": self._path, "use": "sig", "alg": "RS256"}]})

    def _configuration(self, request: Request) -> Answer:
        return as_json(
            {
                "issuer": self._issuer,
                "authorization_endpoint": f"{self._issuer}/authorize",
                "token_endpoint": f"{self._issuer}/token",
                "jwks_uri": f"{self._issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    def _me(self, request: Request) -> Answer:
        given = self._records.get("token", request.query.get("access_token", ""))
        if given is None or given["company"] != self._path:
            return as_json({"error": {"type": "OAuthException", "code": 190}}, status=400)
        one = self._person(given)
        told = {"id": one.number, "name": one.name, "email": one.email}
        asked = request.query.get("fields", "id,name").split(",")
        return as_json({field: told[field] for field in asked if field in told})

    def _person(self, given: Document) -> Somebody:
        return next(one for one in self._people if one.number == given["number"])


def _with(address: str, **more: str) -> str:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    return urlunsplit(parts._replace(query=query))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _key(file: Path) -> rsa.RSAPrivateKey:
    """The key with which it signs, made once."""
    if not file.exists():
        made = _new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.touch(mode=0o600)
        file.write_bytes(made)
    key = load_pem_private_key(file.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def main() -> None:
    parser = process.arguments("A stand-in for Google, Facebook and an OpenID provider.")
    parser.add_argument("--base", default="", help="address that browsers use")
    parser.add_argument("--client-id", default="standin-client")
    parser.add_argument("--client-secret", default="standin-secret")
    parser.add_argument("--people", type=Path, required=True, help="JSON: [{name, email}]")
    given = parser.parse_args()
    process.die_with_parent()
    folder = process.state_folder(given.state)
    records = Records(folder / "identity.sqlite3")
    tokens = ("/google/token", "/openid/token", f"/facebook/{GRAPH}/oauth/access_token")
    standin = Standin("Sign-in companies", records, faults=FAULTS, recorded=tokens, secret=tokens)
    server = http.server(standin, host=given.host, port=given.port)
    base = given.base.rstrip("/") or f"http://{given.host}:{server.server_address[1]}"
    people = [
        Somebody(f"1{number:020}", one["name"], one["email"])
        for number, one in enumerate(json.loads(given.people.read_text(encoding="utf-8")), 1)
    ]
    for path in COMPANIES:
        Company(
            standin,
            path,
            base=base,
            key=_key(folder / "key.pem"),
            client=(given.client_id, given.client_secret),
            people=people,
        )
    standin.route("GET", "/", lambda _: see_other("/standin/"))
    standin.route("GET", "/standin/", lambda _: _panel(standin))
    process.serve("identity", server, stop=records.close)


def _panel(standin: Standin) -> Answer:
    return page(
        NAME, "Tokens asked for", fault_forms(standin), recorded_requests(standin), note=NOTE
    )


if __name__ == "__main__":
    main()
