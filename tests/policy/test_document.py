"""A policy is read strictly: a fault is named with its file, its line and its cure."""

import datetime as dt
import json
from fractions import Fraction
from pathlib import Path

import pytest

from creditable.policy import document
from creditable.policy.contents import Policy, Reach
from creditable.policy.document import PolicyError
from creditable.policy.duration import Duration
from tests.policy import example


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return document.load(example.write(tmp_path))


def test_a_policy_says_what_its_files_say(policy: Policy) -> None:
    assert (policy.id, policy.version, policy.supersedes) == ("example", 2, 1)
    assert policy.effective == dt.date(2026, 1, 31)
    assert policy.controller.email == "us@example.com"
    assert list(policy.categories) == [
        "user.name",
        "user.contact.email",
        "user.contact.address",
        "user.contact.address.street",
        "user.contact.address.city",
    ]
    assert policy.rules[1].unless == ("offers.others",)
    assert policy.choices["offers.others"].covers == Reach(recipients=("renter",))
    assert policy.never[0].scope.groups == ("customer", "minor"), "what is left out means any"
    assert policy.retention["order"].keep == Duration(years=7)
    assert policy.aggregates["figures"].epsilon == Fraction(1, 4)
    assert policy.measures["idle"].value == Duration(minutes=10)
    assert policy.minors is not None
    assert policy.minors.purchase_age == 18
    assert policy.says("For {purposes of basis.contract}.") == "For your license."
    assert [clause.id for clause in policy.clauses] == [
        *("hello", "report", "rent", "keep", "where", "whom"),
    ]
    assert policy.clause_of["never.mail"].id == "rent"


def test_who_says_nothing_has_refused_only_what_is_asked_first(tmp_path: Path) -> None:
    asked = ("default: allow", "default: deny")
    (tmp_path / "asked").mkdir()
    allowed = document.load(example.write(tmp_path))
    asked_first = document.load(example.write(tmp_path / "asked", asked))
    refused = frozenset({"offers.others"})
    assert (allowed.refused({}), asked_first.refused({})) == (frozenset(), refused)
    for policy in (allowed, asked_first):
        assert policy.refused({"offers.others": False}) == refused
        assert policy.refused({"offers.others": True}) == frozenset()


def test_a_contract_is_needed_by_all_that_belongs_to_who_needs_it(tmp_path: Path) -> None:
    needed = ("{label: boards, region: here}", "{label: boards, region: here, contract: required}")
    policy = document.load(example.write(tmp_path, needed))
    assert [policy.needs_contract(who) for who in ("board.one", "renter")] == [True, False]


def test_a_rule_that_two_clauses_bind_stands_on_the_first(tmp_path: Path) -> None:
    change = (
        "binds: [retention.order, measure.idle]",
        "binds: [retention.order, measure.idle, rent]",
    )
    assert document.load(example.write(tmp_path, change)).clause_of["rent"].id == "rent"


def test_the_published_bytes_hold_the_whole_policy(policy: Policy) -> None:
    again = document.parse(policy.canonical)
    assert again == policy
    for part in ("categories", "rules", "never", "retention", "forms", "sections", "answers"):
        assert getattr(again, part) == getattr(policy, part), part
    assert again.sha256 == policy.sha256


def test_the_order_and_spelling_of_files_does_not_change_the_hash(
    policy: Policy, tmp_path: Path
) -> None:
    other = tmp_path / "one file"
    other.mkdir()
    text = example.CLAUSES + "# a remark\n" + example.RULES + example.POLICY
    (other / "policy.yaml").write_text(text.replace("{name: Example,", '{"name": "Example",'))
    assert document.load(other).sha256 == policy.sha256


def test_any_change_of_meaning_changes_the_hash(policy: Policy, tmp_path: Path) -> None:
    changed = document.load(example.write(tmp_path, ("P7Y", "P8Y")))
    assert changed.sha256 != policy.sha256
    assert changed != policy


