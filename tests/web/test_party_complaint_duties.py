"""What a complaint handler does from the party's page: reads the complaint there, and records what was done."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from actions.breaches.learning import learn
from actions.cast import known_id, party_named
from actions.complaints.asking_again import ask_of_version
from actions.complaints.determining import determine
from actions.complaints.following_up import act_locally
from actions.complaints.receiving import Received, receive
from actions.complaints.referring import refer
from actions.complaints.settling import next_complaint_step, take_complaint_step
from actions.complaints.telling_complainant import acknowledge
from actions.contacts import set_contact
from actions.versions import version_named
from models.breach import LessonEffect
from models.complaint import Complaint, ComplaintNotice, Covered, Finding, Recheck, SecondReading
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Protocol, Role
from models.store import reading
from rules.complaint import ComplaintKind, Stage
from rules.determination import Answer, Result
from tests.actions.breach_world import begun
from tests.actions.complaint_world import given
from tests.actions.world import kept
from tests.web.site import START, Site

POLICE, FIRE = "bedfordshire-police", "bedfordshire-fire-and-rescue-service"
TOLD = "In May <b>somebody</b> passed my address to my former husband.\n\nNobody had asked me for consent."
REACH = "By letter to the solicitor whom the file names."
TODAY = {"told": "yes", "on-day": "23", "on-month": "11", "on-year": "2026"}


@pytest.fixture
def complained(site: Site) -> Site:
    """A person's complaint about the police, which the police answer; they have a complaint handler."""
    _complained(site)
    return site


@kept
def _complained(site: Site) -> None:
    def do(session: Session, now: Any, protocol: Protocol) -> None:
        police = party_named(session, protocol, POLICE)
        set_contact(session, now, protocol, police, Role.COMPLAINTS, "complaints@police.example", "secretary")
        receive(session, now, protocol, Received(
            kind=ComplaintKind.PERSON, what=TOLD, about=POLICE, received_by=POLICE, happened_from=date(2026, 5, 6),
            reach=REACH, wanted="An apology.",
        ), "secretary")  # fmt: skip

    site.acting(do)


@kept
def swept(site: Site) -> None:
    """What the clock owes the complaint."""

    def step(session: Session, now: Any, _protocol: Protocol) -> bool:
        due = next_complaint_step(session, now, 1)
        return due is not None and take_complaint_step(session, now, 1, due)

    while site.acting(step):
        pass


def analysing(site: Site) -> Site:
    _acknowledged(site)
    return site


@kept
def _acknowledged(site: Site) -> None:
    site.acting(lambda session, now, _: acknowledge(session, now, 1, "complaint handler", "by letter"))
    swept(site)


def rows(site: Site, kind: type[Any], *where: Any) -> list[Any]:
    with reading(site.store) as session:
        found = list(session.exec(select(kind).where(*where).order_by(col(kind.id))))
        session.expunge_all()
        return found


def duty(site: Site, kind: ObligationKind) -> Obligation:
    found: Obligation = rows(site, Obligation, Obligation.kind == kind)[-1]
    return found


def path(site: Site, kind: ObligationKind) -> str:
    return f"/party/{kind.value.replace(' ', '-')}/{duty(site, kind).id}"


def handler(site: Site) -> TestClient:
    return site.party(POLICE, Role.COMPLAINTS)


ACKNOWLEDGEMENT, PROGRESS, ANALYSIS = ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS, ObligationKind.ANALYSIS
SECOND_READING, RECHECK = ObligationKind.SECOND_READING, ObligationKind.RECHECK
LOCAL_ACTION = ObligationKind.LOCAL_ACTION


def test_the_complaint_is_read_on_the_page_and_not_in_the_mail(complained: Site) -> None:
    page = handler(complained).get(path(complained, ACKNOWLEDGEMENT))
    assert page.status_code == 200
    for words in ("&lt;b&gt;somebody&lt;/b&gt;", "Nobody had asked me for consent.", REACH, "An apology.", "6 May 2026",
                  "Bedfordshire Police", "23 December 2026"):  # fmt: skip
        assert words in page.text
    assert "<b>somebody" not in page.text
    assert page.text.count("<h1") == 1


