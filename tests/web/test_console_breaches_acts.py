"""What can be done with a breach from the console, by whom, and what a wrong answer comes back with."""

from datetime import timedelta
from html import unescape

import pytest
from sqlmodel import select

from actions.breaches.facts import facts_of
from actions.breaches.reporting import Report, report_breach
from models.access import Standing
from models.breach import Breach, BreachDuty, BreachOutcome, FollowUp, FollowUpEnd, Lesson, LetterHold, ReporterKind
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from models.store import reading
from rules.breach import Stage
from rules.breach_duties import Capacity, DutyKind, Regime
from rules.breach_facts import SHAPES, UNKNOWN, FactName
from tests.actions.breach_world import sweep_breaches
from tests.web.site import Site
from tests.web.test_console_breaches import AT, BREACH, COUNCIL, FRIDAY, POLICE, did, errors_in, when
from web.commands import page_of_command
from web.console.breach_acts import OF_BREACH
from web.console.breach_fact_forms import form_of, slug_of
from web.declared import ACTS, PAGES

OURS = ("/console/breaches", "/console/severity")
BEDFORD = "bedford-borough-council"


@pytest.fixture
def open_breach(site: Site) -> Site:
    """Reported on the Friday, follow-ups opened at the council and the police."""
    site.now = FRIDAY
    reported(site)
    return site


def reported(site: Site, happened: str = "A list went to the wrong address.") -> None:
    facts = {FactName.HAPPENED: happened, FactName.PARTIES: [COUNCIL, POLICE], FactName.CLAUSES: "12-security",
             FactName.DETECTED: "2026-10-23T16:05", FactName.PEOPLE: 2}  # fmt: skip
    report = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS)
    site.acting(lambda session, now, protocol: report_breach(session, now, protocol, report, "reporter"))
    sweep_breaches(site, site.now)  # type: ignore[arg-type]


def filled(path: str) -> str:
    places = {"{breach:int}": "1", "{party}": POLICE, "{step}": "contain", "{question:int}": "1", "{action:int}": "0"}
    for place, value in places.items():
        path = path.replace(place, value)
    return path


def ours() -> list[str]:
    paths = [each.path for each in PAGES] + [each.path for each in ACTS]
    return [filled(path) for path in paths if path.startswith(OURS) and "{action" not in path]


def test_every_page_and_form_opens_and_looking_changes_nothing(open_breach: Site) -> None:
    browser = open_breach.console()
    did(browser, f"{AT[COUNCIL]}/consult", of=POLICE, question="May we telephone the school?")
    for path in ours():
        answer = browser.get(path)
        assert answer.status_code == 200, path
        if "html" in answer.headers["content-type"]:
            assert answer.text.count("<h1") == 1, path
            assert "<code>concordat" not in answer.text, path
    with reading(open_breach.store) as session:
        assert session.exec(select(Breach)).one().stage is Stage.ASSESSING


def test_an_auditor_reads_everything_and_can_do_nothing(open_breach: Site) -> None:
    auditor, stranger = open_breach.console(Standing.AUDITOR), open_breach.browser()
    for page in PAGES:
        if page.path.startswith(OURS):
            assert auditor.get(filled(page.path)).status_code == 200, page.path
    for act in ACTS:
        if act.path.startswith(OURS):
            assert auditor.post(filled(act.path)).status_code == 403, act.path
            assert stranger.post(filled(act.path)).status_code in (303, 403), act.path
    assert f'href="{AT[POLICE]}/' not in auditor.get(AT[POLICE]).text.replace(f"{AT[POLICE]}/notice", "")


def test_an_assistant_records_and_decides_nothing(open_breach: Site) -> None:
    assistant = open_breach.console(Standing.ASSISTANT)
    did(assistant, f"{AT[COUNCIL]}/aware", **when("at", "2026-10-23 16:20"), who="manager", because="Seen.")
    of_one = ("conclude", "steps/tell-dpo/skip", "not-affected")
    of_all = ("end", "merge", "reopen", "close")
    for path in (*(f"{AT[COUNCIL]}/{each}" for each in of_one), *(f"{BREACH}/{each}" for each in of_all)):
        assert assistant.post(path, data={}).status_code == 403, path
    assert "Merge it into" not in assistant.get(BREACH).text
    shown = assistant.get(AT[COUNCIL]).text
    assert "/steps/contain" in shown
    assert "/skip" not in shown
    assert "/not-affected" not in shown


