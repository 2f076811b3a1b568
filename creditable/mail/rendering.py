"""From a kind and its values to the mail itself."""

import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape, urlize
from django.utils.safestring import mark_safe

from creditable.disclosure.messages import Mail


def render(kind: str, values: Mapping[str, object], key: str) -> Mail:
    """The mail of this kind. Its Message-ID is derived from the release's key, so that the same
    mail sent again after a crash is the same mail."""
    context = {**values, "base_url": settings.BASE_URL}
    source = render_to_string(f"mail/{kind}.txt", context)
    first, _, text = source.strip().partition("\n")
    subject = first.removeprefix("Subject: ").strip()
    text = text.strip() + "\n"
    name, address = parseaddr(settings.MAIL_FROM)
    domain = address.rpartition("@")[2]
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return Mail(
        sender=str(Address(name, addr_spec=address)),
        to=str(values["email"]),
        subject=subject,
        text=text,
        html=render_to_string(
            "mail/frame.html", {**context, "subject": subject, "paragraphs": _paragraphs(text)}
        ),
        message_id=f"<{digest}@{domain}>",
    )


def _paragraphs(text: str) -> list[str]:
    blocks = text.strip().split("\n\n")
    return [mark_safe(urlize(escape(block)).replace("\n", "<br>")) for block in blocks]  # noqa: S308
