"""After a version has answered a gap, the complaints behind it are asked once whether it would cover them now."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from actions.breaches.merging import merge as merge_breaches
from actions.cast import NotThere, known_id
from actions.complaints.asking_again import AnsweredOtherwise, answer
from actions.complaints.closing import close, end_early, look_again
from actions.complaints.determining import determine
from actions.complaints.following_up import change_nothing, open_breach, open_gap
from actions.complaints.referring import refer
from actions.complaints.settling import complaints_due, next_complaint_step, take_complaint_step
from actions.complaints.showing import complaint_view
from actions.complaints.telling_complainant import tell_outcome
from actions.gaps.answering import name_answers
from actions.gaps.living import join_gap, open_gap_for, reopen_gap
from actions.membership import leave
from actions.proposals import Proposed
from actions.reasons import ReasonNeeded
from actions.retention.cases import retained
from actions.retention.keeping import keep_words, keep_words_no_longer
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, propose
from actions.review_signing import adopt, sign
from models.complaint import ComplaintOutcome, Covered, Recheck
from models.gap import Gap
from models.history import Narrative
from models.obligation import ObligationKind
from models.outbox import Message
from models.protocol import Matter, MatterKind, Version
from models.review import DecisionOutcome, Magnitude
from rules.complaint import Stage, Step
from rules.gap import Stage as GapStage
from rules.review import Stage as ReviewStage
from tasks.retention import empty_what_is_over
from tests.actions.breach_world import FRIDAY, reported
from tests.actions.complaint_world import (
    HANDLER,
    UNKNOWN,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    complaint,
    done,
    found,
    given,
    owed_in,
    received,
    refused,
    sweep_complaints,
)
from tests.actions.retention_world import all_was_sent, kept_for
from tests.actions.world import LOCKED, PARTIES, SECRETARY, World, kept, made_by, party, protocol

DAY = timedelta(days=1)
THURSDAY = WEDNESDAY + DAY
A_MONTH_ON = date(2026, 12, 29)
RECHECK = ObligationKind.RECHECK


@kept
def proposed(world: World) -> None:
    """Two complaints of the police's and a breach are behind one gap, which a proposal of the open review answers."""
    world.drafting(LOCKED)
    with world.act() as session:
        reported(session, FRIDAY)
    for number in (1, 2):
        acknowledged(world)
        found(world, number, given(followed=Y, clear=N))
        done(world, open_gap, number, "Nobody says when records are locked.", HANDLER)
    done(world, join_gap, 1, "breach:1", SECRETARY)
    done(world, name_answers, 1, ["gap:1"], SECRETARY)


def ends(world: World, number: int) -> None:
    done(world, tell_outcome, number, HANDLER, "by letter")
    done(world, close, number, HANDLER)


