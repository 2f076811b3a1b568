"""What is left to check certificates by when nobody answers any more."""

import hashlib
import json
from collections.abc import Callable

import pytest

from creditable.credit import bundles, certificates
from creditable.credit.models import Certificate
from tests.credit.test_awards import license_of
from tests.factories.credit import BY, TEXAS, make_award, make_course
from tests.factories.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("policy")]


def listed(files: dict[str, bytes]) -> dict[str, dict[str, str]]:
    script = files["certificates.js"].decode()
    found: dict[str, dict[str, str]] = json.loads(script.partition("=")[2].rstrip(";\n"))["issued"]
    return found


def test_it_knows_each_file_and_nobodys_name(run_jobs: Callable[[], int]) -> None:
    people = [make_person(name=name) for name in ("Dana Whitfield", "Bo Quillfeather")]
    for number, person in enumerate(people):
        license_of(person, number=f"TX.700{number}")
        make_award(person.pk, make_course(TEXAS))
    run_jobs()
    kept, ended = Certificate.objects.order_by("issued_at", "id")
    certificates.revoke(certificate=ended, reason="Taken twice.", by=BY)
    run_jobs()

    files = dict(bundles.files())

    states = {sha256: one["state"] for sha256, one in listed(files).items()}
    assert states == {
        hashlib.sha256(bytes(kept.pdf)).hexdigest(): "genuine",
        hashlib.sha256(bytes(ended.pdf)).hexdigest(): "revoked",
    }
    everything = b"".join(files.values()).decode()
    for said in ("Whitfield", "Quillfeather", "TX.7000", "TX.7001", kept.serial, ended.serial):
        assert said not in everything
    assert json.loads(files["status-0.json"])["proof"]
    assert json.loads(files["keys.json"])["keys"][0]["x5c"]
    assert json.loads(files["issuer.json"])["assertionMethod"]


def test_the_same_certificates_make_the_same_bytes_and_the_manifest_names_each_file(
    run_jobs: Callable[[], int],
) -> None:
    files = dict(bundles.files())
    assert dict(bundles.files()) == files
    sums = dict(line.split("  ")[::-1] for line in files.pop("manifest.txt").decode().splitlines())
    assert sums == {name: hashlib.sha256(file).hexdigest() for name, file in files.items()}
    assert {"index.html", "check.js", "check.css", "README.txt"} <= sums.keys()
