"""/hours/: do my hours count? Whoever holds a license of an authority that we have rules of states
what was completed and sees the verdict, without an account. Nothing of it is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from creditable.credit import atlas, packs, verdicts
from creditable.credit.case import Case, CaseRefused, Completion, HeldLicense
from creditable.credit.pack import Pack
from creditable.credit.phrases import CONFIDENCE, MODE_NAMES, amount_in_words
from creditable.credit.verdicts import Judgment
from creditable.lib.words import say
from creditable.web.ui import questions
from creditable.web.ui.questions import date_field

ROWS_AT_FIRST, ROWS_MORE, ROWS_MOST = 2, 4, 60
LONGEST = 100_000


class AuthorityForm(forms.Form):
    """Whose rules."""

    authority = forms.ChoiceField(
        label=_("Authority and profession"),
        error_messages={"required": _("Choose the authority that issued your license.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            (_("Those that our courses are made for"), _told_apart(_ours())),
            (_("Others"), _told_apart(_others())),
        ]


def _ours() -> dict[str, Pack]:
    """The authorities that the provider serves, by the ids of their rows in the survey; its own,
    of which the survey knows nothing, by theirs."""
    return {row: pack for pack in packs.all() for row in pack.survey_rows or (pack.id,)}


def _others() -> dict[str, Pack]:
    return {row: atlas.find(row) for row in atlas.rows() if row not in _ours()}


def _told_apart(named: Mapping[str, Pack]) -> list[tuple[str, str]]:
    """The authorities as one chooses them; where two have one name, with what they license."""
    plain = {row: f"{pack.name}: {pack.profession}" for row, pack in named.items()}
    times = Counter(plain.values())
    told = {
        row: name
        if times[name] == 1
        else f"{name} ({', '.join(kind.name for kind in named[row].license_types)})"
        for row, name in plain.items()
    }
    return sorted(told.items(), key=lambda choice: choice[1])


class LicenseForm(forms.Form):
    """The license, and what its rules ask of the holder."""

    type = forms.ChoiceField(label=_("Kind of license"), required=False)
    expires = date_field(_("Expires"), _("As it is printed on the license."))
    issued = date_field(_("First issued"))
    renewal_date = date_field(
        _("You renew on"), _("Only if that is not the day on which it expires.")
    )

    def __init__(self, pack: Pack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack = pack
        kinds = [(kind.id, kind.name) for kind in pack.license_types]
        self.fields["type"].choices = [("", _("I do not know")), *kinds]  # type: ignore[attr-defined]
        self.fields.update(questions.fields(pack))

    @property
    def held(self) -> HeldLicense:
        told = self.cleaned_data
        return HeldLicense(
            type=told["type"],
            issued=told["issued"],
            expires=told["expires"],
            roles=questions.roles(self.pack, told),
        )

    @property
    def facts(self) -> dict[str, Any]:
        """What was answered, as a case states it."""
        return questions.facts(self.pack, self.cleaned_data)


class CourseForm(forms.Form):
    """A course that was completed, or its part in one topic."""

    course = forms.CharField(label=_("Course, or its number"), max_length=120, required=False)
    finished = date_field(_("Finished on"), required=True)
    amount = forms.DecimalField(
        label=_("How much"),
        min_value=Decimal("0.01"),
        max_value=LONGEST,
        decimal_places=2,
        error_messages={
            "required": _("Enter how long it was."),
            "min_value": _("Enter more than nothing."),
            "max_value": _("No course is that long."),
        },
    )
    unit = forms.ChoiceField(label=_("Hours or minutes"), initial="units")
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    mode = forms.ChoiceField(label=_("How it was taken"), required=False)

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        kwargs |= {"empty_permitted": True, "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        unit = pack.unit if pack.unit != "hour" else say("hours")
        choices = {
            "unit": [("units", unit), ("minutes", _("minutes"))],
            "topic": [("", _("None of these")), *atlas.topics(pack).items()],
            "mode": [
                ("", _("I do not know")),
                *((mode, MODE_NAMES[mode]()) for mode in MODE_NAMES),
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]


@never_cache
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Whose rules apply."""
    form = AuthorityForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return HttpResponseRedirect(
            reverse("shop:hours_of", kwargs={"row": form.cleaned_data["authority"]})
        )
    status = 422 if form.is_bound else 200
    return render(request, "shop/hours.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: HttpRequest, row: str) -> HttpResponse:
    """What was completed, and what it counts."""
    pack = (_ours() | _others()).get(row)
    if pack is None:
        raise Http404
    told = request.POST if request.method == "POST" else None
    license, courses = LicenseForm(pack, told), _courses(pack, told)
    context: dict[str, Any] = {"pack": pack, "form": license, "courses": courses}
    if told is None or "more" in told:
        return render(request, "shop/hours_of.html", context)
    judgment = _judged(row, license, courses)
    if judgment is None:
        return render(request, "shop/hours_of.html", context, status=422)
    return render(request, "shop/hours_of.html", {**context, **_told(pack, judgment)})


def _courses(pack: Pack, told: QueryDict | None) -> list[CourseForm]:
    """The rows for courses: those that were sent, or with some more if that was asked. A row that
    nobody filled in is none."""
    sent = [number for number in range(ROWS_MOST) if f"{number}-finished" in (told or {})]
    rows = ROWS_AT_FIRST if told is None else len(sent)
    more = told is not None and "more" in told
    forms = []
    for number in range(min(rows + ROWS_MORE, ROWS_MOST) if more else rows):
        about: dict[str, Any] = {"prefix": str(number), "pack": pack}
        form = CourseForm(None if more else told, **about)
        if more and told is not None:
            form.initial = {
                name: told[f"{form.prefix}-{name}"]
                for name in form.fields
                if f"{form.prefix}-{name}" in told
            }
        forms.append(form)
    return forms


def _judged(row: str, license: LicenseForm, courses: list[CourseForm]) -> Judgment | None:
    """The verdict; None when something has to be looked at again, which the forms then say."""
    if not all([license.is_valid(), *(form.is_valid() for form in courses)]):
        return None
    stated = Case(
        authority=row,
        license=license.held,
        renewal_date=license.cleaned_data["renewal_date"],
        completions=tuple(_completions(courses)),
        facts=license.facts,
    )
    try:
        stated.check()
        return verdicts.judge(license.pack, stated)
    except CaseRefused as error:
        field = error.place.rpartition(".")[2]
        named = [name for name in (field, f"fact_{field}") if name in license.fields]
        license.add_error(named[0] if named else None, error.cure)
        return None


def _completions(courses: list[CourseForm]) -> list[Completion]:
    """The rows as completions: rows of one course on one day are parts of one."""
    parts: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for number, form in enumerate(courses):
        told = form.cleaned_data
        if told:
            alone = told["course"] or number
            parts[alone, told["finished"], told["unit"], told["mode"]].append(told)
    return [_completion(unit, rows) for (_, _, unit, _), rows in parts.items()]


def _completion(unit: str, rows: list[Mapping[str, Any]]) -> Completion:
    topics: dict[str, Fraction] = defaultdict(Fraction)
    for told in rows:
        if told["topic"]:
            topics[told["topic"]] += Fraction(told["amount"])
    whole = sum((Fraction(told["amount"]) for told in rows), start=Fraction(0))
    first = rows[0]
    return Completion(
        course=first["course"],
        finished=first["finished"],
        minutes=whole if unit == "minutes" else None,
        units=whole if unit == "units" else None,
        topics=topics,
        mode=first["mode"],
    )


def _told(pack: Pack, judgment: Judgment) -> dict[str, Any]:
    """The verdict in words."""

    def words(amount: int | None) -> str:
        if amount is None:
            return ""
        return amount_in_words(Fraction(amount, judgment.parts), judgment.unit)

    return {
        "judgment": judgment,
        "required": words(judgment.required),
        "counted": words(judgment.counted),
        "carry_in": words(judgment.carry_in) if judgment.carry_in else "",
        "carry_out": words(judgment.carry_out) if judgment.carry_out else "",
        "lines": [(line, words(line.counted)) for line in judgment.lines],
        "sources": [(source, CONFIDENCE[source.confidence]()) for source in pack.sources.values()],
    }


urlpatterns = [
    path("hours/", choose, name="hours"),
    path("hours/<str:row>/", count, name="hours_of"),
]
