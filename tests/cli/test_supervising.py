"""The parts of `concordat up` that need no Prefect."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from cli import data_folder, processes
from cli.data_folder import AlreadyUp, DiskIsFull, held, prepared, write_state
from cli.guardian import MARK_VARIABLE, end_marked, marked
from cli.machine import Machine
from cli.processes import Child, Tree
from cli.supervising import Asked, Stopped, _look_at_sweep, _send_alarm, _watch
from cli.sweep_watch import SweepWatch

FULL = Path("/dev/full")
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])",
]


WRITER = [
    sys.executable,
    "-c",
    "import time\nfor n in range(10**6): print('line', n, flush=True); time.sleep(0.001)",
]


def child(folder: Path, command: list[str], patience_seconds: float = 5) -> Child:
    environment = os.environ | {MARK_VARIABLE: str(folder)}
    return Child("sleeper", command, environment, folder / "sleeper.log", patience_seconds)


@pytest.fixture
def tree() -> Iterator[Tree]:
    planted = Tree()
    yield planted
    planted.stop()


def test_a_data_folder_belongs_to_one_up_at_a_time(tmp_path: Path) -> None:
    data = prepared(tmp_path / "data")
    with held(data), pytest.raises(AlreadyUp, match=f"process {os.getpid()}"), held(data):
        pass
    with held(data):
        pass


def test_an_up_that_is_refused_does_not_forget_who_holds_the_folder(tmp_path: Path) -> None:
    data = prepared(tmp_path / "data")
    with held(data):
        for _ in range(2):
            with pytest.raises(AlreadyUp, match=f"process {os.getpid()}"), held(data):
                pass


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="file/data"):
        prepared(tmp_path / "file" / "data")


def test_a_disk_with_too_little_left_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "NEEDED_BYTES", 2**62)
    with pytest.raises(DiskIsFull, match="MB left"):
        prepared(tmp_path)


def test_a_child_that_ends_is_started_again_and_said_so(tree: Tree, tmp_path: Path) -> None:
    sleeper = tree.start(child(tmp_path, SLEEPER))
    before = sleeper.pid
    os.kill(before, signal.SIGKILL)
    assert sleeper.process is not None
    sleeper.process.wait()
    assert list(tree.restart_the_dead()) == [
        f"The sleeper ended (killed by SIGKILL); starting it again now. Its log: {tmp_path / 'sleeper.log'}"
    ]
    assert list(tree.restart_the_dead()) == []
    assert sleeper.pid != before
    assert sleeper.exit_code() is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_dead_child_had_started_does_not_run_on_beside_the_next(tree: Tree, tmp_path: Path) -> None:
    parent = tree.start(child(tmp_path, PARENT))
    _wait_until(lambda: len(marked(lambda mark: mark == str(tmp_path))) == 2)
    before = set(marked(lambda mark: mark == str(tmp_path)))
    os.kill(parent.pid, signal.SIGKILL)
    _wait_until(lambda: parent.exit_code() is not None)
    list(tree.restart_the_dead())
    _wait_until(lambda: not before & set(marked(lambda mark: mark == str(tmp_path))))


def test_a_log_is_kept_small_while_its_process_runs(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 1000)
    writer = tree.start(child(tmp_path, WRITER))
    older = tmp_path / "sleeper.log.1"
    _wait_until(lambda: writer.log.stat().st_size > 1000)
    tree.keep_logs_small()
    assert older.read_text().startswith("line 0\n")
    _wait_until(lambda: writer.log.stat().st_size > 0)
    assert writer.exit_code() is None
    assert b"\0" not in writer.log.read_bytes(), "what it writes begins where the file begins"
    assert not writer.log.read_text().startswith("line 0\n")


def test_a_child_that_keeps_dying_waits_longer_each_time_but_never_more_than_a_minute(tmp_path: Path) -> None:
    dying = child(tmp_path, SLEEPER)
    dying.started_at = time.monotonic()
    assert [dying.pause_before_restart() for _ in range(9)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]


def test_a_child_that_lived_long_starts_again_at_once(tmp_path: Path) -> None:
    steady = child(tmp_path, SLEEPER)
    steady.deaths = 7
    steady.started_at = time.monotonic() - 3600
    assert steady.pause_before_restart() == 0


def test_a_child_that_cannot_be_started_has_a_pause_and_another_try(tree: Tree, tmp_path: Path) -> None:
    logs, away = tmp_path / "logs", tmp_path / "away"
    logs.mkdir()
    sleeper, other = tree.start(child(logs, SLEEPER)), tree.start(child(tmp_path, SLEEPER))
    logs.rename(away)
    for each in (sleeper, other):
        os.kill(each.pid, signal.SIGKILL)
        assert each.process is not None
        each.process.wait()
    assert len(list(tree.restart_the_dead())) == 2
    for pause in (1, 2):
        sleeper.start_again_at = 0
        [said] = tree.restart_the_dead()
        assert said.startswith("The sleeper cannot be started ([Errno 2] No such file or directory")
        assert said.endswith(f"trying again in {pause} s.")
        assert (sleeper.exit_code(), other.exit_code()) == (-signal.SIGKILL, None)
    away.rename(logs)
    sleeper.start_again_at = 0
    assert list(tree.restart_the_dead()) == []
    assert sleeper.exit_code() is None


class Turns(Asked):
    """In each pause of the supervisor something happens; after the last it is asked to stop."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        self.happens = iter(happens)

    def pause(self) -> None:
        try:
            next(self.happens)()
        except StopIteration:
            raise Stopped from None


