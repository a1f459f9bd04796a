"""What may follow from a finding: it stands, nobody is still looking at it, and of one finding it is not said both that
nothing changes and that something does."""

from collections.abc import Sequence

from sqlmodel import Session

from actions.complaints.moving import protocol_of, require_open
from actions.complaints.second_reading import NotStanding
from actions.complaints.standing import Standing, effects_of, findings_of, reading_of, standing_of
from actions.policy import complaint_clocks
from models.complaint import Complaint, ComplaintEffect, ComplaintOutcome, Finding, SecondReading
from rules.complaint import Stage
from rules.determination import Effect, Result, wanting
from rules.errors import Refused
from rules.sentences import listed


class NothingFollowsYet(Refused):
    def __init__(self, finding: Finding) -> None:
        super().__init__(
            f"Finding {finding.id} is undetermined: find out what is unknown, and correct it "
            f"(`concordat complaint correct finding:{finding.id} --because TEXT`); what follows comes after that."
        )


class StillOpen(Refused):
    """What follows is said once a finding stands: until then it may come out otherwise."""

    def __init__(self, finding: Finding, reading: SecondReading | None, *, unread: bool) -> None:
        correct = f"`concordat complaint correct finding:{finding.id} --because TEXT`"
        if reading is not None and not reading.agrees:
            why = f"{reading.read_by} did not agree with finding {finding.id}: correct it ({correct})"
        elif unread:
            why = (
                f"Finding {finding.id} is still to be read by somebody else (`concordat complaint read-again "
                f"finding:{finding.id} agree|disagree --because TEXT --by NAME`)"
            )
        else:
            why = (
                f"Complaint {finding.complaint_id} is being looked at again: correct finding {finding.id}, or answer "
                f"in the same way, where it holds ({correct})"
            )
        super().__init__(f"{why}; what follows comes after that.")


class SomethingChanges(Refused):
    def __init__(self, finding: Finding, effects: Sequence[ComplaintEffect]) -> None:
        known = listed([f"a {effect}" for effect in dict.fromkeys(each.effect.value for each in effects)])
        super().__init__(
            f"Finding {finding.id} is followed by {known} already, and nothing more is asked for: it cannot be said "
            "that nothing changes."
        )


class NothingWasToChange(Refused):
    def __init__(self, finding: Finding, effect: Effect) -> None:
        super().__init__(
            f"Of finding {finding.id} it is recorded that nothing changes, so no {effect} follows from it: correct the "
            f"finding first (`concordat complaint correct finding:{finding.id} --because TEXT`), also in the same "
            "answers; that nothing changes does not hold for the one that takes its place."
        )


def require_that_it_may_follow(session: Session, complaint: Complaint, finding: Finding, effect: Effect) -> None:
    """Raises NotStanding, NothingFollowsYet, StillOpen, ComplaintIsClosed, SomethingChanges, NothingWasToChange."""
    if finding not in findings_of(session, complaint):
        raise NotStanding(finding)
    if finding.result is Result.UNDETERMINED:
        raise NothingFollowsYet(finding)
    _require_to_stand(session, complaint, finding)
    _require_one_voice(session, complaint, finding, effect)


def _require_to_stand(session: Session, complaint: Complaint, finding: Finding) -> None:
    """Of several issues, what was found of one may be followed by something while another is still open.

    Raises StillOpen, ComplaintIsClosed (it ended without an answer).
    """
    if complaint.stage is Stage.DETERMINED or complaint.outcome is ComplaintOutcome.ANSWERED:
        return
    require_open(complaint)
    is_read_twice = complaint_clocks(protocol_of(session, complaint), complaint.kind).second_reader
    in_doubt = [each for each in standing_of(session, complaint) if _is_in_doubt(each, is_read_twice)]
    own = next((each for each in in_doubt if each.finding.id == finding.id), None)
    if own is not None or not in_doubt:
        raise StillOpen(finding, reading_of(session, finding), unread=own is not None)


def _is_in_doubt(standing: Standing, is_read_twice: bool) -> bool:
    agreed = standing.reading.agrees if standing.reading else not is_read_twice
    return standing.finding.result is Result.UNDETERMINED or not agreed


def _require_one_voice(session: Session, complaint: Complaint, finding: Finding, effect: Effect) -> None:
    """That nothing changes, and then something that does, are not said of one finding. That nothing more does, because,
    is said where more was asked for. Raises SomethingChanges, NothingWasToChange."""
    known = [each for each in effects_of(session, complaint) if each.finding_id == finding.id]
    if effect is not Effect.NONE and any(each.effect is Effect.NONE for each in known):
        raise NothingWasToChange(finding, effect)
    others = [each for each in known if each.effect is not Effect.NONE]
    if effect is Effect.NONE and others and not wanting(finding.result, [each.effect for each in others]):
        raise SomethingChanges(finding, others)
