"""What was learnt is asked of whoever has nothing else left to do. Once it is said they owe the end of their follow-up,
in the same obligation and by the same day: nobody is reminded of what they have done."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.following import owe_counted
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.breaches.statutory import open_duties_of
from actions.breaches.steps import standing_of
from actions.breaches.windows import window_day
from actions.duties import owed, still_owed
from models import history
from models.breach import Breach, FollowUp, Lesson
from models.history import CLOCK
from models.obligation import ObligationKind
from models.protocol import Party
from models.remembering import remembered
from rules.breach import Stage

FINISH = "finish your follow-up of the breach"


def ask_what_was_learnt(session: Session, now: datetime, breach: Breach) -> None:
    """A follow-up never waits for nobody. The caller holds the case."""
    if breach.stage in (Stage.REPORTED, Stage.CLOSED):
        return
    protocol = protocol_of(session, breach)
    ready = [
        each
        for each in follow_ups_of(session, breach, still_open=True)
        if each.assessed_at and not standing_of(session, breach, each).pending and not open_duties_of(session, each)
    ]
    asked = {duty.party_id for duty in owed(session, breach.case, ObligationKind.LEARNING)} if ready else set()
    for follow_up in (each for each in ready if each.party_id not in asked):
        owe_counted(session, now, breach, follow_up, ObligationKind.LEARNING, window_day(protocol, "learning", now))
        slug = session.get_one(Party, follow_up.party_id).slug
        history.write(session, breach.case, now, CLOCK, "what was learnt is asked", party=slug)
    _ask_to_finish(session, breach)


def _ask_to_finish(session: Session, breach: Breach) -> None:
    for duty in still_owed(session, breach.case):
        if (
            duty.kind is ObligationKind.LEARNING
            and duty.what is None
            and duty.party_id in _have_learnt(session, breach)
        ):
            duty.what = FINISH
            session.add(duty)
    session.flush()


@remembered(Lesson, FollowUp)
def _have_learnt(session: Session, breach: Breach) -> frozenset[int]:
    """The parties of which a lesson stands in this breach."""
    of = select(FollowUp.party_id).join(Lesson, col(Lesson.follow_up_id) == FollowUp.id)
    return frozenset(session.exec(of.where(Lesson.breach_id == breach.id)))
