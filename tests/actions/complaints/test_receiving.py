"""A complaint comes in: whoever got it, whatever it says, and by when it is acknowledged in each of the nations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from actions.complaints.clocks import explained
from actions.complaints.receiving import AnotherComplaintHasThisKey, restate_days
from actions.membership import leave
from models import history
from models.complaint import Complaint
from models.history import History, Narrative
from models.obligation import ObligationKind
from models.outbox import Message
from models.protocol import MatterKind, Version
from rules.complaint import ComplaintKind, Stage
from rules.errors import Refused
from tests.actions.complaint_world import (
    HANDLER,
    IN_MAY,
    TOLD,
    WEDNESDAY,
    acknowledged,
    acknowledgements,
    complaint,
    done,
    of_kind,
    owed_in,
    received,
    refused,
    sweep_complaints,
    with_nations,
)
from tests.actions.world import World, party

TWO_YEARS_ON = datetime(2028, 12, 27, 10, tzinfo=UTC)
ACK = ObligationKind.ACKNOWLEDGEMENT


def came(world: World, now: datetime = WEDNESDAY, **otherwise: Any) -> int:
    with world.act() as session:
        number = received(session, now, **otherwise).id
    assert number is not None
    return number


def due(world: World, slug: str, at: datetime, **otherwise: Any) -> date:
    number = came(world, TWO_YEARS_ON, about=slug, received_by=slug, received_at=at, happened_from=None, **otherwise)
    [(day, _)] = acknowledgements(world, number)
    return day


# Whoever got it


@pytest.mark.parametrize(
    ("by", "asked"),
    [("police", "lead.member@police"), ("fire", "lead.member@fire"), (None, "secretary@westshire")],
)
def test_whoever_has_it_is_asked_to_acknowledge_it(world: World, by: str | None, asked: str) -> None:
    came(world, received_by=by)
    assert owed_in(world) == {"acknowledgement": (asked, date(2026, 12, 29))}
    told = world.only(Message, Message.kind == "complaint_asked")
    assert told.address == f"{asked}.example"
    assert "forward to the next working day, Tuesday 29 December 2026" in " ".join(told.text.split())
    kept = complaint(world)
    assert (kept.stage, kept.received_at, kept.version_id) == (Stage.RECEIVED, WEDNESDAY, 3)
    assert world.broken(WEDNESDAY) == []


@pytest.mark.parametrize("kind", ComplaintKind)
def test_every_kind_has_its_own_clock(small_world: World, kind: ComplaintKind) -> None:
    by_law = kind in (ComplaintKind.DISCLOSURE, ComplaintKind.PERSON)
    came(small_world, kind=kind)
    assert acknowledgements(small_world) == [(date(2026, 12, 29) if by_law else date(2026, 12, 9), None)]
    counted = small_world.only(Message, Message.kind == "complaint_asked").text
    assert ("Thirty days from" in counted or "30 days from" in counted) is by_law
    assert small_world.broken(WEDNESDAY) == []


def test_ten_working_days_are_those_of_the_partys_nation(small_world: World) -> None:
    """Monday 30 November is St Andrew's Day."""
    with_nations(small_world)
    of = {"kind": ComplaintKind.CONCERN}
    assert due(small_world, "police", WEDNESDAY, **of) == date(2026, 12, 9)
    assert due(small_world, "aberdeen", WEDNESDAY, **of) == date(2026, 12, 10)


def test_a_kind_that_is_not_acknowledged_goes_to_its_analysis(small_world: World) -> None:
    of_kind(small_world, ComplaintKind.CONCERN, acknowledgement=None)
    came(small_world, kind=ComplaintKind.CONCERN)
    assert owed_in(small_world) == {}
    sweep_complaints(small_world, WEDNESDAY)
    assert owed_in(small_world) == {"analysis": ("lead.member@police", date(2026, 12, 29))}
    assert small_world.broken(WEDNESDAY) == []


