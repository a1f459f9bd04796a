"""Where one party has concluded twice of what is one breach: nothing that somebody found to be required is dropped.

Of two conclusions the stricter stands, in the capacity and under the Act that the party acts in there.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from actions.breaches.awareness import newest_awareness
from actions.breaches.deciding import Decisions, apply_law
from actions.breaches.duties import decide, text_of
from actions.breaches.facts import newest_conclusion
from actions.breaches.statutory import duty_of
from actions.cast import known_id
from models import history
from models.breach import Breach, BreachDuty, Conclusion, FollowUp, FollowUpEnd
from models.protocol import Party
from rules.breach_duties import Capacity, DutyKind, because_processor, duties_of, needs_awareness, required_by
from rules.breach_merger import Differs

DECIDED_THERE = "decided in the breach that was merged into this one"


def what_differs(session: Session, follow_up: FollowUp, there: FollowUp) -> tuple[Differs, ...]:
    """Asked before anything is carried."""
    return tuple(_differences(session, follow_up, there))


def carry_conclusion(
    session: Session, now: datetime, follow_up: FollowUp, there: FollowUp, party: Party, source: Breach, into: Breach,
    by: str,
) -> None:  # fmt: skip
    """The stricter of the two stands there, as one more conclusion; what is required follows from it.

    Decisions of single duties come along where the capacity is the same: what a processor need not do is not
    decided for a controller. A processor's conclusion is no first one for a controller, nor the other way round.
    """
    theirs, ours = newest_conclusion(session, follow_up), newest_conclusion(session, there)
    unlike = follow_up.capacity is not there.capacity
    stands = theirs is not None and _prevails(session, follow_up, there, theirs, ours)
    if stands and theirs is not None:
        _add(session, now, theirs, ours, follow_up, there, party, source, into, by)
    if not unlike:
        _carry_decisions(session, now, follow_up, there, into, by, theirs if stands else ours, theirs_first=stands)
    elif stands and theirs is not None:
        law = _law(there, ours)
        apply_law(session, now, into, there, theirs.risk, by, law, anew=True)


def _differences(session: Session, follow_up: FollowUp, there: FollowUp) -> Iterator[Differs]:
    if follow_up.capacity is not there.capacity:
        yield Differs.CAPACITY
    if follow_up.regime is not there.regime:
        yield Differs.REGIME
    theirs, ours = newest_conclusion(session, follow_up), newest_conclusion(session, there)
    if theirs and ours and theirs.risk is not ours.risk:
        yield Differs.CONCLUSION
    elif follow_up.capacity is there.capacity and _decides(follow_up) and _decided_otherwise(session, follow_up, there):
        yield Differs.DUTIES


def _decided_otherwise(session: Session, follow_up: FollowUp, there: FollowUp) -> bool:
    """Required in one, not required in the other."""
    pairs = ((duty_of(session, follow_up, kind), duty_of(session, there, kind)) for kind in _of_a_conclusion(there))
    return any({duty.required for duty in pair if duty is not None} == {True, False} for pair in pairs)


def _prevails(
    session: Session, follow_up: FollowUp, there: FollowUp, theirs: Conclusion, ours: Conclusion | None
) -> bool:
    if ours is None:
        return follow_up.capacity is there.capacity
    if theirs.risk is ours.risk or not theirs.risk.at_least(ours.risk):
        return False
    aware = any(newest_awareness(session, each) is not None for each in (follow_up, there))
    return aware or not needs_awareness(theirs.risk, there.capacity)


def _add(
    session: Session, now: datetime, theirs: Conclusion, ours: Conclusion | None, follow_up: FollowUp,
    there: FollowUp, party: Party, source: Breach, into: Breach, by: str,
) -> None:  # fmt: skip
    row = {**theirs.model_dump(exclude={"id"}), "follow_up_id": known_id(there)}
    session.add(Conclusion.model_validate(row))
    there.assessed_at = there.assessed_at or follow_up.assessed_at
    session.add(there)
    session.flush()
    what = "conclusion carried over" if ours is None else "stricter conclusion carried over"
    history.write(
        session, into.case, now, by, what, why=text_of(session, theirs.why_id), party=party.slug,
        risk=theirs.risk.value, before=ours.risk.value if ours else None, breach=source.id,
    )  # fmt: skip


def _carry_decisions(
    session: Session, now: datetime, follow_up: FollowUp, there: FollowUp, into: Breach, by: str,
    stands: Conclusion | None, *, theirs_first: bool,
) -> None:  # fmt: skip
    """Required in either is required; otherwise what was decided under the conclusion that stands."""
    if not _decides(follow_up):
        return
    law = _law(there, stands)
    for kind in _of_a_conclusion(there):
        duty, known = duty_of(session, follow_up, kind), duty_of(session, there, kind)
        if duty is None or known is None:
            continue
        chosen = _stricter(duty, known) if theirs_first else _stricter(known, duty)
        if chosen is duty and duty.required is not None:
            why = _as_there(session, follow_up, duty, law)
            decide(session, now, into, there, kind, duty.required, why, by)


def _stricter(first: BreachDuty, other: BreachDuty) -> BreachDuty:
    for required in (True, False):
        for each in (first, other):
            if each.required is required:
                return each
    return first


def _as_there(session: Session, follow_up: FollowUp, duty: BreachDuty, law: Decisions) -> str:
    """A reason of the law's in the words of the Act that holds there; a person's own as it was given."""
    said = text_of(session, duty.because_id) or DECIDED_THERE
    own = _law(follow_up, newest_conclusion(session, follow_up)).get(duty.kind)
    there = law.get(duty.kind)
    is_by_law = own == (duty.required, said) and there is not None and there[0] is duty.required
    return there[1] if is_by_law and there is not None else said


def _law(follow_up: FollowUp, concluded: Conclusion | None) -> Decisions:
    if concluded is not None:
        return required_by(concluded.risk, follow_up.regime, follow_up.capacity)
    if follow_up.capacity is Capacity.PROCESSOR:
        return {DutyKind.CONTROLLER: (True, because_processor(follow_up.regime))}
    return {}


def _decides(follow_up: FollowUp) -> bool:
    """What a case that ended early left unanswered was not decided by anybody."""
    return follow_up.end is not FollowUpEnd.NOT_A_BREACH


def _of_a_conclusion(follow_up: FollowUp) -> list[DutyKind]:
    """Telling partners hangs on the protocol, which is the same in both."""
    return [kind for kind in duties_of(follow_up.capacity) if kind is not DutyKind.PARTNERS]
