"""The words of a case go: texts, messages, who reported. What was done, when, by which role and in which numbers stays,
and so do the hashes by which history is proved."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import case_of, protocol_named
from actions.moving import hold_cases, protocol_locked
from actions.party_answers import SAID_NO
from actions.policy import today_of
from actions.resolving import CLOSED_BY_HAND
from actions.retention.cases import MAY_GO_AGAIN, changed_last, ended_cases, periods_of
from actions.retention.words import matters_about, texts_of, with_what_was_merged
from models import history
from models.breach import BreachReport, FollowUp, RegulatorNotice
from models.complaint import Complaint
from models.history import CLOCK, History, Narrative
from models.obligation import Obligation
from models.outbox import Message, SharedText
from models.protocol import Matter, Protocol
from models.store import is_postgres
from rules.retention import EMPTIED, NO_LONGER_KEPT, goes

AT_ONCE = 500  # values of one statement


def empty(session: Session, now: datetime, slug: str, case: str) -> bool:
    """Whether the words of the case went now. It is asked again whether they may: meanwhile somebody may have said that
    they stay, or the case was taken up again. Raises NotThere."""
    protocol = protocol_named(session, slug)
    protocol_locked(session, protocol)  # two at once would each leave to the other what their cases share
    cases = with_what_was_merged(session, case)
    hold_cases(session, cases)
    kind, _, number = case.partition(":")
    ended, kept = next(ended_cases(session, protocol, kind, int(number)), None), periods_of(protocol)[kind]
    if ended is None or kept is None or not goes(ended, kept, today_of(protocol, now), changed_last(session, protocol)):
        return False
    if cases[1:] and _are_needed(session, cases):
        return False
    if not is_postgres(session):
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")  # not every SQLite overwrites what is deleted
    closed = _empty_matters(session, protocol, cases)
    texts = _empty_texts(session, now, texts_of(session, cases) | closed)
    messages = _empty_messages(session, cases)
    if kind == "breach":
        _forget_reporters(session, cases)
    else:
        session.execute(sa.update(Complaint).where(col(Complaint.id) == int(number)).values(attachments=[]))
    history.write(
        session, case, now, CLOCK, EMPTIED, protocol=slug, ended_on=ended.on.isoformat(), kept=kept.text, texts=texts,
        messages=messages, cases=cases[1:],
    )  # fmt: skip
    return True


def _are_needed(session: Session, cases: Sequence[str]) -> bool:
    """What was merged may have something owed or on its way under its own name."""
    owed = select(Obligation.id).where(col(Obligation.case).in_(cases), col(Obligation.outcome).is_(None))
    sent = select(Message.id).where(col(Message.case).in_(cases), col(Message.state).in_(MAY_GO_AGAIN))
    return any(session.exec(each.limit(1)).first() is not None for each in (owed, sent))


def _empty_texts(session: Session, now: datetime, numbers: set[int]) -> int:
    ordered, emptied = sorted(numbers), 0
    for first in range(0, len(ordered), AT_ONCE):
        some = col(Narrative.id).in_(ordered[first : first + AT_ONCE])
        statement = sa.update(Narrative).where(some, col(Narrative.text).is_not(None)).values(text=None, purged_at=now)
        emptied += session.execute(statement).rowcount  # type: ignore[attr-defined]
    return emptied


def _empty_messages(session: Session, cases: Sequence[str]) -> int:
    """That it was sent, to whom, when, and what the server answered, stays. What many said together goes with the last
    of them."""
    table: sa.Table = Message.__table__  # type: ignore[attr-defined]
    ours = table.c.case.in_(cases)
    said = sa.select(table.c.shared_text_id).where(ours, table.c.shared_text_id.is_not(None))
    shared = set(session.execute(said).scalars())
    words = {"own_text": "", "own_html": "", "calendar": None, "shared_text_id": None}
    emptied: int = session.execute(  # type: ignore[attr-defined]
        sa.update(table).where(ours, sa.or_(table.c.own_text != "", table.c.shared_text_id.is_not(None))).values(words)
    ).rowcount
    still = sa.select(table.c.shared_text_id).where(table.c.shared_text_id.in_(shared))
    gone = shared - set(session.execute(still).scalars())
    session.execute(sa.update(SharedText).where(col(SharedText.id).in_(gone)).values(text="", html=""))
    return emptied


def _empty_matters(session: Session, protocol: Protocol, cases: Sequence[str]) -> set[int]:
    """Why somebody closed a line about it on the secretary's list. Answers the texts, of the protocol's history."""
    about = matters_about(session, protocol, cases)
    keys = session.exec(select(Matter.key).where(*about, col(Matter.closed_at).is_not(None))).all()
    key = col(History.details)["matter"].as_string()
    of = sa.select(key, col(History.why_id)).where(col(History.case) == case_of(protocol), key.in_(keys))
    by_hand = session.execute(of.where(col(History.what) == CLOSED_BY_HAND)).all() if keys else []
    said = col(Matter.key).in_([each for each, _ in by_hand]) | col(Matter.outcome).startswith(SAID_NO)
    session.execute(sa.update(Matter).where(*about, said).values(outcome=NO_LONGER_KEPT))
    return {why_id for _, why_id in by_hand}


def _forget_reporters(session: Session, cases: Sequence[str]) -> None:
    numbers = [int(case.partition(":")[2]) for case in cases]
    reports = sa.update(BreachReport).where(col(BreachReport.breach_id).in_(numbers))
    session.execute(reports.where(col(BreachReport.reporter).is_not(None)).values(reporter=NO_LONGER_KEPT))
    session.execute(reports.values(reach=None))
    follow_ups = sa.select(col(FollowUp.id)).where(col(FollowUp.breach_id).in_(numbers))
    notices = sa.update(RegulatorNotice).where(col(RegulatorNotice.follow_up_id).in_(follow_ups))
    session.execute(notices.values(content={}))
