"""Why somebody did it: asked for, and kept in history."""

from rules.errors import Refused
from rules.texts import plain


class ReasonNeeded(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"Give a reason: {what} is recorded with why (`--because`).")


def reason(because: str | None, what: str) -> str:
    """The reason, without space around it. Raises ReasonNeeded where it says nothing, NotText."""
    words = plain(because or "")
    if not words:
        raise ReasonNeeded(what)
    return words


def reason_if_any(because: str | None, what: str) -> str | None:
    """None where none was given; but a reason that was given says something."""
    return None if because is None else reason(because, what)
