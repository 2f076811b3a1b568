"""Lessons are written in Markdown (CommonMark with tables) and kept as HTML that is safe to show.

What Markdown would turn into something else without a word (raw HTML, a link that is no link,
a picture that is not there) is a fault with its line. The sanitizer stands behind that as a
second wall; when it has anything to remove, the lesson is refused.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from creditable.catalog.media import Fault, Looked

LINKS = {"https", "http", "mailto", "tel"}
TAGS = set(
    "p h2 h3 h4 ul ol li strong em s code pre blockquote table thead tbody tr th td "  # noqa: SIM905
    "hr br a img figure figcaption div".split()
)
ATTRIBUTES = {
    "*": {"id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start"},
    "th": {"class"},
    "td": {"class"},
    "code": {"class"},
    "table": {"class"},
    "div": {"class", "role", "tabindex", "aria-label"},
}


@dataclass
class Written:
    """A lesson as HTML, the media it uses, and what is wrong with it."""

    html: str = ""
    media: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def render(text: str, media: Mapping[str, Looked]) -> Written:
    """Markdown to HTML. `media` are the files that a lesson may use, by path in the folder; a
    picture alone in its paragraph becomes a figure, its title the caption."""
    written = Written()
    if "\x00" in text:
        written.faults.append(Fault(1, "the file holds a zero byte", "Save it as plain text."))
        return written
    parser = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False}).enable(
        ["table", "strikethrough"]
    )
    parser.validateLink = _any_link  # type: ignore[method-assign]
    tokens = parser.parse(text)
    if not tokens:
        written.faults.append(Fault(1, "the lesson is empty", "Write it or remove it."))
    for token, line in _walk(tokens):
        _check(token, line, media, written)
    if written.faults:
        return written
    rendered = _Renderer().render(_shaped(tokens, media), parser.options, {})
    written.html = nh3.clean(
        rendered, tags=TAGS, attributes=ATTRIBUTES, url_schemes=LINKS, link_rel=None
    )
    if html.unescape(written.html) != html.unescape(rendered):
        written.faults.append(
            Fault(1, "the lesson holds something unsafe", "Write it in plain Markdown.")
        )
    return written


def _any_link(url: str) -> bool:
    """Markdown would leave a link it does not like as plain text; we want to see it and say so."""
    return True


def _walk(tokens: list[Token], line: int = 1) -> Iterator[tuple[Token, int]]:
    """Every token with the line of the block that holds it."""
    for token in tokens:
        if token.map:
            line = token.map[0] + 1
        yield token, line
        yield from _walk(token.children or [], line)


def _check(token: Token, line: int, media: Mapping[str, Looked], written: Written) -> None:
    def fault(message: str, cure: str) -> None:
        written.faults.append(Fault(line, message, cure))

    match token.type:
        case "html_block" | "html_inline":
            shown = token.content.strip().splitlines()[0][:40]
            fault(f"raw HTML is not taken: {shown}", "Write it in Markdown.")
        case "heading_open" if token.tag not in {"h2", "h3", "h4"}:
            fault(f"a heading of level {token.tag[1]}", "Use ##, ### or ####; # is the title.")
        case "link_open":
            target = str(token.attrs["href"])
            if not _leads_somewhere(target):
                fault(f"the link to '{target[:60]}' is not taken", "Link to an https:// address.")
        case "image":
            source = str(token.attrs["src"])
            if source not in media:
                fault(f"no picture '{source[:80]}'", "Put it into the folder media/.")
            elif media[source].content_type.partition("/")[0] not in {"image", ""}:
                fault(f"'{source}' is not a picture", "Link to it instead.")
            else:
                written.media.add(source)
            if not token.content.strip():
                fault(f"'{source[:80]}' has no description", "Say in [ ] what it shows.")


def _leads_somewhere(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme in {"https", "http"}:
        return bool(re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc))
    return parts.scheme in LINKS or target.startswith("#")


def _shaped(tokens: list[Token], media: Mapping[str, Looked]) -> list[Token]:
    """The tokens with an id on each block, sizes on pictures, and figures."""
    block = tables = 0
    for place, token in enumerate(tokens):
        if token.level == 0 and token.nesting >= 0:
            block += 1
            token.attrSet("id", f"b{block}")
        if token.type == "table_open":
            tables += 1
            token.meta["number"] = tables
        if token.type in {"th_open", "td_open"} and "style" in token.attrs:
            side = str(token.attrs.pop("style")).removeprefix("text-align:")
            token.attrSet("class", f"align-{side}")
        if token.type != "inline" or not token.children:
            continue
        for child in token.children:
            if child.type == "image":
                looked = media[str(child.attrs["src"])]
                child.attrSet("width", str(looked.width))
                child.attrSet("height", str(looked.height))
                child.attrSet("loading", "lazy")
        alone = len(token.children) == 1 and token.children[0].type == "image"
        if alone and tokens[place - 1].type == "paragraph_open":
            tokens[place - 1].tag = tokens[place + 1].tag = "figure"
            tokens[place - 1].hidden = tokens[place + 1].hidden = False
            token.children[0].meta["caption"] = True
    return tokens


class _Renderer(RendererHTML):
    """Tables scroll by themselves, pictures carry their caption below."""

    def table_open(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        number = tokens[place].meta["number"]
        anchor = tokens[place].attrs.get("id", "")
        identity = f' id="{anchor}"' if anchor else ""
        return (
            f'<div class="table-scroll"{identity} role="region" tabindex="0" '
            f'aria-label="Table {number}"><table class="table">\n'
        )

    def table_close(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        return "</table></div>\n"

    def image(self, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
        """The address leads from the lesson's page to the media of its course."""
        token = tokens[place]
        caption = token.attrs.get("title", "")
        words = {
            "src": f"../{token.attrs['src']}",
            "alt": token.content,
            "width": token.attrs["width"],
            "height": token.attrs["height"],
            "loading": "lazy",
        }
        picture = " ".join(f'{key}="{html.escape(str(value))}"' for key, value in words.items())
        below = f"<figcaption>{html.escape(str(caption))}</figcaption>" if caption else ""
        return f"<img {picture}>{below if token.meta.get('caption') else ''}"
