"""That nothing is there twice and that sums agree: messages, leases, duties, reminders. Asked by `concordat verify`.

Reads only. The database refuses most of it by a unique key; here it is asked of the rows, whatever became of the keys.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, func, or_, select

from models.history import History
from models.obligation import Obligation, ObligationKind, Reminder, RungOutcome
from models.outbox import GAP, Delivery, Message, MessageAbout, SharedText
from models.review import Review
from rules.review import Stage

Broken = Iterator[str]

HELD = (Delivery.CLAIMED, Delivery.SENDING)
# A party may owe several of these in one case, about one thing.
MAY_BE_SEVERAL = (ObligationKind.LOCAL_ACTION, ObligationKind.HOLD)
NEXT_STEPS = {Stage.DRAFTING: ObligationKind.DRAFTING, Stage.DECIDING: ObligationKind.DECISION}
TOLD_AS = {
    "reminder queued": RungOutcome.SENT,
    "reminder not sent: the address has bounced": RungOutcome.UNDELIVERABLE,
}


def what_is_done_is_done_once(session: Session, _now: datetime) -> Broken:
    """One row a key, in every table that has keys; so no more than one message a key is ever accepted."""
    for table, key, number in session.connection().execute(_twice()):
        yield f"{table} {key}: is there {number} times"


@cache
def _twice() -> sa.Executable:
    tables = [t for t in SQLModel.metadata.sorted_tables if "key" in t.columns and t.columns["key"].unique]
    each = [
        sa.select(sa.literal(table.name).label("of"), table.c.key, sa.func.count())
        .where(table.c.key.is_not(None))
        .group_by(table.c.key)
        .having(sa.func.count() > 1)
        for table in tables
    ]
    return sa.union_all(*each).order_by("of", "key")


def a_lease_has_its_worker(session: Session, _now: datetime) -> Broken:
    """What is held says by whom and until when; nothing else is held."""
    held = col(Message.state).in_(HELD)
    named = col(Message.leased_by).is_not(None) & col(Message.lease_until).is_not(None)
    named_at_all = or_(col(Message.leased_by).is_not(None), col(Message.lease_until).is_not(None))
    for key, state in session.exec(select(Message.key, Message.state).where(or_(held & ~named, ~held & named_at_all))):
        yield f"message {key}: is {state}, and its lease does not agree"


def a_doubt_is_listed(session: Session, _now: datetime) -> Broken:
    """Whatever may be there in two copies says since when."""
    unlisted = select(Message.key).where(Message.state == Delivery.IN_DOUBT, col(Message.in_doubt_at).is_(None))
    for key in session.exec(unlisted):
        yield f"message {key}: is in doubt, and does not say since when"


def what_waits_for_an_answer_asks_for_one(session: Session, _now: datetime) -> Broken:
    """A message that is withdrawn when nothing is owed any more knows what was owed."""
    linked = select(MessageAbout.id).where(MessageAbout.message_id == Message.id)
    for key in session.exec(select(Message.key).where(col(Message.only_while_owed), ~linked.exists())):
        yield f"message {key}: is sent only while something is owed, and names nothing"


def what_is_shared_has_its_words(session: Session, _now: datetime) -> Broken:
    """A message has as many words of its own as what it shares with others has gaps for."""
    said: sa.Table = SharedText.__table__  # type: ignore[attr-defined]
    own: sa.Table = Message.__table__  # type: ignore[attr-defined]
    pairs = ((own.c.own_text, said.c.text), (own.c.own_html, said.c.html))
    differ = or_(*(_gaps(words) != _gaps(shared) for words, shared in pairs))
    torn = sa.select(own.c.key).join(said, said.c.id == own.c.shared_text_id).where(differ)
    for key in session.execute(torn).scalars():
        yield f"message {key}: its words do not fit what it shares with others"


def _gaps(text: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    return sa.func.length(text) - sa.func.length(sa.func.replace(text, GAP, ""))


def nothing_is_owed_twice(session: Session, _now: datetime) -> Broken:
    """Every duty that a stage brings is there once."""
    about = (col(Obligation.case), col(Obligation.party_id), col(Obligation.kind), col(Obligation.subject))
    twice = (
        select(*about)
        .where(col(Obligation.outcome).is_(None), col(Obligation.kind).not_in(MAY_BE_SEVERAL))
        .group_by(*about)
        .having(func.count() > 1)
    )
    for case, party, kind, subject in session.exec(twice):
        who = f"party {party}" if party else "the secretary"
        yield f"{case}: {who} owes {kind}{f' ({subject})' if subject else ''} twice"


def somebody_has_the_next_step_of_a_review(session: Session, _now: datetime) -> Broken:
    """While proposals are sorted, and while they are decided, the secretary owes just that."""
    owed = Counter(
        session.exec(select(Obligation.case, Obligation.kind).where(col(Obligation.outcome).is_(None))).all()
    )
    for review in session.exec(select(Review).where(col(Review.stage).in_(NEXT_STEPS))):
        if owed[review.case, NEXT_STEPS[review.stage]] != 1:
            yield f"{review.case}: is {review.stage}, and nobody owes its next step"


def reminders_are_what_history_says(session: Session, _now: datetime) -> Broken:
    """By obligation: as many as its case's history tells, whether they were queued or not."""
    told = Counter[tuple[str, RungOutcome]]()
    rows = session.exec(select(History.what, History.details).where(col(History.what).in_(TOLD_AS)))
    for what, details in rows:
        told.update((key, TOLD_AS[what]) for key, _ in details.get("obligations", ()))
    kept = Counter[tuple[str, RungOutcome]]()
    taken = (
        select(Obligation.key, Reminder.outcome, func.count())
        .join(Obligation, col(Obligation.id) == Reminder.obligation_id)
        .where(Reminder.outcome != RungOutcome.SKIPPED)
        .group_by(Obligation.key, col(Reminder.outcome))
    )
    for key, outcome, number in session.exec(taken):
        kept[key, RungOutcome(outcome)] = number
    for key, outcome in sorted(told.keys() | kept.keys()):
        if told[key, outcome] != kept[key, outcome]:
            yield (
                f"{key}: {kept[key, outcome]} reminders are kept as {outcome}, history tells of {told[key, outcome]}"
            )


INVARIANTS = (
    what_is_done_is_done_once,
    a_lease_has_its_worker,
    a_doubt_is_listed,
    what_waits_for_an_answer_asks_for_one,
    what_is_shared_has_its_words,
    nothing_is_owed_twice,
    somebody_has_the_next_step_of_a_review,
    reminders_are_what_history_says,
)
