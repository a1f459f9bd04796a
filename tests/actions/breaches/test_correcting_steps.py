"""When a step was done was recorded wrongly: it is corrected with a reason, and what counts from it follows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col

from actions.annual_report import year_report
from actions.annual_report_shapes import Kept
from actions.breaches.awareness import record_awareness
from actions.breaches.beginning import BeforeItBegan
from actions.breaches.closing import finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.correcting_steps import NotDone, correct_step
from actions.breaches.looking_ahead import look_ahead
from actions.breaches.moving import FollowUpHasEnded, follow_up_at
from actions.breaches.showing_party import follow_up_views
from actions.breaches.shown_party import StepLine
from actions.breaches.stating import state_facts
from actions.breaches.step_limits import ended_in
from actions.breaches.stepping import DoneAhead, IsADuty, finish_step, skip_step
from actions.breaches.steps import standing_of
from actions.cast import NotThere
from actions.describing import without_figure
from actions.owing import extend
from actions.reasons import ReasonNeeded
from models.breach import Breach, StepRecord
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.errors import Refused
from rules.instants import NotAnInstant
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep, Repeat
from tests.actions.breach_world import COORDINATOR, FRIDAY, STEPS, begun, done_with, follow_procedure, procedure
from tests.actions.databases import in_each_case
from tests.actions.merger_world import broken, did, merged, report
from tests.actions.world import SECRETARY, World, played_once, protocol

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW, DONE = FRIDAY + 6 * HOUR, FRIDAY + 3 * HOUR  # now, and as it was recorded first
BECAUSE = "It was typed wrongly."


def after(hours: str, step: str) -> Limit:
    return Limit(period=parse_period(hours), moment=Moment.STEP, step=step)


OF_ITS_OWN = (
    ProcedureStep(id="write", do="write it down", by="dpo", limit=after("PT12H", "contain")),
    ProcedureStep(
        id="assess", do="assess", by="dpo", may_be_provisional=True, limit=Limit(period=parse_period("PT8H")),
        final=after("PT48H", "assess"),
    ),
    ProcedureStep(
        id="look", do="look again", by="dpo", repeat=Repeat(every=parse_period("PT168H"), until="investigate")
    ),
    ProcedureStep(id="tell", do="tell the regulator", by="dpo", duty="regulator", limit=after("PT24H", "contain")),
    ProcedureStep(id="people", do="tell the people", by="dpo", duty="people", limit=after("PT30H", "contain")),
)  # fmt: skip


@pytest.fixture
def following(world: World) -> World:
    return follow(world)


@played_once
def follow(world: World) -> None:
    """Done: contain, and for now assess, look; aware since Friday, and the risk is high."""
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*STEPS[:4], *OF_ITS_OWN))
        begun(session, FRIDAY, "council", OCCURRED_FROM=(FRIDAY - 2 * HOUR).isoformat())
        record_awareness(session, NOW, 1, "council", FRIDAY, "DPO", COORDINATOR, "They rang.")
        conclude(session, NOW, 1, "council", Risk.HIGH, COORDINATOR, "Children.")
        for step in ("contain", "assess", "look"):
            finish_step(
                session, NOW, 1, "council", step, COORDINATOR, "Done.", done_at=DONE, provisional=step == "assess"
            )


def corrects(world: World, at: datetime, step: str = "contain", because: str = BECAUSE, now: datetime = NOW) -> None:
    did(world, lambda s: correct_step(s, now, 1, "council", step, at, COORDINATOR, because))
    assert broken(world, now) == []


def due(world: World, subject: str | None = None, kind: ObligationKind = ObligationKind.STEP) -> datetime:
    owed = world.every(Obligation, Obligation.kind == kind, col(Obligation.outcome).is_(None))
    [one] = [each for each in owed if subject is None or each.subject == subject]
    return one.due_at


def stands(world: World, step: str = "contain", number: int = 1) -> datetime:
    with world.read() as session:
        breach = session.get_one(Breach, number)
        follow_up, _ = follow_up_at(session, breach, "council")
        return ended_in(session, follow_up)[step].at


def test_the_right_instant_stands_and_the_old_one_stays_with_the_reason(following: World) -> None:
    kept = following.only(StepRecord, StepRecord.step == "contain")
    corrects(following, FRIDAY)
    assert stands(following) == FRIDAY
    assert following.only(StepRecord, StepRecord.step == "contain").at == DONE
    row = following.only(History, History.what == "step corrected")
    assert row.who == COORDINATOR
    assert row.details == {
        "party": "council", "step": "contain", "record": kept.id, "at": FRIDAY.isoformat(), "before": DONE.isoformat()
    }  # fmt: skip
    assert following.only(Narrative, Narrative.id == row.why_id).text == BECAUSE
    assert shown(following, "contain").ended_at == FRIDAY


def test_lateness_is_by_the_right_instant(following: World) -> None:
    """The step “assess” was to be done by 11 at night."""
    corrects(following, (late := FRIDAY + 9 * HOUR), "assess", now=late)
    with following.read() as session:
        made = year_report(session, late, protocol(session), 2026)
    [assess] = [each for each in made.late if each.done_at == late]
    assert assess.kept is Kept.LATE


def test_of_many_breaches_looked_at_together_the_right_instant_stands_too(following: World) -> None:
    corrects(following, FRIDAY)
    with following.read() as session:
        breach = session.get_one(Breach, 1)
        follow_up, _ = follow_up_at(session, breach, "council")
        look_ahead(session, [breach], [follow_up])
        assert standing_of(session, breach, follow_up).ended["contain"].at == FRIDAY


def shown(world: World, step: str) -> StepLine:
    with world.read() as session:
        [view] = follow_up_views(session, NOW, session.get_one(Breach, 1), "council")
    return next(each for each in view.steps if each.step == step)


@pytest.mark.parametrize("at", [FRIDAY, FRIDAY + 5 * HOUR], ids=["earlier", "later"])
def test_what_counts_from_the_step_is_due_from_the_right_instant(following: World, at: datetime) -> None:
    assert due(following, "write") == DONE + 12 * HOUR
    assert due(following, kind=ObligationKind.NOTICE) == DONE + 24 * HOUR
    assert due(following, kind=ObligationKind.TELLING_PEOPLE) == DONE + 30 * HOUR
    corrects(following, at)
    assert due(following, "write") == at + 12 * HOUR
    assert due(following, kind=ObligationKind.NOTICE) == at + 24 * HOUR
    assert due(following, kind=ObligationKind.TELLING_PEOPLE) == at + 30 * HOUR


def test_what_is_due_by_the_right_instant_has_a_deadline_in_every_list(small_world: World) -> None:
    """Counted from the wrong instant it looked as if it were due when Concordat asks again, a day after it opened."""
    write = ProcedureStep(id="write", do="write", by="dpo", after=("contain",), limit=after("PT24H", "contain"))
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(STEPS[0], write))
        begun(session, FRIDAY, "council")
        finish_step(session, NOW, 1, "council", "contain", COORDINATOR, "Done.", done_at=DONE)
    corrects(small_world, NOW, now=NOW + HOUR)
    assert due(small_world, "write") == NOW + DAY
    with small_world.read() as session:
        assert not without_figure(session, small_world.every(Obligation, Obligation.subject == "write"))


def test_what_had_passed_by_the_right_instant_when_it_was_first_owed_is_due_by_no_wrong_one(
    small_world: World,
) -> None:
    """The letters stayed due by the wrong instant, and by the earlier of the two after a second correction."""
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(STEPS[0], OF_ITS_OWN[-1]))
        begun(session, FRIDAY, "council", OCCURRED_FROM=(FRIDAY - 60 * HOUR).isoformat())
        record_awareness(session, NOW, 1, "council", FRIDAY, "DPO", COORDINATOR, "They rang.")
        finish_step(session, NOW, 1, "council", "contain", COORDINATOR, "Done.", done_at=DONE)
        conclude(session, NOW, 1, "council", Risk.HIGH, COORDINATOR, "Children.")
    corrects(small_world, FRIDAY - 50 * HOUR)
    with small_world.read() as session:
        letters = small_world.every(Obligation, Obligation.kind == ObligationKind.TELLING_PEOPLE)
        assert without_figure(session, letters) == {each.key for each in letters}
    corrects(small_world, FRIDAY + 5 * HOUR)
    assert due(small_world, kind=ObligationKind.TELLING_PEOPLE) == FRIDAY + 35 * HOUR


@pytest.mark.parametrize(("step", "gives"), [("assess", 2 * DAY), ("look", 7 * DAY)])
def test_what_is_done_anew_counts_from_the_right_instant(following: World, step: str, gives: timedelta) -> None:
    assert due(following, step) == DONE + gives
    for at in (FRIDAY + 5 * HOUR, FRIDAY):
        corrects(following, at, step)
        assert due(following, step) == at + gives


def test_the_72_hours_are_never_exceeded(following: World) -> None:
    late = FRIDAY + 60 * HOUR
    corrects(following, late, now=late)
    assert due(following, kind=ObligationKind.NOTICE) == FRIDAY + 72 * HOUR


def test_what_was_asked_for_earlier_for_another_reason_stays(following: World) -> None:
    """Somebody has extended the one; the other was dated by something else."""
    write = next(each for each in following.every(Obligation) if each.subject == "write")
    given = NOW.date() + timedelta(days=9)
    did(following, lambda s: extend(s, NOW, s.get_one(Obligation, write.id), given, SECRETARY, "They are ill."))
    before = due(following, "write")
    corrects(following, FRIDAY)
    assert due(following, "write") == before


def test_nothing_that_was_sent_is_unsaid_and_what_has_ended_stays_ended(following: World) -> None:
    sent = [(each.id, each.state, each.subject) for each in following.every(Message)]
    ended = [(each.id, each.outcome, each.discharged_at) for each in following.every(Obligation) if each.outcome]
    corrects(following, FRIDAY)
    assert [(each.id, each.state, each.subject) for each in following.every(Message)] == sent
    over = [each for each in following.every(Obligation) if each.outcome]
    assert [(each.id, each.outcome, each.discharged_at) for each in over] == ended


def test_the_same_again_does_nothing(following: World) -> None:
    corrects(following, FRIDAY)
    before = following.rows()
    corrects(following, FRIDAY, now=NOW + DAY)
    assert following.rows() == before


def test_it_is_corrected_as_often_as_it_takes(following: World) -> None:
    for at in (FRIDAY, FRIDAY + HOUR, DONE, FRIDAY):
        corrects(following, at)
    assert len(following.every(History, History.what == "step corrected")) == 4


@in_each_case(
    "error,how",
    [
        (NotDone, {"step": "investigate"}),
        (NotDone, {"step": "many"}),
        (DoneAhead, {"at": NOW + timedelta(seconds=1)}),
        (BeforeItBegan, {"at": FRIDAY - 3 * HOUR}),
        (ReasonNeeded, {"because": " "}),
        (NotThere, {"step": "nothing"}),
        (IsADuty, {"step": "tell"}),
        (NotAnInstant, {"at": datetime(2026, 10, 23, 15)}),  # noqa: DTZ001
    ],
)
def test_refused_in_a_sentence(following: World, error: type[Refused], how: dict[str, Any]) -> None:
    before = following.rows()
    with pytest.raises(error, match=r"[.)]$"):
        corrects(following, **{"at": FRIDAY, **how})
    assert following.rows() == before


def test_a_skipped_step_was_not_done(following: World) -> None:
    did(following, lambda s: skip_step(s, NOW, 1, "council", "tell-dpo", COORDINATOR, "Not now."))
    with pytest.raises(NotDone, match="Step “tell-dpo” has not been done"):
        corrects(following, FRIDAY, "tell-dpo")


def test_not_once_the_follow_up_has_ended(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, "council")
        finish_step(session, NOW, 1, "council", "contain", COORDINATOR, "Done.")
        done_with(session, 1, NOW, "council")
        finish_follow_up(session, NOW, 1, "council", COORDINATOR)
    with pytest.raises(FollowUpHasEnded):
        corrects(small_world, FRIDAY)


def test_when_it_began_may_then_be_later_than_the_wrong_instant(following: World) -> None:
    corrects(following, FRIDAY - 2 * HOUR)
    began = {FactName.OCCURRED_FROM: (FRIDAY - HOUR).isoformat()}
    with pytest.raises(Refused, match="cannot have begun later"):
        did(following, lambda s: state_facts(s, NOW, 1, began, COORDINATOR, BECAUSE))
    corrects(following, FRIDAY)
    did(following, lambda s: state_facts(s, NOW, 1, began, COORDINATOR, BECAUSE))


def test_what_was_done_in_a_breach_that_was_merged_is_corrected_where_it_goes_on(small_world: World) -> None:
    report(small_world)
    report(small_world, FRIDAY + HOUR)
    for number, at in ((2, DONE), (1, DONE + HOUR)):
        step = "contain" if number == 2 else "tell-dpo"
        did(small_world, lambda s, n=number, t=at, i=step: finish_step(
            s, NOW, n, "council", i, COORDINATOR, "Done.", done_at=t))  # fmt: skip
    did(small_world, lambda s: correct_step(s, NOW, 2, "council", "contain", FRIDAY + HOUR, COORDINATOR, BECAUSE))
    merged(small_world, now=NOW)
    assert stands(small_world) == FRIDAY + HOUR
    for at in (FRIDAY + 2 * HOUR, FRIDAY + 4 * HOUR):
        corrects(small_world, at)
        assert stands(small_world) == at
    assert stands(small_world, number=2) == FRIDAY + HOUR
