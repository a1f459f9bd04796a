"""A store that the first release has written, with cases in flight, is opened by this one: on both databases.

`golden/README.md` says what is in it and how it was made.
"""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import Session, SQLModel, select

from actions.gaps.living import close_gap
from actions.verifying import verify
from cli.app import run
from cli.clockwork import run_clock
from models import upgrading
from models.backup import backup
from models.history import History
from models.outbox import BROUGHT_BACK, Delivery, Message
from models.store import engine, reading
from models.upgrading import LooseEnds, State, StoreIsOld, require_current, state_of, upgrade
from notifications.delivery import deliver
from settings import HERE, settings
from tests.conftest import psycopg_url
from tests.models.old_stores import Rows, chosen, columns_of, golden_file, old_store, postgres_golden, rows_of
from tests.notifications.smtp_server import PostOffice, mail, serving
from tests.postgres import create_database, drop_database, postgres_server

RELEASE = "0001"
WRITTEN_AT = datetime(2026, 3, 25, 9, 30, tzinfo=UTC)
MADE_ANEW = {"ck_contact_role", "ck_obligation_obligationkind", "ck_matter_matterkind"}


# ---- the old store, on both databases


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    (tmp_path / "data").mkdir()
    with old_store(request.param, RELEASE, tmp_path / "data" / "concordat.db") as made:
        yield made


@pytest.fixture
def old_sqlite(tmp_path: Path) -> Iterator[sa.Engine]:
    path = tmp_path / "concordat.db"
    path.write_bytes(golden_file(RELEASE))
    made = engine(f"sqlite:///{path}")
    yield made
    made.dispose()


# ---- what is in it, and how it is made


def structure_of(on: sa.Engine) -> set[str]:
    """One line for each column, index, trigger and constraint: what the database itself says of it."""
    return set(_sqlite_structure(on) if on.dialect.name == "sqlite" else _postgres_structure(on))


def _sqlite_structure(on: sa.Engine) -> Iterator[str]:
    columns = columns_of(on)
    with on.connect() as connection:
        for sql in connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type <> 'table' AND sql <> ''"):
            yield " ".join(sql[0].replace('"', "").split())
        for table in columns:
            for _, name, *rest in connection.exec_driver_sql(f'PRAGMA table_info("{table}")').fetchall():
                yield f"column {table}.{name} {rest}"
            yield from _sqlite_constraints(sa.inspect(connection), table)


def _sqlite_constraints(inspector: sa.Inspector, table: str) -> Iterator[str]:
    for check in inspector.get_check_constraints(table):
        yield f"constraint {check['name']} of {table}: {' '.join(check['sqltext'].split())}"
    for unique in inspector.get_unique_constraints(table):
        yield f"constraint {unique['name']} of {table}: {unique['column_names']}"
    for key in inspector.get_foreign_keys(table):
        yield f"constraint {key['name']} of {table}: {key['constrained_columns']} to {key['referred_table']}"


def _postgres_structure(on: sa.Engine) -> Iterator[str]:
    asked = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
        "SELECT format('constraint %s of %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid)) "
        "FROM pg_constraint WHERE convalidated AND conrelid <> 0",
        "SELECT format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) "
        "FROM information_schema.columns WHERE table_schema = 'public'",
    )
    with on.connect() as connection:
        for question in asked:
            yield from connection.exec_driver_sql(question).scalars()


def everything(on: sa.Engine) -> tuple[Rows, set[str], State]:
    return rows_of(on, columns_of(on)), structure_of(on), state_of(on)


def broken(on: sa.Engine, now: datetime = WRITTEN_AT) -> list[str]:
    with reading(on) as session:
        return verify(session, now).broken


# ---- the commands, on it


