"""The processes `concordat up` is made of: started, watched, started again, ended in order."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # who has run this long starts again at once
LOG_BYTES = 5 * 1024 * 1024


@dataclass
class Child:
    """One part of the tree, in a session of its own: a terminal's Ctrl-C reaches only the supervisor."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    patience_seconds: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    deaths: int = 0

    def start(self) -> None:
        """Raises OSError: no room for its log, or for another process."""
        self.started_at = time.monotonic()
        _keep_small(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.start_again_at = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def keep_log_small(self) -> None:
        """While it runs, and has the file open to append to it: what is written meanwhile goes on from the beginning.

        A disk with no room for the older one keeps none: the log is cut off all the same.
        """
        if not self.log.exists() or self.log.stat().st_size <= LOG_BYTES:
            return
        with contextlib.suppress(OSError):
            shutil.copyfile(self.log, _older(self.log))
        os.truncate(self.log, 0)

    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    def pause_before_restart(self) -> float:
        """Seconds: none after a long life, then 1, 2, 4 … 60 for one that keeps dying."""
        if time.monotonic() - self.started_at >= STEADY_SECONDS:
            self.deaths = 0
        self.deaths += 1
        return 0.0 if self.deaths == 1 else min(LONGEST_PAUSE_SECONDS, 2.0 ** (self.deaths - 2))

    def will_start(self) -> str:
        """After its pause, which begins now. Answers when, in words."""
        pause = self.pause_before_restart()
        self.start_again_at = time.monotonic() + pause
        return f"in {pause:.0f} s" if pause else "now"

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self) -> None:
        """Wait as long as it may take, then end its whole group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.patience_seconds)
        self.kill_group()
        self.process.wait()

    def kill_group(self) -> None:
        """With what it has started: the flow runs of a dead worker must not run beside those of the next."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


@dataclass
class Tree:
    """Children in the order they were started; they end in the opposite order."""

    children: list[Child] = field(default_factory=list)

    def start(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def pids(self) -> dict[str, int]:
        return {child.name: child.pid for child in self.children}

    def keep_logs_small(self) -> None:
        for child in self.children:
            with contextlib.suppress(OSError):  # a log that cannot be looked at now is looked at again
                child.keep_log_small()

    def restart_the_dead(self) -> Iterator[str]:
        """Start again what has died, each after its pause; yields a line to show for each death.

        What cannot be started, on a full disk perhaps, has another pause and ends nobody else.
        """
        for child in self.children:
            if child.start_again_at is not None:
                if time.monotonic() >= child.start_again_at:
                    try:
                        child.start()
                    except OSError as error:
                        yield f"The {child.name} cannot be started ({error}); trying again {child.will_start()}."
            elif (code := child.exit_code()) is not None:
                child.kill_group()
                when = child.will_start()
                yield f"The {child.name} ended ({_how(code)}); starting it again {when}. Its log: {child.log}"

    def stop(self) -> None:
        """The worker before the server it reports to; whoever does not listen is killed."""
        for child in reversed(self.children):
            child.ask_to_stop()
            child.end()
        self.children.clear()


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _keep_small(log: Path) -> None:
    """One older file is kept; a log nobody rotates fills the disk in the end."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(_older(log))


def _older(log: Path) -> Path:
    return log.with_suffix(".log.1")
