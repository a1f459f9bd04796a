"""What lies on a review's table: proposals by clause, with their origins, advice and decisions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlmodel import Session, SQLModel, col, select

from actions.advice import unadvised
from actions.cast import NotThere, known_id
from actions.clauses import current_version
from actions.gaps.naming import answers_of_each
from actions.versions import previous_version
from models.history import Narrative
from models.lists import one_of
from models.protocol import Clause, Party, Protocol, Version, VersionClause
from models.review import ACCEPTED, Advice, Decision, Proposal, Review
from rules.retention import NO_LONGER_KEPT

Row = TypeVar("Row", bound=SQLModel)


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
    return sorted(_lines(session, review, session.exec(statement).all()), key=lambda line: not line.stands)


def proposal_line(session: Session, proposal: Proposal) -> ProposalLine:
    [line] = _lines(session, session.get_one(Review, proposal.review_id), [proposal])
    return line


def _lines(session: Session, review: Review, proposals: Sequence[Proposal]) -> list[ProposalLine]:
    """A few statements, however many they are."""
    read = _read(session, review, proposals)
    return [_line(read, proposal, known_id(proposal)) for proposal in proposals]


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What the lines say, by proposal; `clauses` by clause: its key, and the heading and words proposed against."""

    clauses: Mapping[int, tuple[str, str, str]]
    merged: Mapping[int, Sequence[Proposal]]
    answers: Mapping[int, Sequence[str]]
    advice: Mapping[int, Sequence[Advice]]
    decisions: Mapping[int, Decision]
    unadvised: Set[int | None]
    parties: Mapping[int, str]
    texts: Mapping[int, str | None]

    def text(self, narrative_id: int | None) -> str | None:
        """Free text, or a word in its place where retention has emptied it."""
        return None if narrative_id is None else self.texts[narrative_id] or NO_LONGER_KEPT

    def origin(self, proposal: Proposal) -> str:
        return self.parties.get(proposal.party_id or 0, "the steering group")


def _read(session: Session, review: Review, proposals: Sequence[Proposal]) -> _Read:
    numbers = [known_id(proposal) for proposal in proposals]
    into = select(Proposal).where(one_of(session, Proposal.merged_into_id, numbers)).order_by(col(Proposal.id))
    given = select(Advice).where(one_of(session, Advice.proposal_id, numbers)).order_by(col(Advice.id))
    made = select(Decision).where(one_of(session, Decision.proposal_id, numbers))
    merged, advice, decisions = session.exec(into).all(), session.exec(given).all(), session.exec(made).all()
    narratives = {
        *(each.problem_id for each in proposals), *(each.text_id for each in advice),
        *(each.reason_id for each in decisions), *(each.dissent_id for each in decisions),
    } - {None}  # fmt: skip
    texts = select(Narrative.id, Narrative.text).where(one_of(session, Narrative.id, narratives))
    names = select(Party.id, Party.name).where(Party.protocol_id == review.protocol_id)
    return _Read(
        clauses=_clauses(session, review, {proposal.clause_id for proposal in proposals}),
        merged=_by(merged, "merged_into_id"), answers=answers_of_each(session, numbers),
        advice=_by(advice, "proposal_id"), decisions={each.proposal_id: each for each in decisions},
        parties={number: name for number, name in session.exec(names) if number is not None},
        texts={number: text for number, text in session.exec(texts) if number is not None},
        unadvised={proposal.id for proposal in unadvised(session, review)},
    )  # fmt: skip


def _by(rows: Iterable[Row], name: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _clauses(session: Session, review: Review, numbers: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """A new clause has its key for a heading, and no words."""
    version = _proposed_against(session, review)
    statement = select(VersionClause).where(VersionClause.version_id == (version.id if version else None))
    held = {row.clause_id: row for row in session.exec(statement)}
    clauses = session.exec(select(Clause).where(one_of(session, Clause.id, numbers))).all()
    there = ((known_id(clause), clause.key, held.get(known_id(clause))) for clause in clauses)
    return {number: (key, row.heading, row.text) if row else (key, key, "") for number, key, row in there}


def _line(read: _Read, proposal: Proposal, number: int) -> ProposalLine:
    (clause, heading, current), merged = read.clauses[proposal.clause_id], read.merged.get(number, ())
    return ProposalLine(
        number=number, clause=clause, heading=heading, current=current, wording=proposal.wording,
        problem=read.text(proposal.problem_id) or "", raised_by=proposal.raised_by,
        origins=tuple(dict.fromkeys(read.origin(each) for each in [proposal, *merged])),
        magnitude=proposal.magnitude.value if proposal.magnitude else None, magnitude_why=proposal.magnitude_why,
        merged=tuple(known_id(each) for each in merged), merged_into=proposal.merged_into_id,
        withdrawn=proposal.withdrawn_why, carried_from=proposal.carried_from_id,
        answers=tuple(read.answers.get(number, ())), needs_advice=number in read.unadvised,
        advice=tuple(_advice(read, each) for each in read.advice.get(number, ())),
        decision=_decision(read, read.decisions.get(number)),
    )  # fmt: skip


def _advice(read: _Read, row: Advice) -> AdviceLine:
    return AdviceLine(waived=row.waived, text=read.text(row.text_id) or "", given_by=row.given_by)


def _decision(read: _Read, row: Decision | None) -> DecisionLine | None:
    if row is None:
        return None
    return DecisionLine(
        outcome=row.outcome.value, wording=row.wording, because=read.text(row.reason_id) or "",
        dissent=read.text(row.dissent_id), rule=row.rule, votes=row.votes, decided_on=row.decided_on,
        recorded_by=row.recorded_by,
    )  # fmt: skip


def _proposed_against(session: Session, review: Review) -> Version | None:
    """The text in force; once the review has made a version of its own, the one before that."""
    made = session.exec(select(Version).where(Version.review_id == review.id).order_by(col(Version.id))).first()
    if made is None:
        return current_version(session, session.get_one(Protocol, review.protocol_id))
    return previous_version(session, made)
