"""Gaps: where the protocol itself is wanting, where each came from, and which proposals answer it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.gap import Stage


class Gap(SQLModel, table=True):
    """A question for the protocol's next review. One gap, many origins."""

    __table_args__ = (
        sa.CheckConstraint("(stage = 'resolved') = (resolved_in_id IS NOT NULL)", name="resolved_in_a_version"),
        sa.CheckConstraint("(stage = 'closed') = (closed_because IS NOT NULL)", name="closed_because"),
    )

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id", index=True)
    clause_id: int | None = Field(default=None, foreign_key="clause.id")
    words: str = Field(max_length=500)
    stage: Stage = Field(
        default=Stage.OPEN, sa_type=stored_as_value(Stage, "gap_stage"),
        sa_column_kwargs={"server_default": Stage.OPEN.value},
    )  # fmt: skip
    urgent: bool = False
    owner_id: int | None = Field(default=None, foreign_key="party.id")  # who looks after it; None: the secretary
    opened_at: datetime = Field(sa_type=Instant)
    opened_by: str = Field(max_length=120)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)  # resolved, or closed
    closed_because: str | None = Field(default=None, max_length=500)
    resolved_in_id: int | None = Field(default=None, foreign_key="version.id")

    @property
    def case(self) -> str:
        return f"gap:{self.id}"


class GapOrigin(SQLModel, table=True):
    """Which case a gap came from: `breach:7`, `complaint:12`, `feedback:3`, `legislation:2`."""

    __table_args__ = (sa.UniqueConstraint("gap_id", "case"),)

    id: int | None = Field(default=None, primary_key=True)
    gap_id: int = Field(foreign_key="gap.id")
    case: str = Field(max_length=80, index=True)
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(max_length=120)


class ProposalAnswer(SQLModel, table=True):
    """What a proposal answers: `gap:3`, `feedback:9`, `complaint:12`, `breach:7`."""

    __table_args__ = (sa.UniqueConstraint("proposal_id", "answers"),)

    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id")
    answers: str = Field(max_length=80, index=True)
    gap_id: int | None = Field(default=None, foreign_key="gap.id", index=True)
    added_at: datetime = Field(sa_type=Instant)
    added_by: str = Field(max_length=120)
