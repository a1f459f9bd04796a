"""Reminders and escalation: the ladder, its outages, and one message a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from actions.clockwork import take_clock_step
from actions.contacts import correct_address
from actions.membership import join
from actions.owing import extend
from actions.reminding import remind_batch
from actions.review_feedback import give_feedback
from cli.clockwork import run_clock
from models import inserting
from models.history import History
from models.obligation import Obligation, ObligationKind, Reminder
from models.outbox import Heartbeat, Message, MessageAbout
from models.protocol import MatterKind
from rules.review import Step
from rules.working_days import Nation
from tasks.reminders import remind
from tests.actions.world import (
    CLOSES,
    OPENS,
    SECRETARY,
    World,
    add_party,
    at_once,
    contact_of,
    duty_of,
    party,
    protocol,
)

FEEDBACK = ObligationKind.FEEDBACK
# Due on Wednesday 31 March 2027, with Easter from 26 to 29 March: rungs stand on 15, 22, 25 and 30 March.
FIRST = datetime(2027, 3, 15, 9, tzinfo=UTC)
SECOND = datetime(2027, 3, 22, 9, tzinfo=UTC)
TO_DEPUTY = datetime(2027, 3, 25, 9, tzinfo=UTC)
TO_SECRETARY = datetime(2027, 3, 30, 8, tzinfo=UTC)  # nine in London, in summer time
RUNGS = ("before-10-owner", "before-5-owner", "before-2-deputy", "before-1-secretary")


def reminded(world: World, since: int = 0) -> list[tuple[str, str]]:
    """Who got which reminder, in the order in which they were queued."""
    kinds = ("duty_reminder", "duty_escalated_to_deputy", "duties_escalated_to_secretary")
    rows = world.every(Message, col(Message.kind).in_(kinds), col(Message.id) > since)
    return [(row.address.removesuffix(".example"), row.kind) for row in rows]


def rungs_of(world: World, slug: str) -> dict[str, str]:
    duty = world.only(Obligation, Obligation.key == f"review:1:feedback:{slug}")
    return {row.rung: row.outcome.value for row in world.every(Reminder, Reminder.obligation_id == duty.id)}


def about(world: World, kind: str) -> list[list[str]]:
    """The duties that each message of that kind speaks of."""
    keys = {duty.id: duty.key.rpartition(":")[2] for duty in world.every(Obligation)}
    return [
        [keys[row.obligation_id] for row in world.every(MessageAbout, MessageAbout.message_id == message.id)]
        for message in world.every(Message, Message.kind == kind)
    ]


def test_the_ladder_is_climbed_rung_by_rung_on_its_days(world: World) -> None:
    world.collecting()
    for at, expected in (
        (FIRST - timedelta(seconds=1), set()),
        (FIRST, {("lead.member@police", "duty_reminder")}),
        (SECOND, {("lead.member@police", "duty_reminder")}),
        (TO_DEPUTY, {("deputy@police", "duty_escalated_to_deputy")}),
        (TO_SECRETARY, {("secretary@westshire", "duties_escalated_to_secretary")}),
    ):
        newest = len(world.said())
        world.sweep(at)
        assert {each for each in reminded(world, newest) if "police" in each[0] or "westshire" in each[0]} >= expected
        if not expected:
            assert reminded(world, newest) == []
    assert rungs_of(world, "police") == dict.fromkeys(RUNGS, "sent")
    assert world.broken(TO_SECRETARY) == []


def test_only_those_who_still_owe_are_reminded(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "police"), "police", no_comments=True)
    small_world.sweep(FIRST)
    assert {address for address, _ in reminded(small_world)} == {
        f"lead.member@{slug}" for slug in ("fire", "trust", "council")
    }


def test_one_message_to_the_secretary_for_many_parties(world: World) -> None:
    world.collecting()
    for at in (FIRST, SECOND, TO_DEPUTY, TO_SECRETARY):
        world.sweep(at)
    to_secretary = [each for each in reminded(world) if each[1] == "duties_escalated_to_secretary"]
    assert len(to_secretary) == 2, "on the 25th for those without a deputy, on the 30th for all"
    first, second = about(world, "duties_escalated_to_secretary")
    assert sorted(first) == ["council", "fire"]
    assert sorted(second) == ["council", "fire", "police", "trust"]
    assert reminded(world).count(("deputy@police", "duty_escalated_to_deputy")) == 1


def test_an_engine_that_was_off_for_days_catches_up_with_one_message_a_person(world: World) -> None:
    world.collecting().sweep(datetime(2027, 3, 29, 12, tzinfo=UTC))
    assert rungs_of(world, "police") == {
        "before-10-owner": "skipped", "before-5-owner": "sent", "before-2-deputy": "sent"
    }  # fmt: skip
    people = [address for address, _ in reminded(world)]
    assert sorted(people) == sorted(set(people)), "one each"
    assert len(people) == 7, "four lead members, two deputies, the secretary"


def test_an_engine_that_was_off_past_the_deadline_sends_the_closing_note_only(world: World) -> None:
    world.collecting().sweep(CLOSES + timedelta(days=2))
    assert reminded(world) == []
    assert world.counts()["feedback_closed_unanswered"] == 4


def test_reminding_before_closing_past_the_deadline_says_due_soon_to_nobody(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        assert remind_batch(session, CLOSES) == 4
    assert reminded(small_world) == []
    assert set(rungs_of(small_world, "fire").values()) == {"skipped"}
    with small_world.act() as session:
        assert remind_batch(session, CLOSES) == 0


def test_the_same_sweep_twice_or_at_once_reminds_once(world: World) -> None:
    world.collecting()
    assert not [each for each in at_once(3, lambda: world.sweep(FIRST)) if isinstance(each, BaseException)]
    assert sorted(reminded(world)) == [(f"lead.member@{slug}", "duty_reminder") for slug in sorted(
        ("council", "fire", "police", "trust")
    )]  # fmt: skip
    before = world.rows()
    world.sweep(FIRST)
    assert world.rows() == before


def test_reminding_and_closing_at_once_do_not_wait_for_each_other(world: World) -> None:
    """Each once took the rows that the other had next: the database ended one of them."""
    world.collecting()

    def close() -> object:
        with world.act() as session:
            return take_clock_step(session, CLOSES, 1, Step.CLOSE_FEEDBACK)

    def remind() -> object:
        with world.act() as session:
            return remind_batch(session, CLOSES)

    todo = iter([close, remind, close, remind])
    assert not [each for each in at_once(4, lambda: next(todo)()) if isinstance(each, BaseException)]
    assert world.counts()["feedback_closed_unanswered"] == 4
    assert world.broken(CLOSES) == []


def test_a_clock_that_goes_back_takes_nothing_again(small_world: World) -> None:
    small_world.collecting().sweep(SECOND)
    before = small_world.rows()
    for at in (FIRST, OPENS, SECOND):
        small_world.sweep(at)
    assert small_world.rows() == before


@pytest.mark.parametrize("limit", [1, 3])
def test_a_batch_smaller_than_a_group_still_sends_one_message_a_person(world: World, limit: int) -> None:
    world.collecting()
    for at in (FIRST, SECOND, TO_DEPUTY, TO_SECRETARY):
        world.sweep(at, limit)
    assert [sorted(keys) for keys in about(world, "duties_escalated_to_secretary")] == [
        ["council", "fire"], ["council", "fire", "police", "trust"]
    ]  # fmt: skip
    assert set(rungs_of(world, "police").values()) == {"sent"}


def test_one_contact_who_answers_for_two_parties_gets_one_message(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        duty_of(session, FEEDBACK, "fire").contact_id = contact_of(session, "police").id or 0
    small_world.sweep(FIRST)
    assert ["fire", "police"] in [sorted(keys) for keys in about(small_world, "duty_reminder")]
    assert len(about(small_world, "duty_reminder")) == 3


def test_a_bounced_address_is_passed_over_and_deputy_and_secretary_still_hear(world: World) -> None:
    world.collecting()
    with world.act() as session:
        contact_of(session, "police").bounced_at = OPENS
    for at in (FIRST, SECOND, TO_DEPUTY, TO_SECRETARY):
        world.sweep(at)
    assert rungs_of(world, "police") == dict(
        zip(RUNGS, ("undeliverable", "undeliverable", "sent", "sent"), strict=True)
    )  # fmt: skip
    assert "lead.member@police" not in {address for address, _ in reminded(world)}
    assert ("deputy@police", "duty_escalated_to_deputy") in reminded(world)
    assert "reminder not sent: the address has bounced" in world.moves()


def test_a_corrected_address_goes_on_where_the_ladder_stands(world: World) -> None:
    world.collecting()
    with world.act() as session:
        contact_of(session, "police").bounced_at = OPENS
    world.sweep(FIRST)
    with world.act() as session:
        correct_address(session, FIRST, contact_of(session, "police"), "new@police.example", SECRETARY)
    world.sweep(SECOND)
    assert [kind for address, kind in reminded(world) if address == "new@police"] == ["duty_reminder"]
    assert rungs_of(world, "police") == {"before-10-owner": "undeliverable", "before-5-owner": "sent"}


def test_each_nation_has_its_own_working_days(small_world: World) -> None:
    with small_world.act() as session:
        add_party(session, protocol(session), "borders", "NHS Borders", nation=Nation.SCOTLAND)
    small_world.collecting()
    duties = {duty.key.rpartition(":")[2]: duty.next_at for duty in small_world.duties(FEEDBACK)}
    assert duties["police"] == FIRST
    assert duties["borders"] == datetime(2027, 3, 16, 9, tzinfo=UTC), "Easter Monday is a working day there"


def test_whoever_joins_late_is_not_sent_the_rungs_from_before(small_world: World) -> None:
    small_world.collecting()
    late = datetime(2027, 3, 23, 9, tzinfo=UTC)
    with small_world.act() as session:
        join(
            session, late, protocol(session), "borders", "NHS Borders", "nhs-trust", Nation.ENGLAND_AND_WALES,
            "lead.member@borders.example", SECRETARY,
        )  # fmt: skip
    small_world.sweep(late)
    assert rungs_of(small_world, "borders") == {"before-10-owner": "skipped", "before-5-owner": "skipped"}
    assert "lead.member@borders" not in {address for address, _ in reminded(small_world)}


def test_holidays_that_are_not_published_are_a_matter_and_hold_up_nobody_else(world: World) -> None:
    world.collecting()
    with world.act() as session:
        extend(session, OPENS, duty_of(session, FEEDBACK, "police"), date(2030, 4, 16), SECRETARY, "They meet in 2030.")
    world.sweep(FIRST)
    [matter] = world.matters()
    assert (matter.kind.value, "published from" in matter.sentence) == ("holidays", True)
    assert {address for address, _ in reminded(world)} == {
        f"lead.member@{slug}" for slug in ("council", "fire", "trust")
    }
    waiting = world.only(Obligation, Obligation.key == "review:1:feedback:police")
    assert waiting.next_at == FIRST + timedelta(days=1), "tomorrow again"
    world.sweep(FIRST + timedelta(days=1))
    assert len(world.matters()) == 1


def test_history_says_of_every_reminder_whom_it_went_to_and_about_what(small_world: World) -> None:
    small_world.collecting().sweep(FIRST)
    rows = small_world.every(History, History.what == "reminder queued")
    assert len(rows) == 4
    assert sorted(row.details["obligations"][0][0] for row in rows) == sorted(
        duty.key for duty in small_world.duties(FEEDBACK)
    )
    assert {row.who for row in rows} == {"clock"}


# One that cannot be reminded


def is_recorded_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database refuses the second row of a rung."""
    bad = world.only(Obligation, Obligation.key == "review:1:feedback:police").id

    def insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        twice = [row for row in rows if table is Reminder and row["obligation_id"] == bad]
        inserting.insert_all(session, table, [*rows, *twice])

    monkeypatch.setattr("actions.reminding.insert_all", insert_all)


