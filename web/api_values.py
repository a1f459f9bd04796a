"""What a page knows, as JSON. A value that JSON has no word for becomes a word, never an error half-way through."""

import json
import logging
import math
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel
from sqlmodel import SQLModel
from starlette.responses import Response

from actions.plain_values import plain

log = logging.getLogger("concordat.web")
ROW = "{} {}"  # “party 4”: a row's own columns are nobody's business here


def as_json(value: Any, status: int = 200, **more: Any) -> Response:
    """Days as ISO dates, instants with their zone, lengths of time in seconds."""
    content = json.dumps(_finite(plain(value)), default=_word, ensure_ascii=False, allow_nan=False)
    return Response(content.encode(), status, media_type="application/json", **more)


def _word(value: Any) -> Any:
    match value:
        case SQLModel():
            return ROW.format(type(value).__name__.lower(), getattr(value, "id", ""))
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {str(key): each for key, each in value.items()}
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case bytes():
            return None
        case _:
            return _unforeseen(value)


def _unforeseen(value: Any) -> str:
    """A page should know nothing of this kind: whoever wrote it finds it in the log, the program reads a word."""
    log.warning("a page's values hold a %s, which JSON has no word for", type(value).__name__)
    return str(value)


def _finite(value: Any) -> Any:
    """JSON has neither infinity nor “not a number”."""
    match value:
        case dict():
            return {key: _finite(each) for key, each in value.items()}
        case list():
            return [_finite(each) for each in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value
