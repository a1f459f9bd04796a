"""The secretary's door, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live

pytestmark = pytest.mark.browser
SECRETARY = "secretary@isp-bedfordshire.example"


def test_from_the_address_to_the_first_page_and_out(page: Page, live: Live) -> None:
    page.goto("/console")
    page.get_by_label("Your e-mail address").fill(SECRETARY)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your e-mail")
    page.goto(live.post.link(SECRETARY, "/sign-in/"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You are signed in as secretary.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_an_empty_address_is_an_error_that_takes_the_focus(page: Page, live: Live) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Send me a link").click()
    assert page.title().startswith("Error: ")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator(".govuk-error-summary a").click()
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
