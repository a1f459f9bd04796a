"""A complaint as a whole, for whoever answers it: what was told, what is owed, what was found, what follows.

Reads only. Nothing here is stored: days left and lateness are told as they are at `now`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from actions.breaches.showing_facts import texts_of
from actions.cast import known_id, party_named
from actions.complaints.asking_again import rechecks_of, still_resolved
from actions.complaints.clocks import acknowledgement_due, explained
from actions.complaints.complaint_lines import Wanted, complaint_lines
from actions.complaints.moving import complaint_named, nation_of, protocol_of
from actions.complaints.next_steps import command_for, next_commands
from actions.complaints.referring import referrals_of
from actions.complaints.showing_findings import finding_lines
from actions.complaints.shown import (
    ComplaintDuty,
    ComplaintView,
    NoticeLine,
    PointedTo,
    RecheckLine,
    ReferralLine,
    SuggestionLine,
)
from actions.complaints.standing import result_of
from actions.complaints.suggesting_from_store import suggest_for
from actions.complaints.telling_complainant import notices_of, was_late
from actions.complaints.versions_in_force import version_on
from actions.duties import said_of
from actions.policy import today_of
from models.complaint import Complaint, Covered, NoticeKind
from models.history import Narrative
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause as ClauseRow
from models.protocol import Party, Protocol, Version, VersionClause
from rules.complaint import STATUTORY, as_state
from rules.errors import Refused

Names = dict[int | None, str]
SUGGESTED = 5  # clauses and cases shown


class NotForThatParty(Refused):
    def __init__(self, party: Party, complaint: Complaint) -> None:
        super().__init__(
            f"{party.name} neither answers complaint {complaint.id} nor is it about {party.name}: it may not be "
            f"shown to it. If it has to answer it, refer it first (`concordat complaint refer {complaint.id} "
            f"{party.slug} --because TEXT`)."
        )


def complaint_view(
    session: Session, now: datetime, complaint_id: int, reader: str | None = None, *, suggesting: bool = True
) -> ComplaintView:
    """`reader` None: the secretary; a party's short name: as that party may read it, without how whoever complained
    is reached unless it answers the complaint, and without what is suggested from other cases. Not `suggesting`: for
    what is next, which needs no suggestion.

    Raises NotThere, NotForThatParty.
    """
    complaint = complaint_named(session, complaint_id)
    protocol = protocol_of(session, complaint)
    [line] = complaint_lines(session, now, protocol, Wanted(number=complaint_id))
    party = party_named(session, protocol, reader) if reader else None
    if party is not None and party.id not in (complaint.handler_id, complaint.party_id):
        raise NotForThatParty(party, complaint)
    names: Names = dict(session.exec(select(Party.id, Party.slug)).all())
    texts = texts_of(session, (complaint.what_id, complaint.wanted_id, complaint.reach_id, complaint.untold_id))
    duties, findings = (
        tuple(_duties(session, now, protocol, complaint, names)),
        tuple(finding_lines(session, complaint)),
    )
    notices, rechecks = tuple(_notices(session, complaint)), tuple(_rechecks(session, complaint))
    version, because = _version(session, protocol, complaint)
    following = next_commands(
        line, duties, findings, rechecks,
        told=bool(complaint.told_at or complaint.untold_id), by_law=complaint.kind in STATUTORY,
    )  # fmt: skip
    return ComplaintView(
        complaint=line, protocol_name=protocol.name, zone=protocol.zone, state=as_state(complaint.stage),
        received_by=names.get(complaint.received_by_id), recorded_at=complaint.recorded_at,
        recorded_by=complaint.recorded_by, happened_from=complaint.happened_from, happened_to=complaint.happened_to,
        version=version, version_because=because, what=texts[complaint.what_id], wanted=texts.get(complaint.wanted_id),
        reach=texts.get(complaint.reach_id) if party is None or party.id == complaint.handler_id else None,
        untold=texts.get(complaint.untold_id),
        attachments=tuple(complaint.attachments), counted=_counted(session, complaint, duties), duties=duties,
        referrals=tuple(_referrals(session, complaint, names)), notices=notices,
        suggestion=suggestion_for(session, now, complaint) if suggesting and not party else None, findings=findings,
        result=result_of(session, complaint).value if findings else None, rechecks=rechecks,
        next=tuple(dict.fromkeys(following)),
    )  # fmt: skip


def suggestion_for(session: Session, now: datetime, complaint: Complaint) -> SuggestionLine | None:
    """As of now, with what has been decided since it came in. None where its words have been purged."""
    text, protocol = session.get_one(Narrative, complaint.what_id).text, protocol_of(session, complaint)
    if text is None:
        return None
    about = session.get_one(Party, complaint.party_id)
    try:
        found = suggest_for(
            session, now, protocol, text, complaint.happened_from, about, leaving_out=complaint.id
        ).suggestion
    except Refused as unread:
        return SuggestionLine(clauses=(), none_likely=False, none_because=(), similar=(), unread=str(unread))
    headings = _headings(session, protocol, complaint.version_id)
    return SuggestionLine(
        clauses=tuple(
            PointedTo(id=each.id, heading=headings.get(each.id, each.id), score=each.score, because=each.because)
            for each in found.clauses[:SUGGESTED]
        ),
        none_likely=found.none_likely, none_because=found.none_because, similar=found.similar[:SUGGESTED], unread=None,
    )  # fmt: skip


def _headings(session: Session, protocol: Protocol, version_id: int | None) -> dict[str, str]:
    """Of that version; of a clause that it does not hold, of any that does."""
    statement = (
        select(ClauseRow.key, VersionClause.heading, VersionClause.version_id)
        .join(VersionClause, col(VersionClause.clause_id) == ClauseRow.id)
        .where(ClauseRow.protocol_id == protocol.id)
        .order_by(col(VersionClause.version_id))
    )
    rows = session.exec(statement).all()
    return {key: heading for key, heading, _ in rows} | {key: head for key, head, of in rows if of == version_id}


def _version(session: Session, protocol: Protocol, complaint: Complaint) -> tuple[str | None, str]:
    """As it was kept with the complaint; why that one, as the versions are known now."""
    if complaint.version_id is None:
        return None, "No version of the protocol was in force."
    label = session.get_one(Version, complaint.version_id).label
    in_force = version_on(session, protocol, complaint.happened_from, session.get_one(Party, complaint.party_id))
    if in_force.version is not None and in_force.version.id == complaint.version_id:
        return label, in_force.sentence
    return label, f"Version {label} was in force when the complaint was recorded, and is kept with it."


def _duties(
    session: Session, now: datetime, protocol: Protocol, complaint: Complaint, names: Names
) -> Iterator[ComplaintDuty]:
    statement = select(Obligation).where(Obligation.case == complaint.case)
    today = today_of(protocol, now)
    for duty in session.exec(statement.order_by(col(Obligation.due_at), col(Obligation.id))):
        owed, number = duty.outcome is None, known_id(duty)
        yield ComplaintDuty(
            number=number, kind=duty.kind.value, what=said_of(duty), party=names.get(duty.party_id),
            due_on=duty.due_on, days_left=(duty.due_on - today).days, overdue=owed and duty.is_overdue(now),
            outcome=duty.outcome.value if duty.outcome else None,
            command=command_for(duty.kind, known_id(complaint), number, duty.subject) if owed else None,
        )  # fmt: skip


def _counted(session: Session, complaint: Complaint, duties: Iterable[ComplaintDuty]) -> str | None:
    """How the day of its acknowledgement was counted; None where another day stands there: it was extended."""
    counted = acknowledgement_due(session, complaint, nation_of(session, complaint))
    days = {duty.number: duty.due_on for duty in duties if duty.kind == ObligationKind.ACKNOWLEDGEMENT}
    if counted is not None and days and counted.due != days[max(days)]:
        return None
    return explained(session, complaint)


def _referrals(session: Session, complaint: Complaint, names: Names) -> Iterator[ReferralLine]:
    rows = referrals_of(session, complaint)
    texts = texts_of(session, [row.why_id for row in rows])
    for row in rows:
        yield ReferralLine(
            sender=names.get(row.from_id), to=names.get(row.to_id), at=row.referred_at, by=row.referred_by,
            because=texts[row.why_id],
        )  # fmt: skip


def _notices(session: Session, complaint: Complaint) -> Iterator[NoticeLine]:
    rows = notices_of(session, complaint)
    for number, row in enumerate(rows):
        acknowledges = row.kind is NoticeKind.ACKNOWLEDGEMENT or (row.kind is NoticeKind.OUTCOME and number == 0)
        yield NoticeLine(
            kind=row.kind.value, number=row.number, how=row.how, given_at=row.given_at, by=row.recorded_by,
            late=was_late(session, complaint, row.given_at) if acknowledges else None,
        )  # fmt: skip


def _rechecks(session: Session, complaint: Complaint) -> Iterator[RecheckLine]:
    rows = rechecks_of(session, complaint)
    texts = texts_of(session, [row.why_id for row, _ in rows])
    for row, version in rows:
        lacking = row.answer in (Covered.NO, Covered.PARTLY)
        yield RecheckLine(
            reopens=tuple(still_resolved(session, complaint, version)) if lacking else (),
            version=version.label, asked_at=row.asked_at, answer=row.answer.value if row.answer else None,
            because=texts.get(row.why_id), answered_at=row.answered_at, by=row.answered_by,
        )  # fmt: skip
