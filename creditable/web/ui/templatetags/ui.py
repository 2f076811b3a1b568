"""The components as template tags: `{% load ui %}` at the top of a template.

    {% icon "clock" %}                                        see icons.py for the names
    {% badge "Accepted" "good" %}                             plain, good, warn, bad or nothing
    {% notice "warn" "Title" %}any markup{% endnotice %}      info, good, warn, bad
    {% external %}any markup{% endexternal %}                 marks its links to other sites
    {% empty_state "search" "Nothing found" %}...{% endempty_state %}
    {% table "Orders" %}<thead>...</thead><tbody>...{% endtable %}
    {% breadcrumbs "Courses" "/courses/" course.title %}      label, address, ..., last label
    {% stepper "Basket" "Details" "Payment" current=2 %}      counts from 1
    {% timeline steps %}                                      a list of Step (see timeline.py)
    {% timeline steps route=True %}                           side by side where there is room
    {% meter seconds_done seconds_all "Seat time" "1 h 19 min of 2 h" %}
    {% ring 120 240 "2 of 4 hours" %}                         "", good, warn as the last word
    {% share 30 120 %}                                        25: hundredths, for a drawing of 100
    {% bars rows "Rating by objective" %}                     a list of Bar; its own table
    {% nav_link "/courses/" "Courses" %}                      current in its whole section
    {% page_link "/account/" "Profile" "person" %}            current on that page alone
    {% form_notice "checkout" %}                              the policy's words for this form
    {% art "safety" %}                                        a drawn cover for a subject

Filters: {{ "two_words"|words }} is "Two words"; {{ 90|duration }} is "1 h 30 min" from minutes,
{{ 4740|seconds }} is "1 h 19 min" from seconds; {{ at|moment }} and {{ date|day }} are <time>
elements. Money prints itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, FileInput, PasswordInput, Textarea
from django.forms.widgets import Input
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creditable.disclosure import policies
from creditable.policy import notice as policy_notice
from creditable.web.ui.constants import folded
from creditable.web.ui.external import marked
from creditable.web.ui.icons import drawn
from creditable.web.ui.timeline import Step

register = template.Library()

NOTICE_ICONS = {"info": "info", "good": "check", "warn": "alert", "bad": "alert"}
BADGES = {"", "plain", "good", "warn", "bad"}
CURRENT = {
    "": "",
    "page": mark_safe(' aria-current="page"'),
    "true": mark_safe(' aria-current="true"'),
}


icon = register.simple_tag(drawn, name="icon")
register.tag("icon", folded(register.tags["icon"]))


@register.simple_tag
def badge(text: str, kind: str = "") -> SafeString:
    """A short state beside a thing. The color repeats what the word says."""
    if kind not in BADGES:
        raise template.TemplateSyntaxError(f"badge: {kind!r} is not one of {sorted(BADGES)}")
    return format_html('<span class="badge{}">{}</span>', f" badge--{kind}" if kind else "", text)


@register.simple_block_tag(end_name="endnotice")
def notice(content: str, kind: str, title: str = "") -> SafeString:
    """What a person should know now. "bad" is announced at once, the others politely."""
    return format_html(
        '<div class="notice notice--{}" role="{}">{}{}<div class="notice__body">{}</div></div>',
        kind,
        "alert" if kind == "bad" else "status",
        icon(NOTICE_ICONS[kind]),
        format_html('<p class="notice__title">{}</p>', title) if title else "",
        content,
    )


@register.simple_block_tag(end_name="endexternal")
def external(content: str) -> SafeString:
    """Markup whose links may lead to other sites: those say so."""
    return marked(content)


@register.simple_block_tag(end_name="endempty_state")
def empty_state(content: str, icon_name: str, title: str) -> SafeString:
    """Where a list would be: why there is nothing and what to do."""
    return format_html(
        '<div class="empty">{}<h2 class="empty__title">{}</h2>{}</div>',
        icon(icon_name),
        title,
        content,
    )


@register.simple_block_tag(end_name="endtable")
def table(content: str, caption: str) -> SafeString:
    """A table that scrolls by itself on a narrow page, by keyboard too."""
    return format_html(
        '<div class="table-scroll" role="region" tabindex="0" aria-label="{}">'
        '<table class="table"><caption class="visually-hidden">{}</caption>{}</table></div>',
        caption,
        caption,
        content,
    )


@register.inclusion_tag("ui/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """Label, address, label, address, ..., and the label of this page."""
    if len(parts) % 2 == 0:
        raise template.TemplateSyntaxError("breadcrumbs: label, address, ..., label of this page")
    return {"trail": list(zip(parts[:-1:2], parts[1::2], strict=True)), "here": parts[-1]}


@register.inclusion_tag("ui/stepper.html")
def stepper(*labels: str, current: int) -> dict[str, Any]:
    """Where one is in a short walk; `current` counts from 1."""
    steps = [
        (label, "done" if place < current else "now" if place == current else "next")
        for place, label in enumerate(labels, start=1)
    ]
    return {"steps": steps}


@register.inclusion_tag("ui/timeline.html")
def timeline(steps: Sequence[Step], *, route: bool = False) -> dict[str, Any]:
    """What happened, what is happening and what comes, in order."""
    return {"steps": steps, "route": route}


@register.inclusion_tag("ui/meter.html")
def meter(value: int, maximum: int, label: str, text: str) -> dict[str, Any]:
    """How much of something is there; `text` says it in words and is what is read aloud."""
    return {"value": min(value, maximum), "maximum": maximum, "label": label, "text": text}


@register.inclusion_tag("ui/ring.html")
def ring(value: int, maximum: int, text: str, kind: str = "") -> dict[str, Any]:
    """How much of something there is, as a ring around the words that say so."""
    share = min(1.0, value / maximum) if maximum else 0.0
    return {"hundredths": round(share * 100), "text": text, "kind": kind}


@register.simple_tag
def share(part: int, whole: int, taken: int = 0) -> int:
    """`part` in hundredths of `whole`, at most what `taken` has left of it: a length in a
    drawing of 100."""
    hundredths = round(100 * part / whole) if whole else 0
    return max(0, min(hundredths, 100 - (round(100 * taken / whole) if whole else 0)))


@dataclass(frozen=True)
class Bar:
    """A bar of a chart: what, how much of 100, and the figure in words."""

    label: str
    percent: float
    text: str


@register.inclusion_tag("ui/bars.html")
def bars(rows: Sequence[Bar], caption: str) -> dict[str, Any]:
    """A chart of horizontal bars that is its own table."""
    return {"rows": rows, "caption": caption}


@register.inclusion_tag("ui/columns.html")
def columns(rows: Sequence[Bar], caption: str) -> dict[str, Any]:
    """A chart of upright bars, for what goes on in time, that is its own table."""
    return {"rows": rows, "caption": caption}


@register.simple_tag(takes_context=True)
def nav_link(
    context: Context, address: str, label: str, icon_name: str = "", also: str = ""
) -> SafeString:
    """A link of a navigation to a section: it knows when one is in it, or in one of the sections
    that are reached from there (`also`: their addresses, with commas)."""
    path = _path(context)
    within = path.startswith((address, *filter(None, also.split(","))))
    current = "page" if path == address else "true" if within else ""
    return _link(address, label, icon_name, current)


@register.simple_tag(takes_context=True)
def page_link(context: Context, address: str, label: str, icon_name: str = "") -> SafeString:
    """A link of a navigation to a single page, such as the first page of a section."""
    return _link(address, label, icon_name, "page" if _path(context) == address else "")


def _path(context: Context) -> str:
    """The address of this page; empty where there is no request, as on the page of an error."""
    request = context.get("request")
    return request.path if request else ""


def _link(address: str, label: str, icon_name: str, current: str) -> SafeString:
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        address,
        CURRENT[current],
        icon(icon_name) if icon_name else "",
        label,
    )


@register.inclusion_tag("ui/form_notice.html")
def form_notice(form: str) -> dict[str, Any]:
    """Why a form asks for personal data, in the words of the published policy (one query)."""
    return {"notice": policy_notice.form_notice(policies.current(), form)}


@register.filter
def words(name: str) -> str:
    """A name from data as words: "self_paced-online" is "Self paced online"."""
    return name.replace("_", " ").replace("-", " ").capitalize()


@register.simple_tag
@cache
def art(subject: str) -> str:
    """The drawn cover of a subject, or the plain one where nobody has drawn it yet."""
    try:
        drawing = get_template(f"ui/art/{subject}.svg")
    except TemplateDoesNotExist:
        drawing = get_template("ui/art/plain.svg")
    return drawing.render()


@register.filter
def optional(field: BoundField) -> bool:
    """Whether a form's field may stay empty."""
    return not field.field.required


