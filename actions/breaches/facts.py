"""What is known of a breach. Stated, never overwritten: the newest of a name stands, the earlier ones stay."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import NotThere, is_active, known_id, party_named
from actions.policy import today_of, zone_of
from models import history
from models.breach import Breach, BreachFact, BreachReport, Conclusion, FollowUp
from models.history import Narrative
from models.lists import one_of
from models.protocol import Clause, Party, Protocol, Succession
from models.remembering import remembered
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Reading, Shape, read_value
from rules.errors import Refused
from rules.severity import severity
from rules.severity_factors import from_plain


class IsNoParty(Refused):
    def __init__(self, party: Party, successors: Sequence[str]) -> None:
        whoever = f"its successor: {', '.join(successors)}" if successors else "whoever has succeeded it"
        super().__init__(f"{party.name} is not a party today: name {whoever} (`concordat parties`).")


class Stated(NamedTuple):
    """`value` is plain: a text, a count, a list, an ISO day or instant, or “unknown”."""

    name: FactName
    value: Any
    before: Any

    @property
    def is_new(self) -> bool:
        """Otherwise it stood before, and what a reporter had said is confirmed."""
        return bool(self.value != self.before)


@remembered(BreachFact)
def facts_of(session: Session, breach: Breach) -> Mapping[FactName, Any]:
    """What stands, by name. A fact that nobody has stated is not in it."""
    # its texts are never changed: retention empties them in a transaction of its own
    return _as_they_stand(session.execute(_STATED, {"of": breach.id}))


def facts_of_each(session: Session, breaches: Sequence[int]) -> Mapping[int, Mapping[FactName, Any]]:
    """The same of many, by their ids, read at once."""
    statement = _facts(one_of(session, BreachFact.breach_id, breaches)).add_columns(col(BreachFact.breach_id))
    stated: dict[int, list[Any]] = {number: [] for number in breaches}
    for *fact, number in session.execute(statement):
        stated[number].append(fact)
    return {number: _as_they_stand(facts) for number, facts in stated.items()}


def parties_in(session: Session, breach: Breach) -> list[str]:
    """The short names of those that it may concern, by the facts as they are now; none where nobody knows."""
    return listed_in(facts_of(session, breach).get(FactName.PARTIES))


def facts_reported(session: Session, report: BreachReport) -> dict[FactName, Any]:
    """What the report itself said, whatever was stated since."""
    return _as_they_stand(session.execute(_facts(BreachFact.report_id == report.id)))


def stated_since(session: Session, breach: Breach, since: datetime) -> list[Stated]:
    """What is otherwise now than it was just before that instant."""
    then = sa.and_(col(BreachFact.breach_id) == breach.id, col(BreachFact.stated_at) < since)
    before = _as_they_stand(session.execute(_facts(then)))
    return [
        Stated(name, value, before.get(name))
        for name, value in facts_of(session, breach).items()
        if value != before.get(name)
    ]


def _facts(of: Any) -> sa.Select[Any]:
    """In the order in which they were stated."""
    said = sa.select(col(BreachFact.name), col(BreachFact.value), col(BreachFact.text_id), col(Narrative.text))
    joined: sa.Select[Any] = said.outerjoin(Narrative, col(Narrative.id) == BreachFact.text_id)
    return joined.where(of).order_by(col(BreachFact.id))


_STATED = _facts(BreachFact.breach_id == sa.bindparam("of"))


def _as_they_stand(stated: Iterable[Any]) -> dict[FactName, Any]:
    return {name: value if text_id is None else text for name, value, text_id, text in stated}


def known_to(session: Session, facts: Mapping[FactName, Any], follow_up: FollowUp) -> Mapping[str, Any]:
    """What conditions are asked of: the facts, the score's band, and what the party has concluded."""
    known: dict[str, Any] = {name.value: value for name, value in facts.items()}
    factors = facts.get(FactName.FACTORS)
    if isinstance(factors, Mapping):
        known["severity"] = severity(from_plain(factors)).band.value
    if concluded := newest_conclusion(session, follow_up):
        known["risk"] = concluded.risk.value
    return known


