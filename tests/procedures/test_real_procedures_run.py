"""The nine real procedures run: every party of theirs in one breach after another, on its own clocks, by its own roles.

A report on a Friday at 16:20 in London. What the page of a body says is due, asked of and waits for is what is owed.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude
from actions.breaches.moving import follow_up_at
from actions.breaches.notifying import record_notice
from actions.breaches.procedures import in_version, keep_procedures
from actions.breaches.stating import state_facts
from actions.breaches.stepping import IsADuty, finish_step
from models.breach import Awareness, Breach, BreachDuty, FollowUp, NoticeKind, RegulatorNotice
from models.obligation import Obligation, ObligationKind, Reminder, RungOutcome
from models.outbox import Message
from models.procedure import ProcedureVersion
from models.procedure_file import read_procedure
from models.protocol import Contact, Role
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from rules.working_days import Nation
from tests.actions.breach_world import begun, sweep_breaches
from tests.actions.world import SECRETARY, World, party, protocol

FIXTURES = Path(__file__).parent / "fixtures"
ALL = sorted(path.stem for path in FIXTURES.glob("*.yaml"))

HOUR = timedelta(hours=1)
OCCURRED = datetime(2026, 10, 22, 9, tzinfo=UTC)
SUSPECTED = datetime(2026, 10, 23, 13, tzinfo=UTC)
DETECTED = datetime(2026, 10, 23, 14, tzinfo=UTC)
REPORTED = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)  # 16:20 in London; the clocks go back on Sunday
TEN_WORKING_DAYS = date(2026, 11, 6)  # when Concordat asks again where the procedure gives no figure

COORDINATOR, DPO, SIRO = "breach.coordinator", "data.protection.officer", "senior.information.risk.owner"
GRAVE = {"dpc": {"sensitive": 4}, "ei": ["1"], "cb": {"confidentiality": "0.25", "intent": "0.5"}}
SLIGHT = {"dpc": {"simple": 1}, "ei": ["0.25"], "cb": {}}

KINDS = {
    "hm-prison-and-probation-service": "prison",
    "kent-police": "police",
    "essex-police": "police",
    "a-general-practice": "gp",
}
NATIONS = {"moray-council": Nation.SCOTLAND, "north-ayrshire-council": Nation.SCOTLAND}
BODIES = (
    "hm-prison-and-probation-service", "wycombe-district-council", "a-general-practice", "kent-police", "essex-police",
    "east-devon-district-council", "moray-council", "north-ayrshire-council", "lincolnshire-county-council",
    "sefton-safeguarding-children-partnership",
)  # fmt: skip

Owed = tuple[str, str, datetime | date]  # the step or the duty in law, who is asked, by when


class Run:
    """One breach of one body, or of several; `at` moves on, and what is owed newly after each act is asked for."""

    def __init__(self, world: World, *slugs: str, **facts: Any) -> None:
        self.world, self.slugs, self.at, self.seen = world, slugs, REPORTED, set[str]()
        known = {"OCCURRED_FROM": OCCURRED, "SUSPECTED": SUSPECTED, "DETECTED": DETECTED}
        stated = {name: at.isoformat() for name, at in known.items()} | facts
        with world.act() as session:
            begun(session, REPORTED, *slugs, **stated)

    def act(self, action: Callable[..., Any], *about: Any, **how: Any) -> Any:
        with self.world.act() as session:
            return action(session, self.at, 1, *about, **how)

    def opened(self, slug: str | None = None) -> list[Owed]:
        """What is owed since the last look: steps, and what the law asks to be told."""
        told = (ObligationKind.STEP, ObligationKind.NOTICE, ObligationKind.TELLING_PEOPLE)
        with self.world.read() as session:
            statement = (
                select(Obligation, Contact.address)
                .join(Contact, col(Contact.id) == Obligation.contact_id)
                .where(Obligation.party_id == party(session, slug or self.slugs[0]).id, col(Obligation.kind).in_(told))
                .where(col(Obligation.outcome).is_(None), col(Obligation.key).not_in(self.seen))
            )
            rows = session.exec(statement.order_by(col(Obligation.id))).all()
            self.seen |= {duty.key for duty, _ in rows}
            return [(d.subject or d.kind.value, to.split("@")[0], d.counted_to or d.due_on) for d, to in rows]

    def done(self, step: str, hours: int = 1) -> list[Owed]:
        self.at += hours * HOUR
        self.act(finish_step, self.slugs[0], step, SECRETARY, "It was done.")
        return self.opened()

    def knows(self, **facts: Any) -> list[Owed]:
        self.at += HOUR
        self.act(state_facts, {FactName[name]: value for name, value in facts.items()}, SECRETARY, "It is known now.")
        return self.opened()

    def aware(self, at: datetime, slug: str | None = None) -> list[Owed]:
        self.act(record_awareness, slug or self.slugs[0], at, "data protection officer", SECRETARY, "Looked into.")
        return self.opened(slug)

    def concludes(self, risk: Risk, slug: str | None = None) -> list[Owed]:
        self.act(conclude, slug or self.slugs[0], risk, SECRETARY, "By what is known.")
        return self.opened(slug)

    def soon(self) -> datetime:
        """When Concordat asks again about what is to be done at once: nobody's deadline."""
        return self.at + HOUR