def test_acknowledged_once_it_is_recorded_with_its_day_and_how(complained: Site) -> None:
    complained.later(hours=4)
    where, browser = path(complained, ACKNOWLEDGEMENT), handler(complained)
    assert browser.post(where, data=TODAY | {"how": "by letter"}).status_code == 303
    [notice] = rows(complained, ComplaintNotice)
    assert (notice.how, notice.given_at.date(), notice.recorded_by) == (
        "by letter", START.date(), f"complaint handler of {POLICE}",
    )  # fmt: skip
    assert duty(complained, ACKNOWLEDGEMENT).outcome is Outcome.ANSWERED
    assert "This has been done" in browser.get(where).text
    again = browser.post(where, data=TODAY | {"how": "by e-mail"})
    assert again.status_code == 422
    assert len(rows(complained, ComplaintNotice)) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"how": "by letter"}, "Choose whether they have been told"),
        (TODAY, "Say how they were told"),
        ({"told": "yes", "how": "by letter"}, "Enter the day on which they were told"),
        ({"told": "cannot"}, "Say why they cannot be told"),
        (TODAY | {"how": "by letter", "on-day": "31"}, "must be a real date"),
        (TODAY | {"how": "by letter", "on-day": "24"}, "that moment lies ahead"),
        (TODAY | {"how": "by letter", "on-day": "20"}, "nobody can have been told before that"),
    ],
)
def test_what_is_wrong_is_said_and_everything_kept(complained: Site, said: dict[str, str], sentence: str) -> None:
    page = handler(complained).post(path(complained, ACKNOWLEDGEMENT), data=said)
    assert page.status_code == 422
    assert sentence in page.text
    assert "--at" not in page.text
    assert all(f'value="{value}"' in page.text for value in said.values())
    assert rows(complained, ComplaintNotice) == []


def test_progress_is_recorded_and_the_next_is_owed(complained: Site) -> None:
    analysing(complained)
    complained.later(days=20)
    first = duty(complained, PROGRESS).id
    said = {"told": "yes", "how": "in person", "on-day": "13", "on-month": "12", "on-year": "2026"}
    assert handler(complained).post(f"/party/progress/{first}", data=said).status_code == 303
    assert [each.kind.value for each in rows(complained, ComplaintNotice)] == ["acknowledgement", "progress"]
    assert duty(complained, PROGRESS).id != first


@pytest.mark.parametrize("kind", [ACKNOWLEDGEMENT, PROGRESS])
def test_that_nobody_knows_how_to_reach_them_is_recorded_with_why(complained: Site, kind: ObligationKind) -> None:
    if kind is PROGRESS:
        analysing(complained)
    complained.later(days=2)
    where, browser = path(complained, kind), handler(complained)
    tried = {"how": "by letter", "on-day": "23", "on-month": "11", "on-year": "2026"}
    said = tried | {"told": "cannot", "because": "The letter came back, and no other address is in the file."}
    assert browser.post(where, data=said).status_code == 303
    assert duty(complained, kind).outcome is Outcome.LAPSED
    [complaint] = rows(complained, Complaint)
    [why] = rows(complained, Narrative, Narrative.id == complaint.untold_id)
    assert why.text == said["because"]
    [written] = rows(complained, History, History.what == "cannot be told")
    assert written.who == f"complaint handler of {POLICE}"
    again = browser.post(where, data=said)
    assert again.status_code == 422
    for page in (browser.get(where).text, again.text):
        assert "whoever complained cannot be reached" in page
        assert "This is not asked any more." in page
        assert "its time is over" not in page
    assert len(rows(complained, ComplaintNotice)) == (1 if kind is PROGRESS else 0)


FOUR = {
    "covered": "yes", "clause": "7-consent", "why_covered": "It asks for consent.", "followed": "no",
    "why_followed": "Nobody asked.", "clear": "yes", "why_clear": "It says so.", "harm": "yes",
    "why_harm": "She had to move.", "evidence_harm": "record", "reference_harm": "file 12",
}  # fmt: skip


def clause(site: Site) -> str:
    page = handler(site).get(path(site, ANALYSIS)).text
    options = page.split('name="clause"')[1].split("</select>")[0]
    return str(options.split('<option value="')[2].split('"')[0])


