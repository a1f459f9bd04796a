"""For how long the words of a case are kept, and when they go.

Storage limitation (UK GDPR art. 5(1)(e)) sets no figure: the protocol does, or says nothing, and then nothing goes.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from rules.deadlines import deadline
from rules.periods import Period
from rules.sentences import written_day

KEPT = "words kept"
KEPT_NO_LONGER = "words kept no longer"
EMPTIED = "words emptied"
# What goes cannot be brought back: a period that was mistyped (P6D for P6Y) is noticed first.
NOTICE = timedelta(days=30)
NO_LONGER_KEPT = "(no longer kept)"  # in the place of a text that has been emptied
GONE = "(Its words are gone: they were kept for as long as the protocol says.)"


@dataclass(frozen=True, slots=True)
class Ended:
    """A case that has ended, by its day in the protocol's zone. `busy`: something is still owed, or on its way;
    `held`: somebody has said that its words stay."""

    case: str
    on: date
    busy: bool
    held: bool


def last_day(ended_on: date, kept: Period) -> date:
    """The corresponding date: what ended on 31 August 2020 and is kept for six years is kept on 31 August 2026."""
    return deadline(kept, ended_on).day


def goes(ended: Ended, kept: Period, today: date, changed_on: date | None = None) -> bool:
    """`changed_on`: when the protocol's period was last changed, if ever."""
    noticed = changed_on is None or today > changed_on + NOTICE
    return noticed and not ended.busy and not ended.held and today > last_day(ended.on, kept)


def said_of(ended: Ended, kept: Period | None) -> str:
    """One sentence on what becomes of its words."""
    if ended.held:
        return "Kept until somebody says otherwise."
    if kept is None:
        return "Kept: the protocol does not say for how long."
    until = written_day(last_day(ended.on, kept))
    if ended.busy:
        return f"Kept while anything is owed or on its way, at least until {until}."
    return f"Kept until {until}: {kept} after it ended."
