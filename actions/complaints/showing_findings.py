"""The findings of a complaint as they are shown: what stands, and beneath it what it corrects."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.showing_facts import texts_of
from actions.cast import known_id
from actions.complaints.shown import AnswerLine, EffectLine, FindingLine, ReadingLine
from actions.complaints.standing import all_findings_of, effects_of, standing_of
from models.breach import Breach
from models.complaint import Complaint, ComplaintEffect, Finding, SecondReading
from models.gap import Gap
from models.obligation import Obligation, Outcome
from models.protocol import Clause, Party, Version, VersionClause
from rules.determination import ASKED, Answers, Effect, Question, what_matters

Names = Mapping[int | None, str]


class _Known(NamedTuple):
    """What is read once for all findings of a complaint."""

    texts: Names
    parties: Names
    clauses: Names
    headings: Mapping[tuple[int | None, int | None], str]
    versions: Names
    readings: Mapping[int, SecondReading]
    effects: tuple[EffectLine, ...]


def finding_lines(session: Session, complaint: Complaint) -> Iterator[FindingLine]:
    """Those that stand, by issue."""
    every = {known_id(finding): finding for finding in all_findings_of(session, complaint)}
    known = _known(session, complaint, every.values())
    for standing in standing_of(session, complaint):
        line = _line(standing.finding, known)
        earlier = tuple(_line(finding, known) for finding in _corrected(standing.finding, every))
        issue = {line.number, *(each.number for each in earlier)}
        yield FindingLine(
            **(vars(line) | {
                "corrected": earlier,
                "effects": tuple(effect for effect in known.effects if effect.finding in issue),
                "wanting": tuple(tuple(sorted(effect.value for effect in each)) for each in standing.wanting),
            })
        )  # fmt: skip


def _corrected(finding: Finding, every: Mapping[int, Finding]) -> Iterator[Finding]:
    while finding.corrects_id is not None:
        finding = every[finding.corrects_id]
        yield finding


def answers_of(finding: Finding) -> Answers:
    return Answers(finding.covered, finding.followed, finding.clear, finding.harm)


def _line(finding: Finding, known: _Known) -> FindingLine:
    reading = known.readings.get(known_id(finding))
    return FindingLine(
        number=known_id(finding), issue=finding.issue, words=known.texts.get(finding.issue_id),
        party=known.parties[finding.party_id], clause=known.clauses.get(finding.clause_id),
        heading=known.headings.get((finding.version_id, finding.clause_id)),
        version=known.versions.get(finding.version_id),
        answers=tuple(_answer(finding, question, known.texts) for question in Question),
        result=finding.result.value, observation=finding.observation,
        what_matters=tuple(question.value for question in what_matters(answers_of(finding))),
        because=known.texts.get(finding.correction_why_id), at=finding.determined_at, by=finding.determined_by,
        reading=_reading(reading, known.texts) if reading else None, effects=(), wanting=(), corrected=(),
    )  # fmt: skip


def _answer(finding: Finding, question: Question, texts: Names) -> AnswerLine:
    answer, said = answers_of(finding).to(question), finding.reasons.get(question.value, {})
    return AnswerLine(
        question=question.value, asked=ASKED[question], answer=answer.value if answer else None,
        because=texts.get(said.get("why")), evidence=said.get("evidence"), reference=said.get("reference"),
    )  # fmt: skip


def _reading(reading: SecondReading, texts: Names) -> ReadingLine:
    return ReadingLine(agrees=reading.agrees, because=texts[reading.why_id], at=reading.read_at, by=reading.read_by)


def _known(session: Session, complaint: Complaint, findings: Iterable[Finding]) -> _Known:
    numbers = [known_id(finding) for finding in findings]
    rows = session.exec(select(SecondReading).where(col(SecondReading.finding_id).in_(numbers))).all()
    effects, issues = effects_of(session, complaint), list(findings)
    asked = [said.get("why") for finding in issues for said in finding.reasons.values()]
    texts = texts_of(
        session,
        [
            *asked, *(each.issue_id for each in issues), *(each.correction_why_id for each in issues),
            *(row.why_id for row in rows), *(each.words_id for each in effects),
        ],
    )  # fmt: skip
    versions = [each.version_id for each in issues]
    headings = session.exec(
        select(VersionClause.version_id, VersionClause.clause_id, VersionClause.heading)
        .where(col(VersionClause.version_id).in_(versions))
        .where(col(VersionClause.clause_id).in_([each.clause_id for each in issues]))
    ).all()
    return _Known(
        texts=texts,
        parties=dict(session.exec(select(Party.id, Party.slug)).all()),
        clauses=dict(session.exec(select(Clause.id, Clause.key)).all()),
        headings={(version, clause): heading for version, clause, heading in headings},
        versions=dict(session.exec(select(Version.id, Version.label).where(col(Version.id).in_(versions))).all()),
        readings={row.finding_id: row for row in rows},
        effects=tuple(_effect(session, each, texts) for each in effects),
    )


def _effect(session: Session, effect: ComplaintEffect, texts: Names) -> EffectLine:
    return EffectLine(
        effect=effect.effect.value, finding=effect.finding_id, words=texts[effect.words_id],
        obligation=effect.obligation_id, breach=effect.breach_id, gap=effect.gap_id,
        standing=_standing(session, effect), at=effect.at, by=effect.by,
    )  # fmt: skip


def _standing(session: Session, effect: ComplaintEffect) -> str | None:
    match effect.effect:
        case Effect.ACTION if effect.obligation_id is not None:
            duty = session.get_one(Obligation, effect.obligation_id)
            return "in place" if duty.outcome is Outcome.ANSWERED else duty.outcome or f"owed by {duty.due_on}"
        case Effect.BREACH if effect.breach_id is not None:
            return session.get_one(Breach, effect.breach_id).stage.value
        case Effect.GAP if effect.gap_id is not None:
            return session.get_one(Gap, effect.gap_id).stage.value
        case _:
            return None
