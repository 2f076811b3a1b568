"""/console/calculator/: how much credit to ask an authority for, by the published methods, and what
each authority that is served makes of the minutes. Nothing is stored."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from creditable.credit import calculation, packs
from creditable.credit.calculation import CEU, PILOT_TEST, WORD_COUNT
from creditable.credit.conversion import credited
from creditable.credit.pack import Pack
from creditable.credit.phrases import amount_in_words
from creditable.lib.words import say
from creditable.people.access import SignedRequest, staff_required
from creditable.web.console.frame import page

LARGEST = 1_000_000
HUNDREDTH = Fraction(1, 100)
"""To which hours are shown, cut off."""


class CalculatorForm(forms.Form):
    """What is known of a course; any part may be left out."""

    minutes = forms.IntegerField(
        label=_("Minutes of instruction"),
        min_value=0,
        max_value=LARGEST,
        required=False,
        help_text=_("Without breaks; with the exam where the authority counts it."),
    )
    words = forms.IntegerField(
        label=_("Words to read"), min_value=0, max_value=LARGEST, required=False
    )
    film = forms.IntegerField(
        label=_("Minutes of video and sound"), min_value=0, max_value=LARGEST, required=False
    )
    questions = forms.IntegerField(
        label=_("Questions"), min_value=0, max_value=LARGEST, required=False
    )
    pilot = forms.CharField(
        label=_("Minutes of a pilot test"),
        required=False,
        max_length=400,
        help_text=_("Of everybody who tried it, with spaces between."),
    )

    def clean_pilot(self) -> list[Fraction]:
        typed = self.cleaned_data["pilot"].replace(",", " ").split()
        if not all(each.isascii() and each.isdigit() and len(each) <= 6 for each in typed):
            raise forms.ValidationError(_("Enter whole minutes, such as 90 100 125."))
        return [Fraction(each) for each in typed]


@dataclass(frozen=True)
class Reckoned:
    """Minutes of a course by one method, and what they make."""

    name: str
    source: str
    minutes: str
    by_fifty: str
    by_sixty: str
    ceu: str
    authorities: list[tuple[Pack, str]]


@staff_required("reports.view")
@require_safe
def calculator(request: SignedRequest) -> HttpResponse:
    form = CalculatorForm(request.GET or None)
    told: dict[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    shown = {"form": form, "reckoned": _reckoned(told)}
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "console/calculator.html", shown, status)


def _reckoned(told: dict[str, Any]) -> list[Reckoned]:
    found = []
    if told.get("minutes"):
        found.append(_of(say("Minutes of instruction"), "", Fraction(told["minutes"])))
    counted = [told.get(name) or 0 for name in ("words", "film", "questions")]
    if any(counted):
        words, film, questions = counted
        minutes = calculation.word_count_minutes(words, Fraction(film), questions)
        credits = calculation.word_count_credits(words, Fraction(film), questions)
        name = say("By word count: {credits} of NASBA", credits=amount_in_words(credits, "credit"))
        found.append(_of(name, WORD_COUNT.source, minutes))
    if told.get("pilot"):
        minutes = calculation.pilot_minutes(told["pilot"])
        found.append(_of(say("By pilot test"), PILOT_TEST.source, minutes))
    return found


def _of(name: str, source: str, minutes: Fraction) -> Reckoned:
    return Reckoned(
        name=name,
        source=source,
        minutes=_told(minutes),
        by_fifty=amount_in_words(calculation.hours(minutes, 50, HUNDREDTH), "hour"),
        by_sixty=amount_in_words(calculation.hours(minutes, 60, HUNDREDTH), "hour"),
        ceu=amount_in_words(calculation.ceu(minutes), CEU.name),
        authorities=[(pack, _credited(pack, minutes)) for pack in packs.all()],
    )


def _told(minutes: Fraction) -> str:
    """To the nearest tenth, and "about" where that is not all of it: what follows is reckoned from
    the exact minutes."""
    if minutes.denominator == 1:
        return str(minutes)
    tenths = Fraction(round(minutes * 10), 10)
    told = f"{float(tenths):.1f}"
    return told if tenths == minutes else say("about {minutes}", minutes=told)


def _credited(pack: Pack, minutes: Fraction) -> str:
    rules = pack.versions[-1]
    if rules.minutes_per_hour.value is None:
        return say("not known: how many minutes make an hour is not public")
    return amount_in_words(credited(rules, minutes), pack.unit)


urlpatterns = [path("calculator/", calculator, name="calculator")]
