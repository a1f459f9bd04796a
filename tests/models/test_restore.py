"""A SQLite store is replaced while others come in, while it is killed, and where the disk does not take it."""

import os
import resource
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models import fail_points
from models.outbox import BROUGHT_BACK
from models.restore import restore
from models.restore_sqlite import StillRunning
from tests.conftest import sqlite_template

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SAY = "INSERT INTO heartbeat (name, began_at) VALUES (?, '2026-11-26 08:00:00')"
OLD = [("what was done since",)]
NEW = [(BROUGHT_BACK,), ("what was backed up",)]
LARGE = 3_000_000


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return store_at(tmp_path / "concordat.db", *OLD)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A backup, and much larger than the store that it is to replace."""
    return backup_at(tmp_path / "backup", f"CREATE TABLE much AS SELECT randomblob({LARGE})")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return backup_at(tmp_path / "backup")


def backup_at(file: Path, *besides: str) -> Path:
    with closing(sqlite3.connect(store_at(file, NEW[1]))) as connection:
        for statement in ("PRAGMA journal_mode=DELETE", *besides):
            connection.execute(statement).fetchall()
    return file


def store_at(file: Path, *said: tuple[str]) -> Path:
    file.write_bytes(sqlite_template())
    say(file, *said)
    return file


def say(file: Path, *said: tuple[str]) -> None:
    """As the store does it: in WAL, and folded into the file when whoever wrote is gone."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executemany(SAY, said)


def what_is_said(file: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT name FROM heartbeat ORDER BY name").fetchall()


def brought_back(live: Path, source: Path) -> Path | None:
    return restore(f"sqlite:///{live}", source, live.parent, NOW, replace=True).kept


def kept_of(live: Path) -> Path:
    return live.with_name(f"{live.name}.replaced-20261126T090000Z")


def at_point(monkeypatch: pytest.MonkeyPatch, point: str, act: Callable[[], object]) -> None:
    monkeypatch.setattr(fail_points, "hook", lambda reached: act() if reached == point else None)


def test_whoever_opens_the_store_before_another_has_its_place_spoils_nothing(
    live: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its write-ahead log would be played into the restored store; a row that it is told is written would be lost."""
    other = sqlite3.connect(live, timeout=0, isolation_level=None)

    def come_in() -> None:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.executescript(f"PRAGMA journal_mode=WAL; {SAY.replace('?', repr('what comes in between'))}")

    at_point(monkeypatch, "before a restored store has its place", come_in)
    kept = brought_back(live, source)
    assert (kept, what_is_said(live)) == (kept_of(live), NEW)
    assert what_is_said(kept_of(live)) == OLD
    other.execute(SAY, ["what comes after"])  # it is of the same file, and waits no longer
    other.close()
    assert what_is_said(live) == sorted([*NEW, ("what comes after",)])


def test_whoever_reads_the_store_is_seen_also_outside_wal(live: Path, source: Path) -> None:
    with closing(sqlite3.connect(live, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE").fetchall()
        other.execute("BEGIN")
        other.execute("SELECT name FROM heartbeat").fetchall()
        with pytest.raises(StillRunning):
            brought_back(live, source)
    assert sorted(path.name for path in live.parent.iterdir()) == ["backup", "concordat.db", "up.lock"]
    assert what_is_said(live) == OLD


def test_what_is_kept_is_a_copy_of_its_own_also_where_the_restore_is_killed(live: Path, source: Path) -> None:
    live.chmod(0o600)
    assert killed(live, source, lambda: os.kill(os.getpid(), signal.SIGKILL)) == signal.SIGKILL
    before = kept_of(live).read_bytes()
    say(live, ("what the old store says on",))
    assert kept_of(live).read_bytes() == before
    assert what_is_said(kept_of(live)) == OLD
    assert stat.S_IMODE(kept_of(live).stat().st_mode) == 0o600


def test_killed_while_it_writes_it_leaves_the_old_store(live: Path, large: Path) -> None:
    """The kernel kills it at the first page that lies beyond a limit: the earlier ones are overwritten by then."""
    assert killed(live, large, lambda: limit_files(LARGE // 2)) == signal.SIGXFSZ
    assert live.with_name("concordat.db-journal").stat().st_size > 0
    assert live.stat().st_size > len(sqlite_template())
    assert what_is_said(live) == what_is_said(kept_of(live)) == OLD
    brought_back(live, large)
    assert what_is_said(live) == NEW
    assert sorted(path.name for path in live.parent.glob("*.db-*")) == []


def test_once_it_is_in_place_nothing_of_the_old_store_lies_beside_it(
    live: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed then clears nothing away."""
    beside: list[Path] = []
    at_point(
        monkeypatch, "after a restored store has its place",
        lambda: beside.extend(live.parent.glob("concordat.db-*")),
    )  # fmt: skip
    brought_back(live, source)
    assert beside == []


def killed(live: Path, source: Path, act: Callable[[], object]) -> int:
    """By which signal a process was ended that does this before the store has its place."""
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            fail_points.hook = lambda point: act() if point == "before a restored store has its place" else None
            brought_back(live, source)
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def no_limit_afterwards() -> Iterator[None]:
    try:
        yield
    finally:
        limit_files(resource.RLIM_INFINITY)


def test_where_the_disk_fails_it_while_it_writes_nothing_has_been_replaced(
    live: Path, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_point(monkeypatch, "before a restored store has its place", lambda: limit_files(LARGE // 2))
    with no_limit_afterwards(), pytest.raises(sqlite3.OperationalError):
        brought_back(live, large)
    assert sorted(path.name for path in live.parent.iterdir()) == ["backup", "concordat.db", "up.lock"]
    assert what_is_said(live) == OLD


def test_a_smaller_store_takes_no_more_room_than_it_needs(live: Path, large: Path) -> None:
    small = live.with_name("small")
    small.write_bytes(live.read_bytes())
    brought_back(live, large)
    assert live.stat().st_size > LARGE
    brought_back(live, small)
    assert live.stat().st_size < LARGE / 2
    assert ("what was done since",) in what_is_said(live)


def test_a_log_that_lies_about_without_its_database_is_not_played_into_the_restored_one(
    live: Path, source: Path
) -> None:
    """Somebody has put the file away and left what lay beside it."""
    with closing(sqlite3.connect(live, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL").fetchall()
        other.execute(SAY, ["what is in the log only"])
        log = live.with_name("concordat.db-wal").read_bytes()
    live.unlink()
    live.with_name("concordat.db-wal").write_bytes(log)
    assert brought_back(live, source) is None
    assert what_is_said(live) == NEW


def test_a_store_whose_schema_is_damaged_can_be_replaced(live: Path, source: Path) -> None:
    """SQLite quotes what it finds there, and Python cannot read the sentence."""
    damaged = live.read_bytes().replace(b"CREATE TABLE review", b"CREATE T\xffBLE review")
    live.write_bytes(damaged)
    kept = brought_back(live, source)
    assert kept is not None
    assert kept.read_bytes() == damaged
    assert what_is_said(live) == NEW
