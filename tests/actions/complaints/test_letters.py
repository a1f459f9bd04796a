"""The letters to whoever complained: plain words, the days, how to go on, and nothing of what anybody wrote."""

import itertools
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.breaches.closing import end_early as end_breach_early
from actions.complaints.answering import Given
from actions.complaints.closing import end_early, look_again
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.letters import Letter, WordsTooLong, letter
from actions.complaints.plain_words import Body, When, found_in_words
from actions.complaints.referring import refer
from actions.complaints.showing_findings import finding_lines
from actions.complaints.telling_complainant import NothingDetermined, WithdrawnHasNoOutcome, tell_outcome
from actions.owing import waive
from models.breach import BreachOutcome
from models.complaint import Complaint, ComplaintOutcome, NoticeKind
from models.obligation import ObligationKind
from rules.complaint import STATUTORY, ComplaintKind
from tests.actions.complaint_world import (
    HANDLER,
    NOT_COVERED,
    WEDNESDAY,
    N,
    Y,
    acknowledged,
    done,
    found,
    given,
    received,
)
from tests.actions.world import SECRETARY, World, duty_of

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
    assert "The time limits still run from that day." in said
    assert "By Tuesday 29 December 2026 you will hear from us" in said
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
    assert "Write to us first, at [address]" in words_of(text)


def test_one_that_the_secretary_answers_comes_from_the_steering_group(world: World) -> None:
    with world.act() as session:
        received(session, received_by=None)
    text = written(world, NoticeKind.ACKNOWLEDGEMENT).text
    assert text.startswith("The steering group of the ")
    assert "[address]" not in text


