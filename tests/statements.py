"""What a store is asked, so that a test can have its plan explained."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def selects(store: sa.Engine, are_meant: Callable[[str], bool]) -> Iterator[list[tuple[str, Any]]]:
    """Each question that is meant, with what it was asked of."""
    found: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and are_meant(statement):
            found.append((statement, values))

    sa.event.listen(store, "before_cursor_execute", hear)
    try:
        yield found
    finally:
        sa.event.remove(store, "before_cursor_execute", hear)
