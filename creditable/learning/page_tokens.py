"""What a page of the classroom sends back with each save: signed by us, for one person in one
browser, so that neither session nor person has to be loaded to believe it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from creditable.lib import tokens
from creditable.lib.refusal import Refused


def sign(said: Mapping[str, Any], *, purpose: str, subject_id: UUID, session: str) -> str:
    """The token. `session` is the digest of the browser's session: in another browser the token
    is worthless."""
    whole = {**said, "p": str(subject_id), "n": session}
    return tokens.sign(whole, key=settings.TOKEN_KEY, purpose=purpose)


def read(token: str, *, purpose: str, session: str) -> dict[str, Any]:
    """What was signed, with the person as `p`. Refused when the token is not ours, was made for
    something else, or for another browser than that of this session."""
    try:
        said = tokens.read(token, key=settings.TOKEN_KEY, purpose=purpose)
    except tokens.BadToken:
        raise Refused(_("This page has grown old. Reload it to go on."), code="token") from None
    if said["n"] != session:
        raise Refused(
            _("This page was opened in another sign-in. Reload it to go on."), code="session"
        )
    return said
