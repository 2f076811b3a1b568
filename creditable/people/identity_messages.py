"""What is said to identity providers. The client's secret is added by the sender."""

from collections.abc import Sequence
from urllib.parse import urlencode

from creditable.disclosure.messages import Request
from creditable.disclosure.templates import Line

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def exchange(lines: Sequence[Line], key: str) -> Request:
    """A one-time code for the tokens it stands for (RFC 6749 4.1.3, RFC 7636 4.5)."""
    values = {name: str(value) for name, value in lines[0].values.items()}
    form = {
        "grant_type": "authorization_code",
        "code": values["code"],
        "redirect_uri": values["back"],
        "code_verifier": values["verifier"],
    }
    return Request(values["destination"], "POST", values["path"], FORM, urlencode(form).encode())


def keys(lines: Sequence[Line], key: str) -> Request:
    """The keys with which it signs now (RFC 7517)."""
    values = {name: str(value) for name, value in lines[0].values.items()}
    return Request(values["destination"], "GET", values["path"])


def profile(lines: Sequence[Line], key: str) -> Request:
    """Whom the token stands for, as Facebook's Graph tells it."""
    values = {name: str(value) for name, value in lines[0].values.items()}
    asked = urlencode({"fields": "id,name,email", "access_token": values["token"]})
    return Request(values["destination"], "GET", f"{values['path']}?{asked}")
