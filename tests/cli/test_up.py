"""`concordat up` as somebody types it: a real process tree on free ports, watched from outside.

Nothing here sleeps for a fixed time: every wait is for something to be seen, with a deadline.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from cli.guardian import marked
from cli.machine import mark_of

pytestmark = pytest.mark.slow

COMMAND = [str(Path(sys.executable).with_name("concordat")), "up"]
START_SECONDS = 180
STOP_SECONDS = 20


@dataclass
class Up:
    """One `concordat up`, its screen kept in a file."""

    data: Path
    screen: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with self.screen.open("wb") as out:
            self.process = subprocess.Popen(COMMAND, env=self.environment(), stdout=out, stderr=out)

    def environment(self) -> dict[str, str]:
        mine = {"CONCORDAT_DATA": str(self.data), "CONCORDAT_PREFECT_PORT": str(free_port())}
        return {n: v for n, v in os.environ.items() if not n.startswith(("CONCORDAT_", "PREFECT_"))} | mine

    def said(self) -> str:
        return self.screen.read_text(encoding="utf-8")

    def wait_until_ready(self) -> "Up":
        wait_for(lambda: "Ready." in self.said() or self.ended(), START_SECONDS, self.said)
        assert not self.ended(), self.said()
        return self

    def ended(self) -> bool:
        return self.process.poll() is not None

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "up.json").read_text())
        return found

    def pids(self) -> dict[str, int]:
        found: dict[str, int] = self.state()["processes"]
        return found

    def wake(self, deployment: str) -> bool:
        """As the web app will: a deployment is woken by its name. False when the server is too busy to hear it."""
        try:
            found = self._prefect(f"/deployments/name/{deployment}")
            self._prefect(f"/deployments/{found['id']}/create_flow_run", b"{}")
        except OSError:
            return False
        return True

    def _prefect(self, path: str, body: bytes | None = None) -> Any:
        request = Request(f"{self.state()['prefect']}/api{path}", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(seen: Callable[[], Any], seconds: float, told: Callable[[], object] = lambda: "") -> Any:
    deadline = time.monotonic() + seconds
    while not (result := seen()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {told()}"
        time.sleep(0.1)
    return result


def left_of(data: Path) -> list[int]:
    return marked(lambda mark: mark.startswith(mark_of(data)))


def rows(data: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(data / "concordat.db", timeout=30)) as store:
        return store.execute(statement).fetchall()


def last_sweep(data: Path) -> str | None:
    found = rows(data, "SELECT ended_at FROM heartbeat WHERE name = 'sweep'")
    return found[0][0] if found else None


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder through its whole life: first start, Ctrl-C, second start, kill, third start."""
    folder = tmp_path_factory.mktemp("up") / "data"
    yield folder
    for pid in left_of(folder):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def first(data: Path) -> Up:
    """The first start on an empty folder, ended by Ctrl-C after its first sweep."""
    up = Up(data, data.parent / "first").wait_until_ready()
    wait_for(lambda: last_sweep(data), START_SECONDS, up.said)
    assert up.stop() == 0, up.said()
    return up


@pytest.fixture(scope="module")
def again(first: Up) -> Iterator[Up]:
    up = Up(first.data, first.data.parent / "again").wait_until_ready()
    yield up
    if not up.ended():
        up.stop(signal.SIGTERM)


def test_the_first_start_speaks_before_it_is_ready(first: Up) -> None:
    words, _, rest = first.said().partition("What runs, and what failed")
    assert "October 2016" in words
    assert "Ready." in rest
    assert "Traceback" not in first.said()


def test_ctrl_c_leaves_no_process(first: Up) -> None:
    assert left_of(first.data) == []
    assert not (first.data / "up.json").exists()


def test_starting_again_goes_on_and_loads_nothing_twice(first: Up, again: Up) -> None:
    loaded = rows(first.data, "SELECT count(*) FROM history WHERE what = 'protocol loaded'")
    assert rows(first.data, "SELECT count(*) FROM protocol") == [(1,)]
    assert loaded == [(1,)]


def test_a_second_up_on_the_same_data_is_refused_naming_the_first(again: Up) -> None:
    second = subprocess.run(COMMAND, env=again.environment(), capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"process {again.process.pid}" in second.stderr
    assert second.stderr.count("\n") == 1
    assert not again.ended()


def test_prefect_shows_its_pages(again: Up) -> None:
    with urlopen(again.state()["prefect"], timeout=10) as page:
        assert b"<html" in page.read().lower()


def test_a_worker_that_dies_is_started_again_and_the_clock_goes_on(again: Up) -> None:
    before = again.pids()["worker"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: again.pids()["worker"] != before, 30, again.said)
    assert "The worker ended (killed by SIGKILL); starting it again now." in again.said()
    swept = last_sweep(again.data)
    wait_for(lambda: again.wake("sweep/sweep"), 30)
    wait_for(lambda: last_sweep(again.data) != swept, 60, again.said)


def test_a_server_that_dies_is_started_again(again: Up) -> None:
    before = again.pids()["Prefect server"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: again.pids()["Prefect server"] != before, 30, again.said)
    wait_for(lambda: _answers(again.state()["prefect"]), 120, again.said)


def test_a_killed_up_takes_its_processes_along_and_the_next_one_goes_on(again: Up) -> None:
    again.process.kill()
    again.process.wait(STOP_SECONDS)
    wait_for(lambda: not left_of(again.data), STOP_SECONDS, lambda: left_of(again.data))
    swept = last_sweep(again.data)
    third = Up(again.data, again.data.parent / "third").wait_until_ready()
    try:
        wait_for(lambda: last_sweep(again.data) != swept, 120, third.said)
    finally:
        assert third.stop(signal.SIGTERM) == 0
    assert left_of(again.data) == []


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/api/health", timeout=2) as answer:
            return bool(json.load(answer))
    except OSError:
        return False
