"""How a node is said in a line, the same in every form."""

from notifications.lettering import lettered, plain_day
from rules.threads import Node, Thread

NOTHING_UNANSWERED = "Nothing in this thread is noted as unanswered."


def headline(thread: Thread) -> str:
    return f"Thread of {lettered(thread.asked)}, from causes to effects"


def standing(node: Node) -> str:
    """“accepted, 31 March 2027”, or as much of it as is known."""
    day = plain_day(node.at) if node.at else ""
    return ", ".join(part for part in (lettered(node.state), day) if part)


def line(node: Node) -> str:
    """“complaint:12: The hospital never told the carer (breakdown, 31 March 2027)”."""
    known = standing(node)
    return f"{lettered(node.ref)}: {lettered(node.words)}" + (f" ({known})" if known else "")


def unanswered(node: Node) -> str:
    return f"{lettered(node.ref)}: {lettered(node.note or '')}"
