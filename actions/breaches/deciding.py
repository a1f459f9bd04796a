"""Whether a duty is required: by what somebody has concluded, or as a person decides of that duty alone."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from actions.breaches.awareness import require_awareness
from actions.breaches.duties import DutyDone, decide, own_duty, text_of
from actions.breaches.matching import match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.settling import settle
from actions.breaches.statutory import duty_of
from actions.policy import zone_of
from actions.reasons import reason
from models.breach import Breach, FollowUp
from models.protocol import Party
from rules.breach_duties import Decision, DutyKind, Risk, required_by

Decisions = Mapping[DutyKind, Decision]


def apply_law(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, risk: Risk, by: str,
    stood: Decisions, *, anew: bool,
) -> None:  # fmt: skip
    """Decide each duty by what the law says of that risk.

    `stood` is what it said before. Unless the risk is another than before (`anew`), what a person has decided
    otherwise stands; also what somebody decided before the first conclusion.
    """
    for kind, (required, because) in required_by(risk, follow_up.regime, follow_up.capacity).items():
        duty = duty_of(session, follow_up, kind)
        if duty is None:
            continue
        by_law = kind in stood and text_of(session, duty.because_id) == stood[kind][1]
        if anew or duty.required is None or by_law:
            decide(session, now, breach, follow_up, kind, required, because, by)


def decided_otherwise(session: Session, follow_up: FollowUp, party: Party, risk: Risk) -> tuple[str, ...]:
    """A sentence for each duty of which a person's decision stands, and the law says otherwise of that risk."""
    found = []
    for kind, (required, _) in required_by(risk, follow_up.regime, follow_up.capacity).items():
        duty = duty_of(session, follow_up, kind)
        if duty is None or duty.done_at is not None or duty.required in (None, required):
            continue
        stays, else_ = ("required", "not-required") if duty.required else ("not required", "required")
        number, slug = follow_up.breach_id, party.slug
        found.append(
            f"“{kind}” stays {stays}, as somebody has decided of it alone, and what is concluded says otherwise. If "
            f"that decision is wrong: `concordat breach duty {number} {slug} {kind} {else_} --because TEXT`."
        )
    return tuple(found)


def decide_duty(
    session: Session, now: datetime, breach_id: int, slug: str, kind: DutyKind, by: str, because: str,
    required: bool = False,
) -> None:  # fmt: skip
    """A person decides one duty otherwise than the conclusion did, and why; `required` takes that back.

    Of telling people, the law's grounds not to: the data was protected, the risk has been removed, or it would take
    disproportionate effort, and they are told publicly instead (UK GDPR art. 34(3); DPA 2018 s.68(3)).
    Raises DutyDone, NotItsDuty, AwarenessNeeded, ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    why, duty = reason(because, "what is decided of a duty"), own_duty(session, follow_up, kind)
    if duty.done_at is not None:
        raise DutyDone(party, kind, duty.done_at, zone_of(protocol_of(session, breach)))
    if required and kind in (DutyKind.REGULATOR, DutyKind.CONTROLLER):
        require_awareness(session, follow_up, party, "a notice counts from it")
    if decide(session, now, breach, follow_up, kind, required, why, by):
        match_obligations(session, now, breach)
        settle(session, now, breach)
