"""Whoever reported comes back with reference and code: reads, adds, answers what a party or the secretary asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from actions.breaches.asking_reporter import questions_of
from actions.breaches.facts import facts_of
from actions.breaches.learning import learn
from actions.breaches.merging import merge
from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import next_breach_step, take_breach_step
from actions.breaches.stating import state_facts
from actions.cast import known_id
from models.access import Standing
from models.breach import Breach, BreachReport, LessonEffect, ReporterKind, ReporterQuestion
from models.history import History
from models.obligation import Obligation
from models.protocol import Matter, Role
from models.store import reading
from rules.breach_facts import FactName
from rules.codes import written
from tests.actions.world import kept
from tests.web.reading_pages import Reader, code_on
from tests.web.site import Site
from web.limits import FAILURES_OF_A_TARGET, FAILURES_OF_ALL, FAILURES_OF_AN_ADDRESS, LIMITS

COUNCIL, POLICE, FIRE = "bedford-borough-council", "bedfordshire-police", "bedfordshire-fire-and-rescue"
WHAT, ASKED, ANSWER = "A letter went to the wrong house.", "Which mailbox was it?", "The shared one."
NAME = "Robin Vale"
Codes = tuple[str, str]


@kept
def reported(site: Site, *slugs: str, kind: ReporterKind = ReporterKind.CONFIDENTIAL) -> Codes:
    """By a council worker who must not be known there; followed up at the parties named."""
    who = {} if kind is ReporterKind.ANONYMOUS else {"reporter": NAME, "reach": "robin@example.org"}

    def act(session: Any, now: Any, protocol: Any) -> Codes:
        facts = {FactName.HAPPENED: WHAT, FactName.PARTIES: list(slugs or (COUNCIL,))}
        sent = report_breach(session, now, protocol, Report(facts=facts, reporter_kind=kind, **who), "somebody")
        while step := next_breach_step(session, now, known_id(sent.breach)):
            take_breach_step(session, now, known_id(sent.breach), step)
        assert sent.code is not None
        return sent.reference, sent.code

    codes: Codes = site.acting(act)
    return codes


def back(site: Site, codes: Codes) -> TestClient:
    """Let in with both."""
    browser = site.browser()
    answer = browser.post("/report/return", data={"reference": codes[0], "code": written(codes[1])})
    assert (answer.status_code, answer.headers["location"]) == (303, "/report/case")
    return browser


def facts(site: Site, number: int = 1) -> dict[FactName, Any]:
    with reading(site.store) as session:
        return facts_of(session, session.get_one(Breach, number))


def asked(site: Site, browser: TestClient, area: str, breach: int = 1, question: str = ASKED) -> Any:
    with reading(site.store) as session:
        report = session.exec(select(BreachReport.id).where(BreachReport.breach_id == breach)).first()
    return browser.post(f"/{area}/breaches/{breach}/ask-reporter", data={"report": report, "question": question})


def test_the_reporter_reads_where_it_stands_and_nobody_elses_name_or_words(site: Site) -> None:
    codes = reported(site)
    page = back(site, codes).get("/report/case").text
    for said in (codes[0], "being assessed", "Bedford Borough Council"):
        assert said in page
    for hidden in (WHAT, NAME, codes[1]):
        assert hidden not in page


def test_whoever_has_not_come_back_is_asked_for_reference_and_code(site: Site) -> None:
    for page in ("/report/case", "/report/case/code", "/report/case/add/people"):
        answer = site.browser().get(page)
        assert answer.headers["location"].startswith("/report/return")
    assert site.browser().post("/report/case/add/people", data={"people": "4"}).status_code == 403
    assert site.console().get("/report/case").status_code == 303


WRONG = [("BR-2026-AAAAAA", "1234567890123456"), ("right", "1234567890123456"), ("right", "12"), ("x", "right")]


@pytest.mark.parametrize(("reference", "code"), WRONG)
def test_whatever_is_wrong_the_sentence_is_the_same_and_the_answers_are_kept(
    site: Site, reference: str, code: str
) -> None:
    codes = reported(site)
    given = {
        "reference": codes[0] if reference == "right" else reference,
        "code": codes[1] if code == "right" else code,
    }
    answer = site.browser().post("/report/return", data=given)
    assert answer.status_code == 422
    assert "No report has this reference and this code" in answer.text
    for said in given.values():
        assert f'value="{said}"' in answer.text
    assert "set-cookie" not in answer.headers


def test_after_too_many_wrong_codes_one_reference_waits_and_others_do_not(site: Site) -> None:
    codes, other = reported(site), reported(site)
    browser = site.browser()
    wrong = {"reference": codes[0], "code": "0" * 16}
    answers = [browser.post("/report/return", data=wrong).status_code for _ in range(FAILURES_OF_A_TARGET + 2)]
    assert answers == [422] * FAILURES_OF_A_TARGET + [429] * 2
    spelled = browser.post("/report/return", data={"reference": codes[0].lower().replace("-", " "), "code": codes[1]})
    assert spelled.status_code == 429
    assert "Wait ten minutes" in spelled.text
    back(site, other)
    LIMITS.forget()
    back(site, codes)


def test_nobody_locks_a_reporter_out_from_elsewhere(site: Site) -> None:
    codes = reported(site)
    browser = site.browser()
    for _ in range(FAILURES_OF_A_TARGET + 1):
        last = browser.post("/report/return", data={"reference": codes[0], "code": "0" * 16})
    assert last.status_code == 429
    elsewhere = TestClient(site.app, headers=dict(browser.headers), base_url=str(browser.base_url),
                           client=("192.0.2.7", 50000), follow_redirects=False)  # fmt: skip
    given = {"reference": codes[0], "code": written(codes[1])}
    assert elsewhere.post("/report/return", data=given).status_code == 303
    for _ in range(FAILURES_OF_ALL):
        LIMITS.count(f"code of:{codes[0]}")
    assert elsewhere.post("/report/return", data=given).status_code == 429


def test_a_right_code_is_no_failure(site: Site) -> None:
    codes = reported(site)
    for _ in range(FAILURES_OF_A_TARGET + 1):
        back(site, codes)


def test_one_address_that_guesses_everywhere_waits(site: Site) -> None:
    for _ in range(FAILURES_OF_AN_ADDRESS - 1):
        LIMITS.count("codes from:testclient")
    given = {"reference": "BR-2026-AAAAAA", "code": "1" * 16}
    assert [site.browser().post("/report/return", data=given).status_code for _ in range(2)] == [422, 429]


def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "more", {"more": "It was opened."}
    yield "done", {"done": "It was fetched back."}
    yield "organisations", {"parties": [POLICE]}
    yield "when", {"occurred-day": "20", "occurred-month": "11", "occurred-year": "2026"}
    yield "information", {"data": ["health"]}
    yield "people", {"people": "4"}


def test_the_reporter_adds_what_is_known_now(site: Site) -> None:
    browser = back(site, reported(site))
    for page, given in pages():
        assert browser.get(f"/report/case/add/{page}").status_code == 200
        assert browser.post(f"/report/case/add/{page}", data=given).headers["location"] == "/report/case", page
    known = facts(site)
    assert known[FactName.HAPPENED] == f"{WHAT}\n\nIt was opened."
    assert known[FactName.PARTIES] == [COUNCIL, POLICE]
    assert (known[FactName.PEOPLE], known[FactName.DATA]) == (4, ["health"])
    assert (known[FactName.DONE], known[FactName.OCCURRED_FROM]) == ("It was fetched back.", "2026-11-20")


def test_what_a_party_has_stated_since_stands_and_the_reporter_is_told_that_it_is_looked_at(site: Site) -> None:
    browser = back(site, reported(site))
    site.acting(lambda s, now, _: state_facts(s, now, 1, {FactName.PEOPLE: 5}, f"coordinator of {COUNCIL}"))
    page = browser.post("/report/case/add/people", data={"people": "1"}, follow_redirects=True).text
    assert "It has been noted, and will be looked at: others have stated this since." in page
    both = {"people": "1", "people_kinds": ["patients"]}
    page = browser.post("/report/case/add/people", data=both, follow_redirects=True).text
    assert "What others have stated since was noted, and will be looked at." in page
    assert (facts(site)[FactName.PEOPLE], facts(site)[FactName.PEOPLE_KINDS]) == (5, ["patients"])
    listed = site.console().get("/console/matters").text
    assert f"says otherwise of “people” than the coordinator of {COUNCIL} has stated" in listed
    assert "/console/history/breach:1" in listed
    assert "reporter says otherwise" in site.console().get("/console/history/breach:1").text.lower()
    theirs = site.party(COUNCIL, Role.DPO).get("/party/breaches/1").text
    assert "Whoever reported says otherwise" in theirs


@pytest.mark.parametrize(
    ("page", "given"),
    [("more", {"more": ""}), ("people", {"people": "many"}), ("when", {"occurred_time": "16:20"}),
     ("organisations", {"parties": ["atlantis"]}),
     ("when", {"occurred-day": "24", "occurred-month": "11", "occurred-year": "2026"})],
)  # fmt: skip
def test_a_wrong_addition_comes_back_and_adds_nothing(site: Site, page: str, given: dict[str, Any]) -> None:
    browser = back(site, reported(site))
    before = facts(site)
    answer = browser.post(f"/report/case/add/{page}", data=given)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert facts(site) == before


def test_the_code_is_replaced_once_the_new_one_has_been_saved(site: Site) -> None:
    codes = reported(site)
    reader, other = Reader(site, back(site, codes)), back(site, codes)
    site.later(minutes=1)
    reader.page = reader.browser.get("/report/case/code")
    new = code_on(reader)
    reader.press()
    assert reader.page.status_code == 422
    assert code_on(reader) == new
    back(site, codes)
    form = reader.form
    assert reader.press(saved="yes").page.headers["location"] == "/report/case"
    assert reader.browser.get("/report/case").status_code == 200
    assert other.get("/report/case").status_code == 303
    wrong = site.browser().post("/report/return", data={"reference": codes[0], "code": codes[1]})
    assert wrong.status_code == 422
    back(site, (codes[0], new.replace(" ", "")))
    assert new not in reader.browser.get("/report/case/code").text
    assert other.post("/report/case/code", data=form.values | {"saved": "yes"}).status_code == 403


def test_only_a_code_that_was_drawn_here_for_this_report_is_taken(site: Site) -> None:
    codes, other = reported(site), reported(site)
    reader = Reader(site, back(site, codes))
    reader.page = reader.browser.get("/report/case/code")
    drawn = reader.form.values
    thought_of = drawn | {"code": ["0" * 16], "saved": ["yes"]}
    assert reader.browser.post("/report/case/code", data=thought_of).status_code == 422
    assert back(site, other).post("/report/case/code", data=drawn | {"saved": ["yes"]}).status_code == 422
    back(site, codes)
    back(site, other)


def test_a_party_asks_and_the_reporter_answers_and_nobody_learns_who_that_is(site: Site) -> None:
    codes = reported(site, COUNCIL, POLICE)
    council = site.party(COUNCIL, Role.DPO)
    form = council.get("/party/breaches/1/ask-reporter")
    assert codes[0] in form.text
    assert asked(site, council, "party").status_code == 303
    browser = back(site, codes)
    assert ASKED in browser.get("/report/case").text
    assert ASKED in browser.get("/report/case/questions/1").text
    assert browser.post("/report/case/questions/1", data={"answer": " "}).status_code == 422
    assert browser.post("/report/case/questions/1", data={"answer": ANSWER}).headers["location"] == "/report/case"
    for page in (form.text, council.get("/party/breaches/1/ask-reporter").text):
        assert NAME not in page
        assert "robin@example.org" not in page
    assert ANSWER in council.get("/party/breaches/1/ask-reporter").text
    assert ANSWER not in site.party(POLICE, Role.DPO).get("/party/breaches/1/ask-reporter").text
    assert ANSWER in site.console().get("/console/breaches/1/ask-reporter").text
    with reading(site.store) as session:
        [line] = questions_of(session, session.get_one(Breach, 1), COUNCIL)
        assert (line.answer, line.asked_by) == (ANSWER, f"data protection officer of {COUNCIL}")
        [matter] = session.exec(select(Matter).where(col(Matter.key).like("%reporter-question%"))).all()
        assert matter.closed_at is None
    assert site.console().post("/console/reporter-questions/1/read").status_code == 303
    with reading(site.store) as session:
        assert (
            session.exec(select(Matter).where(col(Matter.key).like("%reporter-question%"))).one().closed_at == site.now
        )
        rows = session.exec(select(History).where(History.case == "breach:1")).all()
        assert not any(words in str(row.details) for row in rows for words in (ASKED, ANSWER, NAME))


def test_an_anonymous_reporter_is_asked_by_the_secretary(site: Site) -> None:
    codes = reported(site, kind=ReporterKind.ANONYMOUS)
    assert asked(site, site.console(Standing.ASSISTANT), "console").status_code == 303
    browser = back(site, codes)
    browser.post("/report/case/questions/1", data={"answer": ANSWER})
    changed = browser.post("/report/case/questions/1", data={"answer": "Another."})
    assert changed.status_code == 422
    assert "answers stay" in changed.text


def test_a_local_action_lets_nobody_into_what_the_reporter_answered(site: Site) -> None:
    """The lead member is shown the action, and neither the breach's pages nor its reporter."""
    reported(site, COUNCIL)
    asked(site, site.party(COUNCIL, Role.DPO), "party")

    def learned(session: Any, now: Any, _protocol: Any) -> None:
        learn(session, now, 1, COUNCIL, "wrong recipient", "Check.", LessonEffect.ACTION, "test", remedy="A check.",
              clause=None, none_because=None, action_due_on=None, urgent=False)  # fmt: skip

    site.acting(learned)
    lead = site.party(COUNCIL, Role.LEAD_MEMBER)
    assert "local-action" in lead.get("/party").text
    assert lead.get("/party/breaches/1").status_code == 404
    assert lead.get("/party/breaches/1/ask-reporter").status_code == 404
    assert asked(site, lead, "party").status_code == 404


