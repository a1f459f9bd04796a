"""A look into the store is kept for as long as nothing is written that it looked at.

One act asks many times where a case stands, once for each thing that may follow. Within a transaction the answer is
kept, with the tables it was read from; a statement that writes one of them, or that takes a lock, makes the session
forget it. Every statement comes by here, whoever gives it.
"""

import re
from collections.abc import Callable, Hashable, Iterable
from functools import wraps
from inspect import unwrap
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, SQLModel

KEY = "concordat_remembered"
AT_MOST = 20_000  # a batch of a hundred breaches; who looks through everything keeps no more than this
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
LOCKS = re.compile(r" FOR (?:NO KEY |KEY )?(?:UPDATE|SHARE)|advisory_xact_lock")
Of = ParamSpec("Of")
Answer = TypeVar("Answer")


class Remembered:
    """What one transaction has seen. `looking`: for each look that is under way, the tables it has read so far."""

    def __init__(self) -> None:
        self.answers: dict[Hashable, tuple[Any, frozenset[str]]] = {}
        self.of_table: dict[str, set[Hashable]] = {}
        self.looking: list[set[str]] = []
        self.held: set[str] = set()

    def keep(self, key: Hashable, answer: Any, tables: Iterable[str]) -> None:
        if len(self.answers) >= AT_MOST:
            self.forget_all()
        self.answers[key] = answer, frozenset(tables)
        for table in tables:
            self.of_table.setdefault(table, set()).add(key)

    def forget(self, table: str) -> None:
        for key in self.of_table.pop(table, ()):
            self.answers.pop(key, None)

    def forget_all(self) -> None:
        self.answers.clear()
        self.of_table.clear()


def remembered(
    *models: type[SQLModel],
) -> Callable[[Callable[Concatenate[Session, Of], Answer]], Callable[Concatenate[Session, Of], Answer]]:
    """For a function that only looks, and whose answer nobody changes. `models`: what it reads, besides what the
    remembered looks in it read. What it is given are rows that have their ids, or values."""
    own = {str(model.__tablename__) for model in models}

    def made(look: Callable[Concatenate[Session, Of], Answer]) -> Callable[Concatenate[Session, Of], Answer]:
        @wraps(look)
        def answered(session: Session, *about: Of.args, **named: Of.kwargs) -> Answer:
            if session.autoflush:
                session.flush()  # what waits to be written makes the session forget
            known: Remembered | None = session.info.get(KEY)
            if known is None:
                return look(session, *about, **named)
            key = (look, *map(_named, about), *((name, _named(each)) for name, each in named.items()))
            if key not in known.answers:
                _look(known, key, own, lambda: look(session, *about, **named))
            answer, tables = known.answers[key]
            if known.looking:
                known.looking[-1].update(tables)
            return answer  # type: ignore[no-any-return]

        return answered  # type: ignore[return-value]

    return made


def recall(session: Session, key: Hashable) -> Any:
    """What this transaction has been told under that key, unless it has forgotten; else None."""
    known: Remembered | None = session.info.get(KEY)
    return known.answers.get(key, (None,))[0] if known is not None else None


def keep(session: Session, key: Hashable, answer: Any, *models: type[SQLModel]) -> None:
    """Whoever has just written it need not ask. It is forgotten when one of these is written again."""
    known: Remembered | None = session.info.get(KEY)
    if known is not None:
        known.keep(key, answer, [str(model.__tablename__) for model in models])


def keep_look(session: Session, look: Callable[..., Any], of: Any, answer: Any, *models: type[SQLModel]) -> None:
    """What that remembered look would answer of this one, where it was asked of many at once."""
    keep(session, (unwrap(look), _named(of)), answer, *models)


def _look(known: Remembered, key: Hashable, own: set[str], look: Callable[[], Any]) -> None:
    known.looking.append(set(own))
    try:
        answer = look()
    finally:
        tables = known.looking.pop()
        if known.looking:
            known.looking[-1].update(tables)
    known.keep(key, answer, tables)


def not_yet_held(session: Session, names: Iterable[str]) -> list[str]:
    """Those of them that this transaction has not asked for so far. It asks for each once: no part of a transaction is
    ever taken back here, which would let go of what it holds."""
    session.connection()  # a lock may be what a transaction begins with
    known: Remembered | None = session.info.get(KEY)
    if known is None:
        return list(names)
    wanted = [name for name in dict.fromkeys(names) if name not in known.held]
    known.held.update(wanted)
    return wanted


def _named(given: Any) -> Hashable:
    if not isinstance(given, SQLModel):
        return given  # type: ignore[no-any-return]
    assert given.id is not None  # type: ignore[attr-defined]
    return type(given), given.id  # type: ignore[attr-defined]


def remember(engine: sa.Engine) -> None:
    """The sessions of this engine remember."""
    sa.event.listen(engine, "before_cursor_execute", _hear)


def _hear(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
    known: Remembered | None = connection.info.get(KEY)
    if known is None or not known.answers:
        return
    if statement.startswith("SELECT"):
        if LOCKS.search(statement):
            known.forget_all()
    elif written := WRITES.match(statement):
        known.forget(written[1])
    else:
        known.forget_all()


@sa.event.listens_for(Session, "after_begin")
def _begin(session: Session, _transaction: Any, connection: sa.Connection) -> None:
    if sa.event.contains(connection.engine, "before_cursor_execute", _hear):
        session.info[KEY] = connection.info[KEY] = Remembered()


@sa.event.listens_for(Session, "after_transaction_end")
def _end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None and (known := session.info.pop(KEY, None)) is not None:  # not the end of a flush
        known.forget_all()
