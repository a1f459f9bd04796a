"""The breaches that a party follows up, each in a line: of what is over, no more is read than the line says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.showing_party import follow_up_views
from actions.cast import known_id
from models.breach import Consultation, FollowUp, Lesson
from web.declaring import PARTIES, Asked, Page
from web.parties.breach_next import Between, Next, nearest_of_law, next_things
from web.parties.breach_own import Mine, own_breaches


@dataclass(frozen=True, kw_only=True)
class Line:
    """A breach that goes on; `ends_at` is the end of the 72 hours that still run."""

    mine: Mine
    is_aware: bool
    next: Next | None
    ends_at: datetime | None


def _list(asked: Asked) -> Mapping[str, Any]:
    every = own_breaches(asked)
    going_on = [mine for mine in every if mine.follow_up.ended_at is None]
    between = _between(asked.session, going_on)
    return {
        "party": asked.caller.party, "over": [mine for mine in every if mine.follow_up.ended_at is not None],
        "going_on": [_line(asked, mine, between[mine.number]) for mine in going_on],
    }  # fmt: skip


def _line(asked: Asked, mine: Mine, between: Between) -> Line:
    [own] = follow_up_views(asked.session, asked.now, mine.breach, mine.slug)
    things = next_things(between, own, mine.path)
    return Line(
        mine=mine, is_aware=own.awareness is not None, next=things[0] if things else None, ends_at=nearest_of_law(own)
    )


def _between(session: Session, going_on: Sequence[Mine]) -> Mapping[int, Between]:
    """By breach; one question a table, not one a breach."""
    numbers = [known_id(mine.follow_up) for mine in going_on]
    rows = select(Consultation.breach_id, Consultation.id).where(
        col(Consultation.asked_of_id).in_(numbers), col(Consultation.answered_at).is_(None)
    )
    asked: dict[int, list[int]] = defaultdict(list)
    for breach, number in session.exec(rows.order_by(col(Consultation.id))):
        asked[breach].append(number or 0)
    lessons = select(Lesson.breach_id).join(FollowUp, col(FollowUp.id) == Lesson.follow_up_id)
    learnt = set(session.exec(lessons.where(col(FollowUp.id).in_(numbers))))
    return {
        mine.number: Between(
            stage=mine.breach.stage, asked=asked[mine.number], has_learnt=mine.number in learnt
        )
        for mine in going_on
    }  # fmt: skip


PAGES = (
    Page(path="/party/breaches", title="Breaches your party follows up", who=PARTIES, read=_list,
         template="parties/breach_list.html", in_menu="/party"),
)  # fmt: skip
