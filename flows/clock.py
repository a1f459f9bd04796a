"""Where the flows read the clock."""

from datetime import UTC, datetime

from rules.errors import Refused
from rules.instants import require_aware


class NotYet(Refused):
    """A run for an instant to come would send tomorrow's letters today."""

    def __init__(self, now: datetime) -> None:
        super().__init__(f"{now.isoformat()} lies ahead: a flow may be run for now or for an instant gone by.")


def present() -> datetime:
    return datetime.now(UTC)


def this_instant(given: datetime | None) -> datetime:
    """The instant a run works for. A late run works for the present: what was missed is caught up, not replayed."""
    if given is None:
        return present()
    if require_aware(given) > present():
        raise NotYet(given)
    return require_aware(given)
