"""From page to page of a report: on, back, to the check and back to it, with everything that was sent carried along."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from actions.cast import active_parties
from actions.policy import today_of, zone_of
from models.breach import ReporterKind
from rules.breach_facts import UNKNOWN
from web.declaring import ANYBODY, Act, Asked, Done
from web.fields import Kind
from web.forms import DAY_PARTS, FormField, Given, form_fields, kind_of, read_form
from web.once import new_key
from web.reporting.answers import QUESTIONS, Question, Sent, WrongAnswer

GO, REST, CHECKING, KEY = "go", "rest", "checking", "key"
CHECK = "check"
Options = Mapping[str, Sequence[tuple[str, str]]]


def options(asked: Asked) -> Options:
    """Of all pages: those that are parties today."""
    protocol = asked.protocol
    known = [
        (each.slug, each.name) for each in active_parties(asked.session, protocol, today_of(protocol, asked.now))
    ]  # fmt: skip
    return {"parties": [*known, (UNKNOWN, "I do not know")], "works_at": known}


def asked_questions(sent: Sent) -> list[Question]:
    return [each for each in QUESTIONS if each.is_asked(sent)]


def given_to(asked: Asked, question: Question) -> Given:
    """What has been answered on that page so far, with what is wrong about it."""
    zone = zone_of(asked.protocol)
    given = read_form(question.fields, asked.sent, options(asked), zone)
    if question.name == "how" and not kind_said(asked):
        return Given(given.raw)  # who says nothing of themselves is anonymous
    if given.errors:
        return given
    try:
        question.facts(question.fields.model_construct(**given.values), asked.now, zone)
    except WrongAnswer as wrong:
        return Given(given.raw, given.values, {wrong.field: str(wrong)})
    return given


def form_of(asked: Asked, question: Question) -> list[FormField]:
    return form_fields(question.fields, given_to(asked, question), {}, options(asked), zone_of(asked.protocol))


def _inputs(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if kind_of(info) is Kind.DAY:
            yield from (f"{name}-{part}" for part in DAY_PARTS)
        else:
            yield name


@cache
def _known_inputs() -> frozenset[str]:
    return frozenset(name for each in QUESTIONS for name in _inputs(each.fields)) | {CHECKING}


def carried(asked: Asked, besides: type[BaseModel] | None = None) -> list[tuple[str, str]]:
    """The hidden inputs of a page: everything that was sent on the others, as it was sent."""
    shown = set(_inputs(besides)) if besides else set()
    names = [name for name in asked.sent if name in _known_inputs() - shown]
    pairs = [(name, each) for name in names for each in asked.sent[name] if isinstance(each, str)]
    return [*pairs, (KEY, key_of(asked) or new_key())]


def key_of(asked: Asked) -> str:
    """Drawn on the first page: by it the same report is known again."""
    key = str((asked.sent.get(KEY) or [""])[0])
    return key if 8 <= len(key) <= 40 and key.isascii() and key.isprintable() else ""


def about(question: Question, asked: Asked, _given: object) -> dict[str, Any]:
    earlier = asked_questions(asked.sent)
    at = earlier.index(question) if question in earlier else len(earlier)
    is_checking = CHECKING in asked.sent
    return {
        "carried": carried(asked, question.fields), "is_checking": is_checking,
        "back": CHECK if is_checking else earlier[at - 1].name if at else None,
        "may_skip": not is_checking and question.name != "your-name",
    }  # fmt: skip


def _go_on(question: Question, asked: Asked, given: Any) -> Done:
    """Nothing is done. Raises WrongAnswer."""
    question.facts(given, asked.now, zone_of(asked.protocol))
    return Done(sentence="", to="/report", form=ACT_OF[_after(question, asked)])


def _after(question: Question, asked: Asked) -> str:
    """The next page; to the check at once where it was asked for, by way of what has to be answered first."""
    names = [each.name for each in asked_questions(asked.sent)]
    if CHECKING in asked.sent or REST in asked.sent:
        return next((each.name for each in unanswered(asked)), CHECK)
    at = names.index(question.name) + 1 if question.name in names else len(names)
    return names[at] if at < len(names) else CHECK


def unanswered(asked: Asked) -> list[Question]:
    """Pages that have to be looked at again."""
    return [each for each in asked_questions(asked.sent) if given_to(asked, each).errors]


def kind_said(asked: Asked) -> str:
    return str((asked.sent.get("reporter_kind") or [""])[0])


def kind_of_reporter(asked: Asked) -> ReporterKind:
    """Of answers that are right."""
    return ReporterKind(kind_said(asked) or ReporterKind.ANONYMOUS)


def elsewhere(asked: Asked) -> Act | None:
    """“Back” and “Change” name a page, and go there whatever has been answered so far."""
    return ACT_OF.get(str((asked.sent.get(GO) or [""])[0]))


def _act(question: Question) -> Act:
    return Act(
        path=f"/report/{question.name}", title=question.title, who=ANYBODY, fields=question.fields,
        do=lambda asked, given: _go_on(question, asked, given), template="reporting/question.html",
        before=lambda asked, given: about(question, asked, given), choices=options, words=question.words,
        aside=elsewhere, command="breach report" if question is QUESTIONS[0] else None,
    )  # fmt: skip


ACTS = tuple(_act(each) for each in QUESTIONS)
# with the check, which `sending` adds
ACT_OF: dict[str, Act] = {question.name: act for question, act in zip(QUESTIONS, ACTS, strict=True)}
