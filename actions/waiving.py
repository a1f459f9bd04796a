"""What many parties owe in one case ends for all of them at once: a few statements, however many they are."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.describing import described_at, without_figure
from actions.duties import discharge
from actions.telling import Told, tell_many
from models import history
from models.lists import one_of
from models.obligation import Obligation, Outcome
from models.protocol import Contact, Party, Protocol, Role
from notifications.messages import Duty, DutyWaived


def asked_of(session: Session, duties: Sequence[Obligation]) -> dict[int, tuple[Contact, Party]]:
    """Whoever owes each, by the duty's id."""
    statement = (
        select(Obligation.id, Contact, Party)
        .join(Contact, col(Contact.id) == Obligation.contact_id)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(one_of(session, Obligation.id, [known_id(duty) for duty in duties]))
    )
    return {number: (contact, party) for number, contact, party in session.exec(statement) if number is not None}


def waive_many(
    session: Session, now: datetime, protocol: Protocol, case: str, duties: Sequence[Obligation], by: str, why: str
) -> None:
    """As `waive` does it one by one. They are locked, and the case is held by the caller."""
    if not duties:
        return
    discharge(session, now, duties, Outcome.WAIVED, by, why)
    history.write(session, case, now, by, "waived", why=why, obligations=[duty.key for duty in duties])
    who = asked_of(session, duties)
    others, unfigured = (
        _leads_and_deputies(session, [party for _, party in who.values()]),
        without_figure(session, duties),
    )
    tell_many(session, now, [
        told
        for duty in duties
        for contact, party in [who[known_id(duty)]]
        for said in [described_at(duty, party.name, now, figure=duty.key not in unfigured)]
        for told in _told(protocol, duty, said, {contact.id: contact, **others[party.id]}, why)
    ])  # fmt: skip


def _leads_and_deputies(session: Session, parties: Sequence[Party]) -> dict[int | None, dict[int | None, Contact]]:
    at: dict[int | None, dict[int | None, Contact]] = defaultdict(dict)
    both = select(Contact).where(col(Contact.role).in_((Role.LEAD_MEMBER, Role.DEPUTY)))
    for contact in session.exec(both.where(one_of(session, Contact.party_id, [known_id(each) for each in parties]))):
        at[contact.party_id][contact.id] = contact
    return at


def _told(
    protocol: Protocol, duty: Obligation, waived: Duty, concerned: dict[int | None, Contact], why: str
) -> list[Told]:
    return [
        Told(
            protocol=protocol, to=contact, case=duty.case, key=f"{duty.key}:waived:contact-{number}",
            say=lambda h: DutyWaived(**h, duty=waived, because=why), about=[duty],
        )
        for number, contact in concerned.items()
    ]  # fmt: skip
