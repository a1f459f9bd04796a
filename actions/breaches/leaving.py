"""A party leaves the protocol: its follow-ups end here. What the law asks of it goes on to be its own."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.affecting import end_follow_up, standing_holds
from actions.breaches.asking_secretary import ask_how_it_goes_on
from actions.breaches.learning import lessons_of
from actions.breaches.moving import protocol_of
from actions.breaches.settling import settle
from actions.breaches.statutory import open_duties_of
from actions.breaches.steps import standing_of
from actions.breaches.telling import tell_of_end
from actions.matters import open_matter
from models import history
from models.breach import Breach, FollowUp, FollowUpEnd
from models.protocol import MatterKind, Party
from rules.breach import Stage
from rules.sentences import listed


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
        ask_how_it_goes_on(session, now, breach, follow_up)


def leave_to_the_secretary(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party) -> None:
    holds, left = standing_holds(session, follow_up), list(_undone(session, breach, follow_up))
    left += ["a hold on letters to the people concerned"] if holds else []
    if not left:
        return
    todo = f"Ask {party.name} how it goes on with what is left; breach {breach.id} has the record."
    if holds:
        todo = f"Ask {party.name} whether the letters must still wait. {todo}"
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, f"{breach.case}:left:{party.slug}",
        f"{party.name} has left in the middle of breach {breach.id}, with {listed(left)}.", todo,
    )  # fmt: skip


def _undone(session: Session, breach: Breach, follow_up: FollowUp) -> Iterator[str]:
    """What nobody there is asked for any more, and what the law still asks."""
    if duties := len(open_duties_of(session, follow_up)):
        yield f"{duties} unanswered {'duty' if duties == 1 else 'duties'} (by law its own still)"
    if steps := len(standing_of(session, breach, follow_up).pending):
        yield f"{steps} {'step' if steps == 1 else 'steps'} of its procedure still open"
    if not lessons_of(session, follow_up):
        yield "nothing recorded of what was learned"
