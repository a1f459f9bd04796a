"""What every face shows of a breach, as plain values: read-only, with every “unknown” said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.breaches.shown_party import FollowUpView


@dataclass(frozen=True, kw_only=True)
class Statutory:
    """The next of the law's own instants."""

    party: str
    due_at: datetime
    left: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class BreachLine:
    """`not_aware`: parties that have not said since when they have been aware, and have no 72 hours yet."""

    number: int
    protocol: str
    stage: str
    outcome: str | None
    reported_at: datetime
    ended_at: datetime | None
    parties: tuple[str, ...]
    owed: int
    overdue: int
    not_aware: tuple[str, ...]
    next_statutory: Statutory | None


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """`words` says “unknown” where nobody knows; `stated_by` is None where nobody has said even that."""

    name: str
    value: Any
    words: str
    known: bool
    stated_at: datetime | None
    stated_by: str | None
    why: str | None
    corrected: int  # how often it has been stated otherwise before


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One statement of one fact, as it was made; `before` is what stood then, None for the first."""

    name: str
    value: Any
    words: str
    before: str | None
    stated_at: datetime
    stated_by: str
    why: str | None


@dataclass(frozen=True, kw_only=True)
class ReporterLine:
    """For the secretary, and where it is not confidential for assistants: no party, no message and no history says who
    reported it. `kind`: named, confidential or anonymous."""

    reference: str
    received_at: datetime
    kind: str
    reporter: str | None
    reach: str | None
    party: str | None


@dataclass(frozen=True, kw_only=True)
class SeverityLine:
    score: str
    band: str
    because: str
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    party: str
    why: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    release_why: str | None


@dataclass(frozen=True, kw_only=True)
class ConsultationLine:
    number: int
    asked_by: str
    asked_of: str
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LessonLine:
    number: int
    party: str | None
    cause: str
    words: str
    remedy: str | None
    effect: str
    gap: int | None
    none_because: str | None


@dataclass(frozen=True, kw_only=True)
class SimilarLine:
    breach: int
    party: str
    clause: str | None
    at: datetime
    causes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SimilarElsewhere:
    """How many earlier breaches that a party does not follow itself say the same; `clause` is None where only the
    cause is the same."""

    clause: str | None
    breaches: int


@dataclass(frozen=True, kw_only=True)
class BreachView:
    breach: BreachLine
    protocol_name: str
    zone: str
    state: str
    merged_into: int | None
    references: tuple[str, ...]
    reporters: tuple[ReporterLine, ...]
    facts: tuple[FactLine, ...]
    severity: SeverityLine | None
    follow_ups: tuple[FollowUpView, ...]
    holds: tuple[HoldLine, ...]
    consultations: tuple[ConsultationLine, ...]
    lessons: tuple[LessonLine, ...]
    similar: tuple[SimilarLine, ...]
    next: tuple[str, ...]
    similar_elsewhere: tuple[SimilarElsewhere, ...] = ()  # as one party reads it: those that it has no part in


@dataclass(frozen=True, kw_only=True)
class KeptProcedure:
    """One procedure in its newest version. `parties` follow it because it was chosen for them."""

    key: str
    title: str
    version: int
    versions: int
    standing: str
    kinds: tuple[str, ...]
    parties: tuple[str, ...]
    sha256: str