def test_an_assistant_records_that_letters_must_wait_but_not_that_they_may_leave(open_breach: Site) -> None:
    assistant = open_breach.console(Standing.ASSISTANT)
    did(assistant, f"{AT[POLICE]}/hold", what="place", because="A suspect.")
    assert 'value="release"' not in assistant.get(f"{AT[POLICE]}/hold").text
    assert assistant.post(f"{AT[POLICE]}/hold", data={"what": "release", "because": "x"}).status_code == 422
    api = "/api/breaches/1/parties/bedfordshire-police/hold"
    program = open_breach.program(Standing.ASSISTANT)
    assert program.post(api, json={"what": "release", "because": "x"}).status_code == 422
    with reading(open_breach.store) as session:
        assert session.exec(select(LetterHold)).one().released_at is None
    did(assistant, f"{AT[POLICE]}/hold", what="confirm", because="The interview is on Thursday.")


def test_a_wrong_answer_comes_back_with_every_answer_kept(open_breach: Site) -> None:
    browser = open_breach.console()
    data = when("at", "2026-10-23 25:99") | {"who": "duty officer", "because": "They <b>rang</b>."}
    back = browser.post(f"{AT[COUNCIL]}/aware", data=data)
    assert back.status_code == 422
    assert errors_in(back.text) == ["Write the time as hours and minutes, such as 16:20"]
    assert 'value="25:99"' in back.text
    assert 'value="duty officer"' in back.text
    assert "They &lt;b&gt;rang&lt;/b&gt;." in back.text
    ahead = browser.post(f"{AT[COUNCIL]}/aware", data=data | when("at", "2026-10-24 16:20"))
    assert ahead.status_code == 422
    assert "has not come yet" in errors_in(ahead.text)[0]


def test_a_report_with_bad_answers_keeps_them_and_says_what_to_do(site: Site) -> None:
    site.now = FRIDAY
    browser = site.console()
    data = {"happened": "It was lost.", "parties": [COUNCIL], "people": "many", "detected_at": "16:05",
            "reporter_kind": "named"}  # fmt: skip
    back = browser.post("/console/breaches/new", data=data)
    assert back.status_code == 422
    assert "“How many people are concerned” must be a whole number, such as 12" in errors_in(back.text)
    assert 'value="many"' in back.text
    again = browser.post("/console/breaches/new", data=data | {"people": "3"})
    assert errors_in(again.text) == ["Write the reporter’s name, or choose “Anonymous”"]
    without_a_day = browser.post("/console/breaches/new", data=data | {"people": "3", "reporter": "Robin"})
    assert errors_in(without_a_day.text) == ["Write the day of when it was detected too, not only the time"]
    assert "It was lost." in without_a_day.text
    assert 'value="16:05"' in without_a_day.text
    with reading(site.store) as session:
        assert session.exec(select(Breach)).first() is None


def test_a_report_sent_twice_is_kept_once_and_a_program_gets_the_reference(site: Site) -> None:
    site.now = FRIDAY
    browser = site.console()
    data = {"happened": "It was lost.", "reporter_kind": "anonymous", "once": "the-same-key"}
    assert browser.post("/console/breaches/new", data=data).status_code == 200
    assert browser.post("/console/breaches/new", data=data).headers["location"] == BREACH
    answer = site.program().post("/api/breaches/new", json={"happened": "A disc.", "reporter_kind": "anonymous"}).json()
    assert answer["breach"] == 2
    assert answer["reference"].startswith("BR-2026-")
    with reading(site.store) as session:
        assert len(session.exec(select(Breach)).all()) == 2


def test_every_fact_can_be_stated_and_be_unknown(open_breach: Site) -> None:
    browser = open_breach.console()
    for name in FactName:
        if name in (FactName.FACTORS, FactName.HAPPENED, FactName.PARTIES):
            continue
        asked_inside = "value" in form_of(name).model_fields and "unknown" not in form_of(name).model_fields
        nobody_knows = {"value": UNKNOWN} if asked_inside else {"unknown": "yes"}
        answer = browser.post(f"{BREACH}/facts/{slug_of(name)}", data=nobody_knows | {"because": "Nobody does."})
        assert answer.status_code == 303, (name, errors_in(answer.text))
    with reading(open_breach.store) as session:
        known = facts_of(session, session.exec(select(Breach)).one())
        assert all(
            known[name] == UNKNOWN
            for name in SHAPES
            if name not in (FactName.FACTORS, FactName.HAPPENED, FactName.PARTIES)
        )


