"""What a thread is asked for: `complaint:12`, `clause:7-consent`, `version:5.0`."""

import re
from typing import NamedTuple

from rules.errors import Refused
from rules.texts import shown
from rules.threads import NodeKind

NUMBERED = {
    "complaint": NodeKind.COMPLAINT,
    "breach": NodeKind.BREACH,
    "gap": NodeKind.GAP,
    "proposal": NodeKind.PROPOSAL,
    "feedback": NodeKind.FEEDBACK,
    "legislation": NodeKind.LEGISLATION,
}
NAMED = {"clause": NodeKind.CLAUSE, "version": NodeKind.VERSION}
LARGEST = 2**31 - 1  # the largest number a case can have


class ThreadRef(NamedTuple):
    """`name` is a number without leading zeros, a clause's key or a version's label; `ref` is the whole."""

    kind: NodeKind
    name: str
    ref: str


class NotAThread(Refused):
    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{shown(text)}” names no thread: write complaint:12, breach:7, clause:7-consent, version:5.0, gap:3, "
            "proposal:4, feedback:9 or legislation:2."
        )


def parse_ref(text: str) -> ThreadRef:
    """Raises NotAThread. Whether there is such a thing, the store says."""
    word, _, name = (part.strip() for part in text.partition(":"))
    word = word.casefold()
    if word in NUMBERED:
        number = _number(text, name)
        return ThreadRef(NUMBERED[word], number, f"{word}:{number}")
    if word in NAMED and name and name.isprintable():
        return ThreadRef(NAMED[word], name, f"{word}:{name}")
    raise NotAThread(text)


def _number(text: str, name: str) -> str:
    if not re.fullmatch("[0-9]{1,10}", name) or not 0 < int(name) <= LARGEST:
        raise NotAThread(text)
    return str(int(name))
