"""Limits: the end of a day, or an instant where hours were counted. When one is over, and how long is left, in words.

Both are elapsed time. Two readings of the clock on the wall are never subtracted: across a change of the clocks
they would be an hour wrong.
"""

from datetime import datetime, timedelta

from rules.instants import require_aware

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def is_over(due_at: datetime, now: datetime, *, exact: bool) -> bool:
    """Exactly at a counted instant is on time, one second after is late; the end of a day is late already.

    Raises NotAnInstant.
    """
    due, moment = require_aware(due_at), require_aware(now)
    return moment > due if exact else moment >= due


def time_left(due: datetime, now: datetime) -> str:
    """“2 days and 3 hours left”, “40 minutes left”, “due now”, “overdue by one hour”.

    Rounded down to the smaller unit that is named: never more time than there is, nor a longer delay. A day is
    24 hours. Raises NotAnInstant.
    """
    left = require_aware(due) - require_aware(now)
    if not left:
        return "due now"
    return f"{_length(left)} left" if left > timedelta() else f"overdue by {_length(-left)}"


def _length(span: timedelta) -> str:
    if span < _MINUTE:
        return "less than one minute"
    larger, smaller = ((_DAY, "day"), (_HOUR, "hour")) if span >= _DAY else ((_HOUR, "hour"), (_MINUTE, "minute"))
    whole, rest = divmod(span, larger[0])
    counted = ((whole, larger[1]), (rest // smaller[0], smaller[1]))
    return " and ".join(_counted(count, unit) for count, unit in counted if count)


def _counted(count: int, unit: str) -> str:
    return f"one {unit}" if count == 1 else f"{count} {unit}s"
