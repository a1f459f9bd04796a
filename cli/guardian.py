"""Ends what a killed `concordat up` leaves behind.

Every process of the tree carries a mark in its environment, inherited by whatever it starts, in whatever
session: Prefect puts flow runs into sessions of their own, out of reach of their worker's process group.
The guardian holds one end of a pipe whose other end only the supervisor has. When that closes, however the
supervisor went, it ends whoever still carries the mark. Linux only: elsewhere a killed `up` leaves processes.

`python -m cli.guardian MARK`, with the pipe on standard input.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

MARK_VARIABLE = "CONCORDAT_UP"
PATIENCE_SECONDS = 3.0


def marked(belongs: Callable[[str], bool]) -> list[int]:
    """Ids of the processes whose mark belongs, ourselves excepted."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is another user's
            mark = _mark_in((folder / "environ").read_bytes())
            if mark is not None and belongs(mark) and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


def _mark_in(environment: bytes) -> str | None:
    name = f"{MARK_VARIABLE}=".encode()
    return next((os.fsdecode(e.removeprefix(name)) for e in environment.split(b"\0") if e.startswith(name)), None)


def end_marked(belongs: Callable[[str], bool]) -> int:
    """Ask once, wait, then kill until none is left; returns how many there were."""
    count = len(_signal(belongs, signal.SIGTERM))
    asked = time.monotonic()
    while marked(belongs) and (waited := time.monotonic() - asked) < 3 * PATIENCE_SECONDS:
        if waited >= PATIENCE_SECONDS:
            _signal(belongs, signal.SIGKILL)
        time.sleep(0.05)
    return count


def _signal(belongs: Callable[[str], bool], number: signal.Signals) -> list[int]:
    pids = marked(belongs)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    return pids


def main() -> None:
    mark = sys.argv[1]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with the pipe, never before the others
    while os.read(sys.stdin.fileno(), 1024):
        pass
    end_marked(lambda found: found == mark)


if __name__ == "__main__":
    main()
