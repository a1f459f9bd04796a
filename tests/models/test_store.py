from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from models import history
from models.columns import NaiveInstant
from models.history import History
from models.outbox import Heartbeat
from models.store import insert_unless_there, reading, transaction

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
