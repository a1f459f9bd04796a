"""When each step was done is what history tells of it: asked by `concordat verify`. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.step_times import CORRECTED, instant_told
from actions.cast import known_id
from models.breach import Breach, FollowUp, StepRecord
from models.history import History
from models.protocol import Party

Broken = Iterator[str]

ENDS = ("step done", "step provisional", "step skipped")


class _Step(NamedTuple):
    """Of a party in a breach."""

    breach: int
    party: str
    step: str


class _Kept(NamedTuple):
    of: _Step
    at: datetime


Times = Mapping[_Step, Counter[datetime]]


def steps_were_done_when_history_says(session: Session, _now: datetime) -> Broken:
    """As recorded, and as corrected since. What was done in a breach that was merged came along as it stood there."""
    kept, told = _kept(session), _told(session)
    stands = {number: row.at for number, row in kept.items()}
    for details, of in _corrections(session):
        number = int(details["record"])
        if number not in kept or kept[number].of != of or stands[number] != instant_told(details, "before"):
            yield f"breach:{of.breach}: history corrects a time of {of.party} doing step {of.step} that never stood"
        stands[number] = instant_told(details)
    recorded, came = _counted(kept.values()), _merged(session, kept, stands)
    for of in sorted(recorded.keys() | told.keys()):
        here, there = told[of], recorded[of]
        if here - there or there - here - came[of]:
            yield f"breach:{of.breach}: history tells another time of {of.party} doing step {of.step}"


def _kept(session: Session) -> dict[int, _Kept]:
    rows = session.exec(
        select(StepRecord, FollowUp.breach_id, Party.slug)
        .join(FollowUp, col(FollowUp.id) == StepRecord.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
    )
    return {known_id(row): _Kept(_Step(breach, slug, row.step), row.at) for row, breach, slug in rows}


def _told(session: Session) -> Times:
    return _counted(_Kept(of, instant_told(details)) for details, of in _rows(session, *ENDS))


def _corrections(session: Session) -> Iterator[tuple[Mapping[str, Any], _Step]]:
    return _rows(session, CORRECTED)


def _rows(session: Session, *what: str) -> Iterator[tuple[Mapping[str, Any], _Step]]:
    rows = session.exec(
        select(History.case, History.details)
        .where(col(History.case).startswith("breach:"), col(History.what).in_(what))
        .order_by(col(History.case), col(History.seq))
    )
    for case, details in rows:
        yield details, _Step(int(case.removeprefix("breach:")), str(details["party"]), str(details["step"]))


def _counted(rows: Iterable[_Kept]) -> Times:
    found: dict[_Step, Counter[datetime]] = defaultdict(Counter)
    for row in rows:
        found[row.of][row.at] += 1
    return found


def _merged(session: Session, kept: Mapping[int, _Kept], stands: Mapping[int, datetime]) -> Times:
    """What may have come along into a breach, by what stands in those that were merged into it."""
    merged = select(Breach.id, Breach.merged_into_id).where(col(Breach.merged_into_id).is_not(None))
    into = {number or 0: at or 0 for number, at in session.exec(merged)}
    moved = (
        _Kept(row.of._replace(breach=into[row.of.breach]), stands[number])
        for number, row in kept.items()
        if row.of.breach in into
    )
    return _counted(moved)
