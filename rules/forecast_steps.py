"""The steps the clock takes with a review, and what they say to whom."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from rules.anchors import counted, next_anniversary
from rules.forecast_course import Course, lead_of
from rules.forecast_state import Member, OpenReview
from rules.forecast_words import (
    joining_words,
    why_adopted,
    why_asked_anew,
    why_closed,
    why_confirmed,
    why_invited,
    why_summed_up,
)
from rules.instants import local_day
from rules.reminding import Person
from rules.review import JOINABLE, ClockStep, Stage, Step, stage_after
from rules.review_dates import dates_ahead, dates_on_opening
from rules.working_days import working_day_on_or_after

ENDED_BY_A_NEW_ROUND = ("feedback", "drafting", "advice", "decision")


def take(course: Course, now: datetime, review: OpenReview, step: ClockStep) -> None:
    """Raises Refused where the clock could not take it; what had been done of it by then is the caller's to undo."""
    match step:
        case Step.INVITE_FEEDBACK:
            _invite(course, now, review)
        case Step.CLOSE_FEEDBACK:
            _close(course, now, review)
        case Step.ADOPT:
            _adopt(course, now, review)
        case _:
            assert_never(step)


def _invite(course: Course, now: datetime, review: OpenReview) -> None:
    if review.stage is Stage.SCHEDULED:
        _open(course, now, review)
    else:
        _ask_newcomers(course, now, review)


def _ask_newcomers(course: Course, now: datetime, review: OpenReview) -> None:
    members = course.unasked(review, local_day(now, course.protocol.zone))
    _ask(course, now, review, members, why_invited(review), {})


def _open(course: Course, now: datetime, scheduled: OpenReview) -> None:
    """The scheduled review opens, or joins the one that is open already; then the one after it is scheduled."""
    review = _settled(course, now, scheduled)
    course.reviews[review.id] = review
    if review.opens_at > now:
        return
    others = [other for other in course.reviews.values() if other.stage in JOINABLE]
    if others:
        del course.reviews[review.id]
        _join(course, now, max(others, key=lambda other: other.id), review)
    else:
        _ask_everybody(course, now, _moved(course, review, Step.INVITE_FEEDBACK), why_invited(review))
    _schedule_next(course, now)


def _settled(course: Course, now: datetime, review: OpenReview) -> OpenReview:
    """With its dates as they are found on opening."""
    protocol = course.protocol
    dates = dates_on_opening(
        review.review_on, protocol.calendar.notice, protocol.windows["extraordinary_feedback"], protocol.nation,
        protocol.zone, now,
    )  # fmt: skip
    return replace(review, opens_at=dates.opens_at, due_on=dates.due_on, due_at=dates.due_at)


def _join(course: Course, now: datetime, review: OpenReview, annual: OpenReview) -> None:
    words = joining_words(annual)
    course.held_on = max(filter(None, (course.held_on, annual.review_on, review.review_on)))
    if words in review.reasons:
        return
    joined = replace(review, reasons=review.reasons | {words})
    if review.stage is Stage.COLLECTING:
        _give_time(course, joined, annual)
        for member in course.active(now):
            course.say(now, "review_reason_added", _asked(course, now, member), joined.case, words)
        return
    longer = {duty.party: duty.due_on for duty in course.owed(joined, "feedback") if duty.due_on > joined.due_on}
    for kind in ENDED_BY_A_NEW_ROUND:
        course.discharge(course.owed(joined, kind))
    again = replace(joined, round=joined.round + 1, due_on=annual.due_on, due_at=annual.due_at)
    _ask_everybody(course, now, _moved(course, again, Step.REOPEN_FEEDBACK), why_asked_anew(words), longer)


def _give_time(course: Course, review: OpenReview, annual: OpenReview) -> None:
    """The later day holds for all; whoever has more time already keeps it."""
    course.reviews[review.id] = review
    if annual.due_on <= review.due_on:
        return
    course.reviews[review.id] = replace(review, due_on=annual.due_on, due_at=annual.due_at)
    for duty in list(course.owed(review, "feedback")):
        if duty.due_on < annual.due_on:
            course.set_due(duty, annual.due_on)


