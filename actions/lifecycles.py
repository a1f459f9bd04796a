"""That history is a path of its lifecycle: the same question to every kind of case."""

from collections.abc import Generator, Mapping
from enum import StrEnum
from itertools import groupby
from typing import TypeVar

from sqlmodel import Session, col, select

from models.history import History

Stage = TypeVar("Stage", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


def off_the_lifecycle(
    session: Session, kind: str, moves: Mapping[tuple[Stage, Step], Stage], stages: Mapping[str, Stage],
    first: Stage | None = None,
) -> Generator[str, None, dict[str, str | None]]:  # fmt: skip
    """A sentence for every move that no step allows, and for every case whose history ends elsewhere than it stands.

    `stages` by case; `first`: where each has to begin, if that is asked. Answers where the histories end of which
    there is no case.
    """
    allowed = {(before.value, after.value) for (before, _), after in moves.items()}
    beginnings = {first.value} if first is not None else None
    rows = session.exec(
        select(History.case, History.moved_from, History.moved_to)
        .where(col(History.case).startswith(f"{kind}:"), col(History.moved_to).is_not(None))
        .order_by(col(History.case), col(History.seq))
    )
    ends: dict[str, str | None] = {}
    for case, moved in groupby(rows, key=lambda row: row[0]):
        at = None
        for _, before, after in moved:
            is_allowed = (before, after) in allowed if before is not None else beginnings is None or after in beginnings
            if before != at or not is_allowed:
                yield f"{case}: history says it moved from {before} to {after} while it was {at}"
            at = after
        ends[case] = at
    for case, stage in stages.items():
        if (at := ends.pop(case, None)) != stage.value:
            yield f"{case}: is {stage}, its history ends at {at}"
    return ends
