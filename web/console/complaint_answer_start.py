"""What the form of the four questions holds at first, and what may be chosen in it."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, select

from actions.clauses import clause_headings
from actions.complaints.moving import protocol_of
from actions.complaints.showing import suggestion_for
from actions.complaints.shown import PointedTo
from actions.complaints.suggested import worth_showing
from actions.versions import text_of
from models.complaint import Complaint, Finding
from models.history import Narrative
from models.protocol import Clause, Party, Protocol, Version
from rules.determination import Evidence, Question
from web.console.complaint_places import complaint_of, finding_of, party_choices
from web.console.complaint_questions import NOT_ASKED, UNDER_A_CLAUSE
from web.declaring import Asked


def answered_complaint(asked: Asked) -> Complaint:
    if "complaint" in asked.place:
        return complaint_of(asked)
    return asked.session.get_one(Complaint, finding_of(asked).complaint_id)


def choices_of_answers(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    complaint = answered_complaint(asked)
    protocol = protocol_of(asked.session, complaint)
    about = asked.session.get_one(Party, complaint.party_id)
    versions = asked.session.exec(
        select(Version.label)
        .where(Version.protocol_id == protocol.id, col(Version.in_force_from).is_not(None))
        .order_by(col(Version.major).desc(), col(Version.minor).desc())
    )
    return {
        "clause": _clauses(asked, complaint, protocol), "version": [(label, f"Version {label}") for label in versions],
        "party": list(dict([*party_choices(asked, protocol), (about.slug, about.name)]).items()),
    }  # fmt: skip


def _clauses(asked: Asked, complaint: Complaint, protocol: Protocol) -> Sequence[tuple[str, str]]:
    """The suggested ones first; each with its heading in the version that was in force then."""
    version = asked.session.get(Version, complaint.version_id) if complaint.version_id else None
    headings = dict(clause_headings(asked.session, protocol))
    headings |= {key: heading for key, (heading, _) in text_of(asked.session, version).items()}
    every = asked.session.exec(
        select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
    ).all()
    suggested = [each.id for each in suggested_for(asked, complaint)]
    return [
        (key, f"{key}: {headings.get(key, 'no text')}{' (suggested)' if key in suggested else ''}")
        for key in dict.fromkeys([*suggested, *every])
    ]  # fmt: skip


def suggested_for(asked: Asked, complaint: Complaint) -> Sequence[PointedTo]:
    """Best first; none where it is probably not ours."""
    suggestion = suggestion_for(asked.session, asked.now, complaint)
    return worth_showing(suggestion.clauses) if suggestion and not suggestion.none_likely else ()


def from_suggestion(asked: Asked) -> Mapping[str, object]:
    """The clause that it points to most; the answers are a person's."""
    found = suggested_for(asked, complaint_of(asked))
    return {"clause": found[0].id, "evidence_covered": Evidence.CLAUSE.value} if found else {}


def from_finding(asked: Asked) -> Mapping[str, object]:
    """As it was answered before."""
    finding, session = finding_of(asked), asked.session
    clause = session.get(Clause, finding.clause_id) if finding.clause_id else None
    version = session.get(Version, finding.version_id) if finding.version_id else None
    started: dict[str, object] = {
        "clause": clause.key if clause else None, "party": session.get_one(Party, finding.party_id).slug,
        "version": version.label if version and version.id != answered_complaint(asked).version_id else None,
    }  # fmt: skip
    for question in Question:
        started |= _answer_of(session, finding, question)
    return started


def _answer_of(session: Session, finding: Finding, question: Question) -> Mapping[str, object]:
    answer, said = getattr(finding, question.value), finding.reasons.get(question.value, {})
    why = session.get(Narrative, said["why"]) if said.get("why") else None
    left = NOT_ASKED if question in UNDER_A_CLAUSE else None
    return {
        question.value: answer.value if answer else left, f"why_{question}": why.text if why else None,
        f"evidence_{question}": said.get("evidence"), f"reference_{question}": said.get("reference"),
    }  # fmt: skip
