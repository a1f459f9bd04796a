"""Every page, every form with its errors and every e-mail in a real browser: axe, no sideways scroll, a picture.

With `CONCORDAT_SCREENSHOTS=1` (`make screenshots`) pictures go to `screenshots/WIDTH/…png`, which git ignores: look at
them before you call a page done.
The pages come from the application itself, by whoever may see them; the browser draws them under their own headers.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Route

from notifications.render import render
from tests.browser.conftest import SCREENSHOTS, TAKEN
from tests.notifications.examples import EXAMPLES, VARIANTS
from tests.web.places import BY_PATH, Walk, drawn, walks
from tests.web.test_walks import caught_mail, hidden  # noqa: F401 - a fixture for all of these
from web.declaring import Act
from web.limits import LIMITS

pytestmark = pytest.mark.browser
NARROW, WIDE = 320, 1280
HOST = "http://127.0.0.1:8400"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A mail stands inside the page of a mail program, which has the landmarks.
NOT_OF_MAILS = {name: {"enabled": False} for name in ("region", "landmark-one-main")}
WIDTH = "() => document.documentElement.scrollWidth"


class Screen:
    """Draws what the application has answered, at both widths, and notes what is wrong with it."""

    def __init__(self, page: Page) -> None:
        self.page, self.wrong = page, list[str]()
        self._answer: Any = None
        self._walk: Walk | None = None
        self._static: dict[str, Any] = {}
        page.route("**/*", self._fulfil)

    def _fulfil(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        answer = self._answer
        if path.startswith("/static/") and self._walk is not None:
            if path not in self._static:
                self._static[path] = self._walk.site.browser().get(path)
            answer = self._static[path]
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        route.fulfill(status=200, headers=headers, body=answer.content)

    def show(self, walk: Walk | None, address: str, answer: Any, name: str) -> None:
        self._walk, self._answer = walk, answer
        self.page.set_viewport_size({"width": NARROW, "height": 800})
        self.page.goto(HOST + address)
        self._picture(NARROW, name)
        self.page.evaluate(AXE_SCRIPT)
        options = {"runOnly": RULES, "resultTypes": ["violations"], "rules": {} if walk else NOT_OF_MAILS}
        for violation in self.page.evaluate("options => axe.run(options)", options)["violations"]:
            nodes = [f"{node['html'][:200]} {node.get('failureSummary', '')[:200]}" for node in violation["nodes"][:2]]
            self.wrong.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        self._picture(WIDE, name)

    def _picture(self, width: int, name: str) -> None:
        if (drawn_width := self.page.evaluate(WIDTH)) > width:
            self.wrong.append(f"{name}: {drawn_width} wide at {width}")
        if not TAKEN:
            return
        file = SCREENSHOTS / str(width) / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file, full_page=True)


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Screen]:
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield Screen(context.new_page())
    context.close()


def name_of(path: str) -> str:
    return re.sub(r"[{}/:.]+", "-", path.strip("/").replace(":int", "")).strip("-") or "home"


def test_every_page_is_accessible_and_fits(screen: Screen, sqlite_store: sa.Engine) -> None:
    for walk in walks(sqlite_store):
        for path, found in walk.found.items():
            if found.text:
                answer = walk.browser(found.visitor).get(found.address)
                screen.show(walk, found.address, answer, name_of(path))
    assert not screen.wrong, "\n".join(screen.wrong)


def test_every_form_with_its_errors_is_accessible_and_fits(screen: Screen, sqlite_store: sa.Engine) -> None:
    for walk in walks(sqlite_store):
        for path, found in walk.found.items():
            declared = BY_PATH[path]
            if not isinstance(declared, Act) or not drawn(declared, found.text):
                continue
            LIMITS.forget()
            answer = walk.browser(found.visitor).post(found.address, data=hidden(found.text))
            if answer.status_code == 422:
                screen.show(walk, found.address, answer, f"errors/{name_of(path)}")
            else:
                walk.again()
    assert not screen.wrong, "\n".join(screen.wrong)


class Mail:
    """As the mail program shows it."""

    def __init__(self, html: str) -> None:
        self.content, self.headers = html.encode(), {"content-type": "text/html; charset=utf-8"}


def test_every_mail_is_accessible_and_fits(screen: Screen) -> None:
    for at, message in enumerate((*EXAMPLES, *VARIANTS)):
        said = render(message, key="review:12:feedback:police", now=datetime(2027, 2, 26, 9, tzinfo=UTC))
        screen.show(None, "/mail", Mail(said.html), f"mails/{message.folder}-{at}")
    assert not screen.wrong, "\n".join(screen.wrong)