SAID = [
    (
        given(),
        "breakdown",
        ("a breakdown", "“Security” (clause 12-security)", "We did not do what that part"),
    ),
    (
        given(followed=Y),
        "inadequacy",
        ("the protocol is inadequate here", "that part asks for, and that was not"),
    ),
    (given(**NOT_COVERED), "inadequacy", ("No part of the protocol covers", "We uphold your complaint")),
    (given(clear=N), "both", ("We found two things: the protocol was not followed", "does not say clearly")),
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
    assert ("“Breakdown” means" in said) is (result in ("breakdown", "both", "neither"))
    assert ("“Inadequacy” means" in said) is (result in ("inadequacy", "both", "neither"))


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
    assert "We will change how we work by Thursday 25 February 2027" in said
    assert "[what is put in place]" in said
    assert "on the agenda of its next review" in said
    assert "(reference: breach 1)" in said
    assert len(written(world, NoticeKind.OUTCOME).to_do) == 1
    assert obligation is not None
    with world.act() as session:
        finish_action(session, WEDNESDAY, obligation, HANDLER, "In place.")
    assert "We have changed how we work" in words_of(written(world, NoticeKind.OUTCOME).text)


def test_a_breach_is_told_of_as_what_it_came_to(world: World) -> None:
    for number, outcome in enumerate((BreachOutcome.NOT_A_BREACH, BreachOutcome.NEAR_MISS), 1):
        finding = determined(world)
        with world.act() as session:
            open_breach(session, WEDNESDAY, finding, f"Address {number}.", HANDLER)
        assert "It is followed up as a breach" in words_of(written(world, NoticeKind.OUTCOME, number=number).text)
        with world.act() as session:
            end_breach_early(session, WEDNESDAY, number, outcome, SECRETARY, "Nobody saw it.")
        said = words_of(written(world, NoticeKind.OUTCOME, number=number).text)
        assert "followed up" not in said
        assert f"has been looked at: [what came of that] (reference: breach {number})" in said


def test_what_only_the_body_can_say_stands_in_brackets(world: World) -> None:
    finding = determined(world, wanted="An apology.")
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "[in a sentence: what happened] We found" in said
    assert "[why we find so]" in said
    assert "You asked for something in particular: [answer it]" in said
    assert "apology" not in said
    done(world, change_nothing, finding, HANDLER, "Enough.")
    assert "or in the protocol: [why]." in words_of(written(world, NoticeKind.OUTCOME).text)
    assert "in particular" not in words_of(written(world, NoticeKind.OUTCOME, number=determined(world)).text)


def test_two_issues_are_numbered_each_with_its_own_sentence(world: World) -> None:
    determined(world)
    with world.act() as session:
        look_again(session, WEDNESDAY, 1, HANDLER, "There is more.")
        determine(session, WEDNESDAY, 1, given(clear=N), HANDLER, "SECRET-ISSUE")
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert said.count("[in a sentence: what happened in this part of it]") == 2
    assert "2. [in a sentence" in said
    assert "SECRET" not in said


@pytest.mark.parametrize("then", [None, "local action"])
def test_that_nothing_changes_is_never_said_beside_a_change(world: World, then: str | None) -> None:
    """Nor of a finding that was corrected."""
    finding = determined(world)
    with world.act() as session:
        change_nothing(session, WEDNESDAY, finding, HANDLER, "Enough.")
        second = correct(session, WEDNESDAY, finding, given(), HANDLER, "It is more than that.").id
    if then:
        done(world, act_locally, second, "A checklist.", HANDLER)
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "Nothing changes" not in said
    assert ("[what is put in place]" in said) is (then is not None)
    assert ("[what changes, or that nothing does and why]" in said) is (then is None)


def test_gaps_of_one_complaint_are_one_sentence_and_what_was_waived_is_none(world: World) -> None:
    finding = determined(world, given(clear=N))
    with world.act() as session:
        for words in ("Who asks?", "Who locks?"):
            open_gap(session, WEDNESDAY, finding, words, HANDLER)
        act_locally(session, WEDNESDAY, finding, "A checklist.", HANDLER)
        waive(session, WEDNESDAY, duty_of(session, ObligationKind.LOCAL_ACTION, "police"), SECRETARY, "It has closed.")
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "(reference: gap 1 and gap 2)" in said
    assert said.count("on the agenda of its next review") == 1
    assert "how we work" not in said


def test_where_nobody_said_when_the_version_of_today_was_read(world: World) -> None:
    determined(world, happened_from=None)
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert "of the protocol. We do not know the day; we read version 4.2, which is in force today. We did not" in said
    assert "in force then" not in said


def test_where_the_text_of_the_version_is_not_held_the_letter_says_so(world: World) -> None:
    determined(world)
    with world.read() as session:
        [line] = finding_lines(session, session.get_one(Complaint, 1))
    unread = replace(line, heading=None, version="4")
    said = " ".join(found_in_words(unread, Body("the Police", ours=False), When(is_known=True, in_force="4")))
    assert "is covered by clause 12-security of the protocol, in version 4, which was in force then. The text" in said
    assert "is not held in our records: [say which text you went by]" in said


def test_another_bodys_doing_is_told_of_it(world: World) -> None:
    acknowledged(world)
    found(world, 1, given(party="trust"))
    done(world, act_locally, 1, "A checklist.", HANDLER)
    said = words_of(written(world, NoticeKind.OUTCOME).text)
    assert re.search("We did not|how we work", said) is None
    assert "will change how it works by" in said


def test_an_acknowledgement_after_the_determination_promises_no_look(world: World) -> None:
    with world.act() as session:
        received(session)
        determine(session, WEDNESDAY, 1, given(), HANDLER)
    said = words_of(written(world, NoticeKind.ACKNOWLEDGEMENT).text)
    assert "We will look into" not in said
    assert "We have looked into it, and will write to you about what we found." in said
    assert "we aim to tell you" not in said


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


def test_what_is_not_ours_has_a_short_letter_that_says_so_and_how_to_go_on(world: World) -> None:
    acknowledged(world)
    done(world, end_early, 1, ComplaintOutcome.NOT_OURS, HANDLER, "Bins.")
    text = written(world, NoticeKind.OUTCOME).text
    assert "does not reach what you complain of" in words_of(text)
    assert COMMISSIONER in text
    assert "What we found" not in text
    assert max(len(line) for line in text.splitlines()) <= 78


def test_what_was_withdrawn_has_no_outcome_to_write_of(world: World) -> None:
    acknowledged(world)
    done(world, end_early, 1, ComplaintOutcome.WITHDRAWN, HANDLER, "She rang.")
    with pytest.raises(WithdrawnHasNoOutcome, match="concordat complaint look-again 1"):
        written(world, NoticeKind.OUTCOME)


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
