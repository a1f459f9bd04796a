"""Since when a party has been aware: from then the 72 hours run, and nothing but a correction moves them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from actions.breaches.affecting import not_affected
from actions.breaches.awareness import AwareAfterTheNotice, WhoWasAware, record_awareness
from actions.breaches.beginning import AwareBeforeThat, BeforeItBegan, DoneBeforeThat
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.duties import LiesAhead
from actions.breaches.moving import FollowUpHasEnded, NoFollowUp, follow_up_at
from actions.breaches.notifying import record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_told
from actions.breaches.stating import state_facts
from actions.breaches.statutory import duty_of
from actions.breaches.stepping import finish_step, skip_step
from actions.reasons import ReasonNeeded
from models.breach import Awareness, Breach, BreachDuty, FollowUp, FollowUpEnd
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.breach_facts import FactName
from rules.instants import NotAnInstant
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep, Test
from tests.actions.breach_world import DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, kept

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANYBODY = ("council", "fire", "police", "trust")


@kept
def begin(world: World, *slugs: str, steps: tuple[ProcedureStep, ...] = (), at: datetime = FRIDAY) -> None:
    with world.act() as session:
        follow_procedure(session, at, procedure(*steps, parties=ANYBODY))
        begun(session, at, *slugs)


def aware(session: Session, at: datetime = FRIDAY, *, slug: str = "council", now: datetime = FRIDAY) -> None:
    record_awareness(session, now, 1, slug, at, "data protection officer", "coordinator", "The family rang.")


def notice(world: World) -> Obligation:
    return world.only(Obligation, Obligation.kind == ObligationKind.NOTICE)


def regulator(world: World) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR)


def test_on_the_friday_of_the_clock_change_the_72_hours_end_on_monday_an_hour_earlier_by_the_clock(
    world: World,
) -> None:
    begin(world)
    with world.act() as session:
        aware(session)
    assert regulator(world).due_at == notice(world).due_at == DUE
    assert notice(world).exact
    assert world.broken(FRIDAY) == []


def test_the_hours_run_before_anybody_has_concluded_anything(small_world: World) -> None:
    begin(small_world)
    assert small_world.duties(ObligationKind.NOTICE) == []
    with small_world.act() as session:
        aware(session)
    assert regulator(small_world).required is None
    assert notice(small_world).outcome is None


def test_the_same_instant_again_is_no_correction(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        aware(session)
    before = small_world.rows()
    with small_world.act() as session:
        aware(session, now=FRIDAY + HOUR)
    assert small_world.rows() == before


@pytest.mark.parametrize("moved", [-5 * HOUR, 3 * HOUR])
def test_a_correction_in_either_direction_moves_the_due_and_both_instants_are_in_history(
    world: World, moved: timedelta
) -> None:
    begin(world)
    now = FRIDAY + 6 * HOUR
    with world.act() as session:
        aware(session)
    with world.act() as session:
        aware(session, FRIDAY + moved, now=now)
    assert regulator(world).due_at == notice(world).due_at == DUE + moved
    assert len(world.every(Awareness)) == 2
    first, second = world.every(History, History.what.startswith("awareness"))  # type: ignore[attr-defined]
    assert (first.what, second.what) == ("awareness recorded", "awareness corrected")
    assert second.details["before"] == first.details["aware_at"] == FRIDAY.isoformat()
    assert second.details["aware_at"] == (FRIDAY + moved).isoformat()
    assert world.broken(now) == []


def test_awareness_and_its_correction_both_take_a_reason_and_a_role(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(ReasonNeeded), small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "  ")
    with pytest.raises(WhoWasAware), small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, " ", "x", "The family rang.")
    with pytest.raises(WhoWasAware), small_world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "o" * 121, "x", "The family rang.")
    assert small_world.every(Awareness) == []


def test_nobody_becomes_aware_in_the_future_nor_without_a_zone(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(LiesAhead, match="has not come yet"), small_world.act() as session:
        aware(session, FRIDAY + timedelta(seconds=1))
    with pytest.raises(NotAnInstant), small_world.act() as session:
        aware(session, FRIDAY.replace(tzinfo=None))


def test_a_party_without_a_follow_up_and_one_whose_follow_up_has_ended_are_refused(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(NoFollowUp, match="breach affect 1 fire"), small_world.act() as session:
        aware(session, slug="fire")
    with small_world.act() as session:
        follow_up, _ = follow_up_at(session, session.get_one(Breach, 1), "council")
        follow_up.ended_at, follow_up.end = FRIDAY, FollowUpEnd.NOT_AFFECTED
        session.add(follow_up)
    with pytest.raises(FollowUpHasEnded, match="reopen"), small_world.act() as session:
        aware(session)


def test_each_party_has_its_own_awareness(small_world: World) -> None:
    begin(small_world, "council", "police")
    with small_world.act() as session:
        aware(session)
        aware(session, FRIDAY - HOUR, slug="police")
    dues = {duty.due_at for duty in small_world.duties(ObligationKind.NOTICE)}
    assert dues == {DUE, DUE - HOUR}


def test_a_step_counted_from_the_awareness_is_due_anew_after_a_correction(small_world: World) -> None:
    step = ProcedureStep(
        id="brief", do="brief the board", by="dpo", limit=Limit(period=parse_period("PT24H"), moment=Moment.AWARE)
    )
    begin(small_world, steps=(step,))
    with small_world.act() as session:
        aware(session)
    with small_world.act() as session:
        aware(session, FRIDAY - HOUR)
    assert small_world.only(Obligation, Obligation.subject == "brief").due_at == FRIDAY + 23 * HOUR


OWN = ProcedureStep(
    id="notify", do="notify the regulator", by="dpo", duty="regulator",
    limit=Limit(period=parse_period("PT48H"), moment=Moment.SUSPECTED),
)  # fmt: skip


def test_a_procedure_that_gives_less_time_is_kept_to_and_the_law_decides_what_is_late(small_world: World) -> None:
    begin(small_world, steps=(OWN,))
    with small_world.act() as session:
        aware(session)
    assert notice(small_world).due_at == FRIDAY + 48 * HOUR
    assert regulator(small_world).due_at == DUE
    with small_world.act() as session:
        conclude(session, FRIDAY, 1, "council", Risk.LIKELY, "x", "Because.")
    with small_world.act() as session:
        record_notice(session, DUE, 1, "council", DUE, "x")  # later than the procedure says, and no reasons asked for
    assert regulator(small_world).late_because_id is None


def test_a_procedure_that_gives_more_time_than_the_law_moves_nothing(small_world: World) -> None:
    generous = ProcedureStep(
        id="notify", do="notify the regulator", by="dpo", duty="regulator",
        limit=Limit(period=parse_period("P30D"), moment=Moment.AWARE),
    )  # fmt: skip
    begin(small_world, steps=(generous,))
    with small_world.act() as session:
        aware(session)
    assert notice(small_world).due_at == DUE


def test_a_limit_of_a_step_that_is_not_needed_does_not_count(small_world: World) -> None:
    only_many = ProcedureStep(
        id="notify", do="notify the regulator", by="dpo", duty="regulator", when=Test("people", "at least", 100),
        limit=Limit(period=parse_period("PT12H"), moment=Moment.AWARE),
    )  # fmt: skip
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(only_many, parties=ANYBODY))
        begun(session, FRIDAY, PEOPLE=2)
        aware(session)
    assert notice(small_world).due_at == DUE


def test_a_day_that_ends_before_the_72_hours_is_the_notices_day(small_world: World) -> None:
    by_day = ProcedureStep(
        id="notify", do="notify the regulator", by="dpo", duty="regulator",
        limit=Limit(period=parse_period("P1D"), moment=Moment.AWARE),
    )  # fmt: skip
    begin(small_world, steps=(by_day,))
    with small_world.act() as session:
        aware(session)
    assert (notice(small_world).exact, notice(small_world).due_on.isoformat()) == (False, "2026-10-24")
    assert regulator(small_world).due_at == DUE


FROM_SUSPICION = ProcedureStep(
    id="notify", do="notify the regulator", by="dpo", duty="regulator",
    limit=Limit(period=parse_period("PT72H"), moment=Moment.SUSPECTED),
)  # fmt: skip
NOON = datetime.fromisoformat("2026-10-23T12:00+01:00")


def suspected(session: Session, at: datetime = NOON) -> None:
    state_facts(session, FRIDAY, 1, {FactName.SUSPECTED: at.isoformat()}, "x")


@pytest.mark.parametrize("order", [(suspected, aware), (aware, suspected)], ids=["suspected first", "aware first"])
def test_in_whatever_order_they_are_recorded_the_notice_is_asked_for_by_the_stricter_procedure(
    small_world: World, order: tuple[Callable[[Session], None], ...]
) -> None:
    begin(small_world, steps=(FROM_SUSPICION,))
    for record in order:
        with small_world.act() as session:
            record(session)
    assert notice(small_world).due_at == NOON + 72 * HOUR
    assert regulator(small_world).due_at == DUE, "lateness is still the law's"
    assert small_world.broken(FRIDAY) == []


def test_facts_that_are_known_better_ask_for_the_notice_earlier_and_never_later(small_world: World) -> None:
    begin(small_world, steps=(OWN,))
    with small_world.act() as session:
        aware(session)
    with small_world.act() as session:
        suspected(session)
    assert notice(small_world).due_at == NOON + 48 * HOUR
    assert small_world.only(History, History.what == "due anew").details["obligation"] == notice(small_world).key
    before = notice(small_world).due_at
    with small_world.act() as session:
        suspected(session, NOON + HOUR)
    assert (notice(small_world).due_at, regulator(small_world).due_at) == (before, DUE)


def test_a_notice_that_comes_back_is_asked_for_by_what_has_become_known_meanwhile(small_world: World) -> None:
    begin(small_world, steps=(FROM_SUSPICION,))
    with small_world.act() as session:
        aware(session)
        conclude(session, FRIDAY, 1, "council", Risk.UNLIKELY, "x", "Encrypted.")
        suspected(session)
        conclude(session, FRIDAY, 1, "council", Risk.LIKELY, "x", "The key was on the stick.")
    first, second = small_world.duties(ObligationKind.NOTICE)
    assert first.outcome is not None
    assert second.due_at == NOON + 72 * HOUR


def test_nobody_is_aware_of_a_breach_before_it_happened(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: "2026-10-22"}, "x")
    with pytest.raises(
        BeforeItBegan, match=r"Thursday 22 October 2026 00:00 BST.*breach fact 1 occurred-from="
    ), small_world.act() as session:  # fmt: skip
        aware(session, FRIDAY - 41 * HOUR)
    with small_world.act() as session:
        aware(session, FRIDAY - 40 * HOUR)  # twenty past midnight of that very day
    assert small_world.broken(FRIDAY) == []


def test_a_notice_that_a_correction_makes_late_says_so(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        aware(session)
        conclude(session, FRIDAY, 1, "council", Risk.LIKELY, "x", "Because.")
        record_notice(session, DUE, 1, "council", DUE, "x")
    with small_world.act() as session:
        aware(session, FRIDAY - HOUR, now=DUE)
    [why] = small_world.every(Narrative, Narrative.id == regulator(small_world).late_because_id)
    assert "corrected" in (why.text or "")
    assert small_world.broken(DUE) == []
    assert notice(small_world).due_at == DUE  # answered: what it said then stays


def test_a_processor_has_no_72_hours_and_tells_its_controller(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    assert small_world.duties(ObligationKind.NOTICE) == []
    with small_world.act() as session:
        aware(session, FRIDAY - HOUR)
    controller = small_world.only(BreachDuty, BreachDuty.kind == DutyKind.CONTROLLER)
    assert (controller.required, controller.due_at) == (True, None)
    assert "tell the controller" in (notice(small_world).what or "")
    assert notice(small_world).due_at == FRIDAY + 24 * HOUR
    with small_world.act() as session:
        aware(session, FRIDAY - 2 * HOUR)
    assert notice(small_world).due_at == FRIDAY + 24 * HOUR
    assert small_world.broken(FRIDAY) == []


def test_who_turns_out_to_be_a_processor_after_the_72_hours_is_asked_for_no_notice_to_the_regulator(
    small_world: World,
) -> None:
    begin(small_world)
    with small_world.act() as session:
        aware(session)
    later = DUE + HOUR
    with small_world.act() as session:
        set_regime(session, later, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    before, after = small_world.duties(ObligationKind.NOTICE)
    assert (before.due_at, after.due_at) == (DUE, later + 24 * HOUR)
    assert small_world.broken(later) == []


def test_awareness_before_a_conclusion_that_nothing_is_required_opens_nothing_later(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        conclude(session, FRIDAY, 1, "council", Risk.UNLIKELY, "x", "Encrypted.")
        aware(session)
    assert small_world.duties(ObligationKind.NOTICE) == []
    with small_world.read() as session:
        follow_up, _ = follow_up_at(session, session.get_one(Breach, 1), "council")
        duty = duty_of(session, follow_up, DutyKind.REGULATOR)
        assert duty is not None
        assert duty.due_at == DUE


def test_nobody_becomes_aware_after_having_given_the_notice(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        aware(session)
        conclude(session, FRIDAY, 1, "council", Risk.LIKELY, "x", "Because.")
        record_notice(session, FRIDAY + 2 * HOUR, 1, "council", FRIDAY + 2 * HOUR, "x")
    with (
        pytest.raises(AwareAfterTheNotice, match="gave its notice on Friday 23 October 2026 18:20 BST"),
        small_world.act() as session,
    ):
        aware(session, FRIDAY + 3 * HOUR, now=FRIDAY + 4 * HOUR)
    with small_world.act() as session:
        aware(session, FRIDAY + 2 * HOUR, now=FRIDAY + 4 * HOUR)
    assert small_world.broken(FRIDAY + 4 * HOUR) == []


def test_it_did_not_begin_after_a_party_was_aware_of_it(small_world: World) -> None:
    begin(small_world, "council", "police")
    with small_world.act() as session:
        aware(session, FRIDAY - 3 * HOUR)
        aware(session, FRIDAY - HOUR)
    later = {FactName.OCCURRED_FROM: (FRIDAY - 30 * MINUTE).isoformat()}
    with pytest.raises(AwareBeforeThat) as refused, small_world.act() as session:
        state_facts(session, FRIDAY, 1, later, "x")
    assert "council" not in str(refused.value).lower()
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: (FRIDAY - 2 * HOUR).isoformat()}, "x")
        not_affected(session, FRIDAY, 1, "council", "x", "Not ours.")
        state_facts(session, FRIDAY, 1, later, "x")  # nobody who goes on was aware before it
    assert small_world.broken(FRIDAY) == []


def before_it_began(session: Session, at: datetime) -> dict[str, Callable[[], None]]:
    return {
        "people": lambda: people_told(session, FRIDAY, 1, "council", at, "x", "By telephone."),
        "partners": lambda: partners_told(session, FRIDAY, 1, "council", at, "x"),
        "step": lambda: finish_step(session, FRIDAY, 1, "council", "contain", "x", "Called back.", done_at=at),
    }


@pytest.mark.parametrize("act", ["people", "partners", "step"])
def test_nothing_is_done_about_a_breach_before_it_began(small_world: World, act: str) -> None:
    begin(small_world)
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: "2026-10-22"}, "x")
    with pytest.raises(BeforeItBegan, match="before it began"), small_world.act() as session:
        before_it_began(session, FRIDAY - 365 * 24 * HOUR)[act]()
    with small_world.act() as session:
        before_it_began(session, FRIDAY - HOUR)[act]()
    assert small_world.broken(FRIDAY) == []


@pytest.mark.parametrize("act", ["people", "partners", "step", "notice"])
@pytest.mark.parametrize("still_open", [True, False])
def test_a_breach_did_not_begin_after_something_was_done_about_it(
    small_world: World, act: str, still_open: bool
) -> None:
    begin(small_world)
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: "2026-10-22"}, "x")
        if act == "notice":
            aware(session, FRIDAY - HOUR)
            record_notice(session, FRIDAY, 1, "council", FRIDAY - HOUR, "x")
        else:
            before_it_began(session, FRIDAY - HOUR)[act]()
        session.get_one(FollowUp, 1).ended_at = None if still_open else FRIDAY
    later = {FactName.OCCURRED_FROM: (FRIDAY - 30 * MINUTE).isoformat()}
    refusal = AwareBeforeThat if act == "notice" and still_open else DoneBeforeThat
    for by in ("secretary", "coordinator of council", "reporter of BR-2026-7K3Q9M"):
        with pytest.raises(refusal, match="before that") as refused, small_world.act() as session:
            state_facts(session, FRIDAY, 1, later, by)
        assert "council" not in str(refused.value).lower()
    with small_world.act() as session:
        state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: (FRIDAY - HOUR).isoformat()}, "x")


def test_what_was_skipped_was_not_done_and_says_nothing_of_when_it_began(world: World) -> None:
    begin(world)
    with world.act() as session:
        skip_step(session, FRIDAY - HOUR, 1, "council", "contain", "x", "Nothing is left to contain.")
        [stated] = state_facts(session, FRIDAY, 1, {FactName.OCCURRED_FROM: (FRIDAY - 30 * MINUTE).isoformat()}, "x")
        assert stated.name is FactName.OCCURRED_FROM
