"""What is owed to the minute: 72 elapsed hours and “within 8 hours”, over weekends, outages and clock changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col

from actions.breaches.changing import IsAnswered
from actions.cast import known_id
from actions.describing import described
from actions.duties import EitherDayOrInstant, open_obligation, set_due
from actions.listing import duty_lines
from actions.overview import obligation_counts
from actions.owing import HoursAreTheLaws, NotLater, WithoutUndueDelay, delegate, extend, waive
from models.history import History
from models.obligation import Obligation, ObligationKind, Reminder
from models.outbox import Message
from models.protocol import Protocol
from rules.instants import LONDON, elapsed
from tests.actions.world import SECRETARY, World, contact_of, party, protocol

BREACH = "breach:1"
NOTICE, STEP, TELLING = ObligationKind.NOTICE, ObligationKind.STEP, ObligationKind.TELLING_PEOPLE
FRIDAY = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 16, 45, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def opened(world: World, kind: ObligationKind = NOTICE, slug: str = "police", at: datetime = FRIDAY, **due: Any) -> int:
    """Owed by that party; without anything else, 72 elapsed hours later."""
    with world.act() as session:
        duty = open_obligation(
            session, at, protocol(session), key=f"{BREACH}:{kind.value.replace(' ', '-')}:{slug}", case=BREACH,
            kind=kind, contact=contact_of(session, slug), party=party(session, slug),
            **(due or {"due_at": elapsed(at, hours=72)}),
        )  # fmt: skip
        assert duty
        return known_id(duty)


@pytest.mark.parametrize("due", [{"due_at": MONDAY.astimezone(LONDON)}, {"due_on": MONDAY.date()}])
def test_what_is_opened_says_of_itself_what_the_store_says_of_it(small_world, due):
    with small_world.act() as session:
        duty = open_obligation(
            session, FRIDAY, protocol(session), key="one", case=BREACH, kind=NOTICE, what="say so",
            contact=contact_of(session, "police"), party=party(session, "police"), **due,
        )  # fmt: skip
        assert duty
        names = [column.key for column in Obligation.__table__.columns]
        before = [repr(getattr(duty, name)) for name in names]
        assert not session.is_modified(duty)
        session.refresh(duty)
        assert [repr(getattr(duty, name)) for name in names] == before


def the(world: World, number: int) -> Obligation:
    return world.only(Obligation, Obligation.id == number)


def said(world: World) -> list[tuple[str, str, str]]:
    """London's clock, address and kind of every message, in the order in which they were queued."""
    return [
        (f"{row.queued_at.astimezone(LONDON):%a %H:%M}", row.address.removesuffix(".example"), row.kind)
        for row in world.every(Message)
    ]


def text(world: World, kind: str) -> str:
    [row] = world.every(Message, Message.kind == kind)
    return " ".join(row.text.split())


def play(world: World, until: datetime) -> None:
    """Swept whenever a rung is due."""
    while due := [d.next_at for d in world.every(Obligation) if d.next_at and d.next_at <= until]:
        world.sweep(min(due))


@pytest.mark.parametrize(
    ("aware", "due_at", "due_on"),
    [
        (FRIDAY, MONDAY, date(2026, 11, 23)),
        (datetime(2026, 3, 27, 16, 20, tzinfo=UTC), datetime(2026, 3, 30, 16, 20, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 23, 15, 20, tzinfo=UTC), datetime(2026, 10, 26, 15, 20, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 12, 24, 15, 30, tzinfo=UTC), datetime(2026, 12, 27, 15, 30, tzinfo=UTC), date(2026, 12, 27)),
        (datetime(2026, 6, 1, 23, 30, tzinfo=UTC), datetime(2026, 6, 4, 23, 30, tzinfo=UTC), date(2026, 6, 5)),
    ],
)
def test_72_hours_end_to_the_minute_and_exactly_then_is_on_time(
    world: World, aware: datetime, due_at: datetime, due_on: date
) -> None:
    duty = the(world, opened(world, at=aware))
    assert (duty.due_at, duty.due_on, duty.exact) == (due_at, due_on, True)
    for now, overdue in ((due_at, False), (due_at + SECOND, True)):
        assert duty.is_overdue(now) is overdue
        with world.read() as session:
            assert described(session, duty, now).overdue is overdue
            assert [line.overdue for line in duty_lines(session, now)] == [overdue]
            assert len(duty_lines(session, now, overdue=True)) == overdue
            counts = obligation_counts(session, now)
            assert (counts.open, counts.due_7_days, counts.overdue) == (1, not overdue, overdue)


