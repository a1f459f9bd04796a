"""A law-enforcement controller restricts telling people while that is necessary (DPA 2018 s.68(7)).

Every party's letters to the people concerned wait until the last hold is released; nothing else does: neither the
72 hours nor what partners are told.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.duties import text_of
from actions.breaches.following import owed_at
from actions.breaches.matching import answer, hold_of, holds_on, match_obligations
from actions.breaches.moving import (
    BreachHasEnded,
    breach_locked,
    follow_up_at,
    open_breach_locked,
    open_follow_up_at,
    protocol_of,
)
from actions.breaches.settling import settle
from actions.breaches.telling import tell_of_hold
from actions.breaches.windows import window_day
from actions.cast import NotThere, known_id
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.breach import Breach, BreachOutcome, FollowUp, LetterHold
from models.obligation import ObligationKind
from models.protocol import Party
from rules.breach_duties import Capacity, Regime
from rules.errors import Refused
from rules.sentences import written_instant

__all__ = ["HeldAlready", "MayNotHold", "confirm_hold", "holds_on", "place_hold", "release_hold"]


class MayNotHold(Refused):
    def __init__(self, breach: Breach, party: Party, follow_up: FollowUp) -> None:
        super().__init__(
            "Only a controller that acts for law-enforcement purposes may restrict telling the people concerned (DPA "
            f"2018 s.68(7)); {party.name} acts as {follow_up.capacity} under the {follow_up.regime} regime. If that is "
            f"wrong, correct it with `concordat breach regime {breach.id} {party.slug} REGIME --because TEXT`."
        )


class HeldAlready(Refused):
    def __init__(self, breach: Breach, party: Party, hold: LetterHold, zone: ZoneInfo) -> None:
        super().__init__(
            f"{party.name} has held letters since {written_instant(hold.placed_at, zone)}. To record that they must "
            f"still wait, use `concordat breach hold {breach.id} {party.slug} --confirm --because TEXT`."
        )


def place_hold(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> LetterHold:
    """From now on nobody's letters to the people concerned leave. The same again does nothing.

    Raises MayNotHold, HeldAlready, ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    why = reason(because, "a hold")
    if (follow_up.regime, follow_up.capacity) != (Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER):
        raise MayNotHold(breach, party, follow_up)
    if standing := hold_of(holds_on(session, breach), follow_up):
        if text_of(session, standing.why_id) == why:
            return standing
        raise HeldAlready(breach, party, standing, zone_of(protocol_of(session, breach)))
    hold = _keep(session, now, follow_up, why, by)
    history.write(session, breach.case, now, by, "letters held", why=why, party=party.slug, hold=hold.id)
    match_obligations(session, now, breach)
    tell_of_hold(session, now, breach, hold, released=False)
    settle(session, now, breach)
    return hold


def _keep(session: Session, now: datetime, follow_up: FollowUp, why: str, by: str) -> LetterHold:
    row = {
        "breach_id": follow_up.breach_id, "follow_up_id": known_id(follow_up), "why_id": history.narrate(session, why),
        "placed_at": now, "placed_by": by,
    }  # fmt: skip
    hold = LetterHold.model_validate(row)
    session.add(hold)
    session.flush()
    return hold


def confirm_hold(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """Somebody has looked again, and it is still necessary; the next look is owed from now.

    The same again, while the next look is due the same day, does nothing.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    why, hold = reason(because, "a hold that goes on"), _standing(session, breach, follow_up, party)
    next_look = window_day(protocol_of(session, breach), "hold_review", now).due
    owed = owed_at(session, breach, follow_up, ObligationKind.HOLD)
    if [duty.due_on for duty in owed] == [next_look] and _confirmed(session, breach, hold, why):
        return
    answer(session, now, breach, follow_up, ObligationKind.HOLD, by)
    history.write(session, breach.case, now, by, "hold confirmed", why=why, party=party.slug, hold=hold.id)
    match_obligations(session, now, breach)
    settle(session, now, breach)


def release_hold(session: Session, now: datetime, breach_id: int, slug: str, by: str, because: str) -> None:
    """With the last hold released, whoever has to tell people is asked to, from now. The same again does nothing.

    Also of a party whose follow-up has ended, and in a breach that is closed: a hold outlasts both.
    Raises BreachHasEnded (merged into another), NotThere, ReasonNeeded.
    """
    breach = breach_locked(session, breach_id)
    if breach.outcome is BreachOutcome.MERGED:
        raise BreachHasEnded(breach)
    follow_up, party = follow_up_at(session, breach, slug)
    why = reason(because, "the release of a hold")
    hold = hold_of(holds_on(session, breach), follow_up)
    if hold is None and _released_before(session, breach, follow_up):
        return
    hold = hold or _standing(session, breach, follow_up, party)
    hold.released_at, hold.released_by, hold.release_why_id = now, by, history.narrate(session, why)
    session.add(hold)
    history.write(session, breach.case, now, by, "letters released", why=why, party=party.slug, hold=hold.id)
    answer(session, now, breach, follow_up, ObligationKind.HOLD, by)
    match_obligations(session, now, breach)
    tell_of_hold(session, now, breach, hold, released=True)
    settle(session, now, breach)


def _standing(session: Session, breach: Breach, follow_up: FollowUp, party: Party) -> LetterHold:
    hold = hold_of(holds_on(session, breach), follow_up)
    if hold is None:
        raise NotThere(f"{party.name} holds no letters in breach {breach.id}.")
    return hold


def _confirmed(session: Session, breach: Breach, hold: LetterHold, why: str) -> bool:
    """With these words."""
    statement = (
        select(history.History.details)
        .join(history.Narrative, col(history.Narrative.id) == history.History.why_id)
        .where(history.History.case == breach.case, history.History.what == "hold confirmed")
        .where(history.Narrative.text == why)
    )
    return any(details.get("hold") == hold.id for details in session.exec(statement))


def _released_before(session: Session, breach: Breach, follow_up: FollowUp) -> bool:
    statement = select(LetterHold.id).where(LetterHold.breach_id == breach.id, LetterHold.follow_up_id == follow_up.id)
    return session.exec(statement).first() is not None
