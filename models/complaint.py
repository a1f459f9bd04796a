"""A complaint: what was told, who answers it, what it was determined to be, and what followed (protocol §9, §14).

Referrals, determinations, second readings and effects are added, never changed: what stands is the newest.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.complaint import ComplaintKind, Stage
from rules.determination import Answer, Effect, Result


class ComplaintOutcome(StrEnum):
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    NOT_OURS = "not ours"  # nothing that this protocol, or a body in it, has to answer


class NoticeKind(StrEnum):
    """What whoever complained has been told."""

    ACKNOWLEDGEMENT = "acknowledgement"
    PROGRESS = "progress"
    OUTCOME = "outcome"


class Covered(StrEnum):
    """Whether a later version would cover it."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Complaint(SQLModel, table=True):
    """`received_at`: by whichever party got it first; a referral does not move it (DPA 2018 s.164A)."""

    id: int | None = Field(default=None, primary_key=True)
    key: str | None = Field(default=None, max_length=120, unique=True)  # given by whoever sends it twice
    protocol_id: int = Field(foreign_key="protocol.id", index=True)
    kind: ComplaintKind = Field(sa_type=stored_as_value(ComplaintKind))
    stage: Stage = Field(default=Stage.RECEIVED, sa_type=stored_as_value(Stage, "complaint_stage"))
    outcome: ComplaintOutcome | None = Field(default=None, sa_type=stored_as_value(ComplaintOutcome))
    received_at: datetime = Field(sa_type=Instant)
    received_by_id: int | None = Field(default=None, foreign_key="party.id")  # None: the steering group's secretary
    party_id: int = Field(foreign_key="party.id", index=True)  # whom it is about
    handler_id: int | None = Field(default=None, foreign_key="party.id")  # who answers it now; None: the secretary
    happened_from: date | None = None  # None: nobody has said when
    happened_to: date | None = None
    what_id: int = Field(foreign_key="narrative.id")
    wanted_id: int | None = Field(default=None, foreign_key="narrative.id")
    reach_id: int | None = Field(default=None, foreign_key="narrative.id")  # how whoever complained is answered
    attachments: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # references to the party's own files
    version_id: int | None = Field(default=None, foreign_key="version.id")  # in force when it happened
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)  # or answered, whichever came first
    told_at: datetime | None = Field(default=None, sa_type=Instant)  # the outcome
    untold_id: int | None = Field(default=None, foreign_key="narrative.id")  # why nobody can be told the outcome
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def case(self) -> str:
        return f"complaint:{self.id}"


class Referral(SQLModel, table=True):
    """A complaint passed on to whoever has to answer it. The hop stops no clock."""

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(foreign_key="complaint.id", index=True)
    from_id: int | None = Field(default=None, foreign_key="party.id")
    to_id: int | None = Field(default=None, foreign_key="party.id")  # None: the secretary
    why_id: int = Field(foreign_key="narrative.id")
    referred_at: datetime = Field(sa_type=Instant)
    referred_by: str = Field(max_length=120)


class ComplaintNotice(SQLModel, table=True):
    """That whoever complained was told, when and how. The letter is the party's; its words are not kept here."""

    __table_args__ = (sa.UniqueConstraint("complaint_id", "kind", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(foreign_key="complaint.id")
    kind: NoticeKind = Field(sa_type=stored_as_value(NoticeKind, "complaint_notice_kind"))
    number: int
    how: str = Field(max_length=120)  # by letter, by e-mail, in person …
    given_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class Finding(SQLModel, table=True):
    """One determination of one issue: the four answers with their reasons, and what the table made of them.

    A complaint with several issues has several; a correction names the one it corrects, which stays.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    complaint_id: int = Field(foreign_key="complaint.id", index=True)
    issue: int  # 1, 2, …: a correction has its issue's number
    issue_id: int | None = Field(
        default=None, foreign_key="narrative.id"
    )  # which issue, in words, where there are several
    party_id: int = Field(foreign_key="party.id", index=True)  # whose doing it was
    clause_id: int | None = Field(default=None, foreign_key="clause.id", index=True)
    version_id: int | None = Field(default=None, foreign_key="version.id")  # as it read when it happened
    covered: Answer = Field(sa_type=stored_as_value(Answer, "covered"))
    followed: Answer | None = Field(default=None, sa_type=stored_as_value(Answer, "followed"))
    clear: Answer | None = Field(default=None, sa_type=stored_as_value(Answer, "clear"))
    harm: Answer = Field(sa_type=stored_as_value(Answer, "harm"))
    # By question: {"why": narrative id, "evidence": "clause", "reference": "7-consent"}
    reasons: dict[str, Any] = Field(sa_type=sa.JSON)
    result: Result = Field(sa_type=stored_as_value(Result, "determination"))
    observation: str | None = Field(default=None, max_length=200)
    corrects_id: int | None = Field(default=None, foreign_key="finding.id", unique=True)
    correction_why_id: int | None = Field(default=None, foreign_key="narrative.id")
    determined_at: datetime = Field(sa_type=Instant)
    determined_by: str = Field(max_length=120)


class SecondReading(SQLModel, table=True):
    """What somebody else makes of a finding, where policy asks for a second reader."""

    id: int | None = Field(default=None, primary_key=True)
    finding_id: int = Field(foreign_key="finding.id", unique=True)
    agrees: bool
    why_id: int = Field(foreign_key="narrative.id")
    read_at: datetime = Field(sa_type=Instant)
    read_by: str = Field(max_length=120)


class ComplaintEffect(SQLModel, table=True):
    """What followed from a finding: or that nothing changes, because."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    complaint_id: int = Field(foreign_key="complaint.id", index=True)
    finding_id: int = Field(foreign_key="finding.id")
    effect: Effect = Field(sa_type=stored_as_value(Effect, "complaint_effect"))
    obligation_id: int | None = Field(default=None, foreign_key="obligation.id")
    breach_id: int | None = Field(default=None, foreign_key="breach.id")
    gap_id: int | None = Field(default=None, foreign_key="gap.id")
    words_id: int = Field(foreign_key="narrative.id")  # what is to be done, what is wanting, or why nothing changes
    at: datetime = Field(sa_type=Instant)
    by: str = Field(max_length=120)


class Recheck(SQLModel, table=True):
    """After a version has answered a gap: would it now cover this? Asked once a version, answered by a person."""

    __table_args__ = (sa.UniqueConstraint("complaint_id", "version_id"),)

    id: int | None = Field(default=None, primary_key=True)
    complaint_id: int = Field(foreign_key="complaint.id")
    version_id: int = Field(foreign_key="version.id")
    asked_at: datetime = Field(sa_type=Instant)
    answer: Covered | None = Field(default=None, sa_type=stored_as_value(Covered, "recheck_answer"))
    why_id: int | None = Field(default=None, foreign_key="narrative.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, max_length=120)


class AnalysisPaper(SQLModel, table=True):
    """What the steering group was told of a period's complaints, in numbers, as it stood when it was written."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "first_day", "last_day"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    first_day: date
    last_day: date
    facts: dict[str, Any] = Field(sa_type=sa.JSON)
    made_at: datetime = Field(sa_type=Instant)
