"""What one party may read of a breach: what all share, and its own part. No other's notes, and not who reported it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from actions.breaches.moving import follow_up_at
from actions.breaches.showing import breach_view, similar_lines
from actions.breaches.shown import BreachLine, BreachView, HoldLine
from models.breach import Breach

ITS_OWN = "the reasons are that party's own"


def view_of_party(session: Session, now: datetime, breach: Breach, slug: str) -> BreachView:
    """Raises NotThere, NoFollowUp."""
    follow_up_at(session, breach, slug)
    view = breach_view(session, now, breach)
    return replace(
        view, breach=_line(view.breach, slug), reporters=(), next=(),
        follow_ups=tuple(each for each in view.follow_ups if each.party == slug), holds=tuple(_holds(view.holds, slug)),
        consultations=tuple(each for each in view.consultations if slug in (each.asked_by, each.asked_of)),
        lessons=tuple(each for each in view.lessons if each.party == slug),
        similar=tuple(similar_lines(session, breach, slug)),
    )  # fmt: skip


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
