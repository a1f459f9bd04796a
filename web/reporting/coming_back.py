"""Whoever reported comes back with reference and code: reads where it stands, adds, answers, takes another code."""

import hmac
import secrets
from typing import Any

from pydantic import BaseModel

from actions.access.sessions import begin_session, end_session, end_sessions_of
from actions.breaches.asking_reporter import QuestionLine, answer_question, questions_to
from actions.breaches.reporters import (
    ENTROPY,
    WrongReferenceOrCode,
    add_facts,
    give_code,
    reader_of,
    reporter_view,
)
from actions.breaches.said_otherwise import Added
from actions.cast import NotThere, known_id, secretary_of
from actions.policy import zone_of
from models.breach import Breach, BreachReport
from models.secret_key import signed
from rules.breach import Stage
from rules.codes import code_from, read_code, read_reference, written
from rules.errors import Refused
from web.declaring import ANYBODY, REPORTERS, Act, Asked, Done, Page
from web.fields import carried, line, tick, words
from web.forms import Given
from web.limits import FAILURES_OF_A_TARGET, FAILURES_OF_ALL, FAILURES_OF_AN_ADDRESS, LIMITS
from web.reporting.answers import ADDED, NO_NAMES
from web.reporting.going_through import options
from web.steps import Question

CASE = "/report/case"


class Return(BaseModel):
    reference: str = line("Reference", missing="Enter the reference of your report", hint="Such as BR-2026-7K3Q9M.",
                          width="govuk-input--width-20", longest=60, autocomplete="off")  # fmt: skip
    code: str = line("Follow-up code", missing="Enter the follow-up code",
                     hint="16 digits, such as 1234 5678 9012 3456.", width="govuk-input--width-20", longest=60,
                     autocomplete="off", inputmode="numeric")  # fmt: skip


class Answer(BaseModel):
    answer: str = words("Your answer", missing="Write your answer", hint=NO_NAMES)


class NewCode(BaseModel):
    saved: bool = tick("I have saved the new code", missing="Save the code, then tick “I have saved the new code”")
    code: str | None = carried(longest=40)
    mark: str | None = carried(longest=64)


class NoSuchCode(Refused):
    def __init__(self) -> None:
        super().__init__("This code was not made for your report. Save the one that is shown now, then tick again.")


def _verified(asked: Asked, given: Return) -> tuple[int, str]:
    """Counted before it is looked at, so that of many at once no more pass; a right code is given back."""
    limits = _limits(asked.address, read_reference(given.reference))
    LIMITS.take(*limits.items())
    report = reader_of(asked.session, given.reference, given.code)
    LIMITS.give_back(*limits)
    return known_id(report), report.code_hash


def _limits(address: str, reference: str | None) -> dict[str, int]:
    """A whole council may come from one address, and nobody may lock a reporter out from another."""
    limits = {f"codes from:{address}": FAILURES_OF_AN_ADDRESS}
    if reference:
        limits |= {f"code there:{reference} {address}": FAILURES_OF_A_TARGET, f"code of:{reference}": FAILURES_OF_ALL}
    return limits


def _return(asked: Asked, _given: Return) -> Done:
    number, verified = asked.looked
    report = asked.session.get_one(BreachReport, number)
    if report.code_hash != verified:
        raise WrongReferenceOrCode  # replaced since
    return Done(sentence="", to=CASE, cookie=begin_session(asked.session, asked.now, report=report))


def _report(asked: Asked) -> BreachReport:
    assert asked.caller.report is not None
    return asked.caller.report


def _case(asked: Asked) -> dict[str, Any]:
    report = _report(asked)
    breach = asked.session.get_one(Breach, report.breach_id)
    questions = questions_to(asked.session, report)
    return {
        "report": reporter_view(asked.session, report), "is_over": breach.stage is Stage.CLOSED, "added": ADDED,
        "open_questions": [each for each in questions if each.answered_at is None],
        "answered": [each for each in questions if each.answered_at is not None],
        "secretary": secretary_of(asked.session, breach.protocol_id).address,
    }  # fmt: skip


