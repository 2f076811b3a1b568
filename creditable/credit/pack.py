"""An authority pack: what one licensing authority asks, as data that somebody outside can check.

A pack is a folder (`credit/authorities/<id>/` or the provider's own `authorities/<id>/`):
`rules.yaml` holds effective-dated versions of the rules, each fact with the source it was read in,
the day and the confidence; `report.yaml` holds the layout of its reports; README.md has the
authority's own terms. A fact whose value is null, or that is not there, is unknown, and the rules
say so. By an authority without `report.yaml` can be judged, but nothing is reported to it.
docs/how-to/write-a-pack.md tells what may stand in the files.

    pack = read(Path("creditable/credit/authorities/us-tx-tdlr-electricians"))
    pack.rules_on(date(2026, 11, 22)).hours_needed.value    # Fraction(4)
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import lcm
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from creditable.credit import deadlines
from creditable.credit.deadlines import Deadline, UnsupportedDeadline
from creditable.credit.demands import (
    ALWAYS,
    GENERAL,
    NO_CARRY,
    Also,
    Anchor,
    Asked,
    Carry,
    Demands,
    ExamRules,
    Instead,
    Limit,
    Minimum,
    Span,
    Term,
    Words,
    amount,
    converted,
    span,
    tangled,
    whole,
)
from creditable.credit.reading import PackRefused, Reader

T = TypeVar("T")

FORMATS = {
    "typein_list",
    "demo_board_json",
    "csv",
    "xlsx",
    "ce_broker_xml",
    "ce_broker_xls",
    "none",
}
TABLES = {"csv", "xlsx"}
CE_BROKER = {"ce_broker_xml", "ce_broker_xls"}
SAYS = {
    "ce_broker_xml": {"course_number", "license_type", "license_number", "first_name", "last_name"},
    "ce_broker_xls": {"course_number", "license_type", "license_number"},
}
CHANNELS = {"manual", "https", "smtp", "sftp", "learner"}
ENCODINGS = {"utf-8", "utf-8-sig", "windows-1252", "ascii"}
NEWLINES = {"crlf": "\r\n", "lf": "\n"}
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
NAMED = {"roster_id", "provider_number", "course_number"}
MINUTES = (60, 50)  # of which an hour has one or the other; the first is against the holder
TOO_WEAK = "low"  # of sources that contradict each other or are not to be trusted
CONFIDENCE = {"verbatim", "verbatim-supported", "secondary", "inferred", "fictional", TOO_WEAK}
REPORT_FIELDS = {
    "course_title",
    "course_number",
    "completed_on",
    "provider_name",
    "provider_number",
    "location",
    "participants",
    "roster_id",
    "line_id",
    "minutes",
    "hours",
    "holder_name",
    "first_name",
    "last_name",
    "license_type",
    "license_number",
    "record_fee",
}
CERTIFICATE_FIELDS = {
    "course_title",
    "course_number",
    "completed_on",
    "provider_name",
    "provider_number",
    "hours",
    "instructor",
    "signatory",
    "holder_name",
    "license_type",
    "license_number",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read, on which day, and how sure that makes us."""

    title: str
    url: str
    checked: date
    confidence: str


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One thing the authority asks. `value` None means that we do not know."""

    value: T | None
    source: Source | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LicenseType(Term):
    """A kind of license: its id in our rows, its name as the authority prints it."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force from a day to another (None: still) for these types of license (empty:
    all). Hours are the authority's own, minutes are whole; one approved hour is
    `minutes_per_hour` minutes where that is known."""

    start: date
    end: date | None
    types: tuple[str, ...]
    hours_needed: Fact[Fraction]
    minutes_per_hour: Fact[int]
    hour_step_minutes: Fact[int]
    rounding: Fact[Literal["down", "nearest"]]
    first_hour_minutes: Fact[int]
    least_hours: Fact[Span]
    instead: Fact[tuple[Instead, ...]]
    minimums: Fact[tuple[Minimum, ...]]
    limits: Fact[tuple[Limit, ...]]
    also: Fact[tuple[Also, ...]]
    term_months: Fact[int]
    anchor: Fact[Anchor]
    late_window_months: Fact[int]
    grace_days: Fact[int]
    reinstatement_months: Fact[int]
    topics: Fact[tuple[str, ...]]
    repeat: Fact[Literal["never", "term", "year"]]
    carry_over: Fact[Carry]
    exam: Fact[ExamRules]
    pass_percent: Fact[int]
    approval_months: Fact[int]
    partial_credit: Fact[Literal["none"]]
    report_due: Fact[Deadline]
    certificate_due: Fact[Deadline]
    certificate_fields: Fact[tuple[str, ...]]
    provider_keeps_years: Fact[int]
    holder_keeps_years: Fact[int]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a report, under the authority's own label."""

    field: str
    label: str


