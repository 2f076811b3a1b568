"""The stand-ins' pages: one frame, a few parts, plain forms. Everything said is escaped."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from creditable.standins.http import Answer, Standin, as_text


class Html(str):
    """Text that is already HTML; `say` leaves it alone."""

    __slots__ = ()


def say(value: object) -> Html:
    """The value as HTML text."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def joined(parts: Iterable[object], between: str = "") -> Html:
    return Html(between.join(say(part) for part in parts))


def tag(name: str, /, *content: object, **attributes: object) -> Html:
    """An element. `class_` and `for_` lose their underscore; a true attribute stands alone."""
    words = [name]
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if value is True:
            words.append(attribute)
        elif value is not None and value is not False:
            words.append(f'{attribute}="{html.escape(str(value))}"')
    return Html(f"<{' '.join(words)}>{joined(content)}</{name}>")


def page(
    standin: str,
    title: str,
    *content: object,
    note: str,
    links: Mapping[str, str] | None = None,
    status: int = 200,
    form_action: str = "'self'",
    style: str = "'self'",
) -> Answer:
    """A whole page. `note` says in one sentence that this is not the real thing."""
    navigation = joined(
        (tag("a", text, href=address) for text, address in (links or {}).items()), " "
    )
    head = joined(
        (
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark">'),
            Html('<link rel="icon" href="data:,">'),
            Html('<link rel="stylesheet" href="/standin.css">'),
            tag("title", f"{title} · {standin}"),
        )
    )
    body = joined(
        (
            tag(
                "header",
                tag("p", tag("strong", standin), " ", tag("span", note), class_="mark"),
                tag("nav", navigation, aria_label="Pages") if navigation else "",
            ),
            tag("main", tag("h1", title), *content),
        )
    )
    document = f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'
    answer = as_text(document, status=status, content_type="text/html")
    answer.headers |= {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src {style}; img-src data:; frame-src 'self';"
            f" form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return answer


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A table in a box that scrolls on a phone, or a sentence when there is nothing yet."""
    filled = [tag("tr", *(tag("td", cell) for cell in row)) for row in rows]
    heading = tag("h2", caption)
    if not filled:
        return joined((heading, tag("p", "Nothing yet.", class_="empty")))
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    body = tag(
        "table",
        tag("caption", caption, class_="unseen"),
        tag("thead", head),
        tag("tbody", *filled),
    )
    return joined(
        (
            heading,
            tag("div", body, class_="scroll", tabindex="0", role="region", aria_label=caption),
        )
    )


def state(word: str) -> Html:
    """A state as a small label; its color follows its meaning, never alone."""
    good = {"COMPLETED", "APPROVED", "accepted", "delivered", "REFUNDED"}
    bad = {"VOIDED", "DECLINED", "rejected", "given up"}
    tone = "good" if word in good else "bad" if word in bad else "open"
    return tag("span", word, class_=f"state {tone}")


def moment(seconds: float) -> Html:
    """An instant, in UTC, as people read it."""
    at = datetime.fromtimestamp(seconds, UTC)
    return tag("time", at.strftime("%Y-%m-%d %H:%M:%S"), datetime=at.isoformat())


def fault_forms(standin: Standin) -> Html:
    """What can go wrong, and what is armed."""
    armed = standin.faults.armed()
    options = [tag("option", k.label, value=name) for name, k in standin.faults.kinds.items()]
    form = tag(
        "form",
        tag("label", "What goes wrong", tag("select", *options, name="fault")),
        tag(
            "label",
            "Seconds, where it takes some",
            Html('<input name="seconds" type="number" min="0" max="600" step="any" value="0">'),
        ),
        tag(
            "label",
            "Times (0: every time)",
            Html('<input name="times" type="number" min="0" max="1000" value="1">'),
        ),
        tag("button", "Arm it"),
        method="post",
        action="/standin/faults",
        class_="row",
    )
    listed: object = tag("p", "Nothing is armed: all goes well.", class_="empty")
    if armed:
        lines = [
            tag("li", f"{standin.faults.kinds[a['fault']].label}: {_how(a)}")
            for a in armed
            if a["fault"] in standin.faults.kinds
        ]
        clear = tag(
            "form",
            Html('<input type="hidden" name="clear" value="1">'),
            tag("button", "Clear all", class_="quiet"),
            method="post",
            action="/standin/faults",
        )
        listed = joined((tag("ul", *lines), clear))
    return joined((tag("h2", "Let something go wrong"), form, listed))


def recorded_requests(standin: Standin, limit: int = 30) -> Html:
    """The newest requests as they came, each to be unfolded."""
    rows = []
    for entry in standin.records.newest("request", limit):
        status = entry["answer"]["status"] if entry["answer"] else "no answer"
        body = entry["body"] or "(no body)"
        answer = entry["answer"]["body"] if entry["answer"] else ""
        details = tag(
            "details",
            tag("summary", f"{entry['method']} {entry['path']}"),
            tag("pre", body),
            tag("pre", answer) if answer else "",
        )
        rows.append((moment(entry["at"]), details, status))
    return table("Requests as they came", ("Time (UTC)", "Request", "Answer"), rows)


def sent_notices(notices: Iterable[Mapping[str, object]]) -> Html:
    rows = []
    for notice in notices:
        attempts = notice["attempts"]
        assert isinstance(attempts, list)
        last = attempts[-1] if attempts else None
        outcome = "" if last is None else last["status"] or last["error"]
        created = notice["created_at"]
        assert isinstance(created, float)
        rows.append(
            (
                moment(created),
                notice["name"],
                state(str(notice["state"])),
                len(attempts),
                outcome,
            )
        )
    return table("Notices sent", ("Time (UTC)", "Event", "State", "Attempts", "Answer"), rows)


def _how(armed: Mapping[str, object]) -> str:
    often = "every time" if armed["times"] == 0 else f"{armed['left']} more"
    return f"{often}, {armed['seconds']} s" if armed["seconds"] else often
