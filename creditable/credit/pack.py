"""An authority pack: what one licensing authority asks, as data that somebody outside can check.

A pack is a folder (`credit/authorities/<id>/` or the provider's own `authorities/<id>/`):
`rules.yaml` holds effective-dated versions of the rules, each fact with the source it was read in,
the day and the confidence; `report.yaml` holds the layout of its reports; README.md has the
authority's own terms. A fact whose value is null is unknown, and the rules say so.

    pack = read(Path("creditable/credit/authorities/us-tx-tdlr-electricians"))
    pack.rules_on(date(2026, 11, 22)).hours_needed.value    # Fraction(4)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from creditable.credit.deadlines import Deadline, UnsupportedDeadline

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
CONFIDENCE = {"verbatim", "verbatim-supported", "secondary", "inferred", "fictional"}
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


class PackRefused(Exception):
    """A pack cannot be used: the file, the place in it and the cure."""

    def __init__(self, path: Path, place: str, cure: str) -> None:
        super().__init__(f"{path}: {place}: {cure}" if place else f"{path}: {cure}")
        self.path = path
        self.place = place
        self.cure = cure


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
class LicenseType:
    """A kind of license: its id in our rows, its name as the authority prints it."""

    id: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force from a day to another (None: still). Hours are the authority's own,
    minutes are whole; one approved hour is `minutes_per_hour` minutes where that is known."""

    start: date
    end: date | None
    hours_needed: Fact[Fraction]
    minutes_per_hour: Fact[int]
    hour_step_minutes: Fact[int]
    term_months: Fact[int]
    late_window_months: Fact[int]
    topics: Fact[tuple[str, ...]]
    repeat: Fact[Literal["never", "term"]]
    carry_over: Fact[Literal["none"]]
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
class Layout:
    """How a completion is reported: the file format, the channel it leaves by (manual: staff
    type it in or upload the file; learner: the holder files it), whether it is sent by itself, what
    one roster holds (the completions of one course on one day, or all of the provider's) and how
    many lines at most, the fields in the rule's order. An authority that
    takes no reports from providers has the format, channel and sender `none`; the instructions say
    what its licensees do instead.

    `destination` names the sender's entry, `path` a place there, `address` a mailbox. `amend` is
    how an accepted line is changed: another line takes its place, or only a letter can tell them,
    because a posted roster cannot be edited."""

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

    @property
    def is_carried(self) -> bool:
        """Whether our sender brings it there, so that no hand is needed."""
        return self.channel in {"https", "smtp", "sftp"}


@dataclass(frozen=True, slots=True)
class Pack:
    """One authority. Where it does not approve courses itself (`approves_courses` no), an approval
    in our books is the provider's word that a course is of the kind that the authority takes."""

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
    approves_courses: bool

    def rules_on(self, day: date) -> Rules | None:
        """The rules in force on that day; None when we have none for it."""
        for rules in self.versions:
            if rules.start <= day and (rules.end is None or day <= rules.end):
                return rules
        return None

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
    rules, report = _Reader.load(folder / "rules.yaml"), _Reader.load(folder / "report.yaml")
    if not (folder / "README.md").is_file():
        raise PackRefused(folder, "", "add README.md with the authority's own terms")
    pack_id = rules.text("id")
    if pack_id != folder.name:
        raise PackRefused(rules.path, "id", f"name the folder {pack_id}, or the id {folder.name}")
    sources = {
        name: _source(rules.under(f"sources.{name}", raw), name)
        for name, raw in rules.mapping("sources").items()
    }
    number = rules.under("license_number", rules.take("license_number"))
    pack = Pack(
        id=pack_id,
        name=rules.text("name"),
        short_name=rules.text("short_name"),
        jurisdiction=rules.text("jurisdiction"),
        profession=rules.text("profession"),
        time_zone=_zone(rules),
        survey_rows=tuple(str(row) for row in rules.items("survey_rows")),
        license_types=_license_types(rules),
        number_pattern=_pattern(number),
        number_says=number.text("says"),
        sources=sources,
        versions=_versions(rules, sources),
        layout=_layout(report, sources),
        approves_courses=rules.truth("approves_courses", default=True),
    )
    broker = pack.layout.ce_broker
    if broker and (nameless := {kind.id for kind in pack.license_types} - set(broker.professions)):
        raise report.refuse("ce_broker.professions", f"name the code of {min(nameless)}")
    for reader in (rules, number, report):
        reader.finish()
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


