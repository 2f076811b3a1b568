"""What people read is what the rules say."""

from pathlib import Path

import pytest

from creditable.policy import document, notice
from creditable.policy.contents import Policy
from tests.policy import example
from tests.promises import promise

SPARE = "  spare: {label: the spare disk, region: there, keeps: visit}"
VISITS = """\
  visit:
    label: visits
    clock: seen
    keep: while_account
    then: stay
    purpose: [licensure, offers]
    basis: contract
"""


def test_the_page_holds_every_clause_in_order_with_its_numbers_and_lists(tmp_path: Path) -> None:
    found = notice.sections(document.load(example.write(tmp_path)))
    assert [(section.id, section.anchor, section.title) for section in found] == [
        ("top", "top", "What we do"),
        ("end", "end", "How it ends"),
    ]
    texts = [paragraph.text for section in found for paragraph in section.paragraphs]
    assert texts == [
        "We are Example. This is version 2 of January 31, 2026.",
        "We will send your name to boards.",
        (
            "We may rent your name and your postal address unless you say no"
            " to offers of others. We never rent your e-mail address. Only groups of 20 count."
        ),
        "Orders stay 7 years. Sessions end after 10 minutes.",
        "We keep it in Ohio, United States.",
        "These get it.",
    ]
    assert found[0].paragraphs[1].promises == ("A11",)
    assert found[0].paragraphs[1].binds == ("report",)


def test_a_changed_rule_changes_the_text(tmp_path: Path) -> None:
    changed = document.load(
        example.write(
            tmp_path, ("categories: user.name, rec", "categories: user.contact.email, rec")
        )
    )
    assert notice.sentence(changed, "report") == "We will send your e-mail address to boards."


@promise("B14")
def test_a_table_names_the_region_of_each_store_and_the_time_and_purposes_of_what_it_keeps(
    tmp_path: Path,
) -> None:
    policy = document.load(
        example.write(
            tmp_path,
            ("keeps: order}", f"keeps: [order, visit]}}\n{SPARE}"),
            ("minors: {", f"{VISITS}minors: {{"),
            ("binds: [store.server]", "binds: [store.server, store.spare, retention.visit]"),
        )
    )
    table = table_of(policy, "where")
    assert table.columns == ("What", "How long", "For", "Kept in", "Region")
    while_account = "at least as long as your account exists"
    visits = ("visits", while_account, "your license and offers")
    assert table.rows == (
        ("orders", "7 years", "offers", "the server", "Ohio, United States"),
        (*visits, "the server", "Ohio, United States"),
        (*visits, "the spare disk", "Canada"),
    )


@promise("B14")
def test_a_table_names_the_region_of_each_recipient_and_what_goes_there(tmp_path: Path) -> None:
    declared = "  renter: {label: those who rent lists, region: there}\n"
    other = "  court: {label: courts, region: there}\n"
    table = table_of(document.load(example.write(tmp_path, (declared, declared + other))), "whom")
    assert table.rows == (
        ("the first board", "Ohio, United States", "your license"),
        ("courts", "Canada", "nothing: no rule sends anything there"),
        ("those who rent lists", "Canada", "offers"),
    )


def table_of(policy: Policy, clause: str) -> notice.Table:
    """The table below a clause."""
    (found,) = [
        paragraph.table
        for section in notice.sections(policy)
        for paragraph in section.paragraphs
        if paragraph.id == clause
    ]
    assert found
    return found


def test_what_is_never_released_is_listed_with_or(tmp_path: Path) -> None:
    one = "categories: user.contact.email, recipient: renter}"
    two = "categories: [user.contact.email, user.name], recipient: [renter, board.one]}"
    policy = document.load(example.write(tmp_path, (one, two)))
    assert "never rent your e-mail address or your name." in notice.sentence(policy, "rent")
    said = policy.says("to {recipients of never.mail}")
    assert said == "to those who rent lists or the first board"


def test_an_anchor_stays_the_same_from_version_to_version(tmp_path: Path) -> None:
    dotted = document.load(example.write(tmp_path, ("- id: hello", "- id: hello.there")))
    assert notice.sections(dotted)[0].paragraphs[0].anchor == "hello-there"


def test_a_form_tells_what_it_asks_for_and_why(tmp_path: Path) -> None:
    policy = document.load(example.write(tmp_path))
    found = notice.form_notice(policy, "profile")
    assert found.sentences == (
        "We use your name and your postal address for your license and offers.",
        "You may stop us.",
    )
    assert found.anchor == "rent"


def test_a_part_of_an_address_is_not_called_the_address(tmp_path: Path) -> None:
    policy = document.load(example.write(tmp_path, (", city: user.contact.address.city}", "}")))
    assert "your name and your street" in notice.form_notice(policy, "profile").sentences[0]


def test_what_the_policy_does_not_hold_is_an_error(tmp_path: Path) -> None:
    policy = document.load(example.write(tmp_path))
    with pytest.raises(KeyError, match="no form 'login'"):
        notice.form_notice(policy, "login")
    with pytest.raises(KeyError, match="no clause 'login'"):
        notice.sentence(policy, "login")
