"""One party's work on a breach that is merged into another: what was recorded goes with it, and no clock restarts."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, SQLModel, col, select

from actions.breaches.affecting import follow_up_of, standing_holds
from actions.breaches.awareness import late_by_correction, newest_awareness
from actions.breaches.matching import date_notice
from actions.breaches.merged_conclusions import carry_conclusion, what_differs
from actions.breaches.merged_duties import end_what_is_done
from actions.breaches.merged_holds import carry_holds
from actions.breaches.notice_references import reference_of, references_in
from actions.breaches.procedures import procedure_of
from actions.breaches.statutory import duty_of
from actions.breaches.step_times import done_at
from actions.cast import known_id
from models import history
from models.breach import (
    Awareness,
    Breach,
    BreachDuty,
    FollowUp,
    FollowUpEnd,
    RegulatorNotice,
    StepEnd,
    StepRecord,
)
from models.protocol import Party
from rules.breach_duties import DutyKind
from rules.breach_merger import Differs

NOT_CONCERNED = (FollowUpEnd.NOT_AFFECTED, FollowUpEnd.LEFT)
IN_TIME_THERE = "it was in time by what was recorded in the breach that was merged into this one"
DONE = ("done_at", "done_by", "late_because_id")
NOTIFIED = (DutyKind.REGULATOR, DutyKind.CONTROLLER)


class Carried(NamedTuple):
    """`aware`: an earlier awareness than the one that stands there; `reopen`: it had ended there, and goes on."""

    party: Party
    from_id: int
    follow_up: FollowUp
    aware: Awareness | None
    reopen: bool
    differing: tuple[Differs, ...]


def carry_follow_up(
    session: Session, now: datetime, follow_up: FollowUp, source: Breach, into: Breach, by: str
) -> Carried | None:
    """Into the party's follow-up there; where it has none, into a new one by the procedure that it began with.

    Of a party that is not concerned any more only what binds others and itself: its hold on letters, and since when
    it has been aware. None where there is not even that.
    """
    party = session.get_one(Party, follow_up.party_id)
    there = follow_up_of(session, into, party)
    is_new, is_over = there is None, follow_up.end in NOT_CONCERNED
    if there is None and is_over and not standing_holds(session, follow_up):
        return None
    there = there or _begun_there(session, now, follow_up, party, source, into, by)
    differing = () if is_new or is_over else what_differs(session, follow_up, there)
    reopen = follow_up.ended_at is None and there.ended_at is not None and there.end is not FollowUpEnd.LEFT
    if is_new or not is_over:
        _carry_work(session, now, follow_up, there, party, source, into, by, is_new=is_new)
    carry_holds(session, now, follow_up, there, party, source, into, by)
    session.flush()
    end_what_is_done(session, now, source, into, there, party, by)
    aware = _earlier_awareness(session, follow_up, there)
    if aware is not None and there.ended_at is not None and not reopen:
        _keep_awareness(session, now, aware, there, party, source, into, by)
        aware = None
    return Carried(party, known_id(follow_up), there, aware, reopen, differing)


def _carry_work(
    session: Session, now: datetime, follow_up: FollowUp, there: FollowUp, party: Party, source: Breach, into: Breach,
    by: str, *, is_new: bool,
) -> None:  # fmt: skip
    there.opened_at = min(there.opened_at, follow_up.opened_at)
    session.add(there)
    _carry_steps(session, follow_up, there)
    carry_conclusion(session, now, follow_up, there, party, source, into, by)
    _carry_duties(session, follow_up, there, is_new=is_new)
    _carry_notices(session, follow_up, there)


def _copy(session: Session, row: SQLModel, **other: object) -> None:
    session.add(type(row).model_validate({**row.model_dump(exclude={"id"}), **other}))


def _begun_there(
    session: Session, now: datetime, follow_up: FollowUp, party: Party, source: Breach, into: Breach, by: str
) -> FollowUp:
    """`opened_at` stays: the party was told then. So does its awareness, with every correction."""
    content = follow_up.model_dump(exclude={"id", "breach_id", "assessed_at"})
    there = FollowUp.model_validate({**content, "breach_id": known_id(into)})
    session.add(there)
    session.flush()
    rows = select(Awareness).where(Awareness.follow_up_id == follow_up.id).order_by(col(Awareness.id))
    for row in session.exec(rows).all():
        _add_awareness(session, now, row, there, party, source, into, by)
    return there


def _add_awareness(
    session: Session, now: datetime, row: Awareness, there: FollowUp, party: Party, source: Breach, into: Breach,
    by: str,
) -> None:  # fmt: skip
    _copy(session, row, follow_up_id=known_id(there))
    session.flush()  # the newest stands: they keep their order
    history.write(
        session, into.case, now, by, "awareness carried over", party=party.slug, aware_at=row.aware_at.isoformat(),
        breach=source.id,
    )  # fmt: skip


def _keep_awareness(
    session: Session, now: datetime, row: Awareness, there: FollowUp, party: Party, source: Breach, into: Breach,
    by: str,
) -> None:  # fmt: skip
    """Nobody is asked anything in a follow-up that has ended; reopened, it has gained no hour of the 72."""
    _add_awareness(session, now, row, there, party, source, into, by)
    date_notice(session, now, into, there)
    late_by_correction(session, there, f"merged from breach {source.id}, where it was recorded")


def _earlier_awareness(session: Session, follow_up: FollowUp, there: FollowUp) -> Awareness | None:
    theirs, ours = (newest_awareness(session, each) for each in (follow_up, there))
    return theirs if theirs is not None and (ours is None or theirs.aware_at < ours.aware_at) else None


def _carry_steps(session: Session, follow_up: FollowUp, there: FollowUp) -> None:
    """What was done is done, where the procedure there has the step and nobody has ended it. A time that was corrected
    comes along in its row: its history stays there."""
    theirs, ours = _records(session, follow_up), _records(session, there)
    for step in procedure_of(session, there).steps:
        done, known = theirs.get(step, []), ours.get(step, [])
        if known and known[-1].end is StepEnd.PROVISIONAL and done and done[-1].end is not StepEnd.PROVISIONAL:
            done = done[-1:]
        elif known:
            continue
        for number, record in enumerate(done, len(known) + 1):
            at = done_at(session, f"breach:{follow_up.breach_id}", record)
            _copy(session, record, follow_up_id=known_id(there), round=number, at=at)
    session.flush()


def _records(session: Session, follow_up: FollowUp) -> dict[str, list[StepRecord]]:
    found: dict[str, list[StepRecord]] = {}
    rows = select(StepRecord).where(StepRecord.follow_up_id == follow_up.id).order_by(col(StepRecord.round))
    for row in session.exec(rows):
        found.setdefault(row.step, []).append(row)
    return found


def _carry_duties(session: Session, follow_up: FollowUp, there: FollowUp, *, is_new: bool) -> None:
    """What was done in either is done; but what a processor told its controller is no notice to the regulator. Whether
    a duty is required came with the conclusion."""
    alike = follow_up.capacity is there.capacity
    for duty in session.exec(select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id)).all():
        known = duty_of(session, there, duty.kind)
        if known is None:
            if is_new:
                _copy(session, duty, follow_up_id=known_id(there))
            continue
        if known.done_at is None and duty.done_at is not None and (alike or duty.kind not in NOTIFIED):
            for name in DONE:
                setattr(known, name, getattr(duty, name))
        _date(session, duty, known)
        session.add(known)
    session.flush()


def _date(session: Session, duty: BreachDuty, known: BreachDuty) -> None:
    """The regulator's hours follow from the awareness alone; what was in time by a later one says so."""
    if known.kind is not DutyKind.REGULATOR:
        known.due_at = min(filter(None, (known.due_at, duty.due_at)), default=None)
    late = known.done_at is not None and known.due_at is not None and known.done_at > known.due_at
    if late and known.late_because_id is None:
        known.late_because_id = history.narrate(session, IN_TIME_THERE)


def _carry_notices(session: Session, follow_up: FollowUp, there: FollowUp) -> None:
    """What a processor told its controller is no notice to the regulator: it stays where it was given. A number that
    came after the notice comes along in its row: its history stays there."""
    if follow_up.capacity is not there.capacity:
        return
    ours, theirs = (
        session.exec(
            select(RegulatorNotice)
            .where(RegulatorNotice.follow_up_id == each.id)
            .order_by(col(RegulatorNotice.number))
        ).all()
        for each in (there, follow_up)
    )  # fmt: skip
    known = references_in(session, session.get_one(Breach, follow_up.breach_id)) if theirs else {}
    slug = session.get_one(Party, follow_up.party_id).slug
    for number, notice in enumerate(theirs, max((each.number for each in ours), default=0) + 1):
        reference = reference_of(known, slug, notice)
        _copy(session, notice, follow_up_id=known_id(there), number=number, regulator_reference=reference)