@dataclass(frozen=True, slots=True)
class Table:
    """How a file of rows is written. In `name` and `prolog` (lines before the rows) the roster's
    number, ours with the authority and the course's stand in braces. `date` is a pattern of
    strftime; `hours` are so many minutes, cut off (never rounded up) after `decimals`. The rest is
    said of text: how letters are encoded, lines ended and cells divided, and whether all are
    quoted or only those that need it."""

    name: str
    date: str
    hours: int
    decimals: int
    header: bool
    prolog: tuple[str, ...]
    encoding: str
    newline: str
    delimiter: str
    quote_all: bool


@dataclass(frozen=True, slots=True)
class CeBroker:
    """What CE Broker calls the state, and each type of license (its profession)."""

    state: str
    professions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IdentityDemand:
    """That the authority wants to see who somebody is before it takes a report: for these types of
    license, `why` in its own words. The document goes to `path`."""

    types: tuple[str, ...]
    why: str
    path: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a completion is reported: the file format, the channel it leaves by (manual: staff
    type it in or upload the file; learner: the holder files it), whether it is sent by itself, what
    one roster holds (the completions of one course on one day, or all of the provider's) and how
    many lines at most, the fields in the rule's order. An authority that
    takes no reports from providers has the format, channel and sender `none`; the instructions say
    what its licensees do instead.

    `destination` names the sender's entry, `path` a place there, `address` a mailbox. `amend` is
    how an accepted line is changed: another line takes its place, or only a letter can tell them,
    because a posted roster cannot be edited. `identity` is what it demands besides, if it does."""

    format: str
    channel: Literal["manual", "https", "smtp", "sftp", "learner", "none"]
    send: Literal["staff", "automatic", "none"]
    group_by: Literal["course_and_day", "provider"]
    source: Source
    fields: tuple[Column, ...]
    participant: tuple[Column, ...]
    totals: tuple[Column, ...]
    instructions: str
    location: Mapping[str, str]
    destination: str
    path: str
    address: str = ""
    lines: int = 100
    amend: Literal["resend", "letter"] = "letter"
    table: Table | None = None
    ce_broker: CeBroker | None = None
    identity: IdentityDemand | None = None

    def identity_demand(self, license_type: str) -> IdentityDemand | None:
        """What identity document a report for that type of license needs; None where none."""
        wants = self.identity
        return wants if wants is not None and license_type in wants.types else None

    @property
    def is_carried(self) -> bool:
        """Whether our sender brings it there, so that no hand is needed."""
        return self.channel in {"https", "smtp", "sftp"}


UNSERVED = Layout(
    "none", "none", "none", "provider", Source("", "", date.min, ""), (), (), (), "", {}, "", ""
)


@dataclass(frozen=True, slots=True)
class Pack:
    """One authority. Where it does not approve courses itself (`approves_courses` no), an approval
    in our books is the provider's word that a course is of the kind that the authority takes.
    `parts`: so many make an hour that every amount of the rules, and every minute, is whole.
    `all_types`: no text makes a difference between types of license, also those not listed."""

    id: str
    name: str
    short_name: str
    jurisdiction: str
    profession: str
    time_zone: str
    survey_rows: tuple[str, ...]
    license_types: tuple[LicenseType, ...]
    number_pattern: str
    number_says: str
    sources: Mapping[str, Source]
    versions: tuple[Rules, ...]
    layout: Layout
    approves_courses: bool | None
    all_types: bool
    unit: str
    topics: tuple[Term, ...]
    roles: tuple[Term, ...]
    asks: tuple[Asked, ...]
    parts: int

    def rules_on(self, day: date, license_type: str = "") -> Rules | None:
        """The rules in force on that day for that type of license; None when we have none."""
        for rules in self.versions:
            ours = not rules.types or license_type in rules.types
            if ours and rules.start <= day and (rules.end is None or day <= rules.end):
                return rules
        return None

    def versions_for(self, license_type: str) -> tuple[int, ...]:
        """Which of the versions hold for that type of license."""
        return tuple(
            number
            for number, rules in enumerate(self.versions)
            if not rules.types or license_type in rules.types
        )

    @property
    def is_served(self) -> bool:
        """Whether we know how completions are reported to it."""
        return self.layout is not UNSERVED

    @property
    def takes_reports(self) -> bool:
        """Whether this authority is told of completions, by us or by the learner."""
        return self.layout.channel != "none"

    @property
    def is_told_by_us(self) -> bool:
        return self.layout.channel not in {"learner", "none"}

    def license_type(self, type_id: str) -> LicenseType | None:
        return next((kind for kind in self.license_types if kind.id == type_id), None)

    def number_warning(self, number: str) -> str:
        """What looks odd about a license number, or nothing. A pattern only warns: the
        authority's look-up decides what a valid number is."""
        if not self.number_pattern or re.fullmatch(self.number_pattern, number):
            return ""
        return (
            f"{self.short_name} numbers usually look different ({self.number_says}). "
            "Check it against your license; we keep what you typed."
        )


def read(folder: Path) -> Pack:
    """The pack in the folder. PackRefused names the file, the place and the cure."""
    rules = Reader.load(folder / "rules.yaml")
    served = (folder / "report.yaml").exists()
    if served and not (folder / "README.md").is_file():
        raise PackRefused(folder, "", "add README.md with the authority's own terms")
    pack_id = rules.text("id")
    if pack_id != folder.name:
        raise rules.refuse("id", f"name the folder {pack_id}, or the id {folder.name}")
    sources = _sources(rules.under("sources"))
    kinds = _license_types(rules)
    topics, roles, asks = _terms(rules, "topics"), _terms(rules, "roles"), _asks(rules)
    words = Words(
        types=frozenset(kind.id for kind in kinds),
        roles=frozenset(role.id for role in roles),
        facts=frozenset(fact.name for fact in asks),
        topics=frozenset(topic.id for topic in topics) | {GENERAL},
    )
    pattern, says = _number(rules)
    versions = _versions(rules, sources, words)
    pack = Pack(
        id=pack_id,
        name=rules.text("name"),
        short_name=rules.text("short_name"),
        jurisdiction=rules.text("jurisdiction"),
        profession=rules.text("profession"),
        time_zone=_zone(rules),
        survey_rows=rules.words("survey_rows"),
        license_types=kinds,
        number_pattern=pattern,
        number_says=says,
        sources=sources,
        versions=versions,
        layout=_layout(folder / "report.yaml", sources, kinds) if served else UNSERVED,
        approves_courses=rules.truth_or_null("approves_courses", default=True),
        all_types=rules.truth("all_types", default=False),
        unit=rules.text("unit", "hour"),
        topics=topics,
        roles=roles,
        asks=asks,
        parts=_parts(versions),
    )
    rules.finish()
    return pack


def read_all(*folders: Path) -> dict[str, Pack]:
    """Every pack below the folders, by id. Two packs of one id are refused."""
    packs: dict[str, Pack] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not path.is_dir() or path.name.startswith((".", "_")):
                continue
            pack = read(path)
            if pack.id in packs:
                raise PackRefused(path, "id", f"{pack.id} exists already; remove one of the two")
            packs[pack.id] = pack
    return packs


def _zone(reader: Reader) -> str:
    name = reader.text("time_zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise reader.refuse("time_zone", f"{name!r} is no IANA time zone") from error
    return name


def _number(reader: Reader) -> tuple[str, str]:
    """The pattern of license numbers and what it says in words; empty when none is known."""
    if not reader.has("license_number"):
        return "", ""
    row = reader.under("license_number")
    pattern, says = row.text("pattern"), row.text("says")
    try:
        re.compile(pattern)
    except re.error as error:
        raise row.refuse("pattern", f"not a regular expression: {error}") from error
    row.finish()
    return pattern, says


def _sources(reader: Reader) -> dict[str, Source]:
    sources = {}
    for name in reader.names():
        row = reader.under(name)
        sources[name] = Source(
            title=row.text("title"),
            url=row.text("url", ""),
            checked=row.day("checked"),
            confidence=row.one_of("confidence", CONFIDENCE),
        )
        row.finish()
    return sources


def _terms(reader: Reader, name: str) -> tuple[Term, ...]:
    """The topics or roles, each `id: {name: ..., also: [other spellings]}`."""
    if not reader.has(name):
        return ()
    rows, terms = reader.under(name), list[Term]()
    for id in rows.names():
        row = rows.under(id)
        terms.append(Term(id, row.text("name"), row.words("also", ())))
        row.finish()
    _apart(reader, name, terms)
    return tuple(terms)


def _apart(reader: Reader, name: str, terms: Sequence[Term]) -> None:
    """No spelling may mean two things."""
    for one, other in combinations(terms, 2):
        for spelling in (one.id, one.name, *one.also):
            if other.is_meant(spelling):
                raise reader.refuse(name, f"{spelling!r} means both {one.id} and {other.id}")


def _license_types(reader: Reader) -> tuple[LicenseType, ...]:
    kinds = []
    for row in reader.each("license_types"):
        id, name, also = row.text("id"), row.text("name"), row.words("also", ())
        kinds.append(LicenseType(id, name, also, row.text("note", "")))
        row.finish()
    if not kinds:
        raise reader.refuse("license_types", "list at least one type")
    _apart(reader, "license_types", kinds)
    return tuple(kinds)


def _asks(reader: Reader) -> tuple[Asked, ...]:
    """The facts that the rules ask of the holder."""
    if not reader.has("asks"):
        return ()
    rows, asks = reader.under("asks"), []
    for name in rows.names():
        row = rows.under(name)
        kind: Any = row.one_of("kind", {"yes_no", "date", "number", "choice"})
        choices = row.words("choices", ())
        if (kind == "choice") != bool(choices):
            raise row.refuse("choices", "list the choices of a fact of that kind, and only of it")
        unless_told = row.take("unless_told", None)
        if unless_told not in (None, False):
            raise row.refuse("unless_told", "must be no, or left out")
        asks.append(
            Asked(name, kind, row.text("says"), choices, unless_told_no=unless_told is False)
        )
        row.finish()
    return tuple(asks)


def _versions(reader: Reader, sources: Mapping[str, Source], words: Words) -> tuple[Rules, ...]:
    versions = []
    for row in reader.each("versions"):
        start, end = row.take("from"), row.take("to")
        if start is not None and not isinstance(start, date):
            raise row.refuse("from", "must be a date, or null where it is not known")
        start = start or date.min
        if end is not None and (not isinstance(end, date) or end < start):
            raise row.refuse("to", "must be null or a date not before `from`")
        types = Demands(words).known(row, "types", words.types, ())
        facts = _Facts(row.under("facts"), sources, Demands(words))
        row.finish()
        versions.append(facts.rules(start, end, types))
    versions.sort(key=lambda rules: rules.start)
    if not versions:
        raise reader.refuse("versions", "list at least one version of the rules")
    for earlier, later in combinations(versions, 2):
        apart = earlier.types and later.types and not set(earlier.types) & set(later.types)
        if not apart and (earlier.end is None or earlier.end >= later.start):
            raise reader.refuse("versions", f"end the version of {earlier.start} before the next")
    return tuple(versions)


def _parts(versions: Sequence[Rules]) -> int:
    parts = {amount.denominator for amount in _amounts(tuple(versions))}
    minutes = {rules.minutes_per_hour.value for rules in versions if rules.minutes_per_hour.value}
    return lcm(*parts) ** 2 * lcm(*minutes, *MINUTES)  # squared: a share of hours is whole too


def _amounts(value: object) -> Iterator[Fraction]:
    """Every amount in there."""
    if isinstance(value, Fraction):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _amounts(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _amounts(getattr(value, part.name))


class _Facts:
    """Reads the facts of one version."""

    def __init__(self, reader: Reader, sources: Mapping[str, Source], demands: Demands) -> None:
        self.reader = reader
        self.sources = sources
        self.demands = demands

    def rules(self, start: date, end: date | None, types: tuple[str, ...]) -> Rules:
        demands = self.demands
        rules = Rules(
            start=start,
            end=end,
            types=types,
            hours_needed=self.fact("hours_needed", _value(amount)),
            minutes_per_hour=self.fact("minutes_per_hour", _value(whole)),
            hour_step_minutes=self.fact("hour_step_minutes", _value(whole)),
            rounding=self.fact("rounding", _choice("down", "nearest")),
            first_hour_minutes=self.fact("first_hour_minutes", _value(whole)),
            least_hours=self.fact("least_hours", _value(span)),
            instead=self.fact("instead", _list(demands.instead)),
            minimums=self.fact("minimums", _list(demands.minimum)),
            limits=self.fact("limits", _list(demands.limit)),
            also=self.fact("also", _list(demands.also)),
            term_months=self.fact("term_months", _value(whole)),
            anchor=self.fact("anchor", _below(demands.anchor)),
            late_window_months=self.fact("late_window_months", _value(whole)),
            grace_days=self.fact("grace_days", _value(whole)),
            reinstatement_months=self.fact("reinstatement_months", _value(whole)),
            topics=self.fact("topics", lambda row: _some(row, "value")),
            repeat=self.fact("repeat", _choice("never", "term", "year")),
            carry_over=self.fact("carry_over", self._carry),
            exam=self.fact("exam", _below(demands.exam)),
            pass_percent=self.fact("pass_percent", _value(whole)),
            approval_months=self.fact("approval_months", _value(whole)),
            partial_credit=self.fact("partial_credit", _choice("none", "actual_time")),
            report_due=self.fact("report_due", _below(_deadline)),
            certificate_due=self.fact("certificate_due", _below(_deadline)),
            certificate_fields=self.fact("certificate_fields", _certificate_fields),
            provider_keeps_years=self.fact("provider_keeps_years", _value(whole)),
            holder_keeps_years=self.fact("holder_keeps_years", _value(whole)),
        )
        self.reader.finish()
        self._agree(rules)
        return rules

    def fact(self, name: str, read: Callable[[Reader], Any]) -> Fact[Any]:
        if not self.reader.has(name):
            return Fact(None, None)
        row = self.reader.under(name)
        source, note = row.text("source", ""), row.text("note", "")
        if source and source not in self.sources:
            raise row.refuse("source", f"{source!r} is not among `sources`; add it there")
        if row.is_null("value"):
            row.take("value")
            row.finish()
            return Fact(None, self.sources.get(source), note)
        if not source:
            raise row.refuse("source", "a value needs the source it was read in")
        if self.sources[source].confidence == TOO_WEAK:
            raise row.refuse("source", f"{source!r} is too weak: leave the value null, with a note")
        value = read(row)
        row.finish()
        return Fact(value, self.sources[source], note)

    def _carry(self, row: Reader) -> Carry:
        if row.holds_names("value"):
            return self.demands.carry(row.under("value"))
        row.one_of("value", {"none"})
        return NO_CARRY

    def _agree(self, rules: Rules) -> None:
        """What each fact says for itself must go together."""
        needed, minimums = rules.hours_needed.value, rules.minimums.value or ()
        minutes = rules.minutes_per_hour.value
        if minutes == 0 or rules.hour_step_minutes.value == 0:
            raise self.reader.refuse("minutes_per_hour", "an hour or its step is not 0 minutes")
        if needed is not None and (needed * (minutes or 60)).denominator != 1:
            raise self.reader.refuse("hours_needed", "must come to whole minutes")
        if rules.hour_step_minutes.value and not minutes:
            raise self.reader.refuse("hour_step_minutes", "needs `minutes_per_hour`")
        asked = [row for row in minimums if row.when == ALWAYS]
        apart = [
            row for row in asked if not any(set(row.topics) < set(other.topics) for other in asked)
        ]
        sum_asked = sum((row.hours.low for row in apart), start=Fraction(0))
        if needed is not None and sum_asked > needed:
            raise self.reader.refuse("minimums", f"ask for {sum_asked} hours of {needed}")
        tangle = tangled(rules.limits.value or ())
        if tangle:
            raise self.reader.refuse("limits", "lay each limit within another or apart from it")
        taken = rules.topics.value
        for row in minimums:
            if taken is not None and not set(row.topics) <= {*taken, GENERAL}:
                raise self.reader.refuse("minimums", "ask for a topic that is not among `topics`")


def _value(convert: Callable[[object], Any]) -> Callable[[Reader], Any]:
    return lambda row: converted(row, "value", convert)


def _list(read: Callable[[Reader], T]) -> Callable[[Reader], tuple[T, ...]]:
    return lambda row: tuple(read(item) for item in row.each("value"))


def _below(read: Callable[[Reader], T]) -> Callable[[Reader], T]:
    return lambda row: read(row.under("value"))


def _choice(*allowed: str) -> Callable[[Reader], str]:
    return lambda row: row.one_of("value", set(allowed))


def _some(row: Reader, name: str) -> tuple[str, ...]:
    words = row.words(name)
    if not words:
        raise row.refuse(name, "list at least one; null where it is unknown")
    return words


def _deadline(row: Reader) -> Deadline:
    written = {name: row.take(name) for name in row.names()}
    try:
        return deadlines.read(written)
    except UnsupportedDeadline as error:
        raise row.refuse("", str(error)) from error


def _certificate_fields(row: Reader) -> tuple[str, ...]:
    words = _some(row, "value")
    for word in words:
        if word not in CERTIFICATE_FIELDS:
            raise row.refuse("value", f"names {word!r}, not one of {sorted(CERTIFICATE_FIELDS)}")
    return words


def _layout(path: Path, sources: Mapping[str, Source], kinds: Sequence[LicenseType]) -> Layout:
    reader = Reader.load(path)
    layout = _layout_of(reader, sources)
    if layout.identity and (unknown := set(layout.identity.types) - {kind.id for kind in kinds}):
        raise reader.refuse("identity_document.types", f"{min(unknown)} is no license type here")
    broker = layout.ce_broker
    if broker and (nameless := {kind.id for kind in kinds} - set(broker.professions)):
        raise reader.refuse("ce_broker.professions", f"name the code of {min(nameless)}")
    reader.finish()
    return layout


def _layout_of(reader: Reader, sources: Mapping[str, Source]) -> Layout:
    source = sources[reader.one_of("source", set(sources))]
    format = reader.one_of("format", FORMATS)
    if format == "none":
        words = reader.text("instructions")
        return Layout("none", "none", "none", "provider", source, (), (), (), words, {}, "", "")
    channel: Any = reader.one_of("channel", CHANNELS)
    send: Any = reader.one_of("send", {"staff", "automatic"})
    if channel in {"manual", "learner"} and send == "automatic":
        raise reader.refuse("send", "what people carry by hand cannot be sent by itself: staff")
    group_by: Any = reader.one_of("group_by", {"course_and_day", "provider"})
    amend: Any = reader.one_of("amend", {"resend", "letter"}) if reader.has("amend") else "letter"
    layout = Layout(
        format=format,
        channel=channel,
        send=send,
        group_by=group_by,
        source=source,
        fields=_columns(reader, "fields") if reader.has("fields") else (),
        participant=_columns(reader, "participant"),
        totals=_columns(reader, "totals") if reader.has("totals") else (),
        instructions=reader.text("instructions"),
        location=reader.mapping("location"),
        destination=reader.text("destination", ""),
        path=reader.text("path", ""),
        address=reader.text("address", ""),
        lines=converted(reader, "lines", whole, 100),
        amend=amend,
        table=_table(reader) if format in TABLES else None,
        ce_broker=_ce_broker(reader) if format in CE_BROKER else None,
        identity=_identity(reader, channel) if reader.has("identity_document") else None,
    )
    _fits(layout, reader)
    return layout


def _fits(layout: Layout, reader: Reader) -> None:
    """Whether format, channel and fields of a layout go together."""
    shown = {column.field for column in (*layout.fields, *layout.participant)}
    if "completed_on" not in shown:
        raise reader.refuse("fields", "a report says when each completion was: completed_on")
    if missing := SAYS.get(layout.format, set()) - shown:
        raise reader.refuse("participant", f"{layout.format} says {', '.join(sorted(missing))}")
    if "hours" in shown and layout.table is None:
        raise reader.refuse("participant", "hours need a format whose `table` says what one is")
    if layout.channel in {"https", "sftp"} and not (layout.destination and layout.path):
        raise reader.refuse(
            "destination", f"channel {layout.channel} needs `destination` and `path`"
        )
    if layout.channel == "smtp" and "@" not in layout.address:
        raise reader.refuse("address", "channel smtp needs the `address` that it is sent to")
    if not 1 <= layout.lines <= 100_000:
        raise reader.refuse("lines", "a roster holds between 1 and 100000 lines")
    if layout.format == "ce_broker_xml" and layout.group_by != "course_and_day":
        raise reader.refuse("group_by", "a roster of CE Broker is of one course: course_and_day")


def _table(reader: Reader) -> Table:
    row = reader.under("table")
    prolog = row.words("prolog", ())
    table = Table(
        name=row.text("name"),
        date=row.text("date"),
        hours=converted(row, "hours", whole, 60),
        decimals=converted(row, "decimals", whole, 2),
        header=row.truth("header", default=True),
        prolog=prolog,
        encoding=row.one_of("encoding", ENCODINGS) if row.has("encoding") else "utf-8",
        newline=NEWLINES[row.one_of("newline", set(NEWLINES)) if row.has("newline") else "crlf"],
        delimiter=DELIMITERS[
            row.one_of("delimiter", set(DELIMITERS)) if row.has("delimiter") else "comma"
        ],
        quote_all=row.truth("quote_all", default=False),
    )
    for place, text in (("name", table.name), *(("prolog", line) for line in prolog)):
        if unknown := set(re.findall(r"\{(.*?)\}", text)) - NAMED:
            raise row.refuse(
                place, f"names {min(unknown)}; write any of {', '.join(sorted(NAMED))}"
            )
    if "{roster_id}" not in table.name:
        raise row.refuse("name", "must hold {roster_id}, so that no file replaces another")
    if not table.hours:
        raise row.refuse("hours", "an hour has minutes")
    row.finish()
    return table


def _identity(reader: Reader, channel: str) -> IdentityDemand:
    if channel != "https":
        raise reader.refuse("identity_document", "it leaves over channel https alone")
    row = reader.under("identity_document")
    demand = IdentityDemand(_some(row, "types"), row.text("why"), row.text("path"))
    row.finish()
    return demand


def _ce_broker(reader: Reader) -> CeBroker:
    row = reader.under("ce_broker")
    codes = row.mapping("professions")
    if not codes or not all(codes.values()):
        raise row.refuse("professions", "name the profession's code of each license type")
    found = CeBroker(row.text("state"), codes)
    row.finish()
    return found


def _columns(reader: Reader, name: str) -> tuple[Column, ...]:
    columns = []
    for row in reader.each(name):
        columns.append(Column(row.one_of("field", REPORT_FIELDS), row.text("label")))
        row.finish()
    if not columns:
        raise reader.refuse(name, "list at least one field")
    return tuple(columns)
