"""From what a browser sent under a field's name to the value that the field holds, or a sentence."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic.fields import FieldInfo

from rules.errors import Refused
from rules.texts import is_text
from web.fields import DAY_PARTS, Kind, kind_of, said_of
from web.organisations import ByName
from web.times_written import instant_on

OUR_TIME = range(1900, 2200)


class NotAWholeNumber(Refused):
    def __init__(self, info: FieldInfo) -> None:
        super().__init__(f"“{(info.title or '').rstrip('?')}” must be a whole number, such as 12")


class NotARealDay(Refused):
    def __init__(self, info: FieldInfo) -> None:
        super().__init__(f"“{(info.title or '').rstrip('?')}” must be a real date, such as 27 3 2027")


class NotOfOurTime(Refused, ValueError):
    def __init__(self) -> None:
        super().__init__(f"The year must be one from {OUR_TIME[0]} to {OUR_TIME[-1]}, such as 2027")


class NotOffered(Refused):
    def __init__(self) -> None:
        super().__init__("Choose one of the answers that are offered")


class NotAText(Refused):
    def __init__(self) -> None:
        super().__init__("This holds a character that no text has: copy it again as plain text")


class NotATextFile(Refused):
    def __init__(self) -> None:
        super().__init__("The file must be a text in UTF-8, such as the protocol’s YAML file")


def raw_of(name: str, info: FieldInfo, sent: Mapping[str, list[Any]]) -> Any:
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


def value_of(info: FieldInfo, raw: Any, offered: Sequence[Sequence[str]] | None, zone: ZoneInfo) -> Any:
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
