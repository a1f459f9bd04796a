"""The progress bar of a rehearsal, on standard error and only where a person is looking."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from rules.instants import LONDON, local_day
from rules.sentences import written_month

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """How much of the year has gone by; without a terminal it shows nothing."""

    def __init__(self, begin: datetime, progress: "Progress | None" = None, task: "TaskID | None" = None) -> None:
        self._begin, self._progress, self._task = begin, progress, task

    def show(self, at: datetime) -> None:
        if self._progress is not None and self._task is not None:
            month = written_month(local_day(at, LONDON))
            self._progress.update(self._task, completed=(at - self._begin).days, description=f"{month:<14}")


@contextmanager
def bar(begin: datetime, end: datetime) -> Iterator[Bar]:
    """Where text scrolls in the same terminal, the bar stays below it."""
    if not sys.stderr.isatty():
        yield Bar(begin)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        yield Bar(begin, progress, progress.add_task("", total=(end - begin).days))
