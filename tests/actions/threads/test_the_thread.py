"""The thread runs both ways: from a complaint to each party's signature, and from a version to every origin."""

import json
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from actions.cast import NotThere, known_id
from actions.gaps.agenda import unanswered_by
from actions.gaps.answering import name_answers
from actions.gaps.living import close_gap
from actions.law.changing import record_change
from actions.law.marks import settle_mark
from actions.law.told import ChangeOfLaw
from actions.review_adopting import adopt
from actions.review_deciding import decide
from actions.threads.known import known_of
from actions.threads.of_gaps import left_open_by
from actions.threads.tracing import trace
from models import history
from models.complaint import Recheck, SecondReading
from models.gap import ProposalAnswer
from models.protocol import Version
from models.review import DecisionOutcome, Review
from notifications import threads
from rules.thread_refs import NotAThread
from rules.threads import NodeKind
from tests.actions.thread_world import (
    AUTUMN,
    BREAKDOWN,
    DAY,
    INADEQUACY,
    SECRET,
    SIGNED,
    complaint,
    effect,
    finding,
    gap,
    node,
    put,
    refs,
    tamper,
    told,
    traced,
    with_the_story,
)
from tests.actions.world import LOCKED, NOVEMBER, SECRETARY, World, made_by, protocol

SIGNATURES = {"signature:1", "signature:2"}


@pytest.fixture
def story(small_world: World) -> World:
    return with_the_story(small_world)


def signatures(story: World, ref: str) -> dict[str, tuple[str, str | None]]:
    """By party: signed, declined or due, and what is noted."""
    found = [each for each in traced(story, ref).nodes if each.kind is NodeKind.SIGNATURE]
    return {each.words.partition(",")[0]: (each.state, each.note) for each in found}


def test_a_complaint_leads_to_every_partys_signature(story: World) -> None:
    thread = traced(story, "complaint:1")
    assert {
        "complaint:1", "finding:1", "gap:1", "proposal:1", "proposal:2", "advice:1", "decision:1",
        "change:5.0/12-security", "version:5.0",
    } <= refs(thread)  # fmt: skip
    assert signatures(story, "complaint:1") == {
        "Westshire Council": ("signed", None),
        "Westshire Fire": ("declined", None),
        "Westshire Police": ("due", "not signed yet"),
        "West Trust": ("due", "not signed yet"),
    }


def test_it_brings_along_why_the_wording_is_as_it_is_and_nothing_of_other_gaps(story: World) -> None:
    thread = refs(traced(story, "complaint:1"))
    assert {"complaint:2", "breach:1", "lesson:1", "legislation:1", "feedback:1"} <= thread
    assert not {"complaint:3", "complaint:4", "gap:2", "proposal:3"} & thread


@pytest.mark.parametrize("ref", ["complaint:1", "complaint:2", "breach:1", "gap:1", "proposal:1", "legislation:1"])
def test_what_led_to_a_version_is_in_the_versions_thread(story: World, ref: str) -> None:
    assert "version:5.0" in refs(traced(story, ref))
    assert ref in refs(traced(story, "version:5.0"))


def test_a_clause_tells_its_origins(story: World) -> None:
    assert {"complaint:1", "complaint:2", "breach:1", "feedback:1", "legislation:1", "version:5.0"} <= refs(
        traced(story, "clause:12-security")
    )
    assert "complaint:1" not in refs(traced(story, "clause:7-consent"))


def test_a_version_whose_gap_is_not_answered_says_so(story: World) -> None:
    thread = traced(story, "version:5.0")
    assert node(thread, "gap:2").note == "not answered by version 5.0; no proposal answers it"
    assert node(thread, "gap:1").note is None
    assert "gap:2, not answered by, version:5.0" in {f"{x.cause}, {x.words}, {x.effect}" for x in thread.links}
    assert node(traced(story, "complaint:3"), "gap:2").note == "not answered by version 5.0; no proposal answers it"


@pytest.mark.parametrize(
    ("opened_at", "closed_at", "is_open"),
    [
        (AUTUMN, None, True),
        (SIGNED, None, False),
        (AUTUMN, AUTUMN + DAY, False),
        (AUTUMN, SIGNED, True),
    ],
)
def test_only_what_waited_then_was_left_open(
    story: World, opened_at: datetime, closed_at: datetime | None, is_open: bool
) -> None:
    with story.act() as session:
        another = known_id(gap(session, "Another.", at=opened_at))
        if closed_at is not None:
            close_gap(session, closed_at, another, SECRETARY, "It is said elsewhere.")
    assert ("gap:3" in refs(traced(story, "version:5.0"))) is is_open


