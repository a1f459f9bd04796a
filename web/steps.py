"""Forms of one thing a page: on, back, to the check and back to it, with everything that was sent carried along.

Nothing is kept before the check is sent. Reports of breaches and complaints are filled in so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from actions.policy import zone_of
from rules.errors import Refused
from web.declaring import ANYBODY, Act, Asked, Done
from web.fields import DAY_PARTS, Kind, kind_of, said_of
from web.forms import FormField, Given, form_fields, read_form
from web.once import new_key
from web.places import as_query

GO, REST, CHECKING, KEY = "go", "rest", "checking", "key"
CHECK = "check"
OPTIONS = "options/"  # no page's name
Options = Mapping[str, Sequence[tuple[str, str]]]
Sent = Mapping[str, list[Any]]


class WrongAnswer(Refused):
    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


def unmarked(ask: Callable[..., Any]) -> Callable[..., Any]:
    """May be left empty, as the hint says: “(optional)” at every question would only be noise."""

    def asked(question: str, *options: Any, **more: Any) -> Any:
        made = ask(question, *options, optional=True, **more)
        made.json_schema_extra["optional_said"] = False
        return made

    return asked


@dataclass(frozen=True, kw_only=True)
class Question:
    """One page. `facts` is what its answers say of the case; it raises WrongAnswer. `is_asked` looks at what was
    sent: is this page shown at all?"""

    name: str  # in the address
    title: str
    fields: type[BaseModel]
    facts: Callable[[Any, datetime, ZoneInfo], Mapping[Any, Any]] = lambda *_: {}
    is_asked: Callable[[Sent], bool] = lambda _: True
    words: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """`unsaid` are the answers of who gives none; `empty` is what the check reads where nothing was answered."""

    root: str  # the address of the page that it begins on
    questions: Sequence[Question]
    options: Callable[[Asked], Options]
    template: str
    unsaid: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)
    may_skip: Callable[[Question], bool] = lambda _: False
    command: str | None = None
    in_menu: str | None = None
    acts: dict[str, Act] = field(default_factory=dict)  # by the page's name, the check among them

    @property
    def forms(self) -> Sequence[type[BaseModel]]:
        return [each.fields for each in self.questions]

    def asked_questions(self, sent: Sent) -> list[Question]:
        return [each for each in self.questions if each.is_asked(sent)]

    def given_to(self, asked: Asked, question: Question) -> Given:
        """What has been answered on that page so far, with what is wrong about it; read once in a request."""
        kept = self._kept(asked)
        if question.name not in kept:
            kept[question.name] = self._read(asked, question)
        given: Given = kept[question.name]
        return given

    def _kept(self, asked: Asked) -> dict[str, Any]:
        known: tuple[Asked, dict[str, Any]] | None = asked.session.info.get(self.root)
        if known is None or known[0] is not asked:
            known = asked.session.info[self.root] = (asked, {})
        return known[1]

    def _read(self, asked: Asked, question: Question) -> Given:
        zone, names = zone_of(asked.protocol), set(question.fields.model_fields)
        given = read_form(question.fields, asked.sent, self.options_of(question, asked), zone)
        if names <= set(self.unsaid) and not any(first_said(asked, name) for name in names):
            return Given(given.raw)
        if given.errors:
            return given
        try:
            question.facts(question.fields.model_construct(**given.values), asked.now, zone)
        except WrongAnswer as wrong:
            return Given(given.raw, given.values, {wrong.field: str(wrong)})
        return given

    def form_of(self, asked: Asked, question: Question) -> list[FormField]:
        given, zone = self.given_to(asked, question), zone_of(asked.protocol)
        return form_fields(question.fields, given, {}, self.options_of(question, asked), zone)

    def options_of(self, question: Question, asked: Asked) -> Options:
        """None where it asks nothing that depends on what is known; else looked up once in a request."""
        if not _is_open(question.fields):
            return {}
        kept = self._kept(asked)
        if OPTIONS not in kept:
            kept[OPTIONS] = self.options(asked)
        options: Options = kept[OPTIONS]
        return options

    def unanswered(self, asked: Asked) -> list[Question]:
        """Pages that have to be looked at again."""
        return [each for each in self.asked_questions(asked.sent) if self.given_to(asked, each).errors]

    def values(self, asked: Asked) -> dict[str, Any]:
        """Of every page that is asked, all of which are right."""
        found: dict[str, Any] = {}
        for question in self.asked_questions(asked.sent):
            found |= self.given_to(asked, question).values
        return found

    def carried(self, asked: Asked, besides: type[BaseModel] | None = None) -> list[tuple[str, str]]:
        """The hidden inputs of a page: everything that was sent on the others, as it was sent."""
        shown = set(_inputs(besides)) if besides else set()
        known = {name for each in self.questions for name in _inputs(each.fields)} | {CHECKING}
        names = [name for name in asked.sent if name in known - shown]
        pairs = [(name, each) for name in names for each in asked.sent[name] if isinstance(each, str)]
        return [*pairs, (KEY, key_of(asked) or new_key())]

    def about(self, question: Question, asked: Asked) -> dict[str, Any]:
        """What a question's page is given."""
        earlier = self.asked_questions(asked.sent)
        at = earlier.index(question) if question in earlier else len(earlier)
        is_checking = CHECKING in asked.sent
        return {
            "carried": self.carried(asked, question.fields), "is_checking": is_checking, "root": self.root,
            "back": CHECK if is_checking else earlier[at - 1].name if at else None, "of": as_query(asked),
            "may_skip": not is_checking and self.may_skip(question),
        }  # fmt: skip

    def about_check(self, asked: Asked) -> dict[str, Any]:
        rest = [pair for pair in self.carried(asked) if pair[0] != CHECKING]
        unsaid = [pair for pair in self.unsaid.items() if not first_said(asked, pair[0])]
        return {
            "carried": [*rest, *unsaid, (CHECKING, "yes")], "of": as_query(asked), "root": self.root,
            "back": self.asked_questions(asked.sent)[-1].name,
        }  # fmt: skip

    def elsewhere(self, asked: Asked) -> Act | None:
        """“Back” and “Change” name a page, and go there whatever has been answered so far."""
        return self.acts.get(first_said(asked, GO))

    def made_acts(self) -> tuple[Act, ...]:
        """One for each question; the check is added by whoever sends it."""
        self.acts.update((each.name, self._act(each)) for each in self.questions)
        return tuple(self.acts.values())

    def _act(self, question: Question) -> Act:
        return Act(
            path=f"{self.root}/{question.name}", title=question.title, who=ANYBODY, fields=question.fields,
            do=lambda asked, given: self._go_on(question, asked, given), template=self.template,
            before=lambda asked, _given: self.about(question, asked), words=question.words,
            choices=lambda asked: self.options_of(question, asked),
            aside=self.elsewhere, carries=self.forms, command=self.command if question is self.questions[0] else None,
            in_menu=self.in_menu, keeps=False,
        )  # fmt: skip

    def _go_on(self, question: Question, asked: Asked, given: Any) -> Done:
        """Nothing is done. Raises WrongAnswer."""
        question.facts(given, asked.now, zone_of(asked.protocol))
        return Done(sentence="", to=self.root, form=self.acts[self._after(question, asked)])

    def _after(self, question: Question, asked: Asked) -> str:
        """The next page; to the check at once where it was asked for, by way of what has to be answered first."""
        names = [each.name for each in self.asked_questions(asked.sent)]
        if CHECKING in asked.sent or REST in asked.sent:
            return next((each.name for each in self.unanswered(asked)), CHECK)
        at = names.index(question.name) + 1 if question.name in names else len(names)
        return names[at] if at < len(names) else CHECK


def _is_open(model: type[BaseModel]) -> bool:
    """Has it a question whose answers depend on what is known?"""
    return any(
        kind_of(info) in (Kind.CHOICE, Kind.PICK, Kind.TICKS) and not said_of(info).get("options")
        for info in model.model_fields.values()
    )


def _inputs(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if kind_of(info) is Kind.DAY:
            yield from (f"{name}-{part}" for part in DAY_PARTS)
        else:
            yield name


def first_said(asked: Asked, name: str) -> str:
    """As it was sent, right or wrong."""
    return str((asked.sent.get(name) or [""])[0])


def key_of(asked: Asked) -> str:
    """Drawn on the first page: by it the same thing, sent again, is known again."""
    key = first_said(asked, KEY)
    return key if 8 <= len(key) <= 40 and key.isascii() and key.isprintable() else ""
