"""The one writer of a breach's stage, and how a breach is held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from actions.cast import NotThere, known_id, party_named
from actions.moving import protocol_locked
from models import history
from models.breach import Breach, BreachFact, FollowUp
from models.locking import hold_row
from models.protocol import Party, Protocol
from models.remembering import remembered
from rules.breach import Stage, Step, as_state, stage_after
from rules.breach_facts import FactName
from rules.errors import Refused


class BreachHasEnded(Refused):
    def __init__(self, breach: Breach) -> None:
        into = f" It was merged into breach {breach.merged_into_id}." if breach.merged_into_id else ""
        super().__init__(
            f"Breach {breach.id} is closed: reopen it first (`concordat breach reopen {breach.id} --because TEXT`)."
            if not into
            else f"Breach {breach.id} is closed.{into}"
        )


class NoFollowUp(Refused):
    def __init__(self, breach: Breach, party: Party) -> None:
        super().__init__(
            f"{party.name} has no follow-up of breach {breach.id}: if the breach may concern it, add it with "
            f"`concordat breach affect {breach.id} {party.slug} --because TEXT`."
        )


class NotOpenedYet(NoFollowUp):
    """The report names the party, and the clock has not come to it."""

    def __init__(self, breach: Breach, party: Party) -> None:
        Refused.__init__(
            self,
            f"The follow-up of breach {breach.id} at {party.name} is about to be opened: try again in a minute, or "
            "open it at once with `concordat sweep`.",
        )


class FollowUpHasEnded(Refused):
    def __init__(self, party: Party, follow_up: FollowUp) -> None:
        super().__init__(
            f"The follow-up of {party.name} has ended ({follow_up.end}): reopen it first "
            f"(`concordat breach reopen {follow_up.breach_id} --party {party.slug} --because TEXT`)."
        )


def breach_locked(session: Session, breach_id: int) -> Breach:
    """The breach as it is now, held with its protocol, so that no two people act in it at once."""
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise NotThere(f"There is no breach {breach_id}: see `concordat breach list`.")
    protocol_locked(session, session.get_one(Protocol, breach.protocol_id))
    history.hold(session, breach.case)
    hold_row(session, breach)
    return breach


def open_breach_locked(session: Session, breach_id: int) -> Breach:
    """Raises BreachHasEnded."""
    breach = breach_locked(session, breach_id)
    if breach.stage is Stage.CLOSED:
        raise BreachHasEnded(breach)
    return breach


def protocol_of(session: Session, breach: Breach) -> Protocol:
    return session.get_one(Protocol, breach.protocol_id)


def follow_ups_of(session: Session, breach: Breach, *, still_open: bool = False) -> list[FollowUp]:
    """In the order in which they were opened, as they are now; locked by the case, which the caller holds."""
    return [each for each in _follow_ups_of(session, breach) if not (still_open and each.ended_at)]


@remembered(FollowUp)
def _follow_ups_of(session: Session, breach: Breach) -> Sequence[FollowUp]:
    return session.exec(_FOLLOW_UPS, params={"of": breach.id}).all()


_FOLLOW_UPS = (
    select(FollowUp)
    .where(FollowUp.breach_id == bindparam("of"))
    .order_by(col(FollowUp.id))
    .execution_options(populate_existing=True)
)


def follow_up_at(session: Session, breach: Breach, slug: str) -> tuple[FollowUp, Party]:
    """The party's follow-up, ended or not. Raises NotThere, NoFollowUp, NotOpenedYet."""
    party = party_named(session, protocol_of(session, breach), slug)
    found = next((each for each in follow_ups_of(session, breach) if each.party_id == party.id), None)
    if found is None:
        raise NotOpenedYet(breach, party) if _is_named(session, breach, party) else NoFollowUp(breach, party)
    return found, party


def _is_named(session: Session, breach: Breach, party: Party) -> bool:
    """By what stands of whom it may concern."""
    named = select(BreachFact.value).where(BreachFact.breach_id == breach.id, BreachFact.name == FactName.PARTIES)
    newest = session.exec(named.order_by(col(BreachFact.id).desc()).limit(1)).first()
    return isinstance(newest, list) and party.slug in newest


def party_of(session: Session, follow_up: FollowUp) -> Party:
    return session.get_one(Party, follow_up.party_id)


def open_follow_up_at(session: Session, breach: Breach, slug: str) -> tuple[FollowUp, Party]:
    """Raises NotThere, NoFollowUp, FollowUpHasEnded."""
    follow_up, party = follow_up_at(session, breach, slug)
    if follow_up.ended_at is not None:
        raise FollowUpHasEnded(party, follow_up)
    return follow_up, party


def take_step(
    session: Session, now: datetime, breach: Breach, step: Step, by: str, why: str | None = None, **details: Any
) -> None:
    """Raises StepNotAllowed. Writes the history row; of a step that leaves the stage as it is, one without a move."""
    before, breach.stage = breach.stage, stage_after(breach.stage, step)
    if breach.stage is Stage.CLOSED and before is not Stage.CLOSED:
        breach.ended_at = now
    session.add(breach)
    moved = (before.value, breach.stage.value) if before is not breach.stage else (None, None)
    history.write(session, breach.case, now, by, step.value, moved=moved, why=why, **details)


def breach_in_words(breach: Breach) -> str:
    return f"breach {known_id(breach)} is {as_state(breach.stage)}"
