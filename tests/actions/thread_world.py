"""Two complaints and a breach in the small world, the gap they led to, and the version that answers it.

What nobody has an action for yet in this room's tests is written into the tables, as the actions write it.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, select

from actions.cast import known_id
from actions.gaps.answering import name_answers
from actions.gaps.living import join_gap, open_gap_for
from actions.proposals import Proposed
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, propose
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual
from actions.review_signing import decline, sign
from actions.threads.tracing import trace
from models import history
from models.breach import Breach, Lesson, LessonEffect
from models.complaint import Complaint, ComplaintEffect, Finding
from models.gap import Gap
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Clause, LegislationChange, Version
from models.review import DecisionOutcome, Magnitude
from rules.decisions import Vote
from rules.threads import Node, Thread
from rules.working_days import Nation
from tests.actions.world import SECRETARY, World, contact_of, made_by, party, protocol, put_back, saved

SECRET = "Mrs Crumb of Mill Lane was never told."  # what somebody tells; it is in no label
AUTUMN = datetime(2026, 10, 5, 9, tzinfo=UTC)
REVIEWED = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIGNED = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WORDING = "Records are kept locked, day and night."

BREAKDOWN = {"covered": "yes", "followed": "no", "clear": "yes", "harm": "yes", "result": "breakdown"}
BOTH = {"covered": "yes", "followed": "no", "clear": "no", "harm": "yes", "result": "both"}
INADEQUACY = {"covered": "no", "followed": None, "clear": None, "harm": "yes", "result": "inadequacy"}
NEITHER = {"covered": "yes", "followed": "yes", "clear": "yes", "harm": "no", "result": "neither"}


def put(session: Session, table: type[SQLModel], **values: Any) -> Any:
    row = table.model_validate(values)
    session.add(row)
    session.flush()
    return row


def told(session: Session) -> int:
    return history.narrate(session, SECRET)


def complaint(session: Session, about: str = "police", at: datetime = AUTUMN, **values: Any) -> Complaint:
    return put(  # type: ignore[no-any-return]
        session, Complaint,
        **{
            "protocol_id": known_id(protocol(session)), "kind": "disclosure", "received_at": at, "recorded_at": at,
            "party_id": known_id(party(session, about)), "what_id": told(session), "recorded_by": "clerk",
            "stage": "closed", "outcome": "answered", **values,
        },
    )  # fmt: skip


def finding(
    session: Session, of: Complaint, answers: dict[str, Any], clause: str | None = None, **more: Any
) -> Finding:
    number = len(session.exec(select(Finding.id)).all()) + 1
    found = session.exec(select(Clause.id).where(Clause.key == clause)).first() if clause else None
    version = session.exec(select(Version.id).where(Version.label == "4.2")).one()
    return put(  # type: ignore[no-any-return]
        session, Finding,
        **{
            "key": f"{of.case}:finding:{number}", "complaint_id": known_id(of), "issue": 1, "party_id": of.party_id,
            "clause_id": found, "version_id": version, "reasons": {}, "determined_at": of.received_at + DAY,
            "determined_by": "analyst", **answers, **more,
        },
    )  # fmt: skip


def effect(session: Session, of: Finding, kind: str, **what: Any) -> ComplaintEffect:
    key = f"finding:{of.id}:{kind}:{sorted(what.items())}"
    return put(  # type: ignore[no-any-return]
        session, ComplaintEffect, key=key, complaint_id=of.complaint_id, finding_id=known_id(of), effect=kind,
        words_id=told(session), at=of.determined_at, by="analyst", **what,
    )  # fmt: skip


def gap(session: Session, words: str, *origins: str, clause: str | None = None, at: datetime = AUTUMN + DAY) -> Gap:
    opened = open_gap_for(session, at, protocol(session), clause, words, origins[0] if origins else None, "analyst")
    for case in origins[1:]:
        join_gap(session, at, known_id(opened), case, "analyst")
    return opened


def local_action(session: Session, slug: str, case: str, **values: Any) -> Obligation:
    number = len(session.exec(select(Obligation.id)).all()) + 1
    contact = contact_of(session, slug)
    return put(  # type: ignore[no-any-return]
        session, Obligation,
        **{
            "key": f"{case}:action:{number}", "protocol_id": known_id(protocol(session)), "case": case,
            "kind": ObligationKind.LOCAL_ACTION, "party_id": contact.party_id, "contact_id": known_id(contact),
            "nation": Nation.ENGLAND_AND_WALES, "zone": "Europe/London", "ladder": "step", "opened_at": AUTUMN,
            "due_on": date(2026, 12, 24), "due_at": datetime(2026, 12, 25, tzinfo=UTC), "outcome": Outcome.ANSWERED,
            "discharged_at": AUTUMN + DAY, **values,
        },
    )  # fmt: skip


def breach(session: Session, at: datetime = AUTUMN, **values: Any) -> Breach:
    """Closed, without follow-ups: nothing but what a thread shows."""
    return put(  # type: ignore[no-any-return]
        session, Breach,
        **{
            "protocol_id": known_id(protocol(session)), "stage": "closed", "outcome": "followed up",
            "reported_at": at, "ended_at": at + DAY, **values,
        },
    )  # fmt: skip


def lesson(session: Session, of: Breach, kind: LessonEffect, **values: Any) -> Lesson:
    number = len(session.exec(select(Lesson.id)).all()) + 1
    return put(  # type: ignore[no-any-return]
        session, Lesson,
        **{
            "key": f"{of.case}:lesson:{number}", "breach_id": known_id(of), "cause": SECRET, "words_id": told(session),
            "effect": kind, "learnt_at": of.reported_at + DAY, "learnt_by": "coordinator", **values,
        },
    )  # fmt: skip


KEPT: list[bytes] = []


def with_the_story(world: World) -> World:
    """Complaint 1 (both) led to a local action and gap 1; complaint 2 and breach 1 to gap 1 as well; complaint 3 to gap
    2, which nobody answers; complaint 4 to nothing, because. Proposals 1 (fire, merged into 2) and 2 answer gap 1;
    3 was rejected. Version 5.0: the council signed, fire declined, the police and the trust still owe it.
    """
    if KEPT:
        put_back(world.store, KEPT[0])
        return world
    with world.act() as session:
        _what_happened(session)
    with world.act() as session:
        _the_review(session)
    KEPT.append(saved(world.store))
    return world


def _what_happened(session: Session) -> None:
    first, second = complaint(session), complaint(session, "trust", AUTUMN + DAY)
    third, fourth, lost = complaint(session, "fire"), complaint(session, "council"), breach(session)
    put(
        session, LegislationChange, key="law", protocol_id=known_id(protocol(session)), act="Locks Act 2026",
        section="3", in_force_from=date(2026, 9, 1), words_id=told(session), clauses=["12-security"],
        recorded_at=AUTUMN, recorded_by=SECRETARY,
    )  # fmt: skip
    origins = (first.case, second.case, lost.case, "legislation:1")
    night = known_id(gap(session, "Nothing is said of the night.", *origins, clause="12-security"))
    dead = known_id(gap(session, "Nothing is said of the dead.", third.case))
    of_first = finding(session, first, BOTH, "12-security")
    effect(session, of_first, "local action", obligation_id=local_action(session, "police", first.case).id)
    effect(session, of_first, "gap", gap_id=night)
    effect(session, finding(session, second, INADEQUACY), "gap", gap_id=night)
    effect(session, finding(session, third, INADEQUACY), "gap", gap_id=dead)
    effect(session, finding(session, fourth, NEITHER, "7-consent"), "no change")
    of_breach = lesson(session, lost, LessonEffect.GAP, gap_id=night)
    local_action(session, "police", lost.case, subject=f"lesson:{of_breach.id}", outcome=None, discharged_at=None)


def _the_review(session: Session) -> None:
    of = protocol(session)
    review = open_annual(session, REVIEWED, of, SECRETARY)
    number = known_id(review)
    proposed = Proposed(clause="12-security", wording="Records are locked at night too.", problem=SECRET)
    give_feedback(session, REVIEWED, number, party(session, "fire"), "lead", proposals=[proposed])
    close_feedback(session, REVIEWED, number, SECRETARY)
    propose(session, REVIEWED, number, Proposed(clause="12-security", wording=WORDING), SECRETARY)
    propose(session, REVIEWED, number, Proposed(clause="7-consent", wording="Nobody is asked."), SECRETARY)
    name_answers(session, REVIEWED, 1, ["complaint:2", "gap:1"], SECRETARY)
    merge(session, REVIEWED, 1, 2, SECRETARY, "They say the same.")
    for each in (2, 3):
        classify(session, REVIEWED, each, Magnitude.MAJOR, SECRETARY, "It costs money.")
        give_advice(session, REVIEWED, each, "It is lawful.", "adviser")
    begin_deciding(session, REVIEWED, number, SECRETARY)
    decide(
        session, REVIEWED, 2, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.", dissent=SECRET,
        votes={"council": Vote.FOR, "police": Vote.FOR, "fire": Vote.AGAINST},
    )  # fmt: skip
    decide(session, REVIEWED, 3, DecisionOutcome.REJECTED, SECRETARY, because="No.")
    conclude(session, REVIEWED, number, SECRETARY)
    version = made_by(session)
    sign(session, SIGNED, version, party(session, "council"), "lead", position="Chief Executive")
    decline(session, SIGNED, version, party(session, "fire"), "lead", SECRET)


def tamper(world: World, statements: Sequence[str]) -> None:
    """As somebody with the file in their hands does: without triggers, and without foreign keys."""
    world.store.dispose()
    with closing(sqlite3.connect(world.store.url.database or "")) as file:
        for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert file.execute(statement).rowcount > 0, f"altered nothing: {statement}"
        file.commit()


def traced(world: World, ref: str) -> Thread:
    with world.read() as session:
        return trace(session, protocol(session), ref)


def node(thread: Thread, ref: str) -> Node:
    [found] = [each for each in thread.nodes if each.ref == ref]
    return found


def refs(thread: Thread) -> set[str]:
    return {each.ref for each in thread.nodes}
