"""A form for each fact of a breach: its question, what it may be answered with, and that nobody knows."""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, create_model, model_validator

from rules.breach_facts import CHOICES, SHAPES, UNKNOWN, FactName, Shape
from web.console.breach_times import HINT, written_when
from web.fields import choice, day, line, ticks, whole, words
from web.fields import tick as ticked

QUESTIONS = {
    FactName.HAPPENED: "What happened?", FactName.KIND: "What kind of thing is it?",
    FactName.OCCURRED_FROM: "When did it begin?", FactName.OCCURRED_TO: "When was it over?",
    FactName.SUSPECTED: "When did anybody first suspect it?", FactName.DETECTED: "When was it detected?",
    FactName.TOLD: "Who has been told already, by role?", FactName.NATURE: "What was harmed?",
    FactName.DATA: "Which kinds of data are concerned?", FactName.PEOPLE_KINDS: "Which kinds of people are concerned?",
    FactName.PEOPLE: "How many people are concerned?", FactName.RECORDS: "How many records are concerned?",
    FactName.PARTIES: "Which parties may it concern?", FactName.DONE: "What has been done about it, or is going to be?",
    FactName.CONSEQUENCES: "What are the likely consequences?", FactName.CAUSE: "What was the cause?",
    FactName.CLAUSES: "Which clauses does it touch?", FactName.PROTOCOL_BROKEN: "Was the protocol broken?",
    FactName.PERSONAL_DATA: "Is personal data of living people concerned?",
    FactName.UNINTELLIGIBLE: "Is the data unintelligible to whoever has it?",
    FactName.LIKELIHOOD: "How likely is an effect on people?", FactName.IMPACT: "How great would the effect be?",
    FactName.IMMEDIATE_RISK: "Is there an immediate risk of harm?",
    FactName.SIGNIFICANT_HARM: "Is significant harm likely?",
    FactName.LARGE_NUMBER: "Is it a large number of people, as the procedure means it?",
    FactName.ICT: "Are computers or accounts involved?",
    FactName.NIS: "Are the criteria for network and information systems met?",
}  # fmt: skip
HINTS = {
    FactName.HAPPENED: "In a few sentences. Name nobody.", FactName.CAUSE: "In a few words, such as “wrong recipient”.",
    FactName.UNINTELLIGIBLE: "Encrypted, and the key is not lost.", FactName.LIKELIHOOD: "From 1 to 5.",
    FactName.IMPACT: "From 1 to 5.", FactName.PARTIES: "That a party is not concerned is said on its own page.",
}  # fmt: skip
YES_NO = (("yes", "Yes"), ("no", "No"), (UNKNOWN, "Nobody knows"))
ONE_OF_TWO = "Answer the question, or tick that nobody knows: one of the two"


class Stated(BaseModel):
    """`value` as it was answered, or nobody knows."""

    fact: ClassVar[FactName]

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        said = self.said()
        if (said is None) is not bool(getattr(self, "unknown", False)) and SHAPES[self.fact] not in ASKED_WITH_UNKNOWN:
            raise ValueError(ONE_OF_TWO)
        return self

    def said(self) -> Any:
        """As `read_value` takes it; None where it was left out."""
        if SHAPES[self.fact] is Shape.INSTANT:
            return written_when(getattr(self, "day", None), getattr(self, "time", None))
        value = getattr(self, "value", None)
        return list(value) or None if isinstance(value, list | tuple) else value

    def value_now(self) -> Any:
        said = self.said()
        return UNKNOWN if said is None else said


ASKED_WITH_UNKNOWN = (Shape.YES_NO, Shape.CHOICE)  # nobody knows is among the answers


def slug_of(name: FactName) -> str:
    return name.value.casefold().replace(" ", "-")


def form_of(name: FactName) -> type[Stated]:
    given = _answers(name)
    if SHAPES[name] not in ASKED_WITH_UNKNOWN:
        given["unknown"] = (bool, ticked("Nobody knows", optional=True))
    given["because"] = (
        str | None, words("Where it is corrected: why?", optional=True, rows=2, longest=2000),
    )  # fmt: skip
    called = "State" + "".join(part.capitalize() for part in slug_of(name).split("-"))
    made = create_model(called, __base__=Stated, **given)
    made.fact = name
    return made


def _answers(name: FactName) -> dict[str, Any]:
    question, hint = QUESTIONS[name], HINTS.get(name, "")
    match SHAPES[name]:
        case Shape.TEXT:
            return {"value": (str | None, words(question, hint=hint, optional=True, longest=10_000))}
        case Shape.INSTANT:
            return {"day": (date | None, day(question, optional=True)),
                    "time": (str | None, line("At what time?", hint=HINT, optional=True, longest=20,
                                            width="govuk-input--width-10"))}  # fmt: skip
        case Shape.COUNT:
            return {"value": (int | None, whole(question, optional=True, most=100_000_000))}
        case Shape.SCALE:
            return {"value": (int | None, whole(question, hint=hint, optional=True, least=1, most=5))}
        case Shape.YES_NO:
            return {"value": (str, choice(question, YES_NO, hint=hint, missing="Choose an answer"))}
        case Shape.CHOICE:
            options = (*((each, each.capitalize()) for each in CHOICES[name]), (UNKNOWN, "Nobody knows"))
            return {"value": (str, choice(question, options, missing="Choose an answer"))}
        case Shape.CHOICES:
            options = tuple((each, each.capitalize()) for each in CHOICES[name])
            return {"value": (tuple[str, ...], ticks(question, options, optional=True))}
        case _:
            return {"value": (tuple[str, ...], ticks(question, hint=hint, optional=True))}


def start_of(name: FactName, kept: Any, zone: ZoneInfo) -> dict[str, Any]:
    """What the form holds at first: what stands."""
    if kept is None:
        return {}
    if kept == UNKNOWN:
        return {"value": UNKNOWN} if SHAPES[name] in ASKED_WITH_UNKNOWN else {"unknown": True}
    match SHAPES[name]:
        case Shape.INSTANT if len(kept) == len("2026-10-23"):
            return {"day": date.fromisoformat(kept)}
        case Shape.INSTANT:
            there = datetime.fromisoformat(kept).astimezone(zone)
            return {"day": there.date(), "time": f"{there:%H:%M %Z}"}
        case Shape.YES_NO:
            return {"value": "yes" if kept else "no"}
    return {"value": kept}
