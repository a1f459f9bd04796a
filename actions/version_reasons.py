"""Why a text reads as it does: the reasons of the decisions that changed it, by clause."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from actions.versions import accepted_in
from models.history import Narrative
from models.protocol import Clause, Version
from models.review import Review

Number = tuple[int, int]  # major and minor


@dataclass(frozen=True, kw_only=True)
class ReasonForChange:
    """`words` as they were recorded with the decision; `version` is the one that it made."""

    version: str
    words: str


def reasons_between(session: Session, one: Version, other: Version) -> Mapping[str, Sequence[ReasonForChange]]:
    """Of what was accepted after the earlier of the two, up to the later. What retention has emptied is left out."""
    first, last = sorted((_number(one), _number(other)))
    return _reasons(session, one.protocol_id, first, last)


def reasons_in_line(session: Session, version: Version) -> Mapping[str, Sequence[ReasonForChange]]:
    """Of what made this version, and those before it that one signature binds to."""
    return _reasons(session, version.protocol_id, (version.major, -1), _number(version))


def _number(version: Version) -> Number:
    return version.major, version.minor


def _reasons(session: Session, protocol_id: int, after: Number, until: Number) -> dict[str, list[ReasonForChange]]:
    statement = (
        select(Version, Review)
        .join(Review, col(Review.id) == Version.review_id)
        .where(Version.protocol_id == protocol_id)
        .order_by(col(Version.major), col(Version.minor))
    )
    found: defaultdict[str, list[ReasonForChange]] = defaultdict(list)
    for version, review in session.exec(statement):
        if not after < _number(version) <= until:
            continue
        for proposal, decision in accepted_in(session, review):
            words = session.get_one(Narrative, decision.reason_id).text
            if words:
                key = session.get_one(Clause, proposal.clause_id).key
                found[key].append(ReasonForChange(version=version.label, words=words))
    return found
