"""A proposal names what it answers; the gap is proposed with it, and resolved in the version that has its wording."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cast import NotThere
from actions.gaps.agenda import agenda, answered_by, unanswered_by
from actions.gaps.answering import NothingNamed, NotOnTheTable, answers_of, name_answers
from actions.gaps.keeping import GapIsClosed, GapView, gap_view
from actions.gaps.living import ask_for_review, close_gap, mark_urgent, open_gap_for, reopen_gap
from actions.gaps.references import NotAReference, OfAnotherProtocol
from actions.owing import waive
from actions.parties import leave
from actions.proposals import AlreadyDecided, NotStanding, Proposed
from actions.review_closing import close_feedback
from actions.review_concluding import cancel, conclude
from actions.review_deciding import decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, propose, withdraw
from actions.review_opening import open_extraordinary
from actions.review_signing import adopt, sign
from models.gap import Gap, ProposalAnswer
from models.history import History, sha256_of
from models.obligation import ObligationKind
from models.protocol import Version
from models.review import DecisionOutcome, Magnitude, Proposal, Review
from rules.errors import Refused
from rules.review import Stage
from tasks.gaps import reopen_what_nothing_answers
from tests.actions.databases import in_each_case, on_postgres_among_the_slow
from tests.actions.test_review_signing import (
    LAST_SIGNATURE,
    TUESDAY,
    adopted,
    declined,
    minor_version,
    signed,
    signing_opens,
)
from tests.actions.world import (
    LOCKED,
    NOVEMBER,
    PARTIES,
    SECRETARY,
    WRITTEN,
    World,
    another_protocol,
    duty_of,
    kept,
    made_by,
    party,
    protocol,
)

DAY = timedelta(days=1)
AGAIN = Proposed(clause="12-security", wording="Records are locked up.")
ACCEPTED, REJECTED, DEFERRED = DecisionOutcome.ACCEPTED, DecisionOutcome.REJECTED, DecisionOutcome.DEFERRED


def stands(world: World, number: int = 1) -> str:
    return gap(world, number).state


def gap(world: World, number: int = 1) -> GapView:
    with world.read() as session:
        return gap_view(session, session.get_one(Gap, number))


def name(world: World, proposal: int, *refs: str) -> list[str]:
    with world.act() as session:
        return name_answers(session, NOVEMBER, proposal, refs, SECRETARY)


@kept
def table(world: World, *proposed: Proposed) -> None:
    """Gap 1 of security, gap 2 of consent, and proposals of which the first answers gap 1."""
    world.drafting(*proposed)
    with world.act() as session:
        for clause, words in (("12-security", "Nobody locks."), ("7-consent", "Who asks?")):
            open_gap_for(session, NOVEMBER, protocol(session), clause, words, None, SECRETARY)
        name_answers(session, NOVEMBER, 1, ["gap:1"], SECRETARY)


def decided(world: World, *outcomes: DecisionOutcome, magnitude: Magnitude = Magnitude.MINOR) -> None:
    with world.act() as session:
        for number, _ in enumerate(outcomes, 1):
            classify(session, NOVEMBER, number, magnitude, SECRETARY, "Because.")
            if magnitude is Magnitude.MAJOR:
                give_advice(session, NOVEMBER, number, "Lawful.", "adviser")
        begin_deciding(session, NOVEMBER, 1, SECRETARY)
        for number, outcome in enumerate(outcomes, 1):
            decide(session, NOVEMBER, number, outcome, SECRETARY, because="So.")


def ended(world: World, at: timedelta = DAY) -> Stage:
    with world.act() as session:
        return conclude(session, NOVEMBER + at, 1, SECRETARY)


@on_postgres_among_the_slow
def test_a_gap_that_a_proposal_names_is_proposed_and_both_say_so(world: World) -> None:
    table(world, LOCKED)
    view = gap(world)
    assert (view.state, view.proposals) == ("proposed", (1,))
    row = world.only(History, History.case == "gap:1", History.moved_to == "proposed")
    assert (row.what, row.details) == ("propose", {"proposals": [1]})
    assert name(world, 1, "GAP:1", " gap:01 ") == ["gap:1"], "named twice is named once"
    assert world.moves("gap:1") == ["gap opened", "propose"]
    assert world.moves().count("answers named") == 1
    assert world.broken(NOVEMBER) == []


@on_postgres_among_the_slow
def test_a_proposal_may_be_raised_with_what_it_answers_and_twice_is_once(world: World) -> None:
    table(world, LOCKED)
    for expected in (2, None):
        with world.act() as session:
            raised = propose(session, NOVEMBER, 1, WRITTEN, SECRETARY, ["gap:2"])
            assert (raised.id if raised else None) == expected
    assert stands(world, 2) == "proposed"
    assert len(world.every(ProposalAnswer)) == 2


@in_each_case(
    "error,refs",
    [
        (NotAReference, ["gap:2", "proposal:1"]),
        (NotAReference, ["3"]),
        (NotAReference, ["legislation:1"]),
        (NotThere, ["gap:2", "gap:9"]),
        (NotThere, ["complaint:12"]),
        (NothingNamed, []),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_named_by_halves(
    world: World, error: type[Refused], refs: Sequence[str]
) -> None:
    table(world, LOCKED)
    before = world.rows()
    with pytest.raises(error, match=r"\.$"):
        name(world, 1, *refs)
    assert world.rows() == before
    assert stands(world, 2) == "open"


def test_a_gap_that_is_closed_is_not_answered_any_more(small_world: World) -> None:
    table(small_world, LOCKED)
    with small_world.act() as session:
        close_gap(session, NOVEMBER, 2, SECRETARY, "It is said elsewhere.")
    with pytest.raises(GapIsClosed, match="said elsewhere"):
        name(small_world, 1, "gap:2")


def test_a_gap_of_another_protocol_is_not_answered_here(small_world: World) -> None:
    table(small_world, LOCKED)
    with small_world.act() as session:
        session.get_one(Gap, 2).protocol_id = another_protocol(session).id or 0
    with pytest.raises(OfAnotherProtocol, match="gap:2 belongs to another protocol"):
        name(small_world, 1, "gap:2")


def test_what_was_withdrawn_or_decided_or_never_held_names_nothing_more(small_world: World) -> None:
    table(small_world, LOCKED, WRITTEN, AGAIN)
    with small_world.act() as session:
        withdraw(session, NOVEMBER, 3, SECRETARY, "No.")
        classify(session, NOVEMBER, 2, Magnitude.MINOR, SECRETARY, "A word.")
    decided(small_world, ACCEPTED)
    for number, error in ((3, NotStanding), (1, AlreadyDecided)):
        with pytest.raises(error):
            name(small_world, number, "gap:2")
    with small_world.act() as session:
        cancel(session, NOVEMBER, 1, SECRETARY, "Nobody came.")
    with pytest.raises(NotOnTheTable, match="is on no table any more: review 1 is cancelled"):
        name(small_world, 2, "gap:2")


@in_each_case("end", ["withdrawn", "rejected", "deferred", "cancelled", "no change"])
def test_without_a_proposal_that_stands_the_gap_waits_for_the_next_review(world: World, end: str) -> None:
    table(world, LOCKED)
    with world.act() as session:
        if end == "withdrawn":
            withdraw(session, NOVEMBER, 1, SECRETARY, "No.")
        elif end == "cancelled":
            cancel(session, NOVEMBER, 1, SECRETARY, "No.")
    if end in ("rejected", "deferred", "no change"):
        decided(world, DEFERRED if end == "deferred" else REJECTED)
    if end == "no change":
        assert ended(world) is Stage.NO_CHANGE
    assert (stands(world), gap(world).proposals) == ("open", ())
    assert world.moves("gap:1") == ["gap opened", "propose", "drop"]
    assert world.broken(NOVEMBER + DAY) == []


@on_postgres_among_the_slow
def test_another_proposal_that_names_it_keeps_the_gap_proposed(world: World) -> None:
    table(world, LOCKED, AGAIN)
    name(world, 2, "gap:1")
    with world.act() as session:
        withdraw(session, NOVEMBER, 1, SECRETARY, "No.")
    assert gap(world).proposals == (2,)
    assert stands(world) == "proposed"
    assert world.broken(NOVEMBER) == []


def test_merged_proposals_hand_what_they_answer_to_the_one_that_stands(world: World) -> None:
    table(world, LOCKED, AGAIN)
    name(world, 2, "gap:2")
    with world.act() as session:
        merge(session, NOVEMBER, 1, 2, SECRETARY, "The same.")
    with world.read() as session:
        assert answers_of(session, session.get_one(Proposal, 2)) == ["gap:1", "gap:2"]
    assert gap(world).proposals == gap(world, 2).proposals == (2,)
    assert world.broken(NOVEMBER) == []
    with world.act() as session:
        withdraw(session, NOVEMBER, 2, SECRETARY, "No.")
    assert {stands(world), stands(world, 2)} == {"open"}
    assert world.broken(NOVEMBER) == []


def test_an_announced_version_resolves_what_it_answers_and_says_what_it_does_not(world: World) -> None:
    table(world, LOCKED)
    decided(world, ACCEPTED)
    assert ended(world) is Stage.ADOPTED
    view = gap(world)
    assert (view.state, view.resolved_in, view.closed_at, view.proposals) == ("resolved", "4.3", NOVEMBER + DAY, ())
    with world.act() as session:
        open_gap_for(session, NOVEMBER + 2 * DAY, protocol(session), None, "Too late.", None, SECRETARY)
        close_gap(session, NOVEMBER + 2 * DAY, 2, SECRETARY, "It is said elsewhere.")
        version = made_by(session)
        assert [each.id for each in answered_by(session, version)] == [1]
        assert [each.id for each in unanswered_by(session, version)] == [2], "it waited then; the third was not known"
        earlier = session.get_one(Version, 1)
        assert answered_by(session, earlier) == unanswered_by(session, earlier) == []
    assert world.broken(NOVEMBER + 2 * DAY) == []
    with pytest.raises(GapIsClosed, match=r"^Gap 1 was resolved in version 4\.3"):
        _reviewed_again(world, "gap:1")


def _reviewed_again(world: World, *refs: str) -> None:
    with world.act() as session:
        review = open_extraordinary(session, NOVEMBER + 3 * DAY, protocol(session), SECRETARY, "Again.")
        propose(session, NOVEMBER + 3 * DAY, review.id or 0, AGAIN, SECRETARY, refs)


@on_postgres_among_the_slow
def test_a_major_version_resolves_its_gaps_when_it_is_adopted_not_when_it_is_made(world: World) -> None:
    table(world, LOCKED, WRITTEN)
    name(world, 2, "gap:2")
    decided(world, ACCEPTED, REJECTED, magnitude=Magnitude.MAJOR)
    assert ended(world) is Stage.SIGNING
    assert (stands(world), stands(world, 2)) == ("proposed", "open")
    with world.act() as session:
        version = made_by(session)
        assert [each.id for each in answered_by(session, version)] == [1]
        assert [each.id for each in unanswered_by(session, version)] == [2]
        for slug in PARTIES:
            sign(session, NOVEMBER + DAY, version, party(session, slug), slug, position="Chief")
        adopt(session, NOVEMBER + DAY, 1, SECRETARY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.0")
    assert world.broken(NOVEMBER + DAY) == []
    with world.act() as session:
        reopen_gap(session, NOVEMBER + 2 * DAY, 1, SECRETARY, "It happened again.")
        assert [each.id for each in unanswered_by(session, made_by(session))] == [2], "what it answered, it answered"
    assert (stands(world), gap(world).resolved_in) == ("open", None)
    assert world.broken(NOVEMBER + 2 * DAY) == []


@on_postgres_among_the_slow
def test_a_gap_is_resolved_in_the_minor_version_that_came_while_its_answer_was_signed(world: World) -> None:
    """As in 2015: 4.1 came while 4 was being signed, and is what was adopted."""
    table(world, LOCKED)
    decided(world, ACCEPTED, magnitude=Magnitude.MAJOR)
    assert ended(world) is Stage.SIGNING
    minor_version(world, NOVEMBER + DAY)
    for slug in PARTIES:
        signed(world, slug, "5.1", at=NOVEMBER + 2 * DAY)
    adopted(world, at=NOVEMBER + 3 * DAY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.1")
    assert world.broken(NOVEMBER + 3 * DAY) == []


@on_postgres_among_the_slow
def test_what_was_put_off_answers_the_same_in_the_next_review(world: World) -> None:
    table(world, LOCKED, AGAIN)
    name(world, 2, "gap:2")
    with world.act() as session:
        merge(session, NOVEMBER, 2, 1, SECRETARY, "The same.")
    decided(world, DEFERRED)
    assert ended(world) is Stage.NO_CHANGE
    with world.act() as session:
        close_gap(session, NOVEMBER + DAY, 2, SECRETARY, "It is said elsewhere.")
        review = open_extraordinary(session, NOVEMBER + DAY, protocol(session), SECRETARY, "Again.")
        assert stands(world) == "open"
        close_feedback(session, NOVEMBER + DAY, review.id or 0, SECRETARY)
    carried = world.only(Proposal, Proposal.review_id != 1)
    with world.read() as session:
        assert answers_of(session, carried) == ["gap:1", "gap:2"]
    assert (gap(world).state, gap(world).proposals) == ("proposed", (carried.id,))
    assert stands(world, 2) == "closed", "what has ended meanwhile stays so"
    assert world.broken(NOVEMBER + DAY) == []
    with world.act() as session:
        reopen_gap(session, NOVEMBER + DAY, 2, SECRETARY, "It is not.")
    assert stands(world, 2) == "proposed", "a proposal on the table names it"


@on_postgres_among_the_slow
def test_gaps_are_on_the_agenda_by_themselves_while_the_text_is_not_settled(world: World) -> None:
    table(world, LOCKED)
    with world.act() as session:
        mark_urgent(session, NOVEMBER, 2, SECRETARY, "Now.")
    lines = _agenda(world)
    assert [(line.id, line.clause, line.urgent, line.proposals) for line in lines] == [
        (2, "7-consent", True, ()), (1, "12-security", False, (1,)),
    ]  # fmt: skip
    decided(world, ACCEPTED)
    assert len(_agenda(world)) == 2
    ended(world)
    assert _agenda(world) == []


def _agenda(world: World) -> list[Any]:
    with world.read() as session:
        return agenda(session, session.get_one(Review, 1))


@on_postgres_among_the_slow
def test_the_secretary_hears_how_many_gaps_are_on_the_agenda(world: World) -> None:
    with world.act() as session:
        open_gap_for(session, NOVEMBER, protocol(session), None, "Who asks?", None, SECRETARY)
    world.drafting()
    summary = world.words("review:1:summary:round-1")
    assert "On the agenda: one gap" in summary
    assert "Who asks" not in summary


@on_postgres_among_the_slow
def test_a_gap_whose_answer_is_being_signed_asks_for_no_other_review(world: World) -> None:
    world.drafting(LOCKED)
    with world.act() as session:
        open_gap_for(session, NOVEMBER, protocol(session), "12-security", "Nobody locks.", None, SECRETARY)
        assert ask_for_review(session, NOVEMBER, 1, SECRETARY).id == 1
        close_feedback(session, NOVEMBER, 1, SECRETARY)
        name_answers(session, NOVEMBER, 1, ["gap:1"], SECRETARY)
    decided(world, ACCEPTED, magnitude=Magnitude.MAJOR)
    assert ended(world) is Stage.SIGNING
    with world.act() as session:
        assert ask_for_review(session, NOVEMBER + DAY, 1, SECRETARY).id == 1
    assert world.moves("gap:1").count("review asked for") == 1


def urgent_gap_at_signing(store: sa.Engine) -> World:
    """Its answer is in 5.0, which somebody has to sign before it is in force."""
    world = World(store, **LAST_SIGNATURE)
    with world.act() as session:
        open_gap_for(session, NOVEMBER, protocol(session), "12-security", "Nobody locks.", None, SECRETARY)
        mark_urgent(session, NOVEMBER, 1, SECRETARY, "It happened again.")
        ask_for_review(session, NOVEMBER, 1, SECRETARY)
        close_feedback(session, NOVEMBER, 1, SECRETARY)
        propose(session, NOVEMBER, 1, LOCKED, SECRETARY, ["gap:1"])
    decided(world, ACCEPTED, magnitude=Magnitude.MAJOR)
    assert ended(world) is Stage.SIGNING
    return world


def test_an_urgent_gap_whose_answer_nobody_signs_is_listed_again_and_waits_for_the_next_review(
    sqlite_store: sa.Engine,
) -> None:
    world = urgent_gap_at_signing(sqlite_store)
    for slug in PARTIES:
        declined(world, slug)
    urgent = "Gap 1 is urgent, and review 1, which had it on its agenda, does not answer it."
    assert urgent not in listed(world), "its answer may be signed yet"
    adopted(world, because="Nobody wants it.")
    assert (stands(world), urgent in listed(world)) == ("open", True)
    with world.act() as session:
        review = ask_for_review(session, TUESDAY, 1, SECRETARY)
        assert [each.id for each in agenda(session, review)] == [1]
    assert urgent not in listed(world), "the next review has it on its agenda"
    assert world.broken(TUESDAY) == []


def test_a_gap_is_not_resolved_in_a_text_whose_place_was_taken_by_one_that_came_to_nothing(
    sqlite_store: sa.Engine,
) -> None:
    world = urgent_gap_at_signing(sqlite_store)
    signing_opens(world, TUESDAY, WRITTEN)
    for slug in PARTIES:
        declined(world, slug, "6.0")
    for review in (world.every(Review)[-1].id or 0, 1):
        adopted(world, because="Nobody wants it.", review=review)
    assert stands(world) == "open"
    assert world.broken(TUESDAY) == []


def six_from_five(store: sa.Engine) -> World:
    """5.0 has ended while 6.0 was being signed, which has its words: its gap is resolved."""
    world = urgent_gap_at_signing(store)
    signing_opens(world, TUESDAY, WRITTEN)
    adopted(world, because="6.0 is signed instead.")
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.0")
    return world


REOPENED = "Version 5.0, which answered it, never came into force."


def test_a_gap_whose_answer_came_into_force_in_no_later_text_either_is_open_again(sqlite_store: sa.Engine) -> None:
    """It stayed resolved, in a text that never was: nobody asked for it again."""
    world = six_from_five(sqlite_store)
    for slug in PARTIES:
        declined(world, slug, "6.0")
    assert stands(world) == "resolved", "6.0 may be signed yet"
    adopted(world, because="Nobody wants it.", review=world.every(Review)[-1].id or 0)
    assert (stands(world), gap(world).resolved_in) == ("open", None)
    assert world.moves("gap:1")[-2:] == ["resolve", "reopen"]
    [reopened] = world.every(History, History.case == "gap:1", History.what == "reopen")
    assert reopened.why_sha256 == sha256_of(REOPENED)
    assert listed(world).count(f"Gap 1 is urgent. {REOPENED}") == 1
    assert world.broken(TUESDAY) == []


@pytest.mark.parametrize("ends", ["declined", "waived", "left"])
def test_it_is_open_again_when_the_last_one_who_was_waited_for_will_not_sign(
    sqlite_store: sa.Engine, ends: str
) -> None:
    """The review of 6.0 has ended before: whoever owes a signature could still bring it into force."""
    world = six_from_five(sqlite_store)
    for slug in ("council", "fire", "police"):
        declined(world, slug, "6.0")
    adopted(world, because="It takes too long.", review=world.every(Review)[-1].id or 0)
    assert stands(world) == "resolved"
    if ends == "declined":
        declined(world, "trust", "6.0")
    else:
        with world.act() as session:
            if ends == "waived":
                duty = duty_of(session, ObligationKind.SIGNATURE, "trust")
                waive(session, TUESDAY, duty, SECRETARY, "It merges.")
            else:
                leave(session, TUESDAY, party(session, "trust"), SECRETARY, "It merges.")
    assert stands(world) == "open"
    assert world.broken(TUESDAY) == []


def test_what_an_earlier_release_left_resolved_in_such_a_text_is_open_again_after_a_night(
    sqlite_store: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`concordat verify`, and every night, found fault in it for ever."""
    world = six_from_five(sqlite_store)
    monkeypatch.setattr("actions.review_adopting.reopen_unanswered", lambda *_: None)
    for slug in PARTIES:
        declined(world, slug, "6.0")
    adopted(world, because="Nobody wants it.", review=world.every(Review)[-1].id or 0)
    assert world.broken(TUESDAY) == ["gap:1: is resolved in version 5.0, which never came into force"]
    assert [reopen_what_nothing_answers(TUESDAY + DAY, sqlite_store) for _ in range(2)] == [1, 0]
    assert stands(world) == "open"
    assert world.moves("gap:1")[-2:] == ["resolve", "reopen"]
    assert listed(world).count(f"Gap 1 is urgent. {REOPENED}") == 1
    assert world.broken(TUESDAY + DAY) == []


