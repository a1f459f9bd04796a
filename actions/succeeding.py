"""A body became another: the successor is asked to adopt, it never inherits a signature."""

from datetime import datetime

from sqlmodel import Session, select

from actions.cast import case_of, is_active, known_id, lead_of
from actions.duties import open_obligation
from actions.matters import close_matter
from actions.parties import HasLeft, become_party, leave, membership_locked
from actions.policy import due_after, today_of
from actions.signatures import signers_of, subject_of, version_to_adopt
from actions.telling import tell
from models import history
from models.obligation import ObligationKind
from models.protocol import Matter, Party, Protocol, Succession, SuccessionKind
from notifications.messages import SuccessorAskedToAdopt


def apply_succession(session: Session, now: datetime, succession: Succession, lead_address: str, by: str) -> Party:
    """The successor becomes a party, unless it is one, and is asked to adopt, unless it has signed for itself.

    Whole successions end the predecessor's membership. Where only part of a body went on, the body stays.
    Applied twice it is applied once; several predecessors may have one successor.
    """
    protocol = session.get_one(Protocol, succession.protocol_id)
    membership_locked(session, protocol, leaving=session.get_one(Party, succession.party_id))
    session.refresh(succession)
    if succession.applied_at is not None and succession.successor_id is not None:
        return session.get_one(Party, succession.successor_id)
    predecessor = session.get_one(Party, succession.party_id)
    if succession.kind is not SuccessionKind.PART_OF:
        because = f"Succeeded by {succession.successor_name} ({succession.happened_words})."
        leave(session, now, predecessor, by, because)
    successor = _successor(session, now, protocol, succession, predecessor, lead_address, by)
    succession.applied_at, succession.successor_id = now, successor.id
    session.add(succession)
    history.write(
        session, case_of(protocol), now, by, "succession applied", why=succession.note or None,
        predecessor=predecessor.slug, successor=successor.slug, source=succession.source,
    )  # fmt: skip
    is_asked = _ask_to_adopt(session, now, protocol, succession, predecessor, successor)
    what = "was asked to adopt" if is_asked else "had signed or had been asked"
    _close_matter(session, now, protocol, succession, f"{successor.name} {what}")
    return successor


def _successor(
    session: Session, now: datetime, protocol: Protocol, succession: Succession,
    predecessor: Party, lead_address: str, by: str,
) -> Party:  # fmt: skip
    """Raises HasLeft where it has itself been succeeded: then that comes first."""
    known = session.exec(
        select(Party).where(Party.protocol_id == protocol.id, Party.slug == succession.successor_slug)
    ).first()
    if known is not None:
        if not is_active(known, today_of(protocol, now)):
            raise HasLeft(known)
        return known
    return become_party(
        session, now, protocol, succession.successor_slug, succession.successor_name, predecessor.kind,
        predecessor.nation, lead_address, by,
    )  # fmt: skip


def _close_matter(session: Session, now: datetime, protocol: Protocol, succession: Succession, outcome: str) -> None:
    matter = session.exec(select(Matter).where(Matter.key == f"{protocol.slug}:succession:{succession.key}")).first()
    if matter is not None:
        close_matter(session, now, matter, outcome)


def _ask_to_adopt(
    session: Session, now: datetime, protocol: Protocol, succession: Succession, predecessor: Party, successor: Party
) -> bool:
    """False where it owes or has given that signature already. What is being signed waits for it."""
    version, case = version_to_adopt(session, protocol)
    if version is None or known_id(successor) in signers_of(session, version):
        return False
    contact, due_on = lead_of(session, successor), due_after(protocol, "adoption", now)
    key = f"{protocol.slug}:version:{version.label}:sign:{successor.slug}"
    duty = open_obligation(
        session, now, protocol, key=key, case=case, kind=ObligationKind.SIGNATURE,
        contact=contact, party=successor, due_on=due_on, subject=subject_of(version),
    )  # fmt: skip
    if duty is None:
        return False
    tell(
        session, now, protocol, contact, case, f"{key}:adopt",
        lambda h: SuccessorAskedToAdopt(
            **h, predecessor=predecessor.name, successor=successor.name, happened=succession.happened_words,
            version=version.label, sha256=version.sha256, due_on=due_on,
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip
    return True
