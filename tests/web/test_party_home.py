"""What a party is asked for: its own duties, each circle its part, the overdue first."""

import csv
import re
from datetime import date, datetime

from sqlmodel import Session, col

from actions.cast import lead_of, party_named
from actions.duties import open_obligation
from models.access import WebSession
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol, Role
from tests.web.breach_site import COUNCIL, breach_at, duty_of, words
from tests.web.party_review import (
    FIRE,
    POLICE,
    advising,
    collecting,
    deciding,
    duty,
    every,
    feedback_page,
    more_time,
    proposed,
)
from tests.web.site import Site
from tests.web.test_public_pages import second_protocol
from web.declaring import Area
from web.standing import COOKIES


def test_where_nothing_is_owed_the_page_says_so_kindly(site: Site) -> None:
    page = site.party(POLICE).get("/party")
    assert page.status_code == 200
    assert "All clear" in page.text
    assert "/party/more-time" not in page.text
    for link in ('href="/protocols/bedfordshire"', "/party/not-me", "/party/stand-in"):
        assert link in page.text


def test_a_visit_is_ended_by_whoever_made_it(site: Site) -> None:
    browser = site.party(POLICE)
    assert 'action="/party/sign-out"' in browser.get("/party").text
    assert browser.get("/party/sign-out").status_code == 200
    gone = browser.post("/party/sign-out")
    assert gone.headers["location"] == "/protocols/bedfordshire"
    assert "Your visit has ended" in browser.get("/protocols/bedfordshire").text
    assert browser.get("/party").status_code == 403
    [session] = every(site, WebSession)
    assert session.ended_at == site.now
    ended = site.browser({COOKIES[Area.PARTY]: "x"}).get("/party")
    assert "End my visit" not in ended.text


def test_an_address_cannot_lead_a_contact_into_another_protocol(site: Site) -> None:
    browser = site.party(POLICE)
    second_protocol(site)
    page = browser.get("/party?protocol=eastshire")
    assert page.status_code == 200
    assert 'href="/protocols/bedfordshire"' in page.text
    assert "eastshire" not in page.text


def test_a_duty_has_its_day_the_time_left_and_its_page(site: Site) -> None:
    collecting(site)
    page = site.party(POLICE).get("/party").text
    assert "One thing to do" in page
    assert "Due Wednesday 23 December 2026, 30 days and 15 hours left. Review 1." in page
    assert f'href="{feedback_page(site, POLICE)}"' in page
    assert "To\u00a0do" in page
    assert feedback_page(site, FIRE) not in page


def test_the_tag_says_in_words_what_is_overdue_and_what_is_soon(site: Site) -> None:
    collecting(site)
    site.later(days=27)
    assert "Due\u00a0soon" in site.party(POLICE).get("/party").text
    site.later(days=10)
    page = site.party(POLICE).get("/party").text
    assert "Overdue" in page
    assert "overdue by 6 days" in page
    assert "One thing to do, it is overdue." in page


def test_what_is_overdue_comes_first(site: Site) -> None:
    def owe(session: Session, now: datetime, protocol: Protocol) -> None:
        party = party_named(session, protocol, POLICE)
        for number, due_on in enumerate((date(2027, 1, 20), date(2026, 12, 1))):
            open_obligation(
                session, now, protocol, key=f"breach:1:action:{number}", case="breach:1", party=party,
                kind=ObligationKind.LOCAL_ACTION, contact=lead_of(session, party), due_on=due_on, what=f"do {number}",
            )  # fmt: skip

    collecting(site)
    site.acting(owe)
    site.later(days=20)
    page = site.party(POLICE).get("/party").text
    assert "3 things to do, 1 overdue." in page
    assert page.index("Do 1") < page.index("Send feedback") < page.index("Do 0")
    assert page.index("Do 1") < page.index("Overdue") < page.index("Send feedback")


def test_a_deputy_sees_what_the_lead_member_was_asked_and_a_breach_coordinator_does_not(site: Site) -> None:
    collecting(site)
    deputy = site.party(POLICE, Role.DEPUTY).get("/party").text
    assert feedback_page(site, POLICE) in deputy
    assert "Asked: the lead member." in deputy
    coordinator = site.party(POLICE, Role.COORDINATOR)
    assert "All clear" in coordinator.get("/party").text
    for path in (feedback_page(site, POLICE), f"{feedback_page(site, POLICE)}/give", "/party/reviews/1"):
        assert coordinator.get(path).status_code == 404


