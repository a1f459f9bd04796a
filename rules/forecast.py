"""The forecast: which messages will be queued to whom and when, if nobody answers and no person acts.

Pure: plain values in, plain values out. The sender asks the same rules (`rules.reminding`, `rules.review`), so
that a simulated year in which nobody answers sends exactly the forecast.
"""

from datetime import datetime
from itertools import count

from rules.errors import Refused
from rules.forecast_absences import absence_ends, hand_over
from rules.forecast_course import Course
from rules.forecast_state import Forecasted, ForecastState
from rules.forecast_steps import take
from rules.review import due_step, next_instant

__all__ = ["ForecastState", "Forecasted", "forecast"]


def forecast(state: ForecastState, now: datetime, horizon: datetime) -> list[Forecasted]:
    """Every message from `now` up to and including `horizon`, earliest first.

    What was due before `now` and has not been taken, because the engine was off, is taken at `now`.
    Nothing is guessed beyond the published bank holidays: what depends on a later one is left out.
    """
    next_review_id = count(state.next_review_id)
    said = [
        message for protocol in state.protocols for message in _played(Course(protocol, next_review_id), now, horizon)
    ]
    return sorted(said, key=lambda message: (message.at, message.kind, message.address, message.obligations))


def _played(course: Course, now: datetime, horizon: datetime) -> list[Forecasted]:
    instant: datetime | None = now
    back: datetime | None = now
    while instant is not None and instant <= horizon:
        _take_steps(course, instant)
        if instant == back:
            hand_over(course, instant)
            back = absence_ends(course, instant)
        course.remind(instant)
        instant = _next_instant(course, instant)
    return course.said


def _take_steps(course: Course, now: datetime) -> None:
    """Every step that is due, one review after the other, until all is quiet. What is refused holds up no other."""
    refused: set[int] = set()
    while due := [
        number
        for number, review in sorted(course.reviews.items())
        if number not in refused and due_step(course.clock_of(review), now)
    ]:
        for number in due:
            _take_one(course, now, number, refused)


def _take_one(course: Course, now: datetime, number: int, refused: set[int]) -> None:
    while number in course.reviews and (step := due_step(course.clock_of(course.reviews[number]), now)):
        before = course.remember()
        try:
            take(course, now, course.reviews[number], step)
        except Refused:
            course.go_back_to(before)
            refused.add(number)
            return


def _next_instant(course: Course, after: datetime) -> datetime | None:
    """When the clock has anything to do again. What could not be done by `after` is tried again then."""
    looks = course.next_look(after)
    steps = [instant for review in course.reviews.values() if (instant := next_instant(course.clock_of(review)))]
    known = (looks, absence_ends(course, after), *steps)
    ahead = [instant for instant in known if instant is not None and instant > after]
    return min(ahead, default=None)
