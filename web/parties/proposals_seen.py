"""Which reviews a party sees, and what it is told of how far one is."""

from sqlmodel import Session, select

from actions.cast import NotThere, is_active
from actions.policy import today_of
from actions.version_standing import ended_in_nothing
from models.obligation import Obligation
from models.protocol import Contact, Party
from models.review import Review
from rules.review import Stage
from web.declaring import Asked
from web.parties.own import STEERING

# What happens next, for whoever takes part.
NEXT = {
    Stage.SCHEDULED: "It has not opened yet. You will be asked by e-mail when it does.",
    Stage.COLLECTING: "Every party is asked for feedback. Then the secretary sorts what was proposed, and the "
    "steering group decides on each proposal.",
    Stage.DRAFTING: "The secretary sorts what was proposed. Then the steering group decides on each proposal.",
    Stage.ADVISING: "An adviser reads the major proposals. Then the steering group decides on each proposal.",
    Stage.DECIDING: "The steering group decides on each proposal. You will hear by e-mail what follows from it.",
    Stage.SIGNING: "The decisions are taken, and the new version is being signed.",
    Stage.ADOPTED: "The decisions are taken, and the new version is adopted.",
    Stage.NO_CHANGE: "It ended without a change of the protocol.",
    Stage.CANCELLED: "It was cancelled, and nothing more is asked for it.",
    Stage.JOINED: "Its reasons went into another review that was open already.",
}
IN_WORDS = {
    Stage.SCHEDULED: "Not open yet",
    Stage.COLLECTING: "Collecting feedback",
    Stage.DRAFTING: "Sorting proposals",
    Stage.ADVISING: "Waiting for advice",
    Stage.DECIDING: "Being decided",
    Stage.SIGNING: "Being signed",
    Stage.ADOPTED: "Adopted",
    Stage.NO_CHANGE: "Ended without a change",
    Stage.CANCELLED: "Cancelled",
    Stage.JOINED: "Part of another review",
}


NOT_YET = "The decisions are taken. The new version is not in force."
ENDED_WITHOUT = "Ended: not in force"


def stage_said(session: Session, review: Review) -> str:
    return ENDED_WITHOUT if _is_not_in_force(session, review) else IN_WORDS[review.stage]


def next_said(session: Session, review: Review) -> str:
    return NOT_YET if _is_not_in_force(session, review) else NEXT[review.stage]


def _is_not_in_force(session: Session, review: Review) -> bool:
    return review.stage is Stage.ADOPTED and review.id in ended_in_nothing(session, review.protocol_id)


def sees_reviews(contact: Contact | None) -> bool:
    """The circle that answers in reviews; a breach coordinator has no part in them."""
    return contact is not None and contact.party_id is not None and contact.role in STEERING


def own_review(asked: Asked, number: int) -> tuple[Review, Party]:
    """Of the caller's protocol, while their party is one of its parties or was asked in it. Raises NotThere."""
    contact, party, review = asked.caller.contact, asked.caller.party, asked.session.get(Review, number)
    if contact is None or party is None or review is None or review.protocol_id != contact.protocol_id:
        raise NotThere("There is no such review here.")
    if not sees_reviews(contact) or not _takes_part(asked, review, party):
        raise NotThere("There is no such review here.")
    return review, party


def _takes_part(asked: Asked, review: Review, party: Party) -> bool:
    if is_active(party, today_of(asked.protocol, asked.now)):
        return True
    was_asked = select(Obligation.id).where(Obligation.case == review.case, Obligation.party_id == party.id)
    return asked.session.exec(was_asked).first() is not None
