"""The life of a gap: opened, joined, owned, urgent, closed and reopened, each with its row in history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from actions.cast import NotThere, known_id
from actions.gaps.keeping import GapIsClosed, GapSaidTooLong, GapView, gap_view
from actions.gaps.living import (
    AlreadyWaits,
    NotAParty,
    ask_for_review,
    assign,
    close_gap,
    join_gap,
    mark_urgent,
    open_gap_for,
    reopen_gap,
)
from actions.gaps.references import NotAReference, OfAnotherProtocol
from actions.matters import close_matter
from actions.membership import leave
from actions.reasons import ReasonNeeded
from actions.review_closing import close_feedback
from actions.review_deciding import cancel, conclude, decide
from actions.review_drafting import begin_deciding, classify, propose
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual
from models.gap import Gap, GapOrigin
from models.history import History
from models.outbox import Message
from models.protocol import Matter, MatterKind
from models.review import DecisionOutcome, Magnitude, ReasonKind, Review, ReviewReason
from rules.errors import Refused
from rules.gap import Stage, StepNotAllowed
from rules.review import Stage as ReviewStage
from tests.actions.databases import in_each_case, on_postgres_among_the_slow
from tests.actions.world import (
    LOCKED,
    NOVEMBER,
    OPENS,
    SECRETARY,
    WRITTEN,
    World,
    another_protocol,
    at_once,
    party,
    protocol,
)

HOUR = timedelta(hours=1)
WORDS = "Nobody says who asks for consent again."
CLAUSE = "7-consent"


def opened(world: World, words: str = WORDS, origin: str | None = None, **how: Any) -> int:
    clause = how.pop("clause", CLAUSE)
    with world.act() as session:
        return open_gap_for(session, NOVEMBER, protocol(session), clause, words, origin, SECRETARY, **how).id or 0


def did(world: World, action: Callable[..., Any], *how: Any, at: timedelta = HOUR) -> Any:
    with world.act() as session:
        return action(session, NOVEMBER + at, 1, *how)


def gap(world: World, number: int = 1) -> GapView:
    with world.read() as session:
        return gap_view(session, session.get_one(Gap, number))


def answered(world: World) -> str:
    """A feedback, which is a case that a gap can come from."""
    world.collecting()
    with world.act() as session:
        found = give_feedback(session, OPENS, 1, party(session, "fire"), "fire", comments="Who asks?")
    assert found is not None
    return f"feedback:{found.id}"


@on_postgres_among_the_slow
def test_a_gap_is_a_case_of_its_own_whose_history_begins_with_its_opening(world: World) -> None:
    assert opened(world) == opened(world, f" {WORDS.upper()} ") == 1, "the same words of the same clause are one gap"
    assert opened(world, clause=None) == 2
    row = world.only(History, History.case == "gap:1")
    assert (row.what, row.moved_from, row.moved_to, row.who) == ("gap opened", None, "open", SECRETARY)
    assert WORDS not in str(row.details), "words may be purged; the chain holds their hash"
    view = gap(world)
    assert (view.state, view.owner, view.urgent, view.origins, view.opened_by) == ("open", None, False, (), SECRETARY)
    assert world.broken(NOVEMBER) == []


def test_what_a_gap_has_no_room_for_is_refused_not_thrown_away(small_world: World) -> None:
    with pytest.raises(GapSaidTooLong, match="at most 500 characters"):
        opened(small_world, "a" * 501)
    assert small_world.every(Gap) == []
    assert opened(small_world, "a" * 500) == 1


def test_two_who_open_the_same_gap_at_once_have_opened_one(world: World) -> None:
    assert at_once(3, lambda: opened(world)) == [1, 1, 1]
    assert world.moves("gap:1") == ["gap opened"]


@on_postgres_among_the_slow
def test_one_gap_has_many_origins_each_named_once(world: World) -> None:
    first = answered(world)
    opened(world, origin=first)
    opened(world, origin=first)
    with world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "police"), "police", comments="Who, indeed?")
    for _ in range(2):
        did(world, join_gap, "feedback:2", SECRETARY)
    assert gap(world).origins == (first, "feedback:2")
    assert len(world.every(GapOrigin)) == 2
    assert world.moves("gap:1") == ["gap opened", "another origin"]
    assert world.broken(OPENS) == []


@in_each_case(
    "error,how",
    [
        (NotThere, {"clause": "99-nothing"}),
        (NotThere, {"origin": "breach:7"}),
        (NotAReference, {"origin": "gap:1"}),
        (NotAReference, {"origin": "breach:0"}),
        (NotAReference, {"origin": f"complaint:{'9' * 40}"}),
        (NotAReference, {"origin": "complaint:twelve"}),
        (ReasonNeeded, {"words": " "}),
    ],
)
def test_what_is_no_gap_is_refused_in_a_sentence_and_nothing_is_kept(
    world: World, error: type[Refused], how: dict[str, Any]
) -> None:
    before = world.rows()
    with pytest.raises(error, match=r"\.$"):
        opened(world, **how)
    assert world.rows() == before


def test_a_case_of_another_protocol_is_no_origin(small_world: World) -> None:
    origin = answered(small_world)
    with small_world.act() as session:
        other = another_protocol(session)
        with pytest.raises(OfAnotherProtocol, match="feedback:1 belongs to another protocol than eastshire"):
            open_gap_for(session, NOVEMBER, other, None, WORDS, origin, SECRETARY)


@on_postgres_among_the_slow
def test_a_party_that_looks_after_a_gap_is_told_once_without_anybodys_words(world: World) -> None:
    opened(world)
    for owner in ("fire", "fire", None, "fire"):
        did(world, assign, owner, SECRETARY)
    assert gap(world).owner == "fire"
    assert world.moves("gap:1") == ["gap opened", "owner named", "owner named", "owner named"]
    assert world.said("gap_assigned") == ["gap:1:owner-2:fire", "gap:1:owner-4:fire"]
    message = world.every(Message, Message.kind == "gap_assigned")[0]
    assert message.address == "lead.member@fire.example"
    assert "gap 1" in message.text
    assert f"Gap 1, clause {CLAUSE}, is in your hands" in message.subject
    assert CLAUSE in message.text
    assert "who asks" not in message.text
    assert world.broken(NOVEMBER + HOUR) == []


@on_postgres_among_the_slow
def test_the_secretary_looks_after_what_a_party_that_leaves_has_owned(world: World) -> None:
    opened(world)
    did(world, assign, "fire", SECRETARY)
    with world.act() as session:
        leave(session, NOVEMBER + HOUR, party(session, "fire"), SECRETARY, "It was merged.")
    assert gap(world).owner is None
    with pytest.raises(NotAParty, match="is not a party"):
        did(world, assign, "fire", SECRETARY)
    with pytest.raises(NotThere):
        did(world, assign, "nobody", SECRETARY)
    assert world.broken(NOVEMBER + HOUR) == []


def test_a_gap_that_is_reopened_is_the_secretarys_where_its_owner_has_left_meanwhile(world: World) -> None:
    opened(world)
    did(world, assign, "fire", SECRETARY)
    did(world, close_gap, SECRETARY, "It was a misreading.")
    with world.act() as session:
        leave(session, NOVEMBER + HOUR, party(session, "fire"), SECRETARY, "It was merged.")
    did(world, reopen_gap, SECRETARY, "It was none.")
    assert gap(world).owner is None
    assert world.broken(NOVEMBER + HOUR) == []


def test_an_urgent_gap_stands_on_the_secretarys_list_until_a_review_has_it(world: World) -> None:
    opened(world)
    for _ in range(2):
        did(world, mark_urgent, SECRETARY, "Two families were told apart too late.")
    [matter] = world.matters()
    assert (matter.kind, matter.sentence) == (MatterKind.GAP, "Gap 1 is urgent.")
    assert "`concordat gap review 1`" in matter.todo
    assert world.moves("gap:1") == ["gap opened", "marked urgent"]
    for _ in range(2):
        assert did(world, ask_for_review, SECRETARY).id == 1
    assert world.moves("gap:1").count("review asked for") == 1
    assert world.matters() == []
    assert (world.review().kind, world.review().stage) == ("extraordinary", ReviewStage.COLLECTING)
    reason = world.only(ReviewReason)
    assert (reason.kind, reason.words) == (
        ReasonKind.GAP, "Gap 1 (clause 7-consent) cannot wait for the next annual review.",
    )  # fmt: skip
    assert world.counts()["feedback_invited"] == 4
    assert world.broken(NOVEMBER + HOUR) == []


def _unchanged(session: Session) -> None:
    close_feedback(session, NOVEMBER + HOUR, 1, SECRETARY)
    conclude(session, NOVEMBER + HOUR, 1, SECRETARY)


def _with_another_text(session: Session) -> None:
    number = known_id(propose(session, NOVEMBER + HOUR, 1, LOCKED, SECRETARY))
    close_feedback(session, NOVEMBER + HOUR, 1, SECRETARY)
    classify(session, NOVEMBER + HOUR, number, Magnitude.MINOR, SECRETARY, "A word.")
    begin_deciding(session, NOVEMBER + HOUR, 1, SECRETARY)
    decide(session, NOVEMBER + HOUR, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    conclude(session, NOVEMBER + HOUR, 1, SECRETARY)


def _cancelled(session: Session) -> None:
    cancel(session, NOVEMBER + HOUR, 1, SECRETARY, "The group meets in spring.")


@in_each_case("ends", [_unchanged, _with_another_text, _cancelled])
def test_an_urgent_gap_is_on_the_list_again_when_its_review_does_not_answer_it(
    world: World, ends: Callable[[Session], None]
) -> None:
    opened(world, urgent=True)
    did(world, ask_for_review, SECRETARY)
    did(world, mark_urgent, SECRETARY, "It happened again.")
    assert world.matters() == [], "a review goes on with it"
    with world.act() as session:
        ends(session)
    [matter] = world.matters()
    assert matter.sentence == "Gap 1 is urgent, and review 1, which had it on its agenda, does not answer it."
    assert "`concordat gap review 1`" in matter.todo
    assert did(world, ask_for_review, SECRETARY).id != 1
    assert world.matters() == []
    assert world.broken(NOVEMBER + HOUR) == []


def test_what_an_earlier_release_left_off_the_list_is_on_it_when_it_is_marked_again(small_world: World) -> None:
    opened(small_world, urgent=True)
    with small_world.act() as session:
        for matter in session.exec(select(Matter)):
            close_matter(session, NOVEMBER, matter, "review 7 has it on its agenda")
    did(small_world, mark_urgent, SECRETARY, "It happened again.")
    assert [matter.sentence for matter in small_world.matters()] == ["Gap 1 is urgent."]
    assert small_world.moves("gap:1").count("marked urgent") == 1


def test_a_gap_that_is_opened_as_an_urgent_one_is_on_the_list_at_once(small_world: World) -> None:
    opened(small_world, urgent=True)
    assert [matter.sentence for matter in small_world.matters()] == ["Gap 1 is urgent."]
    assert small_world.broken(NOVEMBER) == []


@on_postgres_among_the_slow
def test_an_urgent_gap_joins_the_review_that_is_open(world: World) -> None:
    world.collecting()
    opened(world)
    with world.act() as session:
        joined = ask_for_review(session, OPENS, 1, SECRETARY)
        assert joined.id == 1
    assert [row.kind for row in world.every(ReviewReason, ReviewReason.review_id == 1)] == ["annual", "gap"]
    assert len(world.every(Review, Review.kind == "extraordinary")) == 0
    assert world.counts()["review_reason_added"] == 4
    assert world.broken(OPENS) == []


@on_postgres_among_the_slow
def test_a_gap_is_closed_because_and_reopened_because(world: World) -> None:
    opened(world, urgent=True)
    for _ in range(2):
        did(world, close_gap, SECRETARY, "The form asks for it now.")
    view = gap(world)
    assert (view.state, view.closed_because, view.closed_at) == ("closed", "The form asks for it now.", NOVEMBER + HOUR)
    assert world.matters() == []
    assert world.broken(NOVEMBER + HOUR) == []
    refused: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
        (assign, ("fire", SECRETARY)), (mark_urgent, (SECRETARY, "Now.")), (join_gap, ("feedback:1", SECRETARY)),
        (ask_for_review, (SECRETARY,)),
    ]  # fmt: skip
    for action, how in refused:
        with pytest.raises(GapIsClosed, match=r"is closed \(The form asks for it now\.\).*`concordat gap reopen 1"):
            did(world, action, *how)
    assert opened(world) == 2, "the same words of a closed gap open another one"
    did(world, reopen_gap, SECRETARY, "The form was withdrawn.")
    assert (gap(world).state, gap(world).closed_because, gap(world).closed_at) == ("open", None, None)
    assert len(world.matters()) == 1, "it is still urgent"
    with pytest.raises(AlreadyWaits):
        did(world, reopen_gap, SECRETARY, "Again.")
    for action in (close_gap, reopen_gap, mark_urgent):
        with pytest.raises(ReasonNeeded):
            did(world, action, SECRETARY, " ")
    with pytest.raises(NotThere, match="concordat gap list"), world.act() as session:
        close_gap(session, NOVEMBER, 9, SECRETARY, "No.")
    assert world.broken(NOVEMBER + HOUR) == []


def test_a_step_that_the_lifecycle_does_not_know_says_where_the_gap_is(small_world: World) -> None:
    opened(small_world)
    with small_world.act() as session:
        _propose(session)
    with pytest.raises(StepNotAllowed, match="Cannot close: the gap is answered by a proposal"):
        did(small_world, close_gap, SECRETARY, "No.")
    assert gap(small_world).state == Stage.PROPOSED


def _propose(session: Session) -> None:
    open_annual(session, NOVEMBER, protocol(session), SECRETARY)
    propose(session, NOVEMBER, 1, WRITTEN, SECRETARY, ["gap:1"])


@on_postgres_among_the_slow
def test_a_review_that_has_gone_to_signing_without_the_gap_is_not_the_one_it_asks_for(world: World) -> None:
    """Its text is settled: a second ask opens another one."""
    world.signing()
    opened(world)
    assert did(world, ask_for_review, SECRETARY).id != 1
