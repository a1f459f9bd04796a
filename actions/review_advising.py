"""Advice: "appropriate advice will be obtained in relation to any proposed major changes" (protocol §14)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from actions.advice import advice_subject, expect_decision, go_on_if_advised, unadvised
from actions.cast import known_id, officer, secretary_of
from actions.clauses import clause_text
from actions.duties import discharge, numbered_key, open_obligation, owed
from actions.moving import review_locked, take_step
from actions.policy import due_after
from actions.proposals import proposal_locked, require_standing, standing_proposals
from actions.reasons import reason
from actions.review_closing import ask_for_drafting, end_feedback
from actions.telling import tell
from models import history
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, Protocol, Role
from models.review import Advice, Proposal, Review
from notifications.messages import AdviceReceived, AdviceRequested
from rules.errors import Refused
from rules.review import Stage, Step, as_state, stage_after
from rules.sentences import listed
from rules.texts import fingerprint


class NotBeingDrafted(Refused):
    def __init__(self, review: Review) -> None:
        super().__init__(
            f"Proposals can be sorted while review {review.id} is being drafted; it is {as_state(review.stage)}."
        )


class NotClassified(Refused):
    def __init__(self, proposals: Sequence[Proposal]) -> None:
        numbers = listed([str(proposal.id) for proposal in proposals])
        super().__init__(f"Mark these proposals minor or major first, with a reason: {numbers}.")


class NothingMajor(Refused):
    def __init__(self) -> None:
        super().__init__("No proposal waits for advice: go on with `concordat review begin-deciding`.")


class AdviceMissing(Refused):
    def __init__(self, proposals: Sequence[Proposal]) -> None:
        numbers = listed([str(proposal.id) for proposal in proposals])
        are_major = f"Proposals {numbers} are major" if len(proposals) > 1 else f"Proposal {numbers} is major"
        super().__init__(f"{are_major}: record advice, or waive it with a reason, before deciding.")


def seek_advice(session: Session, now: datetime, review_id: int, by: str) -> None:
    """The adviser owes advice on every major proposal that has none."""
    review = review_locked(session, review_id)
    stage_after(review.stage, Step.SEEK_ADVICE)
    _require_classified(session, review)
    waiting = unadvised(session, review)
    if not waiting:
        raise NothingMajor
    take_step(session, now, review, Step.SEEK_ADVICE, by, proposals=[proposal.id for proposal in waiting])
    protocol = session.get_one(Protocol, review.protocol_id)
    _leave_drafting(session, now, protocol, review, by)
    for proposal in waiting:
        _ask_adviser(session, now, protocol, review, proposal)


def _ask_adviser(session: Session, now: datetime, protocol: Protocol, review: Review, proposal: Proposal) -> None:
    adviser, due_on = officer(session, known_id(protocol), Role.ADVISER), due_after(protocol, "advice", now)
    key = numbered_key(session, review.case, ObligationKind.ADVICE, f"proposal-{proposal.id}")
    duty = open_obligation(
        session, now, protocol, key=key, case=review.case, kind=ObligationKind.ADVICE,
        contact=adviser, due_on=due_on, subject=advice_subject(proposal),
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
    words = reason(text, "advice, or doing without it,")
    proposal, review = proposal_locked(session, proposal_id)
    key = f"proposal:{proposal.id}:{'waiver' if waived else 'advice'}:{fingerprint(words)}"
    if session.exec(select(Advice.id).where(Advice.key == key)).first() is not None:
        return
    if review.stage not in (Stage.DRAFTING, Stage.ADVISING):
        raise NotBeingDrafted(review)
    require_standing(proposal)
    advice = Advice(
        key=key, proposal_id=proposal_id, waived=waived, text_id=history.narrate(session, words), given_at=now,
        given_by=by,
    )  # fmt: skip
    session.add(advice)
    what = "advice waived" if waived else "advice given"
    history.write(session, review.case, now, by, what, why=words, proposal=proposal.id)
    subject = advice_subject(proposal)
    duties = [duty for duty in owed(session, review.case, ObligationKind.ADVICE) if duty.subject == subject]
    discharge(session, now, duties, Outcome.WAIVED if waived else Outcome.ANSWERED, by)
    _tell_secretary(session, now, review, proposal, advice, duties)
    go_on_if_advised(session, now, review)


def _tell_secretary(
    session: Session, now: datetime, review: Review, proposal: Proposal, advice: Advice, duties: Sequence[Obligation]
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
    stage_after(review.stage, Step.BEGIN_DECIDING)
    _require_classified(session, review)
    if waiting := unadvised(session, review):
        raise AdviceMissing(waiting)
    take_step(session, now, review, Step.BEGIN_DECIDING, by)
    protocol = session.get_one(Protocol, review.protocol_id)
    _leave_drafting(session, now, protocol, review, by)
    expect_decision(session, now, review)


def return_to_drafting(session: Session, now: datetime, review_id: int, by: str, because: str) -> None:
    """The secretary drafts again, and owes it again."""
    why = reason(because, "going back to drafting")
    review = review_locked(session, review_id)
    protocol = session.get_one(Protocol, review.protocol_id)
    take_step(session, now, review, Step.RETURN_TO_DRAFTING, by, why=why)
    undone = owed(session, review.case, ObligationKind.ADVICE, ObligationKind.DECISION)
    discharge(session, now, undone, Outcome.SUPERSEDED, by, why)
    key = numbered_key(session, review.case, ObligationKind.DRAFTING, f"round-{review.round}")
    ask_for_drafting(session, now, protocol, review, key)


def _require_classified(session: Session, review: Review) -> None:
    if bare := [proposal for proposal in standing_proposals(session, review) if proposal.magnitude is None]:
        raise NotClassified(bare)


def _leave_drafting(session: Session, now: datetime, protocol: Protocol, review: Review, by: str) -> None:
    discharge(session, now, owed(session, review.case, ObligationKind.DRAFTING), Outcome.ANSWERED, by)
    end_feedback(session, now, protocol, review, by)
