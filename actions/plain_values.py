"""Any value in JSON's own terms: instants in UTC, days as ISO dates, keys as words."""

from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    match value:
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(each) for each in value]
        case date():  # and datetime, which is one
            return value.isoformat()
        case _:
            return value
