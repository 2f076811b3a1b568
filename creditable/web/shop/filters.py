"""Narrowing the shelf: what a visitor ticked, what else there is to tick, and how to undo it.

Everything is in the address (`?subject=safety&hours=short`), so a narrowed list can be sent to a
colleague, and works without a line of script.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creditable.web.shop.shelf import DELIVERIES, Shelved, authority_in_full
from creditable.web.ui.templatetags.ui import words

LENGTHS: dict[str, tuple[range, str | Promise]] = {
    "short": (range(61), gettext_lazy("Up to 1 hour")),
    "middle": (range(61, 181), gettext_lazy("1 to 3 hours")),
    "long": (range(181, 100_000), gettext_lazy("More than 3 hours")),
}


def _by_title(course: Shelved) -> tuple[object, ...]:
    return (course.version.title,)


Sorts = Mapping[str, tuple[str | Promise, Callable[[Shelved], tuple[object, ...]]]]
SORTS: Sorts = {
    "title": (gettext_lazy("Title"), _by_title),
    "price": (
        gettext_lazy("Price"),
        lambda course: (course.price is None, course.price.cents if course.price else 0),
    ),
    "hours": (gettext_lazy("Hours, most first"), lambda course: (-course.version.credit_minutes,)),
}
SUITED: Sorts = {
    "needed": (
        gettext_lazy("What you need first"),
        lambda course: (*course.need, *_by_title(course)),
    ),
    **SORTS,
}
"""The same for somebody who holds licenses. The first order holds where none was asked for."""


@dataclass(frozen=True)
class Option:
    """A box to tick: how many courses it would show, given what is ticked in the other groups."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    """Boxes of one kind; a course shows when it has any of the ticked ones."""

    name: str
    label: str
    options: Sequence[Option]


@dataclass(frozen=True)
class Undo:
    """Something that is ticked, and the address without it."""

    label: str
    address: str


@dataclass(frozen=True)
class Narrowed:
    """The courses that are left, in the order that was asked for."""

    courses: Sequence[Shelved]
    groups: Sequence[Group]
    undo: Sequence[Undo]
    sort: str
    sorts: Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True)
class _Kind:
    """A group before anybody ticks: which values a course has, what they are called, and their
    order where it is not that of their names."""

    name: str
    label: str
    of: Callable[[Shelved], Sequence[str]]
    called: Callable[[str], str]
    order: Sequence[str] = ()


def _kinds(*, licensed: bool) -> list[_Kind]:
    kinds = [
        _Kind("subject", _("Subject"), lambda course: [course.version.subject], words),
        _Kind("authority", _("For licenses of"), _authorities, authority_in_full),
        _Kind("hours", _("Hours"), _lengths, lambda value: str(LENGTHS[value][1]), list(LENGTHS)),
        _Kind(
            "format",
            _("Format"),
            lambda course: [course.version.delivery],
            lambda value: str(DELIVERIES[value]),
        ),
    ]
    if licensed:
        counts = _Kind("counts", _("Your licenses"), _counts, lambda _value: _("Counts for me"))
        kinds.insert(0, counts)
    return kinds


def narrow(shelf: Sequence[Shelved], query: QueryDict, *, licensed: bool) -> Narrowed:
    """The shelf as the address asks for it. What the address names and the shelf has not is no
    reason for an error: it finds nothing, and can be undone."""
    kinds = _kinds(licensed=licensed)
    ticked = {kind.name: set(filter(None, query.getlist(kind.name))) for kind in kinds}

    def fits(course: Shelved, *, but: str = "") -> bool:
        return all(
            not ticked[kind.name] or ticked[kind.name] & set(kind.of(course))
            for kind in kinds
            if kind.name != but
        )

    groups, undo = [], []
    for kind in kinds:
        found = dict.fromkeys(value for course in shelf for value in kind.of(course))
        others = [course for course in shelf if fits(course, but=kind.name)]
        options = [
            Option(
                value,
                kind.called(value),
                sum(value in kind.of(course) for course in others),
                value in ticked[kind.name],
            )
            for value in found
        ]
        options.sort(
            key=lambda option: (
                kind.order.index(option.value) if option.value in kind.order else 0,
                option.label,
            )
        )
        if len(options) > 1 or any(option.chosen for option in options) or kind.name == "counts":
            groups.append(Group(kind.name, kind.label, options))
        for value in sorted(ticked[kind.name]):
            label = kind.called(value) if value in found else value[:60]
            undo.append(Undo(label, _without(query, kind.name, value)))
    sorts = SUITED if licensed else SORTS
    sort = query.get("sort", "")
    sort = sort if sort in sorts else next(iter(sorts))
    left = sorted((course for course in shelf if fits(course)), key=sorts[sort][1])
    return Narrowed(left, groups, undo, sort, [(name, label) for name, (label, _) in sorts.items()])


def _authorities(course: Shelved) -> Sequence[str]:
    return list(
        dict.fromkeys(approval.authority for approval in course.version.course.approvals.all())
    )


def _lengths(course: Shelved) -> Sequence[str]:
    return [
        name
        for name, (minutes, _label) in LENGTHS.items()
        if course.version.credit_minutes in minutes
    ]


def _counts(course: Shelved) -> Sequence[str]:
    counting = any(prospect.answer in {"yes", "partly"} for prospect in course.prospects)
    return ["yes"] if counting else []


def _without(query: QueryDict, name: str, value: str) -> str:
    left = query.copy()
    left.setlist(name, [other for other in query.getlist(name) if other != value])
    return f"?{left.urlencode()}"
