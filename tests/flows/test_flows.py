"""The flows through Prefect, against real stores. Instants lie in the past: a flow refuses to run ahead of time."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow
from prefect.states import Scheduled
from sqlalchemy import text
from sqlmodel import select

from actions.owing import extend
from actions.verifying import VerifyReport, verify
from flows.annual_review import annual_review
from flows.clock import NotYet
from flows.nightly import RecordsBroken, nightly
from flows.sweep import sweep
from models.obligation import Obligation, ObligationKind, Outcome, Reminder
from models.outbox import Heartbeat, Message
from models.protocol import Contact, Matter, MatterKind, Role
from models.review import Review
from models.store import reading, transaction
from rules.review import Stage
from tests.conftest import on_postgres_among_the_slow

OPENS = datetime(2026, 2, 27, 9, tzinfo=UTC)  # 28 February 2026 is a Saturday
CLOSED = datetime(2026, 3, 31, 23, tzinfo=UTC)  # the end of 31 March, in summer time


def kinds(store):
    with reading(store) as session:
        return Counter(session.exec(select(Message.kind)))


def stage(store):
    with reading(store) as session:
        return session.get_one(Review, 1).stage


@on_postgres_among_the_slow
async def test_nothing_happens_before_the_day(bedfordshire):
    await sweep(OPENS - timedelta(minutes=5))
    assert stage(bedfordshire) is Stage.SCHEDULED
    assert kinds(bedfordshire) == {}


@on_postgres_among_the_slow
async def test_a_year_in_which_nobody_answers_is_recorded_as_silence(bedfordshire):
    for now in (OPENS, OPENS + timedelta(days=20), CLOSED):
        await sweep(now)
    assert stage(bedfordshire) is Stage.DRAFTING
    with reading(bedfordshire) as session:
        duties = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.FEEDBACK)).all()
        assert [duty.outcome for duty in duties] == [Outcome.LAPSED] * 17
        assert verify(session, CLOSED).broken == []
    assert kinds(bedfordshire)["feedback_invited"] == 17
    assert kinds(bedfordshire)["feedback_closed_unanswered"] == 17


@on_postgres_among_the_slow
async def test_the_sweep_run_again_says_nothing_again(bedfordshire):
    await sweep(OPENS + timedelta(days=20))
    said = kinds(bedfordshire)
    await sweep(OPENS + timedelta(days=20))
    assert kinds(bedfordshire) == said


async def test_two_sweeps_at_once_ask_everybody_once(bedfordshire):
    await asyncio.gather(sweep(OPENS), sweep(OPENS), annual_review(1, OPENS))
    assert kinds(bedfordshire) == {"feedback_invited": 17}
    with reading(bedfordshire) as session:
        assert len(session.exec(select(Reminder)).all()) == 0
        assert verify(session, OPENS).broken == []


async def test_two_sweeps_at_once_hand_over_once_what_somebody_away_owes(bedfordshire):
    await sweep(OPENS)
    with transaction(bedfordshire) as session:
        deputy = session.exec(select(Contact).where(Contact.role == Role.DEPUTY)).first()
        lead = select(Contact).where(Contact.party_id == deputy.party_id, Contact.role == Role.LEAD_MEMBER)
        session.exec(lead).one().away_until = OPENS.date()  # as it is where nobody stood in when it was said
        session.exec(select(Contact).where(Contact.role == Role.SECRETARY)).one().away_until = OPENS.date()
    await asyncio.gather(sweep(OPENS), sweep(OPENS))
    with reading(bedfordshire) as session:
        [duty] = session.exec(select(Obligation).where(Obligation.party_id == deputy.party_id)).all()
        assert duty.contact_id == deputy.id
        assert verify(session, OPENS).broken == []
    assert kinds(bedfordshire)["duty_delegated"] == 1


@on_postgres_among_the_slow
async def test_a_run_leaves_an_artifact_by_which_an_operator_finds_the_case(bedfordshire):
    await annual_review(1, OPENS)
    async with get_client() as client:
        found = await client.read_latest_artifacts()
        runs = await client.read_flow_runs()
    page = next(artifact for artifact in found if artifact.key == "review-1").data
    assert "0 of 17" in page
    assert "@" not in page, "addresses are not for Prefect's database"
    assert any(run.name == "annual-review-1" for run in runs)


@on_postgres_among_the_slow
async def test_a_flow_refuses_to_run_ahead_of_time(bedfordshire):
    with pytest.raises(NotYet):
        await sweep(datetime.now(UTC) + timedelta(hours=1))
    assert kinds(bedfordshire) == {}


@on_postgres_among_the_slow
async def test_the_sweep_leaves_a_sign_of_life(bedfordshire):
    await sweep(OPENS)
    with reading(bedfordshire) as session:
        assert session.exec(select(Heartbeat)).one().ended_at == OPENS


async def test_a_review_that_cannot_go_on_holds_up_no_reminder_and_the_secretary_sees_it(bedfordshire, monkeypatch):
    await sweep(OPENS)

    def broken(*_):
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("tasks.review.take_clock_step", broken)
    with transaction(bedfordshire) as session:
        duty = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.FEEDBACK)).first()
        extend(session, OPENS, duty, date(2026, 4, 8), "secretary", "The lead member is away.")
    state = await sweep(CLOSED, return_state=True)
    assert state.is_failed()
    assert kinds(bedfordshire)["duty_reminder"] >= 1
    with reading(bedfordshire) as session:
        stuck = session.exec(select(Matter).where(Matter.kind == MatterKind.CASE_STUCK)).one()
        assert stuck.sentence == "Review 1 could not take the step that is due."


async def test_a_duty_that_cannot_be_reminded_holds_up_no_other_and_the_secretary_sees_it(bedfordshire):
    await sweep(OPENS)
    with transaction(bedfordshire) as session:
        duty = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.FEEDBACK)).first()
        duty.zone = "Europe/Lundon"
    state = await sweep(OPENS + timedelta(days=20), return_state=True)
    assert state.is_failed()
    assert kinds(bedfordshire)["duty_reminder"] == 16
    with reading(bedfordshire) as session:
        stuck = session.exec(select(Matter).where(Matter.kind == MatterKind.CASE_STUCK)).one()
        assert stuck.sentence == "Review 1 could not take the step that is due."
        assert session.exec(select(Heartbeat)).one().ended_at == OPENS + timedelta(days=20)


async def test_the_night_proves_the_records_and_fails_where_they_are_broken(bedfordshire):
    await sweep(OPENS)
    await nightly(OPENS + timedelta(minutes=1))
    with transaction(bedfordshire) as session:
        session.execute(text("UPDATE narrative SET text = 'altered'"))
        session.execute(text("UPDATE review SET stage = 'signing'"))
    with pytest.raises(RecordsBroken):
        await nightly(OPENS + timedelta(minutes=2))


async def test_the_night_opens_gaps_again_before_it_proves_the_records(bedfordshire, monkeypatch):
    said = []
    monkeypatch.setattr("tasks.nightly.reopen_what_nothing_answers", lambda now: said.append("reopened"))
    monkeypatch.setattr("tasks.nightly.verify", lambda *_: said.append("proved") or VerifyReport())
    await sweep(OPENS)
    await nightly(OPENS + timedelta(minutes=1))
    assert said == ["reopened", "proved"]


async def test_a_night_that_begins_late_accuses_no_sweep_that_was_off_with_it(bedfordshire):
    await sweep(OPENS)
    async with get_client() as client:
        for hours_late in (5, 0):
            assert kinds(bedfordshire)["sweep_alarm"] == 0
            planned = Scheduled(scheduled_time=datetime.now(UTC) - timedelta(hours=hours_late))
            run = await client.create_flow_run(nightly, state=planned)
            await run_flow(nightly, flow_run=run, parameters={"now": OPENS + timedelta(hours=20)})
            assert (await client.read_flow_run(run.id)).state.is_completed()
    assert kinds(bedfordshire)["sweep_alarm"] == 1, "a night that begins in time finds the dead sweep"


@on_postgres_among_the_slow
async def test_a_silent_sweep_raises_one_alarm(bedfordshire):
    await sweep(OPENS)
    for minutes in (30, 60):
        await nightly(OPENS + timedelta(minutes=minutes))
    assert kinds(bedfordshire)["sweep_alarm"] == 1