def probation(run: Run) -> None:
    hour = SUSPECTED + HOUR
    assert run.opened() == [("report", COORDINATOR, hour), ("tell-manager", COORDINATOR, hour)], "beside each other"
    assert run.done("report") == run.done("tell-manager") == []


def wycombe(run: Run) -> None:
    assert run.opened() == [("report", COORDINATOR, run.soon())]
    assert run.done("report") == [("review", DPO, REPORTED + 8 * HOUR)]
    assert run.done("review") == [], "nobody knows yet how severe it is"
    assert run.knows(FACTORS=SLIGHT) == [("pass-on", SIRO, REPORTED + 48 * HOUR)]
    assert run.knows(FACTORS=GRAVE) == [("recommend", SIRO, REPORTED + 48 * HOUR)]
    assert [d.subject for d in owed(run, ObligationKind.STEP)] == ["recommend"], "and the board is asked no more"
    run.aware(REPORTED)
    assert run.done("recommend") == []
    run.act(record_notice, run.slugs[0], run.at, SECRETARY)
    assert owed(run, ObligationKind.NOTICE) == []


def health(run: Run) -> None:
    assert run.opened() == [
        ("act", COORDINATOR, run.soon()),
        ("senior-management", COORDINATOR, DETECTED + 12 * HOUR),
        ("record", COORDINATOR, TEN_WORKING_DAYS),
    ]
    assert run.knows(NIS=True) == [("forward", COORDINATOR, TEN_WORKING_DAYS)]
    assert run.aware(DETECTED) == [("notice", COORDINATOR, DETECTED + 72 * HOUR)]
    assert run.concludes(Risk.HIGH) == [("telling people", COORDINATOR, run.at + 24 * HOUR)]
    assert run.done("senior-management") == run.done("act") == []


def kent_and_essex(run: Run) -> None:
    for force in run.slugs:
        assert run.opened(force) == [("report", COORDINATOR, TEN_WORKING_DAYS)]
    late = REPORTED + HOUR
    run.at += 2 * HOUR
    assert run.aware(DETECTED, "kent-police") == [("notice", DPO, DETECTED + 72 * HOUR)]
    assert run.aware(late, "essex-police") == [("notice", DPO, late + 72 * HOUR)]
    assert len({duty.contact_id for duty in owed(run, ObligationKind.NOTICE)}) == 2, "each has its own officer"
    run.concludes(Risk.LIKELY, "kent-police")
    run.concludes(Risk.UNLIKELY, "essex-police")
    [notice] = owed(run, ObligationKind.NOTICE)
    assert notice.due_at == DETECTED + 72 * HOUR, "what one concludes is not the other's"
    follow_ups = run.world.every(FollowUp)
    assert len({each.procedure_version_id for each in follow_ups}) == 1, "one procedure"
    assert [row.aware_at for row in run.world.every(Awareness)] == [DETECTED, late], "two controllers"


