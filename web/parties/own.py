"""Whose duty is it? A party's pages show what its own contacts owe, each circle its own part."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from actions.cast import NotThere
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Role
from web.declaring import Asked

STEERING = frozenset({Role.LEAD_MEMBER, Role.DEPUTY, Role.DESIGNATED_PERSON})
BREACHES = frozenset({Role.COORDINATOR, Role.DPO, Role.SIRO, Role.CALDICOTT})
COMPLAINTS = frozenset({Role.COMPLAINTS, Role.DPO})

CIRCLES = {
    STEERING: (
        ObligationKind.FEEDBACK, ObligationKind.SIGNATURE, ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION,
    ),
    BREACHES: (
        ObligationKind.ASSESSMENT, ObligationKind.STEP, ObligationKind.NOTICE, ObligationKind.TELLING_PEOPLE,
        ObligationKind.TELLING_PARTNERS, ObligationKind.HOLD, ObligationKind.LEARNING,
    ),
    COMPLAINTS: (
        ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS, ObligationKind.ANALYSIS,
        ObligationKind.SECOND_READING, ObligationKind.RECHECK,
    ),
    BREACHES | COMPLAINTS | STEERING: (ObligationKind.LOCAL_ACTION,),
}  # fmt: skip


def kinds_seen_by(role: Role) -> list[ObligationKind]:
    """Of its party's duties, those that this role sees although somebody else was asked."""
    return [kind for circle, kinds in CIRCLES.items() if role in circle for kind in kinds]


def duties_of(session: Session, contact: Contact, *, ended: bool = False) -> Sequence[Obligation]:
    """What the contact, or somebody of the same circle at the party, owes (or owed), by its limit."""
    mine = col(Obligation.contact_id) == contact.id
    if contact.party_id is not None:
        of_party = col(Obligation.party_id) == contact.party_id
        mine = of_party & (mine | col(Obligation.kind).in_(kinds_seen_by(contact.role)))
    statement = select(Obligation).where(mine, Obligation.protocol_id == contact.protocol_id)
    if not ended:
        statement = statement.where(col(Obligation.outcome).is_(None))
    return session.exec(statement.order_by(col(Obligation.due_at), col(Obligation.id))).all()


def own_duty(asked: Asked, *kinds: ObligationKind) -> Obligation:
    """The one that the address names, if it is the caller's to see; another party's is not there. Raises NotThere."""
    contact, duty = asked.caller.contact, asked.session.get(Obligation, asked.place["duty"])
    if contact is None or duty is None or duty.kind not in kinds or not may_see(contact, duty):
        raise NotThere("There is no such thing among what you are asked for.")
    return duty


def may_see(contact: Contact, duty: Obligation) -> bool:
    if duty.party_id != contact.party_id or duty.protocol_id != contact.protocol_id:
        return False
    return duty.contact_id == contact.id or (contact.party_id is not None and duty.kind in kinds_seen_by(contact.role))


def page_of(duty: Obligation) -> str:
    """`/party/telling-people/17`: every kind that a party or the adviser owes has its page there."""
    return f"/party/{duty.kind.value.replace(' ', '-')}/{duty.id}"
