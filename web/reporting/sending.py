"""The check before "Send", the report itself, and the code that is shown one time."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlmodel import select

from actions.breaches.reporting import (
    AnotherReportHasThisKey,
    NewCode,
    Report,
    Reported,
    new_code,
    report_breach,
    warnings_of,
)
from actions.breaches.unseen_code import another_first_code, may_have_another
from actions.cast import known_id, secretary_of
from actions.policy import zone_of
from models.breach import BreachReport, ReporterKind
from rules.breach_facts import FactName
from rules.codes import read_code, read_reference, written
from rules.errors import Refused
from web.callers import STRANGER
from web.check_lines import lines_of
from web.declaring import ANYBODY, Act, Asked, Done, Page, Shown
from web.fields import carried as carried_field
from web.fields import tick
from web.forms import Given
from web.limits import LIMITS, SENT_FROM_AN_ADDRESS
from web.places import as_query, to_choose_from
from web.reporting.answers import QUESTIONS
from web.reporting.going_through import REPORT, kind_of_reporter
from web.steps import CHECK, key_of
from web.waking import wake_breach


class NotAllAnswered(Refused):
    def __init__(self, title: str) -> None:
        super().__init__(f"Look again at “{title}” before you send: press “Change” beside it.")


class SentAlready(Refused):
    def __init__(self) -> None:
        super().__init__(
            "This report has been sent already, and what you have changed since is not in it. Come back with its "
            "reference and code to add that, or begin a new report."
        )


class Saved(BaseModel):
    saved: bool = tick("I have saved the code", missing="Save the code, then tick “I have saved the code”")
    reference: str | None = carried_field(longest=40)
    code: str | None = carried_field(longest=40)


class AnotherCode(BaseModel):
    key: str | None = carried_field(longest=40)


def _check(asked: Asked, _given: object) -> dict[str, Any]:
    warnings: tuple[str, ...] = ()
    if not REPORT.unanswered(asked):
        warnings = warnings_of(_facts(asked))
    return {"lines": lines_of(REPORT, asked), "warnings": warnings} | REPORT.about_check(asked)


def _facts(asked: Asked) -> dict[FactName, Any]:
    """Of every page that is asked, all of which are right."""
    zone, facts = zone_of(asked.protocol), dict[FactName, Any]()
    for question in REPORT.asked_questions(asked.sent):
        values = REPORT.given_to(asked, question).values
        facts |= question.facts(question.fields.model_construct(**values), asked.now, zone)
    return facts


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Read and drawn before anybody has to wait for the store."""

    report: Report
    fresh: NewCode


def _ready(asked: Asked, _given: object) -> Ready:
    """Sealing a code is slow on purpose, so it comes last. Raises TooOften, NotAllAnswered."""
    LIMITS.require(f"sent:{asked.address}", SENT_FROM_AN_ADDRESS)
    for question in REPORT.unanswered(asked):
        raise NotAllAnswered(question.title)
    return Ready(report=_report(asked, key_of(asked)), fresh=new_code())


def _send(asked: Asked, _given: object) -> Done:
    """By nobody: a browser in which an earlier report was looked at must not tie this one to it."""
    LIMITS.require(f"sent:{asked.address}", SENT_FROM_AN_ADDRESS)
    ready: Ready = asked.looked
    try:
        reported = report_breach(asked.session, asked.now, asked.protocol, ready.report, STRANGER.by, fresh=ready.fresh)
    except AnotherReportHasThisKey:
        raise SentAlready from None
    LIMITS.count(f"sent:{asked.address}")
    number = known_id(reported.breach)
    if reported.code is None:
        return _sent_before(asked, reported, ready.report.key or "")
    return Done(
        sentence="", to="/report/code", page=code_shown(asked, reported.reference, reported.code),
        wakes=lambda: wake_breach(number),
    )  # fmt: skip


def _report(asked: Asked, key: str) -> Report:
    kind, who = kind_of_reporter(asked), dict[str, Any]()
    if kind is not ReporterKind.ANONYMOUS:
        named = next(each for each in QUESTIONS if each.name == "your-name")
        who = dict(REPORT.given_to(asked, named).values)
    return Report(
        facts=_facts(asked), reporter_kind=kind, reporter=who.get("reporter"), reach=who.get("reach"),
        party=who.get("works_at"), key=key or None,
    )  # fmt: skip


def code_shown(asked: Asked, reference: str, code: str) -> Shown:
    return Shown(
        template="reporting/code.html",
        context={
            "title": "Your report has been sent", "reference": reference, "code": written(code), "of": as_query(asked),
        },
    )  # fmt: skip


def _sent_before(asked: Asked, reported: Reported, key: str) -> Done:
    report = asked.session.exec(select(BreachReport).where(BreachReport.reference == reported.reference)).one()
    context = {
        "title": "This report has been sent already", "reference": reported.reference, "key": key,
        "may_have_another": may_have_another(report, asked.now), "of": as_query(asked),
    }  # fmt: skip
    return Done(sentence="", to="/report/code", page=Shown(template="reporting/sent_already.html", context=context))


def _another(asked: Asked, given: AnotherCode) -> Done:
    reference, code = another_first_code(asked.session, asked.now, asked.protocol, given.key or "")
    return Done(sentence="", to="/report/code", page=code_shown(asked, reference, code))


def _code_again(asked: Asked, given: Given | None) -> dict[str, Any]:
    """What the form held: the code is kept nowhere here, so it can be shown no other way."""
    raw = given.raw if given else {}
    reference, code = read_reference(str(raw.get("reference", ""))), read_code(str(raw.get("code", "")))
    if reference is None or code is None:
        return {"reference": None, "code": None, "of": as_query(asked)}
    return {"reference": reference, "code": written(code), "of": as_query(asked)}


def _saved(asked: Asked, given: Saved) -> Done:
    reference = read_reference(given.reference or "")
    secretary = secretary_of(asked.session, known_id(asked.protocol))
    context = {"title": "What happens next", "reference": reference, "secretary": secretary.address}
    return Done(sentence="", to="/report/code", page=Shown(template="reporting/sent.html", context=context))


def _read_start(asked: Asked) -> dict[str, Any]:
    if choosing := to_choose_from(asked):
        return {"choosing": choosing}
    secretary = secretary_of(asked.session, known_id(asked.protocol)).address
    return {"choosing": (), "protocol": asked.protocol, "secretary": secretary, "of": as_query(asked)}


PAGES = (Page(path="/report", title="Report a breach", who=ANYBODY, read=_read_start, template="reporting/start.html"),)
ACTS = (
    Act(path="/report/check", title="Check your answers before you send", who=ANYBODY, do=_send,
        look=_ready, button="Send the report", template="reporting/check.html", before=_check,
        aside=REPORT.elsewhere, carries=REPORT.forms),
    Act(path="/report/code", title="Save your follow-up code", who=ANYBODY, fields=Saved, do=_saved, button="Continue",
        template="reporting/code.html", before=_code_again),
    Act(path="/report/another-code", title="Have another code", who=ANYBODY, fields=AnotherCode, do=_another,
        button="Show me another code", template="reporting/another_code.html",
        words="Right after sending, if the page with your code was never shown to you. The first code stops working."),
)  # fmt: skip
REPORT.acts[CHECK] = ACTS[0]
