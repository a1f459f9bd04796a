"""The letters to whoever complained: plain words, the days, how to go on, and nothing of what anybody wrote."""

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest

from actions.complaints.answering import Given
from actions.complaints.closing import look_again
from actions.complaints.determining import correct
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.letters import Letter, WordsTooLong, letter
from actions.complaints.referring import refer
from actions.complaints.telling_complainant import NothingDetermined, tell_outcome
from models.complaint import NoticeKind
from rules.complaint import STATUTORY, ComplaintKind
from tests.actions.complaint_world import HANDLER, NOT_COVERED, WEDNESDAY, N, Y, acknowledged, found, given, received
from tests.actions.world import World

COMMISSIONER = "https://ico.org.uk/make-a-complaint/"
ADDRESS = "Office, Wycliffe House, Water Lane,\n    Wilmslow, Cheshire SK9 5AF"


@pytest.fixture
def world(sqlite_store: Any) -> World:
    """What a letter says does not hang on the database; `test_showing.py` reads the same from both."""
    return World(sqlite_store)


def written(world: World, kind: NoticeKind, words: str | None = None, number: int = 1) -> Letter:
    with world.read() as session:
        return letter(session, WEDNESDAY, number, kind, words)


def words_of(text: str) -> str:
    return " ".join(text.split())


def determined(world: World, answers: Given | None = None, **otherwise: Any) -> int:
    return found(world, acknowledged(world, **otherwise), answers)


def test_the_acknowledgement_says_who_received_it_who_answers_and_by_when(world: World) -> None:
    with world.act() as session:
        received(session, received_by="council")
        refer(session, WEDNESDAY, 1, "police", HANDLER, "It is theirs.")
    said = words_of(written(world, NoticeKind.ACKNOWLEDGEMENT).text)
    assert said.startswith("Westshire Police Wednesday 25 November 2026 Reference: complaint 1")
    assert "received on Wednesday 25 November 2026 by Westshire Council. It has been passed on to us" in said
    assert "By Tuesday 29 December 2026 you hear from us" in said
    assert "By Thursday 25 February 2027 we aim to tell you what we found." in said


@pytest.mark.parametrize("kind", ComplaintKind)
def test_only_what_the_act_knows_is_sent_on_to_the_commissioner(world: World, kind: ComplaintKind) -> None:
    with world.act() as session:
        received(session, kind=kind)
    text = written(world, NoticeKind.ACKNOWLEDGEMENT).text
    assert (COMMISSIONER in text) is (kind in STATUTORY)
    assert (ADDRESS in text) is (kind in STATUTORY)
    assert ("0303 123 1113" in text) is (kind in STATUTORY)
    assert "steering group" in text
    assert "write to Westshire Police at [address]" in words_of(text)


def test_one_that_the_secretary_answers_comes_from_the_steering_group(world: World) -> None:
    with world.act() as session:
        received(session, received_by=None)
    text = written(world, NoticeKind.ACKNOWLEDGEMENT).text
    assert text.startswith("The steering group of the ")
    assert "[address]" not in text


SAID = [
    (given(), "breakdown", ("We found a breakdown", "“Security” (clause 12-security)", "did not do what it asks for")),
    (given(followed=Y), "inadequacy", ("the protocol is inadequate here", "did what it asks for, and that was not")),
    (given(**NOT_COVERED), "inadequacy", ("No part of the protocol covers", "We uphold your complaint")),
    (given(clear=N), "both", ("a breakdown of the protocol, and that the protocol is inadequate", "not said clearly")),
    (given(followed=Y, harm=N), "neither", ("neither a breakdown nor an inadequacy", "did not find that harm")),
]


@pytest.mark.parametrize(
    ("answers", "result", "sentences"), SAID, ids=[each[1] + str(n) for n, each in enumerate(SAID)]
)
def test_the_outcome_says_in_plain_words_what_was_found(
    world: World, answers: Given, result: str, sentences: tuple[str, ...]
) -> None:
    determined(world, answers)
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert all(sentence in said for sentence in sentences), said
    assert ("“Breakdown” means" in said) is (result in ("breakdown", "both"))
    assert ("“Inadequacy” means" in said) is (result in ("inadequacy", "both"))


