"""What a protocol says about its own upkeep. `unspecified` is what it says where it says nothing.

The protocol row holds this as JSON; the engine reads policy only through it, so another protocol is another
file, not other code.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from models.protocol_file.known_dates import DateAsKnown
from models.protocol_file.values import (
    UNSPECIFIED,
    IntervalIfAny,
    Kept,
    Model,
    Name,
    Notification,
    SignerRoles,
    TimeBar,
    Window,
    wrong,
)
from rules.errors import Refused
from rules.periods import Period, Unit, parse_period

Unspecified = Literal["unspecified"]
EarlyReason = Literal[
    "legislation", "court challenge", "national guidance", "representations", "serious breach"
]  # fmt: skip
Starter = Literal[
    "steering group", "lead organisation", "secretariat", "action group", "thematic lead", "rotating",
    "unspecified",
]  # fmt: skip
ComplaintKind = Literal[
    "disclosure", "person", "partner non-compliance", "practitioner concern", "partner disagreement"
]  # fmt: skip

Parties = Annotated[int, Field(ge=1, le=100_000)]  # a number of them


class NoInterval(Refused):
    def __init__(self) -> None:
        super().__init__("This protocol is not reviewed at a fixed interval: set the date of each review.")


class ReviewPolicy(Model):
    """When the protocol is reviewed and who is asked (Bedfordshire: protocol §14)."""

    interval: IntervalIfAny  # `none` in the file: reviewed at no fixed interval
    first_interval: IntervalIfAny = None  # some are reviewed sooner the first time
    anchor: DateAsKnown | None = None  # what the annual dates are counted from
    next_on: DateAsKnown | None = None
    ends_on: DateAsKnown | None = None  # a fixed term
    early: tuple[EarlyReason, ...]
    started_by: Starter
    notice: Window
    silence: Literal["recorded", "no comments", "agreement", "unspecified"]
    overdue: Literal["none", "removed from register", "unspecified"]
    overdue_after: Window | None = None

    @field_validator("next_on")
    @classmethod
    def _counts_from_an_anchor(cls, value: DateAsKnown | None, info: ValidationInfo) -> DateAsKnown | None:
        if value is not None and "anchor" in info.data and info.data["anchor"] is None:
            raise wrong("an 'anchor' beside it: later review dates are counted from the anchor")
        if value is not None and value.day is None:
            raise wrong("a day such as 2027-03-31")
        return value

    @field_validator("notice")
    @classmethod
    def _is_shorter_than_the_interval(cls, value: str, info: ValidationInfo) -> str:
        interval = info.data.get("interval")
        if interval is not None and _days(value) >= _days(interval):
            raise wrong("a notice shorter than the interval between two reviews")
        return value


def _days(period: str) -> float:
    """About how many days: enough to tell a notice from an interval."""
    parsed = parse_period(period)
    per_unit = {Unit.MONTHS: 30.4, Unit.DAYS: 1.0, Unit.WORKING_DAYS: 1.4, Unit.MINUTES: 1 / 1440}
    return parsed.count * per_unit[parsed.unit]


class ChangePolicy(Model):
    """How a proposal becomes wording. A rule that needs a number or a name states it."""

    advice: Literal["major changes", "none", "unspecified"]
    decision_rule: Literal["unanimity", "majority", "named decider", "unspecified"]
    quorum: Parties | None = Field(default=None, validate_default=True)
    decider: Name | None = Field(default=None, validate_default=True)
    member_approval: Literal["none", "full council", "board", "unspecified"]
    minor_version: Literal["announce", "sign", "unspecified"]

    @field_validator("quorum")
    @classmethod
    def _belongs_to_a_majority(cls, value: int | None, info: ValidationInfo) -> int | None:
        rule = info.data.get("decision_rule")
        if rule == "majority" and value is None:
            raise wrong("the number of parties that must take part, since the rule is a majority")
        if rule in ("unanimity", "named decider", UNSPECIFIED) and value is not None:
            raise wrong("a quorum only where 'decision_rule' is 'majority'")
        return value

    @field_validator("decider")
    @classmethod
    def _belongs_to_its_rule(cls, value: str | None, info: ValidationInfo) -> str | None:
        rule = info.data.get("decision_rule")
        if rule == "named decider" and value is None:
            raise wrong("the role that decides, since the rule is a named decider")
        if rule in ("unanimity", "majority", UNSPECIFIED) and value is not None:
            raise wrong("a decider only where 'decision_rule' is 'named decider'")
        return value


class SigningPolicy(Model):
    """Who signs, and from when a version counts."""

    signer_roles: SignerRoles
    effective: Literal["while signing", "last signature", "unspecified"]


class MembershipPolicy(Model):
    joining: Literal["membership list", "declaration", "lead admits", "unspecified"]
    implementation: Literal["lead member confirms", "designated person", "none", "unspecified"]
    tiers: Annotated[int, Field(ge=1, le=5)]
    agreements_below: bool


class BreachPolicy(Model):
    """The protocol's own clock between partners; the statutory ones are no policy."""

    partner_notification: Notification
    regulator_decision: Literal["each body", "jointly", "unspecified"]


class ComplaintPolicy(Model):
    kinds: tuple[ComplaintKind, ...]
    time_bar: TimeBar


class RetentionPolicy(Model):
    """For how long the words of a case are kept once it has ended; `unspecified`: nothing is emptied."""

    breaches: Kept = UNSPECIFIED
    complaints: Kept = UNSPECIFIED


class Policies(Model):
    """Everything in which one real protocol differs from another."""

    review: ReviewPolicy
    changes: ChangePolicy
    signing: SigningPolicy
    membership: MembershipPolicy
    breaches: BreachPolicy
    complaints: ComplaintPolicy
    retention: RetentionPolicy = RetentionPolicy()  # a file, or a store, from before there was one says nothing of it

    def review_interval(self) -> Period:
        """Months or years. Raises NoInterval where the protocol has none."""
        if self.review.interval is None:
            raise NoInterval
        return parse_period(self.review.interval)

    def notice_period(self) -> Period:
        """How long before the review date everybody is asked."""
        return parse_period(self.review.notice)
