from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from creditable.web.ui.timeline import Step


def show(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Address(forms.Form):
    email = forms.EmailField(label="E-mail address", help_text="Where the answer goes.")
    phone = forms.CharField(required=False)
    topic = forms.ChoiceField(choices=[("a", "One"), ("b", "Two")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")


def test_what_people_typed_is_never_markup() -> None:
    hostile = "<script>alert(1)</script>"

    for source in (
        '{% notice "info" text %}{{ text }}{% endnotice %}',
        '{% empty_state "search" text %}{{ text }}{% endempty_state %}',
        "{% table text %}<tr><td>{{ text }}</td></tr>{% endtable %}",
        "{% badge text %}",
        "{% breadcrumbs text text text %}",
        "{% stepper text current=1 %}",
        "{% meter 1 2 text text %}",
    ):
        page = show(source, text=hostile)
        assert "<script" not in page
        assert "&lt;script" in page


def test_a_field_in_error_is_tied_to_its_error_and_keeps_what_was_typed() -> None:
    page = show("{{ form }}", form=Address({"email": "rosa@"}))

    assert 'value="rosa@"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'id="id_email_helptext"' in page
    assert 'id="id_email_error"' in page
    assert '<a href="#id_email">E-mail address</a>' in page
    assert 'aria-describedby="id_topic_error"' in page
    assert 'id="id_topic_error"' in page


def test_a_form_says_what_may_stay_empty_and_labels_every_control() -> None:
    page = show("{{ form }}", form=Address())

    assert page.count("(optional)") == 1
    assert '<label class="field__label" for="id_email">' in page
    assert "<legend>Topic</legend>" in page
    assert '<label class="choice" for="id_topic_0">' in page
    assert "data-focus" not in page


def test_a_form_in_error_begins_with_a_summary_that_takes_the_focus() -> None:
    page = show("{{ form }}", form=Address({}))

    assert page.index("data-focus") < page.index('id="id_email"')
    assert 'role="alert"' in page


@pytest.mark.parametrize(("kind", "role"), [("bad", "alert"), ("warn", "status")])
def test_bad_news_is_announced_at_once_and_the_rest_politely(kind: str, role: str) -> None:
    assert f'role="{role}"' in show("{% notice kind %}x{% endnotice %}", kind=kind)


def test_navigation_knows_where_one_is() -> None:
    request = RequestFactory().get("/account/orders/7/")
    links = (
        '{% page_link "/account/" "Profile" %}{% nav_link "/account/orders/" "Orders" %}'
        '{% nav_link "/account/orders/7/" "This" %}{% nav_link "/courses/" "Courses" %}'
        '{% nav_link "/shop/" "Shop" "" "/basket/,/account/orders/" %}'
    )

    assert show(links, request=request) == (
        '<a href="/account/">Profile</a>'
        '<a href="/account/orders/" aria-current="true">Orders</a>'
        '<a href="/account/orders/7/" aria-current="page">This</a>'
        '<a href="/courses/">Courses</a>'
        '<a href="/shop/" aria-current="true">Shop</a>'
    )


def test_a_stepper_says_which_step_it_is() -> None:
    page = show('{% stepper "Basket" "Details" "Payment" current=2 %}')

    assert page.count('aria-current="step"') == 1
    assert page.index("Basket") < page.index(", done") < page.index('aria-current="step"')


def test_a_timeline_tells_what_is_still_to_come() -> None:
    steps = [
        Step("Sent", "done", at=datetime(2026, 11, 3, 14, 5, tzinfo=UTC)),
        Step("Accepted", "next"),
    ]
    page = show("{% timeline steps %}", steps=steps)

    assert (
        '<time datetime="2026-11-03T14:05:00+00:00">November 3, 2026 at 2:05 PM UTC</time>' in page
    )
    assert 'Accepted<span class="visually-hidden">, still to come</span>' in page


def test_a_meter_never_shows_more_than_all() -> None:
    page = show('{% meter 9000 7200 "Seat time" "2 h 30 min of 2 h" %}')

    assert 'value="7200" max="7200"' in page
    assert 'aria-valuetext="2 h 30 min of 2 h"' in page


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (50, "50 min"), (60, "1 hour"), (90, "1 h 30 min"), (120, "2 hours")],
)
def test_durations_in_words(minutes: int, words: str) -> None:
    assert show("{{ minutes|duration }}", minutes=minutes) == words
    assert show("{{ seconds|seconds }}", seconds=minutes * 60 + 59) == words


def test_dates_in_words() -> None:
    assert show("{{ day|day }}", day=date(2026, 3, 1)) == (
        '<time datetime="2026-03-01">March 1, 2026</time>'
    )


def test_every_icon_can_be_shown_and_none_is_read_aloud() -> None:
    from creditable.web.ui.icons import ICONS

    for name in ICONS:
        assert 'aria-hidden="true"' in show("{% icon name %}", name=name)


def test_a_subject_that_nobody_has_drawn_has_a_cover_all_the_same() -> None:
    assert "<svg" in show('{% art "underwater-welding" %}')
    assert show('{% art "underwater-welding" %}') != show('{% art "safety" %}')


@pytest.mark.parametrize("source", ['{% badge "x" "purple" %}', '{% breadcrumbs "a" "/a/" %}'])
def test_a_mistake_in_a_template_is_named(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        show(source)
