"""What is in place after adoption, item by item, in one sitting or several; and “not yet” asked about again."""

from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import Session, col, select

from actions.cast import party_named
from actions.confirming import latest_answers
from actions.loading import load_protocol
from actions.review_signing import adopt, sign
from actions.versions import version_named
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import ChecklistItem, Protocol
from models.protocol_file import read_protocol
from models.review import Magnitude
from models.store import reading
from tests.actions.test_loading import BEDFORDSHIRE
from tests.actions.world import kept
from tests.web.site import Site
from tests.web.test_party_signing import FIRE, POLICE, hidden_fields, open_review

CONFIRMATION, IMPLEMENTATION = ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION


@pytest.fixture
def adopted(site: Site) -> Site:
    """Version 5.0 was signed by two and adopted: they are asked to confirm."""
    _adopted(site)
    return site


@kept
def _adopted(site: Site) -> None:
    def do(session: Session, now: Any, protocol: Protocol) -> None:
        open_review(session, now, protocol, Magnitude.MAJOR)
        version = version_named(session, protocol, "5.0")
        for slug in (POLICE, FIRE):
            sign(session, now, version, party_named(session, protocol, slug), slug, position="Chief")
        assert version.review_id is not None
        adopt(session, now, version.review_id, "secretary", "The others sign later.")

    site.acting(do)


def duties(site: Site, kind: ObligationKind, slug: str = POLICE) -> list[Obligation]:
    def found(session: Session, _now: Any, protocol: Protocol) -> list[Obligation]:
        party = party_named(session, protocol, slug)
        statement = select(Obligation).where(Obligation.kind == kind, Obligation.party_id == party.id)
        rows = list(session.exec(statement.order_by(col(Obligation.id))))
        for row in rows:
            session.expunge(row)
        return rows

    rows: list[Obligation] = site.acting(found)
    return rows


def path(site: Site, slug: str = POLICE) -> str:
    duty = duties(site, CONFIRMATION, slug)[-1]
    return f"/party/confirmation/{duty.id}"


def answered(site: Site) -> dict[str, tuple[str, date | None, str | None]]:
    def found(session: Session, _now: Any, protocol: Protocol) -> dict[str, tuple[str, date | None, str | None]]:
        party = party_named(session, protocol, POLICE)
        rows = latest_answers(session, version_named(session, protocol, "5.0"), party)
        return {key: (row.answer.value, row.by_when, row.why) for key, row in rows.items()}

    rows: dict[str, tuple[str, date | None, str | None]] = site.acting(found)
    return rows


def sent(site: Site, **given: str) -> Any:
    browser = site.party(POLICE)
    carries = hidden_fields(browser.get(path(site)).text)
    return browser.post(path(site), data=carries | given)


NOT_YET = {"answer_2": "not yet", "by_when_2-day": "1", "by_when_2-month": "10", "by_when_2-year": "2027"}


def test_the_page_asks_every_question_of_the_list(adopted: Site) -> None:
    page = adopted.party(POLICE).get(path(adopted))
    assert page.status_code == 200
    with reading(adopted.store) as session:
        for item in session.exec(select(ChecklistItem)):
            assert item.question in unescape(page.text)
    assert "Answered: 0 of 17" in page.text
    assert page.text.count("<h1") == 1
    assert len(page.content) < 150_000


def test_partial_answers_are_kept_and_shown_again_and_the_duty_stays(adopted: Site) -> None:
    given = NOT_YET | {"answer_1": "in place", "answer_3": "not applicable", "why_3": "We have no staff <b>there</b>."}
    assert sent(adopted, **given).status_code == 303
    assert list(answered(adopted).values()) == [
        ("in place", None, None), ("not yet", date(2027, 10, 1), None),
        ("not applicable", None, "We have no staff <b>there</b>."),
    ]  # fmt: skip
    page = adopted.party(POLICE).get(path(adopted))
    assert "Answered: 3 of 17" in page.text
    assert "We have no staff &lt;b&gt;there&lt;/b&gt;." in page.text
    assert page.text.count("checked") == 3
    assert duties(adopted, CONFIRMATION)[0].outcome is None
    assert [(duty.due_on, duty.outcome) for duty in duties(adopted, IMPLEMENTATION)] == [(date(2027, 10, 1), None)]


