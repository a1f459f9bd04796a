"""Reminder ladders: which reminder is sent, which is passed over, when to look again.

A ladder is data. Where days are counted, its rungs stand on working days of the party's own nation at a local
hour: reminders on calendar days fire on Saturday and Sunday and burn the ladder before anyone sees it. Where
hours are counted, its rungs are elapsed time before and after the limit, by night and at weekends too: the 72
hours of UK GDPR art. 33(1) run on then, and a reminder that waits for Monday comes after a limit on Sunday.
The decision here is pure; the sender and the forecast ask the same function, so that the forecast is what will
be sent.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.errors import Refused
from rules.instants import at_local, elapsed, end_of_day, local_day, require_aware
from rules.limits import is_over
from rules.working_days import (
    BeyondPublishedHolidays,
    Holidays,
    Nation,
    add_working_days,
    working_day_on_or_before,
)


class UnsafeHour(Refused):
    """On two nights a year this hour is skipped or repeated."""

    def __init__(self, name: str, at: time) -> None:
        super().__init__(
            f"Reminder ladder “{name}” stands at {at:%H:%M}: nothing may be scheduled from 01:00 to 02:00 "
            "local time, an hour that a clock change skips or repeats."
        )


class LadderTimeHasZone(Refused):
    def __init__(self, name: str) -> None:
        super().__init__(f"Reminder ladder “{name}” names a zone in its time of day: the protocol's zone decides.")


class RepeatedRung(Refused):
    """A rung's key is what makes a reminder be sent once; two rungs with one key would be one reminder."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(f"Reminder ladder “{name}” has two rungs with the key “{key}”: each needs its own.")


class EitherDaysOrMinutes(Refused):
    """A rung stands so many working days, or so many minutes, from the limit."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The rung “{key}” counts either working days or minutes, and exactly one of them.")


class MixedRungs(Refused):
    """Which of two rungs is the newer must not depend on a weekend between them."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Reminder ladder “{name}” counts either working days or hours and minutes, not both.")


