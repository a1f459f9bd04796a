"""`python -m tests.faults.years 1000 [--from SEED] [--database sqlite|postgresql] [--processes N]`: plays many years.

As many side by side as there are cores. Prints every sentence of those that are broken, with the command that plays
that one again, and at the end a table of what came up in all of them.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing.util import Finalize

from tests.faults.world import Played, play
from tests.faults.world_proof import missing
from tests.faults.world_store import Theatre
from tests.postgres import URL_VARIABLE, postgres_server

DATABASES = ("sqlite", "postgresql")
AGAIN = {
    "sqlite": "tests/faults/test_simulated_years.py",
    "postgresql": "tests/faults/test_simulated_years_on_postgres.py",
}


def main(given: list[str] | None = None) -> int:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("years", type=int)
    said.add_argument("--from", dest="first", type=int, default=1)
    said.add_argument("--database", choices=DATABASES)
    said.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = said.parse_args(given)
    seeds, broken = range(asked.first, asked.first + asked.years), 0
    for database in [asked.database] if asked.database else DATABASES:
        broken += told(database, side_by_side(database, seeds, asked.processes))
    print(f"{broken} broken")
    return min(broken, 1)


def told(database: str, years: Iterable[Played]) -> int:
    """Says what is broken while it goes on, and at the end what came up; answers how many years are broken, and counts
    whatever did not come up as one more."""
    began, did, played = time.monotonic(), Counter[str](), list[Played]()
    for year in years:
        did.update(year.did)
        played.append(year)
        for sentence in year.broken:
            print(f"{database}, seed {year.seed}: {sentence}")
        if year.broken:
            print(f"  again: CONCORDAT_SEED={year.seed} pytest -m slow {AGAIN[database]}", flush=True)
    print(f"{database}: {len(played)} years in {time.monotonic() - began:.0f} s", file=sys.stderr)
    for what, number in sorted(did.items()):
        print(f"  {number:8} {what}", file=sys.stderr)
    if never := missing(played):
        print(f"{database}: in none of them came up: {'; '.join(never)}")
    return sum(bool(year.broken) for year in played) + bool(never)


def side_by_side(database: str, seeds: range, processes: int) -> Iterator[Played]:
    """In the order of the seeds. Each process has a database of its own, and takes whichever year is next."""
    if database == "postgresql" and (server := postgres_server()):
        os.environ[URL_VARIABLE] = server  # one server for all of them, and it is ours to end
    spawned = multiprocessing.get_context("spawn")  # a fork would share connections
    with ProcessPoolExecutor(max(1, min(processes, len(seeds))), mp_context=spawned) as at_once:
        yield from at_once.map(one_year, [database] * len(seeds), seeds)


def one_year(database: str, seed: int) -> Played:
    try:
        return play(_theatre(database), seed)
    except Exception as error:  # whatever it is, the other years are told of all the same
        return Played(seed, [f"it came to no end: {type(error).__name__}: {error}"], "", {})


@cache
def _theatre(database: str) -> Theatre:
    """One for all years of a process; it ends with that."""
    theatre = Theatre(database).__enter__()
    Finalize(None, theatre.__exit__, (None, None, None), exitpriority=1)
    return theatre


if __name__ == "__main__":
    sys.exit(main())
