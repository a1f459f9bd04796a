"""Who is asked to confirm after adoption, and what (protocol §14: "lead members will provide confirmation that
procedures have been implemented within their organisation")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlmodel import Session, col, select

from actions.breaches.roles import in_place_of
from actions.cast import active_parties, known_id, leads_of
from actions.duties import Opening, open_obligations
from actions.moving import review_of
from actions.policy import due_after, today_of, who_confirms
from actions.review_asked import or_stand_ins
from actions.signatures import signed_as_one, signers_of, subject_of, version_of
from actions.telling import Header, Told, tell_many
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import ChecklistItem, Contact, Party, Protocol, Role, Version
from models.review import Review
from notifications.messages import ConfirmationRequested
from rules.review import Stage


@dataclass(frozen=True, kw_only=True)
class Questions:
    """`key` of the duty; `items`: key and question of each. `has_confirmed`: everything but these."""

    key: str
    items: tuple[tuple[str, str], ...]
    has_confirmed: bool = False


def checklist(session: Session, protocol: Protocol) -> list[ChecklistItem]:
    """The questions that are asked, as they read now."""
    statement = select(ChecklistItem).where(ChecklistItem.protocol_id == protocol.id, col(ChecklistItem.position) > 0)
    return list(session.exec(statement.order_by(col(ChecklistItem.position))))


def newest_requests(session: Session, review: Review) -> dict[int | None, Obligation]:
    """By the party: it is asked once more where the checklist grows in time."""
    of_round = (Obligation.case == review.case, Obligation.kind == ObligationKind.CONFIRMATION)
    duties = session.exec(select(Obligation).where(*of_round).order_by(col(Obligation.id)))
    return {duty.party_id: duty for duty in duties}


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
    items = tuple((item.key, item.question) for item in checklist(session, protocol))
    asked = {party.slug: Questions(key=f"{review.case}:confirmation:{party.slug}", items=items) for party in parties}
    request(session, now, protocol, review, version, parties, asked if items else {})


def request(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version,
    parties: Sequence[Party], what: Mapping[str, Questions],
) -> int:  # fmt: skip
    """Of each party what it is to answer, by its slug. Answers how many owe it from now on."""
    role = who_confirms(protocol)
    asking = [party for party in parties if party.slug in what]
    if role is None or not asking:
        return 0
    due_on = due_after(protocol, "confirmation", now)
    answering = or_stand_ins(session, today_of(protocol, now), asking, _answering(session, asking, role))
    asked = {what[each.slug].key: (answering[known_id(each)], each) for each in asking}
    items = {each.key: each for each in what.values()}
    opened = open_obligations(session, now, protocol, [
        Opening(
            key=key, case=review.case, kind=ObligationKind.CONFIRMATION, contact=to.contact, party=party, due_on=due_on,
            subject=subject_of(version),
        )
        for key, (to, party) in asked.items()
    ])  # fmt: skip
    tell_many(session, now, [
        Told(
            protocol=protocol, to=asked[key][0].contact, case=review.case, key=f"{key}:ask", about=[duty],
            only_while_owed=True, in_place_of=in_place_of(session, asked[key][0].contact, asked[key][0].instead_of),
            say=partial(_say, what=items[key], version=version.label, due_on=due_on),
        )
        for key, duty in opened.items()
    ])  # fmt: skip
    return len(opened)


def _say(header: Header, what: Questions, version: str, due_on: date) -> ConfirmationRequested:
    return ConfirmationRequested(
        **header, version=version, items=what.items, due_on=due_on, has_confirmed=what.has_confirmed
    )


def _answering(session: Session, parties: Sequence[Party], role: Role) -> dict[int, Contact]:
    """Who answers for each, by the party's id."""
    of_role = select(Contact).where(Contact.role == role)
    named = session.exec(of_role.where(one_of(session, Contact.party_id, [known_id(party) for party in parties])))
    answering = {contact.party_id or 0: contact for contact in named}
    return answering | leads_of(session, [party for party in parties if known_id(party) not in answering])