def test_who_may_not_ask_does_not_and_learns_nothing(site: Site) -> None:
    reported(site)
    for browser in (site.party(POLICE, Role.DPO), site.party(COUNCIL, Role.LEAD_MEMBER)):
        assert browser.get("/party/breaches/1/ask-reporter").status_code == 404
        assert asked(site, browser, "party").status_code == 404
    assert site.party(COUNCIL, Role.DPO).get("/party/breaches/99/ask-reporter").status_code == 404
    assert asked(site, site.console(Standing.AUDITOR), "console").status_code == 403
    assert asked(site, site.browser(), "console").status_code == 403
    with reading(site.store) as session:
        assert session.exec(select(ReporterQuestion)).all() == []


def test_another_lead_who_was_asked_in_that_breach_may_ask(site: Site) -> None:
    """A stand-in has no part in breaches but the duty that came to it."""
    reported(site)

    def handed_over(session: Any, _now: Any, protocol: Any) -> None:
        from actions.cast import lead_of, party_named

        duty = session.exec(select(Obligation).where(Obligation.case == "breach:1")).first()
        duty.contact_id = lead_of(session, party_named(session, protocol, COUNCIL)).id
        session.add(duty)

    site.acting(handed_over)
    assert asked(site, site.party(COUNCIL, Role.LEAD_MEMBER), "party").status_code == 303


