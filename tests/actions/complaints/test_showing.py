"""What is shown of a complaint: all that is known, nothing that a reader may not see, and commands that go on."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from actions.complaints.closing import close, end_early, look_again
from actions.complaints.complaint_lines import Wanted, complaint_counts, complaint_lines
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, change_nothing, finish_action, open_breach, open_gap
from actions.complaints.receiving import restate_days
from actions.complaints.referring import refer
from actions.complaints.second_reading import second_read
from actions.complaints.showing import NotForThatParty, complaint_view
from actions.complaints.shown import ComplaintView
from actions.complaints.telling_complainant import acknowledge, tell_outcome
from actions.owing import extend
from models.complaint import ComplaintOutcome, Recheck
from models.obligation import ObligationKind
from models.protocol import Version
from rules.complaint import ComplaintKind, Stage
from tests.actions.complaint_world import (
    HANDLER,
    NOT_COVERED,
    TOLD,
    UNKNOWN,
    WEDNESDAY,
    N,
    acknowledged,
    found,
    given,
    received,
)
from tests.actions.databases import on_postgres_among_the_slow
from tests.actions.world import SECRETARY, World, duty_of

pytestmark = on_postgres_among_the_slow

LATER = WEDNESDAY + timedelta(days=2)


def view(world: World, number: int = 1, reader: str | None = None, now: Any = WEDNESDAY) -> ComplaintView:
    with world.read() as session:
        return complaint_view(session, now, number, reader)


def test_a_day_that_was_extended_is_not_explained_by_how_it_was_counted(world: World) -> None:
    with world.act() as session:
        received(session, kind=ComplaintKind.CONCERN)
    assert "end on Wednesday 9 December 2026" in (view(world).counted or "")
    with world.act() as session:
        duty = duty_of(session, ObligationKind.ACKNOWLEDGEMENT, "police")
        extend(session, WEDNESDAY, duty, date(2027, 1, 29), SECRETARY, "Busy.")
    assert view(world).counted is None


def test_all_that_was_told_is_there_and_how_its_days_were_counted(world: World) -> None:
    with world.act() as session:
        received(session, wanted="An apology.", reach="by letter", attachments=("file 12",))
    shown = view(world)
    assert (shown.what, shown.wanted, shown.reach, shown.attachments) == (
        TOLD,
        "An apology.",
        "by letter",
        ("file 12",),
    )
    assert (shown.happened_from, shown.happened_to, shown.version) == (date(2026, 5, 6), date(2026, 5, 6), "4.2")
    assert shown.counted is not None
    assert "30 days from Wednesday 25 November 2026" in shown.counted
    [duty] = shown.duties
    assert (duty.party, duty.due_on, duty.days_left, duty.overdue) == ("police", date(2026, 12, 29), 34, False)
    assert duty.command == "concordat complaint acknowledge 1 --how TEXT"
    assert view(world, now=WEDNESDAY + timedelta(days=40)).duties[0].overdue is True
    json.dumps(asdict(shown), default=str)


def test_only_whoever_answers_it_and_the_secretary_read_how_whoever_complained_is_reached(world: World) -> None:
    with world.act() as session:
        received(session, received_by="council", reach="SECRET")
    assert view(world).reach == "SECRET"
    assert view(world, reader="council").reach == "SECRET"
    assert view(world, reader="police").reach is None
    assert view(world).suggestion is not None
    assert view(world, reader="council").suggestion is None
    with pytest.raises(NotForThatParty, match="neither answers complaint 1"):
        view(world, reader="fire")


def test_the_words_that_point_to_a_clause_are_shown_and_other_scripts_say_why_nothing_is(world: World) -> None:
    with world.act() as session:
        received(session, what="The records were not kept locked, and consent was not asked for in writing.")
        received(session, what="Они передали мой адрес")
    first, second = view(world).suggestion, view(world, 2).suggestion
    assert first is not None
    assert second is not None
    assert {"7-consent", "12-security"} <= {clause.id for clause in first.clauses}
    assert all(clause.because for clause in first.clauses)
    assert {clause.heading for clause in first.clauses} <= {"Consent", "Security", "Breaches"}
    assert (second.clauses, "Latin script" in str(second.unread)) == ((), True)


def test_a_corrected_finding_stands_beneath_the_one_in_its_place(world: World) -> None:
    number = acknowledged(world)
    first = found(world, number, given(followed=UNKNOWN))
    undetermined = view(world).findings[0]
    assert (undetermined.result, undetermined.what_matters) == ("undetermined", ("followed",))
    assert (
        view(world).next[-1].startswith(f"concordat complaint correct finding:{first} --clause CLAUSE --covered ANSWER")
    )
    with world.act() as session:
        correct(session, LATER, first, given(), "another", "The file was read.")
    [finding] = view(world).findings
    assert (finding.result, finding.by, finding.because) == ("breakdown", "another", "The file was read.")
    assert [(each.number, each.result) for each in finding.corrected] == [(first, "undetermined")]
    answers = {answer.question: answer for answer in finding.answers}
    assert (answers["followed"].answer, answers["followed"].evidence) == ("no", "record")
    assert answers["harm"].because == "So it is with “harm”."
    assert (finding.clause, finding.heading, finding.version) == ("12-security", "Security", "4.2")


def test_what_is_not_asked_says_so_and_what_is_kept_in_view_is_there(world: World) -> None:
    number = acknowledged(world)
    found(world, number, given(**(NOT_COVERED | {"harm": N})))
    [finding] = view(world).findings
    assert [answer.answer for answer in finding.answers] == ["no", None, None, "no"]
    assert (finding.clause, finding.heading) == (None, None)
    assert finding.observation == "No clause covers it, and nobody was harmed."
    assert finding.wanting == (("no change",),)


def test_what_followed_is_shown_with_how_far_it_is(world: World) -> None:
    number = acknowledged(world)
    finding = found(world, number, given(clear=N))
    wanted = [f"concordat complaint {name} finding:{finding}" for name in ("action", "breach", "gap", "nothing")]
    commands = [command.partition(" --")[0] for command in view(world).next]
    assert [name for name in wanted if name in commands] == wanted
    with world.act() as session:
        action = act_locally(session, WEDNESDAY, finding, "A checklist.", HANDLER)
        open_gap(session, WEDNESDAY, finding, "Who asks?", HANDLER)
        open_breach(session, WEDNESDAY, finding, "An address was passed on.", HANDLER)
        obligation = action.obligation_id
    effects = {effect.effect: effect for effect in view(world).findings[0].effects}
    assert str(effects["local action"].standing).startswith("owed by ")
    assert [effects[name].standing for name in ("gap", "breach")] == ["open", "reported"]
    assert f"concordat complaint done {obligation} --outcome TEXT" in view(world).next
    assert obligation is not None
    with world.act() as session:
        finish_action(session, LATER, obligation, HANDLER, "In place.")
    assert view(world).findings[0].effects[0].standing == "in place"


def test_what_was_told_says_whether_it_was_late(world: World) -> None:
    with world.act() as session:
        received(session)
        received(session)
        acknowledge(session, WEDNESDAY + timedelta(days=34), 1, HANDLER, "by letter")  # the last day
        determine(session, WEDNESDAY, 2, given(), HANDLER)
        tell_outcome(session, WEDNESDAY + timedelta(days=35), 2, HANDLER, "by letter")
    now = WEDNESDAY + timedelta(days=36)
    assert [(notice.kind, notice.late) for notice in view(world, 1, now=now).notices] == [("acknowledgement", False)]
    assert [(notice.kind, notice.late) for notice in view(world, 2, now=now).notices] == [("outcome", True)]
    with world.read() as session:
        assert [line.late for line in complaint_lines(session, now)] == [False, True]


def test_a_referral_is_shown_and_the_wrong_body_is_named_after_the_acknowledgement(world: World) -> None:
    with world.act() as session:
        received(session, received_by="council")
    assert view(world).next[:3] == (
        "concordat complaint letter 1 acknowledgement",
        "concordat complaint acknowledge 1 --how TEXT",
        "concordat complaint refer 1 police --because TEXT",
    )
    assert view(world).result is None
    with world.act() as session:
        refer(session, LATER, 1, "police", HANDLER, "It is theirs.")
    [hop] = view(world).referrals
    assert (hop.sender, hop.to, hop.because) == ("council", "police", "It is theirs.")
    assert (view(world).complaint.handler, view(world).received_by) == ("police", "council")
    assert not any("refer" in command.split() and "police" in command for command in view(world).next)


def test_a_second_reader_is_named_with_the_command(world: World) -> None:
    number = acknowledged(world, kind=ComplaintKind.DISAGREEMENT)
    finding = found(world, number)
    command = f"concordat complaint read-again finding:{finding} ANSWER --because TEXT --by NAME"
    assert command in view(world).next
    with world.act() as session:
        second_read(session, WEDNESDAY, finding, False, "reader", "The text says otherwise.")
    reading = view(world).findings[0].reading
    assert reading is not None
    assert (reading.agrees, reading.by) == (False, "reader")
    assert any(each.startswith(f"concordat complaint correct finding:{finding} ") for each in view(world).next)


def test_after_a_version_it_is_asked_again_and_says_how(world: World) -> None:
    number = acknowledged(world)
    finding = found(world, number)
    with world.act() as session:
        change_nothing(session, WEDNESDAY, finding, HANDLER, "Enough.")
        tell_outcome(session, WEDNESDAY, number, HANDLER, "by letter")
        close(session, WEDNESDAY, number, HANDLER)
        version = session.exec(select(Version).where(Version.label == "4.2")).one()
        session.add(Recheck(complaint_id=number, version_id=version.id or 0, asked_at=LATER))
    [asked] = view(world).rechecks
    assert (asked.version, asked.answer) == ("4.2", None)
    assert view(world).next == ("concordat complaint recheck 1 4.2 ANSWER --because TEXT",)


def test_the_list_is_narrowed_by_stage_kind_party_and_clause_and_the_counts_agree(world: World) -> None:
    first = acknowledged(world)
    found(world, first)
    with world.act() as session:
        received(session, kind=ComplaintKind.CONCERN, about="council", received_by=None)
    cases = [
        (Wanted(), [1, 2]), (Wanted(stage=Stage.DETERMINED), [1]), (Wanted(kind=ComplaintKind.CONCERN), [2]),
        (Wanted(clause="12-security"), [1]), (Wanted(clause="7-consent"), []), (Wanted(ended=False), [1, 2]),
    ]  # fmt: skip
    with world.read() as session:
        for wanted, numbers in cases:
            assert [line.number for line in complaint_lines(session, WEDNESDAY, wanted=wanted)] == numbers
        counts = complaint_counts(session, WEDNESDAY + timedelta(days=60))
    assert (counts.open, counts.overdue) == (2, 2)


def test_the_version_stays_what_it_was_when_it_came_in(world: World) -> None:
    with world.act() as session:
        received(session)
        restate_days(session, LATER, 1, date(2026, 6, 1), date(2026, 6, 2), HANDLER, "It was June.")
    shown = view(world)
    assert (shown.happened_from, shown.version) == (date(2026, 6, 1), "4.2")
    assert shown.version_because == "Version 4.2 was in force on Monday 1 June 2026."


def test_one_that_has_ended_and_owes_nothing_can_be_looked_at_again(world: World) -> None:
    number = acknowledged(world)
    with world.act() as session:
        end_early(session, WEDNESDAY, number, ComplaintOutcome.WITHDRAWN, HANDLER, "By telephone.")
    assert view(world).next == ("concordat complaint look-again 1 --because TEXT",)


def test_looked_at_again_any_finding_may_be_corrected(world: World) -> None:
    number = acknowledged(world)
    finding = found(world, number)
    with world.act() as session:
        look_again(session, LATER, number, HANDLER, "More is known.")
    assert [command for command in view(world).next if f"correct finding:{finding} " in command]
    again = acknowledged(world, kind=ComplaintKind.DISAGREEMENT)
    found(world, again)
    assert not [command for command in view(world, again).next if " correct " in command], "it is being read"
