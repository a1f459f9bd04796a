"""Whom a breach concerns: one more party, or one fewer. What was recorded stays."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.asking_secretary import ask_how_it_goes_on, close_matters_about
from actions.breaches.early_ends import require_not_concerned
from actions.breaches.facts import parties_in, require_active
from actions.breaches.moving import FollowUpHasEnded, NoFollowUp, open_breach_locked, protocol_of
from actions.breaches.settling import settle
from actions.breaches.stating import state_facts
from actions.breaches.telling import tell_of_end
from actions.cast import known_id, party_named
from actions.duties import discharge, owed
from actions.reasons import reason
from models import history
from models.breach import Breach, FollowUp, FollowUpEnd, LetterHold
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Party
from rules.breach_facts import UNKNOWN, FactName
from rules.errors import Refused
from rules.texts import plain

# What was agreed as a lesson stays owed, wherever the case goes on.
OF_A_FOLLOW_UP = tuple(kind for kind in ObligationKind if kind is not ObligationKind.LOCAL_ACTION)


class HoldsLetters(Refused):
    def __init__(self, breach: Breach, party: Party) -> None:
        super().__init__(
            f"{party.name} holds the letters to the people concerned, and nobody else can release them: release "
            f"them first (`concordat breach hold {breach.id} {party.slug} --release --because TEXT`)."
        )


def affect(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """The breach may concern this party too: its follow-up is opened, or goes on. Twice does nothing.

    Raises NotThere, BreachHasEnded, IsNoParty, ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    protocol = protocol_of(session, breach)
    party, why = party_named(session, protocol, plain(slug)), reason(because, "a party concerned")
    require_active(session, now, protocol, party)
    follow_up = follow_up_of(session, breach, party)
    named = parties_in(session, breach)
    if party.slug not in named:
        close_matters_about(session, now, breach, f"{party.name} was named")
        state_facts(session, now, breach_id, {FactName.PARTIES: [*named, party.slug]}, by, why)
    if follow_up is not None and follow_up.ended_at is not None:
        from actions.breaches.closing import reopen_follow_up

        reopen_follow_up(session, now, breach_id, party.slug, by, why)


def not_affected(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """The breach does not concern this party after all: nothing more is asked of it. Twice does nothing.

    Raises NotThere, BreachHasEnded, NoFollowUp, FollowUpHasEnded, HoldsLetters, HasTold, ConcernsIt, ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    party = party_named(session, protocol_of(session, breach), plain(slug))
    why, named = reason(because, "a party that is not concerned"), parties_in(session, breach)
    follow_up = follow_up_of(session, breach, party)
    if follow_up is None and party.slug not in named:
        raise NoFollowUp(breach, party)
    if follow_up is not None:
        if follow_up.end is FollowUpEnd.NOT_AFFECTED:
            return
        if follow_up.ended_at is not None:
            raise FollowUpHasEnded(party, follow_up)
        _end(session, now, breach, follow_up, party, by, why)
    if party.slug in named:
        others: Any = [each for each in named if each != party.slug] or UNKNOWN
        state_facts(session, now, breach_id, {FactName.PARTIES: others}, by, why)
    settle(session, now, breach)


def _end(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, by: str, why: str
) -> None:  # fmt: skip
    if standing_holds(session, follow_up):
        raise HoldsLetters(breach, party)
    require_not_concerned(session, now, breach, follow_up)
    end_follow_up(session, now, breach, follow_up, FollowUpEnd.NOT_AFFECTED, by, why)
    history.write(session, breach.case, now, by, "not affected", why=why, party=party.slug)
    tell_of_end(session, now, breach, follow_up)
    ask_how_it_goes_on(session, now, breach, follow_up)


def end_follow_up(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, end: FollowUpEnd, by: str, why: str
) -> list[Obligation]:
    """Nothing more is asked of the party in this case; answers what is not owed any more. The caller writes history."""
    follow_up.ended_at, follow_up.end, follow_up.end_why_id = now, end, history.narrate(session, why)
    session.add(follow_up)
    duties = [duty for duty in owed(session, breach.case, *OF_A_FOLLOW_UP) if duty.party_id == follow_up.party_id]
    discharge(session, now, duties, Outcome.SUPERSEDED, by, why)
    return duties


def follow_up_of(session: Session, breach: Breach, party: Party) -> FollowUp | None:
    """As it is now; None if the party has none."""
    statement = select(FollowUp).where(FollowUp.breach_id == breach.id, FollowUp.party_id == party.id)
    return session.exec(statement.execution_options(populate_existing=True)).first()


def standing_holds(session: Session, follow_up: FollowUp) -> list[LetterHold]:
    statement = select(LetterHold).where(
        LetterHold.follow_up_id == known_id(follow_up), col(LetterHold.released_at).is_(None)
    )
    return list(session.exec(statement.order_by(col(LetterHold.id))))
