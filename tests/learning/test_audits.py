"""An authority sees what it audits, of its own licensees, until a day; packs check themselves."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditable.audit.clock import now
from creditable.catalog.models import Approval, CourseVersion
from creditable.credit import certificates, reports, reviews
from creditable.credit.models import Award, Review
from creditable.credit.reviews import Scope
from creditable.disclosure import policies
from creditable.disclosure.models import Release
from creditable.learning import audits
from creditable.learning.models import Enrollment
from creditable.lib.actor import Actor
from creditable.lib.refusal import Refused
from creditable.people.models import License, Person
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, BY, TEXAS, make_approval
from tests.factories.learning import sit_all, take_exam
from tests.factories.people import make_person
from tests.people.signing import sign_in_staff
from tests.promises import promise

CHECKER = audits.CHECKER


@pytest.fixture
def award(ana: Person, version: CourseVersion, place: Enrollment) -> Award:
    """Ana's credit in Texas, with her certificate, reported and accepted."""
    make_approval(version.course, TEXAS)
    license_of(ana)
    License.objects.filter(subject=ana.pk).update(name_as_printed="=Ana Diaz")
    sit_all(place)
    take_exam(ana, place, right=4)
    award = Award.objects.get(authority=TEXAS)
    certificates.issue(award_id=award.pk, by=BY)
    (roster,) = reports.send(report_ids=[award.reports.get().pk], by=BY)
    reports.record_receipt(roster=roster, confirmation="TDLR 5", rejected={}, by=BY)
    return award


@pytest.fixture
def scope(award: Award) -> Scope:
    return reviews.scope(
        authority=TEXAS,
        courses=[award.course.slug],
        first=award.completed_on,
        last=award.completed_on,
    )


def clerk() -> Actor:
    return Actor.staff(make_person().pk)


