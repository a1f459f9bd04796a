"""What somebody tells of a change of the law, and what is asked of it before it is recorded."""

from dataclasses import dataclass
from datetime import date

from actions.law.acts import bearing_on, part_of
from models.protocol import LegislationChange
from rules.errors import Refused
from rules.sentences import written_day

EARLIEST = date(1900, 1, 1)  # no protocol rests on a change from before; a day before is a slip of the pen
YEARS_AHEAD = 10  # an Act is commenced within a few years of its passing, or forgotten


@dataclass(frozen=True, kw_only=True)
class ChangeOfLaw:
    """What somebody tells: `key` of an Act in the register, or the title (`act`) of one that is not listed there.

    `clauses`: those it touches; none stand for those that rest on the Act in the register.
    """

    key: str | None = None
    act: str | None = None
    section: str | None = None
    in_force_from: date
    what: str
    clauses: tuple[str, ...] = ()
    source: str | None = None


class WhichAct(Refused):
    def __init__(self) -> None:
        super().__init__(
            "Say which Act it is: its key, as `concordat legislation list` shows it, or, for one that is not listed, "
            "its title (`--act`); not both."
        )


class FarOff(Refused):
    def __init__(self, day: date, today: date) -> None:
        which = "before" if day < today else "ahead of"
        super().__init__(
            f"{day.isoformat()} lies too far {which} today: a change is recorded that is in force from a day between "
            f"{EARLIEST.isoformat()} and {latest(today).isoformat()}."
        )


class TouchesNothing(Refused):
    def __init__(self, act: str, known: list[str]) -> None:
        super().__init__(
            f"No clause is known to rest on {act[:80]}: name those it touches (`--clause`), of {', '.join(known)}."
        )


class IsRecorded(Refused):
    def __init__(self, change: LegislationChange) -> None:
        super().__init__(
            f"{part_of(change.act, change.section)}, from {written_day(change.in_force_from)}, is recorded already, in "
            f"other words: it is change {change.id}, and marks {bearing_on(change.clauses)}. Another change of that "
            "day names its own section (`--section`), or clauses that are not marked yet (`--clause`)."
        )


class WasWithdrawn(Refused):
    def __init__(self, change: LegislationChange) -> None:
        super().__init__(
            f"Change {change.id} says just this and was withdrawn. Should it stand after all, record it in words that "
            "say why (`--what`)."
        )


def near_enough(day: date, today: date) -> None:
    if not EARLIEST <= day <= latest(today):
        raise FarOff(day, today)


def latest(today: date) -> date:
    return date(today.year + YEARS_AHEAD, 12, 31)
