"""Obligations: who owes what by when. Reminders, the forecast and every overview read this one table."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from models.columns import Instant, stored_as_value
from rules.limits import is_over
from rules.working_days import Nation


class ObligationKind(StrEnum):
    FEEDBACK = "feedback"
    DRAFTING = "drafting"
    ADVICE = "advice"
    DECISION = "decision"
    SIGNATURE = "signature"
    CONFIRMATION = "confirmation"
    IMPLEMENTATION = "implementation"  # "not yet, by October" in a confirmation
    ASSESSMENT = "assessment"  # of a breach: whether it concerns the party, and since when it has been aware
    STEP = "step"  # of the party's own procedure
    NOTICE = "notice"  # to the regulator: UK GDPR art. 33, DPA 2018 s.67
    TELLING_PEOPLE = "telling people"  # UK GDPR art. 34, DPA 2018 s.68
    TELLING_PARTNERS = "telling partners"  # under the protocol's own clock, or the party's procedure
    HOLD = "hold"  # to look again whether letters must still wait
    LEARNING = "learning"
    LOCAL_ACTION = "local action"
    ACKNOWLEDGEMENT = "acknowledgement"  # of a complaint: DPA 2018 s.164A(3)
    PROGRESS = "progress"  # to tell whoever complained how far it is: s.164A(4)
    ANALYSIS = "analysis"  # of a complaint: the four questions (protocol §14)
    SECOND_READING = "second reading"
    RECHECK = "recheck"  # would a later version cover it?


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
        # What is owed, by its limit: one page of it, whatever it is narrowed to, without touching the rest.
        sa.Index(
            "ix_obligation_owed",
            "due_at",
            "id",
            "exact",
            "party_id",
            "kind",
            "outcome",  # always NULL here; SQLite else looks into the table for it
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        ),
        # What somebody owes: looked at by every sweep while they are away, and whenever their address is corrected.
        sa.Index(
            "ix_obligation_contact",
            "contact_id",
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
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
    # Where a party's own procedure says whom to tell and how long after the due instant (minutes).
    escalate_to_id: int | None = Field(default=None, foreign_key="contact.id")
    escalate_after: int | None = None
    opened_at: datetime = Field(sa_type=Instant)
    due_on: date  # the last day on which it is in time, in the protocol's zone
    # The end of that day, exclusive; where hours were counted (`exact`) the instant itself, which is still in time.
    due_at: datetime = Field(sa_type=Instant)
    exact: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    what: str | None = Field(default=None, max_length=300)  # completes "please …" where the kind alone does not
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: Outcome | None = Field(default=None, sa_type=stored_as_value(Outcome, "obligation_outcome"))
    discharged_at: datetime | None = Field(default=None, sa_type=Instant)
    discharged_by: str | None = Field(default=None, max_length=120)
    why_id: int | None = Field(default=None, foreign_key="narrative.id")

    @property
    def counted_to(self) -> datetime | None:
        """The instant, where hours were counted: as the ladder and the messages ask for it."""
        return self.due_at if self.exact else None

    def is_overdue(self, now: datetime) -> bool:
        """Exactly at a counted instant is on time; at the end of the due day it is late. `overdue_at` asks in SQL."""
        return is_over(self.due_at, now, exact=self.exact)


def overdue_at(now: datetime) -> sa.ColumnElement[bool]:
    """`Obligation.is_overdue` for a query."""
    due_at, exact = col(Obligation.due_at), col(Obligation.exact)
    return sa.or_(due_at < now, sa.and_(due_at == now, sa.not_(exact)))


class Reminder(SQLModel, table=True):
    """A rung of an obligation's ladder that has been taken. Unique: no rung is taken twice."""

    __table_args__ = (sa.UniqueConstraint("obligation_id", "rung"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id")
    rung: str = Field(max_length=40)
    outcome: RungOutcome = Field(sa_type=stored_as_value(RungOutcome, "rung_outcome"))
    taken_at: datetime = Field(sa_type=Instant)
    message_id: int | None = Field(default=None, foreign_key="message.id")
