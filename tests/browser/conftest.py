"""A real browser in front of the real application: Debian's Chromium, with and without JavaScript.

Where it is installed, the one without a window of its own, which draws the same pages for half the work.

Run by itself (`pytest -m browser`): Playwright keeps an event loop, and afterwards no other runs in that process.
"""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.post import Catcher
from tests.web.conftest import loop  # noqa: F401 - one for what the application is asked without the browser
from tests.web.site import Site, loaded_site

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PATIENCE = 60_000  # milliseconds: CI has two cores, and gives this what other tests leave of them
expect.set_options(timeout=PATIENCE)
TAKEN = bool(os.environ.get("CONCORDAT_SCREENSHOTS"))  # they take as long as everything else together
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def visitors(request: pytest.FixtureRequest, chromium: Browser, live: "Live") -> Iterator[Callable[[], Page]]:
    """Somebody with a browser of their own, as often as asked. An error in a browser's console is an error of ours."""
    contexts, complaints = list[BrowserContext](), list[str]()

    def visitor() -> Page:
        context = chromium.new_context(
            java_script_enabled=request.param == "with JavaScript", base_url=live.address, locale="en-GB",
            timezone_id="Europe/London", viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return shown

    yield visitor
    for context in contexts:
        context.close()
    assert [each for each in complaints if "status of 4" not in each] == []


@pytest.fixture
def page(visitors: Callable[[], Page]) -> Page:
    """A test that takes it runs twice: with and without JavaScript."""
    return visitors()


class Live:
    """The site, served on loopback; its clock stands where the test puts it."""

    def __init__(self, site: Site, port: int, post: Catcher) -> None:
        self.site, self.address, self.post = site, f"http://127.0.0.1:{port}", post


@pytest.fixture
def live(sqlite_store: sa.Engine) -> Iterator[Live]:
    site = loaded_site(sqlite_store)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(site.app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Live(site, port, Catcher(site, f"http://127.0.0.1:{port}"))
        server.should_exit = True
        thread.join()