def test_a_fact_is_answered_or_unknown_and_a_correction_says_why(open_breach: Site) -> None:
    browser = open_breach.console()
    both = browser.post(f"{BREACH}/facts/people", data={"value": "4", "unknown": "yes"})
    assert errors_in(both.text) == ["Answer the question, or tick that nobody knows: one of the two"]
    assert errors_in(browser.post(f"{BREACH}/facts/people", data={}).text) == errors_in(both.text)
    assert "Give a reason" in errors_in(browser.post(f"{BREACH}/facts/people", data={"value": "4"}).text)[0]
    did(browser, f"{BREACH}/facts/people", value="4", because="Two more.")
    open_breach.later(days=3)
    browser = open_breach.console()
    night = {"day-day": "25", "day-month": "10", "day-year": "2026", "time": "01:30"}
    twice = browser.post(f"{BREACH}/facts/occurred-to", data=night)
    assert "happens twice" in errors_in(twice.text)[0]
    did(browser, f"{BREACH}/facts/occurred-to", **(night | {"time": "01:30 GMT"}))
    assert 'value="01:30 GMT"' in browser.get(f"{BREACH}/facts/occurred-to").text
    with reading(open_breach.store) as session:
        known = facts_of(session, session.exec(select(Breach)).one())
        assert known[FactName.PEOPLE] == 4
        assert known[FactName.OCCURRED_TO] == "2026-10-25T01:30:00+00:00"


def test_the_severity_is_computed_before_it_is_recorded(open_breach: Site) -> None:
    browser = open_breach.console()
    factors = {"sensitive": "4", "ease": "0.75", "no_circumstance": "yes"}
    preview = browser.post(f"{BREACH}/assess", data=factors | {"preview": "yes"})
    assert preview.status_code == 200
    assert "3.00, high." in preview.text
    assert "Nothing is recorded yet" in preview.text
    with reading(open_breach.store) as session:
        assert FactName.FACTORS not in facts_of(session, session.exec(select(Breach)).one())
    assert "3.00, high." in did(browser, f"{BREACH}/assess", **factors)
    both = browser.post(f"{BREACH}/assess", data=factors | {"intent": "0.5"})
    assert "one of the two" in errors_in(both.text)[0]
    assert "3.00, high." in browser.get("/console/severity?sensitive=4&ease=0.75").text
    wrong = browser.get("/console/severity?sensitive=9")
    assert wrong.status_code == 200
    assert "is not a value" in unescape(wrong.text)


def test_parties_come_and_go_with_a_reason(open_breach: Site) -> None:
    browser = open_breach.console()
    did(browser, f"{BREACH}/affect", party=BEDFORD, because="Its nurse had a copy.")
    assert f"/parties/{BEDFORD}" in browser.get(BREACH).text
    assert browser.post(f"{BREACH}/parties/{BEDFORD}/not-affected", data={}).status_code == 422
    did(browser, f"{BREACH}/parties/{BEDFORD}/not-affected", because="There was no copy.")
    assert browser.get(f"{BREACH}/parties/nobody").status_code == 404
    assert browser.get("/console/breaches/99").status_code == 404
    with reading(open_breach.store) as session:
        party = session.exec(select(Party).where(Party.slug == BEDFORD)).one()
        assert session.exec(select(FollowUp).where(FollowUp.party_id == party.id)).one().end is FollowUpEnd.NOT_AFFECTED
    did(browser, f"{BREACH}/parties/{BEDFORD}/reopen", because="There was one after all.")


def test_a_party_acts_otherwise_and_one_duty_is_decided_otherwise(open_breach: Site) -> None:
    browser = open_breach.console()
    did(browser, f"{AT[COUNCIL]}/aware", **when("at", "2026-10-23 16:20"), who="manager", because="Seen.")
    did(
        browser,
        f"{AT[COUNCIL]}/regime",
        regime="UK GDPR",
        capacity="processor",
        because="It keeps the list for others.",
    )
    did(browser, f"{AT[POLICE]}/duty", duty="people", answer="not required", because="The council tells them.")
    did(browser, f"{AT[POLICE]}/people", answer="not required", because="The council tells them all.")
    incomplete = browser.post(f"{AT[POLICE]}/people", data={"answer": "told"})
    assert errors_in(incomplete.text) == ["Say when the people were told, and how"]
    with reading(open_breach.store) as session:
        follow_ups = {each.regime: each for each in session.exec(select(FollowUp))}
        assert follow_ups[Regime.UK_GDPR].capacity is Capacity.PROCESSOR
        police = follow_ups[Regime.LAW_ENFORCEMENT].id
        duty = session.exec(
            select(BreachDuty).where(BreachDuty.follow_up_id == police, BreachDuty.kind == DutyKind.PEOPLE)
        )
        assert duty.one().required is False