# Thirty days

THIRTY_DAYS = [
    # received, England and Wales, Scotland, Northern Ireland
    (date(2026, 6, 19), date(2026, 7, 20), date(2026, 7, 20), date(2026, 7, 20)),
    (date(2026, 8, 1), date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 1)),
    (date(2026, 11, 25), date(2026, 12, 29), date(2026, 12, 29), date(2026, 12, 29)),
    (date(2027, 2, 24), date(2027, 3, 30), date(2027, 3, 29), date(2027, 3, 30)),  # Good Friday, Easter Monday
    (date(2027, 6, 12), date(2027, 7, 12), date(2027, 7, 12), date(2027, 7, 13)),  # the Battle of the Boyne
    (date(2026, 3, 7), date(2026, 4, 7), date(2026, 4, 6), date(2026, 4, 7)),  # Easter Monday
    (date(2025, 12, 3), date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 2)),  # the second of January, a Friday
    (date(2026, 12, 3), date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 4)),  # … a Saturday, kept on Monday
    (date(2026, 7, 4), date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 3)),  # Scotland's summer bank holiday
    (date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 1), date(2027, 11, 30)),  # St Andrew's Day
    (date(2027, 2, 15), date(2027, 3, 17), date(2027, 3, 17), date(2027, 3, 18)),  # St Patrick's Day
]


def test_thirty_days_from_receipt_in_the_nation_of_whoever_answers(small_world: World) -> None:
    with_nations(small_world)
    slugs = ("police", "aberdeen", "belfast")
    for day, *expected in THIRTY_DAYS:
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        assert [due(small_world, slug, at) for slug in slugs] == expected, day
    assert small_world.broken(TWO_YEARS_ON) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2027, 6, 7, 22, 30, tzinfo=UTC), date(2027, 7, 7)),  # 23:30 on Monday in London
        (datetime(2027, 6, 7, 23, 30, tzinfo=UTC), date(2027, 7, 8)),  # 00:30 on Tuesday, which is Monday in UTC
        (datetime(2026, 11, 2, 23, 30, tzinfo=UTC), date(2026, 12, 2)),  # 23:30 on Monday, in winter
        (datetime(2026, 11, 3, 0, 0, tzinfo=UTC), date(2026, 12, 3)),
    ],
)
def test_the_day_of_receipt_is_londons(small_world: World, at: datetime, expected: date) -> None:
    assert due(small_world, "police", at) == expected


def test_it_is_late_from_the_next_day_in_london_on(small_world: World) -> None:
    came(small_world)
    [duty] = small_world.duties(ACK)
    assert duty.due_at == datetime(2026, 12, 30, tzinfo=UTC)
    assert not duty.is_overdue(datetime(2026, 12, 29, 23, 59, 59, tzinfo=UTC))
    assert duty.is_overdue(datetime(2026, 12, 30, 0, 0, 1, tzinfo=UTC))


def test_a_complaint_recorded_late_is_due_from_its_receipt(small_world: World) -> None:
    came(small_world, WEDNESDAY, received_at=datetime(2026, 9, 1, 9, tzinfo=UTC))
    [duty] = small_world.duties(ACK)
    assert (duty.due_on, duty.is_overdue(WEDNESDAY)) == (date(2026, 10, 1), True)
    assert small_world.broken(WEDNESDAY) == []


def test_beyond_the_published_bank_holidays_weekdays_are_counted_and_it_is_said(small_world: World) -> None:
    """They are published until the end of 2028: whether Monday 15 January 2029 is one nobody knows."""
    now = datetime(2028, 12, 15, 10, tzinfo=UTC)
    came(small_world, now, happened_from=date(2028, 12, 1))
    assert acknowledgements(small_world) == [(date(2029, 1, 15), None)]
    [matter] = small_world.matters()
    assert (matter.kind, matter.key) == (MatterKind.HOLIDAYS, "westshire:holidays:2029")
    assert "counted without bank holidays" in small_world.moves("complaint:1")
    [asked] = small_world.said("complaint_asked")
    assert "So every weekday after them was counted as a working day; the true day may be later." in (
        small_world.words(asked)
    )
    assert small_world.broken(now) == []


