"""What a protocol is, as names and words that can be compared: what a load changed, line by line. Reads only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from actions.clauses import current_version
from actions.confirmation_requests import checklist
from actions.versions import text_of
from models.outbox import Message
from models.procedure import PartyProcedure, ProcedureVersion
from models.protocol import (
    Clause,
    Contact,
    Legislation,
    Party,
    Protocol,
    Signature,
    Succession,
    Version,
)

Name = tuple[str, str]  # part of the protocol, and what in it
PROTOCOL, POLICIES, OPERATING, CLAUSES = "The protocol", "Policies", "Windows and reminders", "Clauses"
PARTIES, CONTACTS, VERSIONS, REGISTER = "Parties", "Contacts", "Versions", "Signature register"
LEGISLATION, CHECKLIST, SUCCESSIONS = "Legislation", "Confirmation checklist", "Successions"
PROCEDURES, FOLLOWED = "Procedures", "Who follows which procedure"


@dataclass(frozen=True, kw_only=True)
class Change:
    """`before` None: it is new; `after` None: it is gone."""

    part: str
    name: str
    before: str | None
    after: str | None

    @property
    def word(self) -> str:
        return "new" if self.before is None else "gone" if self.after is None else "changed"


def changes(before: Mapping[Name, str], after: Mapping[Name, str]) -> list[Change]:
    names = dict.fromkeys([*before, *after])
    return [
        Change(part=name[0], name=name[1], before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def state_of(session: Session, slug: str) -> dict[Name, str]:
    """Everything that a protocol's files can change. Empty where it is not loaded."""
    session.flush()
    protocol = session.exec(select(Protocol).where(Protocol.slug == slug)).first()
    return dict(_state(session, protocol)) if protocol is not None else {}


def messages_queued(session: Session) -> int:
    session.flush()
    return session.exec(select(func.count()).select_from(Message)).one()


def _state(session: Session, protocol: Protocol) -> Iterator[tuple[Name, str]]:
    for name in ("name", "short_name", "zone", "nation", "review_anchor", "demonstration"):
        yield (PROTOCOL, name.replace("_", " ")), _said(getattr(protocol, name))
    for part, values in ((POLICIES, protocol.policies), (OPERATING, protocol.operating)):
        for name, value in flat(values):
            yield (part, name), value
    yield from _text(session, protocol)
    yield from _people(session, protocol)
    yield from _lists(session, protocol)
    yield from _procedures(session, protocol)


def _text(session: Session, protocol: Protocol) -> Iterator[tuple[Name, str]]:
    version = current_version(session, protocol)
    for key, (heading, words) in text_of(session, version).items() if version else ():
        yield (CLAUSES, key), f"{heading}\n\n{words}"
    for clause in _rows(session, Clause, protocol):
        if clause.vocabulary:
            yield (CLAUSES, f"{clause.key}: how people tell of it"), ", ".join(clause.vocabulary)
    for row in _rows(session, Version, protocol):
        yield (VERSIONS, row.label), f"{row.dated_words}{f': {row.note}' if row.note else ''}"


def _people(session: Session, protocol: Protocol) -> Iterator[tuple[Name, str]]:
    parties = {party.id: party for party in _rows(session, Party, protocol)}
    for party in parties.values():
        if party.left_on is None:
            yield (PARTIES, party.slug), f"{party.name}, {party.kind}, {party.nation.value}{_joined(party.joined_on)}"
    for contact in _rows(session, Contact, protocol):
        owner = parties[contact.party_id].slug if contact.party_id else "the protocol"
        yield (CONTACTS, f"{contact.role.value} of {owner}"), contact.address
    statement = select(Signature).join(Party, col(Party.id) == Signature.party_id)
    statement = statement.where(Party.protocol_id == protocol.id).order_by(col(Signature.id))
    for row in session.exec(statement):
        said = f"{row.kind.value}{f', {row.position}' if row.position else ''}, {_said(row.signed_on)}"
        yield (REGISTER, f"{parties[row.party_id].slug} ({row.key.rpartition(':')[2]})"), said


def _joined(day: date | None) -> str:
    return f", joined {day.isoformat()}" if day else ""


def _lists(session: Session, protocol: Protocol) -> Iterator[tuple[Name, str]]:
    for act in _rows(session, Legislation, protocol):
        yield (LEGISLATION, act.title), f"{act.status}{f', now {act.successor}' if act.successor else ''}"
    for item in checklist(session, protocol):
        yield (CHECKLIST, item.key), f"{item.question} (clause {item.clause_key})"
    for row in _rows(session, Succession, protocol):
        yield (SUCCESSIONS, row.key), f"{row.successor_name}, {row.kind.value}, {row.happened_words}"


def _procedures(session: Session, protocol: Protocol) -> Iterator[tuple[Name, str]]:
    for row in _rows(session, ProcedureVersion, protocol):
        yield (PROCEDURES, f"{row.key}, version {row.number}"), row.title
    statement = select(Party.slug, PartyProcedure.key).join(Party, col(Party.id) == PartyProcedure.party_id)
    statement = statement.where(Party.protocol_id == protocol.id).order_by(col(PartyProcedure.id))
    for slug, key in session.exec(statement):
        yield (FOLLOWED, slug), key


def _rows(session: Session, table: Any, protocol: Protocol) -> Iterable[Any]:
    return session.exec(select(table).where(table.protocol_id == protocol.id).order_by(table.id))


def flat(values: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """“review, notice” and “P1M” of {"review": {"notice": "P1M"}}: a line for each value, however deep."""
    match values:
        case Mapping():
            for key, value in values.items():
                yield from flat(value, f"{name}, {key}".removeprefix(", ").replace("_", " "))
        case list() if any(isinstance(each, Mapping) for each in values):
            for number, value in enumerate(values, 1):
                yield from flat(value, f"{name}, {number}")
        case _:
            yield name, _said(values)


def _said(value: Any) -> str:
    match value:
        case None | [] | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