def test_a_hold_is_placed_confirmed_and_released_and_only_what_is_possible_is_offered(open_breach: Site) -> None:
    browser = open_breach.console()
    council = browser.post(f"{AT[COUNCIL]}/hold", data={"what": "place", "because": "We would like to."})
    assert "Only a controller that acts for law-enforcement" in errors_in(council.text)[0]
    assert browser.post(f"{AT[POLICE]}/hold", data={"what": "release", "because": "x"}).status_code == 422
    did(browser, f"{AT[POLICE]}/hold", what="place", because="A suspect.")
    open_breach.later(days=4)
    browser = open_breach.console()
    did(browser, f"{AT[POLICE]}/hold", what="confirm", because="The interview is on Thursday.")
    did(browser, f"{AT[POLICE]}/hold", what="release", because="It has been held.")
    with reading(open_breach.store) as session:
        assert session.exec(select(LetterHold)).one().released_at == open_breach.now


def test_a_lesson_becomes_a_gap_or_a_local_action_that_is_then_in_place(open_breach: Site) -> None:
    browser = open_breach.console()
    nameless = browser.post(
        f"{AT[COUNCIL]}/lesson", data={"cause": "wrong recipient", "learnt": "Look twice.", "effect": "gap"}
    )
    assert errors_in(nameless.text) == ["Choose the clause that is wanting, or the gap that says it already"]
    lesson = {"cause": "wrong recipient", "learnt": "Look twice."}
    did(browser, f"{AT[COUNCIL]}/lesson", **lesson, effect="gap", clause="12-security")
    did(browser, f"{AT[COUNCIL]}/lesson", **lesson, effect="local action")
    with reading(open_breach.store) as session:
        assert len(session.exec(select(Lesson)).all()) == 2
        action = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.LOCAL_ACTION)).one().id
    assert f'href="/console/breaches/actions/{action}"' in browser.get(BREACH).text
    assert browser.get(f"/console/breaches/actions/{action}").status_code == 200
    did(browser, f"/console/breaches/actions/{action}", outcome="The address book is clean.")
    with reading(open_breach.store) as session:
        assert session.get_one(Obligation, action).outcome == "answered"


def test_two_reports_of_one_breach_are_merged_and_a_near_miss_ends(open_breach: Site) -> None:
    open_breach.later(minutes=30)
    reported(open_breach, "The same list, reported by the school.")
    reported(open_breach, "A parcel stood open.")
    browser = open_breach.console()
    assert "Breach 1" in browser.get("/console/breaches/2").text  # an earlier one like it
    said = did(browser, "/console/breaches/2/merge", into="1", because="It is the same list.")
    assert "goes on as breach 1" in said
    did(browser, "/console/breaches/3/end", outcome="near miss", because="Nobody had looked into it.")
    with reading(open_breach.store) as session:
        outcomes = {each.id: each.outcome for each in session.exec(select(Breach))}
        assert outcomes == {1: None, 2: BreachOutcome.MERGED, 3: BreachOutcome.NEAR_MISS}
    did(browser, "/console/breaches/3/reopen", because="Somebody had.")


def test_a_step_is_skipped_with_a_reason_and_one_that_asks_for_evidence_says_so(open_breach: Site) -> None:
    browser = open_breach.console()
    bare = browser.post(f"{AT[COUNCIL]}/steps/contain", data={"outcome": "It is back."})
    assert "what shows that this was done" in errors_in(bare.text)[0]
    assert "It is back." in bare.text
    did(browser, f"{AT[COUNCIL]}/steps/tell-dpo/skip", because="There is none today.")
    assert browser.get(f"{AT[COUNCIL]}/steps/no-such-step").status_code == 404


