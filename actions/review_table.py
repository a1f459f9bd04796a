"""What lies on a review's table: proposals by clause, with their origins, advice and decisions."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from actions.advice import unadvised
from actions.cast import NotThere, known_id
from actions.clauses import clause_in, current_version
from actions.gaps.naming import answers_of
from actions.versions import previous_version
from models.history import Narrative
from models.protocol import Clause, Party, Protocol, Version
from models.review import ACCEPTED, Advice, Decision, Proposal, Review


@dataclass(frozen=True, kw_only=True)
class AdviceLine:
    waived: bool
    text: str
    given_by: str


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    outcome: str
    wording: str | None
    because: str
    dissent: str | None
    rule: str
    votes: dict[str, str]
    decided_on: date
    recorded_by: str

    @property
    def accepted(self) -> bool:
        return self.outcome in {outcome.value for outcome in ACCEPTED}


@dataclass(frozen=True, kw_only=True)
class ProposalLine:
    """`origins` name who put it forward, those of merged proposals included; `answers` are cases: `gap:3`.
    `needs_advice`: as `unadvised` asks, so that nobody is led to a step that is refused."""

    number: int
    clause: str
    heading: str
    current: str
    wording: str
    problem: str
    origins: tuple[str, ...]
    raised_by: str
    magnitude: str | None
    magnitude_why: str | None
    merged: tuple[int, ...]
    merged_into: int | None
    withdrawn: str | None
    carried_from: int | None
    answers: tuple[str, ...]
    needs_advice: bool
    advice: tuple[AdviceLine, ...]
    decision: DecisionLine | None

    @property
    def stands(self) -> bool:
        """Neither merged into another nor withdrawn: to be decided."""
        return self.merged_into is None and self.withdrawn is None


def proposal_named(session: Session, number: int) -> Proposal:
    found = session.get(Proposal, number)
    if found is None:
        raise NotThere(f"There is no proposal {number}: see `concordat review show`.")
    return found


def proposal_lines(session: Session, review: Review) -> list[ProposalLine]:
    """All of them in the order of the text, those that stand before those that were merged or withdrawn."""
    statement = (
        select(Proposal)
        .join(Clause, col(Clause.id) == Proposal.clause_id)
        .where(Proposal.review_id == review.id)
        .order_by(col(Clause.position), col(Proposal.id))
    )
    lines = [proposal_line(session, proposal) for proposal in session.exec(statement).all()]
    return sorted(lines, key=lambda line: not line.stands)


def proposal_line(session: Session, proposal: Proposal) -> ProposalLine:
    review = session.get_one(Review, proposal.review_id)
    clause = session.get_one(Clause, proposal.clause_id)
    heading, current = clause_in(session, _proposed_against(session, review), clause)
    merged = list(
        session.exec(select(Proposal).where(Proposal.merged_into_id == proposal.id).order_by(col(Proposal.id)))
    )
    return ProposalLine(
        number=known_id(proposal), clause=clause.key, heading=heading, current=current, wording=proposal.wording,
        problem=_text(session, proposal.problem_id) or "", raised_by=proposal.raised_by,
        origins=tuple(dict.fromkeys(_origin(session, each) for each in [proposal, *merged])),
        magnitude=proposal.magnitude.value if proposal.magnitude else None, magnitude_why=proposal.magnitude_why,
        merged=tuple(known_id(each) for each in merged), merged_into=proposal.merged_into_id,
        withdrawn=proposal.withdrawn_why, carried_from=proposal.carried_from_id,
        answers=tuple(answers_of(session, proposal)), needs_advice=proposal in unadvised(session, review),
        advice=tuple(_advice(session, proposal)), decision=_decision(session, proposal),
    )  # fmt: skip


def _proposed_against(session: Session, review: Review) -> Version | None:
    """The text in force; once the review has made a version of its own, the one before that."""
    made = session.exec(select(Version).where(Version.review_id == review.id).order_by(col(Version.id))).first()
    if made is None:
        return current_version(session, session.get_one(Protocol, review.protocol_id))
    return previous_version(session, made)


def _origin(session: Session, proposal: Proposal) -> str:
    party = session.get(Party, proposal.party_id) if proposal.party_id else None
    return party.name if party else "the steering group"


def _advice(session: Session, proposal: Proposal) -> list[AdviceLine]:
    statement = select(Advice).where(Advice.proposal_id == proposal.id).order_by(col(Advice.id))
    return [
        AdviceLine(waived=row.waived, text=_text(session, row.text_id) or "", given_by=row.given_by)
        for row in session.exec(statement)
    ]


def _decision(session: Session, proposal: Proposal) -> DecisionLine | None:
    row = session.exec(select(Decision).where(Decision.proposal_id == proposal.id)).first()
    if row is None:
        return None
    return DecisionLine(
        outcome=row.outcome.value, wording=row.wording, because=_text(session, row.reason_id) or "",
        dissent=_text(session, row.dissent_id), rule=row.rule, votes=row.votes, decided_on=row.decided_on,
        recorded_by=row.recorded_by,
    )  # fmt: skip


def _text(session: Session, narrative_id: int | None) -> str | None:
    """Free text, or a word in its place where retention has emptied it."""
    if narrative_id is None:
        return None
    return session.get_one(Narrative, narrative_id).text or "(purged)"
