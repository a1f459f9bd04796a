"""Where the boxes of a layered drawing stand, and the way each line takes between them. Pixels, from the top left.

The columns are given; this finds the order within each, the heights at which lines are short, and a free lane through
every column that a line crosses, so that no line runs behind a box.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8  # to and fro; more moved nothing in the threads that were drawn
LANE = 6  # pixels: the height of a lane
BETWEEN = 14  # pixels between two boxes, one above the other

Edge = tuple[str, str]  # from the left to the right


@dataclass(frozen=True)
class Lane:
    """The place in a column through which the lines to one box pass: they go the same way, so they share it."""

    towards: str
    column: int


Item = str | Lane
Neighbours = Mapping[Item, Sequence[Item]]


@dataclass(frozen=True)
class Laid:
    tops: Mapping[Item, float]
    routes: Mapping[Edge, tuple[Item, ...]]  # from box to box, over the lanes between them
    height: float


def laid_out(columns: Sequence[Sequence[str]], heights: Mapping[str, float], edges: Sequence[Edge]) -> Laid:
    """An edge within a column counts only for the order there. The same result for the same arguments."""
    place = {ref: number for number, column in enumerate(columns) for ref in column}
    routes = {edge: _route(edge, place) for edge in edges if place[edge[0]] < place[edge[1]]}
    items: list[list[Item]] = [list(column) for column in columns]
    for lane in dict.fromkeys(item for route in routes.values() for item in route if isinstance(item, Lane)):
        items[lane.column].append(lane)
    before, after = _neighbours(routes.values())
    _put_in_order(items, before, after, {below: top for top, below in edges if place[top] == place[below]})
    tall = {item: LANE if isinstance(item, Lane) else heights[item] for column in items for item in column}
    tops = _tops(items, tall, before)
    return Laid(tops, routes, max(tops[item] + tall[item] for item in tops))


def _route(edge: Edge, place: Mapping[str, int]) -> tuple[Item, ...]:
    left, right = edge
    return (left, *(Lane(right, column) for column in range(place[left] + 1, place[right])), right)


def _neighbours(routes: Iterable[tuple[Item, ...]]) -> tuple[Neighbours, Neighbours]:
    """To the left and to the right; two lines through one lane make it one neighbour."""
    before: dict[Item, dict[Item, None]] = defaultdict(dict)
    after: dict[Item, dict[Item, None]] = defaultdict(dict)
    for route in routes:
        for left, right in pairwise(route):
            before[right][left] = None
            after[left][right] = None
    return {item: list(left) for item, left in before.items()}, {item: list(right) for item, right in after.items()}


def _put_in_order(items: list[list[Item]], before: Neighbours, after: Neighbours, above: Mapping[Item, Item]) -> None:
    """Each item at the mean of its neighbours, to and fro: few lines cross then (Sugiyama's barycentres)."""
    for sweep in range(SWEEPS):
        to_the_right = sweep % 2 == 1
        neighbours = before if to_the_right else after
        for column in items if to_the_right else reversed(items):
            _order_column(column, _ranks(items), neighbours, above)


def _ranks(items: Sequence[Sequence[Item]]) -> dict[Item, float]:
    """From 0 to 1, so that short columns and long ones compare."""
    return {item: (number + 0.5) / len(column) for column in items for number, item in enumerate(column)}


def _order_column(
    column: list[Item], ranks: Mapping[Item, float], neighbours: Neighbours, above: Mapping[Item, Item]
) -> None:
    means = {item: _mean([ranks[other] for other in neighbours.get(item, ())], ranks[item]) for item in column}
    for below, top in above.items():
        if below in means and not neighbours.get(below):
            means[below] = means[top]  # beside what it belongs to; the sort leaves it below
    column.sort(key=means.__getitem__)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _tops(items: Sequence[Sequence[Item]], tall: Mapping[Item, float], before: Neighbours) -> dict[Item, float]:
    tops: dict[Item, float] = {}
    for column in items:
        wanted = []
        follows = 0.0
        for item in column:
            middles = [tops[other] + tall[other] / 2 for other in before.get(item, ())]
            wanted.append(_mean(middles, follows + tall[item] / 2) - tall[item] / 2)
            follows = wanted[-1] + tall[item] + BETWEEN
        tops.update(zip(column, stacked(wanted, [tall[item] for item in column]), strict=True))
    return tops


def stacked(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Tops, as near to the wanted ones as the order allows, none above 0 and none overlapping.

    Less what stands above it, each top may only be as low as the one before or lower: where two contradict, they meet
    at their mean (pool adjacent violators).
    """
    offsets, total = [], 0.0
    for height in heights:
        offsets.append(total)
        total += height + BETWEEN
    pools: list[list[float]] = []
    for top, offset in zip(wanted, offsets, strict=True):
        pools.append([top - offset])
        while len(pools) > 1 and _mean(pools[-2], 0) > _mean(pools[-1], 0):
            last = pools.pop()
            pools[-1] += last
    levels = [max(0.0, _mean(pool, 0)) for pool in pools for _ in pool]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
