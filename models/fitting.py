"""Nothing is stored that one of the databases would refuse: PostgreSQL keeps to a column's length, SQLite does not.

So a text too long for its column is a sentence for whoever wrote it, on both, before anything is written.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, UOWTransaction
from sqlmodel import SQLModel

from rules.errors import Refused
from rules.texts import NotText, is_text

Row = TypeVar("Row", bound=SQLModel)

# What people call the columns they fill in; any other column is called by its name.
IN_WORDS = {
    "text": "text", "words": "reason", "why": "reason", "magnitude_why": "reason", "withdrawn_why": "reason",
    "who": "name of whoever acts", "given_by": "name of whoever acts", "raised_by": "name of whoever acts",
    "recorded_by": "name of whoever acts", "discharged_by": "name of whoever acts",
}  # fmt: skip


class DoesNotFit(Refused):
    def __init__(self, column: str, length: int, longest: int) -> None:
        self.column = column
        words = IN_WORDS.get(column, column.replace("_", " "))
        super().__init__(f"The {words} is too long: it has {length:,} characters, and at most {longest:,} are kept.")


def check(row: Any) -> None:
    """Raises DoesNotFit, NotText."""
    for name, longest in _texts(row.__table__):
        _check(name, longest, getattr(row, name))


def check_values(table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """The same, of rows that are written as they are. Raises DoesNotFit, NotText."""
    for row in rows:
        for name, longest in _texts(table):
            _check(name, longest, row.get(name))


def made(model: type[Row], values: Mapping[str, Any]) -> Row:
    """A row, validated. What does not fit is told as everywhere, not as pydantic tells it.

    Raises DoesNotFit, NotText; ValidationError for what only a programmer can have done.
    """
    for name, longest in _texts(model.__table__):  # type: ignore[attr-defined]
        _check(name, longest, values.get(name))
    return model.model_validate(values)


def _check(name: str, longest: int | None, value: object) -> None:
    if not isinstance(value, str):
        return
    if longest is not None and len(value) > longest:
        raise DoesNotFit(name, len(value), longest)
    if not is_text(value):
        raise NotText


@cache
def _texts(table: sa.Table) -> tuple[tuple[str, int | None], ...]:
    """The columns of free text and how much each holds; an enum's values are the program's own."""
    kinds = ((column.key, free_text(column.type)) for column in table.columns)
    return tuple((name, kind.length) for name, kind in kinds if kind is not None)


def free_text(kind: sa.types.TypeEngine[Any]) -> sa.String | None:
    """The text that a column's type holds; None where it is none, or an enum's."""
    held = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    return held if isinstance(held, sa.String) and not isinstance(held, sa.Enum) else None


@sa.event.listens_for(Session, "before_flush")
def _check_all(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    for row in (*session.new, *session.dirty):
        check(row)
