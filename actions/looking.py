"""What the clock sees when it looks at many duties at once: each table is read once, each ladder asked once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.breaches.roles import is_away
from actions.cast import known_id
from actions.policy import ladder_of, today_of
from models.lists import one_of
from models.obligation import Obligation, Reminder
from models.protocol import Contact, Party, Protocol, Role
from rules.instants import zone_named
from rules.reminding import Found, Looked, People, Person, look


@dataclass(frozen=True, slots=True)
class Seen:
    """Some duties, by key, in the order in which they came, and what their messages need."""

    duties: Mapping[str, Obligation]
    looked: Mapping[str, Looked]
    people: Mapping[str, People]
    protocols: Mapping[int, Protocol]
    parties: Mapping[int | None, str]  # their names
    contacts: Mapping[int, Contact]

    @property
    def found(self) -> list[Found]:
        return [
            Found(key, duty.case, duty.kind.value, self.people[key], self.looked[key].rungs.send)
            for key, duty in self.duties.items()
        ]


def look_at(session: Session, now: datetime, duties: Sequence[Obligation]) -> Seen:
    """Nothing is recorded here."""
    protocols = _protocols(session, {duty.protocol_id for duty in duties})
    parties = {duty.party_id for duty in duties if duty.party_id}
    contacts = _contacts(session, duties, parties, protocols)
    names = session.exec(select(Party.id, Party.name).where(one_of(session, Party.id, parties)))
    return Seen(
        duties={duty.key: duty for duty in duties},
        looked=_looked(now, duties, protocols, rungs_taken(session, duties)),
        people=_people_of(now, duties, contacts, protocols),
        protocols=protocols, parties=dict(names.all()), contacts={known_id(contact): contact for contact in contacts},
    )  # fmt: skip


def _looked(
    now: datetime, duties: Iterable[Obligation], protocols: Mapping[int, Protocol], taken: Mapping[int, set[str]]
) -> dict[str, Looked]:
    """Thousands who were asked on one day stand on one rung: whatever the answer depends on is asked once."""
    known: dict[tuple[object, ...], Looked] = {}
    looked = {}
    for duty in duties:
        rungs = frozenset(taken.get(known_id(duty), ()))
        about = (
            duty.protocol_id, duty.kind, duty.due_on, duty.counted_to, duty.nation, duty.zone, duty.opened_at,
            duty.escalate_after, rungs,
        )  # fmt: skip
        if about not in known:
            known[about] = look(
                ladder_of(protocols[duty.protocol_id], duty.kind), due_day=duty.due_on, due_at=duty.counted_to,
                nation=duty.nation, zone=zone_named(duty.zone), opened_at=duty.opened_at, taken=rungs, now=now,
                escalate_after=duty.escalate_after,
            )  # fmt: skip
        looked[duty.key] = known[about]
    return looked


def _protocols(session: Session, numbers: Collection[int]) -> dict[int, Protocol]:
    return {known_id(row): row for row in session.exec(select(Protocol).where(one_of(session, Protocol.id, numbers)))}


def rungs_taken(session: Session, duties: Sequence[Obligation]) -> dict[int, set[str]]:
    taken: dict[int, set[str]] = defaultdict(set)
    statement = select(Reminder.obligation_id, Reminder.rung)
    for number, rung in session.exec(statement.where(one_of(session, Reminder.obligation_id, [d.id for d in duties]))):
        taken[number].add(rung)
    return taken


def _contacts(
    session: Session, duties: Sequence[Obligation], parties: Collection[int], protocols: Collection[int]
) -> Sequence[Contact]:
    """Owners, deputies (or whoever the party's procedure names instead) and secretaries."""
    owners = {duty.contact_id for duty in duties} | {duty.escalate_to_id for duty in duties if duty.escalate_to_id}
    return session.exec(
        select(Contact).where(
            or_(
                one_of(session, Contact.id, owners),
                one_of(session, Contact.party_id, parties) & (col(Contact.role) == Role.DEPUTY),
                one_of(session, Contact.protocol_id, protocols) & (col(Contact.role) == Role.SECRETARY),
            )
        )
    ).all()


def _people_of(
    now: datetime, duties: Sequence[Obligation], contacts: Sequence[Contact], protocols: Mapping[int, Protocol]
) -> dict[str, People]:
    """A deputy who is away is none."""
    today = {number: today_of(protocol, now) for number, protocol in protocols.items()}
    by_id = {known_id(contact): person_of(contact) for contact in contacts}
    deputies = {
        c.party_id: person_of(c) for c in contacts if c.role is Role.DEPUTY and not is_away(c, today[c.protocol_id])
    }
    secretaries = {c.protocol_id: person_of(c) for c in contacts if c.role is Role.SECRETARY}
    return {
        duty.key: People(
            owner=by_id[duty.contact_id],
            deputy=by_id[duty.escalate_to_id] if duty.escalate_to_id else deputies.get(duty.party_id),
            secretary=secretaries[duty.protocol_id],
        )
        for duty in duties
    }


def person_of(contact: Contact) -> Person:
    return Person(known_id(contact), contact.address, contact.bounced_at is None)
