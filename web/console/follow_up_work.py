"""What a party does by its own procedure, and between partners, recorded on its behalf: steps, holds, questions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from actions.breaches.affecting import standing_holds
from actions.breaches.consulting import answer_consultation, consult
from actions.breaches.correcting_steps import correct_step
from actions.breaches.duties import text_of
from actions.breaches.holding import confirm_hold, place_hold, release_hold
from actions.breaches.moving import follow_ups_of
from actions.breaches.procedures import procedure_of
from actions.breaches.step_times import done_at
from actions.breaches.stepping import finish_step, newest_record, skip_step
from actions.cast import NotThere
from models.breach import Consultation, LetterHold, StepEnd
from models.protocol import Party
from rules.procedures import ProcedureStep
from web.console.breach_acts import MENU, breach_of, done, page_of_breach, party_act, party_of
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import choice, instant, line, tick, words
from web.waking import wake_breach
from web.wording import clock

PLACE, CONFIRM, RELEASE = "place", "confirm", "release"
HOLDS = {PLACE: place_hold, CONFIRM: confirm_hold, RELEASE: release_hold}
HELD = {
    PLACE: "{} holds letters: nobody writes to the people concerned until it releases them.",
    CONFIRM: "{} confirms that letters must still wait.",
    RELEASE: "{} has released its hold on letters.",
}


class Step(BaseModel):
    outcome: str = words("What did it bring?", missing="Say what it brought", rows=3, longest=4000,
                         hint="In a sentence or two. Name nobody.")  # fmt: skip
    evidence: str | None = line("What shows it?", optional=True, longest=200,
                                hint="A number or a place, never a document. Some steps ask for it.")  # fmt: skip
    at: datetime | None = instant("When was it done?", optional=True, hint="Otherwise now.")
    provisional: bool = tick("Done for now only: the final answer is still owed", optional=True)


class Skip(BaseModel):
    because: str = words("Why is it not done?", missing="Say why it is not done", rows=3, longest=2000)


class Correct(BaseModel):
    at: datetime = instant("When was it done?", missing="Give the right time")
    because: str = words("Why is it corrected?", missing="Say why it is corrected", rows=3, longest=2000)


class Hold(BaseModel):
    what: str = choice("What has the party decided?", missing="Choose what the party has decided")
    because: str = words("Why?", missing="Say why", rows=3, longest=2000,
                         hint="The reason is that party’s own: no other party reads it.")  # fmt: skip


class Question(BaseModel):
    of: str = choice("Which party is asked?", missing="Choose the party that is asked")
    question: str = words("What is asked?", missing="Say what is asked", rows=3, longest=4000)


class Answer(BaseModel):
    answer: str = words("What is the answer?", missing="Say what the answer is", rows=3, longest=4000)


def _which(asked: Asked) -> tuple[int, str]:
    return asked.place["breach"], asked.place["party"]


def _step_of(asked: Asked) -> ProcedureStep:
    """Raises NotThere."""
    found = procedure_of(asked.session, party_of(asked)[0]).steps.get(asked.place["step"])
    if found is None:
        raise NotThere("The party’s procedure has no such step.")
    return found


def _about_step(asked: Asked) -> Mapping[str, Any]:
    step = _step_of(asked)
    said = [f"The procedure says: {step.do}."]
    said += [f"It asks what shows that this was done: {step.evidence}."] if step.evidence else []
    said += [step.note] if step.note else []
    return {"said": tuple(said)}


def _finish(asked: Asked, given: Step) -> Done:
    step = asked.place["step"]
    finish_step(asked.session, asked.now, *_which(asked), step, asked.caller.by, given.outcome, given.evidence,
                given.at, given.provisional)  # fmt: skip
    how = "done for now; the final answer is owed" if given.provisional else "done"
    return done(asked, f"Step “{step}” is {how}.", step=step, provisional=given.provisional)


def _skip(asked: Asked, given: Skip) -> Done:
    step = asked.place["step"]
    skip_step(asked.session, asked.now, *_which(asked), step, asked.caller.by, given.because)
    return done(asked, f"Step “{step}” is skipped; the reason is recorded.", step=step)


def _about_done(asked: Asked) -> Mapping[str, Any]:
    record, said = newest_record(asked.session, party_of(asked)[0], _step_of(asked)), _about_step(asked)["said"]
    if record is not None and record.end is not StepEnd.SKIPPED:
        said += (f"It was recorded as done on {clock(done_at(asked.session, breach_of(asked).case, record))}.",)
    return {"said": said}


def _correct(asked: Asked, given: Correct) -> Done:
    step = asked.place["step"]
    before = correct_step(asked.session, asked.now, *_which(asked), step, given.at, asked.caller.by, given.because)
    return done(asked, f"Step “{step}” was done on {clock(given.at)}. What stood before stays in its history.",
                step=step, before=before)  # fmt: skip


def _standing(asked: Asked) -> LetterHold | None:
    held = standing_holds(asked.session, party_of(asked)[0])
    return held[-1] if held else None


def _hold_choices(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Releasing lets letters leave, which nobody can call back: the secretary alone records that."""
    if _standing(asked) is None:
        return {"what": ((PLACE, "Nobody may write to the people concerned for now"),)}
    going_on = (CONFIRM, "Letters must still wait")
    return {"what": (going_on, (RELEASE, "Letters may leave again")) if asked.caller.is_secretary else (going_on,)}


