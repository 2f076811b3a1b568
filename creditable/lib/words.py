"""Sentences of pure rules, in the language of whoever reads them.

A rule says what it found in English, where it stands: `say("{board} has not approved it.",
board=name)`. The pages hand in the translator of their framework at start-up; without one, as in
a test of the rule, the English stays.
"""

from collections.abc import Callable
from typing import Any

Translate = Callable[[str], str]
TranslateMany = Callable[[str, str, int], str]


def _english_many(one: str, many: str, number: int) -> str:
    return one if number == 1 else many


_translate: Translate = str
_translate_many: TranslateMany = _english_many


def speak_with(translate: Translate, translate_many: TranslateMany) -> None:
    """From now on sentences are told by these (gettext and ngettext)."""
    global _translate, _translate_many
    _translate, _translate_many = translate, translate_many


def say(sentence: str, **values: Any) -> str:
    """The sentence with its values, in the reader's language."""
    told = _translate(sentence)
    return told.format(**values) if values else told


def say_many(one: str, many: str, number: int, **values: Any) -> str:
    """The sentence for that number of things, as `{number}` in it."""
    return _translate_many(one, many, number).format(number=number, **values)