def test_the_rest_in_place_by_one_tick_ends_the_duty_with_one_receipt(adopted: Site) -> None:
    done = sent(adopted, **NOT_YET, others="yes")
    assert done.status_code == 303
    said = answered(adopted)
    assert len(said) == 17
    assert [answer for answer, _, _ in said.values()].count("in place") == 16
    assert duties(adopted, CONFIRMATION)[0].outcome is Outcome.ANSWERED
    with reading(adopted.store) as session:
        assert len(session.exec(select(Message).where(Message.kind == "confirmation_received")).all()) == 1
    page = adopted.party(POLICE).get(done.headers["location"])
    assert "Every question is answered" in page.text
    assert "1 October 2027" in page.text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"answer_2": "not yet", "answer_1": "in place"}, "Enter the day by which it will be in place"),
        (NOT_YET | {"by_when_2-day": "31", "by_when_2-month": "9"}, "must be a real date"),
        (NOT_YET | {"by_when_2-year": "2026"}, "must lie ahead"),
        ({"answer_3": "not applicable"}, "Say why it does not apply"),
        ({"answer_4": "perhaps"}, "Choose one of the answers that are offered"),
        ({}, "Answer at least one question"),
    ],
)
def test_what_is_lacking_is_said_at_its_field_and_nothing_is_recorded(
    adopted: Site, given: dict[str, str], sentence: str
) -> None:
    page = sent(adopted, answer_5="in place", **given) if given else sent(adopted)
    assert page.status_code == 422
    assert sentence in page.text
    assert page.text.count("There is a problem") == 1
    assert not given or 'id="answer_5" name="answer_5" type="radio" value="in place" checked' in page.text
    assert answered(adopted) == {}


def test_errors_of_several_questions_are_all_said_at_once(adopted: Site) -> None:
    page = sent(adopted, answer_2="not yet", answer_3="not applicable", answer_6="not yet")
    assert page.text.count('class="govuk-error-message"') == 3
    for link in ("#by_when_2-day", "#why_3", "#by_when_6-day"):
        assert f'href="{link}"' in page.text


def test_answers_to_questions_that_have_changed_meanwhile_are_not_taken_for_others(adopted: Site) -> None:
    page = adopted.party(POLICE).post(path(adopted), data={"answer_1": "in place", "questions": "of another list"})
    assert page.status_code == 422
    assert "The questions have changed" in page.text
    assert answered(adopted) == {}


def test_what_was_not_yet_is_in_place_now(adopted: Site) -> None:
    sent(adopted, **NOT_YET)
    adopted.now += timedelta(days=200)
    [duty] = duties(adopted, IMPLEMENTATION)
    browser, where = adopted.party(POLICE), f"/party/implementation/{duty.id}"
    page = browser.get(where)
    assert "Are people told about that procedure when they ask?" in page.text
    assert "1 October 2027" in page.text
    assert browser.post(where, data={}).status_code == 422
    assert browser.post(where, data={"answer": "in place"}).status_code == 303
    assert answered(adopted)["complaints-information"][0] == "in place"
    assert duties(adopted, IMPLEMENTATION)[0].outcome is Outcome.ANSWERED
    assert "This has been done" in browser.get(where).text


def test_another_day_needs_the_day_and_why_and_becomes_the_new_duty(adopted: Site) -> None:
    sent(adopted, **NOT_YET)
    [duty] = duties(adopted, IMPLEMENTATION)
    browser, where = adopted.party(POLICE), f"/party/implementation/{duty.id}"
    lacking = browser.post(where, data={"answer": "later", "by_when-year": "2028"})
    assert lacking.status_code == 422
    assert "must be a real date" in lacking.text
    assert "Say why it takes longer" in lacking.text
    past = {"answer": "later", "by_when-day": "1", "by_when-month": "10", "by_when-year": "2026", "why": "No money."}
    assert "must lie ahead" in browser.post(where, data=past).text
    assert browser.post(where, data=past | {"by_when-year": "2028"}).status_code == 303
    assert [(each.due_on.year, each.outcome) for each in duties(adopted, IMPLEMENTATION)] == [
        (2027, Outcome.SUPERSEDED), (2028, None),
    ]  # fmt: skip
    assert answered(adopted)["complaints-information"] == ("not yet", date(2028, 10, 1), "No money.")


