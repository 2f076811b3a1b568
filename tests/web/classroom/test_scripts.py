"""The two scripts of the classroom, in a real browser: counting and coming back; saving answers
without a connection. The browser's own clock is moved together with the database's."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from creditable.audit.clock import now
from creditable.catalog import publishing
from creditable.learning import attempts, seattime, study
from creditable.learning.models import AnswerEvent, Attempt, Beat, Enrollment
from creditable.people.models import Person
from tests.factories.catalog import BY, make_course, make_draft, make_video_course
from tests.factories.learning import begin_exam, enroll, sit, sit_all
from tests.factories.people import make_person
from tests.promises import promise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERED_WITHIN = 30
LONG = "Words that fill a page. " * 400
Move = Callable[..., None]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("Chromium is missing: install it with `apt-get install chromium`.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as player:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the player keeps a loop in this thread
        browser = player.chromium.launch(executable_path=found)
        yield browser
        browser.close()


@pytest.fixture
def place(ana: Person) -> Enrollment:
    return enroll(ana, make_course(slug="grounding", text=LONG))


@pytest.fixture
def device(
    chromium: Browser, ana: Person, live_server: Any, settings: Any
) -> Iterator[Callable[[], BrowserContext]]:
    """Makes a device on which Ana is signed in."""
    settings.ALLOWED_HOSTS = ["*"]
    opened: list[BrowserContext] = []

    def make() -> BrowserContext:
        client = Client()
        client.force_login(ana)
        context = chromium.new_context(base_url=live_server.url)
        name = configured.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    settle(live_server)


def settle(server: Any) -> None:
    """Waits until everything that was sent to the server has been answered, since the tables are
    emptied next. It accepts connections in their order and gives each a thread, so those that
    were begun before ours have theirs by the time ours is answered."""
    with urlopen(f"{server.url}/livez"):
        pass
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(ANSWERED_WITHIN)
            assert not thread.is_alive(), "a request was never answered"


def wait_for(page: Page, done: Callable[[], bool], what: str) -> None:
    for _ in range(100):
        if done():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never happened: {what}")


@promise("A17")
def test_reading_counts_stops_when_hidden_and_opens_again_at_the_same_place(
    device: Callable[[], BrowserContext], place: Enrollment, move_clock: Move
) -> None:
    phone = device().new_page()
    phone.clock.install()
    phone.goto("/learn/grounding/lesson-1/")
    wait_for(phone, lambda: Beat.objects.count() == 1, "the first report")

    move_clock(timedelta(seconds=31))
    phone.clock.run_for(31_000)
    wait_for(phone, lambda: Beat.objects.count() == 2, "the second report")
    expect(phone.locator(".clock__state")).to_have_text("Counting")
    assert 31 <= study.of(place).counted_seconds < 60
    counted = study.of(place).counted_seconds

    hide = "Object.defineProperty(document, 'visibilityState', {{value: '{}', configurable: true}})"
    phone.evaluate(hide.format("hidden"))
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone.locator(".clock__state")).to_contain_text("Stopped while this page was hidden")
    wait_for(phone, lambda: Beat.objects.count() == 3, "the report on hiding")
    move_clock(timedelta(seconds=40))
    phone.clock.run_for(40_000)
    phone.evaluate(hide.format("visible"))
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_for(phone, lambda: Beat.objects.count() == 4, "the report on coming back")
    assert study.of(place).counted_seconds < counted + 30

    phone.evaluate("scrollTo(0, 900)")
    move_clock(timedelta(seconds=31))
    phone.clock.run_for(31_000)
    wait_for(phone, lambda: study.of(place).rows[0].seen_position > 2000, "the place reported")

    left_at, reports = study.of(place).rows[0].seen_position, Beat.objects.count()

    tablet = device().new_page()
    tablet.goto("/learn/")
    tablet.get_by_role("link", name="Continue").click()
    tablet.wait_for_url("**/lesson-1/#b2")
    wait_for(tablet, lambda: Beat.objects.count() == reports + 1, "the report of the tablet")
    assert abs(study.of(place).rows[0].seen_position - left_at) <= 20


def test_the_last_second_of_the_last_lesson_opens_the_exam_on_the_page(
    device: Callable[[], BrowserContext], place: Enrollment, move_clock: Move
) -> None:
    first, second = place.course_version.lessons.all()
    sit(place, first, seconds=100, until=now() - timedelta(minutes=1))
    sit(place, second, seconds=120, until=now() - timedelta(minutes=5))
    page = device().new_page()
    page.clock.install()
    page.goto("/learn/grounding/lesson-1/")
    wait_for(page, lambda: Beat.objects.count() == 3, "the first report")
    mine, meter = page.locator(".outline__here"), page.locator("#course-meter progress")
    expect(mine).to_contain_text("1 min of 2 min")
    expect(page.locator("#outline-exam")).to_contain_text("opens when every lesson is done")
    expect(page.locator("#clock-exam")).to_be_hidden()

    move_clock(timedelta(seconds=25))
    page.clock.run_for(25_000)
    expect(page.locator(".clock__state")).to_have_text("Every lesson is done.")
    expect(mine).to_contain_text("2 min, done")
    expect(mine).to_have_class("done outline__here")
    expect(page.locator("#course-meter .meter__text")).to_have_text("4 min of 4 min")
    expect(meter).to_have_attribute("aria-valuetext", "4 min of 4 min")
    expect(page.locator("#outline-exam")).not_to_contain_text("opens when")
    page.locator("#clock-exam a").click()
    expect(page.get_by_role("heading", name="Declaration")).to_be_visible()


# The player


FILMED = "/learn/filmed/lesson-1/"


def until(page: Page, expression: str) -> None:
    """Waits until the page says so; it may take as long as a video under load."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never happened: {expression}")


