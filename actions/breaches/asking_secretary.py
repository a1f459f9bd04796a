"""What the secretary is asked about a breach as a whole: whom it concerns, and whether it can be closed."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.early_ends import was_followed_up
from actions.breaches.moving import follow_ups_of, protocol_of
from actions.matters import close_matter, keyed_from, open_matter, open_matters
from models.breach import Breach, FollowUp
from models.protocol import MatterKind

ABOUT = ("no-party", "can-be-closed")  # how the keys of these matters go on


def ask_for_a_party(session: Session, now: datetime, breach: Breach) -> None:
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, f"{breach.case}:no-party",
        f"Nobody knows yet which party breach {breach.id} concerns.",
        f"Ask, then add each with `concordat breach affect {breach.id} PARTY --because TEXT`.",
    )  # fmt: skip


def ask_how_it_goes_on(session: Session, now: datetime, breach: Breach, last: FollowUp) -> None:
    """`last` has just ended: where no other goes on, nobody owes anything in the breach, and it is the secretary's."""
    ask_who_goes_on(session, now, breach, f"{last.id}:{last.reopened}")


def ask_who_goes_on(session: Session, now: datetime, breach: Breach, since: str) -> None:
    """`since` keeps apart what happens again."""
    ended = follow_ups_of(session, breach)
    if any(each.ended_at is None for each in ended):
        return
    if ended and was_followed_up(session, breach):
        _ask_to_close(session, now, breach, since)
        return
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, f"{breach.case}:no-party-left:{since}",
        f"No party is left that breach {breach.id} concerns.",
        f"Add the right one with `concordat breach affect {breach.id} PARTY --because TEXT`, or say that it was "
        f"none with `concordat breach end {breach.id} not-a-breach --because TEXT`.",
    )  # fmt: skip


def _ask_to_close(session: Session, now: datetime, breach: Breach, since: str) -> None:
    open_matter(
        session, now, protocol_of(session, breach), MatterKind.BREACH, f"{breach.case}:can-be-closed:{since}",
        f"Breach {breach.id} can be closed: no party follows it up any more.",
        f"Look at its record, then close it with `concordat breach close {breach.id}`; or add whoever goes on with it "
        f"with `concordat breach affect {breach.id} PARTY --because TEXT`.",
    )  # fmt: skip


def close_matters_about(session: Session, now: datetime, breach: Breach, outcome: str) -> None:
    """What the secretary was asked about this breach has been answered."""
    protocol = protocol_of(session, breach)
    for about in ABOUT:
        for matter in open_matters(session, protocol, keyed_from(protocol, f"{breach.case}:{about}")):
            close_matter(session, now, matter, outcome)
