"""Which kinds of node share a column of the drawing: a column each, unless there are more than a page is wide."""

from collections.abc import Sequence
from dataclasses import dataclass

from rules.sentences import listed
from rules.threads import ORDER, Node, NodeKind, Thread

MOST = 7  # columns that can be read side by side at 1280 pixels

# Where there are more kinds than that. In the kinds' order, but for feedback, which is an origin.
TOGETHER = (
    (NodeKind.CLAUSE, NodeKind.COMPLAINT, NodeKind.BREACH, NodeKind.LEGISLATION, NodeKind.FEEDBACK),
    (NodeKind.DETERMINATION, NodeKind.LESSON),
    (NodeKind.GAP,),
    (NodeKind.PROPOSAL, NodeKind.ADVICE),
    (NodeKind.DECISION, NodeKind.CHANGE),
    (NodeKind.VERSION,),
    (NodeKind.SIGNATURE, NodeKind.LOCAL_ACTION),
)

PLURALS = {
    NodeKind.BREACH: "breaches",
    NodeKind.LEGISLATION: "changes in the law",
    NodeKind.FEEDBACK: "feedback",
    NodeKind.ADVICE: "advice",
}


@dataclass(frozen=True)
class Column:
    heading: str
    nodes: tuple[Node, ...]
    mixed: bool  # then each box says its kind


def columns_of(thread: Thread) -> Sequence[Column]:
    """From the left to the right, none of them empty."""
    present = {node.kind for node in thread.nodes}
    groups = tuple((kind,) for kind in NodeKind) if len(present) <= MOST else TOGETHER
    return [_column(thread, [kind for kind in group if kind in present]) for group in groups if present & {*group}]


def _column(thread: Thread, kinds: Sequence[NodeKind]) -> Column:
    nodes = sorted((node for node in thread.nodes if node.kind in kinds), key=lambda node: ORDER[node.kind])
    return Column(_heading(kinds, len(nodes)), tuple(nodes), mixed=len(kinds) > 1)


def _heading(kinds: Sequence[NodeKind], count: int) -> str:
    if len(kinds) > 2:
        return "Where it began"
    words = listed([kind.value if count == 1 else plural(kind) for kind in kinds])
    return words[:1].upper() + words[1:]


def plural(kind: NodeKind) -> str:
    return PLURALS.get(kind, f"{kind.value}s")


def counts(thread: Thread) -> str:
    """“2 complaints, one gap and one version”."""
    found = {kind: sum(node.kind is kind for node in thread.nodes) for kind in NodeKind}
    return listed([
        f"{'one' if count == 1 else count} {kind.value if count == 1 else plural(kind)}"
        for kind, count in found.items()
        if count
    ])  # fmt: skip