def test_when_a_step_was_done_is_corrected_on_behalf(open_breach: Site) -> None:
    assistant, path = open_breach.console(Standing.ASSISTANT), f"{AT[COUNCIL]}/steps/tell-dpo"
    undone = assistant.post(f"{path}/when", data={"because": "A slip.", **when("at", "2026-10-23 16:20")})
    assert "has not been done" in errors_in(undone.text)[0]
    did(assistant, path, outcome="Told by telephone.")
    assert f'href="{path}/when"' in assistant.get(AT[COUNCIL]).text
    assert "It was recorded as done on" in assistant.get(f"{path}/when").text
    did(assistant, f"{path}/when", because="A slip.", **when("at", "2026-10-23 16:20"))
    assert "23 October 2026, 16:20 BST by" in assistant.get(AT[COUNCIL]).text
    assert "It was recorded as done on 23 October 2026, 16:20 BST" in assistant.get(f"{path}/when").text


def test_a_late_notice_needs_its_reasons_and_keeps_what_was_written(open_breach: Site) -> None:
    browser = open_breach.console()
    did(browser, f"{AT[COUNCIL]}/aware", **when("at", "2026-10-23 16:20"), who="manager", because="Seen.")
    did(browser, f"{AT[COUNCIL]}/conclude", risk="likely", concluded_by="secretary", because="An address.")
    open_breach.now += timedelta(days=4)
    browser = open_breach.console()
    late = browser.post(f"{AT[COUNCIL]}/notify", data=when("at", "2026-10-27 10:00") | {"regulator_reference": "IC-1"})
    assert "later than 72 hours" in errors_in(late.text)[0]
    assert 'value="IC-1"' in late.text
    did(browser, f"{AT[COUNCIL]}/notify", **when("at", "2026-10-27 10:00"), late_because="Nobody could be reached.")


def test_a_program_does_what_the_pages_do(open_breach: Site) -> None:
    program = open_breach.program()
    done = program.post(f"/api/breaches/1/parties/{COUNCIL}/aware",
                        json={"at": "2026-10-23T16:20:00+01:00", "who": "manager", "because": "Seen."})  # fmt: skip
    assert done.json()["due_at"] == "2026-10-26T15:20:00+00:00"
    assert program.post("/api/breaches/1/facts/people", json={"value": 4, "because": "Two more."}).status_code == 200
    assert program.post("/api/breaches/1/facts/people", json={}).status_code == 422
    clocks = {each["party"]: each for each in program.get("/api/breaches/1").json()["clocks"]}
    assert clocks[COUNCIL]["due_at"] == "2026-10-26T15:20:00+00:00"
    assert clocks[POLICE]["aware_at"] is None


def test_every_command_about_a_breach_has_its_page() -> None:
    twins = {each.command for each in ACTS if each.path.startswith(OURS)}
    wanted = ("report assess affect not-affected aware conclude regime duty notify people partners step hold consult "
              "answer lesson action finish close end reopen merge")  # fmt: skip
    assert {f"breach {each}" for each in wanted.split()} <= twins
    assert f"{OF_BREACH}/facts" in {each.path for each in PAGES}


def test_the_follow_up_goes_on_at_once_after_the_commit(open_breach: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr("web.console.breach_acts.wake_breach", woken.append)
    browser = open_breach.console()
    did(browser, f"{BREACH}/facts/people", value="4", because="Two more.")
    assert browser.post(f"{BREACH}/facts/people", data={}).status_code == 422
    assert woken == [1]


def test_sentences_that_name_commands_lead_to_these_pages() -> None:
    links = {
        "breach aware 7 luton-borough-council --at WHEN": f"/console/breaches/7/parties/{COUNCIL}/aware",
        "breach step 7 luton-borough-council contain": f"/console/breaches/7/parties/{COUNCIL}/steps/contain",
        "breach step 7 luton-borough-council STEP --outcome TEXT": f"/console/breaches/7/parties/{COUNCIL}",
        "breach fact 7 NAME=VALUE": "/console/breaches/7/facts",
        "breach notice 7 luton-borough-council": f"/console/breaches/7/parties/{COUNCIL}/notice",
        "breach reopen 7 --party luton-borough-council": "/console/breaches/7/reopen",
        "breach answer 3 --answer TEXT": "/console/breaches/questions/3/answer",
        "breach affect 7 PARTY --because TEXT": "/console/breaches/7/affect",
    }
    for command, page in links.items():
        found = page_of_command(command)
        assert found is not None, command
        assert found[0] == page
    assert page_of_command("breach notice 7 PARTY") is None
