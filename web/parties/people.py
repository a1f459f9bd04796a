"""“I am not the right person”, “somebody will stand in for me”, “more time, please”: asked of the secretary.

None of it changes what is owed: the secretary is shown what would.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from actions.describing import asked_since
from actions.duties import said_of
from actions.party_requests import (
    OfThePage,
    ask_for_stand_in,
    ask_more_time,
    deputy_of,
    say_not_the_person,
    why_no_more_time,
)
from models.obligation import Obligation, ObligationKind
from models.protocol import Contact
from web.declaring import PARTIES_AND_ADVISER, Act, Asked, Done, Page
from web.fields import choice, day, line, words
from web.parties.own import duties_of, own_duty

MENU = "/party"
WAITS_ALREADY = "You have asked for this already: the secretary has it on their list."


class NotMe(BaseModel):
    address: str | None = line(
        "Who is? Their e-mail address at work", optional=True, longest=254, input_type="email",
        hint="If you do not know, leave it empty: the secretary has to find out.",
    )  # fmt: skip
    said: str | None = words(
        "What should the secretary know?", optional=True, longest=2000, rows=4,
        hint="Such as who it is, or since when it is not you.",
    )  # fmt: skip


class StandIn(BaseModel):
    who: str = choice("Who will stand in for you?", missing="Choose who will stand in for you")
    address: str | None = line(
        "If it is somebody else: their e-mail address at work", optional=True, longest=254, input_type="email"
    )
    until: date = day(
        "Until when?", missing="Enter the last day on which somebody stands in for you",
        hint="The last day, such as 27 3 2027.",
    )  # fmt: skip
    said: str | None = words("What should the secretary know?", optional=True, longest=2000, rows=3)


class MoreTime(BaseModel):
    until: date = day(
        "Until when do you need?", missing="Enter the day until which you need time", hint="Such as 27 3 2027."
    )
    why: str = words(
        "Why do you need more time?", missing="Say why you need more time", longest=2000, rows=4,
        hint="Do not name people. The secretary reads it.",
    )  # fmt: skip


def _contact(asked: Asked) -> Contact:
    assert asked.caller.contact is not None
    return asked.caller.contact


def _about_me(asked: Asked, _given: object) -> dict[str, object]:
    contact = _contact(asked)
    deputy = deputy_of(asked.session, contact)
    return {"contact": contact, "party": asked.caller.party, "protocol": asked.protocol, "deputy": deputy}


def _not_me(asked: Asked, given: NotMe) -> Done:
    new = say_not_the_person(
        asked.session, asked.now, _contact(asked), given.address or "", given.said or "", asked.caller.by
    )
    sentence = "Thank you, the secretary has it. Until they name the right person, messages still come to this address."
    return Done(sentence=sentence if new else WAITS_ALREADY, to=MENU)


def _stand_ins(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    deputy = deputy_of(asked.session, _contact(asked))
    named = [("deputy", f"Our deputy, {deputy.address}")] if deputy else []
    return {"who": [*named, ("other", "Somebody else")]}


def _only_choice(asked: Asked) -> Mapping[str, Any]:
    """Where the party has no deputy, there is only somebody else."""
    return {} if deputy_of(asked.session, _contact(asked)) else {"who": "other"}


def _stand_in(asked: Asked, given: StandIn) -> Done:
    address = (given.address or "") if given.who == "other" else ""
    if given.who == "other" and not address:
        raise OfThePage("address", "Enter the e-mail address of whoever stands in for you")
    new = ask_for_stand_in(
        asked.session, asked.now, _contact(asked), address, given.until, given.said or "", asked.caller.by
    )
    sentence = "The secretary is asked to send your requests there. Until they accept, nothing changes."
    return Done(sentence=sentence if new else WAITS_ALREADY, to=MENU)


def _duty(asked: Asked) -> Obligation:
    return own_duty(asked, *ObligationKind)


def _about_time(asked: Asked, _given: object) -> dict[str, object]:
    duty = _duty(asked)
    refusal = why_no_more_time(asked.session, duty)
    return {
        "duty": duty, "what": said_of(duty), "refusal": str(refusal) if refusal else "",
        "asked_at": asked_since(asked.session, [duty]).get(duty.key),
    }  # fmt: skip


def _more_time(asked: Asked, given: MoreTime) -> Done:
    new = ask_more_time(
        asked.session, asked.now, _duty(asked), given.until, given.why, asked.caller.by, contact=_contact(asked)
    )
    sentence = "The secretary is asked for more time. Until they give it, the day stays as it is."
    return Done(sentence=sentence if new else WAITS_ALREADY, to=MENU)


def _which(asked: Asked) -> dict[str, object]:
    duties = duties_of(asked.session, _contact(asked))
    return {
        "duties": [(duty, said_of(duty), why_no_more_time(asked.session, duty)) for duty in duties],
        "since": asked_since(asked.session, duties),
    }  # fmt: skip


PAGES = (
    Page(path="/party/more-time", title="Ask for more time", who=PARTIES_AND_ADVISER, read=_which,
         template="parties/people_which.html", in_menu=MENU),
)  # fmt: skip
ACTS = (
    Act(path="/party/not-me", title="I am not the right person", who=PARTIES_AND_ADVISER, fields=NotMe, do=_not_me,
        button="Tell the secretary", before=_about_me, template="parties/people_not_me.html", in_menu=MENU),
    Act(path="/party/stand-in", title="Somebody will stand in for me", who=PARTIES_AND_ADVISER, fields=StandIn,
        do=_stand_in, button="Ask the secretary", before=_about_me, choices=_stand_ins,
        template="parties/people_stand_in.html", in_menu=MENU, start=_only_choice),
    Act(path="/party/more-time/{duty:int}", title="Ask for more time", who=PARTIES_AND_ADVISER, fields=MoreTime,
        do=_more_time, button="Ask the secretary", before=_about_time, template="parties/people_more_time.html",
        in_menu=MENU),
)  # fmt: skip
