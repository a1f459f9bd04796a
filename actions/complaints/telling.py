"""Who hears what of a complaint by mail: ids, dates and results, never what was told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from actions.breaches.roles import Asked, in_place_of
from actions.cast import known_id, secretary_of
from actions.complaints.clocks import explained
from actions.complaints.moving import protocol_of
from actions.complaints.standing import overall_of, standing_of
from actions.complaints.unfinished import times_determined
from actions.describing import described
from actions.policy import zone_of
from actions.telling import Told, tell, tell_many
from actions.versions import previous_version, text_of, version_named
from models.complaint import Complaint, Referral
from models.lists import one_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Clause, Party, Protocol
from notifications.messages import ComplaintAsked, ComplaintDetermined
from rules.complaint import STATUTORY
from rules.instants import local_day
from rules.sentences import listed
from rules.versions import changes

# Whoever got it by a referral owes these; a second reader, or the party of a local action, got no complaint.
OF_WHOEVER_ANSWERS = (ObligationKind.ACKNOWLEDGEMENT, ObligationKind.PROGRESS, ObligationKind.ANALYSIS)


def tell_of_duties(
    session: Session, now: datetime, those: Sequence[tuple[Complaint, Obligation, Asked]], handed_over: int = 0
) -> None:  # fmt: skip
    """What is asked, of whom, by when, and why of them. `handed_over`: the row of history that says so, where it was
    somebody else's; whoever is asked again after others have been is told again."""
    referred = _referred(session, [known_id(complaint) for complaint, _, _ in those])
    tell_many(session, now, [
        _asked(session, now, complaint, duty, asked, referred.get(known_id(complaint), 0), handed_over)
        for complaint, duty, asked in those
    ])  # fmt: skip


def _referred(session: Session, complaints: Sequence[int]) -> dict[int, int]:
    """How often each has been passed on."""
    counted = select(Referral.complaint_id, func.count()).where(one_of(session, Referral.complaint_id, complaints))
    return dict(session.exec(counted.group_by(col(Referral.complaint_id))).all())


def _asked(
    session: Session, now: datetime, complaint: Complaint, duty: Obligation, asked: Asked, referred: int,
    handed_over: int,
) -> Told:  # fmt: skip
    protocol = protocol_of(session, complaint)
    by_law = complaint.kind in STATUTORY and duty.kind is ObligationKind.ACKNOWLEDGEMENT
    handlers = duty.kind in OF_WHOEVER_ANSWERS and duty.party_id == complaint.handler_id
    values: dict[str, Any] = {
        "complaint": known_id(complaint), "kind": complaint.kind.value,
        "about_party": session.get_one(Party, complaint.party_id).name,
        "received_on": local_day(complaint.received_at, zone_of(protocol)), "referred": referred if handlers else 0,
        "duty": described(session, duty, now), "how_counted": explained(session, complaint) if by_law else None,
        "why_you": f"You get this because {asked.why}.", **_asked_about(session, protocol, duty),
    }  # fmt: skip
    key = f"{duty.key}:asked:contact-{asked.contact.id}" + (f":after-{handed_over}" if handed_over else "")
    return Told(
        protocol=protocol, to=asked.contact, case=complaint.case, key=key,
        say=lambda h: ComplaintAsked(**h, **values), about=[duty], only_while_owed=True,
        in_place_of=in_place_of(session, asked.contact, asked.instead_of),
    )  # fmt: skip


def _asked_about(session: Session, protocol: Protocol, duty: Obligation) -> dict[str, Any]:
    """The version, and which clauses it changed, so that it can be said whether they would cover it."""
    if duty.kind is not ObligationKind.RECHECK or duty.subject is None:
        return {}
    version = version_named(session, protocol, duty.subject.removeprefix("version:"))
    before, after = text_of(session, previous_version(session, version)), text_of(session, version)
    headings = {key: heading for key, (heading, _) in [*before.items(), *after.items()]}
    changed = tuple((each.clause, headings[each.clause]) for each in changes(before, after))
    return {"version": version.label, "changed": changed}


def tell_of_determination(session: Session, now: datetime, complaint: Complaint, handler: Asked) -> None:
    """The secretary, and whoever answers it and sends the letter, each time it has been determined."""
    protocol, standing = protocol_of(session, complaint), standing_of(session, complaint)
    times = times_determined(session, complaint)
    clauses = {row.id: row.key for row in session.exec(select(Clause).where(Clause.protocol_id == protocol.id))}
    values: dict[str, Any] = {
        "complaint": known_id(complaint), "about_party": session.get_one(Party, complaint.party_id).name,
        "result": overall_of([each.finding for each in standing]).value,
        "results": tuple(
            (each.finding.issue, each.finding.result.value, clauses.get(each.finding.clause_id)) for each in standing
        ),
        "wanting": tuple(
            (known_id(each.finding), listed([" or ".join(sorted(effects)) for effects in each.wanting]))
            for each in standing if each.wanting
        ),
        "can_be_told": complaint.untold_id is None,
    }  # fmt: skip
    secretary = secretary_of(session, complaint.protocol_id)
    for to in {each.id: each for each in (secretary, handler.contact)}.values():
        tell(
            session, now, protocol, to, complaint.case, f"{complaint.case}:determined:{times}:contact-{to.id}",
            lambda h: ComplaintDetermined(**h, **values),
            in_place_of=in_place_of(session, to, handler.instead_of) if to is handler.contact else None,
        )  # fmt: skip
