"""What a report asks, a page at a time: the questions, in their order, with what each says of the breach.

Only what happened has to be answered. The answers travel in the pages' forms until "Send": nothing is kept before.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationInfo, field_validator

from models.breach import ReporterKind
from notifications.wording import capitalised
from rules.breach_facts import CHOICES, LARGEST, UNKNOWN, FactName
from rules.errors import Refused
from rules.instants import local_day
from web.fields import choice, day, line, pick, ticks, whole, words
from web.steps import Question, Sent, WrongAnswer, unmarked
from web.times_written import instant_on

Facts = Mapping[FactName, Any]
NO_NAMES = "Do not name the people whose information it is. Say what they are: a pupil, a patient, two residents."
TIME_HINT = "If you know it, such as 16:20."
IF_UNKNOWN = "Leave it empty if you do not know."
KINDS = (
    (ReporterKind.ANONYMOUS.value, "Anonymously", "Nobody knows who you are. We can ask you only when you come back."),
    (ReporterKind.CONFIDENTIAL.value, "Confidentially",
     "The secretary of the steering group knows who you are. No organisation is told."),
    (ReporterKind.NAMED.value, "With my name",
     "The secretary knows who you are, and may tell the organisations that follow it up."),
)  # fmt: skip


def _options(name: FactName) -> list[tuple[str, str]]:
    return [(each, capitalised(each)) for each in CHOICES[name]]


class WhatHappened(BaseModel):
    what: str = words("What happened?", missing="Say what happened, in a sentence or two", rows=8,
                      hint=f"A sentence or two are enough. {NO_NAMES}")  # fmt: skip


class Parties(BaseModel):
    parties: list[str] | None = unmarked(ticks)(
        "Which organisations may it concern?",
        hint="Whose information it is, who sent it, who received it. Each one you name is told.",
    )  # fmt: skip

    @field_validator("parties")
    @classmethod
    def _either(cls, chosen: list[str] | None) -> list[str] | None:
        if chosen and UNKNOWN in chosen and len(chosen) > 1:
            raise ValueError("Tick the organisations that you know of, or “I do not know”, not both")
        return chosen


class When(BaseModel):
    occurred: date | None = unmarked(day)("On which day did it happen?", hint=IF_UNKNOWN)
    occurred_time: str | None = unmarked(line)("At what time did it happen?", hint=TIME_HINT,
                                                width="govuk-input--width-5", longest=20)  # fmt: skip
    noticed: date | None = unmarked(day)("On which day was it noticed?", hint=IF_UNKNOWN)
    noticed_time: str | None = unmarked(line)("At what time was it noticed?", hint=TIME_HINT,
                                               width="govuk-input--width-5", longest=20)  # fmt: skip

    @field_validator("occurred_time", "noticed_time")
    @classmethod
    def _with_its_day(cls, time: str | None, known: ValidationInfo) -> str | None:
        if time and known.data.get(str(known.field_name).removesuffix("_time")) is None:
            raise ValueError("Enter the day as well, or leave the time empty")
        return time


class Information(BaseModel):
    data: list[str] | None = unmarked(ticks)("What kinds of information?", _options(FactName.DATA),
                                              hint="Tick all that you know of, if any.")  # fmt: skip


class People(BaseModel):
    people: int | None = unmarked(whole)("How many people does it concern?", most=LARGEST,
                                          hint=f"Your best guess, as a number. {IF_UNKNOWN}")  # fmt: skip
    people_kinds: list[str] | None = unmarked(ticks)("Who are they?", _options(FactName.PEOPLE_KINDS),
                                                      hint="Tick all that you know of.")  # fmt: skip


class ReportingAs(BaseModel):
    reporter_kind: str = choice("How do you want to report?", KINDS, missing="Choose how you want to report")


class YourName(BaseModel):
    reporter: str = line("Your name", missing="Enter your name, or go back and report anonymously",
                         autocomplete="name")  # fmt: skip
    reach: str | None = line("Where can you be asked?", optional=True, longest=254,
                             hint="E-mail or telephone, for questions about this report only.")  # fmt: skip
    works_at: str | None = pick("Where do you work?", optional=True,
                                hint="If you named no organisation, this one is told.")  # fmt: skip


class Measures(BaseModel):
    done: str = words("What has been done about it so far?", missing="Say what has been done", hint=NO_NAMES)


class More(BaseModel):
    more: str = words("What do you know now about what happened?", missing="Say what you know now", rows=8,
                      hint=f"It is put after what you said before. {NO_NAMES}")  # fmt: skip


def _parties(given: Parties, *_: object) -> Facts:
    named = [each for each in given.parties or () if each != UNKNOWN]
    return {FactName.PARTIES: named} if named else {}


def _when(given: When, now: datetime, zone: ZoneInfo) -> Facts:
    read = {
        FactName.OCCURRED_FROM: _moment("occurred", given.occurred, given.occurred_time, now, zone),
        FactName.DETECTED: _moment("noticed", given.noticed, given.noticed_time, now, zone),
    }  # fmt: skip
    return {name: value for name, value in read.items() if value is not None}


def _moment(field: str, on: date | None, time: str | None, now: datetime, zone: ZoneInfo) -> str | None:
    """The day, and the instant where somebody knows the time."""
    if on is None:
        return None
    if on > local_day(now, zone):
        raise WrongAnswer(field, "The day must be today or in the past")
    if not time:
        return on.isoformat()
    try:
        at = instant_on(on, time, zone)
    except Refused as wrong:
        raise WrongAnswer(f"{field}_time", str(wrong)) from None
    if at > now:
        raise WrongAnswer(f"{field}_time", "The time must be in the past")
    return at.isoformat()


def _information(given: Information, *_: object) -> Facts:
    return {FactName.DATA: given.data} if given.data else {}


def _people(given: People, *_: object) -> Facts:
    said = {FactName.PEOPLE: given.people, FactName.PEOPLE_KINDS: given.people_kinds or None}
    return {name: value for name, value in said.items() if value is not None}


def has_name(sent: Sent) -> bool:
    return (sent.get("reporter_kind") or [""])[0] in (ReporterKind.NAMED, ReporterKind.CONFIDENTIAL)


QUESTIONS = (
    Question(name="what-happened", title="What happened?", fields=WhatHappened,
             facts=lambda given, *_: {FactName.HAPPENED: given.what}),
    Question(name="organisations", title="Which organisations may it concern?", fields=Parties, facts=_parties),
    Question(name="when", title="When was it?", fields=When, facts=_when),
    Question(name="information", title="What kinds of information?", fields=Information, facts=_information),
    Question(name="people", title="Whose information is it?", fields=People, facts=_people),
    Question(name="how", title="How do you want to report?", fields=ReportingAs),
    Question(name="your-name", title="Who are you?", fields=YourName, is_asked=has_name,
             words="If you report confidentially, only the secretary sees this."),
)  # fmt: skip
ADDED = (
    Question(name="more", title="What do you know now about what happened?", fields=More),
    Question(name="done", title="What has been done about it so far?", fields=Measures,
             facts=lambda given, *_: {FactName.DONE: given.done}),
    *QUESTIONS[1:5],
)  # fmt: skip