@pytest.fixture
def command(
    old: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator["Command"]:
    for name in [name for name in os.environ if name.startswith("CONCORDAT_")]:
        monkeypatch.delenv(name)
    for name, value in environment_for(old, tmp_path / "data").items():
        monkeypatch.setenv(name, value)
    told = Command(capsys, WRITTEN_AT)
    monkeypatch.setattr("cli.opening.the_clock", lambda: told.now)
    monkeypatch.setattr("cli.store.the_clock", lambda: told.now)
    forget()
    yield told
    forget()


def forget() -> None:
    """This process' settings, and the engine that goes with them: the next command reads them anew."""
    if os.environ.get("CONCORDAT_DATA"):
        engine().dispose()
    engine.cache_clear()
    settings.cache_clear()


def environment_for(store: sa.Engine, data: Path) -> dict[str, str]:
    address = {} if store.dialect.name == "sqlite" else {"CONCORDAT_DATABASE_URL": address_of(store)}
    return {"CONCORDAT_DATA": str(data)} | address


def address_of(store: sa.Engine) -> str:
    return store.url.render_as_string(hide_password=False)


class Command:
    def __init__(self, capture: pytest.CaptureFixture[str], now: datetime) -> None:
        self.capture, self.now = capture, now

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = run([*arguments, "--json"])
        return (code, *self.capture.readouterr())

    def does(self, *arguments: str) -> Any:
        code, out, err = self(*arguments)
        assert code == 0, err
        return json.loads(out)


# ---- what is proved


def test_the_golden_store_is_in_the_middle_of_everything(old: sa.Engine) -> None:
    """A store in which nothing happens would prove nothing."""
    columns = columns_of(old)
    with old.connect() as connection:
        states = set(connection.exec_driver_sql("SELECT state FROM message").scalars())
        stages = connection.exec_driver_sql("SELECT stage FROM review ORDER BY id").scalars().all()
        outcomes = set(connection.exec_driver_sql("SELECT outcome FROM obligation").scalars())
        kinds = set(connection.exec_driver_sql("SELECT kind FROM signature").scalars())
        empty = [table for table in columns if not connection.execute(chosen(table, ["id"])).first()]
    assert states == {state.value for state in Delivery}
    assert stages[:2] == ["adopted", "collecting"]
    assert outcomes >= {None, "answered", "waived"}
    assert kinds == {"signed", "undated", "declined"}
    assert empty == []


def test_it_is_refused_until_it_is_upgraded(old: sa.Engine, command: Command) -> None:
    assert state_of(old) is State.OLD
    before = everything(old)
    with pytest.raises(StoreIsOld):
        require_current(old)
    for arguments in (("status",), ("sweep",), ("review", "open", "bedfordshire"), ("verify",)):
        code, out, err = command(*arguments)
        assert (code, out) == (1, "")
        assert "written by an older Concordat. Run `concordat up`, or `concordat upgrade`" in err
    assert everything(old) == before


def test_no_row_is_lost_or_changed(old: sa.Engine) -> None:
    columns = columns_of(old)
    before = rows_of(old, columns)
    assert upgrade(old) is State.OLD
    assert state_of(old) is State.CURRENT
    assert rows_of(old, columns) == before
    assert sum(map(len, before.values())) > 1000


def test_nothing_of_the_tables_is_lost(old: sa.Engine) -> None:
    """Columns, defaults, keys, partial indexes, triggers, CHECKs: SQLite has made three of the tables anew."""
    before = structure_of(old)
    upgrade(old)
    lost = {line for line in before - structure_of(old) if not MADE_ANEW & set(line.split())}
    assert lost == set()
    assert len([line for line in before if "TRIGGER" in line]) > 9
    assert any("ix_obligation_clock" in line and "WHERE" in line for line in before)


def test_the_tables_are_those_of_this_release(old: sa.Engine) -> None:
    upgrade(old)
    with old.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=compared()), SQLModel.metadata) == []


def compared() -> dict[str, Any]:
    def is_other(_context: Any, _column: Any, _declared: Any, found: Any, declared: Any) -> bool | None:
        text = type(declared).__name__ == "AutoString" and declared.length is None and isinstance(found, sa.Text)
        return False if text else None

    return {"compare_server_default": True, "compare_type": is_other}


def test_foreign_keys_hold_and_are_on_again(old: sa.Engine) -> None:
    upgrade(old)
    if old.dialect.name == "sqlite":
        with old.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    for pointing in ("contact_id", "escalate_to_id", "party_id", "why_id"):
        with pytest.raises(sa.exc.IntegrityError), old.begin() as connection:
            connection.exec_driver_sql(f"UPDATE obligation SET {pointing} = 999999 WHERE id = 1")
    with pytest.raises(sa.exc.IntegrityError), old.begin() as connection:
        connection.exec_driver_sql("DELETE FROM contact WHERE id IN (SELECT contact_id FROM obligation)")


