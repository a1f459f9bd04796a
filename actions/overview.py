"""What every face shows on its first page, as plain values: what is owed, which reviews run, what waits in the outbox.

Reads only. Overdue is computed here, never stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import String, cast, literal, true
from sqlmodel import Session, col, func, not_, or_, select

from actions.breaches.breach_lines import breach_lines
from actions.breaches.shown import BreachLine
from actions.cast import known_id
from actions.clauses import current_version
from actions.complaints.complaint_lines import ComplaintCounts, complaint_counts
from actions.describing import owed_without_figure
from actions.version_standing import NOT_IN_FORCE, ended_in_nothing
from actions.watching import last_ended, sweep_is_late
from models.lists import one_of
from models.obligation import Obligation, ObligationKind, Outcome, overdue_at
from models.outbox import Delivery, Message
from models.procedure import ProcedureVersion
from models.protocol import Matter, Party, Protocol
from models.review import Feedback, Review
from rules.instants import LONDON, end_of_day, local_day

SOON = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class ObligationCounts:
    """`due_7_days` are not overdue and fall due by the end of the seventh day from today; what has no deadline is
    neither."""

    open: int
    due_7_days: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """`parties` were asked in this review, or will be; `answered` of them have, in its present round. `not_in_force`:
    its signing has ended without a text in force."""

    id: int
    protocol: str
    kind: str
    stage: str
    review_on: date
    opens_at: datetime
    due_on: date
    answered: int
    parties: int
    ended_at: datetime | None
    not_in_force: bool = False

    @property
    def stage_said(self) -> str:
        return NOT_IN_FORCE if self.not_in_force else self.stage


@dataclass(frozen=True, kw_only=True)
class OutboxCounts:
    queued: int
    claimed: int
    sending: int
    accepted: int
    in_doubt: int
    failed: int
    withdrawn: int
    bounced: int


@dataclass(frozen=True, kw_only=True)
class SweepSign:
    last_ended_at: datetime | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class Status:
    protocols: tuple[str, ...]
    obligations: ObligationCounts
    reviews: tuple[ReviewLine, ...]
    breaches: tuple[BreachLine, ...]  # open ones
    complaints: ComplaintCounts
    outbox: OutboxCounts
    sweep: SweepSign
    matters: int
    procedures: int  # breach procedures that are kept, of all protocols


@dataclass(frozen=True, kw_only=True)
class ProtocolLine:
    slug: str
    name: str
    parties: int
    version: str | None
    review: ReviewLine | None
    matters: int
    demonstration: bool


@dataclass(frozen=True, kw_only=True)
class MatterLine:
    number: int
    protocol: str
    kind: str
    sentence: str
    todo: str
    source: str | None
    opened_at: datetime


def status(session: Session, now: datetime) -> Status:
    open_matters = select(func.count()).select_from(Matter).where(col(Matter.closed_at).is_(None))
    return Status(
        protocols=tuple(protocol.slug for protocol in loaded_protocols(session)),
        obligations=obligation_counts(session, now),
        reviews=tuple(review_lines(session, now)),
        breaches=tuple(breach_lines(session, now, ended=False)),
        complaints=complaint_counts(session, now),
        outbox=outbox_counts(session),
        sweep=SweepSign(last_ended_at=last_ended(session), late=sweep_is_late(session, now)),
        matters=session.exec(open_matters).one(),
        procedures=session.exec(select(func.count()).select_from(ProcedureVersion)).one(),
    )


def loaded_protocols(session: Session) -> Sequence[Protocol]:
    return list(session.exec(select(Protocol).order_by(Protocol.slug)))


def obligation_counts(session: Session, now: datetime) -> ObligationCounts:
    soon = end_of_day(local_day(now, LONDON) + SOON, LONDON)
    none, overdue = owed_without_figure(session, col(Obligation.due_at) <= soon), overdue_at(now)
    by_deadline = not_(one_of(session, Obligation.id, none)) if none else true()
    statement = select(
        func.count(),
        func.count().filter(by_deadline, col(Obligation.due_at) <= soon, not_(overdue)),
        func.count().filter(by_deadline, overdue),
    ).where(col(Obligation.outcome).is_(None))
    found, due_soon, late = session.exec(statement).one()
    return ObligationCounts(open=found, due_7_days=due_soon, overdue=late)


def outbox_counts(session: Session) -> OutboxCounts:
    found = dict(session.exec(select(Message.state, func.count()).group_by(col(Message.state))).all())
    bounced = select(func.count()).select_from(Message).where(col(Message.bounced_at).is_not(None))
    counts = {state.name.lower(): found.get(state, 0) for state in Delivery}
    return OutboxCounts(**counts, bounced=session.exec(bounced).one())


def review_lines(session: Session, now: datetime, protocol: Protocol | None = None) -> list[ReviewLine]:
    """Every review there is or was, oldest first."""
    statement = select(Review, Protocol).join(Protocol, col(Protocol.id) == Review.protocol_id)
    if protocol is not None:
        statement = statement.where(Review.protocol_id == protocol.id)
    in_nothing = ended_in_nothing(session, protocol.id if protocol else None)
    answered, asked, members = _answered(session), _asked(session), _members(session, now)
    return [
        ReviewLine(
            id=known_id(review), protocol=of.slug, kind=review.kind.value, stage=review.stage.value,
            review_on=review.review_on, opens_at=review.opens_at, due_on=review.due_on, ended_at=review.ended_at,
            answered=answered.get(known_id(review), 0), parties=asked.get(review.case) or members.get(of.id, 0),
            not_in_force=review.id in in_nothing,
        )
        for review, of in session.exec(statement.order_by(col(Review.id)))
    ]  # fmt: skip


def _answered(session: Session) -> dict[int, int]:
    statement = (
        select(Feedback.review_id, func.count(func.distinct(Feedback.party_id)))
        .join(Review, col(Review.id) == Feedback.review_id)
        .where(Feedback.round == Review.round)
        .group_by(col(Feedback.review_id))
    )
    return dict(session.exec(statement).all())


def _asked(session: Session) -> dict[str, int]:
    """Parties that were asked, by case; those that left or were succeeded since do not count.

    Only the cases of reviews are looked into, by their index: a store may hold a million other obligations."""
    reviews = select(literal("review:") + cast(col(Review.id), String))
    stood = or_(col(Obligation.outcome).is_(None), Obligation.outcome != Outcome.SUPERSEDED)
    statement = (
        select(Obligation.case, func.count(func.distinct(Obligation.party_id)))
        .where(col(Obligation.case).in_(reviews), Obligation.kind == ObligationKind.FEEDBACK, stood)
        .group_by(col(Obligation.case))
    )
    return dict(session.exec(statement).all())


def _members(session: Session, now: datetime) -> dict[int | None, int]:
    today = local_day(now, LONDON)
    statement = (
        select(Party.protocol_id, func.count())
        .where(or_(col(Party.joined_on).is_(None), col(Party.joined_on) <= today))
        .where(or_(col(Party.left_on).is_(None), col(Party.left_on) > today))
        .group_by(col(Party.protocol_id))
    )
    return dict(session.exec(statement).all())


def protocol_lines(session: Session, now: datetime) -> list[ProtocolLine]:
    members = _members(session, now)
    return [
        ProtocolLine(
            slug=protocol.slug, name=protocol.name, parties=members.get(protocol.id, 0),
            version=version.label if (version := current_version(session, protocol)) else None,
            review=running_review(session, now, protocol), matters=len(matter_lines(session, protocol)),
            demonstration=protocol.demonstration,
        )
        for protocol in loaded_protocols(session)
    ]  # fmt: skip


def running_review(session: Session, now: datetime, protocol: Protocol) -> ReviewLine | None:
    """The review that is open, or else the one that is scheduled."""
    going = [line for line in review_lines(session, now, protocol) if line.ended_at is None]
    return min(going, key=lambda line: (line.stage == "scheduled", -line.id), default=None)


def matter_lines(session: Session, protocol: Protocol | None = None) -> list[MatterLine]:
    """The secretary's list: what is open, oldest first."""
    statement = select(Matter, Protocol.slug).join(Protocol, col(Protocol.id) == Matter.protocol_id)
    if protocol is not None:
        statement = statement.where(Matter.protocol_id == protocol.id)
    found = session.exec(statement.where(col(Matter.closed_at).is_(None)).order_by(col(Matter.id)))
    return [matter_line(matter, slug) for matter, slug in found]


def matter_line(matter: Matter, slug: str) -> MatterLine:
    return MatterLine(
        number=known_id(matter), protocol=slug, kind=matter.kind.value, sentence=matter.sentence, todo=matter.todo,
        source=matter.source, opened_at=matter.opened_at,
    )  # fmt: skip
