"""What the limits of many follow-ups count from, asked of all of them at once. Nothing of it is remembered: thousands
would push out what is being worked on (decision 18)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of_each
from actions.breaches.procedures import in_version
from actions.breaches.step_limits import answered_by, moments_from
from actions.breaches.step_times import corrections_in_each
from actions.cast import known_id
from actions.policy import zone_of
from models.breach import Awareness, Breach, BreachDuty, FollowUp, StepRecord
from models.lists import one_of
from models.procedure import ProcedureVersion
from models.protocol import Protocol
from rules.procedure_steps import StepEnded


def moments_of_many(session: Session, numbers: Collection[int]) -> Mapping[int, Mapping[str, datetime]]:
    """By follow-up, as `actions.breaches.step_limits.moments_of`."""
    if not numbers:
        return {}
    follow_ups = session.exec(select(FollowUp).where(one_of(session, FollowUp.id, sorted(numbers)))).all()
    asked = select(Breach).where(one_of(session, Breach.id, sorted({each.breach_id for each in follow_ups})))
    breaches = {known_id(breach): breach for breach in session.exec(asked)}
    facts, ended, aware = facts_of_each(session, list(breaches)), _ended(session, follow_ups), _aware(session, numbers)
    return {
        known_id(each): moments_from(
            zone_of(session.get_one(Protocol, breaches[each.breach_id].protocol_id)), breaches[each.breach_id], each,
            facts[each.breach_id], aware.get(known_id(each)), ended[known_id(each)],
        )
        for each in follow_ups
    }  # fmt: skip


def _aware(session: Session, numbers: Collection[int]) -> Mapping[int, datetime]:
    of = select(Awareness.follow_up_id, Awareness.aware_at).where(
        one_of(session, Awareness.follow_up_id, list(numbers))
    )
    return dict(session.exec(of.order_by(col(Awareness.id))).all())  # the newest of each stands


def _ended(session: Session, follow_ups: Collection[FollowUp]) -> Mapping[int, Mapping[str, StepEnded]]:
    """When each step has ended; as `actions.breaches.step_limits.ended_in`."""
    numbers, found = [known_id(each) for each in follow_ups], defaultdict[int, dict[str, StepEnded]](dict)
    records = (
        select(StepRecord.id, StepRecord.follow_up_id, StepRecord.step, StepRecord.at)
        .where(one_of(session, StepRecord.follow_up_id, numbers))
        .order_by(col(StepRecord.round), col(StepRecord.id))
    )
    each_breach = corrections_in_each(session, sorted({f"breach:{each.breach_id}" for each in follow_ups}))
    corrected = {record: at for times in each_breach.values() for record, at in times.items()}
    for record, number, step, at in session.exec(records):
        found[number][step] = StepEnded(at=corrected.get(record or 0, at))
    duties = defaultdict[int, list[BreachDuty]](list)
    for duty in session.exec(select(BreachDuty).where(one_of(session, BreachDuty.follow_up_id, numbers))):
        duties[duty.follow_up_id].append(duty)
    pinned = one_of(session, ProcedureVersion.id, sorted({each.procedure_version_id for each in follow_ups}))
    procedures = {each.id: in_version(each) for each in session.exec(select(ProcedureVersion).where(pinned))}
    for each in follow_ups:
        answers = answered_by(procedures[each.procedure_version_id], duties[known_id(each)])
        found[known_id(each)] |= dict(answers)
    return found
