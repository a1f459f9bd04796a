"""A step of the party's own procedure: done with what shows it, answered for now, or skipped with why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.beginning import BeforeItBegan
from actions.breaches.correcting_steps import NotDone, correct_step
from actions.breaches.procedures import procedure_of
from actions.breaches.shown_party import StepLine
from actions.breaches.stepping import DoneAhead, EvidenceNeeded, finish_step, skip_step
from actions.cast import NotThere
from notifications.wording import capitalised
from rules.procedures import ProcedureStep
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, instant, line, words
from web.parties.breach_counting import how_counted
from web.parties.breach_own import AtField, Mine, about, at_fields, own_follow_up, recorded, view_of, worded
from web.wording import clock

DONE, FOR_NOW, SKIPPED = "done", "provisional", "skipped"
ANSWERS = (
    (DONE, "It is done"),
    (FOR_NOW, "It is done for now: a final answer follows"),
    (SKIPPED, "It is skipped"),
)
FOLLOWS = "What counts from it is counted anew. What was sent stays sent."
OVER = ("done", "skipped", "not needed")


class Answered(BaseModel):
    answer: str = choice("How does this step stand?", ANSWERS)
    outcome: str = words(
        "What did it bring, or why is it skipped?", missing="Say what the step brought, or why it is skipped",
        hint="Name nobody: neither the people concerned nor whoever made the mistake.",
    )  # fmt: skip
    evidence: str | None = line("What shows it?", hint="A number or a place, never the document itself, such as "
                                "“visit note 17”", optional=True)  # fmt: skip
    at: datetime | None = instant("When was it done?", hint="Leave it empty if it was just now.", optional=True)

    @model_validator(mode="after")
    def _nothing_more(self) -> Self:
        if self.answer == SKIPPED and (self.evidence or self.at):
            raise ValueError("A skipped step has its reason and nothing else: take away the evidence and the time")
        return self


class Corrected(BaseModel):
    at: datetime = instant("When was it done?", missing="Say when it was done")
    because: str = words("Why is it corrected?", hint="What was recorded before stays in the record.", rows=3,
                         missing="Say why it is corrected")  # fmt: skip


def _step(asked: Asked, mine: Mine) -> ProcedureStep:
    """Raises NotThere."""
    found = procedure_of(asked.session, mine.follow_up).steps.get(str(asked.place["step"]))
    if found is None:
        raise NotThere("Your procedure has no such step.")
    return found


def _title(asked: Asked) -> str:
    return capitalised(_step(asked, own_follow_up(asked)).do)


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    step = _step(asked, own_follow_up(asked))
    return {"answer": [each for each in ANSWERS if each[0] != FOR_NOW or step.may_be_provisional]}


def _before(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    step, (_, own) = _step(asked, mine), view_of(asked, mine)
    shown: StepLine = next(each for each in own.steps if each.step == step.id)
    counted = how_counted(asked.session, mine.breach, mine.follow_up, own)
    return {
        "step": shown, "own": own, "counted": counted, "over": shown.state in OVER or bool(step.duty),
        "may_correct": _may_correct(shown) and mine.follow_up.ended_at is None,
        "steps": {each.step: each.do for each in own.steps}, "back": ("#steps", f"Breach {mine.number}"),
    }  # fmt: skip


def _do(asked: Asked, given: Answered) -> Done:
    mine = own_follow_up(asked)
    step = _step(asked, mine)
    if given.answer == SKIPPED:
        skip_step(asked.session, asked.now, mine.number, mine.slug, step.id, asked.caller.by, given.outcome)
        return recorded(mine, f"Skipped, with your reason: {step.do}.", "#steps")
    if step.evidence and not given.evidence:
        raise AtField("evidence", f"The procedure asks what shows that this was done: {step.evidence}")
    with at_fields(evidence=EvidenceNeeded, at=(DoneAhead, BeforeItBegan)):
        finish_step(
            asked.session, asked.now, mine.number, mine.slug, step.id, asked.caller.by, given.outcome, given.evidence,
            given.at, given.answer == FOR_NOW,
        )  # fmt: skip
    done = "Done for now, and the final answer is owed" if given.answer == FOR_NOW else "Done"
    return recorded(mine, f"{done}: {step.do}.", "#steps")


def _may_correct(step: StepLine) -> bool:
    return step.ended_at is not None and step.state != SKIPPED and not step.duty


def _stands(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    step, (_, own) = _step(asked, mine), view_of(asked, mine)
    shown: StepLine = next(each for each in own.steps if each.step == step.id)
    stands = "Your party has not recorded that it was done, so there is nothing to correct."
    if shown.ended_at is not None and _may_correct(shown):
        stands = f"It was recorded as done on {clock(shown.ended_at)}. {FOLLOWS}"
    return {"said": (f"The step: {step.do}.", stands), "back": (f"/steps/{step.id}", capitalised(step.do))}


def _correct(asked: Asked, given: Corrected) -> Done:
    mine = own_follow_up(asked)
    step = _step(asked, mine)
    with at_fields(at=(DoneAhead, BeforeItBegan, NotDone)):
        correct_step(
            asked.session, asked.now, mine.number, mine.slug, step.id, given.at, asked.caller.by, given.because
        )
    return recorded(mine, f"Corrected: “{step.do}” was done on {clock(given.at)}.", "#steps")


ACTS = (
    Act(path="/party/breaches/{breach:int}/steps/{step}", title="A step of your procedure", title_of=_title,
        who=PARTIES, fields=Answered, do=worded(_do), choices=_choices, before=about(_before),
        template="parties/breach_step.html", button="Record", in_menu="/party"),
    Act(path="/party/breaches/{breach:int}/steps/{step}/when", title="Correct when a step was done", who=PARTIES,
        fields=Corrected, do=worded(_correct), before=about(_stands), template="parties/breach_act.html",
        button="Correct it", in_menu="/party"),
)  # fmt: skip
