"""The checklist grows, or reads otherwise, while a round of confirmations runs: who had finished owes what is new."""

from datetime import datetime

from sqlalchemy import String
from sqlmodel import Session, cast, col, literal, select

from actions.cast import active_parties, known_id
from actions.confirmation_answers import said_by_party
from actions.confirmation_requests import Questions, checklist, newest_requests, request
from actions.policy import today_of
from actions.signatures import version_of
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Protocol
from models.review import Review


def hold_rounds(session: Session, protocol: Protocol) -> Review | None:
    """The review after which confirmations were asked for last. Nobody else confirms in it until the transaction ends:
    what is taken for an answer is one to the question as it reads now. Held with it: where anything of an earlier round
    may be owed."""
    case = literal("review:") + cast(Review.id, String)
    asked = select(Obligation.id).where(Obligation.case == case, Obligation.kind == ObligationKind.CONFIRMATION)
    of_protocol = select(Review).where(Review.protocol_id == protocol.id, col(Review.ended_at).is_not(None))
    newest = of_protocol.where(asked.exists()).order_by(col(Review.ended_at).desc(), col(Review.id).desc()).limit(1)
    review = session.exec(newest).first()
    of_rounds = select(Obligation.case).where(
        Obligation.protocol_id == protocol.id,
        col(Obligation.kind).in_([ObligationKind.CONFIRMATION, ObligationKind.IMPLEMENTATION]),
        col(Obligation.outcome).is_(None) | (Obligation.kind == ObligationKind.IMPLEMENTATION),
    )  # fmt: skip
    history.hold(session, *session.exec(of_rounds.distinct()), *([review.case] if review else []))
    return review


def ask_what_is_new(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> int:
    """A round runs while anybody owes its confirmation; one that is over stays as it was. Answers how many are asked.

    Whoever owes it still finds what is new on the same page, and is not written to.
    """
    duties = newest_requests(session, review)
    if all(duty.outcome is not None for duty in duties.values()):
        return 0
    version = version_of(session, review)
    said, items = said_by_party(session, version), checklist(session, protocol)
    parties = active_parties(session, protocol, today_of(protocol, now))
    what: dict[str, Questions] = {}
    for party in parties:
        duty = duties.get(party.id)
        if duty is not None and duty.outcome is Outcome.ANSWERED:
            given = {key for key, each in said.get(known_id(party), {}).items() if each.stands}
            lacking = tuple((item.key, item.question) for item in items if item.key not in given)
            key = f"{review.case}:confirmation:{party.slug}:after-{duty.id}"
            what |= {party.slug: Questions(key=key, items=lacking, has_confirmed=True)} if lacking else {}
    asked = request(session, now, protocol, review, version, parties, what)
    if asked:
        questions = sorted({key for each in what.values() for key, _ in each.items})
        history.write(
            session, review.case, now, by, "asked what is new to confirm", parties=list(what), questions=questions
        )
    return asked
