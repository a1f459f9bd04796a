"""Letters that were held in a breach that is merged away: what a party holds stays held until it releases it.

A hold outlasts its holder's follow-up, also where the party has left. It began when it was placed: nobody may record
afterwards that people were told while it stood.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.affecting import standing_holds
from actions.breaches.leaving import leave_to_the_secretary
from actions.breaches.moving import protocol_of
from actions.breaches.telling import tell_of_hold
from actions.cast import known_id
from actions.matters import close_matter, keyed, open_matters
from models import history
from models.breach import Breach, FollowUp, FollowUpEnd, LetterHold
from models.protocol import Party

CARRIED = "hold carried over"  # in history: what had been recorded here before it, nobody could hold against it


def carry_holds(
    session: Session, now: datetime, follow_up: FollowUp, there: FollowUp, party: Party, source: Breach, into: Breach,
    by: str,
) -> None:  # fmt: skip
    """Those that have been released, too: nobody was to be told in their time."""
    for hold in _holds_of(session, follow_up):
        kept = _kept(session, now, hold, there, into, by)
        history.write(
            session, into.case, now, by, CARRIED, party=party.slug, hold=kept.id, breach=source.id,
            stands=kept.released_at is None,
        )  # fmt: skip
        if kept.released_at is None:
            tell_of_hold(session, now, into, kept, released=False)
            _ask_how_it_goes_on(session, now, there, party, source, into)
        if hold.released_at is None:  # once: the row is then closed
            why_id = history.narrate(session, f"goes on in breach {into.id}")
            hold.released_at, hold.released_by, hold.release_why_id = now, by, why_id
            session.add(hold)


def _holds_of(session: Session, follow_up: FollowUp) -> list[LetterHold]:
    statement = select(LetterHold).where(LetterHold.follow_up_id == known_id(follow_up))
    return list(session.exec(statement.order_by(col(LetterHold.id))).all())


def _kept(
    session: Session, now: datetime, hold: LetterHold, there: FollowUp, into: Breach, by: str
) -> LetterHold:  # fmt: skip
    """A party has one hold that stands: where it has placed one there, this one ends in it."""
    row = hold.model_dump(exclude={"id"}) | {"breach_id": known_id(into), "follow_up_id": known_id(there)}
    if hold.released_at is None and standing_holds(session, there):
        why_id = history.narrate(session, f"goes on in the hold that stands in breach {into.id}")
        row |= {"released_at": now, "released_by": by, "release_why_id": why_id}
    kept = LetterHold.model_validate(row)
    session.add(kept)
    session.flush()
    return kept


def _ask_how_it_goes_on(
    session: Session, now: datetime, there: FollowUp, party: Party, source: Breach, into: Breach
) -> None:
    """Nobody at a party that has left is asked any more: the secretary is, about the breach that goes on."""
    if there.end is not FollowUpEnd.LEFT:
        return
    protocol = protocol_of(session, into)
    for matter in open_matters(session, protocol, keyed(protocol, f"{source.case}:left:{party.slug}")):
        close_matter(session, now, matter, f"goes on in breach {into.id}")
    leave_to_the_secretary(session, now, into, there, party)