REFUSED = (
    "UPDATE history SET who = 'nobody'",
    "DELETE FROM history",
    "UPDATE versionclause SET text = 'else'",
    "DELETE FROM feedback",
    "UPDATE feedback SET no_comments = NOT no_comments",
    "DELETE FROM advice",
    "UPDATE decision SET rule = 'none'",
    "DELETE FROM confirmation",
    "UPDATE signature SET position = 'else' WHERE kind = 'signed'",
    "DELETE FROM signature WHERE kind = 'signed'",
    "UPDATE version SET label = '9.9' WHERE sha256 IS NOT NULL",
    "DELETE FROM version WHERE sha256 IS NOT NULL",
    "UPDATE narrative SET sha256 = 'else'",
    "DELETE FROM narrative",
    "UPDATE contact SET role = 'king'",
    "UPDATE obligation SET kind = 'king'",
    "UPDATE obligation SET outcome = 'king', discharged_at = opened_at",
    "UPDATE obligation SET discharged_at = opened_at WHERE outcome IS NULL",
    "UPDATE matter SET kind = 'king'",
    "UPDATE message SET state = 'king'",
    "UPDATE contact SET role = (SELECT min(role) FROM contact)",  # one of each role at a party
    "UPDATE obligation SET key = 'one key for all'",
    "INSERT INTO review (protocol_id, kind, stage, review_on, opens_at, due_on, due_at, round, created_at) SELECT "
    "protocol_id, kind, stage, review_on, opens_at, due_on, due_at, round, created_at FROM review "
    "WHERE stage = 'scheduled' AND kind = 'annual'",
)
ALLOWED = (
    "UPDATE narrative SET text = NULL",
    "UPDATE contact SET role = 'breach coordinator', away_until = '2026-05-01' WHERE role = 'deputy'",
    "UPDATE obligation SET kind = 'assessment', exact = NOT exact, escalate_to_id = contact_id, what = 'assess it'",
    "UPDATE obligation SET kind = 'telling partners'",
    "UPDATE matter SET kind = 'breach'",
    "UPDATE matter SET kind = 'away'",
)


def test_what_was_refused_still_is_and_what_is_new_is_taken(old: sa.Engine) -> None:
    with old.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM review WHERE stage = 'scheduled'").scalar() == 1
    upgrade(old)
    for statement in REFUSED:
        with pytest.raises(sa.exc.IntegrityError), old.begin() as connection:
            connection.exec_driver_sql(statement)  # one that touches no row is not refused, and fails here
    for statement in ALLOWED:
        with old.connect() as connection:
            assert connection.exec_driver_sql(statement).rowcount > 0, statement
            connection.rollback()


def test_a_duty_of_the_old_release_is_due_at_the_end_of_its_day(old: sa.Engine) -> None:
    upgrade(old)
    with old.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT DISTINCT exact, escalate_to_id, escalate_after, what FROM obligation"
        )
        assert [tuple(row) for row in found] == [(False, None, None, None)]


def test_what_must_always_be_true_is_true(old: sa.Engine) -> None:
    upgrade(old)
    assert broken(old) == []


def test_a_gap_that_was_known_before_gaps_had_a_history_begins_one(old: sa.Engine) -> None:
    upgrade(old, to="0002")
    tables = sa.MetaData()
    tables.reflect(old, only=["gap", "gaporigin"])
    at = WRITTEN_AT if old.dialect.name == "postgresql" else WRITTEN_AT.replace(tzinfo=None)
    by = {"protocol_id": 1, "opened_at": at, "opened_by": "coordinator"}
    with old.begin() as connection:
        gap, origin = tables.tables["gap"], tables.tables["gaporigin"]
        for number, clause in ((1, 1), (2, None)):
            words = {"id": number, "clause_id": clause, "words": f"Wer fragt “{number}”?", "urgent": number == 2}
            connection.execute(sa.insert(gap).values(by | words))
        for case in ("breach:7", "breach:9"):
            connection.execute(sa.insert(origin).values(gap_id=1, case=case, added_at=at, added_by="coordinator"))
    upgrade(old)
    with Session(old) as session:
        assert verify(session, WRITTEN_AT).broken == []
        begun = session.exec(select(History).where(History.case == "gap:1")).one()
        assert (begun.at, begun.who, begun.moved_to) == (WRITTEN_AT, "coordinator", "open")
        assert begun.details["origins"] == ["breach:7", "breach:9"]
        close_gap(session, WRITTEN_AT + timedelta(days=1), 1, "secretary", "It is said elsewhere.")
        assert verify(session, WRITTEN_AT).broken == []


