"""By when a person is owed an answer. Pure."""

from datetime import date, timedelta

SATURDAY = 5
ANSWER_WITHIN = 2


def answer_by(opened: date, *, working_days: int = ANSWER_WITHIN) -> date:
    """The last day for the first answer: so many days of Monday to Friday after the day of
    asking, which itself does not count. Public holidays are not known here and count as
    working days, so that a promise is never later than it reads."""
    day = opened
    left = working_days
    while left:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            left -= 1
    return day
