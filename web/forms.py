"""From what a browser sends to what an act is given, and back: every answer kept, every error a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile

from rules.errors import Refused
from rules.instants import RepeatedTime, SkippedTime, at_local
from rules.texts import is_text
from web.fields import LINE_LENGTH, WORDS_LENGTH, Kind
from web.organisations import ByName

DAY_PARTS = ("day", "month", "year")
OUR_TIME = range(1900, 2200)
# “16:20”, “4.20 p.m.”, “1620”, “4 pm”; a number alone is none: “16” may be a day as well.
TIME = re.compile(
    r"(?:(?P<hour>\d{1,2})[:.](?P<minute>\d{2})|(?P<hours>\d{2})(?P<minutes>\d{2})|(?P<full>\d{1,2})(?=[ap]))"
    r"(?:(?P<half>[ap])\.?m\.?)?",
    re.ASCII,
)
Options = Mapping[str, Sequence[Sequence[str]]]


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


def kind_of(info: FieldInfo) -> Kind:
    return Kind(said_of(info).get("kind", Kind.LINE))


def said_of(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


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
        raw[name] = _raw(name, info, sent)
        try:
            value = _value(info, raw[name], options.get(name), zone)
        except Refused as wrong:
            errors[name] = str(wrong)
            continue
        if value is not None:
            values[name] = value
        elif info.is_required():
            errors[name] = missing(info)
    return Given(raw, values, errors | _errors_of(model, values, errors))


def missing(info: FieldInfo) -> str:
    """What to do about a question that was not answered."""
    own = said_of(info).get("missing")
    if own:
        return str(own)
    question = (info.title or "this").rstrip("?").strip()
    asks = kind_of(info) in (Kind.CHOICE, Kind.PICK, Kind.TICKS)
    return f"Choose an answer to “{question}”" if asks else f"Answer “{question}”"


class NotAWholeNumber(Refused):
    def __init__(self, info: FieldInfo) -> None:
        super().__init__(f"“{(info.title or '').rstrip('?')}” must be a whole number, such as 12")


class NotARealDay(Refused):
    def __init__(self, info: FieldInfo) -> None:
        super().__init__(f"“{(info.title or '').rstrip('?')}” must be a real date, such as 27 3 2027")


class NotOfOurTime(Refused, ValueError):
    def __init__(self) -> None:
        super().__init__(f"The year must be one from {OUR_TIME[0]} to {OUR_TIME[-1]}, such as 2027")


class NotATime(Refused):
    def __init__(self) -> None:
        super().__init__("Write the time as hours and minutes, such as 16:20")


class NotTheNameThen(Refused):
    def __init__(self, time_of_day: str, said: str, name: str) -> None:
        super().__init__(
            f"The clocks show {name} on that day, not {said}: write “{time_of_day} {name}” if that is meant, or the "
            "time that the clocks showed"
        )


class NoSuchTime(Refused):
    def __init__(self, reading: datetime) -> None:
        super().__init__(f"{reading:%H:%M} did not exist that night, because the clocks go forward: write another time")


class SayWhich(Refused):
    def __init__(self, time_of_day: str, zones: list[str]) -> None:
        first, second = (f"“{time_of_day} {name}”" for name in zones)
        super().__init__(f"{time_of_day} came twice that night, because the clocks go back: write {first} or {second}")


class NotOffered(Refused):
    def __init__(self) -> None:
        super().__init__("Choose one of the answers that are offered")


class NotAText(Refused):
    def __init__(self) -> None:
        super().__init__("This holds a character that no text has: copy it again as plain text")


class NotATextFile(Refused):
    def __init__(self) -> None:
        super().__init__("The file must be a text in UTF-8, such as the protocol’s YAML file")


def _raw(name: str, info: FieldInfo, sent: Mapping[str, list[Any]]) -> Any:
    first = (sent.get(name) or [""])[0]
    match kind_of(info):
        case Kind.DAY:
            return {part: _first(sent, f"{name}-{part}") for part in DAY_PARTS}
        case Kind.INSTANT:
            return {part: _first(sent, f"{name}-{part}") for part in (*DAY_PARTS, "time")}
        case Kind.TICKS:
            return [each for each in sent.get(name, []) if isinstance(each, str) and each]
        case Kind.UPLOAD:
            return first if isinstance(first, tuple) else ("", b"")
        case _:
            return first if isinstance(first, str) else ""


def _first(sent: Mapping[str, list[Any]], name: str) -> str:
    value = (sent.get(name) or [""])[0]
    return value.strip() if isinstance(value, str) else ""


def _value(info: FieldInfo, raw: Any, offered: Sequence[Sequence[str]] | None, zone: ZoneInfo) -> Any:
    """None where nothing was answered. Raises a Refused that says what to do."""
    kind = kind_of(info)
    match kind:
        case Kind.DAY:
            return _day(info, raw)
        case Kind.INSTANT:
            return _instant(info, raw, zone)
        case Kind.UPLOAD:
            return _uploaded(raw)
        case Kind.TICK:
            return True if raw else None if said_of(info).get("must") else False
        case Kind.TICKS:
            return _offered(info, list(raw), offered) or None
        case Kind.WHOLE:
            return _whole(info, raw)
        case _:
            if not is_text(raw):
                raise NotAText
            text = raw.strip() or None
            if text is not None and kind in (Kind.CHOICE, Kind.PICK):
                return _offered(info, [text], offered)[0]
            return text


def _offered(info: FieldInfo, chosen: list[str], offered: Sequence[Sequence[str]] | None) -> list[str]:
    if isinstance(offered, ByName):
        if not all(is_text(each) for each in chosen):
            raise NotAText
        return offered.chosen(chosen)
    known = {str(each[0]) for each in (offered if offered is not None else said_of(info).get("options", ()))}
    if not set(chosen) <= known:
        raise NotOffered
    return chosen


def _whole(info: FieldInfo, raw: str) -> int | None:
    digits = raw.replace(",", "").replace(" ", "")
    if not digits:
        return None
    if not digits.isascii() or not digits.removeprefix("-").isdecimal() or len(digits) > 12:
        raise NotAWholeNumber(info)
    return int(digits)


def _day(info: FieldInfo, raw: Mapping[str, str]) -> date | None:
    if not any(raw[part] for part in DAY_PARTS):
        return None
    try:
        parts = [int(raw[part]) for part in reversed(DAY_PARTS) if raw[part].isascii() and raw[part].isdecimal()]
        on = date(*parts)
    except (ValueError, TypeError, OverflowError):
        raise NotARealDay(info) from None
    require_year(on.year)
    return on


def require_year(year: int) -> None:
    """Beyond these the calendar itself ends, and adding a month is an error. Raises NotOfOurTime."""
    if year not in OUR_TIME:
        raise NotOfOurTime


def _instant(info: FieldInfo, raw: Mapping[str, str], zone: ZoneInfo) -> datetime | date | None:
    """A time that the clocks skip or pass twice is refused with a sentence, never guessed."""
    on = _day(info, raw)
    if on is None and not raw["time"]:
        return None
    if on is None:
        raise NotARealDay(info)
    if not raw["time"] and said_of(info).get("or_day"):
        return on
    return instant_on(on, raw["time"], zone)


def instant_on(on: date, written: str, zone: ZoneInfo) -> datetime:
    """The instant of a time of day as somebody wrote it. Raises NotATime, NoSuchTime, SayWhich, NotTheNameThen."""
    said, name = _without_name(written.strip(), on, zone)
    hour = _time(said)
    try:
        moment = at_local(on, hour, zone)
    except RepeatedTime:
        return _of_two(datetime.combine(on, hour), name, zone)
    except SkippedTime:
        raise NoSuchTime(datetime.combine(on, hour)) from None
    shown = moment.astimezone(zone).tzname() or ""
    if name not in ("", shown):
        raise NotTheNameThen(f"{hour:%H:%M}", name, shown)
    return moment


def _without_name(written: str, on: date, zone: ZoneInfo) -> tuple[str, str]:
    """Only a name that the zone's clocks have that year is taken off: “PM” belongs to the time, “CEST” to no time."""
    said, _, last = written.rpartition(" ")
    names = {datetime(on.year, month, 1, tzinfo=zone).tzname() for month in range(1, 13)}
    return (said, last.upper()) if last.upper() in names else (written, "")


