from django.template import Context, Template
from django.template.base import TextNode

FOLDED = {
    '{% translate "Save" %}': "Save",
    "{% translate 'Save' %}": "Save",
    '{% translate "100% sure" %}': "100% sure",
    "{% blocktranslate trimmed %}\n  50% of\n  all\n{% endblocktranslate %}": "50% of all",
    "{% url 'shop:catalog' %}": "/courses/",
    "{% static 'ui/base.css' %}": "/static/ui/base.css",
}
ASKED = {
    "{% translate word %}": "Save",
    "{% blocktranslate %}Save {{ word }}{% endblocktranslate %}": "Save Save",
    "{% blocktranslate count n=two %}One{% plural %}Two{% endblocktranslate %}": "Two",
    "{% url 'shop:course' word %}": "/courses/Save/",
    "{% url page %}": "/courses/",
    "{% static word %}": "/static/Save",
    '{% translate "Save"|lower %}': "save",
}
VALUES = {"word": "Save", "two": 2, "page": "shop:catalog"}


def read(source: str) -> Template:
    return Template(f"{{% load i18n static %}}{source}")


def test_literals_are_text_once_the_template_is_read() -> None:
    for source, text in FOLDED.items():
        template = read(source)
        assert [type(node) for node in template.nodelist[1:]] == [TextNode], source
        assert template.render(Context()) == text


def test_a_literal_under_a_name_is_known_to_what_follows() -> None:
    source = (
        '{% translate "A & B" as words %}{% url "shop:catalog" as list %}{{ words }} {{ list }}'
    )
    assert read(source).render(Context()) == "A & B /courses/"


def test_whatever_holds_a_value_is_asked_each_time() -> None:
    for source, text in ASKED.items():
        template = read(source)
        assert not isinstance(template.nodelist[1], TextNode), source
        assert template.render(Context(VALUES)) == text
