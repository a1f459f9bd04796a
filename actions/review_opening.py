"""When the protocol is reviewed: the date it is set to, opening at once, and reviews that join (protocol §14)."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, known_id, lead_of
from actions.matters import close_matters
from actions.moving import protocol_locked, review_in, review_locked, take_step
from actions.owing import ReasonNeeded, owed
from actions.policy import operating_of, policies_of, zone_of
from actions.review_asking import ask_again, ask_everybody
from actions.telling import tell
from models import history
from models.obligation import ObligationKind
from models.protocol import MatterKind, Protocol
from models.review import ReasonKind, Review, ReviewReason
from notifications.messages import ReviewReasonAdded
from rules.anchors import next_anniversary
from rules.errors import Refused
from rules.instants import local_day
from rules.review import JOINABLE, ReviewKind, Stage, Step, StepNotAllowed
from rules.review_dates import ReviewDates, annual_dates, immediate_dates
from rules.sentences import written_day


class ReviewDateHasPassed(Refused):
    def __init__(self, review_on: date) -> None:
        super().__init__(
            f"{written_day(review_on)} has passed: give a day to come, or open the review now with "
            "`concordat review open`."
        )


class ReviewIsOpen(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"Review {review.id} is open ({review.stage}): it has to end before another annual review opens."
        )


def set_review_date(session: Session, now: datetime, protocol: Protocol, review_on: date, by: str) -> Review:
    """The day annual reviews are counted from; the next one is on that day."""
    protocol_locked(session, protocol)
    if review_on <= local_day(now, zone_of(protocol)):
        raise ReviewDateHasPassed(review_on)
    protocol.review_anchor = review_on
    session.add(protocol)
    review = review_in(session, protocol, Stage.SCHEDULED)
    if review is not None and review.review_on == review_on:
        return review
    review = _reschedule(session, now, protocol, review, review_on, by)
    close_matters(session, now, protocol, MatterKind.REVIEW_OVERDUE, f"review date set to {review_on}")
    return review


def schedule_next(session: Session, now: datetime, protocol: Protocol, by: str) -> Review | None:
    """The next annual review, from the anchor and never from the end of the last one; None without an anchor."""
    scheduled = review_in(session, protocol, Stage.SCHEDULED)
    interval = policies_of(protocol).review.interval
    if scheduled is not None or protocol.review_anchor is None or not isinstance(interval, str):
        return scheduled
    held = session.exec(
        select(Review)
        .join(ReviewReason, col(ReviewReason.review_id) == Review.id)
        .where(Review.protocol_id == protocol.id, ReviewReason.kind == ReasonKind.ANNUAL)
        .order_by(col(Review.review_on).desc())
    ).first()
    today = local_day(now, zone_of(protocol))
    after = max(today, held.review_on) if held else today
    review_on = next_anniversary(protocol.review_anchor, policies_of(protocol).review_interval(), after)
    return _reschedule(session, now, protocol, None, review_on, by)


def open_annual(session: Session, now: datetime, protocol: Protocol, by: str) -> Review:
    """Open the annual review now: the scheduled one early, or, where no date is set, one with full notice."""
    protocol_locked(session, protocol)
    if (open_review := review_in(session, protocol, *JOINABLE)) is not None:
        raise ReviewIsOpen(open_review)
    review = review_in(session, protocol, Stage.SCHEDULED)
    if review is None:
        dates = immediate_dates(now, policies_of(protocol).notice_period(), protocol.nation, zone_of(protocol))
        review = _new_review(session, now, protocol, ReviewKind.ANNUAL, dates, by)
        _give_reason(session, now, review, ReasonKind.ANNUAL, "The annual review is due.", by)
        protocol.review_anchor = protocol.review_anchor or dates.review_on
        session.add(protocol)
        close_matters(session, now, protocol, MatterKind.REVIEW_OVERDUE, f"review {review.id} opened")
    take_step(session, now, review, Step.INVITE_FEEDBACK, by)
    _asked(session, now, protocol, review)
    return review


def open_extraordinary(
    session: Session,
    now: datetime,
    protocol: Protocol,
    by: str,
    because: str,
    kind: ReasonKind = ReasonKind.SECRETARY,
) -> Review:
    """At once, with a window of its own; or joined to the review that is open already: one request per party."""
    protocol_locked(session, protocol)
    if not because.strip():
        raise ReasonNeeded("an extraordinary review")
    window = operating_of(protocol).window("extraordinary_feedback")
    dates = immediate_dates(now, window, protocol.nation, zone_of(protocol))
    open_review = review_in(session, protocol, *JOINABLE)
    if open_review is not None:
        return _join(session, now, protocol, open_review, kind, because, dates, by)
    review = _new_review(session, now, protocol, ReviewKind.EXTRAORDINARY, dates, by)
    _give_reason(session, now, review, kind, because, by)
    take_step(session, now, review, Step.INVITE_FEEDBACK, by, why=because)
    _asked(session, now, protocol, review)
    return review


def open_scheduled(session: Session, now: datetime, review_id: int, by: str) -> None:
    """The clock's step: the scheduled review opens, or joins the one that is open already."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    protocol_locked(session, protocol)
    if review.stage is not Stage.SCHEDULED:
        raise StepNotAllowed(review.stage, Step.INVITE_FEEDBACK)
    open_review = review_in(session, protocol, *JOINABLE)
    if open_review is None:
        take_step(session, now, review, Step.INVITE_FEEDBACK, by)
        _asked(session, now, protocol, review)
        return
    take_step(session, now, review, Step.JOIN, by, joined=open_review.id)
    review.joined_id = open_review.id
    dates = ReviewDates(review.review_on, now, review.due_on, review.due_at)
    words = f"The annual review of {written_day(review.review_on)} is due."
    _join(session, now, protocol, open_review, ReasonKind.ANNUAL, words, dates, by)


