"""A batch of reminders, of which whatever cannot be reminded holds up no other. For the flow, and for whoever runs the
clock without Prefect."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from actions.reminding import batch_of, first_due, remind_batch, remind_these
from models.away import is_away
from models.store import reading, transaction
from tasks.one_by_one import by_halves


class Stuck(NamedTuple):
    case: str
    why: Exception


class Reminded(NamedTuple):
    """How many obligations a batch looked at; and those that could not be reminded, by id. Neither: all is quiet."""

    looked_at: int
    stuck: dict[int, Stuck]


def remind(
    now: datetime, passing_over: Collection[int] = (), on: sa.Engine | None = None, limit: int | None = None
) -> Reminded:  # fmt: skip
    """One batch in one transaction; where that fails, in several. Nothing is recorded of what is stuck: whoever goes
    on passes over it, and the next sweep tries it again. Raises what says that the database is away."""
    try:
        with transaction(on) as session:
            return Reminded(remind_batch(session, now, limit, passing_over), {})
    except Exception as failure:
        if is_away(failure):
            raise
    with reading(on) as session:
        cases = first_due(session, now, limit or batch_of(session), passing_over)
    looked_at = [0]

    def take(numbers: Sequence[int]) -> None:
        with transaction(on) as session:
            done = remind_these(session, now, numbers)
        looked_at.append(done)

    stuck = by_halves(list(cases), take) if cases else {}
    return Reminded(sum(looked_at), {number: Stuck(cases[number], why) for number, why in stuck.items()})
