"""How an operator writes reminder ladders, and those an engine needs although no document speaks of them."""

import re
from datetime import time
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, field_validator, model_validator

from models.protocol_file.values import Model, RungKey, wrong
from rules.ladders import Ladder, MixedRungs, Recipient, RepeatedRung, Rung

LONGEST_HOURS = 90 * 24


class RungPolicy(Model):
    """Exactly one of three: `offset` counts working days of the party's nation from the due day, `hours` and
    `minutes` are elapsed time from the due instant. All are negative before it.
    """

    offset: Annotated[int, Field(ge=-250, le=250)] | None = None
    hours: Annotated[int, Field(ge=-LONGEST_HOURS, le=LONGEST_HOURS)] | None = None
    minutes: Annotated[int, Field(ge=-LONGEST_HOURS * 60, le=LONGEST_HOURS * 60)] | None = None
    to: Recipient
    key: RungKey | None = None  # keeps a rung the same one when its distance is changed

    @model_validator(mode="after")
    def _one_distance(self) -> "RungPolicy":
        if [self.offset, self.hours, self.minutes].count(None) != 2:
            raise wrong("exactly one of 'offset' (working days), 'hours' and 'minutes' in a rung")
        return self

    def rung(self) -> Rung:
        return Rung(self.key or self._key(), self.offset, self.to, minutes=self._minutes())

    def _minutes(self) -> int | None:
        return self.minutes if self.hours is None else self.hours * 60

    def _key(self) -> str:
        """Two rungs at one instant to one recipient are one: an hour and 60 minutes have one key."""
        minutes = self._minutes()
        if minutes is None:
            return f"{_side(self.offset or 0, 'day')}-{abs(self.offset or 0)}-{self.to}"
        length = f"{abs(minutes)}m" if minutes % 60 else f"{abs(minutes) // 60}h"
        return f"{_side(minutes, 'at')}-{length}-{self.to}"


def _side(distance: int, none: str) -> str:
    return "before" if distance < 0 else "after" if distance else none


def _hour(value: object) -> time:
    """Nothing is scheduled from 01:00 to 02:00, which a change of the clocks skips or repeats."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) or value[:2] == "01":
        raise wrong("a local time such as 09:00, outside 01:00 to 02:00")
    return time.fromisoformat(value)


class LadderPolicy(Model):
    """`at` is local to the protocol's zone; ladders by the hour do without it. No rungs: nobody is reminded."""

    at: Annotated[time, PlainValidator(_hour), PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str)] = time(9)
    rungs: Annotated[tuple[RungPolicy, ...], Field(max_length=20)]

    @field_validator("rungs")
    @classmethod
    def _each_once(cls, rungs: tuple[RungPolicy, ...]) -> tuple[RungPolicy, ...]:
        try:
            Ladder("", time(9), tuple(rung.rung() for rung in rungs))
        except RepeatedRung:
            raise wrong("no two rungs with one offset and recipient, or one key") from None
        except MixedRungs:
            raise wrong("rungs that all count working days ('offset'), or all hours and minutes") from None
        return rungs

    @model_validator(mode="after")
    def _at_some_hour(self) -> "LadderPolicy":
        if "at" not in self.model_fields_set and any(rung.offset is not None for rung in self.rungs):
            raise wrong("the key 'at', such as 09:00, where rungs count working days")
        return self


OWNER, DEPUTY, SECRETARY = Recipient.OWNER, Recipient.DEPUTY, Recipient.SECRETARY


def _by_hours(*rungs: tuple[int, Recipient]) -> LadderPolicy:
    return LadderPolicy(rungs=tuple(RungPolicy(hours=hours, to=to) for hours, to in rungs))


def _by_working_days(*rungs: tuple[int, Recipient]) -> LadderPolicy:
    return LadderPolicy(at=time(9), rungs=tuple(RungPolicy(offset=offset, to=to) for offset, to in rungs))


# Files and rows from before these kinds existed do not name them. A step of a procedure has hours; 72 hours for the
# notice leave time to write it after the first reminder; “without undue delay” has no number, so it begins a day ahead.
ASSESSMENT = _by_hours((-12, OWNER), (0, OWNER), (2, DEPUTY), (12, SECRETARY))
STEP = _by_hours((-4, OWNER), (0, OWNER), (4, DEPUTY), (24, SECRETARY))
NOTICE = _by_hours(
    (-48, OWNER), (-24, OWNER), (-6, OWNER), (-6, DEPUTY), (0, OWNER), (1, SECRETARY), (24, SECRETARY)
)  # fmt: skip
TELLING_PEOPLE = _by_hours((-24, OWNER), (0, OWNER), (24, SECRETARY))
TELLING_PARTNERS = _by_hours((-1, OWNER), (0, OWNER), (4, SECRETARY))
HOLD = _by_working_days((0, OWNER), (5, SECRETARY))
LEARNING = _by_working_days((-10, OWNER), (1, OWNER), (5, DEPUTY), (10, SECRETARY))
LOCAL_ACTION = LEARNING  # as what was “not yet” in a confirmation
# Complaints: thirty days to acknowledge by law, so there is time to ask again; the rest are targets.
ACKNOWLEDGEMENT = _by_working_days((-10, OWNER), (-5, OWNER), (-3, DEPUTY), (-2, SECRETARY), (1, SECRETARY))
PROGRESS = _by_working_days((-2, OWNER), (1, OWNER), (5, SECRETARY))
ANALYSIS = _by_working_days((-10, OWNER), (1, OWNER), (5, DEPUTY), (10, SECRETARY))
SECOND_READING = _by_working_days((-2, OWNER), (1, OWNER), (5, SECRETARY))
RECHECK = _by_working_days((-5, OWNER), (5, OWNER), (10, SECRETARY))
