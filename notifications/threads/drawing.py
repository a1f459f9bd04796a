"""A thread as a drawing: columns from cause to effect, boxes below one another, a line for every link.

No script, no outside reference. Nothing is told by colour alone: what is not as it should be has a triangle, a dashed
border and words; what was asked has a thick border and says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from notifications.lettering import cut, drawn, lettered, width, wrapped
from notifications.threads.boxes import BOLD, EDGE, PADDING, SIZE, box
from notifications.threads.columns import Column, columns_of, counts
from notifications.threads.layout import laid_out
from notifications.threads.panels import HEADED, Panel, Placed, laid_in_rows, without_panels
from notifications.threads.ways import Page, edges_of, way
from notifications.threads.wording import NOTHING_UNANSWERED, headline, unanswered
from rules.texts import fingerprint
from rules.threads import Link, NodeKind, Thread

WIDE = 1280  # pixels, at most; at least as much as the headline needs
MARGIN = 20
BOX = (140, 210)  # pixels: the narrowest and the widest box
GUTTER = (36, 64)  # pixels between two columns
TOP = 80  # pixels: the headline and headings of one line
FOOT = 44  # pixels: what the signs mean

# The edges of the boxes, by what a node is in the story (Okabe and Ito's colours, told apart by everybody).
COLOURS = {
    **dict.fromkeys((NodeKind.CLAUSE, NodeKind.VERSION), "#505a5f"),
    **dict.fromkeys((NodeKind.COMPLAINT, NodeKind.BREACH, NodeKind.LEGISLATION, NodeKind.FEEDBACK), "#d55e00"),
    **dict.fromkeys((NodeKind.DETERMINATION, NodeKind.LESSON), "#cc79a7"),
    NodeKind.GAP: "#e69f00",
    **dict.fromkeys((NodeKind.PROPOSAL, NodeKind.ADVICE), "#56b4e9"),
    **dict.fromkeys((NodeKind.DECISION, NodeKind.CHANGE), "#0072b2"),
    **dict.fromkeys((NodeKind.SIGNATURE, NodeKind.LOCAL_ACTION), "#009e73"),
}


class Heading(TypedDict):
    x: float
    lines: Sequence[str]
    how: str


def as_svg(thread: Thread) -> str:
    """One SVG element, at most 1280 pixels wide and as high as it needs."""
    joined, panels = without_panels(thread)
    columns = columns_of(joined)
    how = _how(thread.links)
    shared = [_shared(column, how) for column in columns]
    page = _page(len(columns), headline(thread), full=bool(panels))
    headings = [
        _heading(column, said, left, page.box) for column, said, left in zip(columns, shared, page.lefts, strict=True)
    ]
    page = replace(page, top=TOP + 16 * (max(len(each["lines"]) + bool(each["how"]) for each in headings) - 1))
    boxes = {
        node.ref: box(node, () if said else how.get(node.ref, ()), page.box, say_kind=column.mixed)
        for column, said in zip(columns, shared, strict=True)
        for node in column.nodes
    }
    refs = [[node.ref for node in column.nodes] for column in columns]
    place = {ref: number for number, column in enumerate(refs) for ref in column}
    laid = laid_out(refs, {ref: each.height for ref, each in boxes.items()}, edges_of(joined.links, place))
    below, end = _below(panels, how, page.top + laid.height, page.wide - 2 * MARGIN)
    placed = [Placed(each, page.lefts[place[ref]], page.top + laid.tops[ref], page.box) for ref, each in boxes.items()]
    placed += [each for _, _, row in below for each in row]
    return drawn("thread.svg", {
        "id": fingerprint(f"{thread}"),
        "title": headline(thread),
        "title_shown": cut(headline(thread), page.wide - 2 * MARGIN, 18, bold=True),
        "description": _description(thread),
        "wide": page.wide,
        "high": round(end + FOOT),
        "headings": headings,
        "panels": [
            {"y": round(top, 1), "words": cut(panel.heading, page.wide - 2 * MARGIN, 14, bold=True)}
            for panel, top, _ in below
        ],
        "boxes": [_box(each, asked=each.box.node.ref == thread.asked) for each in placed],
        "ways": [way(link, place, laid, boxes, page) for link in joined.links],
        "noted": bool(thread.noted),
        "margin": MARGIN, "edge": EDGE, "size": SIZE, "bold": BOLD,
    })  # fmt: skip


def _below(
    panels: Sequence[Panel], how: Mapping[str, tuple[str, ...]], top: float, room: float
) -> tuple[list[tuple[Panel, float, list[Placed]]], float]:
    """The panels with the height of each heading, and where the last one ends."""
    below = []
    for panel in panels:
        heading = top + HEADED
        rows = laid_in_rows(panel, how, MARGIN, heading + 12, room)
        below.append((panel, heading, rows))
        top = rows[-1].y + rows[-1].box.height
    return below, top


def _heading(column: Column, said: str, left: float, wide: float) -> Heading:
    lines = wrapped(column.heading, wide, 14, lines=2, bold=True)
    return {"x": left, "lines": lines, "how": cut(said, wide, 11)}


def _page(columns: int, headed: str, *, full: bool) -> Page:
    """Boxes as wide as there is room for, then gutters; few columns make a narrow drawing, not wide boxes."""
    room = WIDE - 2 * MARGIN
    wide = min(BOX[1], (room - GUTTER[0] * (columns - 1)) // columns)
    gutter = min(GUTTER[1], (room - wide * columns) // max(columns - 1, 1))
    lefts = tuple(float(MARGIN + number * (wide + gutter)) for number in range(columns))
    needed = max(lefts[-1] + wide, MARGIN + width(headed, 18, bold=True), 560) + MARGIN
    return Page(WIDE if full else min(WIDE, round(needed)), wide, lefts, gutter, TOP)


def _how(links: Sequence[Link]) -> Mapping[str, tuple[str, ...]]:
    """By effect: the different words of the links into it."""
    words: dict[str, dict[str, None]] = {}
    for link in links:
        if said := lettered(link.words):
            words.setdefault(link.effect, {})[said] = None
    return {ref: tuple(said) for ref, said in words.items()}


def _shared(column: Column, how: Mapping[str, tuple[str, ...]]) -> str:
    """What the heading can say for all boxes below it: seventeen times “signed by” says no more than once."""
    said = {how.get(node.ref, ()) for node in column.nodes}
    (only,) = said if len(said) == 1 else ((),)
    return f"… {' / '.join(only)}" if only and len(column.nodes) > 1 else ""


def _box(placed: Placed, *, asked: bool) -> dict[str, object]:
    each, left, top = placed.box, placed.x, placed.y
    lines = [
        {"role": line.role, "words": line.words, "x": left + line.right, "y": round(top + line.down, 1)}
        for line in each.lines
    ]
    sign = None if each.sign is None else {"x": left + EDGE + PADDING, "y": round(top + each.sign - 10, 1)}
    return {
        "said": each.said, "lines": lines, "x": left, "y": round(top, 1), "wide": placed.wide,
        "high": round(each.height, 1), "colour": COLOURS[each.node.kind], "asked": asked, "sign": sign,
    }  # fmt: skip


def _description(thread: Thread) -> str:
    """For whoever hears the drawing read out; the outline says all of it."""
    ends = "; ".join(unanswered(node) for node in thread.noted)
    return f"{counts(thread)}. " + (f"Not answered: {ends}." if ends else NOTHING_UNANSWERED)