@pytest.mark.parametrize("old", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True)
def test_the_review_in_flight_runs_to_its_end_and_nothing_is_sent_twice(old: sa.Engine, command: Command) -> None:
    columns = columns_of(old)
    messages = {row[0]: row for row in rows_of(old, {"message": ["key", "state", "message_id", "id"]})["message"]}
    command.does("upgrade")
    office = PostOffice()
    with serving(office) as port:
        play_on(old, command, port)
    assert command.does("review", "show", "2")["stage"] == "adopted"
    assert broken(old, command.now) == []
    gone = {row[2] for row in messages.values() if row[1] in ("accepted", "withdrawn", "failed")}
    assert gone.isdisjoint(office.ids)
    assert len(office.ids) == len(set(office.ids)) > 60
    with reading(old) as session:
        found = session.exec(select(Message)).all()
        assert {message.key for message in found} >= set(messages)
        assert [message.key for message in said_twice(found)] == []
    after = rows_of(old, {"history": columns["history"]})["history"]
    assert {row[1] for row in after} >= {"review:2", "review:3"}


def said_twice(found: Any) -> list[Message]:
    """The same words to the same address at the same moment, under another key."""
    seen: dict[tuple[Any, ...], Message] = {}
    return [m for m in found if seen.setdefault((m.address, m.kind, m.subject, m.text, m.queued_at), m) is not m]


def play_on(store: sa.Engine, command: Command, port: int) -> None:
    def until(day: datetime) -> None:
        while command.now < day:
            command.now += timedelta(hours=8)
            assert run_clock(store, command.now).refused == {}
            asyncio.run(deliver(store, clock=lambda: command.now, post_office=mail(port)))

    does = command.does
    until(datetime(2026, 3, 30, 9, tzinfo=UTC))
    waiting = [duty for duty in does("obligation", "list", "--review", "2") if duty["kind"] == "feedback"]
    does("review", "feedback", "2", waiting[0]["party"], "--propose", "12-security=Data is locked away.")
    until(datetime(2026, 4, 1, 9, tzinfo=UTC))
    assert does("review", "show", "2")["stage"] == "drafting"
    proposals = [str(proposal["number"]) for proposal in does("review", "show", "2")["proposals"]]
    for number in proposals:
        does("proposal", "classify", number, "major", "--because", "it asks for money")
    does("review", "seek-advice", "2")
    for number in proposals:
        does("proposal", "advise", number, "--text", "It is what the regulator expects.")
    does("review", "begin-deciding", "2")
    for number in proposals:
        does("proposal", "decide", number, "accepted", "--because", "all agree")
    version = does("review", "conclude", "2")["version"]
    until(datetime(2026, 5, 1, 9, tzinfo=UTC))
    for duty in [duty for duty in does("obligation", "list", "--review", "2") if duty["kind"] == "signature"]:
        does("version", "sign", version, duty["party"], "--position", "Chief Executive")
    until(datetime(2026, 5, 4, 9, tzinfo=UTC))


def test_the_protocols_folder_is_loaded_again(old: sa.Engine, command: Command) -> None:
    command.does("upgrade")
    with old.connect() as connection:
        counted = {table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in KEPT}
    command.does("load", str(HERE / "protocols" / "bedfordshire"))
    again = command.does("load", str(HERE / "protocols" / "bedfordshire"))
    assert [part for part, sentences in again.items() if sentences and part != "unchanged"] == ["protocol"]
    with old.connect() as connection:
        assert counted == {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in KEPT
        }
    assert broken(old) == []


KEPT = ("review", "feedback", "proposal", "signature", "version", "party", "message", "obligation")


# ---- upgraded by the command


def test_the_command_keeps_a_backup_of_what_was(old: sa.Engine, command: Command, tmp_path: Path) -> None:
    before = rows_of(old, columns_of(old))
    told = command.does("upgrade")
    assert told["changed"] is True
    assert state_of(old) is State.CURRENT
    old.dispose()
    assert Path(told["backup"]).parent == tmp_path / "data" / "backups"
    forget()
    assert command.does("restore", told["backup"], "--replace")["needs_upgrade"] is True
    assert state_of(old) is State.OLD
    assert but_its_sign(rows_of(old, columns_of(old))) == before


