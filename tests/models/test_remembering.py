"""What a transaction has looked up is asked once, and asked again as soon as it may be otherwise."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, col, func, select

from actions.loading import load_protocol
from actions.verifying import verify
from cli.clockwork import run_clock
from models import history, remembering
from models.history import History, Narrative
from models.inserting import insert_all, insert_unless_there
from models.locking import lock
from models.outbox import Heartbeat
from models.protocol_file import read_protocol
from models.remembering import Remembered, remembered
from models.store import reading, transaction
from settings import HERE
from tests.breach_story import FRIDAY, STORY
from tests.conftest import on_postgres_among_the_slow

NOW = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)


@remembered(Narrative)
def texts(session: Session) -> list[str | None]:
    return list(session.exec(select(Narrative.text).order_by(col(Narrative.id))))


@remembered(Heartbeat)
def beats(session: Session) -> list[str]:
    return list(session.exec(select(Heartbeat.name)))


@remembered(History)
def texts_and_rows(session: Session) -> tuple[list[str | None], int]:
    return texts(session), session.exec(select(func.count()).select_from(History)).one()


# Texts are never changed but emptied, in a transaction of its own (`facts_of`).
READ, READ_BESIDES = re.compile(r'(?:FROM|JOIN) "?([a-z]+)"?'), {"narrative"}


def narrative(text: str) -> Narrative:
    return Narrative(text=text, sha256=history.sha256_of(text))


@pytest.fixture
def statements(store: sa.Engine) -> list[str]:
    given: list[str] = []
    sa.event.listen(store, "before_cursor_execute", lambda *heard: given.append(heard[2]))
    return given


def test_the_same_is_asked_once(store, statements):
    with transaction(store) as session:
        history.narrate(session, "first")
        before = len(statements)
        assert texts(session) == texts(session) == ["first"]
        assert len(statements) == before + 1


def added(session: Session) -> None:
    session.add(narrative("second"))


def inserted(session: Session) -> None:
    insert_all(session, Narrative, [{"text": "second", "sha256": history.sha256_of("second")}])


def inserted_unless_there(session: Session) -> None:
    insert_unless_there(session, narrative("second"))


def said_in_words(session: Session) -> None:
    session.connection().exec_driver_sql("INSERT INTO narrative (text, sha256) VALUES ('second', 'x')")


def said_with(session: Session) -> None:
    given = "WITH given AS (SELECT 'second' AS text) INSERT INTO narrative (text, sha256) SELECT text, 'x' FROM given"
    session.connection().exec_driver_sql(given)


@pytest.mark.parametrize("write", [added, inserted, inserted_unless_there, said_in_words, said_with])
def test_it_is_asked_again_after_a_row_was_written_by_whatever_way(store, write):
    with transaction(store) as session:
        history.narrate(session, "first")
        assert texts(session) == ["first"]
        assert texts_and_rows(session) == (["first"], 0)
        write(session)
        assert texts(session) == ["first", "second"]
        assert texts_and_rows(session) == (["first", "second"], 0)


def test_it_is_asked_again_after_a_row_was_changed_or_removed(store):
    with transaction(store) as session:
        session.add(row := Heartbeat(name="first", began_at=NOW))
        assert beats(session) == ["first"]
        row.name = "otherwise"
        assert beats(session) == ["otherwise"]
        session.delete(row)
        assert beats(session) == []


def test_another_table_makes_nobody_forget(store, statements):
    with transaction(store) as session:
        history.hold(session, "review:1")
        history.narrate(session, "first")
        assert texts_and_rows(session) == (["first"], 0)
        history.write(session, "review:1", NOW, "clock", "opened")
        before = len(statements)
        assert texts(session) == ["first"]
        assert len(statements) == before
        assert texts_and_rows(session) == (["first"], 1)


def test_nothing_is_known_from_an_earlier_transaction(store):
    with Session(store) as session:
        with session.begin():
            assert texts(session) == []
        with transaction(store) as other:
            history.narrate(other, "first")
        with session.begin():
            assert texts(session) == ["first"]
        session.begin()
        history.narrate(session, "second")
        assert texts(session) == ["first", "second"]
        session.rollback()
        with session.begin():
            assert texts(session) == ["first"]


def test_who_has_waited_for_a_lock_looks_again(store):
    """On PostgreSQL others commit while a transaction goes on; on SQLite nobody else can write."""
    if store.dialect.name == "sqlite":
        return
    with transaction(store) as session:
        assert texts(session) == []
        with transaction(store) as other:
            history.narrate(other, "first")
        lock(session, "what others wait for")
        assert texts(session) == ["first"]
        with transaction(store) as other:
            history.narrate(other, "second")
        session.exec(select(Narrative).with_for_update()).all()
        assert texts(session) == ["first", "second"]


def test_who_has_waited_for_a_row_of_one_table_looks_again_at_all_others(store):
    if store.dialect.name == "sqlite":
        return
    with transaction(store) as session:
        session.add(Heartbeat(name="first", began_at=NOW))
    with transaction(store) as session:
        assert texts(session) == []
        with transaction(store) as other:
            history.narrate(other, "first")
        session.exec(select(Heartbeat).with_for_update()).all()
        assert texts(session) == ["first"]


def test_a_chain_goes_on_from_what_another_has_written_before_the_case_was_held(store):
    with transaction(store) as session:
        session.connection()
        if store.dialect.name != "sqlite":
            with transaction(store) as other:
                history.write(other, "review:1", NOW, "clock", "scheduled")
        history.write(session, "review:1", NOW, "clock", "opened")
        history.write(session, "review:1", NOW, "clock", "sent")
        history.write_many(session, NOW, [history.Move("review:1", "clock", "closed", {})] * 2)
        history.write(session, "review:1", NOW, "clock", "reopened")
    with reading(store) as session:
        assert list(history.broken_links(session)) == []
        assert session.exec(select(func.max(History.seq))).one() == (5 if store.dialect.name == "sqlite" else 6)


def test_a_look_that_fails_is_not_kept(store):
    calls = []

    @remembered(Narrative)
    def fails(session: Session) -> None:
        calls.append(session)
        raise LookupError

    with transaction(store) as session:
        for _ in range(2):
            with pytest.raises(LookupError):
                fails(session)
        texts_and_rows(session)
        history.narrate(session, "first")
        assert texts_and_rows(session) == (["first"], 0)
    assert len(calls) == 2


def test_an_engine_that_nobody_listens_to_has_no_memory(store):
    other = sa.create_engine(store.url)
    with Session(other) as session, session.begin():
        assert texts(session) == []
        session.connection().exec_driver_sql("INSERT INTO narrative (text, sha256) VALUES ('first', 'x')")
        assert texts(session) == ["first"]
    other.dispose()


def test_no_more_is_kept_than_a_batch_needs(store, monkeypatch):
    monkeypatch.setattr(remembering, "AT_MOST", 3)

    @remembered(Narrative)
    def look(session: Session, number: int) -> int:
        return number

    with transaction(store) as session:
        session.connection()
        assert [look(session, number) for number in range(20)] == list(range(20))
        known: Remembered = session.info[remembering.KEY]
        assert len(known.answers) <= 3
        assert sum(map(len, known.of_table.values())) <= 3


def test_a_look_that_caught_another_ones_failure_is_forgotten_with_it(store):
    @remembered(Narrative)
    def first(session: Session) -> Narrative:
        return session.exec(select(Narrative)).one()

    @remembered()
    def first_or_none(session: Session) -> Narrative | None:
        try:
            return first(session)
        except NoResultFound:
            return None

    with transaction(store) as session:
        assert first_or_none(session) is None
        history.narrate(session, "first")
        assert first_or_none(session) is not None


class Asked(dict[Any, Any]):
    """Answers that are kept, and never believed."""

    def __contains__(self, key: object) -> bool:
        return False


class Doubting(Remembered):
    """Also asks of each statement of a look whether what it reads was declared."""

    compared = 0

    def __init__(self) -> None:
        super().__init__()
        self.answers = Asked()

    def heard(self, statement: str) -> None:
        if self.looking and statement.startswith("SELECT"):
            read = set(READ.findall(statement)) - READ_BESIDES
            assert read <= self.looking[-1], f"{read - self.looking[-1]} is read undeclared: {statement}"

    def keep(self, key: Any, answer: Any, tables: Any) -> None:
        known = self.answers.get(key)
        if known is not None:
            Doubting.compared += 1
            assert known[0] == answer, f"{key} is remembered, and is otherwise by now"
        super().keep(key, answer, tables)


def hear(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
    known = connection.info.get(remembering.KEY)
    if isinstance(known, Doubting):
        known.heard(statement)


@on_postgres_among_the_slow
def test_in_the_story_of_a_breach_nothing_remembered_is_otherwise_by_then(store, monkeypatch):
    """Every look is taken anew, and compared with the one that would have been believed."""
    monkeypatch.setattr(remembering, "Remembered", Doubting)
    sa.event.listen(store, "before_cursor_execute", hear)
    with transaction(store) as session:
        load_protocol(session, FRIDAY, read_protocol(HERE / "protocols" / "bedfordshire"), "secretary")
    for _, now, tell in STORY:
        with transaction(store) as session:
            tell(session, now)
        assert run_clock(store, now).refused == {}
    with reading(store) as session:
        assert not verify(session, STORY[-1][1]).broken
    assert Doubting.compared > 1000