def test_a_session_of_another_reference_sees_nothing_of_this(site: Site) -> None:
    codes, other = reported(site), reported(site, POLICE)
    asked(site, site.console(), "console")
    browser = back(site, other)
    assert codes[0] not in browser.get("/report/case").text
    assert ASKED not in browser.get("/report/case").text
    assert browser.get("/report/case/questions/1").status_code == 404
    assert browser.post("/report/case/questions/1", data={"answer": ANSWER}).status_code in (404, 422)
    with reading(site.store) as session:
        assert session.get_one(ReporterQuestion, 1).answer_id is None


def test_a_wrong_question_comes_back_with_what_was_written(site: Site) -> None:
    reported(site)
    for area, browser in (("party", site.party(COUNCIL, Role.DPO)), ("console", site.console())):
        for given, said in (
            ({"report": "1", "question": ""}, "Write your question"),
            ({"report": "7", "question": "Who <b>saw</b> it?"}, "Choose one of the answers"),
            ({"question": "Who saw it?"}, "Choose a report"),
        ):
            answer = browser.post(f"/{area}/breaches/1/ask-reporter", data=given)
            assert answer.status_code == 422
            assert said in answer.text
            assert given["question"].replace("<", "&lt;").replace(">", "&gt;") in answer.text


def test_a_program_asks_of_a_report_in_that_breach_alone(site: Site) -> None:
    reported(site)
    reported(site, POLICE)
    program = site.program(Standing.ASSISTANT)
    known, foreign = (
        program.post("/api/breaches/1/ask-reporter", json={"report": str(number), "question": ASKED})
        for number in (1, 2)
    )
    assert (known.status_code, known.json()["question"]) == (200, 1)
    assert foreign.status_code == 422


