"""From a kind and its values to the mail itself."""

import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape, urlize
from django.utils.safestring import mark_safe

from creditable.disclosure import policies
from creditable.disclosure.messages import Mail
from creditable.mail import links, return_address
from creditable.mail.links import Link
from creditable.mail.return_address import Mailing, Use


def render(
    kind: str,
    values: Mapping[str, object],
    key: str,
    *,
    subject_id: UUID,
    choice: str,
    secret: bool,
) -> Mail:
    """The mail of this kind. Its Message-ID is derived from the release's key, so that the same
    mail sent again after a crash is the same mail. Below the text stands why it comes; a mail
    that can be refused says how, in its text and in its headers."""
    context = {**values, "base_url": settings.BASE_URL}
    source = render_to_string(f"mail/{kind}.txt", context)
    first, _, text = source.strip().partition("\n")
    subject = first.removeprefix("Subject: ").strip()
    mailing = Mailing(subject_id, return_address.number(key))
    link = Link(subject_id, choice, mailing.number)
    foot = render_to_string(
        "mail/foot.txt",
        {
            "base_url": settings.BASE_URL,
            "choice": choice and policies.choice_label(choice),
            "secret": secret,
            "by_reply": bool(settings.MAIL_REPLIES),
            **({"stop": links.stop(link), "why": links.why(link)} if choice else {}),
        },
    ).strip()
    name, address = parseaddr(settings.MAIL_FROM)
    domain = address.rpartition("@")[2]
    return Mail(
        sender=str(Address(name, addr_spec=address)),
        to=str(values["email"]),
        subject=subject,
        text=f"{text.strip()}\n" + (f"\n-- \n{foot}\n" if foot else ""),
        html=render_to_string(
            "mail/frame.html",
            {
                **context,
                "subject": subject,
                "paragraphs": _paragraphs(text),
                "foot": _paragraphs(foot) if foot else [],
            },
        ),
        message_id=message_id(key, domain),
        return_path=_own_address(mailing, "b"),
        reply_to=_own_address(mailing, "u") if choice else "",
        one_click=links.stop(link) if choice else "",
    )


def message_id(key: str, domain: str) -> str:
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _own_address(mailing: Mailing, use: Use) -> str:
    """The mailing's own address for replies or reports, where mail for us comes in at all."""
    domain = settings.MAIL_REPLIES
    if not domain:
        return ""
    return return_address.write(mailing, use, domain=domain, key=settings.MAIL_KEY)


def _paragraphs(text: str) -> list[str]:
    blocks = text.strip().split("\n\n")
    return [mark_safe(urlize(escape(block)).replace("\n", "<br>")) for block in blocks]  # noqa: S308