def test_what_was_answered_lately_stays_in_sight(site: Site) -> None:
    collecting(site)
    proposed(site)
    page = site.party(FIRE).get("/party").text
    assert "All clear" in page
    assert "Done lately" in page
    assert "Answered, 23 November 2026, 09:00 GMT" in page


def test_an_adviser_sees_what_they_owe_and_no_review_page(site: Site) -> None:
    assert "All clear" in site.adviser().get("/party").text
    collecting(site)
    proposed(site)
    advising(site)
    page = site.adviser().get("/party").text
    assert f"/party/advice/{duty(site, ObligationKind.ADVICE).id}" in page
    assert site.adviser().get("/party/reviews/1").status_code == 403


def test_looking_changes_nothing_and_a_stranger_sees_nothing(site: Site) -> None:
    collecting(site)
    proposed(site)
    deciding(site)
    before = [row.model_dump() for row in every(site, Obligation, col(Obligation.id) > 0)]
    for browser in (site.party(POLICE), site.adviser()):
        for _ in range(2):
            assert browser.get("/party").status_code == 200
    assert [row.model_dump() for row in every(site, Obligation, col(Obligation.id) > 0)] == before
    assert site.browser().get("/party").status_code in (303, 403)
    assert site.console().get("/party").status_code in (303, 403)


def test_an_extension_shows_at_once(site: Site) -> None:
    collecting(site)
    more_time(site, POLICE, date(2027, 1, 15))
    assert "Due Friday 15 January 2027" in site.party(POLICE).get("/party").text


def test_what_has_no_deadline_is_shown_with_none_to_the_party_and_in_the_console(site: Site) -> None:
    """Two days on: the procedure says “immediately”, and nobody gives the assessment a time (decision 7)."""
    number = breach_at(site, COUNCIL)
    site.later(days=2)
    step = duty_of(site, number, COUNCIL, ObligationKind.STEP)
    assessment = duty_of(site, number, COUNCIL, ObligationKind.ASSESSMENT)
    party, console = site.party(COUNCIL, Role.COORDINATOR), site.console()
    for browser, path in (
        (party, f"/party/step/{step}"), (party, f"/party/assessment/{assessment}"),
        (party, f"/party/more-time/{assessment}"), (console, f"/console/obligations/{step}"),
        (console, f"/console/obligations/{assessment}"), (console, f"/console/obligations/{step}/extend"),
    ):  # fmt: skip
        page = words(browser.get(path).text).split(" Reminders ")[0]
        assert "irst asked for on" in page, path
        assert not re.search(r"[Oo]verdue|\b[Dd]ue (?!to|No deadline)|[Uu]ntil S", page), path
    listed = site.program().get(f"/api/obligations?case=breach:{number}").json()["obligations"]["lines"]
    asked = {line["number"]: line for line in listed if line["asked_at"]}
    assert {step, assessment} <= set(asked)
    assert not any(line["overdue"] or line["left"] for line in asked.values())
    home = words(party.get("/party").text)
    assert home.count("First asked for on 24 October 2026, 17:00 BST") == len(asked)
    assert words(console.get("/console").text).count("No deadline: first asked for on") == len(asked)
    assert "No deadline: first asked for on" in words(console.get(f"/console/obligations?case=breach:{number}").text)
    assert "First asked for on Saturday 24 October 2026" in words(party.get("/party/breaches").text)
    late = sum(line["overdue"] for line in listed)
    assert f"{late} of them overdue" in words(party.get(f"/party/breaches/{number}").text)
    assert f"{late} overdue" in words(console.get("/console/breaches").text)
    sheet = console.get(f"/console/obligations.csv?case=breach:{number}").content.decode("utf-8-sig")
    rows = csv.DictReader(sheet.splitlines())
    assert [row["due_on"] + row["due_at"] for row in rows if int(row["number"]) in asked] == [""] * len(asked)
