"""A version of the protocol: its number, its hash, and what differs from the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class VersionNumber:
    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    def next(self, *, major: bool) -> "VersionNumber":
        return VersionNumber(self.major + 1, 0) if major else VersionNumber(self.major, self.minor + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """One clause that differs; empty `before` is a new clause, empty `after` a removed one."""

    clause: str
    before: str
    after: str


def text_hash(label: str, clauses: Mapping[str, tuple[str, str]]) -> str:
    """SHA-256 of the version's label and every clause's key, heading and words, in the order of the keys."""
    said = [label, sorted((key, heading, text) for key, (heading, text) in clauses.items())]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def changes(before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]) -> tuple[Change, ...]:
    """Clause by clause, in the order of the earlier text; new clauses come last."""
    keys = [*before, *(key for key in after if key not in before)]
    texts = [(key, before.get(key, ("", ""))[1], after.get(key, ("", ""))[1]) for key in keys]
    return tuple(Change(*text) for text in texts if text[1] != text[2])
