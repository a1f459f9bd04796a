"""What a proposal answers: the gaps, the feedback, the complaints and the breaches that it was made for (§9, §14).

A gap that a standing proposal names is proposed; it is resolved when the version is adopted that has its wording.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.gaps.asking import close_matter_of
from actions.gaps.moving import held, require_waiting, settle_gaps, take_step
from actions.gaps.naming import answers_of, gaps_accepted_in, gaps_answered_by, gaps_named_in
from actions.gaps.references import ANSWERED, case_named
from actions.proposals import proposal_locked, require_standing, require_undecided
from models import history
from models.gap import Gap, ProposalAnswer
from models.inserting import insert_unless_there
from models.protocol import Protocol, Version
from models.review import Proposal, Review
from rules.errors import Refused
from rules.gap import Stage, Step
from rules.review import JOINABLE, as_state

__all__ = ["answers_of", "carry_answers", "gaps_of_proposal_settled", "gaps_of_review_settled", "name_answers",
           "resolve_gaps"]  # fmt: skip


class NothingNamed(Refused):
    def __init__(self) -> None:
        super().__init__("Name what the proposal answers: gap:3, feedback:9, complaint:12 or breach:7.")


class NotOnTheTable(Refused):
    def __init__(self, proposal: Proposal, review: Review) -> None:
        super().__init__(
            f"Proposal {proposal.id} is on no table any more: review {review.id} is {as_state(review.stage)}."
        )


def name_answers(session: Session, now: datetime, proposal_id: int, answers: Sequence[str], by: str) -> list[str]:
    """All that it answers now. Named twice is named once; what was named stays.

    Raises NotThere, NotStanding, AlreadyDecided, NotOnTheTable, NothingNamed, NotAReference, OfAnotherProtocol,
    GapIsClosed.
    """
    proposal, review = proposal_locked(session, proposal_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    require_standing(proposal)
    require_undecided(session, proposal)
    if review.stage not in JOINABLE:
        raise NotOnTheTable(proposal, review)
    if not answers:
        raise NothingNamed
    known = answers_of(session, proposal)
    named = dict(case_named(session, protocol, ref, ANSWERED) for ref in answers)
    for case, row in named.items():
        if isinstance(row, Gap) and case not in known:
            require_waiting(session, held(session, row))
    if new := [case for case in named if case not in known]:
        history.write(session, review.case, now, by, "answers named", proposal=proposal.id, answers=new)
        _keep(session, now, proposal, new, by)
    return answers_of(session, proposal)


def _keep(session: Session, now: datetime, proposal: Proposal, cases: Iterable[str], by: str) -> None:
    for case in cases:
        kind, _, number = case.partition(":")
        answer = ProposalAnswer(
            proposal_id=known_id(proposal), answers=case, gap_id=int(number) if kind == "gap" else None, added_at=now,
            added_by=by,
        )  # fmt: skip
        insert_unless_there(session, answer)
    gaps_of_proposal_settled(session, now, proposal, by)


def carry_answers(session: Session, now: datetime, review: Review, by: str) -> None:
    """What was put off and is on this review's table again answers what it answered; a gap that has ended meanwhile
    stays so."""
    carried = select(Proposal).where(Proposal.review_id == review.id, col(Proposal.carried_from_id).is_not(None))
    for proposal in session.exec(carried.order_by(col(Proposal.id))).all():
        earlier, known = session.get_one(Proposal, proposal.carried_from_id), answers_of(session, proposal)
        if new := [case for case in answers_of(session, earlier) if case not in known]:
            history.write(session, review.case, now, by, "answers carried over", proposal=proposal.id, answers=new)
            _keep(session, now, proposal, new, by)


def gaps_of_proposal_settled(session: Session, now: datetime, proposal: Proposal, by: str) -> None:
    """After it was decided on, withdrawn, or named something: its gaps are proposed, or open again."""
    session.flush()
    settle_gaps(session, now, gaps_answered_by(session, proposal), by)


def gaps_of_review_settled(session: Session, now: datetime, review: Review, by: str) -> None:
    """The review has ended: what no version of it answers waits for the next."""
    session.flush()
    settle_gaps(session, now, gaps_named_in(session, review), by)


def resolve_gaps(
    session: Session, now: datetime, protocol: Protocol, review: Review, version: Version, by: str
) -> list[int]:
    """The version is adopted, or announced: the gaps that its accepted proposals answer are resolved in it, and the
    others that the review had on its table wait for the next. Answers which are resolved."""
    assert review.protocol_id == protocol.id == version.protocol_id
    resolved = []
    for number, proposals in gaps_accepted_in(session, review).items():
        gap = held(session, session.get_one(Gap, number))
        if gap.stage is not Stage.PROPOSED:
            continue  # another version, or somebody's reason, has ended it meanwhile
        gap.resolved_in_id, gap.closed_at = known_id(version), now
        take_step(session, now, gap, Step.RESOLVE, by, version=version.label, proposals=proposals)
        close_matter_of(session, now, gap, f"resolved in version {version.label}")
        resolved.append(number)
    gaps_of_review_settled(session, now, review, by)
    return resolved
