"""Who may what at the console, who did what, who is put out; and an address that does not work."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from models.access import Standing
from tests.browser.conftest import Live
from tests.browser.secretary import Desk
from web import declared
from web.declaring import Area, area_of

pytestmark = pytest.mark.browser
POLICE, LUTON = "Bedfordshire Police", "Luton Borough Council"
ASSISTANT, AUDITOR = "kim.assistant@isp-bedfordshire.example", "lee.auditor@isp-bedfordshire.example"
OLD, NEW = "lead.member@bedfordshire-police.example", "new.lead@bedfordshire-police.example"
# Where something is done that an auditor may not do.
ACTS = [re.compile(re.sub(r"{.+?}", "[^/]+", act.path)) for act in declared.ACTS
        if area_of(act.path) is Area.CONSOLE and Standing.AUDITOR not in act.who]  # fmt: skip


def test_an_assistant_decides_nothing_and_an_auditor_changes_nothing(
    page: Page, live: Live, chromium: Browser, request: pytest.FixtureRequest
) -> None:
    desk = Desk(page, live, "people")
    desk.sign_in()
    desk.menu("Access")
    for name, address, may in (("Kim Reader", ASSISTANT, "Assistant"), ("Lee Looker", AUDITOR, "Auditor")):
        desk.click("Add somebody")
        desk.fill("Name", name)
        desk.fill("E-mail address", address)
        desk.choose(may)
        desk.press("Add")
        desk.done(f"{name} can sign in now.")
    desk.shot("access")
    open_review(desk)
    desk.menu("Today")
    desk.press("Sign out")

    assistant = Desk(another(chromium, live, request), live, "assistant")
    assistant.sign_in(ASSISTANT)
    assistant.menu("Reviews")
    expect(assistant.page.get_by_role("button", name="Set another review date")).to_have_count(0)
    assistant.click("Review 1")
    assistant.sees("Close feedback now")
    for deciding in ("Cancel this review", "Add a reason to this review"):
        assistant.sees_not(deciding)
    assistant.click(f"Record its feedback of {LUTON}")
    assistant.choose("It has no comments")
    assistant.fill("Why do you answer in its place?", "They telephoned.")
    assistant.press("Record it")
    assistant.shot("review")

    auditor = Desk(another(chromium, live, request), live, "auditor")
    auditor.sign_in(AUDITOR)
    for place in ("Today", "Reviews", "Breaches", "Complaints", "Gaps", "Parties", "Owed", "Outbox"):
        auditor.menu(place)
        reads_only(auditor)
    auditor.menu("Reviews")
    auditor.click("Review 1")
    auditor.sees("You can read this review. Its steps are taken by the secretary.", "No comments")
    reads_only(auditor)
    auditor.shot("review")
    auditor.menu("Access")
    auditor.click("Who did what")
    auditor.sees("Kim Reader", "secretary")
    auditor.shot("who-did-what")

    desk.sign_in()
    desk.menu("Access")
    desk.click("End the account of Kim Reader")
    desk.press("End the account")
    desk.done("Kim Reader cannot sign in any more.")
    assistant.page.get_by_role("navigation", name="Menu").get_by_role("link", name="Today").click()
    expect(assistant.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    for other in (assistant, auditor):
        other.page.context.close()


def open_review(desk: Desk) -> None:
    desk.menu("Reviews")
    desk.button("Open a review now")
    desk.choose("An extraordinary review")
    desk.fill("Why is it held?", "The law has changed.")
    desk.press("Open the review")
    desk.done("Review 1 is open")


def another(chromium: Browser, live: Live, request: pytest.FixtureRequest) -> Page:
    """The browser of somebody else, beside the first."""
    context = chromium.new_context(
        java_script_enabled="without JavaScript" not in request.node.name, base_url=live.address,
        viewport={"width": 1280, "height": 900},
    )  # fmt: skip
    return context.new_page()


def reads_only(desk: Desk) -> None:
    """Nothing to press but what filters a list."""
    posting = desk.page.locator("main form[method=post]")
    expect(posting).to_have_count(0)
    acts = desk.page.locator("main [role=button]")
    assert acts.all_inner_texts() == [], desk.page.url
    links = [each.get_attribute("href") or "" for each in desk.page.locator("main a").all()]
    assert [link for link in links for act in ACTS if act.fullmatch(re.split("[?#]", link)[0])] == [], desk.page.url


def test_an_address_that_does_not_work_is_work_and_once_corrected_gets_what_came_back(page: Page, live: Live) -> None:
    desk = Desk(page, live, "bounce")
    desk.sign_in()
    open_review(desk)
    live.post.deliver()
    live.site.later(hours=1)
    desk.menu("Outbox")
    told = desk.page.get_by_role("row").filter(has_text=OLD)
    desk.click(re.compile("."), told)
    desk.shot("message")
    desk.click("It came back")
    desk.fill("What does the mail server say?", "550 5.1.1 No such user.")
    desk.shot("came-back")
    desk.press("Record it")
    desk.menu("Today")
    desk.sees("Your list", OLD)
    desk.shot("work")
    desk.click(re.compile("^[Cc]orrect"))
    desk.fill("The address that works", NEW)
    desk.shot("correct")
    desk.press("Correct it")
    desk.done("What had bounced is sent there, and the reminders go on.")
    desk.menu("Today")
    desk.sees_not(OLD)
    desk.shot("corrected")
    assert live.post.link(NEW, "/p/")
