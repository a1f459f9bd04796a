"""The lines of the drawing: curves in the gutters between two columns, straight through the lanes of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notifications.lettering import lettered
from notifications.threads.boxes import Box
from notifications.threads.layout import LANE, Edge, Item, Laid, Lane
from rules.threads import Link

TIP = 2  # pixels between the tip of an arrow and its box
BESIDE = 16  # pixels: how far a line within a column goes out into the gutter
APART = 10  # pixels from the middle of a box, so that lines within the column and others do not meet


@dataclass(frozen=True)
class Page:
    """Where the columns stand."""

    wide: float
    box: float
    lefts: tuple[float, ...]
    gutter: float
    top: float


def edges_of(links: Sequence[Link], place: Mapping[str, int]) -> list[Edge]:
    return list(dict.fromkeys(_edge(link, place) for link in links))


def _edge(link: Link, place: Mapping[str, int]) -> Edge:
    """A cause may stand right of its effect, as where a determination opened a breach."""
    backwards = place[link.cause] > place[link.effect]
    return (link.effect, link.cause) if backwards else (link.cause, link.effect)


def way(link: Link, place: Mapping[str, int], laid: Laid, boxes: Mapping[str, Box], page: Page) -> dict[str, object]:
    words = f"{lettered(link.cause)} {lettered(link.words)} {lettered(link.effect)}"
    edge = _edge(link, place)
    if place[link.cause] == place[link.effect]:
        path = _beside(link, place, laid, boxes, page)
    else:
        path = _across(laid.routes[edge], place, laid, boxes, page)
    return {"path": path, "words": words, "backwards": edge != (link.cause, link.effect)}


def _across(route: Sequence[Item], place: Mapping[str, int], laid: Laid, boxes: Mapping[str, Box], page: Page) -> str:
    """Curves in the gutters, straight through the lanes."""
    x, y = page.lefts[place[str(route[0])]] + page.box, _middle(route[0], laid, boxes, page)
    path = [f"M{x:g} {y:g}"]
    for item in route[1:]:
        left = page.lefts[item.column if isinstance(item, Lane) else place[item]]
        end = left if isinstance(item, Lane) else left - TIP
        half, middle = (end - x) / 2, _middle(item, laid, boxes, page)
        path.append(f"C{x + half:g} {y:g} {x + half:g} {middle:g} {end:g} {middle:g}")
        x, y = left + page.box, middle
        if isinstance(item, Lane):
            path.append(f"H{x:g}")
    return "".join(path)


def _beside(link: Link, place: Mapping[str, int], laid: Laid, boxes: Mapping[str, Box], page: Page) -> str:
    """Within a column: out into the gutter on the left, and back."""
    x = page.lefts[place[link.cause]]
    start, end = _middle(link.cause, laid, boxes, page), _middle(link.effect, laid, boxes, page)
    down = APART if end > start else -APART
    out = x - min(BESIDE, page.gutter / 2)
    return f"M{x:g} {start + down:g}C{out:g} {start + down:g} {out:g} {end - down:g} {x - TIP:g} {end - down:g}"


def _middle(item: Item, laid: Laid, boxes: Mapping[str, Box], page: Page) -> float:
    return round(page.top + laid.tops[item] + (LANE if isinstance(item, Lane) else boxes[item].height) / 2, 1)
