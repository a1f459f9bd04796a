"""A breach in a council and the police, reported by telephone, taken to its lesson and its end on their behalf."""

import re
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from actions.breaches.stepping import skip_step
from models.breach import Breach
from models.protocol import Party, Protocol
from tests.actions.breach_world import pending
from tests.browser.conftest import Live
from tests.browser.secretary import Desk

pytestmark = pytest.mark.browser
COUNCIL, POLICE = "Central Bedfordshire Council", "Bedfordshire Police"
FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)  # 16:20 in London; the clocks go back on the Sunday


def test_a_breach_in_two_parties_from_the_telephone_to_the_gap(page: Page, live: Live) -> None:
    live.site.now = FRIDAY
    desk = Desk(page, live, "breach")
    desk.sign_in()
    reported(desk)
    aware(desk)
    step_and_hold(desk)
    concluded_and_told(desk)
    for party in (COUNCIL, POLICE):
        learnt_and_finished(desk, party)
    closed(desk)


def reported(desk: Desk) -> None:
    desk.menu("Breaches")
    desk.click(re.compile("^Record a report"))
    desk.fill("What happened?", "A safeguarding referral went to the wrong family.")
    for party in (COUNCIL, POLICE):
        desk.page.get_by_role("group", name=re.compile("^Which parties may it concern")).get_by_label(party).check()
    desk.choose("Anonymous")
    desk.shot("by-telephone")
    desk.press("Record the report")
    desk.sees("The report is recorded", "The follow-up code")
    desk.shot("recorded")
    desk.sweep()
    desk.click("Go on to breach 1")
    for party in (COUNCIL, POLICE):
        expect(desk.row(party)).to_contain_text("Not recorded yet")
    desk.sees(f"{POLICE} and {COUNCIL}")
    desk.shot("side-by-side")


def aware(desk: Desk) -> None:
    for party, time in ((COUNCIL, "16:20"), (POLICE, "15:00")):
        desk.click(party)
        desk.click("Say since when it has been aware")
        desk.day("Since when?", date(2026, 10, 23), time)
        desk.fill("Who had reasonable certainty, as a role?", "data protection officer")
        desk.fill("How is that known?", "They said so on the telephone.")
        desk.press("Record")
        desk.done(f"{party} has been aware since")
        desk.click("Breach 1")
    expect(desk.row(COUNCIL)).to_contain_text("15:20")  # 72 hours that pass, across the change of the clocks
    expect(desk.row(COUNCIL)).to_contain_text("across the change of the clocks")
    expect(desk.row(POLICE)).to_contain_text("14:00")
    desk.shot("both-aware")


def step_and_hold(desk: Desk) -> None:
    desk.click(COUNCIL)
    desk.shot("party")
    desk.click(re.compile("^Record the step.*contain the breach"))
    desk.fill("What did it bring?", "The letter is back.")
    desk.fill("What shows it?", "File 12.")
    desk.shot("step")
    desk.press("Record")
    desk.done("Step “contain” is done.")
    desk.click("Breach 1")
    desk.click(POLICE)
    desk.click("Hold letters to the people concerned, confirm or release them")
    desk.choose("Nobody may write to the people concerned for now")
    desk.fill("Why?", "An arrest is planned.")
    desk.press("Record")
    desk.done(f"{POLICE} holds letters")
    desk.click("Breach 1")
    desk.sees("Letters held")
    expect(desk.row(POLICE)).to_contain_text("Since")
    desk.click(COUNCIL)
    desk.shot("held-by-another")
    desk.click("Breach 1")


def concluded_and_told(desk: Desk) -> None:
    """The council concludes that a risk is likely, the police that it is not."""
    state(desk, "consequences", "Distress to two families.")
    state(desk, "measures", "The letter was brought back.")
    concluded(desk, COUNCIL, "A risk to people is likely", "Data protection officer")
    desk.click("The notice as the record stands now")
    desk.sees("A safeguarding referral went to the wrong family.", "Distress to two families.")
    desk.shot("notice")
    desk.click("Record that it was given")
    desk.day("When was it given?", date(2026, 10, 23), "16:20")
    desk.fill("The number that the regulator gave", "IC-1234")
    desk.press("Record")
    desk.done("The notice of")
    desk.sees("IC-1234")
    desk.shot("told")
    desk.click("Breach 1")
    concluded(desk, POLICE, "A risk to people is unlikely", "Data protection officer")
    desk.click("Hold letters to the people concerned, confirm or release them")
    desk.choose("Letters may leave again")
    desk.fill("Why?", "The arrest has been made.")
    desk.press("Record")
    desk.click("Breach 1")


def state(desk: Desk, fact: str, text: str) -> None:
    desk.click(fact)
    desk.page.locator("main").get_by_role("textbox").first.fill(text)
    desk.press("Record")
    desk.done("Recorded:")


def concluded(desk: Desk, party: str, risk: str, by: str) -> None:
    desk.click(party)
    desk.click("Record what it concludes")
    desk.choose(risk)
    desk.choose(by)
    desk.fill("Why?", "Two families, and both are known.")
    desk.shot("conclusion")
    desk.press("Record")
    desk.done("Recorded:")


def learnt_and_finished(desk: Desk, party: str) -> None:
    """Whatever is left of the procedure is recorded or skipped, and each duty that is open is answered."""
    desk.click(party)
    desk.click("Record what was learnt")
    desk.fill("What was the cause?", "wrong recipient")
    desk.fill("What was learnt?", "The shared mailbox fills in the last address.")
    if party == COUNCIL:
        desk.choose("A gap in the protocol")
        desk.pick("Of a gap: under which clause?", re.compile("^12-security"))
    else:
        desk.choose("Nothing changes")
        desk.fill("If nothing changes: why?", "The council mends it.")
    desk.press("Record")
    desk.done("Recorded:")
    told_partners(desk)
    desk.click(re.compile("^Skip the step"))
    desk.fill("Why is it not done?", "It was done by telephone.")
    desk.press("Skip it")
    desk.done("is skipped; the reason is recorded.")
    the_rest_is_skipped(desk, party)
    desk.click("Breach 1")
    desk.click(party)
    desk.shot("before-finishing")
    desk.click("Finish its follow-up")
    desk.press("Finish it")
    desk.done(f"The follow-up of {party} is complete.")
    desk.click("Breach 1")


def the_rest_is_skipped(desk: Desk, name: str) -> None:
    """Nine more times the same on the screen would show nothing new."""

    def skipped(session: Session, now: datetime, protocol: Protocol) -> None:
        party = session.exec(select(Party).where(Party.name == name)).one()
        breach = session.get_one(Breach, 1)
        while left := set(pending(session, breach, party.slug)) - seen:
            seen.add(min(left))
            skip_step(session, now, 1, party.slug, min(left), "secretary", "It was done by telephone.")

    seen = set[str]()
    desk.live.site.acting(skipped)


def told_partners(desk: Desk) -> None:
    desk.click("Record when the partners were told")
    desk.day("When were they told?", date(2026, 10, 23), "16:20")
    desk.press("Record")


def closed(desk: Desk) -> None:
    desk.shot("both-complete")
    desk.click("Close it")
    desk.press("Close it")
    desk.done("Breach 1 is closed.")
    desk.click("Gap 1")
    desk.sees("Breach 1")
    desk.shot("gap")
