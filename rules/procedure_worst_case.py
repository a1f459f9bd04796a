"""How late a procedure allows each step to be, in hours from the party's becoming aware, set beside the law's 72.

A limit may count from something that has no limit itself: then there is no number of hours, however short it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cache

from rules.anchors import counted
from rules.breach_duties import NOTICE_HOURS, DutyKind
from rules.periods import Period, Unit
from rules.procedure_steps import in_order
from rules.procedure_words import figure_words
from rules.procedures import Limit, Moment, Procedure, ProcedureStep
from rules.working_days import BeyondPublishedHolidays, Nation, published
from rules.working_hours import OFFICE_HOURS

NO_FIGURE = "no figure"
_NATION = Nation.ENGLAND_AND_WALES
_OFFICE_MINUTES = (OFFICE_HOURS.closes.hour - OFFICE_HOURS.opens.hour) * 60
_BEFORE_AWARE = frozenset({Moment.OCCURRED, Moment.SUSPECTED, Moment.DETECTED})
_NOTIFIED = "the party is notified"


@dataclass(frozen=True, slots=True)
class WorstCase:
    """`over_72`: the step tells the regulator, and its own figures may lead past the 72 hours of the law."""

    step: str
    hours: Fraction | None
    over_72: bool
    note: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """At most so many hours, if what is in `open` took none: that has no figure."""

    hours: Fraction = Fraction(0)
    open: tuple[str, ...] = ()


def worst_case(procedure: Procedure) -> list[WorstCase]:
    """In the procedure's order; every step taken as needed. Raises StepsGoInACircle."""
    bounds: dict[str, _Bound] = {}
    cases: dict[str, WorstCase] = {}
    for id in in_order(procedure.steps):
        step = procedure.steps[id]
        before = _latest(bounds[each] for each in step.after)
        own = _own(step, before, bounds, procedure.steps)
        held_up = not own.open and not before.open and before.hours > own.hours
        bounds[id] = before if held_up else own
        cases[id] = _case(step, bounds[id], held_up)
    return [cases[id] for id in procedure.steps]


def _latest(bounds: Iterable[_Bound]) -> _Bound:
    every = list(bounds)
    opened = dict.fromkeys(each for bound in every for each in bound.open)
    return _Bound(max((bound.hours for bound in every), default=Fraction(0)), tuple(opened))


def _own(
    step: ProcedureStep, before: _Bound, bounds: Mapping[str, _Bound], steps: Mapping[str, ProcedureStep]
) -> _Bound:
    if step.limit is None:
        return _Bound(before.hours, (*before.open, _done(step.id)))
    start = _start(step, step.limit, before, bounds, steps)
    figure = _figure(step.limit)
    if figure is None:
        return _Bound(start.hours, (*start.open, _done(step.id)))
    return _Bound(start.hours + figure, start.open)


def _start(
    step: ProcedureStep, limit: Limit, before: _Bound, bounds: Mapping[str, _Bound], steps: Mapping[str, ProcedureStep]
) -> _Bound:
    match limit.moment:
        case Moment.OCCURRED | Moment.SUSPECTED | Moment.DETECTED | Moment.AWARE:
            return _Bound()
        case Moment.OPENED:
            return before
        case Moment.STEP:
            return bounds[limit.step or ""]
        case Moment.NOTIFIED | Moment.REPORTED:  # by the steps with which it all begins
            first = _first_of(step, steps)
            return _latest(bounds[id] for id in first) if first else _Bound(open=(_NOTIFIED,))


def _first_of(step: ProcedureStep, steps: Mapping[str, ProcedureStep]) -> list[str]:
    """The steps without a predecessor among those that come before this one."""
    found, waiting = dict[str, None](), list(step.after)
    while waiting:
        if (id := waiting.pop()) not in found:
            found[id] = None
            waiting += steps[id].after
    return [id for id in found if not steps[id].after]


def _done(id: str) -> str:
    return f"“{id}” is done"


def _figure(limit: Limit) -> Fraction | None:
    """The most elapsed hours that it can be; None for words without a figure."""
    if limit.working_minutes is not None:
        days, rest = divmod(limit.working_minutes - 1, _OFFICE_MINUTES)
        whole = _longest(Period(days + 1, Unit.WORKING_DAYS)) * 24 * 60  # from closing time to closing time
        return Fraction(whole - _OFFICE_MINUTES + rest + 1, 60)
    if limit.period is None:
        return None
    if limit.period.unit is Unit.MINUTES:
        return Fraction(limit.period.count, 60)
    return Fraction((_longest(limit.period) + 1) * 24)  # the first day is not counted, and may be a whole one


@cache
def _longest(period: Period) -> int:
    """Calendar days from any day for which bank holidays are published to the one the period leads to."""
    known, longest = published().nations[_NATION], 0
    for n in range((known.last - known.first).days):
        day = known.first + timedelta(days=n)
        try:
            longest = max(longest, (counted(period, day, nation=_NATION) - day).days)
        except BeyondPublishedHolidays:
            break
    return longest


def _case(step: ProcedureStep, bound: _Bound, held_up: bool) -> WorstCase:
    past = bound.hours > NOTICE_HOURS or bool(bound.hours and bound.open)
    over = step.duty == DutyKind.REGULATOR and past
    return WorstCase(step.id, None if bound.open else bound.hours, over, _note(step.limit, bound, held_up, over))


def _note(limit: Limit | None, bound: _Bound, held_up: bool, over: bool) -> str:
    if limit is None or limit.urgency is not None:
        words = NO_FIGURE if limit is None else f"{NO_FIGURE}: {limit.urgency}"
        if bound.hours:
            words += f", and the steps before it may take {hours_words(bound.hours)}"
    elif bound.open:
        words = f"{figure_words(limit)} after {' and '.join(bound.open)}, for which there is no figure"
    else:
        words = f"the steps before it may take {hours_words(bound.hours)}" if held_up else _assumed(limit)
    left = NOTICE_HOURS - bound.hours
    if over and bound.open and left > 0:
        words += f": 72 hours hold only if what has no figure takes at most {hours_words(left)}"
    return words


def _assumed(limit: Limit) -> str:
    if limit.working_minutes is not None:
        return f"working hours of {OFFICE_HOURS}, begun at closing time before the longest closure in {_NATION.words}"
    if limit.period is not None and limit.period.unit is Unit.WORKING_DAYS:
        return f"begun on the day before the longest weekend with bank holidays in {_NATION.words}"
    if limit.period is not None and limit.period.unit is not Unit.MINUTES:
        return "begun with the first minute of a day, to the end of the last"
    if limit.moment in _BEFORE_AWARE:
        return "at most: it counts from something earlier"
    return "it does not say which hours: counted as elapsed" if limit.clock == "unspecified" else ""


def hours_words(hours: Fraction) -> str:
    """“72 hours”, “one hour and 30 minutes”."""
    return str(Period(int(hours * 60), Unit.MINUTES)) if hours >= Fraction(1, 60) else "no time"
