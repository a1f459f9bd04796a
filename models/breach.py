"""A breach: what is known of it, and one follow-up for every party it concerns (protocol §13, §14).

Facts, awareness and conclusions are added, never changed: what stands is the newest row.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.breach import Stage
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.breach_facts import FactName


class ReporterKind(StrEnum):
    NAMED = "named"
    CONFIDENTIAL = "confidential"  # known to the secretary, told to no party
    ANONYMOUS = "anonymous"


class BreachOutcome(StrEnum):
    FOLLOWED_UP = "followed up"
    NEAR_MISS = "near miss"
    NOT_A_BREACH = "not a breach"
    MERGED = "merged"


class FollowUpEnd(StrEnum):
    COMPLETE = "complete"
    NOT_AFFECTED = "not affected"
    LEFT = "left"  # the party has left the protocol
    MERGED = "merged"
    NOT_A_BREACH = "not a breach"  # the whole case ended as a near miss, or as no breach


class StepEnd(StrEnum):
    DONE = "done"
    PROVISIONAL = "provisional"  # done for now: the final answer is owed
    SKIPPED = "skipped"
    NOT_NEEDED = "not needed"  # its condition no longer held


class Addressee(StrEnum):
    """To whom a notice goes: a processor's to its controller. Each has a first notice of its own, and supplements."""

    REGULATOR = "regulator"
    CONTROLLER = "controller"


class NoticeKind(StrEnum):
    INITIAL = "initial"
    SUPPLEMENT = "supplement"


class LessonEffect(StrEnum):
    ACTION = "local action"
    GAP = "gap"
    NONE = "none"


class Breach(SQLModel, table=True):
    __table_args__ = (
        # What a sweep takes up, without touching those that wait for people.
        sa.Index(
            "ix_breach_reported",
            "id",
            sqlite_where=sa.text("stage = 'reported'"),
            postgresql_where=sa.text("stage = 'reported'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id", index=True)
    stage: Stage = Field(default=Stage.REPORTED, sa_type=stored_as_value(Stage, "breach_stage"))
    outcome: BreachOutcome | None = Field(default=None, sa_type=stored_as_value(BreachOutcome))
    reported_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    merged_into_id: int | None = Field(default=None, foreign_key="breach.id")

    @property
    def case(self) -> str:
        return f"breach:{self.id}"


class BreachReport(SQLModel, table=True):
    """What somebody reported, and how they come back to it. The reference opens nothing; the code is not kept."""

    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)  # the case it stands in now, also after a merger
    key: str | None = Field(default=None, max_length=120, unique=True)  # given by whoever sends it twice
    reference: str = Field(max_length=20, unique=True)
    code_hash: str = Field(max_length=200)
    code_made_at: datetime = Field(sa_type=Instant)
    reporter_kind: ReporterKind = Field(sa_type=stored_as_value(ReporterKind))
    reporter: str | None = Field(default=None, max_length=200)
    reach: str | None = Field(default=None, max_length=254)  # where the reporter may be asked
    party_id: int | None = Field(default=None, foreign_key="party.id")  # where the reporter works
    received_at: datetime = Field(sa_type=Instant)


class ReporterQuestion(SQLModel, table=True):
    """What somebody at a party, or the secretary, asks whoever reported; answered with reference and code."""

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="breachreport.id", index=True)
    question_id: int = Field(foreign_key="narrative.id")
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(max_length=120)
    answer_id: int | None = Field(default=None, foreign_key="narrative.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class BreachFact(SQLModel, table=True):
    """One thing stated about a breach. The newest of a name stands; earlier ones stay."""

    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    name: FactName = Field(sa_type=stored_as_value(FactName))
    value: Any = Field(default=None, sa_type=sa.JSON)  # plain; None where the value is free text
    text_id: int | None = Field(default=None, foreign_key="narrative.id")
    stated_at: datetime = Field(sa_type=Instant)
    stated_by: str = Field(max_length=120)
    why_id: int | None = Field(default=None, foreign_key="narrative.id")
    report_id: int | None = Field(default=None, foreign_key="breachreport.id")


class FollowUp(SQLModel, table=True):
    """What one party does about a breach, by its own procedure, pinned when it began."""

    __table_args__ = (sa.UniqueConstraint("breach_id", "party_id"),)

    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id")
    party_id: int = Field(foreign_key="party.id", index=True)
    procedure_version_id: int = Field(foreign_key="procedureversion.id")
    regime: Regime = Field(sa_type=stored_as_value(Regime))
    capacity: Capacity = Field(default=Capacity.CONTROLLER, sa_type=stored_as_value(Capacity))
    opened_at: datetime = Field(sa_type=Instant)  # the party was told then: `notified`
    assessed_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    end: FollowUpEnd | None = Field(default=None, sa_type=stored_as_value(FollowUpEnd, "follow_up_end"))
    end_why_id: int | None = Field(default=None, foreign_key="narrative.id")
    reopened: int = 0  # how often: the keys of what is asked again count on


class Awareness(SQLModel, table=True):
    """When a party became aware, who says so and why. A correction is a new row; the newest stands."""

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="followup.id", index=True)
    aware_at: datetime = Field(sa_type=Instant)
    who: str = Field(max_length=120)  # the role that had reasonable certainty
    why_id: int = Field(foreign_key="narrative.id")
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class Conclusion(SQLModel, table=True):
    """What a person at the party concludes in law, with reasons. The score is advice; this is not computed."""

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="followup.id", index=True)
    risk: Risk = Field(sa_type=stored_as_value(Risk))
    why_id: int = Field(foreign_key="narrative.id")
    severity: str | None = Field(default=None, max_length=4)  # the score that was known then: "3.75"
    concluded_at: datetime = Field(sa_type=Instant)
    concluded_by: str = Field(max_length=120)