@register.filter
def keeps_all(form: BaseForm) -> bool:
    """Whether a form that comes back still holds what was typed, if anything was: no page can hold
    a file, and none a password."""
    fields = [(bound, bound.field.widget) for bound in form.visible_fields()]
    lost = any(isinstance(widget, FileInput | PasswordInput) for _bound, widget in fields)
    typed = any(bound.data for bound, widget in fields if isinstance(widget, Input | Textarea))
    return typed and not lost


@register.filter
def kind(field: BoundField) -> str:
    """The sort of control, for the layout of its label: "checkbox", "choices" or "text"."""
    if field.field.widget.__class__.__name__ == "CheckboxInput":
        return "checkbox"
    return "choices" if field.use_fieldset else "text"


@register.filter
def duration(minutes: int) -> str:
    """Minutes in words: 120 is "2 hours", 90 is "1 h 30 min"."""
    hours, rest = divmod(int(minutes), 60)
    if not hours:
        return _("{minutes} min").format(minutes=rest)
    if rest:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=rest)
    return ngettext("{hours} hour", "{hours} hours", hours).format(hours=hours)


@register.filter
def seconds(number: int) -> str:
    """Seconds as whole minutes that have passed, in words."""
    return duration(int(number) // 60)


@register.filter
def spent(number: int) -> str:
    """Seconds as `seconds` writes them, less than a minute to the second."""
    return _("{seconds} s").format(seconds=number) if 0 < number < 60 else seconds(number)


@register.filter
def timecode(milliseconds: int) -> str:
    """A place in a video as players write it: 65,000 is "1:05"."""
    minutes, seconds = divmod(int(milliseconds) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def mailbox(address: str) -> SafeString:
    """An e-mail address that breaks, where it must, after its @."""
    name, at, host = address.partition("@")
    return format_html("{}{}<wbr>{}", name, at, host)


@register.filter
def moment(at: datetime) -> SafeString:
    """An instant as people write it, exact for machines."""
    local = timezone.localtime(at)
    written = f"{date_format(local, 'F j, Y')} at {date_format(local, 'g:i A')} {local.tzname()}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), written)


@register.filter
def day(when: date) -> SafeString:
    """A date as people write it, exact for machines."""
    plain = timezone.localdate(when) if isinstance(when, datetime) else when
    return format_html(
        '<time datetime="{}">{}</time>', plain.isoformat(), date_format(plain, "F j, Y")
    )
