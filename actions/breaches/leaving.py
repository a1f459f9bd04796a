"""A party leaves the protocol: its follow-ups end here. What the law asks of it goes on to be its own."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.affecting import end_follow_up, standing_holds
from actions.breaches.moving import protocol_of
from actions.breaches.settling import settle
from actions.breaches.statutory import open_duties_of
from actions.breaches.telling import tell_of_end
from actions.matters import open_matter
from models import history
from models.breach import Breach, FollowUp, FollowUpEnd
from models.protocol import MatterKind, Party
from rules.breach import Stage


def followed_by(session: Session, party: Party) -> list[Breach]:
    """Breaches in which the party has a follow-up that goes on, as they are now."""
    statement = (
        select(Breach)
        .join(FollowUp, col(FollowUp.breach_id) == Breach.id)
        .where(FollowUp.party_id == party.id, col(FollowUp.ended_at).is_(None), Breach.stage != Stage.CLOSED)
    )
    return list(session.exec(statement.order_by(col(Breach.id)).execution_options(populate_existing=True)))


def end_for_leaving(session: Session, now: datetime, party: Party, by: str, why: str) -> None:
    """The caller holds the protocol and every case of `followed_by`. Twice does nothing.

    Duties stay as they are recorded, and so does a hold on letters: leaving a partnership answers neither.
    """
    for breach in followed_by(session, party):
        follow_up = session.exec(
            select(FollowUp).where(FollowUp.breach_id == breach.id, FollowUp.party_id == party.id)
        ).one()
        end_follow_up(session, now, breach, follow_up, FollowUpEnd.LEFT, by, why)
        history.write(
            session, breach.case, now, by, "follow-up ended", why=why, party=party.slug, end=FollowUpEnd.LEFT.value
        )  # fmt: skip
        leave_to_the_secretary(session, now, breach, follow_up, party)
        tell_of_end(session, now, breach, follow_up)
        settle(session, now, breach)


def leave_to_the_secretary(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party) -> None:
    holds, duties = len(standing_holds(session, follow_up)), len(open_duties_of(session, follow_up))
    if not holds and not duties:
        return
    left = [f"{duties} unanswered {'duty' if duties == 1 else 'duties'}, by law its own still"] if duties else []
    left += ["a hold on letters to the people concerned"] if holds else []
    todo = f"Ask {party.name} how it goes on with what is left; breach {breach.id} has the record."
    if holds:
        todo = f"Ask {party.name} whether the letters must still wait. {todo}"
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, f"{breach.case}:left:{party.slug}",
        f"{party.name} has left in the middle of breach {breach.id}, with {' and '.join(left)}.", todo,
    )  # fmt: skip
