"""The breaches that a party follows up, each in a line: of what is over, no more is read than the line says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.finishing import still_to_do
from actions.breaches.looking_ahead import look_ahead
from actions.breaches.notifying import differs_from_notice
from actions.breaches.procedures import procedure_of
from actions.breaches.showing_steps import clock_lines_of_party, step_lines
from actions.breaches.shown_party import ClockLine
from actions.breaches.statutory import statutory_duties_of
from actions.breaches.step_limits import aware_at, records_of
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
    return {
        "party": asked.caller.party, "over": [mine for mine in every if mine.follow_up.ended_at is not None],
        "going_on": lines_of(asked.session, asked.now, going_on),
    }  # fmt: skip


def lines_of(session: Session, now: datetime, going_on: Sequence[Mine]) -> list[Line]:
    """Of one party. However many there are, they are looked at together."""
    if not going_on:
        return []
    between = _between(session, going_on)
    look_ahead(session, [mine.breach for mine in going_on], [mine.follow_up for mine in going_on])
    clocks = clock_lines_of_party(session, now, going_on[0].party, [mine.breach.case for mine in going_on])
    glances = [Glance(session, mine, clocks.get(mine.breach.case, [])) for mine in going_on]
    return [
        Line(
            mine=each.mine, is_aware=each.awareness is not None, ends_at=nearest_of_law(each),
            next=next(next_things(between[each.mine.number], each, each.mine.path), None),
        )
        for each in glances
    ]  # fmt: skip


class Glance:
    """A follow-up that goes on, as far as its line shows it: each part is what `follow_up_views` says of it."""

    ended_at = None

    def __init__(self, session: Session, mine: Mine, clocks: Sequence[ClockLine]) -> None:
        self.mine, self.clocks = mine, clocks
        self._of = session, mine.breach, mine.follow_up
        self.capacity = mine.follow_up.capacity
        self.awareness = aware_at(session, mine.follow_up)
        self.duties = statutory_duties_of(session, mine.follow_up)
        records = records_of(session, mine.follow_up)
        procedure = procedure_of(session, mine.follow_up)
        self.steps = list(step_lines(*self._of, procedure, clocks, records, texts={}))

    @property
    def differs(self) -> Sequence[str]:
        return differs_from_notice(*self._of)

    @property
    def to_do(self) -> Sequence[str]:
        return still_to_do(*self._of, self.mine.party)


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
