"""A mark stands until an adopted version changes the clause, or a person says that it needs no change."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from actions.cast import NotThere
from actions.law.changing import record_change
from actions.law.marks import (
    Mark,
    MarkHasEnded,
    NotMarked,
    changes_recorded,
    marks_of,
    settle_mark,
    settle_marks,
    standing_marks,
)
from actions.law.told import ChangeOfLaw, WasWithdrawn
from actions.law.withdrawing import withdraw_change
from actions.reasons import ReasonNeeded
from actions.review_closing import close_feedback
from actions.review_deciding import cancel, conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_signing import adopt
from models.history import History
from models.review import DecisionOutcome, Magnitude, Review
from rules.review import Stage
from tests.actions.databases import on_both
from tests.actions.law.conftest import with_register
from tests.actions.test_locks_are_taken_in_one_order import watched
from tests.actions.test_review_signing import (
    LAST_SIGNATURE,
    TUESDAY,
    adopted,
    declined,
    minor_version,
    signed,
    signing_opens,
)
from tests.actions.world import LOCKED, NOVEMBER, PARTIES, SECRETARY, WRITTEN, World, at_once, protocol

REPEALED = ChangeOfLaw(key="data-protection-act-1998", in_force_from=date(2018, 5, 25), what="Another took its place.")
LATER = NOVEMBER + timedelta(days=1)
BECAUSE = "It names no Act."


def record(world: World, review: bool = True) -> None:
    with world.act() as session:
        record_change(session, NOVEMBER, protocol(session), REPEALED, SECRETARY, review=review, because="Later.")


def settle(world: World, clause: str = "7-consent", because: str = BECAUSE, change: int = 1) -> Mark:
    with world.act() as session:
        return settle_mark(session, LATER, protocol(session), change, clause, SECRETARY, because)


def standing(world: World) -> list[str]:
    with world.read() as session:
        return [mark.clause for mark in standing_marks(session, protocol(session))]


def versions(world: World) -> dict[str, str | None]:
    with world.read() as session:
        of = protocol(session)
        return {mark.clause: mark.version for mark in marks_of(session, of, changes_recorded(session, of))}


def play(world: World, magnitude: Magnitude, outcome: DecisionOutcome = DecisionOutcome.ACCEPTED) -> Stage:
    """Review 1, which the change opened, from feedback to its conclusion: clause 12 is to be changed."""
    with world.act() as session:
        close_feedback(session, LATER, 1, SECRETARY)
        proposal = propose(session, LATER, 1, LOCKED, SECRETARY)
        assert proposal is not None
        classify(session, LATER, 1, magnitude, SECRETARY, "Because.")
        if magnitude is Magnitude.MAJOR:
            give_advice(session, LATER, 1, "It is lawful.", "adviser")
        begin_deciding(session, LATER, 1, SECRETARY)
        decide(session, LATER, 1, outcome, SECRETARY, because="Agreed.")
        return conclude(session, LATER, 1, SECRETARY)


def test_a_minor_version_that_changes_the_clause_ends_its_mark_and_no_other(small_world: World) -> None:
    record(small_world)
    assert play(small_world, Magnitude.MINOR) is Stage.ADOPTED
    assert versions(small_world) == {"7-consent": None, "12-security": "4.3"}
    assert standing(small_world) == ["7-consent"]


@on_both
def test_a_version_that_is_still_being_signed_has_answered_nothing(world: World) -> None:
    record(world)
    assert play(world, Magnitude.MAJOR) is Stage.SIGNING
    assert standing(world) == ["7-consent", "12-security"]
    with world.act() as session:
        adopt(session, LATER, 1, SECRETARY, "The others later.")
    assert standing(world) == ["7-consent"]
    assert versions(world)["12-security"] == "5.0"
    assert world.broken(LATER) == []


def test_a_review_that_changes_nothing_leaves_the_marks(small_world: World) -> None:
    record(small_world)
    assert play(small_world, Magnitude.MINOR, DecisionOutcome.REJECTED) is Stage.NO_CHANGE
    assert standing(small_world) == ["7-consent", "12-security"]


def test_what_was_written_before_the_change_is_no_answer_to_it(small_world: World) -> None:
    """Version 5.0 changes clause 12 and is being signed when the law changes; it is adopted afterwards."""
    small_world.signing()
    record(small_world, review=False)
    with small_world.act() as session:
        adopt(session, LATER, 1, SECRETARY, "The others later.")
    assert small_world.review().stage is Stage.ADOPTED
    assert standing(small_world) == ["7-consent", "12-security"]


@on_both
def test_a_person_says_that_a_clause_needs_no_change_and_why(world: World) -> None:
    record(world)
    mark = settle(world)
    assert mark.settled is not None
    assert (mark.settled.by, mark.settled.because, mark.settled.at) == (SECRETARY, BECAUSE, LATER)
    assert standing(world) == ["12-security"]
    before = world.rows()
    assert settle(world, because="Another reason.") == mark
    assert world.rows() == before
    assert world.broken(LATER) == []


@on_both
def test_two_who_settle_one_mark_at_once_settle_it_once(world: World) -> None:
    record(world)
    one, two = at_once(2, lambda: settle(world))
    assert one == two
    assert len(world.every(History, History.what == "mark of a change of the law settled")) == 1


@on_both
def test_all_that_a_change_still_marks_is_settled_for_one_reason(world: World) -> None:
    record(world)
    settle(world, because="Another.")
    with world.act() as session:
        marks = settle_marks(session, LATER, protocol(session), 1, SECRETARY, BECAUSE)
    assert [(mark.clause, mark.settled and mark.settled.because) for mark in marks] == [("12-security", BECAUSE)]
    assert standing(world) == []
    before = world.rows()
    with world.act() as session:
        assert settle_marks(session, LATER, protocol(session), 1, SECRETARY, BECAUSE) == []
    assert world.rows() == before
    assert world.broken(LATER) == []


def listed(world: World) -> list[str]:
    return [matter.sentence for matter in world.matters()]


LEFT = (
    "Review 1 is over, and clauses 7-consent and 12-security read as before: change 1 of the law (Data Protection Act "
    "1998) is not answered."
)


@on_both
def test_a_review_that_is_cancelled_leaves_the_change_to_the_secretary_until_it_is_settled(world: World) -> None:
    record(world)
    with world.act() as session:
        cancel(session, LATER, 1, SECRETARY, "The group meets in spring.")
    assert listed(world) == [LEFT]
    assert "`concordat legislation settled 1 --all --protocol westshire --because TEXT`" in world.matters()[0].todo
    settle(world)
    assert listed(world) == [LEFT]
    settle(world, "12-security")
    assert listed(world) == []
    assert world.broken(LATER) == []


@pytest.mark.parametrize("accepted", [(), ("12-security",)], ids=["unchanged", "another clause"])
def test_so_does_one_that_ends_without_changing_what_is_marked(small_world: World, accepted: tuple[str, ...]) -> None:
    record(small_world)
    with small_world.act() as session:
        for _ in accepted:
            propose(session, NOVEMBER, 1, LOCKED, SECRETARY)
        close_feedback(session, LATER, 1, SECRETARY)
        for number, _ in enumerate(accepted, 1):
            classify(session, LATER, number, Magnitude.MINOR, SECRETARY, "A word.")
            begin_deciding(session, LATER, 1, SECRETARY)
            decide(session, LATER, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        conclude(session, LATER, 1, SECRETARY)
    one = LEFT.replace("clauses 7-consent and 12-security read", "clause 7-consent reads")
    assert listed(small_world) == [one if accepted else LEFT]
    with small_world.act() as session:
        withdraw_change(session, LATER, protocol(session), 1, SECRETARY, "It was never made.")
    assert listed(small_world) == []


def test_so_does_one_whose_version_nobody_signs(
    sqlite_store: sa.Engine,
) -> None:
    world = with_register(World(sqlite_store, **LAST_SIGNATURE))
    record(world)
    assert play(world, Magnitude.MAJOR) is Stage.SIGNING
    for slug in PARTIES:
        declined(world, slug)
    assert LEFT not in listed(world), "it may be signed yet"
    adopted(world, because="Nobody wants it.")
    assert LEFT in listed(world)
    assert standing(world) == ["7-consent", "12-security"], "a text that never came into force has answered nothing"
    assert world.broken(TUESDAY) == []


@pytest.mark.parametrize("major", [False, True])
def test_a_change_recorded_beside_a_text_that_came_to_nothing_is_answered_by_what_changes_the_one_in_force(
    sqlite_store: sa.Engine, major: bool
) -> None:
    """4.3 bears a lower number than 5.0, which had changed the other clause; 6.0 leaves that as it was in 4.2."""
    world = with_register(World(sqlite_store, **LAST_SIGNATURE)).signing()
    record(world, review=False)
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    if major:
        signing_opens(world, TUESDAY, WRITTEN)
        for slug in PARTIES:
            signed(world, slug, "6.0")
        world.sweep(TUESDAY)
    else:
        minor_version(world, TUESDAY)
    assert versions(world) == {"7-consent": "6.0" if major else "4.3", "12-security": None}


def test_what_a_change_was_recorded_beside_counts_where_a_later_text_of_its_line_came_into_force(
    sqlite_store: sa.Engine,
) -> None:
    world = with_register(World(sqlite_store, **LAST_SIGNATURE)).signing()
    record(world, review=False)
    minor_version(world, TUESDAY)
    for slug in PARTIES:
        signed(world, slug, "5.1")
    world.sweep(TUESDAY)
    assert versions(world) == {"7-consent": "5.1", "12-security": None}, "5.0 had changed it before"


@on_both
def test_a_change_recorded_by_mistake_marks_nothing_more_and_its_review_stays(world: World) -> None:
    record(world)
    for _ in range(2):
        with world.act() as session:
            withdraw_change(session, LATER, protocol(session), 1, SECRETARY, "It was never made.")
    assert len(world.every(History, History.what == "change of the law withdrawn")) == 1
    assert standing(world) == []
    assert world.every(Review)[0].ended_at is None
    with pytest.raises(MarkHasEnded, match="Change 1 was withdrawn"):
        settle(world)
    with pytest.raises(WasWithdrawn, match="record it in words that say why"):
        record(world)
    with world.act() as session:
        of = protocol(session)
        again = record_change(session, LATER, of, replace(REPEALED, what="It was made after all."), SECRETARY)
        assert again.id == 2
    assert standing(world) == ["7-consent", "12-security"]
    assert world.broken(LATER) == []


def test_what_cannot_be_settled_is_refused(small_world: World) -> None:
    record(small_world)
    with pytest.raises(NotMarked, match=r"does not touch clause “13-breaches”: it touches 7-consent and 12-security"):
        settle(small_world, "13-breaches")
    with pytest.raises(NotThere, match="`concordat legislation list`"):
        settle(small_world, change=9)
    with pytest.raises(ReasonNeeded):
        settle(small_world, because=" ")
    play(small_world, Magnitude.MINOR)
    with pytest.raises(MarkHasEnded, match=r"Version 4\.3 has changed clause 12-security since"):
        settle(small_world, "12-security")


def test_protocol_then_case_then_rows(postgres_world: World) -> None:
    """A change opens a review; another joins it; a mark is settled."""
    world = with_register(postgres_world)
    with watched(world.store) as found:
        record(world)
        with world.act() as session:
            joins = replace(REPEALED, section="2")
            record_change(session, LATER, protocol(session), joins, SECRETARY)
        settle(world)
    assert found.wrong == []
    assert found.locked > 10
