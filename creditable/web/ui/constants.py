"""Constant folding in templates: a tag whose arguments are all literals, such as a sentence, the
address of a page or of a static file, is written out when its template is read, once a process,
and is text from then on. An installation speaks one language, and its addresses do not move.

settings.TEMPLATES puts this module in the place of Django's libraries `i18n` and `static` and of
its tag `url`.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.template import Context, Library, Node
from django.template.base import Parser, TextNode, Token
from django.template.defaulttags import url
from django.templatetags import i18n, static
from django.utils.safestring import SafeString
from django.utils.translation import gettext

LITERAL = re.compile(r"'[^'\\|]*'|\"[^\"\\|]*\"")

Compile = Callable[[Parser, Token], Node]


class Named(Node):
    """A text under a name: what is left of `{% translate "..." as name %}`."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def render(self, context: Context) -> SafeString:
        context[self.name] = self.text
        return SafeString()


def folded(compiled: Compile) -> Compile:
    """The tag, written out where nothing but literals stands in it."""

    @wraps(compiled)
    def read(parser: Parser, token: Token) -> Node:
        node = compiled(parser, token)
        arguments = token.split_contents()[1:]
        name = arguments.pop() if arguments[-2:-1] == ["as"] else ""
        if name:
            arguments.pop()
        if not all(LITERAL.fullmatch(argument) for argument in arguments):
            return node
        context = Context()
        text = node.render(context)
        return Named(name, context[name]) if name else TextNode(text)

    return read


def block_translate(parser: Parser, token: Token) -> Node:
    """Django's, written out where its sentence holds no value."""
    node: Any = i18n.do_block_translate(parser, token)
    sentence, values = node.render_token_list(node.singular)
    if values or node.extra_context or node.plural or node.message_context or node.asvar:
        return node  # type: ignore[no-any-return]
    return TextNode(gettext(sentence) % {})


register = Library()
register.filters.update(i18n.register.filters)
register.tags.update(i18n.register.tags | static.register.tags)
register.tag("url", folded(url))
register.tag("static", folded(static.do_static))
register.tag("translate", folded(i18n.do_translate))
register.tag("blocktranslate", block_translate)
