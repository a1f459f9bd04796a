"""A breach is reported: by anybody, without an account, in three minutes. What is not known stays unknown."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.breaches.facts import digests, facts_reported, keep_facts, listed_in, read_facts
from actions.breaches.given_facts import require_facts, require_order
from actions.breaches.reporters import (
    ReporterView,
    WrongReferenceOrCode,
    add_from_reporter,
    reader_of,
    replace_code,
    reporter_view,
    sealed,
)
from actions.breaches.telling import tell_secretary_of_report
from actions.cast import known_id, party_named
from actions.moving import protocol_locked
from actions.policy import today_of, zone_of
from models import history
from models.breach import Breach, BreachReport, ReporterKind
from models.inserting import insert_unless_there
from models.protocol import Party, Protocol
from rules.breach import Stage
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape
from rules.codes import code_from, reference_from
from rules.errors import Refused
from rules.personal_details import looks_personal
from rules.texts import plain

__all__ = [
    "Report", "Reported", "ReporterView", "WrongReferenceOrCode", "add_from_reporter", "reader_of", "replace_code",
    "report_breach", "reporter_view", "warnings_of",
]  # fmt: skip

ENTROPY = 16  # bytes, drawn for the reference and for the code separately
ATTEMPTS = 50  # at a reference that is free: of 86 million a year, a second one is rare enough


class NothingHappened(Refused):
    def __init__(self) -> None:
        super().__init__("Say what happened, in a sentence or two and without names; all else may be unknown.")


class AnonymousWithName(Refused):
    def __init__(self) -> None:
        super().__init__(
            "An anonymous report is kept without a name and an address: leave both out, or report confidentially "
            "(the secretary then knows who you are, and no party is told)."
        )


class NameNeeded(Refused):
    def __init__(self, kind: ReporterKind) -> None:
        super().__init__(f"Say who reports it: a {kind} report has a name; without one, report anonymously.")


class AnotherReportHasThisKey(Refused):
    """Answering with the first one's reference would lose the second."""

    def __init__(self, key: str, reference: str) -> None:
        super().__init__(
            f"The key “{key}” belongs to {reference}, which says something else: give a report of something else a "
            f"key of its own, or add to that one (`concordat breach add {reference} CODE NAME=VALUE`)."
        )


class NoReferenceIsFree(RuntimeError):
    """The random bytes are not random."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """As somebody sends it. `facts` are raw; `party` is the short name of where the reporter works; `key` is the
    sender's own, by which the same report is known again."""

    facts: Mapping[FactName, Any]
    reporter_kind: ReporterKind
    reporter: str | None = None
    reach: str | None = None
    party: str | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """`code` is shown this one time and kept nowhere; None where the same report had been sent before."""

    breach: Breach
    reference: str
    code: str | None
    warnings: tuple[str, ...] = ()  # sentences for whoever wrote the report, and for nobody else


@dataclass(frozen=True, kw_only=True)
class NewCode:
    """Sealing takes some hundredths of a second: whoever can draws it before anybody has to wait for the store."""

    code: str
    sealed: str


def new_code(entropy: Callable[[int], bytes] = secrets.token_bytes) -> NewCode:
    code = code_from(entropy(ENTROPY))
    return NewCode(code=code, sealed=sealed(code))


