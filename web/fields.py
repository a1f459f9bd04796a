"""What a form asks, said once: a pydantic model whose fields carry their question, their hint and their kind.

    class Propose(BaseModel):
        clause: str = choice("Which clause?")
        wording: str = words("What should it say?", longest=20_000)
        problem: str | None = words("What is wrong today?", optional=True)

The page's form, its errors and the API's document all follow from it. An optional field's type allows None.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo


class Kind(StrEnum):
    LINE = "line"
    WORDS = "words"  # several lines
    WHOLE = "whole"  # a whole number
    DAY = "day"
    INSTANT = "instant"  # a day and a time by the protocol's clock
    CHOICE = "choice"  # radios
    PICK = "pick"  # a list to pick from, where there are many
    TICKS = "ticks"  # any number of them
    TICK = "tick"
    UPLOAD = "upload"
    CARRIED = "carried"  # hidden: answers of earlier pages


class Uploaded(BaseModel):
    """A file as text. Its name is only shown, never used as a path."""

    name: str = Field(max_length=200)
    text: str = Field(max_length=2_000_000)


LINE_LENGTH = 200
WORDS_LENGTH = 10_000
DAY_PARTS = ("day", "month", "year")


def _asked(
    kind: Kind, question: str, *, hint: str = "", missing: str = "", optional: bool = False, default: Any = ...,
    longest: int | None = None, **more: Any,
) -> Any:  # fmt: skip
    said: dict[str, Any] = {
        "kind": kind.value,
        "missing": missing,
        "optional_said": optional and kind is not Kind.TICK,
        **more,
    }
    value: Any = (None if optional else ...) if default is ... else default
    return Field(value, title=question, description=hint or None, json_schema_extra=said, max_length=longest)


def line(question: str, *, hint: str = "", missing: str = "", optional: bool = False, longest: int = LINE_LENGTH,
         width: str = "", autocomplete: str = "", input_type: str = "text", inputmode: str = "") -> Any:  # fmt: skip
    return _asked(Kind.LINE, question, hint=hint, missing=missing, optional=optional, longest=longest, width=width,
                  autocomplete=autocomplete, input_type=input_type, inputmode=inputmode)  # fmt: skip


def words(question: str, *, hint: str = "", missing: str = "", optional: bool = False, longest: int = WORDS_LENGTH,
          rows: int = 5) -> Any:  # fmt: skip
    return _asked(Kind.WORDS, question, hint=hint, missing=missing, optional=optional, longest=longest, rows=rows)


def whole(question: str, *, hint: str = "", missing: str = "", optional: bool = False, least: int = 0,
          most: int = 2**31 - 1) -> Any:  # fmt: skip
    said: dict[str, Any] = {"kind": Kind.WHOLE.value, "missing": missing, "optional_said": optional}
    value: Any = None if optional else ...
    return Field(value, title=question, description=hint or None, json_schema_extra=said, ge=least, le=most)


def day(question: str, *, hint: str = "", missing: str = "", optional: bool = False) -> Any:
    return _asked(Kind.DAY, question, hint=hint, missing=missing, optional=optional)


def instant(question: str, *, hint: str = "", missing: str = "", optional: bool = False, or_day: bool = False) -> Any:
    """`or_day`: the day alone will do, where nobody knows the hour; the value is a date then."""
    return _asked(Kind.INSTANT, question, hint=hint, missing=missing, optional=optional, or_day=or_day)


def choice(
    question: str, options: Sequence[tuple[str, str]] | Sequence[tuple[str, str, str]] = (), *, hint: str = "",
    missing: str = "", optional: bool = False, inline: bool = False,
) -> Any:  # fmt: skip
    """`options`: value, what is read, and a hint where it needs one; those that depend on what is known are the act's
    `choices`."""
    return _asked(Kind.CHOICE, question, hint=hint, missing=missing, optional=optional,
                  options=[list(each) for each in options], inline=inline)  # fmt: skip


def pick(question: str, options: Sequence[tuple[str, str]] = (), *, hint: str = "", missing: str = "",
         optional: bool = False) -> Any:  # fmt: skip
    return _asked(Kind.PICK, question, hint=hint, missing=missing, optional=optional,
                  options=[list(each) for each in options])  # fmt: skip


def ticks(question: str, options: Sequence[tuple[str, str]] = (), *, hint: str = "", missing: str = "",
          optional: bool = False) -> Any:  # fmt: skip
    """A list of values; of an optional one nothing need be ticked."""
    return _asked(Kind.TICKS, question, hint=hint, missing=missing, optional=optional, default=() if optional else ...,
                  options=[list(each) for each in options])  # fmt: skip


def tick(statement: str, *, hint: str = "", missing: str = "", optional: bool = False) -> Any:
    """Ticked or not; one that is not optional has to be ticked."""
    return _asked(Kind.TICK, statement, hint=hint, missing=missing, default=False if optional else ...,
                  must=not optional)  # fmt: skip


def upload(question: str, *, hint: str = "", missing: str = "", optional: bool = False) -> Any:
    return _asked(Kind.UPLOAD, question, hint=hint, missing=missing, optional=optional)


def carried(longest: int = WORDS_LENGTH, default: Any = None) -> Any:
    """An answer of an earlier page, which travels in the form until the end: nothing is kept here before "Send"."""
    return _asked(Kind.CARRIED, "", default=default, longest=longest)


def beside(asked: Any) -> Any:
    """An optional field that another answer makes needed: the page does not call it optional."""
    asked.json_schema_extra["optional_said"] = False
    return asked


def kind_of(info: FieldInfo) -> Kind:
    return Kind(said_of(info).get("kind", Kind.LINE))


def said_of(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
