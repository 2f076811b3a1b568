"""What stands in the way of somebody who has a keyboard and nothing else."""

from playwright.sync_api import Page

_LONGEST = 400
_BEGIN = """
() => {
  const shown = (element) => element.checkVisibility({visibilityProperty: true});
  const group = (radio) => [...document.querySelectorAll("input[type=radio]")].filter(
    (other) => other.name === radio.name && other.form === radio.form && !other.disabled,
  );
  const stop = (element) => {
    if (element.type !== "radio") return true;
    const chosen = group(element).find((radio) => radio.checked);
    return element === (chosen ?? group(element)[0]);
  };
  const selector =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, video[controls]," +
    " audio[controls], [tabindex]";
  window.reachable = [...document.querySelectorAll(selector)].filter(
    (element) => element.tabIndex >= 0 && !element.disabled && shown(element) && stop(element),
  );
  window.passed = [];
  const top = document.createElement("i");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
  top.remove();
  return window.reachable.length;
}
"""
_SIGHT = """
  const here = document.activeElement;
  const name = (element) =>
    element.tagName.toLowerCase() +
    " " + (element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ??
           element.innerText ?? element.name).replace(/\\s+/g, " ").trim().slice(0, 40);
  const ring = (element) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(element);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const around = here?.closest("label") ?? null;
  const seen = around !== null && !here.checkVisibility({opacityProperty: true}) ? around : here;
  const dated = ["date", "time", "datetime-local"].includes(here?.type);
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]];
  const uncovered = () => points.some(([x, y]) => {
    const {left, top: above, width, height} = seen.getBoundingClientRect();
    const most = height < innerHeight ? [above, height] : [Math.max(above, 0), innerHeight / 2];
    const top = document.elementFromPoint(left + width * x, most[0] + most[1] * y);
    return top !== null && (here.contains(top) || top.contains(here) || around?.contains(top));
  });
  const unseen = async () => {
    const wrong = [];
    const calendar = dated && !here.matches(":focus-visible"); // which the browser rings itself
    const rings = [here, around, here.closest(".card")].some((one) => one !== null && ring(one));
    if (!calendar && (!rings || !here.matches(":focus-visible")))
      wrong.push(`the focus cannot be seen on ${name(here)}`);
    for (let frame = 0; frame < 60 && !uncovered(); frame++)
      await new Promise(requestAnimationFrame);
    if (!uncovered()) wrong.push(`${name(here)} is covered or out of sight when it has the focus`);
    return wrong;
  };
"""
_UNSEEN = "async () => {" + _SIGHT + "return here === document.body ? [] : unseen(); }"
_LOOK = (
    "async () => {"
    + _SIGHT
    + """
  const last = window.passed.at(-1);
  if (here === null || here === document.body) return {end: true, wrong: []};
  if (here === last && dated) return {wrong: []};
  if (window.passed.includes(here)) return {end: here === window.passed[0], again: true, wrong: []};
  const wrong = await unseen();
  const main = document.querySelector("main");
  if (main.contains(last) && main.contains(here) &&
      seen.getBoundingClientRect().bottom <= last.getBoundingClientRect().top)
    wrong.push(`${name(here)} stands above ${name(last)}`);
  window.passed.push(here);
  return {wrong};
}
"""
)
_MISSED = """
() => window.reachable.filter((one) => !window.passed.includes(one)).map((one) => one.outerHTML)
"""

LOST = """
{
  let held = null;
  let byTab = false;
  addEventListener("keydown", (event) => {
    if (held && document.activeElement === document.body)
      console.error(`the focus was lost: ${held.outerHTML.slice(0, 120)} had it`);
    byTab = event.key === "Tab";
  }, true);
  addEventListener("keyup", () => { byTab = false; }, true);
  addEventListener("pointerdown", () => { held = null; }, true);
  addEventListener("focusin", (event) => { held = event.target; }, true);
  addEventListener("focusout", () => { if (byTab) held = null; }, true);
}
"""
"""A script of a page that complains, at the next key, when what had the focus has gone from under
it: only the Tab key may lead out of a page."""


def unseen(page: Page) -> list[str]:
    """Why one cannot see where the focus is."""
    wrong: list[str] = page.evaluate(_UNSEEN)
    return wrong


def obstacles(page: Page) -> list[str]:
    """Goes with the Tab key from the top of the page to its end: through everything that can be
    used, once, seeing where one is, downwards within the content, and out again at the end. The
    first stop leads past the navigation."""
    wrong: list[str] = []
    expected = page.evaluate(_BEGIN)
    for pressed in range(_LONGEST):
        page.keyboard.press("Tab")
        stop = page.evaluate(_LOOK)
        wrong += stop["wrong"]
        if pressed == 0 and not page.evaluate("document.activeElement.matches('.skip')"):
            wrong.append("the first stop does not lead past the navigation")
        if stop.get("end"):
            break
        if stop.get("again"):
            wrong.append("the Tab key does not get out of a part of the page")
            break
    else:
        wrong.append("the Tab key finds no end")
    missed = page.evaluate(_MISSED)
    assert expected > 0
    return wrong + [f"not reached by the Tab key: {element[:120]}" for element in missed]


def skips(page: Page) -> bool:
    """Whether the first stop of the page leads into the content when it is pressed."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside: bool = page.evaluate("document.querySelector('main').contains(document.activeElement)")
    return inside