def test_the_four_answers_make_a_determination(complained: Site) -> None:
    analysing(complained)
    where = path(complained, ANALYSIS)
    page = handler(complained).get(where)
    assert "Clauses that may govern it" in page.text
    assert "consent" in page.text.split("Clauses that may govern it")[1].split("</ul>")[0].casefold()
    browser, key = handler(complained), clause(complained)
    done = browser.post(where, data=FOUR | {"clause": key})
    assert done.status_code == 303
    [found] = rows(complained, Finding)
    assert found.result is Result.BREAKDOWN
    assert found.determined_by == f"complaint handler of {POLICE}"
    assert found.reasons["harm"]["reference"] == "file 12"
    assert rows(complained, Complaint)[0].stage is Stage.DETERMINED
    assert duty(complained, ANALYSIS).outcome is Outcome.ANSWERED
    assert "a breakdown" in unescape(browser.get("/party").text)


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"clause": ""}, ["Choose the clause that covers it"]),
        ({"covered": "no"}, ["Where no clause covers it, choose none", "this is not asked: take the answer back"]),
        ({"followed": "", "why_followed": ""}, ["Answer “Was that clause followed”"]),
        ({"why_clear": " ", "why_harm": ""}, ["Say why you answer so"]),
        ({"harm": ""}, ["Answer “Was there harm, or is the complaint upheld”"]),
        ({"clause": "99-nothing"}, ["Choose one of the answers that are offered"]),
    ],
)
def test_lacking_answers_are_said_at_their_fields_and_the_others_kept(
    complained: Site, change: dict[str, str], sentences: list[str]
) -> None:
    analysing(complained)
    page = handler(complained).post(path(complained, ANALYSIS), data=FOUR | {"clause": clause(complained)} | change)
    assert page.status_code == 422
    assert all(sentence in unescape(page.text) for sentence in sentences)
    assert "It asks for consent." in page.text
    assert 'value="file 12"' in page.text
    assert rows(complained, Finding) == []


def test_no_clause_covers_it_asks_two_questions_less(complained: Site) -> None:
    analysing(complained)
    said = {"covered": "no", "why_covered": "None does.", "harm": "yes", "why_harm": "She had to move."}
    assert handler(complained).post(path(complained, ANALYSIS), data=said).status_code == 303
    assert rows(complained, Finding)[0].result is Result.INADEQUACY


def test_what_was_undetermined_is_corrected_with_why(complained: Site) -> None:
    analysing(complained)
    where, browser, key = path(complained, ANALYSIS), handler(complained), clause(complained)
    unknown = FOUR | {"clause": key, "followed": "unknown", "why_followed": "Who asked is not known."}
    assert browser.post(where, data=unknown).status_code == 303
    assert rows(complained, Finding)[0].result is Result.UNDETERMINED
    page = browser.get(where)
    assert "Who asked is not known." in page.text
    lacking = browser.post(where, data=FOUR | {"clause": key, "corrects": "1"})
    assert "Say why the earlier determination is corrected" in lacking.text
    assert browser.post(where, data=FOUR | {"clause": key}).status_code == 422
    done = browser.post(where, data=FOUR | {"clause": key, "corrects": "1", "because": "The log was found."})
    assert done.status_code == 303
    assert [(each.corrects_id, each.result) for each in rows(complained, Finding)] == [
        (None, Result.UNDETERMINED), (1, Result.BREAKDOWN),
    ]  # fmt: skip


def test_the_adviser_reads_a_determination_again(site: Site) -> None:
    """Of a complaint that the secretary answers, where policy asks for a second reader."""

    def do(session: Session, now: Any, protocol: Protocol) -> None:
        kinds = protocol.operating["complaints"]["kinds"]
        person = {**kinds["person"], "second_reader": True}
        complaints = {**protocol.operating["complaints"], "kinds": {**kinds, "person": person}}
        protocol.operating = {**protocol.operating, "complaints": complaints}
        session.add(protocol)
        session.flush()
        receive(session, now, protocol, Received(kind=ComplaintKind.PERSON, what=TOLD, about=POLICE, reach=REACH),
                "secretary")  # fmt: skip

    site.acting(do)
    analysing(site)
    answers = given(Answer.NO, None, None)
    site.acting(lambda session, now, _: determine(session, now, 1, answers, "secretary (user 1)"))
    where, browser = path(site, SECOND_READING), site.adviser()
    page = browser.get(where)
    assert page.status_code == 200
    assert "So it is with “covered”." in page.text
    assert REACH not in page.text
    assert browser.post(where, data={"agrees": "agree"}).status_code == 422
    assert browser.post(where, data={"agrees": "agree", "because": "So do I."}).status_code == 303
    [read] = rows(site, SecondReading)
    assert (read.agrees, read.read_by) == (True, "adviser")
    assert "This has been done" in browser.get(where).text
    assert site.party(POLICE).get(where).status_code == 404