# What it says

STRANGE = {
    "control characters": "She said\x07 it\x1b[31m loudly\x7f, and\ttwice.",
    "right to left": "أعطت الشرطة عنواني لزوجي السابق.",
    "mixed scripts": "The police \u202egnisserdda\u202c мой адрес 住所 gave away.",
    "no words": "?! ?!",
    "emoji": "👮 → 🏠",
    "twenty pages": "My address. " * 4_000,
}


@pytest.mark.parametrize("what", STRANGE.values(), ids=STRANGE)
def test_whatever_is_text_is_kept_as_it_came_and_analysed_by_somebody(small_world: World, what: str) -> None:
    acknowledged(small_world, what=what)
    kept = small_world.only(Narrative, Narrative.id == complaint(small_world).what_id)
    assert kept.text == what.strip()
    assert complaint(small_world).stage is Stage.ANALYSING
    assert small_world.broken(WEDNESDAY) == []


LONG_AGO = date(2013, 12, 31)
TOMORROW = WEDNESDAY + timedelta(days=1)

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"what": ""}, "Say what is complained of"),
    ({"what": " \n\t "}, "Say what is complained of"),
    ({"what": "x" * 5_000_000}, "longer than 50000 characters"),
    ({"what": "و" * 2_500_000}, "longer than 50000 characters"),
    ({"what": "A zero \0 in it"}, "a character that no text has"),
    ({"what": "Half of one \ud83d."}, "a character that no text has"),
    ({"wanted": "x" * 5_000_000}, "is too long"),
    ({"reach": "half \udc00"}, "a character that no text has"),
    ({"about": "nobody"}, "There is no party “nobody” in westshire"),
    ({"received_by": "nobody"}, "There is no party “nobody” in westshire"),
    ({"about": "trust"}, "West Trust has left the protocol and answers no complaint under it"),
    ({"received_by": "trust"}, "West Trust has left the protocol"),
    ({"received_at": WEDNESDAY + timedelta(seconds=1)}, "The day it was received lies ahead"),
    ({"happened_from": TOMORROW.date()}, "The day it happened lies ahead (Thursday 26 November 2026)"),
    ({"happened_to": TOMORROW.date()}, "The day it happened lies ahead"),
    ({"happened_to": IN_MAY - timedelta(days=1)}, "It cannot have ended before it began"),
    ({"received_at": datetime(2026, 5, 5, 9, tzinfo=UTC)}, "It cannot have been received before it happened"),
    ({"happened_from": LONG_AGO}, "is before the first version of the Westshire Protocol: that is 4"),
    ({"attachments": ["file 12", "x" * 121]}, "An attachment is named by the reference"),
    ({"attachments": ["one\ntwo"]}, "An attachment is named by the reference"),
    ({"attachments": [" "]}, "An attachment is named by the reference"),
    ({"attachments": ["file"] * 51}, "An attachment is named by the reference"),
    ({"key": "x" * 121}, "is too long"),
]  # fmt: skip


def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_kept(small_world: World) -> None:
    with small_world.act() as session:
        leave(session, WEDNESDAY - timedelta(days=1), party(session, "trust"), "secretary", "Dissolved.")
    for otherwise, sentence in REFUSED:

        def comes(session: Any, now: datetime, otherwise: dict[str, Any] = otherwise) -> object:
            return received(session, now, **otherwise)

        assert sentence in str(refused(small_world, comes)), otherwise
    assert small_world.every(Complaint) == []


def test_what_went_on_until_after_it_was_complained_of_is_no_contradiction(small_world: World) -> None:
    at = datetime(2026, 5, 10, 9, tzinfo=UTC)
    came(small_world, received_at=at, happened_to=date(2026, 6, 1))
    assert (complaint(small_world).happened_from, complaint(small_world).happened_to) == (IN_MAY, date(2026, 6, 1))