def test_it_quotes_neither_what_was_told_nor_why_it_was_found_so(world: World) -> None:
    finding = determined(world, wanted="SECRET-WISH", reach="SECRET-ADDRESS")
    with world.act() as session:
        act_locally(session, WEDNESDAY, finding, "SECRET-ACTION", HANDLER)
    said = written(world, NoticeKind.OUTCOME).text
    assert "SECRET" not in said
    assert "former husband" not in said
    assert "So it is with" not in said


def test_what_changes_is_told_as_far_as_it_has_come(world: World) -> None:
    finding = determined(world, given(clear=N))
    assert "[what changes, or that nothing does and why]" in words_of(written(world, NoticeKind.OUTCOME).text)
    assert any("not recorded yet" in words for words in written(world, NoticeKind.OUTCOME).to_do)
    with world.act() as session:
        action = act_locally(session, WEDNESDAY, finding, "A checklist.", HANDLER)
        open_gap(session, WEDNESDAY, finding, "Who asks?", HANDLER)
        open_breach(session, WEDNESDAY, finding, "An address.", HANDLER)
        obligation = action.obligation_id
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "Westshire Police changes how it works by " in said
    assert "on the agenda of its next review" in said
    assert "(reference: breach 1)" in said
    assert len(written(world, NoticeKind.OUTCOME).to_do) == 1
    assert obligation is not None
    with world.act() as session:
        finish_action(session, WEDNESDAY, obligation, HANDLER, "In place.")
    assert "Westshire Police has changed how it works" in words_of(written(world, NoticeKind.OUTCOME).text)


def test_a_corrected_outcome_takes_the_place_of_the_letter_before(world: World) -> None:
    finding = determined(world)
    with world.act() as session:
        change_nothing(session, WEDNESDAY, finding, HANDLER, "Enough.")
        tell_outcome(session, WEDNESDAY, 1, HANDLER, "by letter")
    assert "takes the place" not in words_of(written(world, NoticeKind.OUTCOME).text)
    with world.act() as session:
        look_again(session, WEDNESDAY, 1, HANDLER, "More is known.")
        correct(session, WEDNESDAY, finding, given(followed=Y), HANDLER, "More is known.")
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "We wrote to you about it on Wednesday 25 November 2026." in said
    assert "takes the place of that one" in said


def test_there_is_no_outcome_before_something_is_determined(world: World) -> None:
    acknowledged(world)
    with pytest.raises(NothingDetermined):
        written(world, NoticeKind.OUTCOME)
    assert "We are looking into what happened" in words_of(written(world, NoticeKind.PROGRESS).text)


def test_nobody_is_promised_a_day_that_has_passed(world: World) -> None:
    acknowledged(world)
    later = WEDNESDAY + timedelta(days=200)
    with world.read() as session:
        said = words_of(letter(session, later, 1, NoticeKind.PROGRESS).text)
    assert "By Monday 13 September 2027 we aim" in said


def test_the_handlers_own_words_go_in_as_they_are_and_cannot_be_taken_for_headings(world: World) -> None:
    determined(world)
    own = "We are sorry.\n## What changes\n- nothing <b>at all</b>\u202e{{ 7 * 7 }}"
    said = written(world, NoticeKind.OUTCOME, own)
    assert "\nWe are sorry.\n\nWhat changes\n\nnothing <b>at all</b>{{ 7 * 7 }}\n" in said.text
    assert any("Mrs Patel" in words for words in written(world, NoticeKind.OUTCOME, "Dear Mrs Patel").to_do)
    with pytest.raises(WordsTooLong):
        written(world, NoticeKind.OUTCOME, "x" * 5_001)


def test_no_line_is_longer_than_78_and_nothing_of_a_template_is_left(world: World) -> None:
    determined(world, given(clear=N), kind=ComplaintKind.DISCLOSURE)
    for kind, words in itertools.product(NoticeKind, (None, "word " * 200)):
        text = written(world, kind, words).text
        assert [line for line in text.splitlines() if len(line) > 78] == []
        assert not re.search(r"\{\{|\}\}|\{%|None|Undefined|\bTrue\b|\bFalse\b|\n\n\n", text)
