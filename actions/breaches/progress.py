"""Where a breach stands, for an operator: parties and steps by their ids, nothing of what happened."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.moving import follow_ups_of, protocol_of
from actions.describing import without_figure
from models.breach import Breach, BreachDuty, FollowUp
from models.obligation import Obligation
from models.protocol import Party
from rules.breach import as_state
from rules.instants import zone_named
from rules.limits import time_left
from rules.sentences import written_instant


def breach_progress(session: Session, now: datetime, breach_id: int) -> str:
    """Markdown: the stage, and for each party its duties in law and what is owed of its procedure."""
    breach = session.get_one(Breach, breach_id)
    protocol = protocol_of(session, breach)
    head = [
        f"# Breach {breach.id} of {protocol.slug}: {breach.stage}",
        f"The breach is {as_state(breach.stage)}. As of {written_instant(now, zone_named(protocol.zone))}.",
    ]
    return "\n\n".join(head + [_party(session, now, breach, each) for each in follow_ups_of(session, breach)])


def _party(session: Session, now: datetime, breach: Breach, follow_up: FollowUp) -> str:
    slug = session.get_one(Party, follow_up.party_id).slug
    duties = session.exec(
        select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id).order_by(col(BreachDuty.id))
    )
    owed = session.exec(
        select(Obligation)
        .where(Obligation.case == breach.case, Obligation.party_id == follow_up.party_id)
        .where(col(Obligation.outcome).is_(None))
        .order_by(col(Obligation.due_at), col(Obligation.id))
    ).all()
    none = without_figure(session, owed)
    rows = [f"| {duty.kind} | {_answer(duty)} |" for duty in duties]
    rows += [f"| {duty.subject or duty.kind} | {_left(duty, now, figure=duty.key not in none)} |" for duty in owed]
    ended = f": {follow_up.end}" if follow_up.end else ""
    return "\n".join([f"## {slug}{ended}\n", "| owed | state |", "|---|---|", *rows])


def _left(duty: Obligation, now: datetime, *, figure: bool) -> str:
    if figure:
        return time_left(duty.due_at, now)
    return f"first asked for on {written_instant(duty.opened_at, zone_named(duty.zone))}"


def _answer(duty: BreachDuty) -> str:
    if duty.done_at is not None:
        return "done, late" if duty.late_because_id else "done"
    return {None: "undecided", True: "required", False: "not required"}[duty.required]
