"""Since when a party has been aware: from then the 72 hours run, and from nothing else."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.beginning import require_begun
from actions.breaches.duties import decide, has_happened
from actions.breaches.matching import first_duty, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.notice_dates import date_notice
from actions.breaches.settling import settle
from actions.breaches.statutory import duty_of
from actions.breaches.steps import redate_steps
from actions.breaches.telling import tell_of_awareness
from actions.cast import known_id
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.breach import Awareness, Breach, FollowUp
from models.protocol import Party
from rules.breach_duties import Capacity, DutyKind, because_processor
from rules.errors import Refused
from rules.sentences import written_instant
from rules.texts import plain

CORRECTED_LATER = "the instant of becoming aware was corrected after this had been done: "
LONGEST_WHO = 120  # characters: a role, not a person


class WhoWasAware(Refused):
    def __init__(self) -> None:
        super().__init__(
            "Say who had reasonable certainty (`--who`): a role of at most 120 characters, such as “data protection "
            "officer”."
        )


class AwareAfterTheNotice(Refused):
    def __init__(self, party: Party, given: datetime, zone: ZoneInfo) -> None:
        super().__init__(
            f"{party.name} gave its notice on {written_instant(given, zone)}, so it was aware by then: give that "
            "instant or an earlier one."
        )


class AwarenessNeeded(Refused):
    def __init__(self, breach_id: int, party: Party, what: str) -> None:
        super().__init__(
            f"Nobody has recorded since when {party.name} has been aware, and {what}: record it first with "
            f"`concordat breach aware {breach_id} {party.slug} --at WHEN --who ROLE --because TEXT`."
        )


def record_awareness(
    session: Session, now: datetime, breach_id: int, slug: str, aware_at: datetime, who: str, by: str, because: str
) -> None:
    """The first, or a correction in either direction; the same instant and role again does nothing.

    Only this moves the 72 hours. Raises LiesAhead, BeforeItBegan, AwareAfterTheNotice, ReasonNeeded, WhoWasAware,
    NotAnInstant, BreachHasEnded, NoFollowUp, FollowUpHasEnded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    zone = zone_of(protocol_of(session, breach))
    instant = has_happened(aware_at, now, zone)
    require_begun(session, breach, instant, f"{party.name} cannot have been aware of it")
    _require_told_since(session, follow_up, party, instant, zone)
    why, role = reason(because, "since when a party has been aware"), plain(who)
    if not 0 < len(role) <= LONGEST_WHO:
        raise WhoWasAware
    aware_since(session, now, breach, follow_up, party, instant, role, by, why)


def aware_since(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, instant: datetime, role: str,
    by: str, why: str,
) -> None:  # fmt: skip
    """As it was recorded, here or in what was merged; all that counts from it follows."""
    before = newest_awareness(session, follow_up)
    if before is not None and (before.aware_at, before.who) == (instant, role):
        return
    _keep(session, now, breach, follow_up, party, instant, role, by, why, before)
    _processor_owes(session, now, breach, follow_up)
    date_notice(session, now, breach, follow_up)
    late_by_correction(session, follow_up, why)
    match_obligations(session, now, breach)
    redate_steps(session, now, breach)
    tell_of_awareness(session, now, breach, follow_up, corrected=before is not None)
    settle(session, now, breach)


def newest_awareness(session: Session, follow_up: FollowUp) -> Awareness | None:
    statement = select(Awareness).where(Awareness.follow_up_id == follow_up.id)
    return session.exec(statement.order_by(col(Awareness.id).desc()).limit(1)).first()


def require_awareness(session: Session, follow_up: FollowUp, party: Party, what: str) -> Awareness:
    """`what` completes “and …”: “a notice counts from it”. Raises AwarenessNeeded."""
    found = newest_awareness(session, follow_up)
    if found is None:
        raise AwarenessNeeded(follow_up.breach_id, party, what)
    return found


def _require_told_since(session: Session, follow_up: FollowUp, party: Party, at: datetime, zone: ZoneInfo) -> None:
    """Who gives a notice knows what it is about."""
    given = first_duty(session, follow_up).done_at
    if given is not None and at > given:
        raise AwareAfterTheNotice(party, given, zone)


def _keep(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, instant: datetime, who: str,
    by: str, why: str, before: Awareness | None,
) -> None:  # fmt: skip
    row = {
        "follow_up_id": known_id(follow_up), "aware_at": instant, "who": who, "why_id": history.narrate(session, why),
        "recorded_at": now, "recorded_by": by,
    }  # fmt: skip
    session.add(Awareness.model_validate(row))
    session.flush()
    history.write(
        session, breach.case, now, by, "awareness corrected" if before else "awareness recorded", why=why,
        party=party.slug, aware_at=instant.isoformat(), before=before.aware_at.isoformat() if before else None,
    )  # fmt: skip


def _processor_owes(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> None:
    """From being aware, whatever the risk: no conclusion has to come first."""
    duty = duty_of(session, follow_up, DutyKind.CONTROLLER)
    if follow_up.capacity is Capacity.PROCESSOR and duty is not None and duty.required is None:
        why = because_processor(follow_up.regime)
        decide(session, now, breach, follow_up, DutyKind.CONTROLLER, True, why, history.CLOCK)


def late_by_correction(session: Session, follow_up: FollowUp, why: str) -> None:
    """A notice that was in time when it was given says why it is not any more."""
    duty = duty_of(session, follow_up, DutyKind.REGULATOR)
    if duty is None or duty.done_at is None or duty.due_at is None or duty.late_because_id is not None:
        return
    if duty.done_at > duty.due_at:
        duty.late_because_id = history.narrate(session, CORRECTED_LATER + why)
        session.add(duty)
