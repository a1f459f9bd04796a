"""What people do in a rehearsal: the real actions, with reasons that a reader can follow.

An act answers the sentences of the timeline; none where it has become moot by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from actions.cast import known_id
from actions.confirming import ItemAnswer, checklist, confirm
from actions.membership import correct_address
from actions.owing import delegate, extend
from actions.proposals import Proposed
from actions.review_feedback import give_feedback
from actions.review_signing import decline, sign
from actions.signatures import version_of
from actions.versions import version_named
from models.obligation import Obligation
from models.protocol import Contact, Party, Protocol
from models.review import ConfirmationAnswer, Review
from rules.review import Stage
from rules.sentences import written_day

SECRETARY = "secretary"


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which obligation an act answers."""

    protocol_id: int
    duty_id: int


def _open(session: Session, part: Part) -> tuple[Obligation, Party] | None:
    duty = session.get_one(Obligation, part.duty_id, populate_existing=True)
    return None if duty.outcome is not None else (duty, session.get_one(Party, duty.party_id))


def _speaks(session: Session, duty: Obligation) -> str:
    """Who answers, in the words of history."""
    contact = session.get_one(Contact, duty.contact_id)
    party = session.get_one(Party, duty.party_id)
    return f"{party.slug} ({contact.role.value})"


def _review_of(session: Session, duty: Obligation) -> Review | None:
    case, _, number = duty.case.partition(":")
    return session.get(Review, int(number)) if case == "review" else None


def answer_feedback(
    session: Session, now: datetime, part: Part, proposed: Proposed | None, comment: str
) -> Iterator[str]:
    """In time or late: after closing it is kept as late, as long as the proposals are being drafted."""
    duty = session.get_one(Obligation, part.duty_id)
    review, party = _review_of(session, duty), session.get_one(Party, duty.party_id)
    if review is None or review.stage not in (Stage.COLLECTING, Stage.DRAFTING):
        return
    proposals = (proposed,) if proposed else ()
    silent = not proposals and not comment
    if not give_feedback(
        session, now, known_id(review), party, _speaks(session, duty), no_comments=silent, comments=comment,
        proposals=proposals,
    ):  # fmt: skip
        return
    late = ", late" if now >= review.due_at and now >= duty.due_at else ""
    what = (
        f"proposes other words for clause {proposed.clause}"
        if proposed
        else "has comments"
        if comment
        else "has no comments"
    )
    yield f"{party.name} answers{late}: it {what}."


def ask_for_time(session: Session, now: datetime, part: Part, until: date) -> Iterator[str]:
    if (found := _open(session, part)) and found[0].due_on < until:
        duty, party = found
        extend(session, now, duty, until, SECRETARY, "Its information governance group meets only after the date.")
        yield f"{party.name} asks for more time; the secretary gives it until {written_day(until)}."


def hand_to_deputy(session: Session, now: datetime, part: Part) -> Iterator[str]:
    if found := _open(session, part):
        duty, party = found
        delegate(session, now, duty, SECRETARY, "The lead member is away for six weeks; an automatic reply says so.")
        yield f"The lead member of {party.name} is away: the secretary asks the deputy instead."


def correct_bounced(session: Session, now: datetime, contact_id: int, address: str) -> Iterator[str]:
    contact = session.get_one(Contact, contact_id)
    if contact.bounced_at is None:
        return
    party = session.get(Party, contact.party_id) if contact.party_id else None
    correct_address(session, now, contact, address, SECRETARY)
    yield f"The secretary telephones {party.name if party else 'them'} and corrects the address: {address}."


def sign_version(session: Session, now: datetime, part: Part, position: str) -> Iterator[str]:
    if not (found := _open(session, part)):
        return
    duty, party = found
    version = version_named(
        session, session.get_one(Protocol, part.protocol_id), (duty.subject or "").partition(":")[2]
    )
    if version.sha256 is None:
        return
    sign(session, now, version, party, _speaks(session, duty), position=position, sha256=version.sha256)
    yield f"{party.name} signs version {version.label} ({position})."


def decline_version(session: Session, now: datetime, part: Part) -> Iterator[str]:
    if not (found := _open(session, part)):
        return
    duty, party = found
    version = version_named(
        session, session.get_one(Protocol, part.protocol_id), (duty.subject or "").partition(":")[2]
    )
    because = "Our legal adviser holds that the new wording goes further than our own Act allows."
    decline(session, now, version, party, _speaks(session, duty), because)
    yield f"{party.name} declines to sign version {version.label}: “{because}”"


def confirm_procedures(session: Session, now: datetime, part: Part, not_yet_by: date | None) -> Iterator[str]:
    """Every item is in place, or all but one, which has a day."""
    if not (found := _open(session, part)) or (review := _review_of(session, found[0])) is None:
        return
    duty, party = found
    items = checklist(session, session.get_one(Protocol, part.protocol_id))
    answers = [ItemAnswer(item=item.key, answer=ConfirmationAnswer.IN_PLACE) for item in items]
    if not_yet_by:
        why = "The training of new staff has been booked."
        answers[-1] = ItemAnswer(
            item=items[-1].key, answer=ConfirmationAnswer.NOT_YET, by_when=not_yet_by, why=why
        )  # fmt: skip
    confirm(session, now, review, version_of(session, review), party, answers, _speaks(session, duty))
    but = f", but for {answers[-1].item}: not yet, by {written_day(not_yet_by)}" if not_yet_by else ""
    yield f"{party.name} confirms that the procedures are in place{but}."


def put_in_place(session: Session, now: datetime, part: Part) -> Iterator[str]:
    if not (found := _open(session, part)) or (review := _review_of(session, found[0])) is None:
        return
    duty, party = found
    item = (duty.subject or "").partition(":")[2]
    answer = ItemAnswer(item=item, answer=ConfirmationAnswer.IN_PLACE)
    confirm(session, now, review, version_of(session, review), party, [answer], _speaks(session, duty))
    yield f"{party.name} says that {item} is in place now."
