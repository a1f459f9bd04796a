"""Reminders: every obligation whose ladder has a rung due, in batches, one message a person and case."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.cast import known_id
from actions.holidays import ask_for_holidays
from actions.owing import described
from actions.policy import ladder_of
from actions.telling import Header, tell
from models import history
from models.fail_points import reached
from models.obligation import Obligation, Reminder, RungOutcome
from models.protocol import Contact, Party, Protocol, Role
from models.store import is_postgres
from notifications.messages import DutiesEscalatedToSecretary, Duty, DutyEscalatedToDeputy, DutyReminder, Message
from rules.instants import zone_named
from rules.ladders import DueRungs, Rung
from rules.reminding import TO_DEPUTY, TO_OWNER, Found, Group, People, Person, grouped, hears, look

BATCH = 500


def remind_batch(session: Session, now: datetime, limit: int = BATCH) -> int:
    """Take the rungs due of up to `limit` obligations; answers how many were looked at. Zero: all is quiet.

    One message goes to each person for each case and kind, however many duties or missed rungs are behind it:
    where many parties are one message to the secretary, the rest of that case comes into the batch too.
    """
    if not (cases := _cases_held(session, now, limit)):
        return 0
    duties = _due(session, now, cases).limit(limit)
    looked = {duty.key: duty for duty in _held(session, duties)}
    reached("reminders held")
    kept = _read_at_once(session, looked.values())
    found = _look_at(session, now, list(looked.values()))
    for case, kind in _shared(found, looked) if len(looked) == limit else ():
        rest = _held(session, _due(session, now, [case]).where(Obligation.kind == kind))
        looked |= {duty.key: duty for duty in rest}
        found += _look_at(session, now, rest)
    for group in grouped(found):
        _remind(session, now, group, looked)
        reached("within a batch of reminders")
    session.flush()
    del kept
    return len(looked)


def _read_at_once(session: Session, duties: Iterable[Obligation]) -> list[Any]:
    """What every message needs. A session forgets rows that nobody holds, and reads each again for every message."""
    protocols, parties = {duty.protocol_id for duty in duties}, {duty.party_id for duty in duties}
    return [
        *session.exec(select(Protocol).where(col(Protocol.id).in_(protocols))),
        *session.exec(select(Party).where(col(Party.id).in_(parties))),
        *session.exec(select(Contact).where(col(Contact.protocol_id).in_(protocols))),
    ]


def _cases_held(session: Session, now: datetime, limit: int) -> list[str]:
    """The cases of the first duties that are due, held before any row of theirs, as whoever acts in a case does."""
    first = (
        select(Obligation.case)
        .where(col(Obligation.outcome).is_(None), col(Obligation.next_at) <= now)
        .order_by(col(Obligation.next_at), col(Obligation.id))
        .limit(limit)
    )
    cases = sorted(set(session.exec(first)))
    for case in cases:
        history.hold(session, case)
    return cases


def _due(session: Session, now: datetime, cases: Sequence[str]) -> SelectOfScalar[Obligation]:
    """Only rows of the partial index are touched; two sweeps at once take different rows."""
    statement = (
        select(Obligation)
        .where(col(Obligation.outcome).is_(None), col(Obligation.next_at) <= now, col(Obligation.case).in_(cases))
        .order_by(col(Obligation.next_at), col(Obligation.id))
    )
    return statement.with_for_update(skip_locked=True) if is_postgres(session) else statement


def _held(session: Session, statement: SelectOfScalar[Obligation]) -> Sequence[Obligation]:
    session.flush()
    return session.exec(statement.execution_options(populate_existing=True)).all()


def _look_at(session: Session, now: datetime, duties: Sequence[Obligation]) -> list[Found]:
    people, taken = _people_of(session, duties), _taken(session, duties)
    return [
        Found(
            duty.key, duty.case, duty.kind.value, people[known_id(duty)],
            _decide(session, now, duty, frozenset(taken[known_id(duty)])).send,
        )
        for duty in duties
    ]  # fmt: skip


def _shared(found: Sequence[Found], looked: Mapping[str, Obligation]) -> list[tuple[str, str]]:
    """Cases and kinds of which somebody hears who stands for no party: one message for all of them."""
    return sorted(
        {
            (duty.case, duty.kind)
            for duty in found
            for rung in duty.send
            if looked[duty.key].party_id is None or hears(rung.to, duty.people) == duty.people.secretary
        }
    )


def _decide(session: Session, now: datetime, duty: Obligation, taken: frozenset[str]) -> DueRungs:
    """Ask the ladder, record what is skipped, and note when to look again."""
    protocol = session.get_one(Protocol, duty.protocol_id)
    looked = look(
        ladder_of(protocol, duty.kind), due_day=duty.due_on, due_at=duty.counted_to, nation=duty.nation,
        zone=zone_named(duty.zone), opened_at=duty.opened_at, taken=taken, now=now,
        escalate_after=duty.escalate_after,
    )  # fmt: skip
    if looked.unknown:
        ask_for_holidays(session, now, protocol, looked.unknown)
    for rung in looked.rungs.skip:
        session.add(_reminder(duty, rung, RungOutcome.SKIPPED, now))
    duty.next_at = looked.next_at
    session.add(duty)
    return looked.rungs


def _remind(session: Session, now: datetime, group: Group, looked: Mapping[str, Obligation]) -> None:
    duties = [looked[key] for key in group.keys]
    first, (_, first_rung), contact = duties[0], group.rungs[0], group.person.contact
    spoken = tuple(described(session, duty, now) for duty in duties)
    message = tell(
        session, now, session.get_one(Protocol, first.protocol_id), session.get_one(Contact, contact), group.case,
        f"{first.key}:{first_rung.key}:{first.due_on}:contact-{contact}",
        lambda h: _say(group.words, h, spoken), about=duties, only_while_owed=True,
    )  # fmt: skip
    outcome = RungOutcome.SENT if message else RungOutcome.UNDELIVERABLE
    for key, rung in group.rungs:
        session.add(_reminder(looked[key], rung, outcome, now, message.id if message else None))
    what = "reminder queued" if message else "reminder not sent: the address has bounced"
    history.write(
        session, group.case, now, history.CLOCK, what, contact=contact, kind=group.words,
        obligations=[[key, rung.key] for key, rung in group.rungs],
    )  # fmt: skip


def _say(words: str, h: Header, duties: tuple[Duty, ...]) -> Message:
    if words == TO_OWNER:
        return DutyReminder(**h, duties=duties)
    return (
        DutyEscalatedToDeputy(**h, duties=duties)
        if words == TO_DEPUTY
        else DutiesEscalatedToSecretary(**h, duties=duties)
    )


def _reminder(
    duty: Obligation, rung: Rung, outcome: RungOutcome, now: datetime, message_id: int | None = None
) -> Reminder:
    return Reminder(obligation_id=known_id(duty), rung=rung.key, outcome=outcome, taken_at=now, message_id=message_id)


def _taken(session: Session, duties: Sequence[Obligation]) -> dict[int, set[str]]:
    taken: dict[int, set[str]] = defaultdict(set)
    statement = select(Reminder.obligation_id, Reminder.rung)
    for number, rung in session.exec(statement.where(col(Reminder.obligation_id).in_([d.id for d in duties]))):
        taken[number].add(rung)
    return taken


def _people_of(session: Session, duties: Sequence[Obligation]) -> dict[int, People]:
    """Owner, deputy (or whoever the party's procedure names instead) and secretary of every duty, in one query."""
    parties = {duty.party_id for duty in duties if duty.party_id}
    protocols = {duty.protocol_id for duty in duties}
    owners = {duty.contact_id for duty in duties} | {duty.escalate_to_id for duty in duties if duty.escalate_to_id}
    contacts = session.exec(
        select(Contact).where(
            or_(
                col(Contact.id).in_(owners),
                col(Contact.party_id).in_(parties) & (col(Contact.role) == Role.DEPUTY),
                col(Contact.protocol_id).in_(protocols) & (col(Contact.role) == Role.SECRETARY),
            )
        )
    ).all()
    by_id = {known_id(contact): person_of(contact) for contact in contacts}
    deputies = {c.party_id: person_of(c) for c in contacts if c.role is Role.DEPUTY}
    secretaries = {c.protocol_id: person_of(c) for c in contacts if c.role is Role.SECRETARY}
    return {
        known_id(duty): People(
            owner=by_id[duty.contact_id],
            deputy=by_id[duty.escalate_to_id] if duty.escalate_to_id else deputies.get(duty.party_id),
            secretary=secretaries[duty.protocol_id],
        )
        for duty in duties
    }


def person_of(contact: Contact) -> Person:
    return Person(known_id(contact), contact.address, contact.bounced_at is None)
