"""What an address about complaints names, and in which words its headings do."""

import re
from collections.abc import Callable, Mapping, Sequence

from sqlmodel import col, select

from actions.cast import NotThere, active_parties
from actions.complaints.moving import complaint_named, protocol_of
from actions.policy import today_of
from models.complaint import Complaint, Finding
from models.protocol import Party, Protocol
from rules.complaint import ComplaintKind
from rules.texts import shown
from web.answering import LARGEST_ID
from web.declaring import Asked

MENU = "/console/complaints"
KINDS = (
    (ComplaintKind.DISCLOSURE.value, "About a disclosure", "Information was given to somebody, or should have been"),
    (ComplaintKind.PERSON.value, "A person’s, about their own information", "Thirty days to acknowledge, by law"),
    (ComplaintKind.NON_COMPLIANCE.value, "A party does not follow the protocol", "Raised by another party"),
    (ComplaintKind.CONCERN.value, "A practitioner’s concern", "About how information is shared in daily work"),
    (ComplaintKind.DISAGREEMENT.value, "Two parties disagree", "Usually read by two people before it is determined"),
)
KIND_WORDS = {value: words for value, words, _ in KINDS}


def complaint_of(asked: Asked) -> Complaint:
    """Raises NotThere."""
    return complaint_named(asked.session, asked.place["complaint"])


def finding_of(asked: Asked) -> Finding:
    """`finding:4` or `4`. Raises NotThere."""
    said = str(asked.place["finding"])
    digits = said.removeprefix("finding:")
    number = int(digits) if re.fullmatch("[0-9]{1,10}", digits) else 0
    found = asked.session.get(Finding, number) if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotThere(f"There is no finding “{shown(said)}”.")
    return found


def page_of(complaint: int) -> str:
    return f"{MENU}/{complaint}"


def of_complaint(title: str) -> Callable[[Asked], str]:
    """“Complaint 4: refer it to another body”. Raises NotThere."""
    return lambda asked: f"Complaint {complaint_of(asked).id}: {_lowered(title)}"


def of_finding(title: str) -> Callable[[Asked], str]:
    return lambda asked: f"Finding {finding_of(asked).id}: {_lowered(title)}"


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def party_choices(asked: Asked, protocol: Protocol) -> Sequence[tuple[str, str]]:
    """Those that are parties today."""
    members = active_parties(asked.session, protocol, today_of(protocol, asked.now))
    return [(party.slug, party.name) for party in members]


def parties_of(asked: Asked) -> Mapping[str, str]:
    """By short name, also those that have left."""
    return dict(asked.session.exec(select(Party.slug, Party.name).order_by(col(Party.id))).all())


def about_complaint(asked: Asked, _given: object) -> Mapping[str, object]:
    """What every form about a complaint leads back to."""
    complaint = complaint_of(asked)
    return {"complaint": complaint.id, "case_page": page_of(complaint.id or 0)}


def about_finding(asked: Asked, _given: object) -> Mapping[str, object]:
    finding = finding_of(asked)
    return {"complaint": finding.complaint_id, "case_page": page_of(finding.complaint_id)}


def protocol_of_complaint(asked: Asked) -> Protocol:
    return protocol_of(asked.session, complaint_of(asked))
