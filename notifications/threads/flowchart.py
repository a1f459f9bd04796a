"""A thread as a Mermaid flowchart, for wikis that draw it themselves."""

import re

from notifications.lettering import lettered
from notifications.threads.wording import headline, standing
from rules.threads import Node, Thread

LONGEST = 120  # characters of what somebody wrote in one box


def as_mermaid(thread: Thread) -> str:
    """Boxes are numbered: nothing that anybody wrote becomes an id. Their words stand between quotes, and every
    character in them that could mean something to Mermaid or HTML is written as its number (`#34;`).
    """
    ids = {node.ref: f"n{number}" for number, node in enumerate(thread.nodes, 1)}
    lines = ["flowchart LR", f"    accTitle: {_plain(headline(thread))}"]
    lines += [f'    {ids[node.ref]}["{_label(node)}"]' for node in thread.nodes]
    lines += [f"    {ids[link.cause]} -->{_words(link.words)} {ids[link.effect]}" for link in thread.links]
    lines.append("    classDef asked stroke-width:4px")
    lines.append("    classDef unanswered stroke-dasharray:6 4,stroke-width:2px")
    lines.append(f"    class {ids[thread.asked]} asked")
    lines += [f"    class {ids[node.ref]} unanswered" for node in thread.noted]
    return "\n".join(lines) + "\n"


def _label(node: Node) -> str:
    parts = [lettered(node.ref), lettered(node.words), standing(node)]
    if node.note:
        parts.append(f"! {lettered(node.note)}")
    return "<br/>".join(_escaped(part) for part in parts if part)


def _words(words: str) -> str:
    """Mermaid knows no empty label."""
    return f'|"{_escaped(lettered(words))}"|' if lettered(words) else ""


def _escaped(words: str) -> str:
    short = words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"
    return "".join(c if c.isalnum() or c in " ,." else f"#{ord(c)};" for c in short)


def _plain(words: str) -> str:
    """The title for screen readers is read to the end of the line and knows no quotes: letters and points only."""
    return re.sub(r"[^\w ,.:-]", " ", words)
