"""What an engine has to know and the document does not say: choices of its operator, not of the partners."""

import re
from datetime import time
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, field_validator

from models.obligation import ObligationKind
from models.protocol_file.values import Model, RungKey, Window, wrong
from rules.errors import Refused
from rules.ladders import Ladder, Recipient, Rung
from rules.periods import Period, parse_period


class Windows(Model):
    """How long somebody has, where the protocol sets no date. `acknowledgement`: DPA 2018 s.164A(3)."""

    extraordinary_feedback: Window
    drafting: Window
    advice: Window
    decision: Window
    signing: Window
    confirmation: Window
    adoption: Window  # a successor that is asked to adopt
    acknowledgement: Window


class RungPolicy(Model):
    """`offset` counts working days of the party's nation from the due day: negative before it."""

    offset: Annotated[int, Field(ge=-250, le=250)]
    to: Recipient
    key: RungKey | None = None  # keeps a rung the same one when its offset is changed

    def rung(self) -> Rung:
        side = "before" if self.offset < 0 else "after" if self.offset else "day"
        return Rung(self.key or f"{side}-{abs(self.offset)}-{self.to}", self.offset, self.to)


def _hour(value: object) -> time:
    """Nothing is scheduled from 01:00 to 02:00, which a change of the clocks skips or repeats."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) or value[:2] == "01":
        raise wrong("a local time such as 09:00, outside 01:00 to 02:00")
    return time.fromisoformat(value)


class LadderPolicy(Model):
    """`at` is local to the protocol's zone. No rungs: nobody is reminded."""

    at: Annotated[time, PlainValidator(_hour), PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str)]
    rungs: Annotated[tuple[RungPolicy, ...], Field(max_length=20)]

    @field_validator("rungs")
    @classmethod
    def _each_once(cls, rungs: tuple[RungPolicy, ...]) -> tuple[RungPolicy, ...]:
        try:
            Ladder("", time(9), tuple(rung.rung() for rung in rungs))
        except Refused:
            raise wrong("no two rungs with one offset and recipient, or one key") from None
        return rungs


class Ladders(Model):
    """One for each kind of obligation."""

    feedback: LadderPolicy
    drafting: LadderPolicy
    advice: LadderPolicy
    decision: LadderPolicy
    signature: LadderPolicy
    confirmation: LadderPolicy
    implementation: LadderPolicy


class Operating(Model):
    windows: Windows
    ladders: Ladders

    def window(self, name: str) -> Period:
        """How long somebody has for that; `name` is a field of Windows."""
        return parse_period(getattr(self.windows, name))

    def ladder(self, kind: ObligationKind) -> Ladder:
        """The ladder that an obligation of this kind is reminded by."""
        policy: LadderPolicy = getattr(self.ladders, kind.value)
        return Ladder(kind.value, policy.at, tuple(rung.rung() for rung in policy.rungs))
