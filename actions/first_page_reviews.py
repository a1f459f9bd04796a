"""The reviews that go on, as the first page shows them: who has not answered, what is proposed, who has signed.

Reads only, and of each list only the first lines: the review's own page has them all.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, case, col, func, or_, select

from actions.cast import known_id
from actions.clauses import clause_headings
from actions.signatures import decliners_of, signing, version_of
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Contact, Party, Protocol, Version
from models.review import Decision, Feedback, Proposal, Review
from rules.review import ENDED, Stage

REVIEWS = 5
LINES = 20


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A party that owes an answer or a signature. `next_at`: when the clock writes or escalates next, if it does; an
    address that bounced (`reachable` False) is not written to."""

    party: str
    name: str
    due_on: date
    due_at: datetime
    next_at: datetime | None
    reachable: bool


@dataclass(frozen=True, kw_only=True)
class ClauseLine:
    """How many proposals to the clause stand, and how many of them wait for a decision."""

    clause: str
    heading: str
    proposals: int
    undecided: int


@dataclass(frozen=True, kw_only=True)
class RunningReview:
    """`waiting` are the first of `owing` parties: of feedback, or of signatures once the text is settled."""

    id: int
    protocol: str
    kind: str
    stage: str
    review_on: date
    opens_at: datetime
    due_on: date
    asked: int
    answered: int
    owing: int
    waiting: tuple[Waiting, ...]
    clauses: tuple[ClauseLine, ...]
    version: str | None
    signed: int
    declined: int


def running_reviews(session: Session) -> list[RunningReview]:
    """The open ones first, the newest of them before the others; then what is scheduled."""
    statement = (
        select(Review, Protocol)
        .join(Protocol, col(Protocol.id) == Review.protocol_id)
        .where(col(Review.stage).not_in(ENDED))
        .order_by(case((col(Review.stage) == Stage.SCHEDULED, 1), else_=0), col(Review.id).desc())
    )
    return [_running(session, review, protocol) for review, protocol in session.exec(statement.limit(REVIEWS)).all()]


def _running(session: Session, review: Review, protocol: Protocol) -> RunningReview:
    signing = review.stage is Stage.SIGNING
    kind = ObligationKind.SIGNATURE if signing else ObligationKind.FEEDBACK
    version = version_of(session, review) if signing else None
    return RunningReview(
        id=known_id(review), protocol=protocol.slug, kind=review.kind.value, stage=review.stage.value,
        review_on=review.review_on, opens_at=review.opens_at, due_on=review.due_on, asked=_asked(session, review),
        answered=_answered(session, review), owing=_owing(session, review, kind),
        waiting=tuple(waiting_in(session, review, kind)), clauses=tuple(_clauses(session, protocol, review)),
        version=version.label if version else None, signed=_signed(session, version) if version else 0,
        declined=len(decliners_of(session, version)) if version else 0,
    )  # fmt: skip


def _asked(session: Session, review: Review) -> int:
    """Those that left or were succeeded since do not count."""
    stood = or_(col(Obligation.outcome).is_(None), Obligation.outcome != Outcome.SUPERSEDED)
    statement = select(func.count(func.distinct(Obligation.party_id))).where(
        Obligation.case == review.case, Obligation.kind == ObligationKind.FEEDBACK, stood
    )
    return session.exec(statement).one()


def _answered(session: Session, review: Review) -> int:
    statement = select(func.count(func.distinct(Feedback.party_id))).where(
        Feedback.review_id == review.id, Feedback.round == review.round
    )
    return session.exec(statement).one()


def _owing(session: Session, review: Review, kind: ObligationKind) -> int:
    statement = select(func.count()).where(
        Obligation.case == review.case, Obligation.kind == kind, col(Obligation.outcome).is_(None)
    )
    return session.exec(statement).one()


def waiting_in(session: Session, review: Review, kind: ObligationKind, limit: int | None = LINES) -> list[Waiting]:
    """By the day until which they have time."""
    first = (
        select(Obligation.id)
        .where(Obligation.case == review.case, Obligation.kind == kind, col(Obligation.outcome).is_(None))
        .where(col(Obligation.party_id).is_not(None))
        .order_by(col(Obligation.due_at), col(Obligation.id))
        .limit(limit)
        .subquery()
    )  # before anything is joined to them
    statement = (
        select(Obligation, Contact, Party)
        .join(first, first.c.id == Obligation.id)
        .join(Contact, col(Contact.id) == Obligation.contact_id)
        .join(Party, col(Party.id) == Obligation.party_id)
        .order_by(col(Obligation.due_at), col(Obligation.id))
    )
    return [
        Waiting(
            party=party.slug, name=party.name, due_on=duty.due_on, due_at=duty.due_at, next_at=duty.next_at,
            reachable=contact.bounced_at is None,
        )
        for duty, contact, party in session.exec(statement)
    ]  # fmt: skip


def _clauses(session: Session, protocol: Protocol, review: Review) -> list[ClauseLine]:
    statement = (
        select(Clause.key, func.count(), func.count().filter(col(Decision.id).is_(None)))
        .join(Proposal, col(Proposal.clause_id) == Clause.id)
        .outerjoin(Decision, col(Decision.proposal_id) == Proposal.id)
        .where(Proposal.review_id == review.id)
        .where(col(Proposal.merged_into_id).is_(None), col(Proposal.withdrawn_why).is_(None))
        .group_by(col(Clause.key), col(Clause.position))
        .order_by(col(Clause.position))
    )
    rows = session.exec(statement).all()
    headings = dict(clause_headings(session, protocol)) if rows else {}
    return [
        ClauseLine(clause=key, heading=headings.get(key, key), proposals=found, undecided=undecided)
        for key, found, undecided in rows
    ]  # fmt: skip


def _signed(session: Session, version: Version) -> int:
    """Parties bound by it."""
    bound = signing(version).subquery()
    statement = select(func.count(func.distinct(bound.c.party_id)))
    return session.exec(statement).one()


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """A duty of a party in a review that still stands: its number, and when it is reminded next."""

    obligation: int
    kind: str
    due_at: datetime
    next_at: datetime | None
    reachable: bool


def reminders_of(session: Session, review: Review, *kinds: ObligationKind) -> dict[str, Reminded]:
    """By party."""
    statement = (
        select(Party.slug, Obligation, Contact)
        .join(Contact, col(Contact.id) == Obligation.contact_id)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(Obligation.case == review.case, col(Obligation.kind).in_(kinds), col(Obligation.outcome).is_(None))
        .order_by(col(Obligation.id))
    )
    return {
        slug: Reminded(
            obligation=known_id(duty), kind=duty.kind.value, due_at=duty.due_at, next_at=duty.next_at,
            reachable=contact.bounced_at is None,
        )
        for slug, duty, contact in session.exec(statement)
    }  # fmt: skip
