"""The clocks of all parties of a breach side by side: until when, how counted, what is done, what is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from actions.breaches.duties import DutyView
from actions.breaches.shown import BreachView, HoldLine
from actions.breaches.shown_party import ClockLine, FollowUpView
from rules.breach_duties import NOTICE_HOURS, DutyKind, notice_due
from rules.procedure_steps import StepState
from rules.sentences import written_instant
from web.console.breach_next import NextStep, next_steps

OVER = frozenset({StepState.DONE.value, StepState.SKIPPED.value})
TELLS = (DutyKind.REGULATOR, DutyKind.CONTROLLER)


@dataclass(frozen=True, kw_only=True)
class PartyClock:
    """One party's row. `notice`: what the law says of its notice, in words; `how`: how its instant was counted.
    `soonest`: what it owes first of all, whatever that is."""

    party: str
    name: str
    regime: str
    capacity: str
    ended: str | None
    aware_at: datetime | None
    due_at: datetime | None
    left: str
    late: bool
    notice: str
    how: str
    risk: str | None
    steps_done: int
    steps_all: int
    soonest: ClockLine | None
    held_since: tuple[datetime, ...]
    next: tuple[NextStep, ...]


def party_clocks(view: BreachView) -> list[PartyClock]:
    steps = next_steps(view)
    return [_clock(view, each, [step for step in steps if step.party == each.party]) for each in view.follow_ups]


def _clock(view: BreachView, of: FollowUpView, steps: Sequence[NextStep]) -> PartyClock:
    duty = notice_duty(of)
    needed = [step for step in of.steps if step.state != StepState.NOT_NEEDED.value]
    aware = of.awareness.aware_at if of.awareness else None
    return PartyClock(
        party=of.party, name=of.name, regime=of.regime, capacity=of.capacity, ended=of.end, aware_at=aware,
        due_at=duty.due_at if duty else None, left=duty.left if duty else "", late=bool(duty and duty.late),
        notice=in_words(duty), how=how_counted(aware, duty, ZoneInfo(view.zone)),
        risk=of.conclusion.risk if of.conclusion else None, steps_done=sum(step.state in OVER for step in needed),
        steps_all=len(needed), soonest=of.clocks[0] if of.clocks else None,
        held_since=_held(view.holds, of.party),
        next=tuple(steps),
    )  # fmt: skip


def notice_duty(of: FollowUpView) -> DutyView | None:
    """The notice of the capacity that the party acts in."""
    kind = DutyKind.CONTROLLER if of.capacity == "processor" else DutyKind.REGULATOR
    return next((each for each in of.duties if each.kind is kind), None)


def in_words(duty: DutyView | None) -> str:
    if duty is None:
        return "Nothing to tell"
    if duty.done_at is not None:
        return "Given late" if duty.late else "Given"
    return {None: "Not decided yet", True: "Required", False: "Not required"}[duty.required]


def how_counted(aware: datetime | None, duty: DutyView | None, zone: ZoneInfo) -> str:
    """Elapsed hours: across a change of the clocks the hour on the wall is another."""
    if aware is None or duty is None or duty.due_at is None or duty.kind is not DutyKind.REGULATOR:
        return ""
    if notice_due(aware, zone).instant != duty.due_at:
        return "Counted from an earlier awareness."
    before, after = (moment.astimezone(zone).utcoffset() for moment in (aware, duty.due_at))
    change = "" if before == after else ", across the change of the clocks"
    return f"{NOTICE_HOURS} hours that pass from {written_instant(aware, zone)}{change} ({duty.law})."


def _held(holds: Sequence[HoldLine], slug: str) -> tuple[datetime, ...]:
    return tuple(each.placed_at for each in holds if each.party == slug and each.released_at is None)
