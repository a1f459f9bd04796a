"""From being queued to being settled: one row per key, and nothing lost between workers."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from actions.resolving import try_again
from models.outbox import Delivery, MessageAbout
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Matter, MatterKind
from models.store import transaction
from notifications.claiming import LEASE, begin_sending, claim, pause, put_back, release_expired
from notifications.doubt import ATTEMPTS_AT_MOST
from notifications.outbox import NotQueued, why_not_queued
from notifications.settling import (
    FIRST_WAIT,
    GIVE_UP_AFTER,
    LONGEST_WAIT,
    TRIES_AT_LEAST,
    Accepted,
    Deferred,
    Failed,
    InDoubt,
    Result,
    Untried,
    settle,
    wait_before,
)
from tests.notifications.outbox_world import CASE, NOW, World, make_world

LATER = NOW + LEASE + timedelta(seconds=1)
LONG_AFTER = NOW + GIVE_UP_AFTER + timedelta(days=1)


@pytest.fixture
def world(store: sa.Engine) -> World:
    return make_world(store)


def begun(world: World, worker: str = "a", limit: int = 10) -> list[OutboxRow]:
    """Claimed and begun, as a worker does it before it speaks to the server."""
    with transaction(world.store) as session:
        ids = claim(session, NOW, worker, limit)
    with transaction(world.store) as session:
        return begin_sending(session, NOW, ids, worker)


def settled(world: World, *results: Result, worker: str = "a", at=NOW) -> dict[str, int]:  # type: ignore[no-untyped-def]
    with transaction(world.store) as session:
        return settle(session, at, worker, results)


def accepted(row: OutboxRow) -> Accepted:
    return Accepted(id=row.id or 0, attempts=row.attempts, said="250 2.0.0 Ok: queued as 4F1")


def deferred(row: OutboxRow) -> Deferred:
    return Deferred(id=row.id or 0, attempts=row.attempts, said="451 4.7.1 Greylisted")


def in_doubt(row: OutboxRow) -> InDoubt:
    return InDoubt(id=row.id or 0, attempts=row.attempts, said="Connection lost")


def failed(row: OutboxRow, address: bool) -> Failed:
    return Failed(id=row.id or 0, attempts=row.attempts, said="550 5.1.1 No such user", address_refused=address)


def tried_before(world: World, times: int) -> None:
    with transaction(world.store) as session:
        session.exec(select(OutboxRow)).one().attempts = times


# Queueing


def test_a_key_is_queued_once(world: World) -> None:
    first, second = world.queue(0), world.queue(0)
    assert first is not None
    assert second is None
    assert len(world.rows()) == 1


def test_the_row_holds_all_that_delivery_needs(world: World) -> None:
    row = world.queue(0)
    assert row is not None
    assert (row.kind, row.case, row.address) == ("duty_reminder", CASE, "lead@party-0.example")
    assert row.reply_to == "secretary@isp-bedfordshire.example"
    assert row.subject.startswith("[review:12] ")
    assert row.message_id.endswith("@demonstration.example>")
    with transaction(world.store) as session:
        about = session.exec(select(MessageAbout)).all()
    assert [(link.message_id, link.obligation_id) for link in about] == [(row.id, world.duties[0].id)]


def test_the_message_id_is_fixed_by_the_key(world: World) -> None:
    one, other = world.queue(0), world.queue(1)
    assert one is not None
    assert other is not None
    assert one.message_id != other.message_id
    with transaction(world.store) as session:
        session.execute(sa.delete(MessageAbout))
        session.execute(sa.delete(OutboxRow))
    again = world.queue(0)
    assert again is not None
    assert again.message_id == one.message_id


def test_a_bounced_address_gets_nothing_and_the_reason_is_a_value(world: World) -> None:
    with transaction(world.store) as session:
        session.get_one(Contact, world.contacts[0].id).bounced_at = NOW
    assert world.queue(0) is None
    assert world.rows() == []
    with transaction(world.store) as session:
        to = session.get_one(Contact, world.contacts[0].id)
        assert why_not_queued(session, to=to, key="new") is NotQueued.ADDRESS_BOUNCED


def test_why_not_tells_what_was_said_before_from_what_can_be_said(world: World) -> None:
    world.queue(0, key="known")
    with transaction(world.store) as session:
        to = session.get_one(Contact, world.contacts[0].id)
        assert why_not_queued(session, to=to, key="known") is NotQueued.ALREADY_SAID
        assert why_not_queued(session, to=to, key="new") is None


def test_only_while_owed_without_a_duty_would_never_be_sent_and_is_refused(world: World) -> None:
    from notifications.outbox import queue
    from tests.notifications.examples import EXAMPLES

    with transaction(world.store) as session, pytest.raises(ValueError, match="only_while_owed"):
        queue(
            session,
            NOW,
            EXAMPLES[0],
            to=world.contacts[0],
            key="k",
            case=CASE,
            protocol=world.protocol,
            only_while_owed=True,
        )


# Claiming


def test_the_longest_due_are_claimed_first_and_only_what_is_due(world: World) -> None:
    for number in range(3):
        world.queue(number)
    with transaction(world.store) as session:
        rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
        rows[0].next_attempt_at = NOW + timedelta(minutes=1)
        rows[2].next_attempt_at = NOW - timedelta(minutes=1)
    with transaction(world.store) as session:
        assert claim(session, NOW, "a", 10) == [rows[2].id, rows[1].id]


def test_what_one_worker_has_claimed_another_does_not_get(world: World) -> None:
    world.queue(0)
    world.queue(1)
    with transaction(world.store) as session:
        assert len(claim(session, NOW, "a", 1)) == 1
    with transaction(world.store) as session:
        assert len(claim(session, NOW, "b", 10)) == 1
    with transaction(world.store) as session:
        assert claim(session, NOW, "c", 10) == []


def test_two_workers_claiming_at_once_share_without_waiting(world: World) -> None:
    """On PostgreSQL the first transaction is still open; on SQLite the second waits for its turn."""
    for number in range(3):
        for copy in range(20):
            world.queue(number, key=f"{number}-{copy}")
    got: dict[str, list[int]] = {}
    together = threading.Barrier(4)

    def work(worker: str) -> None:
        together.wait()
        while True:
            with transaction(world.store) as session:
                ids = claim(session, NOW, worker, 5)
            got.setdefault(worker, []).extend(ids)
            if not ids:
                return

    workers = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    everything = [number for ids in got.values() for number in ids]
    assert len(everything) == len(set(everything)) == 60


def test_on_postgresql_a_claim_does_not_wait_for_an_open_one(world: World) -> None:
    if world.store.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    world.queue(0)
    world.queue(1)
    with transaction(world.store) as first:
        mine = claim(first, NOW, "a", 1)
        with transaction(world.store) as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            theirs = claim(second, NOW, "b", 10)
    assert len(mine) == len(theirs) == 1
    assert mine != theirs


def test_what_has_been_answered_before_it_is_claimed_is_withdrawn(world: World) -> None:
    world.queue(0, only_while_owed=True)
    world.queue(1, only_while_owed=True)
    world.answer(0)
    assert [row.key for row in begun(world)] == ["review:12:reminder:party-1"]
    assert world.states() == [Delivery.WITHDRAWN, Delivery.SENDING]


def test_what_has_been_answered_is_not_even_claimed(world: World) -> None:
    world.queue(0, only_while_owed=True)
    world.answer(0)
    with transaction(world.store) as session:
        assert claim(session, NOW, "a", 10) == []
    assert world.states() == [Delivery.WITHDRAWN]


def test_what_has_been_answered_after_the_claim_is_withdrawn_too(world: World) -> None:
    world.queue(0, only_while_owed=True)
    with transaction(world.store) as session:
        ids = claim(session, NOW, "a", 10)
    world.answer(0)
    with transaction(world.store) as session:
        assert begin_sending(session, NOW, ids, "a") == []
    assert world.states() == [Delivery.WITHDRAWN]


def test_a_message_that_is_no_reminder_is_sent_although_all_is_answered(world: World) -> None:
    world.queue(0, only_while_owed=False)
    world.answer(0)
    assert len(begun(world)) == 1


def test_a_claim_that_ran_out_goes_back_to_the_queue(world: World) -> None:
    world.queue(0)
    with transaction(world.store) as session:
        ids = claim(session, NOW, "dead", 10)
    with transaction(world.store) as session:
        assert claim(session, LATER, "alive", 10) == ids
    with transaction(world.store) as session:
        assert begin_sending(session, LATER, ids, "dead") == []
        assert len(begin_sending(session, LATER, ids, "alive")) == 1
    assert world.rows()[0].in_doubt_at is None


def test_our_own_lease_that_ran_out_is_not_used(world: World) -> None:
    world.queue(0)
    with transaction(world.store) as session:
        ids = claim(session, NOW, "a", 10)
    with transaction(world.store) as session:
        assert begin_sending(session, LATER, ids, "a") == []


def test_a_reminder_left_in_the_middle_of_sending_is_sent_again_and_listed(world: World) -> None:
    world.queue(0)
    begun(world, "dead")
    with transaction(world.store) as session:
        assert len(claim(session, LATER, "alive", 10)) == 1
    row = world.rows()[0]
    assert (row.state, row.in_doubt_at) == (Delivery.CLAIMED, LATER)


def test_a_notice_left_in_the_middle_of_sending_waits_for_a_person(world: World) -> None:
    world.queue(0, resend_in_doubt=False)
    begun(world, "dead")
    with transaction(world.store) as session:
        assert claim(session, LATER, "alive", 10) == []
    row = world.rows()[0]
    assert (row.state, row.in_doubt_at, row.settled_at) == (Delivery.IN_DOUBT, LATER, LATER)
    with transaction(world.store) as session:
        matter = session.exec(select(Matter)).one()
    assert matter.kind is MatterKind.IN_DOUBT
    assert "Party 0 (lead member)" in matter.sentence


def test_what_is_put_back_is_due_again_and_not_in_doubt(world: World) -> None:
    world.queue(0)
    with transaction(world.store) as session:
        ids = claim(session, NOW, "a", 10)
        put_back(session, NOW, ids, "somebody else")
        assert session.exec(select(OutboxRow.state)).all() == [Delivery.CLAIMED]
        put_back(session, NOW, ids, "a")
    row = world.rows()[0]
    assert (row.state, row.leased_by, row.in_doubt_at, row.next_attempt_at) == (Delivery.QUEUED, None, None, NOW)


def test_a_pause_holds_everything_back_and_says_why(world: World) -> None:
    world.queue(0)
    until = NOW + timedelta(minutes=5)
    with transaction(world.store) as session:
        pause(session, until, "the mail server cannot be used")
    with transaction(world.store) as session:
        assert claim(session, until - timedelta(seconds=1), "a", 10) == []
        assert len(claim(session, until, "a", 10)) == 1
    assert world.rows()[0].answer == "the mail server cannot be used"


# Settling


def test_a_250_ends_it(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    assert settled(world, accepted(row)) == {"accepted": 1}
    row = world.rows()[0]
    assert (row.state, row.settled_at, row.attempts) == (Delivery.ACCEPTED, NOW, 1)
    assert row.answer == "250 2.0.0 Ok: queued as 4F1"


def test_a_4xx_is_tried_again_after_a_while(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    settled(world, deferred(row))
    row = world.rows()[0]
    assert row.state is Delivery.QUEUED
    assert NOW + FIRST_WAIT * 0.8 < row.next_attempt_at <= NOW + FIRST_WAIT
    assert row.answer == "451 4.7.1 Greylisted"


def test_after_five_days_of_4xx_the_secretary_is_asked_to_tell_them_another_way(world: World) -> None:
    world.queue(0)
    tried_before(world, TRIES_AT_LEAST - 1)
    [row] = begun(world)
    settled(world, deferred(row), at=LONG_AFTER)
    assert world.states() == [Delivery.FAILED]
    with transaction(world.store) as session:
        matter = session.exec(select(Matter)).one()
        assert session.get_one(Contact, row.contact_id).bounced_at is None
    assert matter.kind is MatterKind.UNREACHABLE
    assert "451 4.7.1 Greylisted" in matter.sentence


def test_after_an_outage_of_six_days_a_4xx_is_not_the_last_word(world: World) -> None:
    world.queue(0)
    with transaction(world.store) as session:
        [row] = begin_sending(session, LONG_AFTER, claim(session, LONG_AFTER, "a", 1), "a")
    assert settled(world, deferred(row), at=LONG_AFTER) == {"queued": 1}
    assert world.rows()[0].attempts == 1


def test_what_is_tried_again_by_hand_is_tried_as_often_as_at_first(world: World) -> None:
    world.queue(0)
    tried_before(world, TRIES_AT_LEAST - 1)
    [row] = begun(world)
    settled(world, deferred(row), at=LONG_AFTER)
    with transaction(world.store) as session:
        try_again(session, LONG_AFTER, row.id or 0, "secretary")
    with transaction(world.store) as session:
        [row] = begin_sending(session, LONG_AFTER, claim(session, LONG_AFTER, "a", 1), "a")
    assert settled(world, deferred(row), at=LONG_AFTER) == {"queued": 1}


def test_what_is_tried_so_often_was_tried_for_hours() -> None:
    waits = [wait_before(attempt, "key") for attempt in range(2, TRIES_AT_LEAST + 1)]
    assert timedelta(hours=7) < sum(waits, timedelta()) < timedelta(hours=10)


def test_an_address_that_is_refused_stops_its_ladder_and_becomes_work(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    assert settled(world, failed(row, address=True)) == {"failed": 1}
    with transaction(world.store) as session:
        assert session.get_one(Contact, row.contact_id).bounced_at == NOW
        matter = session.exec(select(Matter)).one()
        told = session.exec(select(OutboxRow).where(OutboxRow.kind == "address_bounced")).one()
    assert matter.kind is MatterKind.BOUNCE
    assert "lead@party-0.example" in matter.sentence
    assert "`concordat contact correct party-0 lead-member ADDRESS`" in matter.todo
    assert told.address == "secretary@isp-bedfordshire.example"
    assert world.queue(0, key="next reminder") is None


def test_two_messages_to_one_dead_address_are_one_piece_of_work(world: World) -> None:
    world.queue(0, key="one")
    world.queue(0, key="two")
    one, two = begun(world)
    settled(world, failed(one, address=True), failed(two, address=True))
    with transaction(world.store) as session:
        assert len(session.exec(select(Matter)).all()) == 1
    assert [row.state for row in world.rows()][:2] == [Delivery.FAILED, Delivery.FAILED]


def test_a_message_that_is_refused_for_its_content_leaves_the_address_alone(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    settled(world, failed(row, address=False))
    with transaction(world.store) as session:
        assert session.get_one(Contact, row.contact_id).bounced_at is None
        assert session.exec(select(Matter)).one().kind is MatterKind.UNREACHABLE


def test_the_secretary_s_own_dead_address_is_not_written_to(world: World) -> None:
    with transaction(world.store) as session:
        session.get_one(Contact, world.contacts[0].id).role = world.secretary.role
        session.delete(session.get_one(Contact, world.secretary.id))
    world.queue(0)
    [row] = begun(world)
    settled(world, failed(row, address=True))
    assert len(world.rows()) == 1
    with transaction(world.store) as session:
        assert session.exec(select(Matter)).one().kind is MatterKind.BOUNCE


def test_a_reminder_in_doubt_is_sent_again_and_stays_listed_when_accepted(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    settled(world, in_doubt(row))
    row = world.rows()[0]
    assert (row.state, row.in_doubt_at) == (Delivery.QUEUED, NOW)
    with transaction(world.store) as session:
        again = begin_sending(session, LATER, claim(session, LATER, "a", 1), "a")
    settled(world, accepted(again[0]), at=LATER)
    row = world.rows()[0]
    assert (row.state, row.in_doubt_at, row.attempts) == (Delivery.ACCEPTED, NOW, 2)


def test_a_server_that_never_answers_does_not_get_copy_after_copy(world: World) -> None:
    world.queue(0)
    at = NOW
    for _ in range(ATTEMPTS_AT_MOST):
        with transaction(world.store) as session:
            [row] = begin_sending(session, at, claim(session, at, "a", 1), "a")
            settle(session, at, "a", [in_doubt(row)])
        at += LONGEST_WAIT
    assert world.states() == [Delivery.IN_DOUBT]


def test_a_reminder_that_was_put_off_often_is_sent_again_after_its_first_doubt_and_not_after_its_second(
    world: World,
) -> None:
    world.queue(0)
    at = NOW
    states = []
    for result in (*[deferred] * ATTEMPTS_AT_MOST, in_doubt, in_doubt):
        with transaction(world.store) as session:
            [row] = begin_sending(session, at, claim(session, at, "a", 1), "a")
            settle(session, at, "a", [result(row)])
        at += LONGEST_WAIT
        states += world.states()
    assert states == [Delivery.QUEUED] * (ATTEMPTS_AT_MOST + 1) + [Delivery.IN_DOUBT]


def test_what_was_not_tried_counts_no_attempt(world: World) -> None:
    world.queue(0)
    [row] = begun(world)
    until = NOW + timedelta(minutes=5)
    settled(world, Untried(id=row.id or 0, attempts=row.attempts, said="closed", until=until))
    row = world.rows()[0]
    assert (row.state, row.attempts, row.next_attempt_at) == (Delivery.QUEUED, 0, until)


def test_a_worker_that_lost_its_lease_overwrites_nothing(world: World) -> None:
    world.queue(0)
    [row] = begun(world, "slow")
    with transaction(world.store) as session:
        [again] = begin_sending(session, LATER, claim(session, LATER, "quick", 1), "quick")
    for result in (accepted(row), deferred(row), failed(row, address=True), in_doubt(row)):
        assert settled(world, result, worker="slow", at=LATER) == {"lease lost": 1}
    assert world.states() == [Delivery.SENDING]
    assert settled(world, accepted(again), worker="quick", at=LATER) == {"accepted": 1}
    assert settled(world, deferred(again), worker="quick", at=LATER) == {"lease lost": 1}
    assert world.states() == [Delivery.ACCEPTED]


def test_only_the_worker_that_holds_the_lease_settles(world: World) -> None:
    world.queue(0)
    [row] = begun(world, "holder")
    assert settled(world, accepted(row), worker="other") == {"lease lost": 1}
    assert settled(world, accepted(row), worker="holder") == {"accepted": 1}


def test_a_250_that_comes_late_ends_the_doubt_before_a_second_copy_goes(world: World) -> None:
    world.queue(0)
    world.queue(1, resend_in_doubt=False)
    one, two = begun(world, "slow")
    with transaction(world.store) as session:
        ids = claim(session, LATER, "other", 10)
        put_back(session, LATER, ids, "other")
    assert settled(world, accepted(one), accepted(two), worker="slow", at=LATER) == {"accepted": 2}
    assert world.states() == [Delivery.ACCEPTED, Delivery.ACCEPTED]
    assert all(row.in_doubt_at for row in world.rows())


def test_a_250_that_comes_late_closes_the_matter_that_nobody_knew_and_no_other(world: World) -> None:
    for number in (0, 1):
        world.queue(number, resend_in_doubt=False)
    known, other = begun(world, "slow")
    with transaction(world.store) as session:
        release_expired(session, LATER)
    with transaction(world.store) as session:
        assert len(session.exec(select(Matter).where(col(Matter.closed_at).is_(None))).all()) == 2
    assert settled(world, accepted(known), worker="slow", at=LATER) == {"accepted": 1}
    assert world.states() == [Delivery.ACCEPTED, Delivery.IN_DOUBT]
    with transaction(world.store) as session:
        closed, still_open = session.exec(select(Matter).order_by(col(Matter.id))).all()
    assert (closed.closed_at, still_open.closed_at) == (LATER, None)
    assert f"outbox resolve {other.id} sent" in still_open.todo


@given(st.text(max_size=30), st.integers(2, 200))
def test_the_wait_grows_stays_below_four_hours_and_is_the_same_each_time(key: str, attempt: int) -> None:
    wait = wait_before(attempt, key)
    assert wait == wait_before(attempt, key)
    assert FIRST_WAIT * 0.8 <= wait <= LONGEST_WAIT
    assert wait_before(attempt + 2, key) > wait or wait > LONGEST_WAIT * 0.79
