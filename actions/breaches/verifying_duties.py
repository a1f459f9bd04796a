"""What must always be true of a breach's statutory duties: asked by `concordat verify`. Reads only."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.following import RESTATED_AS
from models.breach import Breach, BreachDuty, FollowUp, FollowUpEnd, LetterHold, RegulatorNotice
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach_duties import DutyKind, duties_of

Broken = Iterator[str]

OBLIGATION_OF = {duty: kind for kind, duties in RESTATED_AS.items() for duty in duties}
ANSWERED_BY_THEN = (FollowUpEnd.COMPLETE, FollowUpEnd.NOT_A_BREACH)
NOTIFIED = (DutyKind.REGULATOR, DutyKind.CONTROLLER)


def every_follow_up_has_its_duties(session: Session, _now: datetime) -> Broken:
    """A row for each duty of its capacity. Those of a capacity that it does not act in any more are answered."""
    rows: dict[int, dict[DutyKind, BreachDuty]] = defaultdict(dict)
    for duty in session.exec(select(BreachDuty)):
        rows[duty.follow_up_id][duty.kind] = duty
    statement = select(FollowUp, Party.slug).join(Party, col(Party.id) == FollowUp.party_id)
    for follow_up, slug in session.exec(statement.order_by(col(FollowUp.id))):
        case, known, own = f"breach:{follow_up.breach_id}", rows[follow_up.id or 0], duties_of(follow_up.capacity)
        for kind in own:
            if kind not in known:
                yield f"{case}: {slug} has no row for the duty “{kind}”"
        for kind, duty in known.items():
            if kind not in own and _is_open(duty):
                yield f"{case}: “{kind}” is open, and is no duty of {slug}, which acts as {follow_up.capacity}"


def _is_open(duty: BreachDuty) -> bool:
    return duty.required is not False and duty.done_at is None


def every_duty_is_answered_or_owed(session: Session, _now: datetime) -> Broken:
    """An answer (done, or not required because), or somebody owes it; letters wait while a hold stands."""
    owed, held = _owed(session), _held(session)
    statement = (
        select(BreachDuty, FollowUp, Breach)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Breach, col(Breach.id) == FollowUp.breach_id)
        .where(col(FollowUp.ended_at).is_(None), col(BreachDuty.done_at).is_(None))
        .where(col(BreachDuty.required).is_not(False))
    )
    for duty, follow_up, breach in session.exec(statement):
        at = owed[breach.case, follow_up.party_id]
        decided = duty.required is True
        by = OBLIGATION_OF[duty.kind] if decided else ObligationKind.ASSESSMENT
        waits = decided and duty.kind is DutyKind.PEOPLE and breach.id in held
        if by not in at and not waits:
            yield f"{breach.case}: the duty “{duty.kind}” of party {follow_up.party_id} is neither answered nor owed"


def _owed(session: Session) -> dict[tuple[str, int | None], set[ObligationKind]]:
    found: dict[tuple[str, int | None], set[ObligationKind]] = defaultdict(set)
    statement = select(Obligation.case, Obligation.party_id, Obligation.kind)
    for case, party, kind in session.exec(statement.where(col(Obligation.outcome).is_(None))):
        found[case, party].add(ObligationKind(kind))
    return found


def _held(session: Session) -> set[int]:
    return set(session.exec(select(LetterHold.breach_id).where(col(LetterHold.released_at).is_(None))))


def what_has_ended_was_answered(session: Session, _now: datetime) -> Broken:
    """Who has left, or is not concerned, has answered nothing by it; whoever has finished has."""
    statement = (
        select(BreachDuty, FollowUp, Party.slug)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(col(FollowUp.end).in_(ANSWERED_BY_THEN))
        .where(col(BreachDuty.required).is_not(False), col(BreachDuty.done_at).is_(None))
    )
    for duty, follow_up, slug in session.exec(statement):
        if duty.kind in duties_of(follow_up.capacity):
            yield f"breach:{follow_up.breach_id}: the follow-up of {slug} has ended, and “{duty.kind}” was not answered"


def what_was_notified_is_kept(session: Session, _now: datetime) -> Broken:
    """The text of what was given to the regulator, or to the controller."""
    statement = (
        select(FollowUp.breach_id, Party.slug, BreachDuty.kind)
        .join(FollowUp, col(FollowUp.id) == BreachDuty.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .outerjoin(RegulatorNotice, col(RegulatorNotice.follow_up_id) == FollowUp.id)
        .where(col(BreachDuty.kind).in_(NOTIFIED), col(BreachDuty.done_at).is_not(None))
        .where(col(RegulatorNotice.id).is_(None))
    )
    for breach, slug, kind in session.exec(statement):
        yield f"breach:{breach}: “{kind}” of {slug} was done, and no notice is kept"


def what_was_late_says_why(session: Session, _now: datetime) -> Broken:
    statement = select(BreachDuty.id, BreachDuty.kind).where(
        col(BreachDuty.done_at) > col(BreachDuty.due_at), col(BreachDuty.late_because_id).is_(None)
    )
    for number, kind in session.exec(statement):
        yield f"breach duty {number} ({kind}): was done late, without reasons"
