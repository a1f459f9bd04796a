"""What a party, or the adviser, may read of a complaint about which it is asked something."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, select

from actions.cast import NotThere
from actions.complaints.moving import complaint_named
from actions.complaints.showing import NotForThatParty, complaint_view, suggestion_for
from actions.complaints.shown import ComplaintView, FindingLine, PointedTo
from actions.complaints.suggested import worth_showing
from actions.versions import text_of, version_named
from models.complaint import Complaint
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol, Version
from web.declaring import Asked
from web.parties.ended import ending
from web.parties.own import own_duty

KINDS = {
    "disclosure": "A complaint about disclosing information",
    "person": "A person’s complaint about how their information was handled",
    "partner non-compliance": "A partner’s complaint that the protocol is not kept to",
    "practitioner concern": "A practitioner’s concern",
    "partner disagreement": "A partner’s disagreement",
}


@dataclass(frozen=True, kw_only=True)
class ComplaintDuty:
    duty: Obligation
    complaint: Complaint
    view: ComplaintView


def complaint_duty(asked: Asked, kind: ObligationKind) -> ComplaintDuty:
    """Raises NotThere: also where the party no longer answers the complaint, nor is it about that party."""
    duty = own_duty(asked, kind)
    if not duty.case.startswith("complaint:"):
        raise NotThere("There is no such thing among what you are asked for.")
    number = int(duty.case.partition(":")[2])
    return ComplaintDuty(
        duty=duty, complaint=complaint_named(asked.session, number), view=_view(asked, number)
    )  # fmt: skip


def _view(asked: Asked, number: int) -> ComplaintView:
    """The adviser reads for the steering group; how whoever complained is reached is not needed for that."""
    party = asked.caller.party
    try:
        view = complaint_view(asked.session, asked.now, number, party.slug if party else None, suggesting=False)
    except NotForThatParty:
        raise NotThere("There is no such thing among what you are asked for.") from None
    return view if party else replace(view, reach=None)


def about(asked: Asked, kind: ObligationKind) -> dict[str, Any]:
    """For the part that all pages share."""
    seen = complaint_duty(asked, kind)
    return {
        "duty": seen.duty, "view": seen.view, "kind_words": KINDS.get(seen.view.complaint.kind, "A complaint"),
        "names": names(asked.session, asked.protocol), "ending": ending(asked.session, seen.duty),
    }  # fmt: skip


def names(session: Session, protocol: Protocol) -> dict[str, str]:
    return dict(session.exec(select(Party.slug, Party.name).where(Party.protocol_id == protocol.id)).all())


def suggested_clauses(asked: Asked, seen: ComplaintDuty) -> tuple[Sequence[PointedTo], str | None]:
    """With the words of this complaint that point to each; other cases like it are other parties', and not shown.
    The sentence says why nothing is suggested."""
    found = suggestion_for(asked.session, asked.now, seen.complaint)
    if found is None:
        return (), "The words of this complaint are not kept any more, so no clause can be suggested."
    if found.unread:
        return (), found.unread
    likely = worth_showing(found.clauses)
    return likely, None if likely else "No clause stands out from the words of this complaint."


def clauses_then(asked: Asked, seen: ComplaintDuty) -> list[tuple[str, str]]:
    """Those of the version in force when it happened, to choose from."""
    version = asked.session.get(Version, seen.complaint.version_id) if seen.complaint.version_id else None
    text = text_of(asked.session, version)
    return [(key, heading if heading == key else f"{heading} ({key})") for key, (heading, _) in text.items()]


def clauses_in(asked: Asked, label: str, keys: Sequence[str]) -> list[tuple[str, str, str]]:
    """Key, heading and words in that version, of the clauses that the complaint touches."""
    text = text_of(asked.session, version_named(asked.session, asked.protocol, label))
    return [(key, *text[key]) for key in keys if key in text]


def finding_of(seen: ComplaintDuty) -> FindingLine:
    """The one that the duty is about. Raises NotThere where it has been corrected since."""
    number = (seen.duty.subject or "").removeprefix("finding:")
    found = next((each for each in seen.view.findings if str(each.number) == number), None)
    if found is None:
        raise NotThere("That determination does not stand any more: it was corrected.")
    return found