def test_a_gap_stays_resolved_in_the_words_that_a_later_text_brought_into_force(sqlite_store: sa.Engine) -> None:
    world = six_from_five(sqlite_store)
    signed(world, "fire", "6.0")
    for slug in ("council", "police", "trust"):
        declined(world, slug, "6.0")
    world.sweep(TUESDAY)
    assert stands(world) == "resolved"
    assert world.broken(TUESDAY) == []


def test_a_gap_that_a_minor_version_answered_waits_again_with_the_text_that_nobody_signed(
    sqlite_store: sa.Engine,
) -> None:
    world = World(sqlite_store, **LAST_SIGNATURE).signing()
    with world.act() as session:
        open_gap_for(session, TUESDAY, protocol(session), "7-consent", "Who writes?", None, SECRETARY)
        review = open_extraordinary(session, TUESDAY, protocol(session), SECRETARY, "A word.").id or 0
        number = propose(session, TUESDAY, review, WRITTEN, SECRETARY, ["gap:1"]).id or 0
        close_feedback(session, TUESDAY, review, SECRETARY)
        classify(session, TUESDAY, number, Magnitude.MINOR, SECRETARY, "A word.")
        begin_deciding(session, TUESDAY, review, SECRETARY)
        decide(session, TUESDAY, number, ACCEPTED, SECRETARY, because="Agreed.")
        conclude(session, TUESDAY, review, SECRETARY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.1")
    for slug in PARTIES:
        declined(world, slug, "5.1")
    adopted(world, because="Nobody wants it.")
    assert stands(world) == "open"
    assert world.broken(TUESDAY) == []
    signed(world, "fire", "5.1", at=TUESDAY + DAY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.1")
    assert world.broken(TUESDAY + DAY) == []


@pytest.mark.parametrize("later", [False, True], ids=["5.0", "6.0, made from it"])
def test_a_late_signature_that_brings_a_text_into_force_resolves_what_it_answers(
    sqlite_store: sa.Engine, later: bool
) -> None:
    world = six_from_five(sqlite_store) if later else urgent_gap_at_signing(sqlite_store)
    label = "6.0" if later else "5.0"
    for slug in PARTIES:
        declined(world, slug, label)
    adopted(world, because="Nobody wants it.", review=world.every(Review)[-1].id or 0)
    assert stands(world) == "open"
    signed(world, "fire", label, at=TUESDAY + DAY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.0")
    assert world.moves("gap:1")[-2:] == ["propose", "resolve"]
    assert not [each for each in listed(world) if each.startswith("Gap 1 is urgent")]
    assert world.broken(TUESDAY + DAY) == []


def test_a_late_signature_under_a_minor_version_resolves_what_the_line_answers_in_that(sqlite_store: sa.Engine) -> None:
    world = urgent_gap_at_signing(sqlite_store)
    minor_version(world, TUESDAY)
    for slug in PARTIES:
        declined(world, slug, "5.1")
    adopted(world, because="Nobody wants it.")
    assert stands(world) == "open"
    signed(world, "fire", "5.1", at=TUESDAY + DAY)
    assert (stands(world), gap(world).resolved_in) == ("resolved", "5.1")
    assert world.broken(TUESDAY + DAY) == []


def test_an_urgent_gap_that_is_open_again_is_on_the_agenda_of_the_review_that_is_open(sqlite_store: sa.Engine) -> None:
    """And not on the secretary's list besides, to be given a review."""
    world = six_from_five(sqlite_store)
    for slug in ("council", "fire", "police"):
        declined(world, slug, "6.0")
    adopted(world, because="It takes too long.", review=world.every(Review)[-1].id or 0)
    with world.act() as session:
        open_extraordinary(session, TUESDAY, protocol(session), SECRETARY, "Something else.")
    declined(world, "trust", "6.0")
    assert stands(world) == "open"
    assert not [each for each in listed(world) if each.startswith("Gap 1 is urgent")]


def test_a_late_signature_leaves_a_gap_as_somebody_has_closed_it(sqlite_store: sa.Engine) -> None:
    world = urgent_gap_at_signing(sqlite_store)
    for slug in PARTIES:
        declined(world, slug)
    adopted(world, because="Nobody wants it.")
    with world.act() as session:
        close_gap(session, TUESDAY, 1, SECRETARY, "It is done otherwise.")
    signed(world, "fire", at=TUESDAY + DAY)
    assert stands(world) == "closed"
    assert world.broken(TUESDAY + DAY) == []


def listed(world: World) -> list[str]:
    return [matter.sentence for matter in world.matters()]