def _add(question: Question, asked: Asked, given: Any) -> Done:
    facts = dict(question.facts(given, asked.now, zone_of(asked.protocol)))
    added = add_facts(asked.session, asked.now, _report(asked), facts, getattr(given, "more", None))
    return Done(sentence=_said(added), to=CASE)


def _said(added: Added) -> str:
    match bool(added.stated), bool(added.noted):
        case True, True:
            return "It has been added to your report. What others have stated since was noted, and will be looked at."
        case True, False:
            return "It has been added to your report."
        case False, True:
            return "It has been noted, and will be looked at: others have stated this since."
    return "Nothing was added: it was known already, or nothing was answered."


def _question(asked: Asked, _given: object = None) -> dict[str, QuestionLine]:
    """Raises NotThere: another report's question is nothing to this caller."""
    for each in questions_to(asked.session, _report(asked)):
        if each.number == asked.place["question"]:
            return {"asked_question": each}
    raise NotThere("There is no such question about your report.")


def _answer(asked: Asked, given: Answer) -> Done:
    _question(asked)
    answer_question(asked.session, asked.now, asked.place["question"], _report(asked), given.answer)
    return Done(sentence="Your answer has been kept: the secretary sees that whoever asked hears of it.", to=CASE)


def _drawn(asked: Asked, given: Given | None) -> dict[str, str]:
    """A code that nothing knows yet: it opens the report only once it has been saved. The same one again in a form
    that is sent back."""
    code = read_code(str(given.raw.get("code", ""))) if given else None
    said = str(given.raw.get("mark", "")) if given else ""
    if code is None or not hmac.compare_digest(_mark(asked, code).encode(), said.encode()):
        code = code_from(secrets.token_bytes(ENTROPY))
    return {"code": written(code), "mark": _mark(asked, code)}


def _mark(asked: Asked, code: str) -> str:
    """Only codes that were drawn here are taken: one that somebody thought of would be easier to guess."""
    return signed("follow-up code", f"{_report(asked).id}:{code}")


def _new_code(asked: Asked, given: NewCode) -> Done:
    """Every visit by the old code ends; this one goes on."""
    report, code = _report(asked), read_code(given.code or "")
    if code is None or not hmac.compare_digest(_mark(asked, code).encode(), (given.mark or "").encode()):
        raise NoSuchCode
    give_code(asked.session, asked.now, report, code)
    end_sessions_of(asked.session, asked.now, report=report)
    return Done(sentence="Your new code opens the report from now on. The old one opens nothing any more.", to=CASE,
                cookie=begin_session(asked.session, asked.now, report=report))  # fmt: skip


def _out(asked: Asked, _given: object) -> Done:
    assert asked.caller.session is not None
    end_session(asked.session, asked.now, known_id(asked.caller.session))
    return Done(sentence="You have left your report.", to="/report/return", cookie="")


def _adding(question: Question) -> Act:
    return Act(
        path=f"{CASE}/add/{question.name}", title=question.title, who=REPORTERS, fields=question.fields,
        do=lambda asked, given: _add(question, asked, given), choices=options, button="Add it",
        template="reporting/add.html",
        command="breach add" if question is ADDED[0] else None,
    )  # fmt: skip


PAGES = (Page(path=CASE, title="Your report", who=REPORTERS, read=_case, template="reporting/case.html"),)
ACTS = (
    Act(path="/report/return", title="Come back to a report", who=ANYBODY, fields=Return, do=_return, look=_verified,
        button="Open my report", template="reporting/return.html", command="breach follow"),
    *(_adding(question) for question in ADDED),
    Act(path=f"{CASE}/questions/{{question:int}}", title="Answer a question", who=REPORTERS, fields=Answer, do=_answer,
        button="Send the answer", template="reporting/answer.html", before=_question),
    Act(path=f"{CASE}/code", title="Replace your follow-up code", who=REPORTERS, fields=NewCode, do=_new_code,
        button="Use this code from now on", template="reporting/new_code.html", before=_drawn,
        command="breach code"),
    Act(path=f"{CASE}/sign-out", title="Leave your report", who=REPORTERS, do=_out, button="Leave",
        words="Do this on a computer that others use too. You can come back with the reference and the code.",
        template="reporting/leave.html"),
)  # fmt: skip
