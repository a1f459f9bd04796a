"""What the law, or the protocol's own clock between partners, asks of a party in a breach, as it is now."""

from collections.abc import Sequence

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.breach import BreachDuty, FollowUp
from models.remembering import remembered
from rules.breach_duties import DutyKind, duties_of


@remembered(BreachDuty)
def statutory_duties_of(session: Session, follow_up: FollowUp) -> Sequence[BreachDuty]:
    """What the law, or the protocol's own clock, asks of the party, as it is now."""
    return session.exec(_STATUTORY, params={"of": follow_up.id}).all()


_STATUTORY = (
    select(BreachDuty)
    .where(BreachDuty.follow_up_id == bindparam("of"))
    .order_by(col(BreachDuty.id))
    .execution_options(populate_existing=True)
)


def duty_of(session: Session, follow_up: FollowUp, kind: DutyKind) -> BreachDuty | None:
    return next((duty for duty in statutory_duties_of(session, follow_up) if duty.kind is kind), None)


def open_duties_of(session: Session, follow_up: FollowUp) -> list[BreachDuty]:
    """Of its capacity: nobody has decided whether it is required, or it is and has not been done."""
    own = duties_of(follow_up.capacity)
    duties = (duty for duty in statutory_duties_of(session, follow_up) if duty.kind in own)
    return [duty for duty in duties if duty.required is not False and duty.done_at is None]
