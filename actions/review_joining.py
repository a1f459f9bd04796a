"""One more reason for a review that is open: one request per party, and every reason recorded (protocol §14)."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.roles import in_place_of
from actions.cast import active_parties, known_id
from actions.duties import owed, set_due
from actions.moving import review_locked, take_step
from actions.policy import today_of
from actions.review_asked import leads_or_stand_ins
from actions.review_asking import ask_again, reasons_of
from actions.review_scheduling import give_reason
from actions.telling import tell
from models import history
from models.obligation import ObligationKind
from models.protocol import Protocol
from models.review import ReasonKind, Review
from notifications.messages import ReviewReasonAdded
from rules.review import Stage, Step
from rules.review_dates import ReviewDates


def join_review(
    session: Session, now: datetime, protocol: Protocol, review_id: int,
    kind: ReasonKind, words: str, dates: ReviewDates, by: str,
) -> Review:  # fmt: skip
    """While feedback comes in, everybody hears of the reason; where it had closed, everybody is asked once more.

    The reason brings the time that it would have had on its own: the later day holds for all.
    """
    review = review_locked(session, review_id)
    if any(known.words == words for known in reasons_of(session, review)):
        return review  # the same reason given twice
    give_reason(session, now, review, kind, words, by)
    if review.stage is Stage.COLLECTING:
        _give_time(session, now, protocol, review, dates)
        history.write(session, review.case, now, by, "another reason joined", why=words, due_on=str(review.due_on))
        _tell_the_reason(session, now, protocol, review, words)
    else:
        take_step(session, now, review, Step.REOPEN_FEEDBACK, by, why=words)
        ask_again(session, now, protocol, review, dates, by, words)
    return review


def _give_time(session: Session, now: datetime, protocol: Protocol, review: Review, dates: ReviewDates) -> None:
    if dates.due_on <= review.due_on:
        return
    review.due_on, review.due_at = dates.due_on, dates.due_at
    session.add(review)
    for duty in owed(session, review.case, ObligationKind.FEEDBACK):
        if duty.due_on < dates.due_on:
            set_due(session, now, protocol, duty, dates.due_on)


def _tell_the_reason(session: Session, now: datetime, protocol: Protocol, review: Review, words: str) -> None:
    owing = {duty.party_id: duty for duty in owed(session, review.case, ObligationKind.FEEDBACK)}
    number = len(reasons_of(session, review))
    today = today_of(protocol, now)
    parties = active_parties(session, protocol, today)
    asked = leads_or_stand_ins(session, today, parties)
    for party in parties:
        duty = owing.get(party.id)
        due_on = duty.due_on if duty else review.due_on
        to = asked[known_id(party)]
        tell(
            session, now, protocol, to.contact, review.case,
            f"{review.case}:reason-{number}:{party.slug}",
            lambda h, due_on=due_on, duty=duty: ReviewReasonAdded(  # type: ignore[misc]
                **h, reason=words, due_on=due_on, already_answered=duty is None
            ),
            in_place_of=in_place_of(session, to.contact, to.instead_of),
        )  # fmt: skip
