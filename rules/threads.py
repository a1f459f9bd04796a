"""A thread: what led to what, from the clause that failed to the signature under its new wording, as plain values."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rules.errors import Refused
from rules.texts import shown


class NodeKind(StrEnum):
    """In the order in which a thread runs, from cause to effect."""

    CLAUSE = "clause"
    COMPLAINT = "complaint"
    BREACH = "breach"
    LEGISLATION = "change in the law"
    DETERMINATION = "determination"
    LESSON = "lesson"
    FEEDBACK = "feedback"
    GAP = "gap"
    PROPOSAL = "proposal"
    ADVICE = "advice"
    DECISION = "decision"
    CHANGE = "change"
    VERSION = "version"
    SIGNATURE = "signature"
    LOCAL_ACTION = "local action"


ORDER = {kind: place for place, kind in enumerate(NodeKind)}

# Nearly everything leads into these two. Whoever walked on through them would get the whole protocol every time.
HUBS = frozenset({NodeKind.CLAUSE, NodeKind.VERSION})
# What a version itself brings about; everything else beyond it belongs to other threads.
ENDS = frozenset({NodeKind.SIGNATURE, NodeKind.LOCAL_ACTION})


@dataclass(frozen=True)
class Node:
    ref: str  # "complaint:12", "clause:7-consent", "version:5.0"
    kind: NodeKind
    words: str  # one line
    at: date | None = None
    state: str = ""  # "breakdown", "open", "accepted", "signed"
    note: str | None = None  # only where something is not as it should be: "not answered by version 5.0"


@dataclass(frozen=True)
class Link:
    """Reads as a sentence: cause, words, effect. “gap:3, answered by, proposal:8”."""

    cause: str
    effect: str
    words: str


@dataclass(frozen=True)
class Thread:
    asked: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]

    @property
    def noted(self) -> tuple[Node, ...]:
        """What is not as it should be, in the thread's order."""
        return tuple(node for node in self.nodes if node.note)


class NothingKnown(Refused):
    """No such case, clause or version, or none that has been written down yet."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"Nothing is known of “{shown(ref)}”: name a thread as in complaint:12, breach:7, clause:7-consent "
            "or version:5.0."
        )


def connected(nodes: Iterable[Node], links: Iterable[Link], asked: str) -> Thread:
    """Of everything known, what belongs to `asked`. The same for every order of `nodes` and `links`.

    1. *What came of it*: its effects, their effects, and so on.
    2. *Why*: its causes and those of everything found under 1, and their causes, and so on. So a complaint's thread
       holds the other origins of its gap: without them nobody understands the wording that was chosen.
    3. Never a cause's other effects: another origin of the gap may have led elsewhere, and that is its own thread.
    4. A clause or a version is walked into, not through, unless it is what was asked: one version answers many gaps,
       and one clause meets many complaints. Beyond a version stand only its signatures and the actions it asked for.

    Both ways agree: if a complaint's thread shows the version it led to, that version's thread shows the complaint.
    Only a signature says less than its version: it is of the whole text, so ask for the version.

    Raises NothingKnown, and ValueError where a link names what is not among the nodes.
    """
    known = {node.ref: node for node in nodes}
    if asked not in known:
        raise NothingKnown(asked)
    joined = [link for link in set(links) if link.cause != link.effect]
    causes, effects = _sides(known, joined)
    came_of_it = _walked([asked], lambda ref: _onwards(ref, asked, known, effects))
    belonging = _walked(came_of_it, lambda ref: [] if _is_other_hub(known[ref], asked) else causes[ref])
    return Thread(
        asked,
        tuple(sorted((known[ref] for ref in belonging), key=_in_order)),
        tuple(
            sorted(
                (link for link in joined if link.cause in belonging and link.effect in belonging),
                key=lambda link: (_in_order(known[link.cause]), _in_order(known[link.effect]), link.words),
            )
        ),
    )


def _sides(known: Collection[str], links: Iterable[Link]) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    causes: dict[str, list[str]] = defaultdict(list)
    effects: dict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.cause not in known or link.effect not in known:
            raise ValueError(f"a link from {link.cause} to {link.effect}: one of them is not among the nodes")
        causes[link.effect].append(link.cause)
        effects[link.cause].append(link.effect)
    return causes, effects


def _onwards(ref: str, asked: str, known: Mapping[str, Node], effects: Mapping[str, list[str]]) -> list[str]:
    node = known[ref]
    if not _is_other_hub(node, asked):
        return effects[ref]
    if node.kind is NodeKind.VERSION:
        return [effect for effect in effects[ref] if known[effect].kind in ENDS]
    return []


def _is_other_hub(node: Node, asked: str) -> bool:
    return node.kind in HUBS and node.ref != asked


def _walked(start: Iterable[str], onwards: Callable[[str], list[str]]) -> set[str]:
    found = set(start)
    waiting = list(found)
    while waiting:
        new = set(onwards(waiting.pop())) - found
        found |= new
        waiting.extend(new)
    return found


def _in_order(node: Node) -> tuple[int, date, tuple[tuple[int, str], ...], str]:
    """By kind, then by date, the undated last, then by number: gap:2 before gap:10."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+", node.ref)
    numbered = tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts)
    return ORDER[node.kind], node.at or date.max, numbered, node.ref
