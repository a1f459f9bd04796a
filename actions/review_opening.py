"""Reviews open: on their day, at a person's word, at once for a reason of their own (protocol §14)."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.cast import known_id
from actions.matters import close_matters
from actions.moving import protocol_locked, review_in, review_locked, take_step
from actions.policy import policies_of, today_of, window_of, zone_of
from actions.reasons import reason
from actions.review_asking import ask_everybody, reasons_of
from actions.review_joining import join_review
from actions.review_scheduling import (
    ReviewDateHasPassed,
    dates_as_opened,
    give_reason,
    new_annual,
    new_review,
    schedule_next,
    set_dates,
    set_review_date,
)
from models.protocol import MatterKind, Protocol
from models.review import ReasonKind, Review, ReviewReason
from rules.anchors import counted
from rules.errors import Refused
from rules.review import JOINABLE, ReviewKind, Stage, Step, stage_after
from rules.review_dates import ReviewDates, immediate_dates
from rules.sentences import written_day

__all__ = [
    "ReviewDateHasPassed", "ReviewIsOpen", "open_annual", "open_extraordinary", "open_scheduled", "reasons_of",
    "schedule_next", "set_review_date",
]  # fmt: skip


class ReviewIsOpen(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"Review {review.id} is open ({review.stage}): it has to end before another annual review opens."
        )


class HeldLately(Refused):
    def __init__(self, held: Review, scheduled: Review | None, protocol: Protocol) -> None:
        following = f"the next is on {written_day(scheduled.review_on)}" if scheduled else "no next one is scheduled"
        super().__init__(
            f"This year's review has been held, or is being signed: it is review {held.id}, and {following}. For "
            f"another one now: `concordat review open {protocol.slug} --extraordinary --because WHY`."
        )


def open_annual(session: Session, now: datetime, protocol: Protocol, by: str) -> Review:
    """Open the annual review now: the scheduled one early, or, where no date is set, one with full notice.

    A scheduled one whose day to open has come leaves everybody at least the window that the clock would leave.
    """
    protocol_locked(session, protocol)
    if (open_review := review_in(session, protocol, *JOINABLE)) is not None:
        raise ReviewIsOpen(open_review)
    scheduled = review_in(session, protocol, Stage.SCHEDULED)
    if (held := _held_lately(session, now, protocol)) is not None:
        raise HeldLately(held, scheduled, protocol)
    if scheduled is not None:
        review = review_locked(session, known_id(scheduled))
        if review.opens_at <= now:
            _dates_now(session, now, protocol, review, by)
    else:
        dates = immediate_dates(now, policies_of(protocol).notice_period(), protocol.nation, zone_of(protocol))
        review = new_annual(session, now, protocol, dates, by)
        protocol.review_anchor = protocol.review_anchor or dates.review_on
        session.add(protocol)
    close_matters(session, now, protocol, MatterKind.REVIEW_OVERDUE, f"review {review.id} opened")
    _open(session, now, protocol, review, by)
    schedule_next(session, now, protocol, by)
    return review


def _held_lately(session: Session, now: datetime, protocol: Protocol) -> Review | None:
    """The annual review that was opened, or ended, less than half an interval ago; a cancelled one was not held."""
    policies = policies_of(protocol)
    if policies.review.interval is None:
        return None
    today = today_of(protocol, now)
    since = now - (today - counted(policies.review_interval(), today, back=True)) / 2
    statement = (
        select(Review)
        .join(ReviewReason, col(ReviewReason.review_id) == Review.id)
        .where(Review.protocol_id == protocol.id, ReviewReason.kind == ReasonKind.ANNUAL)
        .where(col(Review.stage).not_in((Stage.CANCELLED, Stage.JOINED)), col(Review.opened_at).is_not(None))
        .where(or_(col(Review.opened_at) > since, col(Review.ended_at) > since))
    )
    return session.exec(statement.order_by(col(Review.id).desc()).limit(1)).first()


def open_extraordinary(
    session: Session,
    now: datetime,
    protocol: Protocol,
    by: str,
    because: str,
    kind: ReasonKind = ReasonKind.SECRETARY,
) -> Review:
    """At once, with a window of its own; or joined to the review that is open already: one request per party."""
    why = reason(because, "an extraordinary review")
    protocol_locked(session, protocol)
    window = window_of(protocol, "extraordinary_feedback")
    dates = immediate_dates(now, window, protocol.nation, zone_of(protocol))
    if (open_review := review_in(session, protocol, *JOINABLE)) is not None:
        return join_review(session, now, protocol, known_id(open_review), kind, why, dates, by)
    review = new_review(session, now, protocol, ReviewKind.EXTRAORDINARY, dates, by)
    give_reason(session, now, review, kind, why, by)
    _open(session, now, protocol, review, by, why)
    return review


def open_scheduled(session: Session, now: datetime, review_id: int, by: str) -> None:
    """The clock's step: the scheduled review opens, or joins the one that is open already.

    Its dates are computed anew: bank holidays may have been published or proclaimed since it was scheduled. If
    its day turns out to lie ahead, it waits for it.
    """
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    stage_after(review.stage, Step.INVITE_FEEDBACK)
    dates = _dates_now(session, now, protocol, review, by)
    if dates.opens_at > now:
        return
    open_review = review_in(session, protocol, *JOINABLE)
    if open_review is None:
        _open(session, now, protocol, review, by)
    else:
        take_step(session, now, review, Step.JOIN, by, joined=open_review.id)
        review.joined_id = open_review.id
        words = f"The annual review of {written_day(review.review_on)} is due."
        join_review(session, now, protocol, known_id(open_review), ReasonKind.ANNUAL, words, dates, by)
    schedule_next(session, now, protocol, by)


def _dates_now(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> ReviewDates:
    dates = dates_as_opened(now, protocol, review.review_on)
    if (dates.opens_at, dates.due_on) != (review.opens_at, review.due_on):
        set_dates(session, now, review, dates, by, "review dates settled")
    return dates


def _open(session: Session, now: datetime, protocol: Protocol, review: Review, by: str, why: str | None = None) -> None:
    take_step(session, now, review, Step.INVITE_FEEDBACK, by, why=why)
    review.opened_at = now
    session.add(review)
    ask_everybody(session, now, protocol, review)