def test_what_a_version_left_open_is_what_gaps_say(story: World) -> None:
    with story.read() as session:
        made = made_by(session)
        assert left_open_by(known_of(session, protocol(session)), made) == unanswered_by(session, made)


def test_what_is_being_signed_leaves_nothing_open_in_a_version_announced_meanwhile(story: World) -> None:
    """5.0 answers gap 1 and is being signed when 5.1 is announced: neither the review nor the thread says that 5.1
    leaves gap 1 open, and both say so of gap 2."""
    with story.act() as session:
        of = known_id(protocol(session))
        review = put(
            session, Review, protocol_id=of, kind="extraordinary", stage="adopted", review_on=SIGNED.date(),
            opens_at=SIGNED, due_on=SIGNED.date(), due_at=SIGNED, created_at=SIGNED,
        )  # fmt: skip
        history.write(session, review.case, SIGNED, SECRETARY, "announced", moved=("deciding", "adopted"))
        day = {"dated_from": SIGNED.date(), "dated_to": SIGNED.date(), "dated_words": "1 December 2026"}
        put(session, Version, protocol_id=of, label="5.1", major=5, minor=1, review_id=review.id, **day)
    with story.read() as session:
        minor = session.exec(select(Version).where(Version.label == "5.1")).one()
        assert [each.id for each in unanswered_by(session, minor)] == [2]
        assert left_open_by(known_of(session, protocol(session)), minor) == unanswered_by(session, minor)


def test_a_law_is_in_force_from_a_day_and_not_before(story: World) -> None:
    law = node(traced(story, "legislation:1"), "legislation:1")
    assert law.state is not None
    assert law.state.startswith("in force from ")


def test_an_adopted_version_has_resolved_its_gaps(story: World) -> None:
    assert node(traced(story, "gap:1"), "gap:1").state == "proposed"
    with story.act() as session:
        adopt(session, SIGNED, 1, SECRETARY, "Signing goes on.")
    resolved = node(traced(story, "gap:1"), "gap:1")
    assert (resolved.state, resolved.note) == ("resolved in version 5.0", None)


def test_no_label_holds_a_word_of_what_somebody_told(story: World) -> None:
    for ref in ("complaint:1", "breach:1", "version:5.0", "clause:7-consent", "complaint:4"):
        assert SECRET not in json.dumps(threads.as_json(traced(story, ref)), ensure_ascii=False)


def test_a_complaint_says_what_it_is_about_and_what_it_came_to(story: World) -> None:
    first = node(traced(story, "complaint:1"), "complaint:1")
    assert (first.words, first.at, first.state, first.note) == (
        "a complaint about disclosure by Westshire Police", date(2026, 10, 5), "both, closed", None,
    )  # fmt: skip
    judged = node(traced(story, "complaint:1"), "finding:1")
    assert (judged.words, judged.state) == ("of clause 12-security in version 4.2, at Westshire Police", "both")
    nothing = node(traced(story, "complaint:4"), "finding:4")
    assert (nothing.state, nothing.note) == ("neither; no change, with a reason", None)


def test_local_actions_tell_whether_they_are_in_place(story: World) -> None:
    thread = traced(story, "gap:1")
    assert {each.ref for each in thread.nodes if each.kind is NodeKind.LOCAL_ACTION} == set()  # other effects, not its
    actions = [each.state for each in traced(story, "complaint:1").nodes if each.kind is NodeKind.LOCAL_ACTION]
    assert actions == ["in place"]
    of_breach = [each for each in traced(story, "breach:1").nodes if each.kind is NodeKind.LOCAL_ACTION]
    assert [(each.state, each.at) for each in of_breach] == [("due", date(2026, 12, 24))]


def test_what_followed_from_a_finding_hangs_on_the_finding_alone(story: World) -> None:
    links = traced(story, "complaint:1").links
    for effect_ref in ("obligation:1", "gap:1"):
        assert ("complaint:1", effect_ref) not in {(link.cause, link.effect) for link in links}
        assert ("finding:1", effect_ref) in {(link.cause, link.effect) for link in links}


