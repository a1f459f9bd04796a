"""So many breaches from report to close in a process of its own, so many an act and commit.

`python -m bench._cases_once CASES AT-ONCE` prints what it took as JSON; the store is that of the environment. The
memory is looked at half-way too: it must not grow with the number.
"""

import json
import resource
import sys
import time

import sqlalchemy as sa
from sqlmodel import func, select

from bench._case import ACTS, prepare, reported
from models.breach import Breach
from models.store import engine, reading, transaction
from rules.breach import Stage


def main(cases: int, at_once: int) -> None:
    store, batches = engine(), cases // at_once
    with transaction(store) as session:
        prepare(session)
    _played(store, at_once)  # what is read once a process is read
    began, half = time.perf_counter(), 0.0
    for number in range(batches):
        half = half or (_peak_mb() if number >= batches // 2 else 0.0)
        _played(store, at_once)
    seconds = time.perf_counter() - began
    with reading(store) as session:
        closed = session.exec(select(func.count()).where(Breach.stage == Stage.CLOSED)).one()
    said = {"seconds": seconds, "half_mb": half, "peak_mb": _peak_mb(), "closed": closed - at_once}
    print(json.dumps(said))


def _played(store: sa.Engine, at_once: int) -> None:
    with transaction(store) as session:
        numbers = [reported(session) for _ in range(at_once)]
    for act in ACTS:
        with transaction(store) as session:
            for number in numbers:
                act(session, number)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # on Linux in kilobytes


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
