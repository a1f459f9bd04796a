"""What the regulator is told: UK GDPR art. 33(3), for law-enforcement purposes DPA 2018 s.67(4).

It names nobody: neither the people concerned nor whoever reported. A text that seems to is withheld until it is
restated. “Unknown” is said as such, and is never a zero; what nobody has stated is named as missing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.breach_duties import CONTENT_LAW, Capacity, Regime
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape
from rules.naming_somebody import Suspicion, suspicious_in

# In the order in which they are told.
TOLD = (
    FactName.HAPPENED, FactName.NATURE, FactName.OCCURRED_FROM, FactName.OCCURRED_TO, FactName.SUSPECTED,
    FactName.DETECTED, FactName.PEOPLE_KINDS, FactName.PEOPLE, FactName.DATA, FactName.RECORDS,
    FactName.CONSEQUENCES, FactName.DONE,
)  # fmt: skip
# (a) the nature, with categories and approximate numbers, (c) likely consequences, (d) measures; (b) is the contact.
REQUIRED = (
    FactName.HAPPENED, FactName.NATURE, FactName.PEOPLE_KINDS, FactName.PEOPLE, FactName.DATA, FactName.RECORDS,
    FactName.CONSEQUENCES, FactName.DONE,
)  # fmt: skip
AWARE, LATE, PEOPLE_TOLD, CONTACT = "aware", "reasons for the delay", "people told", "contact point"

# What is missing, as a sentence names it.
IN_WORDS = {
    FactName.HAPPENED.value: "what happened", FactName.NATURE.value: "the nature of the breach",
    FactName.PEOPLE_KINDS.value: "which kinds of people are concerned",
    FactName.PEOPLE.value: "how many people are concerned", FactName.DATA.value: "which kinds of data are concerned",
    FactName.RECORDS.value: "how many records are concerned",
    FactName.CONSEQUENCES.value: "the likely consequences", FactName.DONE.value: "the measures taken or proposed",
    AWARE: "since when the party has been aware", CONTACT: "whom the regulator can ask at the party",
    LATE: "the reasons for the delay", PEOPLE_TOLD: "whether the people concerned are told",
}  # fmt: skip


def missing_in_words(names: Iterable[str]) -> list[str]:
    return [IN_WORDS.get(name, name) for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    role: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """Advice."""

    score: str
    band: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is known, as plain values: facts by name as they are kept, none of them made up."""

    party: str
    protocol: str
    breach: int
    number: int = 1
    regime: Regime
    capacity: Capacity = Capacity.CONTROLLER
    law: str
    contact: Contact | None
    facts: Mapping[FactName, Any]
    aware_at: datetime | None
    due_at: datetime | None  # the 72 hours; None for a processor
    at: datetime  # when it is given
    first_at: datetime | None = None  # when the first one was: a supplement is in time at any time
    people_told: str | None  # None: not decided yet
    severity: Severity | None = None
    late_because: str | None = None
    known: Collection[str] = ()  # words that are nobody's name: the parties' and the protocol's, in small letters
    never: Sequence[str] = ()  # what must not occur: the reporter's name, and where the reporter can be reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`facts` by name: plain values, “unknown” where that was said, and nothing for what is missing or withheld."""

    to: str
    party: str
    protocol: str
    breach: int
    number: int
    regime: Regime
    law: str
    content_law: str
    contact: Contact | None
    facts: Mapping[str, Any]
    aware_at: datetime | None
    due_at: datetime | None
    given_at: datetime
    late: bool
    late_because: str | None
    people_told: str | None
    severity: Severity | None
    missing: tuple[str, ...]
    suspicious: tuple[Suspicion, ...]

    @property
    def is_supplement(self) -> bool:
        return self.number > 1

    @property
    def to_restate(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.field for each in self.suspicious))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Said to be unknown: told as such, and to be supplied when it is known (art. 33(4); s.67(5))."""
        return tuple(name for name, value in self.facts.items() if value == UNKNOWN)

    @property
    def complete(self) -> bool:
        return not self.missing and not self.suspicious


def build(stated: Stated) -> Notice:
    late = stated.due_at is not None and (stated.first_at or stated.at) > stated.due_at
    texts: dict[str, str | None] = {
        name.value: stated.facts[name] for name in TOLD if SHAPES[name] is Shape.TEXT and name in stated.facts
    }
    texts |= {LATE: stated.late_because if late else None, PEOPLE_TOLD: stated.people_told}
    suspicious = tuple(suspicious_in(texts, stated.never, stated.known))
    withheld = {each.field for each in suspicious}
    return Notice(
        to="the controller" if stated.capacity is Capacity.PROCESSOR else "the Information Commissioner",
        party=stated.party, protocol=stated.protocol, breach=stated.breach, number=stated.number,
        regime=stated.regime, law=stated.law, content_law=CONTENT_LAW[stated.regime], contact=stated.contact,
        facts={name.value: stated.facts[name] for name in TOLD if name in stated.facts and name.value not in withheld},
        aware_at=stated.aware_at, due_at=stated.due_at, given_at=stated.at, late=late,
        late_because=None if LATE in withheld else texts[LATE],
        people_told=None if PEOPLE_TOLD in withheld else texts[PEOPLE_TOLD],
        severity=stated.severity, missing=tuple(_missing(stated, late)), suspicious=suspicious,
    )  # fmt: skip


def _missing(stated: Stated, late: bool) -> Iterable[str]:
    yield from (name.value for name in REQUIRED if not _is_stated(stated.facts.get(name)))
    if stated.aware_at is None:
        yield AWARE
    if stated.contact is None:
        yield CONTACT
    if late and not stated.late_because:
        yield LATE


def _is_stated(value: Any) -> bool:
    return value is not None and value != "" and value != []


def content(notice: Notice) -> dict[str, Any]:
    """As JSON holds it; instants in ISO, in UTC."""
    severity, contact = notice.severity, notice.contact
    return {
        "to": notice.to, "party": notice.party, "protocol": notice.protocol, "breach": notice.breach,
        "number": notice.number, "regime": notice.regime.value, "law": notice.law,
        "content law": notice.content_law,
        "contact": {"role": contact.role, "address": contact.address} if contact else None,
        "facts": dict(notice.facts), AWARE: _iso(notice.aware_at), "due": _iso(notice.due_at),
        "given": _iso(notice.given_at), "late": notice.late, LATE: notice.late_because,
        PEOPLE_TOLD: notice.people_told,
        "severity": {"score": severity.score, "band": severity.band, "flags": list(severity.flags), "advice": True}
        if severity else None,
        "missing": list(notice.missing), "unknown": list(notice.unknown), "to restate": list(notice.to_restate),
        "complete": notice.complete,
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
