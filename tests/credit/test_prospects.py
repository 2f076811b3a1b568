"""What a course would count for a license, case by case, as the Texas rules, the demo board's
handbook and the New York rule on self-study have it."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from creditable.credit import pack as packs
from creditable.credit import phrases
from creditable.credit.appraisal import Appraisal, worth_of_last
from creditable.credit.case import Case, Completion, HeldLicense
from creditable.credit.conversion import in_minutes
from creditable.credit.holder import Doubts, Holder
from creditable.credit.pack import Fact, Pack
from creditable.credit.prospects import Approval, Prospect, Prospects, completion
from creditable.credit.trial import Trial
from tests.credit.conftest import DEMO, SHIPPED

TODAY = date(2026, 11, 22)
TERM_END = date(2027, 6, 15)
COURSE = Approval("TX-1", {"safety": 120}, date(2026, 6, 1), date(2027, 5, 31))
JOURNEYMAN = HeldLicense("journeyman_electrician", expires=TERM_END)


def done(number: str, day: date, units: float, mode: str = "self_paced") -> Completion:
    """A course that somebody completed."""
    return Completion(
        approval=number, approved=True, finished=day, units=Fraction(units), mode=mode
    )


def prospect(
    pack: Pack,
    license: HeldLicense,
    approvals: list[Approval],
    history: list[Completion],
    on: date = TODAY,
    mode: str = "self_paced",
) -> Prospect:
    late = license.expires is not None and license.expires < on
    case = Case(
        authority=pack.id,
        license=license,
        renewal_date=on if late else None,
        completions=tuple(history),
    )
    return Prospects(pack, case, on).of(approvals, mode)


def credited(pack: Pack, topic_minutes: dict[str, int]) -> int:
    """The whole minutes that a course is worth to an authority."""
    rules = pack.versions[-1]
    course = completion(rules, replace(COURSE, topic_minutes=topic_minutes), TODAY, "self_paced")
    license = HeldLicense(pack.license_types[0].id, expires=TERM_END)
    return in_minutes(rules, worth_of_last(pack, Case(pack.id, license, completions=(course,))))


def test_first_course_of_the_term_counts_and_leaves_more_to_do(texas: Pack) -> None:
    found = prospect(texas, JOURNEYMAN, [COURSE], [])
    assert found.answer == "partly"
    assert found.headline == "Yes: 2 hours count toward your 4 hours"
    assert (found.brings, found.held, found.needed) == (2, 0, 4)
    assert found.cure == "Then 2 hours more by June 15, 2027."


def test_somebody_who_holds_two_hours_is_done_with_it(texas: Pack) -> None:
    found = prospect(texas, JOURNEYMAN, [COURSE], [done("TX-9", TODAY, 2)])
    assert (found.answer, found.cure) == ("yes", None)
    assert found.headline == "Yes: completes your 4 hours"


def test_somebody_who_holds_all_hours_does_not_need_it(texas: Pack) -> None:
    held = [done("TX-8", TODAY, 2), done("TX-9", TODAY, 2)]
    found = prospect(texas, JOURNEYMAN, [COURSE], held)
    assert (found.answer, found.headline) == ("no", "Not needed: you hold 4 hours")
    assert found.reasons[0].code == "enough"
    assert "do not carry over" in str(found.reasons[0])


def test_without_an_expiry_date_nobody_can_tell(texas: Pack) -> None:
    found = prospect(texas, HeldLicense("master_electrician"), [COURSE], [])
    assert found.answer == "cannot_tell"
    assert found.facts_missing == ("the expiry date of your license",)
    assert found.cure == "Add the expiry date printed on your license."


def test_an_expiry_date_beyond_the_term_is_doubted(texas: Pack) -> None:
    license = HeldLicense("master_electrician", expires=date(2029, 1, 1))
    found = prospect(texas, license, [COURSE], [])
    assert found.answer == "cannot_tell"
    assert "January 1, 2029 is more than a full term away" in found.facts_missing[0]


@pytest.mark.parametrize(
    ("approvals", "code"),
    [
        ([], "unapproved"),
        ([replace(COURSE, valid_to=TODAY - timedelta(days=1))], "approval_ended"),
        ([replace(COURSE, valid_from=TODAY + timedelta(days=1))], "not_yet_approved"),
    ],
)
def test_a_course_without_an_approval_in_force_counts_nothing(
    texas: Pack, approvals: list[Approval], code: str
) -> None:
    found = prospect(texas, JOURNEYMAN, approvals, [])
    assert found.answer == "no"
    assert found.reasons[0].code == code


def test_approvals_count_on_their_first_and_last_day(texas: Pack) -> None:
    for day in (COURSE.valid_from, COURSE.valid_to):
        license = HeldLicense("master_electrician", expires=day)
        assert prospect(texas, license, [COURSE], [], day).answer == "partly"


def test_the_same_course_never_counts_twice_in_texas(texas: Pack) -> None:
    found = prospect(texas, JOURNEYMAN, [COURSE], [done("TX-1", date(2019, 5, 1), 2)])
    assert found.answer == "no"
    assert found.reasons[0].code == "duplicate"
    assert "May 1, 2019" in str(found.reasons[0])


def test_the_demo_board_counts_a_course_again_in_the_next_period(demo_board: Pack) -> None:
    license = HeldLicense("journeyman", expires=date(2027, 12, 31))
    long_ago = [done("TX-1", date(2025, 12, 31), 2)]
    assert prospect(demo_board, license, [COURSE], long_ago).answer == "yes"
    again = prospect(demo_board, license, [COURSE], [done("TX-1", date(2026, 1, 1), 1)])
    assert (again.answer, again.reasons[0].code) == ("no", "duplicate")


def test_the_demo_board_counts_fifty_minute_hours_in_halves(demo_board: Pack) -> None:
    rules = demo_board.versions[-1]
    assert credited(demo_board, {"safety": 120}) == 100
    assert credited(demo_board, {"safety": 49}) == 25
    assert phrases.minutes_in_words(100, demo_board, rules) == "2 hours"
    assert phrases.minutes_in_words(25, demo_board, rules) == "0.5 hours"
    assert phrases.own_hours({"safety": 120}, demo_board, rules) == "2 hours of 50 minutes"


def test_hours_of_sixty_minutes_or_of_unknown_length_need_no_second_count(texas: Pack) -> None:
    assert phrases.own_hours({"safety": 120}, texas, texas.versions[-1]) == ""


def test_a_topic_that_the_authority_does_not_take_counts_nothing(texas: Pack) -> None:
    business = replace(COURSE, topic_minutes={"business": 120})
    found = prospect(texas, JOURNEYMAN, [business], [])
    assert found.answer == "no"
    assert "none of its topics is one that TDLR takes" in str(found.reasons[0])
    assert credited(texas, {"business": 120}) == 0


def test_partly_is_said_of_a_course_whose_hours_do_not_all_count(texas: Pack) -> None:
    mixed = replace(COURSE, topic_minutes={"business": 60, **COURSE.topic_minutes})
    found = prospect(texas, JOURNEYMAN, [mixed], [])
    assert found.answer == "partly"
    assert found.headline == "Partly: 2 hours of its 3 hours count toward your 4 hours"
    hour = replace(COURSE, topic_minutes={"safety": 60})
    found = prospect(texas, JOURNEYMAN, [hour], [])
    assert found.headline == "Yes: 1 hour counts toward your 4 hours"


def test_a_course_whose_minutes_the_board_rounds_counts_whole(demo_board: Pack) -> None:
    """An hour of the clock is 1.2 hours of 50 minutes, of which the board counts one."""
    license = HeldLicense("journeyman", expires=date(2027, 12, 31))
    hour = replace(COURSE, topic_minutes={"safety": 60})
    found = prospect(demo_board, license, [hour], [])
    assert found.headline.startswith("Yes: 1 hour counts toward your ")


def test_a_license_type_outside_the_pack_cannot_be_judged(texas: Pack) -> None:
    license = HeldLicense("electrical_contractor", expires=TERM_END)
    assert prospect(texas, license, [COURSE], []).answer == "cannot_tell"


def test_before_the_rules_we_know_nobody_can_tell(texas: Pack) -> None:
    license = HeldLicense("master_electrician", expires=date(2010, 6, 1))
    assert prospect(texas, license, [COURSE], [], date(2010, 1, 1)).answer == "cannot_tell"


def test_a_late_renewal_counts_the_year_before_it(texas: Pack) -> None:
    expired = HeldLicense("master_electrician", expires=TODAY - timedelta(days=10))
    held = [done("TX-9", TODAY - timedelta(days=300), 2)]
    found = prospect(texas, expired, [COURSE], held)
    assert found.answer == "yes"
    assert "late" in {reason.code for reason in found.reasons}


def test_hours_of_which_nobody_knows_how_many_are_needed_are_told_all_the_same(texas: Pack) -> None:
    unknown = replace(texas.versions[-1], hours_needed=Fact(None, None))
    found = prospect(replace(texas, versions=(unknown,)), JOURNEYMAN, [COURSE], [])
    assert found.answer == "cannot_tell"
    assert "how many hours" in found.facts_missing[0]
    assert "It counts 2 hours with TDLR." in [str(reason) for reason in found.reasons]


def test_an_apprentice_is_told_of_the_other_way(texas: Pack) -> None:
    license = HeldLicense("electrical_apprentice", expires=TERM_END)
    found = prospect(texas, license, [COURSE], [])
    assert any("apprenticeship" in str(reason) for reason in found.reasons)


def test_general_hours_do_not_help_somebody_who_lacks_ethics_alone() -> None:
    texas = packs.read(SHIPPED / "us-tx-tbpels")
    license = HeldLicense("professional_engineer", expires=TERM_END)
    held = [done("PE-1", TODAY, 15)]
    general = Approval("PE-2", {"structures": 120}, date(2026, 1, 1), TERM_END)
    found = prospect(texas, license, [general], held)
    assert (found.answer, found.reasons[0].code) == ("no", "idle")
    assert "1 PDH of Ethics" in str(found.reasons[0])
    ethics = replace(general, topic_minutes={"ethics": 120})
    found = prospect(texas, license, [ethics], held)
    assert (found.answer, found.brings) == ("yes", 1)


def test_self_study_beyond_its_limit_does_not_help_a_new_york_social_worker() -> None:
    pack = packs.read(SHIPPED / "us-ny-nysed-social-work")
    license = HeldLicense("lcsw", expires=TERM_END)
    course = Approval("SW-2", {"boundaries": 180}, date(2026, 1, 1), TERM_END)
    held = [done("SW-1", TODAY, 12)]
    by_oneself = prospect(pack, license, [course], held)
    assert by_oneself.answer != "partly"
    live = prospect(pack, license, [course], held, mode="live_online")
    assert (live.answer, live.brings) == ("partly", 3)


def test_whether_a_course_counts_twice_is_not_known_of_every_authority() -> None:
    pack = packs.read(SHIPPED / "us-tx-tbpels")
    license = HeldLicense("professional_engineer", expires=TERM_END)
    course = Approval("PE-1", {"ethics": 120}, date(2026, 1, 1), TERM_END)
    found = prospect(pack, license, [course], [done("PE-1", TODAY, 2)])
    assert found.answer == "cannot_tell"
    assert found.facts_missing == ("whether TBPELS counts the same course twice",)


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
histories = st.lists(
    st.builds(done, st.sampled_from(["TX-1", "TX-2", "TX-3"]), days, st.integers(1, 6)), max_size=6
)
PACKS = packs.read_all(SHIPPED, DEMO)
every_pack = st.sampled_from(list(PACKS.values()))


@given(
    pack=every_pack,
    history=histories,
    expires=st.none() | days,
    on=days,
    topics=st.dictionaries(st.sampled_from(["safety", "law", "yoga"]), st.integers(0, 300)),
    mode=st.sampled_from(["", "self_paced", "live_online", "in_person"]),
)
def test_every_prospect_explains_itself(
    pack: Pack,
    history: list[Completion],
    expires: date | None,
    on: date,
    topics: dict[str, int],
    mode: str,
) -> None:
    approval = Approval("TX-1", topics, date(2025, 6, 1), date(2027, 6, 1))
    license = HeldLicense(pack.license_types[0].id, expires=expires)
    found = prospect(pack, license, [approval], history, on, mode)
    assert found.reasons
    assert all(str(reason) for reason in found.reasons)
    assert found.headline
    assert (found.answer == "cannot_tell") == bool(found.facts_missing)
    assert all(found.facts_missing)
    if found.answer in ("yes", "partly"):
        assert found.adds
        if found.needed is not None:
            assert 0 < found.brings <= found.needed - found.held
            assert (found.held + found.brings == found.needed) >= (found.answer == "yes")


def test_carrying_over_is_told_in_the_packs_own_words() -> None:
    pack = packs.read(SHIPPED / "us-tx-bhec-counselors")
    course = Approval("LW-1", {"ethics": 60}, date(2026, 2, 1), date(2028, 1, 31))
    case = Case(
        pack.id,
        HeldLicense("lpc", expires=date(2028, 1, 31)),
        completions=(
            replace(
                done("LW-0", date(2026, 6, 1), 24),
                topics={"ethics": Fraction(6), "cultural": Fraction(3)},
            ),
        ),
        facts={"jurisprudence_exam": True},
    )
    (enough,) = Prospects(pack, case, TODAY).of([course], "self_paced").reasons
    assert "At most 10 hours" in enough.words
    assert "not known" not in enough.words


@settings(max_examples=200, deadline=None)
@given(
    pack=every_pack,
    history=histories,
    expires=st.none() | days,
    on=days,
    minutes=st.integers(0, 300),
    favorable=st.booleans(),
)
def test_weighing_what_a_course_adds_comes_to_the_same_as_judging_everything_anew(
    pack: Pack,
    history: list[Completion],
    expires: date | None,
    on: date,
    minutes: int,
    favorable: bool,
) -> None:
    license = HeldLicense(pack.license_types[0].id, expires=expires)
    rules = pack.rules_on(on, license.type)
    assume(rules is not None)
    assert rules is not None
    approval = Approval("TX-1", {"safety": minutes}, date(2025, 6, 1), date(2027, 6, 1))
    late = expires is not None and expires < on
    holder = Holder(pack, Case(pack.id, license, on if late else None, completions=tuple(history)))
    with_course = holder.followed_by(completion(rules, approval, on, "self_paced"))
    earlier, quick, anew = (Doubts(favorable=favorable) for _ in range(3))
    before = Trial(holder, earlier)

    added = Trial(with_course, quick, before=before)
    judged = Trial(holder.followed_by(with_course.case.completions[-1]), anew)

    assert added.finding() == judged.finding()
    assert quick.seen.keys() | earlier.seen.keys() == anew.seen.keys() | earlier.seen.keys()


def test_what_somebody_has_completed_is_appraised_once_for_all_courses(
    texas: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    appraised = []
    credits = Appraisal.credits
    monkeypatch.setattr(
        Appraisal,
        "credits",
        lambda self, periods: appraised.append(self) or credits(self, periods),
    )
    history = tuple(
        done(f"TX-{number}", TODAY - timedelta(days=number), 1) for number in range(1, 9)
    )
    prospects = Prospects(texas, Case(texas.id, JOURNEYMAN, completions=history), TODAY)
    for number, minutes in enumerate((50, 60, 90, 100, 175)):
        course = replace(COURSE, number=f"N-{number}", topic_minutes={"safety": minutes})
        prospects.of([course], "self_paced")
    assert 1 <= len(appraised) <= 2, "once for each way to settle doubts"
