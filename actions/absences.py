"""What the clock does about those who are away: what is owed goes to whoever stands in, and what waits for them all the
same is on the secretary's list for as long as it waits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from actions.cast import case_of, known_id
from actions.handing_over import away_in, hand_over, owed_by_these, to_hand_over
from actions.matters import close_matter, open_matter, reopen_matter
from actions.moving import hold_cases, protocol_locked
from models.lists import one_of
from models.obligation import Obligation
from models.protocol import Contact, Matter, MatterKind, Party, Protocol, Role
from rules.sentences import listed

NOTHING_WAITS = "nothing waits for them any more"
BY_THE_CLOCK = (NOTHING_WAITS, "the dates have changed")  # the second in stores from before that was said
CASES = {
    "breach": ("breach", "breaches"), "complaint": ("complaint", "complaints"), "review": ("review", "reviews"),
    "protocol": ("duty between reviews", "duties between reviews"),
}  # fmt: skip
# Somebody is away by anybody's calendar, or is said to be on the secretary's list.
_MAY_BE_DUE = (
    select(Protocol)
    .where(
        or_(
            col(Protocol.id).in_(select(Contact.protocol_id).where(col(Contact.away_until) >= sa.bindparam("since"))),
            col(Protocol.id).in_(
                select(Matter.protocol_id).where(col(Matter.kind) == MatterKind.AWAY, col(Matter.closed_at).is_(None))
            ),
        )
    )
    .order_by(col(Protocol.id))
)


class Waiting(NamedTuple):
    """`since`: when the newest of it came to be owed."""

    sentence: str
    since: datetime


def absences_due(session: Session, now: datetime) -> dict[int, str]:
    """Protocols, by id, in which something is to be handed over, or the secretary's list is not as it should be; and
    their own cases."""
    asked = {"since": (now - timedelta(days=1)).date()}
    return {
        known_id(protocol): case_of(protocol) for protocol in session.exec(_MAY_BE_DUE, params=asked).all()
        if to_hand_over(session, now, protocol) or any(_to_note(session, now, protocol))
    }  # fmt: skip


def see_to_absences(session: Session, now: datetime, protocol_id: int) -> None:
    """Done twice, it does nothing."""
    protocol = session.get_one(Protocol, protocol_id)
    protocol_locked(session, protocol)
    cases = {duty.case for duty, _ in to_hand_over(session, now, protocol)}
    hold_cases(session, cases)
    hand_over(session, now, protocol, cases)
    note_what_waits(session, now, protocol)


def note_what_waits(session: Session, now: datetime, protocol: Protocol) -> None:
    """What only they may do, or what nobody else at the party can be asked for: the secretary should know. The caller
    holds the protocol."""
    session.flush()
    for key, matter, waiting in list(_to_note(session, now, protocol)):
        if waiting is None:
            assert matter is not None
            close_matter(session, now, matter, NOTHING_WAITS)
        elif matter is None:
            open_matter(
                session, now, protocol, MatterKind.AWAY, key.removeprefix(f"{protocol.slug}:"), waiting.sentence,
                "Telephone them, or name somebody else with `concordat contact set`.",
            )  # fmt: skip
        else:
            reopen_matter(session, matter)
            matter.sentence = waiting.sentence


def _to_note(
    session: Session, now: datetime, protocol: Protocol
) -> Iterator[tuple[str, Matter | None, Waiting | None]]:
    """What is not on the list and should be; and, with nothing that waits, what should not be there any more.

    A person who has taken it off the list hears of it again only when they owe something that is newer.
    """
    waiting = _waiting(session, now, protocol)
    of_absence = select(Matter).where(Matter.protocol_id == protocol.id, Matter.kind == MatterKind.AWAY)
    current = or_(col(Matter.closed_at).is_(None), col(Matter.key).in_(waiting))
    known = {matter.key: matter for matter in session.exec(of_absence.where(current).order_by(col(Matter.id)))}
    for key, matter in known.items():
        if matter.closed_at is None and key not in waiting:
            yield key, matter, None
    for key, now_waits in waiting.items():
        listed_as = known.get(key)
        if listed_as is None or _says_too_little(listed_as, now_waits):
            yield key, listed_as, now_waits


def _says_too_little(matter: Matter, waiting: Waiting) -> bool:
    if matter.closed_at is None:
        return matter.sentence != waiting.sentence
    return matter.outcome in BY_THE_CLOCK or waiting.since > matter.closed_at


def _waiting(session: Session, now: datetime, protocol: Protocol) -> dict[str, Waiting]:
    """For each who is away and owes something, by the key of the matter."""
    if not (away := away_in(session, now, protocol)):
        return {}
    owed = select(Obligation.contact_id, Obligation.case, Obligation.opened_at)
    owed = owed.where(*owed_by_these(session, protocol, away))
    by: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for number, case, opened_at in session.exec(owed):
        by[number].append((case, opened_at))
    named = select(Party.id, Party.name).where(one_of(session, Party.id, {away[number].party_id for number in by}))
    names = dict(session.exec(named).all())
    return {
        f"{protocol.slug}:away:contact-{number}:{away[number].away_until}": Waiting(
            _sentence(away[number].role, names.get(away[number].party_id, protocol.short_name), [c for c, _ in theirs]),
            max(at for _, at in theirs),
        )
        for number, theirs in by.items()
    }


def _sentence(role: Role, of: str, cases: Iterable[str]) -> str:
    many = Counter(case.partition(":")[0] for case in set(cases))
    said = listed([f"{many[kind]} {words[many[kind] > 1]}" for kind, words in CASES.items() if many[kind]])
    return f"The {role} of {of} is away, and owes what nobody else can be asked for ({said})."
