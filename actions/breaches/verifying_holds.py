"""What must always be true of letters that are held: asked by `concordat verify`. Reads only."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.merged_holds import CARRIED
from models.breach import Breach, BreachDuty, BreachOutcome, FollowUp, LetterHold
from models.history import History
from models.protocol import Party
from rules.breach_duties import DutyKind


def nobody_wrote_to_people_while_letters_were_held(session: Session, _now: datetime) -> Iterator[str]:
    """Where two cases were merged, one may have told people before it knew of the other's hold."""
    statement = (
        select(LetterHold, BreachDuty, FollowUp, Breach)
        .join(FollowUp, col(FollowUp.breach_id) == LetterHold.breach_id)
        .join(BreachDuty, col(BreachDuty.follow_up_id) == FollowUp.id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .where(BreachDuty.kind == DutyKind.PEOPLE, col(BreachDuty.done_at) > col(LetterHold.placed_at))
        .where(col(LetterHold.released_at).is_(None) | (col(BreachDuty.done_at) < col(LetterHold.released_at)))
    )
    for hold, duty, follow_up, breach in session.exec(statement).all():
        if not (_told_elsewhere(session, duty, follow_up) or _told_before(session, hold, follow_up, breach)):
            yield f"{breach.case}: party {follow_up.party_id} told people while letters were held"


def _told_elsewhere(session: Session, duty: BreachDuty, follow_up: FollowUp) -> bool:
    """It was recorded in a breach that was merged into this one."""
    statement = (
        select(BreachDuty.id)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .where(Breach.merged_into_id == follow_up.breach_id, FollowUp.party_id == follow_up.party_id)
        .where(BreachDuty.kind == duty.kind, BreachDuty.done_at == duty.done_at)
    )
    return session.exec(statement).first() is not None


def _told_before(session: Session, hold: LetterHold, follow_up: FollowUp, breach: Breach) -> bool:
    """It was recorded here before the hold was carried over from another."""
    party = session.get_one(Party, follow_up.party_id)
    told = _rows(session, breach, "people told", party=party.slug)
    carried = _rows(session, breach, CARRIED, hold=hold.id)
    return bool(told and carried and told[0] < carried[0])


def _rows(session: Session, breach: Breach, what: str, **about: object) -> list[int]:
    """Where in the case's history that stands."""
    statement = select(History.seq, History.details).where(History.case == breach.case, History.what == what)
    rows = session.exec(statement.order_by(col(History.seq)))
    return [seq for seq, details in rows if about.items() <= details.items()]


def no_hold_was_left_behind(session: Session, _now: datetime) -> Iterator[str]:
    """In a breach that was merged away it would hold nobody's letters."""
    statement = (
        select(Breach.id)
        .join(LetterHold, col(LetterHold.breach_id) == Breach.id)
        .where(Breach.outcome == BreachOutcome.MERGED, col(LetterHold.released_at).is_(None))
    )
    for breach in session.exec(statement):
        yield f"breach:{breach}: was merged, and a hold on letters still stands in it"