def has_no_zone(world: World, _: pytest.MonkeyPatch) -> None:
    with world.act() as session:
        duty_of(session, FEEDBACK, "police").zone = "Europe/Lundon"


Fault = Callable[[World, pytest.MonkeyPatch], None]
FAULTS = pytest.mark.parametrize("fault", [is_recorded_twice, has_no_zone])
THE_OTHERS = sorted(f"lead.member@{slug}" for slug in ("council", "fire", "trust"))


def stuck(world: World) -> list[str]:
    return [matter.sentence for matter in world.matters() if matter.kind is MatterKind.CASE_STUCK]


@FAULTS
def test_a_duty_that_cannot_be_reminded_holds_up_no_other_and_the_secretary_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    world.collecting()
    fault(world, monkeypatch)
    for minutes in (0, 5):
        assert [*run_clock(world.store, FIRST + timedelta(minutes=minutes)).refused] == ["review:1"]
        assert sorted(address for address, _ in reminded(world)) == THE_OTHERS
        assert stuck(world) == ["Review 1 could not take the step that is due."]
        assert rungs_of(world, "police") == {}
    assert world.only(Heartbeat).ended_at == FIRST + timedelta(minutes=5)
    monkeypatch.undo()
    with world.act() as session:
        duty_of(session, FEEDBACK, "police").zone = "Europe/London"
    assert run_clock(world.store, FIRST + timedelta(minutes=10)).refused == {}
    assert rungs_of(world, "police") == {"before-10-owner": "sent"}
    assert world.broken(FIRST + timedelta(minutes=10)) == []


@FAULTS
def test_batches_behind_one_that_cannot_be_reminded_are_reached(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    world.collecting()
    fault(world, monkeypatch)
    with world.act() as session:
        duty_of(session, FEEDBACK, "police").next_at = OPENS
    passed_over: set[int] = set()
    batches = []
    for _ in range(5):
        done = remind(FIRST, passed_over, world.store, limit=1)
        passed_over |= done.stuck.keys()
        batches.append((done.looked_at, len(done.stuck)))
    assert batches == [(0, 1), (1, 0), (1, 0), (1, 0), (0, 0)]
    assert sorted(address for address, _ in reminded(world)) == THE_OTHERS


def test_a_database_that_is_away_ends_the_batch_and_is_nobodys_fault(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.collecting()
    asked = []

    def away(*_: object) -> None:
        asked.append(1)
        raise sa.exc.OperationalError("a statement", {}, OSError("the server closed it"))

    monkeypatch.setattr("actions.reminding.insert_all", away)
    with pytest.raises(sa.exc.OperationalError):
        run_clock(small_world.store, FIRST)
    assert len(asked) == 1
    assert stuck(small_world) == []
