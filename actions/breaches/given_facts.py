"""What anybody sends as a fact, checked before a database is asked about it, and the facts beside each other."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rules.breach_facts import LONGEST_TEXT, FactName, NotAFact, TextTooLong, instant_of
from rules.errors import Refused
from rules.instants import end_of_day
from rules.sentences import written_instant
from rules.severity_factors import as_plain, from_plain
from rules.texts import plain


class OccurredBackwards(Refused):
    def __init__(self, began: datetime, ended: datetime, zone: ZoneInfo) -> None:
        super().__init__(
            f"It cannot have begun ({written_instant(began, zone)}) after it was over "
            f"({written_instant(ended, zone)}): check “{FactName.OCCURRED_FROM}” and “{FactName.OCCURRED_TO}”."
        )


def require_facts(found: Mapping[FactName, Any]) -> dict[FactName, Any]:
    """What anybody sends, before a database is asked about it. Raises NotText, TextTooLong, and NotAFact for
    anything but a text, a number, yes or no, a list of words, or the factors."""
    checked = dict(found)
    for name, value in found.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, str) and len(plain(each)) > LONGEST_TEXT:
                raise TextTooLong(name, len(each))
        if isinstance(value, Mapping):
            if name is not FactName.FACTORS:
                raise NotAFact(name, "a mapping", "a single value or a list")
            checked[name] = as_plain(from_plain(value))
    return checked


def require_order(facts: Mapping[FactName, Any], zone: ZoneInfo) -> None:
    """Of a day, the reading by which it can be right. Raises OccurredBackwards."""
    began, over = instant_of(facts.get(FactName.OCCURRED_FROM), zone), _latest(facts.get(FactName.OCCURRED_TO), zone)
    if began is not None and over is not None and began > over:
        raise OccurredBackwards(began, over, zone)


def _latest(value: Any, zone: ZoneInfo) -> datetime | None:
    """Of a day, its last moment; a day is told by its length, as `instant_of` does."""
    if isinstance(value, str) and len(value) == len("2026-10-23"):
        return end_of_day(date.fromisoformat(value), zone) - timedelta.resolution
    return instant_of(value, zone)