class Recipient(StrEnum):
    """Escalation is a rung to somebody else than the one who owes."""

    OWNER = "owner"
    DEPUTY = "deputy"
    SECRETARY = "secretary"


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder, so far from the limit: negative before it.

    `offset` counts working days from the due day, 0 is on it. `minutes` are elapsed minutes from the due
    instant, which is the end of the due day where no hours were counted. Raises EitherDaysOrMinutes.
    """

    key: str
    offset: int | None = None
    to: Recipient = Recipient.OWNER
    minutes: int | None = None

    def __post_init__(self) -> None:
        if (self.offset is None) == (self.minutes is None):
            raise EitherDaysOrMinutes(self.key)

    @property
    def distance(self) -> int:
        """Working days or minutes: within one ladder only one of them."""
        return self.minutes if self.minutes is not None else self.offset or 0

    @property
    def says_due_soon(self) -> bool:
        """The day itself is still ahead at its reminder; at the instant itself there is no time left."""
        return self.distance < 0 if self.minutes is not None else self.distance <= 0


@dataclass(frozen=True, slots=True)
class Ladder:
    """`at` is local to the protocol's zone; rungs that count minutes do not ask for it. The number of rungs is the
    cap. No rungs: nobody is reminded.

    Raises UnsafeHour, LadderTimeHasZone, RepeatedRung, MixedRungs.
    """

    name: str
    at: time
    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        if self.at.tzinfo is not None:
            raise LadderTimeHasZone(self.name)
        if time(1) <= self.at < time(2):
            raise UnsafeHour(self.name, self.at)
        if len({rung.minutes is None for rung in self.rungs}) > 1:
            raise MixedRungs(self.name)
        seen: set[str] = set()
        for rung in self.rungs:
            if rung.key in seen:
                raise RepeatedRung(self.name, rung.key)
            seen.add(rung.key)

    def in_order(self) -> tuple[Rung, ...]:
        """Earliest first; rungs of one day or instant in the order they are written."""
        return tuple(sorted(self.rungs, key=lambda rung: rung.distance))


@dataclass(frozen=True, slots=True)
class DueRungs:
    """`send` holds at most one rung for each recipient; the caller records all of both as taken."""

    send: tuple[Rung, ...] = ()
    skip: tuple[Rung, ...] = ()


def rung_instant(
    rung: Rung,
    ladder: Ladder,
    due_day: date,
    nation: Nation,
    zone: ZoneInfo,
    holidays: Holidays | None = None,
    due_at: datetime | None = None,
) -> datetime:
    """When that rung falls, in UTC. “On the day” of a due day that is not a working day is the one before.

    Elapsed minutes meet no skipped or repeated hour: they are counted in UTC, also from 01:00 to 02:00 local.
    Raises BeyondPublishedHolidays; SkippedTime or RepeatedTime in a zone whose clocks change at `ladder.at`.
    """
    if rung.minutes is not None:
        return elapsed(due_at or end_of_day(due_day, zone), hours=0, minutes=rung.minutes)
    if rung.distance == 0:
        day = working_day_on_or_before(due_day, nation, holidays)
    else:
        day = add_working_days(due_day, rung.distance, nation, holidays)
    return at_local(day, ladder.at, zone)


def due_rungs(
    ladder: Ladder,
    *,
    due_day: date,
    due_at: datetime | None = None,
    nation: Nation,
    zone: ZoneInfo,
    opened_at: datetime,
    taken: Set[str],
    now: datetime,
    holidays: Holidays | None = None,
) -> DueRungs:
    """Of the rungs that have come and are not taken: the newest for each recipient is sent, the rest skipped.

    `due_at` is the instant where hours were counted, and is itself in time; None is the end of the due day.
    So whoever would have had three reminders during an outage gets one. Only skipped, never sent: rungs from
    before the obligation opened or of that very instant, when it was asked for, and, once the limit is over, rungs
    that would still say “due soon”. A rung at `now` has come. Keys in `taken` stay taken when the limit is extended.
    Raises NotAnInstant; BeyondPublishedHolidays where it matters now (a rung certainly still ahead does not).
    """
    over = is_over(due_at or end_of_day(due_day, zone), now, exact=due_at is not None)
    newest: dict[Recipient, Rung] = {}
    come: list[Rung] = []
    for rung, instant in _come(ladder, due_day, due_at, nation, zone, taken, now, holidays):
        come.append(rung)
        if instant > require_aware(opened_at) and not (over and rung.says_due_soon):
            newest[rung.to] = rung
    sent = set(newest.values())
    return DueRungs(
        send=tuple(rung for rung in come if rung in sent),
        skip=tuple(rung for rung in come if rung not in sent),
    )


def _come(
    ladder: Ladder,
    due_day: date,
    due_at: datetime | None,
    nation: Nation,
    zone: ZoneInfo,
    taken: Set[str],
    now: datetime,
    holidays: Holidays | None,
) -> Iterator[tuple[Rung, datetime]]:
    """Untaken rungs whose instant is not after `now`, earliest first.

    A rung after the due day that runs past the published holidays falls on the first unknown day or later;
    until that day it has not come, and it must not hold up the rungs before it.
    """
    for rung in ladder.in_order():
        if rung.key in taken:
            continue
        try:
            instant = rung_instant(rung, ladder, due_day, nation, zone, holidays, due_at)
        except BeyondPublishedHolidays as beyond:
            if rung.distance > 0 and local_day(now, zone) < beyond.day:
                return
            raise
        if instant > now:
            return
        yield rung, instant


def next_rung_instant(
    ladder: Ladder,
    *,
    due_day: date,
    due_at: datetime | None = None,
    nation: Nation,
    zone: ZoneInfo,
    taken: Set[str],
    holidays: Holidays | None = None,
) -> datetime | None:
    """When the clock must look at this obligation again, in UTC; None when every rung is taken.

    In the past if a rung is waiting to be sent or skipped. Raises BeyondPublishedHolidays.
    """
    for rung in ladder.in_order():
        if rung.key not in taken:
            return rung_instant(rung, ladder, due_day, nation, zone, holidays, due_at)
    return None
