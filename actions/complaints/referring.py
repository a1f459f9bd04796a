"""A complaint that reached the wrong body is passed on to the one that has to answer it; the clock goes on."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from actions.cast import is_active, known_id, party_named
from actions.complaints.asking import ask_anew, ask_to_acknowledge, move_duties
from actions.complaints.asking_again import ask_of_version, versions_asked_about
from actions.complaints.moving import handler_of, open_complaint_locked, protocol_of, take_step
from actions.complaints.receiving import NotAPartyNow
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.complaint import Complaint, Recheck, Referral
from models.protocol import Party
from rules.complaint import Step
from rules.errors import Refused


class AnswersItAlready(Refused):
    def __init__(self, party: Party, complaint: Complaint) -> None:
        super().__init__(f"{party.name} answers complaint {complaint.id} already: there is nobody to refer it to.")


def refer(session: Session, now: datetime, complaint_id: int, to: str, by: str, because: str) -> Referral:
    """What was owed, `to` owes by the same day: thirty days are counted from the first receipt, whoever had it.

    Referred twice to the same body is once. Raises NotThere, ComplaintIsClosed, ReasonNeeded, NotAPartyNow,
    AnswersItAlready, StepNotAllowed.
    """
    complaint = open_complaint_locked(session, complaint_id)
    why, protocol = reason(because, "a referral"), protocol_of(session, complaint)
    party = party_named(session, protocol, to)
    if not is_active(party, today_of(protocol, now)):
        raise NotAPartyNow(party)
    if complaint.handler_id == party.id:
        if (last := last_referral(session, complaint)) is not None:
            return last
        raise AnswersItAlready(party, complaint)
    before = handler_of(session, complaint)
    referral = Referral(
        complaint_id=complaint_id, from_id=complaint.handler_id, to_id=known_id(party),
        why_id=history.narrate(session, why), referred_at=now, referred_by=by,
    )  # fmt: skip
    session.add(referral)
    complaint.handler_id = party.id
    take_step(session, now, complaint, Step.REFER, by, why=why, sender=before.slug if before else None, to=party.slug)
    if not move_duties(session, now, complaint, by, f"referred to {party.name}"):
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
        complaint.handler_id = None
        session.add(complaint)
        history.write(
            session, complaint.case, now, by, "handed to the secretary", why=f"{party.name} has left", party=party.slug
        )
        ask_anew(session, now, complaint)
        for version in versions_asked_about(session, complaint):
            ask_of_version(session, now, complaint, version)