def test_a_reworded_question_is_open_beside_what_was_answered_to_the_old_words(adopted: Site) -> None:
    sent(adopted, **NOT_YET, others="yes")
    first, [later] = path(adopted), duties(adopted, IMPLEMENTATION)
    old, new = "Are people told about that procedure when they ask?", "Does the website say how to complain?"
    reword(adopted, "complaints-information", new)
    asked = path(adopted)
    assert asked != first, "it is asked once more"
    browser = adopted.party(POLICE)
    for where in (first, asked):
        page = unescape(browser.get(where).text)
        assert new in page
        assert f"You answered “not yet” when it read: {old}" in page
        assert page.count("checked") == 16, "the old answer is none to the new words"
    assert "Every question is answered" not in browser.get(first).text
    assert "Answered: 16 of 17" in browser.get(asked).text
    page = unescape(browser.get(f"/party/implementation/{later.id}").text)
    assert page.index(new) < page.index("It read then:") < page.index(old)
    assert sent(adopted, others="yes").status_code == 303
    assert "Every question is answered" in browser.get(asked).text
    assert "when it read" not in browser.get(asked).text
    assert [duty.outcome for duty in duties(adopted, IMPLEMENTATION)] == [Outcome.ANSWERED]


def test_a_question_that_is_reworded_while_its_page_is_open_is_read_before_it_is_answered(adopted: Site) -> None:
    sent(adopted, **NOT_YET, others="yes")
    [later] = duties(adopted, IMPLEMENTATION)
    where, browser = f"/party/implementation/{later.id}", adopted.party(POLICE)
    opened = browser.get(where).text
    reword(adopted, "complaints-information", "Does the website say how to complain?")
    refused = browser.post(where, data={"answer": "in place", "questions": mark_on(opened)})
    assert refused.status_code == 422
    assert "The questions have changed since you opened the page" in unescape(refused.text)
    assert [duty.outcome for duty in duties(adopted, IMPLEMENTATION)] == [None]
    assert browser.post(where, data={"answer": "in place", "questions": mark_on(refused.text)}).status_code == 303


def mark_on(page: str) -> str:
    return page.split('name="questions" value="')[1].split('"')[0]


def reword(site: Site, key: str, question: str) -> None:
    def do(session: Session, now: Any, _protocol: Protocol) -> None:
        file = read_protocol(BEDFORDSHIRE)
        entries = [
            entry.model_copy(update={"question": question}) if entry.id == key else entry for entry in file.checklist
        ]
        load_protocol(session, now, replace(file, checklist=tuple(entries)), "secretary")

    site.acting(do)


def test_the_secretary_reads_each_answer_with_the_words_that_were_answered(adopted: Site) -> None:
    sent(adopted, **NOT_YET)
    reword(adopted, "complaints-information", "Does the website say how to complain?")
    page = unescape(adopted.console().get(f"/console/reviews/1/confirm/{POLICE}").text)
    said = page[page.index("Answered so far") :].partition("<form")[0]
    assert "Are people told about that procedure when they ask?" in said
    assert "website" not in said


def test_another_party_s_list_is_not_there(adopted: Site) -> None:
    sent(adopted, **NOT_YET)
    [later] = duties(adopted, IMPLEMENTATION)
    browser = adopted.party(FIRE)
    for where in (path(adopted), f"/party/implementation/{later.id}", f"/party/confirmation/{later.id}"):
        assert browser.get(where).status_code == 404
        assert browser.post(where, data={"answer_1": "in place", "answer": "in place"}).status_code in (404, 422)
    assert len(answered(adopted)) == 1