def east_devon(run: Run) -> None:
    assert run.opened() == [("tell-manager", COORDINATOR, TEN_WORKING_DAYS)]
    assert run.done("tell-manager") == [("form", COORDINATOR, TEN_WORKING_DAYS)]
    assert run.done("form") == [("investigate", COORDINATOR, TEN_WORKING_DAYS)]
    assert run.done("investigate") == []
    assert run.knows(SIGNIFICANT_HARM=True) == [], "the law's own duty: it runs from the awareness"
    assert run.aware(DETECTED) == [("notice", COORDINATOR, DETECTED + 72 * HOUR)]


def moray(run: Run) -> None:
    assert run.opened() == [("tell-manager", COORDINATOR, run.soon())]
    assert run.aware(DETECTED) == [("notice", DPO, SUSPECTED + 72 * HOUR)], "from anybody's suspicion, not from it"
    assert run.done("tell-manager") == [("form", COORDINATOR, run.soon())]
    assert run.done("form") == []
    run.knows(FACTORS=SLIGHT)
    run.concludes(Risk.UNLIKELY)
    assert owed(run, ObligationKind.NOTICE) == []


def north_ayrshire(run: Run) -> None:
    assert run.opened() == [("inform-dpo", COORDINATOR, run.soon())]
    assert run.knows(LARGE_NUMBER=True) == [("mail", COORDINATOR, TEN_WORKING_DAYS)], "beside it"
    assert run.aware(DETECTED) == [("notice", DPO, DETECTED + 72 * HOUR)]
    run.done("inform-dpo")
    with pytest.raises(IsADuty, match="breach notify"):
        run.done("notify")
    run.act(record_notice, run.slugs[0], run.at, SECRETARY)
    due = run.world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR).due_at
    run.at = REPORTED + 200 * HOUR
    run.knows(CONSEQUENCES="Distress.", DONE="The list was taken back.", PEOPLE=40)
    run.act(record_notice, run.slugs[0], run.at, SECRETARY)
    provisional, final = run.world.every(RegulatorNotice)
    assert (provisional.kind, final.kind) == (NoticeKind.INITIAL, NoticeKind.SUPPLEMENT)
    assert len(provisional.missing) > len(final.missing)
    duty = run.world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR)
    assert (duty.due_at, duty.done_at) == (due, provisional.given_at), "the final one restarts nothing, and is not late"
    assert duty.late_because_id is None
    assert owed(run, ObligationKind.NOTICE) == []


def lincolnshire(run: Run) -> None:
    assert run.opened() == [], "nobody knows yet what it is"
    assert run.knows(KIND="incident") == [("record", COORDINATOR, TEN_WORKING_DAYS)]
    assert run.done("record") == [("remedy", COORDINATOR, run.soon())]
    assert run.knows(ICT=True) == [("service-desk", COORDINATOR, run.soon())]
    assert run.done("remedy") == run.done("service-desk") == []
    assert run.concludes(Risk.UNLIKELY) == [("inform", COORDINATOR, TEN_WORKING_DAYS)], "after the Commissioner"
    assert run.done("inform", 1) == [("investigate", COORDINATOR, TEN_WORKING_DAYS)]


def sefton(run: Run) -> None:
    assert run.opened() == [("inform-controllers", COORDINATOR, run.soon())]
    assert run.done("inform-controllers") == [("investigate", COORDINATOR, run.soon())]
    assert run.done("investigate") == [("report-results", COORDINATOR, run.at + 24 * HOUR)]
    assert run.done("report-results") == [("rectify", COORDINATOR, TEN_WORKING_DAYS)]


