"""What is known of a breach: every fact with who stated it and when, its earlier values, and a form for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.breaches.confirming_facts import sentence_of
from actions.breaches.facts import facts_of
from actions.breaches.moving import protocol_of
from actions.breaches.showing_facts import fact_lines, statement_lines
from actions.breaches.shown import FactLine, StatementLine
from actions.breaches.stating import state_facts
from actions.cast import active_parties
from actions.policy import today_of, zone_of
from models.breach import Breach
from models.protocol import Party
from rules.breach import Stage
from rules.breach_facts import FactName
from rules.sentences import listed
from web.console.breach_acts import MENU, OF_BREACH, breach_act, breach_of, done, page_of_breach
from web.console.breach_fact_forms import QUESTIONS, Stated, form_of, slug_of, start_of
from web.console.follow_up_learning import clauses_of
from web.declaring import READS, Act, Asked, Done, Page


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """`earlier`: what was said before, the oldest first. `page`: where it is stated anew."""

    name: str
    words: str
    known: bool
    stated_at: datetime | None
    stated_by: str | None
    why: str | None
    earlier: tuple[StatementLine, ...]
    page: str


def fact_rows(session: Session, breach: Breach, *, every: bool = False) -> list[FactRow]:
    """What somebody has stated and what every breach is asked; with `every` all that can be known."""
    lines = {line.name: line for line in fact_lines(session, breach)}
    before: dict[str, list[StatementLine]] = {}
    for statement in statement_lines(session, breach):
        before.setdefault(statement.name, []).append(statement)
    found = []
    for name in FactName:
        line = lines.get(name.value)
        if line is None and not every:
            continue
        found.append(FactRow(
            name=name.value, words=_in_words(session, breach, name, line), known=bool(line and line.known),
            stated_at=line.stated_at if line else None, stated_by=line.stated_by if line else None,
            why=line.why if line else None, earlier=tuple(before.get(name.value, [])[:-1]),
            page=page_of_fact(breach.id or 0, name),
        ))  # fmt: skip
    return found


def _in_words(session: Session, breach: Breach, name: FactName, line: FactLine | None) -> str:
    """Parties by their names: a list of short names is for programs."""
    named = facts_of(session, breach).get(name) if name is FactName.PARTIES else None
    if not isinstance(named, list) or not named:
        return line.words if line else "unknown"
    statement = select(Party.slug, Party.name).where(
        Party.protocol_id == breach.protocol_id, col(Party.slug).in_(named)
    )
    names = dict(session.exec(statement).all())
    return listed([names.get(str(slug), str(slug)) for slug in named])


def page_of_fact(number: int, name: FactName) -> str:
    end = "assess" if name is FactName.FACTORS else f"facts/{slug_of(name)}"
    return f"{page_of_breach(number)}/{end}"


def _read(asked: Asked) -> dict[str, object]:
    breach = breach_of(asked)
    facts = fact_rows(asked.session, breach, every=True)
    return {"number": breach.id, "facts": facts, "is_open": breach.stage is not Stage.CLOSED}


def _state(name: FactName) -> Callable[[Asked, Stated], Done]:
    def state(asked: Asked, given: Stated) -> Done:
        why: str | None = getattr(given, "because", None)
        found = {name: given.value_now()}
        stated = state_facts(asked.session, asked.now, asked.place["breach"], found, asked.caller.by, why)
        changed = {each.name.value: each.value for each in stated if each.is_new}
        return done(asked, sentence_of(stated), changed=changed)

    return state


def _start(name: FactName) -> Callable[[Asked], Mapping[str, Any]]:
    def start(asked: Asked) -> Mapping[str, Any]:
        breach = breach_of(asked)
        kept = facts_of(asked.session, breach).get(name)
        return start_of(name, kept, zone_of(protocol_of(asked.session, breach)))

    return start


def _parties(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Also those named already that have left since."""
    breach = breach_of(asked)
    protocol = protocol_of(asked.session, breach)
    today = today_of(protocol, asked.now)
    known = {each.slug: each.name for each in active_parties(asked.session, protocol, today)}
    named = facts_of(asked.session, breach).get(FactName.PARTIES)
    known |= {slug: slug for slug in (named if isinstance(named, list) else ()) if slug not in known}
    return {"value": tuple(known.items())}


def _clauses(asked: Asked) -> Mapping[str, Sequence[tuple[str, str]]]:
    return {"value": clauses_of(asked.session, protocol_of(asked.session, breach_of(asked)))}


CHOOSES = {FactName.PARTIES: _parties, FactName.CLAUSES: _clauses}


def _act(name: FactName) -> Act:
    return breach_act(
        f"facts/{slug_of(name)}", QUESTIONS[name].rstrip("?"), _state(name), form_of(name), start=_start(name),
        choices=CHOOSES.get(name), words="What was said before stays in the record.",
    )  # fmt: skip


PAGES = (
    Page(path=f"{OF_BREACH}/facts", title="What is known", who=READS, read=_read, template="console/breach_facts.html",
         in_menu=MENU),
)  # fmt: skip
ACTS = tuple(_act(name) for name in FactName if name is not FactName.FACTORS)
