"""Who is asked to confirm after adoption, and what (protocol §14: "lead members will provide confirmation that
procedures have been implemented within their organisation")."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, contact_at, lead_of
from actions.duties import open_obligation
from actions.policy import due_after, today_of, who_confirms
from actions.signatures import signers_of, subject_of, version_of
from actions.telling import tell
from models.obligation import Obligation, ObligationKind
from models.protocol import ChecklistItem, Party, Protocol, Version
from models.review import Review
from notifications.messages import ConfirmationRequested
from rules.review import Stage


def checklist(session: Session, protocol: Protocol) -> list[ChecklistItem]:
    statement = select(ChecklistItem).where(ChecklistItem.protocol_id == protocol.id)
    return list(session.exec(statement.order_by(col(ChecklistItem.position))))


def ask_for_confirmations(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version
) -> None:
    """The parties that signed owe the checklist, where the protocol wants it confirmed."""
    signed = signers_of(session, version)
    for party in active_parties(session, protocol, today_of(protocol, now)):
        if party.id in signed:
            _ask(session, now, protocol, review, version, party)


def ask_late_signer(
    session: Session, now: datetime, protocol: Protocol, version: Version, party: Party, case: str
) -> None:
    """Whoever signs after adoption is asked then."""
    asked_in = int(case.removeprefix("review:")) if case.startswith("review:") else version.review_id
    review = session.get(Review, asked_in) if asked_in else None
    if review is not None and review.stage is Stage.ADOPTED and _was_signed(session, review):
        _ask(session, now, protocol, review, version_of(session, review), party)


def _was_signed(session: Session, review: Review) -> bool:
    """A minor version that was only announced asks nobody for anything."""
    statement = select(Obligation.id).where(
        Obligation.case == review.case, Obligation.kind == ObligationKind.SIGNATURE
    )  # fmt: skip
    return session.exec(statement).first() is not None


def _ask(session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, party: Party) -> None:
    """Where a party has named no designated person, its lead member answers for it."""
    role = who_confirms(protocol)
    items = tuple((item.key, item.question) for item in checklist(session, protocol))
    if role is None or not items:
        return
    contact = contact_at(session, party, role) or lead_of(session, party)
    key, due_on = f"{review.case}:confirmation:{party.slug}", due_after(protocol, "confirmation", now)
    duty = open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.CONFIRMATION,
        contact=contact, party=party, due_on=due_on, subject=subject_of(version),
    )  # fmt: skip
    if duty is None:
        return
    tell(
        session, now, protocol, contact, review.case, f"{key}:ask",
        lambda h: ConfirmationRequested(**h, version=version.label, items=items, due_on=due_on),
        about=[duty], only_while_owed=True,
    )  # fmt: skip
