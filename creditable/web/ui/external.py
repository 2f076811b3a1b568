"""Links that lead to another site, marked as such: a sign, and words for who hears the page."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from creditable.web.ui.icons import drawn

_LINK = re.compile(r'<a\b(?P<before>[^>]*?) href="(?P<address>https?://[^"]*)"(?P<after>[^>]*)>')
_REL = re.compile(r' rel="[^"]*"')
_END = "</a>"


def marked(html: str) -> SafeString:
    """The same HTML, in which each link to another site says so. It is for markup that is safe
    already."""
    parts, place = [], 0
    for link in _LINK.finditer(html):
        if _is_ours(link["address"]):
            continue
        end = html.index(_END, link.end())
        others = _REL.sub("", link["before"] + link["after"])
        parts += [
            html[place : link.start()],
            f'<a href="{link["address"]}" rel="external"{others}>',
            html[link.end() : end],
            _mark(),
        ]
        place = end
    return mark_safe("".join(parts) + html[place:])  # noqa: S308 - it was safe before


def _is_ours(address: str) -> bool:
    there, here = urlsplit(address), urlsplit(settings.BASE_URL)
    return (there.scheme, there.netloc) == (here.scheme, here.netloc)


def _mark() -> SafeString:
    return format_html(
        '<span class="external">{}<span class="visually-hidden"> ({})</span></span>',
        drawn("external"),
        _("leads to another site: its own privacy policy applies"),
    )
