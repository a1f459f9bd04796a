"""What is wrong with a protocol's files, said so that the person who wrote them can find and mend it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from rules.errors import Refused

LONGEST_SHOWN = 60  # characters of a found value
MOST_LISTED = 12  # of the values that would have been right


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to mend. `file` is relative to the folder, `line` counts from 1."""

    file: str
    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: found {self.found}, expected {self.expected}"


class BadProtocolFile(Refused):
    """The folder is refused whole, before anything is written. One fault a line, by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def shown(value: object) -> str:
    """A found value as it stands in a fault: quoted, on one line, not longer than a line can be."""
    match value:
        case None | "":
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            line = " ".join(str(value).split())
            return f"'{line[:LONGEST_SHOWN]}…'" if len(line) > LONGEST_SHOWN else f"'{line}'"


def one_of(allowed: Collection[str], found: object = None) -> str:
    """The values that would have been right, and the one that was probably meant."""
    listed = list(allowed)
    words = "one of " + ", ".join(listed[:MOST_LISTED])
    if len(listed) > MOST_LISTED:
        words += f" and {len(listed) - MOST_LISTED} more"
    near = get_close_matches(found, listed, n=1, cutoff=0.5) if isinstance(found, str) else []
    return f"{words}; did you mean '{near[0]}'?" if near else words
