"""A version's text as it is read: clause by clause, with the law each rests on and the version that changed it last."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlmodel import Session, col, select

from actions.law.register import RegisteredAct, register_of
from actions.versions import Text, lineage, text_of
from models.protocol import Clause, Protocol, Version, VersionClause

MARK = re.compile(r"\s*(?:[-*•–]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
BULLET = re.compile(r"\s*[-*•–]\s+")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph of one line or several, or a list; numbers and letters of a list stay as they were written."""

    is_list: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LawOfClause:
    title: str
    status: str
    since: date | None
    changes_from: tuple[date, ...]  # of what is recorded, and nobody has answered for this clause


@dataclass(frozen=True, kw_only=True)
class ClauseShown:
    """`changed_by` and `changed_from`: the newest version that changed it, and the one before that; None: none of those
    whose text is held."""

    key: str
    section: int
    heading: str
    blocks: tuple[Block, ...]
    law: tuple[LawOfClause, ...]
    changed_by: str | None
    changed_from: str | None


def blocks_of(text: str) -> tuple[Block, ...]:
    """Faithful to what was written: nothing is numbered anew, nothing is left out."""
    made: list[tuple[bool, list[str]]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for line in paragraph.split("\n"):
            is_item = MARK.match(line) is not None
            if made and made[-1][1] and made[-1][0] is is_item:
                made[-1][1].append(line)
            else:
                made.append((is_item, [line]))
        made.append((False, []))  # an empty line ends what came before
    return tuple(
        Block(is_list=is_list, lines=tuple(map(_tidy, lines))) for is_list, lines in made if any(map(str.strip, lines))
    )


def _tidy(line: str) -> str:
    return BULLET.sub("", line, count=1).strip()


def versions_held(session: Session, protocol: Protocol) -> list[Version]:
    """Those whose text is here, by number."""
    held = select(VersionClause.version_id).distinct()
    statement = select(Version).where(Version.protocol_id == protocol.id, col(Version.id).in_(held))
    return list(session.exec(statement.order_by(col(Version.major), col(Version.minor))))


def hashes_of(*versions: Version | None) -> dict[str, str]:
    """By label, what the text of each is known by; versions of before Concordat may have no hash."""
    return {each.label: each.sha256 for each in versions if each is not None and each.sha256}


def clauses_shown(session: Session, protocol: Protocol, version: Version) -> list[ClauseShown]:
    sections = dict(session.exec(select(Clause.key, Clause.section).where(Clause.protocol_id == protocol.id)).all())
    changed, acts = _changed(session, version), register_of(session, protocol)
    return [
        ClauseShown(
            key=key, section=sections[key], heading=heading, blocks=blocks_of(text), law=_law_of(key, acts),
            changed_by=changed.get(key, (None, None))[0], changed_from=changed.get(key, (None, None))[1],
        )
        for key, (heading, text) in text_of(session, version).items()
    ]  # fmt: skip


def _changed(session: Session, version: Version) -> dict[str, tuple[str, str]]:
    """By clause: the newest of the versions that this one has come from that changed it, and the text before."""
    come_from = reversed(lineage(session, version))
    texts: Sequence[tuple[str, Text]] = [(each.label, text_of(session, each)) for each in come_from]
    found: dict[str, tuple[str, str]] = {}
    for (label, before), (newer, after) in pairwise(texts):
        found |= {key: (newer, label) for key in after if after[key] != before.get(key)}
    return found


def _law_of(key: str, acts: Sequence[RegisteredAct]) -> tuple[LawOfClause, ...]:
    return tuple(
        LawOfClause(title=act.title, status=act.status, since=act.since, changes_from=_waiting(key, act))
        for act in acts
        if key in act.clauses or _waiting(key, act)
    )


def _waiting(key: str, act: RegisteredAct) -> tuple[date, ...]:
    return tuple(
        change.in_force_from
        for change in act.changes
        if any(mark.clause == key and mark.stands for mark in change.marks)
    )
