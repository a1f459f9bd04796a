"""The end of a complaint: answered, with what follows from it; or withdrawn, or not for this protocol; and back."""

from datetime import datetime

from sqlmodel import Session

from actions.cast import known_id
from actions.complaints.asking import ask_anew, end_duties
from actions.complaints.moving import complaint_locked, forget_the_outcome, require_open, take_step
from actions.complaints.next_steps import followed_by
from actions.complaints.standing import Standing, standing_of
from actions.complaints.unfinished import take_off_the_list
from actions.reasons import reason
from models.complaint import Complaint, ComplaintOutcome
from models.obligation import ObligationKind, Outcome
from rules.complaint import STATUTORY, Stage, Step, stage_after
from rules.determination import Effect
from rules.errors import Refused
from rules.sentences import listed

ENDS_EARLY = (ComplaintOutcome.WITHDRAWN, ComplaintOutcome.NOT_OURS)
# Whether a later version covers it stays a question.
OF_WHOEVER_COMPLAINED = (ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS)
OF_THE_CASE = (*OF_WHOEVER_COMPLAINED, ObligationKind.ANALYSIS, ObligationKind.SECOND_READING)


class NothingFollowed(Refused):
    """Protocol §14: a determination that changes nothing would be analysis for its own sake."""

    def __init__(self, standing: Standing) -> None:
        wanted = listed([" or ".join(f"a {effect}" for effect in sorted(each)) for each in standing.wanting])
        finding = standing.finding
        words = wanted.replace("a no change", "“no change”, with why")
        nothing = followed_by(Effect.NONE, known_id(finding))
        otherwise = any(each.finding_id == finding.id for each in standing.effects) or nothing == _command(standing)
        super().__init__(
            f"Finding {finding.id} ({finding.result}) is still to be followed by {words} (`{_command(standing)}`)"
            f"{'.' if otherwise else f', or say why nothing changes (`{nothing}`).'}"
        )


class OutcomeNotTold(Refused):
    """DPA 2018 s.164A(4)(b)."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Whoever complained has not been told what came of it: `concordat complaint letter {complaint.id} "
            f"outcome` writes the letter, `concordat complaint outcome {complaint.id} --how TEXT` records that it went."
            f" Where nobody knows how to reach them: `concordat complaint outcome {complaint.id} --cannot-be-told "
            "--because TEXT`."
        )


class NotDetermined(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Complaint {complaint.id} is not determined yet ({complaint.stage}): see `concordat complaint show "
            f"{complaint.id}`. One that was withdrawn ends with `concordat complaint end {complaint.id} "
            "withdrawn --because TEXT`, one that is not for this protocol with “not-ours”."
        )


class EndsOtherwise(Refused):
    def __init__(self) -> None:
        super().__init__("It ends early as withdrawn, or as not ours; one that is answered is closed.")


class NotOursUntold(Refused):
    """DPA 2018 s.164A(3): whoever it is for, whoever complained hears that it came."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(
            f"Whoever complained has heard nothing of complaint {complaint.id} yet: say that it was received, and that "
            "it is not for this protocol (`concordat complaint acknowledge "
            f"{complaint.id} --how TEXT`), and end it then. One that was withdrawn ends without that. Where nobody "
            f"knows how to reach them: `concordat complaint outcome {complaint.id} --cannot-be-told --because TEXT`."
        )


class WasNotClosed(Refused):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(f"Complaint {complaint.id} is {complaint.stage}: there is nothing to look at again yet.")


def close(session: Session, now: datetime, complaint_id: int, by: str) -> Complaint:
    """Every finding has been followed by something, and whoever complained knows the outcome. Twice is once.

    A local action goes on after it. Raises NotThere, NotDetermined, NothingFollowed, OutcomeNotTold.
    """
    complaint = complaint_locked(session, complaint_id)
    if complaint.outcome is ComplaintOutcome.ANSWERED and complaint.stage is Stage.CLOSED:
        return complaint
    if complaint.stage is not Stage.DETERMINED:
        raise NotDetermined(complaint)
    for standing in standing_of(session, complaint):
        if standing.wanting:
            raise NothingFollowed(standing)
    if complaint.kind in STATUTORY and complaint.told_at is None and complaint.untold_id is None:
        raise OutcomeNotTold(complaint)
    complaint.outcome = ComplaintOutcome.ANSWERED
    take_step(session, now, complaint, Step.CLOSE, by, outcome=complaint.outcome.value)
    take_off_the_list(session, now, complaint, "the complaint was closed")
    if complaint.untold_id is not None:  # what nobody could be told was not told in time, either
        why = "whoever complained cannot be reached"
        end_duties(session, now, complaint, Outcome.LAPSED, by, *OF_WHOEVER_COMPLAINED, why=why)
    end_duties(session, now, complaint, Outcome.ANSWERED, by, *OF_THE_CASE)
    return complaint


def end_early(
    session: Session, now: datetime, complaint_id: int, outcome: ComplaintOutcome, by: str, because: str
) -> Complaint:
    """One that a person made and that is not ours is acknowledged first, unless nobody can reach them; one that was
    withdrawn needs it no more.

    Raises EndsOtherwise, ReasonNeeded, ComplaintIsClosed, StepNotAllowed (determined already), NotOursUntold.
    """
    complaint = complaint_locked(session, complaint_id)
    if outcome not in ENDS_EARLY:
        raise EndsOtherwise
    why = reason(because, "an early end")
    if complaint.outcome is outcome and complaint.stage is Stage.CLOSED:
        return complaint
    require_open(complaint)
    stage_after(complaint.stage, Step.END_EARLY)
    untold = complaint.kind in STATUTORY and complaint.acknowledged_at is None and complaint.untold_id is None
    if outcome is ComplaintOutcome.NOT_OURS and untold:
        raise NotOursUntold(complaint)
    take_step(session, now, complaint, Step.END_EARLY, by, why=why, outcome=outcome.value)
    complaint.outcome = outcome
    session.add(complaint)
    end_duties(
        session, now, complaint, Outcome.LAPSED, by, *OF_THE_CASE,
        why=f"the complaint was {'withdrawn' if outcome is ComplaintOutcome.WITHDRAWN else 'not for this protocol'}",
    )  # fmt: skip
    return complaint


def look_again(session: Session, now: datetime, complaint_id: int, by: str, because: str) -> Complaint:
    """Determined or closed, it is analysed anew; every finding stays until somebody corrects it.

    What the law asks goes on where it stood: the thirty days too, if nobody has acknowledged it. Raises WasNotClosed.
    """
    complaint = complaint_locked(session, complaint_id)
    why = reason(because, "looking again")
    if complaint.stage not in (Stage.DETERMINED, Stage.CLOSED):
        raise WasNotClosed(complaint)
    take_step(session, now, complaint, Step.LOOK_AGAIN, by, why=why)
    forget_the_outcome(complaint)
    take_off_the_list(session, now, complaint, "the complaint is looked at again")
    complaint.untold_id = None  # there is news of it: perhaps they can be told now
    session.add(complaint)
    ask_anew(session, now, complaint)
    return complaint


def _command(standing: Standing) -> str:
    return followed_by(sorted(next(iter(standing.wanting)))[-1], known_id(standing.finding))