def test_the_end_of_a_day_is_late_as_ever(world: World) -> None:
    duty = the(world, opened(world, ObligationKind.LEARNING, due_on=date(2026, 11, 20)))
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    for now, overdue in ((midnight - SECOND, False), (midnight, True)):
        assert duty.is_overdue(now) is overdue
        with world.read() as session:
            assert len(duty_lines(session, now, overdue=True)) == overdue
            [line] = duty_lines(session, now)
            assert (line.due_at, line.exact, line.left, line.overdue) == (midnight, False, None, overdue)
            assert obligation_counts(session, now).overdue == overdue


@pytest.mark.parametrize("due", [{"due_on": None}, {"due_on": date(2026, 11, 20), "due_at": MONDAY}])
def test_a_duty_is_due_on_a_day_or_at_an_instant(small_world: World, due: dict[str, Any]) -> None:
    with pytest.raises(EitherDayOrInstant):
        opened(small_world, **due)


def test_reminders_come_over_the_weekend_and_say_how_long_is_left(world: World) -> None:
    opened(world)
    play(world, MONDAY + 2 * DAY)
    lead, deputy, secretary = "lead.member@police", "deputy@police", "secretary@westshire"
    assert said(world) == [
        ("Sat 16:45", lead, "duty_reminder"),
        ("Sun 16:45", lead, "duty_reminder"),
        ("Mon 10:45", lead, "duty_reminder"),
        ("Mon 10:45", deputy, "duty_escalated_to_deputy"),
        ("Mon 16:45", lead, "duty_reminder"),
        ("Mon 17:45", secretary, "duties_escalated_to_secretary"),
        ("Tue 16:45", secretary, "duties_escalated_to_secretary"),
    ]
    words = [" ".join(row.text.split()) for row in world.every(Message)]
    for message, left in zip(
        words,
        ["(2 days left)", "(one day left)", "(6 hours left)", "(6 hours left)", "(due now)", "one hour", "one day"],
        strict=True,
    ):
        assert "due by Monday 23 November 2026 16:45 GMT" in message
        assert left in message
    assert all("concordat breach show 1" in message for message in words[-2:])


def test_after_three_days_without_the_engine_each_person_is_told_once_that_it_is_overdue(world: World) -> None:
    number = opened(world)
    opened(world, slug="fire")  # which has named no deputy
    world.sweep(FRIDAY + HOUR)
    assert said(world) == []
    back = MONDAY + DAY + 2 * HOUR
    world.sweep(back)
    world.sweep(back)
    assert said(world) == [
        ("Tue 18:45", "lead.member@police", "duty_reminder"),
        ("Tue 18:45", "secretary@westshire", "duties_escalated_to_secretary"),
        ("Tue 18:45", "lead.member@fire", "duty_reminder"),
    ]
    for row in world.every(Message):
        assert "overdue by one day and 2 hours" in " ".join(row.text.split())
    rungs = {row.rung: row.outcome.value for row in world.every(Reminder, Reminder.obligation_id == number)}
    assert rungs == {
        "before-48h-owner": "skipped", "before-24h-owner": "skipped", "before-6h-owner": "skipped",
        "before-6h-deputy": "skipped", "at-0h-owner": "sent", "after-1h-secretary": "skipped",
        "after-24h-secretary": "sent",
    }  # fmt: skip


def test_what_a_step_asks_is_said_in_its_own_words(world: World) -> None:
    number = opened(world, STEP, due_at=FRIDAY + 8 * HOUR, what="lock the account")
    world.sweep(FRIDAY + 4 * HOUR)
    assert "Please lock the account. It is due by Saturday 21 November 2026 00:45 GMT (4 hours left)." in text(
        world, "duty_reminder"
    )
    assert the(world, number).due_on == date(2026, 11, 21)


def test_another_instant_moves_the_rungs_that_are_left(world: World) -> None:
    number = opened(world, STEP, due_at=FRIDAY + 8 * HOUR)
    world.sweep(FRIDAY + 4 * HOUR)
    with world.act() as session:
        duty = session.get_one(Obligation, number)
        set_due(session, FRIDAY + 5 * HOUR, protocol(session), duty, FRIDAY + 10 * HOUR)
    duty = the(world, number)
    assert (duty.due_at, duty.exact, duty.next_at) == (FRIDAY + 10 * HOUR, True, FRIDAY + 10 * HOUR)


