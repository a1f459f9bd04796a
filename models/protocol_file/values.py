"""The small values of a protocol's files. Each says what it expected when it is given something else.

Lengths are those of the columns that will hold them: PostgreSQL refuses what is longer.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from rules.errors import Refused
from rules.instants import zone_named
from rules.periods import Unit, parse_period

UNSPECIFIED = "unspecified"  # the document does not say; nobody guesses for it

PERIODS = "a period such as P1M, P30D, PT72H or '5 working days'"
WORD = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
ADDRESS = re.compile(rf"(?=.{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{WORD}\.)+{WORD}")
LABEL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Model(BaseModel):
    """A mapping in a file. A key nobody asked for is a mistake, most often of spelling."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        validate_by_alias=True,
        validate_by_name=False,
    )


def wrong(expected: str) -> PydanticCustomError:
    """What a validator raises: the fault's `expected`."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


def check(test: Callable[[str], bool], expected: str) -> AfterValidator:
    def validate(value: str) -> str:
        if not test(value):
            raise wrong(expected)
        return value

    return AfterValidator(validate)


def _one_line(text: str) -> bool:
    """Names and sentences go into mail headers: no line breaks, no control characters, nothing invisible."""
    return not any(unicodedata.category(letter)[0] == "C" for letter in text)


def _is_period(text: str, *units: Unit) -> bool:
    try:
        return parse_period(text).unit in units
    except Refused:
        return False


def _is_zone(name: str) -> bool:
    try:
        return bool(zone_named(name))
    except Refused:
        return False


def is_address(text: str) -> bool:
    """Plain ASCII addresses only; whether anybody reads there, only a message can tell (RFC 5321 limits)."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


def slug(longest: int) -> Any:
    text = f"an id of at most {longest} small letters, digits and single hyphens"
    return check(lambda value: len(value) <= longest and SLUG.fullmatch(value) is not None, text)


def line(longest: int) -> Any:
    text = f"one line of 1 to {longest} characters"
    return check(lambda value: 1 <= len(value) <= longest and _one_line(value), text)


def period_of(units: tuple[Unit, ...], expected: str, *words: str) -> Any:
    """A period of one of the units, or one of the words instead."""
    instead = "".join(f" or '{word}'" for word in words)
    return check(lambda value: value in words or _is_period(value, *units), expected + instead)


def _interval(value: object) -> str | None:
    """Only months and years come back to the same date."""
    if value in (None, "none"):
        return None
    if isinstance(value, str) and _is_period(value, Unit.MONTHS):
        return value
    raise wrong("months or years such as P6M or P1Y, or 'none'")


def _roles(value: object) -> str | tuple[str, ...]:
    if value in ("open", UNSPECIFIED):
        return str(value)
    roles = tuple(value) if isinstance(value, list | tuple) else ()
    if roles and all(isinstance(role, str) and role.strip() for role in roles):
        return tuple(role.strip() for role in roles)
    raise wrong("a list of roles, or 'open', or 'unspecified'")


DAYS = (Unit.DAYS, Unit.MONTHS, Unit.WORKING_DAYS)

RungKey = Annotated[str, slug(40)]
ProtocolSlug = Annotated[str, slug(40)]
Slug = Annotated[str, slug(50)]
Name = Annotated[str, line(200)]
Note = Annotated[str, line(300)]
Sentence = Annotated[str, line(500)]
Position = Annotated[str, line(120)]
Prose = Annotated[str, check(lambda text: 1 <= len(text) <= 5000, "1 to 5000 characters")]
Label = Annotated[str, check(lambda text: LABEL.fullmatch(text) is not None, "a version such as '4' or '4.1'")]
Address = Annotated[str, check(is_address, "an e-mail address")]
Zone = Annotated[str, check(_is_zone, "an IANA time zone such as Europe/London")]
IntervalIfAny = Annotated[str | None, PlainValidator(_interval)]
Window = Annotated[str, period_of(DAYS, "a period such as P1M, P30D or '10 working days'")]
Hours = Annotated[str, period_of((Unit.MINUTES,), "hours and minutes such as PT24H")]
Kept = Annotated[str, period_of((Unit.DAYS, Unit.MONTHS), "a period such as P6Y, P18M or P90D", UNSPECIFIED)]
TimeBar = Annotated[str, period_of(DAYS, PERIODS, "none", UNSPECIFIED)]
Notification = Annotated[str, period_of(tuple(Unit), PERIODS, "immediately", "none", UNSPECIFIED)]
SignerRoles = Annotated[str | tuple[str, ...], PlainValidator(_roles)]
