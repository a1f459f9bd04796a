"""Parties join, leave and are succeeded; contacts change. Membership is data with a history."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import is_active, known_id, lead_of
from actions.clauses import current_version
from actions.matters import close_matter
from actions.moving import protocol_locked
from actions.owing import ReasonNeeded, discharge, open_obligation
from actions.policy import due_after, zone_of
from actions.review_asking import ask
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Delivery, Message
from models.protocol import Contact, Matter, MatterKind, Party, Protocol, Role, Succession, SuccessionKind
from models.review import Review
from notifications.messages import SuccessorAskedToAdopt
from rules.errors import Refused
from rules.instants import local_day
from rules.review import Stage
from rules.working_days import Nation


class NameTaken(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"There is a party of that name already: {party.slug} ({party.name}).")


class HasLeft(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} left on {party.left_on}.")


class NotAnAddress(Refused):
    def __init__(self, address: str) -> None:
        super().__init__(f"“{address}” is not an e-mail address.")


def case_of(protocol: Protocol) -> str:
    return f"protocol:{protocol.slug}"


def join(
    session: Session, now: datetime, protocol: Protocol, slug: str, name: str, kind: str,
    nation: Nation, lead_address: str, by: str,
) -> Party:  # fmt: skip
    """A new party. In the middle of a review it is asked too, with the time that is left."""
    protocol_locked(session, protocol)
    for party in session.exec(select(Party).where(Party.protocol_id == protocol.id)):
        if slug == party.slug or name.casefold() in {n.casefold() for n in (party.name, *party.aliases)}:
            raise NameTaken(party)
    party = Party(
        protocol_id=known_id(protocol), slug=slug, name=name, kind=kind, nation=nation,
        joined_on=local_day(now, zone_of(protocol)),
    )  # fmt: skip
    session.add(party)
    session.flush()
    set_contact(session, now, protocol, party, Role.LEAD_MEMBER, lead_address, by)
    history.write(session, case_of(protocol), now, by, "party joined", party=slug)
    for review in session.exec(
        select(Review).where(Review.protocol_id == protocol.id, Review.stage == Stage.COLLECTING)
    ):
        ask(session, now, protocol, review, party)
    return party


def leave(session: Session, now: datetime, party: Party, by: str, because: str) -> None:
    """From today it is counted out; what it has answered is kept, what it owes ends."""
    protocol = session.get_one(Protocol, party.protocol_id)
    if not because.strip():
        raise ReasonNeeded("a party leaving")
    if party.left_on is not None:
        return
    protocol_locked(session, protocol)
    party.left_on = local_day(now, zone_of(protocol))
    session.add(party)
    duties = session.exec(
        select(Obligation).where(Obligation.party_id == party.id, col(Obligation.outcome).is_(None)).with_for_update()
    ).all()
    discharge(session, now, duties, Outcome.SUPERSEDED, by, because)
    history.write(session, case_of(protocol), now, by, "party left", why=because, party=party.slug, duties=len(duties))


def set_contact(
    session: Session, now: datetime, protocol: Protocol, party: Party | None, role: Role, address: str, by: str
) -> Contact:
    """Name who fills a role, at the party or (secretary, adviser) at the protocol itself."""
    require_address(address)
    statement = select(Contact).where(Contact.protocol_id == protocol.id, Contact.role == role)
    party_id = party.id if party else None
    contact = session.exec(
        statement.where(Contact.party_id == party_id if party_id else col(Contact.party_id).is_(None))
    ).first()
    if contact is not None:
        correct_address(session, now, contact, address, by)
        return contact
    contact = Contact(protocol_id=known_id(protocol), party_id=party_id, role=role, address=address)
    session.add(contact)
    session.flush()
    history.write(
        session, case_of(protocol), now, by, "contact named", contact=contact.id,
        party=party.slug if party else None, role=role.value,
    )  # fmt: skip
    return contact


def correct_address(session: Session, now: datetime, contact: Contact, address: str, by: str) -> None:
    """A new address. After a bounce the last message is sent there; the ladder goes on, it does not begin again."""
    require_address(address)
    if contact.address == address:
        return
    protocol = session.get_one(Protocol, contact.protocol_id)
    had_bounced = contact.bounced_at is not None
    contact.address, contact.bounced_at = address, None
    session.add(contact)
    history.write(
        session, case_of(protocol), now, by, "address corrected", contact=contact.id, after_bounce=had_bounced
    )
    for matter in session.exec(
        select(Matter).where(
            Matter.protocol_id == protocol.id, Matter.kind == MatterKind.BOUNCE, col(Matter.closed_at).is_(None)
        )
    ):
        if f":contact-{contact.id}:" in f"{matter.key}:":
            close_matter(session, now, matter, "address corrected")
    if had_bounced:
        _send_once_more(session, now, contact)


def _send_once_more(session: Session, now: datetime, contact: Contact) -> None:
    """The newest message that bounced and whose duty is still owed goes to the corrected address, once."""
    bounced = session.exec(
        select(Message)
        .where(Message.contact_id == contact.id)
        .where((col(Message.bounced_at).is_not(None)) | (col(Message.state) == Delivery.FAILED))
        .order_by(col(Message.id).desc())
    ).first()
    if bounced is None:
        return
    copy = Message.model_validate(
        bounced.model_dump(
            include={
                "kind", "protocol_id", "case", "contact_id", "reply_to", "subject", "text", "html", "calendar",
                "resend_in_doubt", "only_while_owed",
            }
        )
        | {
            "key": f"{bounced.key}:to-{contact.id}-{now.isoformat()}", "address": contact.address, "queued_at": now,
            "next_attempt_at": now, "message_id": _another_id(bounced.message_id, now),
        }
    )  # fmt: skip
    session.add(copy)
    session.flush()
    _copy_about(session, bounced, copy)


def _another_id(message_id: str, now: datetime) -> str:
    local, _, domain = message_id.strip("<>").rpartition("@")
    return f"<{local}.{int(now.timestamp())}@{domain}>"


def _copy_about(session: Session, bounced: Message, copy: Message) -> None:
    from models.outbox import MessageAbout

    for about in session.exec(select(MessageAbout).where(MessageAbout.message_id == bounced.id)).all():
        session.add(MessageAbout(message_id=known_id(copy), obligation_id=about.obligation_id))


def apply_succession(session: Session, now: datetime, succession: Succession, lead_address: str, by: str) -> Party:
    """The successor becomes a party and is asked to adopt; it never inherits a signature.

    Whole successions end the predecessor's membership. Where only part of a body went on, the body stays.
    Applied twice it is applied once; several predecessors may have one successor.
    """
    protocol = session.get_one(Protocol, succession.protocol_id)
    predecessor = session.get_one(Party, succession.party_id)
    protocol_locked(session, protocol)
    if succession.applied_at is not None and succession.successor_id is not None:
        return session.get_one(Party, succession.successor_id)
    successor = _successor(session, now, protocol, succession, predecessor, lead_address, by)
    succession.applied_at, succession.successor_id = now, successor.id
    session.add(succession)
    if succession.kind is not SuccessionKind.PART_OF and successor.id != predecessor.id:
        leave(session, now, predecessor, by, f"Succeeded by {successor.name} ({succession.happened_words}).")
    history.write(
        session, case_of(protocol), now, by, "succession applied", why=succession.note or None,
        predecessor=predecessor.slug, successor=successor.slug, source=succession.source,
    )  # fmt: skip
    _close_succession_matter(session, now, protocol, succession, successor)
    _ask_to_adopt(session, now, protocol, succession, predecessor, successor)
    return successor


def _successor(
    session: Session, now: datetime, protocol: Protocol, succession: Succession,
    predecessor: Party, lead_address: str, by: str,
) -> Party:  # fmt: skip
    known = session.exec(
        select(Party).where(Party.protocol_id == protocol.id, Party.slug == succession.successor_slug)
    ).first()
    if known is not None:
        if not is_active(known, local_day(now, zone_of(protocol))):
            raise HasLeft(known)
        return known
    return join(
        session, now, protocol, succession.successor_slug, succession.successor_name, predecessor.kind,
        predecessor.nation, lead_address, by,
    )  # fmt: skip


def _close_succession_matter(
    session: Session, now: datetime, protocol: Protocol, succession: Succession, successor: Party
) -> None:
    matter = session.exec(select(Matter).where(Matter.key == f"{protocol.slug}:succession:{succession.key}")).first()
    if matter is not None:
        close_matter(session, now, matter, f"{successor.name} was asked to adopt")


def _ask_to_adopt(
    session: Session, now: datetime, protocol: Protocol, succession: Succession, predecessor: Party, successor: Party
) -> None:
    version = current_version(session, protocol)
    if version is None:
        return
    contact, due_on = lead_of(session, successor), due_after(protocol, "adoption", now)
    key = f"{protocol.slug}:version:{version.label}:sign:{successor.slug}"
    duty = open_obligation(
        session, now, protocol, key=key, case=case_of(protocol), kind=ObligationKind.SIGNATURE,
        contact=contact, party=successor, due_on=due_on, subject=f"version:{version.label}",
    )  # fmt: skip
    if duty is None:
        return
    tell(
        session, now, protocol, contact, case_of(protocol), f"{key}:adopt",
        lambda h: SuccessorAskedToAdopt(
            **h, predecessor=predecessor.name, successor=successor.name, happened=succession.happened_words,
            version=version.label, sha256=version.sha256, due_on=due_on,
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip


def require_address(address: str) -> None:
    local, at, domain = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and " " not in address
    if not (
        plain and at and local and "." in domain.strip(".") and len(address) <= 254 and not set(address) & set('<>,;:"')
    ):
        raise NotAnAddress(address)
