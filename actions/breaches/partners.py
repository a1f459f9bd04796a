"""The partners concerned are told, under the protocol's own clock."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.beginning import require_begun
from actions.breaches.duties import done, has_happened, is_late, own_duty
from actions.breaches.matching import answer, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.settling import settle
from actions.policy import zone_of
from actions.reasons import reason_if_any
from models import history
from models.obligation import ObligationKind
from rules.breach_duties import DutyKind
from rules.errors import Refused
from rules.sentences import written_instant


class PartnersToldLate(Refused):
    def __init__(self, due: str) -> None:
        super().__init__(
            f"The protocol's own clock for telling partners ended on {due}: say why it was later (`--late-because`)."
        )


def partners_told(
    session: Session, now: datetime, breach_id: int, slug: str, told_at: datetime, by: str,
    late_because: str | None = None,
) -> None:  # fmt: skip
    """Also where the protocol sets no clock. The first instant stands; the same again does nothing.

    Raises PartnersToldLate, LiesAhead, BeforeItBegan, ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    zone, why = zone_of(protocol_of(session, breach)), reason_if_any(late_because, "a delay")
    at, duty = has_happened(told_at, now, zone), own_duty(session, follow_up, DutyKind.PARTNERS)
    if duty.done_at == at:
        return
    require_begun(session, breach, at, "Nobody can have been told of it")
    if duty.done_at is None and duty.due_at is not None and is_late(session, breach, follow_up, duty, at):
        duty.late_because_id = _narrated(session, why, written_instant(duty.due_at, zone))
    first = done(duty, at, by)
    session.add(duty)
    history.write(
        session, breach.case, now, by, "partners told" if first else "partners told again", why=why, party=party.slug,
        told_at=at.isoformat(),
    )  # fmt: skip
    answer(session, now, breach, follow_up, ObligationKind.TELLING_PARTNERS, by)
    match_obligations(session, now, breach)
    settle(session, now, breach)


def _narrated(session: Session, why: str | None, due: str) -> int:
    if why is None:
        raise PartnersToldLate(due)
    return history.narrate(session, why)
