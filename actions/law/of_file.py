"""Matters of the protocol's file about the law: the command that each names, and that it is done once it was carried
out."""

import shlex
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from actions.matters import close_matter, open_matters, reopen_matter
from models.protocol import Legislation, LegislationChange, Matter, MatterKind, Protocol

NO_DAY = "DATE"  # the file knows no more than the month
WHAT = "--what TEXT"


def recording(
    slug: str, listed: str | None, act: str | None, section: str | None, since: str, clauses: Sequence[str] = ()
) -> str:
    """How the change is recorded. `listed`: the Act's key in the register, unless `act` is its title."""
    which = f"--act {shlex.quote(act)}" if act else f"{listed}"
    part = f" --section {shlex.quote(section)}" if section else ""
    touched = "".join(f" --clause {clause}" for clause in clauses)
    return f"concordat legislation change {which}{part} --protocol {slug} --in-force-from {since}{touched} --what TEXT"


def close_what_named_it(session: Session, now: datetime, protocol: Protocol, change: LegislationChange) -> None:
    """The matters whose command this was, whichever clauses were named."""
    row = session.get(Legislation, change.legislation_id) if change.legislation_id else None
    named = [
        recording(protocol.slug, key, act, change.section, since).removesuffix(WHAT).casefold()
        for key, act in ((row.key if row else None, None), (None, change.act))
        if key or act
        for since in (change.in_force_from.isoformat(), NO_DAY)
    ]
    for matter in open_matters(session, protocol, col(Matter.kind) == MatterKind.LEGISLATION):
        if any(command in matter.todo.casefold() for command in named):
            close_matter(session, now, matter, _recorded_as(change))


def reopen_what_named_it(session: Session, protocol: Protocol, change: LegislationChange) -> None:
    """Recorded by mistake, it was not done: what the file says is still to be recorded."""
    closed_by_it = Matter.protocol_id == protocol.id, Matter.outcome == _recorded_as(change)
    for matter in session.exec(select(Matter).where(*closed_by_it, col(Matter.kind) == MatterKind.LEGISLATION)):
        reopen_matter(session, matter)


def _recorded_as(change: LegislationChange) -> str:
    return f"recorded as change {change.id} of the law"
