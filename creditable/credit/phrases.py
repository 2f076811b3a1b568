"""Amounts, topics and modes in words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from creditable.credit.conversion import credited, in_units, number
from creditable.credit.demands import Limit
from creditable.credit.pack import Pack, Rules
from creditable.lib.words import say

NEEDS = {
    "license.expires or renewal_date": lambda: say("the expiry date of your license"),
    "license.issued": lambda: say("the day on which your license was first issued"),
    "license.type": lambda: say("what type your license is of"),
}

MODE_NAMES: Mapping[str, Callable[[], str]] = {
    "in_person": lambda: say("in person"),
    "live_online": lambda: say("live online"),
    "self_paced": lambda: say("self-paced online"),
    "correspondence": lambda: say("correspondence"),
}

CONFIDENCE: Mapping[str, Callable[[], str]] = {
    "verbatim": lambda: say("quoted from it word for word"),
    "verbatim-supported": lambda: say("it says so in its own words"),
    "secondary": lambda: say("others write this about the rule; we have not seen the rule itself"),
    "inferred": lambda: say("it does not say so; we concluded it"),
    "fictional": lambda: say("made up for this demonstration"),
    "low": lambda: say("not sure enough: nothing is counted by it"),
}
"""How sure a source makes us, for each value of `pack.CONFIDENCE`."""


def amount_in_words(amount: Fraction, unit: str) -> str:
    """ "1 hour", "7.5 PDH": to a hundredth, as people say it."""
    told = f"{float(amount):.2f}".rstrip("0").rstrip(".")
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


def day_in_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def need_in_words(need: str) -> str:
    """What a verdict needs, said to the holder and not to a program."""
    return "; ".join(_need_in_words(part) for part in need.split("; "))


def _need_in_words(need: str) -> str:
    if need in NEEDS:
        return NEEDS[need]()
    name, _, words = need.partition(": ")
    return words if name.startswith("facts.") and words else need


def minutes_in_words(minutes: int, pack: Pack, rules: Rules) -> str:
    """The minutes of a credit in our books, in the authority's hours."""
    return amount_in_words(in_units(rules, minutes), pack.unit)


def own_hours(topic_minutes: Mapping[str, int], pack: Pack, rules: Rules) -> str:
    """What an approval counts where the authority's hour is not ours: "2 hours of 50 minutes"
    for 120 minutes of which it takes whole hours; else empty."""
    each, minutes = rules.minutes_per_hour.value, sum(topic_minutes.values())
    if each in (None, 60):
        return ""
    hours = amount_in_words(credited(rules, Fraction(minutes)), pack.unit)
    return say("{hours} of {each} minutes", hours=hours, each=each)


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