def test_references_are_kept_each_once_and_a_day_alone_is_both(small_world: World) -> None:
    came(small_world, attachments=["file 12", " file 12", "file 13"], happened_from=None, happened_to=IN_MAY)
    kept = complaint(small_world)
    assert kept.attachments == ["file 12", "file 13"]
    assert (kept.happened_from, kept.happened_to) == (IN_MAY, IN_MAY)


def test_history_knows_the_words_by_their_hash_alone(small_world: World) -> None:
    came(small_world, wanted="An apology.", reach="42 Some Street")
    [row] = small_world.every(History, History.what == "received")
    assert row.details["told"] == history.sha256_of(TOLD)
    assert "husband" not in str(row.details) + str(row.why_id)
    assert "Street" not in str([each.details for each in small_world.every(History)])


# Twice


def test_received_twice_with_one_key_is_one_complaint(world: World) -> None:
    first = came(world, key="portal-1")
    before = world.rows()
    assert came(world, TOMORROW, key=" portal-1 ") == first
    assert world.rows() == before
    assert came(world, key="portal-2") != first
    assert came(world) != came(world), "without a key two are two"


@pytest.mark.parametrize(
    "otherwise", [{"what": "Something else."}, {"about": "fire"}, {"kind": ComplaintKind.DISCLOSURE}]
)
def test_another_complaint_with_a_known_key_is_refused(small_world: World, otherwise: dict[str, Any]) -> None:
    came(small_world, key="portal-1")
    with pytest.raises(AnotherComplaintHasThisKey, match="“portal-1” belongs to complaint 1, which says something"):
        came(small_world, key="portal-1", **otherwise)


def test_the_same_again_is_known_also_after_its_party_left(small_world: World) -> None:
    first = came(small_world, key="portal-1")
    with small_world.act() as session:
        leave(session, WEDNESDAY, party(session, "police"), "secretary", "Dissolved.")
    assert came(small_world, TOMORROW, key="portal-1") == first


# When it happened, known better


def test_days_are_restated_with_a_reason_and_bring_the_version_of_then(small_world: World) -> None:
    with small_world.act() as session:
        session.get_one(Version, 3).in_force_from = date(2020, 1, 1)
    came(small_world)
    assert complaint(small_world).version_id == 3
    done(small_world, restate_days, 1, date(2019, 5, 6), None, HANDLER, "It was long ago.")
    assert complaint(small_world).version_id == 2
    before = small_world.rows()
    done(small_world, restate_days, 1, date(2019, 5, 6), None, HANDLER, "It was long ago.")
    assert small_world.rows() == before
    assert "Give a reason" in str(refused(small_world, restate_days, 1, IN_MAY, None, HANDLER, " "))
    assert isinstance(refused(small_world, restate_days, 1, LONG_AGO, None, HANDLER, "Earlier."), Refused)
    assert small_world.broken(WEDNESDAY) == []


@pytest.mark.parametrize("stated", ["P2M", "P31D", "40 working days"])
def test_a_row_that_allows_more_than_the_law_is_read_and_counted_by_the_law(small_world: World, stated: str) -> None:
    of_kind(small_world, ComplaintKind.PERSON, acknowledgement=stated)
    with small_world.act() as session:
        received(session)
    assert [day for day, _ in acknowledgements(small_world)] == [date(2026, 12, 29)]
    with small_world.read() as session:
        assert "30 days" in str(explained(session, complaint(small_world)))


def test_a_row_that_allows_less_is_counted_by_what_it_says(small_world: World) -> None:
    of_kind(small_world, ComplaintKind.PERSON, acknowledgement="10 working days")
    with small_world.act() as session:
        received(session)
    assert [day for day, _ in acknowledgements(small_world)] == [date(2026, 12, 9)]