def _join(
    session: Session, now: datetime, protocol: Protocol, review: Review,
    kind: ReasonKind, words: str, dates: ReviewDates, by: str,
) -> Review:  # fmt: skip
    """One more reason for an open review. Where feedback had closed, everybody is asked once more."""
    review = review_locked(session, known_id(review))
    if any(reason.words == words for reason in reasons_of(session, review)):
        return review  # the same reason given twice
    _give_reason(session, now, review, kind, words, by)
    if review.stage is Stage.COLLECTING:
        history.write(session, review.case, now, by, "another reason joined", why=words)
        _tell_the_reason(session, now, protocol, review, words)
        return review
    take_step(session, now, review, Step.REOPEN_FEEDBACK, by, why=words)
    ask_again(session, now, protocol, review, dates)
    return review


def _tell_the_reason(session: Session, now: datetime, protocol: Protocol, review: Review, words: str) -> None:
    still_owing = {duty.party_id for duty in owed(session, review.case, ObligationKind.FEEDBACK)}
    number = len(reasons_of(session, review))
    for party in active_parties(session, protocol, local_day(now, zone_of(protocol))):
        answered = party.id not in still_owing
        tell(
            session, now, protocol, lead_of(session, party), review.case,
            f"{review.case}:reason-{number}:{party.slug}",
            lambda h, answered=answered: ReviewReasonAdded(  # type: ignore[misc]
                **h, reason=words, due_on=review.due_on, already_answered=answered
            ),
        )  # fmt: skip


def reasons_of(session: Session, review: Review) -> list[ReviewReason]:
    statement = select(ReviewReason).where(ReviewReason.review_id == review.id)
    return list(session.exec(statement.order_by(col(ReviewReason.id))))


def _reschedule(
    session: Session, now: datetime, protocol: Protocol, review: Review | None, review_on: date, by: str
) -> Review:
    dates = annual_dates(review_on, policies_of(protocol).notice_period(), protocol.nation, zone_of(protocol))
    if review is None:
        review = _new_review(session, now, protocol, ReviewKind.ANNUAL, dates, by)
        _give_reason(session, now, review, ReasonKind.ANNUAL, "The annual review is due.", by)
        return review
    previous, review.review_on = review.review_on, dates.review_on
    review.opens_at, review.due_on, review.due_at = dates.opens_at, dates.due_on, dates.due_at
    session.add(review)
    history.write(
        session, review.case, now, by, "review date changed",
        previous=previous.isoformat(), review_on=review_on.isoformat(),
    )  # fmt: skip
    return review


def _new_review(
    session: Session, now: datetime, protocol: Protocol, kind: ReviewKind, dates: ReviewDates, by: str
) -> Review:
    review = Review(
        protocol_id=known_id(protocol), kind=kind, review_on=dates.review_on, opens_at=dates.opens_at,
        due_on=dates.due_on, due_at=dates.due_at, created_at=now,
    )  # fmt: skip
    session.add(review)
    session.flush()
    history.write(
        session, review.case, now, by, f"{kind.value} review scheduled",
        moved=(None, Stage.SCHEDULED.value), review_on=dates.review_on.isoformat(),
    )  # fmt: skip
    return review


def _give_reason(session: Session, now: datetime, review: Review, kind: ReasonKind, words: str, by: str) -> None:
    session.add(ReviewReason(review_id=known_id(review), kind=kind, words=words, given_at=now, given_by=by))
    session.flush()


def _asked(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    review.opened_at = now
    session.add(review)
    ask_everybody(session, now, protocol, review)
