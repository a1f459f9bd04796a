"""Limits of a procedure's steps: how they are written, and the day or instant they lead to.

Where a procedure gives words and no figure, no hour is invented; where it gives hours and does not say which,
they are counted as elapsed, which is the stricter reading, and the sentence says so.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from rules.deadlines import Due, deadline
from rules.errors import Refused
from rules.instants import LONDON
from rules.periods import NotAPeriod, Period, Unit, parse_period
from rules.procedure_words import from_words
from rules.procedures import Clock, Limit, Moment, Urgency
from rules.working_days import Holidays, Nation
from rules.working_hours import OFFICE_HOURS, Hours, parse_limit_hours, working_hours_deadline

_STEP = "step:"
# a year: what a party does after a breach in a longer time is no step of the follow-up
_LONGEST = {Unit.MINUTES: 366 * 24 * 60, Unit.DAYS: 366, Unit.MONTHS: 12, Unit.WORKING_DAYS: 260}
_LONGEST_WORKING_MINUTES = 2080 * 60
_PLAIN_HOURS = re.compile(r"([0-9]{1,6}) (hours?|minutes?)", re.IGNORECASE)

FIGURES = "PT24H, '8 hours', '8 working hours', '2 working days', P30D or P1M"
EXPECTED = f"{', '.join(Urgency)}, or a figure of at most a year such as {FIGURES}"
MOMENTS = (*(moment.value for moment in Moment if moment is not Moment.STEP), f"{_STEP}ID")


class NotALimit(Refused):
    def __init__(self, found: str) -> None:
        super().__init__(f"“{found}” is no limit: expected {EXPECTED}.")


class NotAMoment(Refused):
    def __init__(self, found: str) -> None:
        super().__init__(f"“{found}” is nothing that a limit can count from: expected {', '.join(MOMENTS)}.")


def step_key(id: str) -> str:
    """Under which a step's end stands among the moments: “step:contain”."""
    return _STEP + id


def read_limit(within: str, counted_from: str | None = None) -> Limit:
    """As files write it: `within` and `from`. Raises NotALimit, NotAMoment."""
    limit = _figure(within.strip())
    if counted_from is None:
        return limit
    if counted_from.startswith(_STEP):
        return replace(limit, moment=Moment.STEP, step=counted_from.removeprefix(_STEP).strip())
    try:
        moment = Moment(counted_from)
    except ValueError:
        raise NotAMoment(counted_from) from None
    if moment is Moment.STEP:
        raise NotAMoment(counted_from)
    return replace(limit, moment=moment)


def _figure(text: str) -> Limit:
    if text in tuple(Urgency):
        return Limit(urgency=Urgency(text))
    if minutes := parse_limit_hours(text):
        if minutes > _LONGEST_WORKING_MINUTES:
            raise NotALimit(text)
        return Limit(working_minutes=minutes, clock=Clock.WORKING_HOURS)
    if plain := _PLAIN_HOURS.fullmatch(text):
        worth = 60 if plain[2].lower().startswith("hour") else 1
        return Limit(period=_period(f"PT{int(plain[1]) * worth}M", text), clock=Clock.UNSPECIFIED)
    period = _period(text, text)
    return Limit(period=period, clock=Clock.ELAPSED if period.unit is Unit.MINUTES else Clock.DAYS)


def _period(text: str, found: str) -> Period:
    try:
        period = parse_period(text)
    except NotAPeriod:
        raise NotALimit(found) from None
    if period.count > _LONGEST[period.unit]:
        raise NotALimit(found)
    return period


def within_text(limit: Limit) -> str:
    """`read_limit` reads it back."""
    if limit.urgency is not None:
        return str(limit.urgency)
    if limit.working_minutes is not None:
        return f"{limit.working_minutes // 60} working hours"
    assert limit.period is not None
    if limit.clock is not Clock.UNSPECIFIED:
        return limit.period.text
    number, unit = (limit.period.count, "minute") if limit.period.count % 60 else (limit.period.count // 60, "hour")
    return f"{number} {unit}" + "s" * (number > 1)


def from_text(limit: Limit) -> str | None:
    if limit.moment is Moment.STEP:
        return step_key(limit.step or "")
    return None if limit.urgency is not None and limit.moment is Moment.OPENED else limit.moment.value


def due_of(
    limit: Limit | None,
    moments: Mapping[str, datetime],
    nation: Nation,
    zone: ZoneInfo = LONDON,
    *,
    hours: Hours = OFFICE_HOURS,
    holidays: Holidays | None = None,
) -> Due | None:
    """`moments` by Moment's value, or `step_key`. None: no limit, words without a figure, or not known yet.

    Hours lead to an instant, days and months to the end of a day. Raises BeyondPublishedHolidays, NotAnInstant,
    OutsideTheCalendar.
    """
    if limit is None or limit.urgency is not None or (start := start_of(limit, moments)) is None:
        return None
    if limit.working_minutes is not None:
        due = working_hours_deadline(start, limit.working_minutes, nation, zone, hours, holidays)
    else:
        assert limit.period is not None
        due = deadline(limit.period, start, nation=nation, zone=zone, holidays=holidays)
    which = " It does not say which hours count: elapsed ones are taken." if limit.clock is Clock.UNSPECIFIED else ""
    return Due(due.due, f"{due.because} The procedure counts from {from_words(limit)}.{which}")


def start_of(limit: Limit, moments: Mapping[str, datetime]) -> datetime | None:
    """The instant that the limit counts from, as far as it is known."""
    if limit.moment is Moment.STEP:
        return moments.get(step_key(limit.step or ""))
    if limit.moment is not Moment.SUSPECTED:
        return moments.get(limit.moment)
    # whoever detects something suspects it by then at the latest: the first of what is known
    return min((moments[each] for each in (Moment.SUSPECTED, Moment.DETECTED, Moment.AWARE) if each in moments),
               default=None)  # fmt: skip
