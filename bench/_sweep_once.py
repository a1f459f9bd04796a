"""One whole sweep in a process of its own, without Prefect: `python -m bench._sweep_once URL INSTANT`.

Prints seconds from when all is imported, of them those of the processor, and the most memory that this process ever
had, as JSON.
"""

import json
import sys
import time
from contextlib import nullcontext
from datetime import datetime

from bench._memory import PEAK, megabytes
from cli.clockwork import run_clock
from models.store import engine, giving_way


def main(url: str, now: str, *more: str) -> None:
    store = engine(url)
    began, used = time.perf_counter(), time.process_time()
    with giving_way() if "giving-way" in more else nullcontext():
        swept = run_clock(store, datetime.fromisoformat(now))
    took = {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - used}
    print(json.dumps(took | {"peak_mb": megabytes(PEAK), "looked_at": swept.looked_at}))


if __name__ == "__main__":
    main(*sys.argv[1:])
