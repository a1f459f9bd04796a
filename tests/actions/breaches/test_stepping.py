"""A person ends a step: with what shows it, for now, or not at all and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from actions.breaches.closing import finish_follow_up
from actions.breaches.moving import BreachHasEnded, FollowUpHasEnded, NoFollowUp
from actions.breaches.stepping import (
    AlreadyProvisional,
    DoneAhead,
    EvidenceNeeded,
    HasEnded,
    IsADuty,
    NotProvisional,
    finish_step,
    skip_step,
)
from actions.cast import NotThere
from actions.reasons import ReasonNeeded
from models.breach import StepEnd, StepRecord
from models.fitting import DoesNotFit
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from rules.errors import Refused
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep, Repeat
from tests.actions.breach_world import (
    COORDINATOR,
    FRIDAY,
    STEPS,
    begun,
    closed,
    done_with,
    follow_procedure,
    procedure,
)
from tests.actions.databases import in_each_case
from tests.actions.world import World, played_once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

ASSESS = ProcedureStep(
    id="assess", do="assess", by="dpo", limit=Limit(period=parse_period("PT8H")), may_be_provisional=True,
    final=Limit(period=parse_period("PT48H"), moment=Moment.STEP, step="assess"),
)  # fmt: skip
LOOK = ProcedureStep(
    id="look", do="look again", by="dpo", limit=Limit(period=parse_period("PT1H")),
    repeat=Repeat(every=parse_period("P7D"), until="contain"),
)  # fmt: skip


@pytest.fixture
def following(world: World) -> World:
    return follow(world)


@played_once
def follow(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*STEPS, ASSESS, LOOK))
        begun(session, FRIDAY, "council")


def finish(world: World, step: str, outcome: str = "Done.", now: datetime = FRIDAY + HOUR, **how: Any) -> None:
    with world.act() as session:
        finish_step(session, now, 1, "council", step, COORDINATOR, outcome, **how)


def skip(world: World, step: str, because: str = "Not now.", now: datetime = FRIDAY + HOUR) -> None:
    with world.act() as session:
        skip_step(session, now, 1, "council", step, COORDINATOR, because)


def records(world: World, step: str) -> list[tuple[int, StepEnd]]:
    return [(row.round, row.end) for row in world.every(StepRecord, StepRecord.step == step)]


def test_what_was_done_is_kept_with_what_shows_it_and_history_has_no_words(following: World) -> None:
    finish(following, "investigate", "A mailbox rule.", evidence=" report 12 ", done_at=FRIDAY)
    row = following.only(StepRecord)
    assert (row.end, row.evidence, row.at, row.recorded_at) == (StepEnd.DONE, "report 12", FRIDAY, FRIDAY + HOUR)
    assert following.only(Narrative, Narrative.id == row.outcome_id).text == "A mailbox rule."
    told = following.only(History, History.what == "step done")
    assert told.details == {"party": "council", "step": "investigate", "at": FRIDAY.isoformat(), "evidence": True}


@pytest.mark.parametrize("step", ["contain", "assess"])
def test_the_same_order_given_twice_does_nothing(following: World, step: str) -> None:
    finish(following, step)
    before = following.rows()
    finish(following, step, now=FRIDAY + 2 * DAY)
    assert following.rows() == before


def test_what_is_done_again_may_bring_the_same_each_time(following: World) -> None:
    finish(following, "look", "Nothing new.")
    finish(following, "look", "Nothing new.", FRIDAY + 2 * DAY)
    assert records(following, "look") == [(1, StepEnd.DONE)]
    finish(following, "look", "Nothing new.", FRIDAY + 7 * DAY)
    finish(following, "look", "Nothing new.", FRIDAY + 7 * DAY + HOUR)
    assert records(following, "look") == [(1, StepEnd.DONE), (2, StepEnd.DONE)]
    finish(following, "look", "Nothing new.", FRIDAY + 7 * DAY + 2 * HOUR, done_at=FRIDAY + 7 * DAY + HOUR)
    assert len(records(following, "look")) == 3, "at another instant"
    open_ones = [d for d in following.duties(ObligationKind.STEP) if d.subject == "look" and d.outcome is None]
    assert len(open_ones) == 1


def test_a_provisional_answer_is_followed_by_the_final_one_in_the_same_words(following: World) -> None:
    finish(following, "assess", "Low.", provisional=True)
    finish(following, "assess", "Low.", provisional=True)
    finish(following, "assess", "Low.")
    assert records(following, "assess") == [(1, StepEnd.PROVISIONAL), (2, StepEnd.DONE)]


def test_a_second_provisional_answer_gains_no_time(following: World) -> None:
    finish(following, "assess", "Low.", provisional=True)
    with pytest.raises(AlreadyProvisional, match="what is owed now is the final one"):
        finish(following, "assess", "Medium.", provisional=True)
    [owing] = [d for d in following.duties(ObligationKind.STEP) if d.subject == "assess" and d.outcome is None]
    assert owing.due_at == FRIDAY + 49 * HOUR


def test_a_skipped_step_is_waived_with_its_reason(following: World) -> None:
    skip(following, "contain")
    skip(following, "contain", "For another reason.")
    duty = following.only(Obligation, Obligation.subject == "contain")
    assert duty.outcome is Outcome.WAIVED
    assert records(following, "contain") == [(1, StepEnd.SKIPPED)]
    row = following.only(History, History.what == "step skipped")
    assert following.only(Narrative, Narrative.id == row.why_id).text == "Not now."
    assert following.broken(FRIDAY + HOUR) == []


@in_each_case(
    "error,how",
    [
        (EvidenceNeeded, {"step": "investigate"}),
        (EvidenceNeeded, {"step": "investigate", "evidence": "  "}),
        (NotProvisional, {"step": "contain", "provisional": True}),
        (DoneAhead, {"step": "contain", "done_at": FRIDAY + HOUR + timedelta(seconds=1)}),
        (ReasonNeeded, {"step": "contain", "outcome": " "}),
        (DoesNotFit, {"step": "investigate", "evidence": "a" * 501}),
        (NotThere, {"step": "nothing"}),
        (IsADuty, {"step": "notify"}),
    ],
)
def test_refused_in_a_sentence(following: World, error: type[Refused], how: dict[str, Any]) -> None:
    before = following.rows()
    with pytest.raises(error, match=r"[.)]$"):
        finish(following, **how)
    assert following.rows() == before


def test_what_has_not_come_yet_is_said_by_the_protocols_clock(following: World) -> None:
    with pytest.raises(DoneAhead, match=r"Friday 23 October 2026 17:21 BST has not come yet"):
        finish(following, "contain", done_at=datetime(2026, 10, 23, 16, 21, tzinfo=UTC))


def test_what_is_done_stays_done(following: World) -> None:
    finish(following, "contain")
    with pytest.raises(HasEnded, match="is done: what is done stays done"):
        finish(following, "contain", "In another way.")
    with pytest.raises(HasEnded):
        skip(following, "contain")
    skip(following, "tell-dpo")
    with pytest.raises(HasEnded, match="is skipped"):
        finish(following, "tell-dpo")


def test_only_where_there_is_a_follow_up_that_goes_on(small_world: World) -> None:
    def act(session: Session, slug: str) -> None:
        finish_step(session, FRIDAY, 1, slug, "contain", COORDINATOR, "Done.")

    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
        with pytest.raises(NoFollowUp, match="concordat breach affect 1 fire"):
            act(session, "fire")
        done_with(session, 1, FRIDAY, "police")
        finish_follow_up(session, FRIDAY, 1, "police", COORDINATOR)
        with pytest.raises(FollowUpHasEnded, match="concordat breach reopen 1 --party police"):
            act(session, "police")
        closed(session, 1, FRIDAY, "council")
        with pytest.raises(BreachHasEnded, match="concordat breach reopen 1"):
            act(session, "council")
