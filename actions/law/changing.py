"""A change of the law is recorded: it marks clauses, and opens a review, or joins the one that is open.

Reviews are annual "unless legislative change requires more immediate action" (protocol §14).
"""

import json
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.clauses import clause_named
from actions.law.acts import act_named, bearing_on, cited, clauses_resting_on, listed_as, one_line, part_of, same_title
from actions.law.of_file import close_what_named_it
from actions.law.said import withdrawn_changes
from actions.law.told import ChangeOfLaw, IsRecorded, TouchesNothing, WasWithdrawn, WhichAct, near_enough
from actions.matters import open_matter
from actions.moving import protocol_locked
from actions.policy import policies_of, today_of
from actions.reasons import reason
from actions.review_opening import open_extraordinary
from actions.versions import base_version
from models import fitting, history
from models.protocol import Clause, Legislation, LegislationChange, MatterKind, Protocol
from models.review import ReasonKind
from rules.sentences import written_day
from rules.texts import fingerprint, plain

RECORDED = "change of the law recorded"
MATTER = "legislation-change:"  # the key of a matter that a person's record opened, not the protocol's file


def record_change(
    session: Session, now: datetime, protocol: Protocol, told: ChangeOfLaw, by: str,
    *, review: bool = True, because: str | None = None,
) -> LegislationChange:  # fmt: skip
    """Told twice, it is recorded once. Without a review it needs a reason (`because`).

    Raises WhichAct, NotThere, FarOff, TouchesNothing, IsRecorded, WasWithdrawn, ReasonNeeded, NotOneLine, NotText,
    DoesNotFit.
    """
    why_none = None if review else reason(because, "recording a change of the law without a review")
    protocol_locked(session, protocol)
    case = f"protocol:{protocol.slug}"
    history.hold(session, case)
    what = reason(told.what, "what has changed in the law, in a sentence (`--what`),")
    change = _as_told(session, now, protocol, told, what, by)
    if (known := _known(session, protocol, change)) is not None:
        return known
    fitting.check(change)  # before anything is opened in its name
    change.words_id = _history(session, now, protocol, change, by, what)
    early = "legislation" in policies_of(protocol).review.early
    if review and early:
        change.review_id = _review(session, now, protocol, change, by)
    session.add(change)
    session.flush()
    close_what_named_it(session, now, protocol, change)
    if why_none is not None:
        history.write(session, case, now, by, "no review for it", why=why_none, change=change.key)
    elif not early:
        _matter(session, now, protocol, change)
    return change


def _history(session: Session, now: datetime, protocol: Protocol, change: LegislationChange, by: str, what: str) -> int:
    """The words are kept once, with the move that they tell of; answers their narrative."""
    row = history.write(
        session, f"protocol:{protocol.slug}", now, by, RECORDED, why=what, change=change.key, clauses=change.clauses,
        in_force_from=change.in_force_from.isoformat(),
    )  # fmt: skip
    assert row.why_id is not None
    return row.why_id


def _as_told(
    session: Session, now: datetime, protocol: Protocol, told: ChangeOfLaw, what: str, by: str
) -> LegislationChange:
    listed, title = _act(session, protocol, told)
    section = one_line(told.section, "section") if told.section is not None else None
    source = one_line(told.source, "source") if told.source is not None else None
    near_enough(told.in_force_from, today_of(protocol, now))
    clauses = _clauses(session, protocol, told, listed, title)
    said = [same_title(title), section and section.casefold(), told.in_force_from.isoformat(), clauses, what]
    text = base_version(session, protocol)
    return LegislationChange(
        key=f"{protocol.slug}:law:{told.in_force_from.isoformat()}:{fingerprint(json.dumps(said))}",
        protocol_id=known_id(protocol), legislation_id=listed.id if listed else None, act=title, section=section,
        in_force_from=told.in_force_from, words_id=0, clauses=clauses, source=source,
        version_id=text.id if text else None, recorded_at=now, recorded_by=by,
    )  # fmt: skip


def _act(session: Session, protocol: Protocol, told: ChangeOfLaw) -> tuple[Legislation | None, str]:
    if (told.key is None) is (told.act is None):
        raise WhichAct
    if told.key is not None:
        row = act_named(session, protocol, plain(told.key))
        return row, row.title
    title = " ".join(one_line(told.act or "", "title of the Act").split())
    row_of_title = listed_as(session, protocol, title)
    return row_of_title, row_of_title.title if row_of_title else title


def _clauses(session: Session, protocol: Protocol, told: ChangeOfLaw, act: Legislation | None, title: str) -> list[str]:
    """In the protocol's order, each once."""
    named = told.clauses or (clauses_resting_on(act) if act else ())
    chosen = {clause_named(session, protocol, plain(key)).key for key in named}
    statement = select(Clause.key).where(Clause.protocol_id == protocol.id).order_by(col(Clause.position))
    known = list(session.exec(statement))
    if not chosen:
        raise TouchesNothing(title, known)
    return [key for key in known if key in chosen]


def _known(session: Session, protocol: Protocol, change: LegislationChange) -> LegislationChange | None:
    """The same, told before; what was withdrawn counts no more. Raises IsRecorded where it was told in other words and
    nothing new is touched, WasWithdrawn where just this was taken back."""
    withdrawn = withdrawn_changes(session, protocol)
    statement = select(LegislationChange).where(
        LegislationChange.protocol_id == change.protocol_id, LegislationChange.in_force_from == change.in_force_from
    )
    same = [each for each in session.exec(statement) if _same_part(each) == _same_part(change)]
    for each in same:
        if each.key == change.key and each.id in withdrawn:
            raise WasWithdrawn(each)
        if each.key == change.key:
            return each
    same = [each for each in same if each.id not in withdrawn]
    if same and set(change.clauses) <= {clause for each in same for clause in each.clauses}:
        raise IsRecorded(same[0])
    return None


def _same_part(change: LegislationChange) -> tuple[str, str]:
    return same_title(change.act), (change.section or "").casefold()


def _review(session: Session, now: datetime, protocol: Protocol, change: LegislationChange, by: str) -> int:
    words = f"Change of the law: {cited(change)}. It bears on {bearing_on(change.clauses)}."
    review = open_extraordinary(session, now, protocol, by, words, ReasonKind.LEGISLATION)
    history.write(session, review.case, now, by, RECORDED, change=change.key, clauses=change.clauses)
    return known_id(review)


def _matter(session: Session, now: datetime, protocol: Protocol, change: LegislationChange) -> None:
    """Where the document does not say that a change of the law brings a review forward, a person decides."""
    open_matter(
        session, now, protocol, MatterKind.LEGISLATION, f"{MATTER}{change.id}",
        f"{part_of(change.act, change.section)} changes from {written_day(change.in_force_from)} and bears on "
        f"{bearing_on(change.clauses)}. The protocol does not say that legislation brings a review forward.",
        "Take it to the next review; or ask everybody at once: "
        f"`concordat review open {protocol.slug} --legislation --because TEXT`.",
        change.source,
    )  # fmt: skip
