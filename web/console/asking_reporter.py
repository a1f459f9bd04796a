"""The console asks whoever reported a breach, and notes that an answer was read."""

from pydantic import BaseModel

from actions.breaches.asking_reporter import ask_in_breach, note_answer_read, questions_of, reports_of
from actions.cast import NotThere
from models.breach import Breach
from web.declaring import WORKS, Act, Asked, Done
from web.fields import choice, words

MENU = "/console/breaches"


class AskReporter(BaseModel):
    report: str = choice("Whom do you ask?", missing="Choose a report", hint="By the reference of what they reported.")
    question: str = words("What do you want to know?", missing="Write your question", longest=4000,
                          hint="Ask for facts, not for the names of the people concerned.")  # fmt: skip


def _breach(asked: Asked) -> Breach:
    found = asked.session.get(Breach, asked.place["breach"])
    if found is None:
        raise NotThere(f"There is no breach {asked.place['breach']}.")
    return found


def _choices(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    return {"report": [(str(each.number), each.reference) for each in reports_of(asked.session, _breach(asked))]}


def _start(asked: Asked) -> dict[str, str]:
    reports = _choices(asked)["report"]
    return {"report": reports[0][0]} if len(reports) == 1 else {}


def _before(asked: Asked, _given: object) -> dict[str, object]:
    breach = _breach(asked)
    return {
        "breach": breach.id, "merged_into": breach.merged_into_id, "questions": questions_of(asked.session, breach),
        "page_of_breach": f"/console/breaches/{breach.id}", "may_note": True,
        "can_ask": bool(reports_of(asked.session, breach)),
    }  # fmt: skip


def _ask(asked: Asked, given: AskReporter) -> Done:
    number = ask_in_breach(
        asked.session, asked.now, asked.place["breach"], given.report, given.question, asked.caller.by
    )
    return Done(sentence="The question waits for the reporter: they see it when they come back.",
                to=f"/console/breaches/{asked.place['breach']}", facts={"question": number})  # fmt: skip


def _read(asked: Asked, _given: object) -> Done:
    note_answer_read(asked.session, asked.now, asked.place["question"], asked.caller.by)
    return Done(sentence="The answer is off your list.", to="/console/matters")


ACTS = (
    Act(path="/console/breaches/{breach:int}/ask-reporter", title="Ask whoever reported", who=WORKS, fields=AskReporter,
        do=_ask, button="Ask", template="reporting/ask.html", before=_before, start=_start, choices=_choices,
        in_menu=MENU),
    Act(path="/console/reporter-questions/{question:int}/read", title="The answer has been read", who=WORKS, do=_read,
        button="Take it off the list", in_menu=MENU,
        words="Whoever asked knows of the reporter’s answer. It stays with the breach."),
)  # fmt: skip
