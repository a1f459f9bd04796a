"""Backup, restore and upgrade, by their commands."""

import fcntl
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.store import engine
from tests.cli.conftest import BEDFORDSHIRE, Concordat, forget


def reviews(concordat: Concordat) -> int:
    return len(concordat.does("review", "list"))


def test_a_backup_brings_back_what_was(concordat: Concordat, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    told = concordat.does("backup", str(file))
    assert told["bytes"] == file.stat().st_size > 100_000
    concordat.does("review", "schedule", "bedfordshire", "2027-03-31")
    forget()
    restored = concordat.does("restore", str(file))
    assert restored["needs_upgrade"] is False
    assert reviews(concordat) == 0
    kept = Path(restored["replaced"])
    assert kept.parent == concordat.data
    concordat.clock.goes_on(seconds=1)
    forget()
    concordat.does("restore", str(kept))
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
    assert "Another program has the database open" in concordat("restore", str(tmp_path / "backup.db")).refusal
    other.close()
    assert concordat("restore", str(tmp_path / "backup.db")).code == 0


def test_a_damaged_database_can_be_replaced(concordat: Concordat, tmp_path: Path) -> None:
    concordat.does("backup", str(tmp_path / "backup.db"))
    forget()
    (concordat.data / "concordat.db").write_bytes(b"ruined " * 1000)
    restored = concordat.does("restore", str(tmp_path / "backup.db"))
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
    said = collecting("restore", str(tmp_path / "backup.db"))
    assert "17 messages were waiting when the backup was made" in " ".join(said.out.split())


def test_a_full_disk_leaves_no_half_backup(concordat: Concordat, tmp_path: Path) -> None:
    if not Path("/dev/full").exists() or os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        assert "The disk is full" in concordat("backup", str(small / "backup.db")).refusal
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_upgrade_of_a_current_database_does_nothing(concordat: Concordat) -> None:
    assert concordat.does("upgrade") == {
        "done": "The database is of this release: nothing to do.", "changed": False, "backup": None,
    }  # fmt: skip


def test_upgrade_makes_an_empty_store(fresh: Concordat) -> None:
    assert fresh.does("upgrade")["changed"] is True
    assert fresh.does("protocols") == []


def test_upgrade_of_an_older_database_keeps_a_backup(concordat: Concordat, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one revision so far: what the release knows as newest is played to have moved on."""
    from models import upgrading

    states = iter([upgrading.State.OLD, upgrading.State.OLD])
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
    restored = on_postgres.does("restore", str(file))
    assert on_postgres.does("review", "show", "1")["stage"] == "scheduled"
    assert on_postgres("verify").code == 0
    forget()
    on_postgres.does("restore", restored["replaced"])
    assert on_postgres.does("review", "show", "1")["stage"] == "collecting"
    with pytest.raises(sa.exc.IntegrityError), engine().begin() as connection:
        connection.execute(sa.text("DELETE FROM history"))


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
