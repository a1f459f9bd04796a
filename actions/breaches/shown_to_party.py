"""What one party may read of a breach: what all share, and its own part. No other's notes, and not who reported it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from actions.breaches.moving import follow_up_at
from actions.breaches.showing import breach_view, similar_lines
from actions.breaches.shown import BreachLine, BreachView, HoldLine, SimilarElsewhere, SimilarLine
from models.breach import Breach, FollowUp

ITS_OWN = "the reasons are that party's own"


def view_of_party(session: Session, now: datetime, breach: Breach, slug: str) -> BreachView:
    """Raises NotThere, NoFollowUp."""
    follow_up, _ = follow_up_at(session, breach, slug)
    followed = _followed_by(session, follow_up.party_id)
    similar = list(similar_lines(session, breach, slug))
    view = breach_view(session, now, breach)
    return replace(
        view, breach=_line(view.breach, slug), reporters=(), next=(),
        follow_ups=tuple(each for each in view.follow_ups if each.party == slug), holds=tuple(_holds(view.holds, slug)),
        consultations=tuple(each for each in view.consultations if slug in (each.asked_by, each.asked_of)),
        lessons=tuple(each for each in view.lessons if each.party == slug),
        similar=tuple(_its_own(similar, followed, slug)), similar_elsewhere=tuple(_elsewhere(similar, followed)),
    )  # fmt: skip


def _followed_by(session: Session, party_id: int) -> set[int]:
    """The breaches that the party follows up, or did."""
    return set(session.exec(select(FollowUp.breach_id).where(FollowUp.party_id == party_id)))


def _its_own(similar: Sequence[SimilarLine], followed: set[int], slug: str) -> Iterator[SimilarLine]:
    """Of those that it has a part in, each once under each clause, as its own."""
    seen = set[tuple[int, str | None]]()
    for each in sorted(similar, key=lambda like: like.party != slug):
        if each.breach in followed and (each.breach, each.clause) not in seen:
            seen.add((each.breach, each.clause))
            yield replace(each, party=slug)


def _elsewhere(similar: Sequence[SimilarLine], followed: set[int]) -> Iterator[SimilarElsewhere]:
    """Of the others nothing but how many there are: whose they are is not for another party to read."""
    others = {(each.clause, each.breach) for each in similar if each.breach not in followed}
    counted = Counter(clause for clause, _ in others)
    for clause in sorted(counted, key=lambda named: (named is None, named)):
        yield SimilarElsewhere(clause=clause, breaches=counted[clause])


def _line(line: BreachLine, slug: str) -> BreachLine:
    its_own = line.next_statutory is not None and line.next_statutory.party == slug
    return replace(
        line, not_aware=tuple(each for each in line.not_aware if each == slug),
        next_statutory=line.next_statutory if its_own else None,
    )  # fmt: skip


def _holds(holds: Iterable[HoldLine], slug: str) -> Iterable[HoldLine]:
    """That letters wait, every party has to know; why, only the one that holds them."""
    for hold in holds:
        own = hold.party == slug
        yield hold if own else replace(hold, why=ITS_OWN, release_why=hold.release_why and ITS_OWN)