@pytest.fixture
def film(ana: Person) -> Enrollment:
    return enroll(ana, make_video_course(slug="filmed"))


@promise("A17")
def test_a_video_plays_with_captions_counts_and_is_resumed_to_the_second_elsewhere(
    device: Callable[[], BrowserContext], film: Enrollment
) -> None:
    page = device().new_page()
    page.goto(FILMED)
    video = page.locator("course-player video")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert not video.evaluate("video => video.controls")
    page.get_by_role("button", name="Captions").click()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".clock__state")).to_have_text("Counting the video")
    until(page, "document.querySelector('video').currentTime > 4.5")
    shown = "video => [...video.textTracks[0].activeCues].map((cue) => cue.text).join()"
    assert video.evaluate("video => video.textTracks[0].mode") == "showing"
    assert "Each second beeps once" in video.evaluate(shown)
    expect(page.locator("#transcript [aria-current]")).to_contain_text("Each second beeps once")
    page.keyboard.press("k")
    stood = video.evaluate("video => video.currentTime")

    def reported() -> bool:
        covered = study.of(film).rows[0].covered
        return bool(covered) and abs(covered[-1][1] - stood * 1000) < 600

    wait_for(page, reported, "the report")
    row = study.of(film).rows[0]
    ((start, _),) = row.covered
    assert start < 200
    assert row.counted_seconds >= 3
    expect(page.locator(".player__covered rect")).to_have_count(1)

    tablet = device().new_page()
    tablet.goto(FILMED)
    resumed = tablet.locator("course-player video")
    until(tablet, "document.querySelector('video').currentTime > 3")
    assert abs(resumed.evaluate("video => video.currentTime") - stood) < 1


def test_the_player_obeys_keys_and_a_line_of_the_transcript(
    device: Callable[[], BrowserContext], film: Enrollment
) -> None:
    page = device().new_page()
    page.goto(FILMED)
    until(page, "document.querySelector('video').readyState > 0")

    def place() -> float:
        return float(page.evaluate("document.querySelector('video').currentTime"))

    page.get_by_role("slider", name="Place in the video").focus()
    page.keyboard.press("ArrowRight")
    assert place() == 10
    page.keyboard.press("j")
    assert place() == 0
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Speed").select_option("2")
    assert page.evaluate("document.querySelector('video').playbackRate") == 2
    page.get_by_role("button", name="Play from 0:14").click()
    until(page, "document.querySelector('video').currentTime > 14.2")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.reload()
    assert not page.evaluate("document.querySelector('video').textTracks[0].mode == 'showing'")


def test_a_film_that_is_stopped_often_is_covered_without_a_gap(
    device: Callable[[], BrowserContext], film: Enrollment
) -> None:
    page = device().new_page()
    page.goto(FILMED)
    until(page, "document.querySelector('video').readyState > 0")
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Play", exact=True).focus()
    for second in range(1, 7):
        page.keyboard.press("Enter")
        until(page, f"document.querySelector('video').currentTime > {second * 2}")
        page.keyboard.press("Enter")
    page.goto("/learn/")  # whoever leaves is heard a last time

    def covered() -> list[tuple[int, int]]:
        return [part for part in study.of(film).rows[0].covered if part[1] > 12_000]

    wait_for(page, lambda: bool(covered()), "the last report")
    ((start, _),) = covered()
    assert start == 0


