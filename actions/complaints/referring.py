"""A complaint that reached the wrong body is passed on to the one that has to answer it; the clock goes on."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.cast import is_active, known_id, party_named
from actions.complaints.asking import (
    ask_anew,
    ask_for_the_same,
    ask_to_acknowledge,
    hand_to_the_secretary,
    move_duties,
)
from actions.complaints.moving import handler_of, open_complaint_locked, protocol_of, take_step
from actions.complaints.receiving import NotAPartyNow
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.complaint import Complaint, Recheck, Referral
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party
from rules.complaint import Stage, Step
from rules.errors import Refused
from rules.texts import plain

TO_THE_SECRETARY = "secretary"
MOVES_ON = (ObligationKind.PROGRESS, ObligationKind.ANALYSIS, ObligationKind.RECHECK)


class AnswersItAlready(Refused):
    def __init__(self, whose: str, complaint: Complaint) -> None:
        super().__init__(f"{whose} answers complaint {complaint.id} already: there is nobody to refer it to.")


def refer(session: Session, now: datetime, complaint_id: int, to: str, by: str, because: str) -> Referral:
    """What was owed, `to` owes by the same day: thirty days are counted from the first receipt, whoever had it. A party
    that nobody can name the right body to passes it to the secretary (`to`: TO_THE_SECRETARY).

    Referred twice to the same body is once. Raises NotThere, ComplaintIsClosed, ReasonNeeded, NotAPartyNow,
    AnswersItAlready, StepNotAllowed.
    """
    complaint = open_complaint_locked(session, complaint_id)
    why, protocol = reason(because, "a referral"), protocol_of(session, complaint)
    party = None if plain(to).casefold() == TO_THE_SECRETARY else party_named(session, protocol, to)
    if party is not None and not is_active(party, today_of(protocol, now)):
        raise NotAPartyNow(party)
    number = known_id(party) if party else None
    whose = party.name if party else "The secretary"
    if complaint.handler_id == number:
        if (last := last_referral(session, complaint)) is not None and last.to_id == number:
            return last
        raise AnswersItAlready(whose, complaint)
    before = handler_of(session, complaint)
    referral = Referral(
        complaint_id=complaint_id, from_id=complaint.handler_id, to_id=number,
        why_id=history.narrate(session, why), referred_at=now, referred_by=by,
    )  # fmt: skip
    session.add(referral)
    complaint.handler_id = number
    slugs = {"sender": before.slug if before else None, "to": party.slug if party else None}
    take_step(session, now, complaint, Step.REFER, by, why=why, **slugs)
    if not move_duties(session, now, complaint, by, f"referred to {party.name if party else 'the secretary'}"):
        ask_to_acknowledge(session, now, complaint)
    return referral


def last_referral(session: Session, complaint: Complaint) -> Referral | None:
    statement = select(Referral).where(Referral.complaint_id == complaint.id)
    return session.exec(statement.order_by(col(Referral.id).desc()).limit(1)).first()


def referrals_of(session: Session, complaint: Complaint) -> list[Referral]:
    """The oldest first."""
    statement = select(Referral).where(Referral.complaint_id == complaint.id)
    return list(session.exec(statement.order_by(col(Referral.id))))


def answered_by(session: Session, party: Party) -> list[Complaint]:
    """What it has still to do something about: also closed ones, of which it has been asked whether a version covers
    them."""
    asked_again = select(Recheck.complaint_id).where(col(Recheck.answered_at).is_(None))
    statement = select(Complaint).where(
        Complaint.handler_id == party.id,
        or_(col(Complaint.ended_at).is_(None), col(Complaint.id).in_(asked_again)),
    )
    return list(session.exec(statement.order_by(col(Complaint.id))))


def hand_over_for_leaving(session: Session, now: datetime, party: Party, by: str) -> None:
    """Nobody is asked at a party that has left: the secretary has its complaints from now on. What it owed has ended;
    the caller holds the cases."""
    for complaint in answered_by(session, party):
        hand_to_the_secretary(session, now, complaint, party, by)
        for duty in _ended_with(session, now, complaint, party):
            ask_for_the_same(session, now, complaint, duty, None)
        if complaint.stage is not Stage.CLOSED:
            ask_anew(session, now, complaint)


def _ended_with(session: Session, now: datetime, complaint: Complaint, party: Party) -> list[Obligation]:
    """What the party owed in it until it left, but for the acknowledgement: that is counted from receipt."""
    statement = select(Obligation).where(
        Obligation.case == complaint.case, Obligation.party_id == party.id, Obligation.discharged_at == now,
        Obligation.outcome == Outcome.SUPERSEDED, col(Obligation.kind).in_(MOVES_ON),
    )  # fmt: skip
    return list(session.exec(statement.order_by(col(Obligation.id))))
