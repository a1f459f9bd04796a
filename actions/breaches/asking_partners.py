"""Whether the partners have to be told: by the protocol's own clock, or because the party's procedure asks for it."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.duties import decide, text_of
from actions.breaches.matching import match_obligations
from actions.breaches.moving import follow_ups_of
from actions.breaches.own_limits import ASKS_FOR_NO_PARTNERS, ASKS_FOR_PARTNERS, asks_for
from actions.breaches.statutory import duty_of
from models.breach import Breach, FollowUp
from models.history import CLOCK
from rules.breach_duties import DutyKind


def ask_for_partners(session: Session, now: datetime, breach: Breach) -> None:
    """A step's condition is asked again, as every step's is. What a person has decided, or has done, stands."""
    changed = [
        decide(session, now, breach, each, DutyKind.PARTNERS, *_by_procedure(session, breach, each), CLOCK)
        for each in follow_ups_of(session, breach, still_open=True)
        if _hangs_on_the_procedure(session, each)
    ]
    if any(changed):
        match_obligations(session, now, breach)


def _by_procedure(session: Session, breach: Breach, follow_up: FollowUp) -> tuple[bool, str]:
    if asks_for(session, breach, follow_up, DutyKind.PARTNERS):
        return True, ASKS_FOR_PARTNERS
    return False, ASKS_FOR_NO_PARTNERS


def _hangs_on_the_procedure(session: Session, follow_up: FollowUp) -> bool:
    duty = duty_of(session, follow_up, DutyKind.PARTNERS)
    if duty is None or duty.done_at is not None or duty.decided_by != CLOCK:
        return False
    return text_of(session, duty.because_id) in (ASKS_FOR_PARTNERS, ASKS_FOR_NO_PARTNERS)
