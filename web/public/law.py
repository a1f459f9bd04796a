"""The law the protocol rests on, where each Act stands today, and the clauses that rest on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from actions.clauses import clause_headings
from actions.law.register import NOT_LISTED, RegisteredAct, register_of
from actions.stock import IN_FORCE
from web.declaring import ANYBODY, Asked, Page
from web.public.protocol_meant import about_protocol


@dataclass(frozen=True, kw_only=True)
class Change:
    section: str | None
    in_force_from: date


@dataclass(frozen=True, kw_only=True)
class ActShown:
    """`link` is an address to read more; `source` what is said where there is none. `changes` are those recorded,
    without what anybody has written of them."""

    title: str
    status: str
    is_in_force: bool
    is_cited: bool
    since: date | None
    successor: str | None
    link: str | None
    source: str | None
    clauses: tuple[tuple[str, str], ...]  # key and heading
    changes: tuple[Change, ...]


@about_protocol
def _read(asked: Asked) -> Mapping[str, Any]:
    headings = dict(clause_headings(asked.session, asked.protocol))
    acts = [_shown(act, headings) for act in register_of(asked.session, asked.protocol)]
    return {"acts": acts, "changed": sum(not act.is_in_force and act.is_cited for act in acts)}


def _shown(act: RegisteredAct, headings: Mapping[str, str]) -> ActShown:
    is_link = (act.source or "").startswith(("https://", "http://"))
    changes = (Change(section=each.section, in_force_from=each.in_force_from)
               for each in act.changes if each.withdrawn is None)  # fmt: skip
    return ActShown(
        title=act.title, status=act.status, is_in_force=act.status == IN_FORCE, is_cited=act.status != NOT_LISTED,
        since=act.since, successor=act.successor, link=act.source if is_link else None,
        source=None if is_link else act.source,
        clauses=tuple((key, headings.get(key, key)) for key in act.clauses), changes=tuple(changes),
    )  # fmt: skip


PAGES = (
    Page(path="/law", title="The law the protocol rests on", who=ANYBODY, read=_read, template="public/law.html",
         in_menu="/law"),
)  # fmt: skip
