"""Everything of one protocol that a thread may hold, read at once: as many questions for one case as for thousands."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, cast, col, literal, select

from actions.cast import known_id
from actions.law.marks import Mark, marks_of
from actions.law.said import withdrawn_changes
from actions.policy import zone_of
from actions.version_standing import never_in_force
from actions.versions import MADE_FROM, Text, bases_of
from models.breach import Breach, FollowUp, Lesson
from models.complaint import Complaint, ComplaintEffect, Finding, Recheck, SecondReading
from models.gap import Gap, GapOrigin, ProposalAnswer
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause, LegislationChange, Party, Protocol, Signature, Version, VersionClause
from models.review import ACCEPTED, Advice, Decision, Feedback, Proposal, Review
from rules.instants import local_day
from rules.versions import Change, changes

Row = TypeVar("Row", bound=SQLModel)
Key = TypeVar("Key", bound=Hashable)

OWED = (ObligationKind.SIGNATURE, ObligationKind.LOCAL_ACTION, ObligationKind.IMPLEMENTATION)


@dataclass(frozen=True, kw_only=True)
class Known:
    """Rows in the order of their numbers; `texts` by the version's number, empty where none is held."""

    protocol: Protocol
    parties: Mapping[int | None, Party]
    clauses: Mapping[int | None, Clause]
    versions: Mapping[int | None, Version]
    never_in_force: Collection[int | None]  # of the versions: nobody waits for them any more
    texts: Mapping[int | None, Text]
    complaints: Sequence[Complaint]
    findings: Sequence[Finding]
    readings: Mapping[int, SecondReading]  # by finding
    effects: Sequence[ComplaintEffect]
    rechecks: Sequence[Recheck]
    breaches: Sequence[Breach]
    follow_ups: Sequence[FollowUp]
    lessons: Sequence[Lesson]
    legislation: Sequence[LegislationChange]
    withdrawn: Collection[int]  # of legislation: what was recorded by mistake
    marks: Sequence[Mark]  # of those changes, change by change
    gaps: Sequence[Gap]
    moves: Mapping[str, Sequence[History]]  # of gaps and reviews, by case: the rows that moved it
    origins: Sequence[GapOrigin]
    reviews: Mapping[int | None, Review]
    feedback: Sequence[Feedback]
    proposals: Sequence[Proposal]
    answers: Sequence[ProposalAnswer]
    advice: Sequence[Advice]
    decisions: Mapping[int, Decision]  # by proposal
    signatures: Sequence[Signature]
    owed: Sequence[Obligation]  # signatures and what is to be put in place, also what has been

    def day(self, instant: datetime) -> date:
        """In the protocol's zone."""
        return local_day(instant, zone_of(self.protocol))

    def name_of(self, party_id: int | None, otherwise: str = "the steering group") -> str:
        party = self.parties.get(party_id)
        return party.name if party else otherwise

    def key_of(self, clause_id: int | None) -> str:
        """Empty where it is about no clause."""
        clause = self.clauses.get(clause_id)
        return clause.key if clause else ""

    @cached_property
    def made_here(self) -> Mapping[int, Version]:
        """The version each review made."""
        return {version.review_id: version for version in self.versions.values() if version.review_id is not None}

    @cached_property
    def accepted_answers(self) -> Mapping[int | None, set[int]]:
        """By review, the gaps that its accepted proposals answer, and those merged into them."""
        proposals = {known_id(proposal): proposal for proposal in self.proposals}
        found = defaultdict[int | None, set[int]](set)
        for answer in self.answers:
            proposal = proposals[answer.proposal_id]
            decision = self.decisions.get(proposal.merged_into_id or answer.proposal_id)
            if answer.gap_id is not None and decision is not None and decision.outcome in ACCEPTED:
                found[proposal.review_id].add(answer.gap_id)
        return found

    @cached_property
    def changes(self) -> Mapping[int | None, Mapping[str, Change]]:
        """By version and clause; as `actions.versions.changes_of`. A first text of before Concordat changed nothing."""
        found = {}
        for number, before in self.bases.items():
            if before is not None or self.versions[number].review_id is not None:
                earlier: Text = self.texts.get(before.id, {}) if before is not None else {}
                found[number] = {each.clause: each for each in changes(earlier, self.texts.get(number, {}))}
        return found

    @cached_property
    def bases(self) -> Mapping[int | None, Version | None]:
        """By version that has a text, or was made here, what it was made from; as `actions.versions.lineage`."""
        held = [each for each in self.versions.values() if each.id in self.texts or each.review_id is not None]
        moves = [row.details for of in self.made_here for row in self.moves.get(f"review:{of}", ())]
        return bases_of(held, {details["version"]: details[MADE_FROM] for details in moves if MADE_FROM in details})


