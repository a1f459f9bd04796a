"""Whatever people and the clock do in whatever order: only refusals, and never a broken invariant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, func, select

from actions.confirming import ItemAnswer, confirm
from actions.contacts import correct_address
from actions.membership import join, leave
from actions.owing import delegate, extend, waive
from actions.proposals import Proposed
from actions.review_closing import close_feedback
from actions.review_deciding import cancel, conclude, decide
from actions.review_drafting import (
    begin_deciding,
    classify,
    give_advice,
    merge,
    propose,
    return_to_drafting,
    seek_advice,
    withdraw,
)
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual, open_extraordinary, set_review_date
from actions.review_signing import adopt, decline, sign
from models.obligation import Obligation, ObligationKind, Outcome, Reminder, RungOutcome
from models.outbox import Message, MessageAbout
from models.protocol import Contact, Party, Version
from models.review import ConfirmationAnswer, DecisionOutcome, Magnitude, Proposal, Review
from rules.errors import Refused
from rules.review import ENDED, Stage
from rules.working_days import Nation
from tests.actions.world import (
    CLAUSES,
    ITEMS,
    LOCKED,
    NOVEMBER,
    OPENS,
    SECRETARY,
    WRITTEN,
    World,
    protocol,
    put_back,
    saved,
)
from tests.conftest import examples_in_ci

EXAMPLES, MANY, STEPS = 3, examples_in_ci(8), 40

numbers = st.integers(0, 30)
reasons = st.sampled_from(["Because.", "For another reason.", " "])
proposed = st.builds(
    Proposed,
    clause=st.sampled_from([*CLAUSES, "99"]),
    wording=st.sampled_from(["New.", "Newer.", " ", *(t for _, t in CLAUSES.values())]),
)
ahead = st.integers(1, 120)


class Reviewing(RuleBasedStateMachine):
    """Numbers choose among whatever rows there are, so that most steps meet something real."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.now = NOVEMBER
        self.joined = 0

    @initialize(begin=st.sampled_from(["nowhere", "scheduled", "collecting", "drafting", "deciding", "signing"]))
    def some_way_has_been_gone(self, begin: str) -> None:
        if begin == "drafting":
            self.world.drafting(LOCKED, WRITTEN)
        elif begin != "nowhere":
            getattr(self.world, begin)()
        self.now = OPENS if begin == "collecting" else NOVEMBER

    @contextmanager
    def person(self) -> Iterator[Session]:
        """A person's step: done whole, or refused with a sentence and nothing done."""
        before = self.world.rows()
        try:
            with self.world.act() as session:
                yield session
        except Refused:
            assert self.world.rows() == before

    def pick(self, session: Session, table: Any, number: int, *where: Any) -> Any:
        """One of the rows there are; a Refused of our own where there is none."""
        rows = session.exec(select(table).where(*where).order_by(table.id)).all()
        if not rows:
            raise Refused("There is none.")
        return rows[-1 - number % len(rows)]

    # The clock

    @rule(days=st.sampled_from([0, 0, 1, 3, 10, 40]), hours=st.integers(0, 23))
    def the_clock_runs(self, days: int, hours: int) -> None:
        if self.now < datetime(2028, 1, 1, tzinfo=NOVEMBER.tzinfo):
            self.now += timedelta(days=days, hours=hours)
        self.world.sweep(self.now)

    # Opening

    @rule(days=ahead)
    def a_date_is_set(self, days: int) -> None:
        with self.person() as session:
            day = self.now.date() + timedelta(days=days)
            set_review_date(session, self.now, protocol(session), day, SECRETARY)

    @rule()
    def the_annual_review_opens(self) -> None:
        with self.person() as session:
            open_annual(session, self.now, protocol(session), SECRETARY)

    @rule(because=reasons)
    def an_extraordinary_review_opens(self, because: str) -> None:
        with self.person() as session:
            open_extraordinary(session, self.now, protocol(session), SECRETARY, because)

    @rule(review=numbers, because=reasons)
    @precondition(lambda self: self.now.day % 4 == 0)  # rarely: it ends what the others are for
    def a_review_is_cancelled(self, review: int, because: str) -> None:
        with self.person() as session:
            cancel(session, self.now, self.pick(session, Review, review).id, SECRETARY, because)

    # Feedback

    @rule(review=numbers, party=numbers, no_comments=st.booleans(), proposals=st.lists(proposed, max_size=2))
    def a_party_answers(self, review: int, party: int, no_comments: bool, proposals: list[Proposed]) -> None:
        with self.person() as session:
            give_feedback(
                session, self.now, self.pick(session, Review, review).id, self.pick(session, Party, party), "lead",
                no_comments=no_comments, proposals=proposals,
            )  # fmt: skip

    @rule(review=numbers)
    def feedback_is_closed(self, review: int) -> None:
        with self.person() as session:
            close_feedback(session, self.now, self.pick(session, Review, review).id, SECRETARY)

    @rule(what=st.sampled_from([extend, waive, delegate]), duty=numbers, days=ahead, because=reasons)
    def an_obligation_is_changed(self, what: Callable[..., None], duty: int, days: int, because: str) -> None:
        with self.person() as session:
            chosen = self.pick(session, Obligation, duty)
            more = [chosen.due_on + timedelta(days=days - 20)] if what is extend else []
            what(session, self.now, chosen, *more, SECRETARY, because)

    # Drafting and deciding

    @rule(review=numbers, proposal=proposed)
    def the_group_proposes(self, review: int, proposal: Proposed) -> None:
        with self.person() as session:
            propose(session, self.now, self.pick(session, Review, review).id, proposal, SECRETARY)

    @rule(one=numbers, other=numbers)
    def two_are_merged(self, one: int, other: int) -> None:
        with self.person() as session:
            first, second = self.pick(session, Proposal, one), self.pick(session, Proposal, other)
            merge(session, self.now, first.id, second.id, SECRETARY, "The same.")

    @rule(magnitude=st.sampled_from(Magnitude), because=reasons, every=st.booleans(), proposal=numbers)
    def proposals_are_classified(self, magnitude: Magnitude, because: str, every: bool, proposal: int) -> None:
        with self.person() as session:
            bare = session.exec(select(Proposal.id).where(col(Proposal.magnitude).is_(None))).all()
            for number in bare if every else [self.pick(session, Proposal, proposal).id]:
                classify(session, self.now, number or 0, magnitude, SECRETARY, because)

    @rule(proposal=numbers, waived=st.booleans(), text=reasons)
    def advice_is_given(self, proposal: int, waived: bool, text: str) -> None:
        with self.person() as session:
            give_advice(session, self.now, self.pick(session, Proposal, proposal).id, text, "adviser", waived)

    @rule(proposal=numbers, because=reasons)
    @precondition(lambda self: self.now.day % 4 == 1)
    def a_proposal_is_withdrawn(self, proposal: int, because: str) -> None:
        with self.person() as session:
            withdraw(session, self.now, self.pick(session, Proposal, proposal).id, SECRETARY, because)

    @rule(review=numbers, what=st.sampled_from([seek_advice, begin_deciding, begin_deciding, conclude, conclude]))
    def the_review_goes_on(self, review: int, what: Callable[..., object]) -> None:
        with self.person() as session:
            what(session, self.now, self.pick(session, Review, review).id, SECRETARY)

    @rule(review=numbers, because=reasons)
    @precondition(lambda self: self.now.day % 4 == 2)
    def the_review_goes_back(self, review: int, because: str) -> None:
        with self.person() as session:
            return_to_drafting(session, self.now, self.pick(session, Review, review).id, SECRETARY, because)

    @rule(
        proposal=numbers,
        outcome=st.sampled_from(DecisionOutcome),
        because=reasons,
        wording=st.sampled_from([None, "X."]),
    )
    def the_group_decides(self, proposal: int, outcome: DecisionOutcome, because: str, wording: str | None) -> None:
        with self.person() as session:
            number = self.pick(session, Proposal, proposal).id
            decide(session, self.now, number, outcome, SECRETARY, because=because, wording=wording, dissent="No.")

    # Signing and confirming

    @rule(version=st.integers(0, 2), party=numbers, position=st.sampled_from(["Chief", "SIRO", ""]))
    def a_party_signs(self, version: int, party: int, position: str) -> None:
        with self.person() as session:
            of = self.pick(session, Version, version)
            sign(session, self.now, of, self.pick(session, Party, party), "lead", position=position)

    @rule(version=st.integers(0, 1), party=numbers, because=reasons)
    def a_party_declines(self, version: int, party: int, because: str) -> None:
        with self.person() as session:
            of = self.pick(session, Version, version)
            decline(session, self.now, of, self.pick(session, Party, party), "lead", because)

    @rule(review=numbers, because=st.one_of(st.none(), reasons))
    def a_version_is_adopted(self, review: int, because: str | None) -> None:
        with self.person() as session:
            adopt(session, self.now, self.pick(session, Review, review).id, SECRETARY, because)

    @rule(duty=numbers, item=st.sampled_from([*ITEMS, "99"]), answer=st.sampled_from(ConfirmationAnswer), days=ahead)
    def a_party_confirms(self, duty: int, item: str, answer: ConfirmationAnswer, days: int) -> None:
        with self.person() as session:
            asked = self.pick(session, Obligation, duty, Obligation.kind == ObligationKind.CONFIRMATION)
            review = session.get_one(Review, int(asked.case.removeprefix("review:")))
            label = (asked.subject or "").removeprefix("version:")
            version = session.exec(select(Version).where(Version.label == label)).one()
            said = ItemAnswer(item=item, answer=answer, by_when=self.now.date() + timedelta(days=days), why="So it is.")
            confirm(session, self.now, review, version, session.get_one(Party, asked.party_id), [said], "lead")

    # Membership

    @rule(because=reasons, party=numbers)
    @precondition(lambda self: self.now.day % 4 == 3)
    def a_party_leaves(self, because: str, party: int) -> None:
        with self.person() as session:
            leave(session, self.now, self.pick(session, Party, party), SECRETARY, because)

    @rule()
    @precondition(lambda self: self.joined < 3)
    def a_party_joins(self) -> None:
        self.joined += 1
        with self.person() as session:
            join(
                session, self.now, protocol(session), f"new-{self.joined}", f"New {self.joined}", "other",
                Nation.SCOTLAND, f"lead@new-{self.joined}.example", SECRETARY,
            )  # fmt: skip

    @rule(contact=numbers, again=st.booleans())
    def an_address_bounces_or_is_corrected(self, contact: int, again: bool) -> None:
        with self.person() as session:
            chosen = self.pick(session, Contact, contact)
            if again:
                correct_address(session, self.now, chosen, chosen.address, SECRETARY)
            else:
                chosen.bounced_at = self.now

    # What must always hold

    @invariant()
    def everything_that_verify_asks_holds(self) -> None:
        """Stage paths, chains, texts, answers that end their duty, no work left by what has ended, …"""
        assert self.world.broken(self.now) == []

    @invariant()
    def rows_agree(self) -> None:
        with self.world.read() as session:
            self._one_review_lies_ahead(session)
            self._one_request_per_party_and_round(session)
            self._nothing_is_said_or_reminded_twice(session)
            self._open_duties_belong_to_the_stage(session)

    def _one_review_lies_ahead(self, session: Session) -> None:
        scheduled = session.exec(select(func.count()).where(Review.stage == Stage.SCHEDULED)).one()
        assert scheduled <= 1
        going = session.exec(select(Review).where(col(Review.stage).not_in([*ENDED, Stage.SCHEDULED]))).all()
        assert len([review for review in going if review.stage is not Stage.SIGNING]) <= 1

    def _one_request_per_party_and_round(self, session: Session) -> None:
        asked = session.exec(
            select(Obligation.case, Obligation.party_id, func.count())
            .where(Obligation.kind == ObligationKind.FEEDBACK, col(Obligation.outcome).is_(None))
            .group_by(Obligation.case, col(Obligation.party_id))
        ).all()
        assert all(count == 1 for _, _, count in asked)
        owed = session.exec(
            select(Obligation.party_id, func.count())
            .where(Obligation.kind == ObligationKind.SIGNATURE, col(Obligation.outcome).is_(None))
            .group_by(col(Obligation.party_id))
        ).all()
        assert all(count == 1 for _, count in owed), "one text at a time waits for a signature"

    def _nothing_is_said_or_reminded_twice(self, session: Session) -> None:
        keys = session.exec(select(Message.key)).all()
        assert len(keys) == len(set(keys))
        sent = select(func.count()).where(Reminder.outcome == RungOutcome.SENT, col(Reminder.message_id).is_(None))
        assert session.exec(sent).one() == 0
        asking = select(Message.id).where(col(Message.only_while_owed))
        linked = set(session.exec(select(MessageAbout.message_id)))
        assert set(session.exec(asking)) <= linked

    def _open_duties_belong_to_the_stage(self, session: Session) -> None:
        stages = {review.case: review.stage for review in session.exec(select(Review))}
        may = {
            ObligationKind.FEEDBACK: {Stage.COLLECTING, Stage.DRAFTING},
            ObligationKind.DRAFTING: {Stage.DRAFTING},
            ObligationKind.ADVICE: {Stage.ADVISING},
            ObligationKind.DECISION: {Stage.DECIDING},
            ObligationKind.SIGNATURE: {Stage.SIGNING, Stage.ADOPTED},
            ObligationKind.CONFIRMATION: {Stage.ADOPTED},
            ObligationKind.IMPLEMENTATION: {Stage.ADOPTED},
        }
        for duty in session.exec(select(Obligation)):
            assert (duty.outcome is None) == (duty.discharged_at is None)
            if (
                duty.outcome is None and duty.case in stages
            ):  # a successor owes its signature in the protocol's own case
                assert stages[duty.case] in may[duty.kind], duty.key
            assert duty.outcome is None or duty.next_at is None
            assert duty.outcome is not Outcome.ANSWERED or duty.discharged_by


@pytest.mark.parametrize("examples", [EXAMPLES, pytest.param(MANY, marks=pytest.mark.slow)])
def test_whatever_is_done_in_whatever_order_nothing_breaks(sqlite_store: sa.Engine, examples: int) -> None:
    """The way to a failure is not shortened, which takes minutes: add Phase.shrink to look for the shortest."""
    world = World(sqlite_store)
    untouched = saved(sqlite_store)

    def machine() -> Reviewing:
        put_back(sqlite_store, untouched)
        world.played = world.built
        return Reviewing(world)

    bounds = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=bounds)
