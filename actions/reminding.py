"""Reminders: every obligation whose ladder has a rung due, in batches, one message a person and case.

A batch is one transaction: it holds its cases, looks, and writes each table once. What it does not see through leaves
nothing behind.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.breaches.roles import in_place_of
from actions.cast import known_id
from actions.describing import described_at, without_figure
from actions.holidays import ask_for_holidays
from actions.looking import Seen, look_at
from actions.telling import Header, Told, tell_many
from actions.whose_place import whose_place
from models import history
from models.fail_points import reached
from models.inserting import insert_all
from models.lists import one_of, set_each
from models.obligation import Obligation, Reminder, RungOutcome
from models.protocol import Contact
from models.store import is_postgres
from notifications.messages import DutiesEscalatedToSecretary, Duty, DutyEscalatedToDeputy, DutyReminder, Message
from rules.reminding import TO_DEPUTY, TO_OWNER, Group, grouped, hears

BATCH = 500
# People wait for SQLite's one writer: a hundred hold it a fifth as long as five hundred, and cost no more each.
BATCH_ON_SQLITE = 100


def batch_of(session: Session) -> int:
    """How many obligations are reminded in one transaction."""
    return BATCH if is_postgres(session) else BATCH_ON_SQLITE


def remind_batch(
    session: Session, now: datetime, limit: int | None = None, passing_over: Collection[int] = ()
) -> int:  # fmt: skip
    """Take the rungs due of up to `limit` obligations; answers how many were looked at. Zero: all is quiet.

    One message goes to each person for each case and kind, however many duties or missed rungs are behind it:
    where many parties are one message to the secretary, the rest of that case comes into the batch too.
    `passing_over`: the ids of obligations that could not be reminded; those behind them are reached all the same.
    """
    limit = limit or batch_of(session)
    if not (cases := _cases_held(session, now, limit, passing_over)):
        return 0
    if not (duties := _held(session, _due(session, now, cases, passing_over).limit(limit))):
        return 0  # whoever had them has seen to them
    reached("reminders held")
    seen = look_at(session, now, duties)
    if len(duties) == limit and (shared := _shared(seen)):
        rest = _held(session, _due(session, now, sorted({case for case, _ in shared}), passing_over))
        more = [duty for duty in rest if (duty.case, duty.kind) in shared and duty.key not in seen.duties]
        seen = look_at(session, now, [*duties, *more])
    return _take(session, now, seen)


def remind_these(session: Session, now: datetime, numbers: Collection[int]) -> int:
    """The same for those of these obligations that are still due."""
    these = one_of(session, Obligation.id, numbers)
    cases = sorted(set(session.exec(select(Obligation.case).where(these))))
    history.hold(session, *cases)
    return _take(session, now, look_at(session, now, _held(session, _due(session, now, cases).where(these))))


def first_due(session: Session, now: datetime, limit: int, passing_over: Collection[int]) -> dict[int, str]:
    """The ids of the obligations that a batch would begin with, case by case, and each one's case."""
    due = select(col(Obligation.id), Obligation.case).where(*_IS_DUE, *_none_of(session, passing_over))
    found = session.exec(due.order_by(*_EARLIEST).limit(limit), params={"now": now}).all()
    return {number: case for case, number in sorted((case, number) for number, case in found if number)}


def _take(session: Session, now: datetime, seen: Seen) -> int:
    _note(session, now, seen)
    reached("within a batch of reminders")
    _remind(session, now, seen)
    return len(seen.duties)


def _cases_held(session: Session, now: datetime, limit: int, passing_over: Collection[int]) -> list[str]:
    """The cases of the first duties that are due, held before any row of theirs, as whoever acts in a case does.

    On PostgreSQL two sweeps at once take different cases; where others have them all, we wait for the first.
    """
    at = {"now": now}
    first, free = _asked(_CASES.where(*_none_of(session, passing_over))) if passing_over else _usual()
    if is_postgres(session):
        cases = set(session.exec(free, params=at | {"limit": limit}))
        cases = cases or set(session.exec(first, params=at | {"limit": 1}))
    else:
        cases = set(session.exec(first, params=at | {"limit": limit}))
    history.hold(session, *cases)
    return sorted(cases)


@cache
def _usual() -> tuple[SelectOfScalar[str], SelectOfScalar[str]]:
    """Every sweep asks these, and mostly nothing is due: to build them anew took longer than the databases did."""
    return _asked(_CASES)


def _asked(cases: SelectOfScalar[str]) -> tuple[SelectOfScalar[str], SelectOfScalar[str]]:
    """The first; and those that nobody has, one after the other, until there are enough, which are ours from then on.
    Without the offset PostgreSQL would ask for every row before it puts them in order."""
    due = cases.offset(0).subquery()
    limit: sa.BindParameter[int] = sa.bindparam("limit")
    return cases.limit(limit), select(due.c.case).where(history.held_at_once(due.c.case)).limit(limit)


def _none_of(session: Session, passing_over: Collection[int]) -> list[sa.ColumnElement[bool]]:
    return [sa.not_(one_of(session, Obligation.id, passing_over))] if passing_over else []


