"""A small outbox to deliver from: one protocol, its secretary, and as many parties as a test wants."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact, Party, Protocol, Role
from models.store import transaction
from notifications.messages import DutyReminder
from notifications.outbox import queue
from rules.working_days import Nation
from tests.notifications.examples import FEEDBACK, LEAD, PROTOCOL

NOW = datetime(2027, 2, 26, 9, tzinfo=UTC)
CASE = "review:12"


@dataclass
class World:
    store: sa.Engine
    protocol: Protocol
    secretary: Contact
    contacts: list[Contact]
    duties: list[Obligation]

    def queue(self, number: int, key: str | None = None, **how: Any) -> OutboxRow | None:
        """A reminder to the contact of that number."""
        message = DutyReminder(**LEAD, duties=(replace(FEEDBACK, party=f"Party {number}"),))
        with transaction(self.store) as session:
            to = session.get_one(Contact, self.contacts[number].id)
            return queue(
                session,
                NOW,
                message,
                to=to,
                key=key or f"{CASE}:reminder:party-{number}",
                case=CASE,
                protocol=session.get_one(Protocol, self.protocol.id),
                about=[session.get_one(Obligation, self.duties[number].id)],
                **how,
            )

    def answer(self, number: int) -> None:
        with transaction(self.store) as session:
            duty = session.get_one(Obligation, self.duties[number].id)
            duty.outcome, duty.discharged_at, duty.discharged_by = Outcome.ANSWERED, NOW, "secretary"
            session.add(duty)

    def rows(self) -> list[OutboxRow]:
        with transaction(self.store) as session:
            return self.rows_in(session)

    @staticmethod
    def rows_in(session: Session) -> list[OutboxRow]:
        return list(session.exec(select(OutboxRow).order_by(col(OutboxRow.id))))

    def states(self) -> list[Delivery]:
        return [row.state for row in self.rows()]


def make_world(store: sa.Engine, parties: int = 3) -> World:
    with transaction(store) as session:
        protocol = Protocol(
            slug="bedfordshire",
            name=PROTOCOL,
            short_name=PROTOCOL,
            zone="Europe/London",
            nation=Nation.ENGLAND_AND_WALES,
            policies={},
            operating={},
            loaded_at=NOW,
        )
        session.add(protocol)
        session.flush()
        assert protocol.id is not None
        secretary = _contact(session, protocol, None, Role.SECRETARY, LEAD["secretary"])
        contacts, duties = [], []
        for number in range(parties):
            party = Party(
                protocol_id=protocol.id,
                slug=f"party-{number}",
                name=f"Party {number}",
                kind="council",
                nation=Nation.ENGLAND_AND_WALES,
            )
            session.add(party)
            session.flush()
            lead = _contact(session, protocol, party, Role.LEAD_MEMBER, f"lead@party-{number}.example")
            contacts.append(lead)
            duties.append(_duty(session, protocol, party, lead))
        return World(store, protocol, secretary, contacts, duties)


def _contact(session: Session, protocol: Protocol, party: Party | None, role: Role, address: str) -> Contact:
    contact = Contact(protocol_id=protocol.id or 0, party_id=party.id if party else None, role=role, address=address)
    session.add(contact)
    session.flush()
    return contact


def _duty(session: Session, protocol: Protocol, party: Party, lead: Contact) -> Obligation:
    duty = Obligation(
        key=f"{CASE}:feedback:{party.slug}",
        protocol_id=protocol.id or 0,
        case=CASE,
        kind=ObligationKind.FEEDBACK,
        party_id=party.id,
        contact_id=lead.id or 0,
        nation=Nation.ENGLAND_AND_WALES,
        zone="Europe/London",
        ladder="feedback",
        opened_at=NOW,
        due_on=date(2027, 3, 31),
        due_at=NOW + timedelta(days=33),
    )
    session.add(duty)
    session.flush()
    return duty
