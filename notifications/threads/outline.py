"""A thread as an outline that runs from causes to effects, for a terminal or a mail."""

import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from notifications.lettering import lettered, plain_day
from notifications.threads.wording import NOTHING_UNANSWERED, headline, line, unanswered
from notifications.wording import LINE_LENGTH
from rules.threads import Link, Node, NodeKind, Thread

DEEPEST = 24  # characters: however long the thread, there is room for words beside the indentation


def as_text(thread: Thread) -> str:
    """Lines of at most 78 characters, each node once with “see above” where it is met again."""
    lines = [*_lines(headline(thread), "", ""), "", *_outline(thread), ""]
    if thread.noted:
        lines.append("Not answered:")
        for node in thread.noted:
            lines += _lines(unanswered(node), "- ", "  ")
    else:
        lines.append(NOTHING_UNANSWERED)
    return "\n".join(lines) + "\n"


def _outline(thread: Thread) -> Iterator[str]:
    nodes = {node.ref: node for node in thread.nodes}
    effects: Mapping[str, list[Link]] = defaultdict(list)
    for link in thread.links:
        effects[link.cause].append(link)
    said: set[str] = set()
    for start in _starts(thread):
        if start in said or _tells_nothing_more(nodes[start], effects[start], said, thread.asked):
            continue
        waiting = [(start, "", 0)]
        while waiting:
            ref, how, depth = waiting.pop()
            yield from _entry(nodes[ref], how, depth, again=ref in said, asked=ref == thread.asked)
            if ref not in said:
                alone, together = _signed_together(effects[ref], nodes, said)
                for links in together:
                    yield from _together(links, nodes, depth + 1)
                    said.update(link.effect for link in links)
                waiting += [(link.effect, lettered(link.words), depth + 1) for link in reversed(alone)]
            said.add(ref)


def _tells_nothing_more(node: Node, effects: Sequence[Link], said: Collection[str], asked: str) -> bool:
    """A clause of which all has been said under what led to it."""
    return node.kind is NodeKind.CLAUSE and node.ref != asked and all(link.effect in said for link in effects)


def _signed_together(
    links: Sequence[Link], nodes: Mapping[str, Node], said: Collection[str]
) -> tuple[Sequence[Link], Sequence[Sequence[Link]]]:
    """Signatures of one day, with nothing to remark on, are one entry: seventeen would hide the rest."""
    by_day: dict[tuple[str, date | None], list[Link]] = defaultdict(list)
    for link in links:
        node = nodes[link.effect]
        if node.kind is NodeKind.SIGNATURE and node.note is None and node.ref not in said:
            by_day[link.words, node.at].append(link)
    together = [each for each in by_day.values() if len(each) > 1]
    taken = {link.effect for each in together for link in each}
    return [link for link in links if link.effect not in taken], together


def _together(links: Sequence[Link], nodes: Mapping[str, Node], depth: int) -> Iterator[str]:
    signed, indent = [nodes[link.effect] for link in links], " " * min(2 * depth, DEEPEST)
    day = f", {plain_day(signed[0].at)}" if signed[0].at else ""
    words = "; ".join(lettered(node.words) for node in signed)
    yield from _lines(f"{lettered(links[0].words)} {len(signed)}{day}: {words}", indent, f"{indent}    ")


def _starts(thread: Thread) -> Sequence[str]:
    """What was asked, if it has no cause; what has no cause here, clauses last; then everything, for what
    only turns in circles."""
    caused = {link.effect for link in thread.links}
    roots = [node for node in thread.nodes if node.ref not in caused]
    roots.sort(key=lambda node: (node.ref != thread.asked, node.kind is NodeKind.CLAUSE))
    return [*(node.ref for node in roots), *(node.ref for node in thread.nodes)]


def _entry(node: Node, how: str, depth: int, *, again: bool, asked: bool) -> Iterator[str]:
    indent = " " * min(2 * depth, DEEPEST)
    how = f"{how} " if how else ""
    if again:
        yield from _lines(f"{how}{lettered(node.ref)}, see above", indent, f"{indent}    ")
        return
    yield from _lines(f"{how}{line(node)}" + (" <- asked" if asked else ""), indent, f"{indent}    ")
    if node.note:
        yield from _lines(f"! {lettered(node.note)}", f"{indent}    ", f"{indent}      ")


def _lines(words: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(words, LINE_LENGTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
