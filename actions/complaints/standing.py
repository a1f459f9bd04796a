"""What stands of a complaint now: findings that nobody has corrected, what they come to, what is still to follow."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from actions.cast import known_id
from models.complaint import Complaint, ComplaintEffect, Finding, SecondReading
from rules.determination import Effect, Result, overall, wanting


class Standing(NamedTuple):
    """One issue: its finding, who has read it a second time, and what followed from it, or from one it corrects."""

    finding: Finding
    reading: SecondReading | None
    effects: tuple[ComplaintEffect, ...]

    @property
    def wanting(self) -> tuple[frozenset[Effect], ...]:
        """That nothing changes was said of one finding; it does not hold for the one that corrects it."""
        own = [each.effect for each in self.effects if each.finding_id == self.finding.id]
        followed = [each.effect for each in self.effects if each.effect is not Effect.NONE]
        return wanting(self.finding.result, {*own, *followed})


def findings_of(session: Session, complaint: Complaint) -> list[Finding]:
    """By issue; of each the one that nobody has corrected."""
    return sorted(standing_among(all_findings_of(session, complaint)), key=lambda each: each.issue)


def standing_among(findings: Iterable[Finding]) -> list[Finding]:
    """Those that no other of them corrects; all of a complaint's are given."""
    every = list(findings)
    corrected = {finding.corrects_id for finding in every}
    return [finding for finding in every if finding.id not in corrected]


def nobody_corrected() -> ColumnElement[bool]:
    """The same, asked of the store."""
    return col(Finding.id).not_in(select(Finding.corrects_id).where(col(Finding.corrects_id).is_not(None)))


def all_findings_of(session: Session, complaint: Complaint) -> list[Finding]:
    """Corrected ones too, as they were made."""
    statement = select(Finding).where(Finding.complaint_id == complaint.id).order_by(col(Finding.id))
    return list(session.exec(statement))


def standing_of(session: Session, complaint: Complaint) -> list[Standing]:
    effects = effects_of(session, complaint)
    issues = {finding.id: finding.issue for finding in all_findings_of(session, complaint)}
    return [
        Standing(
            finding, reading_of(session, finding),
            tuple(each for each in effects if issues[each.finding_id] == finding.issue),
        )
        for finding in findings_of(session, complaint)
    ]  # fmt: skip


def effects_of(session: Session, complaint: Complaint) -> list[ComplaintEffect]:
    statement = select(ComplaintEffect).where(ComplaintEffect.complaint_id == complaint.id)
    return list(session.exec(statement.order_by(col(ComplaintEffect.id))))


def reading_of(session: Session, finding: Finding) -> SecondReading | None:
    return session.exec(select(SecondReading).where(SecondReading.finding_id == known_id(finding))).first()


def result_of(session: Session, complaint: Complaint) -> Result:
    """Of all its issues; undetermined where there is none yet."""
    return overall_of(findings_of(session, complaint))


def overall_of(findings: Sequence[Finding]) -> Result:
    return overall([finding.result for finding in findings])