def test_the_transcript_is_one_stop_of_the_tab_key_and_arrows_go_through_its_lines(
    device: Callable[[], BrowserContext], film: Enrollment
) -> None:
    page = device().new_page()
    page.goto(FILMED)
    until(page, "document.querySelector('video').readyState > 0")
    times = page.locator("#transcript button")
    page.locator(".transcript summary").focus()
    page.keyboard.press("Tab")
    expect(times.first).to_be_focused()
    page.keyboard.press("End")
    expect(times.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(times.nth(-3)).to_be_focused()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('#transcript')")
    page.keyboard.press("Shift+Tab")
    expect(times.nth(-3)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+a")  # words are selected, and the button is meant all the same
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#transcript li:nth-child(2)').ariaCurrent === 'true'")


def test_who_reads_on_while_the_rest_is_in_the_video_is_told_that_nothing_counts(
    device: Callable[[], BrowserContext], film: Enrollment, move_clock: Move
) -> None:
    page = device().new_page()
    page.clock.install()
    page.goto(FILMED)
    state = page.locator(".clock__state")
    expect(state).to_have_text("Counting")
    lesson = study.of(film).rows[0]
    reading = lesson.required_seconds - 24 + seattime.CRUMB
    for _ in range(reading // 31 + 2):
        expect(state).to_have_text("Counting")
        move_clock(timedelta(seconds=31))
        with page.expect_response("**/learn/beat/"):
            page.clock.run_for(31_000)
    expect(state).to_have_text("Not counting: the rest of this lesson's time is in its video.")
    assert study.of(film).rows[0].counted_seconds == reading
    counted = page.locator("#clock-time").inner_text()
    page.clock.run_for(20_000)
    expect(page.locator("#clock-time")).to_have_text(counted)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(state).to_have_text("Counting the video")


def test_without_script_the_browsers_own_player_shows_the_video(
    device: Callable[[], BrowserContext], film: Enrollment, chromium: Browser, live_server: Any
) -> None:
    bare = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    bare.add_cookies(device().cookies())  # type: ignore[arg-type]
    page = bare.new_page()
    page.goto(FILMED)
    video = page.locator("video")
    expect(video).to_have_attribute("controls", "")
    box = video.bounding_box()
    assert box
    assert abs(box["width"] / box["height"] - 16 / 9) < 0.02
    expect(page.locator("#transcript")).to_contain_text("The last seconds end")
    bare.close()


# The page around the lesson


def test_the_next_lesson_is_offered_when_this_one_is_done_and_not_before(
    device: Callable[[], BrowserContext], ana: Person, move_clock: Move
) -> None:
    draft = replace(make_draft(slug="ordered", text=LONG), in_order=True)
    place = enroll(ana, publishing.publish(draft=draft, by=BY))
    first = place.course_version.lessons.get(position=1)
    sit(place, first, seconds=100, until=now() - timedelta(minutes=1))
    page = device().new_page()
    page.clock.install()
    page.goto("/learn/ordered/lesson-1/")
    reports = Beat.objects.count
    wait_for(page, lambda: reports() > 1, "the first report")
    onward = page.get_by_role("link", name=re.compile("^Next: "))
    expect(page.locator("#next-locked")).to_contain_text("opens when Lesson 1 is done")
    expect(onward).to_be_hidden()
    move_clock(timedelta(seconds=25))
    page.clock.run_for(25_000)
    expect(onward).to_be_visible()
    expect(page.locator("#next-locked")).to_have_count(0)


def test_on_a_phone_the_outline_is_folded_between_the_head_and_the_text(
    device: Callable[[], BrowserContext], place: Enrollment
) -> None:
    page = device().new_page()
    page.goto("/learn/grounding/lesson-1/")
    wait_for(page, lambda: Beat.objects.count() == 1, "the first report")
    lines = page.locator(".outline").first
    expect(lines).to_be_visible()
    expect(page.locator(".study__outline > summary")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(lines).to_be_hidden()
    fold = page.locator(".study__outline > summary")
    head, outline, text = (
        page.locator(part).bounding_box() for part in ("h1", ".study__outline > summary", "#text")
    )
    assert head
    assert outline
    assert text
    assert head["y"] < outline["y"] < text["y"]
    fold.focus()
    page.keyboard.press("Enter")
    expect(lines).to_be_visible()


def test_what_did_not_count_is_read_out_seldom(
    device: Callable[[], BrowserContext], place: Enrollment, move_clock: Move
) -> None:
    page = device().new_page()
    page.clock.install()
    page.goto("/learn/grounding/lesson-1/")
    wait_for(page, lambda: Beat.objects.count() == 1, "the first report")
    shown, said = page.locator("#clock-lost"), page.locator("#clock-lost-said")
    hide = "Object.defineProperty(document, 'visibilityState', {{value: '{}', configurable: true}})"

    state = {"hidden": "^Stopped", "visible": "^Counting"}

    def look_away() -> None:
        for view in ("hidden", "visible"):
            reports = Beat.objects.count()
            page.evaluate(hide.format(view))
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            wait_for(page, lambda count=reports: Beat.objects.count() > count, view)  # type: ignore[misc]
            expect(page.locator(".clock__state")).to_have_text(re.compile(state[view]))
            move_clock(timedelta(seconds=20))
            page.clock.run_for(20_000)

    expect(page.locator(".clock__state")).to_have_text("Counting")
    look_away()
    first = shown.text_content()
    assert first
    assert "while this page was hidden" in first
    look_away()
    expect(shown).not_to_have_text(first)
    assert page.evaluate("document.getElementById('clock-lost').dataset.said") == first
    expect(said).to_have_attribute("role", "status")
    move_clock(timedelta(seconds=120))
    page.clock.run_for(120_000)
    assert page.evaluate("document.getElementById('clock-lost').dataset.said") != first


# Who does nothing


def sign_in_again(page: Page, person: Person) -> None:
    client = Client()
    client.force_login(person)
    name = configured.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": urljoin(page.url, "/")}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


HEARD = "() => fetch('/livez').then((answer) => answer.text())"
"""A request after the last report: its answer comes when the report's was heard."""


@promise("A18")
def test_the_idle_are_warned_signed_out_and_led_back_to_where_they_were(
    device: Callable[[], BrowserContext], ana: Person, place: Enrollment, move_clock: Any
) -> None:
    context = device()
    page = context.new_page()
    page.clock.install()
    page.goto("/learn/grounding/lesson-1/")
    wait_for(page, lambda: Beat.objects.count() == 1, "the first report")
    page.evaluate(HEARD)
    warning = page.get_by_role("dialog", name="Are you still there?")

    move_clock(timedelta(seconds=541), idle=True)
    page.clock.run_for(541_000)
    expect(warning).to_contain_text("Time left: 0:5")
    page.get_by_role("button", name="I am still here").click()
    expect(warning).to_be_hidden()
    page.clock.run_for(31_000)  # the press of the button is reported
    wait_for(page, lambda: Beat.objects.count() > 2, "the next report")
    page.evaluate(HEARD)

    move_clock(timedelta(seconds=541), idle=True)
    page.clock.run_for(541_000)
    expect(warning).to_be_visible()
    move_clock(timedelta(seconds=90), idle=True)
    page.clock.run_for(20_000)
    expect(page).to_have_url(
        re.compile(r"/account/login/\?next=%2Flearn%2Fgrounding%2Flesson-1%2F&idle=1$"),
        timeout=15_000,  # where a question was under way, the next one comes after five seconds
    )
    expect(page.get_by_text("signed out after 10 minutes without activity")).to_be_visible()

    sign_in_again(page, ana)
    page.goto("/learn/grounding/lesson-1/")
    expect(page.locator("#back")).to_contain_text("because nothing moved")
    page.reload()
    expect(page.locator("#back")).to_be_hidden()


def test_of_two_windows_both_say_why_and_the_other_one_comes_back_by_itself(
    device: Callable[[], BrowserContext], ana: Person, policy: Any, move_clock: Any
) -> None:
    context = device()
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.clock.install()
        page.goto("/contact/")
    second.get_by_label("Your message").fill(TYPED)
    move_clock(timedelta(seconds=630), idle=True)
    for page in (first, second):
        page.clock.run_for(630_000)
        expect(page.get_by_text("signed out after 10 minutes without activity")).to_be_visible()

    sign_in_again(first, ana)
    second.evaluate("dispatchEvent(new Event('focus'))")
    expect(second).to_have_url(re.compile(r"/contact/$"))
    expect(second.get_by_label("Your message")).to_have_value(TYPED)


def test_what_was_being_sent_in_a_second_window_comes_back(
    device: Callable[[], BrowserContext], ana: Person, policy: Any, move_clock: Any
) -> None:
    context = device()
    first, second = context.new_page(), context.new_page()
    second.goto("/account/")
    second.get_by_label("Name").first.fill("Ana Maria Example")
    move_clock(timedelta(seconds=630), idle=True)
    first.goto("/account/")
    expect(first).to_have_url(re.compile(r"/account/login/"))
    second.get_by_role("button", name="Save").click()
    expect(second).to_have_url(re.compile(r"/account/login/"))
    sign_in_again(first, ana)
    second.goto("/account/")
    expect(second.get_by_label("Name").first).to_have_value("Ana Maria Example")


TYPED = "My certificate names the wrong county."
KEPT = "We kept what you typed"


@pytest.fixture
def typed(device: Callable[[], BrowserContext], policy: Any, ana: Person, move_clock: Any) -> Page:
    """The sign-in page, to which Ana was led while she wrote a message."""
    page = device().new_page()
    page.clock.install()
    page.goto("/contact/")
    page.get_by_label("Your message").fill(TYPED)
    move_clock(timedelta(seconds=630), idle=True)
    page.clock.run_for(600_000)
    expect(page).to_have_url(re.compile(r"/account/login/\?next=%2Fcontact%2F&idle=1$"))
    expect(page.get_by_text("signed out after 10 minutes without activity")).to_be_visible()
    return page


@promise("A18")
def test_what_was_typed_comes_back_after_an_idle_sign_out(typed: Page, ana: Person) -> None:
    sign_in_again(typed, ana)
    typed.goto("/contact/")
    expect(typed.get_by_label("Your message")).to_have_value(TYPED)
    expect(typed.get_by_role("status").filter(has_text=KEPT)).to_be_visible()
    kept = typed.evaluate("sessionStorage.getItem('drafts')")
    assert "csrf" not in kept

    with typed.expect_navigation():
        typed.get_by_role("button", name="Send the message").click()
    typed.goto("/contact/")
    expect(typed.get_by_label("Your message")).to_have_value("")
    assert typed.evaluate("sessionStorage.getItem('drafts')") is None


def test_what_was_being_sent_when_one_was_signed_out_comes_back_too(
    device: Callable[[], BrowserContext], policy: Any, ana: Person, move_clock: Any
) -> None:
    page = device().new_page()
    page.goto("/account/")
    page.get_by_label("Name").first.fill("Ana Maria Example")
    move_clock(timedelta(seconds=630), idle=True)
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile(r"/account/login/\?next=/account/&idle=1&unsaved=1$"))
    expect(page.get_by_text("What you typed is kept in this window")).to_be_visible()
    sign_in_again(page, ana)
    page.goto("/account/")
    expect(page.get_by_label("Name").first).to_have_value("Ana Maria Example")


def test_another_person_does_not_see_what_was_typed(typed: Page, ana: Person) -> None:
    sign_in_again(typed, make_person())
    typed.goto("/contact/")
    expect(typed.get_by_label("Your message")).to_have_value("")
    sign_in_again(typed, ana)
    typed.goto("/contact/")
    expect(typed.get_by_label("Your message")).to_have_value("")


def test_who_signs_out_leaves_nothing_behind(typed: Page, ana: Person) -> None:
    sign_in_again(typed, ana)
    typed.goto("/account/logout/")
    assert TYPED in typed.evaluate("sessionStorage.getItem('drafts')")
    with typed.expect_navigation():
        typed.get_by_role("button", name="Sign out").click()
    assert typed.evaluate("sessionStorage.getItem('drafts')") is None


# The exam


def choose(page: Page, number: int, choice: int) -> None:
    page.locator(f"#q{number} input[type=radio]").nth(choice).check()


def state(page: Page, number: int) -> Any:
    return page.locator(f"#q{number} [data-state]")


def begun(person: Person, **changes: Any) -> list[attempts.Line]:
    """The sheet of an exam that the person has just begun."""
    place = enroll(person, make_course(slug="tested", **changes))
    sit_all(place)
    return attempts.answers(begin_exam(person, place))


def test_answers_survive_a_lost_connection_and_the_exam_is_handed_in(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    sheet = begun(ana)
    context = device()
    page = context.new_page()
    page.goto("/learn/tested/exam/")

    choose(page, 1, (sheet[0].right + 1) % 3)
    expect(state(page, 1)).to_contain_text(re.compile(r"^Saved at \d+:\d\d"))
    context.set_offline(True)
    choose(page, 1, sheet[0].right)
    choose(page, 2, sheet[1].right)
    expect(state(page, 2)).to_have_text("Not saved yet: no connection, we keep trying")
    expect(page.locator(".exam__saved")).to_have_text(
        "1 of 4 answers are saved, 2 waiting for the connection"
    )
    page.get_by_role("button", name="Hand in the exam").click()
    expect(page.locator("#exam-open")).to_contain_text("not saved yet")
    context.set_offline(False)
    expect(state(page, 2)).to_contain_text("Saved at", timeout=30_000)
    expect(state(page, 1)).to_contain_text("Saved at")
    assert AnswerEvent.objects.count() == 3

    page.reload()
    expect(page.locator("#exam-saved")).to_have_text("2")
    choose(page, 3, sheet[2].right)
    choose(page, 4, (sheet[3].right + 1) % 3)
    expect(page.locator("#exam-saved")).to_have_text("4")
    context.set_offline(True)
    page.get_by_role("button", name="Hand in the exam").click()
    expect(page.locator("#exam-open")).to_contain_text("nothing was handed in")
    context.set_offline(False)
    page.get_by_role("button", name="Hand in the exam").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passed")
    assert Attempt.objects.get().percent == 75


def test_the_strip_of_questions_follows_the_focus_and_the_page_stays_where_it_is(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    begun(ana, questions=22, exam_questions=20, exam_minutes=40)
    page = device().new_page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto("/learn/tested/exam/")
    strip = page.locator(".exam__map")
    chip = strip.locator("a").nth(17)
    answer = page.locator("#q18 input[type=radio]").first
    answer.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert strip.evaluate("it => it.scrollLeft") == 0
    answer.evaluate("it => it.focus({ preventScroll: true })")
    assert page.evaluate("scrollY") == before
    around, inside = strip.bounding_box(), chip.bounding_box()
    assert around
    assert inside
    assert around["x"] <= inside["x"]
    assert inside["x"] + inside["width"] <= around["x"] + around["width"]


def test_the_network_dies_at_question_18_and_17_answers_and_the_right_time_come_back(
    device: Callable[[], BrowserContext], ana: Person, move_clock: Move
) -> None:
    sheet = begun(ana, questions=22, exam_questions=20, exam_minutes=40)
    context = device()
    page = context.new_page()
    page.goto("/learn/tested/exam/")
    for number in range(1, 18):
        choose(page, number, sheet[number - 1].right)
    expect(page.locator(".exam__saved")).to_have_text("17 of 20 answers are saved")
    expect(page.locator(".exam__map a[data-answered]")).to_have_count(17)
    context.set_offline(True)
    choose(page, 18, sheet[17].right)
    expect(page.locator(".exam__saved")).to_contain_text("17 of 20 answers are saved, 1 waiting")
    waiting = page.locator(".exam__map a[data-pending]")
    expect(waiting).to_have_accessible_name("18, not saved yet")

    move_clock(timedelta(minutes=10))
    other = device().new_page()
    other.goto("/learn/tested/exam/")
    expect(other.locator(".exam__saved")).to_have_text("17 of 20 answers are saved")
    expect(other.locator("input:checked")).to_have_count(17)
    expect(other.locator("#exam-left")).to_have_text(re.compile(r"^(30:00|2[89]:\d\d)$"))

    context.set_offline(False)
    expect(state(page, 18)).to_contain_text("Saved at", timeout=30_000)
    expect(page.locator("#exam-left")).to_have_text(re.compile(r"^(30:00|2[89]:\d\d)$"))
    assert AnswerEvent.objects.count() == 18


def test_what_is_not_saved_and_what_is_flagged_survive_a_reload(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    begun(ana)
    page = device().new_page()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/learn/tested/exam/")
    page.route("**/exam/answer/", lambda route: route.abort())
    choose(page, 2, 1)
    expect(state(page, 2)).to_contain_text("Not saved yet")
    page.locator("#q3 [data-flag]").click()
    expect(page.locator("#q3 [data-flag]")).to_have_attribute("aria-pressed", "true")
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("#q2 input[type=radio]").nth(1)).to_be_checked()
    expect(state(page, 2)).to_contain_text("Not saved yet")
    expect(page.locator("#q3 [data-flag]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".exam__map a[data-flagged]")).to_have_count(1)
    expect(page.locator(".exam__map a[data-pending]")).to_have_count(1)
    page.unroute("**/exam/answer/")
    expect(state(page, 2)).to_contain_text("Saved at", timeout=30_000)
    assert AnswerEvent.objects.get().choice == 1


def test_who_goes_back_from_handing_in_finds_the_flags_and_may_hand_in_all_the_same(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    begun(ana)
    page = device().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/learn/tested/exam/")
    choose(page, 2, 1)
    expect(state(page, 2)).to_contain_text("Saved at")
    page.locator("#q2 [data-flag]").click()
    expect(page.locator("#hand-in")).to_contain_text("You flagged 1 question.")

    page.get_by_role("button", name="Hand in the exam").click()
    flagged = page.get_by_role("navigation", name="You flagged for later").get_by_role("link")
    expect(flagged).to_have_accessible_name("Question 2")
    page.get_by_role("link", name="Go back to question 1").click()
    expect(page.locator("#q2 [data-flag]")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("button", name="Hand in the exam").click()
    page.get_by_role("button", name="Hand in anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not passed this time")
    assert page.evaluate("Object.keys(sessionStorage)") == []
    assert errors == []


def test_an_answer_from_another_device_stands_and_the_page_says_so(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    begun(ana)
    here, there = device().new_page(), device().new_page()
    for page in (here, there):
        page.goto("/learn/tested/exam/")
    choose(here, 1, 0)
    expect(state(here, 1)).to_contain_text("Saved at")
    # A click: what it checks may be taken back before anybody can look.
    there.locator("#q1 input[type=radio]").nth(2).click()
    expect(state(there, 1)).to_contain_text("Saved on another device meanwhile")
    expect(there.locator("#q1 input[type=radio]").nth(0)).to_be_checked()
    choose(there, 1, 2)
    expect(state(there, 1)).to_contain_text("Saved at")
    assert list(AnswerEvent.objects.order_by("version").values_list("choice", flat=True)) == [0, 2]


def test_a_window_left_behind_hears_that_the_exam_was_handed_in_elsewhere(
    device: Callable[[], BrowserContext], ana: Person
) -> None:
    sheet = begun(ana)
    context = device()
    stale, page = context.new_page(), context.new_page()
    stale.goto("/learn/tested/exam/")
    choose(stale, 1, sheet[0].right)
    expect(state(stale, 1)).to_contain_text("Saved at")
    page.goto("/learn/tested/exam/")
    page.get_by_role("button", name="Hand in the exam").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 questions have no answer")
    page.get_by_role("button", name="Hand in anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not passed this time")

    stale.evaluate("dispatchEvent(new Event('focus'))")
    stale.wait_for_url("**/exam/1/")
    expect(stale.get_by_role("heading", level=1)).to_have_text("Not passed this time")


def test_the_time_is_announced_three_times_and_the_end_waits_for_the_connection(
    device: Callable[[], BrowserContext], ana: Person, move_clock: Move
) -> None:
    sheet = begun(ana, exam_minutes=12)
    context = device()
    page = context.new_page()
    page.clock.install()
    page.goto("/learn/tested/exam/")
    choose(page, 1, sheet[0].right)
    expect(state(page, 1)).to_contain_text("Saved at")
    says = page.locator("#exam-says")
    heard = [""]
    for _ in range(11 * 4 + 2):
        page.clock.run_for(15_000)
        if (text := says.inner_text()) != heard[-1]:
            heard.append(text)
    assert heard == ["", "10 minutes left.", "5 minutes left.", "1 minute left."]

    context.set_offline(True)
    move_clock(timedelta(minutes=12))
    page.clock.run_for(60_000)
    expect(says).to_contain_text("Your result opens here when the connection is back")
    expect(page.locator("#q1 input[type=radio]").first).to_be_disabled()
    context.set_offline(False)
    page.clock.run_for(10_000)
    page.wait_for_url("**/exam/1/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not passed this time")
    assert (Attempt.objects.get().correct, Attempt.objects.get().ran_out) == (1, True)
