"""The forecast as a page, a feed and a spreadsheet: all say what the forecast says, and the feed opens nothing else."""

import csv
import io
import json
import logging
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from sqlmodel import Session, select

from actions.forecasting import forecast_of
from actions.review_opening import set_review_date
from models.access import AccessToken, ConsoleUser, Standing
from models.protocol import Protocol
from models.store import reading
from rules.anchors import corresponding_day
from rules.forecast_state import Forecasted
from rules.instants import LONDON, end_of_day, local_day
from rules.sentences import written_day
from tests.web.site import Site

PAGE = "/console/forecast"


@pytest.fixture
def planned(site: Site) -> Site:
    """The next review is on 31 March 2027: asked on Friday 26 February, since 28 February is a Sunday."""
    site.acting(lambda session, now, protocol: set_review_date(session, now, protocol, date(2027, 3, 31), "test"))
    return site


def foreseen(site: Site, months: int = 12) -> list[Forecasted]:
    with reading(site.store) as session:
        until = end_of_day(corresponding_day(local_day(site.now, LONDON), months), LONDON)
        return forecast_of(session, site.now, None, until)


def unfolded(calendar: str) -> list[dict[str, str]]:
    """Read by hand, as RFC 5545 has it: every event's properties."""
    assert calendar.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert calendar.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    events: list[dict[str, str]] = []
    for line in calendar.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and name not in ("END", "BEGIN"):
            events[-1][name] = value
    return events


def said(value: str) -> str:
    return re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], value)


def feed(site: Site) -> str:
    made = site.console().post(f"{PAGE}/subscribe", data={"name": "the telephone"})
    assert made.status_code == 200
    found = re.search(r"(/forecast/[\w-]+\.ics)", made.text)
    assert found is not None
    return found[1]


def test_the_page_shows_who_is_asked_when(planned: Site) -> None:
    page = unescape(planned.console().get(PAGE).text)
    assert "Friday 26 February 2027" in page
    assert "17 invitations to give feedback" in page
    assert f"{len(foreseen(planned))} messages are" in page
    for day in {local_day(each.at, LONDON) for each in foreseen(planned)}:
        assert written_day(day) in page


def test_a_party_and_a_kind_are_picked_and_what_is_unknown_is_said(planned: Site) -> None:
    browser = planned.console(Standing.AUDITOR)
    rows = list(
        csv.DictReader(io.StringIO(browser.get(f"{PAGE}.csv?party=luton-borough-council").text.lstrip("\ufeff")))
    )
    wanted = [each for each in foreseen(planned) if each.party == "luton-borough-council"]
    assert [(row["Party"], row["Message"]) for row in rows] == [("luton-borough-council", each.kind) for each in wanted]
    assert (
        "central-bedfordshire"
        not in browser.get(f"{PAGE}?kind=feedback_invited&party=luton-borough-council")
        .text.split("<main")[1]
        .split("</form>")[1]
    )
    assert browser.get(f"{PAGE}?party=nobody").status_code == 404
    assert browser.get(f"{PAGE}?kind=nothing").status_code == 404
    assert browser.get(f"{PAGE}?months=-1&kind=").status_code == 200


def test_the_feed_says_what_the_forecast_says_and_keeps_its_uids(planned: Site) -> None:
    path, program = feed(planned), planned.browser()
    answer = program.get(path)
    assert answer.headers["content-type"].startswith("text/calendar")
    events = unfolded(answer.text)
    seen = {(event["DTSTART"], address) for event in events for address in _addresses(event)}
    wanted = {(f"{each.at.astimezone(UTC):%Y%m%dT%H%M%SZ}", each.address) for each in foreseen(planned)}
    assert seen == wanted
    assert len({event["UID"] for event in events}) == len(events)
    planned.later(hours=5)
    again = unfolded(program.get(path).text)
    assert {each["UID"] for each in again} == {event["UID"] for event in events}


def _addresses(event: dict[str, str]) -> list[str]:
    return [line.partition(" ")[0] for line in said(event["DESCRIPTION"]).split("\nTo:\n")[1].split("\n")]


def test_an_empty_forecast_is_still_a_calendar(site: Site) -> None:
    text = site.console().get(f"{PAGE}.ics?months=1&party=luton-borough-council").text
    assert unfolded(text) == []
    assert "BEGIN:VTIMEZONE" in text


def test_the_feeds_secret_opens_its_calendar_and_nothing_else(planned: Site) -> None:
    path = feed(planned)
    secret = path.removeprefix("/forecast/").removesuffix(".ics")
    for said_so in (secret, f"calendar-feed:{secret}"):
        program = planned.browser()
        program.headers["authorization"] = f"Bearer {said_so}"
        assert program.get("/api/forecast").status_code == 401
    with reading(planned.store) as session:
        kept = session.exec(select(AccessToken)).one()
        assert secret not in (kept.sha256, kept.name)
    token = planned.program(Standing.AUDITOR).headers["authorization"].removeprefix("Bearer ")
    assert planned.browser().get(f"/forecast/{token}.ics").status_code == 404
    assert planned.browser().get(f"/forecast/{secret}x.ics").status_code == 404


def test_a_revoked_or_old_feed_opens_nothing(planned: Site) -> None:
    path, other = feed(planned), feed(planned)
    with reading(planned.store) as session:
        number = session.exec(select(AccessToken.id)).first()
    assert planned.console().post(f"/console/access/tokens/{number}/revoke").status_code == 303
    assert planned.browser().get(path).status_code == 404
    assert planned.browser().get(other).status_code == 200
    planned.now += timedelta(days=367)
    assert planned.browser().get(other).status_code == 404


def test_a_feed_ends_with_its_owners_account(planned: Site) -> None:
    path = feed(planned)

    def gone(session: Session, now: datetime, _protocol: Protocol) -> None:
        for user in session.exec(select(ConsoleUser)):
            user.ended_at = now
            session.add(user)

    planned.acting(gone)
    assert planned.browser().get(path).status_code == 404


def test_the_log_holds_the_route_and_not_the_secret(planned: Site, caplog: pytest.LogCaptureFixture) -> None:
    path = feed(planned)
    with caplog.at_level(logging.INFO, logger="concordat.access"):
        planned.browser().get(path)
    lines = [json.loads(record.message) for record in caplog.records if record.name == "concordat.access"]
    assert lines[-1]["route"] == "/forecast/{token}.ics"
    assert path.removeprefix("/forecast/").removesuffix(".ics") not in caplog.text


def test_a_feed_has_a_name_and_an_auditor_makes_none(planned: Site) -> None:
    answer = planned.console().post(f"{PAGE}/subscribe", data={"name": " "})
    assert answer.status_code == 422
    assert "Say whose calendar it is" in answer.text
    assert planned.console(Standing.AUDITOR).post(f"{PAGE}/subscribe", data={"name": "x"}).status_code == 403
