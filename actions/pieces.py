"""Long lists, a piece at a time: by where the last piece ended, so that the thousandth is as quick as the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, func

PIECE = 50
COUNTED = 10_000  # more are not counted: that alone would take longer than the page

Line = TypeVar("Line")


@dataclass(frozen=True, kw_only=True)
class Piece(Generic[Line]):
    """`number`: how many there are in all; `more_than`: that many were counted, and there are more. `after` and
    `before` are what to ask for to see the next piece and the one before; None where there is none."""

    lines: tuple[Line, ...]
    number: int
    more_than: bool
    after: int | None
    before: int | None


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a list stands in the order of; its last column is the row's id. One index has to hold it."""

    columns: Sequence[Any]
    newest_first: bool = False


@dataclass(frozen=True, kw_only=True)
class From:
    """Where a piece begins: behind the row of that id, or ending before it; the first where neither is said."""

    after: int | None = None
    before: int | None = None


def piece_of(
    session: Session, statement: Any, order: Order, start: From, make: Callable[[Sequence[Any]], Sequence[Line]],
    size: int = PIECE,
) -> Piece[Line]:  # fmt: skip
    """`statement` selects ids; `make` makes the lines of some of them, in their order."""
    number = session.scalar(sa.select(func.count()).select_from(statement.limit(COUNTED + 1).subquery())) or 0
    back = start.before is not None
    down = order.newest_first is not back
    beyond = statement
    edge = _edge(session, order, start.before if back else start.after)
    if edge is not None:
        here = sa.tuple_(*order.columns)
        beyond = statement.where(here < edge if down else here > edge)
    ordered = beyond.order_by(*(each.desc() if down else each.asc() for each in order.columns))
    found = [row[0] for row in session.execute(ordered.limit(size + 1))]
    more, ids = len(found) > size, found[:size]
    if back:
        ids.reverse()
    has_next, has_before = (True, more) if back else (more, edge is not None)
    return Piece(
        lines=tuple(make(ids)), number=min(number, COUNTED), more_than=number > COUNTED,
        after=ids[-1] if ids and has_next else None, before=ids[0] if ids and has_before else None,
    )  # fmt: skip


def _edge(session: Session, order: Order, number: int | None) -> Any:
    """The place of that row in the order; None where there is no such row, as in an address somebody has typed."""
    if number is None:
        return None
    found = session.execute(sa.select(*order.columns).where(order.columns[-1] == number)).first()
    if found is None:
        return None
    return sa.tuple_(*(sa.literal(value, each.type) for value, each in zip(found, order.columns, strict=True)))