def _ask_everybody(
    course: Course, now: datetime, review: OpenReview, because: str, longer: Mapping[int | None, date] | None = None
) -> None:
    _ask(course, now, replace(review, asked=frozenset()), course.active(now), because, longer or {})


def _ask(
    course: Course, now: datetime, review: OpenReview, members: list[Member], because: str,
    longer: Mapping[int | None, date],
) -> None:  # fmt: skip
    """`longer`: the day until which a party has been given more time, by its id."""
    course.reviews[review.id] = replace(review, asked=review.asked | {member.id for member in members})
    for member in members:
        key = f"{review.case}:feedback:{member.slug}" + (f":round-{review.round}" if review.round > 1 else "")
        asked = _asked(course, now, member)
        due_on = max(review.due_on, longer.get(member.id, review.due_on))
        if duty := course.open_duty(now, review.case, "feedback", key, asked, due_on, member):
            course.say(now, "feedback_invited", asked, review.case, because, duty)


def _close(course: Course, now: datetime, review: OpenReview) -> None:
    """Silence is recorded, extensions stay open, and the secretary begins to draft."""
    closed = _moved(course, review, Step.CLOSE_FEEDBACK)
    overdue = course.discharge(duty for duty in course.owed(review, "feedback") if duty.is_overdue(now))
    for duty in overdue:
        course.say(now, "feedback_closed_unanswered", duty.owner, review.case, why_closed(duty), duty)
    secretary, key = course.protocol.secretary, f"{review.case}:drafting:round-{review.round}"
    drafting = course.open_duty(now, review.case, "drafting", key, secretary, _window_ends(course, "drafting", now))
    about = (drafting,) if drafting else ()
    course.say(now, "feedback_summary", secretary, review.case, why_summed_up(closed), *about)


def _adopt(course: Course, now: datetime, review: OpenReview) -> None:
    """Only where nobody owes a signature any more: so only at the very next sweep, for nobody signs in a forecast."""
    del course.reviews[review.id]
    _schedule_next(course, now)
    for member in course.active(now):
        course.say(now, "version_adopted", lead_of(member), review.case, why_adopted(review))
    if course.protocol.checklist:
        _ask_for_confirmations(course, now, review)


def _ask_for_confirmations(course: Course, now: datetime, review: OpenReview) -> None:
    for member in course.active(now):
        if member.id not in review.signed:
            continue
        due_on = _window_ends(course, "confirmation", now)
        asked, key = _asked(course, now, member, member.confirms), f"{review.case}:confirmation:{member.slug}"
        if duty := course.open_duty(now, review.case, "confirmation", key, asked, due_on, member):
            course.say(now, "confirmation_requested", asked, review.case, why_confirmed(review), duty)


def _asked(course: Course, now: datetime, member: Member, first: Person | None = None) -> Person:
    return member.asked(first or lead_of(member), local_day(now, course.protocol.zone))


def _schedule_next(course: Course, now: datetime) -> None:
    """The next annual review, from the anchor, unless one lies ahead already."""
    calendar, protocol = course.protocol.calendar, course.protocol
    ahead = any(review.stage is Stage.SCHEDULED for review in course.reviews.values())
    if ahead or calendar.anchor is None or calendar.interval is None:
        return
    today = local_day(now, protocol.zone)
    after = max(today, course.held_on) if course.held_on else today
    review_on = next_anniversary(calendar.anchor, calendar.interval, after)
    dates = dates_ahead(review_on, calendar.notice, protocol.nation, protocol.zone)
    number, course.held_on = next(course.next_review_id), review_on
    course.reviews[number] = OpenReview(
        id=number, stage=Stage.SCHEDULED, review_on=dates.review_on, opens_at=dates.opens_at, due_on=dates.due_on,
        due_at=dates.due_at,
    )  # fmt: skip


def _moved(course: Course, review: OpenReview, step: Step) -> OpenReview:
    moved = replace(review, stage=stage_after(review.stage, step))
    course.reviews[moved.id] = moved
    return moved


def _window_ends(course: Course, window: str, now: datetime) -> date:
    """The last day of the window of that name, counted from today: a working day."""
    protocol = course.protocol
    day = counted(protocol.windows[window], local_day(now, protocol.zone), nation=protocol.nation)
    return working_day_on_or_after(day, protocol.nation)
