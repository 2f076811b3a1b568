"""Somebody who walks through the site with a browser that runs no scripts: follows links by their
words, fills forms by their labels, presses buttons by what stands on them."""

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
import lxml.html

WAIT = httpx.Timeout(30.0)


class Visitor:
    """One browser with its cookies, on one page at a time. An answer above 499, or a 4xx that was
    not expected, fails the test at once."""

    def __init__(self, address: str, cookies: Mapping[str, str] | None = None) -> None:
        self._client = httpx.Client(
            base_url=address, follow_redirects=True, timeout=WAIT, cookies=dict(cookies or {})
        )
        self.answer = httpx.Response(204, request=httpx.Request("GET", address))
        self._tree: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    # Going somewhere

    def open(self, path: str, *, expect: int = 200) -> None:
        """Types an address."""
        self._send("GET", str(self._client.base_url.join(path)), expect, site="none")

    def follow(self, words: str, *, expect: int = 200) -> None:
        """Presses the link with these words."""
        links = [link for link in self._tree.iter("a") if said(link) == words]
        assert links, f"no link {words!r} on {self.where}: {self.links}"
        self._send("GET", urljoin(self.where, links[0].get("href")), expect)

    def press(
        self,
        button: str,
        typed: Mapping[str, str | bool] | None = None,
        *,
        files: Mapping[str, bytes] | None = None,
        within: Any = None,
        expect: int = 200,
    ) -> None:
        """Fills the form that this button belongs to, by the labels, and presses the button. What
        is not named stays as the page has it. `within` says in which part of the page."""
        pressed = self._button(button, within)
        form = next(pressed.iterancestors("form"))
        for label, value in (typed or {}).items():
            _fill(_control(form if within is None else within, label), value)
        fields = [pair for pair in form.form_values() if pair[0]]
        if pressed.get("name"):
            fields.append((pressed.get("name"), pressed.get("value", "")))
        target = urljoin(self.where, form.get("action") or self.where)
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        attached = {
            _control(form, label).name: ("file.pdf", content, "application/pdf")
            for label, content in (files or {}).items()
        }
        if (form.get("method") or "get").lower() == "get":
            self._send("GET", str(httpx.URL(target, params=data)), expect)
        else:
            self._send("POST", target, expect, data=data, files=attached or None)

    def download(self, words: str) -> httpx.Response:
        """Follows the link without leaving the page."""
        here, tree = self.answer, self._tree
        self.follow(words)
        file, self.answer, self._tree = self.answer, here, tree
        return file

    def post_json(self, path: str, content: Any) -> httpx.Response:
        """What a script of the page would send."""
        answer = self._client.post(
            path, json=content, headers={"Sec-Fetch-Site": "same-origin", "Origin": self.origin}
        )
        assert answer.status_code < 500, answer.text
        return answer

    # Looking

    @property
    def where(self) -> str:
        return str(self.answer.url)

    @property
    def path(self) -> str:
        return urlsplit(self.where).path

    @property
    def origin(self) -> str:
        parts = urlsplit(self.where)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def text(self) -> str:
        """The words of the page's main part."""
        return said(next(iter(self._tree.iter("main")), self._tree))

    @property
    def heading(self) -> str:
        return said(next(self._tree.iter("h1")))

    @property
    def links(self) -> list[str]:
        return [said(link) for link in self._tree.iter("a")]

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self._client.cookies)

    def find(self, path: str) -> list[Any]:
        """The elements of an XPath."""
        return list(self._tree.xpath(path))

    def sees(self, *words: str) -> None:
        """All of this is on the page."""
        missing = [phrase for phrase in words if phrase.lower() not in self.text.lower()]
        assert not missing, f"{self.where} does not say {missing}: {self.text[:3000]}"

    # Within

    def _send(self, method: str, url: str, expect: int, *, site: str = "", **more: Any) -> None:
        same = urlsplit(url).netloc == urlsplit(self.where).netloc
        headers = {
            "Accept": "text/html",
            "Sec-Fetch-Site": site or ("same-origin" if same else "same-site"),
        }
        if method == "POST":
            headers["Origin"] = self.origin
        self.answer = self._client.request(method, url, headers=headers, **more)
        html = self.answer.headers.get("content-type", "").startswith("text/html")
        self._tree = lxml.html.fromstring(self.answer.text) if html else None
        status = self.answer.status_code
        words = self.text if html else self.answer.text
        assert status == expect, f"{method} {url} answered {status}: {words[:1000]}"

    def _button(self, words: str, within: Any) -> Any:
        buttons = list((self._tree if within is None else within).iter("button"))
        found = [button for button in buttons if words in (said(button), button.get("aria-label"))]
        names = [said(button) for button in buttons]
        assert found, f"no button {words!r} on {self.where}: {names}; {self.text[:2000]}"
        return found[0]


def said(element: Any) -> str:
    """What an element says, in one line."""
    return " ".join(" ".join(element.itertext()).split())


def _control(form: Any, label: str) -> Any:
    """The field that a label of the form is for."""
    for element in form.iter("label"):
        if said(element).removesuffix(" (optional)") == label:
            if element.get("for"):
                return form.get_element_by_id(element.get("for"))
            return next(element.iter("input", "select", "textarea"))
    labels = [said(element) for element in form.iter("label")]
    raise AssertionError(f"no field {label!r} among {labels}")


def _fill(control: Any, value: str | bool) -> None:
    if control.get("type") == "radio":
        form = next(control.iterancestors("form"))
        form.inputs[control.name].value = control.get("value")
    elif isinstance(value, bool):
        control.checked = value
    elif control.tag == "select":
        options = {said(option): option.get("value", "") for option in control.iter("option")}
        control.value = options[value]
    else:
        control.value = value
