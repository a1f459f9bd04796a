"""A notice that was withdrawn, and is owed again, has the time it had; whoever has not decided may be late too."""

from datetime import timedelta

import pytest
from sqlmodel import col

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.notifying import record_notice
from actions.breaches.stating import state_facts
from models.breach import BreachDuty, RegulatorNotice
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import DutyKind, LateWithoutReasons, Risk
from rules.breach_facts import FactName
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep
from tests.actions.breach_world import COORDINATOR, DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def begin(world: World, period: str, moment: Moment) -> None:
    """The council's own procedure gives the notice less than 72 hours, counted from that moment; it is aware."""
    limit = Limit(period=parse_period(period), moment=moment)
    step = ProcedureStep(id="notify", do="notify the regulator", by="dpo", duty="regulator", limit=limit)
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(step))
        begun(session, FRIDAY, DETECTED=FRIDAY.isoformat())
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", COORDINATOR, "They rang.")


def concluded(world: World, risk: Risk, hours: int) -> None:
    with world.act() as session:
        conclude(session, FRIDAY + hours * HOUR, 1, "council", risk, COORDINATOR, f"It is {risk}.")


def notice(world: World) -> Obligation:
    return world.only(Obligation, Obligation.kind == ObligationKind.NOTICE, col(Obligation.outcome).is_(None))


def test_a_fact_that_changed_in_between_gives_no_later_date(small_world: World) -> None:
    begin(small_world, "PT24H", Moment.DETECTED)
    assert notice(small_world).due_at == FRIDAY + 24 * HOUR
    concluded(small_world, Risk.UNLIKELY, 1)
    assert [each.outcome for each in small_world.duties(ObligationKind.NOTICE)] == [Outcome.SUPERSEDED]
    with small_world.act() as session:
        later = {FactName.DETECTED: (FRIDAY + HOUR).isoformat()}
        state_facts(session, FRIDAY + 2 * HOUR, 1, later, COORDINATOR, "The log says so.")
    concluded(small_world, Risk.LIKELY, 3)
    assert notice(small_world).due_at == FRIDAY + 24 * HOUR


def test_a_limit_from_being_asked_counts_from_the_first_time(small_world: World) -> None:
    """Also where the awareness was corrected while nothing was owed, so that the date is counted again."""
    begin(small_world, "PT8H", Moment.OPENED)
    assert notice(small_world).due_at == FRIDAY + 8 * HOUR
    concluded(small_world, Risk.UNLIKELY, 1)
    with small_world.act() as session:
        record_awareness(
            session, FRIDAY + 2 * HOUR, 1, "council", FRIDAY - HOUR, "DPO", COORDINATOR, "They rang earlier."
        )  # fmt: skip
    concluded(small_world, Risk.LIKELY, 5)
    assert notice(small_world).due_at == FRIDAY + 8 * HOUR


def test_who_has_not_concluded_anything_gives_reasons_for_a_late_notice_too(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", COORDINATOR, "They rang.")
    assert small_world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR).required is None
    with pytest.raises(LateWithoutReasons), small_world.act() as session:
        record_notice(session, DUE + SECOND, 1, "council", DUE + SECOND, COORDINATOR)
    assert small_world.every(RegulatorNotice) == []
    with small_world.act() as session:
        record_notice(session, DUE + SECOND, 1, "council", DUE, COORDINATOR)
    assert small_world.broken(DUE + SECOND) == []
