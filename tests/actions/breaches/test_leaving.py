"""A party leaves the protocol in the middle of a breach."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from actions.breaches.affecting import affect
from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.holding import place_hold
from actions.membership import leave
from actions.parties import membership_locked
from models.breach import Breach, BreachDuty, FollowUp, FollowUpEnd, LetterHold
from models.history import History
from models.obligation import Obligation, Outcome
from models.protocol import MatterKind
from rules.breach import Stage
from rules.breach_duties import DutyKind, Risk
from tests.actions.breach_world import COORDINATOR, FRIDAY, begun, closed, done_with, follow_procedure, procedure
from tests.actions.world import SECRETARY, World, kept, party, protocol

LATER = FRIDAY + timedelta(hours=1)


@kept
def follow(world: World, *slugs: str) -> None:
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, *slugs)


def go(world: World, slug: str) -> None:
    with world.act() as session:
        leave(session, LATER, party(session, slug), SECRETARY, "Dissolved.")


def test_its_follow_up_ends_and_what_the_law_asks_stays_on_record(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        record_awareness(session, LATER, 1, "police", FRIDAY, "DPO", COORDINATOR, "Read.")
        conclude(session, LATER, 1, "police", Risk.LIKELY, COORDINATOR, "A family knows.")
        place_hold(session, LATER, 1, "police", COORDINATOR, "The inquiry goes on.")
    for _ in range(2):
        go(world, "police")
    council, police = world.every(FollowUp)
    assert (council.end, police.end, police.ended_at) == (None, FollowUpEnd.LEFT, LATER)
    assert police.end_why_id is not None
    assert not [d for d in world.every(Obligation) if d.party_id == police.party_id and d.outcome is None]
    duty = world.only(BreachDuty, BreachDuty.follow_up_id == police.id, BreachDuty.kind == DutyKind.REGULATOR)
    assert (duty.required, duty.done_at) == (True, None)
    assert world.only(LetterHold).released_at is None, "leaving releases no letters"
    [matter] = world.matters()
    assert matter.kind is MatterKind.BREACH
    assert matter.sentence == (
        "Westshire Police has left in the middle of breach 1, with 1 unanswered duty (by law its own still), 4 steps "
        "of its procedure still open, nothing recorded of what was learned and a hold on letters to the people "
        "concerned."
    )
    assert "whether the letters must still wait" in matter.todo
    assert len(world.every(History, History.what == "follow-up ended")) == 1
    assert world.broken(LATER) == []


def test_the_breach_goes_on_without_it(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        done_with(session, 1, LATER, "council")
    assert world.only(Breach).stage is Stage.ASSESSING
    go(world, "police")
    assert world.only(Breach).stage is Stage.LEARNING
    assert [m.kind for m in world.matters()] == [MatterKind.BREACH]
    with world.act() as session:
        closed(session, 1, LATER, "council")
    assert world.broken(LATER) == []


def test_where_the_last_one_leaves_the_secretary_is_asked_how_it_goes_on(world: World) -> None:
    follow(world, "council")
    with world.act() as session:
        conclude(session, LATER, 1, "council", Risk.UNLIKELY, COORDINATOR, "Unopened.")
    go(world, "council")
    [left, ended] = world.matters()
    assert "4 steps of its procedure still open and nothing recorded of what was learned" in left.sentence
    assert ended.sentence == "Breach 1 can be closed: no party follows it up any more."
    with world.act() as session:
        affect(session, LATER, 1, "police", SECRETARY, "It goes on there.")
    assert world.matters() == [left]
    assert world.broken(LATER) == []


def test_a_follow_up_in_which_nothing_is_owed_just_now_ends_too(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        for duty in session.exec(select(Obligation)).all():  # as after an answer that nothing has followed yet
            duty.outcome, duty.discharged_at, duty.discharged_by = Outcome.ANSWERED, LATER, "x"
    go(world, "police")
    assert [each.end for each in world.every(FollowUp)] == [None, FollowUpEnd.LEFT]


def test_every_breach_it_follows_up_is_held_with_the_others_in_their_order(world: World, monkeypatch: Any) -> None:
    from actions import parties

    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        for slugs in (("police",), ("council",), ("council", "police")):
            begun(session, FRIDAY, *slugs)
    held: list[list[str]] = []
    monkeypatch.setattr(parties, "hold_cases", lambda _session, cases: held.append(list(cases)))
    with world.act() as session:
        for duty in session.exec(select(Obligation)).all():
            duty.outcome, duty.discharged_at, duty.discharged_by = Outcome.ANSWERED, LATER, "x"
        session.flush()
        membership_locked(session, protocol(session), leaving=party(session, "police"))
    assert set(held[0]) == {"protocol:westshire", "breach:1", "breach:3"}


def test_whoever_has_finished_has_nothing_to_end(world: World) -> None:
    follow(world, "council", "police")
    with world.act() as session:
        closed(session, 1, LATER, "council", "police")
    go(world, "police")
    assert [each.end for each in world.every(FollowUp)] == [FollowUpEnd.COMPLETE] * 2
    assert world.matters() == []
