"""What is known of a protocol: its parties, clauses, versions, signatures, the law it rests on, and its matters."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.working_days import Nation


class Role(StrEnum):
    """What a contact is to its party; the secretary, the adviser and who uses the console belong to the protocol."""

    LEAD_MEMBER = "lead member"
    DEPUTY = "deputy"
    DESIGNATED_PERSON = "designated person"
    COORDINATOR = "breach coordinator"
    DPO = "data protection officer"
    SIRO = "senior information risk owner"
    CALDICOTT = "caldicott guardian"
    COMPLAINTS = "complaint handler"
    SECRETARY = "secretary"
    ADVISER = "adviser"
    ASSISTANT = "assistant"  # uses the console, decides nothing
    AUDITOR = "auditor"  # reads the console, changes nothing


class SignatureKind(StrEnum):
    SIGNED = "signed"
    UNDATED = "undated"  # a row in the register that was never filled in
    DECLINED = "declined"


class SuccessionKind(StrEnum):
    ONE_TO_ONE = "one to one"
    MANY_TO_ONE = "many to one"
    PART_OF = "part of"


class MatterKind(StrEnum):
    REVIEW_OVERDUE = "review overdue"
    SIGNATURES_LACKING = "signatures lacking"
    LEGISLATION = "legislation"
    SUCCESSION = "succession"
    BOUNCE = "bounce"
    UNREACHABLE = "unreachable"
    IN_DOUBT = "in doubt"
    HOLIDAYS = "holidays"
    SWEEP_LATE = "sweep late"
    CASE_STUCK = "case stuck"
    AWAY = "away"
    BREACH = "breach"
    COMPLAINT = "complaint"
    SIGNAL = "signal"  # the numbers raise a question: does the clause work?
    GAP = "gap"  # an urgent one
    ASKED = "asked"  # somebody at a party asks for something from their page: more time, another person


class Protocol(SQLModel, table=True):
    KEPT: ClassVar = True  # by a session that has read it: whoever acts holds it, and reads it anew then

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=300)
    short_name: str = Field(max_length=200)
    zone: str = Field(max_length=60)
    nation: Nation = Field(sa_type=stored_as_value(Nation))
    # The day the annual dates are counted from. None until the secretary sets one: the document may not say a day.
    review_anchor: date | None = None
    # What is known where no day is: the first day of the period in which the last review was held.
    last_reviewed_from: date | None = None
    last_reviewed_words: str | None = Field(default=None, max_length=60)
    policies: dict[str, Any] = Field(sa_type=sa.JSON)
    operating: dict[str, Any] = Field(sa_type=sa.JSON)
    # What people complain of and no clause governs: id, heading, vocabulary.
    outside: list[dict[str, Any]] | None = Field(default=None, sa_type=sa.JSON)
    loaded_at: datetime = Field(sa_type=Instant)
    demonstration: bool = False


class Clause(SQLModel, table=True):
    """A clause's identity, which lives across versions; its words are in `VersionClause`."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    key: str = Field(max_length=80)
    section: int
    position: int
    # How people tell of what it governs; no part of the text.
    vocabulary: list[str] | None = Field(default=None, sa_type=sa.JSON)


class Version(SQLModel, table=True):
    """A version: immutable once it has a hash. Versions of before Concordat have no text here, and no hash."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "label"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    label: str = Field(max_length=20)
    major: int
    minor: int
    dated_from: date
    dated_to: date
    dated_words: str = Field(max_length=60)
    note: str = Field(default="", max_length=500)
    sha256: str | None = Field(default=None, max_length=64)
    review_id: int | None = Field(default=None, foreign_key="review.id")
    in_force_from: date | None = None


class VersionClause(SQLModel, table=True):
    __table_args__ = (sa.UniqueConstraint("version_id", "clause_id"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="version.id")
    clause_id: int = Field(foreign_key="clause.id")
    heading: str = Field(max_length=200)
    text: str


class Party(SQLModel, table=True):
    __table_args__ = (sa.UniqueConstraint("protocol_id", "slug"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    slug: str = Field(max_length=80)
    name: str = Field(max_length=200)
    aliases: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    kind: str = Field(max_length=40)
    nation: Nation = Field(sa_type=stored_as_value(Nation))
    joined_on: date | None = None
    left_on: date | None = None


class Succession(SQLModel, table=True):
    """A body became another. Nothing follows from it until it is applied; a signature never passes by itself."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    key: str = Field(max_length=120)
    party_id: int = Field(foreign_key="party.id")
    successor_slug: str = Field(max_length=80)
    successor_name: str = Field(max_length=200)
    kind: SuccessionKind = Field(sa_type=stored_as_value(SuccessionKind))
    happened_on: date
    happened_words: str = Field(max_length=60)
    source: str = Field(max_length=300)
    note: str = Field(default="", max_length=500)
    applied_at: datetime | None = Field(default=None, sa_type=Instant)
    successor_id: int | None = Field(default=None, foreign_key="party.id")


