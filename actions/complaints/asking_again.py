"""A version has answered something: those whose complaints were behind it are asked whether it would cover them now."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from actions.breaches.windows import window_day
from actions.cast import NotThere, known_id
from actions.complaints.asking import ask, leave_no_party_that_left
from actions.complaints.behind import behind
from actions.complaints.moving import complaint_locked, handler_of, protocol_of, take_step
from actions.duties import discharge, owed
from actions.reasons import reason
from actions.versions import version_named
from models import history
from models.complaint import Complaint, Covered, Recheck
from models.obligation import ObligationKind, Outcome
from models.protocol import Version
from rules.complaint import Step
from rules.errors import Refused


class AnsweredOtherwise(Refused):
    def __init__(self, recheck: Recheck, version: Version) -> None:
        super().__init__(
            f"Whether version {version.label} covers complaint {recheck.complaint_id} was answered already: "
            f"{recheck.answer}, by {recheck.answered_by}."
        )


def answering_versions(session: Session, complaint: Complaint) -> list[Version]:
    """Versions in force that have answered this case, and of which nobody was asked yet; the oldest first."""
    found = behind()
    of_it = select(found.c.version_id).where(found.c.complaint_id == complaint.id)
    return list(session.exec(select(Version).where(col(Version.id).in_(of_it)).order_by(col(Version.id))))


def to_be_asked_again() -> SelectOfScalar[int]:
    """Ids of complaints for which `answering_versions` is not empty, in one query."""
    return select(behind().c.complaint_id)


def ask_again(session: Session, now: datetime, complaint: Complaint) -> list[str]:
    """The clock's step. Answers the versions. Whoever handled it is asked, or the secretary."""
    versions = answering_versions(session, complaint)
    leave_no_party_that_left(session, now, complaint)
    for version in versions:
        session.add(Recheck(complaint_id=known_id(complaint), version_id=known_id(version), asked_at=now))
        session.flush()
        ask_of_version(session, now, complaint, version)
    labels = [version.label for version in versions]
    take_step(session, now, complaint, Step.ASK_AGAIN, history.CLOCK, versions=labels)
    return labels


def ask_of_version(session: Session, now: datetime, complaint: Complaint, version: Version) -> None:
    ask(
        session, now, complaint, ObligationKind.RECHECK, window_day(protocol_of(session, complaint), "recheck", now),
        handler_of(session, complaint), subject=f"version:{version.label}",
        what=f"say whether version {version.label} would cover complaint {complaint.id}",
    )  # fmt: skip


def answer(
    session: Session, now: datetime, complaint_id: int, label: str, covered: Covered, by: str, because: str
) -> Recheck:
    """Would that version cover it now? Raises NotThere (not asked), ReasonNeeded, AnsweredOtherwise."""
    complaint = complaint_locked(session, complaint_id)
    why, version = reason(because, "the answer"), version_named(session, protocol_of(session, complaint), label)
    recheck = session.exec(
        select(Recheck).where(Recheck.complaint_id == complaint_id, Recheck.version_id == version.id)
    ).first()
    if recheck is None:
        raise NotThere(f"Nobody has been asked whether version {version.label} covers complaint {complaint_id}.")
    if recheck.answer is not None:
        if recheck.answer is covered:
            return recheck
        raise AnsweredOtherwise(recheck, version)
    recheck.answer, recheck.why_id = covered, history.narrate(session, why)
    recheck.answered_at, recheck.answered_by = now, by
    session.add(recheck)
    history.write(
        session, complaint.case, now, by, "covered now", why=why, version=version.label, covered=covered.value
    )
    asked = [
        duty
        for duty in owed(session, complaint.case, ObligationKind.RECHECK)
        if duty.subject == f"version:{version.label}"
    ]
    discharge(session, now, asked, Outcome.ANSWERED, by)
    return recheck


def rechecks_of(session: Session, complaint: Complaint) -> list[tuple[Recheck, str]]:
    """With the version's label; the oldest first."""
    statement = select(Recheck, Version.label).join(Version, col(Version.id) == Recheck.version_id)
    return list(session.exec(statement.where(Recheck.complaint_id == complaint.id).order_by(col(Recheck.id))).all())
