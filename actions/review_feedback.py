"""What the parties answer, in time or late."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, select

from actions.cast import is_active, known_id, lead_of
from actions.clauses import clause_named
from actions.duties import discharge, owed_by
from actions.moving import review_locked
from actions.policy import today_of
from actions.proposals import Proposed, raise_proposal
from actions.reasons import reason_if_any
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Party, Protocol
from models.review import Feedback, Review
from notifications.messages import FeedbackReceived
from rules.errors import Refused
from rules.review import Stage, as_state
from rules.texts import fingerprint, plain

TAKES_FEEDBACK = (Stage.COLLECTING, Stage.DRAFTING)


class FeedbackIsClosed(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.id} takes no feedback: it is {as_state(review.stage)}.")


class NotAParty(Refused):
    def __init__(self, party: Party) -> None:
        super().__init__(f"{party.name} is not a party to this protocol on this day.")


class NothingSaid(Refused):
    def __init__(self) -> None:
        super().__init__("Say something: comments, a proposal, or that there are no comments (`--no-comments`).")


class BothSaid(Refused):
    def __init__(self) -> None:
        super().__init__("“No comments” cannot stand beside comments or proposals: choose one.")


@dataclass(frozen=True, kw_only=True)
class _Said:
    """An answer, tidied. Raises NothingSaid, BothSaid."""

    no_comments: bool
    comments: str
    proposals: tuple[Proposed, ...]

    def __post_init__(self) -> None:
        something = bool(self.comments or self.proposals)
        if not something and not self.no_comments:
            raise NothingSaid
        if something and self.no_comments:
            raise BothSaid

    @property
    def fingerprint(self) -> str:
        said = [self.no_comments, self.comments, [asdict(proposed) for proposed in self.proposals]]
        return fingerprint(json.dumps(said, sort_keys=True))


def give_feedback(
    session: Session, now: datetime, review_id: int, party: Party, by: str, *,
    no_comments: bool = False, comments: str = "", proposals: Sequence[Proposed] = (),
    on_behalf_because: str | None = None,
) -> Feedback | None:  # fmt: skip
    """What a party answers. Given twice, it is recorded once: None. Late answers are kept, as late."""
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    _require_open_to(review, party, protocol, now)
    tidied = tuple(dict.fromkeys(proposed.tidied() for proposed in proposals))
    said = _Said(no_comments=no_comments, comments=plain(comments), proposals=tidied)
    on_behalf = reason_if_any(on_behalf_because, "an answer on behalf")
    clauses = {proposed.clause: clause_named(session, protocol, proposed.clause) for proposed in tidied}
    feedback = _recorded(session, now, review, party, said, by)
    if feedback is None:
        return None
    for number, proposed in enumerate(tidied, 1):
        clause = clauses[proposed.clause]
        raise_proposal(session, now, review, clause, proposed, by, party=party, feedback=feedback, number=number)
    duties = owed_by(session, review.case, ObligationKind.FEEDBACK, party)
    discharge(session, now, duties, Outcome.ANSWERED, by, on_behalf)
    history.write(
        session, review.case, now, by, "feedback given", why=on_behalf, party=party.slug, no_comments=no_comments,
        proposals=len(tidied), late=now >= max([review.due_at, *(duty.due_at for duty in duties)]),
    )  # fmt: skip
    _acknowledge(session, now, protocol, review, party, feedback, len(tidied), duties, on_behalf is not None)
    return feedback


def _require_open_to(review: Review, party: Party, protocol: Protocol, now: datetime) -> None:
    if review.stage not in TAKES_FEEDBACK:
        raise FeedbackIsClosed(review)
    if party.protocol_id != protocol.id or not is_active(party, today_of(protocol, now)):
        raise NotAParty(party)


def _recorded(session: Session, now: datetime, review: Review, party: Party, said: _Said, by: str) -> Feedback | None:
    """None where the party has said exactly this before, in this round."""
    key = f"{review.case}:{party.slug}:round-{review.round}:{said.fingerprint}"
    if session.exec(select(Feedback.id).where(Feedback.key == key)).first() is not None:
        return None
    feedback = Feedback(
        key=key, review_id=known_id(review), party_id=known_id(party), round=review.round,
        no_comments=said.no_comments, comments_id=history.narrate(session, said.comments) if said.comments else None,
        given_at=now, given_by=by,
    )  # fmt: skip
    session.add(feedback)
    session.flush()
    return feedback


def _acknowledge(
    session: Session, now: datetime, protocol: Protocol, review: Review, party: Party,
    feedback: Feedback, proposals: int, duties: Sequence[Obligation], on_behalf: bool,
) -> None:  # fmt: skip
    contact = session.get_one(Contact, duties[0].contact_id) if duties else lead_of(session, party)
    due_on = max([review.due_on, *(duty.due_on for duty in duties)])
    in_time = due_on if today_of(protocol, now) <= due_on else None
    tell(
        session, now, protocol, contact, review.case, f"{feedback.key}:received",
        lambda h: FeedbackReceived(
            **h, no_comments=feedback.no_comments, proposals=proposals, due_on=in_time, on_behalf=on_behalf
        ),
    )  # fmt: skip
