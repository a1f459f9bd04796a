"""The secretary takes the annual review from the first start to the next one's date, by links and buttons alone."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.browser.secretary import Desk

pytestmark = pytest.mark.browser
POLICE, FIRE = "Bedfordshire Police", "Bedfordshire Fire and Rescue Service"
LUTON, BEDFORD, CENTRAL = "Luton Borough Council", "Bedford Borough Council", "Central Bedfordshire Council"


def test_a_whole_review_from_the_first_start_to_the_next_date(page: Page, live: Live) -> None:
    desk = Desk(page, live, "review")
    first_page_and_date(desk)
    feedback_on_behalf(desk)
    drafting(desk)
    deciding(desk)
    version_made(desk)
    signing(desk)
    confirming_and_the_next_date(desk)


def test_the_forecast_says_who_is_asked_when(page: Page, live: Live) -> None:
    desk = Desk(page, live, "forecast")
    desk.sign_in()
    desk.click("Set the review date")
    desk.press("Set the date")
    desk.menu("Today")
    desk.click("See what will be sent")
    desk.sees("26 February 2027", "31 March 2027")
    desk.shot("forecast")


def first_page_and_date(desk: Desk) -> None:
    desk.sign_in()
    desk.sees("17 parties", "has been due since October 2016", "4 signatures are undated")
    desk.sees("Data Protection Act 1998", "was repealed on Friday 25 May 2018", "have merged, moved or been renamed")
    desk.shot("first-start")
    desk.click("Set the review date")
    desk.shot("review-date")
    desk.day("When is the review date?", date(2027, 3, 31))
    desk.press("Set the date")
    desk.done("every party is asked on Friday 26 February 2027")
    desk.shot("scheduled")
    desk.menu("Today")
    desk.sees("The review date is", "31 March 2027")


def feedback_on_behalf(desk: Desk) -> None:
    desk.on(date(2027, 2, 26), 9, 1)
    desk.sees("0 of 17 parties have answered")
    desk.shot("invited")
    desk.click("Review 1")
    proposal(desk, POLICE, "12-security", "Data is encrypted wherever it travels.")
    proposal(desk, FIRE, "12-security", "Data is encrypted on its way.")
    proposal(desk, CENTRAL, "1", "This protocol says how the partners share information.")
    desk.click(f"Record its feedback of {LUTON}")
    desk.choose("It has no comments")
    desk.fill("Why do you answer in its place?", "They said so on the telephone on 26 February.")
    desk.press("Record it")
    desk.done(f"The feedback of {LUTON} is recorded.")
    desk.sees("4 of 17 parties have answered")
    desk.click("has not answered yet")
    waiting = desk.row(BEDFORD)
    expect(waiting).to_contain_text("Has not answered yet")
    expect(waiting).to_contain_text("2027")  # when it is reminded next
    expect(desk.row(LUTON)).to_have_count(0)
    desk.shot("non-repliers")


def proposal(desk: Desk, party: str, clause: str, wording: str) -> None:
    """As it came by letter."""
    desk.click(f"Record its feedback of {party}")
    desk.choose("It comments, or proposes new wording")
    desk.pick("For which clause does it propose new wording?", re.compile(f"^{clause}: "))
    desk.fill("How should that clause read?", wording)
    desk.fill("What is wrong with it today?", "Nobody can say what it asks for.")
    desk.fill("Why do you answer in its place?", "Their letter of 25 February.")
    desk.press("Preview the difference")
    desk.sees("The difference its wording makes:", wording)
    if clause == "1":
        desk.shot("feedback-on-behalf")
    desk.press("Record it")
    desk.done(f"The feedback of {party} is recorded.")


def drafting(desk: Desk) -> None:
    """Feedback closes by itself at the end of the review date."""
    desk.on(date(2027, 4, 1))
    desk.click("Review 1")
    desk.sees("Review 1: drafting", "4 of 17 parties have answered", "Silent")
    desk.shot("drafting")
    desk.click("Merge proposal 2 with one that says the same")
    desk.page.get_by_role("radio", name=re.compile("^Proposal 1, by")).check()
    desk.shot("merge")
    desk.press("Merge")
    desk.done("Proposal 2 is merged into 1.")
    classify(desk, 1, "Major", "It asks every party to buy something.")
    classify(desk, 3, "Minor", "It says the same in fewer words.")
    desk.button("Ask the adviser")
    desk.press("Ask the adviser")
    desk.sees("Review 1: advising")
    desk.click("Go on without advice on proposal 1")
    desk.fill("Why?", "The adviser advised on these very words in January.")
    desk.press("Go on without advice")
    desk.done("Proposal 1 goes on without advice; the reason is recorded.")


def classify(desk: Desk, number: int, magnitude: str, because: str) -> None:
    desk.button(f"Mark proposal {number} minor or major")
    desk.choose(magnitude)
    desk.fill("Why?", because)
    desk.press("Record it")
    desk.done(f"Proposal {number} is {magnitude.lower()}.")


def deciding(desk: Desk) -> None:
    desk.button("Begin deciding")
    desk.press("Begin deciding")
    desk.sees("Review 1: deciding")
    desk.shot("deciding")
    desk.button("Record the decision on proposal 1")
    desk.choose("Accepted with changes")
    desk.fill("The wording that was accepted", "Personal data is encrypted wherever it travels.")
    desk.fill("Why?", "Both forces need it, and it can be paid for.")
    desk.fill("Who disagreed, in their own words", "Bedford Borough Council: it comes a year too early.")
    desk.day("When was it decided?", date(2027, 4, 1))
    desk.press("Preview the difference")
    desk.sees("What the wording you have written changes:")
    desk.shot("decision")
    desk.press("Record the decision")
    desk.done("Proposal 1 is accepted with changes.")
    desk.sees("it comes a year too early")
    desk.button("Record the decision on proposal 3")
    desk.choose("Accepted")
    desk.fill("Why?", "It is easier to read.")
    desk.press("Record the decision")


def version_made(desk: Desk) -> None:
    desk.button("Make the new version and open signing")
    desk.press("Conclude the review")
    desk.done("Review 1 is now: signing, version 5.0.")
    desk.click("Version 5.0")
    desk.sees("Difference to version 4.2", "Personal data is encrypted wherever it travels.")
    expect(desk.page.locator("main .concordat-code").first).to_have_text(re.compile("^[0-9a-f]{64}$"))
    desk.shot("version")
    desk.click("Review 1")
    expect(desk.page.locator("#proposal-1 del").first).to_contain_text("Transfers")  # of 4.2, not of its own text
    desk.shot("signing")


def signing(desk: Desk) -> None:
    for party in (POLICE, LUTON):
        desk.click(f"Record the signature of {party}")
        desk.fill("In which position does the person sign?", "Chief Executive")
        desk.fill("How did the signature reach you?", "Signed on paper, received by post.")
        desk.press("Record the signature")
        desk.done(f"{party} signed version 5.0")
    desk.click(re.compile(f"^Record that it declines.*{BEDFORD}"))
    desk.fill("Why does it decline?", "The council cannot pay for clause 12 this year.")
    desk.press("Record it")
    desk.done(f"{BEDFORD} declines version 5.0.")
    desk.menu("Today")
    desk.sees("2 parties", "1 declined, 14 to come")
    desk.shot("signing-today")
    desk.click("Review 1")
    desk.click("End signing and adopt")
    desk.fill("Why does signing end now?", "The steering group puts it in force for those who have signed.")
    desk.shot("adopt")
    desk.press("Adopt")
    desk.sees("Review 1: adopted", "Signed by 2 of 17 parties.", "The council cannot pay for clause 12 this year.")
    desk.shot("adopted")


def confirming_and_the_next_date(desk: Desk) -> None:
    desk.click(re.compile(f"^Record its answers.*{POLICE}"))
    desk.tick("Everything that is not ticked below is in place")
    desk.page.get_by_role("group", name=re.compile("What is not in place yet")).get_by_role("checkbox").first.check()
    desk.day("By when will that be in place?", date(2027, 10, 29))
    desk.fill("Why do you answer in its place?", "Their letter of 1 April.")
    desk.shot("confirmation")
    desk.press("Record it")
    desk.done(f"of {POLICE} recorded.")
    desk.sees("by 29 October 2027")
    desk.menu("Today")
    desk.sees("Review 2: scheduled", "31 March 2028")
    desk.shot("next-review")
    desk.menu("Reviews")
    expect(desk.row("Review 2")).to_contain_text("31 March 2028")
    desk.shot("reviews")
