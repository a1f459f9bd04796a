"""An alarm that a person sees when the clock has stopped, told by the one process that does not depend on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

GRACE = timedelta(minutes=5)  # after an outage the sweep is late by its nature until it has run once


@dataclass
class SweepWatch:
    since: datetime
    store: "sa.Engine | None" = None  # None: this process's own
    alarmed: bool = False

    def look(self, now: datetime) -> str | None:
        """A line for the screen when the sweep has fallen silent, or runs again; the alarm itself goes to the store."""
        from actions.watching import raise_sweep_alarm, sweep_is_late
        from models.store import reading, transaction

        if now - self.since < GRACE:
            return None
        with reading(self.store) as session:
            late = sweep_is_late(session, now)
        if late == self.alarmed:
            return None
        if late:
            with transaction(self.store) as session:
                raise_sweep_alarm(session, now)
        self.alarmed = late
        if not late:
            return "The sweep runs again."
        return "ALARM: the sweep has not ended for a quarter of an hour. Nothing is opened or reminded until it does."