def _of_two(reading: datetime, name: str, zone: ZoneInfo) -> datetime:
    """“01:30 BST” is the first of the two, “01:30 GMT” the second."""
    both = [reading.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    for moment in both:
        if moment.tzname() == name:
            return moment.astimezone(UTC)
    raise SayWhich(f"{reading:%H:%M}", [moment.tzname() or "" for moment in both])


def _time(text: str) -> time:
    found = TIME.fullmatch(text.replace(" ", "").lower())
    if found is None:
        raise NotATime
    hour = int(found["hour"] or found["hours"] or found["full"])
    minute, half = int(found["minute"] or found["minutes"] or 0), found["half"]
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        raise NotATime
    return time(hour % 12 + (12 if half == "p" else 0) if half else hour, minute)


def _uploaded(raw: tuple[str, bytes]) -> dict[str, str] | None:
    name, content = raw
    if not name and not content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATextFile from None
    if not is_text(text):
        raise NotATextFile
    return {"name": "".join(c for c in name if c.isprintable())[-200:], "text": text}


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


def sentences_of(model: type[BaseModel], wrong: ValidationError) -> dict[str, str]:
    """By field; under "" what is wrong with several together."""
    return sentences_of_faults(model, wrong.errors())


def sentences_of_faults(model: type[BaseModel], faults: Iterable[Any]) -> dict[str, str]:
    said: dict[str, str] = {}
    for fault in faults:
        name = str(fault["loc"][0]) if fault["loc"] else ""
        said.setdefault(name, _sentence(model.model_fields.get(name), fault))
    return said


def _sentence(info: FieldInfo | None, fault: Any) -> str:
    question = f"“{(info.title or '').rstrip('?')}”" if info is not None and info.title else "This"
    limits = fault.get("ctx") or {}
    match fault["type"]:
        case "missing" if info is not None:
            return missing(info)
        case "string_too_long":
            return f"{question} must be {limits['max_length']:,} characters or fewer"
        case "greater_than_equal":
            return f"{question} must be {limits['ge']} or more"
        case "less_than_equal":
            return f"{question} must be {limits['le']:,} or less"
        case "extra_forbidden":
            return "There is no such field: see the document at /api/openapi.json"
        case "value_error":
            return str(limits.get("error") or fault["msg"].removeprefix("Value error, "))
        case _:
            return f"{question}: {fault['msg']}"


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
        longest=WORDS_LENGTH if many else LINE_LENGTH, more={"rows": 5, **field.more},
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