def test_extended_to_a_day_it_has_time_until_its_end(world: World) -> None:
    """Also when that is the day on which it was due."""
    number = opened(world, STEP, due_at=FRIDAY + 2 * HOUR)
    for _ in range(2):  # the same order given twice
        with world.act() as session:
            duty = session.get_one(Obligation, number)
            extend(session, FRIDAY + HOUR, duty, date(2026, 11, 20), SECRETARY, "The supplier is asked.")
    duty = the(world, number)
    assert (duty.due_on, duty.due_at, duty.exact) == (date(2026, 11, 20), datetime(2026, 11, 21, tzinfo=UTC), False)
    assert duty.next_at == datetime(2026, 11, 20, 20, tzinfo=UTC), "four hours before midnight"
    row = world.only(History, History.what == "extended")
    assert (row.details["previous"], row.details["due_on"]) == ("2026-11-20T18:45:00+00:00", "2026-11-20")
    told = world.every(Message, col(Message.kind) == "duty_extended")
    assert len(told) == 2
    assert "earlier date: Friday 20 November 2026 18:45 GMT" in told[0].text


def test_an_earlier_day_is_no_extension(small_world: World) -> None:
    number = opened(small_world, STEP, due_at=MONDAY)
    with pytest.raises(NotLater), small_world.act() as session:
        extend(session, FRIDAY, session.get_one(Obligation, number), date(2026, 11, 22), SECRETARY, "No.")


def test_nobody_extends_or_waives_the_laws_own_hours(world: World) -> None:
    notice, telling = opened(world), opened(world, TELLING)
    later = date(2026, 11, 30)
    with pytest.raises(HoursAreTheLaws, match=r"72 hours are the law's.*reason why it is late"), world.act() as session:
        extend(session, FRIDAY, session.get_one(Obligation, notice), later, SECRETARY, "We are busy.")
    with pytest.raises(HoursAreTheLaws), world.act() as session:
        waive(session, FRIDAY, session.get_one(Obligation, notice), SECRETARY, "We are busy.")
    with pytest.raises(WithoutUndueDelay), world.act() as session:
        extend(session, FRIDAY, session.get_one(Obligation, telling), later, SECRETARY, "We are busy.")
    assert [the(world, each).due_at for each in (notice, telling)] == [MONDAY, MONDAY]
    assert world.every(Message) == []
    with pytest.raises(IsAnswered, match=r"people .* --not-required"), world.act() as session:
        waive(session, FRIDAY, session.get_one(Obligation, telling), SECRETARY, "The data was encrypted.")
    with world.act() as session:
        delegate(session, FRIDAY, session.get_one(Obligation, notice), SECRETARY, "On leave.")
    assert the(world, telling).outcome is None
    assert "Nobody can give more time for the notice" in " ".join(world.every(Message)[-1].text.split())


@pytest.mark.parametrize("kind", [ObligationKind.ASSESSMENT, STEP, NOTICE, TELLING, ObligationKind.TELLING_PARTNERS])
def test_a_protocol_from_before_breaches_were_followed_up_reminds_of_them_too(
    small_world: World, kind: ObligationKind
) -> None:
    """Its row names none of the new ladders, nor has its rungs hours."""
    with small_world.act() as session:
        of = session.get_one(Protocol, known_id(protocol(session)))
        old = {name: ladder for name, ladder in of.operating["ladders"].items() if name in KNOWN_BEFORE}
        for ladder in old.values():
            ladder["rungs"] = [{name: rung[name] for name in ("offset", "to", "key")} for rung in ladder["rungs"]]
        windows = {name: window for name, window in of.operating["windows"].items() if name not in NEW_WINDOWS}
        of.operating = {"windows": windows, "ladders": old}
        session.add(of)
    opened(small_world, kind)
    play(small_world, MONDAY + 3 * DAY)
    assert {kind for _, _, kind in said(small_world)} >= {"duty_reminder", "duties_escalated_to_secretary"}


KNOWN_BEFORE = {"feedback", "drafting", "advice", "decision", "signature", "confirmation", "implementation"}
NEW_WINDOWS = {"hold_review", "learning", "local_action"}
