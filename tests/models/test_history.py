from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from models import history
from models.store import reading, transaction

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)


@pytest.fixture
def case(store: sa.Engine) -> str:
    with transaction(store) as session:
        history.write(session, "review:1", NOW, "clock", "opened", moved=("scheduled", "collecting"))
        history.write(session, "review:1", NOW, "secretary", "extended", why="The lead member is away", days=5)
        history.write(session, "review:2", NOW, "clock", "opened")
    return "review:1"


def test_an_untouched_history_has_no_broken_links(store, case):
    with reading(store) as session:
        assert list(history.broken_links(session)) == []


@pytest.mark.parametrize("change", ["UPDATE history SET who = 'somebody else'", "DELETE FROM history"])
def test_the_database_refuses_to_change_history(store, case, change):
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), transaction(store) as session:
        session.execute(sa.text(change))


def test_an_altered_row_is_found(store, case):
    with store.begin() as connection:
        if store.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER history_append_only_update")
        else:
            connection.exec_driver_sql("ALTER TABLE history DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE history SET who = 'somebody else' WHERE seq = 2")
    with reading(store) as session:
        assert list(history.broken_links(session)) == ["history of review:1: row 2 has been altered"]


def test_purging_free_text_does_not_break_the_chain(store, case):
    with transaction(store) as session:
        session.execute(sa.text("UPDATE narrative SET text = NULL"))
    with reading(store) as session:
        assert list(history.broken_links(session)) == []


def test_altering_free_text_is_found(store, case):
    with transaction(store) as session:
        session.execute(sa.text("UPDATE narrative SET text = 'They never answered'"))
    with reading(store) as session:
        assert list(history.broken_links(session)) == ["narrative 1 has been altered"]


def test_a_reason_exchanged_for_another_is_found(store, case):
    """Its text and its own hash agree; it is still not what history speaks of."""
    other = history.sha256_of("They never answered")
    with store.begin() as connection:
        if store.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER narrative_settled_update")
        else:
            connection.exec_driver_sql("ALTER TABLE narrative DISABLE TRIGGER USER")
        connection.exec_driver_sql(f"UPDATE narrative SET text = 'They never answered', sha256 = '{other}'")
    with reading(store) as session:
        assert list(history.broken_links(session)) == [
            "history of review:1: the reason of row 2 is not the one that was given"
        ]


def test_the_fingerprint_shows_that_the_end_of_a_chain_was_cut_off(store, case):
    with reading(store) as session:
        before = history.fingerprint(session)
    with store.begin() as connection:
        if store.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER history_append_only_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE history DISABLE TRIGGER USER")
        connection.exec_driver_sql("DELETE FROM history WHERE seq = 2")
    with reading(store) as session:
        assert list(history.broken_links(session)) == []
        assert history.fingerprint(session) != before
