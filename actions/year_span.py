"""A calendar year by the protocol's clock, and counting in it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from actions.annual_report_shapes import Counts
from actions.policy import today_of, zone_of
from models.protocol import Protocol
from rules.instants import end_of_day, local_day


@dataclass(frozen=True, kw_only=True)
class Year:
    """What is asked, of which protocol, when: handed to every part of the report."""

    session: Session
    protocol: Protocol
    number: int
    now: datetime
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        return date(self.number, 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.number, 12, 31)

    @property
    def today(self) -> date:
        return today_of(self.protocol, self.now)

    @property
    def begins_at(self) -> datetime:
        return end_of_day(date(self.number - 1, 12, 31), self.zone)

    @property
    def ends_at(self) -> datetime:
        """Exclusive."""
        return end_of_day(self.last_day, self.zone)

    def day(self, moment: datetime) -> date:
        return local_day(moment, self.zone)

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.begins_at <= moment < self.ends_at

    def months(self) -> Iterator[date]:
        for month in range(1, 13):
            yield date(self.number, month, 1)


def year_of(session: Session, now: datetime, protocol: Protocol, number: int) -> Year:
    return Year(session=session, protocol=protocol, number=number, now=now, zone=zone_of(protocol))


def counted_as(kinds: type[StrEnum], found: Iterable[Any]) -> Counts:
    """How many of each kind, in the kinds' order, noughts included."""
    counts = Counter(found)
    return tuple((kind.value, counts[kind]) for kind in kinds)
