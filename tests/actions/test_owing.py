"""Obligations: opened once, ended once, extended, waived, delegated; and everybody concerned is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.duties import discharge, open_obligation
from actions.owing import (
    AlreadyDischarged,
    HasPassed,
    NoDeputy,
    NoPartyOwesIt,
    NotLater,
    delegate,
    extend,
    waive,
)
from actions.reasons import ReasonNeeded
from actions.review_closing import close_feedback
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome, Reminder
from models.outbox import Message
from rules.instants import OutsideTheCalendar
from tests.actions.world import (
    CLOSES,
    OPENS,
    SECRETARY,
    World,
    at_once,
    contact_of,
    duty_of,
    party,
    protocol,
)

FEEDBACK = ObligationKind.FEEDBACK
APRIL = date(2027, 4, 16)
MARCH_16 = datetime(2027, 3, 16, 9, tzinfo=UTC)
Change = Callable[[Session, Obligation], None]


def extended(
    world: World, slug: str = "police", to: date = APRIL, at: datetime = OPENS, why: str = "They meet."
) -> None:
    with world.act() as session:
        extend(session, at, duty_of(session, FEEDBACK, slug), to, SECRETARY, why)


def feedback_of(world: World, slug: str) -> Obligation:
    return world.only(Obligation, Obligation.key == f"review:1:feedback:{slug}")


def test_an_obligation_is_opened_once_whoever_tries(world: World) -> None:
    def open_it() -> int | None:
        with world.act() as session:
            opened = open_obligation(
                session, OPENS, protocol(session), key="review:9:feedback:fire", case="review:9", kind=FEEDBACK,
                contact=contact_of(session, "fire"), party=party(session, "fire"), due_on=APRIL,
            )  # fmt: skip
            return opened.id if opened else None

    found = at_once(3, open_it)
    assert [each for each in found if isinstance(each, int)] == [world.only(Obligation).id]
    assert found.count(None) == 2
    assert world.only(Obligation).next_at == datetime(2027, 4, 2, 8, tzinfo=UTC), "ten working days before, at nine"


def test_ending_twice_keeps_how_it_ended_first(world: World) -> None:
    world.collecting()
    with world.act() as session:
        duty = duty_of(session, FEEDBACK, "fire")
        assert discharge(session, OPENS, [duty], Outcome.ANSWERED, "fire", "Said so.") == 1
        assert discharge(session, CLOSES, [duty], Outcome.LAPSED, "clock") == 0
    ended = feedback_of(world, "fire")
    assert (ended.outcome, ended.discharged_at, ended.discharged_by) == (Outcome.ANSWERED, OPENS, "fire")
    assert (ended.next_at, len(world.every(Narrative))) == (None, 1)


# More time


def test_an_extension_gives_a_later_day_with_its_reason_and_tells_lead_member_and_deputy(world: World) -> None:
    world.collecting()
    extended(world)
    duty = feedback_of(world, "police")
    assert (duty.due_on, duty.due_at) == (APRIL, datetime(2027, 4, 16, 23, tzinfo=UTC))
    told = world.every(Message, Message.kind == "duty_extended")
    assert [message.address for message in told] == ["lead.member@police.example", "deputy@police.example"]
    assert "They meet." in told[0].text
    row = world.only(History, History.what == "extended")
    assert row.details == {"obligation": duty.key, "previous": "2027-03-31", "due_on": "2027-04-16"}
    assert row.why_sha256
    before = world.rows()
    extended(world)
    assert world.rows() == before, "the same order given twice"


def test_the_calendar_entry_of_the_invitation_moves(small_world: World) -> None:
    small_world.collecting()
    extended(small_world)
    extended(small_world, to=date(2027, 4, 30))
    entries = [
        {line.partition(":")[0]: line.partition(":")[2] for line in (message.calendar or "").splitlines()}
        for message in small_world.every(Message, col(Message.key).contains("feedback:police"))
        if message.address.startswith("lead")
    ]
    assert len({entry["UID"] for entry in entries}) == 1
    sequences = [int(entry["SEQUENCE"]) for entry in entries]
    assert sequences == sorted(set(sequences))
    assert [entry["DTSTART;VALUE=DATE"] for entry in entries] == ["20270331", "20270416", "20270430"]


@pytest.mark.parametrize(
    ("to", "at", "why", "error"),
    [
        (date(2027, 3, 30), OPENS, "x", NotLater),
        (date(2027, 4, 1), datetime(2027, 4, 2, tzinfo=UTC), "x", HasPassed),
        (APRIL, OPENS, " ", ReasonNeeded),
        (date(9999, 12, 31), OPENS, "x", OutsideTheCalendar),
    ],
)
def test_what_is_no_extension(small_world: World, to: date, at: datetime, why: str, error: type[Exception]) -> None:
    small_world.collecting()
    before = small_world.rows()
    with pytest.raises(error):
        extended(small_world, to=to, at=at, why=why)
    assert small_world.rows() == before
    assert feedback_of(small_world, "police").due_on == date(2027, 3, 31)


def test_a_rung_that_was_taken_is_not_taken_again_after_an_extension(world: World) -> None:
    world.collecting().sweep(MARCH_16)
    extended(world, at=MARCH_16)
    assert feedback_of(world, "police").next_at == datetime(2027, 4, 9, 8, tzinfo=UTC), "the second rung, not the first"
    for day in (2, 9, 12, 14, 16):
        world.sweep(datetime(2027, 4, day, 9, tzinfo=UTC))
    duty = feedback_of(world, "police")
    taken = [row.rung for row in world.every(Reminder, Reminder.obligation_id == duty.id)]
    assert taken == ["before-10-owner", "before-5-owner", "before-2-deputy", "before-1-secretary"]


def test_an_extension_beyond_the_published_bank_holidays_is_granted(small_world: World) -> None:
    small_world.collecting()
    extended(small_world, to=date(2030, 1, 15))
    assert feedback_of(small_world, "police").next_at == OPENS + timedelta(days=1)


# A waiver


def test_a_waiver_ends_it_with_its_reason_and_tells_them_once(world: World) -> None:
    world.collecting()
    with world.act() as session:
        duty = duty_of(session, FEEDBACK, "trust")
        with pytest.raises(ReasonNeeded):
            waive(session, OPENS, duty, SECRETARY, "")
        for _ in range(2):
            waive(session, OPENS, duty, SECRETARY, "It is being dissolved.")
    ended = feedback_of(world, "trust")
    assert (ended.outcome, ended.next_at) == (Outcome.WAIVED, None)
    assert [row.address for row in world.every(Message, Message.kind == "duty_waived")] == [
        "lead.member@trust.example", "deputy@trust.example"
    ]  # fmt: skip
    assert world.moves().count("waived") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda session, duty: extend(session, OPENS, duty, APRIL, SECRETARY, "x"),
        lambda session, duty: waive(session, OPENS, duty, SECRETARY, "x"),
        lambda session, duty: delegate(session, OPENS, duty, SECRETARY, "x"),
    ],
    ids=["extend", "waive", "delegate"],
)
def test_what_was_answered_is_not_changed_any_more(small_world: World, change: Change) -> None:
    """Also where the caller read the row before somebody else ended it."""
    small_world.collecting()
    with small_world.read() as session:
        stale = duty_of(session, FEEDBACK, "police")
        session.expunge(stale)
    with small_world.act() as session:
        discharge(session, OPENS, [duty_of(session, FEEDBACK, "police")], Outcome.ANSWERED, "police")
    with small_world.act() as session:
        session.add(stale)
        with pytest.raises(
            AlreadyDischarged, match=r"^Nothing is owed any more: review:1:feedback:police was answered"
        ):
            change(session, stale)


# Somebody else


def test_a_duty_that_is_delegated_is_the_deputys_and_both_are_told(world: World) -> None:
    world.collecting()
    with world.act() as session:
        duty = duty_of(session, FEEDBACK, "police")
        for _ in range(2):
            delegate(session, OPENS, duty, SECRETARY, "The lead member is on leave.")
    told = world.every(Message, Message.kind == "duty_delegated")
    assert [(row.address, row.only_while_owed) for row in told] == [
        ("lead.member@police.example", False), ("deputy@police.example", True)
    ]  # fmt: skip
    world.sweep(MARCH_16)
    reminded = {row.address for row in world.every(Message, Message.kind == "duty_reminder")}
    assert "deputy@police.example" in reminded
    assert "lead.member@police.example" not in reminded


def test_a_delegated_duty_whose_two_rungs_come_together_is_one_reminder(world: World) -> None:
    """The deputy is owner and deputy at once: naming the duty twice in one message once broke the whole batch."""
    world.collecting()
    with world.act() as session:
        delegate(session, OPENS, duty_of(session, FEEDBACK, "police"), SECRETARY, "On leave.")
    world.sweep(datetime(2027, 3, 29, 9, tzinfo=UTC))
    asked = world.every(Message, Message.address == "deputy@police.example", Message.kind == "duty_reminder")
    assert len(asked) == 1
    duty = feedback_of(world, "police")
    taken = {row.rung: row.outcome.value for row in world.every(Reminder, Reminder.obligation_id == duty.id)}
    assert taken == {"before-10-owner": "skipped", "before-5-owner": "sent", "before-2-deputy": "sent"}


def test_without_a_deputy_or_a_party_there_is_nobody_to_delegate_to(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        with pytest.raises(NoDeputy, match="Westshire Fire has named no deputy"):
            delegate(session, OPENS, duty_of(session, FEEDBACK, "fire"), SECRETARY, "On leave.")
        close_feedback(session, OPENS, 1, SECRETARY)
        with pytest.raises(NoPartyOwesIt, match="Only what a party owes can be delegated"):
            delegate(session, OPENS, duty_of(session, ObligationKind.DRAFTING), SECRETARY, "On leave.")


def test_a_delegated_duty_that_is_extended_is_told_to_both(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        delegate(session, OPENS, duty_of(session, FEEDBACK, "police"), SECRETARY, "On leave.")
    extended(small_world)
    told = {row.address for row in small_world.every(Message, Message.kind == "duty_extended")}
    assert told == {"lead.member@police.example", "deputy@police.example"}


# At once


def test_whatever_is_done_to_one_duty_at_once_is_done_one_after_the_other(world: World) -> None:
    """In every order, and with the clock beside: nobody waits for somebody who waits for them."""
    world.collecting()

    def number() -> int:
        with world.read() as session:
            return known_id(duty_of(session, FEEDBACK, "police"))

    police = number()

    def on_duty(change: Change) -> Callable[[], None]:
        def run() -> None:
            with world.act() as session:
                change(session, session.exec(select(Obligation).where(Obligation.id == police)).one())

        return run

    todo = iter(
        [
            on_duty(lambda session, duty: extend(session, MARCH_16, duty, APRIL, SECRETARY, "x")),
            on_duty(lambda session, duty: delegate(session, MARCH_16, duty, SECRETARY, "x")),
            on_duty(lambda session, duty: waive(session, MARCH_16, duty, SECRETARY, "x")),
            lambda: world.sweep(MARCH_16),
            lambda: world.sweep(CLOSES),
        ]
    )
    failed = [each for each in at_once(5, lambda: next(todo)()) if isinstance(each, BaseException)]
    assert all(isinstance(each, AlreadyDischarged | HasPassed | NotLater) for each in failed), failed
    assert feedback_of(world, "police").outcome in (Outcome.WAIVED, Outcome.LAPSED)
    assert world.broken(CLOSES) == []
