"""The story of a father, a mother and a nurse: from what they told to what seventeen parties answered, and back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

import protocols
from actions.complaints.standing import all_findings_of, findings_of, result_of, standing_of
from actions.gaps.agenda import unanswered_by
from actions.loading import load_protocol
from actions.threads.tracing import trace
from actions.verifying import verify
from actions.versions import changes_of, version_named
from cli.clockwork import run_clock
from models.breach import Breach, FollowUp
from models.complaint import Complaint, ComplaintOutcome, Covered, Recheck
from models.gap import Gap
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Message
from models.protocol import Party, SignatureKind, Version
from models.protocol_file import read_protocol
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from notifications.threads import as_json, as_mermaid, as_svg, as_text
from rules import gap as gaps
from rules.complaint import Stage
from rules.determination import Result
from rules.threads import NodeKind, Thread
from tests.complaint_story import (
    ACKNOWLEDGE_BY,
    CLAUSE,
    CONCERN,
    COPIED,
    DISSENT,
    FATHER,
    FIRE,
    FIRST_GAP,
    HAPPENED,
    LAST_WORD,
    MOTHER,
    NURSE,
    POLICE,
    SECOND_GAP,
    SENTENCE,
    STORY,
    number,
    owed_again,
    protocol,
)

LOADED_AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
PARTIES = 17


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """The whole story, told once; on PostgreSQL it is told by those that are killed."""
    store = engine(f"sqlite:///{tmp_path_factory.mktemp('story')}/concordat.db")
    upgrade(store)
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(Path(protocols.__file__).parent / "bedfordshire"), "secretary")
    for _, now, chapter in STORY:
        with transaction(store) as session:
            chapter(session, now)
        run_clock(store, now)
    yield store
    store.dispose()


@pytest.fixture
def session(told: sa.Engine) -> Iterator[Session]:
    with reading(told) as session:
        yield session


def complaint(session: Session, key: str) -> Complaint:
    return session.get_one(Complaint, number(session, key))


def traced(session: Session, ref: str) -> Thread:
    return trace(session, protocol(session), ref)


def kinds(thread: Thread) -> list[NodeKind]:
    return [node.kind for node in thread.nodes]


def refs(thread: Thread) -> set[str]:
    return {node.ref for node in thread.nodes}


def test_the_thirty_days_go_on_counting_where_they_began(session: Session) -> None:
    asked = session.exec(
        select(Obligation, Party.slug)
        .join(Party, col(Party.id) == Obligation.party_id)
        .where(Obligation.case == complaint(session, FATHER).case)
        .where(Obligation.kind == ObligationKind.ACKNOWLEDGEMENT)
        .order_by(col(Obligation.id))
    ).all()
    assert [(slug, duty.due_on, duty.outcome) for duty, slug in asked] == [
        ("bedford-borough-council", ACKNOWLEDGE_BY, Outcome.SUPERSEDED),
        (POLICE, ACKNOWLEDGE_BY, Outcome.ANSWERED),
    ]


def test_the_version_is_the_one_in_force_when_it_happened(session: Session) -> None:
    versions = {
        key: session.get_one(Version, complaint(session, key).version_id).label for key in (FATHER, NURSE, MOTHER)
    }
    assert versions == {FATHER: "4.2", NURSE: "4.2", MOTHER: "4.2"}, "5.0 came after all of them"


def test_the_suggestion_that_was_made_named_the_clause(session: Session) -> None:
    begun = select(History).where(History.case == complaint(session, FATHER).case, History.what == "begin analysis")
    [row] = session.exec(begun).all()
    assert CLAUSE in row.details["suggested"][:3]
    assert row.details["none_likely"] is False


def test_a_correction_keeps_the_first(session: Session) -> None:
    first, second = all_findings_of(session, complaint(session, FATHER))
    assert (first.result, second.result) == (Result.BREAKDOWN, Result.BOTH)
    assert second.corrects_id == first.id
    assert [found.id for found in findings_of(session, complaint(session, FATHER))] == [second.id]


def test_what_was_determined_stays_as_it_was_when_the_clause_is_amended(session: Session) -> None:
    new = version_named(session, protocol(session), "5.0")
    [change] = changes_of(session, new)
    assert (change.clause, change.after) == (CLAUSE, f"{change.before} {SENTENCE}")
    for key, result in ((FATHER, Result.BOTH), (MOTHER, Result.BOTH), (NURSE, Result.INADEQUACY)):
        assert result_of(session, complaint(session, key)) is result
        [standing] = standing_of(session, complaint(session, key))
        assert session.get_one(Version, standing.finding.version_id).label == "4.2"


def test_one_gap_has_come_from_two_complaints_and_is_resolved(session: Session) -> None:
    first, second = session.get_one(Gap, FIRST_GAP), session.get_one(Gap, SECOND_GAP)
    assert (first.stage, second.stage) == (gaps.Stage.RESOLVED, gaps.Stage.OPEN)
    assert first.urgent
    assert session.get_one(Party, first.owner_id).slug == POLICE
    assert session.get_one(Version, first.resolved_in_id).label == "5.0"


def test_a_version_whose_gap_is_not_answered_says_so(session: Session) -> None:
    new = version_named(session, protocol(session), "5.0")
    assert [gap.id for gap in unanswered_by(session, new)] == [SECOND_GAP]
    thread = traced(session, "version:5.0")
    [unanswered] = [node for node in thread.noted if node.kind is NodeKind.GAP]
    assert unanswered.ref == f"gap:{SECOND_GAP}"
    assert "not answered by version 5.0" in str(unanswered.note)
    assert "not answered by version 5.0" in as_text(thread)


def test_the_breach_that_was_opened_is_followed_up(session: Session) -> None:
    [breach] = session.exec(select(Breach)).all()
    follow_ups = select(Party.slug).join(FollowUp, col(FollowUp.party_id) == Party.id)
    assert session.exec(follow_ups.where(FollowUp.breach_id == breach.id)).all() == ["central-bedfordshire-council"]


def test_from_the_complaint_the_thread_leads_to_every_partys_signature(session: Session) -> None:
    thread = traced(session, f"complaint:{number(session, FATHER)}")
    found = kinds(thread)
    assert found.count(NodeKind.SIGNATURE) == PARTIES
    for kind in (
        NodeKind.DETERMINATION, NodeKind.GAP, NodeKind.PROPOSAL, NodeKind.ADVICE, NodeKind.DECISION, NodeKind.CHANGE,
        NodeKind.VERSION, NodeKind.LOCAL_ACTION,
    ):  # fmt: skip
        assert kind in found
    mothers, nurses = (f"complaint:{number(session, key)}" for key in (MOTHER, NURSE))
    assert mothers in refs(thread), "she is part of why the clause says it"
    assert nurses not in refs(thread)
    assert f"gap:{SECOND_GAP}" not in refs(thread)


@pytest.mark.parametrize("ref", ["version:5.0", f"clause:{CLAUSE}", "gap:1", "proposal:1", "breach:1"])
def test_from_the_other_end_it_leads_back_to_the_complaints(session: Session, ref: str) -> None:
    mothers, fathers = (f"complaint:{number(session, key)}" for key in (MOTHER, FATHER))
    found = refs(traced(session, ref))
    assert mothers in found
    assert fathers in found or ref == "breach:1", "the breach came of the mother's alone"


def test_each_party_has_answered_under_the_hash_of_the_text(session: Session) -> None:
    thread = traced(session, "version:5.0")
    signed = [node for node in thread.nodes if node.kind is NodeKind.SIGNATURE]
    assert sorted(node.state for node in signed) == [SignatureKind.DECLINED.value] + [SignatureKind.SIGNED.value] * 16
    assert [node.note for node in signed] == [None] * PARTIES
    [declined] = [node for node in signed if node.state == SignatureKind.DECLINED.value]
    assert session.exec(select(Party.name).where(Party.slug == FIRE)).one() in declined.words


def test_those_who_complained_are_asked_whether_it_would_be_covered_now(session: Session) -> None:
    answers = session.exec(select(Recheck).order_by(col(Recheck.complaint_id))).all()
    assert {each.complaint_id: each.answer for each in answers} == {
        number(session, FATHER): Covered.YES, number(session, MOTHER): Covered.PARTLY,
    }  # fmt: skip
    assert [duty.outcome for duty in owed_again(session)] == [Outcome.ANSWERED] * 2


def test_all_three_are_closed_and_everything_holds(session: Session) -> None:
    for key in (FATHER, NURSE, MOTHER):
        assert (complaint(session, key).stage, complaint(session, key).outcome) == (
            Stage.CLOSED, ComplaintOutcome.ANSWERED,
        )  # fmt: skip
    assert verify(session, LAST_WORD).broken == []


def test_no_word_of_theirs_is_in_a_mail_or_in_a_thread(session: Session) -> None:
    said = [sentence for told in (HAPPENED, CONCERN, COPIED, DISSENT) for sentence in told.split(". ")]
    mails = [f"{message.subject} {message.text} {message.html}" for message in session.exec(select(Message))]
    threads = [traced(session, ref) for ref in ("version:5.0", f"complaint:{number(session, NURSE)}")]
    shown = [form(thread) for thread in threads for form in (as_text, as_svg, as_mermaid, lambda t: str(as_json(t)))]
    for words in (*mails, *shown):
        flat = " ".join(words.split())
        assert not [sentence for sentence in said if sentence in flat]
