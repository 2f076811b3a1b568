"""Whatever left the house about the learner of the whole path, in whatever it is wrapped, is
explained by a line of the ledger that names it.

The canaries are not chosen: they are the values in every personal column of the learner's rows, by
the data maps, that nobody else has.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from creditable.disclosure.templates import registered
from creditable.policy import datamap
from creditable.policy.contents import covers
from tests.architecture.source import HOUSE
from tests.installation import Running
from tests.journeys import path, traffic
from tests.journeys.walk import Walk
from tests.microscope import found

ARCHIVE = "mail_message"
"""Its rows are the messages themselves; what they may say is asked of everything else."""
SHORTEST = 6
"""Shorter values (a state, an age) are everywhere and prove nothing."""


@dataclass(frozen=True)
class Canary:
    """A value of the learner's, and which kinds of data it is."""

    value: str
    categories: frozenset[str]
    places: frozenset[str]


def canaries(walk: Walk) -> list[Canary]:
    answers = datamap.load(sorted(HOUSE.glob("*/data_map.yaml"))).answers
    kinds: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for (table, column), answer in answers.items():
        if answer.subject_path != "subject_id" or not answer.category or table == ARCHIVE:
            continue
        rows = walk.running.rows(
            f'SELECT DISTINCT "{column}"::text AS value FROM "{table}" WHERE subject_id = %s'
            f' AND NOT EXISTS (SELECT FROM "{table}" AS other WHERE other.subject_id <> %s'
            f' AND other."{column}"::text = "{table}"."{column}"::text)',
            walk.subject,
            walk.subject,
        )
        for value in (str(row["value"] or "") for row in rows):
            if SHORTEST <= len(value) <= 200 and not _is_common(value):
                kinds.setdefault(value, set()).add(answer.category)
                places.setdefault(value, set()).add(f"{table}.{column}")
    return [Canary(value, frozenset(kinds[value]), frozenset(places[value])) for value in kinds]


def _is_common(value: str) -> bool:
    """Words of the program, numbers and times, which others may say as well."""
    return re.fullmatch(r"[a-z_.\-]+|\d.*|[{\[(!\\].*", value) is not None


def explained(walk: Walk) -> Mapping[traffic.Message, set[str]]:
    """By each message, the categories that the ledger says it held about the learner."""
    named: dict[traffic.Message, set[str]] = {}
    for message, line in traffic.released(walk.running):
        if str(line["subject_id"]) != walk.subject:
            continue
        fields = registered()[line["template"]].fields
        named.setdefault(message, set()).update(fields[field] for field in line["fields"])
    return named


def unexplained(
    birds: list[Canary], message: traffic.Received, named: Mapping[traffic.Message, set[str]]
) -> Iterator[str]:
    said = named.get(message.message, set())
    by_value = {bird.value: bird for bird in birds}
    for value in found(list(by_value), message.content.encode()):
        bird = by_value[value]
        if not any(
            covers(one, other) or covers(other, one) for one in said for other in bird.categories
        ):
            yield f"{message.message}: {value} of {sorted(bird.places)}"


def test_all_that_left_about_the_learner_stands_in_the_ledger(walk: Walk) -> None:
    birds = canaries(walk)
    assert {"rosalind@example.com", "Rosalind Achebe-Marsh", "J-51873"} <= {
        bird.value for bird in birds
    }
    assert len({place for bird in birds for place in bird.places}) >= 8
    messages = traffic.received(walk.running)
    named = explained(walk)
    hits = [
        message for message in messages if found([b.value for b in birds], message.content.encode())
    ]
    assert len(hits) >= 5, "the learner's data has gone to several"
    assert {message.message[0] for message in hits} >= {
        "self", "payment.paypal", "authority.demo-state-board"
    }  # fmt: skip
    wrong = [words for message in messages for words in unexplained(birds, message, named)]
    assert wrong == []


def test_a_message_that_says_more_than_its_line_is_seen(walk: Walk) -> None:
    birds = canaries(walk)
    named = explained(walk)
    (first, *_) = [one for one in traffic.received(walk.running) if one.message[0] == "self"]
    more = traffic.Received(first.message, first.content + walk.learner.board_license)
    assert list(unexplained(birds, more, named))
    stranger = traffic.Received(("advertiser", "1"), f"q={walk.learner.email.encode().hex()}")
    assert list(unexplained(birds, stranger, named))


def own_documents(walk: Walk) -> dict[str, bytes]:
    """The PDFs that the learner can fetch, each by its name, as the site hands them out."""
    learner = walk.learner.browser
    named = {f"certificate {number}": pdf for number, pdf in enumerate(walk.certificates, 1)}
    pages = {
        "transcript": ("/account/certificates/", "transcript.pdf"),
        "invoice": (f"/account/orders/{walk.order}/", ".pdf"),
    }
    for name, (page, ending) in pages.items():
        learner.open(page)
        address = next(link for link in learner.find("//a/@href") if link.endswith(ending))
        learner.open(address)
        named[name] = learner.answer.content
    return named


def test_a_document_says_what_it_is_for_and_no_more(walk: Walk) -> None:
    """What stands on the pages is read, not the bytes: a PDF holds numbers of glyphs."""
    learner = walk.learner
    licenses = {learner.board_license, learner.texas_license}
    contact = {learner.email, path.STREET}
    documents = own_documents(walk)
    assert len(documents) == 4
    says = {
        name: found([learner.name, *licenses, *contact], pdf) for name, pdf in documents.items()
    }
    assert all(learner.name in values for values in says.values()), says
    assert says["certificate 1"] | says["certificate 2"] == {learner.name, *licenses}
    assert not says["transcript"] & contact
    assert path.STREET in says["invoice"]
    assert not says["invoice"] & licenses


def files(running: Running) -> list[Path]:
    """What others may read or a provider hands on: logs, what is published, what is served."""
    data = running.demo.data
    folders = [running.logs, data / "published", data / "static"]
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def test_no_log_and_no_file_that_is_served_holds_anything_of_the_learner(walk: Walk) -> None:
    values = [bird.value for bird in canaries(walk)]
    looked = files(walk.running)
    logs = [file for file in looked if file.parent == walk.running.logs]
    assert len(logs) >= 5
    assert any(file.name == "ledger.txt" for file in looked)
    wrong = {
        str(file): hits
        for file in looked
        if file.suffix not in {".mp4", ".woff2"} and (hits := found(values, file.read_bytes()))
    }
    assert wrong == {}