def unpacked(pack: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check(pack: bytes, place: Path) -> tuple[int, str]:
    """What the checker says, run by itself with nothing of ours in reach."""
    path = place / "pack.zip"
    path.write_bytes(pack)
    script = place / "check.py"
    script.write_bytes(CHECKER.read_bytes())
    ran = subprocess.run(
        [sys.executable, "-I", str(script), str(path)],
        cwd=place,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout


@pytest.fixture
def frank(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that lets an authority read also what was signed and answered in an exam."""
    judge(monkeypatch, opens={"user.ce.score", "user.ce.attestation"})


def judge(
    monkeypatch: pytest.MonkeyPatch,
    *,
    opens: Collection[str] = (),
    shuts: Collection[str] = (),
) -> None:
    """The published policy, but for these categories."""
    published = policies.decisions()

    class Changed:
        policy = published.policy

        def decide(self, cell: Any, said: Any) -> Any:
            if cell.category in opens:
                cell = replace(cell, category="user.ce.completion")
            verdict = published.decide(cell, said)
            shut = cell.category in shuts
            return replace(verdict, allowed=False, reason="kept") if shut else verdict

    monkeypatch.setattr(policies, "compiled", lambda *version: Changed())


@pytest.mark.usefixtures("frank")
def test_a_pack_holds_what_proves_each_line(scope: Scope, award: Award) -> None:
    files = unpacked(audits.pack(scope=scope, channel="manual", by=clerk()))
    (row,) = csv.DictReader(io.StringIO(files["roster.csv"].decode()))
    assert (row["License number"], row["Course number"]) == ("0123456", award.course_number)
    assert (row["Report"], row["Confirmation"]) == ("accepted", "TDLR 5")
    certificate = award.certificates.get()
    assert row["Certificate"] == certificate.serial
    assert files[f"lines/0001/certificate-{certificate.serial}.pdf"] == bytes(certificate.pdf)
    (attempt,) = json.loads(files["lines/0001/exam.json"])
    assert (attempt["passed"], len(attempt["questions"])) == (True, 4)
    for question in attempt["questions"]:
        assert question["answers"][-1]["choice"] == question["right"]
    (signed,) = json.loads(files["lines/0001/attestation.json"])
    assert signed["signature"] == "Ana Diaz"
    assert json.loads(files["lines/0001/evidence.json"])
    (name,) = (name for name in files if name.startswith("courses/"))
    course = json.loads(files[name])
    assert course["approvals"][0]["number"] == Approval.objects.get().number
    assert course["instructors"]
    assert len(course["exam"]["drawn_from"]) >= course["exam"]["questions"] == 4


def test_no_name_in_the_roster_is_a_formula(scope: Scope, award: Award) -> None:
    award.snapshot["holder_name"] = "=cmd|'/c calc'!A1"
    line = audits.Line(
        award,
        {
            "holder_name": award.snapshot["holder_name"],
            "license": award.snapshot["license"],
            "completion": {
                "course": award.snapshot["course"],
                "number": "1",
                "completed_on": "2026-01-01",
                "minutes": 1,
            },
        },
        (),
    )
    assert b",'=cmd" in audits._roster([line])


def test_the_same_rows_give_the_same_bytes(scope: Scope) -> None:
    first = audits.pack(scope=scope, channel="manual", by=clerk())
    assert audits.pack(scope=scope, channel="manual", by=clerk()) == first


def test_each_pack_stands_in_the_ledger(scope: Scope, award: Award) -> None:
    audits.pack(scope=scope, channel="manual", by=clerk())
    line = Release.objects.get(template=f"learning.audit.{TEXAS}.manual")
    assert (line.subject_id, line.recipient) == (award.subject_id, f"authority.{TEXAS}")
    assert {"evidence", "certificate", "holder_name"} <= set(line.fields)
    assert not {"exam", "attestation"} & set(line.fields)


def test_another_authority_and_another_time_see_nothing(scope: Scope, award: Award) -> None:
    earlier = award.completed_on - timedelta(days=1)
    for other in (
        reviews.scope(authority=BOARD, courses=[], first=scope.first, last=scope.last),
        reviews.scope(authority=TEXAS, courses=[], first=earlier, last=earlier),
    ):
        assert audits.lines(scope=other, channel="manual", by=clerk()) == []
    assert not Release.objects.filter(template__startswith="learning.audit").exists()


def test_what_the_policy_keeps_here_stays_and_the_manifest_says_so(
    scope: Scope, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge(monkeypatch, shuts={"user.ce.certificate"})
    pack = audits.pack(scope=scope, channel="manual", by=clerk())
    files = unpacked(pack)
    assert "lines/0001/exam.json" not in files
    assert not any("certificate-" in name for name in files)
    (line,) = json.loads(files["manifest.json"])["lines"]
    assert line["stayed_behind"] == ["attestation", "certificate", "exam"]
    assert check(pack, tmp_path)[0] == 0


class TestTheChecker:
    def test_says_that_all_is_well_and_the_hash_to_compare(
        self, scope: Scope, tmp_path: Path
    ) -> None:
        pack = audits.pack(scope=scope, channel="manual", by=clerk())
        status, said = check(pack, tmp_path)
        assert status == 0
        assert sha256(unpacked(pack)["manifest.json"]).hexdigest() in said
        assert unpacked(pack)[CHECKER.name] == CHECKER.read_bytes()

    @pytest.mark.parametrize("fault", ["altered", "missing", "added", "torn", "manifest"])
    def test_names_what_is_wrong(self, scope: Scope, tmp_path: Path, fault: str) -> None:
        pack = audits.pack(scope=scope, channel="manual", by=clerk())
        files = unpacked(pack)
        named = "roster.csv"
        if fault == "altered":
            files[named] = files[named].replace(b"TDLR 5", b"TDLR 6")
        elif fault == "missing":
            del files[named]
        elif fault == "added":
            named = "lines/0002/exam.json"
            files[named] = b"[]"
        elif fault == "manifest":
            files["manifest.json"], named = b"{}", "manifest"
        wrong = audits._zipped(files) if fault != "torn" else pack[:-100]
        status, said = check(wrong, tmp_path)
        assert status == 1
        assert said.startswith("WRONG")
        assert fault == "torn" or named in said


@promise("A23")
class TestReviewers:
    """Somebody of an authority sees its own, needs a second factor, and nothing once it is over."""

    @pytest.fixture
    def reviewer(self, db: None) -> Person:
        return make_person(name="Rae Viewer")

    @pytest.fixture
    def review(self, reviewer: Person, scope: Scope) -> Review:
        return reviews.give(
            subject_id=reviewer.pk, scope=scope, expires_at=now() + timedelta(days=7), by=clerk()
        )

    def test_the_page_shows_the_roster_and_leaves_a_line_in_the_ledger(
        self, client: Client, reviewer: Person, review: Review, award: Award
    ) -> None:
        sign_in_staff(client, reviewer)
        page = client.get(f"/account/reviews/{review.pk}/").content.decode()
        assert "0123456" in page
        line = Release.objects.get(template=f"learning.audit.{TEXAS}.web")
        assert (line.channel, line.actor_id) == ("web", reviewer.pk)
        pack = client.post(f"/account/reviews/{review.pk}/pack/")
        assert pack["Content-Type"] == "application/zip"
        assert "lines/0001/evidence.json" in unpacked(pack.content)

    def test_without_a_second_factor_nothing_is_shown(
        self, client: Client, reviewer: Person, review: Review
    ) -> None:
        client.force_login(reviewer)
        answer = client.get(f"/account/reviews/{review.pk}/")
        assert answer.status_code == 302
        assert "second-step" in answer["Location"]
        assert client.post(f"/account/reviews/{review.pk}/pack/").status_code == 302
        assert not Release.objects.filter(template__startswith="learning.audit").exists()

    def test_it_opens_neither_the_console_nor_anybody_elses_review(
        self, client: Client, reviewer: Person, review: Review, scope: Scope
    ) -> None:
        other = reviews.give(
            subject_id=make_person().pk,
            scope=scope,
            expires_at=now() + timedelta(days=7),
            by=clerk(),
        )
        sign_in_staff(client, reviewer)
        assert client.get(f"/account/reviews/{other.pk}/").status_code == 404
        for address in ("/console/", "/console/reports/", "/console/people/", "/console/reviews/"):
            assert client.get(address).status_code == 403

    def test_when_it_is_over_it_is_gone(
        self,
        client: Client,
        reviewer: Person,
        review: Review,
        move_clock: Callable[[timedelta], None],
    ) -> None:
        sign_in_staff(client, reviewer)
        address = f"/account/reviews/{review.pk}/"
        assert client.get(address).status_code == 200
        move_clock(timedelta(days=8))
        assert client.get(address).status_code == 404
        assert client.post(f"{address}pack/").status_code == 404
        assert "Nothing is open to you" in client.get("/account/reviews/").content.decode()

    def test_taken_back_it_is_gone_at_once(
        self, client: Client, reviewer: Person, review: Review
    ) -> None:
        sign_in_staff(client, reviewer)
        reviews.end(review=review, by=clerk())
        assert client.get(f"/account/reviews/{review.pk}/").status_code == 404

    @pytest.mark.parametrize("days", [-1, 0, 91])
    def test_it_ends_in_ninety_days_at_the_latest(
        self, reviewer: Person, scope: Scope, days: int
    ) -> None:
        with pytest.raises(Refused) as refusal:
            reviews.give(
                subject_id=reviewer.pk,
                scope=scope,
                expires_at=now() + timedelta(days=days, seconds=1 if days > 0 else 0),
                by=clerk(),
            )
        assert refusal.value.field == "expires"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"authority": "us-atlantis"}, "authority"),
            ({"courses": ["no-such-course"]}, "courses"),
            ({"last": date(2020, 1, 1)}, "last"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(
        self, award: Award, changes: dict[str, Any], field: str
    ) -> None:
        asked = {
            "authority": TEXAS,
            "courses": [],
            "first": date(2026, 1, 1),
            "last": date(2026, 12, 31),
        } | changes
        with pytest.raises(Refused) as refusal:
            reviews.scope(**asked)
        assert refusal.value.field == field


class TestTheConsole:
    def test_a_pack_is_one_click_away(self, client: Client, scope: Scope, award: Award) -> None:
        sign_in_staff(client, make_person(role="reporting"))
        assert client.get("/console/reviews/").status_code == 200
        asked = {
            "pack-authority": TEXAS,
            "pack-first": scope.first.isoformat(),
            "pack-last": scope.last.isoformat(),
        }
        answer = client.post("/console/reviews/pack/", asked)
        assert answer["Content-Disposition"].startswith(f'attachment; filename="audit-{TEXAS}')
        assert "roster.csv" in unpacked(answer.content)
        wrong = client.post("/console/reviews/pack/", asked | {"pack-last": "2020-01-01"})
        assert wrong.status_code == 422
        assert "comes before the first" in wrong.content.decode()

    def test_a_reviewer_is_let_in_and_out(self, client: Client, scope: Scope, award: Award) -> None:
        reviewer = make_person(name="Rae Viewer")
        sign_in_staff(client, make_person(role="reporting"))
        asked = {
            "review-email": reviewer.email,
            "review-authority": TEXAS,
            "review-courses": [award.course.slug],
            "review-first": scope.first.isoformat(),
            "review-last": scope.last.isoformat(),
            "review-expires": (now().date() + timedelta(days=7)).isoformat(),
        }
        assert client.post("/console/reviews/give/", asked).status_code == 302
        review = reviews.live(reviewer.pk).get()
        assert review.courses == [award.course.slug]
        assert "Rae Viewer" in client.get("/console/reviews/").content.decode()
        assert client.post(f"/console/reviews/{review.pk}/end/").status_code == 302
        assert not reviews.live(reviewer.pk).exists()
        far = asked | {"review-expires": "2040-01-01"}
        assert client.post("/console/reviews/give/", far).status_code == 422