def _about_hold(asked: Asked) -> Mapping[str, Any]:
    said = ["A hold stops letters to the people concerned. It stops no clock, and no notice to the regulator."]
    if (held := _standing(asked)) is not None:
        said.append(f"Letters have been held since {clock(held.placed_at)}: {text_of(asked.session, held.why_id)}")
    return {"said": tuple(said)}


def _hold(asked: Asked, given: Hold) -> Done:
    HOLDS[given.what](asked.session, asked.now, *_which(asked), asked.caller.by, given.because)
    return done(asked, HELD[given.what].format(party_of(asked)[1].name), held=given.what != RELEASE)


def _others(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    parties = [
        asked.session.get_one(Party, each.party_id)
        for each in follow_ups_of(asked.session, breach_of(asked), still_open=True)
    ]
    return {"of": tuple((each.slug, each.name) for each in parties if each.slug != asked.place["party"])}


def _consult(asked: Asked, given: Question) -> Done:
    number, slug = _which(asked)
    question = consult(asked.session, asked.now, number, slug, given.of, given.question, asked.caller.by)
    return done(asked, f"Question {question} is recorded; no clock waits for it.", question=question)


def _question_of(asked: Asked) -> Consultation:
    found = asked.session.get(Consultation, asked.place["question"])
    if found is None:
        raise NotThere(f"There is no question {asked.place['question']} between partners.")
    return found


def _about_question(asked: Asked, _given: Any) -> Mapping[str, Any]:
    asking = _question_of(asked)
    said = (f"It was asked on {clock(asking.asked_at)}:", f"“{text_of(asked.session, asking.question_id)}”")
    return {"back": page_of_breach(asking.breach_id), "back_to": f"Breach {asking.breach_id}", "said": said}


def _answer(asked: Asked, given: Answer) -> Done:
    asking = _question_of(asked)
    number = asking.breach_id
    answer_consultation(asked.session, asked.now, asked.place["question"], given.answer, asked.caller.by)
    return Done(sentence=f"The answer to question {asking.id} is recorded.", to=page_of_breach(number),
                facts={"breach": number, "question": asking.id}, wakes=lambda: wake_breach(number))  # fmt: skip


ACTS = (
    party_act("steps/{step}", "Record a step", "What did the step of {party} bring?", _finish, Step,
              command="breach step", before=_about_step),
    party_act("steps/{step}/skip", "Skip a step", "Skip a step of {party}", _skip, Skip, before=_about_step,
              who=DECIDES, button="Skip it"),
    party_act("steps/{step}/when", "Correct when a step was done", "When was the step of {party} done?", _correct,
              Correct, before=_about_done, button="Correct it",
              words="What counts from it is counted anew. What was sent stays sent."),
    party_act("hold", "Hold, confirm or release letters", "Letters held by {party}", _hold, Hold, command="breach hold",
              choices=_hold_choices, before=_about_hold),
    party_act("consult", "Ask a partner something", "What does {party} ask?", _consult, Question,
              command="breach consult", choices=_others, words="No clock waits for the answer."),
    Act(path="/console/breaches/questions/{question:int}/answer", title="Answer a partner’s question", who=WORKS,
        do=_answer, fields=Answer, button="Record", before=_about_question, template="console/breach_act.html",
        command="breach answer", in_menu=MENU),
)  # fmt: skip
