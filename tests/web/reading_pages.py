"""Somebody at a browser without JavaScript, who fills in a report's pages and presses their buttons."""

import re
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
from starlette.testclient import TestClient

from tests.web.site import Site

Answers = dict[str, list[str]]


class Form(HTMLParser):
    """What a browser would send with the page's form if nobody typed anything."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.values, self._in, self._text, self._name = "", Answers(), False, "", ""
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("id") == "act":
            self._in, self.action = True, found.get("action", "")
        elif self._in and tag == "input" and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.values.setdefault(found["name"], []).append(found.get("value", ""))
        elif self._in and tag == "textarea":
            self._name, self._text = found["name"], ""
        elif self._in and tag == "select":
            self._select = found["name"]
        elif self._in and tag == "option" and "selected" in found:
            self.values.setdefault(self._select, []).append(found.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._name:
            self.values[self._name], self._name = [self._text.removeprefix("\n")], ""
        elif tag == "form":
            self._in = False


class Reader:
    """Somebody at a browser without JavaScript: fills in what the page asks and presses a button."""

    def __init__(
        self, site: Site, browser: TestClient | None = None, start: str = "/report/what-happened"
    ) -> None:  # fmt: skip
        self.browser = browser or site.browser()
        self.page: httpx.Response = self.browser.get(start)

    @property
    def text(self) -> str:
        return unescape(self.page.text)

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.page.text, re.DOTALL)
        assert found is not None, self.page.text
        return unescape(re.sub(r"<[^>]+>", "", found[1])).strip()

    @property
    def form(self) -> Form:
        return Form(self.page.text)

    def press(self, button: Mapping[str, str] | None = None, **typed: Any) -> "Reader":
        form = self.form
        sent: dict[str, Any] = {**form.values, **{name.replace("__", "-"): value for name, value in typed.items()}}
        self.page = self.browser.post(form.action or self.page.request.url.path, data=sent | dict(button or {}))
        return self

    def go(self, page: str, **typed: Any) -> "Reader":
        return self.press({"go": page}, **typed)

    def rest(self, **typed: Any) -> "Reader":
        return self.press({"rest": "unknown"}, **typed)


def code_on(reader: Reader) -> str:
    found: set[str] = set(re.findall(r"\d{4} \d{4} \d{4} \d{4}", reader.text))
    [code] = found
    return code
