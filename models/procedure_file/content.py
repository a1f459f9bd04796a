"""A procedure as plain JSON in the file's own words, and back. What is kept of a version is this, with its hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from models.procedure_file.conditions import condition_of, written
from models.procedure_file.shapes import ProcedureFile, RepeatEntry, StatisticsEntry, StepEntry
from rules.periods import parse_period
from rules.procedure_limits import from_text, read_limit, within_text
from rules.procedures import (
    Escalation,
    Limit,
    Moment,
    Procedure,
    ProcedureRole,
    ProcedureStep,
    Repeat,
    Statistics,
)

_USUAL: Iterable[Any] = (None, False, [], ())


def from_content(content: Mapping[str, Any]) -> Procedure:
    """Reads what `as_content` made, or a file without faults."""
    return procedure_of(ProcedureFile.model_validate(dict(content)))


def procedure_of(file: ProcedureFile) -> Procedure:
    return Procedure(
        id=file.id,
        title=file.title,
        version=file.version,
        standing=file.standing,
        kinds=file.kinds,
        parties=file.parties,
        covers=file.covers,
        roles={entry.id: ProcedureRole(**dict(entry)) for entry in file.roles},
        steps={entry.id: _step(entry) for entry in file.steps},
        statistics=_statistics(file.statistics),
        multi_agency=file.multi_agency,
        sources=file.sources,
    )


def _step(entry: StepEntry) -> ProcedureStep:
    return ProcedureStep(
        id=entry.id,
        do=entry.do,
        by=entry.by,
        after=entry.after,
        when=None if entry.when is None else condition_of(entry.when),
        limit=None if entry.within is None else read_limit(entry.within, entry.from_),
        note=entry.note,
        evidence=entry.evidence,
        advised_by=entry.advised_by,
        inform=entry.inform,
        duty=entry.duty and entry.duty.value,
        escalate=tuple(Escalation(after=parse_period(each.after), to=each.to) for each in entry.escalate),
        final=None if entry.final_within is None else _final(entry.final_within, entry.id),
        may_be_provisional=entry.may_be_provisional,
        repeat=_repeat(entry.repeat),
    )


def _final(within: str, id: str) -> Limit:
    """It counts from the provisional answer: from the step's own end."""
    return replace(read_limit(within), moment=Moment.STEP, step=id)


def _repeat(entry: RepeatEntry | None) -> Repeat | None:
    return None if entry is None else Repeat(every=parse_period(entry.every), until=entry.until)


def _statistics(entry: StatisticsEntry | None) -> Statistics | None:
    return None if entry is None else Statistics(every=parse_period(entry.every), what=entry.what, to=entry.to)


def as_content(procedure: Procedure) -> dict[str, Any]:
    """With the keys of the file; what has its usual value is left out."""
    return _without_usual(
        id=procedure.id,
        title=procedure.title,
        version=procedure.version,
        standing=procedure.standing.value,
        kinds=list(procedure.kinds),
        parties=list(procedure.parties),
        covers=list(procedure.covers),
        multi_agency=procedure.multi_agency,
        sources=list(procedure.sources),
        roles=[_role_content(role) for role in procedure.roles.values()],
        steps=[_step_content(step) for step in procedure.steps.values()],
        statistics=_statistics_content(procedure.statistics),
    )


def _role_content(role: ProcedureRole) -> dict[str, Any]:
    fallback = list(role.fallback)
    return _without_usual(id=role.id, name=role.name, contact=role.contact, fallback=fallback, only=role.only)


def _step_content(step: ProcedureStep) -> dict[str, Any]:
    return _without_usual(
        id=step.id,
        do=step.do,
        by=step.by,
        within=step.limit and within_text(step.limit),
        from_=step.limit and from_text(step.limit),
        after=list(step.after),
        when=step.when and written(step.when),
        note=step.note,
        evidence=step.evidence,
        advised_by=list(step.advised_by),
        inform=list(step.inform),
        duty=step.duty,
        escalate=[{"after": each.after.text, "to": each.to} for each in step.escalate],
        may_be_provisional=step.may_be_provisional,
        final_within=step.final and within_text(step.final),
        repeat=step.repeat and {"every": step.repeat.every.text, "until": step.repeat.until},
    )


def _statistics_content(wanted: Statistics | None) -> dict[str, Any] | None:
    if wanted is None:
        return None
    return {"every": wanted.every.text, "what": list(wanted.what), "to": wanted.to}


def _without_usual(**values: Any) -> dict[str, Any]:
    """The keys as files write them: “advised by”, “from”."""
    return {name.rstrip("_").replace("_", " "): value for name, value in values.items() if value not in _USUAL}


def sha256_of(content: Mapping[str, Any]) -> str:
    """Of the content, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
