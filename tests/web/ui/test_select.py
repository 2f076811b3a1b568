"""Our list of choices says what Django's own says."""

import lxml.html
import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from creditable.web.ui.forms import Renderer

CHOICES = [("", "Choose"), (1, "One & only"), ("South", [("TX", "Texas"), ("FL", "<Florida>")])]


@pytest.mark.parametrize("chosen", ["", 1, "TX", None])
@pytest.mark.parametrize("kind", [forms.Select, forms.NullBooleanSelect])
def test_it_holds_the_same_choices(kind: type[forms.Select], chosen: object) -> None:
    widget = kind(attrs={"required": True, "autocomplete": "address-level1"})
    if kind is forms.Select:
        widget.choices = CHOICES

    ours, theirs = (
        lxml.html.fragment_fromstring(
            str(widget.render("state", chosen, renderer=renderer)).strip()
        )
        for renderer in (Renderer(), DjangoTemplates())
    )

    assert outline(ours) == outline(theirs)


def outline(select: lxml.html.HtmlElement) -> list[object]:
    return [
        (element.tag, dict(element.attrib), (element.text or "").strip())
        for element in select.iter(lxml.etree.Element)
    ]