def test_a_version_with_other_words_than_were_decided_is_noted(story: World) -> None:
    """Somebody had the file in their hands: `concordat verify` says so too."""
    made = "(SELECT id FROM version WHERE label = '5.0')"
    tamper(story, [f"UPDATE versionclause SET text = text || ' Or not.' WHERE version_id = {made}"])
    thread = traced(story, "version:5.0")
    assert node(thread, "decision:1").note == "version 5.0 does not have the wording that was accepted"
    assert node(thread, "change:5.0/7-consent").note == "no decision stands behind it"
    assert node(thread, "change:5.0/12-security").note is None


def test_a_decision_says_its_rule_its_votes_and_that_there_was_dissent(story: World) -> None:
    decided = node(traced(story, "proposal:2"), "decision:1")
    assert decided.words.startswith("The protocol states no rule of decision")
    assert decided.words.endswith("2 for and 1 against; dissent recorded")
    assert (decided.state, decided.note) == ("accepted", None)
    rejected = node(traced(story, "proposal:3"), "decision:2")
    assert (rejected.state, rejected.note) == ("rejected", None)
    assert "rule" not in rejected.words, "that no rule applied is not the group's reason"


def test_a_gap_was_to_be_answered_by_what_was_rejected(story: World) -> None:
    with story.act() as session:
        session.add(
            ProposalAnswer(proposal_id=3, answers="gap:2", gap_id=2, added_at=AUTUMN, added_by=SECRETARY)
        )  # fmt: skip
    words = {(link.cause, link.effect): link.words for link in traced(story, "proposal:3").links}
    assert words["gap:2", "proposal:3"] == "was to be answered by"
    words = {(link.cause, link.effect): link.words for link in traced(story, "gap:1").links}
    assert words["gap:1", "proposal:1"] == "answered by"


def test_a_change_of_the_law_tells_its_marks_that_stand_and_those_that_are_settled(story: World) -> None:
    assert node(traced(story, "legislation:1"), "legislation:1").note is None, "its version has answered"
    told = ChangeOfLaw(
        act="An Act of nowhere", in_force_from=date(2027, 1, 1), what="Consent.", clauses=("7-consent", "12-security")
    )
    with story.act() as session:
        change = record_change(session, SIGNED, protocol(session), told, SECRETARY, review=False, because="It waits.")
        number = known_id(change)
    ref = f"legislation:{number}"
    assert node(traced(story, ref), ref).note == (
        "clauses 7-consent and 12-security are marked, and no version since has answered"
    )
    with story.act() as session:
        settle_mark(session, SIGNED, protocol(session), number, "7-consent", SECRETARY, "It says so already.")
    found = node(traced(story, ref), ref)
    assert found.note == "clause 12-security is marked, and no version since has answered"
    assert found.words.endswith("no review opened for it; clause 7-consent needs no change, with a reason")


def test_a_complaint_without_its_effect_is_noted(story: World) -> None:
    with story.act() as session:
        finding(session, complaint(session, stage="determined", outcome=None), BREAKDOWN, "12-security")
        complaint(session, stage="analysing", outcome=None)
        complaint(session, stage="closed", outcome="withdrawn")
    assert node(traced(story, "complaint:5"), "finding:5").note == (
        "no effect yet: a breach or a local action is to follow"
    )
    assert node(traced(story, "complaint:6"), "complaint:6").note == "not determined yet"
    withdrawn = node(traced(story, "complaint:7"), "complaint:7")
    assert (withdrawn.state, withdrawn.note) == ("withdrawn", None)


def test_a_correction_stands_for_what_it_corrects_and_keeps_its_effects(story: World) -> None:
    with story.act() as session:
        corrected = complaint(session)
        wrong = finding(session, corrected, BREAKDOWN, "12-security")
        effect(session, wrong, "gap", gap_id=2)
        finding(session, corrected, INADEQUACY, corrects_id=wrong.id)
    thread = traced(story, "complaint:5")
    assert "finding:5" not in refs(thread)
    assert node(thread, "finding:6").words.endswith(", correcting finding 5")
    assert node(thread, "finding:6").note is None
    assert "gap:2" in refs(thread)


