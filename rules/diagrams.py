"""Lifecycles as pictures, made from the tables themselves: a diagram drawn by hand is soon another lifecycle."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

Stage = TypeVar("Stage", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


def mermaid(moves: Mapping[tuple[Stage, Step], Stage], first: Stage, by_clock: Collection[Step]) -> str:
    """A Mermaid state diagram; the clock's steps are marked, every other one is a person's."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(first)}"]
    for (before, step), after in moves.items():
        who = " (clock)" if step in by_clock else ""
        lines.append(f"    {_node(before)} --> {_node(after)}: {step}{who}")
    leaving = {before for before, _ in moves}
    ends = [stage for stage in dict.fromkeys(moves.values()) if stage not in leaving]
    lines += [f"    {_node(stage)} --> [*]" for stage in ends]
    return "\n".join(lines)


def _node(stage: StrEnum) -> str:
    return stage.value.replace(" ", "_")
