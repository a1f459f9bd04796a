"""Partners ask each other. A question never holds up a clock, nor a stage: nothing waits for its answer."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.duties import text_of
from actions.breaches.moving import follow_up_at, open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.reopening import HasLeftTheProtocol
from actions.breaches.settling import settle
from actions.breaches.telling import tell_of_consultation
from actions.cast import NotThere, is_active, known_id
from actions.policy import today_of
from actions.reasons import reason
from models import history
from models.breach import Consultation, FollowUp
from models.protocol import Party
from rules.errors import Refused


class AsksItself(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} cannot consult itself: name another party that the breach concerns.")


class AnsweredAlready(Refused):
    def __init__(self, consultation: Consultation) -> None:
        super().__init__(f"Question {consultation.id} has been answered, and answers stay: ask another question.")


def consult(session: Session, now: datetime, breach_id: int, slug: str, of_slug: str, question: str, by: str) -> int:
    """Answers the question's number; the same question again has the same one, until it is answered.

    Raises AsksItself, HasLeftTheProtocol, ReasonNeeded (a question without words), NoFollowUp, FollowUpHasEnded.
    """
    breach = open_breach_locked(session, breach_id)
    asking, party = open_follow_up_at(session, breach, slug)
    asked, other = follow_up_at(session, breach, of_slug)
    if asking.id == asked.id:
        raise AsksItself(party)
    if not is_active(other, today_of(protocol_of(session, breach), now)):
        raise HasLeftTheProtocol(other)
    words = reason(question, "a question")
    if (known := _asked_already(session, asking, asked, words)) is not None:
        return known
    consultation = _keep(session, now, asking, asked, words, by)
    history.write(
        session, breach.case, now, by, "consulted", why=words, party=party.slug, of=other.slug,
        consultation=consultation.id,
    )  # fmt: skip
    tell_of_consultation(session, now, breach, consultation, answered=False)
    settle(session, now, breach)
    return known_id(consultation)


def _keep(session: Session, now: datetime, asking: FollowUp, asked: FollowUp, words: str, by: str) -> Consultation:
    row = {
        "breach_id": asking.breach_id, "asked_by_id": known_id(asking), "asked_of_id": known_id(asked),
        "question_id": history.narrate(session, words), "asked_at": now, "asked_by": by,
    }  # fmt: skip
    consultation = Consultation.model_validate(row)
    session.add(consultation)
    session.flush()
    return consultation


def _asked_already(session: Session, asking: FollowUp, asked: FollowUp, words: str) -> int | None:
    statement = select(Consultation).where(
        Consultation.asked_by_id == asking.id, Consultation.asked_of_id == asked.id,
        col(Consultation.answered_at).is_(None),
    )  # fmt: skip
    for each in session.exec(statement.order_by(col(Consultation.id))):
        if text_of(session, each.question_id) == words:
            return each.id
    return None


def answer_consultation(session: Session, now: datetime, consultation_id: int, answer: str, by: str) -> None:
    """The same answer again does nothing. Raises NotThere, AnsweredAlready, ReasonNeeded, BreachHasEnded."""
    found = session.get(Consultation, consultation_id)
    if found is None:
        raise NotThere(f"There is no question {consultation_id}.")
    breach = open_breach_locked(session, found.breach_id)
    session.refresh(found, with_for_update=True)
    words = reason(answer, "an answer")
    if found.answered_at is not None:
        if text_of(session, found.answer_id) == words:
            return
        raise AnsweredAlready(found)
    found.answer_id, found.answered_at, found.answered_by = history.narrate(session, words), now, by
    session.add(found)
    history.write(
        session, breach.case, now, by, "answered", why=words, party=_slug(session, found.asked_of_id),
        consultation=found.id,
    )  # fmt: skip
    tell_of_consultation(session, now, breach, found, answered=True)
    settle(session, now, breach)


def _slug(session: Session, follow_up_id: int) -> str:
    return session.get_one(Party, session.get_one(FollowUp, follow_up_id).party_id).slug
