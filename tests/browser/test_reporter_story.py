"""Somebody who works at a council reports a breach, goes home, and comes back: in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cli.clockwork import run_clock
from tests.browser.conftest import Live
from tests.browser.looking import go, look, press

pytestmark = pytest.mark.browser
COORDINATOR = "breach.coordinator@central-bedfordshire-council.example"
COUNCIL = "Central Bedfordshire Council"
THE_SHORT_WAY = 8  # pages, from the public first one to what happens next; the tick forgotten once is one more
HAPPENED = "A safeguarding referral went to the wrong family. They rang us at four."


def test_a_reporters_whole_way_to_a_code_and_back_with_it(page: Page, visitors: Callable[[], Page], live: Live) -> None:
    pages = list[str]()
    page.on("domcontentloaded", lambda shown: pages.append(shown.url))
    reference, code = sent_by_the_short_way(page)
    assert re.fullmatch(r"BR-2026-[0-9A-Z]{6}", reference)
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code)
    assert len(pages) == THE_SHORT_WAY, pages
    live.site.later(minutes=1)
    run_clock(live.site.store, live.site.now)
    coordinator = visitors()
    the_coordinator_asks(coordinator, live, reference)
    live.site.later(hours=3)
    comes_back(page, reference, code)
    look(page, f"Your report {reference}")
    expect(page.get_by_text(COUNCIL)).to_be_visible()
    adds_a_fact(page)
    answers(page)
    new = takes_another_code(page)
    leaves(page)
    comes_back(page, reference, code)
    look(page, "Come back to a report")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.get_by_label("Reference")).to_have_value(f" {reference.lower()} ")
    comes_back(page, reference, new)
    expect(page.locator("h1")).to_contain_text(reference)
    coordinator.reload()
    expect(coordinator.get_by_text("The outer one only.")).to_be_visible()


def sent_by_the_short_way(page: Page) -> tuple[str, str]:
    """Answers reference and code."""
    page.goto("/")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Report a breach").click()
    look(page, "Report a breach")
    page.get_by_role("button", name="Start now").click()
    look(page, "What happened?")
    page.get_by_label("What happened?").fill(HAPPENED)
    press(page, "Continue")
    look(page, "Which organisations may it concern?")
    page.get_by_label(COUNCIL).check()
    press(page, "Leave the rest unknown and check your answers")
    look(page, "Check your answers before you send")
    expect(page.get_by_text(HAPPENED)).to_be_visible()
    press(page, "Send the report")
    look(page, "Your report has been sent")
    code = page.locator(".concordat-code").inner_text()
    reference = page.locator(".govuk-panel strong").inner_text()
    press(page, "Continue")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Save the code")
    assert page.locator(".concordat-code").inner_text() == code
    page.get_by_label("I have saved the code").check()
    press(page, "Continue")
    look(page, "What happens next")
    assert code not in page.content()
    return reference, code


def the_coordinator_asks(party: Page, live: Live, reference: str) -> None:
    """From the page that the mail's link opens."""
    party.goto(live.post.link(COORDINATOR))
    look(party, COUNCIL)
    press(party, "Open my page")
    look(party, "What you are asked for")
    party.locator(".govuk-task-list__link").first.click()
    party.get_by_role("link", name="Breach 1").first.click()
    look(party, "Breach 1")
    go(party, "Ask whoever reported")
    look(party, "Ask whoever reported")
    expect(party.get_by_label(reference)).to_be_checked()
    party.get_by_label("What do you want to know?").fill("Had the envelope been opened?")
    press(party, "Ask")
    expect(party.get_by_text("The question waits for the reporter")).to_be_visible()


def comes_back(page: Page, reference: str, code: str) -> None:
    page.goto("/report")
    go(page, "Come back to a report that you sent before")
    page.get_by_label("Reference").fill(f" {reference.lower()} ")
    page.get_by_label("Follow-up code").fill(code.replace(" ", ""))
    press(page, "Open my report")


def adds_a_fact(page: Page) -> None:
    go(page, "Whose information is it?")
    look(page, "Whose information is it?")
    page.get_by_label("How many people does it concern?").fill("2")
    page.get_by_label("Children").check()
    press(page, "Add it")
    expect(page.get_by_text("It has been added to your report.")).to_be_visible()


def answers(page: Page) -> None:
    expect(page.get_by_text("Had the envelope been opened?")).to_be_visible()
    go(page, "Answer question 1")
    look(page, "Answer a question")
    press(page, "Send the answer")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Write your answer")
    page.get_by_label("Your answer").fill("The outer one only.")
    press(page, "Send the answer")
    expect(page.get_by_text("Your answer has been kept")).to_be_visible()


def takes_another_code(page: Page) -> str:
    go(page, "replace your follow-up code")
    look(page, "Replace your follow-up code")
    code = page.locator(".concordat-code").inner_text()
    page.get_by_label("I have saved the new code").check()
    press(page, "Use this code from now on")
    expect(page.get_by_text("The old one opens nothing any more")).to_be_visible()
    return code


def leaves(page: Page) -> None:
    go(page, "leave your report")
    look(page, "Leave your report")
    press(page, "Leave")
    expect(page.get_by_text("You have left your report.")).to_be_visible()
