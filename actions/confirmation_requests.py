"""Who is asked to confirm after adoption, and what (protocol §14: "lead members will provide confirmation that
procedures have been implemented within their organisation")."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import active_parties, known_id, leads_of
from actions.duties import Opening, open_obligations
from actions.moving import review_of
from actions.policy import due_after, today_of, who_confirms
from actions.review_asked import or_stand_ins
from actions.signatures import signed_as_one, signers_of, subject_of, version_of
from actions.telling import Told, tell_many
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import ChecklistItem, Contact, Party, Protocol, Role, Version
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
    parties = active_parties(session, protocol, today_of(protocol, now))
    _ask(session, now, protocol, review, version, [party for party in parties if party.id in signed])


def ask_late_signer(
    session: Session, now: datetime, protocol: Protocol, version: Version, party: Party, case: str
) -> None:
    """Whoever signs after adoption is asked then."""
    review = review_of(session, case) or _signed_in(session, version)
    if review is not None and review.stage is Stage.ADOPTED and _was_signed(session, review):
        _ask(session, now, protocol, review, version_of(session, review), [party])


def _signed_in(session: Session, version: Version) -> Review | None:
    """The review that opened this text to signing, or the one to which it is a minor change: whoever is asked to adopt
    what is in force signs that."""
    opened = select(Review).join(Version, col(Version.review_id) == Review.id).where(*signed_as_one(version))
    return session.exec(opened.order_by(col(Version.minor)).limit(1)).first()


def _was_signed(session: Session, review: Review) -> bool:
    """A minor version that was only announced asks nobody for anything."""
    statement = select(Obligation.id).where(
        Obligation.case == review.case, Obligation.kind == ObligationKind.SIGNATURE
    )  # fmt: skip
    return session.exec(statement).first() is not None


def _ask(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, parties: Sequence[Party]
) -> None:
    """Where a party has named no designated person, its lead member answers for it."""
    role = who_confirms(protocol)
    items = tuple((item.key, item.question) for item in checklist(session, protocol))
    if role is None or not items or not parties:
        return
    due_on = due_after(protocol, "confirmation", now)
    answering = or_stand_ins(session, today_of(protocol, now), parties, _answering(session, parties, role))
    asked = {f"{review.case}:confirmation:{each.slug}": (answering[known_id(each)], each) for each in parties}
    opened = open_obligations(session, now, protocol, [
        Opening(
            key=key, case=review.case, kind=ObligationKind.CONFIRMATION, contact=contact, party=party, due_on=due_on,
            subject=subject_of(version),
        )
        for key, (contact, party) in asked.items()
    ])  # fmt: skip
    tell_many(session, now, [
        Told(
            protocol=protocol, to=asked[key][0], case=review.case, key=f"{key}:ask", about=[duty], only_while_owed=True,
            say=lambda h: ConfirmationRequested(**h, version=version.label, items=items, due_on=due_on),
        )
        for key, duty in opened.items()
    ])  # fmt: skip


def _answering(session: Session, parties: Sequence[Party], role: Role) -> dict[int, Contact]:
    """Who answers for each, by the party's id."""
    of_role = select(Contact).where(Contact.role == role)
    named = session.exec(of_role.where(one_of(session, Contact.party_id, [known_id(party) for party in parties])))
    answering = {contact.party_id or 0: contact for contact in named}
    return answering | leads_of(session, [party for party in parties if known_id(party) not in answering])
