"""Who is reached where: named, corrected, away and back."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from actions.away import set_away
from actions.cast import NoContact, NotThere, contact_at, known_id, officer, party_named
from actions.membership import absent_until, correct_address, filling, said_of_absence, set_contact
from actions.party_pages import contact_row
from actions.policy import today_of
from models.protocol import Contact, Party, Protocol, Role
from web.declaring import DECIDES, WORKS, Act, Asked, Done
from web.fields import day, line, pick
from web.wording import plain_day

MENU = "/console/parties"
OFFICERS = (Role.SECRETARY, Role.ADVISER)
AT_PARTY = [role for role in Role if role not in (*OFFICERS, Role.ASSISTANT, Role.AUDITOR)]


class Named(BaseModel):
    role: str = pick("Which role?", missing="Choose a role")
    address: str = line("E-mail address", missing="Enter an e-mail address", longest=254, input_type="email")


class Corrected(BaseModel):
    address: str = line("The address that works", missing="Enter an e-mail address", longest=254, input_type="email")


class Away(BaseModel):
    until: date = day("Until the end of which day?", missing="Enter the last day on which they are away")


def _place(asked: Asked) -> tuple[Protocol, Party | None]:
    """A party; or, under the protocol's own short name, its secretary and adviser. Raises NotThere."""
    of, whose = asked.protocol, asked.place["party"]
    return (of, None) if whose == of.slug else (of, party_named(asked.session, of, whose))


def _role(asked: Asked) -> Role:
    """“lead-member” in the address, as on the command line. Raises NotThere."""
    said = str(asked.place["role"]).replace("-", " ")
    if said not in {*OFFICERS, *AT_PARTY}:
        raise NotThere("There is no such role.")
    return Role(said)


def _contact(asked: Asked) -> Contact:
    (of, party), role = _place(asked), _role(asked)
    if party is None:
        return officer(asked.session, known_id(of), role)
    found = contact_at(asked.session, party, role)
    if found is None:
        raise NoContact(role, party.name)
    return found


def _choices(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    roles = OFFICERS if _place(asked)[1] is None else AT_PARTY
    return {"role": [(role.value, role.value.capitalize()) for role in roles]}


def _whose(asked: Asked) -> str:
    of, party = _place(asked)
    return party.name if party else of.short_name


def _back_to(asked: Asked) -> str:
    return MENU if _place(asked)[1] is None else f"{MENU}/{asked.place['party']}"


def _set(asked: Asked, given: Named) -> Done:
    (of, party), role = _place(asked), Role(given.role)
    away = absent_until(filling(asked.session, of, party, role), today_of(of, asked.now))
    named = set_contact(asked.session, asked.now, of, party, role, given.address, asked.caller.by)
    sentence = f"The {role} of {_whose(asked)} is reached at {named.address}.{said_of_absence(named, away)}"
    return Done(sentence=sentence, to=_back_to(asked), facts={"contact": named.id, "address": named.address})


def _correct(asked: Asked, given: Corrected) -> Done:
    contact = _contact(asked)
    had_bounced = contact.bounced_at is not None
    correct_address(asked.session, asked.now, contact, given.address, asked.caller.by)
    again = (
        " What had bounced is sent there, and the reminders go on." if had_bounced
        else " What is owed and was not yet said there is told in one message."
    )  # fmt: skip
    absence = said_of_absence(contact, absent_until(contact, today_of(asked.protocol, asked.now)))
    sentence = f"The {contact.role} of {_whose(asked)} is reached at {contact.address}.{again}{absence}"
    return Done(sentence=sentence, to=_back_to(asked), facts={"contact": contact.id, "address": contact.address})


def _away(asked: Asked, given: Away) -> Done:
    return _is_away(asked, given.until, f"is away until {plain_day(given.until)}; whoever stands in is asked")


def _back(asked: Asked, _given: Any) -> Done:
    return _is_away(asked, None, "is back")


def _is_away(asked: Asked, until: date | None, said: str) -> Done:
    (of, party), role = _place(asked), _role(asked)
    set_away(asked.session, asked.now, of, party, role, until, asked.caller.by)
    facts = {"party": asked.place["party"], "role": role.value, "until": until}
    return Done(sentence=f"The {role} of {_whose(asked)} {said}.", to=_back_to(asked), facts=facts)


def _before(asked: Asked, _given: Any) -> dict[str, Any]:
    return {"contact": contact_row(_contact(asked)), "whose": _whose(asked), "back_to": _back_to(asked)}


def _before_naming(asked: Asked, _given: Any) -> dict[str, Any]:
    return {"contact": None, "whose": _whose(asked), "back_to": _back_to(asked)}


def _title(verb: str) -> Any:
    return lambda asked: verb.format(role=_role(asked), whose=_whose(asked))


ACTS = (
    Act(path="/console/parties/{party}/contacts/set", title="Name a contact", who=DECIDES, fields=Named, do=_set,
        button="Save", choices=_choices, before=_before_naming, template="console/contact_act.html",
        command="contact set", in_menu=MENU, title_of=lambda asked: f"Name a contact of {_whose(asked)}",
        words="Where the role has somebody already, somebody else takes their place, and an absence ends. Where only "
        "the address is another, correct it instead."),
    Act(path="/console/parties/{party}/contacts/{role}/correct", title="Correct an address", who=DECIDES,
        fields=Corrected, do=_correct, button="Correct it", before=_before, template="console/contact_act.html",
        command="contact correct",
        title_of=_title("Correct the address of the {role} of {whose}"), in_menu=MENU),
    Act(path="/console/parties/{party}/contacts/{role}/away", title="Somebody is away", who=WORKS, fields=Away,
        do=_away, button="Record it", before=_before, template="console/contact_act.html", command="contact away",
        title_of=_title("The {role} of {whose} is away"), in_menu=MENU,
        words="Whoever stands in for them is asked instead, at once, for what is owed in open breaches."),
    Act(path="/console/parties/{party}/contacts/{role}/back", title="Somebody is back", who=WORKS, do=_back,
        button="Record it", before=_before, template="console/contact_act.html", in_menu=MENU,
        title_of=_title("The {role} of {whose} is back"),
        words="They are asked again from now on. What was handed over meanwhile stays where it is."),
)  # fmt: skip
