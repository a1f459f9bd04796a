"""One party's follow-up as text: procedure, awareness, what the law asks, clocks, steps."""

from collections.abc import Iterator

from actions.breaches.duties import DutyView
from actions.breaches.shown_party import ClockLine, FollowUpView, StepLine
from cli.printing import capital, counted, in_words, paragraph
from rules.procedure_steps import StepState
from rules.procedures import Urgency
from rules.regulator_notice import missing_in_words
from rules.sentences import listed

OVER = (StepState.DONE, StepState.SKIPPED, StepState.NOT_NEEDED)


def party_text(view: FollowUpView) -> str:
    lines = [*_head(view), *_law(view)]
    if view.ended_at is None or view.clocks:
        lines += _owed(view)
    return "\n".join([*lines, *_waiting(view), *_over(view)])


def _head(view: FollowUpView) -> Iterator[str]:
    yield f"{view.name} ({view.party})"
    if view.ended_at is not None:
        why = f": {view.end_why}" if view.end_why else ""
        yield paragraph(f"Ended {in_words(view.ended_at)}, {view.end}{why}", "  ", "  ")
    whose = {"own": "its own", "model": "a model for bodies of its kind", "default": "what comes with Concordat"}
    procedure = view.procedure
    by = f"“{procedure.title}”, version {procedure.version} ({whose.get(procedure.standing, procedure.standing)})"
    yield paragraph(f"By {by}; {view.regime}, as {view.capacity}.", "  ", "  ")
    aware = view.awareness
    if aware is None:
        yield "  Aware since: not recorded yet"
    else:
        corrected = f", corrected {counted(aware.corrected, 'time')}" if aware.corrected else ""
        yield paragraph(f"Aware since {in_words(aware.aware_at)} ({aware.who}{corrected}): {aware.why}", "  ", "  ")
    if view.conclusion is None:
        yield "  Conclusion: none yet"
    else:
        yield paragraph(f"Concluded by {view.conclusion.by}: {view.conclusion.risk}. {view.conclusion.why}", "  ", "  ")


def _law(view: FollowUpView) -> Iterator[str]:
    for duty in view.duties:
        yield paragraph(f"{capital(duty.kind.value)} ({duty.law}): {_answer(duty)}", "  ", "    ")
    for notice in view.notices:
        missing = f"; missing then: {', '.join(missing_in_words(notice.missing))}" if notice.missing else ""
        of = f", {notice.regulator_reference}" if notice.regulator_reference else ""
        given = f"Notice {notice.number} to the {notice.to} ({notice.kind}{of}), {in_words(notice.given_at)}"
        yield paragraph(f"{given}{missing}", "  ", "    ")
    if view.differs:
        yield paragraph(f"Since then it differs in: {', '.join(view.differs)}. A supplement is owed.", "  ", "    ")


def _answer(duty: DutyView) -> str:
    because = f", because {duty.because}" if duty.because else ""
    if duty.done_at is not None:
        late = f", LATE: {duty.late_because or 'no reason recorded'}" if duty.late else ""
        return f"done {in_words(duty.done_at)}{late}"
    words = {None: "nobody has decided yet", True: "required", False: "not required"}[duty.required]
    until = f", until {in_words(duty.due_at)}" if duty.due_at and duty.required is not False else ""
    left = f": {duty.left.replace('overdue', 'OVERDUE')}" if duty.left else ""
    return f"{words}{because}{until}{left}"


def _owed(view: FollowUpView) -> Iterator[str]:
    """The nearest limit first; of a step also what the procedure itself says."""
    steps = {step.step: step for step in view.steps}
    yield "  Owed now:" if view.clocks else "  Nothing is owed now."
    for line in view.clocks:
        when = _when(line, steps.get(line.step or ""))
        what = f"step {line.step}: {line.what}" if line.step else f"{line.kind}: {line.what}"
        said = _said(steps[line.step]) if line.step in steps else ""
        yield paragraph(f"{when}: {what}{said}. Asked: {line.role}", "    ", "  ")


def _when(line: ClockLine, step: StepLine | None) -> str:
    """Where there is no figure, the procedure's words and since when it has been asked for."""
    if line.asked_at is None:
        return f"{in_words(line.due_at if line.exact else line.due_on)}, {_left(line)}"
    urgency = next((each for each in Urgency if step and (step.limit or "").startswith(each)), None)
    asked = f"first asked for {in_words(line.asked_at)}" + ("" if line.reachable else ", unreachable")
    return f"{capital(urgency)} ({asked})" if urgency else capital(asked)


def _said(step: StepLine) -> str:
    """What else the procedure says of it."""
    said = [f"the procedure: {step.limit or 'no limit'}"]
    said += [step.note.rstrip(".")] if step.note else []
    said += [f"advised by {listed(step.advised_by)}"] if step.advised_by else []
    said += [f"informs {listed(step.inform)}"] if step.inform else []
    return f" ({'; '.join(said)})"


def _left(line: ClockLine) -> str:
    return line.left.replace("overdue", "OVERDUE") + ("" if line.reachable else ", unreachable")


def _waiting(view: FollowUpView) -> Iterator[str]:
    waiting = [step for step in view.steps if step.state not in OVER and step.clock is None]
    if waiting and view.ended_at is None:
        yield "  Still to come:"
        for step in waiting:
            yield paragraph(f"{step.step}: {_until(step)}", "    ", "  ")


def _until(step: StepLine) -> str:
    if step.duty:
        held_up = f"the duty “{step.duty}” of the law or the protocol"
    elif step.missing:
        held_up = f"waits to know: {', '.join(step.missing)}"
    else:
        held_up = f"waits for {', '.join(step.waits_for)}"
    return f"{held_up}; {step.limit or 'no limit'}; by {step.who}"


def _over(view: FollowUpView) -> Iterator[str]:
    over = [step for step in view.steps if step.state in OVER]
    if over:
        yield "  Over:"
        for step in over:
            yield paragraph(f"{step.step}: {_ended(step)}", "    ", "  ")


def _ended(step: StepLine) -> str:
    if step.duty:
        return f"{step.state}, with the duty “{step.duty}”"
    if step.state == StepState.NOT_NEEDED:
        return f"not needed{f', only if {step.needed_if}' if step.needed_if else ''}"
    when = f" {in_words(step.ended_at)} by {step.ended_by}" if step.ended_at else ""
    said = f": {step.outcome}" if step.outcome else ""
    evidence = f" (shown by {step.evidence})" if step.evidence else ""
    return f"{step.state}{when}{said}{evidence}"
