import sqlite3
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from models import history
from models import store as models_store
from models.columns import NaiveInstant
from models.history import History
from models.inserting import insert_unless_there
from models.outbox import Heartbeat
from models.store import giving_way, reading, transaction

NOW = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


def rows(session):
    return session.exec(select(func.count()).select_from(History)).one()


def test_a_look_at_the_store_sees_one_moment(store):
    """Otherwise `verify` beside a sweep finds a review whose stage and history do not agree."""
    with reading(store) as session:
        before = rows(session)
        with transaction(store) as other:
            history.write(other, "review:1", NOW, "clock", "opened")
        assert rows(session) == before
    with reading(store) as session:
        assert rows(session) == before + 1


def test_a_unit_of_work_that_fails_leaves_nothing(store):
    def fail_after_writing():
        with transaction(store) as session:
            history.write(session, "review:1", NOW, "clock", "opened")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with reading(store) as session:
        assert rows(session) == 0


def test_done_is_a_row_and_a_second_one_is_not_there(store):
    with transaction(store) as session:
        assert insert_unless_there(session, Heartbeat(name="sweep", began_at=NOW))
        assert not insert_unless_there(session, Heartbeat(name="sweep", began_at=NOW))
    with reading(store) as session:
        assert len(session.exec(select(Heartbeat)).all()) == 1


def test_an_instant_comes_back_in_utc_and_one_without_a_zone_is_refused(store):
    with transaction(store) as session:
        session.add(Heartbeat(name="sweep", began_at=NOW))
    with reading(store) as session:
        found = session.exec(select(Heartbeat.began_at)).one()
        assert (found, found.tzinfo) == (NOW, UTC)
    with pytest.raises(sa.exc.StatementError) as refused, transaction(store) as session:
        session.add(Heartbeat(name="delivery", began_at=NOW.replace(tzinfo=None)))
    assert isinstance(refused.value.orig, NaiveInstant)


def test_foreign_keys_are_held_on_both_databases(store):
    with pytest.raises(sa.exc.IntegrityError), transaction(store) as session:
        session.execute(sa.text("INSERT INTO clause (protocol_id, key, section, position) VALUES (7, 'x', 1, 1)"))


def test_an_unknown_stage_is_refused_by_the_database_itself(store):
    with pytest.raises(sa.exc.IntegrityError, match=r"ck_|CHECK"), transaction(store) as session:
        session.execute(
            sa.text(
                "INSERT INTO matter (key, protocol_id, kind, sentence, todo, opened_at) "
                "VALUES ('k', 1, 'nonsense', 's', 't', '2027-01-01')"
            )
        )


def test_writers_of_one_process_stand_in_line_and_all_are_kept(store):
    def write(number: int) -> None:
        with transaction(store) as session:
            history.write(session, f"review:{number}", NOW, "clock", "opened")

    with ThreadPoolExecutor(30) as people:
        list(people.map(write, range(1, 91)))
    with reading(store) as session:
        assert rows(session) == 90


def test_a_writer_waits_for_another_process_and_not_for_ever(sqlite_store, monkeypatch):
    monkeypatch.setattr(models_store, "LOCK_WAIT_SECONDS", 0.2)
    with sqlite3.connect(sqlite_store.url.database, isolation_level=None, check_same_thread=False) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError, match="locked"), transaction(sqlite_store) as session:
            history.write(session, "review:1", NOW, "clock", "opened")
        monkeypatch.setattr(models_store, "LOCK_WAIT_SECONDS", 30)
        with monkeypatch.context() as meanwhile:  # it lets go while we ask again
            meanwhile.setattr(models_store.time, "sleep", lambda _: other.in_transaction and other.execute("COMMIT"))
            with transaction(sqlite_store) as session:
                history.write(session, "review:1", NOW, "clock", "opened")
    other.close()
    with reading(sqlite_store) as session:
        assert rows(session) == 1


def test_the_clocks_work_leaves_the_one_writer_to_people_for_as_long_again(sqlite_store, monkeypatch):
    slept, at = [], iter(range(100))
    monkeypatch.setattr(models_store.time, "monotonic", lambda: next(at))
    monkeypatch.setattr(models_store.time, "sleep", slept.append)
    with transaction(sqlite_store):
        pass
    assert slept == []
    with giving_way(), transaction(sqlite_store):
        pass
    assert slept == [1]
    monkeypatch.setattr(models_store.time, "monotonic", lambda: 0)  # it took no time at all
    with giving_way(), transaction(sqlite_store):
        pass
    assert slept == [1, models_store.LEAST_GIVEN_SECONDS]


def test_what_the_database_refuses_is_told_without_its_values(store):
    """It may end in a log, or in Prefect's database: neither may hold what people wrote."""
    row = {"address": "zebedee.marker@police.example", "role": "king"}
    with pytest.raises(sa.exc.IntegrityError) as refused, store.begin() as connection:
        connection.execute(sa.text("INSERT INTO contact (protocol_id, role, address) VALUES (1, :role, :address)"), row)
    said = "".join(traceback.format_exception(refused.value))
    assert "INSERT INTO contact" in said
    assert "zebedee" not in said


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_html_is_packed_the_quick_way_where_the_server_has_one(store):
    with reading(store) as session:
        [there] = session.execute(
            sa.text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
        ).scalars()
        used = session.execute(sa.text("SHOW default_toast_compression")).scalar_one()
    assert used == ("lz4" if "lz4" in there else "pglz")