def test_after_a_merger_the_reporter_is_still_asked_and_answers_there(site: Site) -> None:
    first, second = reported(site), reported(site, POLICE)
    assert asked(site, site.party(POLICE, Role.DPO), "party", 2).status_code == 303
    site.acting(lambda session, now, _: merge(session, now, 2, 1, "secretary", "Both are the same letter."))
    browser = back(site, second)
    assert "Bedford Borough Council" in browser.get("/report/case").text
    assert browser.post("/report/case/questions/1", data={"answer": ANSWER}).status_code == 303
    assert ANSWER in site.console().get("/console/breaches/1/ask-reporter").text
    assert ANSWER in site.party(POLICE, Role.DPO).get("/party/breaches/1/ask-reporter").text
    gone = site.console().get("/console/breaches/2/ask-reporter")
    assert "stands in breach 1 now" in gone.text
    assert ASKED not in back(site, first).get("/report/case").text


def test_what_is_closed_is_read_and_not_added_to(site: Site) -> None:
    from actions.breaches.moving import take_step
    from rules.breach import Step

    codes = reported(site)
    site.acting(lambda s, now, _: take_step(s, now, s.get_one(Breach, 1), Step.END_EARLY, "secretary", "None."))
    browser = back(site, codes)
    assert "Nothing can be added any more" in browser.get("/report/case").text
    assert browser.post("/report/case/add/people", data={"people": "4"}).status_code == 422
    assert asked(site, site.console(), "console").status_code == 422


