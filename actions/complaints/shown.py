"""What every face shows of a complaint, as plain values: read-only, with every “unknown” said."""

from dataclasses import dataclass
from datetime import date, datetime

from actions.complaints.suggested import SimilarCase


@dataclass(frozen=True, kw_only=True)
class ComplaintLine:
    """`handler` None: the secretary of the steering group. `result` None: nothing is found yet. `late`: whoever
    complained was told that it was received, and too late."""

    number: int
    protocol: str
    kind: str
    stage: str
    outcome: str | None
    received_at: datetime
    party: str
    handler: str | None
    result: str | None
    clauses: tuple[str, ...]
    owed: int
    overdue: int
    next_due_on: date | None
    late: bool
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ComplaintDuty:
    """`command` ends it; None where it has ended."""

    number: int
    kind: str
    what: str
    party: str | None
    due_on: date
    days_left: int
    overdue: bool
    outcome: str | None
    command: str | None


@dataclass(frozen=True, kw_only=True)
class ReferralLine:
    sender: str | None
    to: str
    at: datetime
    by: str
    because: str


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """`late`: it was what acknowledged the complaint, and came after its day; None where that is not asked of it."""

    kind: str
    number: int
    how: str
    given_at: datetime
    late: bool | None
    by: str


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """`answer` None: not asked, because no clause covers it."""

    question: str
    asked: str
    answer: str | None
    because: str | None
    evidence: str | None
    reference: str | None


@dataclass(frozen=True, kw_only=True)
class ReadingLine:
    agrees: bool
    because: str
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class EffectLine:
    """`finding` is the one it was recorded for, which may have been corrected since. `standing`: how far what
    followed is: of a local action owed or in place, of a gap its stage, of a breach its stage."""

    effect: str
    finding: int
    words: str
    obligation: int | None
    breach: int | None
    gap: int | None
    standing: str | None
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """`corrected` are those it stands in place of, the newest first; `because` is why it corrects them.
    `what_matters`: the unknown answers that keep it undetermined. `wanting`: what is still to follow."""

    number: int
    issue: int
    words: str | None
    party: str
    clause: str | None
    heading: str | None
    version: str | None
    answers: tuple[AnswerLine, ...]
    result: str
    observation: str | None
    what_matters: tuple[str, ...]
    because: str | None
    at: datetime
    by: str
    reading: ReadingLine | None
    effects: tuple[EffectLine, ...]
    wanting: tuple[tuple[str, ...], ...]
    corrected: "tuple[FindingLine, ...]"


@dataclass(frozen=True, kw_only=True)
class RecheckLine:
    version: str
    asked_at: datetime
    answer: str | None
    because: str | None
    answered_at: datetime | None
    by: str | None


@dataclass(frozen=True, kw_only=True)
class PointedTo:
    """A clause, and the words of the narrative that point to it."""

    id: str
    heading: str
    score: float
    because: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SuggestionLine:
    """For whoever decides. `unread`: why nothing could be compared."""

    clauses: tuple[PointedTo, ...]
    none_likely: bool
    none_because: tuple[str, ...]
    similar: tuple[SimilarCase, ...]
    unread: str | None


@dataclass(frozen=True, kw_only=True)
class ComplaintView:
    """`reach` is how whoever complained is answered: only for whoever answers, and the secretary. `result` None:
    nothing is found yet."""

    complaint: ComplaintLine
    protocol_name: str
    zone: str
    state: str
    received_by: str | None
    recorded_at: datetime
    recorded_by: str
    happened_from: date | None
    happened_to: date | None
    version: str | None
    version_because: str
    what: str
    wanted: str | None
    reach: str | None
    attachments: tuple[str, ...]
    counted: str | None
    duties: tuple[ComplaintDuty, ...]
    referrals: tuple[ReferralLine, ...]
    notices: tuple[NoticeLine, ...]
    suggestion: SuggestionLine | None
    findings: tuple[FindingLine, ...]
    result: str | None
    rechecks: tuple[RecheckLine, ...]
    next: tuple[str, ...]
