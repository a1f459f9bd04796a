"""A year that a seed decides: what people do and when, which workers run, and what befalls them.

Time goes from one instant at which anything is due, or anybody acts, to the next. Nothing here reads a clock.
"""

import heapq
from calendar import isleap
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from cli.clockwork import next_clock_instant
from models.obligation import Obligation
from models.outbox import ON_THEIR_WAY, Message
from models.store import transaction
from rules.errors import Refused
from tests.faults.world_cast import ANSWERS, Act
from tests.faults.world_events import Event, drawn, first_review
from tests.faults.world_smtp import MOODS, Server
from tests.faults.world_store import Theatre

DAYS = 366
INSTANTS_AT_MOST = 1500
VISITS = tuple(timedelta(minutes=minutes) for minutes in (-90, -30, 30, 90))  # of the workers, on a night that turns
SILENT, FOR_EVER, TWICE = 0.2, 0.2, 0.2  # who is late does it later than is due, or never

Doing = tuple[datetime, int, Event | None, int, int]  # when; a number of its own; what comes up, or whose duty; dice


@dataclass
class Year:
    theatre: Theatre
    seed: int
    rng: Random
    now: datetime
    end: datetime
    broken: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    stuck: set[str] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    everything_off: datetime | None = None  # until then the machine is off; people come back to it
    prefect_off: datetime | None = None  # until then no worker runs
    doing: list[Doing] = field(default_factory=list)
    swept: datetime | None = None  # when the last sweep was that went on to its end
    clock_at: datetime | None = None  # when the clock has its next work
    acted: bool = True  # since the last sweep
    nights: dict[datetime, str] = field(default_factory=dict)  # in which something turns, and what
    visits: list[datetime] = field(default_factory=list)  # when the workers come whatever is due
    numbers: "count[int]" = field(default_factory=count)
    planned: int = 0  # every obligation up to this number
    seen: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)  # what the world saw when it last looked

    @property
    def server(self) -> Server:
        return self.theatre.office.server

    def intend(self, at: datetime, event: Event | None, duty: int = 0) -> None:
        heapq.heappush(self.doing, (at, next(self.numbers), event, duty, self.rng.getrandbits(48)))

    def look(self, what: str, asked: Callable[[Session], Any], *of: Hashable) -> Any:
        """The world looks into the store only where something may have changed since it last did."""
        when = (self.theatre.commits, *of)
        if self.seen.get(what, (None, None))[0] != when:
            with self.theatre.looking() as session:
                self.seen[what] = when, asked(session)
        return self.seen[what][1]


def begun(theatre: Theatre, seed: int) -> Year:
    """A year may begin anywhere; every third has the leap day of 2024 in it."""
    rng = Random(seed)
    first = datetime(2023, 3, 15, 7, tzinfo=UTC) if seed % 3 == 0 else datetime(2025, 1, 10, 7, tzinfo=UTC)
    now = first + timedelta(days=rng.randint(0, 340 if seed % 3 == 0 else 500), minutes=rng.randint(0, 900))
    theatre.put_back()
    theatre.office.server = Server(Random(rng.getrandbits(48)))
    year = Year(theatre, seed, rng, now, now + timedelta(days=DAYS))
    year.nights = {at: what for at, what in nights(now.year, year.end.year) if now < at < year.end}
    year.visits = sorted(night + visit for night in year.nights for visit in VISITS)
    year.intend(now, first_review(now.date() + timedelta(days=rng.randint(20, 150))))
    for at, event in drawn(rng, now, DAYS, [*year.nights]):
        year.intend(max(at, now), event)
    return year


def nights(first: int, last: int) -> Iterator[tuple[datetime, str]]:
    """Of those years: the two in which the clocks change (Summer Time Order 2002), the leap day's, the last."""
    for at in range(first, last + 1):
        yield datetime(at, 3, _last_sunday(at, 3), 1, tzinfo=UTC), "the clocks go forward"
        yield datetime(at, 10, _last_sunday(at, 10), 1, tzinfo=UTC), "the clocks go back"
        yield datetime(at, 12, 31, 23, tzinfo=UTC), "the year's end"
        if isleap(at):
            yield datetime(at, 2, 29, 23, tzinfo=UTC), "29 February"


def _last_sunday(year: int, month: int) -> int:
    """Of a month that has 31 days."""
    return 31 - date(year, month, 31).isoweekday() % 7


def visited(year: Year) -> bool:
    """That the workers come now, whatever is due."""
    due = [at for at in year.visits if at <= year.now]
    del year.visits[: len(due)]
    return bool(due)


def people(year: Year) -> None:
    """Whatever is intended by now is done."""
    while year.doing and year.doing[0][0] <= year.now:
        one_of_the_people(year)


