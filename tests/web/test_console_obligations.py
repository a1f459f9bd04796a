"""What is owed, in the console: narrowed, paged, given more time, waived, delegated, each with its reason."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from actions.cast import contact_at, party_named
from actions.duties import open_obligation
from models.access import Standing
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Protocol, Role
from tests.web.asking import COUNCIL, POLICE, asking, changed, duty_of, every
from tests.web.site import Site
from web import commands
from web.declaring import DECIDES, Act, Done

WEEK_BEFORE = datetime(2026, 12, 16, 10, tzinfo=UTC)
LATER = datetime(2027, 5, 4, 9, tzinfo=UTC)


def page(site: Site, address: str) -> str:
    answer = site.console().get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(html: str) -> list[int]:
    return [
        int(each)
        for each in re.findall(r'<th scope="row"[^>]*><a class="govuk-link" href="/console/obligations/(\d+)"', html)
    ]


def many(site: Site, number: int, kind: ObligationKind = ObligationKind.LOCAL_ACTION) -> None:
    def act(session: Session, now: datetime, of: Protocol) -> None:
        council = party_named(session, of, COUNCIL)
        contact = contact_at(session, council, Role.LEAD_MEMBER)
        assert contact is not None
        for each in range(number):
            open_obligation(
                session, now, of, key=f"breach:1:{kind.name}:{each}", case="breach:1", kind=kind, contact=contact,
                party=council, due_on=date(2026, 12, 1) + timedelta(days=each % 40),
            )  # fmt: skip

    site.acting(act)


def test_every_filter_agrees_with_the_count_that_links_to_it(site: Site) -> None:
    asking(site)
    many(site, 60)
    site.now = datetime(2026, 12, 10, 9, tzinfo=UTC)
    counts = site.program().get("/api/obligations").json()["obligations"]["number"]
    assert counts == 77
    from actions.overview import obligation_counts
    from models.store import reading

    with reading(site.store) as session:
        known = obligation_counts(session, site.now)
    for query, expected in (
        ("overdue=1", known.overdue), ("state=overdue", known.overdue), ("due=7", known.due_7_days),
        ("state=due7", known.due_7_days),
        ("", known.open), (f"party={POLICE}", 1), ("kind=feedback", 17), ("case=breach:1", 60), ("kind=notice", 0),
    ):  # fmt: skip
        found = site.program().get(f"/api/obligations?{query}").json()["obligations"]
        assert found["number"] == expected, query
        assert len(found["lines"]) == min(expected, 50), query
    assert 0 < known.overdue < 60
    assert 0 < known.due_7_days < 60
    assert f">{known.overdue} duties.<" in page(site, "/console/obligations?overdue=1")


def test_pages_follow_each_other_forwards_and_back_and_none_is_shown_twice(site: Site) -> None:
    many(site, 130)
    seen, address, pages = [], "/console/obligations?kind=local+action", []
    while address:
        html = page(site, address)
        pages.append(rows(html))
        seen += pages[-1]
        found = re.search(r'href="(\?[^"]*after=\d+)"', html)
        before = re.search(r'href="(\?[^"]*before=\d+)"', html)
        address = f"/console/obligations{found[1].replace('&amp;', '&')}" if found else ""
    assert [len(each) for each in pages] == [50, 50, 30]
    assert len(set(seen)) == 130
    due = {each.id: (each.due_on, each.id) for each in every(site, Obligation)}
    assert seen == sorted(seen, key=lambda number: due[number])
    assert before is not None
    assert rows(page(site, f"/console/obligations{before[1].replace('&amp;', '&')}")) == pages[1]


@pytest.mark.parametrize("query", ["after=x", "after=99999999", "before=-1", "after=1&before=2", "kind=", "due="])
def test_a_place_that_is_none_shows_the_list(site: Site, query: str) -> None:
    asking(site)
    assert site.console().get(f"/console/obligations?{query}").status_code == 200


@pytest.mark.parametrize("query", ["kind=nothing", "party=nobody", "due=soon", "due=99999"])
def test_a_filter_that_is_none_says_what_to_do_and_keeps_what_was_given(site: Site, query: str) -> None:
    html = page(site, f"/console/obligations?{query}&case=review:1")
    assert "There is a problem" in html
    assert 'value="review:1"' in html


def test_what_has_ended_is_listed_on_request(site: Site) -> None:
    asking(site)
    duty = duty_of(site, POLICE)
    site.console().post(f"/console/obligations/{duty.id}/waive", data={"because": "It has merged."})
    assert duty.id not in rows(page(site, "/console/obligations"))
    assert duty.id in rows(page(site, "/console/obligations?ended=1"))


def test_more_time_is_given_with_a_reason_and_everyone_is_told(site: Site) -> None:
    asking(site)
    duty, browser = duty_of(site, POLICE), site.console()
    path = f"/console/obligations/{duty.id}/extend"
    given = {"due_on-day": "30", "due_on-month": "4", "due_on-year": "2027", "because": "They meet in April."}
    answer = browser.post(path, data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/obligations/{duty.id}")
    assert duty_of(site, POLICE).due_on == date(2027, 4, 30)
    shown = browser.get(f"/console/obligations/{duty.id}").text
    assert "30 April 2027" in shown
    assert "They meet in April." in shown
    assert every(site, Message, Message.kind == "duty_extended")
    [row] = every(site, History, History.what == "extended")
    assert row.who.startswith("secretary (user ")
    earlier = browser.post(path, data=given | {"due_on-day": "1", "because": "Sooner."})
    assert earlier.status_code == 422
    assert "a later day than" in earlier.text
    assert "Sooner." in earlier.text


@pytest.mark.parametrize(
    "given", [{}, {"because": " "}, {"due_on-day": "31", "due_on-month": "2", "due_on-year": "2027"}]
)
def test_without_a_reason_or_a_real_day_the_page_comes_back_with_every_answer(
    site: Site, given: dict[str, str]
) -> None:
    asking(site)
    duty = duty_of(site, POLICE)
    answer = site.console().post(f"/console/obligations/{duty.id}/extend", data=given)
    assert answer.status_code == 422
    assert "Say why there is more time" in answer.text
    for value in filter(str.strip, given.values()):
        assert f'value="{value}"' in answer.text
    assert duty_of(site, POLICE).due_on == duty.due_on


def test_waiving_and_delegating_are_kept_with_their_reasons(site: Site) -> None:
    asking(site)
    browser = site.console()
    waived, delegated = duty_of(site, COUNCIL), duty_of(site, POLICE)
    assert browser.post(f"/console/obligations/{waived.id}/waive", data={"because": "They told us."}).status_code == 303
    assert duty_of(site, COUNCIL).outcome is Outcome.WAIVED
    assert (
        browser.post(f"/console/obligations/{delegated.id}/delegate", data={"because": "On leave."}).status_code == 303
    )
    assert duty_of(site, POLICE).contact_id != delegated.contact_id
    assert {"duty_waived", "duty_delegated"} <= {each.kind for each in every(site, Message)}
    assert "They told us." in page(site, f"/console/obligations/{waived.id}")
    again = browser.post(f"/console/obligations/{waived.id}/delegate", data={"because": "No."})
    assert again.status_code == 422
    assert "Nothing is owed any more" in again.text


def test_what_the_law_gives_no_more_time_for_is_refused_with_the_sentence(site: Site) -> None:
    many(site, 1, ObligationKind.NOTICE)
    [duty] = every(site, Obligation)
    day = {"due_on-day": "30", "due_on-month": "4", "due_on-year": "2027"}
    for act, given in (("extend", day), ("waive", {})):
        answer = site.console().post(f"/console/obligations/{duty.id}/{act}", data={**given, "because": "Busy."})
        assert answer.status_code == 422
        assert "72 hours are the law’s" in answer.text.replace("&#39;", "’").replace("&#x27;", "’")
        assert "`" not in answer.text
    [after] = every(site, Obligation)
    assert (after.due_at, after.outcome) == (duty.due_at, None)


@pytest.mark.parametrize("act", ["extend", "waive", "delegate"])
def test_only_the_secretary_decides_what_others_owe(site: Site, act: str) -> None:
    asking(site)
    duty = duty_of(site, POLICE)
    for standing in (Standing.AUDITOR, Standing.ASSISTANT):
        browser = site.console(standing)
        path = f"/console/obligations/{duty.id}"
        assert browser.post(f"{path}/{act}", data={"because": "x"}).status_code == 403
        shown = browser.get(path)
        assert shown.status_code == 200
        assert f"{path}/{act}" not in shown.text
    assert f"/{act}" in page(site, f"/console/obligations/{duty.id}")


def test_the_ladder_shows_what_was_sent_and_what_comes_next(site: Site) -> None:
    from actions.reminding import remind_batch

    asking(site)
    duty = duty_of(site, POLICE)
    html = page(site, f"/console/obligations/{duty.id}")
    assert "The next is due" in html
    assert "To come" in html
    for site.now in (WEEK_BEFORE, LATER):
        site.acting(lambda session, now, _: remind_batch(session, now))
    html = page(site, f"/console/obligations/{duty.id}")
    assert len(re.findall(r">Sent, [^<]*: <a [^>]*/console/messages/", html)) == 1
    assert len(re.findall(r">Skipped, ", html)) == 3
    assert "Overdue by" in html
    assert "There is none to come" in html


def test_a_party_whose_address_bounced_is_marked(site: Site) -> None:
    from models.protocol import Contact

    asking(site)
    duty = duty_of(site, POLICE)
    changed(site, Contact, duty.contact_id, bounced_at=site.now)
    assert "Address bounced" in page(site, f"/console/obligations?party={POLICE}")


def test_on_behalf_leads_to_the_page_of_its_kind_where_there_is_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking(site)
    duty = duty_of(site, POLICE)
    monkeypatch.setattr(commands, "acts_by_command", dict)
    assert "on behalf of" not in page(site, f"/console/obligations/{duty.id}")
    act = Act(path="/console/reviews/{review:int}/feedback/{party}", title="Record feedback", who=DECIDES,
              do=lambda asked, given: Done(sentence="", to="/"), command="review feedback")  # fmt: skip
    monkeypatch.setattr(commands, "acts_by_command", lambda: {"review feedback": act})
    html = page(site, f"/console/obligations/{duty.id}")
    assert f"/console/reviews/{duty.case.partition(':')[2]}/feedback/{POLICE}" in html


def test_the_file_holds_what_the_list_was_narrowed_to_and_no_formula(site: Site) -> None:
    asking(site)
    changed(site, Obligation, duty_of(site, POLICE).id, what="=1+1")
    answer = site.console(Standing.AUDITOR).get("/console/obligations.csv?kind=feedback")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 17
    assert next(each for each in lines if each["party"] == POLICE)["what"] == "'=1+1"
    assert site.console().get("/console/obligations.csv?kind=nothing").status_code == 404


def test_there_is_no_duty_of_that_number(site: Site) -> None:
    browser = site.console()
    assert browser.get("/console/obligations/4711").status_code == 404
    assert browser.get("/console/obligations/99999999999").status_code == 404
    assert browser.get("/console/obligations/4711/extend").status_code == 404
    assert browser.post("/console/obligations/4711/waive", data={"because": "x"}).status_code in (404, 422)
