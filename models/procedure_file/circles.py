"""Steps that wait for each other, and roles that stand in for each other: told where the circle closes."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import NamedTuple

from models.protocol_file.faults import Fault
from models.protocol_file.nodes import EACH, Node
from rules.procedure_limits import step_key

MOST_TOLD = 20


class Link(NamedTuple):
    """`source` cannot go on without `target`, as that line says."""

    source: str
    target: str
    line: int


def step_circles(file: str, tree: Node) -> Iterator[Fault]:
    yield from _circles(file, list(_waits(tree)), "steps that do not wait for each other")


def fallback_circles(file: str, tree: Node) -> Iterator[Fault]:
    links = [
        Link(id, node.value, node.line)
        for role in tree.at("roles", EACH)
        for node in role.at("fallback", EACH)
        if (id := role.text("id")) and isinstance(node.value, str)
    ]
    yield from _circles(file, links, "fallbacks that come to an end")


def _waits(tree: Node) -> Iterator[Link]:
    for step in tree.at("steps", EACH):
        id = step.text("id")
        for target, line in _waited_for(step) if id else ():
            yield Link(str(id), target, line)


def _waited_for(step: Node) -> Iterator[tuple[str, int]]:
    for node in (*step.at("after", EACH), *step.at("repeat", "until")):
        if isinstance(node.value, str):
            yield node.value, node.line
    for node in step.at("from"):
        if isinstance(node.value, str) and node.value.startswith(step_key("")):
            yield node.value.removeprefix(step_key("")).strip(), node.line


def _circles(file: str, links: list[Link], expected: str) -> Iterator[Fault]:
    """Each circle once: without the link that closed it the next one shows."""
    for _ in range(MOST_TOLD):
        circle = _circle(links)
        if circle is None:
            return
        steps = set(pairwise(circle))
        closing = max((link for link in links if link[:2] in steps), key=lambda link: link.line)
        at = circle.index(closing.source)
        turned = [*circle[at:-1], *circle[:at], closing.source]
        yield Fault(file, closing.line, f"a circle ('{' → '.join(turned)}')", expected)
        links = [link for link in links if link[:2] != closing[:2]]


def _circle(links: list[Link]) -> list[str] | None:
    graph: dict[str, list[str]] = {}
    for link in links:
        graph.setdefault(link.source, []).append(link.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return None
