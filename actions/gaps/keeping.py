"""Gaps: where the protocol itself is wanting. One gap may have many origins; the next review has them on its agenda."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id
from actions.gaps.moving import GapIsClosed, require_waiting
from actions.gaps.naming import among, proposals_answering
from models import history
from models.gap import Gap, GapOrigin
from models.inserting import insert_unless_there
from models.protocol import Clause, Party, Protocol, Version
from rules.errors import Refused
from rules.gap import WAITING, Stage
from rules.texts import plain, shown

__all__ = ["GapIsClosed", "GapView", "add_origin", "gap_view", "gap_views", "joined_gap", "open_gaps", "same_gap"]

LONGEST_WORDS = 500  # characters, as a gap keeps them; a lesson, and what follows from a complaint, keep them whole


class GapSaidTooLong(Refused):
    """Nobody else keeps what a gap leaves out."""

    def __init__(self) -> None:
        super().__init__(
            f"What is wanting is said in at most {LONGEST_WORDS} characters: the case that shows it has room for more."
        )


class GapView(NamedTuple):
    """`origins` are cases: `breach:7`, the oldest first. `owner` is a party; None: the secretary. `proposals` are
    those that answer it now, `resolved_in` is the version that does."""

    id: int
    clause: str | None
    words: str
    urgent: bool
    state: str
    owner: str | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_because: str | None
    origins: tuple[str, ...]
    proposals: tuple[int, ...]
    resolved_in: str | None


def open_gaps(session: Session, protocol: Protocol) -> list[Gap]:
    """Those that wait, as a review takes them: the urgent ones first, then the oldest."""
    statement = select(Gap).where(Gap.protocol_id == protocol.id, col(Gap.stage).in_(WAITING))
    return list(session.exec(statement.order_by(col(Gap.urgent).desc(), col(Gap.id))))


def gap_view(session: Session, gap: Gap) -> GapView:
    [view] = gap_views(session, [gap])
    return view


def gap_views(session: Session, gaps: Sequence[Gap]) -> list[GapView]:
    """A query for all of them for each of what is shown, never one for each gap."""
    keys = select(Clause.id, Clause.key).where(col(Clause.id).in_({gap.clause_id for gap in gaps}))
    slugs = select(Party.id, Party.slug).where(col(Party.id).in_({gap.owner_id for gap in gaps}))
    labels = select(Version.id, Version.label).where(col(Version.id).in_({gap.resolved_in_id for gap in gaps}))
    clauses, owners, versions = (dict(session.exec(each).all()) for each in (keys, slugs, labels))
    numbers = [known_id(gap) for gap in gaps]
    origins: dict[int, list[str]] = defaultdict(list)
    of_these = select(GapOrigin.gap_id, GapOrigin.case).where(among(col(GapOrigin.gap_id), numbers))
    for number, case in session.exec(of_these.order_by(col(GapOrigin.id))):
        origins[number].append(case)
    answering = proposals_answering(session, numbers)
    return [
        GapView(
            known_id(gap), clauses.get(gap.clause_id), gap.words, gap.urgent, gap.stage.value,
            owners.get(gap.owner_id), gap.opened_at, gap.opened_by, gap.closed_at, gap.closed_because,
            tuple(origins[known_id(gap)]), tuple(answering.get(known_id(gap), ())),
            versions.get(gap.resolved_in_id),
        )
        for gap in gaps
    ]  # fmt: skip


def joined_gap(session: Session, protocol: Protocol, gap_id: int) -> Gap:
    """The gap of that number, which still waits; its protocol is held by the caller. Raises NotThere, GapIsClosed."""
    history.hold(session, f"gap:{gap_id}")
    gap = session.exec(
        select(Gap).where(Gap.id == gap_id, Gap.protocol_id == protocol.id).with_for_update()
        .execution_options(populate_existing=True)
    ).first()  # fmt: skip
    if gap is None:
        raise NotThere(f"There is no gap {gap_id} in {protocol.slug}: see `concordat gap list`.")
    require_waiting(session, gap)
    return gap


def same_gap(
    session: Session, now: datetime, protocol: Protocol, clause: str | None, words: str, by: str, origin: str | None
) -> Gap:
    """Opened, unless one that says just this of the clause waits already; of longer words than a gap keeps, none is
    known to say just this. The protocol is held by the caller.

    Raises NotThere for an unknown clause.
    """
    of, whole = _clause(session, protocol, clause), plain(words)
    for gap in open_gaps(session, protocol):
        if (gap.clause_id, gap.words.casefold()) == (of.id if of else None, whole.casefold()):
            return gap
    kept = _shortened(whole)
    gap = Gap(
        protocol_id=known_id(protocol), clause_id=of.id if of else None, words=kept, opened_at=now, opened_by=by
    )  # fmt: skip
    session.add(gap)
    session.flush()
    if origin is not None:
        _keep_origin(session, now, gap, origin, by)
    history.write(
        session, gap.case, now, by, "gap opened", moved=(None, Stage.OPEN.value), clause=clause,
        words_sha256=history.sha256_of(kept), urgent=False, origins=[origin] if origin else [],
    )  # fmt: skip
    return gap


def add_origin(session: Session, now: datetime, gap: Gap, case: str, by: str) -> bool:
    """False where the gap has come from that case before."""
    if not _keep_origin(session, now, gap, case, by):
        return False
    history.write(session, gap.case, now, by, "another origin", origin=case)
    return True


def _keep_origin(session: Session, now: datetime, gap: Gap, case: str, by: str) -> bool:
    return insert_unless_there(session, GapOrigin(gap_id=known_id(gap), case=case, added_at=now, added_by=by))


def _clause(session: Session, protocol: Protocol, key: str | None) -> Clause | None:
    if key is None:
        return None
    clauses = session.exec(select(Clause).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))).all()
    for clause in clauses:
        if clause.key == key:
            return clause
    known = ", ".join(clause.key for clause in clauses)
    raise NotThere(f"There is no clause “{shown(key)}” in {protocol.slug}: its clauses are {known}.")


def _shortened(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"
