"""Backup, restore and upgrade, by their commands."""

import errno
import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from models.backup import backup, partial_of
from models.outbox import Delivery, Message
from models.store import engine
from settings import settings
from tests.cli.conftest import BEDFORDSHIRE, Concordat, forget


def reviews(concordat: Concordat) -> int:
    return len(concordat.does("review", "list"))


def test_a_backup_brings_back_what_was(concordat: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    told = concordat.does("backup", str(file))
    assert told["bytes"] == file.stat().st_size > 100_000
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    forget()
    restored = concordat.does("restore", str(file), "--replace")
    assert restored["needs_upgrade"] is False
    assert reviews(concordat) == 0
    kept = Path(restored["replaced"])
    assert kept.parent == concordat.data
    concordat.clock.goes_on(seconds=1)
    forget()
    concordat.does("restore", str(kept), "--replace")
    assert reviews(concordat) == 1
    assert concordat("verify").code == 0


def test_a_backup_is_one_whole_file_also_of_what_is_being_written(collecting: Concordat, tmp_path: Path) -> None:
    """Other processes have it open, and the newest rows are in the write-ahead log only."""
    other = sqlite3.connect(collecting.data / "concordat.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    collecting.does("backup", str(tmp_path / "backup.db"))
    other.execute("ROLLBACK")
    other.close()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.db"]
    connection = sqlite3.connect(f"file:{tmp_path / 'backup.db'}?mode=ro&immutable=1", uri=True)
    assert connection.execute("SELECT count(*) FROM obligation").fetchone() == (17,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_second_backup_replaces_the_first(concordat: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "nightly.db"
    file.write_text("an older one")
    concordat.does("backup", str(file))
    assert file.read_bytes().startswith(b"SQLite format 3")


def test_what_a_killed_backup_left_goes_with_the_next_and_what_another_writes_stays(
    concordat: Concordat, tmp_path: Path
) -> None:
    left, written = ".nightly.db.0badcafe", ".nightly.db.0badf00d"
    for name in (f"{left}.lock", f"{left}.partial", f"{left}.partial-journal", f"{written}.partial"):
        (tmp_path / name).write_bytes(b"half of it")
    with (tmp_path / f"{written}.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        concordat.does("backup", str(tmp_path / "nightly.db"))
        names = sorted(path.name for path in tmp_path.glob("*nightly*"))
        assert names == [f"{written}.lock", f"{written}.partial", "nightly.db"]


def test_two_backups_to_one_name_at_once_are_each_whole(concordat: Concordat, tmp_path: Path) -> None:
    """They may even have the same number: in two containers, each is the first process."""
    url, to = settings().store_url, tmp_path / "nightly.db"
    with partial_of(to) as other:
        other.write_bytes(b"half of it")
        size = backup(url, to)
        assert other.read_bytes() == b"half of it"
    assert to.stat().st_size == size > 100_000
    assert [path.name for path in tmp_path.glob("*nightly*")] == ["nightly.db"]


def test_where_a_share_has_no_locks_a_backup_is_made_all_the_same(
    concordat: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("models.backup.fcntl.flock", no_locks)
    assert backup(settings().store_url, tmp_path / "nightly.db") > 100_000
    assert [path.name for path in tmp_path.glob("*nightly*")] == ["nightly.db"]


def test_a_backup_never_overwrites_the_database(concordat: Concordat) -> None:
    assert "is the database itself" in concordat("backup", str(concordat.data / "concordat.db")).refusal
    assert "is the database itself" in concordat("restore", str(concordat.data / "concordat.db")).refusal


def test_there_has_to_be_a_folder_for_it(concordat: Concordat, tmp_path: Path) -> None:
    assert f"“{tmp_path / 'no'}”: there is no such file or folder" in concordat(
        "backup", str(tmp_path / "no" / "x.db")
    ).refusal  # fmt: skip


def test_there_is_nothing_to_back_up_before_a_first_start(fresh: Concordat, tmp_path: Path) -> None:
    assert "nothing to back up" in fresh("backup", str(tmp_path / "x.db")).refusal
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("content", [b"Dear Sir or Madam", b"SQLite format 3\0 and then nonsense" * 200, b""])
def test_what_is_no_backup_is_not_restored(concordat: Concordat, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "letter.db"
    file.write_bytes(content)
    assert "is not a backup of Concordat" in concordat("restore", str(file)).refusal
    assert concordat.does("protocols")[0]["slug"] == "bedfordshire"


def test_another_programs_database_is_not_restored(concordat: Concordat, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE alembic_version (version_num)")
    connection.close()
    assert "it holds none of its tables" in concordat("restore", str(tmp_path / "other.db")).refusal
    assert "there is no such file" in concordat("restore", str(tmp_path / "missing.db")).refusal


def at_revision(file: Path, revision: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()


def test_a_backup_of_a_newer_release_is_not_restored(concordat: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    concordat.does("backup", str(file))
    at_revision(file, "9999_future")
    before = sorted(path.name for path in concordat.data.iterdir() if path.suffix == ".db" or "replaced" in path.name)
    assert "written by a newer Concordat" in concordat("restore", str(file)).refusal
    after = sorted(path.name for path in concordat.data.iterdir() if path.suffix == ".db" or "replaced" in path.name)
    assert (before, after) == (["concordat.db"], ["concordat.db"])


def test_nothing_is_restored_while_up_runs(concordat: Concordat, tmp_path: Path) -> None:
    concordat.does("backup", str(tmp_path / "backup.db"))
    with (concordat.data / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "`concordat up` is running" in concordat("restore", str(tmp_path / "backup.db")).refusal


def test_nothing_is_restored_while_another_program_has_it_open(concordat: Concordat, tmp_path: Path) -> None:
    concordat.does("status")
    concordat.does("backup", str(tmp_path / "backup.db"))
    forget()
    other = sqlite3.connect(concordat.data / "concordat.db")
    other.execute("SELECT count(*) FROM protocol").fetchone()
    restore = ("restore", str(tmp_path / "backup.db"), "--replace")
    assert "Another program has the database open" in concordat(*restore).refusal
    other.close()
    assert concordat(*restore).code == 0


def test_a_damaged_database_can_be_replaced(concordat: Concordat, tmp_path: Path) -> None:
    concordat.does("backup", str(tmp_path / "backup.db"))
    forget()
    (concordat.data / "concordat.db").write_bytes(b"ruined " * 1000)
    restored = concordat.does("restore", str(tmp_path / "backup.db"), "--replace")
    assert Path(restored["replaced"]).read_bytes().startswith(b"ruined")
    assert concordat.does("protocols")[0]["slug"] == "bedfordshire"


def test_a_restore_into_an_empty_folder_is_a_move_to_another_machine(
    concordat: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    concordat.does("backup", str(tmp_path / "backup.db"))
    forget()
    monkeypatch.setenv("CONCORDAT_DATA", str(tmp_path / "elsewhere"))
    assert concordat.does("restore", str(tmp_path / "backup.db"))["replaced"] is None
    assert concordat.does("protocols")[0]["slug"] == "bedfordshire"
    forget()
    monkeypatch.setenv("CONCORDAT_DATA", str(concordat.data))


def test_messages_that_waited_in_the_backup_are_pointed_out(collecting: Concordat, tmp_path: Path) -> None:
    collecting.does("backup", str(tmp_path / "backup.db"))
    forget()
    said = collecting("restore", str(tmp_path / "backup.db"), "--replace")
    assert "17 messages were waiting when the backup was made" in " ".join(said.out.split())


def test_what_waited_is_listed_as_perhaps_sent_and_the_secretary_is_told(collecting: Concordat, tmp_path: Path) -> None:
    collecting.does("backup", str(tmp_path / "backup.db"))
    forget()
    collecting.clock.goes_on(hours=30)
    collecting.does("restore", str(tmp_path / "backup.db"), "--replace")
    waiting = collecting.read(lambda session: session.exec(select(Message)).all())
    assert {(row.state, row.in_doubt_at) for row in waiting} == {(Delivery.QUEUED, collecting.clock.now)}
    [matter] = [each for each in collecting.does("matters") if "brought back" in each["sentence"]]
    assert "as it was at Sunday 22 November 2026 09:00 GMT" in matter["sentence"]
    assert collecting.does("history", "protocol:bedfordshire")[-1]["what"] == "store brought back from a backup"


def test_a_notice_that_may_have_gone_waits_for_a_person(collecting: Concordat, tmp_path: Path) -> None:
    collecting.act(lambda session: session.execute(sa.text("UPDATE message SET resend_in_doubt = 0 WHERE id = 3")))
    collecting.does("backup", str(tmp_path / "backup.db"))
    forget()
    collecting.does("restore", str(tmp_path / "backup.db"), "--replace")
    assert [row["number"] for row in collecting.does("outbox", "--state", "in-doubt")] == [3]
    assert any("`concordat outbox resolve 3 sent`" in each["todo"] for each in collecting.does("matters"))


def test_what_the_clock_says_again_after_a_restore_is_listed_too(collecting: Concordat, tmp_path: Path) -> None:
    """The lost store may have sent the same reminders; once a sweep has ended, nothing more is marked."""
    collecting.does("backup", str(tmp_path / "backup.db"))
    forget()
    collecting.clock.now = datetime(2027, 3, 17, 10, tzinfo=UTC)
    collecting.does("restore", str(tmp_path / "backup.db"), "--replace")
    before = {row.id for row in collecting.read(lambda session: session.exec(select(Message)).all())}
    collecting.does("sweep")
    rows = collecting.read(lambda session: session.exec(select(Message)).all())
    assert {row.in_doubt_at for row in rows if row.id not in before} == {collecting.clock.now}
    newest = max(row.id for row in rows)
    collecting.clock.now = datetime(2027, 3, 31, 10, tzinfo=UTC)
    collecting.does("sweep")
    rows = collecting.read(lambda session: session.exec(select(Message)).all())
    assert {row.in_doubt_at for row in rows if row.id > newest} == {None}


def test_a_database_is_replaced_only_when_told_so(concordat: Concordat, tmp_path: Path) -> None:
    concordat.does("backup", str(tmp_path / "backup.db"))
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    forget()
    refusal = concordat("restore", str(tmp_path / "backup.db")).refusal
    assert "There is a database in its place already" in refusal
    assert "`--replace`" in refusal
    assert reviews(concordat) == 1
    assert sorted(path.name for path in concordat.data.glob("*replaced*")) == []


@pytest.mark.parametrize("room_for", [0, 1, 2])
def test_a_full_disk_leaves_the_database_as_it_was(
    concordat: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room_for: int
) -> None:
    """Full when the backup is copied, when the old store is, and when the one is written into the other."""
    concordat.does("backup", str(tmp_path / "backup.db"))
    with small_disk(tmp_path / "small", "10m") as small, monkeypatch.context() as there:
        size = (small / "concordat.db").write_bytes((tmp_path / "backup.db").read_bytes())
        (small / "ballast").write_bytes(b"\0" * (shutil.disk_usage(small).free - room_for * size - 100_000))
        there.setenv("CONCORDAT_DATA", str(small))
        forget()
        assert "The disk is full" in concordat("restore", str(tmp_path / "backup.db"), "--replace").refusal
        assert sorted(path.name for path in small.glob("*.db*")) == ["concordat.db"]
        assert (small / "concordat.db").read_bytes() == (tmp_path / "backup.db").read_bytes()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_no_half_backup(concordat: Concordat, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "64k") as small:
        assert "The disk is full" in concordat("backup", str(small / "backup.db")).refusal
        assert list(small.iterdir()) == []


def test_upgrade_of_a_current_database_does_nothing(concordat: Concordat) -> None:
    assert concordat.does("upgrade") == {
        "done": "The database is of this release: nothing to do.", "changed": False, "backup": None,
    }  # fmt: skip


def test_upgrade_makes_an_empty_store(fresh: Concordat) -> None:
    assert fresh.does("upgrade")["changed"] is True
    assert fresh.does("protocols") == []


def test_upgrade_of_an_older_database_keeps_a_backup(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tests/models` has real ones; here what the release knows as newest is played to have moved on."""
    from models import upgrading

    states = iter([upgrading.State.OLD, upgrading.State.OLD, upgrading.State.CURRENT])
    monkeypatch.setattr(upgrading, "state_of", lambda _: next(states))
    told = concordat.does("upgrade")
    assert Path(told["backup"]).parent == concordat.data / "backups"
    assert Path(told["backup"]).read_bytes().startswith(b"SQLite format 3")


def test_an_older_database_says_what_to_run(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    from models import upgrading

    monkeypatch.setattr(upgrading, "state_of", lambda _: upgrading.State.OLD)
    assert "Run `concordat up`, or `concordat upgrade`" in concordat("status").refusal


@pytest.fixture
def on_postgres(fresh: Concordat, store: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Concordat:
    if store.dialect.name != "postgresql":
        pytest.skip("the SQLite way is tested above")
    if not (shutil.which("pg_dump") and shutil.which("psql")):
        pytest.skip("PostgreSQL's client programs are not installed")
    monkeypatch.setenv("CONCORDAT_DATABASE_URL", store.url.render_as_string(hide_password=False))
    forget()
    fresh.data.mkdir()
    fresh.does("load", str(BEDFORDSHIRE))
    return fresh


def test_postgres_is_backed_up_and_restored_whole(on_postgres: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "backup.dump"
    on_postgres.does("review", "schedule", "bedfordshire", "2027-03-31")
    on_postgres.does("backup", str(file))
    on_postgres.does("review", "open", "bedfordshire")
    with engine().begin() as connection:
        connection.execute(sa.text("CREATE TABLE of_a_later_release (id int REFERENCES review(id))"))
    forget()
    restored = on_postgres.does("restore", str(file), "--replace")
    assert on_postgres.does("review", "show", "1")["stage"] == "scheduled"
    assert on_postgres("verify").code == 0
    forget()
    on_postgres.does("restore", restored["replaced"], "--replace")
    assert on_postgres.does("review", "show", "1")["stage"] == "collecting"
    with pytest.raises(sa.exc.IntegrityError), engine().begin() as connection:
        connection.execute(sa.text("DELETE FROM history"))


NEWER_PG_RESTORE = """#!/bin/sh
{program} "$@" || exit
for each in "$@"; do
    case $each in
        --file=/*) sed -i '0,/^SET lock_timeout/s//SET transaction_timeout = 0;\\n&/' "${{each#--file=}}" ;;
    esac
done
"""


def test_postgres_is_restored_by_programs_that_are_newer_than_the_server(
    on_postgres: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 17 on `pg_restore` writes a setting that a server up to 16 refuses; here ours does."""
    on_postgres.does("backup", str(tmp_path / "backup.dump"))
    newer = tmp_path / "bin" / "pg_restore"
    newer.parent.mkdir()
    newer.write_text(NEWER_PG_RESTORE.format(program=shutil.which("pg_restore")))
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", f"{newer.parent}:{os.environ['PATH']}")
    on_postgres.does("review", "schedule", "bedfordshire", "2027-03-31")
    forget()
    on_postgres.does("restore", str(tmp_path / "backup.dump"), "--replace")
    assert reviews(on_postgres) == 0


def test_postgres_is_not_replaced_under_another_program(on_postgres: Concordat, tmp_path: Path) -> None:
    on_postgres.does("backup", str(tmp_path / "backup.dump"))
    forget()
    assert "There is a database in its place already" in on_postgres("restore", str(tmp_path / "backup.dump")).refusal
    other = sa.create_engine(settings().store_url)
    with other.connect():
        forget()
        refusal = on_postgres("restore", str(tmp_path / "backup.dump"), "--replace").refusal
    other.dispose()
    assert "Other programs are connected to the database (1 connections)" in refusal
    assert [path.name for path in on_postgres.data.glob("*replaced*")] == []


def test_what_is_no_dump_is_not_restored_on_postgres(on_postgres: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "letter.dump"
    file.write_text("Dear Sir or Madam")
    assert "`pg_restore` says" in on_postgres("restore", str(file)).refusal
    assert on_postgres.does("protocols")[0]["slug"] == "bedfordshire"


def test_without_its_programs_postgres_is_not_backed_up(
    on_postgres: Concordat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    refusal = on_postgres("backup", str(tmp_path / "x.dump")).refusal
    assert "This needs PostgreSQL's `pg_dump`" in refusal
    assert not (tmp_path / "x.dump").exists()
