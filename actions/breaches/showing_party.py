"""One party's follow-up as a whole: its procedure, awareness, clocks, duties, steps, and what it told the regulator."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.duties import duties_view
from actions.breaches.finishing import still_to_do
from actions.breaches.notice_references import reference_of, references_in
from actions.breaches.notifying import differs_from_notice
from actions.breaches.procedures import in_version
from actions.breaches.showing_facts import texts_of
from actions.breaches.showing_steps import clock_lines, step_lines
from actions.breaches.shown_party import (
    AwarenessLine,
    ClockLine,
    ConclusionLine,
    FollowUpView,
    NoticeLine,
    ProcedureLine,
)
from models.breach import Awareness, Breach, Conclusion, FollowUp, RegulatorNotice, StepRecord
from models.procedure import ProcedureVersion
from models.protocol import Party

TABLES: tuple[type[Any], ...] = (Awareness, Conclusion, StepRecord, RegulatorNotice)
Texts = Mapping[int | None, str]


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What belongs to one follow-up, the oldest first."""

    awareness: Sequence[Awareness]
    conclusions: Sequence[Conclusion]
    records: Sequence[StepRecord]
    notices: Sequence[RegulatorNotice]
    clocks: Sequence[ClockLine]


def follow_up_views(session: Session, now: datetime, breach: Breach, slug: str | None = None) -> list[FollowUpView]:
    """Of every party, or of that one alone, in the order in which they were opened."""
    statement = (
        select(FollowUp, Party, ProcedureVersion)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .join(ProcedureVersion, col(ProcedureVersion.id) == FollowUp.procedure_version_id)
        .where(FollowUp.breach_id == breach.id)
        .order_by(col(FollowUp.id))
    )
    if slug is not None:
        statement = statement.where(Party.slug == slug)
    found = session.exec(statement).all()
    tables, clocks = _tables(session, [follow_up for follow_up, _, _ in found]), clock_lines(session, now, breach)
    texts = _texts(session, tables, [follow_up for follow_up, _, _ in found])
    return [
        _view(session, now, breach, follow_up, party, version, _rows(tables, follow_up, clocks), texts)
        for follow_up, party, version in found
    ]


def _tables(session: Session, follow_ups: Sequence[FollowUp]) -> list[dict[int, list[Any]]]:
    """One question a table, not one a party."""
    numbers, found = [each.id for each in follow_ups], []
    for table in TABLES:
        by_follow_up: dict[int, list[Any]] = defaultdict(list)
        for row in session.exec(select(table).where(table.follow_up_id.in_(numbers)).order_by(table.id)):
            by_follow_up[row.follow_up_id].append(row)
        found.append(by_follow_up)
    return found


def _rows(
    tables: Sequence[Mapping[int, list[Any]]], follow_up: FollowUp, clocks: Mapping[int | None, list[ClockLine]]
) -> _Rows:
    awareness, conclusions, records, notices = (table.get(follow_up.id or 0, []) for table in tables)
    owed = clocks.get(follow_up.party_id, [])
    return _Rows(awareness=awareness, conclusions=conclusions, records=records, notices=notices, clocks=owed)


def _texts(session: Session, tables: Iterable[Mapping[int, list[Any]]], follow_ups: Iterable[FollowUp]) -> Texts:
    every = [row for table in tables for rows in table.values() for row in rows]
    numbers = [getattr(row, name, None) for row in every for name in ("why_id", "outcome_id")]
    return texts_of(session, [*numbers, *(each.end_why_id for each in follow_ups)])


def _view(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, version: ProcedureVersion,
    rows: _Rows, texts: Texts,
) -> FollowUpView:  # fmt: skip
    going_on, references = follow_up.ended_at is None, references_in(session, breach) if rows.notices else {}
    steps = step_lines(session, breach, follow_up, in_version(version), rows.clocks, rows.records, texts)
    return FollowUpView(
        party=party.slug, name=party.name, opened_at=follow_up.opened_at, ended_at=follow_up.ended_at,
        end=follow_up.end.value if follow_up.end else None, end_why=texts.get(follow_up.end_why_id),
        procedure=ProcedureLine(
            key=version.key, version=version.number, title=version.title, standing=version.standing.value
        ),
        regime=follow_up.regime.value, capacity=follow_up.capacity.value, awareness=_awareness(rows.awareness, texts),
        conclusion=_conclusion(rows.conclusions, texts), clocks=tuple(rows.clocks), steps=tuple(steps),
        duties=tuple(duties_view(session, breach, follow_up, now)),
        notices=tuple(_notice(notice, reference_of(references, party.slug, notice)) for notice in rows.notices),
        differs=differs_from_notice(session, breach, follow_up) if going_on else (),
        to_do=tuple(still_to_do(session, breach, follow_up, party)) if going_on else (),
    )  # fmt: skip


def _awareness(rows: Sequence[Awareness], texts: Texts) -> AwarenessLine | None:
    if not rows:
        return None
    newest = rows[-1]
    return AwarenessLine(
        aware_at=newest.aware_at, who=newest.who, why=texts[newest.why_id], recorded_at=newest.recorded_at,
        recorded_by=newest.recorded_by, corrected=len(rows) - 1,
    )  # fmt: skip


def _conclusion(rows: Sequence[Conclusion], texts: Texts) -> ConclusionLine | None:
    if not rows:
        return None
    newest = rows[-1]
    return ConclusionLine(
        risk=newest.risk.value, why=texts[newest.why_id], severity=newest.severity, at=newest.concluded_at,
        by=newest.concluded_by,
    )  # fmt: skip


def _notice(notice: RegulatorNotice, reference: str | None) -> NoticeLine:
    return NoticeLine(
        to=notice.addressee.value, number=notice.number, kind=notice.kind.value,
        given_at=notice.given_at, recorded_by=notice.recorded_by,
        regulator_reference=reference, missing=tuple(notice.missing),
    )  # fmt: skip