def one_of_the_people(year: Year) -> bool:
    if not year.doing or year.doing[0][0] > year.now:
        return False
    _, _, event, duty, dice = heapq.heappop(year.doing)
    year.acted = True
    times = 2 if dice % 1000 < 1000 * TWICE else 1
    if event is not None:
        for _ in range(times):
            _act(year, lambda session: event(session, year.now, Random(dice)))
    else:
        for act in ANSWERS[_kind_of(year, duty)]:
            for _ in range(times):
                _act(year, lambda session, act=act: _answer(session, year, duty, act, dice))
    return True


def _kind_of(year: Year, duty: int):  # type: ignore[no-untyped-def]
    with year.theatre.looking() as session:
        return session.get_one(Obligation, duty).kind


def _answer(session: Session, year: Year, duty: int, act: Act, dice: int) -> None:
    owed = session.get_one(Obligation, duty)
    first = act is ANSWERS[owed.kind][0]
    if owed.outcome is None or not first:
        act(session, year.now, owed, Random(dice))


def _act(year: Year, act) -> None:  # type: ignore[no-untyped-def]
    try:
        with transaction(year.theatre.places["people"].engine) as session:
            act(session)
        year.did["acts"] += 1
    except Refused as refused:
        year.did["refused"] += 1
        year.did[f"refused: {type(refused).__name__}"] += 1


def plan(year: Year) -> None:
    """Whoever owes something new has made up their mind."""
    for number, opened, due, party in year.look("duties", lambda session: _duties_after(session, year.planned)):
        if number <= year.planned:
            continue  # seen before, and nothing has happened since
        year.planned = number or 0
        late = party is not None and year.rng.random() < SILENT
        if late and year.rng.random() < FOR_EVER:
            continue
        share = year.rng.uniform(1, 3) if late else year.rng.uniform(0, 1.2)
        time = max((due - opened).total_seconds(), 3600) * share
        at = max(year.now, opened + timedelta(seconds=int(time)))
        year.intend(_at_work(at) if time > 5 * 86400 else at, None, number or 0)


def _duties_after(session: Session, number: int) -> Sequence[Any]:
    return session.exec(_DUTIES, params={"number": number}).all()


_DUTIES = (
    select(Obligation.id, Obligation.opened_at, Obligation.due_at, Obligation.party_id)
    .where(col(Obligation.id) > bindparam("number"))
    .order_by(col(Obligation.id))
)


def _at_work(at: datetime) -> datetime:
    """At ten, after the clock has been there: whoever has days does it with the day's other work."""
    ten = at.replace(hour=10, minute=0, second=0, microsecond=0)
    return ten if ten >= at else ten + timedelta(days=1)


def due_until(year: Year, until: datetime) -> bool:
    """That anything owed is due from now until then."""
    with year.theatre.looking() as session:
        due = col(Obligation.due_at).between(year.now, until)
        return session.exec(select(Obligation.id).where(col(Obligation.outcome).is_(None), due)).first() is not None


def clock_owes(year: Year) -> bool:
    return year.clock_at is not None and year.clock_at <= year.now


def mail_waits(year: Year) -> bool:
    at = _mail_at(year)
    return at is not None and at <= year.now


def _mail_at(year: Year) -> datetime | None:
    """When a message is due, or a lease over."""
    at: datetime | None = year.look("mail", lambda session: session.exec(_MAIL_AT).one())
    return at


_MAIL_AT = select(func.min(func.coalesce(Message.lease_until, Message.next_attempt_at))).where(
    col(Message.state).in_(ON_THEIR_WAY)
)


def next_work(year: Year) -> datetime | None:
    """When there is anything to do for the clock or the deliverer; None while all waits for people."""
    after = year.swept or year.now
    year.clock_at = year.look("clock", lambda session: next_clock_instant(session, after=after), after)
    clock = max(year.clock_at, year.now) if year.clock_at else None
    return min((at for at in (clock, _mail_at(year)) if at is not None), default=None)


def next_instant(year: Year) -> datetime:
    """When anybody acts or anything is due; workers come as often as the dice say, and not for each message."""
    work = next_work(year)
    soon = year.now + timedelta(minutes=year.rng.choice((2, 30, 120, 600)))
    comes = max(work, soon) if work is not None else None
    if comes is not None and year.prefect_off is not None:
        comes = max(comes, year.prefect_off)
    acts = max(year.doing[0][0], year.now + timedelta(seconds=1)) if year.doing else None
    visit = year.visits[0] if year.visits and year.prefect_off is None else None
    at = min((each for each in (comes, acts, visit) if each is not None), default=year.end + timedelta(days=1))
    return max(at, year.everything_off or at)


def change_mood(year: Year) -> None:
    year.server.mood = year.rng.choice(["kind", "kind", *MOODS])
