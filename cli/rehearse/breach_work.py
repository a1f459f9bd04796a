"""What is owed after a breach, done by whoever is asked for it; and the end of each follow-up and of the case.

An act does nothing where the duty has ended by then.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.awareness import newest_awareness, record_awareness
from actions.breaches.closing import close, finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.facts import facts_of
from actions.breaches.holding import release_hold
from actions.breaches.learning import finish_action, learn, lessons_of
from actions.breaches.matching import first_duty
from actions.breaches.moving import follow_up_at, follow_ups_of
from actions.breaches.notifying import differs_from_notice, record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_told
from actions.breaches.procedures import procedure_of
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.cast import known_id
from actions.describing import described
from actions.policy import today_of
from cli.rehearse.acts import SECRETARY
from cli.rehearse.breach_acts import in_a_sentence, said_by, speaker
from cli.rehearse.plots import Learnt
from cli.rehearse.said import Said, StepTaken
from cli.rehearse.stories import UNDER_WAY, UNDER_WAY_LEARNT
from models.breach import Breach, FollowUp, LessonEffect
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact, Party, Protocol
from rules.breach import Stage
from rules.breach_duties import Risk
from rules.breach_facts import UNKNOWN
from rules.limits import time_left

LATE_IN_PLAY = "In this rehearsal: whoever had to give it was not told in time."


class Work(NamedTuple):
    """An open duty with all that it belongs to; `by` in the words of history."""

    duty: Obligation
    breach: Breach
    number: int
    follow_up: FollowUp
    party: Party
    by: str


def work_of(session: Session, duty_id: int) -> Work | None:
    """None where it has ended."""
    duty = session.get_one(Obligation, duty_id, populate_existing=True)
    if duty.outcome is not None:
        return None
    breach = session.get_one(Breach, int(duty.case.partition(":")[2]), populate_existing=True)
    party = session.get_one(Party, duty.party_id)
    follow_up, _ = follow_up_at(session, breach, party.slug)
    role = session.get_one(Contact, duty.contact_id).role.value
    return Work(duty, breach, known_id(breach), follow_up, party, f"{party.slug} ({role})")


def assess(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    """Of a breach that was under way before the rehearsal."""
    if (work := work_of(session, duty_id)) is None:
        return
    complete_the_record(session, now, work.breach, work.by)
    if newest_awareness(session, work.follow_up) is None:
        because = "In this rehearsal: since it was asked."
        record_awareness(
            session, now, work.number, work.party.slug, work.duty.opened_at, "whoever was asked", work.by, because
        )
    because = "In this rehearsal: what got out can do some harm."
    conclude(session, now, work.number, work.party.slug, Risk.LIKELY, work.by, because)
    yield f"{work.party.name} concludes of breach {work.number} that {in_a_sentence(Risk.LIKELY)}."


def complete_the_record(session: Session, now: datetime, breach: Breach, by: str) -> None:
    """What nobody has stated until now, so that no step waits for it for ever."""
    known = facts_of(session, breach)
    missing = {name: value for name, value in UNDER_WAY.items() if known.get(name, UNKNOWN) == UNKNOWN}
    state_facts(session, now, known_id(breach), missing, by)


def take_step(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    if (work := work_of(session, duty_id)) is None:
        return
    step = procedure_of(session, work.follow_up).steps[work.duty.subject or ""]
    late = described(session, work.duty, now).overdue
    evidence = "Noted in the file of the incident." if step.evidence else None
    finish_step(
        session, now, work.number, work.party.slug, step.id, work.by, "Done as the procedure says.", evidence
    )  # fmt: skip
    yield StepTaken(work.party.name, late=late)


def give_notice(session: Session, now: datetime, duty_id: int, late_because: str | None) -> Iterator[Said]:
    if (work := work_of(session, duty_id)) is None:
        return
    due = first_duty(session, work.follow_up).due_at
    late = due is not None and now > due
    why = late_because or LATE_IN_PLAY
    record_notice(session, now, work.number, work.party.slug, now, work.by, late_because=why if late else None)
    when = "late, with its reasons" if late else "in time" + (f", {time_left(due, now)}" if due else "")
    yield f"{work.party.name} gives notice of breach {work.number} to the regulator, {when}."


def tell_people(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    if (work := work_of(session, duty_id)) is None:
        return
    people_told(session, now, work.number, work.party.slug, now, work.by, "By telephone, and by a letter to each.")
    yield f"{work.party.name} tells the people whom breach {work.number} concerns."


def tell_partners(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    if (work := work_of(session, duty_id)) is None:
        return
    partners_told(session, now, work.number, work.party.slug, now, work.by, LATE_IN_PLAY)
    yield f"{work.party.name} tells its partners of breach {work.number}."


def release(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    """Whoever looks again releases, where the plot did not."""
    if (work := work_of(session, duty_id)) is None:
        return
    release_hold(session, now, work.number, work.party.slug, work.by, "It is not necessary any more.")
    yield f"{work.party.name} releases the letters to the people whom breach {work.number} concerns."


def draw_lesson(
    session: Session, now: datetime, duty_id: int, learnt: Learnt | None, clause: str | None
) -> Iterator[Said]:  # fmt: skip
    if (work := work_of(session, duty_id)) is None:
        return
    said, today = learnt or UNDER_WAY_LEARNT, today_of(session.get_one(Protocol, work.breach.protocol_id), now)
    lesson = learn(
        session, now, work.number, work.party.slug, said.cause, said.words, said.effect, work.by, remedy=said.remedy,
        clause=clause if said.effect is LessonEffect.GAP else None, none_because=said.none_because,
        action_due_on=today + timedelta(weeks=said.weeks) if said.weeks else None,
    )  # fmt: skip
    match lesson.effect:
        case LessonEffect.GAP:
            became = f"it becomes a gap{f' under clause {clause}' if clause else ''}, for the next review"
        case LessonEffect.ACTION:
            became = "a local action"
        case LessonEffect.NONE:
            became = f"no change, because: {(said.none_because or '').rstrip('.')}"
    yield f"{work.party.name} has learnt from breach {work.number}: “{said.words}” {became[0].upper()}{became[1:]}."


def put_in_place(session: Session, now: datetime, duty_id: int) -> Iterator[Said]:
    if (work := work_of(session, duty_id)) is None:
        return
    late = ", late" if work.duty.is_overdue(now) else ""
    finish_action(session, now, duty_id, work.by, "It is in place, and staff have been told.")
    yield f"{work.party.name} has put in place what it had decided after breach {work.number}{late}."


def is_over(session: Session, breach: Breach, follow_up: FollowUp) -> bool:
    """Something was learnt, and nothing is owed any more but that, and local actions, which outlive the case."""
    still_owed = select(Obligation.id).where(
        Obligation.case == breach.case, Obligation.party_id == follow_up.party_id, col(Obligation.outcome).is_(None),
        col(Obligation.kind).not_in((ObligationKind.LEARNING, ObligationKind.LOCAL_ACTION)),
    )  # fmt: skip
    return bool(lessons_of(session, follow_up)) and session.exec(still_owed.limit(1)).first() is None


def finish(session: Session, now: datetime, follow_up_id: int) -> Iterator[Said]:
    """What the record still lacks may open a step: then it is not over."""
    follow_up = session.get_one(FollowUp, follow_up_id, populate_existing=True)
    breach, party = session.get_one(Breach, follow_up.breach_id), session.get_one(Party, follow_up.party_id)
    if follow_up.ended_at is not None or not is_over(session, breach, follow_up):
        return
    by = said_by(speaker(session, now, breach, party.slug), party.slug)
    complete_the_record(session, now, breach, by)
    if is_over(session, breach, follow_up):
        if differs_from_notice(session, breach, follow_up):
            record_notice(session, now, known_id(breach), party.slug, now, by)
            yield f"{party.name} gives a supplement: what has become known since its notice on breach {breach.id}."
        finish_follow_up(session, now, known_id(breach), party.slug, by)
        yield f"{party.name} has finished its follow-up of breach {breach.id}."


def close_case(session: Session, now: datetime, breach_id: int) -> Iterator[Said]:
    breach = session.get_one(Breach, breach_id, populate_existing=True)
    if breach.stage is not Stage.LEARNING or follow_ups_of(session, breach, still_open=True):
        return
    close(session, now, breach_id, SECRETARY)
    yield f"The secretary closes breach {breach_id}."