LOG = "  log: {label: x, clock: x, keep: P1Y, then: stay, purpose: offers, basis: contract}\n"
FAULTS = {
    "unknown key": (("    clause: rent", "    claus: rent"), "claus: rent", "no key 'claus'"),
    "unknown top key": (("minors:", "minor:"), "minor:", "no key 'minor'"),
    "missing key": (("  region: here\n", ""), "policy:", "lacks 'region'"),
    "key twice": (("  version: 2\n", "  version: 2\n  version: 3\n"), "version: 3", "stands twice"),
    "part twice": (("groups: {", "rules: {"), "rules:", "'rules' stands twice"),
    "category": (("categories: user.name,", "categories: user.nmae,"), "user.nmae", "no category"),
    "recipient": (("recipient: board,", "recipient: bord,"), "bord,", "'bord' is no recipient"),
    "purpose": (("purpose: licensure,", "purpose: x,"), "purpose: x,", "'x' is no purpose"),
    "channel": (("channel: https,", "channel: fax,"), "channel: fax,", "'fax' is no channel"),
    "group": (("https, group: customer", "https, group: all"), "group: all", "'all' is no group"),
    "choice": (("unless: [offers.others]", "unless: [x]"), "unless: [x]", "'x' is no choice"),
    "choice about nothing": (
        ("covers: {recipient: renter}", "covers: {}"),
        "covers: {}",
        "covers names nothing",
    ),
    "choice about less than its rule": (
        ("covers: {recipient: renter}", "covers: {recipient: board}"),
        "unless: [offers.others]",
        "'offers.others', which does not cover all of it",
    ),
    "consent that nobody asks for": (
        ("license, basis: contract", "license, basis: consent"),
        "- id: report",
        "rests on consent, and nobody is asked",
    ),
    "contract": (
        ("{label: boards, region: here}", "{label: boards, region: here, contract: maybe}"),
        "contract: maybe",
        "'maybe' is no word about a contract",
    ),
    "legal matter": (
        ("{label: boards, region: here}", "{label: boards, region: here, matter: maybe}"),
        "matter: maybe",
        "'maybe' is no word about a legal matter",
    ),
    "e-mail for rent": (
        (
            "categories: [user.name, user.contact.address]",
            "categories: [user.name, user.contact.email]",
        ),
        "categories: [user.name, user.contact.email]",
        "rule 'rent' would rent out 'user.contact.email'",
    ),
    "orphan recipient": (
        ("  board: {label: boards, region: here}\n", ""),
        "board.one:",
        "below no declared recipient",
    ),
    "basis": (
        ("license, basis: contract", "license, basis: habit"),
        "basis: habit",
        "'habit' is no legal basis",
    ),
    "duration": (("P7Y", "7 years"), "7 years", "not an ISO 8601 duration"),
    "duration of nothing": (("P7Y", "P0D"), "P0D", "no time at all"),
    "end": (("then: erase", "then: forget"), "then: forget", "'forget' is no end"),
    "date": (("2026-01-31", "2027-02-30"), "2027-02-30", "effective is not a date"),
    "version": (("version: 2", "version: 1"), "supersedes: 1", "cannot supersede version 1"),
    "whole number": (("version: 2", "version: two"), "version: two", "version is text"),
    "epsilon": (("epsilon: 1/4", "epsilon: 0"), "epsilon: 0", "not a fraction above 0"),
    "rule twice": (
        ("id: rent\n    permit", "id: report\n    permit"),
        "- id: report",
        "'report' st",
    ),
    "rule like a kind": (("id: report\n    p", "id: never.x\n    p"), "id: never.x", "begins like"),
    "name": (("  board.one: ", "  Board One: "), "Board One", "is no recipient"),
    "form's clause": (("    clause: rent", "    clause: x"), "clause: x", "'x' is no clause"),
    "promise": (("promises: [A11]", "promises: [B]"), "promises: [B]", "'B' is no promise"),
    "binding": (("binds: [report]", "binds: [reprot]"), "[reprot]", "'reprot', which is not"),
    "clause twice": (("id: keep", "id: hello"), "id: hello", "'hello' stands twice"),
    "anchor twice": (("{id: end,", "{id: report,"), "{id: report,", "'report' stands twice"),
    "question": (("{keep of retention.order}", "{keep of order}"), "of order}", "cannot answer"),
    "braces": (("{keep of retention.order}", "{keep}"), "{keep}", "asks nothing"),
    "unknown alias": (("version: 2", "version: *here"), "*here", "not readable as YAML"),
    "tag": (("version: 2", "version: !secret x"), "!secret", "means nothing here"),
    "region of a recipient": (
        ("label: boards, region: here", "label: boards, region: ohio"),
        "board:",
        "'ohio' is no region",
    ),
    "recipient nowhere": (
        ("label: boards, region: here", "label: boards"),
        "board:",
        "recipient 'board' lacks 'region'",
    ),
    "store nowhere": (
        ("label: the server, region: here", "label: the server"),
        "server:",
        "store 'server' lacks 'region'",
    ),
    "region of nothing": (
        ("there: Canada", "there: Canada, moon: the Moon"),
        "moon:",
        "nothing is in region 'moon'",
    ),
    "store of nothing known": (("keeps: order", "keeps: ordr"), "keeps: ordr", "'ordr' is no ret"),
    "kept nowhere": (("minors: {", f"{LOG}minors: {{"), "log:", "no store keeps 'log'"),
    "kept for nothing": (
        ("purpose: offers, basis: contract", "basis: contract"),
        "order:",
        "lacks 'purpose'",
    ),
    "no table": (("        table: stores\n", ""), "clauses:", "table of stores stands 0 times"),
    "table twice": (("table: recipients", "table: stores"), "clauses:", "stores stands 2 times"),
    "other table": (("table: stores", "table: rooms"), "table: rooms", "'rooms' is no table"),
    "empty list": (("metrics: [hits]", "metrics: []"), "metrics: []", "empty list"),
}


