"""Lists as CSV for a spreadsheet, in which nothing that somebody wrote is taken for a formula; and a page at a time."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import urlencode

from web.declaring import Answer

LINES_A_PAGE = 50
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a spreadsheet knows a formula by its first sign
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else

Line = TypeVar("Line")


def sheet(filename: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Answer:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    writer.writerows([_cell(each) for each in row] for row in rows)
    content = (BYTE_ORDER_MARK + written.getvalue()).encode()
    return Answer(content=content, media_type="text/csv; charset=utf-8", filename=filename)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not isinstance(value, int) else text


@dataclass(frozen=True, kw_only=True)
class Turned:
    """Which part of a list is shown, and where the others are."""

    first: int
    last: int
    of: int
    before: str | None
    after: str | None


PART = {"page": "The number of the piece, from 1."}  # as the API's document says it


def turned(lines: Sequence[Line], query: Mapping[str, str], path: str) -> tuple[Sequence[Line], Turned]:
    """The page that the address asks for; the nearest that there is."""
    asked = query.get("page", "")
    last_page = max((len(lines) - 1) // LINES_A_PAGE, 0)
    page = min(max(int(asked) - 1, 0), last_page) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 0
    start = page * LINES_A_PAGE
    shown = lines[start : start + LINES_A_PAGE]
    return shown, Turned(
        first=start + 1 if lines else 0, last=start + len(shown), of=len(lines),
        before=address(path, query, page=str(page)) if page else None,
        after=address(path, query, page=str(page + 2)) if page < last_page else None,
    )  # fmt: skip


def address(path: str, query: Mapping[str, str], **otherwise: str) -> str:
    """The list as it is filtered."""
    said = {name: value for name, value in {**query, **otherwise}.items() if value}
    return f"{path}?{urlencode(said)}" if said else path
