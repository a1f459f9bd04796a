"""Whatever people and the clock do in whatever order: only refusals, nothing overwritten, no day moves.

Up to three complaints, parties of three nations that leave and join.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, SQLModel, col, select

from actions.cast import known_id
from actions.complaints.answering import Given
from actions.complaints.asking_again import answer
from actions.complaints.closing import close, end_early, look_again
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.receiving import restate_days
from actions.complaints.referring import refer
from actions.complaints.second_reading import second_read
from actions.complaints.settling import complaints_due
from actions.complaints.telling_complainant import acknowledge, cannot_be_told, report_progress, tell_outcome
from actions.gaps.answering import name_answers
from actions.gaps.keeping import open_gaps
from actions.gaps.living import close_gap, reopen_gap
from actions.membership import join, leave
from actions.owing import delegate, extend, waive
from actions.proposals import Proposed
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, propose
from actions.review_opening import open_extraordinary
from models.complaint import (
    Complaint,
    ComplaintEffect,
    ComplaintNotice,
    ComplaintOutcome,
    Covered,
    Finding,
    Recheck,
    Referral,
    SecondReading,
)
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Version
from models.review import DecisionOutcome, Magnitude
from rules.complaint import STATUTORY, ComplaintKind
from rules.errors import Refused
from rules.working_days import Nation
from tests.actions.breach_world import sweep_breaches
from tests.actions.complaint_world import (
    HANDLER,
    IN_MAY,
    NOT_COVERED,
    UNKNOWN,
    N,
    Y,
    given,
    received,
    sweep_complaints,
    with_nations,
)
from tests.actions.world import SECRETARY, World, party, protocol, put_back, saved
from tests.conftest import examples_in_ci

EXAMPLES, ACTS = examples_in_ci(8), 30
COMPLAINTS = 3
JUNE = datetime(2027, 6, 12, 12, tzinfo=UTC)  # thirty days end on a day that is a bank holiday in one of the nations
GROWING: tuple[type[SQLModel], ...] = (Finding, Referral, ComplaintNotice, SecondReading, ComplaintEffect)

slugs = st.sampled_from(["police", "police", "fire", "aberdeen", "belfast", "school", "nobody"])
receivers = st.sampled_from(["police", "fire", "aberdeen", "belfast", "school", "secretary"])
numbers = st.sampled_from([1, 1, 1, 2, 3])
reasons = st.sampled_from(["Because.", "Because.", "For another reason.", " "])
people = st.sampled_from([HANDLER, HANDLER, "another analyst"])
minutes_ago = st.sampled_from([None, None, 60, 60 * 24 * 40, -5])
nth = st.integers(0, 7)
answers = st.sampled_from(
    [
        given(), given(), given(clear=N), given(followed=Y), given(**NOT_COVERED), given(**NOT_COVERED, harm=N),
        given(followed=UNKNOWN), given(party="belfast"), given(clause="99-nothing"), given(clear=None),
        given(version="4.1"),
    ]
)  # fmt: skip


class Analysing(RuleBasedStateMachine):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.now = world, JUNE
        self.said: list[str] = []
        self.kept: dict[type[SQLModel], list[dict[str, Any]]] = {table: [] for table in GROWING}
        self.days: dict[tuple[str, Nation], date] = {}

    @initialize(kind=st.sampled_from(ComplaintKind))
    def two_have_come(self, kind: ComplaintKind) -> None:
        for each in (ComplaintKind.PERSON, kind):
            with self.world.act() as session:
                received(session, self.now, kind=each, received_by="fire")

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
            action(session, self.now, *about, **how)

    def pick(self, table: type[SQLModel], nth: int) -> int:
        """Of all there are, counting goes round; without any, one that is not there."""
        rows = self.world.every(table)
        return known_id(rows[nth % len(rows)]) if rows else 99

    @rule(
        kind=st.sampled_from(ComplaintKind), about=slugs, by=st.one_of(st.none(), slugs),
        happened=st.sampled_from([IN_MAY, None, date(2013, 1, 1)]), key=st.sampled_from([None, "one", "two"]),
    )  # fmt: skip
    def another_comes(
        self, kind: ComplaintKind, about: str, by: str | None, happened: date | None, key: str | None
    ) -> None:
        if len(self.world.every(Complaint)) < COMPLAINTS:
            with self.person() as session:
                received(
                    session, self.now, kind=kind, about=about, received_by=by, happened_from=happened, key=key
                )  # fmt: skip

    @rule(action=st.sampled_from([acknowledge, acknowledge, report_progress, tell_outcome, tell_outcome]),
          number=numbers, ago=minutes_ago, how=st.sampled_from(["by letter", "in person", " "]))  # fmt: skip
    def whoever_complained_is_told(self, action: Callable[..., Any], number: int, ago: int | None, how: str) -> None:
        at = None if ago is None else self.now - timedelta(minutes=ago)
        self.do(action, number, HANDLER, how, at)

    @rule(number=numbers, to=receivers, because=reasons)
    def it_is_referred(self, number: int, to: str, because: str) -> None:
        self.do(refer, number, to, HANDLER, because)

    @rule(number=numbers, answers=answers, by=people, issue=st.sampled_from([None, None, "The delay.", "the  DELAY."]))
    def somebody_determines_it(self, number: int, answers: Given, by: str, issue: str | None) -> None:
        self.do(determine, number, answers, by, issue)

    @rule(nth=nth, answers=answers, by=people, because=reasons)
    def somebody_corrects_a_finding(self, nth: int, answers: Given, by: str, because: str) -> None:
        self.do(correct, self.pick(Finding, nth), answers, by, because)

    @rule(nth=nth, agrees=st.booleans(), by=people, because=reasons)
    def somebody_reads_it_again(self, nth: int, agrees: bool, by: str, because: str) -> None:
        self.do(second_read, self.pick(Finding, nth), agrees, by, because)

    @rule(nth=nth, action=st.sampled_from([act_locally, open_breach, open_gap]), words=reasons)
    def something_follows(self, nth: int, action: Callable[..., Any], words: str) -> None:
        self.do(action, self.pick(Finding, nth), words, HANDLER)

    @rule(nth=nth, gap=st.integers(1, 3), urgent=st.booleans())
    def a_gap_is_joined(self, nth: int, gap: int, urgent: bool) -> None:
        self.do(open_gap, self.pick(Finding, nth), "Here too.", HANDLER, gap_id=gap, urgent=urgent)

    @rule(nth=nth, because=reasons)
    def nothing_changes(self, nth: int, because: str) -> None:
        self.do(change_nothing, self.pick(Finding, nth), HANDLER, because)

    @rule(number=numbers, because=reasons)
    def whoever_complained_cannot_be_told(self, number: int, because: str) -> None:
        self.do(cannot_be_told, number, HANDLER, because)

    @rule(number=numbers)
    def it_is_closed(self, number: int) -> None:
        self.do(close, number, HANDLER)

    @rule(number=numbers)
    def it_is_answered_and_closed_in_one_go(self, number: int) -> None:
        """Rarely would chance find all of it."""
        if not [row for row in self.world.every(Finding) if row.complaint_id == number]:
            self.do(determine, number, given(clear=N), HANDLER)
        findings = [row for row in self.world.every(Finding) if row.complaint_id == number]
        for row in findings:
            self.do(correct, known_id(row), given(clear=N), "another analyst", "All is known.")
        for row in [row for row in self.world.every(Finding) if row.complaint_id == number]:
            self.do(second_read, known_id(row), True, "a third person", "So it is.")
            self.do(open_gap, known_id(row), "Nobody says so.", HANDLER)
            self.do(change_nothing, known_id(row), HANDLER, "Because.")
        self.do(tell_outcome, number, HANDLER, "by letter")
        self.do(close, number, HANDLER)

    @rule(number=numbers, outcome=st.sampled_from(ComplaintOutcome), because=reasons)
    def it_ends_early(self, number: int, outcome: ComplaintOutcome, because: str) -> None:
        self.do(end_early, number, outcome, HANDLER, because)

    @rule(number=numbers, because=reasons)
    def it_is_looked_at_again(self, number: int, because: str) -> None:
        self.do(look_again, number, HANDLER, because)

    @rule(number=numbers, day=st.sampled_from([None, IN_MAY, date(2027, 6, 1), date(2012, 1, 1)]), because=reasons)
    def its_days_are_known_better(self, number: int, day: date | None, because: str) -> None:
        self.do(restate_days, number, day, None, HANDLER, because)

    @rule(action=st.sampled_from([extend, waive, delegate]), nth=nth, days=st.sampled_from([-1, 3, 90]),
          because=reasons)  # fmt: skip
    def a_duty_is_changed(self, action: Callable[..., Any], nth: int, days: int, because: str) -> None:
        until = ((self.now + timedelta(days=days)).date(),) if action is extend else ()
        with self.person() as session:
            if duty := self.nth_owed(session, nth):
                action(session, self.now, duty, *until, SECRETARY, because)

    @staticmethod
    def nth_owed(session: Session, nth: int) -> Obligation | None:
        in_complaints = (col(Obligation.case).startswith("complaint:"), col(Obligation.outcome).is_(None))
        owed = session.exec(select(Obligation).where(*in_complaints).order_by(col(Obligation.id))).all()
        return owed[nth % len(owed)] if owed else None

    @rule(nth=nth, words=reasons)
    def a_local_action_is_in_place(self, nth: int, words: str) -> None:
        actions = self.world.duties(ObligationKind.LOCAL_ACTION)
        self.do(finish_action, known_id(actions[nth % len(actions)]) if actions else 999, HANDLER, words)

    @rule(clause=st.sampled_from(["12-security", "7-consent"]), chance=st.integers(0, 1))
    def a_version_answers_every_gap(self, clause: str, chance: int) -> None:
        if not chance:
            self.answer_every_gap(clause)

    @rule(number=numbers, clause=st.sampled_from(["12-security", "7-consent"]))
    def it_leads_all_the_way_to_a_version(self, number: int, clause: str) -> None:
        self.it_is_answered_and_closed_in_one_go(number)
        self.answer_every_gap(clause)
        self.the_clock_runs(1)

    def answer_every_gap(self, clause: str) -> None:
        with self.world.read() as session:
            gaps = [gap.case for gap in open_gaps(session, protocol(session))]
        if not gaps:
            return
        with self.person() as session:
            review = known_id(open_extraordinary(session, self.now, protocol(session), SECRETARY, "The gaps."))
            close_feedback(session, self.now, review, SECRETARY)
            words = f"As agreed at {self.now}."
            raised = propose(session, self.now, review, Proposed(clause=clause, wording=words), SECRETARY)
            number = known_id(raised)
            name_answers(session, self.now, number, gaps, SECRETARY)
            classify(session, self.now, number, Magnitude.MINOR, SECRETARY, "Small.")
            begin_deciding(session, self.now, review, SECRETARY)
            decide(session, self.now, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Yes.")
            conclude(session, self.now, review, SECRETARY)

    @rule(gap=st.integers(1, 3), action=st.sampled_from([close_gap, reopen_gap]), because=reasons)
    def a_gap_is_closed_or_reopened(self, gap: int, action: Callable[..., Any], because: str) -> None:
        self.do(action, gap, SECRETARY, because)

    @rule(nth=nth, covered=st.sampled_from(Covered), because=reasons)
    def it_would_be_covered_now(self, nth: int, covered: Covered, because: str) -> None:
        rows = self.world.every(Recheck)
        if rows:
            row = rows[nth % len(rows)]
            label = self.world.only(Version, Version.id == row.version_id).label
            self.do(answer, row.complaint_id, label, covered, HANDLER, because)

    @rule(slug=st.sampled_from(["fire", "fire", "police", "belfast", "school"]), chance=st.integers(0, 1))
    def a_party_leaves(self, slug: str, chance: int) -> None:
        if chance == 0:
            with self.person() as session:
                leave(session, self.now, party(session, slug), SECRETARY, "Dissolved.")

    @rule()
    def a_party_joins(self) -> None:
        with self.person() as session:
            join(
                session, self.now, protocol(session), "school", "West School", "education", Nation.SCOTLAND,
                "head@school.example", SECRETARY,
            )  # fmt: skip

    @rule(hours=st.sampled_from([0, 1, 30, 400, 1200]))
    def the_clock_runs(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        sweep_breaches(self.world, self.now)
        sweep_complaints(self.world, self.now)
        with self.world.read() as session:
            assert complaints_due(session, self.now) == [], "what the clock takes ends its being due"

    @invariant()
    def every_refusal_is_a_sentence(self) -> None:
        assert all(len(said) > 20 and said.endswith((".", ")")) for said in self.said), self.said

    @invariant()
    def everything_holds(self) -> None:
        assert self.world.broken(self.now) == []

    @invariant()
    def nothing_is_overwritten(self) -> None:
        for table, before in self.kept.items():
            rows = [row.model_dump() for row in self.world.every(table)]
            assert rows[: len(before)] == before
            self.kept[table] = rows

    @invariant()
    def no_last_day_moves_in_one_nation(self) -> None:
        by_law = {row.case for row in self.world.every(Complaint) if row.kind in STATUTORY}
        for duty in self.world.duties(ObligationKind.ACKNOWLEDGEMENT):
            if duty.case in by_law:
                assert duty.due_on == self.days.setdefault((duty.case, duty.nation), duty.due_on)
                assert duty.due_on >= (JUNE + timedelta(days=30)).date()

    @invariant()
    def nobody_is_asked_at_a_party_that_has_left(self) -> None:
        left = {row.id for row in self.world.every(Party) if row.left_on is not None}
        owed = self.world.every(Obligation, col(Obligation.outcome).is_(None))
        assert not [duty.key for duty in owed if duty.party_id in left and duty.case.startswith("complaint:")]


@pytest.mark.slow
def test_whatever_happens_in_whatever_order(sqlite_store: sa.Engine) -> None:
    play(sqlite_store, EXAMPLES)


def play(store: sa.Engine, examples: int) -> None:
    world = with_nations(World(store))
    begin = saved(store)

    def from_the_beginning() -> Analysing:
        put_back(store, begin)
        return Analysing(world)

    how = settings(
        max_examples=examples, stateful_step_count=ACTS, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate], print_blob=True,
    )  # fmt: skip
    run_state_machine_as_test(from_the_beginning, settings=how)
