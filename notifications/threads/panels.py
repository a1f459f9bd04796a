"""Many signatures under one version stand in a panel below the drawing: one above the other they would fill pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from notifications.lettering import lettered
from notifications.threads.boxes import Box, box
from rules.threads import Node, NodeKind, Thread

FEW = 6  # signatures that still stand in a column of their own
NARROWEST = 228  # pixels
APART = 12  # pixels between two boxes
HEADED = 34  # pixels for the heading of a panel


@dataclass(frozen=True)
class Panel:
    cause: str  # the version's ref
    nodes: tuple[Node, ...]
    words: str  # what all the links say, or ""

    @property
    def heading(self) -> str:
        return f"{lettered(self.cause)} {self.words or 'and its signatures'}"


@dataclass(frozen=True)
class Placed:
    box: Box
    x: float
    y: float
    wide: float


def without_panels(thread: Thread) -> tuple[Thread, Sequence[Panel]]:
    """What is drawn with lines, and the panels below it."""
    panels = [panel for panel in _panels(thread) if len(panel.nodes) > FEW]
    away = {node.ref for panel in panels for node in panel.nodes}
    rest = replace(
        thread,
        nodes=tuple(node for node in thread.nodes if node.ref not in away),
        links=tuple(link for link in thread.links if link.effect not in away),
    )
    return rest, panels


def _panels(thread: Thread) -> Sequence[Panel]:
    causes: dict[str, list[tuple[str, str]]] = {}
    for link in thread.links:
        causes.setdefault(link.effect, []).append((link.cause, lettered(link.words)))
    leading_on = {link.cause for link in thread.links}
    groups: dict[str, list[Node]] = {}
    for node in thread.nodes:
        alone = len(causes.get(node.ref, ())) == 1 and node.ref not in leading_on and node.ref != thread.asked
        if node.kind is NodeKind.SIGNATURE and alone:
            groups.setdefault(causes[node.ref][0][0], []).append(node)
    return [Panel(cause, tuple(nodes), _all_say(nodes, causes)) for cause, nodes in groups.items()]


def _all_say(nodes: Sequence[Node], causes: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    words = {causes[node.ref][0][1] for node in nodes}
    return words.pop() if len(words) == 1 else ""


def laid_in_rows(
    panel: Panel, how: Mapping[str, tuple[str, ...]], left: float, top: float, room: float
) -> list[Placed]:
    """In reading order, each row as high as its highest box."""
    across = max(1, int((room + APART) // (NARROWEST + APART)))
    wide = (room + APART) // across - APART
    boxes = [box(node, () if panel.words else how.get(node.ref, ()), wide, say_kind=False) for node in panel.nodes]
    placed: list[Placed] = []
    for start in range(0, len(boxes), across):
        row = boxes[start : start + across]
        high = max(each.height for each in row)
        placed += [
            Placed(replace(each, height=high), left + number * (wide + APART), top, wide)
            for number, each in enumerate(row)
        ]
        top += high + APART
    return placed
