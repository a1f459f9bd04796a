"""What a breach of a rehearsed year is made of: what happens, what is known when, and what each party makes of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from models.breach import LessonEffect
from rules.breach_duties import Risk
from rules.breach_facts import FactName

Facts = dict[FactName, Any]


class Moment(NamedTuple):
    """At an hour of the protocol's own zone, so many days after the report."""

    day: int
    hour: int
    minute: int


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """`weeks` are those that a local action is given."""

    effect: LessonEffect
    cause: str
    words: str
    remedy: str | None = None
    none_because: str | None = None
    weeks: int | None = None


@dataclass(frozen=True, kw_only=True)
class Course:
    """What one party does. `notice`: how long after the end of the 72 hours; before it where that is negative."""

    aware: Moment
    recorded: Moment  # when somebody tells Concordat since when
    concludes: Moment
    risk: Risk
    because: str
    notice: timedelta
    late_because: str | None = None
    learnt: Learnt


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something is known better. `risk`: what the first party concludes then."""

    at: Moment
    facts: Facts
    because: str
    words: str
    concludes: Moment
    risk: Risk
    risk_because: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """By the party that acts for law enforcement, where there is one."""

    at: Moment
    because: str
    released: Moment
    release_because: str


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    at: Moment
    because: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """`reported` is what the form says, `assessed` what the party finds out; `room`: days until it is over;
    `when`: how much of the days on which it may begin has gone by then, at least and at most."""

    words: str  # completes “reports that …”
    weekday: int  # 0 is Monday
    room: int
    when: tuple[float, float]
    occurred: Moment
    detected: Moment
    reported_at: Moment
    reported: Facts
    assessed: Facts
    courses: tuple[Course, ...]
    change: Change | None = None
    hold: Hold | None = None
    away: Moment | None = None  # when the coordinator goes on leave
    near_miss: NearMiss | None = None
