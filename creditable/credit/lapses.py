"""What ends before somebody who buys a course today must have finished it: the authority's approval
of the course, or the license period that its hours are wanted for."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from creditable.credit.pack import Pack
from creditable.credit.phrases import day_in_words
from creditable.credit.prospects import Approval
from creditable.lib.words import say

DAY = timedelta(days=1)


def last_day(approvals: Iterable[Approval], on: date) -> date | None:
    """The last day on which a completion counts, from that day on without a gap; None when it does
    not count on that day. An approval that follows another carries on with it."""
    end = None
    for row in sorted(approvals, key=lambda row: row.valid_from):
        if row.covers(on) or (end is not None and row.valid_from <= end + DAY):
            end = row.valid_to if end is None else max(end, row.valid_to)
    return end


def warnings(
    pack: Pack, approvals: Iterable[Approval], *, on: date, until: date, expires: date | None = None
) -> Iterator[str]:
    """What a learner must know who buys on that day and has access until another, for a license
    that expires on a third."""
    end = last_day(approvals, on)
    if end is None:
        return
    access = day_in_words(until)
    if end < until:
        yield say(
            "{board} counts this course until {day}; you have access until {access}. Complete it "
            "by {day}: after that it earns no credit there unless it is approved anew.",
            board=pack.short_name,
            day=day_in_words(end),
            access=access,
        )
    if expires is not None and on <= expires < until:
        yield say(
            "Your license of {board} expires on {day}; you have access until {access}. What you "
            "complete after {day} does not count for this renewal.",
            board=pack.short_name,
            day=day_in_words(expires),
            access=access,
        )