@remembered(Conclusion)
def newest_conclusion(session: Session, follow_up: FollowUp) -> Conclusion | None:
    return session.exec(_CONCLUDED, params={"of": follow_up.id}).first()


_CONCLUDED = (
    select(Conclusion).where(Conclusion.follow_up_id == sa.bindparam("of")).order_by(col(Conclusion.id).desc()).limit(1)
)


def read_facts(
    session: Session, now: datetime, protocol: Protocol, found: Mapping[FactName, Any],
    before: Mapping[FactName, Any] | None = None,
) -> dict[FactName, Any]:  # fmt: skip
    """Every value as it is kept. A party that has left since it was named (`before`) may be named on.

    Raises what `read_value` raises, NotThere for an unknown party or clause, IsNoParty.
    """
    named = frozenset(listed_in((before or {}).get(FactName.PARTIES)))
    at = Reading(zone_of(protocol), now, named)
    read = {name: read_value(name, value, at) for name, value in found.items()}
    for slug in set(listed_in(read.get(FactName.PARTIES))) - named:
        require_active(session, now, protocol, party_named(session, protocol, slug))
    for key in listed_in(read.get(FactName.CLAUSES)):
        _require_clause(session, protocol, key)
    return read


def require_active(session: Session, now: datetime, protocol: Protocol, party: Party) -> None:
    """Nothing can be asked of whoever is no party. Raises IsNoParty, which names whoever has succeeded it."""
    if not is_active(party, today_of(protocol, now)):
        of = select(Succession.successor_slug).where(Succession.party_id == party.id)
        raise IsNoParty(party, session.exec(of.order_by(col(Succession.id))).all())


def listed_in(value: Any) -> list[str]:
    return value if isinstance(value, list) else []


def _require_clause(session: Session, protocol: Protocol, key: str) -> None:
    statement = select(Clause.key).where(Clause.protocol_id == protocol.id)
    known = session.exec(statement.order_by(col(Clause.position))).all()
    if key not in known:
        raise NotThere(f"There is no clause “{key}” in {protocol.slug}: its clauses are {', '.join(known)}.")


def keep_facts(
    session: Session, now: datetime, breach: Breach, read: Mapping[FactName, Any], by: str,
    why: str | None = None, report_id: int | None = None, before: Mapping[FactName, Any] | None = None,
) -> list[Stated]:  # fmt: skip
    """Add the rows for what is not known so already (`before`: where the caller knows what is). The caller holds the
    case and writes its history."""
    before = facts_of(session, breach) if before is None else before
    changed = [Stated(name, value, before.get(name)) for name, value in read.items() if before.get(name) != value]
    add_statements(session, now, breach, changed, by, why, report_id)
    return changed


def add_statements(
    session: Session, now: datetime, breach: Breach, stated: Sequence[Stated], by: str, why: str | None = None,
    report_id: int | None = None,
) -> None:  # fmt: skip
    """A row for each. The caller holds the case and writes its history."""
    why_id = history.narrate(session, why) if why and stated else None
    for name, value, _ in stated:
        is_text = SHAPES[name] is Shape.TEXT and value != UNKNOWN
        row = {
            "breach_id": known_id(breach), "name": name, "value": None if is_text else value,
            "text_id": history.narrate(session, value) if is_text else None,
            "stated_at": now, "stated_by": by, "why_id": why_id, "report_id": report_id,
        }  # fmt: skip
        session.add(BreachFact.model_validate(row))
    session.flush()


def digests(changed: Sequence[Stated]) -> dict[str, str]:
    """What history keeps of facts: their hashes, so that none can be altered unseen, and nothing of what they say."""
    return {stated.name.value: digest(stated.value) for stated in changed}


def digest(value: Any) -> str:
    """SHA-256 over the value as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
