"""A thread as plain data, for programs: the words as they were written, the days as ISO dates."""

from typing import Any

from rules.threads import Link, Node, Thread


def as_json(thread: Thread) -> dict[str, Any]:
    """Only what `json.dumps` knows."""
    return {
        "asked": thread.asked,
        "nodes": [_node(node) for node in thread.nodes],
        "links": [_link(link) for link in thread.links],
        "not_answered": [{"ref": node.ref, "note": node.note} for node in thread.noted],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "ref": node.ref,
        "kind": node.kind.value,
        "words": node.words,
        "at": node.at.isoformat() if node.at else None,
        "state": node.state,
        "note": node.note,
    }


def _link(link: Link) -> dict[str, str]:
    return {"cause": link.cause, "effect": link.effect, "words": link.words}
