"""Everybody is asked for feedback, once a round (protocol §14: "all parties … will be asked")."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial

import sqlalchemy as sa
from sqlmodel import Session, col, literal, or_, select

from actions.breaches.roles import in_place_of
from actions.cast import active_parties, known_id
from actions.clauses import clause_headings
from actions.duties import Opening, discharge, open_obligations, owed
from actions.policy import today_of
from actions.review_asked import leads_or_stand_ins
from actions.telling import Header, Told, tell_many
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party, Protocol
from models.review import Review, ReviewReason
from notifications.messages import FeedbackInvited
from rules.review import ReviewKind
from rules.review_dates import ReviewDates

WORK_OF_A_ROUND = (
    ObligationKind.FEEDBACK, ObligationKind.DRAFTING, ObligationKind.ADVICE, ObligationKind.DECISION
)  # fmt: skip


def ask_everybody(session: Session, now: datetime, protocol: Protocol, review: Review) -> None:
    """Every party of that day owes feedback and is asked for it. Run again, it asks nobody twice."""
    ask(session, now, protocol, review, active_parties(session, protocol, today_of(protocol, now)))


def ask(
    session: Session, now: datetime, protocol: Protocol, review: Review, parties: Sequence[Party],
    longer: Mapping[int | None, date] | None = None,
) -> None:  # fmt: skip
    """They owe feedback, with whatever time is left, and are asked for it: a few statements, however many they are.

    `longer`: the day until which a party has been given more time, by its id.
    """
    asked, days = leads_or_stand_ins(session, today_of(protocol, now), parties), longer or {}
    until = {_key(review, party): max(review.due_on, days.get(party.id, review.due_on)) for party in parties}
    to = {_key(review, party): asked[known_id(party)] for party in parties}
    opened = open_obligations(session, now, protocol, [
        Opening(
            key=_key(review, party), case=review.case, kind=ObligationKind.FEEDBACK,
            contact=asked[known_id(party)].contact, party=party, due_on=until[_key(review, party)],
        )
        for party in parties
    ])  # fmt: skip
    invitation = _invitation(session, protocol, review)
    say = {day: partial(invitation, day) for day in set(until.values())}
    tell_many(session, now, [
        Told(
            protocol=protocol, to=to[key].contact, case=review.case, key=f"{key}:invite", say=say[until[key]],
            about=[duty], only_while_owed=True, in_place_of=in_place_of(session, to[key].contact, to[key].instead_of),
        )
        for key, duty in opened.items()
    ])  # fmt: skip


def _key(review: Review, party: Party) -> str:
    return f"{review.case}:feedback:{party.slug}" + _round_of(review)


def _invitation(session: Session, protocol: Protocol, review: Review) -> Callable[[date, Header], FeedbackInvited]:
    reasons = tuple(reason.words for reason in reasons_of(session, review))
    clauses = clause_headings(session, protocol)
    return lambda due_on, h: FeedbackInvited(
        **h, review_on=review.review_on, due_on=due_on, reasons=reasons, clauses=clauses,
        extraordinary=review.kind is ReviewKind.EXTRAORDINARY,
    )  # fmt: skip


def _round_of(review: Review) -> str:
    return f":round-{review.round}" if review.round > 1 else ""


def unasked(session: Session, protocol: Protocol, review: Review, until: date) -> list[Party]:
    """Parties of today, or of a day until that one, that have not been asked in this round, by name.

    Whoever leaves is not asked any more, nor is whoever is to leave.
    """
    key = {"before": f"{review.case}:feedback:", "after": _round_of(review)}
    return list(session.exec(_UNASKED, params={"of": protocol.id, "until": until, **key}))


# Every sweep asks this of a review that collects: to build it anew took longer than the databases did.
_UNASKED = (
    select(Party)
    .where(
        Party.protocol_id == sa.bindparam("of"),
        ~select(Obligation.id)
        .where(
            col(Obligation.key)
            == sa.bindparam("before", type_=sa.String) + col(Party.slug) + sa.bindparam("after", type_=sa.String)
        )
        .exists(),
        or_(col(Party.joined_on).is_(None), col(Party.joined_on) <= sa.bindparam("until")),
        col(Party.left_on).is_(None),
    )
    .order_by(col(Party.name))
)


def asked_in(session: Session, review: Review) -> set[int]:
    """Parties that have been asked in this round, whatever they answered."""
    of_round = literal(f"{review.case}:feedback:") + col(Party.slug) + _round_of(review)
    statement = select(Party.id).join(Obligation, col(Obligation.party_id) == Party.id)
    statement = statement.where(Obligation.case == review.case, Obligation.key == of_round)
    return {number for number in session.exec(statement) if number}


def ask_newcomers(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    """Parties that count since a day in the middle of the review; the round goes on for everybody else."""
    parties = unasked(session, protocol, review, today_of(protocol, now))
    ask(session, now, protocol, review, parties)
    history.write(session, review.case, now, by, "asked newcomers", parties=[party.slug for party in parties])


def ask_again(
    session: Session, now: datetime, protocol: Protocol, review: Review, dates: ReviewDates, by: str, why: str
) -> None:
    """A new round: what was owed in the old one is superseded by one request that names every reason. Whoever had been
    given more time keeps it."""
    still_owed = owed(session, review.case, ObligationKind.FEEDBACK)
    longer = {duty.party_id: duty.due_on for duty in still_owed if duty.due_on > review.due_on}
    discharge(session, now, owed(session, review.case, *WORK_OF_A_ROUND), Outcome.SUPERSEDED, by, why)
    review.round += 1
    review.due_on, review.due_at = dates.due_on, dates.due_at
    session.add(review)
    ask(session, now, protocol, review, active_parties(session, protocol, today_of(protocol, now)), longer)


def reasons_of(session: Session, review: Review) -> list[ReviewReason]:
    """Why the review is held, the first reason first."""
    statement = select(ReviewReason).where(ReviewReason.review_id == review.id)
    return list(session.exec(statement.order_by(col(ReviewReason.id))))
