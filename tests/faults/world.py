"""A simulated world: a year of reviews, breaches and complaints in seconds, decided by one seed."""

from dataclasses import dataclass
from datetime import timedelta

from tests.faults.world_checks import check, check_the_end, print_of, reached
from tests.faults.world_faults import fault, send, sweep
from tests.faults.world_store import Theatre
from tests.faults.world_year import (
    INSTANTS_AT_MOST,
    Year,
    begun,
    change_mood,
    clock_owes,
    due_until,
    mail_waits,
    next_instant,
    next_work,
    people,
    plan,
    visited,
)

SOON = 0.25  # that a sweep comes at once when somebody has acted: most find that it is not the clock's turn yet
MOOD_CHANGES = 0.1  # a server that puts off for weeks is met again and again, and shows nothing new
LITTLE_BY_LITTLE, ENOUGH = timedelta(hours=5), timedelta(hours=70)  # at the end of a year


@dataclass(frozen=True)
class Played:
    """`broken`: a sentence for whatever did not hold. `print`: the same for the same seed."""

    seed: int
    broken: list[str]
    print: str
    did: dict[str, int]


def play(theatre: Theatre, seed: int) -> Played:
    year = begun(theatre, seed)
    for _ in range(INSTANTS_AT_MOST):
        if year.now > year.end or year.broken:
            break
        _instant(year)
        year.now = max(next_instant(year), year.now + timedelta(seconds=1))
    else:
        year.broken.append("the year does not end")
    if not year.broken:
        _settle_down(year)
        check_the_end(year)
    year.did |= {f"mail: {what}": number for what, number in year.server.met.items()}
    year.did.update(reached(year))
    return Played(seed, list(dict.fromkeys(year.broken)), print_of(year), dict(year.did))


def _instant(year: Year) -> None:
    year.did["instants"] += 1
    people(year)
    if year.rng.random() < MOOD_CHANGES:
        change_mood(year)
    if year.prefect_off is None or year.now >= year.prefect_off:
        year.prefect_off = None
        _workers(year)
    plan(year)
    _perhaps_off(year)
    if year.rng.random() < 0.01:
        check(year)


def _workers(year: Year) -> None:
    """They come every few minutes; most find nothing, and few of those are played."""
    comes = visited(year)
    if clock_owes(year) or comes or year.rng.random() < (SOON if year.acted else 0.05):
        sweep(year, fault(year))
    if (mail_waits(year) and year.rng.random() < 0.7) or comes or year.rng.random() < 0.03:
        send(year, fault(year))


def _perhaps_off(year: Year) -> None:
    """For hours, for days, for weeks and over a deadline; or Prefect alone is gone."""
    year.everything_off = None
    drawn = year.rng.random()
    if drawn < 0.01:
        hours = year.rng.choice((1, 30, 100, 400))
        year.everything_off = year.now + timedelta(hours=hours)
        year.did[f"off for {hours} h"] += 1
        year.did["off over a deadline"] += due_until(year, year.everything_off)
    elif drawn < 0.015:
        year.prefect_off = year.now + timedelta(days=7)
        year.did["without Prefect for a week"] += 1


def _settle_down(year: Year) -> None:
    """All that was in the way is over: within days everything has left."""
    year.server.mood, year.doing = "kind", []
    until = year.now + ENOUGH
    while year.now < until:
        sweep(year, "nothing")
        if mail_waits(year):
            send(year, "nothing")
        work = next_work(year)
        year.now = until if work is None else min(max(work, year.now + LITTLE_BY_LITTLE), until)
    sweep(year, "nothing")
    send(year, "nothing")
