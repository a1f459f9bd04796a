"""What a party has learnt, and how its part ends: lessons, local actions, finishing, going on after all."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from pydantic import BaseModel, model_validator
from sqlmodel import Session, col, select

from actions.breaches.closing import finish_follow_up
from actions.breaches.finishing import still_to_do
from actions.breaches.learning import finish_action, learn
from actions.breaches.moving import protocol_of
from actions.breaches.reopening import reopen_follow_up
from actions.cast import NotThere, known_id
from actions.clauses import clause_headings
from actions.duties import said_of
from actions.gaps.keeping import open_gaps
from models.breach import LessonEffect
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause, Protocol
from notifications.wording import capitalised
from web.console.breach_acts import MENU, breach_of, done, page_of_breach, party_act, party_of
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import choice, day, line, pick, tick, words
from web.waking import wake_breach
from web.wording import clock, long_day, plain_day

NO_CLAUSE = "none"
EFFECTS = (
    (LessonEffect.GAP.value, "A gap in the protocol", "It goes to the next review"),
    (LessonEffect.ACTION.value, "A local action", "The party owes it by a day"),
    (LessonEffect.NONE.value, "Nothing changes", "With the reason"),
)


class Learnt(BaseModel):
    cause: str = line("What was the cause?", missing="Say what the cause was, in a few words", longest=120,
                      hint="In a few words, such as “wrong recipient”. Later breaches are compared by it.")  # fmt: skip
    learnt: str = words("What was learnt?", missing="Say what was learnt", rows=4, longest=4000, hint="Name nobody.")
    effect: str = choice("What becomes of it?", EFFECTS, missing="Choose what becomes of it")
    remedy: str | None = words("What would mend it?", optional=True, rows=2, longest=2000)
    clause: str | None = pick("Of a gap: under which clause?", optional=True)
    gap: str | None = pick("Of a gap that is known already: which?", optional=True)
    urgent: bool = tick("The gap should not wait for the next review", optional=True)
    due: date | None = day("Of a local action: by when?", optional=True, hint="Otherwise by the protocol’s allowance.")
    none_because: str | None = words("If nothing changes: why?", optional=True, rows=3, longest=2000)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.effect == LessonEffect.GAP and not (self.clause or self.gap):
            raise ValueError("Choose the clause that is wanting, or the gap that says it already")
        if self.effect == LessonEffect.NONE and not self.none_because:
            raise ValueError("Say why nothing changes")
        return self


class Finish(BaseModel):
    no_supplement_because: str | None = words(
        "If what has become known since the notice is not given: why?", optional=True, rows=3, longest=2000
    )


class Outcome(BaseModel):
    outcome: str = words("What was put in place?", missing="Say what was put in place", rows=3, longest=2000)


def clauses_of(session: Session, protocol: Protocol) -> list[tuple[str, str]]:
    """By their headings of today; one that is in no text any more by its id."""
    headings = dict(clause_headings(session, protocol))
    keys = session.exec(select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position)))
    return [(key, f"{key}: {headings[key]}" if headings.get(key) else key) for key in keys]


def _choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    protocol = protocol_of(asked.session, breach_of(asked))
    gaps = [(str(each.id), f"{each.id}: {each.words[:80]}") for each in open_gaps(asked.session, protocol)]
    return {"clause": [*clauses_of(asked.session, protocol), (NO_CLAUSE, "Under no clause")], "gap": gaps}


def _learn(asked: Asked, given: Learnt) -> Done:
    lesson = learn(
        asked.session, asked.now, asked.place["breach"], asked.place["party"], given.cause, given.learnt,
        LessonEffect(given.effect), asked.caller.by, remedy=given.remedy,
        clause=None if given.clause == NO_CLAUSE else given.clause, gap_id=int(given.gap) if given.gap else None,
        none_because=given.none_because, action_due_on=given.due, urgent=given.urgent,
    )  # fmt: skip
    asked.session.flush()
    due_on = _due_on(asked.session, asked.place["breach"], lesson.id)
    became = {
        LessonEffect.ACTION: f"a local action is owed{f', by {plain_day(due_on)}' if due_on else ''}",
        LessonEffect.GAP: f"gap {lesson.gap_id} goes to the next review",
        LessonEffect.NONE: "nothing changes; the reason is recorded",
    }[LessonEffect(given.effect)]
    return done(asked, f"Recorded: {became}.", lesson=lesson.id, gap=lesson.gap_id, due_on=due_on)


def _due_on(session: Session, number: int, lesson: int | None) -> date | None:
    duty = session.exec(
        select(Obligation).where(Obligation.case == f"breach:{number}", Obligation.subject == f"lesson:{lesson}")
    ).first()
    return duty.due_on if duty else None


def _left_to_do(asked: Asked) -> Mapping[str, Any]:
    follow_up, party = party_of(asked)
    todo = still_to_do(asked.session, breach_of(asked), follow_up, party) if follow_up.ended_at is None else []
    said = [f"Still to do: {each}." for each in todo]
    return {
        "said": tuple(said or ["Everything is done, decided, documented and learnt. Local actions go on after it."])
    }


def _finish(asked: Asked, given: Finish) -> Done:
    finish_follow_up(asked.session, asked.now, asked.place["breach"], asked.place["party"], asked.caller.by,
                     given.no_supplement_because)  # fmt: skip
    return done(asked, f"The follow-up of {party_of(asked)[1].name} is complete.")


def _reopen(asked: Asked, given: Any) -> Done:
    name, was_open = party_of(asked)[1].name, party_of(asked)[0].ended_at is None
    reopen_follow_up(
        asked.session, asked.now, asked.place["breach"], asked.place["party"], asked.caller.by, given.because
    )
    return done(
        asked, f"The follow-up of {name} is open {'already: nothing has been changed' if was_open else 'again'}."
    )


def _action_of(asked: Asked) -> Obligation:
    duty = asked.session.get(Obligation, asked.place["action"])
    if duty is None or duty.kind is not ObligationKind.LOCAL_ACTION or not duty.case.startswith("breach:"):
        raise NotThere("There is no local action of that number after a breach.")
    return duty


def _about_action(asked: Asked, _given: Any) -> Mapping[str, Any]:
    duty = _action_of(asked)
    number = int(duty.case.partition(":")[2])
    until = clock(duty.due_at) if duty.exact else f"the end of {long_day(duty.due_on)}"
    said = (f"{capitalised(said_of(duty))}, until {until}.",)
    return {"back": page_of_breach(number), "back_to": f"Breach {number}", "said": said}


def _act(asked: Asked, given: Outcome) -> Done:
    duty = _action_of(asked)
    number = int(duty.case.partition(":")[2])
    finish_action(asked.session, asked.now, known_id(duty), asked.caller.by, given.outcome)
    return Done(sentence="The local action is in place.", to=page_of_breach(number),
                facts={"breach": number, "action": duty.id}, wakes=lambda: wake_breach(number))  # fmt: skip


ACTS = (
    party_act("lesson", "Record what was learnt", "What has {party} learnt?", _learn, Learnt, command="breach lesson",
              choices=_choices),
    party_act("finish", "Finish a follow-up", "Finish the follow-up of {party}", _finish, Finish,
              command="breach finish", button="Finish it", before=_left_to_do),
    party_act("reopen", "Go on with a party’s part", "Go on with the follow-up of {party}", _reopen, who=DECIDES,
              button="Reopen it", words="Everything that was recorded stays. It is assessed again."),
    Act(path="/console/breaches/actions/{action:int}", title="Record that a local action is in place", who=WORKS,
        do=_act, fields=Outcome, button="Record", before=_about_action, template="console/breach_act.html",
        command="breach action", in_menu=MENU),
)  # fmt: skip
