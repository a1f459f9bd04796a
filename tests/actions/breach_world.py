"""A breach in the small world: the Friday of the clock change, a council and its police."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from actions.breaches.closing import close, finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.facts import digests, keep_facts, read_facts
from actions.breaches.learning import learn
from actions.breaches.moving import follow_up_at
from actions.breaches.procedures import keep_procedures
from actions.breaches.settling import breaches_due, next_breach_step, take_breach_step
from actions.breaches.stating import state_facts
from actions.breaches.stepping import skip_step
from actions.breaches.steps import standing_of
from actions.cast import known_id
from models import history
from models.breach import Breach, LessonEffect
from models.obligation import Obligation
from models.store import reading, transaction
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.periods import parse_period
from rules.procedures import Limit, Moment, Procedure, ProcedureRole, ProcedureStep, Standing, Test, Urgency
from tests.actions.world import World, protocol

FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)  # 16:20 in London; the clocks go back on Sunday
DUE = datetime(2026, 10, 26, 15, 20, tzinfo=UTC)  # 72 hours later: 15:20 in London
COORDINATOR = "coordinator"

HAPPENED = "A safeguarding referral went to the wrong family."


def begun(session: Session, now: datetime = FRIDAY, *slugs: str, **facts: Any) -> Breach:
    """A breach with its follow-ups opened, for the council alone unless said otherwise.

    `facts` by the names of FactName's members: `begun(session, FRIDAY, "council", PEOPLE=2)`.
    """
    breach = reported(session, now, *slugs, **facts)
    while step := next_breach_step(session, now, known_id(breach)):
        take_breach_step(session, now, known_id(breach), step)
    return breach


def reported(session: Session, now: datetime = FRIDAY, *slugs: str, **facts: Any) -> Breach:
    of = protocol(session)
    breach = Breach.model_validate({"protocol_id": known_id(of), "reported_at": now})
    session.add(breach)
    session.flush()
    found = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: list(slugs or ("council",))}
    found |= {FactName[name]: value for name, value in facts.items()}
    stated = keep_facts(session, now, breach, read_facts(session, now, of, found), "reporter")
    history.write(
        session, breach.case, now, "reporter", "reported", moved=(None, "reported"), facts=digests(stated)
    )  # fmt: skip
    return breach


def done_with(session: Session, number: int, now: datetime, *slugs: str, risk: Risk = Risk.UNLIKELY) -> None:
    """Assessed as no risk, every open step finished or skipped, everything stated and learnt: ready to finish."""
    stated = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "The letter was brought back."}
    state_facts(session, now, number, {**stated, FactName.PEOPLE: 2}, COORDINATOR)
    for slug in slugs or ("council",):
        conclude(session, now, number, slug, risk, COORDINATOR, "The family handed it back unopened.")
        breach, finished = session.get_one(Breach, number), set[str]()
        while waiting := set(pending(session, breach, slug)) - finished:
            skip_step(session, now, number, slug, min(waiting), COORDINATOR, "Nothing is left to do.")
            finished.add(min(waiting))
        learn(
            session, now, number, slug, "wrong recipient", "Two families of one name.", LessonEffect.NONE,
            COORDINATOR, none_because="It is unlikely again.",
        )  # fmt: skip


def duty_keyed(session: Session, key: str) -> Obligation:
    return session.exec(select(Obligation).where(Obligation.key == key)).one()


def pending(session: Session, breach: Breach, slug: str) -> list[str]:
    follow_up, _ = follow_up_at(session, breach, slug)
    return standing_of(session, breach, follow_up).pending


def closed(session: Session, number: int, now: datetime, *slugs: str) -> None:
    done_with(session, number, now, *slugs)
    for slug in slugs or ("council",):
        finish_follow_up(session, now, number, slug, COORDINATOR)
    close(session, now, number, COORDINATOR)


def sweep_breaches(world: World, now: datetime) -> None:
    """What the clock owes every breach, each step in its own transaction."""
    while due := _due(world.store, now):
        for number in due:
            while _step(world.store, now, number):
                pass


def _due(store: sa.Engine, now: datetime) -> list[int]:
    with reading(store) as session:
        return breaches_due(session, now)


def _step(store: sa.Engine, now: datetime, number: int) -> bool:
    with transaction(store) as session:
        step = next_breach_step(session, now, number)
        return step is not None and take_breach_step(session, now, number, step)


def procedure(
    *steps: ProcedureStep, id: str = "westshire", version: int = 1, parties: tuple[str, ...] = ("council",)
) -> Procedure:
    """A short procedure of the council's own, unless the steps are given."""
    return Procedure(
        id=id, title="Breach procedure of Westshire Council", version=version, standing=Standing.OWN, kinds=(),
        parties=parties, covers=("breach",),
        roles={
            "staff": ProcedureRole(id="staff", name="member of staff"),
            "dpo": ProcedureRole(id="dpo", name="data protection officer", contact="data protection officer"),
        },
        steps={step.id: step for step in steps or STEPS},
    )  # fmt: skip


def follow_procedure(session: Session, now: datetime, *procedures: Procedure) -> None:
    keep_procedures(session, now, protocol(session), procedures or (procedure(),), "secretary")


STEPS = (
    ProcedureStep(id="contain", do="contain the breach", by="staff", limit=Limit(urgency=Urgency.IMMEDIATELY)),
    ProcedureStep(
        id="tell-dpo", do="tell the data protection officer", by="staff",
        limit=Limit(period=parse_period("PT24H"), moment=Moment.DETECTED),
    ),
    ProcedureStep(
        id="investigate", do="investigate the cause", by="dpo", after=("contain",),
        limit=Limit(period=parse_period("5 working days"), moment=Moment.NOTIFIED), evidence="the report's number",
    ),
    ProcedureStep(
        id="many", do="tell the chief executive", by="dpo", when=Test("people", "at least", 4),
        limit=Limit(period=parse_period("PT8H"), moment=Moment.OPENED),
    ),
    ProcedureStep(
        id="notify", do="notify the regulator", by="dpo", duty="regulator", when=Test("risk", "at least", "likely"),
        limit=Limit(period=parse_period("PT72H"), moment=Moment.AWARE),
    ),
)  # fmt: skip
