"""`complaint paper` and `complaint signals`: what was kept, of which period, in which form."""

import json
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from actions.cast import known_id
from actions.complaints.paper import keep_paper
from models import history
from models.complaint import Complaint, Finding
from models.protocol import Clause, Party, Protocol
from rules.complaint import ComplaintKind
from rules.determination import Answer, Result
from rules.errors import Refused
from tests.cli.conftest import FIRST_START, Concordat

WORDS = "Marigold Quench says that her file went to a neighbour."


def a_complaint(session, slug):
    of = session.exec(select(Protocol)).one()
    party = session.exec(select(Party).where(Party.slug == slug)).one()
    row = Complaint(
        protocol_id=known_id(of), kind=ComplaintKind.DISCLOSURE, received_at=FIRST_START, party_id=known_id(party),
        what_id=history.narrate(session, WORDS), attachments=[], recorded_at=FIRST_START, recorded_by="Alex Handler",
    )  # fmt: skip
    session.add(row)
    session.flush()
    clause = session.exec(select(Clause.id).where(Clause.key == "7-consent")).one()
    session.add(Finding(
        key=row.case, complaint_id=known_id(row), issue=1, party_id=known_id(party), clause_id=clause,
        covered=Answer.YES, followed=Answer.NO, clear=Answer.YES, harm=Answer.YES, reasons={},
        result=Result.BREAKDOWN, determined_at=FIRST_START, determined_by="Alex Handler",
    ))  # fmt: skip


@pytest.fixture
def told(concordat: Concordat) -> Concordat:
    """In November 2026 three parties broke 7-consent."""
    for slug in ("bedfordshire-police", "luton-borough-council", "bedford-borough-council"):
        concordat.act(lambda session, slug=slug: a_complaint(session, slug))
    return concordat


@pytest.fixture
def kept(told: Concordat) -> Concordat:
    told.clock.now = datetime(2026, 12, 1, 5, 30, tzinfo=UTC)
    told.act(lambda session: keep_paper(session, told.clock.now, session.exec(select(Protocol)).one()))
    return told


def test_before_a_period_is_over_only_a_draft_can_be_had(told):
    assert told("complaint", "paper").refusal == (
        "No paper has been kept for bedfordshire. Of the period that goes on: `concordat complaint paper --draft`."
    )
    facts = told("complaint", "paper", "--draft", "--json").json
    assert facts["period"] == {
        "first_day": "2026-11-01", "last_day": "2026-11-30", "written_on": "2026-11-22", "is_over": False
    }  # fmt: skip
    assert "The period is not over" in " ".join(told("complaint", "paper", "--draft").out.split())


def test_a_machine_without_prefect_keeps_what_is_over_with_one_command_and_twice_is_once(told):
    told.clock.now = datetime(2027, 1, 2, 5, 30, tzinfo=UTC)
    facts = told("complaint", "paper", "--keep", "--json").json
    assert facts["period"]["last_day"] == "2026-12-31"
    assert told("complaint", "paper", "--keep", "--month", "2026-11", "--json").json["received"]["total"] == 3
    assert [each["kind"] for each in told.does("outbox")].count("analysis_paper_ready") == 1


def test_a_timer_that_finds_no_paper_yet_has_not_failed(concordat):
    said = concordat("complaint", "paper", "--keep")
    assert (said.code, said.out) == (0, "There is no paper yet for bedfordshire.\n")
    assert concordat("complaint", "paper", "--keep", "--protocol", "essex").refusal
    assert concordat("complaint", "paper", "--keep", "--month", "2026-10").refusal.startswith("No paper of October")


def another(session, **otherwise):
    """Of an earlier name: whatever is done to every protocol is done to it first."""
    fields = session.exec(select(Protocol)).one().model_dump(exclude={"id", "slug"})
    session.add(Protocol(slug="a-second", **(fields | otherwise)))


