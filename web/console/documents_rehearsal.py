"""What loading would do: it is done, looked at, and rolled back. What then takes effect is the same, or is refused."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from actions.load_report import LoadReport
from actions.loading_difference import CLAUSES, Change, changes, messages_queued, state_of
from actions.plain_values import plain
from models.store import transaction
from rules.errors import Refused
from web.declaring import Asked

Load = Callable[[Session], LoadReport]


class LookAgain(Refused):
    def __init__(self) -> None:
        super().__init__(
            "What is kept here has changed since you looked, so this would do something else than you were shown. "
            "Nothing has been done: look at the difference below, then press again."
        )


class LookFirst(Refused):
    def __init__(self, mark: str) -> None:
        super().__init__(
            "Nothing has been done yet: look at what it would change first. A program sends the same once more with "
            f"“seen” {mark}."
        )


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`refused`: the rule that says no; then nothing else is told. `mark` is the fingerprint of all that changes."""

    report: LoadReport
    changes: tuple[Change, ...]
    messages: int
    mark: str
    refused: str = ""

    @property
    def clauses(self) -> list[Change]:
        return [each for each in self.changes if each.part == CLAUSES]

    @property
    def others(self) -> dict[str, list[Change]]:
        parts: dict[str, list[Change]] = {}
        for each in self.changes:
            if each.part != CLAUSES:
                parts.setdefault(each.part, []).append(each)
        return parts


class _Seen(Exception):
    """Enough has been seen: everything is rolled back."""


def rehearsed(asked: Asked, slug: str, load: Load) -> Effect:
    """In a transaction of its own that is never kept: the page's own session can only look."""
    bind = asked.session.get_bind()
    found: list[Effect] = []
    engine = bind.engine if isinstance(bind, sa.Connection) else bind
    try:
        with suppress(_Seen), transaction(engine) as session:
            found.append(performed(session, slug, load))
            raise _Seen
    except Refused as refused:
        return Effect(report=LoadReport(), changes=(), messages=0, mark="", refused=str(refused))
    return found[0]


def performed(session: Session, slug: str, load: Load) -> Effect:
    """Done, with what it changed. Raises what `load` raises."""
    before, queued = state_of(session, slug), messages_queued(session)
    report = load(session)
    differing = tuple(changes(before, state_of(session, slug)))
    messages = messages_queued(session) - queued
    said = json.dumps(plain([report, list(differing), messages]), sort_keys=True, default=str)
    return Effect(report=report, changes=differing, messages=messages, mark=hashlib.sha256(said.encode()).hexdigest())


def as_shown(session: Session, slug: str, load: Load, seen: str | None) -> Effect:
    """Done, if it is what somebody has looked at. Raises LookFirst, LookAgain, and what `load` raises."""
    effect = performed(session, slug, load)
    if not seen:
        raise LookFirst(effect.mark)
    if seen != effect.mark:
        raise LookAgain
    return effect
