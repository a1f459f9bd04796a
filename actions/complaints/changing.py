"""What may be changed in what somebody owes in a complaint: the law's days are nobody's to give."""

from sqlmodel import Session

from actions.complaints.moving import complaint_named
from models.obligation import Obligation, ObligationKind
from rules.complaint import STATUTORY
from rules.errors import Refused

CASE = "complaint:"
# What ends each kind, as a person goes on typing after `concordat complaint `.
ANSWERS = {
    ObligationKind.ACKNOWLEDGEMENT: "acknowledge {complaint} --how TEXT",
    ObligationKind.PROGRESS: "progress {complaint} --how TEXT",
    ObligationKind.ANALYSIS: "determine {complaint}",
    ObligationKind.RECHECK: "recheck {complaint} VERSION ANSWER --because TEXT",
    ObligationKind.SECOND_READING: "read-again finding:N ANSWER --because TEXT --by NAME",
}


class ThirtyDaysAreTheLaws(Refused):
    """DPA 2018 s.164A(3)."""

    def __init__(self, complaint: int) -> None:
        super().__init__(
            "Thirty days to acknowledge a complaint are the law's, and can be neither extended nor waived: record the "
            f"acknowledgement, also a late one (`concordat complaint acknowledge {complaint} --how TEXT`)."
        )


class IsAnswered(Refused):
    """Waived, it would be neither answered nor owed."""

    def __init__(self, command: str) -> None:
        super().__init__(f"That is answered, never waived: `concordat complaint {command}`.")


def is_of_a_complaint(duty: Obligation) -> bool:
    return duty.case.startswith(CASE)


def require_days_may_change(session: Session, duty: Obligation) -> None:
    """Raises ThirtyDaysAreTheLaws."""
    if not is_of_a_complaint(duty) or duty.kind is not ObligationKind.ACKNOWLEDGEMENT:
        return
    complaint = complaint_named(session, int(duty.case.removeprefix(CASE)))
    if complaint.kind in STATUTORY:
        raise ThirtyDaysAreTheLaws(complaint.id or 0)


def require_not_needed(session: Session, duty: Obligation) -> None:
    """Raises ThirtyDaysAreTheLaws, and IsAnswered for all but a local action."""
    require_days_may_change(session, duty)
    if is_of_a_complaint(duty) and (command := ANSWERS.get(duty.kind)):
        raise IsAnswered(command.format(complaint=duty.case.removeprefix(CASE)))
