"""Advice: "appropriate advice will be obtained in relation to any proposed major changes" (protocol §14)."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from actions.advice import advice_subject
from actions.cast import NotThere
from actions.review_advising import give_advice
from actions.review_table import ProposalLine, proposal_line
from actions.voices import voices_of
from models.obligation import Obligation, ObligationKind
from models.review import Proposal, Review
from rules.review import Stage, as_state
from web.declaring import ADVISERS, Act, Asked, Done
from web.differences import marked
from web.fields import words
from web.parties.own import own_duty
from web.parties.proposals_seen import next_said

TAKES_ADVICE = (Stage.DRAFTING, Stage.ADVISING)


class GiveAdvice(BaseModel):
    text: str = words(
        "Your advice", missing="Write your advice", longest=20_000, rows=10,
        hint="Is it lawful and workable, and what would you change? The steering group and the parties read it.",
    )  # fmt: skip


def _duty_and_proposal(asked: Asked) -> tuple[Obligation, Proposal, Review]:
    duty = own_duty(asked, ObligationKind.ADVICE)
    proposal = _proposal_of(asked.session, duty)
    return duty, proposal, asked.session.get_one(Review, proposal.review_id)


def _proposal_of(session: Session, duty: Obligation) -> Proposal:
    number = (duty.subject or "").partition(":")[2]
    found = session.get(Proposal, int(number)) if number.isdecimal() else None
    if found is None or advice_subject(found) != duty.subject:
        raise NotThere("There is no such proposal here.")
    return found


def _before(asked: Asked, _given: object) -> Mapping[str, Any]:
    duty, proposal, review = _duty_and_proposal(asked)
    line = proposal_line(asked.session, proposal)
    return {
        "duty": duty, "review": review, "protocol": asked.protocol, "is_open": _is_open(review, line),
        "state": as_state(review.stage), "next": next_said(asked.session, review),
        "table": {"line": line, "difference": marked(line.current, line.wording),
                  "voices": voices_of(asked.session, proposal)},
    }  # fmt: skip


def _is_open(review: Review, line: ProposalLine) -> bool:
    return review.stage in TAKES_ADVICE and line.stands and line.decision is None


def _advise(asked: Asked, given: GiveAdvice) -> Done:
    duty, proposal, _ = _duty_and_proposal(asked)
    give_advice(asked.session, asked.now, proposal.id or 0, given.text, asked.caller.by)
    return Done(sentence="Your advice is recorded. Thank you.", to=f"/party/advice/{duty.id}")


def _title(asked: Asked) -> str:
    return f"Advice on proposal {_duty_and_proposal(asked)[1].id}"


ACTS = (
    Act(path="/party/advice/{duty:int}", title="Advice on a proposal", who=ADVISERS, fields=GiveAdvice, do=_advise,
        button="Send advice", before=_before, template="parties/advice.html", in_menu="/party", title_of=_title),
)  # fmt: skip
