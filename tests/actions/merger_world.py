"""Two breaches in the small world that turn out to be one: reported, worked on, and merged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.facts import facts_of
from actions.breaches.merging import merge
from actions.breaches.reporting import Report, report_breach
from actions.breaches.verifying import INVARIANTS
from models.breach import Breach, BreachDuty, FollowUp, ReporterKind
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from tests.actions.breach_world import FRIDAY, HAPPENED, follow_procedure, procedure, sweep_breaches
from tests.actions.world import World, kept, party, protocol

HOUR = timedelta(hours=1)
LATER = FRIDAY + 3 * HOUR
DAYS_72 = timedelta(hours=72)
BY, WHY = "secretary", "Both are the same letter."
EVERYBODY = ("council", "fire", "police", "trust")
Codes = tuple[str, str]


@kept
def report(world: World, now: datetime = FRIDAY, *slugs: str, sweeps: bool = True, **facts: Any) -> Codes:
    """One more breach, with its follow-ups opened unless said otherwise; answers its reference and code."""
    found: dict[FactName, Any] = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: list(slugs or ("council",))}
    found |= {FactName[name]: value for name, value in facts.items()}
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=EVERYBODY))
        given = Report(facts=found, reporter_kind=ReporterKind.ANONYMOUS)
        reported = report_breach(session, now, protocol(session), given, "reporter")
        assert reported.code
    if sweeps:
        sweep_breaches(world, now)
    return reported.reference, reported.code


def did(world: World, what: Callable[[Session], Any]) -> Any:
    with world.act() as session:
        return what(session)


def merged(world: World, source: int = 2, into: int = 1, now: datetime = LATER) -> list[str]:
    """Answers what differs; everything that `verify` asks holds afterwards."""
    differing: list[str] = did(world, lambda s: merge(s, now, source, into, BY, WHY))
    assert broken(world, now) == []
    return differing


def broken(world: World, now: datetime) -> list[str]:
    with world.read() as session:
        return [sentence for invariant in INVARIANTS for sentence in invariant(session, now)] + world.broken(now)


@kept
def aware(world: World, number: int, slug: str, at: datetime, now: datetime = LATER) -> None:
    did(world, lambda s: record_awareness(s, now, number, slug, at, "data protection officer", slug, "They opened it."))


def follow_up(world: World, number: int, slug: str) -> FollowUp:
    with world.read() as session:
        who = party(session, slug).id
    return world.only(FollowUp, FollowUp.breach_id == number, FollowUp.party_id == who)


def facts(world: World, number: int = 1) -> dict[FactName, Any]:
    with world.read() as session:
        return facts_of(session, session.get_one(Breach, number))


def owed(world: World, number: int, slug: str, kind: ObligationKind) -> list[Obligation]:
    with world.read() as session:
        who = party(session, slug).id
    return world.every(
        Obligation, Obligation.case == f"breach:{number}", Obligation.party_id == who, Obligation.kind == kind,
        col(Obligation.outcome).is_(None),
    )  # fmt: skip


def concluded(world: World, number: int, slug: str, risk: Risk, why: str = "So it is.") -> None:
    """Aware since Friday."""
    aware(world, number, slug, FRIDAY)
    did(world, lambda s: conclude(s, LATER, number, slug, risk, "dpo", why))


def duties(world: World, number: int, slug: str) -> dict[DutyKind, BreachDuty]:
    there = follow_up(world, number, slug).id
    return {each.kind: each for each in world.every(BreachDuty, BreachDuty.follow_up_id == there)}
