"""When a review opens and until when feedback is in time (protocol §14: "one month prior to the review date")."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.anchors import counted, notice_day
from rules.instants import at_local, end_of_day, local_day
from rules.periods import Period, Unit
from rules.working_days import BeyondPublishedHolidays, Nation, working_day_on_or_after

ASKED_AT = time(9)  # local: people are asked when their day begins, never at night

# Longer than any run of weekend and bank holidays, so that a provisional opening is never after the true one.
EARLY_ENOUGH = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class ReviewDates:
    review_on: date
    opens_at: datetime
    due_on: date  # the last day on which feedback is in time
    due_at: datetime  # its end, exclusive


def annual_dates(review_on: date, notice: Period, nation: Nation, zone: ZoneInfo) -> ReviewDates:
    """Asked not later than `notice` before the review date; feedback is due on it, or the working day after.

    Raises BeyondPublishedHolidays.
    """
    opens_at = at_local(notice_day(review_on, notice, nation), ASKED_AT, zone)
    return _dates(review_on, opens_at, working_day_on_or_after(review_on, nation), zone)


def dates_ahead(review_on: date, notice: Period, nation: Nation, zone: ZoneInfo) -> ReviewDates:
    """For the calendar: where the bank holidays of that year are not published yet, the clock looks early enough.

    What it finds then, `dates_on_opening` says; until then nobody has been told any of these dates.
    """
    try:
        return annual_dates(review_on, notice, nation, zone)
    except BeyondPublishedHolidays:
        return _dates(review_on, at_local(_surely_before(review_on, notice), ASKED_AT, zone), review_on, zone)


def _surely_before(review_on: date, notice: Period) -> date:
    """A day not after the true notice day, whatever the bank holidays of that year will be."""
    if notice.unit is Unit.WORKING_DAYS:
        return review_on - timedelta(days=2 * notice.count) - EARLY_ENOUGH
    return counted(notice, review_on, back=True) - EARLY_ENOUGH


def dates_on_opening(
    review_on: date, notice: Period, least: Period, nation: Nation, zone: ZoneInfo, now: datetime
) -> ReviewDates:
    """What holds when the clock comes to open a review; it opens if `opens_at` has come.

    A clock that comes days late, because it stood still, leaves everybody at least the window `least`.
    Raises BeyondPublishedHolidays.
    """
    dates = annual_dates(review_on, notice, nation, zone)
    if local_day(now, zone) <= local_day(dates.opens_at, zone):
        return dates
    due_on = max(dates.due_on, immediate_dates(now, least, nation, zone).due_on)
    return _dates(review_on, dates.opens_at, due_on, zone)


def immediate_dates(now: datetime, window: Period, nation: Nation, zone: ZoneInfo) -> ReviewDates:
    """Opens now; the window ends on a working day. The review date is that day. Raises BeyondPublishedHolidays."""
    due_on = working_day_on_or_after(counted(window, local_day(now, zone), nation=nation), nation)
    return _dates(due_on, now, due_on, zone)


def _dates(review_on: date, opens_at: datetime, due_on: date, zone: ZoneInfo) -> ReviewDates:
    return ReviewDates(review_on, opens_at, due_on, end_of_day(due_on, zone))
