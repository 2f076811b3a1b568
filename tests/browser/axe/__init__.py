"""What axe-core finds wrong with a page for people who see, hear or move differently."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parent / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""WCAG 2.2 to level AA, and what axe's authors advise beside it."""
COLORS = ["color-contrast", "link-in-text-block"]
"""The rules whose answer depends on the colors, asked again in the dark."""

SETTLED = """
async () => {
  const changing = () => document.getAnimations().some((one) => one instanceof CSSTransition);
  while (changing()) await new Promise((next) => setTimeout(next, 20));
}
"""
"""Waits until every color is that of the scheme: between two, text may hardly be told from its
ground."""

_INSPECT = """
async (only) => {
  const report = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return report.violations.map((found) => {
    const where = found.nodes.map((node) => node.target.join(" ")).join(", ");
    return `${found.id}: ${found.help} (${where})`;
  });
}
"""


def findings(page: Page) -> list[str]:
    """Every finding, in light and in dark. The page is left in light."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(SOURCE.read_text(encoding="utf-8"))  # no element, so no policy bars it
        only = (
            {"type": "rule", "values": COLORS}
            if scheme == "dark"
            else {"type": "tag", "values": RULES}
        )
        found += [f"{scheme}: {finding}" for finding in page.evaluate(_INSPECT, only)]
    return found
