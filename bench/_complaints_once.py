"""Every analysis that is due, by the sweep's own task, in a process of its own.

`python -m bench._complaints_once INSTANT` prints what it took as JSON; the store is that of the environment.
"""

import json
import sys
import time
from datetime import datetime

from sqlmodel import func, select

from actions.complaints.settling import complaints_due
from bench._memory import PEAK, megabytes
from models.complaint import Complaint
from models.store import reading
from rules.complaint import Stage
from tasks.complaint import BATCH, all_but_the_stuck


def main(now: datetime) -> None:
    began, used, longest = time.perf_counter(), time.process_time(), 0.0
    with reading() as session:
        due = complaints_due(session, now)
    for first in range(0, len(due), BATCH):
        batch = time.perf_counter()
        assert not all_but_the_stuck(due[first : first + BATCH], now)
        longest = max(longest, time.perf_counter() - batch)
    took = {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - used}
    peak = megabytes(PEAK)
    with reading() as session:
        analysing = session.exec(select(func.count()).where(Complaint.stage == Stage.ANALYSING)).one()
    print(json.dumps(took | {"peak_mb": peak, "longest_batch": longest, "analysing": analysing}))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
