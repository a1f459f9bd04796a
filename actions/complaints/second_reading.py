"""Where policy asks for it, somebody else reads a finding; with that, or without, a complaint is determined."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.windows import window_day
from actions.complaints.asking import ask_second_reader, asked_at, end_duties
from actions.complaints.moving import ComplaintIsClosed, finding_locked, handler_of, protocol_of, take_step
from actions.complaints.standing import findings_of, reading_of, standing_of
from actions.complaints.telling import tell_of_determination
from actions.complaints.unfinished import put_on_the_list
from actions.duties import discharge, owed
from actions.policy import complaint_clocks
from actions.reasons import reason
from models import history
from models.complaint import Complaint, Finding, SecondReading
from models.obligation import ObligationKind, Outcome
from rules.complaint import Stage, Step
from rules.determination import Result
from rules.errors import Refused
from rules.texts import folded_name


class ReadsTheirOwn(Refused):
    def __init__(self, finding: Finding) -> None:
        super().__init__(f"Finding {finding.id} is by {finding.determined_by}: somebody else reads it again (`--by`).")


class ReadAlready(Refused):
    def __init__(self, reading: SecondReading) -> None:
        agreed = "agreed" if reading.agrees else "did not agree"
        super().__init__(f"Finding {reading.finding_id} was read by {reading.read_by}, who {agreed}.")


class NotStanding(Refused):
    def __init__(self, finding: Finding) -> None:
        super().__init__(f"Finding {finding.id} does not stand any more: it was corrected.")


def second_read(session: Session, now: datetime, finding_id: int, agrees: bool, by: str, because: str) -> SecondReading:
    """Where somebody else does not agree, the finding is to be corrected, or made again with more reasons.

    Raises ReadsTheirOwn, ReadAlready, NotStanding, ReasonNeeded.
    """
    finding, complaint = finding_locked(session, finding_id)
    why = reason(because, "a second reading")
    if (known := reading_of(session, finding)) is not None:
        if (known.agrees, known.read_by) == (agrees, by):
            return known
        raise ReadAlready(known)
    if finding not in findings_of(session, complaint):
        raise NotStanding(finding)
    if complaint.stage is Stage.CLOSED:
        raise ComplaintIsClosed(complaint)
    if folded_name(by) == folded_name(finding.determined_by):
        raise ReadsTheirOwn(finding)
    reading = SecondReading(
        finding_id=finding_id, agrees=agrees, why_id=history.narrate(session, why), read_at=now, read_by=by
    )
    session.add(reading)
    history.write(session, complaint.case, now, by, "read again", why=why, finding=finding_id, agrees=agrees)
    _end_reading(session, now, complaint, finding_id, Outcome.ANSWERED, by)
    session.flush()
    determined_if_all_is_said(session, now, complaint, by)
    return reading


def end_reading_of_corrected(session: Session, now: datetime, complaint: Complaint, finding: Finding) -> None:
    """Of that one alone: those of other issues are still to be read."""
    if finding.corrects_id is not None:
        _end_reading(session, now, complaint, finding.corrects_id, Outcome.SUPERSEDED, history.CLOCK)


def ask_for_second_readings(session: Session, now: datetime, complaint: Complaint) -> None:
    """Where policy asks for it now, of whatever stands and nobody has read: it may have asked for none before."""
    protocol = protocol_of(session, complaint)
    if not complaint_clocks(protocol, complaint.kind).second_reader:
        return
    asked = {duty.subject for duty in owed(session, complaint.case, ObligationKind.SECOND_READING)}
    for each in standing_of(session, complaint):
        subject = f"finding:{each.finding.id}"
        if each.finding.result is Result.UNDETERMINED or each.reading is not None or subject in asked:
            continue
        ask_second_reader(session, now, complaint, subject, window_day(protocol, "second_reading", now))


def _end_reading(
    session: Session, now: datetime, complaint: Complaint, finding_id: int, outcome: Outcome, by: str
) -> None:
    readings = owed(session, complaint.case, ObligationKind.SECOND_READING)
    discharge(session, now, [duty for duty in readings if duty.subject == f"finding:{finding_id}"], outcome, by)


def determined_if_all_is_said(session: Session, now: datetime, complaint: Complaint, by: str) -> None:
    """Nothing is undetermined, and where policy asks for a second reader, every finding was agreed with. A reading
    for which nobody asked finds it determined."""
    if complaint.stage is not Stage.ANALYSING:
        return
    asks = complaint_clocks(protocol_of(session, complaint), complaint.kind).second_reader
    for each in standing_of(session, complaint):
        if each.finding.result is Result.UNDETERMINED:
            return
        if asks and (each.reading is None or not each.reading.agrees):
            return
    take_step(session, now, complaint, Step.DETERMINE, by, findings=[f.id for f in findings_of(session, complaint)])
    end_duties(session, now, complaint, Outcome.ANSWERED, by, ObligationKind.ANALYSIS)
    put_on_the_list(session, now, complaint)
    tell_of_determination(session, now, complaint, asked_at(session, now, complaint, handler_of(session, complaint)))
