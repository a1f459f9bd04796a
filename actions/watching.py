"""Signs of life: when the clock's flows last ran, and the alarm when they have not."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import known_id, secretary_of
from actions.holidays import ask_for_holidays, holidays_are_asked_for
from actions.matters import close_matters, open_matter
from actions.policy import due_after, today_of
from actions.restoring import account_for_restore, list_second_copies
from actions.review_scheduling import dates_as_opened
from actions.telling import tell
from models import history
from models.breach import Breach
from models.complaint import Complaint
from models.inserting import insert_unless_there
from models.outbox import Heartbeat
from models.protocol import MatterKind, Protocol
from models.review import Review
from notifications.messages import SweepAlarm
from rules.instants import zone_named
from rules.review import Stage
from rules.sentences import written_instant
from rules.working_days import BeyondPublishedHolidays

SWEEP = "sweep"
LATE_AFTER = timedelta(minutes=15)  # three sweeps missed
CASES: dict[str, type[Breach | Complaint | Review]] = {"breach": Breach, "complaint": Complaint, "review": Review}


def begin_beat(session: Session, now: datetime, name: str) -> None:
    account_for_restore(session, now, history.CLOCK)
    beat = _beat(session, name)
    if beat is None:
        insert_unless_there(session, Heartbeat(name=name, began_at=now))
    else:
        beat.began_at = now
        session.add(beat)


def end_beat(session: Session, now: datetime, name: str) -> None:
    """The flow has come to its end; an alarm about it is over.

    The newest end counts even if it is earlier: a clock that was wrong for a while must not silence the alarm.
    """
    beat = _beat(session, name)
    if beat is None:
        return
    ended_before = beat.ended_at
    beat.ended_at, beat.alarmed_at = now, None
    session.add(beat)
    if name == SWEEP:
        for protocol in session.exec(_PROTOCOLS):
            close_matters(session, now, protocol, MatterKind.SWEEP_LATE, "the clock runs again")
            list_second_copies(session, now, ended_before, protocol)


_PROTOCOLS = select(Protocol)


def last_ended(session: Session, name: str = SWEEP) -> datetime | None:
    return session.exec(select(Heartbeat.ended_at).where(Heartbeat.name == name)).first()


def sweep_is_late(session: Session, now: datetime) -> bool:
    """True when no sweep has ended for a quarter of an hour, or none ever although a protocol is loaded."""
    since = last_ended(session)
    if since is None:
        since = session.exec(select(Protocol.loaded_at).order_by(col(Protocol.loaded_at))).first()
    return since is not None and now - since > LATE_AFTER


def watch_sweep(session: Session, now: datetime) -> bool:
    """True where the sweep is silent; the alarm is raised once for each silence."""
    raise_sweep_alarm(session, now)
    return sweep_is_late(session, now)


def raise_sweep_alarm(session: Session, now: datetime) -> bool:
    """On every secretary's list, and by e-mail, once for each silence. False when it has been raised, or is over."""
    if not sweep_is_late(session, now) or not _is_first_alarm(session, now):
        return False
    ended_at = last_ended(session)
    for protocol in session.exec(select(Protocol).order_by(Protocol.slug)).all():
        _alarm(session, now, protocol, ended_at)
    return True


def _is_first_alarm(session: Session, now: datetime) -> bool:
    beat = _beat(session, SWEEP)
    if beat is None:
        return insert_unless_there(session, Heartbeat(name=SWEEP, began_at=now, alarmed_at=now))
    if beat.alarmed_at is not None:
        return False
    beat.alarmed_at = now
    session.add(beat)
    return True


def _alarm(session: Session, now: datetime, protocol: Protocol, ended_at: datetime | None) -> None:
    since, case = ended_at or protocol.loaded_at, f"protocol:{protocol.slug}"
    silence, hours = f"sweep-late:{since.isoformat()}", int((now - since).total_seconds() // 3600)
    history.write(session, case, now, history.CLOCK, "alarm: the sweep is silent")
    open_matter(
        session, now, protocol, MatterKind.SWEEP_LATE, silence,
        f"The clock has been silent since {written_instant(since, zone_named(protocol.zone))}: "
        "nothing is opened or reminded.",
        "Look at the logs, and start Concordat again: it catches up by itself.",
    )  # fmt: skip
    tell(
        session, now, protocol, secretary_of(session, known_id(protocol)), case, f"{protocol.slug}:{silence}",
        lambda h: SweepAlarm(**h, last_ended_at=ended_at, silent_for_hours=hours),
    )  # fmt: skip


def report_stuck_case(session: Session, now: datetime, case: str) -> None:
    """The clock could not take a step that is due; once a day it says so on the secretary's list.

    A review that waits for bank holidays to be published says that instead, and once, while it stands on the list.
    """
    kind, _, number = case.partition(":")
    protocol = _protocol_of(session, case)
    if kind == "review" and (unknown := _unknown_holidays(now, protocol, session.get_one(Review, int(number)))):
        ask_for_holidays(session, now, protocol, unknown)
        if holidays_are_asked_for(session, protocol, unknown):
            return
    name = "The protocol" if kind == "protocol" else f"{kind.capitalize()} {number}"
    runs = f"“annual-review-{number}” or “sweep”" if kind == "review" else "“sweep”"  # a review's steps are its own
    open_matter(
        session, now, protocol, MatterKind.CASE_STUCK, f"stuck:{kind}-{number}:{today_of(protocol, now)}",
        f"{name} could not take the step that is due.",
        f"Look for {case} in the logs of the run {runs} in Prefect; it is tried again every few minutes.",
    )  # fmt: skip


def _unknown_holidays(now: datetime, protocol: Protocol, review: Review) -> BeyondPublishedHolidays | None:
    """Where the step cannot be taken because a day that it counts lies beyond the published ones."""
    try:
        if review.stage is Stage.SCHEDULED:
            dates_as_opened(now, protocol, review.review_on)
        elif review.stage is Stage.COLLECTING:
            due_after(protocol, "drafting", now)
    except BeyondPublishedHolidays as unknown:
        return unknown
    return None


def _protocol_of(session: Session, case: str) -> Protocol:
    """What is owed between reviews is owed in the protocol's own case: `protocol:bedfordshire`."""
    kind, _, number = case.partition(":")
    if kind == "protocol":
        return session.exec(select(Protocol).where(Protocol.slug == number)).one()
    table = CASES[kind]
    return session.get_one(Protocol, session.exec(select(table.protocol_id).where(table.id == int(number))).one())


def _beat(session: Session, name: str) -> Heartbeat | None:
    return session.exec(_BEAT, params={"name": name}).first()


_BEAT = (
    select(Heartbeat)
    .where(Heartbeat.name == sa.bindparam("name"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
