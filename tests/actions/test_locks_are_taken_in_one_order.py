"""Nobody waits for somebody who waits for them: every action takes its locks in one order, on PostgreSQL.

Two threads meet in the wrong order once in thousands of times; the order itself can be read from the statements.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.complaints.asking_again import answer
from actions.complaints.closing import close, end_early, look_again
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, finish_action, open_breach, open_gap
from actions.complaints.receiving import restate_days
from actions.complaints.referring import refer
from actions.complaints.second_reading import second_read
from actions.complaints.telling_complainant import acknowledge, report_progress, tell_outcome
from actions.confirming import ItemAnswer, confirm
from actions.gaps.answering import name_answers
from actions.gaps.living import ask_for_review, assign, close_gap, mark_urgent, open_gap_for, reopen_gap
from actions.membership import apply_succession, join, leave
from actions.owing import delegate, extend, waive
from actions.proposals import Proposed, standing_proposals
from actions.review_closing import close_feedback
from actions.review_deciding import cancel, conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose, return_to_drafting, seek_advice
from actions.review_feedback import give_feedback
from actions.review_opening import open_extraordinary
from actions.review_signing import adopt, decline, sign
from models.complaint import ComplaintOutcome, Covered
from models.obligation import ObligationKind
from models.protocol import Succession, SuccessionKind
from models.review import ConfirmationAnswer, DecisionOutcome, Magnitude, Review
from rules.complaint import ComplaintKind
from rules.review import JOINABLE
from rules.working_days import Nation
from tests.actions.complaint_world import HANDLER, WEDNESDAY, N, given, received, sweep_complaints
from tests.actions.world import (
    LOCKED,
    OPENS,
    PARTIES,
    SECRETARY,
    WRITTEN,
    World,
    duty_of,
    made_by,
    party,
    protocol,
)

LOCKED_TWICE = Proposed(clause="12-security", wording="Records are kept locked, twice.")
FEEDBACK, SIGNATURE = ObligationKind.FEEDBACK, ObligationKind.SIGNATURE
CLOSED = datetime(2027, 4, 15, 23, tzinfo=UTC)  # another reason has brought its own time
NEW_CASES = ("INSERT INTO review ", "INSERT INTO complaint ", "INSERT INTO breach ", "INSERT INTO gap ")
TABLE = re.compile(r"FROM (\w+)")


class Watched:
    """The locks of one transaction after another, as the statements name them."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.locked = 0
        self.begin()

    def begin(self) -> None:
        self.held: set[str] = set()
        self.rows, self.new_case = False, False

    def statement(self, statement: str, parameters: Any) -> None:
        if "pg_advisory_xact_lock" in statement:
            for name in parameters["names"]:
                self._named(name)
        elif statement.startswith(NEW_CASES):
            self.new_case = True  # nobody else can hold it yet
        elif "FOR UPDATE" in statement:
            self._row(TABLE.findall(statement)[0])

    def _named(self, name: str) -> None:
        self.locked += 1
        if name in self.held:
            return
        case_held = any(each.startswith("history:") for each in self.held)
        if name.startswith("protocol:") and case_held:
            self.wrong.append(f"{name} after {sorted(self.held)}")
        if name.startswith("history:") and self.rows and not self.new_case:
            self.wrong.append(f"{name} after rows of obligation")
        self.held.add(name)

    def _row(self, table: str) -> None:
        self.locked += 1
        if table == "obligation":
            self.rows = True
            if not any(each.startswith("history:") for each in self.held):
                self.wrong.append("rows of obligation before any case")
        held = {each.partition(":")[0] for each in self.held}
        if table in ("review", "complaint", "gap") and not held >= {"protocol", "history"}:
            self.wrong.append(f"a {table}'s row after {sorted(self.held)} only")


