"""The periodic paper through Prefect: kept once, and shown as an artifact without a word of anybody's."""

from datetime import UTC, datetime

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter
from sqlmodel import select

from actions.cast import known_id, protocol_named
from flows.complaint_paper import PapersNotKept, complaint_paper
from models import history
from models.complaint import AnalysisPaper, Complaint
from models.outbox import Message
from models.protocol import Party
from models.store import reading, transaction
from rules.complaint import ComplaintKind

RECEIVED = datetime(2025, 11, 10, 9, tzinfo=UTC)
FIRST_OF_JANUARY = datetime(2026, 1, 1, 5, 30, tzinfo=UTC)
WORDS = "Marigold Quench says that her file went to a neighbour."
KEYS = {"complaint-paper-bedfordshire-2025-11", "complaint-paper-bedfordshire-2025-12"}


def a_complaint(store):
    with transaction(store) as session:
        of = protocol_named(session, "bedfordshire")
        party = session.exec(select(Party.id).where(Party.slug == "bedfordshire-police")).one()
        session.add(Complaint(
            protocol_id=known_id(of), kind=ComplaintKind.DISCLOSURE, received_at=RECEIVED, party_id=party or 0,
            what_id=history.narrate(session, WORDS), attachments=[], recorded_at=RECEIVED, recorded_by="Alex Handler",
        ))  # fmt: skip


async def artifacts():
    async with get_client() as client:
        found = await client.read_artifacts(artifact_filter=ArtifactFilter(key={"like_": "complaint-paper-%"}))
    return {each.key: str(each.data) for each in found}


# Among the slow ones, which share one Prefect: a file of its own would start another in the quick run.
@pytest.mark.slow
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
async def test_what_is_over_is_kept_once_and_shown_without_a_word_of_anybody_s(bedfordshire):
    a_complaint(bedfordshire)
    await complaint_paper(FIRST_OF_JANUARY)
    await complaint_paper(FIRST_OF_JANUARY)
    with reading(bedfordshire) as session:
        assert len(session.exec(select(AnalysisPaper)).all()) == 2
        assert session.exec(select(Message.kind)).all().count("analysis_paper_ready") == 1
    shown = await artifacts()
    assert set(shown) == KEYS
    november = shown["complaint-paper-bedfordshire-2025-11"]
    assert "November 2025" in november
    assert "One complaint recorded" in november
    for text in shown.values():
        assert "Marigold" not in text
        assert "Alex" not in text


@pytest.mark.slow
async def test_a_protocol_whose_paper_fails_stops_no_other_and_the_run_names_it(bedfordshire, monkeypatch):
    async def with_one_that_fails():
        return ["absent", "bedfordshire"]

    a_complaint(bedfordshire)
    monkeypatch.setattr("flows.complaint_paper.protocols_here", with_one_that_fails)
    with pytest.raises(PapersNotKept, match="these protocols: absent"):
        await complaint_paper(FIRST_OF_JANUARY)
    with reading(bedfordshire) as session:
        assert len(session.exec(select(AnalysisPaper)).all()) == 2
