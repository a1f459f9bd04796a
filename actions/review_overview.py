"""One review as a whole: its dates and why, who has answered, what is proposed and decided, what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere
from actions.gaps.agenda import agenda, answered_by, unanswered_by
from actions.gaps.keeping import GapView, gap_views
from actions.overview import ReviewLine, review_lines
from actions.policy import operating_of, policies_of, zone_of
from actions.review_next import next_commands
from actions.review_opening import reasons_of
from actions.review_parties import Answer, answers_of
from actions.review_signers import ConfirmationLine, SignatureLine, confirmation_lines, signature_lines
from actions.review_table import ProposalLine, proposal_lines
from models.history import History, Narrative
from models.protocol import Protocol, Version
from models.review import Review
from rules.deadlines import Roll, deadline
from rules.errors import Refused
from rules.instants import local_day
from rules.review import ReviewKind, Stage
from rules.sentences import written_day


@dataclass(frozen=True, kw_only=True)
class Dated:
    """A date of the review and the sentence that explains it."""

    what: str
    at: date | datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    kind: str
    words: str
    given_by: str


@dataclass(frozen=True, kw_only=True)
class ReviewView:
    """`agenda`: the gaps that wait, while the text is not settled; then which of them its version answers, and which
    not."""

    review: ReviewLine
    protocol_name: str
    round: int
    joined: int | None
    reasons: tuple[Reason, ...]
    dates: tuple[Dated, ...]
    answers: tuple[Answer, ...]
    proposals: tuple[ProposalLine, ...]
    version: str | None
    sha256: str | None
    signatures: tuple[SignatureLine, ...]
    confirmations: tuple[ConfirmationLine, ...]
    ended_because: str | None
    agenda: tuple[GapView, ...]
    gaps_answered: tuple[GapView, ...]
    gaps_not_answered: tuple[GapView, ...]
    next: tuple[str, ...]


def review_named(session: Session, review_id: int) -> Review:
    found = session.get(Review, review_id)
    if found is None:
        raise NotThere(f"There is no review {review_id}: see `concordat review list`.")
    return found


def version_made_by(session: Session, review: Review) -> Version | None:
    """The version of this review; later minor ones of its line are not meant."""
    return session.exec(select(Version).where(Version.review_id == review.id)).first()


def review_view(session: Session, now: datetime, review_id: int) -> ReviewView:
    review = review_named(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    version = version_made_by(session, review)
    answers, proposals = answers_of(session, review), proposal_lines(session, review)
    signatures = signature_lines(session, review, version)
    confirmations = confirmation_lines(session, now, review, version)
    return ReviewView(
        review=next(line for line in review_lines(session, now, protocol) if line.id == review_id),
        protocol_name=protocol.name, round=review.round, joined=review.joined_id,
        reasons=tuple(_reasons(session, review)),
        dates=tuple(_dates(session, protocol, review)), answers=tuple(answers), proposals=tuple(proposals),
        version=version.label if version else None, sha256=version.sha256 if version else None,
        signatures=tuple(signatures), confirmations=tuple(confirmations),
        ended_because=_ended_because(session, review), agenda=tuple(agenda(session, review)),
        gaps_answered=tuple(gap_views(session, answered_by(session, version))) if version else (),
        gaps_not_answered=tuple(gap_views(session, unanswered_by(session, version))) if version else (),
        next=tuple(next_commands(protocol.slug, review, answers, proposals, signatures, confirmations)),
    )  # fmt: skip


def _reasons(session: Session, review: Review) -> list[Reason]:
    return [Reason(kind=r.kind.value, words=r.words, given_by=r.given_by) for r in reasons_of(session, review)]


def _dates(session: Session, protocol: Protocol, review: Review) -> Iterator[Dated]:
    """Explained anew from the policies; a policy changed since is then visible by its own sentence."""
    immediate = review.kind is ReviewKind.EXTRAORDINARY or review.opens_at == review.created_at
    if review.stage is not Stage.JOINED:
        opened = review.opened_at or review.opens_at
        yield Dated(what="asked" if review.opened_at else "to be asked", at=opened, because=_why_then(protocol, review))
    if not immediate:
        words = "The day annual reviews of this protocol are counted from, or an anniversary of it."
        yield Dated(what="review date", at=review.review_on, because=words)
    yield Dated(what="feedback due", at=review.due_on, because=_why_due(protocol, review, immediate=immediate))
    if review.ended_at:
        yield Dated(what=review.stage.value, at=review.ended_at, because="")
    if (following := _following(session, protocol, review)) is not None:
        yield Dated(what="next review", at=following.review_on, because="From the anchor, not from this one's end.")


def _why_then(protocol: Protocol, review: Review) -> str:
    if review.opened_at and review.opened_at < review.opens_at:
        return "Opened by a person before its day."
    if review.kind is ReviewKind.EXTRAORDINARY or review.opens_at == review.created_at:
        return "Opened by a person at once."
    notice = policies_of(protocol).notice_period()
    try:
        return deadline(
            notice, review.review_on, back=True, nation=protocol.nation, roll=Roll.BACK, zone=zone_of(protocol)
        ).because
    except Refused as beyond:  # no bank holidays are published for a day that far off
        return str(beyond)


def _why_due(protocol: Protocol, review: Review, *, immediate: bool) -> str:
    if review.round > 1:
        return f"Everybody was asked once more, in round {review.round}, with a new day."
    if not immediate:
        rolled = f", or the working day after it: {written_day(review.due_on)}"
        return f"The review date{rolled if review.due_on != review.review_on else ''}."
    annual = review.kind is ReviewKind.ANNUAL
    window = (
        policies_of(protocol).notice_period() if annual else operating_of(protocol).window("extraordinary_feedback")
    )
    start = local_day(review.opens_at, zone_of(protocol))
    try:
        return deadline(window, start, nation=protocol.nation, roll=Roll.FORWARD, zone=zone_of(protocol)).because
    except Refused as beyond:
        return str(beyond)


def _following(session: Session, protocol: Protocol, review: Review) -> Review | None:
    if review.ended_at is None:
        return None
    statement = select(Review).where(Review.protocol_id == protocol.id, Review.stage == Stage.SCHEDULED)
    return session.exec(statement).first()


def _ended_because(session: Session, review: Review) -> str | None:
    """The reason given with the step that ended it."""
    if review.ended_at is None:
        return None
    statement = (
        select(Narrative.text)
        .join(History, col(History.why_id) == Narrative.id)
        .where(History.case == review.case, History.moved_to == review.stage.value)
    )
    return session.exec(statement).first()
