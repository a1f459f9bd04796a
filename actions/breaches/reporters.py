"""Whoever reported comes back, with the reference and the follow-up code: reads, adds, takes another code."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlmodel import Session, col, select

from actions.breaches.facts import facts_of, read_facts
from actions.breaches.given_facts import require_facts, require_order
from actions.breaches.moving import breach_locked, protocol_of
from actions.breaches.said_otherwise import (
    ONLY_ADDED,
    Added,
    close_what_is_taken_back,
    named,
    note,
    others_statements,
)
from actions.breaches.stating import WHEN_IT_OCCURRED, state_facts
from actions.cast import known_id
from actions.moving import protocol_locked
from actions.policy import zone_of
from models import history
from models.breach import Breach, BreachOutcome, BreachReport
from models.protocol import Party
from rules.breach import Stage, as_state
from rules.breach_facts import UNKNOWN, FactName
from rules.codes import code_from, read_code, read_reference
from rules.errors import Refused

# Argon2id, lighter than for passwords, which people choose: a code is 53 random bits (docs/decisions/0008). A
# millisecond, so that reports and wrong codes by the dozen a second leave the machine to others.
HASHER = PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1)
AT_ONCE = threading.BoundedSemaphore(2)  # as many as a small machine has cores; the others wait
# Of a code that nobody was given; verified where there is no report, so that it takes as long.
NOBODYS = "$argon2id$v=19$m=1024,t=2,p=1$Hy8Ezr99hsPdEAhXH92Wrw$oRdaMYoZs7VQKHo9BnLnD6HNtTIi0A8WdtIXqUfr5po"
NO_CODE = "no code"
ENTROPY = 16  # bytes


class WrongReferenceOrCode(Refused):
    """One sentence, whatever was wrong: it must not say which references there are."""

    def __init__(self) -> None:
        super().__init__(
            "No report has this reference and this code: check both as they were given out (BR-2026-7K3Q9M; "
            "1234 5678 9012 3456). A lost code cannot be recovered: report what is known anew, quoting the reference."
        )


class NothingIsAddedAnyMore(Refused):
    def __init__(self, report: BreachReport) -> None:
        super().__init__(
            f"What was reported as {report.reference} is closed, and nothing can be added: tell the secretary, who "
            "can reopen it, or report it anew."
        )


@dataclass(frozen=True, kw_only=True)
class ReporterView:
    """What a reporter may read: nothing of it is private to a party."""

    reference: str
    received_at: datetime
    stage: str  # completes “it is …”
    parties: tuple[str, ...]  # their names
    next: str  # a sentence


def sealed(code: str) -> str:
    """All that is kept of a code."""
    with AT_ONCE:
        return HASHER.hash(code)


def reader_of(session: Session, reference_text: str, code_text: str) -> BreachReport:
    """The report that this code opens. One verification, whatever is wrong. Raises WrongReferenceOrCode."""
    reference, code = read_reference(reference_text), read_code(code_text)
    report = None
    if reference is not None:
        report = session.exec(select(BreachReport).where(BreachReport.reference == reference)).first()
    opens = _verified(report.code_hash if report else NOBODYS, code or NO_CODE)
    if report is None or code is None or not opens:
        raise WrongReferenceOrCode
    return report


def _verified(code_hash: str, code: str) -> bool:
    try:
        with AT_ONCE:
            return HASHER.verify(code_hash, code)
    except VerifyMismatchError:
        return False


def replace_code(
    session: Session, now: datetime, reference_text: str, code_text: str,
    entropy: Callable[[int], bytes] = secrets.token_bytes,
) -> str:  # fmt: skip
    """Another code; the old one fails from now on, also where two replace it at once. Raises WrongReferenceOrCode."""
    code = code_from(entropy(ENTROPY))
    give_code(session, now, reader_of(session, reference_text, code_text), code)
    return code


def give_code(session: Session, now: datetime, report: BreachReport, code: str) -> None:
    """`code` opens the report from now on, and nothing else does; `report` as its reader was let in with it.

    Raises WrongReferenceOrCode where somebody has replaced it since.
    """
    report, breach = held(session, report)
    report.code_hash, report.code_made_at = sealed(code), now
    session.add(report)
    history.write(session, breach.case, now, named(report), "code replaced", report=known_id(report))


def add_from_reporter(
    session: Session, now: datetime, reference_text: str, code_text: str, facts: Mapping[FactName, Any]
) -> Added:
    """What the reporter knows better now. Raises WrongReferenceOrCode, and what `add_facts` raises."""
    return add_facts(session, now, reader_of(session, reference_text, code_text), facts)


def add_facts(
    session: Session, now: datetime, report: BreachReport, facts: Mapping[FactName, Any], more: str | None = None
) -> Added:
    """To lists it is only added: who and what is not concerned, the parties say. `more` goes after what happened as
    it stands. What somebody else has stated since stands: what is said otherwise is noted, for the secretary.

    Raises WrongReferenceOrCode where the code was replaced since the reader was let in, NothingIsAddedAnyMore,
    OccurredBackwards, and what `state_facts` raises.
    """
    report, breach = held(session, report)
    if breach.stage is Stage.CLOSED:
        raise NothingIsAddedAnyMore(report)
    protocol, known = protocol_of(session, breach), facts_of(session, breach)
    found = dict(facts) | ({FactName.HAPPENED: _with_more(known, more)} if more else {})
    read = read_facts(session, now, protocol, require_facts(found), known)
    for name in ONLY_ADDED & read.keys():
        lists = [each for each in (known.get(name), read[name]) if isinstance(each, list)]
        read[name] = list(dict.fromkeys(chain.from_iterable(lists))) or UNKNOWN
    by = named(report)
    otherwise = others_statements(session, breach, report, by, known, read)
    if contradicted := WHEN_IT_OCCURRED & otherwise.keys():  # its beginning and its end are in order only together
        require_order(read, zone_of(protocol))
        both = {name: otherwise[min(contradicted)] for name in WHEN_IT_OCCURRED & read.keys()}
        otherwise |= {
            name: row for name, row in both.items() if name not in otherwise and read[name] != known.get(name)
        }
    own = {name: value for name, value in read.items() if name not in otherwise}
    stated = state_facts(session, now, known_id(breach), own, by, f"said by the {by}", by_reporter=True)
    noted = [name for name in otherwise if read[name] != UNKNOWN]  # who does not know contradicts nobody
    close_what_is_taken_back(session, now, breach, report, read.keys() - set(noted))
    for name in noted:
        note(session, now, breach, report, by, name, read[name], otherwise[name])
    return Added(stated, noted)


def _with_more(known: Mapping[FactName, Any], more: str) -> str:
    """Twice the same stands once."""
    before, added = known.get(FactName.HAPPENED, UNKNOWN), more.strip()
    if before in (UNKNOWN, None):  # None: purged
        return added
    return str(before) if str(before).endswith(added) else f"{before}\n\n{added}"


def held(session: Session, report: BreachReport) -> tuple[BreachReport, Breach]:
    """Both as they are now: another may have replaced the code since it was verified, or merged the breach."""
    verified = report.code_hash
    protocol_locked(session, protocol_of(session, session.get_one(Breach, report.breach_id)))
    session.refresh(report)
    breach = breach_locked(session, report.breach_id)
    if report.code_hash != verified:
        raise WrongReferenceOrCode
    return report, breach


def reporter_view(session: Session, report: BreachReport) -> ReporterView:
    """Where the matter stands; after a merger, where the other breach stands."""
    breach = session.get_one(Breach, report.breach_id)
    slugs = facts_of(session, breach).get(FactName.PARTIES)
    names = session.exec(
        select(Party.name)
        .where(Party.protocol_id == breach.protocol_id, col(Party.slug).in_(slugs if isinstance(slugs, list) else []))
        .order_by(col(Party.name))
    )
    return ReporterView(
        reference=report.reference, received_at=report.received_at, stage=as_state(breach.stage),
        parties=tuple(names), next=_next(breach),
    )  # fmt: skip


def _next(breach: Breach) -> str:
    if breach.stage is Stage.CLOSED:
        early = {
            BreachOutcome.NEAR_MISS: "It was recorded as a near miss",
            BreachOutcome.NOT_A_BREACH: "It was recorded as no breach",
        }
        said = early.get(breach.outcome, "It was followed up") if breach.outcome else "It was followed up"
        return f"{said}, and nothing more is to come. If you know better, tell the secretary."
    return {
        Stage.REPORTED: "Every party that it may concern is told, and begins by its own procedure.",
        Stage.ASSESSING: "Every party concerned assesses it, and decides who has to be told.",
        Stage.FOLLOWING_UP: "The parties concerned take the steps of their procedures.",
        Stage.REPORTING_OUT: "Those who must be told of it are told.",
        Stage.LEARNING: "What was learnt from it is recorded; then it is closed.",
    }[breach.stage]
