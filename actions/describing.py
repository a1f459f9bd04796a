"""A duty as messages, pages and lists speak of it. Where law, protocol and procedure give no figure, the time that it
is kept with is when Concordat asks again: nobody's deadline, and nobody is late by it (decision 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, and_, col, or_

from actions.breaches.figures import BREACH, OWED, Owed, without
from actions.breaches.own_limits import TELLS
from actions.duties import extended_in, kind_as_said, said_of
from models.history import History
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from notifications.messages import Duty
from rules.limits import time_left

MAY_HAVE_NONE = (ObligationKind.ASSESSMENT, ObligationKind.NOTICE, *TELLS)  # where due at an instant; and steps


def described(session: Session, duty: Obligation, now: datetime) -> Duty:
    """Overdue is computed here, never stored."""
    party = session.get(Party, duty.party_id) if duty.party_id else None
    return described_at(
        duty, party.name if party else None, now, figure=duty.key not in without_figure(session, [duty])
    )


def described_at(duty: Obligation, party: str | None, now: datetime, *, figure: bool) -> Duty:
    """The same, where the party's name is known, and whether there is a figure."""
    exact = figure and duty.exact
    return Duty(
        kind=kind_as_said(duty),
        party=party or "the steering group",
        due_on=duty.due_on,
        overdue=figure and duty.is_overdue(now),
        what=said_of(duty),
        due_at=duty.counted_to if exact else None,
        left=time_left(duty.due_at, now) if exact else None,
        asked_at=None if figure else duty.opened_at,
    )


def without_figure(session: Session, duties: Iterable[Obligation]) -> frozenset[str]:
    """The keys of those that have none. What somebody has extended is due on the day that they gave."""
    every = [Owed(*(getattr(duty, name) for name in Owed._fields)) for duty in duties]
    return frozenset(duty.key for duty in _without(session, every))


def _without(session: Session, duties: Sequence[Owed]) -> list[Owed]:
    by_nothing = [duty for duty in duties if _is_by_nothing(duty)]
    by_procedure = [duty for duty in duties if duty.case.startswith(BREACH) and _is_procedures(duty)]
    none = without(session, by_procedure) if by_procedure else []
    cases = one_of(session, History.case, sorted({duty.case for duty in none}))
    extended = extended_in(session, cases) if none else frozenset()
    return by_nothing + [duty for duty in none if duty.key not in extended]


def asked_since(session: Session, duties: Sequence[Obligation]) -> Mapping[str, datetime]:
    """Of those that have none, by their keys: since when they have been asked for."""
    none = without_figure(session, duties)
    return {duty.key: duty.opened_at for duty in duties if duty.key in none}


def owed_without_figure(session: Session, *where: sa.ColumnElement[bool]) -> list[int]:
    """The numbers of what is owed and has none, of those for which that holds; as many statements for a thousand as for
    one. Only rows that may have none are read: whatever else is owed stays in the database."""
    at_an_instant = and_(col(Obligation.exact), col(Obligation.kind).in_(MAY_HAVE_NONE))
    may_have_none = or_(at_an_instant, col(Obligation.kind) == ObligationKind.STEP)
    # in no order: by the limit they stand in an index, which their numbers would lead past
    found = session.exec(sa.select(*OWED).where(*where, col(Obligation.outcome).is_(None), may_have_none))  # type: ignore[call-overload]
    return [duty.id for duty in _without(session, [Owed(*row) for row in found])]


def _is_by_nothing(duty: Owed) -> bool:
    """No law, protocol or procedure can give one: where it is due by a day, somebody has given that."""
    controller_told = duty.kind is ObligationKind.NOTICE and duty.what is not None  # by a processor
    return duty.exact and (duty.kind is ObligationKind.ASSESSMENT or controller_told)


def _is_procedures(duty: Owed) -> bool:
    """Whose figure, if there is one, stands in the party's procedure: a telling in days has been given its day."""
    return duty.kind is ObligationKind.STEP or (duty.kind in TELLS and duty.exact)
