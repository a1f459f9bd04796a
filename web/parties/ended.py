"""A duty that is owed no more: its page says how it ended instead of asking again."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.history import Narrative
from models.obligation import Obligation, Outcome
from rules.errors import Refused

IN_WORDS = {
    Outcome.ANSWERED: "This has been done. Nothing more is asked of you here.",
    Outcome.WAIVED: "You need not do this any more.",
    Outcome.LAPSED: "This is not asked any more, because its time is over.",
    Outcome.SUPERSEDED: "This is not asked any more, because something else has taken its place.",
}


class NoLongerOwed(Refused):
    def __init__(self, words: str) -> None:
        super().__init__(f"{words} Nothing was changed by what you have just sent.")


@dataclass(frozen=True, kw_only=True)
class Ending:
    words: str
    at: datetime | None
    by: str | None
    because: str | None


def ending(session: Session, duty: Obligation) -> Ending | None:
    """None while it is owed."""
    if duty.outcome is None:
        return None
    why = session.get(Narrative, duty.why_id) if duty.why_id else None
    return Ending(
        words=_in_words(duty, duty.outcome),
        at=duty.discharged_at,
        by=duty.discharged_by,
        because=why.text if why else None,
    )


def require_owed(duty: Obligation) -> None:
    """Raises NoLongerOwed."""
    if duty.outcome is not None:
        raise NoLongerOwed(_in_words(duty, duty.outcome))


def _in_words(duty: Obligation, outcome: Outcome) -> str:
    """What lapsed for a reason, as where whoever complained cannot be told, did not run out of time."""
    if outcome is Outcome.LAPSED and duty.why_id is not None:
        return "This is not asked any more."
    return IN_WORDS[outcome]
