"""Obligations: who owes what by when. Reminders, the forecast and every overview read this one table."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.working_days import Nation


class ObligationKind(StrEnum):
    FEEDBACK = "feedback"
    DRAFTING = "drafting"
    ADVICE = "advice"
    DECISION = "decision"
    SIGNATURE = "signature"
    CONFIRMATION = "confirmation"
    IMPLEMENTATION = "implementation"  # "not yet, by October" in a confirmation


class Outcome(StrEnum):
    ANSWERED = "answered"
    WAIVED = "waived"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"


class RungOutcome(StrEnum):
    SENT = "sent"
    SKIPPED = "skipped"  # missed while the engine was off, or overtaken by a later one
    UNDELIVERABLE = "undeliverable"  # the address has bounced: the ladder stands still for it


class Obligation(SQLModel, table=True):
    __table_args__ = (
        # What the clock looks at, and nothing else: due rows are found without touching the rest.
        sa.Index(
            "ix_obligation_clock",
            "next_at",
            sqlite_where=sa.text("outcome IS NULL AND next_at IS NOT NULL"),
            postgresql_where=sa.text("outcome IS NULL AND next_at IS NOT NULL"),
        ),
        sa.CheckConstraint("(outcome IS NULL) = (discharged_at IS NULL)", name="discharged_with_outcome"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    case: str = Field(max_length=80, index=True)
    kind: ObligationKind = Field(sa_type=stored_as_value(ObligationKind))
    subject: str | None = Field(default=None, max_length=80)  # `version:5.0`, `proposal:7`: what the duty is about
    party_id: int | None = Field(default=None, foreign_key="party.id", index=True)
    contact_id: int = Field(foreign_key="contact.id")
    nation: Nation = Field(sa_type=stored_as_value(Nation))
    zone: str = Field(max_length=60)
    ladder: str = Field(max_length=40)
    opened_at: datetime = Field(sa_type=Instant)
    due_on: date  # the last day on which it is in time, in the protocol's zone
    due_at: datetime = Field(sa_type=Instant)  # the end of that day, exclusive
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: Outcome | None = Field(default=None, sa_type=stored_as_value(Outcome, "obligation_outcome"))
    discharged_at: datetime | None = Field(default=None, sa_type=Instant)
    discharged_by: str | None = Field(default=None, max_length=120)
    why_id: int | None = Field(default=None, foreign_key="narrative.id")


class Reminder(SQLModel, table=True):
    """A rung of an obligation's ladder that has been taken. Unique: no rung is taken twice."""

    __table_args__ = (sa.UniqueConstraint("obligation_id", "rung"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id")
    rung: str = Field(max_length=40)
    outcome: RungOutcome = Field(sa_type=stored_as_value(RungOutcome, "rung_outcome"))
    taken_at: datetime = Field(sa_type=Instant)
    message_id: int | None = Field(default=None, foreign_key="message.id")
