"""Whatever people and the clock do in whatever order: only refusals, and no clock begins anew.

Up to three reports, which may turn out to be one breach. Few examples in the quick run, many in the slow one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from actions.away import set_away
from actions.breaches.affecting import affect, not_affected
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close, end_early, finish_follow_up, reopen, reopen_follow_up
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.facts import require_active
from actions.breaches.following import asked_of
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.learning import learn
from actions.breaches.merging import merge
from actions.breaches.notifying import record_notice
from actions.breaches.people import people_told
from actions.breaches.settling import clock_of
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step, skip_step
from actions.membership import join, leave
from actions.owing import extend, waive
from models.breach import Awareness, Breach, BreachOutcome, FollowUp, LessonEffect, StepRecord
from models.obligation import Obligation, ObligationKind
from models.protocol import Role
from rules.breach import OPEN, due_step
from rules.breach_duties import Capacity, Regime, Risk
from rules.breach_facts import FactName
from rules.errors import Refused
from rules.working_days import Nation
from tests.actions.breach_world import COORDINATOR, FRIDAY, STEPS, begun, done_with, follow_procedure, procedure
from tests.actions.breach_world import sweep_breaches as sweep
from tests.actions.world import SECRETARY, World, party, protocol, put_back, saved
from tests.conftest import examples_in_ci

FEW, MANY, ACTS = 4, examples_in_ci(15), 25
REPORTS = 3

TO_THE_REGULATOR = (col(Obligation.outcome).is_(None), col(Obligation.what).is_(None))  # not a processor's

slugs = st.sampled_from(["council", "council", "police", "fire", "school"])
steps = st.sampled_from([*(step.id for step in STEPS), "nothing"])
reasons = st.sampled_from(["Because.", "Because.", "For another reason.", " "])
found = st.sampled_from(
    [
        {FactName.PEOPLE: 2}, {FactName.PEOPLE: 6}, {FactName.PEOPLE: "unknown"}, {FactName.PEOPLE: -1},
        {FactName.PARTIES: ["council", "police"]}, {FactName.PARTIES: ["council", "school"]},
        {FactName.PARTIES: "unknown"}, {FactName.PARTIES: ["nobody"]},
        {FactName.DETECTED: "2026-10-23T10:00"}, {FactName.DETECTED: "2036-10-23"},
        {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "Fetched back."},
    ]
)  # fmt: skip


class FollowingUp(RuleBasedStateMachine):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.now, self.number = world, FRIDAY, 1
        self.said: list[str] = []
        self.done: set[tuple[int, str, int]] = set()
        self.notices: dict[tuple[str, int], tuple[int, datetime]] = {}

    @initialize()
    def it_has_been_reported_twice(self) -> None:
        self._act(lambda session: begun(session, self.now, "council", "police"))
        self._act(lambda session: begun(session, self.now, "council"))

    def _act(self, act: Callable[[Session], object]) -> None:
        with self.world.act() as session:
            act(session)

    @contextmanager
    def person(self) -> Iterator[Session]:
        """A person's step: done whole, or refused with a sentence and nothing done. It takes a moment."""
        self.now += timedelta(seconds=1)
        before = self.world.rows()
        try:
            with self.world.act() as session:
                yield session
        except Refused as refused:
            self.said.append(str(refused))
            assert self.world.rows() == before

    def do(self, action: Callable[..., Any], *about: Any, **how: Any) -> None:
        with self.person() as session:
            action(session, self.now, self.number, *about, **how)

    @rule(slug=slugs)
    def somebody_reports_it_too(self, slug: str) -> None:
        if len(self.world.every(Breach)) < REPORTS:
            with self.person() as session:
                require_active(session, self.now, protocol(session), party(session, slug))
                begun(session, self.now, slug)

    @rule(pair=st.sampled_from([(1, 2), (2, 1), (2, 1), (3, 1), (1, 1)]), because=reasons)
    def two_are_one(self, pair: tuple[int, int], because: str) -> None:
        source, into = pair
        before = self.owed_notices(source)
        with self.person() as session:
            merge(session, self.now, source, into, SECRETARY, because)
        if self.world.every(Breach, Breach.id == source, Breach.merged_into_id == into):
            after = self.owed_notices(into)
            assert all(after[slug] <= due for slug, due in before.items() if slug in after), "no clock starts later"
            self.number = into if self.number == source else self.number

    def owed_notices(self, number: int) -> dict[int | None, datetime]:
        owed = self.world.duties(ObligationKind.NOTICE, Obligation.case == f"breach:{number}", *TO_THE_REGULATOR)
        return {duty.party_id: duty.due_at for duty in owed}

    @rule(slug=slugs, regime=st.sampled_from(Regime), capacity=st.sampled_from([*Capacity, Capacity.CONTROLLER]),
          because=reasons)  # fmt: skip
    def a_party_acts_otherwise(self, slug: str, regime: Regime, capacity: Capacity, because: str) -> None:
        self.do(set_regime, slug, regime, capacity, COORDINATOR, because)

    @rule(nth=st.integers(0, 9), days=st.sampled_from([-1, 0, 3]), because=reasons)
    def more_time_is_given(self, nth: int, days: int, because: str) -> None:
        until = (self.now + timedelta(days=days)).date()
        with self.person() as session:
            if duty := self.nth_owed(session, nth, *ObligationKind):
                extend(session, self.now, duty, until, SECRETARY, because)

    @rule(nth=st.integers(0, 9), because=reasons)
    def a_step_or_a_notice_is_waived(self, nth: int, because: str) -> None:
        """The clock then goes on to what comes after it; a notice nobody can waive."""
        with self.person() as session:
            if duty := self.nth_owed(session, nth, ObligationKind.STEP, ObligationKind.NOTICE):
                waive(session, self.now, duty, SECRETARY, because)
        sweep(self.world, self.now)

    @staticmethod
    def nth_owed(session: Session, nth: int, *kinds: ObligationKind) -> Obligation | None:
        """Of all that is owed of breaches, in order; counting goes round."""
        owed = session.exec(
            select(Obligation)
            .where(col(Obligation.case).startswith("breach:"), col(Obligation.kind).in_(kinds))
            .where(col(Obligation.outcome).is_(None))
            .order_by(col(Obligation.id))
        ).all()  # fmt: skip
        return owed[nth % len(owed)] if owed else None

    @rule(hours=st.sampled_from([0, 1, 20, 80, 400]))
    def the_clock_runs(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        sweep(self.world, self.now)

    @rule(found=found, because=st.one_of(st.none(), reasons))
    def something_is_known_better(self, found: dict[FactName, Any], because: str | None) -> None:
        self.do(state_facts, found, COORDINATOR, because)

    @rule(slug=slugs, step=steps, evidence=st.sampled_from([None, "report 12"]), words=reasons)
    def a_step_is_done(self, slug: str, step: str, evidence: str | None, words: str) -> None:
        self.do(finish_step, slug, step, COORDINATOR, words, evidence)

    @rule(slug=slugs, step=steps, because=reasons)
    def a_step_is_skipped(self, slug: str, step: str, because: str) -> None:
        self.do(skip_step, slug, step, COORDINATOR, because)

    @rule(slug=slugs, hours=st.sampled_from([-1, 0, 0, 5]), number=st.sampled_from([None, None, 1, 2]), because=reasons)
    def a_party_is_aware(self, slug: str, hours: int, number: int | None, because: str) -> None:
        at = FRIDAY + timedelta(hours=hours)
        with self.person() as session:
            record_awareness(session, self.now, number or self.number, slug, at, "DPO", COORDINATOR, because)

    @rule(slug=slugs, risk=st.sampled_from(Risk), because=reasons)
    def a_party_concludes(self, slug: str, risk: Risk, because: str) -> None:
        self.do(conclude, slug, risk, COORDINATOR, because)

    @rule(slug=slugs, late=st.sampled_from([None, "It was the weekend."]))
    def the_regulator_is_notified(self, slug: str, late: str | None) -> None:
        self.do(record_notice, slug, self.now, COORDINATOR, late_because=late)

    @rule(slug=slugs)
    def people_are_told(self, slug: str) -> None:
        self.do(people_told, slug, self.now, COORDINATOR, "By letter.")

    @rule(slug=slugs, released=st.booleans(), because=reasons)
    def letters_are_held_or_released(self, slug: str, released: bool, because: str) -> None:
        self.do(release_hold if released else place_hold, slug, COORDINATOR, because)

    @rule(slug=slugs, is_affected=st.booleans(), because=reasons)
    def it_concerns_one_more_or_one_fewer(self, slug: str, is_affected: bool, because: str) -> None:
        self.do(affect if is_affected else not_affected, slug, COORDINATOR, because)

    @rule(slug=slugs, effect=st.sampled_from(LessonEffect), because=st.one_of(st.none(), reasons))
    def something_is_learnt(self, slug: str, effect: LessonEffect, because: str | None) -> None:
        self.do(learn, slug, "wrong recipient", "Two lists.", effect, COORDINATOR, none_because=because)

    @rule(slug=slugs, risk=st.sampled_from([Risk.UNLIKELY, Risk.NOT_PERSONAL]))
    def everything_is_done(self, slug: str, risk: Risk) -> None:
        with self.person() as session:
            done_with(session, 1, self.now, slug, risk=risk)

    @rule(slug=slugs)
    def a_follow_up_is_finished(self, slug: str) -> None:
        self.do(finish_follow_up, slug, COORDINATOR)

    @rule()
    def it_is_closed(self) -> None:
        self.do(close, SECRETARY)

    @rule(outcome=st.sampled_from(BreachOutcome), because=reasons)
    def it_ends_early(self, outcome: BreachOutcome, because: str) -> None:
        self.do(end_early, outcome, SECRETARY, because)

    @rule(because=reasons)
    def it_is_reopened(self, because: str) -> None:
        self.do(reopen, SECRETARY, because)

    @rule(slug=slugs, because=reasons)
    def a_follow_up_is_reopened(self, slug: str, because: str) -> None:
        self.do(reopen_follow_up, slug, SECRETARY, because)

    @rule(slug=slugs, days=st.sampled_from([None, -1, 0, 9]))
    def somebody_is_away(self, slug: str, days: int | None) -> None:
        until = None if days is None else (self.now + timedelta(days=days)).date()
        with self.person() as session:
            set_away(session, self.now, protocol(session), party(session, slug), Role.LEAD_MEMBER, until, SECRETARY)

    @rule(slug=st.sampled_from(["fire", "police", "school"]), chance=st.integers(0, 1))
    def a_party_leaves(self, slug: str, chance: int) -> None:
        if chance == 0:
            with self.person() as session:
                leave(session, self.now, party(session, slug), SECRETARY, "Dissolved.")

    @rule()
    def a_party_joins(self) -> None:
        with self.person() as session:
            join(
                session, self.now, protocol(session), "school", "West School", "education", Nation.ENGLAND_AND_WALES,
                "head@school.example", SECRETARY,
            )  # fmt: skip

    @invariant()
    def every_refusal_is_a_sentence(self) -> None:
        assert all(len(said) > 20 and said.endswith((".", ")")) for said in self.said)

    @invariant()
    def everything_holds(self) -> None:
        assert self.world.broken(self.now) == []

    @invariant()
    def the_clock_owes_nothing_after_an_act(self) -> None:
        with self.world.read() as session:
            for breach in session.exec(select(Breach)):
                if breach.stage in OPEN:
                    assert due_step(clock_of(session, self.now, breach)) is None

    @invariant()
    def what_is_done_stays_done(self) -> None:
        now = {(row.follow_up_id, row.step, row.round) for row in self.world.every(StepRecord)}
        assert self.done <= now
        self.done = now

    @invariant()
    def no_notice_is_due_later_without_a_correction(self) -> None:
        corrected = len(self.world.every(Awareness))
        for duty in self.world.duties(ObligationKind.NOTICE, *TO_THE_REGULATOR):
            if duty.party_id is not None:
                about = (duty.case, duty.party_id)
                count, before = self.notices.get(about, (corrected, duty.due_at))
                assert duty.due_at <= before or corrected > count
                self.notices[about] = (corrected, duty.due_at)

    @invariant()
    def whoever_follows_up_owes_something(self) -> None:
        """No follow-up waits for nobody, but for letters that are held, or a fact that is not known."""
        owing = {(row.case, row.party_id) for row in self.world.every(Obligation) if row.outcome is None}
        with self.world.read() as session:
            for follow_up in session.exec(select(FollowUp)):
                breach = session.get_one(Breach, follow_up.breach_id)
                if follow_up.ended_at is None and (breach.case, follow_up.party_id) not in owing:
                    clock = clock_of(session, self.now, breach)
                    assert clock.steps_pending or clock.duties_open
                    assert asked_of(session, self.now, breach, follow_up, ObligationKind.LEARNING).contact


def test_whatever_happens_in_whatever_order(sqlite_store: sa.Engine) -> None:
    play(sqlite_store, FEW)


@pytest.mark.slow
def test_whatever_happens_in_whatever_order_many_times(sqlite_store: sa.Engine) -> None:
    play(sqlite_store, MANY)


def play(store: sa.Engine, examples: int) -> None:
    world = World(store)
    with world.act() as session:
        party(session, "police").kind = "police"
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police", "fire")))
    begin = saved(store)

    def from_the_beginning() -> FollowingUp:
        put_back(store, begin)
        return FollowingUp(world)

    how = settings(
        max_examples=examples, stateful_step_count=ACTS, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate], print_blob=True,
    )  # fmt: skip
    run_state_machine_as_test(from_the_beginning, settings=how)
