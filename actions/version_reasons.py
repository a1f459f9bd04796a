"""Why a text reads as it does: the reasons of the decisions that changed it, by clause."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from actions.versions import accepted_in, lineage
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
    first, last = sorted((one, other), key=_number)
    return _reasons(session, last, after=_number(first))


def reasons_in_line(session: Session, version: Version) -> Mapping[str, Sequence[ReasonForChange]]:
    """Of what made this version, and those before it that one signature binds to."""
    return _reasons(session, version, after=(version.major, -1))


def _number(version: Version) -> Number:
    return version.major, version.minor


def _reasons(session: Session, last: Version, *, after: Number) -> dict[str, list[ReasonForChange]]:
    """Of what the text has come from, and not of what came to nothing meanwhile."""
    found: defaultdict[str, list[ReasonForChange]] = defaultdict(list)
    for version in reversed(lineage(session, last)):
        if version.review_id is None or _number(version) <= after:
            continue
        review = session.get_one(Review, version.review_id)
        for proposal, decision in accepted_in(session, review):
            words = session.get_one(Narrative, decision.reason_id).text
            if words:
                key = session.get_one(Clause, proposal.clause_id).key
                found[key].append(ReasonForChange(version=version.label, words=words))
    return found
