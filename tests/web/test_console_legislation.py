"""The law in the console: a change is recorded, marks clauses, and is answered or taken back."""

from sqlmodel import select

from actions.clauses import clause_headings
from actions.law.marks import standing_marks
from models.access import Standing
from models.protocol import LegislationChange, Protocol
from models.review import Review
from models.store import reading
from tests.web.site import Site
from tests.web.test_console_reviews import does, refused

OLD = "/console/legislation/acts/data-protection-act-1998"
WHEN = {"in_force_from-day": "25", "in_force_from-month": "5", "in_force_from-year": "2018"}


def waiting(site: Site) -> int:
    with reading(site.store) as session:
        return len(standing_marks(session, session.exec(select(Protocol)).one()))


def test_recording_the_repeal_marks_the_clauses_and_opens_a_review(site: Site) -> None:
    browser = site.console()
    page = browser.get(f"{OLD}/change").text
    assert "The Data Protection Act 1998 was repealed on Friday 25 May 2018." in page
    assert 'value="2018"' in page
    page = does(browser, f"{OLD}/change", what="It was repealed.", review="yes", **WHEN)
    assert "It is a reason of review 1." in page
    assert "Waits for an answer" in page
    assert waiting(site) == 10
    with reading(site.store) as session:
        assert session.get_one(Review, 1).stage == "collecting"


def test_without_a_review_it_takes_a_reason_and_clauses_are_answered_one_or_several(site: Site) -> None:
    browser = site.console()
    told = {"what": "It was repealed.", "review": "no", **WHEN}
    text = refused(browser, f"{OLD}/change", clauses=["12-security"], **told)
    assert "Say why the protocol is not reviewed" in text
    assert "It was repealed." in text
    with reading(site.store) as session:
        clauses = [key for key, _ in clause_headings(session, session.exec(select(Protocol)).one())][:3]
    does(browser, f"{OLD}/change", clauses=clauses, because="The next review takes it up.", **told)
    assert waiting(site) == 3
    does(browser, f"/console/legislation/settled/{clauses[0]}/1", because="It names no Act.")
    assert waiting(site) == 2
    assert "Tick the clauses" in refused(browser, "/console/legislation/changes/1/settle", because="x")
    does(browser, "/console/legislation/changes/1/settle", clauses=clauses[1:], because="Nor do these.")
    assert waiting(site) == 0
    page = browser.get(OLD).text
    assert "needs no change, because: It names no Act." in page
    assert "/settle" not in page.split("<main")[1]


def test_an_act_that_is_not_listed_is_recorded_by_its_title_and_taken_back(site: Site) -> None:
    browser = site.console()
    told = {"what": "New duties.", "review": "no", "because": "Wait for guidance.", **WHEN}
    path = "/console/legislation/change"
    assert "not both" in refused(browser, path, **told)
    assert "No clause is known to rest on" in refused(browser, path, act="The Sharing Act 2026", **told)
    page = does(browser, path, act="The Sharing Act 2026", clauses=["12-security"], **told)
    assert "The Sharing Act 2026" in page
    assert "/console/legislation/acts/change-1" in browser.get("/console/legislation").text
    does(browser, "/console/legislation/changes/1/withdraw", because="Recorded twice.")
    assert waiting(site) == 0
    assert "Withdrawn" in browser.get("/console/legislation/acts/change-1").text
    with reading(site.store) as session:
        assert session.exec(select(LegislationChange)).one().recorded_by == "secretary (user 1)"


def test_others_read_the_register(site: Site) -> None:
    for standing in (Standing.ASSISTANT, Standing.AUDITOR):
        browser = site.console(standing)
        assert "/change" not in browser.get(OLD).text.split("<main")[1]
        assert browser.post(f"{OLD}/change", data={}).status_code == 403
    assert site.console().get("/console/legislation/acts/no-such-act").status_code == 404
    assert site.console().get("/console/legislation/changes/7/withdraw").status_code == 404
