"""Letters to whoever complained: that it was received, how far it is, what was found and how to go on.

The party sends them, from its own address and in its own name: Concordat holds neither a name nor an address, and no
letter quotes what was told or why an answer was given. Words of the handler's own go in only where they give them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import known_id, secretary_of
from actions.complaints.clocks import analysis_due, progress_due
from actions.complaints.moving import complaint_named, handler_of, nation_of, protocol_of
from actions.complaints.plain_words import Body, When, changes_in_words, found_in_words
from actions.complaints.referring import referrals_of
from actions.complaints.showing_findings import finding_lines
from actions.complaints.shown import FindingLine
from actions.complaints.telling_complainant import NothingDetermined, WithdrawnHasNoOutcome, notices_of
from actions.complaints.versions_in_force import version_on
from actions.policy import today_of, zone_of
from models.complaint import Complaint, ComplaintOutcome, NoticeKind
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Protocol
from notifications.papers import paper
from rules.complaint import STATUTORY, ComplaintKind, Stage
from rules.determination import Result
from rules.errors import Refused
from rules.instants import local_day
from rules.personal_details import looks_personal
from rules.sentences import listed
from rules.texts import plain

LONGEST_WORDS = 5_000  # characters: a letter, no file


class WordsTooLong(Refused):
    def __init__(self) -> None:
        super().__init__(f"A letter says it in at most {LONGEST_WORDS:,} characters (`--words`).")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`to_do`: what is missing in it, or has to be looked at, before it goes."""

    complaint: int
    kind: str
    text: str
    to_do: tuple[str, ...]


# Completes “your …”.
YOUR = {
    ComplaintKind.DISCLOSURE: "complaint about how information was disclosed",
    ComplaintKind.PERSON: "complaint about how personal information was handled",
    ComplaintKind.NON_COMPLIANCE: "complaint that the protocol was not followed",
    ComplaintKind.CONCERN: "concern about how information is shared",
    ComplaintKind.DISAGREEMENT: "statement of the disagreement about sharing information",
}
STATES = {
    Stage.RECEIVED: "It has been received, and nobody has looked into it yet.",
    Stage.ACKNOWLEDGED: "It is about to be looked into.",
    Stage.ANALYSING: "We are looking into what happened, what the protocol says about it, and whether that was done.",
    Stage.DETERMINED: "We have looked into it, and will write to you about what we found.",
    Stage.CLOSED: "It has been answered.",
}


def letter(session: Session, now: datetime, complaint_id: int, kind: NoticeKind, words: str | None = None) -> Letter:
    """Plain text of at most 78 characters a line; what a person has to fill in stands in [brackets]. Reads only.

    Raises NotThere, NothingDetermined (an outcome without one), WithdrawnHasNoOutcome, NotText, WordsTooLong.
    """
    complaint = complaint_named(session, complaint_id)
    said = plain(words or "")
    if len(said) > LONGEST_WORDS:
        raise WordsTooLong
    if kind is NoticeKind.OUTCOME:
        _require_outcome(complaint)
    findings = tuple(finding_lines(session, complaint)) if kind is NoticeKind.OUTCOME else ()
    is_open = complaint.stage not in (Stage.DETERMINED, Stage.CLOSED)
    context = _common(session, now, complaint) | {"said": said, "open": is_open, "state": STATES[complaint.stage]}
    name = kind.value
    match kind:
        case NoticeKind.OUTCOME if complaint.outcome is ComplaintOutcome.NOT_OURS:
            name, findings = "not_ours", ()
        case NoticeKind.OUTCOME:
            context |= _outcome(session, complaint, findings)
        case NoticeKind.PROGRESS:
            context |= _expected(session, now, complaint)
        case NoticeKind.ACKNOWLEDGEMENT:
            context |= _expected(session, now, complaint)
    text = paper(f"complaint_{name}", context)
    return Letter(complaint=complaint_id, kind=kind.value, text=text, to_do=tuple(_to_do(complaint_id, said, findings)))


def _require_outcome(complaint: Complaint) -> None:
    """Raises NothingDetermined, WithdrawnHasNoOutcome."""
    if complaint.stage not in (Stage.DETERMINED, Stage.CLOSED):
        raise NothingDetermined(complaint)
    if complaint.outcome is ComplaintOutcome.WITHDRAWN:
        raise WithdrawnHasNoOutcome(complaint)


