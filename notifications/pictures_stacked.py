"""Bars made of parts: causes by severity, clauses by determination. Each part is told by pattern, place and number."""

from collections.abc import Mapping, Sequence

from notifications.lettering import drawn, lettered, width, wrapped
from notifications.pictures import (
    BAR,
    LABEL,
    MARGIN,
    NAMES,
    ROW,
    SERIES,
    TOP,
    WIDE,
    Picture,
    TooManySeries,
    checked_count,
    frame_of,
    key_of,
    picture_of,
)

LEAST_FOR_A_NUMBER = 22  # pixels


def stacked_bars(
    title: str, rows: Sequence[tuple[str, Mapping[str, int]]], series: Sequence[str], unit: str, what: str = ""
) -> Picture:
    """A bar a row, in the given order, made of the series from the left. `what` heads the rows' names in the table.

    Raises TooManySeries, and KeyError where a row names what is no series.
    """
    if len(series) > len(SERIES):
        raise TooManySeries(f"{len(series)} series; {len(SERIES)} can be told apart")
    for _, counts in rows:
        for name in counts:
            if name not in series:
                raise KeyError(name)
    names = [lettered(each) for each in series]
    counted = [(lettered(name), [checked_count(counts.get(each, 0)) for each in series]) for name, counts in rows]
    heads = (lettered(what), *names, "All")
    table = [(name, *map(str, counts), str(sum(counts))) for name, counts in counted]
    if not counted:
        return picture_of(title, unit, "", heads, ())
    frame = frame_of(title, unit, table)
    frame["description"] = _described(unit, names, counted)
    return picture_of(title, unit, drawn("stacked_bars.svg", frame | _laid(counted, names)), heads, table)


def _described(unit: str, names: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> str:
    said = (
        f"{name}: {', '.join(f'{part} {count}' for part, count in zip(names, counts, strict=True) if count) or 'none'}"
        for name, counts in rows
    )
    return f"Number of {lettered(unit)}. {'; '.join(said)}."


def _laid(rows: Sequence[tuple[str, Sequence[int]]], names: Sequence[str]) -> dict[str, object]:
    key = key_of(names)
    top = TOP + (max(int(str(each["line"])) for each in key) + 1) * 24
    lines = [wrapped(name, NAMES, LABEL - 1, lines=2) or ("",) for name, _ in rows]
    left = MARGIN + 12 + max(width(part, LABEL - 1) for each in lines for part in each)
    most = max(sum(counts) for _, counts in rows)
    room = WIDE - MARGIN - left - 8 - width(str(most), LABEL, bold=True)
    bars = [
        {"names": words, "y": top + number * ROW, "parts": _parts(counts, left, room / max(most, 1)),
         "end": round(left + room * sum(counts) / max(most, 1), 1), "all": sum(counts)}
        for number, (words, (_, counts)) in enumerate(zip(lines, rows, strict=True))
    ]  # fmt: skip
    return {
        "rows": bars, "left": round(left, 1), "bar": BAR, "top": TOP, "bars_top": top, "key": key,
        "high": top + ROW * len(rows) + 8, "series": SERIES[: len(names)],
    }  # fmt: skip


def _parts(counts: Sequence[int], left: float, each: float) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = []
    x = left
    for number, count in enumerate(counts):
        if count:
            long = round(each * count, 1)
            parts.append(
                {"series": number, "x": round(x, 1), "long": long, "middle": round(x + long / 2, 1), "count": count,
                 "roomy": long >= LEAST_FOR_A_NUMBER + 8 * (len(str(count)) - 1)}
            )  # fmt: skip
            x += long
    return parts