def known_of(session: Session, protocol: Protocol) -> Known:
    """Some twenty questions, however much there is."""
    of = protocol.id

    def ours(table: type[Row], *where: Any) -> Sequence[Row]:
        return session.exec(select(table).where(*where).order_by(col(table.id))).all()  # type: ignore[attr-defined]

    complaints = select(Complaint.id).where(Complaint.protocol_id == of)
    findings = select(Finding.id).where(col(Finding.complaint_id).in_(complaints))
    breaches = select(Breach.id).where(Breach.protocol_id == of)
    gaps = select(Gap.id).where(Gap.protocol_id == of)
    reviews = select(Review.id).where(Review.protocol_id == of)
    proposals = select(Proposal.id).where(col(Proposal.review_id).in_(reviews))
    versions = select(Version.id).where(Version.protocol_id == of)
    legislation = ours(LegislationChange, LegislationChange.protocol_id == of)
    made = _by_id(ours(Version, Version.protocol_id == of))
    by_review = _by_id(ours(Review, Review.protocol_id == of))  # before the marks, which ask for one after the other
    return Known(
        protocol=protocol,
        parties=_by_id(ours(Party, Party.protocol_id == of)),
        clauses=_by_id(ours(Clause, Clause.protocol_id == of)),
        versions=made,
        never_in_force=never_in_force(session, made.values()),
        texts=texts_of(session, of),
        complaints=ours(Complaint, Complaint.protocol_id == of),
        findings=ours(Finding, col(Finding.complaint_id).in_(complaints)),
        readings={row.finding_id: row for row in ours(SecondReading, col(SecondReading.finding_id).in_(findings))},
        effects=ours(ComplaintEffect, col(ComplaintEffect.complaint_id).in_(complaints)),
        rechecks=ours(Recheck, col(Recheck.complaint_id).in_(complaints)),
        breaches=ours(Breach, Breach.protocol_id == of),
        follow_ups=ours(FollowUp, col(FollowUp.breach_id).in_(breaches)),
        lessons=ours(Lesson, col(Lesson.breach_id).in_(breaches)),
        legislation=legislation,
        withdrawn=withdrawn_changes(session, protocol),
        marks=marks_of(session, protocol, legislation),
        gaps=ours(Gap, Gap.protocol_id == of),
        moves=grouped(
            ours(History, col(History.moved_to).is_not(None), _case_in(Gap, of) | _case_in(Review, of)),
            lambda row: row.case,
        ),
        origins=ours(GapOrigin, col(GapOrigin.gap_id).in_(gaps)),
        reviews=by_review,
        feedback=ours(Feedback, col(Feedback.review_id).in_(reviews)),
        proposals=ours(Proposal, col(Proposal.review_id).in_(reviews)),
        answers=ours(ProposalAnswer, col(ProposalAnswer.proposal_id).in_(proposals)),
        advice=ours(Advice, col(Advice.proposal_id).in_(proposals)),
        decisions={row.proposal_id: row for row in ours(Decision, col(Decision.proposal_id).in_(proposals))},
        signatures=ours(Signature, col(Signature.version_id).in_(versions)),
        owed=ours(Obligation, Obligation.protocol_id == of, col(Obligation.kind).in_(OWED)),
    )


def _case_in(table: type[Gap | Review], protocol_id: int | None) -> sa.ColumnElement[bool]:
    prefix = literal(f"{table.__name__.lower()}:")
    cases = select(prefix + cast(col(table.id), sa.String)).where(table.protocol_id == protocol_id)
    return col(History.case).in_(cases)


def texts_of(session: Session, protocol_id: int | None = None) -> Mapping[int | None, Text]:
    """Every version's text, by the version's number: as `actions.versions.text_of`, for all of them at once, of one
    protocol or of all."""
    statement = (
        select(VersionClause.version_id, Clause.key, VersionClause.heading, VersionClause.text)
        .join(Clause, col(Clause.id) == VersionClause.clause_id)
        .order_by(col(VersionClause.version_id), col(Clause.position))
    )
    if protocol_id is not None:
        statement = statement.where(Clause.protocol_id == protocol_id)
    texts: dict[int | None, Text] = defaultdict(dict)
    for version_id, key, heading, words in session.exec(statement):
        texts[version_id][key] = heading, words
    return dict(texts)


def grouped(rows: Iterable[Row], by: Callable[[Row], Key]) -> Mapping[Key, Sequence[Row]]:
    """Nothing for what no row is of; in the rows' order."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return found


def _by_id(rows: Iterable[Row]) -> Mapping[int | None, Row]:
    return {known_id(row): row for row in rows}
