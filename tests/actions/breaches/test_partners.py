"""Partners are told under the protocol's own clock, where it sets one, and where the party's procedure asks for it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude, decide_duty
from actions.breaches.duties import LiesAhead, duties_view
from actions.breaches.moving import follow_up_at
from actions.breaches.partners import PartnersToldLate, partners_told
from actions.breaches.stating import state_facts
from actions.describing import described
from actions.owing import extend
from models.breach import Breach, BreachDuty
from models.history import Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep, Test
from tests.actions.breach_world import FRIDAY, STEPS, begun, follow_procedure, procedure
from tests.actions.world import World

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DAY_ENDS = datetime.fromisoformat("2026-10-27T00:00+00:00")  # one working day after Friday is Monday, in winter time


def begin(store: sa.Engine, clock: str) -> World:
    world = World(store, breaches={"partner_notification": clock})
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
    return world


def told(world: World, at: datetime, late_because: str | None = None, now: datetime | None = None) -> None:
    with world.act() as session:
        partners_told(session, now or at, 1, "council", at, "x", late_because)


def partners(world: World) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)


def test_in_time_at_the_very_instant_and_late_a_second_after_where_hours_are_counted(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    due = FRIDAY + 24 * HOUR
    assert partners(world).due_at == due
    with pytest.raises(PartnersToldLate, match="--late-because"):
        told(world, due + SECOND)
    told(world, due)
    assert partners(world).done_at == due
    assert world.only(Obligation, Obligation.kind == ObligationKind.TELLING_PARTNERS).outcome is Outcome.ANSWERED
    assert world.broken(due) == []


def test_where_days_are_counted_the_end_of_the_last_is_late_already(empty_store: sa.Engine) -> None:
    world = begin(empty_store, "1 working day")
    assert partners(world).due_at == DAY_ENDS
    with pytest.raises(PartnersToldLate):
        told(world, DAY_ENDS)
    told(world, DAY_ENDS - SECOND)
    assert partners(world).late_because_id is None


def test_late_with_reasons_is_recorded_with_them(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    at = FRIDAY + 25 * HOUR
    told(world, at, "The line was dead.")
    [why] = world.every(Narrative, Narrative.id == partners(world).late_because_id)
    assert why.text == "The line was dead."
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        views = duties_view(session, breach, follow_up_at(session, breach, "council")[0], at)
    [view] = [each for each in views if each.kind is DutyKind.PARTNERS]
    assert (view.late, view.late_because, view.law) == (True, "The line was dead.", "the protocol")
    assert world.broken(at) == []


def test_the_same_again_does_nothing_and_telling_more_of_them_changes_no_instant(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "PT24H")
    told(world, FRIDAY)
    before = world.rows()
    told(world, FRIDAY, now=FRIDAY + HOUR)
    assert world.rows() == before
    told(world, FRIDAY + 30 * HOUR)
    assert partners(world).done_at == FRIDAY
    with pytest.raises(LiesAhead):
        told(world, FRIDAY + HOUR, now=FRIDAY)


def test_where_the_protocol_sets_no_clock_they_may_be_told_all_the_same(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
    assert partners(small_world).required is False
    told(small_world, FRIDAY + 100 * HOUR)
    assert partners(small_world).done_at == FRIDAY + 100 * HOUR
    assert small_world.broken(FRIDAY + 100 * HOUR) == []


def test_a_decision_that_is_taken_back_leaves_the_protocols_clock_as_it_was(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store, "1 working day")
    for required in (False, True):
        with world.act() as session:
            decide_duty(
                session, FRIDAY + HOUR, 1, "council", DutyKind.PARTNERS, "x", f"So {required}.", required
            )  # fmt: skip
    first, second = world.duties(ObligationKind.TELLING_PARTNERS)
    assert first.outcome is Outcome.SUPERSEDED
    assert (second.due_at, second.exact, second.outcome) == (DAY_ENDS, False, None)


# By the party's own procedure.

TELL_PARTNERS = ProcedureStep(
    id="tell-partners", do="tell the partners concerned", by="dpo", duty="partners",
    limit=Limit(period=parse_period("PT12H"), moment=Moment.AWARE),
)  # fmt: skip
AFTERWARDS = ProcedureStep(id="board", do="report to the board", by="dpo", after=("tell-partners",))


def begin_by(world: World, *steps: ProcedureStep, **facts: object) -> World:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*STEPS, *steps))
        begun(session, FRIDAY, **facts)
    return world


def owed(world: World) -> list[Obligation]:
    return world.every(
        Obligation, Obligation.kind == ObligationKind.TELLING_PARTNERS, col(Obligation.outcome).is_(None)
    )  # fmt: skip


def steps(world: World) -> list[str | None]:
    return [each.subject for each in world.every(Obligation, Obligation.kind == ObligationKind.STEP)]


def test_where_the_partys_procedure_asks_for_it_the_partners_are_told_before_what_comes_after(world: World) -> None:
    begin_by(world, TELL_PARTNERS, AFTERWARDS)
    assert partners(world).required is True
    assert partners(world).due_at is None, "the protocol sets no clock"
    [duty] = owed(world)
    assert duty.due_at == FRIDAY + 24 * HOUR, "asked again: nobody knows yet what its figure counts from"
    assert "board" not in steps(world)
    with world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY - HOUR, "DPO", "x", "They rang.")
    [duty] = owed(world)
    assert duty.due_at == FRIDAY + 11 * HOUR
    told(world, FRIDAY + 20 * HOUR)  # late by its own procedure, which needs no reasons
    assert owed(world) == []
    assert "board" in steps(world)
    assert world.broken(FRIDAY + 20 * HOUR) == []


def test_of_the_protocols_clock_and_the_partys_own_the_earlier_counts(sqlite_store: sa.Engine) -> None:
    world = begin_by(World(sqlite_store, breaches={"partner_notification": "PT48H"}), TELL_PARTNERS)
    with world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
    [duty] = owed(world)
    assert (duty.due_at, partners(world).due_at) == (FRIDAY + 12 * HOUR, FRIDAY + 48 * HOUR)
    told(world, FRIDAY + 20 * HOUR)
    assert partners(world).late_because_id is None, "in time by the protocol"


def test_a_condition_of_the_procedure_is_asked_again_until_a_person_decides(small_world: World) -> None:
    begin_by(small_world, replace(TELL_PARTNERS, when=Test("people", "more than", 100)), AFTERWARDS, PEOPLE=2)
    assert (partners(small_world).required, owed(small_world)) == (False, [])
    assert "board" in steps(small_world), "what the procedure does not ask for holds nobody up"
    for people, asked in ((400, True), (3, False), (500, True)):
        with small_world.act() as session:
            state_facts(session, FRIDAY + HOUR, 1, {FactName.PEOPLE: people}, "coordinator", "Counted.")
        assert (partners(small_world).required, len(owed(small_world))) == (asked, int(asked))
        assert small_world.broken(FRIDAY + HOUR) == []
    with small_world.act() as session:
        decide_duty(session, FRIDAY + HOUR, 1, "council", DutyKind.PARTNERS, "x", "The council told everybody.")
    with small_world.act() as session:
        state_facts(session, FRIDAY + HOUR, 1, {FactName.PEOPLE: 600}, "coordinator", "Counted.")
    assert partners(small_world).required is False


def test_more_time_for_what_the_procedure_alone_asks_is_no_clock_of_the_protocol(small_world: World) -> None:
    begin_by(small_world, TELL_PARTNERS)
    with small_world.act() as session:
        [duty] = [each for each in session.exec(select(Obligation)) if each.kind is ObligationKind.TELLING_PARTNERS]
        extend(session, FRIDAY, duty, datetime.fromisoformat("2026-10-29").date(), "secretary", "Half term.")
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
    assert partners(small_world).due_at is None
    [duty] = owed(small_world)
    assert duty.due_on.isoformat() == "2026-10-29", "what somebody has extended stays extended"


def test_people_are_told_by_the_partys_own_figure_where_it_has_one(small_world: World) -> None:
    """The law has none: the day after is only when Concordat would ask again."""
    own = ProcedureStep(
        id="tell-people", do="tell the people concerned", by="dpo", duty="people", when=Test("risk", "is", "high"),
        limit=Limit(period=parse_period("5 working days"), moment=Moment.AWARE),
    )  # fmt: skip
    begin_by(small_world, own)
    with small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
        conclude(session, FRIDAY, 1, "council", Risk.HIGH, "x", "A family.")
    [duty] = small_world.every(Obligation, Obligation.kind == ObligationKind.TELLING_PEOPLE)
    assert duty.due_on.isoformat() == "2026-10-30"


@pytest.mark.parametrize(("first", "due"), [(13, 37), (1, 12)])
def test_people_that_are_owed_a_word_after_the_figure_has_passed_are_not_told_late_at_once(
    small_world: World, first: int, due: int
) -> None:
    """Concluded late, or anew after nobody had to be told: its figure lies behind."""
    own = ProcedureStep(
        id="tell-people", do="tell the people concerned", by="dpo", duty="people",
        limit=Limit(period=parse_period("PT12H"), moment=Moment.AWARE),
    )  # fmt: skip
    begin_by(small_world, own)
    with small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
    for hours, risk in ((first, Risk.HIGH), (20, Risk.UNLIKELY), (30, Risk.HIGH)):
        with small_world.act() as session:
            conclude(session, FRIDAY + hours * HOUR, 1, "council", risk, "x", f"Known after {hours} hours.")
    duties = small_world.every(Obligation, Obligation.kind == ObligationKind.TELLING_PEOPLE)
    assert [each.due_at for each in duties] == [FRIDAY + due * HOUR, FRIDAY + 54 * HOUR]


@pytest.mark.parametrize(("limit", "figure"), [(TELL_PARTNERS.limit, True), (None, False)])
def test_a_reminder_says_a_time_where_the_procedure_gives_one(
    small_world: World, limit: Limit | None, figure: bool
) -> None:
    people = ProcedureStep(id="tell-people", do="tell them", by="dpo", duty="people", limit=limit)
    begin_by(small_world, replace(TELL_PARTNERS, limit=limit), people)
    with small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
        conclude(session, FRIDAY, 1, "council", Risk.HIGH, "x", "A family.")
        for kind in (ObligationKind.TELLING_PARTNERS, ObligationKind.TELLING_PEOPLE):
            duty = session.exec(select(Obligation).where(Obligation.kind == kind)).one()
            said = described(session, duty, FRIDAY + 40 * HOUR)
            assert (said.due_at is not None, said.asked_at is None, said.overdue) == (figure, figure, figure)
