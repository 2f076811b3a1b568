"""The living page of components."""

import pytest
from django.template import Template

from creditable.web.console import components
from creditable.web.ui.templatetags.ui import register

NOT_A_COMPONENT = {
    "attributes",  # inside a form's control
    "options",
    "form_notice",  # needs the policy
    "nav_link",  # needs a request
    "page_link",
    "share",  # a number within a drawing
}


def test_every_component_is_on_the_page() -> None:
    sources = "\n".join(example.source for example in components.examples())

    missing = {tag for tag in register.tags if f"{{% {tag} " not in sources} - NOT_A_COMPONENT

    assert len(register.tags) > len(NOT_A_COMPONENT)
    assert missing == set()


@pytest.mark.parametrize("example", components.examples(), ids=lambda example: example.anchor)
def test_an_example_is_what_its_lines_draw(example: components.Example) -> None:
    assert Template(example.source)  # what is shown can be pasted into a page
    assert example.drawn.strip()
    assert "{%" not in example.drawn
