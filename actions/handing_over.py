"""Whoever is away is stood in for in complaints and reviews, too; the days are as they were.

A signature waits for them: it binds their party, and only a person hands it to somebody else (`concordat obligation
delegate`). Breaches hand over what is owed in them themselves (`actions.breaches.handing_over`).
"""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from actions.breaches.changing import CASE as BREACH
from actions.breaches.roles import Asked, asked_as, can_be_asked, in_place_of, is_away
from actions.cast import known_id, read_contacts
from actions.complaints.asking import HANDLES
from actions.complaints.changing import CASE as COMPLAINT
from actions.complaints.changing import is_of_a_complaint
from actions.complaints.moving import complaint_named
from actions.complaints.telling import tell_of_duties
from actions.describing import described
from actions.policy import today_of, who_confirms
from actions.review_asked import asked_in_review
from actions.telling import tell
from models import history
from models.complaint import Complaint
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Protocol, Role
from notifications.messages import DutyDelegated

CONFIRMS = (ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION)


def to_hand_over(session: Session, now: datetime, protocol: Protocol) -> list[tuple[Obligation, Asked]]:
    """What parties owe by somebody who is away, or who stands in and cannot be reached, where another can be asked."""
    if not (away := away_in(session, now, protocol)):
        return []
    today, found = today_of(protocol, now), []
    at = {each.party_id for each in away.values() if each.party_id}
    owed = select(Obligation).where(
        *owed_by_these(session, protocol, away.keys() | _bounced(session, protocol, at)),
        Obligation.kind != ObligationKind.SIGNATURE, ~col(Obligation.case).startswith(BREACH),
    )  # fmt: skip
    # Sorted and sifted here: SQLite else walks through all that was ever owed.
    rows = session.exec(owed.execution_options(populate_existing=True))
    theirs = (duty for duty in rows if duty.party_id and (duty.contact_id in away or duty.party_id in at))
    duties = sorted(theirs, key=known_id)
    of = select(Party).where(one_of(session, Party.id, {duty.party_id for duty in duties}))
    parties = {party.id: party for party in session.exec(of)}
    read_contacts(session, parties.values())
    for duty in duties:
        asked = asked_instead(session, today, protocol, duty, parties[duty.party_id])
        if asked.contact.id != duty.contact_id and can_be_asked(asked.contact, today):
            found.append((duty, asked))
    return found


def away_in(session: Session, now: datetime, protocol: Protocol) -> dict[int, Contact]:
    """Who is away today, by their ids."""
    said_to_be = select(Contact).where(Contact.protocol_id == protocol.id, col(Contact.away_until).is_not(None))
    today, found = today_of(protocol, now), session.exec(said_to_be.order_by(col(Contact.id)))
    return {known_id(contact): contact for contact in found if is_away(contact, today)}


def owed_by_these(
    session: Session, protocol: Protocol, contacts: Collection[int]
) -> tuple[sa.ColumnElement[bool], ...]:  # fmt: skip
    """What they owe, by the index of who owes what: nothing else is touched, however much is open."""
    theirs = one_of(session, Obligation.contact_id, contacts)
    return col(Obligation.protocol_id) == protocol.id, col(Obligation.outcome).is_(None), theirs


def _bounced(session: Session, protocol: Protocol, parties: Collection[int]) -> set[int]:
    """Who may stand in at these parties, an officer too, and cannot be reached."""
    there = or_(one_of(session, Contact.party_id, parties), col(Contact.party_id).is_(None))
    bounced = select(Contact).where(Contact.protocol_id == protocol.id, col(Contact.bounced_at).is_not(None), there)
    return {known_id(contact) for contact in session.exec(bounced)}


def asked_instead(session: Session, today: date, protocol: Protocol, duty: Obligation, party: Party) -> Asked:
    """Who is asked for what the party owes in a review or a complaint, as things are today."""
    if is_of_a_complaint(duty):
        return asked_as(session, today, party, *HANDLES)
    role = (who_confirms(protocol) if duty.kind in CONFIRMS else None) or Role.LEAD_MEMBER
    return asked_in_review(session, today, party, role)


def _complaint(session: Session, duty: Obligation) -> Complaint:
    return complaint_named(session, int(duty.case.removeprefix(COMPLAINT)))


def hand_over(session: Session, now: datetime, protocol: Protocol, cases: Collection[str]) -> None:
    """Whoever stands in is asked from now on, and told. The caller holds the protocol and these cases."""
    for duty, asked in to_hand_over(session, now, protocol):
        if duty.case not in cases:
            continue  # somebody came to owe it meanwhile: the next sweep sees to it
        duty.contact_id = known_id(asked.contact)
        session.add(duty)
        row = history.write(
            session, duty.case, now, history.CLOCK, "handed over", obligation=duty.key, to=asked.contact.role.value
        )
        if is_of_a_complaint(duty):
            tell_of_duties(session, now, [(_complaint(session, duty), duty, asked)], handed_over=row.seq)
        else:
            _tell(session, now, protocol, duty, asked, row.seq)


def _tell(session: Session, now: datetime, protocol: Protocol, duty: Obligation, asked: Asked, seq: int) -> None:
    handed = described(session, duty, now)
    tell(
        session, now, protocol, asked.contact, duty.case, f"{duty.key}:handed-over-{seq}",
        lambda h: DutyDelegated(
            **h, duty=handed, to_role=h["role"], because=f"{asked.why[0].upper()}{asked.why[1:]}.", is_delegate=True
        ),
        about=[duty], only_while_owed=True, in_place_of=in_place_of(session, asked.contact, asked.instead_of),
    )  # fmt: skip