def _common(session: Session, now: datetime, complaint: Complaint) -> dict[str, Any]:
    protocol, handler = protocol_of(session, complaint), handler_of(session, complaint)
    zone, group = zone_of(protocol), f"the steering group of the {protocol.short_name}"
    received_by = session.get_one(Party, complaint.received_by_id).name if complaint.received_by_id else group
    hops = referrals_of(session, complaint)
    answering = handler.name if handler else group
    return {
        "complaint": known_id(complaint), "your": YOUR[complaint.kind],
        "about": session.get_one(Party, complaint.party_id).name, "today": today_of(protocol, now),
        "about_us": complaint.party_id == complaint.handler_id, "by_us": received_by == answering,
        "received_on": local_day(complaint.received_at, zone), "received_by": received_by, "answering": answering,
        "referred": bool(hops) and received_by != answering, "by_law": complaint.kind in STATUTORY,
        "group": group, "secretary": secretary_of(session, complaint.protocol_id).address,
    }  # fmt: skip


def _expected(session: Session, now: datetime, complaint: Complaint) -> dict[str, date | None]:
    """By when it is next heard of, and by when the outcome is aimed at: as owed, or as it will be."""
    protocol, nation = protocol_of(session, complaint), nation_of(session, complaint)
    progress = progress_due(session, complaint, now, nation)
    asked = _analysis_day(session, complaint)
    if asked is None or asked < today_of(protocol, now):  # nobody is promised a day that has passed
        asked = _date(analysis_due(session, now, complaint, nation).due, protocol)
    heard = _date(progress.due, protocol) if progress else None
    return {"heard_by": heard if heard and heard < asked else None, "outcome_by": asked}


def _analysis_day(session: Session, complaint: Complaint) -> date | None:
    statement = select(Obligation).where(
        Obligation.case == complaint.case, Obligation.kind == ObligationKind.ANALYSIS, col(Obligation.outcome).is_(None)
    )
    duty = session.exec(statement.order_by(col(Obligation.id).desc())).first()
    return duty.due_on if duty else None


def _date(due: date | datetime, protocol: Protocol) -> date:
    return local_day(due, zone_of(protocol)) if isinstance(due, datetime) else due


def _outcome(session: Session, complaint: Complaint, findings: tuple[FindingLine, ...]) -> dict[str, Any]:
    bodies = {
        party.slug: Body(party.name, ours=party.id == complaint.handler_id) for party in _parties(session, complaint)
    }
    told = notices_of(session, complaint, NoticeKind.OUTCOME)
    before = told[-1].given_at if told and complaint.told_at is None else None
    results = {Result(each.result) for each in findings}
    return {
        "issues": tuple(
            tuple(found_in_words(each, bodies[each.party], _when(session, complaint, each))) for each in findings
        ),
        "changes": tuple(changes_in_words(session, [(each, bodies[each.party]) for each in findings])),
        "wanted": complaint.wanted_id is not None,
        "breakdown": bool(results & {Result.BREAKDOWN, Result.BOTH, Result.NEITHER}),
        "inadequacy": bool(results & {Result.INADEQUACY, Result.BOTH, Result.NEITHER}),
        "replaces": local_day(before, zone_of(protocol_of(session, complaint))) if before else None,
    }  # fmt: skip


def _when(session: Session, complaint: Complaint, finding: FindingLine) -> When:
    party = session.exec(
        select(Party).where(Party.protocol_id == complaint.protocol_id, Party.slug == finding.party)
    ).one()
    in_force = version_on(session, protocol_of(session, complaint), complaint.happened_from, party).version
    return When(is_known=complaint.happened_from is not None, in_force=in_force.label if in_force else None)


def _parties(session: Session, complaint: Complaint) -> list[Party]:
    return list(session.exec(select(Party).where(Party.protocol_id == complaint.protocol_id)))


def _to_do(complaint: int, said: str, findings: tuple[FindingLine, ...]) -> Iterator[str]:
    asked = f"What was told, and what was found and why, is in `concordat complaint show {complaint}`."
    yield f"Fill in what stands in [brackets]: no letter quotes what anybody wrote.{f' {asked}' if findings else ''}"
    for found in looks_personal(said):
        yield f"Your words hold {found}: is it whoever complained, and nobody else?"
    for each in findings:
        if each.wanting:
            effects = listed([" or ".join(one) for one in each.wanting])
            yield f"What follows from finding {each.number} is not recorded yet ({effects}), so it says nothing of it."