class Contact(SQLModel, table=True):
    """A role at a party (or at the protocol) and the address it is reached at. No personal name is needed."""

    __table_args__ = (sa.UniqueConstraint("protocol_id", "party_id", "role"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    party_id: int | None = Field(default=None, foreign_key="party.id")
    role: Role = Field(sa_type=stored_as_value(Role))
    address: str = Field(max_length=254)
    # The address in the file when it was last loaded: tells a correction made here from a change made there.
    address_in_file: str | None = Field(default=None, max_length=254)
    bounced_at: datetime | None = Field(default=None, sa_type=Instant)
    away_until: date | None = None  # the last day on which somebody else is asked instead
    # Links in messages sent before this instant open nothing any more.
    links_from: datetime | None = Field(default=None, sa_type=Instant)


FROM_A_FILE = "register:"  # how the key of a signature begins that a protocol's file states


class Signature(SQLModel, table=True):
    """One line of the signature register. A party may have several signers; a dated line is never changed."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    version_id: int = Field(foreign_key="version.id")
    party_id: int = Field(foreign_key="party.id")
    kind: SignatureKind = Field(sa_type=stored_as_value(SignatureKind))
    position: str | None = Field(default=None, max_length=120)
    signed_on: date | None = None
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)
    address: str | None = Field(default=None, max_length=254)
    declaration: str | None = Field(default=None, max_length=500)
    version_sha256: str | None = Field(default=None, max_length=64)
    why_id: int | None = Field(default=None, foreign_key="narrative.id")
    note: str = Field(default="", max_length=300)


class Legislation(SQLModel, table=True):
    __table_args__ = (sa.UniqueConstraint("protocol_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    key: str = Field(max_length=80)
    title: str = Field(max_length=300)
    status: str = Field(max_length=40)
    since: date | None = None
    successor: str | None = Field(default=None, max_length=300)
    source: str = Field(max_length=300)
    clauses: list[str] = Field(default_factory=list, sa_type=sa.JSON)


class LegislationChange(SQLModel, table=True):
    """A change in the law that somebody has recorded: which Act, which section, from when, and what it touches."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    protocol_id: int = Field(foreign_key="protocol.id", index=True)
    legislation_id: int | None = Field(default=None, foreign_key="legislation.id")  # None: an Act not in appendix 3
    act: str = Field(max_length=300)
    section: str | None = Field(default=None, max_length=80)
    in_force_from: date
    words_id: int = Field(foreign_key="narrative.id")
    clauses: list[str] = Field(default_factory=list, sa_type=sa.JSON)  # that rest on it, as was known then
    source: str | None = Field(default=None, max_length=300)
    version_id: int | None = Field(default=None, foreign_key="version.id")  # the newest text at that time
    review_id: int | None = Field(default=None, foreign_key="review.id")  # which it opened, or joined
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class ChecklistItem(SQLModel, table=True):
    """What a lead member confirms after adoption (protocol §14, implied by §§9-15).

    A question that had been answered when its words changed, or when it was dropped, stays behind the list, asked no
    more, with the words that were answered: `locked` asks the new ones, if any; `locked:1` keeps the first, `locked:2`
    the second.
    """

    __table_args__ = (sa.UniqueConstraint("protocol_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    key: str = Field(max_length=80)
    clause_key: str = Field(max_length=80)
    question: str = Field(max_length=500)
    position: int  # on the list, from 1; 0 of a question that is kept for what was answered

    @property
    def id_in_file(self) -> str:
        return self.key.partition(":")[0]


class Matter(SQLModel, table=True):
    """A line on the secretary's list: something a person must look at, what to do about it, and what came of it."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    protocol_id: int = Field(foreign_key="protocol.id")
    kind: MatterKind = Field(sa_type=stored_as_value(MatterKind))
    sentence: str = Field(max_length=500)
    todo: str = Field(max_length=500)
    source: str | None = Field(default=None, max_length=300)
    opened_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, max_length=500)
