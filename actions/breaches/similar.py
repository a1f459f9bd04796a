"""Earlier breaches that say the same: of the same clause, or from the same cause."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from actions.breaches.facts import facts_of
from actions.cast import known_id
from models.breach import Breach, BreachFact, BreachOutcome, FollowUp, Lesson
from models.history import Narrative
from models.lists import one_of
from models.protocol import Party
from rules.breach import Stage
from rules.breach_facts import UNKNOWN, FactName

COMPARED = (FactName.PARTIES, FactName.CLAUSES, FactName.CAUSE)


class Similar(NamedTuple):
    """`clause` is None where only the cause is the same. `causes`: of its lessons, the party's own where one asks."""

    breach_id: int
    party: str
    clause: str | None
    at: datetime
    causes: tuple[str, ...]
    stage: Stage
    outcome: BreachOutcome | None
    same_party: bool

    @property
    def cause(self) -> str:
        return "; ".join(self.causes)


class _Known(NamedTuple):
    parties: tuple[str, ...]
    clauses: tuple[str, ...]
    causes: frozenset[str]  # folded, as they are compared


def similar_breaches(session: Session, breach: Breach, slug: str | None = None) -> list[Similar]:
    """By the same clause at the party (`slug`; without one, at any party of this breach), then at others, then by the
    same cause; the newest first."""
    this = _read(facts_of(session, breach))
    own = {slug} if slug else set(this.parties)
    causes = this.causes | {cause.casefold() for _, cause in _lessons(session, [breach])[known_id(breach)]}
    earlier = _earlier(session, breach, this.clauses, causes)
    known, lessons = _known_of(session, earlier), _lessons(session, earlier)
    found = [
        Similar(
            known_id(each), party, clause, each.reported_at,
            _causes(lessons[known_id(each)], party if slug else None, hidden=bool(slug) and party != slug),
            each.stage, each.outcome, party in own,
        )
        for each in earlier
        for party, clause in _shared(known[known_id(each)], this, causes, lessons[known_id(each)])
    ]  # fmt: skip
    return sorted(
        found, key=lambda like: (like.clause is None, not like.same_party, -like.at.timestamp(), -like.breach_id)
    )


def _shared(
    other: _Known, this: _Known, causes: Iterable[str], lessons: list[tuple[str, str]]
) -> Iterator[tuple[str, str | None]]:
    """Each party of the other with each clause that both name; without one, by the cause."""
    clauses = [clause for clause in other.clauses if clause in this.clauses]
    if clauses:
        yield from ((party, clause) for party in other.parties for clause in clauses)
    elif (other.causes | {cause.casefold() for _, cause in lessons}) & set(causes):
        yield from ((party, None) for party in other.parties)


def _causes(lessons: list[tuple[str, str]], of: str | None, *, hidden: bool) -> tuple[str, ...]:
    if hidden:
        return ()
    return tuple(dict.fromkeys(cause for party, cause in lessons if of in (None, party)))


def _earlier(session: Session, breach: Breach, clauses: Iterable[str], causes: Iterable[str]) -> list[Breach]:
    """Those of which anything ever said names one of them; what stands is compared here. What was merged stands in the
    other."""
    if not (alike := [*_names_one_of(clauses), *_from_one_of(causes)]):
        return []
    before = or_(
        col(Breach.reported_at) < breach.reported_at,
        (col(Breach.reported_at) == breach.reported_at) & (col(Breach.id) < breach.id),
    )
    statement = select(Breach).where(Breach.protocol_id == breach.protocol_id, before)
    kept = statement.where(or_(col(Breach.outcome).is_(None), col(Breach.outcome) != BreachOutcome.MERGED), or_(*alike))
    return list(session.exec(kept.order_by(col(Breach.id))))


def _names_one_of(clauses: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    text = sa.cast(col(BreachFact.value), sa.Text)
    if named := [text.contains(json.dumps(clause), autoescape=True) for clause in clauses]:
        of = (BreachFact.breach_id == Breach.id, BreachFact.name == FactName.CLAUSES)
        yield select(BreachFact.id).where(*of, or_(*named)).exists()


def _from_one_of(causes: Iterable[str]) -> Iterator[sa.ColumnElement[bool]]:
    """As a cause of its own, or of a lesson."""
    if patterns := [_folded_alike(cause) for cause in causes]:
        said = select(BreachFact.id).join(Narrative, col(Narrative.id) == BreachFact.text_id)
        of = (BreachFact.breach_id == Breach.id, BreachFact.name == FactName.CAUSE)
        yield said.where(*of, or_(*(col(Narrative.text).ilike(each, escape="/") for each in patterns))).exists()
        learnt = or_(*(col(Lesson.cause).ilike(each, escape="/") for each in patterns))
        yield select(Lesson.id).where(Lesson.breach_id == Breach.id, learnt).exists()


def _folded_alike(cause: str) -> str:
    """A pattern that takes every text which folds to the same, and some more: SQLite folds a to z and no other letter,
    and “ß” folds to “ss”."""
    return re.sub(r"([/%_])|ss|[^\x00-\x7f]+", lambda found: f"/{found[1]}" if found[1] else "%", cause)


def _known_of(session: Session, breaches: list[Breach]) -> dict[int, _Known]:
    if not breaches:
        return {}
    facts: dict[int, dict[FactName, Any]] = defaultdict(dict)
    statement = (
        select(BreachFact, Narrative.text)
        .outerjoin(Narrative, col(Narrative.id) == BreachFact.text_id)
        .where(
            one_of(session, BreachFact.breach_id, [each.id for each in breaches]), col(BreachFact.name).in_(COMPARED)
        )
        .order_by(col(BreachFact.id))
    )
    for fact, text in session.exec(statement):
        facts[fact.breach_id][fact.name] = text if fact.text_id is not None else fact.value
    return {known_id(each): _read(facts[known_id(each)]) for each in breaches}


def _read(facts: Mapping[FactName, Any]) -> _Known:
    cause = facts.get(FactName.CAUSE)
    stated = isinstance(cause, str) and cause != UNKNOWN
    return _Known(
        _listed(facts.get(FactName.PARTIES)), _listed(facts.get(FactName.CLAUSES)),
        frozenset({cause.casefold()} if isinstance(cause, str) and stated else ()),
    )  # fmt: skip


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _lessons(session: Session, breaches: list[Breach]) -> dict[int, list[tuple[str, str]]]:
    """Party and cause of each, by breach."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    if not breaches:
        return found
    statement = (
        select(Lesson.breach_id, Party.slug, Lesson.cause)
        .join(FollowUp, col(FollowUp.id) == Lesson.follow_up_id)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .where(one_of(session, Lesson.breach_id, [each.id for each in breaches]))
        .order_by(col(Lesson.id))
    )
    for number, slug, cause in session.exec(statement):
        found[number].append((slug, cause))
    return found
