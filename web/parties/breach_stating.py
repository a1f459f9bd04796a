"""A party states what is known of a breach: one fact a page, and “nobody knows” is an answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, model_validator

from actions.breaches.confirming_facts import sentence_of
from actions.breaches.facts import facts_of
from actions.breaches.showing_facts import fact_lines
from actions.breaches.stating import state_facts
from actions.cast import active_parties
from actions.clauses import clause_headings
from actions.policy import today_of
from actions.reasons import ReasonNeeded
from notifications.wording import capitalised
from rules.breach_facts import CHOICES, LONGEST_TEXT, SHAPES, UNKNOWN, FactName, Shape
from web.declaring import PARTIES, Act, Asked, Done
from web.fields import choice, instant, tick, ticks, whole, words
from web.parties.breach_own import AtField, Mine, about, own_follow_up, recorded, worded
from web.parties.breach_questions import HINTS, QUESTIONS

NAME_NOBODY = "Name nobody: neither the people concerned, nor whoever made the mistake or reported it."
YES_NO = (("yes", "Yes"), ("no", "No"), (UNKNOWN, "Nobody knows yet"))
ONE_TO_FIVE = (*((str(n), str(n)) for n in range(1, 6)), (UNKNOWN, "Nobody knows yet"))
NOBODY_KNOWS = "Nobody knows yet"
WHY = "Why has it changed?"
WHY_HINT = "Needed where a number, the parties or the severity is corrected; helpful otherwise. Everybody reads it."


class _Stating(BaseModel):
    """Fields of a base class come first: each shape asks its `value` in its own way."""

    value: Any = words("What is known", optional=True, longest=LONGEST_TEXT, rows=8)
    unknown: bool = tick(NOBODY_KNOWS, optional=True)
    because: str | None = words(WHY, hint=WHY_HINT, optional=True, rows=3)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.unknown and self.value not in (None, (), []):
            raise ValueError("Empty the answer, or take away the tick “Nobody knows yet”")
        if not self.unknown and self.value in (None, (), []):
            raise ValueError("Answer the question, or tick “Nobody knows yet”")
        return self

    @property
    def said(self) -> Any:
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        return UNKNOWN if self.unknown else list(value) if isinstance(value, tuple | list) else value


class StateText(_Stating):
    value: str | None = words("What is known", hint=NAME_NOBODY, optional=True, longest=LONGEST_TEXT, rows=8)


class StateWhen(_Stating):
    value: datetime | date | None = instant(
        "When", hint="By the clock on the wall here. The day alone will do where nobody knows the hour.",
        optional=True, or_day=True,
    )  # fmt: skip


class StateCount(_Stating):
    value: int | None = whole("How many", hint="About as many as are known, such as 4", optional=True, most=100_000_000)


class StateSeveral(_Stating):
    value: tuple[str, ...] | list[str] = ticks("Choose all that apply", optional=True)


class StateChoice(BaseModel):
    value: str = choice("Choose one", missing="Choose an answer, or “Nobody knows yet”")
    because: str | None = words(WHY, hint=WHY_HINT, optional=True, rows=3)

    @property
    def said(self) -> Any:
        return self.value


FIELDS: Mapping[Shape, type[BaseModel]] = {
    Shape.TEXT: StateText, Shape.INSTANT: StateWhen, Shape.COUNT: StateCount, Shape.SCALE: StateChoice,
    Shape.YES_NO: StateChoice, Shape.CHOICE: StateChoice, Shape.CHOICES: StateSeveral, Shape.SLUGS: StateSeveral,
}  # fmt: skip
Options = Mapping[str, Sequence[tuple[str, str]]]


def _choices(name: FactName) -> Callable[[Asked], Options] | None:
    match SHAPES[name]:
        case Shape.YES_NO:
            return lambda _: {"value": YES_NO}
        case Shape.SCALE:
            return lambda _: {"value": ONE_TO_FIVE}
        case Shape.CHOICE:
            return lambda _: {"value": [*_words(name), (UNKNOWN, NOBODY_KNOWS)]}
        case Shape.CHOICES:
            return lambda _: {"value": _words(name)}
        case Shape.SLUGS:
            return _parties if name is FactName.PARTIES else _clauses
    return None


def _words(name: FactName) -> list[tuple[str, str]]:
    return [(each, capitalised(each)) for each in CHOICES[name]]


def _parties(asked: Asked) -> Options:
    protocol = asked.protocol
    today = today_of(protocol, asked.now)
    return {"value": [(party.slug, party.name) for party in active_parties(asked.session, protocol, today)]}


def _names(asked: Asked) -> dict[str, str]:
    return dict(_parties(asked)["value"])


def _clauses(asked: Asked) -> Options:
    return {"value": list(clause_headings(asked.session, asked.protocol))}


def _start(name: FactName) -> Callable[[Asked], Mapping[str, Any]]:
    """What stands, to be corrected. A time is shown above the form and asked anew."""

    def start(asked: Asked) -> Mapping[str, Any]:
        value = facts_of(asked.session, own_follow_up(asked).breach).get(name)
        if value is None or (value == UNKNOWN and FIELDS[SHAPES[name]] is not StateChoice):
            return {"unknown": value == UNKNOWN}
        if SHAPES[name] is Shape.INSTANT:
            return {}
        return {"value": {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value}

    return start


def _stands(name: FactName) -> Callable[[Asked, Mine], Mapping[str, Any]]:
    def stands(asked: Asked, mine: Mine) -> Mapping[str, Any]:
        lines = {line.name: line for line in fact_lines(asked.session, mine.breach)}
        said = [HINTS[name]] if name in HINTS else []
        return {
            "fact": lines.get(name.value),
            "said": said,
            "names": _names(asked) if name is FactName.PARTIES else {},
            "clauses": dict(_clauses(asked)["value"]) if name is FactName.CLAUSES else {},
            "back": ("/facts", "What is known"),
        }

    return stands


def _state(name: FactName) -> Callable[[Asked, Any], Done]:
    def state(asked: Asked, given: Any) -> Done:
        mine = own_follow_up(asked)
        try:
            stated = state_facts(
                asked.session, asked.now, mine.number, {name: given.said}, asked.caller.by, given.because
            )
        except ReasonNeeded:
            raise AtField("because", "Say why it has changed: a correction is recorded with its reason") from None
        return recorded(mine, sentence_of(stated), "/facts")

    return state


def _act(name: FactName) -> Act:
    return Act(
        path=f"/party/breaches/{{breach:int}}/facts/{name.value.replace(' ', '-')}", title=QUESTIONS[name], who=PARTIES,
        fields=FIELDS[SHAPES[name]], do=worded(_state(name)), choices=_choices(name), start=_start(name),
        before=about(_stands(name)), template="parties/breach_act.html", button="Record", in_menu="/party",
    )  # fmt: skip


ACTS = tuple(_act(name) for name in QUESTIONS)
