"""Bodies that became others: what is known, and asking a successor to adopt."""

from typing import Any

from pydantic import BaseModel
from sqlmodel import select

from actions.cast import NotThere, known_id
from actions.directory import SuccessionLine, succession_lines
from actions.duty_pages import Narrowed, duty_piece
from actions.membership import apply_succession
from actions.pieces import From
from models.obligation import ObligationKind
from models.protocol import Party, Protocol, Succession
from rules.errors import Refused
from web.declaring import DECIDES, READS, Act, Asked, Done, Page
from web.fields import line

MENU = "/console/parties"


class LeadNeeded(Refused):
    field = "lead"

    def __init__(self, successor: str) -> None:
        super().__init__(f"Enter the e-mail address of the lead member of {successor}: it is no party yet")


class Apply(BaseModel):
    lead: str | None = line(
        "The lead member’s e-mail address", optional=True, longest=254, input_type="email",
        hint="Needed unless the successor is a party already.",
    )  # fmt: skip


def _list(asked: Asked) -> dict[str, Any]:
    of = asked.protocol if asked.query.get("protocol") else None
    return {"successions": succession_lines(asked.session, of)}


def _succession(asked: Asked) -> Succession:
    found = asked.session.get(Succession, asked.place["succession"])
    if found is None:
        raise NotThere(f"There is no succession {asked.place['succession']}: see `concordat succession list`.")
    return found


def _before(asked: Asked, _given: Any) -> dict[str, Any]:
    found = _succession(asked)
    of = asked.session.get_one(Protocol, found.protocol_id)
    line: SuccessionLine = next(each for each in succession_lines(asked.session, of) if each.number == found.id)
    return {"succession": line, "is_party": _is_party(asked, found)}


def _is_party(asked: Asked, found: Succession) -> bool:
    same = (Party.protocol_id == found.protocol_id, Party.slug == found.successor_slug)
    return asked.session.exec(select(Party.id).where(*same)).first() is not None


def _apply(asked: Asked, given: Apply) -> Done:
    found = _succession(asked)
    if given.lead is None and not _is_party(asked, found):
        raise LeadNeeded(found.successor_name)
    successor = apply_succession(asked.session, asked.now, found, given.lead or "", asked.caller.by)
    owed = Narrowed(party=successor, kind=ObligationKind.SIGNATURE)
    owes = bool(duty_piece(asked.session, asked.now, owed, From(), 1).lines)
    said = "is asked to adopt the protocol" if owes else "is a party, and is not asked to sign anything"
    facts = {"succession": known_id(found), "successor": successor.slug, "asked": owes}
    return Done(sentence=f"{successor.name} {said}.", to=f"{MENU}/{successor.slug}", facts=facts)


PAGES = (
    Page(path="/console/successions", title="Bodies that became others", who=READS, read=_list,
         template="console/successions.html", in_menu=MENU,
         filters={"protocol": "Its short name: only those of its parties."}),
)  # fmt: skip
ACTS = (
    Act(path="/console/successions/{succession:int}/apply", title="Ask the successor to adopt", who=DECIDES,
        fields=Apply, do=_apply, button="Ask them", before=_before, template="console/succession_act.html",
        command="succession apply", in_menu=MENU,
        words="The successor becomes a party and is asked to adopt the protocol: no signature passes by itself."),
)  # fmt: skip
