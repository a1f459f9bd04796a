"""One follow-up for every party concerned; and whoever is away or cannot be reached is stood in for."""

from datetime import date, timedelta

import pytest

from actions.breaches.following import asked_of
from actions.breaches.handing_over import to_hand_over
from actions.breaches.stating import state_facts
from actions.breaches.statutory import open_duties_of
from actions.contacts import set_contact
from actions.membership import leave
from models.breach import Breach, BreachDuty, FollowUp
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, MatterKind, Role
from rules.breach import Stage
from rules.breach_duties import Capacity, DutyKind, Regime
from rules.breach_facts import FactName
from tests.actions.breach_world import COORDINATOR, FRIDAY, begun, follow_procedure, procedure, reported, sweep_breaches
from tests.actions.world import SECRETARY, World, contact_of, kept, party, protocol

HOUR = timedelta(hours=1)
LATER = FRIDAY + HOUR


@kept
def name(world: World, slug: str, *roles: Role) -> None:
    with world.act() as session:
        for role in roles:
            set_contact(session, FRIDAY, protocol(session), party(session, slug), role, f"{role.name}@{slug}.example",
                        SECRETARY)  # fmt: skip


@kept
def follow(world: World, *slugs: str) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, *slugs)


def asked(world: World, kind: ObligationKind, subject: str | None = None) -> Role:
    duty = world.only(Obligation, Obligation.kind == kind, Obligation.subject == subject)
    return world.only(Contact, Contact.id == duty.contact_id).role


def test_every_party_concerned_has_its_own(world: World) -> None:
    follow(world, "council", "police")
    assert [row.opened_at for row in world.every(FollowUp)] == [FRIDAY, FRIDAY]
    assert {(row.follow_up_id, row.kind) for row in world.every(BreachDuty)} == {
        (number, kind) for number in (1, 2) for kind in (DutyKind.REGULATOR, DutyKind.PEOPLE, DutyKind.PARTNERS)
    }
    partners = world.every(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    assert {row.required for row in partners} == {False}, "the protocol sets no clock"


def test_the_police_are_under_their_own_act(world: World) -> None:
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, "council", "police")
    assert [row.regime for row in world.every(FollowUp)] == [Regime.UK_GDPR, Regime.LAW_ENFORCEMENT]


def test_whoever_is_not_a_party_any_more_is_not_asked(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        reported(session, FRIDAY, "council", "fire")
        leave(session, FRIDAY, party(session, "fire"), SECRETARY, "Merged.")
    sweep_breaches(world, FRIDAY + HOUR)
    assert len(world.every(FollowUp)) == 1


def test_nobody_knows_whom_it_concerns_and_the_secretary_asks(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, PARTIES="unknown")
    assert world.only(Breach).stage is Stage.ASSESSING
    [matter] = world.matters()
    assert (matter.kind, matter.todo) == (
        MatterKind.BREACH, "Ask, then add each with `concordat breach affect 1 PARTY --because TEXT`."
    )  # fmt: skip
    sweep_breaches(world, LATER)
    with world.act() as session:
        state_facts(session, LATER, 1, {FactName.PARTIES: ["council"]}, COORDINATOR)
    assert world.matters() == []
    assert len(world.every(FollowUp)) == 1


def test_the_law_s_duties_go_to_those_the_procedure_names_for_them(world: World) -> None:
    name(world, "council", Role.COORDINATOR, Role.DPO)
    follow(world, "council")
    assert asked(world, ObligationKind.ASSESSMENT) is Role.COORDINATOR
    with world.read() as session:
        breach, follow_up = session.get_one(Breach, 1), session.get_one(FollowUp, 1)
        notice = asked_of(session, FRIDAY, breach, follow_up, ObligationKind.NOTICE)
        assert notice.contact.role is Role.DPO
    assert notice.why == "the procedure of Westshire Council gives this to the data protection officer"


def test_whoever_bounces_is_stood_in_for_by_the_sweep_and_the_clocks_go_on(world: World) -> None:
    name(world, "council", Role.COORDINATOR, Role.DPO)
    follow(world, "council")
    before = {duty.key: duty.due_at for duty in world.every(Obligation)}
    with world.act() as session:
        contact_of(session, "council", Role.COORDINATOR).bounced_at = LATER
    sweep_breaches(world, LATER)
    sweep_breaches(world, LATER)
    assert asked(world, ObligationKind.ASSESSMENT) is Role.DPO
    assert asked(world, ObligationKind.STEP, "contain") is Role.DPO
    assert {duty.key: duty.due_at for duty in world.every(Obligation)} == before
    row = world.only(History, History.what == "hand over")
    assert set(row.details["obligations"]) == set(before)
    assert (row.moved_from, row.moved_to) == (None, None)


def test_where_nobody_can_be_reached_the_secretary_is_asked(world: World) -> None:
    follow(world, "council")
    with world.act() as session:
        contact_of(session, "council").bounced_at = LATER
    sweep_breaches(world, LATER)
    assert asked(world, ObligationKind.ASSESSMENT) is Role.SECRETARY
    with world.act() as session:
        contact_of(session, None, Role.SECRETARY).away_until = date(2026, 12, 24)
    sweep_breaches(world, LATER)
    assert asked(world, ObligationKind.ASSESSMENT) is Role.SECRETARY, "better than nobody"


@pytest.mark.parametrize(("day", "handed"), [(date(2026, 10, 22), False), (date(2026, 10, 23), True)])
def test_away_until_the_end_of_that_day(world: World, day: date, handed: bool) -> None:
    name(world, "council", Role.COORDINATOR, Role.DPO)
    follow(world, "council")
    with world.act() as session:
        contact_of(session, "council", Role.COORDINATOR).away_until = day
        session.flush()
        assert bool(to_hand_over(session, LATER, session.get_one(Breach, 1))) is handed


def test_what_is_no_duty_in_its_capacity_is_not_open(small_world: World) -> None:
    follow(small_world, "council")
    with small_world.act() as session:
        follow_up = session.get_one(FollowUp, 1)
        assert [duty.kind for duty in open_duties_of(session, follow_up)] == [DutyKind.REGULATOR, DutyKind.PEOPLE]
        follow_up.capacity = Capacity.PROCESSOR
        session.flush()
        assert open_duties_of(session, follow_up) == []


def test_why_partners_need_not_be_told_again_is_kept(small_world: World) -> None:
    follow(small_world, "council")
    row = small_world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    words = small_world.only(Narrative, Narrative.id == row.because_id).text
    assert words == "the protocol sets no clock between partners; those the report names have been told"
