"""What the clock does by the hundred: few statements, whole or not at all, and said once by however many sweeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import contact_at, known_id, read_contacts
from actions.complaints.settling import complaints_due, take_due_steps
from actions.proposals import Proposed
from actions.reminding import remind_batch
from actions.review_asking import ask_everybody
from actions.review_closing import close_feedback
from actions.review_concluding import cancel, conclude
from actions.review_deciding import decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_opening import open_annual, open_extraordinary
from actions.review_overview import review_view
from actions.review_signing import adopt
from models import history
from models.history import History
from models.obligation import Obligation, ObligationKind, Reminder
from models.outbox import Message, MessageAbout
from models.protocol import Contact, Party, Role, Signature, SignatureKind
from models.review import DecisionOutcome, Magnitude, Review
from rules.complaint import Stage
from tests.actions.complaint_world import WEDNESDAY, acknowledged, complaint
from tests.actions.databases import on_both
from tests.actions.test_reminding import FIRST
from tests.actions.world import CLAUSES, NOVEMBER, OPENS, SECRETARY, World, made_by, protocol

MANY = 120


@contextmanager
def statements(store: sa.Engine) -> Iterator[list[str]]:
    """However many rows one of them writes, it is one."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    sa.event.listen(store, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(store, "before_cursor_execute", note)


def asked_of(world: World, work: Callable[[Session], object]) -> int:
    with statements(world.store) as found, world.act() as session:
        work(session)
    return len(found)


def add_parties(world: World, count: int) -> None:
    """Each with a lead member."""
    with world.act() as session:
        of = protocol(session)
        parties = [
            Party(protocol_id=known_id(of), slug=f"body-{n}", name=f"Body {n}", kind="other", nation=of.nation)
            for n in range(count)
        ]
        session.add_all(parties)
        session.flush()
        for each in parties:
            address = f"lead@{each.slug}.example"
            session.add(
                Contact(protocol_id=known_id(of), party_id=each.id, role=Role.LEAD_MEMBER, address=address)
            )  # fmt: skip


def left(world: World) -> tuple[int, ...]:
    """What a batch of reminders writes, and what is still due."""
    due = col(Obligation.next_at) <= FIRST
    tables = (Message, MessageAbout, Reminder, History)
    return (*(len(world.every(table)) for table in tables), len(world.every(Obligation, due)))


# Few statements


@on_both
def test_many_are_asked_and_reminded_in_as_many_statements_as_a_few(world: World) -> None:
    def ask(session: Session) -> None:
        ask_everybody(session, OPENS, protocol(session), session.get_one(Review, 1))

    few = world.scheduled()
    with world.act() as session:
        open_annual(session, NOVEMBER, protocol(session), SECRETARY)
    asked = asked_of(few, ask)  # all of them have been: what it takes to see that
    reminded = asked_of(few, lambda session: remind_batch(session, FIRST))
    add_parties(few, MANY)
    with world.act() as session:
        due_on = session.get_one(Review, 1).due_on
    assert asked_of(few, ask) <= asked + 6
    assert len(few.duties(ObligationKind.FEEDBACK)) == MANY + 4
    with world.act() as session:
        session.execute(sa.update(Obligation).where(col(Obligation.due_on) == due_on).values(next_at=FIRST))
    assert asked_of(few, lambda session: remind_batch(session, FIRST)) <= reminded + 6


@on_both
def test_a_review_of_many_ends_in_as_many_statements_as_one_of_a_few(world: World) -> None:
    """It took a second for a hundred parties, in one transaction: with five thousand nobody could report a breach."""
    few = {**signed_by_all(world), **said_by_nobody(world)}
    add_parties(world, MANY)
    many = {**signed_by_all(world), **said_by_nobody(world)}
    assert {what: count for what, count in many.items() if count > few[what] + 8} == {}
    assert len(world.said("signature_requested")) == len(world.said("confirmation_requested")) == MANY + 8
    assert len(world.said("duty_waived")) == MANY + 12, "two parties have a deputy, who is told too"
    assert len(world.said("feedback_closed_unanswered")) == len(world.said("review_cancelled")) == MANY + 8
    assert world.broken(NOVEMBER) == []


