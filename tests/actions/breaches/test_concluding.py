"""What a person concludes, and what follows for each duty: a clock is never begun anew by it."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col

from actions.breaches.awareness import AwarenessNeeded, record_awareness
from actions.breaches.concluding import assess, conclude, decide_duty, set_regime
from actions.breaches.duties import DutyDone, DutyView, NotItsDuty, duties_view
from actions.breaches.holding import place_hold
from actions.breaches.moving import follow_up_at
from actions.breaches.notifying import record_notice
from actions.breaches.people import people_told
from actions.breaches.regime import HoldStands
from actions.reasons import ReasonNeeded
from models.breach import Breach, BreachDuty, Conclusion, FollowUp
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.severity_factors import read_factors
from tests.actions.breach_world import DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, kept

HOUR = timedelta(hours=1)
SATURDAY = FRIDAY + 20 * HOUR
HIGH = read_factors(["sensitive=4"], ["0.75"], ["confidentiality=0.25", "intent=0.5"])
LOW = read_factors(["simple=1"], ["0.25"], ["none"])


@kept
def begin(world: World, *slugs: str, aware: bool = True) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        begun(session, FRIDAY, *slugs)
        for slug in slugs or ("council",):
            if aware:
                record_awareness(session, FRIDAY, 1, slug, FRIDAY, "officer", "x", "They rang.")


def concluded(
    world: World, risk: Risk, because: str = "Because.", now: datetime = FRIDAY, slug: str = "council"
) -> tuple[str, ...]:
    with world.act() as session:
        return conclude(session, now, 1, slug, risk, "officer", because)


def duty(world: World, kind: DutyKind) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == kind, BreachDuty.follow_up_id == 1)


def owed(world: World, kind: ObligationKind) -> list[Obligation]:
    return world.duties(kind, col(Obligation.outcome).is_(None))


def views(session: Session, now: datetime, slug: str = "council") -> dict[DutyKind, DutyView]:
    breach = session.get_one(Breach, 1)
    follow_up, _ = follow_up_at(session, breach, slug)
    return {view.kind: view for view in duties_view(session, breach, follow_up, now)}


@pytest.mark.parametrize("risk", [Risk.LIKELY, Risk.HIGH])
def test_a_risk_that_has_to_be_told_of_needs_the_awareness_first(small_world: World, risk: Risk) -> None:
    begin(small_world, aware=False)
    with pytest.raises(AwarenessNeeded, match="concordat breach aware 1 council"):
        concluded(small_world, risk)
    assert small_world.every(Conclusion) == []


@pytest.mark.parametrize("risk", [Risk.NOT_PERSONAL, Risk.UNLIKELY])
def test_where_nobody_has_to_be_told_the_awareness_may_be_left_out(small_world: World, risk: Risk) -> None:
    begin(small_world, aware=False)
    concluded(small_world, risk)
    assert duty(small_world, DutyKind.REGULATOR).required is False
    assert small_world.broken(FRIDAY) == []


def test_the_first_conclusion_ends_the_assessment_and_asks_what_was_learnt_once(world: World) -> None:
    begin(world)
    concluded(world, Risk.LIKELY)
    concluded(world, Risk.HIGH, now=SATURDAY)
    assert world.only(Obligation, Obligation.kind == ObligationKind.ASSESSMENT).outcome is Outcome.ANSWERED
    assert world.only(FollowUp).assessed_at == FRIDAY
    assert len(world.duties(ObligationKind.LEARNING)) == 1
    assert world.broken(SATURDAY) == []


def test_a_high_risk_asks_for_both_and_a_likely_one_for_the_notice_alone(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.LIKELY)
    assert owed(small_world, ObligationKind.TELLING_PEOPLE) == []
    concluded(small_world, Risk.HIGH, now=SATURDAY)
    [people] = owed(small_world, ObligationKind.TELLING_PEOPLE)
    assert people.due_at == SATURDAY + 24 * HOUR
    assert duty(small_world, DutyKind.PEOPLE).due_at is None
    [notice] = owed(small_world, ObligationKind.NOTICE)
    assert (notice.key, notice.due_at) == ("breach:1:notice:council:1", DUE)


def test_what_is_not_required_any_more_and_then_is_again_comes_back_with_the_same_due(world: World) -> None:
    begin(world)
    concluded(world, Risk.LIKELY)
    concluded(world, Risk.UNLIKELY, now=SATURDAY)
    assert world.only(Obligation, Obligation.kind == ObligationKind.NOTICE).outcome is Outcome.SUPERSEDED
    concluded(world, Risk.HIGH, now=SATURDAY + HOUR)
    [again] = owed(world, ObligationKind.NOTICE)
    assert (again.key, again.due_at) == ("breach:1:notice:council:2", DUE)
    decided = [row.what for row in world.every(History) if row.details.get("duty") == "regulator"]
    assert decided == ["duty required", "duty not required", "duty required"]
    assert world.broken(SATURDAY + HOUR) == []


def test_an_awareness_that_was_corrected_while_nothing_was_owed_counts_when_it_is_again(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.UNLIKELY)
    with small_world.act() as session:
        record_awareness(session, SATURDAY, 1, "council", FRIDAY - HOUR, "officer", "x", "Read on the phone.")
    concluded(small_world, Risk.LIKELY, now=SATURDAY)
    [notice] = owed(small_world, ObligationKind.NOTICE)
    assert notice.due_at == DUE - HOUR


def test_a_notice_that_was_given_stays_given_whatever_is_concluded_later(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.LIKELY)
    with small_world.act() as session:
        record_notice(session, SATURDAY, 1, "council", SATURDAY, "x")
    for risk in (Risk.UNLIKELY, Risk.HIGH):
        concluded(small_world, risk, now=SATURDAY + HOUR)
        assert duty(small_world, DutyKind.REGULATOR).done_at == SATURDAY
        assert owed(small_world, ObligationKind.NOTICE) == []


def test_the_same_conclusion_for_the_same_reasons_does_nothing_again(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.HIGH)
    before = small_world.rows()
    concluded(small_world, Risk.HIGH, now=SATURDAY)
    assert small_world.rows() == before
    concluded(small_world, Risk.HIGH, "Other reasons.", now=SATURDAY)
    assert len(small_world.every(Conclusion)) == 2
    with pytest.raises(ReasonNeeded):
        concluded(small_world, Risk.HIGH, " ")


def test_the_score_known_then_is_kept_and_decides_nothing(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        assess(session, FRIDAY, 1, HIGH, "officer")
    doubts = concluded(small_world, Risk.UNLIKELY)
    assert small_world.only(Conclusion).severity == "3.75"
    assert len(doubts) == 1
    assert "high" in doubts[0]
    assert duty(small_world, DutyKind.REGULATOR).required is False
    assert concluded(small_world, Risk.LIKELY, now=SATURDAY) == ()


def test_a_corrected_score_takes_a_reason_and_the_earlier_conclusion_keeps_its_own(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        assess(session, FRIDAY, 1, LOW, "officer")
    concluded(small_world, Risk.LIKELY)
    with pytest.raises(ReasonNeeded), small_world.act() as session:
        assess(session, FRIDAY, 1, HIGH, "officer")
    with small_world.act() as session:
        assess(session, FRIDAY, 1, HIGH, "officer", "Two more children.")
    assert small_world.only(Conclusion).severity == "0.25"


def test_a_person_may_decide_that_the_people_need_not_be_told_and_a_repeated_conclusion_leaves_it(
    small_world: World,
) -> None:
    begin(small_world)
    concluded(small_world, Risk.HIGH)
    with small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.PEOPLE, "officer", "Encrypted (art. 34(3)(a)).")
    assert owed(small_world, ObligationKind.TELLING_PEOPLE) == []
    concluded(small_world, Risk.HIGH, "Said again.", now=SATURDAY)
    assert duty(small_world, DutyKind.PEOPLE).required is False
    concluded(small_world, Risk.LIKELY, now=SATURDAY)
    concluded(small_world, Risk.HIGH, "The key was lost.", now=SATURDAY)
    assert duty(small_world, DutyKind.PEOPLE).required is True
    assert len(owed(small_world, ObligationKind.TELLING_PEOPLE)) == 1


def test_what_a_person_decided_before_the_first_conclusion_stands_and_the_doubt_is_said(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.PEOPLE, "officer", "The stick was encrypted.")
    [doubt] = concluded(small_world, Risk.HIGH)
    assert duty(small_world, DutyKind.PEOPLE).required is False
    assert duty(small_world, DutyKind.REGULATOR).required is True
    assert owed(small_world, ObligationKind.TELLING_PEOPLE) == []
    assert "“people” stays not required" in doubt
    assert "concordat breach duty 1 council people required" in doubt
    [again] = concluded(small_world, Risk.HIGH, "Said again.", now=SATURDAY)
    assert again == doubt
    assert small_world.broken(SATURDAY) == []
    assert concluded(small_world, Risk.LIKELY, now=SATURDAY) == ()


def test_what_follows_of_itself_from_acting_as_a_processor_is_nobodys_decision(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    assert concluded(small_world, Risk.NOT_PERSONAL) == ()
    assert duty(small_world, DutyKind.CONTROLLER).required is False


def test_what_was_decided_can_be_taken_back_and_the_notice_has_its_old_due(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.LIKELY)
    for required in (False, True):
        with small_world.act() as session:
            decide_duty(session, SATURDAY, 1, "council", DutyKind.REGULATOR, "x", f"So {required}.", required)
    [notice] = owed(small_world, ObligationKind.NOTICE)
    assert notice.due_at == DUE


def test_what_is_done_cannot_be_decided_away_nor_a_duty_the_party_does_not_have(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.HIGH)
    with small_world.act() as session:
        people_told(session, FRIDAY, 1, "council", FRIDAY, "x", "By letter.")
    with pytest.raises(DutyDone, match="stays done"), small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.PEOPLE, "x", "Never mind.")
    with pytest.raises(NotItsDuty, match="concordat breach regime 1 council"), small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.CONTROLLER, "x", "Never mind.")


def test_a_party_that_turns_out_to_be_a_processor_tells_its_controller_only(world: World) -> None:
    begin(world)
    concluded(world, Risk.HIGH)
    with world.act() as session:
        set_regime(session, SATURDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    with world.read() as session:
        view = views(session, SATURDAY)
    for kind in (DutyKind.REGULATOR, DutyKind.PEOPLE):
        assert (view[kind].required, view[kind].left) == (False, "")
        assert "acts as processor" in (view[kind].because or "")
    assert view[DutyKind.CONTROLLER].required is True
    assert view[DutyKind.CONTROLLER].left == "without undue delay"
    assert owed(world, ObligationKind.TELLING_PEOPLE) == []
    [told] = owed(world, ObligationKind.NOTICE)
    assert "tell the controller" in (told.what or "")
    assert world.broken(SATURDAY) == []


def test_a_processor_that_was_a_controller_after_all_has_its_72_hours_from_the_same_awareness(world: World) -> None:
    begin(world)
    concluded(world, Risk.LIKELY)
    for capacity in (Capacity.PROCESSOR, Capacity.CONTROLLER):
        with world.act() as session:
            set_regime(session, SATURDAY, 1, "council", Regime.UK_GDPR, capacity, "x", f"It is a {capacity}.")
    [notice] = owed(world, ObligationKind.NOTICE)
    assert (notice.due_at, notice.what) == (DUE, None)
    assert duty(world, DutyKind.REGULATOR).required is True
    assert duty(world, DutyKind.PEOPLE).required is False
    assert duty(world, DutyKind.CONTROLLER).required is False
    assert world.broken(SATURDAY) == []


def test_what_a_processor_concludes_decides_nothing_about_the_notice(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    concluded(small_world, Risk.UNLIKELY)
    assert duty(small_world, DutyKind.CONTROLLER).required is True
    assert duty(small_world, DutyKind.REGULATOR).required is False
    concluded(small_world, Risk.NOT_PERSONAL, now=SATURDAY)
    assert duty(small_world, DutyKind.CONTROLLER).required is False


def test_a_processor_concludes_after_its_awareness_so_that_somebody_always_owes_the_telling(small_world: World) -> None:
    begin(small_world, aware=False)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    with pytest.raises(AwarenessNeeded):
        concluded(small_world, Risk.UNLIKELY)


def test_under_the_other_act_the_reasons_cite_it_and_a_persons_own_decision_stays(small_world: World) -> None:
    begin(small_world)
    concluded(small_world, Risk.HIGH)
    with small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.PEOPLE, "x", "The letter came back unopened.")
        set_regime(session, FRIDAY, 1, "council", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "Prosecutions.")
    with small_world.read() as session:
        view = views(session, FRIDAY)
    assert view[DutyKind.REGULATOR].law == "DPA 2018 s.67"
    assert "DPA 2018 s.67" in (view[DutyKind.REGULATOR].because or "")
    assert (view[DutyKind.PEOPLE].required, view[DutyKind.PEOPLE].because) == (False, "The letter came back unopened.")
    assert [each.due_at for each in owed(small_world, ObligationKind.NOTICE)] == [DUE]


def test_the_same_regime_again_does_nothing_and_a_hold_keeps_its_ground(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "Prosecutions.")
    before = small_world.rows()
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "Prosecutions.")
    assert small_world.rows() == before
    with small_world.act() as session:
        place_hold(session, FRIDAY, 1, "council", "x", "An arrest is planned.")
    with pytest.raises(HoldStands, match="--release"), small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.CONTROLLER, "x", "Ordinary work.")


def test_every_duty_says_whether_why_by_when_and_how_much_is_left(small_world: World) -> None:
    begin(small_world)
    with small_world.read() as session:
        undecided = views(session, FRIDAY)
    assert undecided[DutyKind.REGULATOR].required is None
    assert undecided[DutyKind.REGULATOR].left == "3 days left"
    concluded(small_world, Risk.HIGH)
    with small_world.read() as session:
        in_time, over = views(session, DUE), views(session, DUE + timedelta(seconds=1))
    assert (in_time[DutyKind.REGULATOR].late, in_time[DutyKind.REGULATOR].left) == (False, "due now")
    assert over[DutyKind.REGULATOR].late
    assert over[DutyKind.PEOPLE].late is False
    assert over[DutyKind.PARTNERS].because
