"""Two reports of one breach become one case, and no clock starts later for it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from actions.breaches.concluding import conclude
from actions.breaches.consulting import answer_consultation, consult
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.merging import IntoItself, OfAnotherProtocol, merge
from actions.breaches.moving import BreachHasEnded
from actions.breaches.notifying import record_notice
from actions.breaches.reporting import add_from_reporter, reader_of, reporter_view
from actions.breaches.stepping import finish_step
from actions.cast import NotThere, known_id
from actions.reasons import ReasonNeeded
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    BreachOutcome,
    BreachReport,
    Conclusion,
    Consultation,
    FollowUp,
    FollowUpEnd,
    LetterHold,
    RegulatorNotice,
    StepRecord,
)
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.procedure import ProcedureVersion
from models.protocol import Protocol
from rules.breach import Stage
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from rules.errors import Refused
from rules.texts import NotText
from tests.actions.breach_world import FRIDAY, STEPS, follow_procedure, procedure, sweep_breaches
from tests.actions.databases import SLOW_ON_POSTGRES, in_each_case, on_both, store_of
from tests.actions.merger_world import (
    BY,
    DAYS_72,
    EVERYBODY,
    HOUR,
    LATER,
    WHY,
    aware,
    broken,
    did,
    facts,
    follow_up,
    merged,
    owed,
    report,
)
from tests.actions.world import World, at_once, party, protocol


# Most of it on SQLite: the slow run has PostgreSQL.
@pytest.fixture(params=SLOW_ON_POSTGRES)
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    return store_of(request)


# The cases.


@on_both
def test_one_ends_in_the_other_and_nothing_is_owed_twice(world: World) -> None:
    report(world)
    report(world, FRIDAY + HOUR)
    assert merged(world) == []
    into, source = world.every(Breach)
    assert (source.stage, source.outcome, source.merged_into_id, source.ended_at) == (
        Stage.CLOSED, BreachOutcome.MERGED, 1, LATER,
    )  # fmt: skip
    assert into.stage is Stage.ASSESSING
    assert follow_up(world, 2, "council").end is FollowUpEnd.MERGED
    there = world.every(Obligation, Obligation.case == "breach:2")
    assert {duty.outcome for duty in there} == {Outcome.SUPERSEDED}
    assert len(owed(world, 1, "council", ObligationKind.ASSESSMENT)) == 1
    [row] = world.every(History, History.case == "breach:1", History.what == "merged from")
    assert world.only(Narrative, Narrative.id == row.why_id).text == WHY
    before = world.rows()
    sweep_breaches(world, LATER)
    assert world.rows() == before, "there is nothing left for the clock"


def test_the_same_again_does_nothing(world: World) -> None:
    report(world)
    report(world, PEOPLE=2)
    merged(world)
    before = world.rows()
    assert merged(world, now=LATER + HOUR) == []
    assert world.rows() == before


def test_two_at_once_merge_once(postgres_world: World) -> None:
    report(postgres_world)
    report(postgres_world)

    def order() -> list[str]:
        with postgres_world.act() as session:
            return merge(session, LATER, 2, 1, BY, WHY)

    assert at_once(4, order) == [[]] * 4
    assert len(postgres_world.every(History, History.what == "merged from")) == 1
    assert broken(postgres_world, LATER) == []


def test_each_into_the_other_at_once_is_one_merger(postgres_world: World) -> None:
    """They take their locks in one order: neither waits for the other for ever."""
    report(postgres_world)
    report(postgres_world)
    pairs = iter([(1, 2), (2, 1)])

    def order() -> list[str]:
        source, into = next(pairs)
        with postgres_world.act() as session:
            return merge(session, LATER, source, into, BY, WHY)

    answers = at_once(2, order)
    assert sum(isinstance(each, list) for each in answers) == 1
    assert sum(isinstance(each, BreachHasEnded) for each in answers) == 1
    assert broken(postgres_world, LATER) == []


@on_both
def test_both_reporters_keep_their_reference_and_their_code(world: World) -> None:
    first, second = report(world), report(world, FRIDAY + HOUR, "police")
    merged(world)
    with world.act() as session:
        for reference, code in (first, second):
            found = reader_of(session, reference, code)
            assert (found.breach_id, found.reference) == (1, reference)
            assert reporter_view(session, found).parties == ("Westshire Council", "Westshire Police")
        add_from_reporter(session, LATER, *second, {FactName.PEOPLE: 3})
    assert facts(world)[FactName.PEOPLE] == 3
    assert [each.breach_id for each in world.every(BreachReport)] == [1, 1]


REFUSED: dict[str, tuple[type[Refused], dict[str, Any]]] = {
    "into itself": (IntoItself, {"into_id": 2}),
    "no such breach": (NotThere, {"into_id": 9}),
    "no such source": (NotThere, {"breach_id": 9}),
    "no reason": (ReasonNeeded, {"because": " "}),
    "no text": (NotText, {"because": "a\0b"}),
}


@in_each_case("what", REFUSED)
def test_it_is_refused_with_a_sentence_and_nothing_changes(world: World, what: str) -> None:
    error, how = REFUSED[what]
    report(world)
    report(world)
    before = world.rows()
    with pytest.raises(error), world.act() as session:
        merge(session, LATER, **{"breach_id": 2, "into_id": 1, "by": BY, "because": WHY, **how})
    assert world.rows() == before


def test_only_open_ones_of_one_protocol(small_world: World) -> None:
    for _ in range(3):
        report(small_world)
    merged(small_world)
    with small_world.act() as session, pytest.raises(BreachHasEnded, match="merged into breach 1"):
        merge(session, LATER, 2, 3, BY, WHY)
    with small_world.act() as session, pytest.raises(BreachHasEnded):
        merge(session, LATER, 3, 2, BY, WHY)
    with small_world.act() as session:
        of = protocol(session)
        other = Protocol.model_validate({**of.model_dump(exclude={"id"}), "slug": "eastshire", "loaded_at": FRIDAY})
        session.add(other)
        session.flush()
        session.get_one(Breach, 3).protocol_id = known_id(other)
        session.flush()
        with pytest.raises(OfAnotherProtocol):
            merge(session, LATER, 3, 1, BY, WHY)


# The facts.


@on_both
def test_what_nobody_knew_is_copied_and_what_differs_is_named(world: World) -> None:
    report(world, FRIDAY, "council", PEOPLE=2, CAUSE="unknown", RECORDS=1)
    report(world, FRIDAY, "police", PEOPLE=4, CAUSE="The old address.", DETECTED="2026-10-23T14:00+01:00", RECORDS=1)
    assert merged(world) == [FactName.PEOPLE]
    stands = facts(world)
    assert stands[FactName.PEOPLE] == 2, "somebody decides; nothing is overwritten"
    assert stands[FactName.CAUSE] == "The old address."
    assert stands[FactName.DETECTED] == "2026-10-23T13:00:00+00:00"
    assert stands[FactName.PARTIES] == ["council", "police"]
    for case in ("breach:1", "breach:2"):
        [row] = world.every(History, History.case == case, col(History.what).in_(["merged from", "merge"]))
        assert row.details["differing"] == ["people"]
        assert "old address" not in str(row.details)
    assert facts(world, 2)[FactName.PEOPLE] == 4, "it stays where it was stated"


# The clocks.


def test_the_earlier_awareness_stands(world: World) -> None:
    report(world)
    report(world)
    aware(world, 1, "council", FRIDAY + 2 * HOUR)
    aware(world, 2, "council", FRIDAY + HOUR)
    merged(world)
    there = world.every(Awareness, Awareness.follow_up_id == follow_up(world, 1, "council").id)
    assert [each.aware_at for each in there] == [FRIDAY + 2 * HOUR, FRIDAY + HOUR]
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + HOUR + DAYS_72


def test_a_later_awareness_moves_nothing(world: World) -> None:
    report(world)
    report(world)
    aware(world, 1, "council", FRIDAY)
    aware(world, 2, "council", FRIDAY + 2 * HOUR)
    [before] = owed(world, 1, "council", ObligationKind.NOTICE)
    merged(world)
    [after] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert (after.id, after.due_at) == (before.id, FRIDAY + DAYS_72)
    assert len(world.every(Awareness, Awareness.follow_up_id == follow_up(world, 1, "council").id)) == 1


def test_an_awareness_in_the_merged_one_alone_begins_no_new_hours(world: World) -> None:
    report(world)
    report(world)
    aware(world, 2, "council", FRIDAY + HOUR)
    merged(world, now=FRIDAY + 24 * HOUR)
    [notice] = owed(world, 1, "council", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + HOUR + DAYS_72


def test_a_party_of_the_merged_one_alone_goes_on_by_the_procedure_that_it_began_with(world: World) -> None:
    report(world)
    report(world, FRIDAY + HOUR, "police")
    aware(world, 2, "police", FRIDAY + 2 * HOUR)
    did(world, lambda s: finish_step(s, LATER, 2, "police", "contain", "police", "The letter was fetched."))
    dues = {duty.subject: duty.due_at for duty in owed(world, 2, "police", ObligationKind.STEP)}
    newer = procedure(*STEPS[:2], version=2, parties=EVERYBODY)
    did(world, lambda s: follow_procedure(s, LATER, newer))
    merged(world, now=FRIDAY + 24 * HOUR)
    there = follow_up(world, 1, "police")
    assert world.only(ProcedureVersion, ProcedureVersion.id == there.procedure_version_id).number == 1
    assert there.opened_at == FRIDAY + HOUR, "it was told then, and is not told anew"
    [record] = world.every(StepRecord, StepRecord.follow_up_id == there.id)
    assert (record.step, record.at) == ("contain", LATER)
    now = {duty.subject: duty.due_at for duty in owed(world, 1, "police", ObligationKind.STEP)}
    assert now == {"investigate": dues["investigate"], "tell-dpo": FRIDAY + 24 * HOUR}, "it was reported earlier there"
    [notice] = owed(world, 1, "police", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + 2 * HOUR + DAYS_72
    assert follow_up(world, 1, "council").procedure_version_id == there.procedure_version_id


def test_who_was_told_earlier_in_the_merged_one_was_told_then(small_world: World) -> None:
    report(small_world, FRIDAY + 5 * HOUR)
    report(small_world, FRIDAY)
    merged(small_world, now=FRIDAY + 6 * HOUR)
    assert follow_up(small_world, 1, "council").opened_at == FRIDAY
    [told] = [each for each in owed(small_world, 1, "council", ObligationKind.STEP) if each.subject == "tell-dpo"]
    assert told.due_at == FRIDAY + 24 * HOUR, "counted from the first report"


def test_into_one_that_nobody_has_begun_it_goes_on_at_once(world: World) -> None:
    report(world, FRIDAY, "police")
    aware(world, 1, "police", FRIDAY)
    dues = {duty.subject: duty.due_at for duty in owed(world, 1, "police", ObligationKind.STEP)}
    report(world, FRIDAY + HOUR, "council", sweeps=False)
    merged(world, 1, 2, now=FRIDAY + 24 * HOUR)
    into = world.only(Breach, Breach.id == 2)
    assert (into.stage, into.reported_at) == (Stage.ASSESSING, FRIDAY), "the first report counts"
    assert {duty.subject: duty.due_at for duty in owed(world, 2, "police", ObligationKind.STEP)} == dues
    assert follow_up(world, 2, "council").opened_at == FRIDAY + 24 * HOUR
    [assessment] = owed(world, 2, "police", ObligationKind.ASSESSMENT)
    assert assessment.due_at < FRIDAY + 24 * HOUR + DAYS_72


def test_of_two_that_nobody_has_begun_one_is_left_to_the_flow(world: World) -> None:
    report(world, FRIDAY, "council", sweeps=False)
    report(world, FRIDAY, "police", sweeps=False)
    merged(world)
    assert world.only(Breach, Breach.id == 1).stage is Stage.REPORTED
    sweep_breaches(world, LATER)
    assert len(world.every(FollowUp)) == 2


# What has been done is done.


def test_what_was_concluded_and_told_in_the_merged_one_is_not_asked_again(world: World) -> None:
    report(world)
    report(world)
    aware(world, 2, "council", FRIDAY)
    did(world, lambda s: conclude(s, LATER, 2, "council", Risk.HIGH, "dpo", "Children at risk."))
    did(world, lambda s: record_notice(s, LATER, 2, "council", LATER, "dpo", "IC-1"))
    merged(world, now=LATER + HOUR)
    there = follow_up(world, 1, "council")
    assert there.assessed_at == LATER
    assert world.only(Conclusion, Conclusion.follow_up_id == there.id).risk is Risk.HIGH
    assert world.only(RegulatorNotice, RegulatorNotice.follow_up_id == there.id).regulator_reference == "IC-1"
    duties = {each.kind: each for each in world.every(BreachDuty, BreachDuty.follow_up_id == there.id)}
    assert duties[DutyKind.REGULATOR].done_at == LATER
    assert duties[DutyKind.PEOPLE].required is True
    assert owed(world, 1, "council", ObligationKind.NOTICE) == []
    assert owed(world, 1, "council", ObligationKind.ASSESSMENT) == []
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1
    assert len(owed(world, 1, "council", ObligationKind.LEARNING)) == 1


def test_a_notice_that_was_in_time_there_says_why_it_is_late_here(world: World) -> None:
    report(world)
    report(world)
    aware(world, 1, "council", FRIDAY - 48 * HOUR)
    aware(world, 2, "council", FRIDAY)
    did(world, lambda s: record_notice(s, FRIDAY + 30 * HOUR, 2, "council", FRIDAY + 30 * HOUR, "dpo"))
    merged(world, now=FRIDAY + 31 * HOUR)
    there = follow_up(world, 1, "council")
    duty = world.only(BreachDuty, BreachDuty.follow_up_id == there.id, BreachDuty.kind == DutyKind.REGULATOR)
    assert duty.due_at == FRIDAY + 24 * HOUR
    assert duty.late_because_id is not None


@on_both
def test_a_step_done_in_either_is_done_and_none_twice(world: World) -> None:
    report(world)
    report(world)
    did(world, lambda s: finish_step(s, LATER, 1, "council", "contain", "council", "Fetched."))
    did(world, lambda s: finish_step(s, LATER, 2, "council", "contain", "council", "Fetched, they say."))
    did(world, lambda s: finish_step(s, LATER, 2, "council", "tell-dpo", "council", "Told."))
    merged(world)
    there = world.every(StepRecord, StepRecord.follow_up_id == follow_up(world, 1, "council").id)
    assert sorted((each.step, each.round) for each in there) == [("contain", 1), ("tell-dpo", 1)]
    assert {duty.subject for duty in owed(world, 1, "council", ObligationKind.STEP)} == {"investigate"}


@on_both
def test_letters_that_are_held_stay_held_until_they_are_released(world: World) -> None:
    with world.act() as session:
        party(session, "police").kind = "police"
    report(world, FRIDAY, "council")
    report(world, FRIDAY, "council", "police")
    aware(world, 1, "council", FRIDAY)
    did(world, lambda s: conclude(s, LATER, 1, "council", Risk.HIGH, "dpo", "Children at risk."))
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1
    did(world, lambda s: place_hold(s, LATER, 2, "police", "police", "An operation."))
    merged(world, now=LATER + HOUR)
    old, kept = world.every(LetterHold)
    assert (old.breach_id, old.released_at) == (2, LATER + HOUR)
    assert (kept.breach_id, kept.released_at) == (1, None)
    assert owed(world, 1, "council", ObligationKind.TELLING_PEOPLE) == [], "nobody's letter leaves"
    assert len(owed(world, 1, "police", ObligationKind.HOLD)) == 1
    did(world, lambda s: release_hold(s, LATER + 2 * HOUR, 1, "police", "police", "It is over."))
    assert len(owed(world, 1, "council", ObligationKind.TELLING_PEOPLE)) == 1
    assert broken(world, LATER + 2 * HOUR) == []


def test_a_question_that_waits_is_answered_there(world: World) -> None:
    report(world)
    report(world, FRIDAY, "council", "police")
    number = did(world, lambda s: consult(s, LATER, 2, "council", "police", "Who opened it?", "council"))
    merged(world)
    assert world.only(Consultation).breach_id == 1
    did(world, lambda s: answer_consultation(s, LATER, number, "The father.", "police"))
    assert world.only(Consultation).answered_at == LATER


def test_a_follow_up_that_had_ended_there_goes_on_if_it_was_going_on_here(world: World) -> None:
    from actions.breaches.affecting import not_affected

    report(world, FRIDAY, "council", "police")
    report(world, FRIDAY, "police")
    did(world, lambda s: not_affected(s, FRIDAY, 1, "police", "police", "Not ours."))
    aware(world, 2, "police", FRIDAY)
    merged(world)
    there = follow_up(world, 1, "police")
    assert (there.ended_at, there.end) == (None, None)
    [notice] = owed(world, 1, "police", ObligationKind.NOTICE)
    assert notice.due_at == FRIDAY + DAYS_72


def test_who_was_not_concerned_is_not_asked_again(world: World) -> None:
    from actions.breaches.affecting import not_affected

    report(world)
    report(world, FRIDAY, "council", "police")
    did(world, lambda s: not_affected(s, FRIDAY, 2, "police", "police", "Not ours."))
    merged(world)
    sweep_breaches(world, LATER)
    assert [each.breach_id for each in world.every(FollowUp)] == [1, 2, 2]
    assert facts(world)[FactName.PARTIES] == ["council"]
