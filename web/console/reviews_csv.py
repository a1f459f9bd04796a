"""A list as CSV, for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from web.declaring import Answer

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(filename: str, columns: Sequence[str], lines: Iterable[Any]) -> Answer:
    """One line an item; `columns` are its attributes. A text that a spreadsheet would take for a formula is quoted."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(columns)
    writer.writerows([_cell(getattr(line, column)) for column in columns] for line in lines)
    return Answer(content=kept.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", filename=filename)


def _cell(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    words = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{words}" if words.startswith(FORMULA) else words
