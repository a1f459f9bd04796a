"""What is next for the party in a breach: the most urgent thing first, each with the page that does it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from actions.breaches.asking_lessons import FINISH
from actions.breaches.duties import DutyView
from actions.breaches.shown import BreachView
from actions.breaches.shown_party import ClockLine, StepLine
from models.breach import BreachDuty
from models.obligation import ObligationKind
from notifications.wording import capitalised
from rules.breach import Stage
from rules.breach_duties import Capacity, DutyKind
from rules.procedures import Urgency
from web.parties.breach_words import fact_page

FROM_THAT_MOMENT = "The 72 hours run from that moment, whether or not it has been recorded."
FROM_THEN_WITHOUT_DELAY = "From that moment you tell your controller without undue delay."
FROM_THE_LAW = frozenset({DutyKind.REGULATOR, DutyKind.CONTROLLER})


@dataclass(frozen=True, kw_only=True)
class Next:
    """`clock`: what is owed, with its time left; None where nothing runs. `why`: a sentence below it."""

    what: str
    path: str
    why: str = ""
    clock: ClockLine | None = None


@dataclass(frozen=True, kw_only=True)
class Between:
    """What of the whole breach matters to what is next for a party: `asked` are questions it has still to answer."""

    stage: str
    asked: Sequence[int]
    has_learnt: bool


def between_of(view: BreachView, slug: str) -> Between:
    return Between(
        stage=view.breach.stage, has_learnt=any(lesson.party == slug for lesson in view.lessons),
        asked=[each.number for each in view.consultations if each.asked_of == slug and each.answered_at is None],
    )  # fmt: skip


class Followed(Protocol):
    """What of a follow-up says what is next. A list of many looks at the end of it (`differs`, `to_do`) only where
    nothing comes before."""

    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def capacity(self) -> str: ...
    @property
    def awareness(self) -> object | None: ...
    @property
    def clocks(self) -> Sequence[ClockLine]: ...
    @property
    def steps(self) -> Sequence[StepLine]: ...
    @property
    def duties(self) -> Sequence[DutyView | BreachDuty]: ...
    @property
    def differs(self) -> Sequence[str]: ...
    @property
    def to_do(self) -> Sequence[str]: ...


def next_things(between: Between, mine: Followed, path: str) -> Iterator[Next]:
    """In the order in which they should be done."""
    if mine.ended_at is not None:
        yield from _owed(mine, path, (ObligationKind.LOCAL_ACTION,))
        return
    steps = {step.step: step for step in mine.steps}
    owed = list(_owed(mine, path))
    at_once = [each for each in owed if _is_at_once(each, steps)]
    yield from at_once
    yield from _awareness(mine, path)
    yield from (each for each in owed if each not in at_once)
    yield from _asked(between.asked, path)
    yield from _unknown(mine, path)
    yield from _at_the_end(between, mine, path)


def _is_at_once(each: Next, steps: Mapping[str, StepLine]) -> bool:
    step = steps.get((each.clock.step if each.clock else None) or "")
    return step is not None and (step.limit or "").startswith(Urgency.IMMEDIATELY)


def _awareness(mine: Followed, path: str) -> Iterator[Next]:
    if mine.awareness is None:
        yield Next(
            what="Say since when you have been aware", path=f"{path}/aware",
            why=FROM_THAT_MOMENT if mine.capacity == Capacity.CONTROLLER else FROM_THEN_WITHOUT_DELAY,
        )  # fmt: skip


def _owed(mine: Followed, path: str, kinds: Sequence[ObligationKind] = tuple(ObligationKind)) -> Iterator[Next]:
    """The nearest limit first."""
    steps = {step.step: step for step in mine.steps}
    for clock in mine.clocks:
        if clock.kind in kinds:
            step = steps.get(clock.step or "")
            what = step.do if step else clock.what
            limit = step.limit if step else None
            why = f"Your procedure says: {limit}." if limit else ""
            yield Next(what=capitalised(what), path=page_of_clock(clock, mine, path), why=why, clock=clock)


def page_of_clock(clock: ClockLine, mine: Followed, path: str) -> str:
    match ObligationKind(clock.kind):
        case ObligationKind.STEP:
            return f"{path}/steps/{clock.step}"
        case ObligationKind.ASSESSMENT:
            return f"{path}/conclude" if mine.awareness else f"{path}/aware"
        case ObligationKind.NOTICE:
            return f"{path}/notice"
        case ObligationKind.TELLING_PEOPLE:
            return f"{path}/people"
        case ObligationKind.TELLING_PARTNERS:
            return f"{path}/partners"
        case ObligationKind.HOLD:
            return f"{path}/hold/confirm"
        case ObligationKind.LEARNING:
            return f"{path}/finish" if clock.what == FINISH else f"{path}/lesson"
        case ObligationKind.LOCAL_ACTION:
            return f"/party/local-action/{clock.number}"  # as after a complaint
        case _:
            return path


def _asked(numbers: Sequence[int], path: str) -> Iterator[Next]:
    for number in numbers:
        yield Next(what="Answer a partner’s question", path=f"{path}/questions/{number}",
                   why="No clock waits for your answer, but a partner does.")  # fmt: skip


def _unknown(mine: Followed, path: str) -> Iterator[Next]:
    for subject in dict.fromkeys(name for step in mine.steps for name in step.missing):
        where, question = fact_page(path, subject)
        yield Next(what=question, path=where, why="A step of your procedure waits to know it.")


def _at_the_end(between: Between, mine: Followed, path: str) -> Iterator[Next]:
    if mine.differs:
        yield Next(what="Give a supplement to the notice", path=f"{path}/notice",
                   why="What is known now is not what the notice said. A supplement restarts nothing.")  # fmt: skip
    if any(clock.what == FINISH for clock in mine.clocks):
        return
    if not mine.to_do:
        yield Next(what="Finish your follow-up", path=f"{path}/finish", why="Nothing is left to do.")
    elif between.stage == Stage.LEARNING and not between.has_learnt and not _learning_is_owed(mine):
        yield Next(what="Record what was learnt", path=f"{path}/lesson")


def _learning_is_owed(mine: Followed) -> bool:
    return any(clock.kind == ObligationKind.LEARNING for clock in mine.clocks)


def nearest_of_law(mine: Followed) -> datetime | None:
    """The end of the 72 hours that still run."""
    owed = (duty for duty in mine.duties if duty.done_at is None and duty.required is not False)
    return min((duty.due_at for duty in owed if duty.kind in FROM_THE_LAW and duty.due_at), default=None)
