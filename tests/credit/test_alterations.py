"""Whatever was altered in a certificate has a name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from creditable.credit import alterations, document, inspection, signing
from creditable.credit.alterations import Alteration
from tests.credit import tampering
from tests.credit.test_document import CERTIFICATE
from tests.factories.keys import make_identity

AT = datetime(2026, 12, 29, 15, 30, tzinfo=UTC)
SAID = {
    "Name": CERTIFICATE.holder_name,
    "License": CERTIFICATE.license_line,
    "Course": CERTIFICATE.course_title,
    **dict(CERTIFICATE.facts),
}
Sign = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def sign(tmp_path_factory: pytest.TempPathFactory) -> Sign:
    identity = make_identity(tmp_path_factory.mktemp("keys"), at=AT)
    return lambda pdf: signing.sign(pdf, identity=identity, at=AT, signer="Wirewright", reason="x")


@pytest.fixture(scope="module")
def issued(sign: Sign) -> bytes:
    return sign(document.render(CERTIFICATE))


def found(issued: bytes, handed: bytes) -> list[Alteration]:
    ours, theirs = inspection.read(issued), inspection.read(handed)
    return list(alterations.between(ours, theirs, said=SAID, issued=issued, handed=handed))


def kinds(issued: bytes, handed: bytes) -> set[str]:
    return {alteration.kind for alteration in found(issued, handed)}


NAMED = {
    "bytes_appended": {"seal_broken", "bytes_added"},
    "one_byte_flipped": {"signed_by_other", "bytes_changed"},
    "written_anew": {"seal_broken", "rewritten"},
    "packed_anew": {"seal_broken", "rewritten"},
    "name_of_the_same_length": {"text", "seal_broken", "rewritten"},
    "words_drawn_over": {"drawing", "seal_broken", "rewritten"},
    "page_without_words": {"no_text", "seal_broken", "rewritten"},
    "fonts_exchanged": {"parts", "seal_broken", "rewritten"},
    "signature_removed": {"unsigned", "rewritten"},
    "title_changed": {"property", "seal_broken", "rewritten"},
    "metadata_removed": {"described", "seal_broken", "rewritten"},
    "tags_removed": {"untagged", "seal_broken", "rewritten"},
    "note_laid_on_top": {"notes", "seal_broken", "rewritten"},
    "changed_in_an_update": {"property", "seal_broken", "bytes_added"},
    "page_added": {"pages", "seal_broken", "rewritten"},
    "link_led_elsewhere": {"links", "seal_broken", "rewritten"},
    "script_put_in": {"active", "seal_broken", "rewritten"},
    "file_attached": {"attachments", "seal_broken", "rewritten"},
    "bookmark_added": {"seal_broken", "rewritten"},
}
BESIDES = {"described"}  # pikepdf notes in the metadata that it wrote the file


def test_every_way_of_tampering_is_tried() -> None:
    assert set(NAMED) | {"cut_off"} == set(tampering.WAYS)


def test_the_file_as_issued_differs_in_nothing(issued: bytes) -> None:
    same = alterations.between(
        inspection.read(issued), inspection.read(issued), said=SAID, issued=issued, handed=issued
    )
    assert {alteration.kind for alteration in same} == {"seal_broken"}
    assert alterations.in_bytes(issued, issued) == ()


@pytest.mark.parametrize("way", NAMED)
def test_tampering_is_named(issued: bytes, way: str) -> None:
    handed = tampering.WAYS[way](issued)
    assert kinds(issued, handed) - BESIDES == NAMED[way] - BESIDES


def test_a_swapped_name_is_quoted_beside_the_one_we_issued(issued: bytes) -> None:
    handed = tampering.name_of_the_same_length(issued)
    text = next(one for one in found(issued, handed) if one.kind == "text")
    assert (text.label, text.theirs, text.ours) == ("Name", "aDna Whitfield", "Dana Whitfield")


@pytest.mark.parametrize(
    ("change", "label", "theirs", "ours"),
    [
        ({"holder_name": "Dora Whitfield"}, "Name", "Dora Whitfield", "Dana Whitfield"),
        (
            {"facts": (("Credit", "20 hours"), CERTIFICATE.facts[1])},
            "Credit",
            "20 hours",
            "2 hours",
        ),
        (
            {"license_line": "Master Electrician, license 999"},
            "License",
            "Master Electrician, license 999",
            "Journeyman Electrician, license 0123456",
        ),
        (
            {"course_title": "Something harder"},
            "Course",
            "Something harder",
            "Electrical safety on the job",
        ),
    ],
)
def test_a_forgery_made_with_our_own_template_is_named_by_its_entry(
    issued: bytes, change: dict[str, object], label: str, theirs: str, ours: str
) -> None:
    forged = document.render(replace(CERTIFICATE, **change))  # type: ignore[arg-type]
    text = [one for one in found(issued, forged) if one.kind == "text"]
    assert [(one.label, one.theirs, one.ours) for one in text] == [(label, theirs, ours)]
    assert "unsigned" in kinds(issued, forged)


def test_a_forgery_signed_by_somebody_else_is_told_apart(issued: bytes, tmp_path: Path) -> None:
    other = make_identity(tmp_path, at=AT)
    forged = document.render(replace(CERTIFICATE, holder_name="Dora Whitfield"))
    signed = signing.sign(forged, identity=other, at=AT, signer="Wirewright", reason="x")
    assert {"text", "signed_by_other"} <= kinds(issued, signed)


def test_lines_that_were_added_or_taken_out_are_named(issued: bytes) -> None:
    with_more = document.render(
        replace(CERTIFICATE, facts=(*CERTIFICATE.facts, ("Instructor", "Nobody")))
    )
    added = [one for one in found(issued, with_more) if one.kind == "text_added"]
    assert [one.theirs for one in added] == ["INSTRUCTOR Nobody"]
    removed = kinds(issued, document.render(replace(CERTIFICATE, license_line="")))
    assert "text_removed" in removed


def test_a_cut_file_is_named_by_what_is_missing(issued: bytes) -> None:
    (missing,) = alterations.in_bytes(issued, tampering.cut_off(issued))
    assert (missing.kind, missing.count) == ("bytes_missing", 40)


@pytest.mark.parametrize(
    ("handed", "named"),
    [
        (lambda line: line, []),
        (lambda line: "\ufffd" * 9 if "Dana" in line else line, [("text_removed", "Name", "")]),
        (lambda line: "Dora Lee" if "Dana" in line else line, [("text", "Name", "DoraLee")]),
        (lambda line: f"{line} Twice" if "Dana" in line else line, [("text_added", "", "Twice")]),
    ],
)
def test_lines_that_run_together_are_told_from_words_that_differ(
    issued: bytes, handed: Callable[[str], str], named: list[tuple[str, str, str]]
) -> None:
    """A flipped byte may cost the page its line ends, so that all of it reads as one."""
    ours = inspection.read(issued)
    together = replace(ours, lines=("".join(handed(line) for line in ours.lines),))

    differ = alterations.between(ours, together, said=SAID, issued=issued, handed=issued)

    words = [one for one in differ if one.kind.startswith("text")]
    assert [(one.kind, one.label, one.theirs) for one in words] == named
