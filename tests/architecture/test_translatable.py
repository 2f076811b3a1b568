"""Everything that people read is marked for translation."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from creditable.ops import messages
from creditable.ops.processes import ROOT

READ_ALOUD = {"aria-label", "alt", "title", "placeholder", "data-busy"}
NAMES = re.compile(r"PayPal|SHA-256|PDF|CSV|JSON|QR|PIN|ZIP|Ctrl|URL|UTC|OK|QED|CC")
ADDRESSES = re.compile(r"^\s*Subject:|/[\w/?=]+", re.MULTILINE)
WORDY_TAGS = {
    "badge",
    "bars",
    "breadcrumbs",
    "empty_state",
    "include",
    "meter",
    "nav_link",
    "notice",
    "page_link",
    "ring",
    "stepper",
    "table",
}
ARGUMENT = re.compile(r'(_\()?"([^"]*)"')
LITERAL = re.compile(r"""[\"']((?<=")[^"\n]*(?=")|(?<=')[^'\n]*(?='))[\"']|`([^`]*)`""")
SENTENCE = re.compile(r"[A-Za-z']{2,},? [A-Za-z']{2,}|^[A-Z][a-z]+[.!?…]$")
SELECTOR = re.compile(r"^[.#]|[\[>]|^[a-z]+(, [a-z]+)+$")
DEFAULT = re.compile(r'\|default:"([^"]+)"')
TRANSLATED = "\ue000"
LETTERS = re.compile(r"[A-Za-z]{2,}")
MAY_SAY = {"content", "label", "value"}
UNSAID = {"script", "style", "code", "pre", "svg"}
SPOKEN_KEYWORDS = {"label", "help_text", "empty_label"}
SPOKEN_CALLS = {
    "Denied": 0,
    "PermissionDenied": 0,
    "Refused": 0,
    "Step": 0,
    "ValidationError": 0,
    "add_error": 1,
    "code_field": 0,
    "email_field": 0,
    "name_field": 0,
    "password_field": 0,
}
"""What people read, and which of its arguments they read."""
SPOKEN_MESSAGES = {"success", "info", "warning", "error"}
PURE_WORDS = {"say", "say_many"}


class _Text(HTMLParser):
    """The text of a page's source, and what its attributes say."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unsaid += tag in UNSAID
        for name, value in attrs:
            if name in READ_ALOUD:
                self.said.append(value or "")
            elif TRANSLATED in name or (
                TRANSLATED in (value or "") and name not in MAY_SAY and not name.startswith("data-")
            ):
                self.said.append(f"translated, but for machines: {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._unsaid -= tag in UNSAID

    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.said.append(data)


def unmarked(source: str, *, html: bool) -> list[str]:
    """The words of a template that stand outside translate and blocktranslate, and what is
    translated though it is a class, an attribute or another word for machines."""
    kept, inside, said = [], "", []
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0] if token.contents else ""
            if inside:
                inside = "" if name == f"end{inside}" else inside
            elif name in {"blocktranslate", "comment"}:
                inside = name
            elif name in WORDY_TAGS:
                said += [
                    word
                    for marked, word in ARGUMENT.findall(token.contents)
                    if not marked and _is_language(word)
                ]
            kept.append(TRANSLATED if name in {"translate", "blocktranslate"} else " ")
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
        else:
            kept.append(" ")
            said += DEFAULT.findall(token.contents)
    text = "".join(kept)
    if html:
        parser = _Text()
        parser.feed(text)
        said += parser.said
    else:
        said.append(ADDRESSES.sub("", text))
    bare = (NAMES.sub("", part).replace(TRANSLATED, " ") for part in said)
    return [" ".join(part.split()) for part in bare if LETTERS.search(part)]


def _is_language(argument: str) -> bool:
    """Icons, tones and addresses are small words; what is read begins large or has a space."""
    return argument[:1].isupper() or " " in argument


def unmarked_in_python(source: str) -> list[str]:
    """The sentences of a module that reach people without having been marked."""
    return [
        ast.unparse(value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for value in _spoken(node)
        if _is_bare(value)
    ]


def _spoken(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of this call that people will read."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for keyword in call.keywords:
        if keyword.arg in SPOKEN_KEYWORDS:
            yield keyword.value
        if keyword.arg == "error_messages" and isinstance(keyword.value, ast.Dict):
            yield from keyword.value.values
    if name in SPOKEN_CALLS:
        yield from call.args[SPOKEN_CALLS[name] :][:1]
    is_message = (
        isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "messages"
    )
    if is_message and name in SPOKEN_MESSAGES:
        yield call.args[1]


def _is_bare(value: ast.expr) -> bool:
    if isinstance(value, ast.JoinedStr):
        return True
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(value.value)


TEMPLATES = sorted(
    file
    for file in (ROOT / "creditable").rglob("templates/**/*")
    if file.suffix in {".html", ".txt"}
)
MODULES = sorted(
    file
    for file in (ROOT / "creditable").rglob("*.py")
    if not {"migrations", "standins", "egress", "ops", "policy"} & set(file.parts)
)


SCRIPTS = sorted((ROOT / "creditable").rglob("static/**/*.js"))


def literal_in_script(source: str) -> list[str]:
    """The literals of a script that are language: two words side by side, or a whole sentence.
    Scripts take their words from the page, where the template translates them."""
    code = re.sub(r"(?m)(?:^|\s)//.*$", "", source)
    literals = [one or two for one, two in LITERAL.findall(code)]
    return [
        literal
        for literal in literals
        if SENTENCE.search(re.sub(r"\$\{.*?\}", " ", literal)) and not SELECTOR.search(literal)
    ]


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_a_script_says_nothing_of_its_own(file: Path) -> None:
    assert literal_in_script(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "fault",
    [
        'say("Every lesson is done.", "good");',
        'state.textContent = "Stopped.";',
        "write(line, `You were signed out at ${when}`);",
        "write(line, 'Not saved yet');",
    ],
)
def test_a_planted_literal_is_caught(fault: str) -> None:
    assert literal_in_script(fault)
    assert (
        literal_in_script('at("exam-open"); one.querySelector(".side-nav ul"); // Not this.') == []
    )


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_a_template_says_nothing_that_cannot_be_translated(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert unmarked(source, html=file.suffix == ".html") == []


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_says_nothing_that_cannot_be_translated(file: Path) -> None:
    assert unmarked_in_python(file.read_text(encoding="utf-8")) == []


def test_there_is_something_to_look_at() -> None:
    assert len(TEMPLATES) > 100
    assert len(MODULES) > 150
    assert len(SCRIPTS) > 5
    assert len(messages.collect()) > 500


@pytest.mark.parametrize(
    "fault",
    [
        "<p>Bare words</p>",
        '<button aria-label="Remove it">{% icon "x" %}</button>',
        "{% if a %}{% translate 'Marked' %}{% else %}<b>Not marked</b>{% endif %}",
        '<input placeholder="Search {{ what }}">',
        '{% notice "warn" "Held back" %}{% endnotice %}',
        '{% breadcrumbs _("Courses") "/courses/" "Safety" %}',
        '{{ name|default:"Somebody" }}',
        '<details{% if a %} {% translate "open" %}{% endif %}></details>',
        """<li class="{% translate 'row' %}"></li>""",
    ],
)
def test_a_planted_template_is_caught(fault: str) -> None:
    assert unmarked(fault, html=True)


def test_what_is_marked_or_is_no_language_passes() -> None:
    fine = (
        '{% translate "Marked" %}<p>{% blocktranslate %}So is {{ x }}{% endblocktranslate %}</p>'
        '{% notice "warn" _("Held back") %}{% endnotice %}<li{% if a %} class="b"{% endif %}></li>'
        "<code>SHA-256</code> {{ data }} 12 % · {% comment %}for authors{% endcomment %}"
    )
    assert unmarked(fine, html=True) == []


@pytest.mark.parametrize(
    "fault",
    [
        'forms.CharField(label="Name")',
        'forms.CharField(error_messages={"required": "Enter it."})',
        'Refused("No.")',
        'Refused(f"No, {name}.")',
        'messages.success(request, "Saved.")',
        'form.add_error("number", "Not this one.")',
        'steps.append(Step("Accepted", "done"))',
    ],
)
def test_a_planted_sentence_is_caught(fault: str) -> None:
    assert unmarked_in_python(fault)
    assert unmarked_in_python('Refused(_("No."))') == []