class _Reader:
    """Takes named values out of a mapping; what nobody took is an unknown key."""

    def __init__(self, path: Path, place: str, values: Mapping[str, Any]) -> None:
        self.path = path
        self.place = place
        self._values = dict(values)

    @classmethod
    def load(cls, path: Path) -> "_Reader":
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise PackRefused(path, "", "the file is missing; write it") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise PackRefused(path, "", f"not readable as YAML: {error}") from error
        if not isinstance(content, dict):
            raise PackRefused(path, "", "expected names and values")
        return cls(path, "", content)

    def under(self, place: str, values: object) -> "_Reader":
        where = f"{self.place}.{place}".strip(".")
        if not isinstance(values, dict):
            raise PackRefused(self.path, where, "expected names and values")
        return _Reader(self.path, where, values)

    def refuse(self, name: str, cure: str) -> PackRefused:
        return PackRefused(self.path, f"{self.place}.{name}".strip("."), cure)

    def has(self, name: str) -> bool:
        return name in self._values

    def take(self, name: str, default: object = ...) -> Any:
        if name not in self._values:
            if default is ...:
                raise self.refuse(name, "missing; add it (null where the value is unknown)")
            return default
        return self._values.pop(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.take(name, default if default is not None else ...)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(name, "must be text")
        return " ".join(value.split())

    def one_of(self, name: str, allowed: set[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise self.refuse(name, f"{value!r} must be one of {', '.join(sorted(allowed))}")
        return value

    def day(self, name: str) -> date:
        value = self.take(name)
        if type(value) is not date:
            raise self.refuse(name, "must be a date like 2026-11-22")
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        value = self.take(name, default)
        if not isinstance(value, bool):
            raise self.refuse(name, "must be yes or no")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.take(name)
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self.refuse(name, "expected names and values")
        return value

    def items(self, name: str) -> list[Any]:
        value = self.take(name)
        if not isinstance(value, list):
            raise self.refuse(name, "must be a list")
        return value

    def finish(self) -> None:
        if self._values:
            unknown = min(self._values)
            raise self.refuse(unknown, "unknown key; correct its spelling or remove it")


def _zone(reader: _Reader) -> str:
    name = reader.text("time_zone")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise reader.refuse("time_zone", f"{name!r} is no IANA time zone") from error
    return name


def _pattern(reader: _Reader) -> str:
    pattern = reader.text("pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        raise reader.refuse("pattern", f"not a regular expression: {error}") from error
    return pattern


def _source(reader: _Reader, name: str) -> Source:
    source = Source(
        title=reader.text("title"),
        url=reader.text("url"),
        checked=reader.day("checked"),
        confidence=reader.one_of("confidence", CONFIDENCE),
    )
    reader.finish()
    return source


def _license_types(reader: _Reader) -> tuple[LicenseType, ...]:
    kinds = []
    for place, raw in enumerate(reader.items("license_types")):
        row = reader.under(f"license_types[{place}]", raw)
        kinds.append(LicenseType(row.text("id"), row.text("name"), row.text("note", "")))
        row.finish()
    ids = [kind.id for kind in kinds]
    if not ids or len(set(ids)) != len(ids):
        raise reader.refuse("license_types", "list at least one type, each id once")
    return tuple(kinds)


def _versions(reader: _Reader, sources: Mapping[str, Source]) -> tuple[Rules, ...]:
    versions = []
    for place, raw in enumerate(reader.items("versions")):
        row = reader.under(f"versions[{place}]", raw)
        start = row.day("from")
        end = row.take("to")
        if end is not None and (type(end) is not date or end < start):
            raise row.refuse("to", "must be null or a date not before `from`")
        facts = _Facts(row.under("facts", row.take("facts")), sources)
        row.finish()
        versions.append(facts.rules(start, end))
    versions.sort(key=lambda rules: rules.start)
    if not versions:
        raise reader.refuse("versions", "list at least one version of the rules")
    for earlier, later in pairwise(versions):
        if earlier.end is None or earlier.end >= later.start:
            raise reader.refuse("versions", f"end the version of {earlier.start} before the next")
    return tuple(versions)


class _Facts:
    """Reads the facts of one version."""

    def __init__(self, reader: _Reader, sources: Mapping[str, Source]) -> None:
        self.reader = reader
        self.sources = sources

    def rules(self, start: date, end: date | None) -> Rules:
        minutes_per_hour = self.fact("minutes_per_hour", _count)
        rules = Rules(
            start=start,
            end=end,
            hours_needed=self.fact("hours_needed", _hours),
            minutes_per_hour=minutes_per_hour,
            hour_step_minutes=self.fact("hour_step_minutes", _count),
            term_months=self.fact("term_months", _count),
            late_window_months=self.fact("late_window_months", _count),
            topics=self.fact("topics", _words),
            repeat=self.fact("repeat", _choice("never", "term")),
            carry_over=self.fact("carry_over", _choice("none")),
            pass_percent=self.fact("pass_percent", _count),
            approval_months=self.fact("approval_months", _count),
            partial_credit=self.fact("partial_credit", _choice("none")),
            report_due=self.fact("report_due", self._deadline),
            certificate_due=self.fact("certificate_due", self._deadline),
            certificate_fields=self.fact("certificate_fields", _fields(CERTIFICATE_FIELDS)),
            provider_keeps_years=self.fact("provider_keeps_years", _count),
            holder_keeps_years=self.fact("holder_keeps_years", _count),
        )
        needed = rules.hours_needed.value
        if needed is not None and (needed * (minutes_per_hour.value or 60)).denominator != 1:
            raise self.reader.refuse("hours_needed", "must come to whole minutes")
        self.reader.finish()
        return rules

    def fact(self, name: str, convert: Any) -> Fact[Any]:
        row = self.reader.under(name, self.reader.take(name))
        raw = row.take("value")
        source = row.text("source", "")
        note = row.text("note", "")
        row.finish()
        if source and source not in self.sources:
            raise row.refuse("source", f"{source!r} is not among `sources`; add it there")
        if raw is None:
            return Fact(None, self.sources.get(source), note)
        if not source:
            raise row.refuse("source", "a value needs the source it was read in")
        try:
            value = convert(raw)
        except UnsupportedDeadline as error:
            raise row.refuse("value", str(error)) from error
        except (ValueError, TypeError, KeyError) as error:
            raise row.refuse("value", f"{raw!r} {error}") from error
        return Fact(value, self.sources[source], note)

    def _deadline(self, raw: object) -> Deadline:
        if not isinstance(raw, dict) or set(raw) != {"days", "kind"}:
            raise ValueError("must be like {days: 7, kind: calendar}")
        return Deadline(_count(raw["days"]), str(raw["kind"]))


def _count(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("must be a whole number")
    return raw


def _hours(raw: object) -> Fraction:
    """Hours may be 7.5: read from the text of the number, never through a binary float."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise TypeError("must be a number of hours")
    hours = Fraction(str(raw))
    if hours < 0:
        raise ValueError("must not be negative")
    return hours


def _words(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or not all(isinstance(word, str) for word in raw):
        raise ValueError("must be a list of words")
    return tuple(raw)


def _choice(*allowed: str) -> Any:
    def convert(raw: object) -> str:
        if raw not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(raw)

    return convert


def _fields(allowed: set[str]) -> Any:
    def convert(raw: object) -> tuple[str, ...]:
        words = _words(raw)
        for word in words:
            if word not in allowed:
                raise ValueError(f"names {word!r}, which is not one of {sorted(allowed)}")
        return words

    return convert


def _layout(reader: _Reader, sources: Mapping[str, Source]) -> Layout:
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
        location={str(k): str(v) for k, v in (reader.take("location", {}) or {}).items()},
        destination=reader.text("destination", ""),
        path=reader.text("path", ""),
        address=reader.text("address", ""),
        lines=_count(reader.take("lines", 100)),
        amend=amend,
        table=_table(reader) if format in TABLES else None,
        ce_broker=_ce_broker(reader) if format in CE_BROKER else None,
    )
    _fits(layout, reader)
    return layout


def _fits(layout: Layout, reader: _Reader) -> None:
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


def _table(reader: _Reader) -> Table:
    row = reader.under("table", reader.take("table"))
    prolog = tuple(str(line) for line in (row.items("prolog") if row.has("prolog") else ()))
    table = Table(
        name=row.text("name"),
        date=row.text("date"),
        hours=_count(row.take("hours", 60)),
        decimals=_count(row.take("decimals", 2)),
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


def _ce_broker(reader: _Reader) -> CeBroker:
    row = reader.under("ce_broker", reader.take("ce_broker"))
    codes = {kind: str(code) for kind, code in row.mapping("professions").items()}
    if not codes or not all(codes.values()):
        raise row.refuse("professions", "name the profession's code of each license type")
    found = CeBroker(row.text("state"), codes)
    row.finish()
    return found


def _columns(reader: _Reader, name: str) -> tuple[Column, ...]:
    columns = []
    for place, raw in enumerate(reader.items(name)):
        row = reader.under(f"{name}[{place}]", raw)
        columns.append(Column(row.one_of("field", REPORT_FIELDS), row.text("label")))
        row.finish()
    if not columns:
        raise reader.refuse(name, "list at least one field")
    return tuple(columns)
