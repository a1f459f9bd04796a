"""A party asks whoever reported a breach that it follows up. It learns a reference, never who that is."""

from pydantic import BaseModel

from actions.breaches.asking_reporter import ReportLine, ask_in_breach, questions_of, reports_for_party
from actions.cast import NotThere
from models.breach import Breach
from rules.errors import Refused
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, words
from web.parties.breach_own import may_see


class AskReporter(BaseModel):
    report: str = choice("Whom do you ask?", missing="Choose a report", hint="By the reference of what they reported.")
    question: str = words("What do you want to know?", missing="Write your question", longest=4000,
                          hint="Ask for facts, not for the names of the people concerned.")  # fmt: skip


def _reports(asked: Asked) -> list[ReportLine]:
    """For whoever is let into the breach's own pages. Raises NotThere."""
    contact, party, number = asked.caller.contact, asked.caller.party, asked.place["breach"]
    nothing = NotThere("There is no such breach among what your organisation follows up.")
    if contact is None or party is None:
        raise nothing
    breach = asked.session.get(Breach, number)
    if breach is None or breach.protocol_id != contact.protocol_id or not may_see(asked.session, contact, breach):
        raise nothing
    try:
        return reports_for_party(asked.session, number, party.slug)
    except Refused:
        raise nothing from None


def _choices(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    return {"report": [(str(each.number), each.reference) for each in _reports(asked)]}


def _start(asked: Asked) -> dict[str, str]:
    reports = _choices(asked)["report"]
    return {"report": reports[0][0]} if len(reports) == 1 else {}


def _before(asked: Asked, _given: object) -> dict[str, object]:
    reports = _reports(asked)
    assert asked.caller.party is not None
    breach = asked.session.get_one(Breach, asked.place["breach"])
    return {
        "breach": breach.id, "merged_into": breach.merged_into_id, "page_of_breach": f"/party/breaches/{breach.id}",
        "questions": questions_of(asked.session, breach, asked.caller.party.slug), "can_ask": bool(reports),
        "may_note": False,
    }  # fmt: skip


def _ask(asked: Asked, given: AskReporter) -> Done:
    _reports(asked)
    assert asked.caller.party is not None
    number = ask_in_breach(
        asked.session, asked.now, asked.place["breach"], given.report, given.question, asked.caller.by,
        asked.caller.party.slug,
    )  # fmt: skip
    return Done(sentence="The question waits for the reporter: they see it when they come back.",
                to=f"/party/breaches/{asked.place['breach']}/ask-reporter", facts={"question": number})  # fmt: skip


ACTS = (
    Act(path="/party/breaches/{breach:int}/ask-reporter", title="Ask whoever reported", who=PARTIES, fields=AskReporter,
        do=_ask, button="Ask", template="reporting/ask.html", before=_before, start=_start, choices=_choices,
        in_menu="/party"),
)  # fmt: skip
