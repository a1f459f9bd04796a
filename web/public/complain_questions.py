"""What the complaint form asks, a page at a time. What it is about, whom, and what happened have to be answered."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlmodel import col, select

from actions.complaints.receiving import FEWEST_SIGNS
from models.protocol import Party, Succession, SuccessionKind
from rules.complaint import ComplaintKind
from rules.instants import local_day
from web.declaring import Asked
from web.fields import choice, day, line, words
from web.organisations import ByName, organisations
from web.steps import Options, Question, Steps, WrongAnswer, unmarked

OTHERS = "Leave out names and details of other people. Say who they are: my son, a nurse, a neighbour."
KINDS = (
    (ComplaintKind.DISCLOSURE.value, "Information was given to somebody, or was kept from somebody",
     "For example: you were not asked, the wrong person was told, or help came late because nobody was told."),
    (ComplaintKind.PERSON.value, "Something else about how information about me was handled",
     "For example: it is wrong, it was lost, or you cannot see it. Also if you speak for somebody."),
    (ComplaintKind.CONCERN.value, "I work for one of these organisations, and am concerned how information is shared",
     "To report that something has gone wrong with information, use “Report a breach” instead."),
)  # fmt: skip


class About(BaseModel):
    kind: str = choice("What is your complaint about?", KINDS, missing="Choose what your complaint is about")


class Organisation(BaseModel):
    organisation: str = choice(
        "Which organisation is it about?", missing="Choose the organisation that it is about",
        hint="If you are not sure, choose the one that you have dealt with. It is passed on if another has to answer.",
    )  # fmt: skip


class Happened(BaseModel):
    what: str = words("What happened?", missing="Say what happened, in a few sentences", rows=10,
                      hint=f"What was done with the information, and why that was wrong. {OTHERS}")  # fmt: skip


class When(BaseModel):
    happened_from: date | None = unmarked(day)("On which day did it happen, or begin?",
                                               hint="Leave it empty if you do not know.")  # fmt: skip
    happened_to: date | None = unmarked(day)("On which day did it end?", hint="Only if it went on for longer.")


class Wanted(BaseModel):
    wanted: str | None = unmarked(words)("What should be done about it?", rows=5,
                                         hint="What would put it right. You can leave this empty.")  # fmt: skip


class Reach(BaseModel):
    name: str | None = unmarked(line)("Your name", autocomplete="name")
    reach: str | None = unmarked(words)("Where can you be answered?", rows=3, longest=500,
                                        hint="An e-mail address, a postal address or a telephone number.")  # fmt: skip


def _happened(given: Happened, *_: object) -> dict[str, str]:
    if sum(not sign.isspace() for sign in given.what) < FEWEST_SIGNS:
        raise WrongAnswer("what", "Say what happened, in a few sentences")
    return {"what": given.what}


def _when(given: When, now: datetime, zone: ZoneInfo) -> dict[str, date]:
    first, last = given.happened_from, given.happened_to
    for name, on in (("happened_from", first), ("happened_to", last)):
        if on is not None and on > local_day(now, zone):
            raise WrongAnswer(name, "The day must be today or in the past")
    if last is not None and first is None:
        raise WrongAnswer("happened_from", "Enter the day on which it began as well, or leave both empty")
    if first is not None and last is not None and last < first:
        raise WrongAnswer("happened_to", "The day on which it ended must be the day on which it began, or later")
    return {}


def options(asked: Asked) -> Options:
    """Parties of today, with the names that people may know them by now."""
    known = organisations(asked)
    if isinstance(known, ByName):
        return {"organisation": known}
    statement = (
        select(Party.slug, Succession.successor_name)
        .join(Party, col(Party.id) == Succession.party_id)
        .where(Succession.protocol_id == asked.protocol.id, Succession.kind != SuccessionKind.PART_OF)
        .order_by(col(Succession.happened_on))
    )
    now_known = dict(asked.session.exec(statement).all())
    return {
        "organisation": [
            (slug, f"{name} (now {now_known[slug]})" if slug in now_known else name) for slug, name in known
        ]
    }


QUESTIONS = (
    Question(name="about", title="What is your complaint about?", fields=About),
    Question(name="organisation", title="Which organisation is it about?", fields=Organisation),
    Question(name="what-happened", title="What happened?", fields=Happened, facts=_happened),
    Question(name="when", title="When did it happen?", fields=When, facts=_when),
    Question(name="wanted", title="What should be done about it?", fields=Wanted),
    Question(
        name="reach", title="How can you be answered?", fields=Reach,
        words="You can leave this empty. Then your complaint is looked into all the same, but nobody can tell you that "
        "it has come, ask you anything, or tell you what was found.",
    ),
)  # fmt: skip
UNSAID = "Not answered yet"
COMPLAINT = Steps(
    root="/complain", questions=QUESTIONS, options=options, template="public/complain_question.html",
    in_menu="/complain",
    empty={
        "kind": UNSAID, "organisation": UNSAID, "what": UNSAID, "wanted": "Not said", "name": "Not said",
        "reach": "Not said: nobody can answer you",
    },
)  # fmt: skip


def reach_of(values: dict[str, Any]) -> str | None:
    """Name and address, as they are kept: in one place, which retention may empty."""
    return "\n".join(each for each in (values.get("name"), values.get("reach")) if each) or None
