"""Who is party, and one party with everything that is its own; joining and leaving."""

from typing import Any

from pydantic import BaseModel

from actions.cast import NotThere, known_id, party_named
from actions.clauses import current_version
from actions.directory import succession_lines
from actions.duty_pages import Narrowed, duty_piece
from actions.membership import join, leave
from actions.message_pages import message_piece
from actions.party_pages import PartyRow, Which, cases_of, officer_rows, parties_numbered, party_piece, signature_rows
from actions.pieces import From, Piece
from actions.policy import today_of
from models.protocol import Party
from notifications.wording import the
from rules.working_days import Nation
from web.declaring import DECIDES, READS, Act, Answer, Asked, Done, Page
from web.fields import choice, line, words
from web.paging import CSV_ROWS, PIECES, as_csv, links, start_of
from web.wording import plain_day

MENU = "/console/parties"
SHOWN = 20  # duties and messages on a party's page: the rest is a list of their own
STATES = [
    ("", "All"), ("members", "Members today"), ("left", "Have left"), ("bounced", "Mail comes back"),
    ("made-up", "Made-up addresses"), ("unsigned", "Have not signed the present version"),
]  # fmt: skip
NARROWED = {
    "state": f"One of {', '.join(state for state, _ in STATES if state)}.", "name": "A part of its name.",
    "protocol": "Its short name.",
}  # fmt: skip
NATIONS = (
    (Nation.ENGLAND_AND_WALES.value, "England and Wales"), (Nation.SCOTLAND.value, "Scotland"),
    (Nation.NORTHERN_IRELAND.value, "Northern Ireland"),
)  # fmt: skip
KINDS = (
    ("council", "Council"), ("police", "Police"), ("fire", "Fire and rescue"), ("ambulance", "Ambulance"),
    ("nhs-trust", "NHS trust"), ("commissioning-group", "Commissioning body"), ("prison", "Prison"),
    ("provider", "Provider"), ("other", "Other"),
)  # fmt: skip


class Join(BaseModel):
    name: str = line("Its full name", missing="Enter the party’s full name")
    slug: str = line(
        "Its short name", missing="Enter a short name", longest=50, width="govuk-input--width-20",
        hint="Small letters, digits and hyphens, such as milton-keynes-council. It stays the same for good.",
    )  # fmt: skip
    kind: str = choice("What kind of body is it?", KINDS, missing="Choose what kind of body it is")
    nation: str = choice("Whose bank holidays does it have?", NATIONS, missing="Choose whose bank holidays it has")
    lead: str = line(
        "Its lead member’s e-mail address", missing="Enter the lead member’s e-mail address", longest=254,
        input_type="email",
    )  # fmt: skip


class Leave(BaseModel):
    because: str = words("Why?", missing="Say why the party leaves", rows=3)


def _piece(asked: Asked, start: From, size: int = 50) -> Piece[PartyRow]:
    """Raises NotThere for a state that is none."""
    state = asked.query.get("state", "")
    if state not in {each[0] for each in STATES}:
        raise NotThere("Choose one of the states that are offered.")
    of = asked.protocol
    which = Which(
        members=state in ("members", "unsigned"), left=state == "left", bounced=state == "bounced",
        made_up=state == "made-up", named=asked.query.get("name", "").strip(),
        unsigned=current_version(asked.session, of) if state == "unsigned" else None,
    )  # fmt: skip
    return party_piece(asked.session, of, today_of(of, asked.now), which, start, size)


def _list(asked: Asked) -> dict[str, Any]:
    piece = _piece(asked, start_of(asked))
    waiting = [each for each in succession_lines(asked.session, asked.protocol) if each.applied_at is None]
    return {
        "parties": piece, "officers": officer_rows(asked.session, asked.protocol), "protocol": asked.protocol.slug,
        "links": links(asked, piece, "/console/parties.csv"), "states": STATES, "successions_waiting": len(waiting),
        "said": {name: asked.query.get(name, "") for name in ("state", "name")},
    }  # fmt: skip


def _csv(asked: Asked) -> Answer:
    """A row a contact; a party without one has a row too."""
    heads = ("party", "name", "kind", "nation", "joined_on", "left_on", "signed", "role", "address", "bounced_at")
    rows = (
        [each.party, each.name, each.kind, each.nation, each.joined_on, each.left_on, " ".join(each.signed),
         getattr(contact, "role", None), getattr(contact, "address", None), getattr(contact, "bounced_at", None)]
        for each in _piece(asked, From(), CSV_ROWS).lines
        for contact in each.contacts or (None,)
    )  # fmt: skip
    return as_csv("parties.csv", heads, rows)


def _party(asked: Asked) -> Party:
    return party_named(asked.session, asked.protocol, asked.place["party"])


def _one(asked: Asked) -> dict[str, Any]:
    party = _party(asked)
    [row] = parties_numbered(asked.session, [known_id(party)])
    owed = Narrowed(protocol=asked.protocol, party=party)
    return {
        "party": row, "duties": duty_piece(asked.session, asked.now, owed, From(), SHOWN),
        "signatures": signature_rows(asked.session, party), "cases": cases_of(asked.session, party),
        "names": {party.slug: party.name},
        "messages": message_piece(asked.session, None, None, From(), party=party, size=SHOWN),
        "successions": [
            each for each in succession_lines(asked.session, asked.protocol)
            if party.slug in (each.party, each.successor)
        ],
        "today": today_of(asked.protocol, asked.now),
    }  # fmt: skip


def _join(asked: Asked, given: Join) -> Done:
    party = join(
        asked.session, asked.now, asked.protocol, given.slug, given.name, given.kind, Nation(given.nation), given.lead,
        asked.caller.by,
    )  # fmt: skip
    facts = {"party": party.slug, "joined_on": party.joined_on}
    return Done(sentence=f"{party.name} is a party.", to=f"{MENU}/{party.slug}", facts=facts)


def _leave(asked: Asked, given: Leave) -> Done:
    party = _party(asked)
    leave(asked.session, asked.now, party, asked.caller.by, given.because)
    assert party.left_on is not None
    sentence = f"{party.name} left on {plain_day(party.left_on)}."
    return Done(sentence=sentence, to=f"{MENU}/{party.slug}", facts={"party": party.slug, "left_on": party.left_on})


def _adding(asked: Asked) -> str:
    return f"Add a party to {the(asked.protocol.short_name)}"


def _leaving(asked: Asked) -> str:
    return f"{_party(asked).name} leaves"


PAGES = (
    Page(
        path=MENU,
        title="Parties",
        who=READS,
        read=_list,
        template="console/parties.html",
        in_menu=MENU,
        filters=NARROWED | PIECES,
    ),
    Page(path="/console/parties.csv", title="Parties, as CSV", who=READS, read=_csv, api=False),
    Page(
        path="/console/parties/{party}",
        title="Party",
        who=READS,
        read=_one,
        template="console/party.html",
        in_menu=MENU,
    ),
)
ACTS = (
    Act(path="/console/add-party", title="Add a party", who=DECIDES, fields=Join, do=_join, button="Add the party",
        command="party join", in_menu=MENU, title_of=_adding,
        words="It joins today. While feedback is asked for it is asked too. It is asked to sign what is being signed, "
        "or what is in force once no text is under review."),
    Act(path="/console/parties/{party}/leave", title="A party leaves", who=DECIDES, fields=Leave, do=_leave, grave=True,
        button="Record that it leaves", command="party leave", title_of=_leaving, in_menu=MENU,
        words="It leaves today. What it has answered is kept, what it owes ends, and it is asked for nothing more."),
)  # fmt: skip