@pytest.mark.parametrize(("change", "line", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_its_place_and_cure(
    tmp_path: Path, change: tuple[str, str], line: str, words: str
) -> None:
    texts = example.POLICY + example.RULES + example.CLAUSES
    assert change[0] in texts, "the planted fault found nothing to change"
    with pytest.raises(PolicyError) as raised:
        document.load(example.write(tmp_path, change))
    found = [problem for problem in raised.value.problems if words in problem.message]
    assert found, str(raised.value)
    assert found[0].cure
    named = Path(found[0].file).read_text(encoding="utf-8").splitlines()[found[0].line - 1]
    assert line in named


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as raised:
        document.load(
            example.write(tmp_path, ("P7Y", "x"), ("basis: contract", "basis: y"), ("[hits]", "{}"))
        )
    assert len(raised.value.problems) >= 3


PROMISES = [
    "We will call you.",
    "You won't wait.",
    "It MAY happen.",
    "That never happens.",
    "Only we see it.",
    "Not unless you agree.",
    "It takes three days.",
    "It takes one year.",
]


@pytest.mark.parametrize("sentence", PROMISES)
def test_a_sentence_that_promises_needs_something_that_keeps_it(
    tmp_path: Path, sentence: str
) -> None:
    with pytest.raises(PolicyError, match="nothing is bound to it") as raised:
        document.load(example.write(tmp_path, ("We are {name", f"{sentence} We are {{name")))
    assert sentence in str(raised.value)


def test_a_sentence_without_a_promise_needs_nothing(tmp_path: Path) -> None:
    change = ("We are {name", "The yearbook of May 2027 shows the onlooker. We are {name")
    assert document.load(example.write(tmp_path, change))


def test_a_promise_that_comes_from_a_number_of_the_policy_is_seen_too(tmp_path: Path) -> None:
    change = ("We are {name of controller}.", "It ends {keep of retention.order}.")
    with pytest.raises(PolicyError, match=r"promises something \('years'\)"):
        document.load(example.write(tmp_path, change))


def test_a_notice_that_promises_needs_a_clause_that_is_bound(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"'You may stop us\.' promises something"):
        document.load(example.write(tmp_path, ("    clause: rent", "    clause: hello")))


UNBOUND = {
    "rule": ("binds: [report]", "binds: [measure.idle]", "no clause binds 'report'"),
    "never": ("never.mail, choice", "choice", "no clause binds 'never.mail'"),
    "choice": (", choice.offers.others, agg", ", agg", "no clause binds 'choice.offers.others'"),
    "store": ("[store.server]", "[measure.idle]", "no clause binds 'store.server'"),
    "retention": ("[retention.order, ", "[", "no clause binds 'retention.order'"),
    "measure": (", measure.idle]", "]", "no clause binds 'measure.idle'"),
    "aggregate": (", aggregate.figures]", "]", "no clause binds 'aggregate.figures'"),
}


@pytest.mark.parametrize(("old", "new", "words"), UNBOUND.values(), ids=UNBOUND.keys())
def test_what_no_clause_tells_people_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    with pytest.raises(PolicyError, match=words):
        document.load(example.write(tmp_path, (old, new)))


def test_a_clause_that_shows_a_rule_is_bound_to_it(tmp_path: Path) -> None:
    change = ("Orders stay", "Boards get {categories of report}. Orders stay")
    with pytest.raises(PolicyError, match="shows 'report' without binding it"):
        document.load(example.write(tmp_path, change))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: [1, 2", "not readable as YAML"),
        (b"- a\n- b\n", "is a list"),
        (b"just text", "is text"),
        (b"? [a]\n: b\n", "a key is not a word"),
        (b"a: &x {b: 1}\nc: *x\n", "an alias stands here"),
        (b"[" * 5000, "nested too deeply"),
        (b"--- {}\n--- {}\n", "not readable as YAML"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else None,
)
def test_a_file_that_is_no_document_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "policy.yaml").write_bytes(content)
    with pytest.raises(PolicyError, match=words):
        document.load(tmp_path)


def test_a_folder_without_a_policy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no \*\.yaml file here"):
        document.load(tmp_path)


def test_altered_bytes_of_a_published_version_are_refused(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="not canonical"):
        document.parse(policy.canonical + b" ")
    with pytest.raises(PolicyError, match="not JSON"):
        document.parse(policy.canonical[:-1])
    plain = json.loads(policy.canonical)
    del plain["rules"]
    altered = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(PolicyError, match="lacks 'rules'"):
        document.parse(altered)
