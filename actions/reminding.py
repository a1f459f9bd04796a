"""Reminders: every obligation whose ladder has a rung due, in batches, one message a person and case."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from actions.cast import known_id
from actions.matters import open_matter
from actions.owing import described
from actions.policy import ladder_of
from actions.telling import Header, tell
from models import history
from models.obligation import Obligation, Reminder, RungOutcome
from models.protocol import Contact, MatterKind, Protocol, Role
from models.store import is_postgres
from notifications.messages import DutiesEscalatedToSecretary, Duty, DutyEscalatedToDeputy, DutyReminder, Message
from rules.instants import zone_named
from rules.ladders import DueRungs, Rung, due_rungs, next_rung_instant
from rules.reminding import TO_DEPUTY, TO_OWNER, People, Person, hears, in_the_words_of
from rules.working_days import BeyondPublishedHolidays

BATCH = 500
LOOK_AGAIN = timedelta(days=1)  # after holidays were found not to be published yet


def remind_batch(session: Session, now: datetime, limit: int = BATCH) -> int:
    """Take the rungs due of up to `limit` obligations; answers how many were looked at. Zero: all is quiet.

    One message goes to each person for each case and kind, however many duties or missed rungs are behind it.
    """
    duties = _due(session, now, limit)
    if not duties:
        return 0
    people, taken = _people_of(session, duties), _taken(session, duties)
    groups: dict[tuple[str, str, Person, str], list[tuple[Obligation, Rung]]] = defaultdict(list)
    for duty in duties:
        known = known_id(duty)
        rungs = _decide(session, now, duty, frozenset(taken[known]))
        for rung in rungs.send:
            person = hears(rung.to, people[known])
            groups[duty.case, duty.kind.value, person, in_the_words_of(person, people[known])].append((duty, rung))
    for (case, _, person, words), found in groups.items():
        _remind(session, now, case, person, words, found)
    session.flush()
    return len(duties)


def _due(session: Session, now: datetime, limit: int) -> Sequence[Obligation]:
    """Only rows of the partial index are touched; two sweeps at once take different rows."""
    statement = (
        select(Obligation)
        .where(col(Obligation.outcome).is_(None), col(Obligation.next_at) <= now)
        .order_by(col(Obligation.next_at), col(Obligation.id))
        .limit(limit)
    )
    return session.exec(statement.with_for_update(skip_locked=True) if is_postgres(session) else statement).all()


def _decide(session: Session, now: datetime, duty: Obligation, taken: frozenset[str]) -> DueRungs:
    """Ask the ladder, record what is skipped, and note when to look again."""
    protocol = session.get_one(Protocol, duty.protocol_id)
    ladder, zone = ladder_of(protocol, duty.kind), zone_named(duty.zone)
    try:
        rungs = due_rungs(
            ladder, due_day=duty.due_on, nation=duty.nation, zone=zone,
            opened_at=duty.opened_at, taken=taken, now=now,
        )  # fmt: skip
        done = taken | {rung.key for rung in (*rungs.send, *rungs.skip)}
        duty.next_at = next_rung_instant(ladder, due_day=duty.due_on, nation=duty.nation, zone=zone, taken=done)
    except BeyondPublishedHolidays as unknown:
        duty.next_at = now + LOOK_AGAIN
        _ask_for_holidays(session, now, protocol, unknown)
        return DueRungs()
    for rung in rungs.skip:
        session.add(_reminder(duty, rung, RungOutcome.SKIPPED, now))
    session.add(duty)
    return rungs


def _remind(
    session: Session, now: datetime, case: str, person: Person, words: str, found: list[tuple[Obligation, Rung]]
) -> None:
    first, first_rung = found[0]
    duties = [duty for duty, _ in found]
    spoken = tuple(described(session, duty, now) for duty in duties)
    message = tell(
        session, now, session.get_one(Protocol, first.protocol_id), session.get_one(Contact, person.contact), case,
        f"{first.key}:{first_rung.key}:{first.due_on}:contact-{person.contact}",
        lambda h: _say(words, h, spoken), about=duties, only_while_owed=True,
    )  # fmt: skip
    outcome = RungOutcome.SENT if message else RungOutcome.UNDELIVERABLE
    for duty, rung in found:
        session.add(_reminder(duty, rung, outcome, now, message.id if message else None))
    what = "reminder queued" if message else "reminder not sent: the address has bounced"
    history.write(
        session, case, now, history.CLOCK, what, contact=person.contact, kind=words,
        obligations=[[duty.key, rung.key] for duty, rung in found],
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
    """Owner, deputy and secretary of every duty, in one query for the batch."""
    parties = {duty.party_id for duty in duties if duty.party_id}
    protocols = {duty.protocol_id for duty in duties}
    owners = {duty.contact_id for duty in duties}
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
            deputy=deputies.get(duty.party_id) if duty.party_id else None,
            secretary=secretaries[duty.protocol_id],
        )
        for duty in duties
    }


def person_of(contact: Contact) -> Person:
    return Person(known_id(contact), contact.address, contact.bounced_at is None)


def _ask_for_holidays(session: Session, now: datetime, protocol: Protocol, unknown: BeyondPublishedHolidays) -> None:
    open_matter(
        session, now, protocol, MatterKind.HOLIDAYS, f"holidays:{unknown.day.year}", str(unknown),
        "Install a release whose bank holidays reach further; reminders go on by themselves then.",
    )  # fmt: skip