class Case(NamedTuple):
    parties: tuple[str, ...]
    plays: Callable[[Run], None]
    first: str  # a step of the beginning, which the last test leaves undone


CASES = {
    "hmpps-probation": Case(("hm-prison-and-probation-service",), probation, "report"),
    "wycombe-dc": Case(("wycombe-district-council",), wycombe, "report"),
    "nhs-dspt-std6": Case(("a-general-practice",), health, "senior-management"),
    "kent-essex-police": Case(("kent-police", "essex-police"), kent_and_essex, "report"),
    "east-devon-dc": Case(("east-devon-district-council",), east_devon, "tell-manager"),
    "moray": Case(("moray-council",), moray, "tell-manager"),
    "north-ayrshire": Case(("north-ayrshire-council",), north_ayrshire, "inform-dpo"),
    "lincolnshire-cc": Case(("lincolnshire-county-council",), lincolnshire, "record"),
    "sefton-scp": Case(("sefton-safeguarding-children-partnership",), sefton, "inform-controllers"),
}


def owed(run: Run, kind: ObligationKind) -> Sequence[Obligation]:
    return run.world.duties(kind, col(Obligation.outcome).is_(None))


@pytest.fixture
def bodies(sqlite_store: sa.Engine) -> World:
    """The bodies whose procedures they are, each with its officers, and all nine procedures kept."""
    world = World(sqlite_store, {slug: slug.replace("-", " ").capitalize() for slug in BODIES})
    with world.act() as session:
        for slug in BODIES:
            of = party(session, slug)
            of.kind, of.nation = KINDS.get(slug, "council"), NATIONS.get(slug, of.nation)
            for role in (Role.COORDINATOR, Role.DPO, Role.SIRO, Role.CALDICOTT):
                address = f"{role.value.replace(' ', '.')}@{slug}.example"
                session.add(Contact(protocol_id=of.protocol_id, party_id=of.id, role=role, address=address))
        read = [read_procedure(FIXTURES / f"{name}.yaml") for name in ALL]
        keep_procedures(session, REPORTED - 24 * HOUR, protocol(session), read, SECRETARY)
    return world


def test_no_procedure_is_left_out() -> None:
    assert sorted(CASES) == ALL


@pytest.mark.parametrize("name", ALL)
def test_every_real_procedure_runs_as_its_page_says(bodies: World, name: str) -> None:
    case = CASES[name]
    run = Run(bodies, *case.parties)
    with bodies.read() as session:
        for slug in case.parties:
            follow_up, _ = follow_up_at(session, session.get_one(Breach, 1), slug)
            version = session.get_one(ProcedureVersion, follow_up.procedure_version_id)
            assert in_version(version) == read_procedure(FIXTURES / f"{name}.yaml")
    case.plays(run)
    assert bodies.broken(run.at) == []


@pytest.mark.parametrize("name", ALL)
def test_who_does_not_begin_is_reminded_and_then_the_secretary_hears(bodies: World, name: str) -> None:
    case = CASES[name]
    Run(bodies, *case.parties, KIND="incident")
    with bodies.read() as session:
        who = party(session, case.parties[0]).id
    step = bodies.only(Obligation, Obligation.subject == case.first, Obligation.party_id == who)
    first, last = max(step.due_at, REPORTED + HOUR), step.due_at + 25 * HOUR
    for at in (first, last):
        sweep_breaches(bodies, at)
        bodies.sweep(at)
    sent = bodies.every(Reminder, Reminder.obligation_id == step.id, Reminder.outcome == RungOutcome.SENT)
    letters = dict.fromkeys(each.message_id for each in sent)  # rungs that fall together are one letter
    told = [bodies.only(Message, Message.id == letter).address for letter in letters]
    asked = bodies.only(Contact, Contact.id == step.contact_id).address
    was_over_when_asked = step.due_at < REPORTED  # probation: an hour from the suspicion
    assert told == [*([] if was_over_when_asked else [asked]), f"{SECRETARY}@westshire.example"]
    assert bodies.broken(last) == []
