"""What to do next with a breach, as commands: the law's instants first, then the procedures, then what was learnt."""

from collections.abc import Iterator, Sequence

from actions.breaches.duties import DutyView
from actions.breaches.shown import BreachLine, ConsultationLine, HoldLine, LessonLine
from actions.breaches.shown_party import FollowUpView, StepLine
from models.obligation import ObligationKind
from rules.breach import Stage
from rules.breach_duties import DutyKind

STEPS_NAMED = 5  # of one party; its list shows the others


def next_commands(
    line: BreachLine, follow_ups: Sequence[FollowUpView], holds: Sequence[HoldLine],
    consultations: Sequence[ConsultationLine], lessons: Sequence[LessonLine],
) -> Iterator[str]:  # fmt: skip
    number = line.number
    for action in (clock for each in follow_ups for clock in each.clocks if clock.kind == ObligationKind.LOCAL_ACTION):
        yield f"concordat breach action {action.number} --outcome TEXT"
    if line.stage == Stage.CLOSED:
        return
    if line.stage == Stage.REPORTED:
        yield "concordat sweep"
        return
    if not follow_ups:
        yield f"concordat breach affect {number} PARTY --because TEXT"
        yield f"concordat breach end {number} not-a-breach --because TEXT"
        return
    going_on = [each for each in follow_ups if each.ended_at is None]
    held = [each.party for each in holds if each.released_at is None]
    for each in going_on:
        yield from _of_party(number, each, held)
    for question in consultations:
        if question.answered_at is None:
            yield f"concordat breach answer {question.number} --answer TEXT"
    for each in going_on:
        yield from _at_the_end(line, each, {lesson.party for lesson in lessons})
    if not going_on:
        yield f"concordat breach close {number}"


def _of_party(number: int, view: FollowUpView, held: Sequence[str]) -> Iterator[str]:
    at = f"{number} {view.party}"
    if view.awareness is None:
        yield f"concordat breach aware {at} --at WHEN --who ROLE --because TEXT"
    if view.conclusion is None:
        yield f"concordat breach conclude {at} RISK --because TEXT"
    for duty in view.duties:
        if duty.required is True and duty.done_at is None:
            yield from _duty(at, duty, held, number)
    open_ones = [step for step in view.steps if step.clock is not None and step.duty is None]
    for step in open_ones[:STEPS_NAMED]:
        yield _step(at, step)
    for fact in dict.fromkeys(name for step in view.steps for name in step.missing):
        yield from _fact(number, fact)


def _duty(at: str, duty: DutyView, held: Sequence[str], number: int) -> Iterator[str]:
    late = " --late-because TEXT" if duty.late else ""
    match duty.kind:
        case DutyKind.REGULATOR | DutyKind.CONTROLLER:
            yield f"concordat breach notice {at}"
            yield f"concordat breach notify {at} --at WHEN{late}"
        case DutyKind.PEOPLE if held:
            for slug in dict.fromkeys(held):
                yield f"concordat breach hold {number} {slug} --release --because TEXT"
        case DutyKind.PEOPLE:
            yield f"concordat breach people {at} --told-at WHEN --how TEXT"
        case DutyKind.PARTNERS:
            yield f"concordat breach partners {at} --told-at WHEN{late}"


def _step(at: str, step: StepLine) -> str:
    return f"concordat breach step {at} {step.step} --outcome TEXT{' --evidence TEXT' if step.asks_evidence else ''}"


def _fact(number: int, subject: str) -> Iterator[str]:
    """What a step waits to know; the risk and the score have their own commands."""
    match subject:
        case "risk":
            return
        case "severity":
            yield f"concordat breach assess {number} --dpc KIND=LEVEL --ei VALUE --cb NAME=VALUE"
        case _:
            yield f'concordat breach fact {number} "{subject}=VALUE"'


def _at_the_end(line: BreachLine, view: FollowUpView, learnt: set[str | None]) -> Iterator[str]:
    if line.stage == Stage.LEARNING and view.party not in learnt:
        yield f"concordat breach lesson {line.number} {view.party} --cause TEXT --words TEXT --effect EFFECT"
    elif not view.to_do:
        yield f"concordat breach finish {line.number} {view.party}"
