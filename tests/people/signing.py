"""Reading the codes that were mailed, and signing in as a browser does."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from time import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from creditable.disclosure.models import Outbox
from creditable.people import vault
from creditable.people.models import Person


def mails_to(address: str) -> list[EmailMessage]:
    """What waits to leave for the address, oldest first."""
    rows = Outbox.objects.filter(channel="smtp", head__to=address).order_by("created_at", "id")
    return [message_from_bytes(bytes(row.body), policy=policy.default) for row in rows]


def text_of(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def code_for(address: str) -> str:
    """The code in the newest mail to the address."""
    newest = mails_to(address)[-1]
    found = re.search(r"Your code is (\d{6})\b|mailbox is (\d{6})\b", text_of(newest))
    assert found is not None, text_of(newest)
    return found[1] or found[2]


def wrong(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def enroll(person: Person) -> str:
    """Gives the person an authenticator app; the secret that it holds."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    return secret


def app_code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or that many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time()) // 30 + steps))


def secret_of(person: Person) -> str:
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return vault.open_sealed(kept.data["secret"].encode(), purpose="second factor").decode()


def sign_in_staff(client: Client, person: Person) -> None:
    """Signs the person in with the second factor shown, as the console wants it."""
    secret = enroll(person)
    client.force_login(person)
    answer = client.post("/account/security/second-step/again/", {"code": app_code(secret)})
    assert answer.status_code == 302, answer.content
