"""A thread as an outline that runs from causes to effects, for a terminal or a mail."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from notifications.lettering import lettered
from notifications.threads.wording import NOTHING_UNANSWERED, headline, line, unanswered
from notifications.wording import LINE_LENGTH
from rules.threads import Link, Node, Thread

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
        waiting: list[tuple[str, str, int]] = [] if start in said else [(start, "", 0)]
        while waiting:
            ref, how, depth = waiting.pop()
            yield from _entry(nodes[ref], how, depth, again=ref in said, asked=ref == thread.asked)
            if ref not in said:
                waiting += [(link.effect, lettered(link.words), depth + 1) for link in reversed(effects[ref])]
            said.add(ref)


def _starts(thread: Thread) -> Sequence[str]:
    """What has no cause here; then everything, for what only turns in circles."""
    caused = {link.effect for link in thread.links}
    return [*(node.ref for node in thread.nodes if node.ref not in caused), *(node.ref for node in thread.nodes)]


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