def test_a_backup_of_the_old_release_is_restored_and_asks_for_the_upgrade(
    old: sa.Engine, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "nightly"
    backup(address_of(old), file)
    before = rows_of(old, columns_of(old))
    command.does("upgrade")
    command.does("review", "cancel", "2", "--because", "a mistake")
    old.dispose()
    forget()
    restored = command.does("restore", str(file), "--replace")
    assert (restored["needs_upgrade"], restored["waiting_messages"]) == (True, 0)
    assert "`concordat upgrade`" in restored["done"]
    assert but_its_sign(rows_of(old, columns_of(old))) == before
    assert "`concordat upgrade`" in command("status")[2]
    command.now += timedelta(seconds=1)
    assert command.does("upgrade")["changed"] is True
    assert command.does("review", "show", "2")["stage"] == "collecting"
    assert BROUGHT_BACK not in {row[0] for row in rows_of(old, {"heartbeat": ["name"]})["heartbeat"]}
    assert {row["state"] for row in command.does("outbox", "--state", "queued")} == {"queued"}
    assert any("was brought back" in matter["sentence"] for matter in command.does("matters"))


def but_its_sign(rows: Rows) -> Rows:
    """A store that was brought back knows it, until it is of this release and has seen to it."""
    assert BROUGHT_BACK in {row[1] for row in rows["heartbeat"]}
    return rows | {"heartbeat": [row for row in rows["heartbeat"] if row[1] != BROUGHT_BACK]}


def test_without_its_backup_nothing_is_upgraded(old: sa.Engine, command: Command, tmp_path: Path) -> None:
    before = everything(old)
    (tmp_path / "data" / "backups").write_text("a file where the folder should be")
    assert command("upgrade")[0] == 1
    assert everything(old) == before


# ---- two at once


UPGRADE = [sys.executable, "-c", "from cli.app import main; main()", "upgrade", "--json"]


@pytest.mark.slow
def test_of_two_upgrades_at_once_one_does_it_and_the_other_finds_it_done(old: sa.Engine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    columns = columns_of(old)
    before = rows_of(old, columns)
    with old.connect() as holding:
        hold_up(holding)
        two = [start(UPGRADE, environment_for(old, data)) for _ in range(2)]
        wait_until(lambda: waiting(old, two) == 2)
        holding.rollback()
    told = [json.loads(finished(process)) for process in two]
    assert sorted(one["changed"] for one in told) == [False, True]
    assert len(list((data / "backups").iterdir())) == 1
    assert state_of(old) is State.CURRENT
    assert rows_of(old, columns) == before
    assert broken(old) == []


def hold_up(connection: sa.Connection) -> None:
    """Whatever an upgrade waits for first is ours."""
    upgrading._wait_for_others(connection)
    connection.exec_driver_sql("SELECT 1")


def waiting(store: sa.Engine, processes: list[subprocess.Popen[str]]) -> int:
    """SQLite tells nobody who waits: there, whoever has the file open has nothing else to wait for."""
    if store.dialect.name == "sqlite":
        return sum(_has_open(process.pid, str(store.url.database)) for process in processes)
    with store.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar() or 0)


def _has_open(pid: int, path: str) -> bool:
    folder = Path(f"/proc/{pid}/fd")
    if not folder.is_dir():
        time.sleep(2)
        return True
    return any(str(os.readlink(link)) == path for link in folder.iterdir() if link.is_symlink())


def start(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
    whole = inherited | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"} | environment
    return subprocess.Popen(command, env=whole, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_upgrade_that_cannot_have_the_tables_gives_up_with_a_sentence(
    old: sa.Engine, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(old)
    monkeypatch.setattr(upgrading, "LOCK_WAIT_SECONDS", 1)
    monkeypatch.setattr("models.store.LOCK_WAIT_SECONDS", 1)
    forget()
    with old.connect() as worker:
        worker.exec_driver_sql("UPDATE obligation SET zone = zone")
        code, out, err = command("upgrade")
        worker.rollback()
    assert (code, out) == (1, "")
    assert "Nothing has been changed" in err
    assert everything(old) == before
    assert command.does("upgrade")["changed"] is True


# ---- broken off


class BrokenOffError(RuntimeError):
    pass


def breaking_off(at: int, break_off: Callable[[], None]) -> Callable[..., None]:
    """Before the statement of that number is run; -1 is before the commit."""
    count = 0

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal count
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")):
            count += 1
            if count == at:
                break_off()

    return before


def changes(on: sa.Engine) -> int:
    """How many statements of the upgrade change anything."""
    statements: list[str] = []
    sa.event.listen(on, "before_cursor_execute", lambda *said: statements.append(said[2]))
    upgrade(on)
    verbs = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")
    return len([said for said in statements if said.lstrip().upper().startswith(verbs)])


@pytest.mark.parametrize("part", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in (0.4, 0.7)), 0.85, 1])
def test_an_error_in_the_middle_leaves_the_old_store_whole(old: sa.Engine, part: float, all_changes: int) -> None:
    def fail() -> None:
        raise BrokenOffError

    before = everything(old)
    listener = breaking_off(1 + round(part * (all_changes - 1)), fail)
    sa.event.listen(old, "before_cursor_execute", listener)
    with pytest.raises(BrokenOffError):
        upgrade(old)
    sa.event.remove(old, "before_cursor_execute", listener)
    assert everything(old) == before
    assert_is_whole_and_can_be_upgraded(old)


def assert_is_whole_and_can_be_upgraded(store: sa.Engine) -> None:
    if store.dialect.name == "sqlite":
        with store.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert upgrade(store) is State.OLD
    assert state_of(store) is State.CURRENT
    assert broken(store) == []


@pytest.fixture
def all_changes(old: sa.Engine) -> int:
    return _all_changes(old.dialect.name)


@cache
def _all_changes(dialect: str) -> int:
    """Counted on a store of its own."""
    import tempfile

    if dialect == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "count.db"
            path.write_bytes(golden_file(RELEASE))
            made = engine(f"sqlite:///{path}")
            found = changes(made)
            made.dispose()
            return found
    server, name = postgres_server(), f"concordat_count_{os.getpid()}"
    assert server is not None
    drop_database(server, name)
    made = engine(psycopg_url(create_database(server, name, template=postgres_golden(RELEASE))))
    found = changes(made)
    made.dispose()
    drop_database(server, name)
    return found


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from models.store import engine
from models.upgrading import upgrade
from tests.models.test_upgrade import breaking_off

def die(): os.kill(os.getpid(), signal.SIGKILL)

on = engine(sys.argv[1])
if on.dialect.name == "sqlite":  # so little memory that the half-made tables reach the file's log
    sa.event.listen(on, "connect", lambda connection, _: connection.execute("PRAGMA cache_size=2").close())
if sys.argv[2] == "commit":
    sa.event.listen(on, "commit", lambda _: die())
else:
    sa.event.listen(on, "before_cursor_execute", breaking_off(int(sys.argv[2]), die))
upgrade(on)
"""


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.3, 0.85, "commit"])
def test_a_killed_upgrade_leaves_the_old_store_whole(old: sa.Engine, part: float | str, all_changes: int) -> None:
    before = everything(old)
    old.dispose()
    at = part if isinstance(part, str) else str(round(part * all_changes))
    process = start([sys.executable, "-c", KILLED, address_of(old), at], {})
    err = process.communicate(timeout=60)[1]
    assert process.returncode == -signal.SIGKILL, err
    if old.dialect.name == "postgresql":
        wait_until(lambda: alone(old))  # the server notices after a moment that its client is gone
    assert everything(old) == before
    assert_is_whole_and_can_be_upgraded(old)


def alone(store: sa.Engine) -> bool:
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.connect() as connection:
        return connection.exec_driver_sql(others).scalar() == 0


def test_a_row_that_points_nowhere_undoes_all(old_sqlite: sa.Engine) -> None:
    """PostgreSQL looks at every row itself; SQLite is asked before the commit."""
    with closing(sqlite3.connect(str(old_sqlite.url.database))) as connection, connection:
        connection.execute("UPDATE obligation SET contact_id = 999999 WHERE id = 1")
    before = everything(old_sqlite)
    with pytest.raises(LooseEnds, match="1 rows point nowhere, the first in the table obligation"):
        upgrade(old_sqlite)
    assert everything(old_sqlite) == before
    with old_sqlite.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_asking_how_old_it_is_waits_for_no_writer(old_sqlite: sa.Engine) -> None:
    with old_sqlite.connect() as writer:
        writer.exec_driver_sql("UPDATE obligation SET zone = zone")
        began = time.monotonic()
        assert state_of(old_sqlite) is State.OLD
        assert time.monotonic() - began < 5
        writer.rollback()