@on_both
def test_the_page_of_a_review_with_many_proposals_takes_as_many_statements_as_one_with_a_few(world: World) -> None:
    def add(count: int) -> None:
        with world.act() as session:
            for number in range(count):
                words = Proposed(clause="12-security", wording=f"Records are kept locked, says {number} of {count}.")
                proposal = known_id(propose(session, NOVEMBER, 1, words, SECRETARY))
                classify(session, NOVEMBER, proposal, Magnitude.MAJOR, SECRETARY, "Because.")
                give_advice(session, NOVEMBER, proposal, "It is lawful.", "adviser")

    def look(session: Session) -> None:
        assert all(line.current == CLAUSES["12-security"][1] for line in review_view(session, NOVEMBER, 1).proposals)

    world.drafting()
    add(2)
    few = asked_of(world, look)
    add(10)
    assert asked_of(world, look) <= few


def extraordinary(world: World) -> tuple[int, datetime]:
    with world.act() as session:
        review = open_extraordinary(session, NOVEMBER, protocol(session), SECRETARY, "Because.")
        return known_id(review), review.due_at


def signed_by_all(world: World) -> dict[str, int]:
    """Closed early: whoever still has time is told that nothing is owed. By what was done, the statements it took."""
    number, _ = extraordinary(world)
    took = {"closed early": asked_of(world, lambda session: close_feedback(session, NOVEMBER, number, SECRETARY))}
    with world.act() as session:
        words = Proposed(clause="12-security", wording=f"Records are kept locked, says review {number}.")
        proposal = known_id(propose(session, NOVEMBER, number, words, SECRETARY))
        classify(session, NOVEMBER, proposal, Magnitude.MAJOR, SECRETARY, "Because.")
        give_advice(session, NOVEMBER, proposal, "It is lawful.", "adviser")
        begin_deciding(session, NOVEMBER, number, SECRETARY)
        decide(session, NOVEMBER, proposal, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    took["concluded"] = asked_of(world, lambda session: conclude(session, NOVEMBER, number, SECRETARY))
    with world.act() as session:
        version = made_by(session, number)
        session.add_all(
            Signature(
                key=f"{version.label}:{each.slug}", version_id=known_id(version), party_id=known_id(each),
                kind=SignatureKind.SIGNED, recorded_at=NOVEMBER, recorded_by=SECRETARY, position="Chief",
                version_sha256=version.sha256, signed_on=NOVEMBER.date(),
            )
            for each in session.exec(select(Party)).all()
        )  # fmt: skip
    took["adopted"] = asked_of(world, lambda session: adopt(session, NOVEMBER, number, SECRETARY, "They have signed."))
    return took


def said_by_nobody(world: World) -> dict[str, int]:
    number, due_at = extraordinary(world)
    took = {"closed": asked_of(world, lambda session: close_feedback(session, due_at, number, SECRETARY))}
    took["cancelled"] = asked_of(world, lambda session: cancel(session, due_at, number, SECRETARY, "Nobody answered."))
    return took


@on_both
def test_many_analyses_begin_in_as_many_statements_as_a_few(world: World) -> None:
    def begin(session: Session) -> None:
        take_due_steps(session, WEDNESDAY, complaints_due(session, WEDNESDAY))

    counted = []
    for count in (2, 12):
        for number in range(count):
            acknowledged(world, what=f"The police passed my address on, for the {number + 1}. time of {count}.")
        counted.append(asked_of(world, begin))
    assert counted[1] <= counted[0] + 3
    assert {complaint(world, number + 1).stage for number in range(14)} == {Stage.ANALYSING}
    assert len(world.duties(ObligationKind.ANALYSIS)) == 14
    assert world.broken(WEDNESDAY) == []


def test_contacts_that_were_read_together_are_asked_for_again_once_there_is_another(world: World) -> None:
    with statements(world.store) as found, world.act() as session:
        parties = session.exec(select(Party).order_by(col(Party.id))).all()
        read_contacts(session, parties)
        asked = len(found)
        leads = [contact_at(session, party, Role.LEAD_MEMBER) for party in parties]
        assert [lead and lead.party_id for lead in leads] == [party.id for party in parties]
        assert contact_at(session, parties[0], Role.DESIGNATED_PERSON) is None
        assert len(found) == asked
        there: dict[str, Any] = {
            "protocol_id": parties[0].protocol_id,
            "party_id": parties[0].id,
            "role": Role.DESIGNATED_PERSON,
        }
        session.add(Contact(**there, address="somebody@police.example"))
        assert contact_at(session, parties[0], Role.DESIGNATED_PERSON) is not None


# Whole or not at all


@on_both
def test_a_batch_that_dies_at_its_end_leaves_nothing_and_the_next_does_it_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collecting()
    before = left(world)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(history, "insert_all", die)
    with pytest.raises(KeyboardInterrupt), world.act() as session:
        remind_batch(session, FIRST)
    assert left(world) == before
    monkeypatch.undo()
    with world.act() as session:
        assert remind_batch(session, FIRST) == 4
    assert [now - then for now, then in zip(left(world), before, strict=True)] == [4, 4, 4, 4, -4]
    assert world.broken(FIRST) == []


# Said once


def test_two_sweeps_at_once_take_different_cases_and_say_nothing_twice(postgres_world: World) -> None:
    """The second does not wait for the first, whose transaction is open all the while."""
    world = postgres_world.collecting()
    with world.act() as session:
        for number, duty in enumerate(session.exec(select(Obligation).order_by(col(Obligation.id)))):
            duty.case = f"review:{100 + number // 2}"
    with world.act() as first:
        assert remind_batch(first, FIRST, 2) == 2
        with world.act() as second:
            second.execute(sa.text("SET LOCAL lock_timeout = '1s'"))
            assert remind_batch(second, FIRST, 2) == 2
    with world.act() as session:
        assert remind_batch(session, FIRST) == 0
    about = [row.obligation_id for row in world.every(MessageAbout)]
    kinds = [row.kind for row in world.every(Message)]
    assert (kinds.count("duty_reminder"), len(world.every(Reminder))) == (4, 4)
    assert sorted(about) == sorted([known_id(duty) for duty in world.every(Obligation)] * 2), "asked, and reminded once"


def test_a_sweep_that_finds_every_case_taken_waits_for_one_and_looks_again(postgres_world: World) -> None:
    world, looked, begun = postgres_world.collecting(), list[int](), Event()

    def second() -> None:
        with world.act() as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '20s'"))
            begun.set()
            looked.append(remind_batch(session, FIRST))

    with world.act() as session:
        history.hold(session, "review:1")
        waiting = Thread(target=second)
        waiting.start()
        assert begun.wait(10)
    waiting.join(30)
    assert looked == [4], "whoever had it has left it, and it is still due"
    assert world.counts()["duty_reminder"] == 4


# History


@on_both
def test_rows_written_together_chain_as_those_written_one_by_one(world: World) -> None:
    with world.act() as session:
        history.write(session, "review:1", NOVEMBER, "secretary", "opened", why="It is due.")
        history.write_many(session, NOVEMBER, [
            history.Move("review:2", "clock", "opened", {}),
            history.Move("review:1", "clock", "asked", {"parties": ["police"]}),
            history.Move("review:2", "secretary", "closed", {"n": 1}, ("collecting", "drafting"), "It is over."),
            history.Move("review:1", "clock", "reminded", {}),
        ])  # fmt: skip
        history.write(session, "review:2", NOVEMBER, "clock", "over")
    assert world.moves("review:1") == ["opened", "asked", "reminded"]
    assert world.moves("review:2") == ["opened", "closed", "over"]
    with world.read() as session:
        assert list(history.broken_links(session)) == []
