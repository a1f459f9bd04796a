"""What the parties answer, in time or late."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session

from actions.cast import is_active, known_id, lead_of
from actions.clauses import clause_named
from actions.moving import review_locked
from actions.owing import discharge, owed_by
from actions.policy import zone_of
from actions.proposals import Proposed, raise_proposal
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party, Protocol
from models.review import Feedback, Review
from models.store import insert_unless_there
from notifications.messages import FeedbackReceived
from rules.errors import Refused
from rules.instants import local_day
from rules.review import Stage


class FeedbackIsClosed(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.id} no longer takes feedback: it is {review.stage}.")


class NotAParty(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} is not a party any more.")


class NothingSaid(Refused):
    def __init__(self) -> None:
        super().__init__("Say something: comments, a proposal, or that there are no comments (`--no-comments`).")


class BothSaid(Refused):
    def __init__(self) -> None:
        super().__init__("“No comments” cannot stand beside comments or proposals: choose one.")


def give_feedback(
    session: Session, now: datetime, review_id: int, party: Party, by: str, *,
    no_comments: bool = False, comments: str = "", proposals: Sequence[Proposed] = (),
    on_behalf_because: str | None = None,
) -> Feedback | None:  # fmt: skip
    """What a party answers. Given twice, it is recorded once: None. Late answers are kept, as late."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    _check_feedback(review, party, now, protocol, no_comments, comments, proposals)
    said = json.dumps([no_comments, comments.strip(), [asdict(p) for p in proposals]], sort_keys=True)
    feedback = Feedback(
        key=f"{review.case}:{party.slug}:round-{review.round}:{hashlib.sha256(said.encode()).hexdigest()[:16]}",
        review_id=review_id, party_id=known_id(party), round=review.round, no_comments=no_comments,
        comments_id=history.narrate(session, comments.strip()) if comments.strip() else None,
        given_at=now, given_by=by,
    )  # fmt: skip
    clauses = {p.clause: clause_named(session, protocol, p.clause) for p in proposals}
    if not insert_unless_there(session, feedback):
        return None
    for number, proposed in enumerate(proposals, 1):
        raise_proposal(
            session,
            now,
            review,
            clauses[proposed.clause],
            proposed,
            by,
            party=party,
            feedback=feedback,
            number=number,
        )
    duties = owed_by(session, review.case, ObligationKind.FEEDBACK, party)
    discharge(session, now, duties, Outcome.ANSWERED, by, on_behalf_because)
    history.write(
        session, review.case, now, by, "feedback given", why=on_behalf_because, party=party.slug,
        no_comments=no_comments, proposals=len(proposals), late=now >= review.due_at,
    )  # fmt: skip
    _acknowledge(session, now, protocol, review, party, feedback, len(proposals), duties, bool(on_behalf_because))
    return feedback


def _check_feedback(
    review: Review, party: Party, now: datetime, protocol: Protocol,
    no_comments: bool, comments: str, proposals: Sequence[Proposed],
) -> None:  # fmt: skip
    if review.stage not in (Stage.COLLECTING, Stage.DRAFTING):
        raise FeedbackIsClosed(review)
    if not is_active(party, local_day(now, zone_of(protocol))):
        raise NotAParty(party)
    said = bool(comments.strip()) or bool(proposals)
    if not said and not no_comments:
        raise NothingSaid
    if said and no_comments:
        raise BothSaid


def _acknowledge(
    session: Session, now: datetime, protocol: Protocol, review: Review, party: Party,
    feedback: Feedback, proposals: int, duties: Sequence[Obligation], on_behalf: bool,
) -> None:  # fmt: skip
    contact = session.get_one(Contact, duties[0].contact_id) if duties else lead_of(session, party)
    tell(
        session, now, protocol, contact, review.case, f"{feedback.key}:received",
        lambda h: FeedbackReceived(
            **h, no_comments=feedback.no_comments, proposals=proposals, due_on=review.due_on, on_behalf=on_behalf
        ),
    )  # fmt: skip
