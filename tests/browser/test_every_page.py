"""Every page, every form with its errors and every e-mail in a real browser: axe, no sideways scroll, a picture.

With `CONCORDAT_SCREENSHOTS=1` (`make screenshots`) pictures go to `screenshots/WIDTH/…png`, which git ignores: look at
them before you call a page done.
The pages come from the application itself, by whoever may see them; the browser draws them under their own headers.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from notifications.render import render
from tests.browser.conftest import PATIENCE, SCREENSHOTS, TAKEN
from tests.notifications.examples import EXAMPLES, VARIANTS
from tests.web.places import BY_PATH, Walk, drawn, walks
from tests.web.site import Site
from tests.web.test_walks import caught_mail, hidden  # noqa: F401 - a fixture for all of these
from web.declaring import Act
from web.limits import LIMITS

pytestmark = pytest.mark.browser
NARROW, WIDE = 320, 1280
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A mail stands inside the page of a mail program, which has the landmarks.
NOT_OF_MAILS = {name: {"enabled": False} for name in ("region", "landmark-one-main")}
# No rule of these asks for the style sheets' own text, which axe would fetch anew for every page.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
# What was found to be right stays in the browser: to bring it here takes as long as to find it.
VIOLATIONS = "options => axe.run(options).then(found => found.violations)"
WIDTH = "() => document.documentElement.scrollWidth"


class Window(ThreadingHTTPServer):
    """What the application has answered, where a browser can ask for it: so it keeps the style and the fonts, as it
    does for people. It would ask for each of them anew if every request of its were intercepted."""

    answer: Any = None
    site: Site | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.address, self._static = f"http://127.0.0.1:{self.server_port}", dict[str, Any]()

    def answer_to(self, path: str) -> Any:
        if not path.startswith("/static/") or self.site is None:
            return self.answer
        if path not in self._static:
            self._static[path] = self.site.browser().get(path)
        return self._static[path]


class _Answering(BaseHTTPRequestHandler):
    server: Window
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = self.server.answer_to(urlsplit(self.path).path)
        self.send_response(200)
        for name, value in answer.headers.items():
            if name != "content-length":
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


class Screen:
    """Draws what the application has answered, at both widths, and notes what is wrong with it."""

    def __init__(self, page: Page, window: Window) -> None:
        self.page, self.window, self.wrong = page, window, list[str]()

    def show(self, walk: Walk | None, address: str, answer: Any, name: str) -> None:
        self.window.site, self.window.answer = walk and walk.site, answer
        self.page.set_viewport_size({"width": NARROW, "height": 800})
        self.page.goto(self.window.address + address)
        self._picture(NARROW, name)
        options = OPTIONS | {"rules": {} if walk else NOT_OF_MAILS}
        for violation in self.page.evaluate(VIOLATIONS, options):
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
    context.set_default_timeout(PATIENCE)
    context.add_init_script(AXE_SCRIPT)
    with Window() as window:
        Thread(target=window.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Screen(context.new_page(), window)
        context.close()
        window.shutdown()


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
