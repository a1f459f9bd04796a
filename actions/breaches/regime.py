"""Under which Act a party acts, and whether for its own purposes: the purpose of the sharing decides, not the body."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.awareness import newest_awareness, require_awareness
from actions.breaches.deciding import Decisions, apply_law
from actions.breaches.duties import decide, text_of
from actions.breaches.facts import newest_conclusion
from actions.breaches.following import open_duties, owed_at
from actions.breaches.matching import hold_of, holds_on, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at
from actions.breaches.notice_dates import date_notice
from actions.breaches.settling import settle
from actions.breaches.statutory import duty_of
from actions.duties import discharge
from actions.reasons import reason
from models import history
from models.breach import Breach, FollowUp
from models.obligation import ObligationKind, Outcome
from models.protocol import Party
from rules.breach_duties import Capacity, DutyKind, Regime, because_processor, duties_of, needs_awareness, required_by
from rules.errors import Refused


class HoldStands(Refused):
    def __init__(self, breach: Breach, party: Party) -> None:
        super().__init__(
            f"{party.name} holds letters as a law-enforcement controller (DPA 2018 s.68(7)): release the hold first "
            f"(`concordat breach hold {breach.id} {party.slug} --release --because TEXT`)."
        )


def set_regime(
    session: Session, now: datetime, breach_id: int, slug: str, regime: Regime, capacity: Capacity, by: str,
    because: str,
) -> None:  # fmt: skip
    """The duties are those of the new capacity from now on; no instant changes. The same again does nothing.
    Raises HoldStands, AwarenessNeeded (concluded without one, where a processor has to tell), ReasonNeeded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    why = reason(because, "the regime and the capacity a party acts in")
    before = (follow_up.regime, follow_up.capacity)
    if before == (regime, capacity):
        return
    _require_possible(session, breach, follow_up, party, regime, capacity)
    law = _law(session, follow_up)
    follow_up.regime, follow_up.capacity = regime, capacity
    session.add(follow_up)
    history.write(
        session, breach.case, now, by, "regime set", why=why, party=party.slug, regime=regime.value,
        capacity=capacity.value, before=[each.value for each in before],
    )  # fmt: skip
    if before[1] is not capacity:
        _change_capacity(session, now, breach, follow_up, party, by)
    _decide_anew(session, now, breach, follow_up, law, because_processor(before[0]), by)
    date_notice(session, now, breach, follow_up)
    match_obligations(session, now, breach)
    settle(session, now, breach)


def _decide_anew(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, law: Decisions, said_before: str, by: str
) -> None:
    if concluded := newest_conclusion(session, follow_up):
        apply_law(session, now, breach, follow_up, concluded.risk, by, law, anew=False)
    _processor_owes(session, now, breach, follow_up, said_before, by)


def _require_possible(
    session: Session, breach: Breach, follow_up: FollowUp, party: Party, regime: Regime, capacity: Capacity
) -> None:
    may_hold = (regime, capacity) == (Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER)
    if not may_hold and hold_of(holds_on(session, breach), follow_up):
        raise HoldStands(breach, party)
    concluded = newest_conclusion(session, follow_up)
    if concluded is not None and needs_awareness(concluded.risk, capacity):
        require_awareness(session, follow_up, party, "what a processor has to tell counts from it")


def _law(session: Session, follow_up: FollowUp) -> Decisions:
    concluded = newest_conclusion(session, follow_up)
    return required_by(concluded.risk, follow_up.regime, follow_up.capacity) if concluded else {}


def _change_capacity(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, by: str
) -> None:
    """What the old capacity had to tell is nobody's to tell any more; what the new one has is undecided again."""
    notices = owed_at(session, breach, follow_up, ObligationKind.NOTICE)
    acts = f"{party.name} acts as {follow_up.capacity}"
    discharge(session, now, notices, Outcome.SUPERSEDED, by, acts)
    own = duties_of(follow_up.capacity)
    for kind in DutyKind:
        duty = duty_of(session, follow_up, kind)
        if duty is not None and kind not in own and duty.done_at is None:
            decide(session, now, breach, follow_up, kind, False, acts, by)
        elif duty is not None and kind in own and kind is not DutyKind.PARTNERS and duty.done_at is None:
            decide(session, now, breach, follow_up, kind, None, acts, by)
    open_duties(session, now, breach, follow_up)


def _processor_owes(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, said_before: str, by: str
) -> None:
    """From being aware, whatever is concluded; under another Act, by that."""
    duty = duty_of(session, follow_up, DutyKind.CONTROLLER)
    if follow_up.capacity is not Capacity.PROCESSOR or duty is None or newest_awareness(session, follow_up) is None:
        return
    if duty.required is None or text_of(session, duty.because_id) == said_before:
        decide(session, now, breach, follow_up, DutyKind.CONTROLLER, True, because_processor(follow_up.regime), by)