@pytest.mark.skipif(not FULL.exists(), reason="no place here is always full")
def test_a_full_disk_does_not_end_the_tree_and_what_is_up_is_noted_once_there_is_room(
    tree: Tree, tmp_path: Path
) -> None:
    partial = tmp_path / "up.json.partial"
    partial.symlink_to(FULL)
    with pytest.raises(OSError, match="No space left"):
        write_state(tmp_path, {})
    sleeper = tree.start(child(tmp_path, SLEEPER))
    before = sleeper.pid

    def killed() -> None:
        os.kill(before, signal.SIGKILL)
        assert sleeper.process is not None
        sleeper.process.wait()

    def there_is_room() -> None:
        assert sleeper.pid != before
        assert not (tmp_path / "up.json").exists()
        partial.unlink()

    with pytest.raises(Stopped):
        _watch(Machine(tmp_path, 1, None, 2), tree, Turns(killed, int, int, there_is_room))
    assert json.loads((tmp_path / "up.json").read_text())["processes"] == {"sleeper": sleeper.pid}


def test_an_alarm_that_nobody_can_be_started_to_send_is_sent_after_the_next_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = SweepWatch(datetime(2027, 3, 1, tzinfo=UTC), alarmed=True)
    _send_alarm(Machine(tmp_path / "nowhere", 1, None, 2), watch)
    assert capsys.readouterr().out.startswith("The alarm cannot be sent yet ([Errno 2] No such file")
    assert not watch.alarmed


def test_a_child_that_does_not_listen_is_killed(tree: Tree, tmp_path: Path) -> None:
    deaf = tree.start(child(tmp_path, DEAF, patience_seconds=0.2))
    _wait_until(lambda: "deaf" in deaf.log.read_text())
    tree.stop()
    assert deaf.exit_code() == -signal.SIGKILL


def test_a_log_that_has_grown_large_is_put_aside(tree: Tree, tmp_path: Path) -> None:
    log = tmp_path / "sleeper.log"
    log.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    tree.start(child(tmp_path, SLEEPER))
    assert log.stat().st_size == 0
    assert (tmp_path / "sleeper.log.1").stat().st_size > 5 * 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="the guardian reads /proc")
def test_the_guardian_ends_what_carries_the_mark_once_the_supervisor_is_gone(tmp_path: Path) -> None:
    mark = f"{tmp_path}|test"
    environment = os.environ | {MARK_VARIABLE: mark}
    orphan = subprocess.Popen(SLEEPER, env=environment, start_new_session=True)
    other = subprocess.Popen(SLEEPER, env=os.environ | {MARK_VARIABLE: f"{tmp_path}|other"})
    guardian = subprocess.Popen([sys.executable, "-m", "cli.guardian", mark], stdin=subprocess.PIPE)
    try:
        _wait_until(lambda: marked(lambda found: found == mark) == [orphan.pid])
        assert guardian.stdin is not None
        guardian.stdin.close()  # as the kernel does when the supervisor is killed
        assert guardian.wait(20) == 0
        assert orphan.wait(5) == -signal.SIGTERM
        assert other.poll() is None
    finally:
        for process in (orphan, other, guardian):
            process.kill()
            process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the guardian reads /proc")
def test_ending_the_marked_when_there_are_none_is_nothing(tmp_path: Path) -> None:
    assert end_marked(lambda mark: mark == f"{tmp_path}|nobody") == 0


def test_every_deployment_names_a_flow_that_is_there() -> None:
    from prefect import Flow
    from prefect.flows import load_flow_from_entrypoint
    from ruamel.yaml import YAML

    from settings import HERE

    file = YAML(typ="safe", pure=True).load(HERE / "prefect.yaml")
    for deployment in file["deployments"]:
        assert isinstance(load_flow_from_entrypoint(deployment["entrypoint"]), Flow)


def _wait_until(seen: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Unreadable:
    """The watch while the database is away."""

    alarmed = False

    def look(self, _now: object) -> str:
        raise OperationalError("SELECT", {}, Exception("locked"))


def test_a_database_that_is_away_is_an_alarm_and_does_not_stop_the_supervisor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _look_at_sweep(Machine(tmp_path, 1, None, 0), Unreadable())  # type: ignore[arg-type]
    assert capsys.readouterr().out.startswith("ALARM: the database cannot be used (OperationalError)")
