"""A complaint comes by letter, is read, answered, and becomes a gap on the next review's agenda."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.browser.secretary import Desk

pytestmark = pytest.mark.browser
POLICE, LUTON = "Bedfordshire Police", "Luton Borough Council"
TOLD = (
    "In May the police passed a report with an address to somebody who should not have had it. Nobody was asked for "
    "consent, and the consent form was never shown."
)
WANTING = "Nothing says what to do where somebody cannot be asked for consent."


def test_a_complaint_becomes_a_gap_on_the_agenda(page: Page, live: Live) -> None:
    desk = Desk(page, live, "complaint")
    desk.sign_in()
    desk.click("Set the review date")
    desk.press("Set the date")
    received_and_referred(desk)
    answered(desk)
    followed_and_told(desk)
    on_the_agenda(desk)


def received_and_referred(desk: Desk) -> None:
    desk.menu("Complaints")
    desk.click("Record a complaint")
    desk.choose("A person’s, about their own information")
    desk.pick("Whom is it about?", POLICE)
    desk.fill("What is complained of?", TOLD)
    desk.pick("Who received it first?", LUTON)
    desk.day("When was it received there?", date(2026, 11, 20))
    desk.day("When did it happen, or begin?", date(2026, 5, 6))
    desk.fill("How are they answered?", "By letter, file LBC/2026/44.")
    desk.press("Check it for personal details")
    desk.shot("new")
    desk.press("Record the complaint")
    desk.done("Complaint 1 is recorded. By Monday 21 December 2026 Luton Borough Council has to")
    desk.sees("Clauses that may govern it", "7-consent", "“Nobody was asked for consent”")
    desk.shot("received")
    desk.click("Refer it to another body")
    desk.pick("Who has to answer it?", POLICE)
    desk.fill("Why?", "It was their report.")
    desk.press("Refer it")
    desk.done(f"{POLICE} answers complaint 1 now")
    desk.click("Record the acknowledgement")
    desk.fill("How were they told?", "By letter of today.")
    desk.press("Record that it went")
    desk.done("Complaint 1 was acknowledged")
    desk.sweep()  # the analysis begins by itself


def answered(desk: Desk) -> None:
    desk.menu("Complaints")
    desk.click("Complaint 1")
    desk.click("Answer the four questions")
    desk.sees("Clauses that may govern it", "In May the police passed a report")
    desk.pick("Which clause covers it?", re.compile("^7-consent"))
    for number, (question, said, why) in enumerate(FOUR, 1):
        asked = desk.page.get_by_role("group", name=re.compile(f"^{re.escape(question)}"))
        asked.get_by_role("radio", name=said, exact=True).check()
        desk.fill(f"Why do you answer question {number} so?", why)
    desk.press("See what these answers come to")
    desk.sees("By the table these answers come to: Inadequacy. Nothing has been recorded yet.")
    expect(desk.page.get_by_text("this row", exact=True)).to_have_count(1)
    desk.shot("four-questions")
    desk.press("Record the finding")
    desk.done("Finding 1 is recorded: inadequacy.")
    desk.shot("found")


FOUR = (
    ("Does a clause that was in force then cover it?", "Yes", "Clause 7 asks for consent."),
    ("Was that clause followed?", "Yes", "The form was not needed by its words."),
    ("Is the clause clear?", "No", "It does not say what is done where nobody can be asked."),
    ("Was there harm, or is the complaint upheld?", "Yes", "The family had to move."),
)


def followed_and_told(desk: Desk) -> None:
    desk.click(re.compile("^Open or join a gap"))
    desk.fill("What is wanting in the protocol?", WANTING)
    desk.shot("gap")
    desk.press("Record the gap")
    desk.done("The complaint is an origin of gap 1, which is on the agenda of the next review.")
    desk.click("Write the letter: outcome")
    desk.sees("complaint")
    desk.shot("outcome-letter")
    desk.click("Add words of your own, or record that it went")
    desk.choose("Yes")
    desk.fill("How were they told?", "By letter of today.")
    desk.press("Record it")
    desk.done("they were told the outcome on")
    desk.click("Close it")
    desk.press("Close the complaint")
    desk.done("Complaint 1 is closed, answered.")
    desk.shot("closed")


def on_the_agenda(desk: Desk) -> None:
    desk.click("The thread of complaint 1, drawn")
    expect(desk.page.locator("main svg").first).to_be_visible()
    thread = desk.page.get_by_role("region", name="The thread as a table")
    for ref in ("complaint:1", "gap:1", "clause:7-consent"):
        expect(thread).to_contain_text(ref)
    desk.shot("thread")
    desk.click("gap:1", desk.row("gap:1").get_by_role("rowheader"))
    desk.sees(WANTING)
    desk.shot("the-gap")
    desk.menu("Reviews")
    desk.click("Review 1")
    desk.sees("Gaps on the agenda", WANTING)
    desk.shot("agenda")
