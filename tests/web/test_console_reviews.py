"""Reviews in the console: a whole one by the secretary alone, what is refused, and who may what."""

import re
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from actions.review_opening import open_annual
from actions.review_overview import ReviewView, review_view
from models.access import Standing
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Signature
from models.review import Decision, Feedback, Proposal, Review
from models.store import reading
from rules.review import Stage
from tests.web.site import Site
from web import waking

R = "/console/reviews/1"
BY_MAIL = "reply by e-mail"
DAY = {"day-day": "31", "day-month": "3", "day-year": "2027"}
SECURITY = "Transfers are encrypted, and tested once a year."


def view(site: Site, number: int = 1) -> ReviewView:
    with reading(site.store) as session:
        return review_view(session, site.now, number)


def does(browser: TestClient, path: str, **data: Any) -> str:
    """Looks at the form, sends it, and answers the page it leads to."""
    assert browser.get(path).status_code == 200, path
    answer = browser.post(path, data=data)
    assert answer.status_code == 303, (path, answer.status_code, re.findall(r"error-message[^<]*<[^<]*", answer.text))
    return str(browser.get(answer.headers["location"].partition("#")[0]).text)


def sends(browser: TestClient, path: str, **data: Any) -> None:
    """Where many are alike."""
    assert browser.post(path, data=data).status_code == 303, path


def refused(browser: TestClient, path: str, **data: Any) -> str:
    answer = browser.post(path, data=data)
    assert answer.status_code == 422, (path, answer.status_code)
    return str(answer.text)


@pytest.fixture
def opened(site: Site) -> Site:
    site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "test"))
    return site


def test_a_whole_review_from_its_date_to_its_confirmations_by_the_secretary_alone(site: Site) -> None:
    browser = site.console()
    page = does(browser, "/console/reviews/schedule", **DAY)
    assert "Review 1 is on Wednesday 31 March 2027; every party is asked on Friday 26 February 2027" in page
    assert '<a href="/console/reviews/open"' in page
    does(browser, "/console/reviews/open", kind="annual")
    parties = [answer.party for answer in view(site).answers]
    assert len(parties) == 17
    for party in parties[2:]:
        sends(browser, f"{R}/feedback/{party}", said="none", on_behalf_because=BY_MAIL)
    does(browser, f"{R}/feedback/{parties[0]}", said="something", clause="12-security", wording=SECURITY,
         problem="A transfer went wrong.", on_behalf_because=BY_MAIL)  # fmt: skip
    page = does(browser, f"{R}/propose", clause="12-security", wording=f"{SECURITY} Twice.")
    assert "16 of 17 parties have answered" in page
    page = does(browser, f"{R}/close-feedback")
    assert "Mark proposal 1 minor or major" in page
    does(browser, "/console/proposals/2/merge", into="1", because="They say the same.")
    page = does(browser, "/console/proposals/1/classify", magnitude="major", because="Every party has to do it.")
    assert "Ask the adviser</a>" in page
    does(browser, f"{R}/seek-advice")
    page = does(browser, "/console/proposals/1/advise", text="Feasible for all; allow six months.")
    if view(site).review.stage == Stage.ADVISING:
        page = does(browser, f"{R}/begin-deciding")
    assert "Record the decision on proposal 1" in page
    page = does(browser, "/console/proposals/1/decide", outcome="accepted", because="Agreed at the meeting.",
                dissent="One body would have preferred quarterly tests.")  # fmt: skip
    assert "Make the new version and open signing" in page
    page = does(browser, f"{R}/conclude")
    label = view(site).version
    assert f"version {label}" in page
    for party in parties[1:-1]:
        sends(browser, f"/console/versions/{label}/sign/{party}", position="Chief Executive", on_behalf_because="paper")
    does(browser, f"/console/versions/{label}/decline/{parties[0]}", because="Clause 12 asks too much of us.")
    page = does(browser, f"/console/versions/{label}/waive/{parties[-1]}", because="It has merged.")
    assert "End signing and adopt" in page
    does(browser, f"{R}/adopt")
    page = does(browser, f"{R}/confirm/{parties[1]}", all_in_place="yes", on_behalf_because=BY_MAIL)
    found = view(site)
    assert (found.review.stage, found.review.answered) == ("adopted", 16)
    assert next(each for each in found.confirmations if each.party == parties[1]).owed is False
    with reading(site.store) as session:
        assert len(session.exec(select(Signature).where(Signature.recorded_by != "test")).all()) >= 16
        whose = set(session.exec(select(History.who).where(History.case == "review:1")))
        assert session.exec(select(Decision.dissent_id)).one() is not None
    assert whose == {"secretary (user 1)"}
    text = browser.get(f"/console/versions/{label}").text
    assert "<del" in text
    assert found.sha256 in text