_IS_DUE = (col(Obligation.outcome).is_(None), col(Obligation.next_at) <= sa.bindparam("now"))
_EARLIEST = (col(Obligation.next_at), col(Obligation.id))
_CASES = select(Obligation.case).where(*_IS_DUE).order_by(*_EARLIEST)


def _due(
    session: Session, now: datetime, cases: Sequence[str], passing_over: Collection[int] = ()
) -> SelectOfScalar[Obligation]:
    """Only rows of the clock's index are touched, by no index of cases: one may owe much that is not due."""
    statement = (
        select(Obligation)
        .where(
            col(Obligation.outcome).is_(None),
            col(Obligation.next_at) <= now,
            one_of(session, col(Obligation.case) + "", cases),
            *_none_of(session, passing_over),
        )
        .order_by(*_EARLIEST)
    )
    return statement.with_for_update(skip_locked=True) if is_postgres(session) else statement


def _held(session: Session, statement: SelectOfScalar[Obligation]) -> Sequence[Obligation]:
    session.flush()
    return session.exec(statement.execution_options(populate_existing=True)).all()


def _shared(seen: Seen) -> set[tuple[str, str]]:
    """Cases and kinds of which somebody hears who stands for no party: one message for all of them."""
    return {
        (duty.case, duty.kind)
        for duty in seen.found
        for rung in duty.send
        if seen.duties[duty.key].party_id is None or hears(rung.to, duty.people) == duty.people.secretary
    }


def _note(session: Session, now: datetime, seen: Seen) -> None:
    """When each is looked at again, what is passed over, and which bank holidays are not known."""
    asked = set()
    for key, looked in seen.looked.items():
        if (unknown := looked.unknown) and (about := (seen.duties[key].protocol_id, unknown.day.year)) not in asked:
            ask_for_holidays(session, now, seen.protocols[about[0]], unknown)
            asked.add(about)
    insert_all(session, Reminder, [
        _reminder(seen.duties[key], rung.key, RungOutcome.SKIPPED, now)
        for key, looked in seen.looked.items() for rung in looked.rungs.skip
    ])  # fmt: skip
    again = {known_id(duty): seen.looked[key].next_at for key, duty in seen.duties.items()}
    set_each(session, Obligation.next_at, again)


def _remind(session: Session, now: datetime, seen: Seen) -> None:
    groups = {_key(group, seen): group for group in grouped(seen.found)}
    duties = [seen.duties[key] for group in groups.values() for key in group.keys]
    no_figure, places = without_figure(session, duties), whose_place(session, now, duties)
    told = [_told(session, key, group, seen, now, no_figure, places) for key, group in groups.items()]
    numbers = tell_many(session, now, told)
    insert_all(session, Reminder, [
        _reminder(seen.duties[duty], rung.key, _outcome(numbers.get(key)), now, numbers.get(key))
        for key, group in groups.items() for duty, rung in group.rungs
    ])  # fmt: skip
    history.write_many(session, now, [_move(group, told=key in numbers) for key, group in groups.items()])


def _outcome(message: int | None) -> RungOutcome:
    return RungOutcome.SENT if message else RungOutcome.UNDELIVERABLE


def _key(group: Group, seen: Seen) -> str:
    duty, rung = group.rungs[0]
    return f"{duty}:{rung.key}:{seen.duties[duty].due_on}:contact-{group.person.contact}"


def _told(
    session: Session, key: str, group: Group, seen: Seen, now: datetime, no_figure: Collection[str],
    places: Mapping[str, Sequence[Contact]],
) -> Told:  # fmt: skip
    duties, to = [seen.duties[duty] for duty in group.keys], seen.contacts[group.person.contact]
    spoken = tuple(
        described_at(duty, seen.parties.get(duty.party_id), now, figure=duty.key not in no_figure) for duty in duties
    )
    # an escalation says itself why it comes
    away = [each for key in group.keys for each in places.get(key, ())] if group.words == TO_OWNER else []
    return Told(
        protocol=seen.protocols[duties[0].protocol_id], to=to, case=group.case, key=key,
        say=lambda h: _say(group.words, h, spoken), about=duties, only_while_owed=True,
        in_place_of=in_place_of(session, to, away) if away else None,
    )  # fmt: skip


def _say(words: str, h: Header, duties: tuple[Duty, ...]) -> Message:
    if words == TO_OWNER:
        return DutyReminder(**h, duties=duties)
    return (
        DutyEscalatedToDeputy(**h, duties=duties)
        if words == TO_DEPUTY
        else DutiesEscalatedToSecretary(**h, duties=duties)
    )


def _move(group: Group, *, told: bool) -> history.Move:
    what = "reminder queued" if told else "reminder not sent: the address has bounced"
    obligations = [[key, rung.key] for key, rung in group.rungs]
    details = {"contact": group.person.contact, "kind": group.words, "obligations": obligations}
    return history.Move(group.case, history.CLOCK, what, details)


def _reminder(
    duty: Obligation, rung: str, outcome: RungOutcome, now: datetime, message: int | None = None
) -> dict[str, Any]:
    return {
        "obligation_id": known_id(duty), "rung": rung, "outcome": outcome, "taken_at": now, "message_id": message,
    }  # fmt: skip