class BreachDuty(SQLModel, table=True):
    """One duty of one party: required or not and why, done when, late why. Never one status for all of them."""

    __table_args__ = (sa.UniqueConstraint("follow_up_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="followup.id")
    kind: DutyKind = Field(sa_type=stored_as_value(DutyKind, "breach_duty_kind"))
    required: bool | None = None  # None: nobody has decided yet
    because_id: int | None = Field(default=None, foreign_key="narrative.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str | None = Field(default=None, max_length=120)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)  # when it was done, not when it was recorded
    done_by: str | None = Field(default=None, max_length=120)
    late_because_id: int | None = Field(default=None, foreign_key="narrative.id")


class RegulatorNotice(SQLModel, table=True):
    """What was given to the regulator or a controller, as it stood then. Supplements follow; none restarts a clock."""

    __table_args__ = (sa.UniqueConstraint("follow_up_id", "addressee", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="followup.id")
    addressee: Addressee = Field(sa_type=stored_as_value(Addressee))
    number: int
    kind: NoticeKind = Field(sa_type=stored_as_value(NoticeKind))
    content: dict[str, Any] = Field(sa_type=sa.JSON)
    missing: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    text_id: int = Field(foreign_key="narrative.id")
    regulator_reference: str | None = Field(default=None, max_length=60)
    given_at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class StepRecord(SQLModel, table=True):
    """How a step of the procedure ended, with what shows it. A step done stays done."""

    __table_args__ = (sa.UniqueConstraint("follow_up_id", "step", "round"),)

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="followup.id")
    step: str = Field(max_length=50)
    round: int
    end: StepEnd = Field(sa_type=stored_as_value(StepEnd, "step_end"))
    outcome_id: int | None = Field(default=None, foreign_key="narrative.id")
    evidence: str | None = Field(default=None, max_length=500)
    at: datetime = Field(sa_type=Instant)  # when it was done; a correction stands in history
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class LetterHold(SQLModel, table=True):
    """A restriction by one party (DPA 2018 s.68(7)): until it is released no partner writes to the people concerned."""

    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    follow_up_id: int = Field(foreign_key="followup.id")
    why_id: int = Field(foreign_key="narrative.id")
    placed_at: datetime = Field(sa_type=Instant)
    placed_by: str = Field(max_length=120)
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    released_by: str | None = Field(default=None, max_length=120)
    release_why_id: int | None = Field(default=None, foreign_key="narrative.id")


class Consultation(SQLModel, table=True):
    """A question between partners. It never holds up a clock."""

    id: int | None = Field(default=None, primary_key=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    asked_by_id: int = Field(foreign_key="followup.id")
    asked_of_id: int = Field(foreign_key="followup.id")
    question_id: int = Field(foreign_key="narrative.id")
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str = Field(max_length=120)
    answer_id: int | None = Field(default=None, foreign_key="narrative.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, max_length=120)


class Lesson(SQLModel, table=True):
    """What was learnt: cause, remedy, and what became of it."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    breach_id: int = Field(foreign_key="breach.id", index=True)
    follow_up_id: int | None = Field(default=None, foreign_key="followup.id")
    cause: str = Field(max_length=300)
    words_id: int = Field(foreign_key="narrative.id")
    remedy: str | None = Field(default=None, max_length=500)
    effect: LessonEffect = Field(sa_type=stored_as_value(LessonEffect))
    gap_id: int | None = Field(default=None, foreign_key="gap.id")
    none_because: str | None = Field(default=None, max_length=500)
    learnt_at: datetime = Field(sa_type=Instant)
    learnt_by: str = Field(max_length=120)
