"""A procedure's file as a model of what may stand in it. What must fit between its parts: `references`."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from models.protocol_file.values import PERIODS, Model, Name, Note, Sentence, Slug, period_of
from rules.breach_duties import DutyKind
from rules.periods import Unit
from rules.procedures import Standing

MOST = 200  # roles, steps: a procedure that people follow has a tenth of it

ContactRole = Literal[
    "lead member", "deputy", "designated person", "breach coordinator", "data protection officer",
    "senior information risk owner", "caldicott guardian", "complaint handler",
]  # fmt: skip
Event = Literal["breach", "suspected breach", "loss", "suspected loss", "near miss", "weakness", "incident"]
Interval = Annotated[str, period_of(tuple(Unit), PERIODS)]
Hours = Annotated[str, period_of((Unit.MINUTES,), "elapsed hours such as PT2H or PT30M")]


class Entry(Model):
    """Kept as it is written: content has the file's own keys."""

    model_config = ConfigDict(serialize_by_alias=True)


class RoleEntry(Entry):
    """`contact`: how it is reached here. `fallback`: who stands in, in this order. `only`: nobody does."""

    id: Slug
    name: Name
    contact: ContactRole | None = None
    fallback: Annotated[tuple[Slug, ...], Field(max_length=MOST)] = ()
    only: bool = False


class EscalationEntry(Entry):
    after: Hours  # the step's being due
    to: Slug


class RepeatEntry(Entry):
    every: Interval
    until: Slug


class StepEntry(Entry):
    """`within` and `when` are read in `references` and `conditions`, which know their lines."""

    id: Slug
    do: Note
    by: Slug
    within: str | None = None
    from_: str | None = Field(default=None, alias="from")
    after: Annotated[tuple[Slug, ...], Field(max_length=MOST)] = ()
    when: Any = None
    note: Sentence | None = None
    evidence: Sentence | None = None
    advised_by: tuple[Slug, ...] = Field(default=(), alias="advised by")
    inform: tuple[Name, ...] = ()
    duty: DutyKind | None = None
    escalate: Annotated[
        tuple[EscalationEntry, ...], Field(max_length=1)
    ] = ()  # then the ladder goes on to the secretary
    may_be_provisional: bool = Field(default=False, alias="may be provisional")
    final_within: str | None = Field(default=None, alias="final within")
    repeat: RepeatEntry | None = None


class StatisticsEntry(Entry):
    every: Interval
    what: Annotated[tuple[Name, ...], Field(min_length=1)]
    to: Slug


class ProcedureFile(Entry):
    id: Slug
    title: Name
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    standing: Standing
    kinds: tuple[str, ...] = ()
    parties: tuple[Slug, ...] = ()
    covers: Annotated[tuple[Event, ...], Field(min_length=1)]
    multi_agency: bool = Field(default=False, alias="multi agency")
    sources: tuple[Note, ...] = ()
    roles: Annotated[tuple[RoleEntry, ...], Field(min_length=1, max_length=MOST)]
    steps: Annotated[tuple[StepEntry, ...], Field(min_length=1, max_length=MOST)]
    statistics: StatisticsEntry | None = None
