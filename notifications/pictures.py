"""The pictures of the monthly paper: bars and columns that count, each with its figures in a table beside it.

No script, no outside reference. Every number stands in words; a series is told by its pattern and its place as well as
by its colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifications.lettering import cut, drawn, lettered, width, wrapped
from rules.sentences import written_month
from rules.texts import fingerprint

WIDE = 720  # pixels
MARGIN = 16
TOP = 56  # pixels: the title above the drawing
TITLE, LABEL = 16, 13  # pixels: sizes of type

# Okabe and Ito's colours with their patterns, so that a copy in black and white tells them apart.
SERIES = (
    ("#56b4e9", ""), ("#e69f00", "M0 6L6 0"), ("#009e73", "M0 3H6"), ("#f0e442", "M3 0V6"),
    ("#cc79a7", "M0 0L6 6M0 6L6 0"), ("#d9d9d9", "M3 3h1"),
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    title: str
    svg: str  # empty where there is nothing to draw
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    nothing: str  # the sentence instead


class TooManySeries(ValueError):
    """More than there are patterns to tell them apart: sum some up first."""


def figure(picture: Picture) -> str:
    """HTML: the drawing and its table, or a sentence where there is nothing to count."""
    return drawn("figure.html", {"picture": picture})


def bars(title: str, rows: Sequence[tuple[str, int]], unit: str) -> Picture:
    """A bar a row, in the given order. `unit` is what is counted, in the plural: “complaints”."""
    counted = [(lettered(name), checked_count(count)) for name, count in rows]
    heads = ("", lettered(unit))
    table = [(name, str(count)) for name, count in counted]
    if not counted:
        return picture_of(title, unit, "", heads, ())
    svg = drawn("bars.svg", frame_of(title, unit, table) | _bars(counted))
    return picture_of(title, unit, svg, heads, table)


def columns_by_month(title: str, rows: Sequence[tuple[date, int]], unit: str) -> Picture:
    """A column a month, in the given order; each date stands for its month."""
    return _columns(title, [(month, (count,)) for month, count in rows], (unit,), unit)


def stacked_by_month(
    title: str, rows: Sequence[tuple[date, Mapping[str, int]]], series: Sequence[str], unit: str
) -> Picture:
    """A column a month, made of the series in the given order from below: the determinations. What a month does not
    name is 0. Raises TooManySeries, and KeyError where a month names what is no series.
    """
    if len(series) > len(SERIES):
        raise TooManySeries(f"{len(series)} series; {len(SERIES)} can be told apart")
    for _, counts in rows:
        for name in counts:
            if name not in series:
                raise KeyError(name)
    return _columns(title, [(m, tuple(counts.get(name, 0) for name in series)) for m, counts in rows], series, unit)


def picture_of(title: str, unit: str, svg: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Picture:
    return Picture(lettered(title), svg, tuple(heads), tuple(rows), f"There were no {lettered(unit)} to count.")


def frame_of(title: str, unit: str, table: Sequence[tuple[str, ...]]) -> dict[str, object]:
    said = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in table)
    return {
        "id": fingerprint(f"{title} {unit} {said}"), "title": lettered(title), "unit": lettered(unit),
        "title_shown": cut(f"{lettered(title)}", WIDE - 2 * MARGIN, TITLE, bold=True),
        "description": f"Number of {lettered(unit)}. {said}.", "wide": WIDE, "margin": MARGIN, "label": LABEL,
    }  # fmt: skip


def checked_count(count: int) -> int:
    if count < 0:
        raise ValueError(f"a count of {count}")
    return count


ROW = 34  # pixels from bar to bar
BAR = 22  # pixels
NAMES = 250  # pixels at most for the names


def _bars(rows: Sequence[tuple[str, int]]) -> dict[str, object]:
    names = [wrapped(name, NAMES, LABEL - 1, lines=2) or ("",) for name, _ in rows]
    left = MARGIN + 12 + max(width(part, LABEL - 1) for lines in names for part in lines)
    most = max(count for _, count in rows)
    room = WIDE - MARGIN - left - 8 - width(str(most), LABEL, bold=True)
    drawn_rows = [
        {"names": lines, "y": TOP + number * ROW, "long": round(room * count / max(most, 1), 1), "count": count}
        for number, (lines, (_, count)) in enumerate(zip(names, rows, strict=True))
    ]
    return {"rows": drawn_rows, "left": round(left, 1), "bar": BAR, "high": TOP + ROW * len(rows) + 8}


HIGH = 200  # pixels: the tallest column
BROADEST = 56  # pixels
NARROW = 18  # pixels: a narrower column has no room for numbers, and only the highest says its own


def _columns(title: str, rows: Sequence[tuple[date, Sequence[int]]], series: Sequence[str], unit: str) -> Picture:
    names = [lettered(name) for name in series]
    counted = [(month, [checked_count(count) for count in counts]) for month, counts in rows]
    several = len(series) > 1
    table = [
        (written_month(month), *map(str, counts), *([str(sum(counts))] if several else [])) for month, counts in counted
    ]
    heads = ("Month", *names, *(["All"] if several else []))
    if not counted:
        return picture_of(title, unit, "", heads, ())
    svg = drawn("columns.svg", frame_of(title, unit, table) | _stood(counted, names))
    return picture_of(title, unit, svg, heads, table)


def _stood(rows: Sequence[tuple[date, Sequence[int]]], names: Sequence[str]) -> dict[str, object]:
    key = key_of(names) if len(names) > 1 else []
    top = TOP + 20 + (max(int(str(each["line"])) for each in key) + 1) * 24 if key else TOP + 20
    step = (WIDE - 2 * MARGIN) / len(rows)
    broad = round(min(BROADEST, step * 0.7), 1)
    most = max(max(sum(counts) for _, counts in rows), 1)
    every = max(1, -(-52 // int(max(step, 1))))  # a label needs 52 pixels: with many months only some are named
    highest = max(range(len(rows)), key=lambda number: sum(rows[number][1]))
    columns = [
        {
            "x": round(MARGIN + step * number + (step - broad) / 2, 1),
            "middle": round(MARGIN + step * (number + 0.5), 1),
            "parts": _parts(counts, most, top + HIGH),
            "all": sum(counts) if broad >= NARROW or number == highest else "",
            "top": round(top + HIGH - HIGH * sum(counts) / most, 1),
            "month": written_month(month)[:3] if number % every == 0 else "",
            "year": month.year if number == 0 or (month.month == 1 and number % every == 0) else "",
        }
        for number, (month, counts) in enumerate(rows)
    ]
    return {
        "columns": columns, "broad": broad, "floor": top + HIGH, "high": top + HIGH + 52, "key": key, "top": TOP,
        "series": SERIES[: len(names)], "crowded": broad < NARROW,
    }  # fmt: skip


def _parts(counts: Sequence[int], most: int, floor: float) -> list[dict[str, object]]:
    """From below. A number stands in its part where that is high enough for it."""
    parts: list[dict[str, object]] = []
    below = 0
    for number, count in enumerate(counts):
        high = HIGH * count / most
        y = floor - HIGH * (below + count) / most
        if count:
            parts.append(
                {"series": number, "y": round(y, 1), "high": round(high, 1), "count": count, "roomy": high > 17}
            )
        below += count
    return parts


def key_of(names: Sequence[str]) -> list[dict[str, object]]:
    """What each pattern means, in as many lines as it takes."""
    key: list[dict[str, object]] = []
    x, line = float(MARGIN), 0
    for number, name in enumerate(names):
        shown = cut(name, WIDE / 2, LABEL)
        needed = 24 + width(shown, LABEL) + 20
        if x > MARGIN and x + needed > WIDE - MARGIN:
            x, line = float(MARGIN), line + 1
        key.append({"x": round(x, 1), "line": line, "words": shown, "series": number})
        x += needed
    return key
