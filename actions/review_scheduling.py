"""On which days the annual review is held: from the anchor, year by year (protocol §14)."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.matters import close_matters
from actions.moving import protocol_locked, review_in
from actions.policy import policies_of, today_of, window_of, zone_of
from models import history
from models.protocol import MatterKind, Protocol
from models.review import ReasonKind, Review, ReviewReason
from rules.anchors import counted, next_anniversary
from rules.errors import Refused
from rules.review import ReviewKind, Stage
from rules.review_dates import ReviewDates, annual_dates, dates_ahead, dates_on_opening
from rules.sentences import written_day
from rules.working_days import BeyondPublishedHolidays

DAY = timedelta(days=1)
ANNUAL_REASON = "The annual review is due."


class ReviewDateHasPassed(Refused):
    def __init__(self, review_on: date) -> None:
        super().__init__(
            f"{written_day(review_on)} has passed: give a day to come, or open the review now with "
            "`concordat review open`."
        )


class ReviewHasBeenHeld(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.id} was the one of {written_day(review.review_on)}; give another day.")


def set_review_date(session: Session, now: datetime, protocol: Protocol, review_on: date, by: str) -> Review:
    """The day annual reviews are counted from; the next one is on that day."""
    protocol_locked(session, protocol)
    known, is_past = _annual_on(session, protocol, review_on), review_on <= today_of(protocol, now)
    if known is not None and known.ended_at is None:
        return known  # the same order given twice, or for a review that has been opened
    if is_past:
        raise ReviewDateHasPassed(review_on)
    if known is not None:
        raise ReviewHasBeenHeld(known)
    dates = annual_dates(review_on, policies_of(protocol).notice_period(), protocol.nation, zone_of(protocol))
    protocol.review_anchor = review_on
    session.add(protocol)
    review = review_in(session, protocol, Stage.SCHEDULED)
    if review is None:
        review = new_annual(session, now, protocol, dates, by)
    else:
        set_dates(session, now, review, dates, by, "review date changed")
    close_matters(session, now, protocol, MatterKind.REVIEW_OVERDUE, f"review date set to {review_on}")
    return review


def _annual_on(session: Session, protocol: Protocol, review_on: date) -> Review | None:
    """The annual review of that day, unless it was cancelled; only where annual dates are counted from it."""
    statement = (
        select(Review)
        .where(Review.protocol_id == protocol.id, Review.review_on == review_on, Review.kind == ReviewKind.ANNUAL)
        .where(Review.stage != Stage.CANCELLED)
    )
    return session.exec(statement).first() if protocol.review_anchor == review_on else None


def schedule_next(session: Session, now: datetime, protocol: Protocol, by: str) -> Review | None:
    """The next annual review, from the anchor and never from the end of the last one; None without an anchor."""
    scheduled = review_in(session, protocol, Stage.SCHEDULED)
    policies = policies_of(protocol)
    if scheduled is not None or protocol.review_anchor is None or policies.review.interval is None:
        return scheduled
    today, held_on = today_of(protocol, now), _last_annual(session, protocol)
    after = max(today, held_on) if held_on else today
    review_on = next_anniversary(protocol.review_anchor, policies.review_interval(), after)
    dates = dates_ahead(review_on, policies.notice_period(), protocol.nation, zone_of(protocol))
    return new_annual(session, now, protocol, dates, by)


def count_anew(session: Session, now: datetime, protocol: Protocol, by: str, *, its_day_too: bool) -> Review | None:
    """By the policies as they are now: the review that lies ahead, of which nobody has heard; one is scheduled where
    none does. `its_day_too`: unless it is the day that the others are counted from, which somebody has named."""
    review = review_in(session, protocol, Stage.SCHEDULED)
    if review is None:
        return schedule_next(session, now, protocol, by)
    is_named = review.review_on == protocol.review_anchor
    review_on = _day_anew(session, now, protocol, review) if its_day_too and not is_named else review.review_on
    try:
        dates = dates_as_opened(now, protocol, review_on)
    except BeyondPublishedHolidays:
        dates = dates_ahead(review_on, policies_of(protocol).notice_period(), protocol.nation, zone_of(protocol))
    if dates != ReviewDates(review.review_on, review.opens_at, review.due_on, review.due_at):
        set_dates(session, now, review, dates, by, "review dates counted anew")
    return review


def _day_anew(session: Session, now: datetime, protocol: Protocol, review: Review) -> date:
    """A day that has come, and on which the clock did not stand still, is held and not passed over. Whoever was asked
    less than half an interval before is not asked again: that would be next year's (decision 4)."""
    policies = policies_of(protocol)
    if protocol.review_anchor is None or policies.review.interval is None:
        return review.review_on
    interval, after = policies.review_interval(), min(today_of(protocol, now), review.review_on - DAY)
    if held_on := _last_annual(session, protocol):
        after = max(after, held_on + (counted(interval, held_on) - held_on) / 2 - DAY)
    return next_anniversary(protocol.review_anchor, interval, after)


def dates_as_opened(now: datetime, protocol: Protocol, review_on: date) -> ReviewDates:
    """What holds if the clock opens the review of that day now. Raises BeyondPublishedHolidays."""
    return dates_on_opening(
        review_on, policies_of(protocol).notice_period(), window_of(protocol, "extraordinary_feedback"),
        protocol.nation, zone_of(protocol), now,
    )  # fmt: skip


def _last_annual(session: Session, protocol: Protocol) -> date | None:
    """The latest date of a review that was held, joined or cancelled because the year was round."""
    statement = (
        select(Review)
        .join(ReviewReason, col(ReviewReason.review_id) == Review.id)
        .where(Review.protocol_id == protocol.id, ReviewReason.kind == ReasonKind.ANNUAL)
        .where(Review.stage != Stage.SCHEDULED)
        .order_by(col(Review.review_on).desc())
    )
    latest = session.exec(statement).first()
    return latest.review_on if latest else None


def set_dates(session: Session, now: datetime, review: Review, dates: ReviewDates, by: str, what: str) -> None:
    """Other dates for a review; history keeps those it had."""
    previous, previous_due, previously_opens = review.review_on, review.due_on, review.opens_at
    review.review_on, review.opens_at = dates.review_on, dates.opens_at
    review.due_on, review.due_at = dates.due_on, dates.due_at
    session.add(review)
    history.write(
        session, review.case, now, by, what, previous=previous.isoformat(), review_on=dates.review_on.isoformat(),
        previous_due_on=previous_due.isoformat(), due_on=dates.due_on.isoformat(),
        previous_opens_at=previously_opens.isoformat(), opens_at=dates.opens_at.isoformat(),
    )  # fmt: skip


def new_annual(session: Session, now: datetime, protocol: Protocol, dates: ReviewDates, by: str) -> Review:
    review = new_review(session, now, protocol, ReviewKind.ANNUAL, dates, by)
    give_reason(session, now, review, ReasonKind.ANNUAL, ANNUAL_REASON, by)
    return review


def new_review(
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


def give_reason(session: Session, now: datetime, review: Review, kind: ReasonKind, words: str, by: str) -> None:
    session.add(ReviewReason(review_id=known_id(review), kind=kind, words=words, given_at=now, given_by=by))
    session.flush()
