"""A review of the protocol and what people say in it."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import Instant, stored_as_value
from rules.review import ReviewKind, Stage

WORDING = 20_000  # characters in the wording of one clause


class ReasonKind(StrEnum):
    ANNUAL = "annual"
    LEGISLATION = "legislation"
    GAP = "gap"
    SECRETARY = "secretary"


class Magnitude(StrEnum):
    MINOR = "minor"
    MAJOR = "major"


class DecisionOutcome(StrEnum):
    ACCEPTED = "accepted"
    ACCEPTED_WITH_CHANGES = "accepted with changes"
    REJECTED = "rejected"
    DEFERRED = "deferred"


ACCEPTED = (DecisionOutcome.ACCEPTED, DecisionOutcome.ACCEPTED_WITH_CHANGES)


class ConfirmationAnswer(StrEnum):
    IN_PLACE = "in place"
    NOT_YET = "not yet"
    NOT_APPLICABLE = "not applicable"


class Review(SQLModel, table=True):
    __table_args__ = (
        # One annual review lies ahead at a time.
        sa.Index(
            "uq_review_one_scheduled",
            "protocol_id",
            unique=True,
            sqlite_where=sa.text("stage = 'scheduled' AND kind = 'annual'"),
            postgresql_where=sa.text("stage = 'scheduled' AND kind = 'annual'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    protocol_id: int = Field(foreign_key="protocol.id", index=True)
    kind: ReviewKind = Field(sa_type=stored_as_value(ReviewKind))
    stage: Stage = Field(default=Stage.SCHEDULED, sa_type=stored_as_value(Stage, "review_stage"))
    review_on: date
    opens_at: datetime = Field(sa_type=Instant)
    due_on: date  # last day for feedback
    due_at: datetime = Field(sa_type=Instant)
    round: int = 1  # feedback is asked again when a reason joins after it has closed
    created_at: datetime = Field(sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    joined_id: int | None = Field(default=None, foreign_key="review.id")

    @property
    def case(self) -> str:
        return f"review:{self.id}"


class ReviewReason(SQLModel, table=True):
    """Why a review was opened; a joined review has several."""

    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    kind: ReasonKind = Field(sa_type=stored_as_value(ReasonKind))
    words: str = Field(max_length=500)
    given_at: datetime = Field(sa_type=Instant)
    given_by: str = Field(max_length=120)


class Feedback(SQLModel, table=True):
    """What a party answered in one sitting. "No comments" is an answer."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    round: int
    no_comments: bool
    comments_id: int | None = Field(default=None, foreign_key="narrative.id")
    given_at: datetime = Field(sa_type=Instant)
    given_by: str = Field(max_length=120)


class Proposal(SQLModel, table=True):
    """A change somebody proposes to one clause. Merged ones point at the one that stands for them."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    clause_id: int = Field(foreign_key="clause.id")
    party_id: int | None = Field(default=None, foreign_key="party.id")  # None: the steering group's own
    feedback_id: int | None = Field(default=None, foreign_key="feedback.id")
    carried_from_id: int | None = Field(default=None, foreign_key="proposal.id")
    problem_id: int | None = Field(default=None, foreign_key="narrative.id")
    wording: str = Field(max_length=WORDING)
    magnitude: Magnitude | None = Field(default=None, sa_type=stored_as_value(Magnitude))
    magnitude_why: str | None = Field(default=None, max_length=500)
    merged_into_id: int | None = Field(default=None, foreign_key="proposal.id")
    withdrawn_why: str | None = Field(default=None, max_length=500)
    raised_at: datetime = Field(sa_type=Instant)
    raised_by: str = Field(max_length=120)


class Advice(SQLModel, table=True):
    """Advice on a proposal, or the recorded reason why none was taken."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    waived: bool = False
    text_id: int = Field(foreign_key="narrative.id")
    given_at: datetime = Field(sa_type=Instant)
    given_by: str = Field(max_length=120)


class VoiceKind(StrEnum):
    VIEW = "view"  # support, or a comment, before the decision
    VOTE = "vote"  # where the policy lets the parties decide


class ProposalVoice(SQLModel, table=True):
    """What a party says of a proposal. A later one stands beside the earlier; the newest counts."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=160, unique=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    kind: VoiceKind = Field(sa_type=stored_as_value(VoiceKind))
    stance: str = Field(max_length=20)  # of a view: supports, objects, comments; of a vote: as rules.decisions has it
    words_id: int | None = Field(default=None, foreign_key="narrative.id")
    given_at: datetime = Field(sa_type=Instant)
    given_by: str = Field(max_length=120)


class Decision(SQLModel, table=True):
    """What the group decided on a proposal, when, by which rule, and who dissented in which words."""

    id: int | None = Field(default=None, primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id", unique=True)
    outcome: DecisionOutcome = Field(sa_type=stored_as_value(DecisionOutcome))
    wording: str | None = Field(default=None, max_length=WORDING)
    reason_id: int = Field(foreign_key="narrative.id")
    dissent_id: int | None = Field(default=None, foreign_key="narrative.id")
    rule: str = Field(max_length=300)
    votes: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    decided_on: date
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str = Field(max_length=120)


class Confirmation(SQLModel, table=True):
    """A lead member's answer to one item of the checklist. A later answer stands beside the earlier one."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    version_id: int = Field(foreign_key="version.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    item_id: int = Field(foreign_key="checklistitem.id")
    answer: ConfirmationAnswer = Field(sa_type=stored_as_value(ConfirmationAnswer))
    by_when: date | None = None
    why: str | None = Field(default=None, max_length=500)
    given_at: datetime = Field(sa_type=Instant)
    given_by: str = Field(max_length=120)
