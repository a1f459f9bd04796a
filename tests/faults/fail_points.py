"""The fail points of the product as its source has them, and the hooks that a test hangs into them."""

import ast
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy.exc import OperationalError

CHECKOUT = Path(__file__).parents[2]
ROOMS = ("rules", "models", "notifications", "actions", "tasks", "flows", "web", "cli", "migrations")
TAKES_SECONDS = 10  # at most, until the mail server has read what is in its socket already

Hook = Callable[[str], None]


# ---- what the source says


def in_the_product() -> dict[str, list[str]]:
    """Every name that is given to `reached`, and the files that give it."""
    found: dict[str, list[str]] = {}
    for path, call in _calls():
        [name] = call.args
        assert isinstance(name, ast.Constant), f"{path}: the name stands there itself"
        found.setdefault(str(name.value), []).append(path)
    return found


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in product_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reached":
                yield path, node


def product_modules() -> Iterator[tuple[str, ast.Module]]:
    """Those in which a fail point is spoken of, however."""
    for room in ROOMS:
        for path in sorted((CHECKOUT / room).rglob("*.py")):
            text = path.read_text()
            if "fail_point" in text or "reached(" in text:
                yield str(path.relative_to(CHECKOUT)), ast.parse(text)


# ---- what happens there


class DatabaseGone(OperationalError):
    def __init__(self) -> None:
        super().__init__("a statement", None, Exception("a test has taken the database away"))


class LineDead(OSError):
    pass


def is_the_tests_own(error: BaseException) -> bool:
    """Also of several that ended together."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_the_tests_own(each) for each in error.exceptions)
    return isinstance(error, DatabaseGone | LineDead)


def die(_point: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still(_point: str) -> None:
    """Until somebody says SIGCONT: a machine that was suspended, a disk that did not answer."""
    os.kill(os.getpid(), signal.SIGSTOP)


def fail(point: str) -> None:
    """As the place itself would: the line and the file with an OSError, the database with its own."""
    [path] = in_the_product()[point]
    if path in ("notifications/line.py", "models/backup.py", "models/restore.py"):
        raise LineDead(f"a test: {point}")
    raise DatabaseGone


ACTS = {"die": die, "stand still": stand_still, "fail": fail}


def noting(file: Path) -> Hook:
    """A line for every hit."""
    opened = file.open("a", buffering=1)
    return lambda point: print(point, file=opened)


def at_hit(act: str, point: str | None, number: int, taken: Path) -> Hook:
    """At the n-th hit of that point, or of any; `taken` has a byte for each message that the mail server took.

    Where the content is sent and its answer is not read, it waits for the answer: otherwise a dying process would
    now take the message with it, now not.
    """
    seen, sent, before = 0, 0, _size(taken)

    def hook(reached: str) -> None:
        nonlocal seen, sent
        sent += reached == "content sent"
        seen += point in (None, reached)
        if seen == number and point in (None, reached):
            if reached == "content sent":
                _wait_for(taken, before + sent)
            ACTS[act](reached)

    return hook


def _wait_for(taken: Path, size: int) -> None:
    until = time.monotonic() + TAKES_SECONDS
    while _size(taken) < size and time.monotonic() < until:
        time.sleep(0.001)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
