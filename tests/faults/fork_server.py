"""Tells stories in processes that are forked from one which has told them before: all is loaded and compiled there.

`python -m tests.faults.fork_server` reads orders from its input, a line of JSON each, and answers each with a line. It
has one thread and no open connection whenever it forks. A process a telling, each from a new interpreter, would take
three seconds; here it is milliseconds.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from models import fail_points
from models.store import engine
from tests.faults.fail_point_stories import STORIES, Place
from tests.faults.fail_points import CHECKOUT, at_hit, is_the_tests_own, noting

FAILED_AS_TOLD, FAILED = 3, 1
STANDS_STILL = "stands still"


# ---- the server


def serve() -> None:
    children: set[int] = set()
    try:
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line), children)), flush=True)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _answer(order: dict[str, Any], children: set[int]) -> Any:
    if order["do"] == "wait":
        return _wait(order["pid"], order["seconds"], children)
    if order["do"] == "here":
        _play(order)
        engine(order["url"]).dispose()
        gc.collect()
        return None
    assert threading.active_count() == 1, threading.enumerate()
    pid = os.fork()
    if pid == 0:
        _in_the_child(order)
    children.add(pid)
    return pid


def _wait(pid: int, seconds: float | None, children: set[int]) -> int | str | None:
    """How it ended, as subprocess says it; STANDS_STILL; None after so many seconds."""
    until = time.monotonic() + (seconds or 0)
    while True:
        found, status = os.waitpid(pid, os.WUNTRACED | (os.WNOHANG if seconds is not None else 0))
        if found and os.WIFSTOPPED(status):
            return STANDS_STILL
        if found:
            children.discard(pid)
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            return None
        time.sleep(0.002)


def _in_the_child(order: dict[str, Any]) -> NoReturn:
    said = os.open(Path(order["folder"]) / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    code = 0
    try:
        _play(order)
    except BaseException as error:
        code = FAILED_AS_TOLD if is_the_tests_own(error) else FAILED
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _play(order: dict[str, Any]) -> None:
    at = Place(engine(order["url"]), Path(order["folder"]), order["port"], order["connections"])
    match order["hook"]:
        case None:
            fail_points.hook = None
        case ["note"]:
            fail_points.hook = noting(at.file("passed"))
        case [act, point, number]:
            fail_points.hook = at_hit(act, point, number, at.file("taken"))
    story = STORIES[order["story"]]
    try:
        for part in order["parts"]:
            getattr(story, part)(at)
    finally:
        fail_points.hook = None


# ---- whoever gives the orders


@dataclass
class Forks:
    """The server, from outside."""

    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.fork_server"]
        surroundings = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            command, cwd=CHECKOUT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def begin(self, at: Place, story: str, *parts: str, hook: list[Any] | None = None) -> int:
        """In a process of its own; answers its number."""
        return self._order("fork", at, story, parts, hook)

    def tell(self, at: Place, story: str, *parts: str, hook: list[Any] | None = None) -> int | str | None:
        return self.wait(self.begin(at, story, *parts, hook=hook))

    def tell_here(self, at: Place, story: str, *parts: str, hook: list[Any] | None = None) -> None:
        """In the server itself, so that every fork knows how."""
        self._order("here", at, story, parts, hook)

    def wait(self, pid: int, seconds: float | None = None) -> int | str | None:
        return self._ask({"do": "wait", "pid": pid, "seconds": seconds})

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def _order(self, do: str, at: Place, story: str, parts: tuple[str, ...], hook: list[Any] | None) -> Any:
        url = at.store.url.render_as_string(hide_password=False)
        where = {"url": url, "folder": str(at.folder), "port": at.port, "connections": at.connections}
        return self._ask({"do": do, "story": story, "parts": parts, "hook": hook, **where})

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the fork server ended: {self.process.wait(timeout=60)}"
        return json.loads(answer)


if __name__ == "__main__":
    serve()
