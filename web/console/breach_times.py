"""A day, and the time where somebody knows it: as a fact of a breach is written, by the clock in London."""

import re
from datetime import date

TIME = re.compile(r"(\d{1,2})[:.](\d{2})\s*(BST|GMT|[+-]\d{2}:\d{2})?", re.ASCII)
OFFSETS = {"BST": "+01:00", "GMT": "+00:00"}
HINT = "As 16:20. Leave it out where nobody knows the hour. In the night of a clock change: 01:30 BST or 01:30 GMT."


def written_when(on: date | None, time: str | None, what: str = "it") -> str | None:
    """“2026-10-23T16:20”, “2026-10-23”, or None. Raises ValueError with a sentence."""
    if on is None:
        if time:
            raise ValueError(f"Write the day of {what} too, not only the time")
        return None
    if not time:
        return on.isoformat()
    found = TIME.fullmatch(time.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("Write the time as hours and minutes, such as 16:20")
    return f"{on.isoformat()}T{int(found[1]):02d}:{found[2]}{OFFSETS.get(found[3] or '', found[3] or '')}"