def report_breach(
    session: Session, now: datetime, protocol: Protocol, report: Report, by: str,
    entropy: Callable[[int], bytes] = secrets.token_bytes, fresh: NewCode | None = None,
) -> Reported:  # fmt: skip
    """Keep it, tell the secretary, and leave the rest to the flow. The same again answers the first's reference.

    Raises NothingHappened, AnonymousWithName, NameNeeded, NotThere, OccurredBackwards, AnotherReportHasThisKey,
    DoesNotFit, and what `read_facts` raises.
    """
    protocol_locked(session, protocol)
    key, who, party = _key(protocol, report), _reporter(report), _party(session, protocol, report)
    read = _read(session, now, protocol, report, party)
    if key and (known := session.exec(select(BreachReport).where(BreachReport.key == key)).first()):
        if facts_reported(session, known) != read:
            raise AnotherReportHasThisKey(plain(report.key or ""), known.reference)
        return Reported(breach=session.get_one(Breach, known.breach_id), reference=known.reference, code=None)
    fresh = fresh or new_code(entropy)
    breach = _opened(session, now, protocol)
    row = {
        "breach_id": known_id(breach), "key": key, "reference": "", "code_hash": fresh.sealed, "code_made_at": now,
        "party_id": party.id if party else None, "received_at": now, **who,
    }  # fmt: skip
    kept = _insert(session, row, today_of(protocol, now).year, entropy)
    stated = keep_facts(session, now, breach, read, by, report_id=known_id(kept), before={})
    history.write(
        session, breach.case, now, by, "reported", moved=(None, Stage.REPORTED.value), report=known_id(kept),
        reference=kept.reference, facts=digests(stated),
    )  # fmt: skip
    tell_secretary_of_report(session, now, breach, kept.reference, listed_in(read.get(FactName.PARTIES)))
    return Reported(breach=breach, reference=kept.reference, code=fresh.code, warnings=warnings_of(read))


def warnings_of(facts: Mapping[FactName, Any]) -> tuple[str, ...]:
    """A sentence for everything in the texts that looks like a personal detail. A warning: nothing is refused."""
    texts = ((name, value) for name, value in facts.items() if SHAPES[name] is Shape.TEXT and isinstance(value, str))
    return tuple(
        f"“{name}” holds {found}: a report needs no names and no other personal details."
        for name, value in texts
        for found in looks_personal(value)
    )


def _key(protocol: Protocol, report: Report) -> str | None:
    """Senders of several protocols do not know each other's keys."""
    key = plain(report.key or "")
    return f"{protocol.slug}:{key}" if key else None


def _reporter(report: Report) -> dict[str, Any]:
    name, reach = plain(report.reporter or "") or None, plain(report.reach or "") or None
    if report.reporter_kind is ReporterKind.ANONYMOUS and (name or reach):
        raise AnonymousWithName
    if report.reporter_kind is not ReporterKind.ANONYMOUS and not name:
        raise NameNeeded(report.reporter_kind)
    return {"reporter_kind": report.reporter_kind, "reporter": name, "reach": reach}


def _party(session: Session, protocol: Protocol, report: Report) -> Party | None:
    slug = plain(report.party or "")
    return party_named(session, protocol, slug) if slug else None


def _read(
    session: Session, now: datetime, protocol: Protocol, report: Report, party: Party | None
) -> dict[FactName, Any]:
    """Where nobody says whom it concerns, it is where the reporter works; else it stays unknown."""
    read = read_facts(session, now, protocol, require_facts(report.facts))
    if read.get(FactName.HAPPENED, UNKNOWN) == UNKNOWN:
        raise NothingHappened
    require_order(read, zone_of(protocol))
    if party is not None and read.get(FactName.PARTIES, UNKNOWN) in (UNKNOWN, []):
        read[FactName.PARTIES] = [party.slug]
    return read


def _opened(session: Session, now: datetime, protocol: Protocol) -> Breach:
    breach = Breach.model_validate({"protocol_id": known_id(protocol), "reported_at": now})
    session.add(breach)
    session.flush()
    history.hold(session, breach.case)
    return breach


def _insert(session: Session, row: dict[str, Any], year: int, entropy: Callable[[int], bytes]) -> BreachReport:
    for _ in range(ATTEMPTS):
        report = BreachReport(**{**row, "reference": reference_from(entropy(ENTROPY), year)})
        if insert_unless_there(session, report):
            return report
    raise NoReferenceIsFree(f"{ATTEMPTS} references in a row were taken")
