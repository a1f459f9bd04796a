"""Drafting and advice: "appropriate advice will be obtained in relation to any proposed major changes" (§14)."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id, officer, secretary_of
from actions.clauses import clause_named, clause_text
from actions.moving import review_locked, take_step
from actions.owing import ReasonNeeded, discharge, numbered_key, open_obligation, owed
from actions.policy import due_after
from actions.proposals import Proposed, raise_proposal, standing_proposals
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Protocol, Role
from models.review import Advice, Magnitude, Proposal, Review
from models.store import insert_unless_there
from notifications.messages import AdviceReceived, AdviceRequested
from rules.errors import Refused
from rules.review import Stage, Step
from rules.sentences import listed


class NotBeingDrafted(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(f"Proposals can be sorted while review {review.id} is being drafted; it is {review.stage}.")


class NotOneClause(Refused):
    def __init__(self) -> None:
        super().__init__("Only proposals to the same clause of the same review can be merged.")


class NotStanding(Refused):
    def __init__(self, proposal: Proposal) -> None:
        merged = f"merged into {proposal.merged_into_id}" if proposal.merged_into_id else "withdrawn"
        super().__init__(f"Proposal {proposal.id} was {merged}.")


class NotClassified(Refused):
    def __init__(self, proposals: list[Proposal]) -> None:
        numbers = listed([str(proposal.id) for proposal in proposals])
        super().__init__(f"Mark these proposals minor or major first, with a reason: {numbers}.")


class NothingMajor(Refused):
    def __init__(self) -> None:
        super().__init__("No proposal waits for advice: go on with `concordat review begin-deciding`.")


class AdviceMissing(Refused):
    def __init__(self, proposal_ids: list[int]) -> None:
        numbers = listed([str(number) for number in proposal_ids])
        is_major = f"Proposals {numbers} are major" if len(proposal_ids) > 1 else f"Proposal {numbers} is major"
        super().__init__(f"{is_major}: record advice, or waive it with a reason, before deciding.")


def proposal_locked(session: Session, proposal_id: int) -> tuple[Proposal, Review]:
    """The proposal and its review, both held; the review first, as everywhere."""
    found = session.get(Proposal, proposal_id)
    if found is None:
        raise NotThere(f"There is no proposal {proposal_id}: see `concordat review show`.")
    review = review_locked(session, found.review_id)
    session.refresh(found)
    return found, review


def propose(session: Session, now: datetime, review_id: int, proposed: Proposed, by: str) -> Proposal | None:
    """The steering group's own proposal, while feedback comes in or is drafted."""
    review = review_locked(session, review_id)
    if review.stage not in (Stage.COLLECTING, Stage.DRAFTING):
        raise NotBeingDrafted(review)
    protocol = session.get_one(Protocol, review.protocol_id)
    raised = raise_proposal(session, now, review, clause_named(session, protocol, proposed.clause), proposed, by)
    if raised is not None:
        history.write(session, review.case, now, by, "proposal raised", proposal=raised.id, clause=proposed.clause)
    return raised


def merge(session: Session, now: datetime, proposal_id: int, into_id: int, by: str, because: str) -> None:
    """Two that say the same become one; the origins stay linked."""
    proposal, review = proposal_locked(session, proposal_id)
    target, _ = proposal_locked(session, into_id)
    _require_drafting(review)
    if proposal.merged_into_id == target.id:
        return
    for each in (proposal, target):
        _require_standing(each)
    if target.id == proposal.id or (target.clause_id, target.review_id) != (
        proposal.clause_id,
        proposal.review_id,
    ):
        raise NotOneClause
    proposal.merged_into_id = target.id
    for earlier in session.exec(select(Proposal).where(Proposal.merged_into_id == proposal.id)):
        earlier.merged_into_id = target.id
    history.write(session, review.case, now, by, "proposals merged", why=because, merged=proposal.id, into=target.id)


def classify(session: Session, now: datetime, proposal_id: int, magnitude: Magnitude, by: str, because: str) -> None:
    """Minor or major, with the reason: it decides whether advice and signatures are needed."""
    proposal, review = proposal_locked(session, proposal_id)
    _require_drafting(review)
    _require_standing(proposal)
    if not because.strip():
        raise ReasonNeeded("minor or major")
    if (proposal.magnitude, proposal.magnitude_why) == (magnitude, because):
        return
    proposal.magnitude, proposal.magnitude_why = magnitude, because
    history.write(session, review.case, now, by, f"proposal marked {magnitude}", why=because, proposal=proposal.id)


def withdraw(session: Session, now: datetime, proposal_id: int, by: str, because: str) -> None:
    proposal, review = proposal_locked(session, proposal_id)
    _require_drafting(review)
    if not because.strip():
        raise ReasonNeeded("a withdrawal")
    if proposal.withdrawn_why is not None:
        return
    _require_standing(proposal)
    proposal.withdrawn_why = because
    history.write(session, review.case, now, by, "proposal withdrawn", why=because, proposal=proposal.id)


def seek_advice(session: Session, now: datetime, review_id: int, by: str) -> None:
    """The adviser owes advice on every major proposal that has none."""
    review = review_locked(session, review_id)
    require_classified(session, review)
    waiting = unadvised(session, review)
    if review.stage is Stage.DRAFTING and not waiting:
        raise NothingMajor
    take_step(session, now, review, Step.SEEK_ADVICE, by, proposals=[proposal.id for proposal in waiting])
    protocol = session.get_one(Protocol, review.protocol_id)
    _discharge_drafting(session, now, review, by)
    for proposal in waiting:
        _ask_adviser(session, now, protocol, review, proposal)


