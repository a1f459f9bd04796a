"""How each party stands in a review's present round: answered, silent, extended, unreachable; what it said before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party
from models.review import Feedback, Proposal, Review
from rules.retention import NO_LONGER_KEPT
from rules.review import Step


class Standing(StrEnum):
    ANSWERED = "answered"
    ANSWERED_LATE = "answered late"
    ANSWERED_BEFORE = "answered before"  # in an earlier round, and not again
    WAITING = "has not answered yet"
    EXTENDED = "has more time"
    SILENT = "silent"  # the day has passed and nothing came
    UNREACHABLE = "unreachable"  # the address bounced: never reached, so not counted as silent
    WAIVED = "waived"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True)
class EarlierAnswer:
    """What was said before feedback was asked for again; it counts as it did."""

    round: int
    answered_at: datetime
    no_comments: bool
    comments: tuple[str, ...]
    proposals: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Of the present round, but for `earlier`: the oldest first."""

    party: str
    name: str
    standing: Standing
    obligation: int | None
    due_on: date | None
    answered_at: datetime | None
    no_comments: bool
    comments: tuple[str, ...]
    proposals: tuple[int, ...]
    because: str | None
    earlier: tuple[EarlierAnswer, ...]


def answers_of(session: Session, review: Review) -> list[Answer]:
    """One for every party that was asked or answered, by name."""
    duties, said = _duties(session, review), _said(session, review)
    parties = session.exec(
        select(Party).where(col(Party.id).in_({*duties, *said})).order_by(col(Party.name))
    ).all()  # fmt: skip
    never_reached, longer = _recorded_unreachable(session, review), _extensions(session, review)
    kept = _read_at_once(session, review)
    answers = [
        _answer(session, review, party, duties.get(party.id), said.get(party.id, []), never_reached, longer)
        for party in parties
    ]
    del kept
    return answers


def _read_at_once(session: Session, review: Review) -> list[Contact | Narrative]:
    """What every answer asks for. A session forgets rows that nobody holds, and would read each for each party."""
    duties = (Obligation.case == review.case, Obligation.kind == ObligationKind.FEEDBACK)
    asked = select(Contact).join(Obligation, col(Obligation.contact_id) == Contact.id).where(*duties)
    why = select(Narrative).join(Obligation, col(Obligation.why_id) == Narrative.id).where(*duties)
    comments = select(Narrative).join(Feedback, col(Feedback.comments_id) == Narrative.id)
    return [
        *session.exec(asked), *session.exec(why), *session.exec(comments.where(Feedback.review_id == review.id)),
    ]  # fmt: skip


def _duties(session: Session, review: Review) -> dict[int | None, Obligation]:
    """The newest request to each party: that of the present round."""
    statement = select(Obligation).where(Obligation.case == review.case, Obligation.kind == ObligationKind.FEEDBACK)
    return {duty.party_id: duty for duty in session.exec(statement.order_by(col(Obligation.id)))}


def _said(session: Session, review: Review) -> dict[int | None, list[Feedback]]:
    """In every round."""
    statement = select(Feedback).where(Feedback.review_id == review.id)
    said: dict[int | None, list[Feedback]] = {}
    for feedback in session.exec(statement.order_by(col(Feedback.id))):
        said.setdefault(feedback.party_id, []).append(feedback)
    return said


def _recorded_unreachable(session: Session, review: Review) -> set[str]:
    """Names of the parties that could not be reached when feedback closed in this round, whatever their address is
    now."""
    asked_again = select(func.max(History.seq)).where(
        History.case == review.case, History.what == Step.REOPEN_FEEDBACK.value
    )
    statement = select(History.details).where(
        History.case == review.case, History.what == "no answer recorded",
        col(History.seq) > func.coalesce(asked_again.scalar_subquery(), 0),
    )  # fmt: skip
    return {name for details in session.exec(statement) for name in details.get("unreachable", [])}


def _extensions(session: Session, review: Review) -> dict[str, str | None]:
    """Why each obligation was extended, by its key; the newest reason."""
    statement = (
        select(History.details, Narrative.text)
        .join(Narrative, col(Narrative.id) == History.why_id)
        .where(History.case == review.case, History.what == "extended")
        .order_by(col(History.seq))
    )
    return {details["obligation"]: why for details, why in session.exec(statement)}


def _answer(
    session: Session, review: Review, party: Party, duty: Obligation | None, every: list[Feedback],
    never_reached: set[str], longer: dict[str, str | None],
) -> Answer:  # fmt: skip
    said = [feedback for feedback in every if feedback.round == review.round]
    before = [feedback for feedback in every if feedback.round < review.round]
    standing = _standing(session, review, party, duty, said, never_reached)
    if before and not said and duty is not None and duty.outcome in (Outcome.LAPSED, Outcome.ANSWERED):
        standing = Standing.ANSWERED_BEFORE
    why = session.get(Narrative, duty.why_id) if duty and duty.why_id else None
    return Answer(
        party=party.slug, name=party.name, standing=standing, obligation=duty.id if duty else None,
        due_on=duty.due_on if duty else None, answered_at=said[0].given_at if said else None,
        no_comments=bool(said) and all(feedback.no_comments for feedback in said),
        comments=tuple(_comments(session, said)),
        proposals=tuple(_proposals(session, said)),
        because=longer.get(duty.key) if duty and standing is Standing.EXTENDED else why.text if why else None,
        earlier=tuple(_earlier(session, before)),
    )  # fmt: skip


def _earlier(session: Session, before: list[Feedback]) -> Iterator[EarlierAnswer]:
    for number in sorted({feedback.round for feedback in before}):
        said = [feedback for feedback in before if feedback.round == number]
        yield EarlierAnswer(
            round=number, answered_at=said[0].given_at, no_comments=all(feedback.no_comments for feedback in said),
            comments=tuple(_comments(session, said)), proposals=tuple(_proposals(session, said)),
        )  # fmt: skip


def _standing(
    session: Session, review: Review, party: Party, duty: Obligation | None, said: list[Feedback],
    never_reached: set[str],
) -> Standing:  # fmt: skip
    if said:
        due_at = max(duty.due_at, review.due_at) if duty else review.due_at
        return Standing.ANSWERED_LATE if said[0].given_at >= due_at else Standing.ANSWERED
    if duty is None or duty.outcome is Outcome.SUPERSEDED:
        return Standing.LEFT if party.left_on else Standing.WAITING
    if duty.outcome is Outcome.WAIVED:
        return Standing.WAIVED
    contact = session.get_one(Contact, duty.contact_id)
    if duty.outcome is Outcome.LAPSED:
        return Standing.UNREACHABLE if party.name in never_reached else Standing.SILENT
    if contact.bounced_at is not None and duty.outcome is None:
        return Standing.UNREACHABLE
    return Standing.EXTENDED if duty.due_on > review.due_on else Standing.WAITING


def _comments(session: Session, said: list[Feedback]) -> Iterator[str]:
    for feedback in said:
        if feedback.comments_id:
            yield session.get_one(Narrative, feedback.comments_id).text or NO_LONGER_KEPT


def _proposals(session: Session, said: list[Feedback]) -> list[int]:
    if not said:
        return []
    statement = select(Proposal.id).where(col(Proposal.feedback_id).in_([feedback.id for feedback in said]))
    return [number for number in session.exec(statement.order_by(col(Proposal.id))) if number]
