"""Amounts, topics and modes in words."""

from collections.abc import Sequence
from fractions import Fraction

from creditable.credit.conversion import number
from creditable.credit.demands import Limit
from creditable.credit.pack import Pack
from creditable.lib.words import say

MODE_NAMES = {
    "in_person": lambda: say("in person"),
    "live_online": lambda: say("live online"),
    "self_paced": lambda: say("self-paced online"),
    "correspondence": lambda: say("correspondence"),
}


def amount_in_words(amount: Fraction, unit: str) -> str:
    """ "1 hour", "7.5 PDH"."""
    told = f"{number(amount):g}" if amount.denominator != 1 else str(amount.numerator)
    match unit:
        case "hour":
            return (
                say("{amount} hour", amount=told)
                if told == "1"
                else say("{amount} hours", amount=told)
            )
        case "credit":
            return (
                say("{amount} credit", amount=told)
                if told == "1"
                else say("{amount} credits", amount=told)
            )
        case _:
            return f"{told} {unit}"


def topic_names(pack: Pack, topics: Sequence[str]) -> str:
    names = {topic.id: topic.name for topic in pack.topics}
    return " / ".join(names.get(topic, topic) for topic in topics)


def limited(pack: Pack, limit: Limit) -> str:
    """What a limit limits."""
    modes = ", ".join(MODE_NAMES[mode]() for mode in limit.modes)
    return modes or topic_names(pack, limit.topics)


def limit_in_words(pack: Pack, limit: Limit) -> str:
    what = limited(pack, limit)
    if limit.hours is not None:
        if not limit.hours.low:
            return say("{what} does not count", what=what)
        if limit.per == "day":
            amount = amount_in_words(limit.hours.low, pack.unit)
            return say("at most {amount} a day of {what}", amount=amount, what=what)
        return say(
            "at most {amount} of {what}",
            amount=amount_in_words(limit.hours.low, pack.unit),
            what=what,
        )
    return say(
        "at most {percent}% of the hours by {what}",
        percent=number((limit.share or Fraction(0)) * 100),
        what=what,
    )


def modes_in_words(modes: Sequence[str]) -> str:
    return say(" or ").join(MODE_NAMES[mode]() for mode in modes)
