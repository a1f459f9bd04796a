"""A party's breach coordinator follows a breach up on its own pages, and sees nothing that is another party's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from actions.breaches.affecting import not_affected
from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.holding import place_hold
from actions.breaches.partners import partners_told
from actions.breaches.stepping import finish_step
from actions.cast import party_named
from actions.membership import leave
from models.breach import (
    Awareness,
    BreachFact,
    Conclusion,
    Consultation,
    FollowUp,
    FollowUpEnd,
    LetterHold,
    RegulatorNotice,
    StepEnd,
    StepRecord,
)
from models.obligation import ObligationKind
from models.protocol import Contact, Protocol, Role
from models.store import reading
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from tests.actions.breach_world import done_with
from tests.web.breach_site import COUNCIL, LUTON, POLICE, REPORTER, SATURDAY, at, breach_at, duty_of, text_of, words
from tests.web.site import Site

AWARE_AT = datetime(2026, 10, 24, 15, 20, tzinfo=UTC)  # 16:20 in London, in summer time
AWARE = at("at", "24 10 2026 16:20") | {"who": "team manager", "because": "The letter was seen in the wrong hands."}
MARKER = "Quokka"  # stands in what the police alone may read


def coordinator(site: Site, slug: str = COUNCIL) -> TestClient:
    return site.party(slug, Role.COORDINATOR)


def rows(site: Site, table: Any) -> Any:
    """Every row of a table, the oldest first."""
    with reading(site.store) as session:
        found = session.exec(select(table).order_by(table.id)).all()
        session.expunge_all()
        return found


def test_a_processor_is_shown_no_72_hours(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    as_processor = {"regime": "UK GDPR", "capacity": "processor", "because": "We work for the trust."}
    assert browser.post(f"/party/breaches/{number}/regime", data=as_processor).status_code == 303
    assert "72 hours" not in words(browser.get(f"/party/breaches/{number}").text).split("What is next")[-1][:400]
    browser.post(f"/party/breaches/{number}/aware", data=AWARE)
    page = words(browser.get(f"/party/breaches/{number}").text)
    assert "You tell your controller without undue delay (UK GDPR art. 33(2))" in page
    assert "The 72 hours end" not in page
    duty = duty_of(site, number, COUNCIL, ObligationKind.NOTICE)
    page = words(browser.get(f"/party/notice/{duty}").text)
    assert "72" not in page
    page = words(browser.get(f"/party/more-time/{duty}").text)
    assert "a processor tells its controller without undue delay" in page


def test_whoever_has_said_what_was_learnt_is_led_to_the_end(site: Site) -> None:
    number, browser = breach_at(site, COUNCIL), coordinator(site)
    site.acting(lambda session, now, _: done_with(session, number, now, COUNCIL))
    page = browser.get(f"/party/learning/{duty_of(site, number, COUNCIL, ObligationKind.LEARNING)}").text
    assert "Finish your follow-up of the breach" in words(page)
    assert f'href="/party/breaches/{number}/finish"' in page
    page = browser.get(f"/party/breaches/{number}").text
    assert words(page).count("Finish your follow-up") == 1


def test_a_party_that_has_left_is_no_choice_for_a_question(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    assert f'value="{POLICE}"' in browser.get(f"/party/breaches/{number}/consult").text
    site.acting(lambda session, now, of: leave(session, now, party_named(session, of, POLICE), "x", "Dissolved."))
    assert f'value="{POLICE}"' not in browser.get(f"/party/breaches/{number}/consult").text


def test_the_72_hours_run_through_the_night_in_which_the_clocks_go_back(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    done = browser.post(f"/party/breaches/{number}/aware", data=AWARE)
    assert (done.status_code, done.headers["location"]) == (303, f"/party/breaches/{number}")
    [row] = rows(site, Awareness)
    assert (row.aware_at, row.who, row.recorded_by) == (AWARE_AT, "team manager", f"breach coordinator of {COUNCIL}")
    page = words(browser.get(f"/party/breaches/{number}").text)
    assert "Aware since Saturday 24 October 2026 16:20 BST" in page
    assert "until Tuesday 27 October 2026 15:20 GMT" in page
    assert "2 days and 23 hours left" in page
    assert "because the clocks go back on Sunday 25 October" in page


def test_a_time_that_comes_twice_asks_which_and_keeps_every_answer(site: Site) -> None:
    number = breach_at(site)
    site.now = datetime(2026, 10, 25, 9, tzinfo=UTC)
    browser = coordinator(site)
    asks = browser.post(f"/party/breaches/{number}/aware", data=AWARE | at("at", "25 10 2026 01:30"))
    assert asks.status_code == 422
    assert "write “01:30 BST” or “01:30 GMT”" in words(asks.text)
    assert "The letter was seen in the wrong hands." in asks.text
    assert browser.post(f"/party/breaches/{number}/aware", data=AWARE | at("at", "25 10 2026 01:30 GMT")).is_redirect
    assert [row.aware_at for row in rows(site, Awareness)] == [datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]


def test_a_correction_of_when_it_was_known_is_kept_beside_what_was_said_before(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    browser.post(f"/party/breaches/{number}/aware", data=AWARE)
    assert "What stands: aware since Saturday 24 October 2026 16:20 BST" in words(
        browser.get(f"/party/breaches/{number}/aware").text
    )
    earlier = AWARE | at("at", "24 10 2026 15:50") | {"because": "The telephone log says so."}
    assert browser.post(f"/party/breaches/{number}/aware", data=earlier).is_redirect
    assert len(rows(site, Awareness)) == 2
    page = words(browser.get(f"/party/breaches/{number}").text)
    assert "corrected once" in page or "corrected one time" in page
    assert "until Tuesday 27 October 2026 14:50 GMT" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"who": ""}, "Say who was certain, as a role"),
        ({"because": ""}, "Say how they knew"),
        (at("at", "30 10 2026 09:00"), "has not come yet"),
        (at("at", "31 2 2026 09:00"), "must be a real date"),
        ({"at-time": "half past"}, "Write the time as hours and minutes"),
    ],
)
def test_bad_answers_come_back_with_a_sentence_and_every_answer(site: Site, wrong: dict[str, str], said: str) -> None:
    number, browser = breach_at(site), coordinator(site)
    again = browser.post(f"/party/breaches/{number}/aware", data=AWARE | wrong)
    assert again.status_code == 422
    assert said in words(again.text)
    assert "Error: " in again.text
    for kept in (AWARE | wrong).values():
        assert kept in again.text
    assert rows(site, Awareness) == []


def test_a_step_is_done_with_what_shows_it_and_not_without(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/steps/contain"
    said = {"answer": "done", "outcome": "The letter is back, unread."}
    asks = browser.post(path, data=said)
    assert asks.status_code == 422
    assert "The procedure asks what shows that this was done" in words(asks.text)
    assert "The letter is back, unread." in asks.text
    done = browser.post(path, data=said | {"evidence": "visit note 17"})
    assert done.headers["location"] == f"/party/breaches/{number}#steps"
    [record] = rows(site, StepRecord)
    assert (record.step, record.end, record.evidence) == ("contain", StepEnd.DONE, "visit note 17")
    assert record.recorded_by == f"breach coordinator of {COUNCIL}"
    assert "Shown by: visit note 17" in words(browser.get(f"/party/breaches/{number}").text)
    assert "What is done stays done" in words(browser.get(path).text)


def test_when_a_step_was_done_is_corrected_where_it_was_recorded(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/steps/contain"
    assert "there is nothing to correct" in browser.get(f"{path}/when").text
    wrong = {"answer": "done", "outcome": "It is back.", "evidence": "note 17", **at("at", "24 10 2026 16:20")}
    browser.post(path, data=wrong)
    for page in (f"/party/breaches/{number}", path):
        assert f'href="{path}/when"' in browser.get(page).text
    assert "It was recorded as done on 24 October 2026, 16:20 BST" in words(browser.get(f"{path}/when").text)
    bare = browser.post(f"{path}/when", data=at("at", "24 10 2026 16:05"))
    assert bare.status_code == 422
    ahead = browser.post(f"{path}/when", data={"because": "A slip.", **at("at", "24 10 2026 17:05")})
    assert "has not come yet" in words(ahead.text)
    assert browser.post(f"{path}/when", data={"because": "A slip.", **at("at", "24 10 2026 16:05")}).is_redirect
    shown = words(browser.get(f"/party/breaches/{number}").text)
    assert "Done 24 October 2026, 16:05 BST" in shown
    assert "When a step was done was corrected" in shown
    assert "16:20" in shown.partition("What has happened so far")[2], "what stood before"
    browser.post(f"/party/breaches/{number}/steps/tell-dpo", data={"answer": "skipped", "outcome": "There is none."})
    assert "there is nothing to correct" in browser.get(f"/party/breaches/{number}/steps/tell-dpo/when").text


def test_a_step_is_skipped_with_its_reason(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/steps/tell-dpo"
    refused = browser.post(path, data={"answer": "skipped", "outcome": "The officer found it.", "evidence": "a note"})
    assert "A skipped step has its reason and nothing else" in words(refused.text)
    assert browser.post(path, data={"answer": "skipped", "outcome": "The officer found it."}).is_redirect
    [record] = rows(site, StepRecord)
    assert (record.end, text_of(site, record.outcome_id)) == (StepEnd.SKIPPED, "The officer found it.")


def test_pressed_twice_it_is_recorded_once(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/consult"
    browser_sends = {"of": POLICE, "question": "May we telephone the school?", "once": "one-press"}
    first, second = (browser.post(path, data=browser_sends) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(rows(site, Consultation)) == 1


def test_a_fact_is_stated_with_unknown_as_an_answer_and_a_correction_with_why(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/facts"
    assert browser.post(f"{path}/records", data={"unknown": "yes"}).headers["location"] == path
    both = browser.post(f"{path}/records", data={"unknown": "yes", "value": "4"})
    assert "take away the tick" in words(both.text)
    without = browser.post(f"{path}/people", data={"value": "4"})
    assert without.status_code == 422
    assert "Say why it has changed" in words(without.text)
    assert browser.post(f"{path}/people", data={"value": "4", "because": "Two more are named in it."}).is_redirect
    assert browser.post(f"{path}/ICT-involved", data={"value": "no"}).is_redirect
    assert browser.post(f"{path}/kinds-of-data", data={"value": ["health", "safeguarding"]}).is_redirect
    assert browser.post(f"{path}/detected", data=at("value", "23 10 2026 16:05")).is_redirect
    assert browser.post(
        f"{path}/occurred-from", data={"value-day": "22", "value-month": "10", "value-year": "2026", "value-time": ""}
    ).is_redirect
    stated = {row.name: row.value for row in rows(site, BreachFact)}
    assert stated[FactName.PEOPLE] == 4
    assert stated[FactName.RECORDS] == "unknown"
    assert stated[FactName.ICT] is False
    assert stated[FactName.DATA] == ["health", "safeguarding"]
    assert stated[FactName.OCCURRED_FROM] == "2026-10-22"
    page = words(browser.get(path).text)
    assert "Two more are named in it." in page
    assert "Breach coordinator of Central Bedfordshire Council, 24 October 2026, 17:00 BST" in page


def police_work(site: Site, number: int) -> None:
    """Everything of theirs holds the marker; none of it is for the council."""

    def acted(session: Session, now: datetime, _protocol: Protocol) -> None:
        why = f"{MARKER}: the council telephoned."
        record_awareness(session, now, number, POLICE, now, f"{MARKER} inspector", "police", why)
        conclude(session, now, number, POLICE, Risk.HIGH, "police", f"{MARKER}: a witness may be intimidated.")
        finish_step(session, now, number, POLICE, "contain", "police", f"{MARKER} spoke.", f"{MARKER} log 4")
        place_hold(session, now, number, POLICE, "police", f"{MARKER}: letters would warn a suspect.")

    site.acting(acted)


def test_of_another_party_nothing_is_seen_but_that_it_holds_letters(site: Site) -> None:
    number = breach_at(site)
    police_work(site, number)
    browser = coordinator(site)
    for path in ("", "/facts", "/notice", "/conclude", "/aware", "/people", "/consult", "/finish", "/steps/contain"):
        page = browser.get(f"/party/breaches/{number}{path}")
        assert page.status_code == 200, path
        assert MARKER not in page.text, path
        assert REPORTER not in page.text, path
        assert "robin@example.org" not in page.text, path
    page = words(browser.get(f"/party/breaches/{number}").text)
    assert "Letters wait. Bedfordshire Police has held them since" in page
    assert MARKER in coordinator(site, POLICE).get(f"/party/breaches/{number}").text


def test_a_breach_and_a_duty_of_another_party_are_not_there(site: Site) -> None:
    number = breach_at(site, POLICE)
    duty = duty_of(site, number, POLICE, ObligationKind.ASSESSMENT)
    browser = coordinator(site)
    assert f"/party/breaches/{number}" not in browser.get("/party/breaches").text
    for path in (f"/party/breaches/{number}", f"/party/breaches/{number}/aware", f"/party/assessment/{duty}",
                 f"/party/breaches/{number}/notice.txt", f"/party/breaches/{number}/facts/people"):  # fmt: skip
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/party/breaches/{number}/aware", data=AWARE).status_code == 404
    assert browser.post(f"/party/breaches/{number}/aware", data={}).status_code == 404
    assert rows(site, Awareness) == []
    own = coordinator(site, POLICE).get(f"/party/assessment/{duty}")
    assert "Say since when you have been aware" in words(own.text)


def test_who_is_not_in_the_breach_circle_sees_nothing_of_it(site: Site) -> None:
    number = breach_at(site)
    lead = site.party(COUNCIL, Role.LEAD_MEMBER)
    for path in ("", "/facts", "/notice", "/aware"):
        assert lead.get(f"/party/breaches/{number}{path}").status_code == 404
    assert "You follow up no breach" in words(lead.get("/party/breaches").text)
    assert site.browser().get(f"/party/breaches/{number}").status_code == 403
    officer = site.party(COUNCIL, Role.DPO)
    assert officer.get(f"/party/breaches/{number}").status_code == 200


def test_a_hold_is_placed_looked_at_again_and_released(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site, POLICE)
    path = f"/party/breaches/{number}/hold"
    asks = browser.post(path, data={"because": " "})
    assert "Say why letters must wait" in words(asks.text)
    assert browser.post(path, data={"because": "A letter now would warn a suspect."}).is_redirect
    site.later(days=5)
    browser = coordinator(site, POLICE)
    assert browser.post(f"{path}/confirm", data={"because": "The interview is on Thursday."}).is_redirect
    assert browser.post(f"{path}/release", data={"because": "The interview has been held."}).is_redirect
    [hold] = rows(site, LetterHold)
    assert hold.released_at == site.now
    assert hold.released_by == f"breach coordinator of {POLICE}"
    council = coordinator(site).get(f"/party/breaches/{number}")
    assert "Bedfordshire Police held letters from 24 October 2026" in words(council.text)
    assert "warn a suspect" not in council.text
    refused = coordinator(site).post(path, data={"because": "We would rather wait."})
    assert refused.status_code == 422
    assert "Only a controller that acts for law-enforcement purposes" in words(refused.text)


def concluded(site: Site, number: int, risk: Risk = Risk.LIKELY) -> None:
    browser = coordinator(site)
    browser.post(f"/party/breaches/{number}/aware", data=AWARE)
    said = {"risk": risk.value, "because": "Children are named, with an address."}
    assert browser.post(f"/party/breaches/{number}/conclude", data=said).is_redirect


def test_a_conclusion_says_what_has_to_be_told(site: Site) -> None:
    number = breach_at(site)
    early = coordinator(site).post(
        f"/party/breaches/{number}/conclude", data={"risk": "high", "because": "Children are named."}
    )
    assert early.status_code == 422
    assert "since when Central Bedfordshire Council has been aware" in words(early.text)
    concluded(site, number, Risk.HIGH)
    [row] = rows(site, Conclusion)
    assert (row.risk, row.concluded_by) == (Risk.HIGH, f"breach coordinator of {COUNCIL}")
    notice = duty_of(site, number, COUNCIL, ObligationKind.NOTICE)
    page = words(coordinator(site).get(f"/party/notice/{notice}").text)
    assert "72 elapsed hours from Saturday 24 October 2026 16:20 BST" in page
    people = duty_of(site, number, COUNCIL, ObligationKind.TELLING_PEOPLE)
    assert coordinator(site).get(f"/party/telling-people/{people}").status_code == 200


def test_the_notice_is_drafted_and_names_what_is_missing(site: Site) -> None:
    number = breach_at(site)
    concluded(site, number)
    browser = coordinator(site)
    page = browser.get(f"/party/breaches/{number}/notice")
    assert "A safeguarding referral went to the wrong family." in page.text
    assert f'href="/party/breaches/{number}/facts/consequences"' in page.text
    text = browser.get(f"/party/breaches/{number}/notice.txt")
    assert text.headers["content-type"].startswith("text/plain")
    assert "safeguarding referral" in text.text


def test_a_late_notice_needs_reasons_and_keeps_everything(site: Site) -> None:
    number = breach_at(site)
    concluded(site, number)
    site.now = AWARE_AT + timedelta(hours=75)
    browser, path = coordinator(site), f"/party/breaches/{number}/notice/given"
    assert "It is late: say why" in words(browser.get(path).text)
    said = at("given_at", "27 10 2026 16:00") | {"reference": "IC-4711"}
    asks = browser.post(path, data=said)
    assert asks.status_code == 422
    assert "later than 72 hours after becoming aware" in words(asks.text)
    assert 'href="#late_because"' in asks.text
    assert "--late" not in asks.text
    for kept in said.values():
        assert kept in asks.text
    assert rows(site, RegulatorNotice) == []
    assert browser.post(path, data=said | {"late_because": "Nobody could be reached on Sunday."}).is_redirect
    [row] = rows(site, RegulatorNotice)
    assert (row.regulator_reference, row.number) == ("IC-4711", 1)
    assert "late: Nobody could be reached on Sunday." in words(browser.get(f"/party/breaches/{number}").text)


def test_a_notice_that_is_not_required_is_decided_with_its_reasons(site: Site) -> None:
    number = breach_at(site)
    concluded(site, number)
    browser, path = coordinator(site), f"/party/breaches/{number}/duties/regulator"
    assert browser.post(path, data={"answer": "not-required"}).status_code == 422
    said = {"answer": "not-required", "because": "The letter came back unopened."}
    assert browser.post(path, data=said).is_redirect
    assert "Not required: The letter came back unopened." in words(browser.get(f"/party/breaches/{number}").text)
    assert browser.get(f"/party/breaches/{number}/duties/controller").status_code == 404


def test_the_people_are_told_only_when_no_hold_stands(site: Site) -> None:
    number = breach_at(site)
    concluded(site, number, Risk.HIGH)
    police_work(site, number)
    browser, path = coordinator(site), f"/party/breaches/{number}/people"
    site.later(hours=2)
    said = at("told_at", "24 10 2026 18:30") | {"how": "A social worker visited."}
    waits = browser.post(path, data=said)
    assert waits.status_code == 422
    assert "they wait until it releases them" in words(waits.text)
    assert "A social worker visited." in waits.text
    coordinator(site, POLICE).post(f"/party/breaches/{number}/hold/release", data={"because": "Arrested."})
    site.later(hours=1)
    assert browser.post(path, data=said | at("told_at", "24 10 2026 19:30")).is_redirect


def test_the_severity_is_shown_before_it_is_recorded(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}/severity"
    factors = {
        "simple": "none", "behavioural": "none", "financial": "none", "sensitive": "4", "identification": "0.75",
        "confidentiality": "0.25", "integrity": "none", "availability": "none", "intent": "none",
    }  # fmt: skip
    shown = browser.post(path, data=factors | {"preview": "yes"})
    assert shown.status_code == 200
    assert "3.25: high" in words(shown.text)
    assert FactName.FACTORS not in {row.name for row in rows(site, BreachFact)}
    assert "At least one of the four kinds" in words(browser.post(path, data=factors | {"sensitive": "none"}).text)
    assert browser.post(path, data=factors).is_redirect
    assert FactName.FACTORS in {row.name for row in rows(site, BreachFact)}
    assert "Severity, as advice: 3.25, high" in words(browser.get(f"/party/breaches/{number}").text)
    assert 'value="4" checked' in browser.get(path).text


def test_a_question_is_answered_by_the_party_that_is_asked_and_no_other(site: Site) -> None:
    number = breach_at(site, COUNCIL, POLICE, LUTON)
    asked = {"of": POLICE, "question": "May we telephone the school?"}
    assert coordinator(site).post(f"/party/breaches/{number}/consult", data=asked).is_redirect
    path = f"/party/breaches/{number}/questions/1"
    assert coordinator(site, LUTON).get(path).status_code == 404
    assert coordinator(site).post(path, data={"answer": "Yes."}).status_code == 404
    police = coordinator(site, POLICE)
    assert "May we telephone the school?" in police.get(path).text
    assert police.post(path, data={"answer": "Yes, its head teacher."}).is_redirect
    assert "Yes, its head teacher." in coordinator(site).get(f"/party/breaches/{number}").text
    assert "head teacher" not in coordinator(site, LUTON).get(f"/party/breaches/{number}").text


def test_a_party_that_it_does_not_concern_says_so_and_comes_back(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    path = f"/party/breaches/{number}"
    assert browser.post(f"{path}/not-affected", data={"because": "No letter of ours."}).is_redirect
    assert "Your follow-up ended" in words(browser.get(path).text)
    ended = browser.post(f"{path}/steps/contain", data={"answer": "done", "outcome": "x", "evidence": "y"})
    assert ended.status_code == 422
    assert "concordat breach" not in ended.text
    assert "reopen it first (“reopen your follow-up”)" in words(ended.text)
    assert browser.post(f"{path}/affected", data={"because": "There was a copy."}).is_redirect
    council = next(row for row in rows(site, FollowUp) if row.ended_at is None and row.reopened == 1)
    assert council.reopened == 1


def test_another_law_is_set_with_why(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site, POLICE)
    said = {"regime": "UK GDPR", "capacity": "controller", "because": "It was a staff list."}
    assert browser.post(f"/party/breaches/{number}/regime", data=said).is_redirect
    assert "under the UK GDPR regime" in words(browser.get(f"/party/breaches/{number}").text)


def test_a_lesson_a_local_action_and_the_end(site: Site) -> None:
    number = breach_at(site)
    concluded(site, number, Risk.UNLIKELY)
    browser, path = coordinator(site), f"/party/breaches/{number}"
    lesson = {"cause": "wrong recipient", "lesson": "Old addresses go.", "effect": "local action"}
    assert "Choose the clause" in words(browser.post(f"{path}/lesson", data=lesson | {"effect": "gap"}).text)
    assert "Say why nothing changes" in words(browser.post(f"{path}/lesson", data=lesson | {"effect": "none"}).text)
    due = {"due_on-day": "29", "due_on-month": "1", "due_on-year": "2027"}
    assert browser.post(f"{path}/lesson", data=lesson | due).is_redirect
    gap = lesson | {"effect": "gap", "clause": "12-security", "lesson": "A second look is missing."}
    assert browser.post(f"{path}/lesson", data=gap).is_redirect
    action = duty_of(site, number, COUNCIL, ObligationKind.LOCAL_ACTION)
    assert f'href="/party/local-action/{action}"' in browser.get(path).text
    early = browser.post(f"{path}/finish", data={})
    assert early.status_code == 422
    assert "Still to do" in words(early.text)
    assert "`" not in words(early.text)
    assert rows(site, FollowUp)[0].ended_at is None


def test_every_page_of_a_breach_says_whose_it_is_and_has_one_heading(site: Site) -> None:
    from web.declared import ACTS, PAGES

    number = breach_at(site)
    concluded(site, number, Risk.HIGH)
    browser = coordinator(site)
    places = {"{breach:int}": str(number), "{step}": "contain", "{kind}": "people"}
    for path in [*(page.path for page in PAGES), *(act.path for act in ACTS)]:
        for place, value in places.items():
            path = path.replace(place, value)
        if not path.startswith("/party/breaches") or "{" in path or path.endswith(".txt"):
            continue
        page = browser.get(path)
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1, path


def test_a_step_duty_is_reached_from_its_message(site: Site) -> None:
    number, browser = breach_at(site), coordinator(site)
    duty = duty_of(site, number, COUNCIL, ObligationKind.STEP, "contain")
    page = browser.get(f"/party/step/{duty}")
    assert f'href="/party/breaches/{number}/steps/contain"' in page.text
    browser.post(f"/party/breaches/{number}/steps/contain", data={"answer": "done", "outcome": "Done.",
                                                                  "evidence": "a note"})  # fmt: skip
    assert "Nothing is owed here any more: it was done" in words(browser.get(f"/party/step/{duty}").text)
    assert site.now == SATURDAY


def test_what_is_recorded_wakes_the_follow_up_of_that_breach(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr("web.parties.breach_own.wake_breach", woken.append)
    number = breach_at(site)
    coordinator(site).post(f"/party/breaches/{number}/aware", data=AWARE | {"who": ""})
    assert woken == []
    coordinator(site).post(f"/party/breaches/{number}/aware", data=AWARE)
    assert woken == [number]


def test_a_lead_member_who_is_asked_because_the_party_has_named_nobody_sees_that_breach_alone(site: Site) -> None:
    def nobody_reached(session: Session, now: datetime, protocol: Protocol) -> None:
        party = party_named(session, protocol, LUTON)
        for contact in session.exec(select(Contact).where(Contact.party_id == party.id)):
            contact.bounced_at = None if contact.role in (Role.LEAD_MEMBER, Role.DEPUTY) else now

    before = breach_at(site, LUTON)
    lead = site.party(LUTON, Role.LEAD_MEMBER)
    assert lead.get(f"/party/breaches/{before}").status_code == 404
    site.acting(lambda session, now, _: not_affected(session, now, before, LUTON, "secretary", "It was a mistake."))
    site.acting(nobody_reached)
    number = breach_at(site, LUTON)
    lead = site.party(LUTON, Role.LEAD_MEMBER)
    assert lead.get(f"/party/breaches/{number}").status_code == 200
    assert lead.get(f"/party/breaches/{before}").status_code == 404
    assert f"Breach {before} " not in words(lead.get("/party/breaches").text)


def test_a_finished_follow_up_is_reopened_with_why(site: Site) -> None:
    number = breach_at(site, COUNCIL)
    site.acting(lambda session, now, _: done_with(session, number, now, COUNCIL))
    browser, path = coordinator(site), f"/party/breaches/{number}"
    browser.post(f"{path}/aware", data=AWARE)
    site.acting(lambda session, now, _: partners_told(session, now, number, COUNCIL, now, "secretary"))
    assert "Finish your follow-up" in words(browser.get(path).text)
    assert browser.post(f"{path}/finish", data={}).is_redirect
    assert rows(site, FollowUp)[0].end == FollowUpEnd.COMPLETE
    assert browser.post(f"{path}/reopen", data={}).status_code == 422
    assert browser.post(f"{path}/reopen", data={"because": "The family speaks of a second letter."}).is_redirect
    assert rows(site, FollowUp)[0].ended_at is None
