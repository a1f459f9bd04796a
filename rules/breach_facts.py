"""What can be known of a breach: each fact's name, the kind of value it has, and how one is read.

“Unknown” is an answer, never zero; a fact that nobody has stated is unknown too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from rules.errors import Refused
from rules.instants import from_local, local_day, parse_when
from rules.texts import plain, shown

UNKNOWN = "unknown"
LONGEST_TEXT = 20_000  # characters; a report is a summary, not a file
MOST_AT_ONCE = 200  # words of a list; more are added in a second statement
LARGEST = 100_000_000  # more people than there are here


class FactName(StrEnum):
    HAPPENED = "what happened"
    KIND = "kind"
    OCCURRED_FROM = "occurred from"
    OCCURRED_TO = "occurred to"
    SUSPECTED = "first suspected"
    DETECTED = "detected"
    TOLD = "who was told"
    NATURE = "nature"
    DATA = "kinds of data"
    PEOPLE_KINDS = "kinds of people"
    PEOPLE = "people"
    RECORDS = "records"
    PARTIES = "parties"
    DONE = "measures"  # taken or proposed
    CONSEQUENCES = "consequences"
    CAUSE = "cause"
    CLAUSES = "clauses"
    PROTOCOL_BROKEN = "protocol broken"
    PERSONAL_DATA = "personal data"  # of living people
    UNINTELLIGIBLE = "unintelligible"  # encrypted, the key not lost
    FACTORS = "severity factors"
    LIKELIHOOD = "likelihood"  # 1 to 5, of an effect on people
    IMPACT = "impact"  # 1 to 5
    IMMEDIATE_RISK = "immediate risk of harm"
    SIGNIFICANT_HARM = "significant harm likely"
    LARGE_NUMBER = "large number"  # where a procedure says so and gives no figure
    ICT = "ICT involved"
    NIS = "NIS criteria met"


class Shape(StrEnum):
    TEXT = "text"
    INSTANT = "instant"  # or a day, where nobody knows the hour
    COUNT = "count"
    SCALE = "1 to 5"
    YES_NO = "yes or no"
    CHOICE = "one choice"
    CHOICES = "choices"
    SLUGS = "short names"
    FACTORS = "severity factors"


SHAPES = {
    FactName.HAPPENED: Shape.TEXT, FactName.TOLD: Shape.TEXT, FactName.DONE: Shape.TEXT,
    FactName.CONSEQUENCES: Shape.TEXT, FactName.CAUSE: Shape.TEXT,
    FactName.OCCURRED_FROM: Shape.INSTANT, FactName.OCCURRED_TO: Shape.INSTANT,
    FactName.SUSPECTED: Shape.INSTANT, FactName.DETECTED: Shape.INSTANT,
    FactName.PEOPLE: Shape.COUNT, FactName.RECORDS: Shape.COUNT,
    FactName.LIKELIHOOD: Shape.SCALE, FactName.IMPACT: Shape.SCALE,
    FactName.KIND: Shape.CHOICE,
    FactName.NATURE: Shape.CHOICES, FactName.DATA: Shape.CHOICES, FactName.PEOPLE_KINDS: Shape.CHOICES,
    FactName.PARTIES: Shape.SLUGS, FactName.CLAUSES: Shape.SLUGS,
    FactName.FACTORS: Shape.FACTORS,
    FactName.PROTOCOL_BROKEN: Shape.YES_NO, FactName.PERSONAL_DATA: Shape.YES_NO,
    FactName.UNINTELLIGIBLE: Shape.YES_NO, FactName.IMMEDIATE_RISK: Shape.YES_NO,
    FactName.SIGNIFICANT_HARM: Shape.YES_NO, FactName.LARGE_NUMBER: Shape.YES_NO,
    FactName.ICT: Shape.YES_NO, FactName.NIS: Shape.YES_NO,
}  # fmt: skip

CHOICES = {
    FactName.KIND: ("breach", "suspected breach", "loss", "suspected loss", "near miss", "weakness", "incident"),
    FactName.NATURE: ("confidentiality", "integrity", "availability"),
    FactName.DATA: (
        "contact details", "identification", "official documents", "financial", "location", "credentials",
        "employment", "education", "social care", "safeguarding", "health", "genetic or biometric", "sex life",
        "ethnic origin", "beliefs", "trade union", "political", "criminal", "other",
    ),
    FactName.PEOPLE_KINDS: (
        "children", "vulnerable adults", "patients", "service users", "victims or witnesses",
        "suspects or offenders", "students", "residents", "employees", "other",
    ),
}  # fmt: skip


# What the options of `breach report` call some of them, and what anybody may write for the name.
ALSO_CALLED = {
    "what": FactName.HAPPENED, "told": FactName.TOLD, "suspected": FactName.SUSPECTED, "data": FactName.DATA,
    "done": FactName.DONE, "party": FactName.PARTIES, "clause": FactName.CLAUSES,
    "people kinds": FactName.PEOPLE_KINDS,
}  # fmt: skip


def fact_called(text: str) -> FactName | None:
    """Hyphens and underscores may stand for the spaces, capitals for small letters."""
    wanted = " ".join(text.replace("-", " ").replace("_", " ").casefold().split())
    return next((name for name in FactName if name.casefold() == wanted), None) or ALSO_CALLED.get(wanted)


class NotAFact(Refused):
    """A value that is not what this fact can be."""

    def __init__(self, name: FactName, found: object, expected: str) -> None:
        self.name, self.found, self.expected = name, found, expected
        super().__init__(f"“{name}” is {expected}, or “unknown”; “{shown(str(found))}” is none.")


class FromTheFuture(Refused):
    def __init__(self, name: FactName, found: str) -> None:
        super().__init__(f"“{name}” cannot lie ahead: {shown(found)} has not come yet.")


class TextTooLong(Refused):
    def __init__(self, name: FactName, length: int) -> None:
        super().__init__(
            f"“{name}” has {length:,} characters; at most {LONGEST_TEXT:,} are taken. Write a summary, and keep "
            "documents where they are."
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a value needs to know: the protocol's zone, the instant it is read at, and the parties that are
    named already."""

    zone: ZoneInfo
    now: datetime
    named: frozenset[str] = frozenset()


