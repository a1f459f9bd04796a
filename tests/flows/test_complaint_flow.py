"""A complaint's analysis through Prefect, against a real store. The autumn is past: no flow runs ahead of time."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from sqlmodel import select

from actions.cast import known_id, protocol_named
from actions.complaints.receiving import Received, receive
from actions.complaints.telling_complainant import acknowledge
from actions.verifying import verify
from flows.complaint_analysis import complaint_analysis
from flows.sweep import sweep
from models.complaint import Complaint
from models.obligation import Obligation
from models.protocol import Matter, MatterKind
from models.store import reading, transaction
from rules.complaint import ComplaintKind, Stage

pytestmark = pytest.mark.slow

MONDAY = datetime(2025, 11, 10, 9, tzinfo=UTC)
WORDS = "The police passed the address of Alex Example to a former husband."
POLICE = "bedfordshire-police"
LOOKS = 100


def acknowledged(store) -> int:
    told = Received(
        kind=ComplaintKind.PERSON, what=WORDS, about=POLICE, received_by=POLICE, happened_from=date(2025, 5, 6),
        reach="alex@example.org",
    )  # fmt: skip
    with transaction(store) as session:
        number = known_id(receive(session, MONDAY, protocol_named(session, "bedfordshire"), told, "handler"))
        acknowledge(session, MONDAY, number, "handler", "by letter")
    return number


def stage(store, number=1):
    with reading(store) as session:
        return session.get_one(Complaint, number).stage


async def test_the_analysis_begins_once_and_prefect_is_told_ids_and_nothing_of_what_was_said(bedfordshire):
    number = acknowledged(bedfordshire)
    at = MONDAY + timedelta(minutes=1)
    await asyncio.gather(complaint_analysis(number, at), complaint_analysis(number, at), sweep(at))
    await complaint_analysis(number, at)
    assert stage(bedfordshire) is Stage.ANALYSING
    with reading(bedfordshire) as session:
        owed = Counter(session.exec(select(Obligation.kind).where(Obligation.case == f"complaint:{number}")))
        assert set(owed.values()) == {1}, "everybody is asked once"
        assert verify(session, at).broken == []
    async with get_client() as client:
        artifacts = await client.read_latest_artifacts()
        runs, tasks = await client.read_flow_runs(), await client.read_task_runs()
        logs = await client.read_logs()
    page = next(artifact for artifact in artifacts if artifact.key == f"complaint-{number}").data
    assert f"Answered by {POLICE}" in page
    kept = " ".join([page, *(str((run.name, run.parameters)) for run in runs), *(task.name for task in tasks)])
    kept += " ".join(log.message for log in logs)
    for personal in ("address", "husband", "Alex", "@"):
        assert personal not in kept
    assert any(run.name == f"complaint-analysis-{number}" for run in runs)


async def test_a_complaint_that_cannot_go_on_holds_up_no_other(bedfordshire, monkeypatch):
    import actions.complaints.settling as settling

    first, second = acknowledged(bedfordshire), acknowledged(bedfordshire)
    good = settling.begin_analysis

    def broken_for_the_first(session, now, complaints):
        if first in {complaint.id for complaint in complaints}:
            raise ZeroDivisionError
        return good(session, now, complaints)

    monkeypatch.setattr(settling, "begin_analysis", broken_for_the_first)
    state = await sweep(MONDAY, return_state=True)
    assert state.is_failed()
    assert (stage(bedfordshire, first), stage(bedfordshire, second)) == (Stage.ACKNOWLEDGED, Stage.ANALYSING)
    with reading(bedfordshire) as session:
        stuck = session.exec(select(Matter.sentence).where(Matter.kind == MatterKind.CASE_STUCK)).all()
    assert stuck == [f"Complaint {first} could not take the step that is due."]


async def test_a_sweep_s_complaints_are_one_task_a_batch_and_never_one_each(bedfordshire, monkeypatch):
    monkeypatch.setattr("flows.sweep.BATCH", 2)
    numbers = [acknowledged(bedfordshire) for _ in range(5)]
    async with get_client() as client:
        before = {run.id for run in await client.read_task_runs()}
        await sweep(MONDAY)
        names: list[str] = []
        for _ in range(LOOKS):  # the server hears of task runs a moment later than they are
            names = [run.name for run in await client.read_task_runs() if run.id not in before]
            if sum("bring_up_to_date" in name for name in names) >= 3:
                break
            await asyncio.sleep(0.1)
    assert {stage(bedfordshire, number) for number in numbers} == {Stage.ANALYSING}
    assert sum("bring_up_to_date" in name for name in names) == 3
    assert not [name for name in names if "begin_analysis" in name]
