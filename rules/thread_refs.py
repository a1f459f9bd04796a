"""What a thread is asked for: `complaint:12`, `clause:7-consent`, `version:5.0`."""

import re
from typing import NamedTuple

from rules.errors import Refused
from rules.texts import shown
from rules.threads import NodeKind

NUMBERED = (
    NodeKind.COMPLAINT, NodeKind.BREACH, NodeKind.GAP, NodeKind.PROPOSAL, NodeKind.FEEDBACK, NodeKind.LEGISLATION,
)  # fmt: skip
NAMED = (NodeKind.CLAUSE, NodeKind.VERSION)
LARGEST = 2**31 - 1  # the largest number a case can have


class ThreadRef(NamedTuple):
    """`name` is a number without leading zeros, a clause's key or a version's label."""

    kind: NodeKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class NotAThread(Refused):
    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{shown(text)}” names no thread: write complaint:12, breach:7, clause:7-consent, version:5.0, gap:3, "
            "proposal:4, feedback:9 or legislation:2."
        )


def parse_ref(text: str) -> ThreadRef:
    """Raises NotAThread. Whether there is such a thing, the store says."""
    kind, _, name = (part.strip() for part in text.partition(":"))
    for known in (*NUMBERED, *NAMED):
        if known.value == kind.casefold():
            return ThreadRef(known, _number(text, name) if known in NUMBERED else _name(text, name))
    raise NotAThread(text)


def _number(text: str, name: str) -> str:
    if not re.fullmatch("[0-9]{1,10}", name) or not 0 < int(name) <= LARGEST:
        raise NotAThread(text)
    return str(int(name))


def _name(text: str, name: str) -> str:
    if not name or not name.isprintable():
        raise NotAThread(text)
    return name