def read_value(name: FactName, found: Any, at: Reading) -> Any:
    """The plain value to keep: text, count, list, ISO day or UTC instant, or UNKNOWN, as of an empty list: nobody can
    say by it that there are none.

    `found` is what somebody wrote, or what a file holds. Raises NotAFact, FromTheFuture, TextTooLong, NotText,
    SkippedTime, RepeatedTime, OutsideTheCalendar.
    """
    if found is None or (isinstance(found, str) and found.strip().casefold() in ("", UNKNOWN)):
        return UNKNOWN
    match SHAPES[name]:
        case Shape.TEXT:
            return _text(name, found)
        case Shape.INSTANT:
            return _instant(name, str(found), at)
        case Shape.COUNT:
            return _number(name, found, 0, LARGEST, "a whole number that is not negative")
        case Shape.SCALE:
            return _number(name, found, 1, 5, "a whole number from 1 to 5")
        case Shape.YES_NO:
            return _yes_no(name, found)
        case Shape.CHOICE:
            return _choice(name, str(found))
        case Shape.CHOICES:
            return sorted({_choice(name, each) for each in _items(name, found)}) or UNKNOWN
        case Shape.SLUGS:
            return list(dict.fromkeys(_items(name, found, at.named))) or UNKNOWN
        case Shape.FACTORS:
            return _factors(name, found)


def _text(name: FactName, found: Any) -> str:
    if not isinstance(found, str):
        raise NotAFact(name, found, "a text")
    if len(found) > LONGEST_TEXT:
        raise TextTooLong(name, len(found))
    return plain(found)


def _instant(name: FactName, found: str, at: Reading) -> str:
    read = parse_when(found, at.zone)
    if isinstance(read, datetime):
        if read > at.now:
            raise FromTheFuture(name, found)
        return read.isoformat()
    if read > local_day(at.now, at.zone):
        raise FromTheFuture(name, found)
    instant_of(read.isoformat(), at.zone)  # limits count from it
    return read.isoformat()


def _number(name: FactName, found: Any, least: int, most: int, expected: str) -> int:
    text = str(found).strip()
    if isinstance(found, bool) or not text.isascii() or not text.isdigit():
        raise NotAFact(name, found, expected)
    if most == LARGEST and (len(text) > 12 or int(text) > most):
        raise NotAFact(name, found, f"a number of at most {most:,}: more people than there are here")
    if len(text) > 12 or not least <= int(text) <= most:
        raise NotAFact(name, found, expected)
    return int(text)


def _yes_no(name: FactName, found: Any) -> bool:
    if isinstance(found, bool):
        return found
    match str(found).strip().casefold():
        case "yes" | "true":
            return True
        case "no" | "false":
            return False
    raise NotAFact(name, found, "yes or no")


def _choice(name: FactName, found: str) -> str:
    word = found.strip().casefold().replace("-", " ")
    for choice in CHOICES[name]:
        if choice.casefold() == word:
            return choice
    raise NotAFact(name, found, f"one of {', '.join(CHOICES[name])}")


def _items(name: FactName, found: Any, named: frozenset[str] = frozenset()) -> list[str]:
    """Those that are named already count for nothing: one more can be added to however many, and one taken out."""
    items = found.split(",") if isinstance(found, str) else found
    if not isinstance(items, list | tuple) or not all(isinstance(each, str) for each in items):
        raise NotAFact(name, found, "a list of words")
    if sum(each not in named for each in items) > MOST_AT_ONCE:
        raise NotAFact(name, f"{len(items):,} words", f"a list of at most {MOST_AT_ONCE} words at once")
    return [each.strip() for each in items if each.strip()]


def _factors(name: FactName, found: Any) -> Any:
    """Read by `rules.severity` before it comes here: a mapping of plain values."""
    if not isinstance(found, Mapping):
        raise NotAFact(name, found, "the ENISA factors")
    return dict(found)


def instant_of(value: Any, zone: ZoneInfo) -> datetime | None:
    """The instant of a kept value; of a day its first moment, which is the strictest reading. None: unknown."""
    if not isinstance(value, str) or value == UNKNOWN:
        return None
    if len(value) == len("2026-10-23"):
        return from_local(datetime.combine(date.fromisoformat(value), time()), zone)
    return datetime.fromisoformat(value)
