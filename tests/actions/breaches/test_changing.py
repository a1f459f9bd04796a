"""What the secretary may change in what a party owes after a breach, and what only an answer ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.breaches.awareness import record_awareness
from actions.breaches.changing import ControllerWithoutUndueDelay, HoursAreTheLaws, IsAnswered, NobodyStandsIn
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.deciding import decide_duty
from actions.breaches.duties import duties_view
from actions.breaches.holding import place_hold
from actions.breaches.moving import follow_up_at
from actions.breaches.partners import PartnersToldLate, partners_told
from actions.breaches.people import people_not_told
from actions.owing import delegate, extend, waive
from actions.party_requests import why_no_more_time
from models.breach import Breach, BreachDuty
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Contact, Role
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.procedures import Procedure
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import SECRETARY, World, party

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
TUESDAY = date(2026, 10, 27)
TUESDAY_ENDS = datetime.fromisoformat("2026-10-28T00:00+00:00")
PARTNERS = ObligationKind.TELLING_PARTNERS


def begin(store: sa.Engine, clock: str = "PT24H", own: Procedure | None = None) -> World:
    world = World(store, breaches={"partner_notification": clock})
    with world.act() as session:
        council = party(session, "council")
        for role in (Role.DPO, Role.DEPUTY):
            session.add(
                Contact(
                    protocol_id=council.protocol_id, party_id=council.id, role=role, address=f"{role.name}@c.example"
                )
            )
        session.flush()
        follow_procedure(session, FRIDAY, own or procedure())
        begun(session, FRIDAY)
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "They rang.")
    return world


def owed(session: Session, kind: ObligationKind) -> Obligation:
    statement = select(Obligation).where(Obligation.kind == kind, col(Obligation.outcome).is_(None))
    found = session.exec(statement.order_by(col(Obligation.id))).first()
    assert found is not None, kind
    return found


def waived(world: World, kind: ObligationKind) -> None:
    with world.act() as session:
        waive(session, FRIDAY, owed(session, kind), SECRETARY, "We are busy.")


def everything_owed(world: World) -> None:
    """High risk, letters held, then released for telling people: what is not owed together is asked one by one."""
    with world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "Prosecutions.")
        conclude(session, FRIDAY, 1, "council", Risk.HIGH, "x", "Children.")


COMMANDS = {
    ObligationKind.ASSESSMENT: "concordat breach conclude 1 council",
    ObligationKind.STEP: "concordat breach step 1 council contain --skip",
    ObligationKind.TELLING_PARTNERS: "concordat breach duty 1 council partners not-required",
    ObligationKind.TELLING_PEOPLE: "concordat breach people 1 council --not-required",
    ObligationKind.LEARNING: "concordat breach lesson 1 council --effect none",
    ObligationKind.HOLD: "concordat breach hold 1 council --confirm",
}


@pytest.mark.parametrize("kind", COMMANDS)
def test_what_a_breach_asks_is_answered_and_never_waived(sqlite_store: sa.Engine, kind: ObligationKind) -> None:
    world = begin(sqlite_store)
    if kind is not ObligationKind.ASSESSMENT:
        everything_owed(world)
    if kind is ObligationKind.HOLD:
        with world.act() as session:
            place_hold(session, FRIDAY, 1, "council", "x", "An arrest is planned.")
    before = world.rows()
    with pytest.raises(IsAnswered, match=COMMANDS[kind]):
        waived(world, kind)
    assert world.rows() == before
    assert world.broken(FRIDAY) == []


def test_the_notice_is_not_waived_either_and_the_sentence_says_what_to_type(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store)
    with pytest.raises(HoursAreTheLaws, match=r"breach notify 1 council.*breach duty 1 council regulator not-required"):
        waived(world, ObligationKind.NOTICE)


def test_a_processor_is_told_of_its_controller_and_of_no_72_hours(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store)
    with world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It works for the trust.")
    named = r"33\(2\).*breach notify 1 council.*breach duty 1 council controller not-required"
    with pytest.raises(ControllerWithoutUndueDelay, match=named):
        waived(world, ObligationKind.NOTICE)
    with pytest.raises(ControllerWithoutUndueDelay, match=named), world.act() as session:
        extend(session, FRIDAY, owed(session, ObligationKind.NOTICE), TUESDAY, SECRETARY, "The line is dead.")
    with world.read() as session:
        refusal = why_no_more_time(session, owed(session, ObligationKind.NOTICE))
        assert "tells its controller without undue delay" in str(refusal)
        assert "72" not in str(refusal)
    for_the_processor = FRIDAY + 24 * HOUR
    world.sweep(for_the_processor)
    [reminder] = [each for each in world.every(Message, Message.kind == "duty_reminder") if "controller" in each.text]
    said = " ".join(reminder.text.split())
    assert "72 hours" not in said
    assert "for telling the controller: the law says “without undue delay”" in said
    with world.act() as session:
        decide_duty(
            session, for_the_processor, 1, "council", DutyKind.CONTROLLER, "x", "It told itself.", required=False
        )
    assert world.duties(ObligationKind.NOTICE, col(Obligation.outcome).is_(None)) == []
    assert world.broken(for_the_processor) == []


def test_the_command_that_is_named_instead_ends_it(sqlite_store: sa.Engine) -> None:
    world = begin(sqlite_store)
    everything_owed(world)
    with world.act() as session:
        people_not_told(session, FRIDAY, 1, "council", "x", "The stick was encrypted.")
    assert world.duties(ObligationKind.TELLING_PEOPLE, col(Obligation.outcome).is_(None)) == []
    assert world.broken(FRIDAY) == []


def test_what_the_procedure_gives_to_one_role_alone_is_nobody_elses(sqlite_store: sa.Engine) -> None:
    given = procedure()
    only = {**given.roles, "dpo": replace(given.roles["dpo"], only=True)}
    world = begin(sqlite_store, own=replace(given, roles=only))
    with pytest.raises(NobodyStandsIn, match="data protection officer alone"), world.act() as session:
        delegate(session, FRIDAY, owed(session, ObligationKind.NOTICE), SECRETARY, "On leave.")
    with world.act() as session:
        delegate(session, FRIDAY, owed(session, ObligationKind.STEP), SECRETARY, "On leave.")  # any member of staff's


def extended(world: World) -> None:
    with world.act() as session:
        extend(session, FRIDAY, owed(session, PARTNERS), TUESDAY, SECRETARY, "The line is dead.")


def told(world: World, at: datetime) -> None:
    with world.act() as session:
        partners_told(session, at, 1, "council", at, "x")


@pytest.mark.parametrize("clock", ["PT24H", "1 working day"])
def test_more_time_for_telling_partners_moves_the_duty_and_what_is_owed_together(
    sqlite_store: sa.Engine, clock: str
) -> None:
    world = begin(sqlite_store, clock)
    extended(world)
    duty = world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    assert duty.due_at == world.only(Obligation, Obligation.kind == PARTNERS).due_at == TUESDAY_ENDS
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        views = duties_view(session, breach, follow_up_at(session, breach, "council")[0], TUESDAY_ENDS - SECOND)
    assert [view.late for view in views if view.kind is DutyKind.PARTNERS] == [False]
    with pytest.raises(PartnersToldLate):
        told(world, TUESDAY_ENDS)
    told(world, TUESDAY_ENDS - SECOND)
    assert world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS).late_because_id is None
    assert world.broken(TUESDAY_ENDS) == []
