"""What happened in a breach, as its party may read it: its own part, what all share, and nothing of the others'."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.shown import BreachView
from models.breach import Breach
from models.history import History
from rules.sentences import listed, written_instant
from web.parties.breach_words import DUTIES

# Rows of history that are the party's own, and what they say.
WORDS = {
    "awareness recorded": "Since when you have been aware was recorded",
    "awareness corrected": "Since when you have been aware was corrected",
    "regime set": "Which law you act under was set",
    "concluded": "You concluded how likely a risk to people is",
    "duty required": "A duty was found to be required",
    "duty not required": "A duty was found not to be required",
    "duty undecided": "A duty has to be decided again",
    "step done": "A step was done",
    "step provisional": "A step was answered for now",
    "step skipped": "A step was skipped",
    "step corrected": "When a step was done was corrected",
    "step not needed": "A step was not needed any more",
    "notice given": "The notice was given",
    "supplement given": "A supplement was given",
    "regulator's reference": "The regulator’s reference was recorded",
    "no supplement": "No supplement is given, and why was recorded",
    "people told": "The people concerned were told",
    "people told again": "The people concerned were told again",
    "partners told": "The partners were told",
    "partners told again": "The partners were told again",
    "letters held": "You began to hold letters",
    "hold confirmed": "You looked again: letters still wait",
    "letters released": "You released the letters",
    "consulted": "You asked a partner",
    "lesson learnt": "What was learnt was recorded",
    "not affected": "It was recorded that the breach does not concern you",
    "follow-up ended": "Your follow-up ended",
    "follow-up reopened": "Your follow-up was reopened",
}
SHARED = {
    "reported": "The breach was reported", "facts stated": "Facts were stated",
    "facts confirmed": "Facts were confirmed",
    "reporter says otherwise": "Whoever reported says otherwise, and the secretary looks at it",
}  # fmt: skip
DETAILS = ("step", "duty", "risk", "regime", "end", "number", "effect")  # plain words or numbers, never free text
INSTANTS = ("aware_at", "given_at", "told_at", "at")


@dataclass(frozen=True, kw_only=True)
class Event:
    at: datetime
    what: str
    by: str | None = None


def timeline(
    session: Session, breach: Breach, view: BreachView, names: Mapping[str, str], zone: ZoneInfo
) -> Sequence[Event]:
    """The oldest first."""
    mine = view.follow_ups[0]
    steps = {step.step: f"“{step.do}”" for step in mine.steps}
    first, *rest = _own(session, breach, mine.party, DUTIES | steps, zone)
    opened = Event(at=mine.opened_at, what="Your follow-up began")
    events = [first, opened, *rest, *_between(view, mine.party, names)]
    return sorted(events, key=lambda event: event.at)


def _own(
    session: Session, breach: Breach, slug: str, words: Mapping[str, str], zone: ZoneInfo
) -> Iterator[Event]:  # fmt: skip
    """History keeps who reported in no row; of what is stated, only that it was."""
    rows = session.exec(select(History).where(History.case == breach.case).order_by(col(History.seq)))
    for row in rows:
        if row.what in SHARED:
            facts = [row.details["fact"]] if "fact" in row.details else row.details.get("facts")
            named = f": {listed([f'“{each}”' for each in facts])}" if row.what != "reported" and facts else ""
            yield Event(at=row.at, what=f"{SHARED[row.what]}{named}", by=row.who if named else None)
        elif row.what in WORDS and row.details.get("party") == slug:
            yield Event(at=row.at, what=f"{WORDS[row.what]}{_details(row, words, zone)}", by=row.who)


def _details(row: History, words: Mapping[str, str], zone: ZoneInfo) -> str:
    said = [
        words.get(str(row.details[name]), str(row.details[name]))
        for name in DETAILS
        if row.details.get(name) is not None
    ]
    for name in INSTANTS:
        if isinstance(at := row.details.get(name), str):
            said.append(written_instant(datetime.fromisoformat(at).replace(second=0, microsecond=0), zone))
    return f": {', '.join(said)}" if said else ""


def _between(view: BreachView, slug: str, names: Mapping[str, str]) -> Iterator[Event]:
    for hold in view.holds:
        if hold.party != slug:
            who = names.get(hold.party, hold.party)
            yield Event(at=hold.placed_at, what=f"{who} began to hold letters")
            if hold.released_at is not None:
                yield Event(at=hold.released_at, what=f"{who} released the letters")
    for each in view.consultations:
        asked_by, asked_of = names.get(each.asked_by, each.asked_by), names.get(each.asked_of, each.asked_of)
        if each.asked_of == slug:
            yield Event(at=each.asked_at, what=f"{asked_by} asked you something")
        if each.answered_at is not None:
            answered = "You answered a question" if each.asked_of == slug else f"{asked_of} answered your question"
            yield Event(at=each.answered_at, what=answered)