def test_a_timer_keeps_the_papers_of_every_protocol(told):
    told.act(another)
    told.clock.now = datetime(2027, 1, 2, 5, 30, tzinfo=UTC)
    done = told("complaint", "paper", "--keep", "--json").json
    assert done["done"] == "There is no paper yet for a-second. What is over is kept for bedfordshire."
    assert done["papers"] == {"a-second": False, "bedfordshire": True}
    facts = told("complaint", "paper", "--protocol", "bedfordshire", "--json").json
    assert facts["period"]["last_day"] == "2026-12-31"


@pytest.mark.parametrize("is_refused", [True, False], ids=["a rule", "nobody foresaw it"])
def test_a_protocol_whose_paper_fails_holds_up_no_other(told, monkeypatch, caplog, is_refused):
    told.act(another)
    told.clock.now = datetime(2027, 1, 2, 5, 30, tzinfo=UTC)

    def keep(session, now, protocol):
        if protocol.slug == "a-second":
            raise Refused("A rule is in the way.") if is_refused else ZeroDivisionError
        return keep_paper(session, now, protocol)

    monkeypatch.setattr("actions.complaints.paper.keep_paper", keep)
    said = told("complaint", "paper", "--keep", "--json")
    why = "A rule is in the way."
    if not is_refused:
        why = "ZeroDivisionError, which nobody foresaw: standard error has the rest."
    assert (said.code, json.loads(said.out)) == (1, {
        "done": f"What is over is kept for bedfordshire.\nThe paper of a-second could not be kept: {why}",
        "papers": {"bedfordshire": True}, "refused": {"a-second": why},
    })  # fmt: skip
    assert [type(record.exc_info[1]) for record in caplog.records] == ([] if is_refused else [ZeroDivisionError])
    facts = told("complaint", "paper", "--protocol", "bedfordshire", "--json").json
    assert facts["period"]["last_day"] == "2026-12-31"
    assert told("complaint", "paper", "--keep", "--month", "2026-11").code == 1
    assert told("complaint", "paper", "--keep", "--protocol", "bedfordshire").code == 0


def test_what_was_kept_is_read_as_text_json_and_html(kept, tmp_path):
    facts = kept("complaint", "paper", "--json").json
    assert facts["received"]["total"] == 3
    assert kept("complaint", "paper", "--month", "2026-11", "--json").json == facts
    said = kept("complaint", "paper")
    assert said.code == 0
    assert said.out.startswith("Complaints under the Bedfordshire")
    assert "Clause 7-consent was broken by 3 parties" in " ".join(said.out.split())
    assert max(len(line) for line in said.out.splitlines()) <= 80
    page = tmp_path / "paper.html"
    assert "written to" in kept("complaint", "paper", "--html", str(page)).out
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    for form in (said.out, html, str(facts)):
        assert "Marigold" not in form
        assert "Alex" not in form


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--month", "2026-10"), "No paper of October 2026 has been kept for bedfordshire."),
        (("--quarter", "2026-Q4"), "No paper of October 2026 to December 2026 has been kept for bedfordshire."),
        (("--month", "last"), "“last” is neither a month such as 2027-03 nor a quarter such as 2027-Q1."),
    ],
)
def test_another_period_is_refused_in_a_sentence(kept, arguments, sentence):
    assert kept("complaint", "paper", *arguments).refusal.startswith(sentence)


def test_two_periods_at_once_are_a_wrong_command_line(kept):
    assert kept("complaint", "paper", "--month", "2026-11", "--draft").code == 2


def test_signals_as_they_stand_today(told):
    [signal] = told("complaint", "signals", "--json").json
    assert (signal["subject"], signal["count"], signal["complaints"]) == ("7-consent", 3, [1, 2, 3])
    assert "does the clause work?" in " ".join(told("complaint", "signals").out.split())


def test_without_complaints_no_number_has_reached_its_threshold(concordat):
    assert concordat("complaint", "signals").out == "No number has reached its threshold.\n"
