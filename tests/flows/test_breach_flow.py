"""The breach follow-up through Prefect, against real stores.

The Friday is past: a flow refuses to run ahead of time.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from sqlmodel import select

from actions.breaches.reporting import Report, report_breach
from actions.cast import known_id, protocol_named
from actions.verifying import verify
from flows.breach_follow_up import breach_follow_up
from flows.nightly import nightly
from flows.sweep import sweep
from models.breach import Breach, FollowUp, ReporterKind
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Matter, MatterKind
from models.store import reading, transaction
from rules.breach import Stage
from rules.breach_facts import FactName

pytestmark = pytest.mark.slow  # Prefect takes long to start: the quick run sees one process through it (test_flows)

FRIDAY = datetime(2025, 10, 24, 15, 20, tzinfo=UTC)
WORDS = "A safeguarding referral about a child went to the wrong family."
PARTIES = ["central-bedfordshire-council", "bedfordshire-police"]


def reported(store, parties=PARTIES, now=FRIDAY) -> int:
    report = Report(
        facts={FactName.HAPPENED: WORDS, FactName.PARTIES: parties, FactName.PEOPLE: 2},
        reporter_kind=ReporterKind.NAMED, reporter="Alex Example", reach="alex@example.org", party=parties[0], key=None,
    )  # fmt: skip
    with transaction(store) as session:
        made = report_breach(session, now, protocol_named(session, "bedfordshire"), report, "reporter")
        return known_id(made.breach)


def kinds(store):
    with reading(store) as session:
        return Counter(session.exec(select(Message.kind)))


def stage(store, number=1):
    with reading(store) as session:
        return session.get_one(Breach, number).stage


async def test_a_report_begins_with_every_party_concerned(bedfordshire):
    breach = reported(bedfordshire)
    assert stage(bedfordshire) is Stage.REPORTED
    await breach_follow_up(breach, FRIDAY)
    assert stage(bedfordshire) is Stage.ASSESSING
    assert kinds(bedfordshire)["follow_up_opened"] == 2
    with reading(bedfordshire) as session:
        assert len(session.exec(select(FollowUp)).all()) == 2
        owed = Counter(session.exec(select(Obligation.kind).where(Obligation.case == f"breach:{breach}")))
        assert owed[ObligationKind.ASSESSMENT] == 2
        assert owed[ObligationKind.STEP] >= 4
        assert verify(session, FRIDAY).broken == []


async def test_the_sweep_finds_a_breach_that_nobody_woke(bedfordshire):
    reported(bedfordshire)
    await sweep(FRIDAY + timedelta(minutes=5))
    assert stage(bedfordshire) is Stage.ASSESSING
    assert kinds(bedfordshire)["follow_up_opened"] == 2


async def test_run_again_or_twice_at_once_it_asks_everybody_once(bedfordshire):
    breach = reported(bedfordshire)
    await asyncio.gather(breach_follow_up(breach, FRIDAY), breach_follow_up(breach, FRIDAY), sweep(FRIDAY))
    said = kinds(bedfordshire)
    await breach_follow_up(breach, FRIDAY + timedelta(minutes=1))
    assert kinds(bedfordshire) == said
    assert said["follow_up_opened"] == 2
    with reading(bedfordshire) as session:
        assert verify(session, FRIDAY).broken == []


async def test_what_the_sweep_would_overlook_the_night_takes_up(bedfordshire, monkeypatch):
    import actions.breaches.settling as settling

    reported(bedfordshire)
    monkeypatch.setattr(settling, "may_be_due", lambda _session, _now: [])
    await sweep(FRIDAY)
    assert stage(bedfordshire) is Stage.REPORTED
    await nightly(FRIDAY + timedelta(minutes=1))
    assert stage(bedfordshire) is Stage.ASSESSING


async def test_a_breach_that_cannot_go_on_holds_up_no_other(bedfordshire, monkeypatch):
    import actions.breaches.settling as settling

    first, second = reported(bedfordshire), reported(bedfordshire)
    good = settling.open_follow_ups

    def broken_for_the_first(session, now, breach):
        if breach.id == first:
            raise ZeroDivisionError
        return good(session, now, breach)

    monkeypatch.setattr(settling, "open_follow_ups", broken_for_the_first)
    state = await sweep(FRIDAY, return_state=True)
    assert state.is_failed()
    assert (stage(bedfordshire, first), stage(bedfordshire, second)) == (Stage.REPORTED, Stage.ASSESSING)
    with reading(bedfordshire) as session:
        stuck = session.exec(select(Matter.sentence).where(Matter.kind == MatterKind.CASE_STUCK)).all()
    assert stuck == [f"Breach {first} could not take the step that is due."]


async def test_prefect_is_told_ids_and_nothing_of_what_happened(bedfordshire):
    breach = reported(bedfordshire)
    await breach_follow_up(breach, FRIDAY)
    async with get_client() as client:
        artifacts = await client.read_latest_artifacts()
        runs = await client.read_flow_runs()
        tasks = await client.read_task_runs()
        logs = await client.read_logs()
    page = next(artifact for artifact in artifacts if artifact.key == f"breach-{breach}").data
    assert "central-bedfordshire-council" in page
    kept = " ".join([page, *(str((run.name, run.parameters)) for run in runs), *(task.name for task in tasks)])
    kept += " ".join(log.message for log in logs)
    for personal in ("safeguarding", "wrong family", "Alex", "@"):
        assert personal not in kept
    assert any(run.name == f"breach-follow-up-{breach}" for run in runs)