def adopted(world: World, magnitude: Magnitude = Magnitude.MINOR) -> ReviewStage:
    """The review decides for it; a minor version is announced at once."""
    with world.act() as session:
        classify(session, WEDNESDAY, 1, magnitude, SECRETARY, "Because.")
        if magnitude is Magnitude.MAJOR:
            give_advice(session, WEDNESDAY, 1, "Lawful.", "adviser")
        begin_deciding(session, WEDNESDAY, 1, SECRETARY)
        decide(session, WEDNESDAY, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        return conclude(session, WEDNESDAY, 1, SECRETARY)


@pytest.fixture
def resolved(world: World) -> World:
    """Both complaints are closed, and version 4.3 has answered their gap."""
    proposed(world)
    for number in (1, 2):
        ends(world, number)
    assert adopted(world) is ReviewStage.ADOPTED
    return world


@pytest.fixture
def small_resolved(small_world: World) -> World:
    proposed(small_world)
    for number in (1, 2):
        ends(small_world, number)
    adopted(small_world)
    return small_world


def asked(world: World) -> list[tuple[str, str | None, date]]:
    return [(row.case, row.subject, row.due_on) for row in world.duties(RECHECK)]


def due(world: World) -> list[int]:
    with world.read() as session:
        return complaints_due(session, THURSDAY)


BOTH = [("complaint:1", "version:4.3", A_MONTH_ON), ("complaint:2", "version:4.3", A_MONTH_ON)]


def test_each_complaint_behind_the_gap_is_asked_once(resolved: World) -> None:
    world = resolved
    assert due(world) == [1, 2]
    for _ in range(2):
        sweep_complaints(world, THURSDAY)
    assert asked(world) == BOTH
    assert due(world) == []
    assert owed_in(world) == {"recheck": ("lead.member@police", A_MONTH_ON)}
    assert (complaint(world).stage, complaint(world).ended_at) == (Stage.CLOSED, WEDNESDAY), (
        "asked again, it ended then"
    )
    told = [row.text for row in world.every(Message) if row.case == "complaint:1"][-1]
    assert "say whether version 4.3 would cover complaint 1" in " ".join(told.split())
    assert world.broken(THURSDAY) == []


def test_also_after_the_engine_was_off_for_long(small_resolved: World) -> None:
    world, much_later = small_resolved, WEDNESDAY + 400 * DAY
    for _ in range(2):
        sweep_complaints(world, much_later)
    assert [(case, subject) for case, subject, _ in asked(world)] == [each[:2] for each in BOTH]
    assert asked(world)[0][2] == date(2028, 1, 31), "a month from then; 30 January is a Sunday"
    assert world.broken(much_later) == []


def test_another_worker_was_here_first(small_resolved: World) -> None:
    def take() -> bool:
        return done(small_resolved, take_complaint_step, 1, Step.ASK_AGAIN, now=THURSDAY)

    assert (take(), take()) == (True, False)
    assert len(asked(small_resolved)) == 1


def test_a_complaint_that_is_still_open_is_asked_once_it_is_closed(small_world: World) -> None:
    proposed(small_world)
    ends(small_world, 1)
    adopted(small_world)
    sweep_complaints(small_world, THURSDAY)
    assert asked(small_world) == BOTH[:1]
    ends(small_world, 2)
    sweep_complaints(small_world, THURSDAY)
    assert asked(small_world) == BOTH
    assert small_world.broken(THURSDAY) == []


@pytest.mark.parametrize("effective", ["last signature", "while signing"])
def test_a_version_that_is_not_adopted_yet_asks_nobody(sqlite_store: sa.Engine, effective: str) -> None:
    world = World(sqlite_store, signing={"effective": effective})
    proposed(world)
    ends(world, 1)
    assert adopted(world, Magnitude.MAJOR) is ReviewStage.SIGNING
    sweep_complaints(world, THURSDAY)
    assert (asked(world), world.only(Gap).stage) == ([], GapStage.PROPOSED)
    with world.act() as session:
        for slug in PARTIES:
            sign(session, THURSDAY, made_by(session), party(session, slug), slug, position="Chief")
    sweep_complaints(world, THURSDAY)
    assert asked(world) == []
    with world.act() as session:
        adopt(session, THURSDAY, 1, SECRETARY)
    sweep_complaints(world, THURSDAY)
    assert [each[:2] for each in asked(world)] == [("complaint:1", "version:5.0")]
    assert world.broken(THURSDAY) == []


def test_a_version_that_never_came_into_force_asks_nobody(small_resolved: World) -> None:
    """A later one took its place before all had signed it."""
    with small_resolved.act() as session:
        session.get_one(Version, 4).in_force_from = None
    assert due(small_resolved) == []
    with small_resolved.read() as session:
        assert next_complaint_step(session, THURSDAY, 1) is None


# Answers


@pytest.mark.parametrize("covered", Covered)
def test_answered_once_and_otherwise_never(resolved: World, covered: Covered) -> None:
    world = resolved
    sweep_complaints(world, THURSDAY)
    row = done(world, answer, 1, "4.3", covered, HANDLER, "It says when.", now=THURSDAY)
    assert (row.answer, row.answered_at, owed_in(world)) == (covered, THURSDAY, {})
    before = world.rows()
    done(world, answer, 1, "4.3", covered, "somebody else", "Other words.", now=THURSDAY)
    assert world.rows() == before
    other = Covered.NO if covered is Covered.YES else Covered.YES
    caught = refused(world, answer, 1, "4.3", other, HANDLER, "No.")
    assert isinstance(caught, AnsweredOtherwise)
    assert f"was answered already: {covered}, by {HANDLER}" in str(caught)
    assert "recheck" in owed_in(world, 2), "the other one is its own question"
    assert world.broken(THURSDAY) == []


def test_what_is_said_when_the_words_have_gone_is_kept_for_as_long_and_goes_too(small_resolved: World) -> None:
    world, later = small_resolved, WEDNESDAY + 40 * DAY
    with world.act() as session:
        kept_for(session, complaints="P1M")
        all_was_sent(session, WEDNESDAY)
    assert empty_what_is_over(later, world.store) == 2
    sweep_complaints(world, later)
    with world.act() as session:
        answer(session, later, 1, "4.3", Covered.NO, HANDLER, "Robin was not asked.")
        all_was_sent(session, later)
    assert empty_what_is_over(later + 30 * DAY, world.store) == 0
    with world.act() as session:
        assert [each.case for each in retained(session, protocol(session))] == ["complaint:1"]
        keep_words(session, later, "complaint:1", SECRETARY, "A claim.")
        keep_words_no_longer(session, later, "complaint:1", SECRETARY, "It was settled.")
    assert [empty_what_is_over(later + days * DAY, world.store) for days in (32, 32)] == [1, 0]
    assert "Robin was not asked." not in {row.text for row in world.every(Narrative)}
    assert world.broken(later + 32 * DAY) == []


def test_what_nobody_asked_is_not_answered(small_resolved: World) -> None:
    about = (Covered.YES, HANDLER, "It says when.")
    assert isinstance(refused(small_resolved, answer, 1, "4.3", *about), NotThere)
    sweep_complaints(small_resolved, THURSDAY)
    assert isinstance(refused(small_resolved, answer, 1, "4.2", *about), NotThere)
    assert isinstance(refused(small_resolved, answer, 1, "9.9", *about), NotThere)
    assert isinstance(refused(small_resolved, answer, 1, "4.3", Covered.YES, HANDLER, " "), ReasonNeeded)


# What may happen meanwhile


def test_a_gap_that_is_reopened_and_resolved_again_asks_of_the_new_version_only(small_resolved: World) -> None:
    sweep_complaints(small_resolved, THURSDAY)
    done(small_resolved, reopen_gap, 1, SECRETARY, "It did not help.")
    assert due(small_resolved) == []
    assert small_resolved.broken(THURSDAY) == []


def test_the_party_that_answered_it_has_left_before(small_resolved: World) -> None:
    """After it was closed: nobody is asked at a party that has left."""
    with small_resolved.act() as session:
        leave(session, THURSDAY, party(session, "police"), SECRETARY, "Dissolved.")
    sweep_complaints(small_resolved, THURSDAY)
    assert owed_in(small_resolved) == {"recheck": ("secretary@westshire", A_MONTH_ON)}
    assert complaint(small_resolved).handler_id is None
    assert small_resolved.broken(THURSDAY) == []


def test_the_party_that_was_asked_leaves(small_resolved: World) -> None:
    sweep_complaints(small_resolved, THURSDAY)
    with small_resolved.act() as session:
        leave(session, THURSDAY + 9 * DAY, party(session, "police"), SECRETARY, "Dissolved.")
    assert owed_in(small_resolved) == {"recheck": ("secretary@westshire", A_MONTH_ON)}
    told = [row.text for row in small_resolved.every(Message) if row.address.startswith("secretary@")][-1]
    assert "say whether version 4.3 would cover complaint" in " ".join(told.split())
    assert small_resolved.broken(THURSDAY + 9 * DAY) == []


def test_taken_up_again_and_referred_the_question_goes_along_and_outlives_its_end(small_resolved: World) -> None:
    sweep_complaints(small_resolved, THURSDAY)
    done(small_resolved, look_again, 1, HANDLER, "She rang.", now=THURSDAY)
    done(small_resolved, refer, 1, "fire", HANDLER, "Theirs.", now=THURSDAY)
    assert owed_in(small_resolved)["recheck"] == ("lead.member@fire", A_MONTH_ON)
    done(small_resolved, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang again.", now=THURSDAY)
    assert set(owed_in(small_resolved)) == {"recheck"}
    done(small_resolved, answer, 1, "4.3", Covered.PARTLY, HANDLER, "By day.", now=THURSDAY)
    assert owed_in(small_resolved) == {}
    assert small_resolved.broken(THURSDAY) == []


def test_of_what_was_withdrawn_after_it_had_led_to_a_gap_it_is_asked_too(small_world: World) -> None:
    """One of its issues was determined, the other was not; and nobody had acknowledged it."""
    proposed(small_world)
    with small_world.act() as session:
        received(session)
    third = found(small_world, 3, given(clear=N))
    done(small_world, determine, 3, given(followed=UNKNOWN), HANDLER, "He waited.")
    done(small_world, open_gap, third, "The same.", HANDLER, gap_id=1)
    done(small_world, end_early, 3, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    adopted(small_world)
    sweep_complaints(small_world, THURSDAY)
    assert [case for case, _, _ in asked(small_world)] == ["complaint:3"]
    with small_world.act() as session:
        leave(session, THURSDAY, party(session, "police"), SECRETARY, "Dissolved.")
    assert owed_in(small_world, 3) == {"recheck": ("secretary@westshire", A_MONTH_ON)}
    assert small_world.broken(THURSDAY) == []


def test_nothing_is_due_where_nothing_was_resolved(small_world: World) -> None:
    proposed(small_world)
    ends(small_world, 1)
    with small_world.read() as session:
        assert next_complaint_step(session, THURSDAY, 1) is None
    assert small_world.every(Recheck) == []


def closed_after(world: World, *effects: tuple[object, ...]) -> int:
    """A complaint, with what followed, or that nothing did, told and closed."""
    number = acknowledged(world)
    found(world, number)
    for action, *about in effects or ((change_nothing, HANDLER, "It is settled."),):
        done(world, action, number, *about)  # type: ignore[arg-type]
    ends(world, number)
    return number


def raised(world: World, proposal: Proposed) -> int:
    with world.act() as session:
        return known_id(propose(session, WEDNESDAY, 1, proposal, SECRETARY))


def test_a_complaint_that_a_proposal_names_is_asked_though_no_gap_came_from_it(small_world: World) -> None:
    world = small_world
    world.drafting(LOCKED)
    number = closed_after(world)
    done(world, name_answers, 1, [f"complaint:{number}"], SECRETARY)
    assert due(world) == []
    adopted(world)
    assert due(world) == [number]
    sweep_complaints(world, THURSDAY)
    assert (asked(world), due(world)) == (BOTH[:1], [])


def test_a_proposal_that_was_merged_into_an_accepted_one_hands_on_the_complaint_it_names(small_world: World) -> None:
    world = small_world
    world.drafting(LOCKED)
    number = closed_after(world)
    other = raised(world, Proposed(clause="12-security", wording="Locked, always."))
    done(world, name_answers, other, [f"complaint:{number}"], SECRETARY)
    done(world, merge, other, 1, SECRETARY, "The same.")
    adopted(world)
    assert due(world) == [number]


def test_a_complaint_whose_proposal_was_rejected_is_not_asked(small_world: World) -> None:
    world = small_world
    world.drafting(LOCKED)
    number = closed_after(world)
    other = raised(world, Proposed(clause="7-consent", wording="Other words."))
    done(world, name_answers, other, [f"complaint:{number}"], SECRETARY)
    done(world, classify, other, Magnitude.MINOR, SECRETARY, "Because.")
    done(world, classify, 1, Magnitude.MINOR, SECRETARY, "Because.")
    done(world, begin_deciding, 1, SECRETARY)
    done(world, decide, other, DecisionOutcome.REJECTED, SECRETARY, because="No.")
    done(world, decide, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Yes.")
    done(world, conclude, 1, SECRETARY)
    assert due(world) == []


def test_a_complaint_is_asked_by_the_breach_it_led_to_wherever_that_was_merged(small_world: World) -> None:
    world = small_world
    world.drafting(LOCKED)
    with world.act() as session:
        reported(session, FRIDAY)
        reported(session, FRIDAY + DAY)
    numbers = [closed_after(world, (open_breach, f"It happened {each}.", HANDLER)) for each in ("once", "again")]
    for source, into in ((3, 2), (2, 1)):
        done(world, merge_breaches, source, into, SECRETARY, "The same.")
    with world.act() as session:
        open_gap_for(session, WEDNESDAY, protocol(session), "12-security", "Nobody says.", "breach:1", SECRETARY)
    done(world, name_answers, 1, ["gap:1", "breach:4"], SECRETARY)
    adopted(world)
    assert due(world) == numbers


def test_two_queries_say_who_is_due_however_many(small_world: World) -> None:
    world = small_world
    proposed(world)
    for number in (1, 2):
        ends(world, number)
    adopted(world)
    with world.act() as session:
        received(session, key="another")
    with world.read() as session:
        count: list[int] = []
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
        assert complaints_due(session, THURSDAY) == [1, 2]
    assert len(count) <= 2


@pytest.mark.parametrize(("covered", "said"), [(Covered.NO, "does not cover"), (Covered.PARTLY, "covers only partly")])
def test_what_a_version_does_not_cover_is_put_on_the_list_with_what_to_do(
    small_resolved: World, covered: Covered, said: str
) -> None:
    world = small_resolved
    sweep_complaints(world, THURSDAY)
    for _ in range(2):
        done(world, answer, 1, "4.3", covered, HANDLER, "It says nothing of phones.", now=THURSDAY)
    done(world, answer, 2, "4.3", Covered.YES, HANDLER, "It does.", now=THURSDAY)
    [matter] = world.every(Matter, Matter.kind == MatterKind.COMPLAINT, col(Matter.closed_at).is_(None))
    assert matter.sentence == f"Version 4.3 {said} complaint 1, for which it was made."
    ways = ["concordat gap reopen 1 --because TEXT", "concordat complaint look-again 1 --because TEXT"]
    assert all(f"`{way}`" in matter.todo for way in ways)
    with world.read() as session:
        assert list(complaint_view(session, THURSDAY, 1).next) == ways
        assert complaint_view(session, THURSDAY, 2).next == ("concordat complaint look-again 2 --because TEXT",)
    done(world, reopen_gap, 1, SECRETARY, "It is.", now=THURSDAY)
    with world.read() as session:
        assert ways[0] not in complaint_view(session, THURSDAY, 1).next
    assert world.broken(THURSDAY) == []
