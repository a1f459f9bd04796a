"""Matters of the protocol's file about the law: the command that each names, and that it is done once it was carried
out."""

import shlex
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col

from actions.matters import close_matter, open_matters
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
            close_matter(session, now, matter, f"recorded as change {change.id} of the law")
