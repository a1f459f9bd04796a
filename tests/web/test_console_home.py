"""The secretary's first page: four numbers that equal their lists, what is due first, what Concordat sees at first."""

import re
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.cast import known_id, party_named
from actions.first_page import numbers_of
from actions.listing import duty_lines
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual, set_review_date
from actions.watching import SWEEP, begin_beat, end_beat
from models.access import Standing
from models.obligation import Obligation
from models.outbox import Delivery, Message
from models.protocol import Matter, Protocol
from models.store import reading
from tests.web.site import Site


def numbers(text: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"<strong>([\d,]+)</strong>", text)[:4]]


def sweep(site: Site) -> None:
    def beat(session: Session, now: datetime, _protocol: Protocol) -> None:
        begin_beat(session, now, SWEEP)
        end_beat(session, now, SWEEP)

    site.acting(beat)


def test_on_the_first_start_it_says_what_concordat_sees_and_links_to_what_to_do(site: Site) -> None:
    text = site.console().get("/console").text
    assert "The annual review has been due since October 2016" in text
    assert "Data Protection Act 1998, on which" in text
    assert '/console/reviews/schedule?protocol=bedfordshire&amp;day=2027-03-31"' in text
    assert "/console/legislation/acts/data-protection-act-1998/change" in text
    assert "concordat " not in text.split("<main")[1].split("</main>")[0]


def test_every_number_equals_its_list(site: Site) -> None:
    site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "test"))
    for days in (0, 20, 30, 33, 60):
        site.later(days=days)
        with reading(site.store) as session:
            owed = duty_lines(session, site.now)
        late = [duty for duty in owed if duty.overdue]
        soon = [duty for duty in owed if not duty.overdue and duty.due_on <= site.now.date() + timedelta(days=7)]
        shown = numbers(site.console().get("/console").text)
        assert shown == [len(late), len(soon), len([duty for duty in owed if duty.party]), 0]


def test_a_limit_to_the_minute_is_counted_as_the_obligation_itself_says(site: Site) -> None:
    site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "test"))

    def counted_hours(session: Session, now: datetime, _protocol: Protocol) -> None:
        for n, duty in enumerate(session.exec(select(Obligation).order_by(col(Obligation.id))).all()[:4]):
            duty.due_at, duty.exact = now, bool(n % 2)
            session.add(duty)

    site.acting(counted_hours)
    with reading(site.store) as session:
        found = numbers_of(session, site.now)
        late = [duty for duty in session.exec(select(Obligation)) if duty.is_overdue(site.now)]
    assert (found.overdue.count, found.due_7_days.count) == (len(late), 2) == (2, 2)


def test_a_failed_email_is_counted_and_linked(site: Site) -> None:
    site.acting(lambda session, now, protocol: open_annual(session, now, protocol, "test"))

    def fail(session: Session, _now: datetime, _protocol: Protocol) -> None:
        message = session.exec(select(Message).limit(1)).one()
        message.state = Delivery.FAILED
        session.add(message)

    site.acting(fail)
    text = site.console().get("/console").text
    assert numbers(text)[3] == 1
    assert '<a href="/console/outbox?state=failed"><strong>1</strong> e-mails failed</a>' in text


def test_the_running_review_names_who_has_not_answered_and_when_they_are_reminded(site: Site) -> None:
    def begin(session: Session, now: datetime, protocol: Protocol) -> None:
        review = open_annual(session, now, protocol, "test")
        give_feedback(
            session,
            now,
            known_id(review),
            party_named(session, protocol, "bedfordshire-police"),
            "test",
            no_comments=True,
        )

    site.acting(begin)
    text = site.console().get("/console").text
    assert "1 of 17</a> parties have answered" in text
    section = text.split("Not answered yet</th>")[1].split("</table>")[0]
    assert "Bedford Borough Council" in section
    assert "Bedfordshire Police" not in section
    assert re.search(r"\d+ \w+ 2026, 09:00 GMT", section)


def test_a_silent_sweep_is_red_and_says_for_how_many_hours(site: Site) -> None:
    sweep(site)
    assert "silent" not in site.console().get("/console").text.lower()
    site.later(hours=7)
    text = site.console().get("/console").text
    assert "The sweep has been silent for 7 hours" in text
    assert '<strong class="govuk-tag govuk-tag--red">Silent</strong>' in text


def test_it_says_when_all_is_clear(site: Site) -> None:
    site.acting(lambda session, now, protocol: set_review_date(session, now, protocol, date(2027, 3, 31), "test"))
    assert "All clear" not in site.console().get("/console").text

    def done(session: Session, now: datetime, _protocol: Protocol) -> None:
        for matter in session.exec(select(Matter)):
            matter.closed_at = now
            session.add(matter)

    site.acting(done)
    sweep(site)
    text = site.console(Standing.AUDITOR).get("/console").text
    assert "All clear" in text
    assert "31 March 2027" in text


def test_the_list_is_filtered_by_its_address_and_a_matter_is_closed_with_what_came_of_it(site: Site) -> None:
    browser = site.console(Standing.ASSISTANT)
    text = browser.get("/console/matters?kind=legislation").text
    assert "Data Protection Act 1998" in text
    assert "Review overdue, since" not in text
    number = re.search(r"/console/matters/(\d+)/close", text)[1]  # type: ignore[index]
    bad = browser.post(f"/console/matters/{number}/close", data={"because": "  "})
    assert (bad.status_code, "Say what came of it" in bad.text) == (422, True)
    assert browser.post(f"/console/matters/{number}/close", data={"because": "It is in review 3."}).status_code == 303
    with reading(site.store) as session:
        assert session.get_one(Matter, int(number)).outcome == "It is in review 3."
    assert f"/console/matters/{number}/close" not in browser.get("/console/matters").text
    assert browser.get("/console/matters?as=csv").text.count("\n") > 5


def test_an_auditor_sees_the_list_without_buttons(site: Site) -> None:
    browser = site.console(Standing.AUDITOR)
    assert "/close" not in browser.get("/console/matters").text
    assert browser.post("/console/matters/1/close", data={"because": "x"}).status_code == 403
