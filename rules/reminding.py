"""Who hears a reminder, in which words, and what makes one message: asked alike by the sender and by the forecast."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.ladders import DueRungs, Ladder, Recipient, Rung, due_rungs, next_rung_instant
from rules.working_days import BeyondPublishedHolidays, Holidays, Nation

TO_OWNER = "duty_reminder"
TO_DEPUTY = "duty_escalated_to_deputy"
TO_SECRETARY = "duties_escalated_to_secretary"

ESCALATION = "escalation"  # the key of the rung that a party's own procedure asks for
THE_LADDERS_OWN = "escalation of the ladder"  # no rung of a file can have it

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
    """Where a party has named no deputy, or theirs is away, what would go to the deputy goes to the secretary.
    `people.deputy` is whoever the party's procedure names instead, where it does."""
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


def parts_of(ladder: Ladder, escalate_after: int | None = None) -> tuple[Ladder, ...]:
    """The ladder; where a procedure says whom to tell how many minutes after the limit, that in place of its deputy's
    rungs. Two, for one may count working days and the other minutes.

    Files have no rung with the procedure's key, but stores may, from before that was refused: it has another beside it.
    """
    if escalate_after is None:
        return (ladder,)
    others = tuple(
        replace(rung, key=THE_LADDERS_OWN) if rung.key == ESCALATION else rung
        for rung in ladder.rungs if rung.to is not Recipient.DEPUTY
    )  # fmt: skip
    escalation = Rung(ESCALATION, None, Recipient.DEPUTY, minutes=escalate_after)
    return replace(ladder, rungs=others), replace(ladder, rungs=(escalation,))


def next_instant(
    ladder: Ladder,
    *,
    due_day: date,
    due_at: datetime | None = None,
    nation: Nation,
    zone: ZoneInfo,
    taken: Set[str],
    escalate_after: int | None = None,
    holidays: Holidays | None = None,
) -> datetime | None:
    """When the clock must look next; None when every rung is taken. Raises BeyondPublishedHolidays."""
    instants = [
        next_rung_instant(
            part, due_day=due_day, due_at=due_at, nation=nation, zone=zone, taken=taken, holidays=holidays
        )
        for part in parts_of(ladder, escalate_after)
    ]  # fmt: skip
    return min((instant for instant in instants if instant is not None), default=None)


def look(
    ladder: Ladder,
    *,
    due_day: date,
    due_at: datetime | None = None,
    nation: Nation,
    zone: ZoneInfo,
    opened_at: datetime,
    taken: Set[str],
    now: datetime,
    escalate_after: int | None = None,
    holidays: Holidays | None = None,
) -> Looked:
    """The rungs due now, and the next instant. One that nobody can place yet never holds up those before it.

    `due_at`, where hours were counted, as `due_rungs` has it; `escalate_after` as `parts_of` has it.
    """
    send: tuple[Rung, ...] = ()
    skip: tuple[Rung, ...] = ()
    try:
        for part in parts_of(ladder, escalate_after):
            rungs = due_rungs(
                part, due_day=due_day, due_at=due_at, nation=nation, zone=zone, opened_at=opened_at, taken=taken,
                now=now, holidays=holidays,
            )  # fmt: skip
            send, skip = send + rungs.send, skip + rungs.skip
        next_at = next_instant(
            ladder, due_day=due_day, due_at=due_at, nation=nation, zone=zone, escalate_after=escalate_after,
            taken=taken | {rung.key for rung in (*send, *skip)}, holidays=holidays,
        )  # fmt: skip
    except BeyondPublishedHolidays as unknown:
        return Looked(DueRungs(send, skip), now + LOOK_AGAIN, unknown)
    return Looked(DueRungs(send, skip), next_at)


def grouped(duties: Iterable[Found]) -> list[Group]:
    """One message goes to each person for each case and kind, however many duties and rungs are behind it."""
    groups: dict[tuple[str, str, Person, str], Group] = {}
    for duty in duties:
        for rung in duty.send:
            person = hears(rung.to, duty.people)
            about = (duty.case, duty.kind, person, in_the_words_of(person, duty.people))
            groups.setdefault(about, Group(*about)).rungs.append((duty.key, rung))
    return list(groups.values())