@contextmanager
def watched(engine: sa.Engine) -> Iterator[Watched]:
    found = Watched()

    def begin(_connection: object) -> None:
        found.begin()

    def statement(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        found.statement(statement, parameters)

    sa.event.listen(engine, "begin", begin)
    sa.event.listen(engine, "before_cursor_execute", statement)
    try:
        yield found
    finally:
        sa.event.remove(engine, "begin", begin)
        sa.event.remove(engine, "before_cursor_execute", statement)


def test_protocol_then_case_then_rows(postgres_world: World) -> None:
    with watched(postgres_world.store) as found:
        _a_year(postgres_world)
    assert found.wrong == []
    assert found.locked > 150, "the year has locked what it should"


def test_in_complaints_too(postgres_world: World) -> None:
    with watched(postgres_world.store) as found:
        _complaints(postgres_world)
    assert found.wrong == []
    assert found.locked > 150, "every step has locked what it should"


def test_a_wrong_order_is_seen() -> None:
    found = Watched()
    for name in ("history:review:1", "protocol:westshire"):
        found.statement("SELECT pg_advisory_xact_lock(…)", {"names": [name]})
    found.begin()
    found.statement("SELECT … FROM obligation WHERE … FOR UPDATE", {})
    found.statement("SELECT pg_advisory_xact_lock(…)", {"names": ["history:review:1"]})
    found.statement("SELECT … FROM review WHERE … FOR UPDATE", {})
    found.begin()
    found.statement("SELECT … FROM complaint WHERE … FOR UPDATE", {})
    assert found.wrong == [
        "protocol:westshire after ['history:review:1']",
        "rows of obligation before any case",
        "history:review:1 after rows of obligation",
        "a review's row after ['history:review:1'] only",
        "a complaint's row after [] only",
    ]


def _a_year(world: World) -> None:
    """Every action once, each in a transaction of its own."""
    world.scheduled()
    world.sweep(OPENS)
    _feedback(world)
    world.sweep(CLOSED)
    _decisions(world)
    _signatures(world)
    _membership(world)


def _did(world: World, what: Callable[[Session], object]) -> None:
    with world.act() as session:
        what(session)


def _feedback(world: World) -> None:
    at = OPENS + timedelta(days=20)
    world.sweep(at)
    _did(world, lambda s: extend(s, at, duty_of(s, FEEDBACK, "fire"), date(2027, 4, 30), SECRETARY, "More time."))
    _did(world, lambda s: delegate(s, at, duty_of(s, FEEDBACK, "police"), SECRETARY, "On leave."))
    _did(world, lambda s: waive(s, at, duty_of(s, FEEDBACK, "trust"), SECRETARY, "Dissolved."))
    _did(world, lambda s: give_feedback(s, at, 1, party(s, "council"), "council", proposals=[LOCKED]))
    _did(world, lambda s: open_extraordinary(s, at, protocol(s), SECRETARY, "The Act."))
    for words in ("Nobody writes.", "Nobody reads.", "Nobody asks."):
        _did(world, lambda s, words=words: open_gap_for(s, at, protocol(s), "7-consent", words, "feedback:1", "fire"))  # type: ignore[misc]
    _did(world, lambda s: assign(s, at, 2, "council", SECRETARY))
    _did(world, lambda s: mark_urgent(s, at, 2, SECRETARY, "Now."))
    _did(world, lambda s: ask_for_review(s, at, 2, SECRETARY))
    _did(world, lambda s: close_gap(s, at, 3, SECRETARY, "Said elsewhere."))
    _did(world, lambda s: reopen_gap(s, at, 3, SECRETARY, "Not so."))


def _decisions(world: World) -> None:
    at = CLOSED + timedelta(days=1)
    _did(world, lambda s: propose(s, at, 1, WRITTEN, SECRETARY, ["gap:1"]))
    for number in (1, 2):
        _did(world, lambda s, n=number: classify(s, at, n, Magnitude.MAJOR, SECRETARY, "It costs."))  # type: ignore[misc]
    _did(world, lambda s: seek_advice(s, at, 1, SECRETARY))
    _did(world, lambda s: return_to_drafting(s, at, 1, SECRETARY, "One more."))
    _did(world, lambda s: open_extraordinary(s, at, protocol(s), SECRETARY, "Another Act."))
    _did(world, lambda s: close_feedback(s, at, 1, SECRETARY))
    for number in (1, 2):
        _did(world, lambda s, n=number: give_advice(s, at, n, "Lawful.", "adviser"))  # type: ignore[misc]
    _did(world, lambda s: begin_deciding(s, at, 1, SECRETARY))
    with world.read() as session:
        numbers = [known_id(each) for each in standing_proposals(session, session.get_one(Review, 1))]
    for number in numbers:
        _did(world, lambda s, n=number: decide(s, at, n, DecisionOutcome.ACCEPTED, SECRETARY, because="Yes."))  # type: ignore[misc]
    _did(world, lambda s: conclude(s, at, 1, SECRETARY))


def _signatures(world: World) -> None:
    at = CLOSED + timedelta(days=2)
    _did(world, lambda s: sign(s, at, made_by(s), party(s, "police"), "police", position="Chief"))
    _did(world, lambda s: decline(s, at, made_by(s), party(s, "fire"), "fire", "Too far."))
    world.sweep(at + timedelta(days=60))
    _did(world, lambda s: adopt(s, at, 1, SECRETARY, "The others later."))
    _did(world, lambda s: sign(s, at, made_by(s), party(s, "trust"), "trust", position="Chief"))
    answer = ItemAnswer(item="12-locked", answer=ConfirmationAnswer.NOT_YET, by_when=date(2027, 10, 1))
    _did(world, lambda s: confirm(s, at, s.get_one(Review, 1), made_by(s), party(s, "trust"), [answer], "trust"))


def _membership(world: World) -> None:
    at = CLOSED + timedelta(days=3)
    _did(world, lambda s: open_extraordinary(s, at, protocol(s), SECRETARY, "A third Act."))
    _did(
        world,
        lambda s: join(s, at, protocol(s), "new", "New", "other", Nation.SCOTLAND, "a@new.example", SECRETARY),
    )
    _did(world, lambda s: leave(s, at, party(s, "council"), SECRETARY, "Gone."))
    _did(world, lambda s: apply_succession(s, at, _succession(s), "a@hospital.example", SECRETARY))
    _did(world, lambda s: propose(s, at, _newest_open(s), LOCKED_TWICE, SECRETARY, ["gap:2", "gap:3"]))
    _did(world, lambda s: cancel(s, at, _newest_open(s), SECRETARY, "Enough."))
    for slug in PARTIES:
        _did(world, lambda s, slug=slug: leave(s, at, party(s, slug), SECRETARY, "Gone."))  # type: ignore[misc]
    world.sweep(datetime(2028, 2, 29, 9, tzinfo=UTC))


def _complaints(world: World) -> None:
    """Every action in a complaint once, and the version that answers its gap."""
    at, by = WEDNESDAY, HANDLER
    for kind in (ComplaintKind.PERSON, ComplaintKind.DISAGREEMENT, ComplaintKind.DISCLOSURE):
        _did(world, lambda s, k=kind: received(s, kind=k, received_by="fire"))  # type: ignore[misc]
    _did(world, lambda s: refer(s, at, 1, "police", by, "Theirs."))
    for number in (1, 2):
        _did(world, lambda s, n=number: acknowledge(s, at, n, by, "by letter"))  # type: ignore[misc]
    sweep_complaints(world, at)
    _did(world, lambda s: report_progress(s, at, 1, by, "by letter"))
    _did(world, lambda s: refer(s, at, 1, "trust", by, "Theirs."))
    _did(world, lambda s: extend(s, at, duty_of(s, ObligationKind.ANALYSIS, "trust"), date(2027, 4, 30), by, "More."))
    _did(world, lambda s: delegate(s, at, duty_of(s, ObligationKind.PROGRESS, "trust"), by, "On leave."))
    _did(world, lambda s: restate_days(s, at, 1, date(2026, 5, 1), None, by, "She looked it up."))
    for number in (1, 2):
        _did(world, lambda s, n=number: determine(s, at, n, given(), by))  # type: ignore[misc]
    _did(world, lambda s: second_read(s, at, 2, agrees=False, by="another", because="It is not clear."))
    for number in (1, 2):
        _did(world, lambda s, n=number: correct(s, at, n, given(clear=N), by, "It is not clear."))  # type: ignore[misc]
    _did(world, lambda s: second_read(s, at, 4, agrees=True, by="another", because="So it is."))
    _did(world, lambda s: act_locally(s, at, 3, "Training.", by))
    _did(world, lambda s: waive(s, at, duty_of(s, ObligationKind.LOCAL_ACTION, "police"), by, "The desk is closed."))
    _did(world, lambda s: act_locally(s, at, 4, "Training.", by))
    _did(world, lambda s: finish_action(s, at, "complaint:2:local action:1", by, "All are trained."))
    _did(world, lambda s: open_breach(s, at, 3, "An address went astray.", by))
    _did(world, lambda s: open_gap(s, at, 3, "Nobody says when.", by, urgent=True))
    _did(world, lambda s: open_gap(s, at, 4, "Here too.", by, gap_id=1))
    _did(world, lambda s: ask_for_review(s, at, 1, by))
    for number in (1, 2):
        _did(world, lambda s, n=number: tell_outcome(s, at, n, by, "by letter"))  # type: ignore[misc]
        _did(world, lambda s, n=number: close(s, at, n, by))  # type: ignore[misc]
    _answered_in_a_version(world, at)
    _did(world, lambda s: answer(s, at, 1, "4.3", Covered.YES, by, "It says when."))
    _did(world, lambda s: look_again(s, at, 1, by, "She rang."))
    _did(world, lambda s: end_early(s, at, 3, ComplaintOutcome.WITHDRAWN, by, "She rang."))
    for slug in PARTIES:
        _did(world, lambda s, slug=slug: leave(s, at, party(s, slug), SECRETARY, "Gone."))  # type: ignore[misc]


def _answered_in_a_version(world: World, at: datetime) -> None:
    _did(world, lambda s: propose(s, at, 1, LOCKED, SECRETARY))
    _did(world, lambda s: name_answers(s, at, 1, ["gap:1"], SECRETARY))
    _did(world, lambda s: close_feedback(s, at, 1, SECRETARY))
    _did(world, lambda s: classify(s, at, 1, Magnitude.MINOR, SECRETARY, "Small."))
    _did(world, lambda s: begin_deciding(s, at, 1, SECRETARY))
    _did(world, lambda s: decide(s, at, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Yes."))
    _did(world, lambda s: conclude(s, at, 1, SECRETARY))
    sweep_complaints(world, at)


def _succession(session: Session) -> Succession:
    row = Succession(
        protocol_id=1, key="trust>hospital", party_id=known_id(party(session, "trust")), successor_slug="hospital",
        successor_name="The Hospital", kind=SuccessionKind.ONE_TO_ONE, happened_on=date(2027, 1, 1),
        happened_words="2027", source="NHS",
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _newest_open(session: Session) -> int:
    return known_id(session.exec(select(Review).where(col(Review.stage).in_(JOINABLE))).one())
