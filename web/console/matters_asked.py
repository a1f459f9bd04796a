"""What somebody at a party asks of the secretary, answered: accepted, another person named, or no."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from actions.duties import said_of
from actions.party_answers import name_the_right_person, refuse_request, request_of
from actions.standing_in import accept_stand_in, stand_in_of
from rules.errors import Refused
from web.console.matters import about_matter
from web.declaring import DECIDES, Act, Asked, Done
from web.fields import line, words
from web.wording import plain_day

MENU = "/console"
LIST = "/console/matters"
ASKED = f"{LIST}/{{matter:int}}"


class Refusal(BaseModel):
    because: str = words(
        "Why not?", missing="Say why not", rows=3, longest=450,
        hint="Whoever asked is sent your reason by e-mail. About a breach or a complaint it stays in the record.",
    )  # fmt: skip


class RightPerson(BaseModel):
    address: str = line(
        "E-mail address of the right person", missing="Enter an e-mail address", longest=254, input_type="email"
    )


def _refuse(asked: Asked, given: Refusal) -> Done:
    number = asked.place["matter"]
    told = refuse_request(asked.session, asked.now, number, asked.caller.by, given.because)
    sentence = "You said no, and they are told by e-mail." if told else (
        "You said no. They cannot be told by e-mail: mail to them comes back. Telephone them."
    )  # fmt: skip
    return Done(sentence=sentence, to=LIST, facts={"matter": number, "told": told})


def _about_accepting(asked: Asked, given: object) -> Mapping[str, Any]:
    """What will be done; or why it cannot be."""
    about = about_matter(asked, given)
    try:
        will = stand_in_of(asked.session, request_of(asked.session, asked.place["matter"]))
    except Refused as refused:
        return {**about, "refusal": str(refused)}
    duties = [f"{said_of(duty)} ({duty.case.replace(':', ' ')})" for duty in will.duties]
    return {
        **about, "refusal": "", "deputy": will.deputy, "replaces": will.replaces, "duties": duties,
        "role": will.contact.role.value, "party": will.party.name, "until": will.until,
    }  # fmt: skip


def _accept(asked: Asked, _given: Any) -> Done:
    number = asked.place["matter"]
    done = accept_stand_in(asked.session, asked.now, number, asked.caller.by)
    return Done(
        sentence=f"The deputy of {done.party.name}, {done.deputy}, stands in until {plain_day(done.until)}.", to=LIST,
        facts={"matter": number, "handed_over": [duty.id for duty in done.duties], "until": done.until},
    )  # fmt: skip


def _named(asked: Asked) -> Mapping[str, Any]:
    """Read from the matter, so that no address stands in a link."""
    try:
        return {"address": request_of(asked.session, asked.place["matter"]).address or ""}
    except Refused:
        return {}


def _correct(asked: Asked, given: RightPerson) -> Done:
    number = asked.place["matter"]
    contact = name_the_right_person(asked.session, asked.now, number, given.address, asked.caller.by)
    sentence = f"The {contact.role} is reached at {contact.address} from now on."
    return Done(sentence=sentence, to=LIST, facts={"matter": number, "contact": contact.id})


ACTS = (
    Act(path=f"{ASKED}/accept", title="Accept the stand-in", who=DECIDES, do=_accept, button="Accept",
        before=_about_accepting, template="console/matters_accept.html", in_menu=MENU),
    Act(path=f"{ASKED}/refuse", title="Say no to what was asked", who=DECIDES, fields=Refusal, do=_refuse,
        button="Say no", before=about_matter, template="console/matters_asked.html", in_menu=MENU,
        words="Nothing changes in what is owed, and it goes off your list."),
    Act(path=f"{ASKED}/correct", title="Name the right person", who=DECIDES, fields=RightPerson, do=_correct,
        start=_named, button="Correct the address", before=about_matter, template="console/matters_asked.html",
        in_menu=MENU,
        words="Make sure that it is so, by telephone where you can. Whoever it was until now cannot come in any more, "
        "messages go to the new address, and it goes off your list."),
)  # fmt: skip
