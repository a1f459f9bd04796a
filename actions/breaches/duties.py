"""A party's duties after a breach: each required or not because, done at, late because. Never one status for all."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.matching import holds_on
from actions.breaches.moving import party_of, protocol_of
from actions.breaches.statutory import duty_of
from actions.policy import partners_at_once
from models import history
from models.breach import Breach, BreachDuty, FollowUp, FollowUpEnd
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach_duties import Capacity, DutyKind, duties_of, law_of
from rules.errors import Refused
from rules.instants import require_aware
from rules.limits import is_over, time_left
from rules.procedures import Urgency
from rules.sentences import written_instant

WITHOUT_FIGURE = "without undue delay"
MUST_WAIT = "waits until the hold is released"


class LiesAhead(Refused):
    def __init__(self, at: datetime, zone: ZoneInfo) -> None:
        super().__init__(f"{written_instant(at, zone)} has not come yet: record it when it has happened.")


class NotItsDuty(Refused):
    def __init__(self, party: Party, follow_up: FollowUp, kind: DutyKind) -> None:
        its = {
            Capacity.PROCESSOR: "tells its controller, and nobody else does so for it",
            Capacity.CONTROLLER: "has no controller to tell",
        }[follow_up.capacity]
        super().__init__(
            f"{party.name} acts as {follow_up.capacity} here and {its}, so “{kind}” is not its duty. If that is wrong, "
            f"correct it with `concordat breach regime {follow_up.breach_id} {party.slug} REGIME --because TEXT`."
        )


class DutyDone(Refused):
    def __init__(self, party: Party, kind: DutyKind, at: datetime, zone: ZoneInfo) -> None:
        super().__init__(
            f"{party.name} has done this already (“{kind}”, {written_instant(at, zone)}): what is done stays done."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyView:
    """`left` is empty where nothing is owed. `late`: done late, or not done and overdue."""

    kind: DutyKind
    law: str
    required: bool | None
    because: str | None
    due_at: datetime | None
    done_at: datetime | None
    late_because: str | None
    late: bool
    held: bool
    left: str


def duties_view(session: Session, breach: Breach, follow_up: FollowUp, now: datetime) -> list[DutyView]:
    """Every duty row of the party, also those of a capacity that it does not act in any more."""
    rows = session.exec(select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id)).all()
    held = bool(holds_on(session, breach))
    order = list(DutyKind)
    return [
        _view(session, breach, follow_up, duty, now, held)
        for duty in sorted(rows, key=lambda row: order.index(row.kind))
    ]


def _view(
    session: Session, breach: Breach, follow_up: FollowUp, duty: BreachDuty, now: datetime, hold_stands: bool
) -> DutyView:
    required, because_id = _answer(follow_up, duty)
    is_owed = required is not False and duty.done_at is None
    held = is_owed and hold_stands and duty.kind is DutyKind.PEOPLE
    late = required is not False and is_late(session, breach, follow_up, duty, duty.done_at or now)
    return DutyView(
        kind=duty.kind, law=law_of(follow_up.regime, duty.kind), required=required,
        because=text_of(session, because_id), due_at=duty.due_at, done_at=duty.done_at,
        late_because=text_of(session, duty.late_because_id), late=late, held=held,
        left=_left(duty, now, held, at_once=partners_at_once(protocol_of(session, breach))) if is_owed else "",
    )  # fmt: skip


def _answer(follow_up: FollowUp, duty: BreachDuty) -> tuple[bool | None, int | None]:
    """Whether it is required, and why. Nobody is late with what a follow-up has left undone that ended before it:
    the breach does not concern the party, or goes on elsewhere. Leaving the protocol answers no duty of the law."""
    answered = duty.required is False or duty.done_at is not None
    if answered or follow_up.ended_at is None or follow_up.end is FollowUpEnd.LEFT:
        return duty.required, duty.because_id
    return False, follow_up.end_why_id


def _left(duty: BreachDuty, now: datetime, held: bool, *, at_once: bool) -> str:
    if held:
        return MUST_WAIT
    if duty.due_at is not None:
        return time_left(duty.due_at, now)
    words = str(Urgency.IMMEDIATELY) if at_once and duty.kind is DutyKind.PARTNERS else WITHOUT_FIGURE
    return words if duty.required else ""


def is_late(session: Session, breach: Breach, follow_up: FollowUp, duty: BreachDuty, at: datetime) -> bool:
    """Exactly at a counted instant is in time; where the protocol gives days, the end of the last is late already."""
    if duty.due_at is None:
        return False
    return is_over(duty.due_at, at, exact=duty.kind is not DutyKind.PARTNERS or _in_hours(session, breach, follow_up))


def _in_hours(session: Session, breach: Breach, follow_up: FollowUp) -> bool:
    statement = select(Obligation.exact).where(
        Obligation.case == breach.case, Obligation.party_id == follow_up.party_id,
        Obligation.kind == ObligationKind.TELLING_PARTNERS,
    )  # fmt: skip
    return session.exec(statement.order_by(col(Obligation.id).desc()).limit(1)).first() is not False


def text_of(session: Session, narrative_id: int | None) -> str | None:
    return session.get_one(Narrative, narrative_id).text if narrative_id is not None else None


def own_duty(session: Session, follow_up: FollowUp, kind: DutyKind) -> BreachDuty:
    """Raises NotItsDuty."""
    duty = duty_of(session, follow_up, kind)
    if duty is None or kind not in duties_of(follow_up.capacity):
        raise NotItsDuty(party_of(session, follow_up), follow_up, kind)
    return duty


def decide(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, kind: DutyKind,
    required: bool | None, because: str, by: str,
) -> bool:  # fmt: skip
    """Required or not, and why; False where just that stands already. The caller matches the obligations."""
    duty = duty_of(session, follow_up, kind)
    if duty is None or (duty.required is required and text_of(session, duty.because_id) == because):
        return False
    before, duty.required = duty.required, required
    duty.because_id, duty.decided_at, duty.decided_by = history.narrate(session, because), now, by
    session.add(duty)
    what = {True: "duty required", False: "duty not required", None: "duty undecided"}[required]
    history.write(
        session, breach.case, now, by, what, why=because, party=party_of(session, follow_up).slug, duty=kind.value,
        before=before,
    )  # fmt: skip
    return True


def done(duty: BreachDuty, at: datetime, by: str) -> bool:
    """Only the first time; False afterwards."""
    if duty.done_at is not None:
        return False
    duty.done_at, duty.done_by = at, by
    return True


def has_happened(at: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """In UTC. Raises LiesAhead, NotAnInstant."""
    instant = require_aware(at)
    if instant > now:
        raise LiesAhead(instant, zone)
    return instant