def test_whoever_leaves_is_out_and_an_hour_ends_the_visit(site: Site) -> None:
    codes = reported(site)
    browser = back(site, codes)
    assert browser.post("/report/case/sign-out").headers["location"] == "/report/return"
    assert browser.get("/report/case").status_code == 303
    other = back(site, codes)
    site.later(minutes=61)
    assert other.get("/report/case").status_code == 303


def test_hostile_words_of_a_party_are_escaped_for_the_reporter_and_back(site: Site) -> None:
    codes = reported(site)
    hostile = "<script>alert(1)</script>\u202eשלום"
    asked(site, site.party(COUNCIL, Role.DPO), "party", question=hostile)
    browser = back(site, codes)
    browser.post("/report/case/questions/1", data={"answer": hostile})
    for page in (
        browser.get("/report/case"), browser.get("/report/case/questions/1"),
        site.console().get("/console/breaches/1/ask-reporter"),
        site.party(COUNCIL, Role.DPO).get("/party/breaches/1/ask-reporter"),
    ):  # fmt: skip
        assert "&lt;script&gt;" in page.text
        assert "<script>alert" not in page.text


def test_every_page_has_one_heading_and_its_title(site: Site) -> None:
    codes = reported(site)
    asked(site, site.console(), "console")
    browser = back(site, codes)
    added = [f"/report/case/add/{page}" for page, _ in pages()]
    steps = ["what-happened", "organisations", "when", "information", "people", "how", "your-name", "check", "code"]
    rest = ["/report", "/report/return", "/report/another-code", "/report/case", "/report/case/code"]
    own = ["/report/case/sign-out", "/report/case/questions/1"]
    for page in [*rest, *own, *added, *(f"/report/{each}" for each in steps)]:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert answer.text.count("<h1") == 1, page
    for area, who in (("console", site.console()), ("party", site.party(COUNCIL, Role.DPO))):
        assert who.get(f"/{area}/breaches/1/ask-reporter").text.count("<h1") == 1
