"""How days and instants are written inside the sentences that explain a date.

Not strftime: its names follow the process's locale, and these sentences are stored in history and compared.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, tzinfo

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# Words that a name begins with which takes no article: “whoever notices it”, “another manager”.
_DETERMINED = frozenset({
    "a", "an", "another", "any", "anybody", "anyone", "each", "every", "its", "no", "one", "somebody", "someone", "the",
    "their", "whichever", "who", "whoever",
})  # fmt: skip


def short_day(day: date) -> str:
    """“Friday 26 February”, where the year stands close by."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def written_day(day: date) -> str:
    """“Friday 26 February 2027”."""
    return f"{short_day(day)} {day.year}"


def no_such_day(text: str) -> str | None:
    """A sentence for what is written like a day and is none: “there is no 30 February 2026.”; None for all else."""
    found = re.match(r"\s*([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})(?![0-9])", text)
    if found is None or int(found[1]) == 0:
        return None
    year, month, day = (int(part) for part in found.groups())
    if 1 <= day <= monthrange(year, month)[1]:
        return None
    return f"there is no {day} {_MONTHS[month - 1]} {year}."


def written_month(day: date) -> str:
    """“February 2027”."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def written_instant(instant: datetime, zone: tzinfo) -> str:
    """“Friday 23 October 2026 16:20 BST”: the zone's own clock with its abbreviation; seconds only if any."""
    local = instant.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{written_day(local)} {clock} {local.tzname()}"


def listed(items: Sequence[str]) -> str:
    """“a, b and c”."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def definite(name: str) -> str:
    """A role within a sentence, whatever its procedure calls it: “the line manager”, “whoever notices it”."""
    return name if name.partition(" ")[0].casefold() in _DETERMINED else f"the {name}"
