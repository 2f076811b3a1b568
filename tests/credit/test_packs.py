"""Which authorities an installation serves, and one that no provider reports to."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from creditable.credit import packs
from creditable.credit.case import Case, HeldLicense
from creditable.credit.models import Award, Report
from creditable.credit.pack import Pack
from creditable.credit.prospects import Approval, Prospects
from creditable.credit.reading import PackRefused
from creditable.ops.demonstration import providers
from tests.credit.conftest import DEMO, ROOT, SHIPPED
from tests.credit.test_awards import license_of
from tests.factories.credit import BOARD, make_award, make_course
from tests.factories.people import make_person

SILENT = """\
format: none
source: handbook
instructions: Keep your certificate; the board asks for it when it audits you.
"""


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    """A provider with one authority of its own, who has yet to name others."""
    shutil.copytree(DEMO / BOARD, tmp_path / "authorities" / BOARD)
    (tmp_path / "provider.yaml").write_text("name: Somebody\n")
    return tmp_path


def test_a_provider_serves_its_own_authorities_and_those_it_names(provider: Path) -> None:
    assert set(packs.served(provider)) == {BOARD}
    (provider / "provider.yaml").write_text("authorities: [us-tx-tdlr-electricians]\n")
    assert set(packs.served(provider)) == {BOARD, "us-tx-tdlr-electricians"}


@pytest.mark.parametrize("named", ["[us-tx-tdlr-plumbers]", "us-tx-tdlr-electricians"])
def test_an_authority_that_does_not_ship_is_refused(provider: Path, named: str) -> None:
    (provider / "provider.yaml").write_text(f"authorities: {named}\n")
    with pytest.raises(PackRefused, match=r"list any of .*us-tx-tdlr-electricians") as refused:
        packs.served(provider)
    assert (refused.value.path, refused.value.place) == (provider / "provider.yaml", "authorities")


def test_a_shipped_authority_is_not_written_anew(provider: Path) -> None:
    name = "us-tx-tdlr-electricians"
    shutil.copytree(SHIPPED / name, provider / "authorities" / name)
    with pytest.raises(PackRefused, match="exists already"):
        packs.served(provider)


@pytest.mark.parametrize("name", providers())
def test_each_provider_of_the_demo_serves_a_real_authority_and_one_with_a_computer(
    name: str,
) -> None:
    served = packs.served(ROOT / "demo" / name)
    assert [id for id in served if id != BOARD]
    assert served[BOARD].layout.channel == "https"


@pytest.fixture
def unapproving(provider: Path) -> Pack:
    """The demo board, if it left the choice of courses to its licensees."""
    rules = provider / "authorities" / BOARD / "rules.yaml"
    rules.write_text(rules.read_text() + "approves_courses: no\n")
    return packs.served(provider)[BOARD]


def test_an_authority_may_leave_the_choice_of_courses_to_its_licensees(unapproving: Pack) -> None:
    license = HeldLicense("journeyman", expires=date(2027, 5, 1))
    approval = Approval("OURS-1", {"safety": 50}, date(2026, 1, 1), date(2028, 1, 1))
    prospects = Prospects(unapproving, Case(BOARD, license), date(2026, 11, 25))
    offered = prospects.of([approval], "self_paced")
    assert (offered.answer, offered.brings) == ("partly", 1)
    said = " ".join(reason.words for reason in offered.reasons)
    assert "approves no courses" in said
    assert "Approved as" not in said
    not_offered = prospects.of([], "self_paced")
    assert not_offered.answer == "no"
    assert "has not approved" not in not_offered.reasons[0].words


def test_whether_courses_are_approved_is_said_with_yes_or_no(provider: Path) -> None:
    path = provider / "authorities" / BOARD / "rules.yaml"
    path.write_text(path.read_text() + "approves_courses: sometimes\n")
    with pytest.raises(PackRefused, match="yes or no"):
        packs.served(provider)


def test_a_report_says_when_each_completion_was(provider: Path) -> None:
    path = provider / "authorities" / BOARD / "report.yaml"
    path.write_text(path.read_text().replace("completed_on", "course_title"))
    with pytest.raises(PackRefused, match="completed_on"):
        packs.served(provider)


class TestAnAuthorityThatTakesNoReports:
    @pytest.fixture
    def silent(self, provider: Path, settings: Any) -> Iterator[None]:
        for name in ("provider.yaml", "mark.svg"):
            shutil.copy(DEMO.parent / name, provider)
        (provider / "authorities" / BOARD / "report.yaml").write_text(SILENT)
        settings.PROVIDER = provider
        packs._packs.cache_clear()
        yield
        packs._packs.cache_clear()

    @pytest.mark.django_db
    @pytest.mark.usefixtures("silent", "policy")
    def test_gets_none_while_the_hours_count(self, run_jobs: Callable[[], int]) -> None:
        assert not packs.get(BOARD).takes_reports
        person = make_person(name="Dana Whitfield")
        license_of(person, BOARD, "journeyman", "J-20417")
        (award,) = make_award(person.pk, make_course(BOARD))
        run_jobs()
        assert (award.authority, award.minutes) == (BOARD, 100)
        assert Award.objects.get().pk == award.pk
        assert not Report.objects.exists()

    @pytest.mark.django_db
    @pytest.mark.usefixtures("silent", "policy")
    def test_is_named_where_people_look_for_reports(self, client: Client) -> None:
        person = make_person(name="Dana Whitfield")
        client.force_login(person)
        assert "takes no reports" not in client.get("/account/reports/").content.decode()
        license_of(person, BOARD, "journeyman", "J-20417")
        page = client.get("/account/reports/").content.decode()
        assert "Demo State Board takes no reports from us" in page
        assert "Keep your certificate; the board asks for it" in page

    def test_must_say_what_to_do_instead(self, provider: Path) -> None:
        path = provider / "authorities" / BOARD / "report.yaml"
        path.write_text(SILENT.partition("instructions")[0])
        with pytest.raises(PackRefused, match="instructions"):
            packs.served(provider)