def test_whether_a_later_version_would_cover_it(complained: Site) -> None:
    analysing(complained)
    handler(complained).post(path(complained, ANALYSIS), data=FOUR | {"clause": clause(complained)})

    def ask(session: Session, now: Any, protocol: Protocol) -> str:
        version = version_named(session, protocol, "4.2")
        session.add(Recheck(complaint_id=1, version_id=known_id(version), asked_at=now))
        session.flush()
        ask_of_version(session, now, session.get_one(Complaint, 1), version)
        return version.label

    label = complained.acting(ask)
    where, browser = path(complained, RECHECK), handler(complained)
    page = browser.get(where)
    assert f"The text of version {label}" in page.text
    assert "She had to move." in page.text
    assert browser.post(where, data={"answer": "often", "because": "x"}).status_code == 422
    assert browser.post(where, data={"answer": "partly", "because": "It says when, not how."}).status_code == 303
    [row] = rows(complained, Recheck)
    assert (row.answer, row.answered_by) == (Covered.PARTLY, f"complaint handler of {POLICE}")


def test_what_was_agreed_after_a_complaint_is_put_in_place(complained: Site) -> None:
    analysing(complained)
    handler(complained).post(path(complained, ANALYSIS), data=FOUR | {"clause": clause(complained)})
    agreed = "Staff are shown <i>how</i> consent is asked for."
    complained.acting(lambda session, now, _: act_locally(session, now, 1, agreed, "secretary"))
    where, browser = path(complained, LOCAL_ACTION), handler(complained)
    assert "Staff are shown &lt;i&gt;how&lt;/i&gt;" in browser.get(where).text
    assert browser.post(where, data={}).status_code == 422
    assert browser.post(where, data={"outcome": "All were shown in June."}).status_code == 303
    assert duty(complained, LOCAL_ACTION).outcome is Outcome.ANSWERED
    assert "complaint 1" in browser.get(where).text


def test_what_was_learnt_from_a_breach_is_put_in_place_and_is_the_party_s_own(site: Site) -> None:
    def do(session: Session, now: Any, _protocol: Protocol) -> None:
        breach = known_id(begun(session, now, POLICE, FIRE))
        learn(session, now, breach, FIRE, "a list", "The fire service's own lesson.", LessonEffect.ACTION, "officer")
        learn(session, now, breach, POLICE, "wrong recipient", "One list for two families.", LessonEffect.ACTION,
              "officer", remedy="Two lists.")  # fmt: skip

    site.acting(do)
    where, browser = path(site, LOCAL_ACTION), site.party(POLICE)
    page = browser.get(where)
    assert page.status_code == 200
    for words in ("One list for two families.", "wrong recipient", "Two lists.", "breach 1"):
        assert words in page.text
    assert "own lesson" not in unescape(page.text)
    assert browser.post(where, data={"outcome": "Two lists since Monday."}).status_code == 303
    assert duty(site, LOCAL_ACTION).outcome is Outcome.ANSWERED
    assert site.party(FIRE).get(where).status_code == 404


def test_another_party_s_complaint_is_not_there_nor_one_that_was_referred_away(complained: Site) -> None:
    where = path(complained, ACKNOWLEDGEMENT)
    for browser in (complained.party(FIRE), complained.adviser()):
        assert browser.get(where).status_code in (403, 404)
        assert browser.post(where, data=TODAY | {"how": "by letter"}).status_code in (403, 404)
    assert complained.party(POLICE, Role.LEAD_MEMBER).get(where).status_code == 404
    complained.acting(lambda session, now, _: refer(session, now, 1, FIRE, "secretary", "It is theirs."))
    moved = path(complained, ACKNOWLEDGEMENT)
    assert moved != where
    assert handler(complained).get(moved).status_code == 404
    assert complained.party(FIRE, Role.DPO).get(moved).status_code == 200
    assert complained.party(FIRE).get(moved).status_code == 404
    assert rows(complained, ComplaintNotice) == []


def test_looking_changes_nothing(complained: Site) -> None:
    analysing(complained)
    before = rows(complained, Obligation)
    complained.later(days=1)
    handler(complained).get(path(complained, ANALYSIS))
    assert [each.model_dump() for each in rows(complained, Obligation)] == [each.model_dump() for each in before]
    assert complained.now - START == timedelta(days=1)
