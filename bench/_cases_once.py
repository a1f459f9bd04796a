"""So many breaches from report to close in a process of its own, so many an act and commit.

`python -m bench._cases_once CASES AT-ONCE` prints what it took as JSON; the store is that of the environment. The
peak of its memory is asked half-way too: where the second half needs more, the end's is higher.
"""

import json
import sys
import time

import sqlalchemy as sa
from sqlmodel import func, select

from bench._case import ACTS, prepare, reported
from bench._memory import PEAK, megabytes
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
        half = half or (megabytes(PEAK) if number >= batches // 2 else 0.0)
        _played(store, at_once)
    seconds = time.perf_counter() - began
    with reading(store) as session:
        closed = session.exec(select(func.count()).where(Breach.stage == Stage.CLOSED)).one()
    said = {"seconds": seconds, "half_mb": half, "peak_mb": megabytes(PEAK), "closed": closed - at_once}
    print(json.dumps(said))


def _played(store: sa.Engine, at_once: int) -> None:
    with transaction(store) as session:
        numbers = [reported(session) for _ in range(at_once)]
    for act in ACTS:
        with transaction(store) as session:
            for number in numbers:
                act(session, number)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