def test_a_confirmation_may_be_not_yet_and_becomes_a_duty(opened: Site) -> None:
    browser = opened.console()
    does(browser, f"{R}/propose", clause="12-security", wording=SECURITY)
    does(browser, f"{R}/close-feedback")
    does(browser, "/console/proposals/1/classify", magnitude="major", because="x")
    does(browser, "/console/proposals/1/waive-advice", because="The meeting had the adviser in it.")
    does(browser, f"{R}/begin-deciding")
    does(browser, "/console/proposals/1/decide", outcome="accepted", because="x")
    does(browser, f"{R}/conclude")
    party, label = "bedfordshire-police", view(opened).version
    does(browser, f"/console/versions/{label}/sign/{party}", position="Chief Constable", on_behalf_because="on paper")
    assert "16 signatures are outstanding" in refused(browser, f"{R}/adopt")
    does(browser, f"{R}/adopt", because="In force while the others come in.")
    path = f"{R}/confirm/{party}"
    item = re.search(r'name="not_yet" type="checkbox" value="([^"]+)"', browser.get(path).text)[1]  # type: ignore[index]
    bad = refused(browser, path, not_yet=item, on_behalf_because=BY_MAIL)
    assert "Enter the day by which it will be in place" in bad
    when = {"by_when-day": "1", "by_when-month": "10", "by_when-year": "2027"}
    does(browser, path, not_yet=item, on_behalf_because=BY_MAIL, **when)
    with reading(opened.store) as session:
        duty = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.IMPLEMENTATION)).one()
        assert (duty.subject, str(duty.due_on)) == (f"item:{item}", "2027-10-01")


def test_a_step_that_is_impossible_now_says_so_and_is_not_offered(opened: Site) -> None:
    browser = opened.console()
    page = browser.get(R).text
    for act in ("seek-advice", "begin-deciding", "conclude", "adopt", "return"):
        assert f'"{R}/{act}"' not in page
    assert "the review is collecting feedback" in refused(browser, f"{R}/adopt", because="x")
    assert "the review is collecting feedback" in refused(browser, f"{R}/begin-deciding")
    assert "Review 1 is open" in refused(browser, "/console/reviews/open", kind="annual")
    assert view(opened).review.stage == "collecting"
    assert browser.get("/console/reviews/99").status_code == 404
    assert browser.get("/console/reviews/99/adopt").status_code == 404
    assert browser.post("/console/reviews/99/adopt").status_code == 404
    assert browser.get("/console/proposals/99/decide").status_code == 404


def test_an_assistant_drafts_and_decides_nothing(opened: Site) -> None:
    browser = opened.console(Standing.ASSISTANT)
    does(browser, f"{R}/propose", clause="12-security", wording=SECURITY)
    does(browser, f"{R}/close-feedback")
    page = does(browser, "/console/proposals/1/classify", magnitude="minor", because="Words alone.")
    assert "/cancel" not in page
    does(browser, f"{R}/begin-deciding")
    page = browser.get(R).text
    assert "/decide" not in page
    for path in ("/console/proposals/1/decide", f"{R}/conclude", f"{R}/adopt", f"{R}/cancel", f"{R}/reason",
                 "/console/reviews/open", "/console/reviews/schedule", "/console/proposals/1/waive-advice",
                 "/console/versions/4.2/waive/bedfordshire-police", "/console/legislation/change"):  # fmt: skip
        assert browser.post(path, data={"outcome": "accepted", "because": "x"}).status_code == 403, path
        assert browser.get(path).status_code == 403, path
    with reading(opened.store) as session:
        assert session.exec(select(Decision)).all() == []
        assert {row.raised_by for row in session.exec(select(Proposal))} == {"assistant (user 2)"}


def test_an_auditor_sees_everything_and_has_nothing_to_press(opened: Site) -> None:
    browser = opened.console(Standing.AUDITOR)
    for path in (R, "/console/reviews", "/console/versions", "/console/legislation"):
        page = browser.get(path)
        assert page.status_code == 200
        main = page.text.split("<main")[1].split("</main>")[0]
        assert 'role="button"' not in main
        assert 'method="post"' not in main
        assert not re.search(r'href="[^"]*/(feedback|close-feedback|cancel|look-now|change|propose)[/"]', main)
    assert browser.post(f"{R}/close-feedback").status_code == 403


