"""What whoever complained is told: that it was received, how far it is, and what came of it (DPA 2018 s.164A).

The letter is the party's, and goes out from there: `letters.py` writes it. Here stands that it went, when and how.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from actions.complaints.asking import ask_for_progress, end_duties
from actions.complaints.moving import complaint_locked, protocol_of, require_open, take_step
from actions.policy import zone_of
from actions.reasons import reason
from models import history
from models.complaint import Complaint, ComplaintNotice, ComplaintOutcome, NoticeKind
from models.fitting import made
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from rules.complaint import Stage, Step
from rules.errors import Refused
from rules.sentences import written_instant
from rules.texts import plain


class ToldInTheFuture(Refused):
    def __init__(self) -> None:
        super().__init__("Record it once it has been done: that moment lies ahead (`--at`).")


class ToldBeforeReceipt(Refused):
    def __init__(self, complaint: Complaint, when: str) -> None:
        super().__init__(f"Complaint {complaint.id} was received on {when}: nobody can have been told before that.")


class NotAcknowledged(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Complaint {complaint.id} has not been acknowledged: do that first "
            f"(`concordat complaint acknowledge {complaint.id} --how TEXT`)."
        )


class ToldBeforeDetermined(Refused):
    def __init__(self, complaint: Complaint, when: str) -> None:
        super().__init__(
            f"Complaint {complaint.id} was determined on {when}: nobody can have been told that before (`--at`). What "
            f"was told earlier is how far it is (`concordat complaint progress {complaint.id} --how TEXT`)."
        )


class HasBeenTold(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Whoever complained has been told the outcome of complaint {complaint.id}: see `concordat complaint show "
            f"{complaint.id}`."
        )


class WithdrawnHasNoOutcome(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Complaint {complaint.id} was withdrawn before anything was found: there is no outcome to tell. If "
            f"whoever complained wants one after all, look at it again (`concordat complaint look-again {complaint.id} "
            "--because TEXT`)."
        )


class NothingDetermined(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"There is no outcome of complaint {complaint.id} to tell yet: determine it first "
            f"(`concordat complaint determine {complaint.id}`), or tell how far it is (`concordat complaint "
            f"progress {complaint.id} --how TEXT`)."
        )


def acknowledge(
    session: Session, now: datetime, complaint_id: int, by: str, how: str, given_at: datetime | None = None
) -> ComplaintNotice:
    """Once: acknowledged again, or after it was answered, the first one stands. Late is recorded as late; no reason is
    asked for by law.

    Raises NotThere, ComplaintIsClosed, ReasonNeeded, ToldInTheFuture, ToldBeforeReceipt.
    """
    complaint, at = complaint_locked(session, complaint_id), given_at or now
    if complaint.acknowledged_at is not None:
        return notices_of(session, complaint, NoticeKind.ACKNOWLEDGEMENT, NoticeKind.OUTCOME)[0]
    require_open(complaint)
    notice = _keep(session, now, complaint, NoticeKind.ACKNOWLEDGEMENT, how, at, by)
    complaint.acknowledged_at = at
    session.add(complaint)
    take_step(
        session, now, complaint, Step.ACKNOWLEDGE, by, given_at=at.isoformat(), late=was_late(session, complaint, at)
    )
    end_duties(session, now, complaint, Outcome.ANSWERED, by, ObligationKind.ACKNOWLEDGEMENT)
    ask_for_progress(session, now, complaint, at)
    return notice


def report_progress(
    session: Session, now: datetime, complaint_id: int, by: str, how: str, given_at: datetime | None = None
) -> ComplaintNotice:
    """As often as there is something to say. The next one is owed from then on."""
    complaint, at = complaint_locked(session, complaint_id), given_at or now
    if known := _same(session, complaint, NoticeKind.PROGRESS, at, how):
        return known
    require_open(complaint)
    if complaint.acknowledged_at is None:
        raise NotAcknowledged(complaint)
    notice = _keep(session, now, complaint, NoticeKind.PROGRESS, how, at, by)
    history.write(session, complaint.case, now, by, "progress told", given_at=at.isoformat())
    end_duties(session, now, complaint, Outcome.ANSWERED, by, ObligationKind.PROGRESS)
    newest = max(each.given_at for each in notices_of(session, complaint))  # an earlier one may be recorded last
    ask_for_progress(session, now, complaint, newest)
    return notice


def tell_outcome(
    session: Session, now: datetime, complaint_id: int, by: str, how: str, given_at: datetime | None = None
) -> ComplaintNotice:
    """The determination, with how to go on to the Commissioner. Within the thirty days it is the acknowledgement too.

    A determination is told anew once it was corrected, or found again. Raises NothingDetermined,
    WithdrawnHasNoOutcome, ToldBeforeDetermined, and what `acknowledge` raises.
    """
    complaint, at = complaint_locked(session, complaint_id), given_at or now
    if complaint.stage not in (Stage.DETERMINED, Stage.CLOSED):
        raise NothingDetermined(complaint)
    if complaint.outcome is ComplaintOutcome.WITHDRAWN:
        raise WithdrawnHasNoOutcome(complaint)
    if complaint.told_at is not None:
        return notices_of(session, complaint, NoticeKind.OUTCOME)[-1]
    if (determined := last_determined(session, complaint)) is not None and at < determined:
        raise ToldBeforeDetermined(complaint, written_instant(determined, zone_of(protocol_of(session, complaint))))
    notice = _keep(session, now, complaint, NoticeKind.OUTCOME, how, at, by)
    first = complaint.acknowledged_at is None
    complaint.told_at, complaint.acknowledged_at = at, complaint.acknowledged_at or at
    session.add(complaint)
    history.write(
        session, complaint.case, now, by, "outcome told", given_at=at.isoformat(), acknowledges=first,
        late=first and was_late(session, complaint, at),
    )  # fmt: skip
    end_duties(session, now, complaint, Outcome.ANSWERED, by, ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS)
    return notice


def cannot_be_told(session: Session, now: datetime, complaint_id: int, by: str, because: str) -> Complaint:
    """Nobody knows how to reach whoever complained: recorded with why, at every stage until it is closed. Nobody owes
    them a word any more, it is looked into, and may be closed. Twice is once.

    Raises NotThere, HasBeenTold, ComplaintIsClosed, ReasonNeeded.
    """
    complaint = complaint_locked(session, complaint_id)
    why = reason(because, "that nobody can be told")
    if complaint.untold_id is not None:
        return complaint
    if complaint.told_at is not None:
        raise HasBeenTold(complaint)
    require_open(complaint)
    complaint.untold_id = history.narrate(session, why)
    session.add(complaint)
    history.write(session, complaint.case, now, by, "cannot be told", why=why)
    owed = (ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS)
    end_duties(session, now, complaint, Outcome.LAPSED, by, *owed, why="whoever complained cannot be reached")
    return complaint


def last_determined(session: Session, complaint: Complaint) -> datetime | None:
    """When it was last found to be determined: a second reading, or looking again, may have come after its findings."""
    moved = select(func.max(History.at)).where(History.case == complaint.case, History.what == Step.DETERMINE.value)
    return session.exec(moved).one()


def notices_of(session: Session, complaint: Complaint, *kinds: NoticeKind) -> list[ComplaintNotice]:
    """The oldest first."""
    statement = select(ComplaintNotice).where(ComplaintNotice.complaint_id == complaint.id)
    if kinds:
        statement = statement.where(col(ComplaintNotice.kind).in_(kinds))
    return list(session.exec(statement.order_by(col(ComplaintNotice.id))))


def _same(session: Session, complaint: Complaint, kind: NoticeKind, at: datetime, how: str) -> ComplaintNotice | None:
    """Told at the same time in another way, it is another notice."""
    told = [each for each in notices_of(session, complaint, kind) if (each.given_at, each.how) == (at, plain(how))]
    return told[0] if told else None


def _keep(
    session: Session, now: datetime, complaint: Complaint, kind: NoticeKind, how: str, at: datetime, by: str
) -> ComplaintNotice:
    if at > now:
        raise ToldInTheFuture
    if at < complaint.received_at:
        received = written_instant(complaint.received_at, zone_of(protocol_of(session, complaint)))
        raise ToldBeforeReceipt(complaint, received)
    number = session.exec(
        select(func.count()).where(ComplaintNotice.complaint_id == complaint.id, ComplaintNotice.kind == kind)
    ).one()
    notice = made(ComplaintNotice, {
        "complaint_id": complaint.id, "kind": kind, "number": number + 1, "how": reason(how, "how it was told"),
        "given_at": at, "recorded_at": now, "recorded_by": by,
    })  # fmt: skip
    complaint.untold_id = None  # they can be told, after all
    session.add(notice)
    session.flush()
    return notice


def was_late(session: Session, complaint: Complaint, at: datetime) -> bool:
    """To acknowledge it at that instant."""
    statement = select(Obligation).where(
        Obligation.case == complaint.case, Obligation.kind == ObligationKind.ACKNOWLEDGEMENT
    )
    duty = session.exec(statement.order_by(col(Obligation.id).desc()).limit(1)).first()
    return duty is not None and duty.is_overdue(at)
