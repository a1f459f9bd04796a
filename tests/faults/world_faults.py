"""The workers of a simulated year, and what befalls them: which, when and whom, the dice say."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from actions.verifying_quiet import left_over, not_sent
from cli.clockwork import run_clock
from notifications.delivery import DeliveryCount, deliver
from tests.faults.world_checks import note_accepted
from tests.faults.world_smtp import Caller, SkippingLoop
from tests.faults.world_workers import Fate, Killed, Turns, Worker, locked
from tests.faults.world_year import Year, one_of_the_people
from tests.notifications.smtp_server import mail

WORDS = ("CONNECT", "MAIL", "RCPT", "DATA", "CONTENT", "250")
SKEWS = tuple(timedelta(minutes=minutes) for minutes in (0, 5, -5, 60, -60))
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 0, 1, 40, 240, 720))
TIMEOUT = 30
A_NIGHT = timedelta(hours=3)
PUTTING_OFF = ("greylisting", "busy", "full", "drops before")

Part = tuple[Worker, Callable[[], None]]
BEFALLS = {"nothing": 40, "killed": 8, "fails": 4, "two at once": 9, "another clock": 7, "locked": 3, "full": 3}


def fault(year: Year) -> str:
    [found] = year.rng.choices([*BEFALLS], [*BEFALLS.values()])
    return found


def sweep(year: Year, befalls: str) -> None:
    first, second = (year.theatre.places[f"sweeper {number}"] for number in (1, 2))
    swept: list[tuple[datetime, set[str]]] = []

    def of(at: datetime, worker: Worker) -> Part:
        def part() -> None:
            done = run_clock(worker.engine, at)
            swept.append((at, {*done.refused}))

        return worker, part

    at_work = [of(year.now + _skew(year, befalls), first)]
    if befalls == "two at once":
        at_work.append(of(year.now + _skew(year, befalls), second))
    work(year, befalls, at_work)
    if befalls == "nothing":
        [(at, year.stuck)] = swept
        year.swept, year.acted = at, False
        year.did.update(f"swept about {what}" for night, what in year.nights.items() if abs(at - night) <= A_NIGHT)
        if year.rng.random() < 0.2:
            with year.theatre.looking() as session:
                year.broken += left_over(session, at, year.stuck)


def send(year: Year, befalls: str) -> None:
    first, second = (year.theatre.places[f"deliverer {number}"] for number in (1, 2))
    counted: list[tuple[Caller, DeliveryCount]] = []

    def of(worker: Worker, skew: timedelta, dies_at: tuple[str, int] | None = None) -> Part:
        def part() -> None:
            with asyncio.Runner(loop_factory=SkippingLoop) as runner:
                loop = runner.get_loop()
                assert isinstance(loop, SkippingLoop)
                caller = Caller(worker, loop, dies_at)
                year.server.callers[worker.name] = caller
                year.theatre.turn_of(worker.name)
                counted.append((caller, runner.run(_round(year, worker, caller, skew))))

        return worker, part

    dies_at = (year.rng.choice(WORDS), year.rng.choice((1, 1, 2, 3, 7))) if befalls == "killed" else None
    at_work, mood = [of(first, _skew(year, befalls), dies_at)], year.server.mood
    if befalls == "two at once":
        at_work.append(of(second, _skew(year, befalls)))
        if year.rng.random() < 0.5:
            year.server.mood = year.rng.choice(PUTTING_OFF)
    work(year, befalls, at_work)
    year.server.mood = mood
    year.theatre.office.has_heard_all()
    note_accepted(year)
    if befalls == "nothing":
        [(caller, count)] = counted
        _all_was_tried(year, caller, count)


def _skew(year: Year, befalls: str) -> timedelta:
    """How wrong that worker's clock is."""
    if befalls not in ("another clock", "two at once"):
        return timedelta()
    skew = year.rng.choice(SKEWS)
    if skew:
        year.did[f"a clock {skew / timedelta(minutes=1):+.0f} min"] += 1
    return skew


def _all_was_tried(year: Year, caller: Caller, count: DeliveryCount) -> None:
    """As the flow does: what came up in a round is the next one's."""
    if count.closed or caller.lost or year.rng.random() < 0.7:
        return
    if count.accepted + count.failed + count.in_doubt:
        send(year, "nothing")
        return
    with year.theatre.looking() as session:
        year.broken += not_sent(session, year.now)


async def _round(year: Year, worker: Worker, caller: Caller, skew: timedelta) -> DeliveryCount:
    """One message at a time: with more, the store and the line go on side by side, and no dice say which is first."""
    return await deliver(
        worker.engine, clock=lambda: year.now + skew + timedelta(seconds=caller.lost), handful=1,
        post_office=mail(year.theatre.office.port, timeout_seconds=TIMEOUT, connections=1),
    )  # fmt: skip


def work(year: Year, befalls: str, parts: list[Part]) -> None:
    """Each dies, or ends with what the database said, or goes on to its end. Any other end is a mistake."""
    year.did[befalls] += 1
    year.did[f"{befalls} ({parts[0][0].name.split()[0]})"] += 1
    turns = Turns(year.rng, year.theatre.turn_of, lambda: _meanwhile(year)) if befalls == "two at once" else None
    around: AbstractContextManager[None] = locked(year.theatre.base) if befalls == "locked" else nullcontext()
    with around:
        if turns is not None:
            raised = _take_turns(year, turns, parts)
        else:
            [(worker, part)] = parts
            raised = _alone(year, worker, part, _fate(year, befalls))
    for error in raised:
        for each in leaves(error):
            if not isinstance(each, Killed | DBAPIError):
                raise error
            year.did[f"{befalls}: {type(each).__name__}"] += 1


def _fate(year: Year, befalls: str) -> Fate:
    number = int(year.rng.expovariate(1 / 8)) + 1
    match befalls:
        case "killed":
            return Fate(dies_at=number)
        case "fails":
            return Fate(fails_at=number)
        case "full":
            return Fate(full_from=year.rng.randint(1, 6))
        case _:
            return Fate()


def _alone(year: Year, worker: Worker, part: Callable[[], None], fate: Fate) -> list[BaseException]:
    year.theatre.turn_of(worker.name)
    with worker.living(fate):
        try:
            part()
        except BaseException as error:
            return [error]
        finally:
            year.theatre.turn_of(None)
    return []


def _take_turns(year: Year, turns: Turns, parts: list[Part]) -> list[BaseException]:
    dies = year.rng.random() < 0.3
    (one, _), (other, _) = parts
    with one.living(_fate(year, "killed" if dies else "nothing"), turns), other.living(Fate(), turns):
        return turns.take(parts)


def _meanwhile(year: Year) -> None:
    year.theatre.turn_of(None)
    note_accepted(year)
    year.now += year.rng.choice(PAUSES)
    if year.rng.random() < 0.3:
        one_of_the_people(year)


def leaves(error: BaseException) -> Iterator[BaseException]:
    """What is in groups of errors, and behind an error that the clearing up met."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from leaves(each)
    else:
        yield error