def test_bad_answers_keep_every_answer_and_say_what_to_do(opened: Site) -> None:
    browser = opened.console()
    text = refused(browser, f"{R}/feedback/bedfordshire-police", said="something", wording=SECURITY, problem="Theft",
                   on_behalf_because=BY_MAIL)  # fmt: skip
    assert "For a proposal choose the clause and write how it should read" in text
    assert all(words in text for words in (SECURITY, "Theft", BY_MAIL))
    text = refused(browser, f"{R}/feedback/bedfordshire-police", said="none")
    assert "Say how the answer reached you" in text
    text = refused(browser, "/console/reviews/schedule", **(DAY | {"day-month": "13"}))
    assert "must be a real date" in text
    text = refused(browser, "/console/reviews/open", kind="extraordinary")
    assert "Say why the extraordinary review is held" in text
    assert refused(browser, "/console/reviews/open", kind="something else")
    with reading(opened.store) as session:
        assert session.exec(select(Feedback)).all() == []


def test_a_preview_shows_the_difference_and_records_nothing(opened: Site) -> None:
    browser = opened.console()
    answer = browser.post(f"{R}/propose", data={"clause": "12-security", "wording": SECURITY, "preview": "yes"})
    assert answer.status_code == 200
    assert "<ins" in answer.text
    assert answer.text.count(SECURITY) >= 1
    with reading(opened.store) as session:
        assert session.exec(select(Proposal)).all() == []


def test_another_reason_joins_and_a_cancelled_review_tells_why(opened: Site) -> None:
    browser = opened.console()
    page = does(browser, f"{R}/reason", kind="legislation", because="The Act was repealed.")
    assert "The Act was repealed. (legislation)" in page
    assert "It is also the annual review." in browser.get(f"{R}/cancel").text
    assert "Say why" in refused(browser, f"{R}/cancel", because=" ")
    page = does(browser, f"{R}/cancel", because="The meeting cannot be held.")
    assert "Review 1 is now: cancelled." in page
    assert "The meeting cannot be held." in page
    assert "This review has ended" in page
    with reading(opened.store) as session:
        assert len(session.exec(select(Message).where(Message.kind == "review_cancelled")).all()) == 17


def test_looking_now_wakes_the_flow_of_the_review_after_the_commit(
    opened: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[str, dict[str, int]]] = []
    monkeypatch.setattr(waking, "_wake", lambda name, parameters: woken.append((name, parameters)))
    browser = opened.console(Standing.ASSISTANT)
    assert browser.get(f"{R}/look-now").status_code == 200
    assert woken == []
    does(browser, f"{R}/look-now")
    assert woken == [("annual-review/annual-review", {"review_id": 1})]


def test_the_answers_are_filtered_by_the_address_and_reminders_are_named(opened: Site) -> None:
    browser = opened.console()
    does(browser, f"{R}/feedback/bedfordshire-police", said="none", on_behalf_because=BY_MAIL)
    table = browser.get(f"{R}?standing=answered").text.split('id="answers"')[1]
    assert "Bedfordshire Police" in table
    assert "Luton Borough Council" not in table
    table = browser.get(f"{R}?standing=has not answered yet").text.split('id="answers"')[1]
    assert "Bedfordshire Police" not in table
    assert re.search(r"\d+ \w+ 202\d, 09:00 GMT", table)


def test_the_list_is_filtered_and_downloaded(opened: Site) -> None:
    browser = opened.console()
    assert "Review 1</a>" in browser.get("/console/reviews?state=open").text
    assert "Review 1</a>" not in browser.get("/console/reviews?state=ended").text
    answer = browser.get("/console/reviews?as=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[1].startswith("1,bedfordshire,annual,collecting")


def test_programs_do_the_same(opened: Site) -> None:
    program = opened.program()
    said = program.post("/api/reviews/1/close-feedback", json={})
    assert (said.status_code, said.json()["stage"]) == (200, "drafting")
    shown = program.get("/api/reviews/1").json()
    assert shown["view"]["review"]["stage"] == "drafting"
    assert program.post("/api/reviews/1/close-feedback", json={}).status_code == 409
    assert program.get("/api/reviews").json()["reviews"][-1]["id"] == 1
    with reading(opened.store) as session:
        assert session.get_one(Review, 1).stage is Stage.DRAFTING
