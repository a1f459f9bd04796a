"""After a merger the case stands as if all had been said in it: notices, dates, holds, and whom it concerns."""

from datetime import timedelta

import pytest

from actions.breaches.affecting import not_affected
from actions.breaches.closing import close, end_early, finish_follow_up, reopen
from actions.breaches.drafting import notices_of
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.merging import merge
from actions.breaches.moving import BreachHasEnded
from actions.breaches.notifying import differs_from_notice, record_notice
from actions.breaches.regime import set_regime
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.membership import leave
from models.breach import Breach, BreachDuty, BreachOutcome, LetterHold
from models.obligation import ObligationKind
from models.protocol import Matter
from rules.breach_duties import Capacity, DutyKind, Regime
from rules.breach_facts import FactName
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep
from tests.actions.breach_world import FRIDAY, begun, done_with, follow_procedure, procedure, sweep_breaches
from tests.actions.merger_world import BY, HOUR, LATER, WHY, aware, broken, did, facts, follow_up, merged, owed, report
from tests.actions.world import World, party

DAY = timedelta(days=1)


def test_what_was_told_in_another_capacity_is_no_notice_here(small_world: World) -> None:
    report(small_world)
    report(small_world, FRIDAY + HOUR)
    did(small_world, lambda s: set_regime(s, LATER, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, BY, WHY))
    aware(small_world, 2, "council", FRIDAY)
    did(small_world, lambda s: record_notice(s, LATER, 2, "council", LATER, BY))
    merged(small_world)
    there = follow_up(small_world, 1, "council").id
    told = {each.kind: each.done_at for each in small_world.every(BreachDuty, BreachDuty.follow_up_id == there)}
    assert (told[DutyKind.REGULATOR], told[DutyKind.CONTROLLER]) == (None, None)


def test_who_was_not_affected_there_and_is_named_in_the_other_goes_on(small_world: World) -> None:
    report(small_world, FRIDAY, "council", "trust")
    did(small_world, lambda s: not_affected(s, LATER, 1, "trust", BY, WHY))
    report(small_world, LATER, "trust", sweeps=False)
    merged(small_world)
    assert facts(small_world)[FactName.PARTIES] == ["council", "trust"]
    assert follow_up(small_world, 1, "trust").ended_at is None


def test_a_fact_that_comes_with_it_brings_the_notice_forward(small_world: World) -> None:
    limit = Limit(period=parse_period("PT72H"), moment=Moment.SUSPECTED)
    step = ProcedureStep(id="notify", do="notify the regulator", by="dpo", duty="regulator", limit=limit)
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure(step, id="strict", parties=("council", "trust")))
        begun(session, FRIDAY, "council")
        begun(session, FRIDAY, "trust", SUSPECTED=(FRIDAY - 2 * DAY).isoformat())
    aware(small_world, 1, "council", FRIDAY)
    [first] = [duty.due_at for duty in owed(small_world, 1, "council", ObligationKind.NOTICE)]
    merged(small_world)
    [before] = [duty.due_at for duty in owed(small_world, 1, "council", ObligationKind.NOTICE)]
    assert before == first - 2 * DAY
    did(small_world, lambda s: state_facts(s, LATER, 1, {FactName.RECORDS: 3}, BY, WHY))
    assert [duty.due_at for duty in owed(small_world, 1, "council", ObligationKind.NOTICE)] == [before]


def test_the_newest_notice_is_the_one_that_was_given_last(small_world: World) -> None:
    for consequences in ("None are known.", "Some are known."):
        report(small_world, FRIDAY, CONSEQUENCES=consequences)
    for number in (1, 2):
        aware(small_world, number, "council", FRIDAY, FRIDAY)
    did(small_world, lambda s: record_notice(s, FRIDAY + HOUR, 2, "council", FRIDAY + HOUR, BY))
    did(small_world, lambda s: state_facts(s, FRIDAY + HOUR, 1, {FactName.PEOPLE: 5}, BY, WHY))
    did(small_world, lambda s: record_notice(s, FRIDAY + 2 * HOUR, 1, "council", FRIDAY + 2 * HOUR, BY))
    merged(small_world)
    with small_world.read() as session:
        there = follow_up(small_world, 1, "council")
        given = [notice.given_at for notice in notices_of(session, there)]
        assert given == [FRIDAY + HOUR, FRIDAY + 2 * HOUR]
        assert differs_from_notice(session, session.get_one(Breach, 1), there) == ()


