"""How a party's part in a breach ends, or begins again: lessons and their effects, finishing, whom it concerns."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.affecting import affect, not_affected
from actions.breaches.closing import finish_follow_up, reopen_follow_up
from actions.breaches.learning import CauseNeeded, HasPassed, learn
from actions.breaches.similar import similar_breaches
from actions.clauses import clause_headings
from models.breach import LessonEffect
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, day, line, pick, tick, words
from web.parties.breach_own import Mine, about, at_fields, own_follow_up, recorded, saying, view_of, worded
from web.parties.breach_words import left_to_do, page_of_own

UNDER_NO_CLAUSE = "none"
EFFECTS = (
    (LessonEffect.ACTION.value, "A local action", "We change something here, by a day."),
    (LessonEffect.GAP.value, "A gap in the protocol", "It goes to the next review of the protocol."),
    (LessonEffect.NONE.value, "Nothing changes", "And we say why."),
)


class Learnt(BaseModel):
    cause: str = line("What was the cause, in a few words?", hint="Such as “wrong recipient”: later breaches are "
                      "compared with it", missing="Say what the cause was, in a few words")  # fmt: skip
    lesson: str = words("What was learnt?", hint="Name nobody.", missing="Say what was learnt")
    effect: str = choice("What becomes of it?", EFFECTS, missing="Choose what becomes of it")
    due_on: date | None = day("A local action: by when?", hint="Leave it empty for the protocol’s own allowance.",
                              optional=True)  # fmt: skip
    clause: str | None = pick("A gap: under which clause?", optional=True)
    remedy: str | None = words("A gap: what would mend it?", optional=True, rows=3)
    urgent: bool = tick("The gap should not wait for the next review", optional=True)
    none_because: str | None = words("Nothing changes: why?", optional=True, rows=3)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.effect == LessonEffect.GAP and not self.clause:
            raise ValueError("Choose the clause that is wanting, or “Under no clause”")
        if self.effect == LessonEffect.NONE and not self.none_because:
            raise ValueError("Say why nothing changes")
        return self


class Finish(BaseModel):
    no_supplement_because: str | None = words(
        "Why is no supplement given?", hint="Only where something has become known since the notice and is not given.",
        optional=True, rows=3,
    )  # fmt: skip


class Because(BaseModel):
    because: str = words("Why?", missing="Give the reason", hint="The reason stays in the record. Name nobody.")


def _clauses(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {"clause": [*clause_headings(asked.session, asked.protocol), (UNDER_NO_CLAUSE, "Under no clause")]}


def _learn(asked: Asked, given: Learnt) -> Done:
    mine, effect = own_follow_up(asked), LessonEffect(given.effect)
    clause = None if given.clause == UNDER_NO_CLAUSE else given.clause
    gap, action = effect is LessonEffect.GAP, effect is LessonEffect.ACTION
    with at_fields(cause=CauseNeeded, due_on=HasPassed):
        learnt = learn(
            asked.session, asked.now, mine.number, mine.slug, given.cause, given.lesson, effect, asked.caller.by,
            remedy=given.remedy, clause=clause if gap else None, none_because=given.none_because,
            action_due_on=given.due_on if action else None, urgent=gap and given.urgent,
        )  # fmt: skip
    became = {
        LessonEffect.ACTION: "a local action is owed",
        LessonEffect.GAP: f"gap {learnt.gap_id} goes to the next review",
        LessonEffect.NONE: "nothing changes, and why",
    }[effect]
    return recorded(mine, f"Recorded: {became}.", "#lessons")


def _similar(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    """Causes that the party has named before, so that the same has one name."""
    causes = [cause for each in similar_breaches(asked.session, mine.breach, mine.slug) for cause in each.causes]
    return {"said": [f"You have named as causes before: {', '.join(dict.fromkeys(causes))}."] if causes else []}


def _finish(asked: Asked, given: Finish) -> Done:
    mine = own_follow_up(asked)
    finish_follow_up(
        asked.session, asked.now, mine.number, mine.slug, asked.caller.by, given.no_supplement_because or None
    )  # fmt: skip
    return recorded(mine, "Your follow-up is complete. A local action goes on, with its own reminders.")


def _to_do(asked: Asked, mine: Mine) -> Mapping[str, Any]:
    _, own = view_of(asked, mine)
    return {
        "to_do": left_to_do(own.to_do, {step.step: step.do for step in own.steps}),
        "page_of": page_of_own(mine.path),
    }


def _reopen(asked: Asked, given: Because) -> Done:
    mine = own_follow_up(asked)
    reopen_follow_up(asked.session, asked.now, mine.number, mine.slug, asked.caller.by, given.because)
    return recorded(mine, "Your follow-up is open again: everything that was recorded stays.")


def _not_affected(asked: Asked, given: Because) -> Done:
    mine = own_follow_up(asked)
    not_affected(asked.session, asked.now, mine.number, mine.slug, asked.caller.by, given.because)
    return recorded(mine, "Recorded: the breach does not concern your party, and why.")


def _affected(asked: Asked, given: Because) -> Done:
    mine = own_follow_up(asked)
    affect(asked.session, asked.now, mine.number, mine.slug, asked.caller.by, given.because)
    return recorded(mine, "Recorded: the breach concerns your party after all.")


BREACH = "/party/breaches/{breach:int}"
PLAIN = "parties/breach_act.html"
NOT_OURS = "Nothing more is asked of your party in this breach. What was recorded stays, and you can come back."
ACTS = (
    Act(path=f"{BREACH}/lesson", title="What was learnt?", who=PARTIES, fields=Learnt, choices=_clauses,
        do=worded(_learn),
        before=about(_similar), template=PLAIN, button="Record what was learnt", in_menu="/party"),
    Act(path=f"{BREACH}/finish", title="Finish your follow-up", who=PARTIES, fields=Finish, do=worded(_finish),
        before=about(_to_do), template="parties/breach_finish.html", button="Finish", in_menu="/party",
        words="Nothing is owed any more, and what was learnt is said. It can be reopened."),
    Act(path=f"{BREACH}/reopen", title="Reopen your follow-up", who=PARTIES, fields=Because, do=worded(_reopen),
        before=about(saying("No clock begins anew: what was known, done or due stays so. The risk is concluded "
                            "again.")), template=PLAIN, button="Reopen", in_menu="/party"),
    Act(path=f"{BREACH}/not-affected", title="The breach does not concern us", who=PARTIES, fields=Because,
        do=worded(_not_affected), before=about(saying(NOT_OURS)), template=PLAIN, button="Record",
        grave=True, in_menu="/party"),
    Act(path=f"{BREACH}/affected", title="The breach concerns us after all", who=PARTIES, fields=Because,
        do=worded(_affected), before=about(saying("Your follow-up goes on where it ended.")), template=PLAIN,
        button="Record",
        in_menu="/party"),
)  # fmt: skip
