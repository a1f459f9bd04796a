"""What the forecast is made from, and what it is made of: frozen plain values, no rows and no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rules.ladders import Ladder
from rules.limits import is_over
from rules.periods import Period
from rules.reminding import Person
from rules.review import Stage
from rules.working_days import Nation


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A party; `lead` is asked first, `confirms` says after adoption what is in place. In place of one who is away the
    first of `stand_ins` is asked who can be; `away`: until when people there are, by their contacts' ids.

    It counts from the day it joins until the day before it leaves.
    """

    id: int
    slug: str
    nation: Nation
    joined_on: date | None = None
    left_on: date | None = None
    lead: Person | None = None
    deputy: Person | None = None
    confirms: Person | None = None
    stand_ins: tuple[Person, ...] = ()
    away: Mapping[int, date] = field(default_factory=dict)

    def is_active(self, day: date) -> bool:
        return (self.joined_on is None or self.joined_on <= day) and (self.left_on is None or self.left_on > day)

    def asked(self, person: Person, day: date) -> Person:
        """That person; while they are away whoever stands in, where somebody can be asked."""
        if not self.is_away(person, day):
            return person
        return next((each for each in self.stand_ins if self.can_be_asked(each, day)), person)

    def can_be_asked(self, person: Person, day: date) -> bool:
        return person.reachable and not self.is_away(person, day)

    def is_away(self, person: Person, day: date) -> bool:
        return person.contact in self.away and self.away[person.contact] >= day


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDuty:
    """An obligation that is still owed. `next_at` is when the clock looks at it; `taken` are its rungs so far.

    `exact`: hours were counted, and `due_at` is itself in time; else it is the end of `due_on`, exclusive.
    `escalate_to` and `escalate_after` (minutes after the limit) take the place of the deputy's rungs. `could_ask`: in
    place of an owner who is away or not reached a breach or complaint asks the first of these who can be.
    """

    id: int
    key: str
    case: str
    kind: str
    party: int | None
    owner: Person
    nation: Nation
    zone: ZoneInfo
    opened_at: datetime
    due_on: date
    due_at: datetime
    next_at: datetime | None
    taken: frozenset[str] = frozenset()
    exact: bool = False
    escalate_to: Person | None = None
    escalate_after: int | None = None
    could_ask: tuple[Person, ...] = ()

    @property
    def counted_to(self) -> datetime | None:
        """The instant, where hours were counted: as the ladder asks for it."""
        return self.due_at if self.exact else None

    def is_overdue(self, now: datetime) -> bool:
        return is_over(self.due_at, now, exact=self.exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReview:
    """A review that has not ended. `asked` are the parties of its round; `signed` those that carry its version."""

    id: int
    stage: Stage
    review_on: date
    opens_at: datetime
    due_on: date
    due_at: datetime
    round: int = 1
    reasons: frozenset[str] = frozenset()
    version: str | None = None
    asked: frozenset[int] = frozenset()
    signed: frozenset[int] = frozenset()

    @property
    def case(self) -> str:
        return f"review:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCalendar:
    """What the date of the review after this one follows from; `held_on` is the latest annual review's date."""

    anchor: date | None
    interval: Period | None
    notice: Period
    held_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolState:
    """One protocol. `windows` by name, `ladders` by the kind of obligation; `checklist`: there is one to confirm;
    `away`: until when its officers are, by their contacts' ids."""

    slug: str
    nation: Nation
    zone: ZoneInfo
    secretary: Person
    windows: Mapping[str, Period]
    ladders: Mapping[str, Ladder]
    calendar: ReviewCalendar
    checklist: bool
    members: tuple[Member, ...]
    reviews: tuple[OpenReview, ...]
    duties: tuple[OpenDuty, ...]
    away: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastState:
    """`next_review_id` is the number that the next review to be scheduled will have."""

    protocols: tuple[ProtocolState, ...]
    next_review_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasted:
    """One message to come. `kind` is its folder of templates; `duty_kind` is that of the obligations it is about."""

    at: datetime
    kind: str
    contact: int
    address: str
    party: str | None
    case: str
    duty_kind: str | None
    obligations: tuple[str, ...]
    because: str

    @property
    def obligation(self) -> str:
        return obligation_named(self.case, self.duty_kind, self.obligations)


def obligation_named(case: str, kind: str | None, keys: tuple[str, ...]) -> str:
    """What a message is about, in one word: its obligation; of several the case and kind; of none the case."""
    if len(keys) == 1:
        return keys[0]
    return f"{case}:{kind}" if keys and kind else case