def _ask_adviser(session: Session, now: datetime, protocol: Protocol, review: Review, proposal: Proposal) -> None:
    adviser = officer(session, known_id(protocol), Role.ADVISER)
    due_on = due_after(protocol, "advice", now)
    key = numbered_key(session, review.case, ObligationKind.ADVICE, f"proposal-{proposal.id}")
    duty = open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.ADVICE,
        contact=adviser, due_on=due_on, subject=f"proposal:{proposal.id}",
    )  # fmt: skip
    if duty is None:
        return
    clause = session.get_one(Clause, proposal.clause_id)
    heading, current = clause_text(session, protocol, clause)
    tell(
        session, now, protocol, adviser, review.case, f"{key}:ask",
        lambda h: AdviceRequested(
            **h, proposal=known_id(proposal), clause=f"{clause.key} ({heading})", current=current,
            proposed=proposal.wording, why_major=proposal.magnitude_why or "", due_on=due_on,
        ),
        about=[duty], only_while_owed=True,
    )  # fmt: skip


def give_advice(session: Session, now: datetime, proposal_id: int, text: str, by: str, waived: bool = False) -> None:
    """Advice on a proposal; or, waived, the reason why none is taken. Given twice, it is recorded once."""
    proposal, review = proposal_locked(session, proposal_id)
    if review.stage not in (Stage.DRAFTING, Stage.ADVISING):
        raise NotBeingDrafted(review)
    _require_standing(proposal)
    if not text.strip():
        raise ReasonNeeded("advice, or doing without it,")
    fingerprint = hashlib.sha256(text.strip().encode()).hexdigest()[:16]
    advice = Advice(
        key=f"proposal:{proposal.id}:{'waiver' if waived else 'advice'}:{fingerprint}", proposal_id=proposal_id,
        waived=waived, text_id=history.narrate(session, text.strip()), given_at=now, given_by=by,
    )  # fmt: skip
    if not insert_unless_there(session, advice):
        return
    what = "advice waived" if waived else "advice given"
    history.write(session, review.case, now, by, what, why=text.strip(), proposal=proposal.id)
    duties = [
        duty for duty in owed(session, review.case, ObligationKind.ADVICE) if duty.subject == f"proposal:{proposal.id}"
    ]
    discharge(session, now, duties, Outcome.WAIVED if waived else Outcome.ANSWERED, by)
    _tell_secretary_of_advice(session, now, review, proposal, advice, duties)


def _tell_secretary_of_advice(
    session: Session,
    now: datetime,
    review: Review,
    proposal: Proposal,
    advice: Advice,
    duties: list[Obligation],
) -> None:
    protocol = session.get_one(Protocol, review.protocol_id)
    clause = session.get_one(Clause, proposal.clause_id)
    tell(
        session, now, protocol, secretary_of(session, known_id(protocol)), review.case, f"{advice.key}:received",
        lambda h: AdviceReceived(**h, proposal=known_id(proposal), clause=clause.key, waived=advice.waived),
        about=duties,
    )  # fmt: skip


def begin_deciding(session: Session, now: datetime, review_id: int, by: str) -> None:
    """Every proposal is classified, and every major one advised on or waived."""
    review = review_locked(session, review_id)
    if review.stage in (Stage.DRAFTING, Stage.ADVISING):
        require_classified(session, review)
        if waiting := unadvised(session, review):
            raise AdviceMissing([known_id(proposal) for proposal in waiting])
    take_step(session, now, review, Step.BEGIN_DECIDING, by)
    protocol = session.get_one(Protocol, review.protocol_id)
    _discharge_drafting(session, now, review, by)
    open_obligation(
        session, now, protocol, key=numbered_key(session, review.case, ObligationKind.DECISION), case=review.case,
        kind=ObligationKind.DECISION, contact=secretary_of(session, known_id(protocol)),
        due_on=due_after(protocol, "decision", now),
    )  # fmt: skip


def return_to_drafting(session: Session, now: datetime, review_id: int, by: str, because: str) -> None:
    review = review_locked(session, review_id)
    if not because.strip():
        raise ReasonNeeded("going back to drafting")
    take_step(session, now, review, Step.RETURN_TO_DRAFTING, by, why=because)
    for kind in (ObligationKind.ADVICE, ObligationKind.DECISION):
        discharge(session, now, owed(session, review.case, kind), Outcome.SUPERSEDED, by, because)


def require_classified(session: Session, review: Review) -> None:
    if bare := [proposal for proposal in standing_proposals(session, review) if proposal.magnitude is None]:
        raise NotClassified(bare)


def unadvised(session: Session, review: Review) -> list[Proposal]:
    """Major proposals without advice and without a waiver."""
    advised = set(
        session.exec(
            select(Advice.proposal_id)
            .join(Proposal, col(Proposal.id) == Advice.proposal_id)
            .where(Proposal.review_id == review.id)
        )
    )
    return [
        proposal
        for proposal in standing_proposals(session, review)
        if proposal.magnitude is Magnitude.MAJOR and proposal.id not in advised
    ]


def _discharge_drafting(session: Session, now: datetime, review: Review, by: str) -> None:
    discharge(session, now, owed(session, review.case, ObligationKind.DRAFTING), Outcome.ANSWERED, by)


def _require_drafting(review: Review) -> None:
    if review.stage is not Stage.DRAFTING:
        raise NotBeingDrafted(review)


def _require_standing(proposal: Proposal) -> None:
    if proposal.merged_into_id is not None or proposal.withdrawn_why is not None:
        raise NotStanding(proposal)