def test_a_second_reader_who_disagrees_and_a_version_that_would_not_cover_it_are_noted(story: World) -> None:
    with story.act() as session:
        put(session, SecondReading, finding_id=1, agrees=False, why_id=told(session), read_at=AUTUMN, read_by="other")
        made = made_by(session).id
        for number, answer in ((1, "no"), (2, "yes"), (3, None)):
            put(session, Recheck, complaint_id=number, version_id=made, asked_at=NOVEMBER, answer=answer)
    thread = traced(story, "complaint:1")
    assert node(thread, "finding:1").note == "the second reader does not agree"
    assert node(thread, "complaint:1").note == "version 5.0 would not cover it"
    assert node(thread, "complaint:2").note is None
    assert node(thread, "complaint:2").state.endswith("version 5.0 covers it")
    assert (
        node(traced(story, "complaint:3"), "complaint:3").note == "nobody has said whether version 5.0 would cover it"
    )


def test_a_breach_that_a_finding_opened_is_its_effect(story: World) -> None:
    with story.act() as session:
        found = finding(session, complaint(session), BREAKDOWN, "12-security")
        effect(session, found, "breach", breach_id=1)
    assert {"breach:1", "lesson:1", "gap:1", "version:5.0"} <= refs(traced(story, "complaint:5"))


def test_an_accepted_proposal_is_noted_until_there_is_a_version(small_world: World) -> None:
    small_world.deciding()
    with small_world.act() as session:
        gap(session, "Nothing is said of the night.")
        name_answers(session, NOVEMBER, 1, ["gap:1"], SECRETARY)
        decide(session, NOVEMBER, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    thread = traced(small_world, "proposal:1")
    assert node(thread, "decision:1").note == "decided, not in a version yet"
    assert node(thread, "gap:1").note is None


def test_a_proposal_on_the_table_is_noted_until_it_is_decided(small_world: World) -> None:
    small_world.drafting(LOCKED)
    assert node(traced(small_world, "proposal:1"), "proposal:1").note == "not decided yet"


def test_a_signature_without_the_hash_is_noted(story: World) -> None:
    with story.act() as session:
        for sha256 in ("NULL", f"'{'0' * 64}'"):
            session.connection().exec_driver_sql(
                "INSERT INTO signature (key, version_id, party_id, kind, signed_on, recorded_at, recorded_by, "
                f"version_sha256, note) SELECT key || {sha256[:4]!r}, version_id, party_id, 'signed', signed_on, "
                f"recorded_at, recorded_by, {sha256}, '' FROM signature WHERE id = 1"
            )
    notes = {each.ref: each.note for each in traced(story, "version:5.0").noted if each.ref.startswith("signature")}
    assert notes == {
        "signature:3": "signature lacks the hash",
        "signature:4": "signature names the hash of another text",
    }


@pytest.mark.parametrize(
    ("ref", "sentence"),
    [
        ("complaint:99", "There is no complaint 99 in westshire: see `concordat complaint list`."),
        ("breach:99", "There is no breach 99 in westshire: see `concordat breach list`."),
        ("proposal:99", "There is no proposal 99 in westshire: see `concordat review show`."),
        (
            "clause:8-none",
            "There is no clause “8-none” in westshire: choose one of 7-consent, 12-security, 13-breaches.",
        ),
        ("version:9.0", "There is no version 9.0 of westshire: see `concordat version register`."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(small_world: World, ref: str, sentence: str) -> None:
    with pytest.raises(NotThere) as refused:
        traced(small_world, ref)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "ref", ["", "complaint", "complaint:", "complaint:x", "complaint:0", "review:1", "gap:99999999999"]
)
def test_what_names_no_thread_is_refused(small_world: World, ref: str) -> None:
    with pytest.raises(NotAThread):
        traced(small_world, ref)


def test_every_form_holds_every_node(story: World) -> None:
    thread = traced(story, "version:5.0")
    text, mermaid, svg = threads.as_text(thread), threads.as_mermaid(thread), threads.as_svg(thread)
    for each in thread.nodes:
        assert each.ref in " ".join(text.split())
        assert each.ref in svg
    assert mermaid.startswith("flowchart LR")


def test_more_cases_are_read_by_as_many_queries(story: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with story.read() as session:
            of = protocol(session)
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            trace(session, of, "version:5.0")
        return len(count)

    few = asked()
    with story.act() as session:
        for number in range(20):
            more = finding(session, complaint(session, at=AUTUMN + number * timedelta(hours=1)), INADEQUACY)
            effect(session, more, "gap", gap_id=1)
    assert asked() == few <= 30
