"""With the keyboard alone: Tab reaches every control of a form, in the order of the page, and Enter sends it."""

import pytest
from playwright.sync_api import Page

from models.review import Magnitude
from tests.browser.conftest import Live
from tests.web.test_party_signing import POLICE, duty_of, open_review

pytestmark = pytest.mark.browser
# Everything that takes answers or sends them; of radios, the browser stops once at each group.
CONTROLS = """() => {
  const seen = new Set();
  return [...document.querySelectorAll("main input, main textarea, main select, main button, main a[href]")]
    .filter(each => each.type !== "hidden" && each.checkVisibility())
    .filter(each => each.type !== "radio" || !seen.has(each.name) && seen.add(each.name))
    .map(each => each.id || each.name || each.textContent.trim());
}"""
FOCUSED = """() => {
  const each = document.activeElement;
  return each.closest("main") ? each.id || each.name || each.textContent.trim() : "";
}"""


def reached(page: Page) -> list[str]:
    """What Tab stops at within the page's main part, in order."""
    stops: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stop = str(page.evaluate(FOCUSED))
        if not stop and stops:
            break
        if stop:
            stops.append(stop)
    return stops


def reaches_everything(page: Page) -> None:
    wanted = page.evaluate(CONTROLS)
    stops = reached(page)
    assert [each for each in wanted if each not in stops] == []
    assert [each for each in stops if each in wanted] == wanted


def test_a_report_is_written_and_sent_with_the_keyboard_alone(page: Page, live: Live) -> None:
    page.goto("/report/what-happened")
    reaches_everything(page)
    page.goto("/report/what-happened")
    page.locator("main textarea").first.focus()
    page.keyboard.type("A letter went to the wrong house.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/**")
    assert "A letter went to the wrong house." not in page.url


def test_the_page_to_sign_on_is_reached_with_the_keyboard_alone(page: Page, live: Live) -> None:
    live.site.acting(lambda session, now, protocol: open_review(session, now, protocol, Magnitude.MAJOR))
    cookies = live.site.party(POLICE).cookies
    page.context.add_cookies([{"name": name, "value": value, "url": live.address} for name, value in cookies.items()])
    page.goto(f"/party/signature/{duty_of(live.site, POLICE).id}")
    reaches_everything(page)
    page.locator("main form button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".govuk-error-summary")
    assert page.title().startswith("Error: ")