def test_nothing_begins_after_it_was_over(small_world: World) -> None:
    report(small_world, FRIDAY, OCCURRED_TO="2026-10-05")
    report(small_world, FRIDAY, OCCURRED_FROM="2026-10-10")
    assert "occurred from" in merged(small_world)
    assert FactName.OCCURRED_FROM not in facts(small_world)


def test_nothing_begins_after_something_was_done_about_it(small_world: World) -> None:
    report(small_world, FRIDAY)
    did(small_world, lambda s: finish_step(s, FRIDAY, 1, "council", "contain", BY, "Rung.", done_at=FRIDAY - DAY))
    report(small_world, FRIDAY, OCCURRED_FROM=(FRIDAY - HOUR).isoformat())
    assert merged(small_world) == ["occurred from"]
    assert FactName.OCCURRED_FROM not in facts(small_world)


def test_an_awareness_from_before_it_began_here_blocks_no_merger(small_world: World) -> None:
    report(small_world, FRIDAY, OCCURRED_FROM="2026-10-20")
    report(small_world, FRIDAY, OCCURRED_FROM="2026-10-01")
    aware(small_world, 2, "council", FRIDAY - 10 * DAY)
    aware(small_world, 1, "council", FRIDAY)
    assert merged(small_world) == ["occurred from"]
    duty = small_world.only(
        BreachDuty, BreachDuty.follow_up_id == follow_up(small_world, 1, "council").id,
        BreachDuty.kind == DutyKind.REGULATOR,
    )  # fmt: skip
    assert duty.due_at == FRIDAY - 10 * DAY + timedelta(hours=72)


def test_a_hold_of_who_has_left_is_released_after_the_breach_was_closed(small_world: World) -> None:
    with small_world.act() as session:
        party(session, "police").kind = "police"
    report(small_world, FRIDAY, "council", "police")
    did(small_world, lambda s: place_hold(s, LATER, 1, "police", "police", WHY))
    did(small_world, lambda s: leave(s, LATER, party(s, "police"), BY, "Merged."))
    did(small_world, lambda s: done_with(s, 1, LATER, "council"))
    did(small_world, lambda s: finish_follow_up(s, LATER, 1, "council", BY))
    did(small_world, lambda s: close(s, LATER, 1, BY))
    did(small_world, lambda s: release_hold(s, LATER + DAY, 1, "police", "police", WHY))
    assert small_world.only(LetterHold).released_at == LATER + DAY
    assert broken(small_world, LATER + DAY) == []


def test_what_was_merged_releases_no_hold(small_world: World) -> None:
    for _ in range(2):
        report(small_world)
    did(small_world, lambda s: merge(s, LATER, 2, 1, BY, WHY))
    with small_world.act() as session, pytest.raises(BreachHasEnded):
        release_hold(session, LATER, 2, "council", "council", WHY)


def test_reopened_with_nobody_left_it_is_the_secretary_s(small_world: World) -> None:
    report(small_world)
    did(small_world, lambda s: not_affected(s, LATER, 1, "council", BY, WHY))
    did(small_world, lambda s: end_early(s, LATER, 1, BreachOutcome.NOT_A_BREACH, BY, WHY))
    did(small_world, lambda s: reopen(s, LATER + HOUR, 1, BY, WHY))
    sweep_breaches(small_world, LATER + HOUR)
    still_open = [matter for matter in small_world.every(Matter) if matter.closed_at is None]
    assert [matter.todo for matter in still_open if "breach affect 1" in matter.todo]
