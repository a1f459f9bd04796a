"""Signs of life: when the clock's flows last ran, and the alarm when they have not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from actions.cast import secretary_of
from actions.matters import close_matters, open_matter
from actions.telling import tell
from models import history
from models.outbox import Heartbeat
from models.protocol import MatterKind, Protocol
from models.review import Review
from models.store import insert_unless_there
from rules.instants import local_day, zone_named
from rules.sentences import written_instant

SWEEP = "sweep"
LATE_AFTER = timedelta(minutes=15)  # three sweeps missed


def begin_beat(session: Session, now: datetime, name: str) -> None:
    if not insert_unless_there(session, Heartbeat(name=name, began_at=now)):
        beat = _beat(session, name)
        assert beat is not None
        beat.began_at = now
        session.add(beat)


def end_beat(session: Session, now: datetime, name: str) -> None:
    """The flow has come to its end; an alarm about it is over."""
    beat = _beat(session, name)
    if beat is None:
        return
    beat.ended_at = now if beat.ended_at is None else max(now, beat.ended_at)
    beat.alarmed_at = None
    session.add(beat)
    if name == SWEEP:
        for protocol in session.exec(select(Protocol)):
            close_matters(session, now, protocol, MatterKind.SWEEP_LATE, "the clock runs again")


def last_ended(session: Session, name: str = SWEEP) -> datetime | None:
    beat = _beat(session, name)
    return beat.ended_at if beat else None


def sweep_is_late(session: Session, now: datetime) -> bool:
    """True when no sweep has ended for a quarter of an hour, or none ever although a protocol is loaded."""
    beat = _beat(session, SWEEP)
    if beat is None or beat.ended_at is None:
        loaded_at = session.exec(select(Protocol.loaded_at).order_by(col(Protocol.loaded_at))).first()
        return loaded_at is not None and now - loaded_at > LATE_AFTER
    return now - beat.ended_at > LATE_AFTER


def raise_sweep_alarm(session: Session, now: datetime) -> bool:
    """On every secretary's list, and by e-mail, once for each silence. False when it has been raised."""
    from notifications.messages import SweepAlarm

    beat = _beat(session, SWEEP)
    ended_at = beat.ended_at if beat else None
    if beat is not None and beat.alarmed_at is not None:
        return False
    if beat is None:
        insert_unless_there(session, Heartbeat(name=SWEEP, began_at=now, alarmed_at=now))
    else:
        beat.alarmed_at = now
        session.add(beat)
    for protocol in session.exec(select(Protocol)).all():
        since = ended_at or protocol.loaded_at
        silence = f"sweep-late:{since.isoformat()}"
        hours = int((now - since).total_seconds() // 3600)
        open_matter(
            session, now, protocol, MatterKind.SWEEP_LATE, silence,
            f"The clock has been silent since {written_instant(since, zone_named(protocol.zone))}: "
            "nothing is opened or reminded.",
            "Look at the logs, and start Concordat again: it catches up by itself.",
        )  # fmt: skip
        history.write(session, f"protocol:{protocol.slug}", now, history.CLOCK, "alarm: the sweep is silent")
        tell(
            session, now, protocol, secretary_of(session, protocol.id or 0), f"protocol:{protocol.slug}",
            f"{protocol.slug}:{silence}",
            lambda h, hours=hours: SweepAlarm(**h, last_ended_at=ended_at, silent_for_hours=hours),  # type: ignore[misc]
        )  # fmt: skip
    return True


def report_stuck_reviews(session: Session, now: datetime, review_ids: Sequence[int]) -> None:
    """The clock could not take a step that is due; once a day it says so on the secretary's list."""
    for review_id in review_ids:
        protocol = session.get_one(Protocol, session.get_one(Review, review_id).protocol_id)
        open_matter(
            session, now, protocol, MatterKind.CASE_STUCK,
            f"stuck:review-{review_id}:{local_day(now, zone_named(protocol.zone))}",
            f"Review {review_id} could not take the step that is due.",
            f"Look at the run “annual-review-{review_id}” in Prefect for the reason; it is tried again every few minutes.",
        )  # fmt: skip


def _beat(session: Session, name: str) -> Heartbeat | None:
    return session.exec(select(Heartbeat).where(Heartbeat.name == name).with_for_update()).first()
