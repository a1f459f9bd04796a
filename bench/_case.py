"""A breach from report to close, by a party's own procedure of six steps: the acts that `bench.cases` times.

Ours is the whole work: facts, awareness, conclusion, six steps, lesson, end; obligations, history chained by hash,
messages rendered and queued.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close, finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.learning import learn
from actions.breaches.moving import follow_up_at
from actions.breaches.procedures import keep_procedures
from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import next_breach_step, take_breach_step
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.breaches.steps import standing_of
from actions.cast import known_id
from actions.loading import load_protocol
from models.breach import Breach, LessonEffect, ReporterKind
from models.protocol import Protocol
from models.protocol_file import read_protocol
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.procedures import Procedure, ProcedureRole, ProcedureStep, Standing
from settings import HERE

NOW = datetime(2026, 10, 23, 15, tzinfo=UTC)
PARTY, BY = "bedford-borough-council", "coordinator"
STEPS = 6
OFFICER = ProcedureRole(id="officer", name="data protection officer", contact="data protection officer")
PROCEDURE = Procedure(
    id="six-steps", title="A procedure of six steps", version=1, standing=Standing.OWN, kinds=(), parties=(PARTY,),
    covers=("breach",), roles={"officer": OFFICER},
    steps={
        f"step-{n}": ProcedureStep(
            id=f"step-{n}", do=f"do the {n}. thing", by="officer", after=(f"step-{n - 1}",) if n > 1 else ()
        )
        for n in range(1, STEPS + 1)
    },
)  # fmt: skip


def prepare(session: Session) -> None:
    load_protocol(session, NOW, read_protocol(HERE / "protocols" / "bedfordshire"), "bench")
    keep_procedures(session, NOW, session.exec(select(Protocol)).one(), (PROCEDURE,), BY)


def reported(session: Session) -> int:
    facts = {FactName.HAPPENED: "A letter went to the wrong family.", FactName.PARTIES: [PARTY]}
    report = Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS)
    return known_id(report_breach(session, NOW, session.exec(select(Protocol)).one(), report, "reporter").breach)


def _taken_up(session: Session, number: int) -> None:
    while step := next_breach_step(session, NOW, number):
        take_breach_step(session, NOW, number, step)


def _known(session: Session, number: int) -> None:
    facts = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "It was brought back.", FactName.PEOPLE: 2}
    state_facts(session, NOW, number, facts, BY)
    record_awareness(session, NOW + timedelta(hours=1), number, PARTY, NOW, "DPO", BY, "The letter was read.")


def _concluded(session: Session, number: int) -> None:
    conclude(session, NOW + timedelta(hours=1), number, PARTY, Risk.UNLIKELY, BY, "It was handed back unopened.")


def _next_step(session: Session, number: int) -> None:
    breach = session.get_one(Breach, number)
    follow_up, _ = follow_up_at(session, breach, PARTY)
    [step] = standing_of(session, breach, follow_up).owed  # each follows the one before: just one is open
    finish_step(session, NOW + timedelta(hours=2), number, PARTY, step, BY, f"What {step} asks for has been done.")


def _learnt(session: Session, number: int) -> None:
    learn(
        session, NOW + timedelta(hours=3), number, PARTY, "wrong recipient", "Two families of one name.",
        LessonEffect.NONE, BY, none_because="It is unlikely again.",
    )  # fmt: skip


def _finished(session: Session, number: int) -> None:
    finish_follow_up(session, NOW + timedelta(hours=3), number, PARTY, BY)


def _closed(session: Session, number: int) -> None:
    close(session, NOW + timedelta(hours=3), number, BY)


ACTS: tuple[Callable[[Session, int], None], ...] = (
    _taken_up, _known, _concluded, *([_next_step] * STEPS), _learnt, _finished, _closed
)  # fmt: skip
