"""From what a browser sends to what an act is given, and back: every answer kept, every error a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile

from rules.errors import Refused
from web.fields import DAY_PARTS, LINE_LENGTH, Kind, kind_of, said_of
from web.form_sentences import missing, sentences_of
from web.form_values import raw_of, value_of
from web.organisations import ByName

Options = Mapping[str, Sequence[Sequence[str]]]
NAME_LENGTH = 100  # characters: of an organisation's, with room to spare


@dataclass(frozen=True, kw_only=True)
class FormField:
    """As the template's macros draw it."""

    name: str
    kind: str
    question: str
    hint: str
    value: Any
    error: str
    options: Sequence[Sequence[str]]
    longest: int | None
    more: Mapping[str, Any]

    @property
    def first_input(self) -> str:
        """What a link in the error summary leads to."""
        return f"{self.name}-day" if self.kind in (Kind.DAY, Kind.INSTANT) else self.name


@dataclass(frozen=True)
class Given:
    """What was sent: `raw` as the form showed it, `values` as the model takes it, `errors` by field."""

    raw: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


async def uploads_read(data: FormData) -> dict[str, list[Any]]:
    """The form with its files read: by name, everything sent under it."""
    sent: dict[str, list[Any]] = {}
    for name, value in data.multi_items():
        sent.setdefault(name, []).append(
            (value.filename or "", await value.read()) if isinstance(value, UploadFile) else _lines(value)
        )
    return sent


def _lines(text: str) -> str:
    """Browsers end lines with CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_form(model: type[BaseModel], sent: Mapping[str, list[Any]], options: Options, zone: ZoneInfo) -> Given:
    """Every field by itself, so that all errors are said at once; then the model, for what they say together."""
    raw, values, errors = {}, {}, {}
    for name, info in model.model_fields.items():
        raw[name] = raw_of(name, info, sent)
        try:
            value = value_of(info, raw[name], options.get(name), zone)
        except Refused as wrong:
            errors[name] = str(wrong)
            continue
        if value is not None:
            values[name] = value
        elif info.is_required():
            errors[name] = missing(info)
    return Given(raw, values, errors | _errors_of(model, values, errors))


def _errors_of(model: type[BaseModel], values: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """Of a required field that is not there, `known` tells already; an optional one may be needed beside another."""
    try:
        model.model_validate(dict(values))
    except ValidationError as wrong:
        fields = model.model_fields
        return {
            name: sentence
            for name, sentence in sentences_of(model, wrong).items()
            if name not in known and (name in values or name not in fields or not fields[name].is_required())
        }
    return {}


def form_fields(
    model: type[BaseModel], given: Given, start: Mapping[str, Any], options: Options, zone: ZoneInfo
) -> list[FormField]:
    """`start` are values for a form that nobody has sent yet."""
    drawn = [
        FormField(
            name=name, kind=kind_of(info).value, question=info.title or "", hint=info.description or "",
            value=given.raw[name] if name in given.raw else _as_raw(info, start.get(name), zone),
            error=given.errors.get(name, ""), options=options.get(name, said_of(info).get("options", ())),
            longest=_longest(info), more=said_of(info),
        )
        for name, info in model.model_fields.items()
    ]  # fmt: skip
    return [_to_write(each, each.options) if isinstance(each.options, ByName) else each for each in drawn]


def _to_write(field: FormField, offered: ByName) -> FormField:
    """Where there are too many to list them, they are named, one a line."""
    many = field.kind == Kind.TICKS
    hint = f"Write {'each on its own line, as it' if many else 'it as the organisation'} is called."
    return replace(
        field, kind=(Kind.WORDS if many else Kind.LINE).value, hint=f"{field.hint} {hint}".strip(), options=(),
        value=offered.written(field.value if many else [field.value]),
        longest=offered.most * NAME_LENGTH if many else LINE_LENGTH, more={"rows": 5, **field.more},
    )  # fmt: skip


def _as_raw(info: FieldInfo, value: Any, zone: ZoneInfo) -> Any:
    if value is None and not info.is_required() and info.default not in (None, ...):
        value = info.default
    match kind_of(info):
        case Kind.DAY:
            return _day_parts(value)
        case Kind.INSTANT:
            there = value.astimezone(zone) if value else None
            return _day_parts(there) | {"time": f"{there:%H:%M}" if there else ""}
        case Kind.TICKS:
            return [str(each) for each in value or ()]
        case Kind.TICK:
            return "yes" if value else ""
        case Kind.UPLOAD:
            return ("", b"")
        case _:
            return "" if value is None else str(value)


def _day_parts(day: Any) -> dict[str, str]:
    return {part: str(getattr(day, part)) if day else "" for part in DAY_PARTS}


def _longest(info: FieldInfo) -> int | None:
    return next((each.max_length for each in info.metadata if hasattr(each, "max_length")), None)
