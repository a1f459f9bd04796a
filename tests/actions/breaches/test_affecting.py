"""Whom a breach concerns can change: one more party, or one fewer, and what was recorded stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col

from actions.breaches.affecting import HoldsLetters, affect, not_affected
from actions.breaches.facts import IsNoParty, facts_of
from actions.breaches.moving import (
    BreachHasEnded,
    FollowUpHasEnded,
    NoFollowUp,
    follow_up_at,
    open_breach_locked,
    take_step,
)
from actions.breaches.reopening import reopen_follow_up
from actions.breaches.reporting import Report, add_from_reporter, report_breach
from actions.breaches.stating import IsFollowedUp, state_facts
from actions.breaches.stepping import finish_step
from actions.cast import NotThere, known_id
from actions.reasons import ReasonNeeded
from models import history
from models.breach import Breach, BreachFact, FollowUp, FollowUpEnd, LetterHold, ReporterKind, StepRecord
from models.history import History, Narrative
from models.obligation import Obligation, Outcome
from rules.breach import Step
from rules.breach_facts import UNKNOWN, FactName
from rules.errors import Refused
from rules.texts import NotText
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure, reported, sweep_breaches
from tests.actions.databases import in_each_case
from tests.actions.world import World, at_once, contact_of, kept, party, protocol

LATER = FRIDAY + timedelta(hours=2)
COORDINATOR, WHY = "coordinator", "It was their referral."
EVERYBODY = ("council", "fire", "police", "trust")


@kept
def assessing(world: World, *slugs: str, **facts: Any) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=EVERYBODY))
        begun(session, FRIDAY, *slugs, **facts)


def parties(world: World) -> Any:
    with world.read() as session:
        return facts_of(session, session.get_one(Breach, 1)).get(FactName.PARTIES)


def follow_up(world: World, slug: str) -> FollowUp:
    with world.read() as session:
        return world.only(FollowUp, FollowUp.party_id == party(session, slug).id)


def owed_by(world: World, slug: str) -> list[Obligation]:
    with world.read() as session:
        number = party(session, slug).id
    return world.every(Obligation, Obligation.party_id == number, col(Obligation.outcome).is_(None))


def hold(session: Session, slug: str) -> LetterHold:
    breach = session.get_one(Breach, 1)
    row = LetterHold(
        breach_id=1, follow_up_id=known_id(follow_up_at(session, breach, slug)[0]), placed_at=FRIDAY, placed_by=slug,
        why_id=history.narrate(session, "An operation."),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


# One more.


def test_one_more_party_begins_at_once_by_its_own_procedure(world: World) -> None:
    assessing(world, "council")
    with world.act() as session:
        affect(session, LATER, 1, "police", COORDINATOR, WHY)
    assert parties(world) == ["council", "police"]
    assert follow_up(world, "police").opened_at == LATER
    assert {duty.kind.value for duty in owed_by(world, "police")} >= {"assessment", "step"}
    assert follow_up(world, "council").opened_at == FRIDAY, "the others go on as they were"
    [fact] = world.every(BreachFact, BreachFact.name == FactName.PARTIES, BreachFact.stated_by == COORDINATOR)
    assert world.only(Narrative, Narrative.id == fact.why_id).text == WHY
    assert world.broken(LATER) == []


def test_naming_a_party_twice_does_nothing_twice(world: World) -> None:
    assessing(world, "council")
    for slug in ("police", "council"):
        with world.act() as session:
            affect(session, LATER, 1, slug, COORDINATOR, WHY)
    before = world.rows()
    for slug in ("police", "council"):
        with world.act() as session:
            affect(session, LATER, 1, slug, COORDINATOR, WHY)
    assert world.rows() == before


def test_named_by_two_at_once_it_has_one_follow_up(postgres_world: World) -> None:
    assessing(postgres_world, "council")

    def name() -> None:
        with postgres_world.act() as session:
            affect(session, LATER, 1, "police", COORDINATOR, WHY)

    assert at_once(4, name) == [None] * 4
    assert follow_up(postgres_world, "police").breach_id == 1
    assert parties(postgres_world) == ["council", "police"]


def test_where_nobody_knew_whom_it_concerns_the_secretary_has_been_answered(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=EVERYBODY))
        reported(session, FRIDAY, PARTIES="unknown")
    sweep_breaches(small_world, FRIDAY)
    [matter] = small_world.matters()
    assert "which party" in matter.sentence
    with small_world.act() as session:
        affect(session, LATER, 1, "trust", COORDINATOR, WHY)
    assert small_world.matters() == []
    assert follow_up(small_world, "trust").opened_at == LATER


def test_before_the_flow_has_come_it_is_named_and_the_flow_opens(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=EVERYBODY))
        reported(session, FRIDAY)
        affect(session, FRIDAY, 1, "police", COORDINATOR, WHY)
    assert small_world.every(FollowUp) == []
    sweep_breaches(small_world, LATER)
    assert len(small_world.every(FollowUp)) == 2


# One fewer.


def test_a_party_that_is_not_concerned_owes_nothing_more_and_what_it_did_stays(world: World) -> None:
    assessing(world, "council", "police")
    with world.act() as session:
        finish_step(session, FRIDAY, 1, "police", "contain", "police", "The letter was fetched.")
    with world.act() as session:
        not_affected(session, LATER, 1, "police", "police", "The referral was not ours.")
    ended = follow_up(world, "police")
    assert (ended.end, ended.ended_at) == (FollowUpEnd.NOT_AFFECTED, LATER)
    assert world.only(Narrative, Narrative.id == ended.end_why_id).text == "The referral was not ours."
    assert parties(world) == ["council"]
    assert owed_by(world, "police") == []
    assert {each.outcome for each in world.every(Obligation, Obligation.party_id == ended.party_id)} == {
        Outcome.ANSWERED, Outcome.SUPERSEDED,
    }  # fmt: skip
    assert world.only(StepRecord).step == "contain"
    assert owed_by(world, "council") != [], "the other's clocks go on"
    [row] = world.every(History, History.what == "not affected")
    assert row.details == {"party": "police"}
    sweep_breaches(world, LATER)
    assert len(world.every(FollowUp)) == 2, "the clock does not open it again"
    assert world.broken(LATER) == []


def test_twice_not_affected_is_once(small_world: World) -> None:
    assessing(small_world, "council", "police")
    with small_world.act() as session:
        not_affected(session, LATER, 1, "police", "police", WHY)
    before = small_world.rows()
    with small_world.act() as session:
        not_affected(session, LATER + timedelta(hours=1), 1, "police", "police", "Another reason.")
    assert small_world.rows() == before


def test_where_no_party_is_left_the_secretary_has_the_next_step(small_world: World) -> None:
    assessing(small_world, "council")
    with small_world.act() as session:
        not_affected(session, LATER, 1, "council", "council", WHY)
    assert parties(small_world) == UNKNOWN
    [matter] = small_world.matters()
    assert "concordat breach affect 1" in matter.todo
    with small_world.act() as session:
        affect(session, LATER, 1, "police", COORDINATOR, WHY)
    assert small_world.matters() == []


def test_a_party_that_was_named_and_has_not_begun_is_taken_out(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=EVERYBODY))
        reported(session, FRIDAY, "council", "police")
        not_affected(session, FRIDAY, 1, "police", COORDINATOR, WHY)
    sweep_breaches(small_world, LATER)
    assert [each.party_id for each in small_world.every(FollowUp)] == [follow_up(small_world, "council").party_id]


def test_who_holds_letters_releases_them_first(small_world: World) -> None:
    """Or the hold would stand for ever, and nobody could release it."""
    assessing(small_world, "council", "police")
    with small_world.act() as session:
        hold(session, "police")
    before = small_world.rows()
    with small_world.act() as session, pytest.raises(HoldsLetters, match="concordat breach hold 1 police --release"):
        not_affected(session, LATER, 1, "police", "police", WHY)
    assert small_world.rows() == before
    with small_world.act() as session:
        session.get_one(LetterHold, 1).released_at = LATER
    with small_world.act() as session:
        not_affected(session, LATER, 1, "police", "police", WHY)


def test_not_concerned_after_all_and_then_again(small_world: World) -> None:
    closing = pytest.importorskip("actions.breaches.closing")
    assert closing.reopen_follow_up
    assessing(small_world, "council", "police")
    with small_world.act() as session:
        not_affected(session, LATER, 1, "police", "police", WHY)
    with small_world.act() as session:
        affect(session, LATER, 1, "police", "council", "It was theirs after all.")
    assert parties(small_world) == ["council", "police"]
    again = follow_up(small_world, "police")
    assert (again.ended_at, again.end, again.opened_at) == (None, None, FRIDAY)
    assert owed_by(small_world, "police") != []


def _left(session: Session) -> None:
    party(session, "fire").left_on = FRIDAY.date()


REFUSED: dict[str, tuple[type[Refused], dict[str, Any]]] = {
    "no such party": (NotThere, {"slug": "atlantis"}),
    "no text": (NotText, {"slug": "a\0b"}),
    "no such breach": (NotThere, {"breach_id": 9}),
    "no reason": (ReasonNeeded, {"because": " "}),
    "a reason that is no text": (NotText, {"because": "a\ud800b"}),
}


@pytest.mark.parametrize("action", [affect, not_affected])
@in_each_case("what", REFUSED)
def test_it_is_refused_with_a_sentence_and_nothing_changes(world: World, action: Any, what: str) -> None:
    assessing(world, "council", "police")
    error, how = REFUSED[what]
    before = world.rows()
    with pytest.raises(error), world.act() as session:
        action(session, LATER, **{"breach_id": 1, "slug": "police", "by": COORDINATOR, "because": WHY, **how})
    assert world.rows() == before


def test_who_is_no_party_any_more_is_not_named(small_world: World) -> None:
    assessing(small_world, "council")
    with small_world.act() as session:
        _left(session)
    with small_world.act() as session, pytest.raises(IsNoParty, match="Westshire Fire is not a party today"):
        affect(session, LATER, 1, "fire", COORDINATOR, WHY)
    with small_world.act() as session, pytest.raises(NoFollowUp):
        not_affected(session, LATER, 1, "fire", COORDINATOR, WHY)


def test_what_has_ended_stays_ended(small_world: World) -> None:
    assessing(small_world, "council", "police")
    with small_world.act() as session:
        there = follow_up_at(session, open_breach_locked(session, 1), "police")[0]
        there.ended_at, there.end = FRIDAY, FollowUpEnd.COMPLETE
    with small_world.act() as session, pytest.raises(FollowUpHasEnded):
        not_affected(session, LATER, 1, "police", "police", WHY)
    with small_world.act() as session:
        take_step(session, FRIDAY, session.get_one(Breach, 1), Step.END_EARLY, "secretary", "None.")
    for action in (affect, not_affected):
        with small_world.act() as session, pytest.raises(BreachHasEnded):
            action(session, LATER, 1, "fire", COORDINATOR, WHY)


def test_nobody_is_waited_for(small_world: World) -> None:
    """A contact is there for whoever is added: a party without a coordinator is asked all the same."""
    assessing(small_world, "council")
    with small_world.act() as session:
        affect(session, LATER, 1, "trust", COORDINATOR, WHY)
        lead = contact_of(session, "trust").id
    assert {duty.contact_id for duty in owed_by(small_world, "trust")} == {lead}


def test_the_facts_do_not_leave_out_whoever_follows_it_up(world: World) -> None:
    assessing(world, "council", "police")
    before = world.rows()
    with world.act() as session, pytest.raises(IsFollowedUp, match="breach not-affected 1 police"):
        state_facts(session, LATER, 1, {FactName.PARTIES: ["council"]}, COORDINATOR, WHY)
    with world.act() as session, pytest.raises(IsFollowedUp):
        state_facts(session, LATER, 1, {FactName.PARTIES: "unknown"}, COORDINATOR, WHY)
    assert world.rows() == before


@pytest.mark.parametrize("how", ["stated", "by the reporter", "reopened"])
def test_who_was_not_affected_and_is_named_again_goes_on(world: World, how: str) -> None:
    with world.act() as session:
        report = Report(
            facts={FactName.HAPPENED: "It went astray.", FactName.PARTIES: ["council", "police"]},
            reporter_kind=ReporterKind.ANONYMOUS,
        )
        sent = report_breach(session, FRIDAY, protocol(session), report, "reporter")
    sweep_breaches(world, FRIDAY)
    with world.act() as session:
        not_affected(session, LATER, 1, "police", "police", WHY)
    assert parties(world) == ["council"]
    with world.act() as session:
        match how:
            case "stated":
                state_facts(session, LATER, 1, {FactName.PARTIES: ["council", "police"]}, COORDINATOR, WHY)
            case "by the reporter":
                add_from_reporter(session, LATER, sent.reference, str(sent.code), {FactName.PARTIES: ["police"]})
            case _:
                reopen_follow_up(session, LATER, 1, "police", COORDINATOR, WHY)
    assert parties(world) == ["council", "police"]
    with world.read() as session:
        follow_up, _ = follow_up_at(session, session.get_one(Breach, 1), "police")
        assert (follow_up.ended_at, follow_up.reopened) == (None, 1)
    assert world.broken(LATER) == []
