"""Who hears a reminder, in which words, and what makes one message: asked alike by the sender and by the forecast."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.ladders import DueRungs, Ladder, Recipient, Rung, due_rungs, next_rung_instant
from rules.working_days import BeyondPublishedHolidays, Holidays, Nation

TO_OWNER = "duty_reminder"
TO_DEPUTY = "duty_escalated_to_deputy"
TO_SECRETARY = "duties_escalated_to_secretary"

LOOK_AGAIN = timedelta(days=1)  # after holidays were found not to be published yet


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, as far as reminding is concerned. A bounced address is not reachable until it is corrected."""

    contact: int
    address: str
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class People:
    owner: Person
    deputy: Person | None
    secretary: Person


@dataclass(frozen=True, slots=True)
class Looked:
    """What the clock finds when it looks at one obligation, and when it has to look again."""

    rungs: DueRungs
    next_at: datetime | None
    unknown: BeyondPublishedHolidays | None = None


@dataclass(slots=True)
class Group:
    """One message: the rungs of the obligations (by key) it is about, in the order in which they were looked at."""

    case: str
    kind: str
    person: Person
    words: str
    rungs: list[tuple[str, Rung]] = field(default_factory=list)

    @property
    def keys(self) -> tuple[str, ...]:
        """Each obligation once, although two of its rungs may have come together."""
        return tuple(dict.fromkeys(key for key, _ in self.rungs))


@dataclass(frozen=True, slots=True)
class Found:
    """An obligation whose rungs are to be sent."""

    key: str
    case: str
    kind: str
    people: People
    send: tuple[Rung, ...]


def hears(to: Recipient, people: People) -> Person:
    """Where a party has named no deputy, what would go to the deputy goes to the secretary."""
    match to:
        case Recipient.OWNER:
            return people.owner
        case Recipient.DEPUTY:
            return people.deputy or people.secretary
        case Recipient.SECRETARY:
            return people.secretary


def in_the_words_of(person: Person, people: People) -> str:
    """The message's kind. Whoever owes it is reminded, also where the rung was meant for somebody else."""
    if person == people.owner:
        return TO_OWNER
    return TO_SECRETARY if person == people.secretary else TO_DEPUTY


def look(
    ladder: Ladder,
    *,
    due_day: date,
    nation: Nation,
    zone: ZoneInfo,
    opened_at: datetime,
    taken: Set[str],
    now: datetime,
    holidays: Holidays | None = None,
) -> Looked:
    """The rungs due now, and the next instant. One that nobody can place yet never holds up those before it."""
    rungs = DueRungs()
    try:
        rungs = due_rungs(
            ladder, due_day=due_day, nation=nation, zone=zone, opened_at=opened_at, taken=taken, now=now,
            holidays=holidays,
        )  # fmt: skip
        done = taken | {rung.key for rung in (*rungs.send, *rungs.skip)}
        next_at = next_rung_instant(ladder, due_day=due_day, nation=nation, zone=zone, taken=done, holidays=holidays)
    except BeyondPublishedHolidays as unknown:
        return Looked(rungs, now + LOOK_AGAIN, unknown)
    return Looked(rungs, next_at)


def grouped(duties: Iterable[Found]) -> list[Group]:
    """One message goes to each person for each case and kind, however many duties and rungs are behind it."""
    groups: dict[tuple[str, str, Person, str], Group] = {}
    for duty in duties:
        for rung in duty.send:
            person = hears(rung.to, duty.people)
            about = (duty.case, duty.kind, person, in_the_words_of(person, duty.people))
            groups.setdefault(about, Group(*about)).rungs.append((duty.key, rung))
    return list(groups.values())
