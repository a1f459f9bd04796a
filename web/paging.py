"""Long lists in an address: what they are narrowed to, where the piece begins, and the same as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from actions.pieces import From, Piece
from web.declaring import Answer, Asked

PLACES = ("after", "before")
PIECES = {  # as the API's document says it
    "after": "The number of a row: the piece that follows it.",
    "before": "The number of a row: the piece that comes before it.",
}
CSV_ROWS = 20_000  # at most, in one file: it is made in memory, and a spreadsheet is no database
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def start_of(asked: Asked) -> From:
    """What cannot be the number of a row is not said at all."""
    return From(**{name: _number(asked.query.get(name, "")) for name in PLACES})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def links(asked: Asked, piece: Piece[Any], csv_path: str = "") -> dict[str, str]:
    """Addresses of the next piece and the one before, of the first, and of the file; what is not there is empty."""
    narrowed = {name: value for name, value in asked.query.items() if name not in PLACES and value}
    return {
        "next": _address(narrowed, after=piece.after), "previous": _address(narrowed, before=piece.before),
        "first": _address(narrowed, first="") if start_of(asked) != From() else "",
        "csv": f"{csv_path}{_question(narrowed)}" if csv_path else "",
    }  # fmt: skip


def _address(narrowed: Mapping[str, str], **place: Any) -> str:
    [(name, value)] = place.items()
    if value is None:
        return ""
    return _question(dict(narrowed) | ({name: str(value)} if value else {})) or "?"


def _question(said: Mapping[str, str]) -> str:
    return f"?{urlencode(said)}" if said else ""


def as_csv(filename: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    """UTF-8 with a mark by which spreadsheets know it; no cell is a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Answer(
        content=("\ufeff" + written.getvalue()).encode(), media_type="text/csv; charset=utf-8", filename=filename
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
