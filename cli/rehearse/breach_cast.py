"""To whom the breaches of the year happen, and on which day: drawn from the protocol's own parties, by the seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cli.rehearse.calendar import Calendar
from cli.rehearse.plots import Facts, Moment, Plot
from cli.rehearse.stories import LOCKED_FILES, PLOTS, WRONG_FAMILY
from rules.breach_duties import Regime, regime_for
from rules.breach_facts import FactName
from rules.instants import at_local

HEALTH_KINDS = frozenset({"nhs-trust", "commissioning-group", "integrated-care-board", "gp", "ambulance", "provider"})
IN_THE_AFTERNOON = time(16, 20)


@dataclass(frozen=True)
class Body:
    slug: str
    name: str
    kind: str

    @property
    def regime(self) -> Regime:
        return regime_for(self.kind)


@dataclass
class Case:
    """A breach of the year. `number` is known once it has been reported; the first body reports it."""

    plot: Plot
    bodies: tuple[Body, ...]
    day: date
    zone: ZoneInfo
    clause: str | None
    number: int | None = None

    def at(self, moment: Moment) -> datetime:
        return at_local(self.day + timedelta(days=moment.day), time(moment.hour, moment.minute), self.zone)

    def reported_facts(self) -> dict[FactName, Any]:
        return {
            **self.plot.reported,
            FactName.OCCURRED_FROM: self.at(self.plot.occurred).isoformat(),
            FactName.DETECTED: self.at(self.plot.detected).isoformat(),
            FactName.PARTIES: [body.slug for body in self.bodies],
        }

    def assessed_facts(self) -> Facts:
        return {**self.plot.assessed, FactName.CLAUSES: [self.clause] if self.clause else []}


def cases_of(
    bodies: Sequence[Body], clauses: Sequence[tuple[str, str]], begin: date, end: date, calendar: Calendar
) -> list[Case]:  # fmt: skip
    """Those for which there is a party, and a day early enough to see the end; `clauses` as key and heading."""
    about, found = _clause(clauses, calendar.rng), []
    for plot in PLOTS:
        whom, day = _bodies(plot, bodies, calendar.rng), _day(plot, begin, end, calendar)
        if whom and day:
            found.append(Case(plot, whom, day, calendar.zone, about))
    return found


def _clause(clauses: Sequence[tuple[str, str]], rng: Random) -> str | None:
    """One about it by its heading, where there is one."""
    keys = [key for key, heading in clauses if any(word in heading.casefold() for word in ("breach", "secur"))]
    keys = keys or [key for key, _ in clauses]
    return rng.choice(keys) if keys else None


def _bodies(plot: Plot, bodies: Sequence[Body], rng: Random) -> tuple[Body, ...]:
    if not bodies:
        return ()
    if plot is WRONG_FAMILY:
        return _two_of_different_kinds(bodies, rng)
    health = [body for body in bodies if body.kind in HEALTH_KINDS]
    return (rng.choice(health if plot is LOCKED_FILES and health else bodies),)


def _two_of_different_kinds(bodies: Sequence[Body], rng: Random) -> tuple[Body, ...]:
    """Under two regimes where that is possible, the one for law enforcement second; a council first."""
    enforcing = [body for body in bodies if body.regime is Regime.LAW_ENFORCEMENT]
    police = [body for body in enforcing if body.kind == "police"] or enforcing
    councils = [body for body in bodies if body.kind == "council"]
    second = rng.choice(police) if police else None
    first = rng.choice(councils or [body for body in bodies if body not in enforcing] or list(bodies))
    if second is None or second == first:
        others = [body for body in bodies if body != first]
        second = next((body for body in others if body.kind != first.kind), next(iter(others), None))
    return (first, second) if second else (first,)


def _day(plot: Plot, begin: date, end: date, calendar: Calendar) -> date | None:
    """For the referral the Friday before the clocks go back, where the year has one."""
    days = [begin + timedelta(days=n) for n in range(1, (end - begin).days - plot.room + 1)]
    days = [day for day in days if day.weekday() == plot.weekday]
    if plot is WRONG_FAMILY and (friday := _before_the_clocks_go_back(days, calendar.zone)):
        return friday
    days = [day for day in days if calendar.works_on(day)]
    return days[int(calendar.rng.uniform(*plot.when) * len(days))] if days else None


def _before_the_clocks_go_back(days: Sequence[date], zone: ZoneInfo) -> date | None:
    for day in days:
        friday, monday = (at_local(each, IN_THE_AFTERNOON, zone) for each in (day, day + timedelta(days=3)))
        if monday - friday > timedelta(days=3):
            return day
    return None
