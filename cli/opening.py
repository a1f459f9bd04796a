"""How a command meets the store: tables of this release, one transaction, and the clock's reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session

    from models.protocol import Protocol


def the_clock() -> datetime:
    """The one place where a command reads the time."""
    return datetime.now(UTC)


@contextmanager
def acting() -> Iterator[tuple["Session", datetime]]:
    """One transaction: kept when the block ends, undone when it raises. Raises StoreIsOld, StoreIsNewer."""
    from models.store import engine, transaction
    from models.upgrading import require_current

    require_current(engine())
    with transaction() as session:
        yield session, the_clock()


@contextmanager
def looking() -> Iterator[tuple["Session", datetime]]:
    """A look at the store that writes nothing. Raises StoreIsOld, StoreIsNewer."""
    from models.store import engine, reading
    from models.upgrading import require_current

    require_current(engine())
    with reading() as session:
        yield session, the_clock()
        session.expunge_all()  # what was read can still be told when the connection is back


def the_protocol(session: "Session", slug: str | None) -> "Protocol":
    """The one that is named, or the only one there is. Raises NotThere."""
    from actions.cast import NotThere, protocol_named
    from actions.overview import loaded_protocols

    if slug is not None:
        return protocol_named(session, slug)
    match loaded_protocols(session):
        case []:
            raise NotThere("No protocol is loaded yet: see `concordat load`.")
        case [only]:
            return only
        case several:
            names = ", ".join(protocol.slug for protocol in several)
            raise NotThere(f"Say which protocol it is (`--protocol`): {names}.")
