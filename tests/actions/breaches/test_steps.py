"""Steps of a party's procedure: opened in their turn, withdrawn, opened again; done stays done."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from actions.breaches.awareness import record_awareness
from actions.breaches.changing import IsAnswered
from actions.breaches.concluding import conclude
from actions.breaches.moving import follow_up_at
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step, skip_step
from actions.breaches.steps import in_words, redate_steps, standing_of
from actions.contacts import set_contact
from actions.describing import described
from actions.forecasting import forecast_of
from actions.owing import extend, waive
from models.breach import Breach, FollowUp
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome, Reminder
from models.outbox import Message
from models.procedure import ProcedureVersion
from models.protocol import Contact, Role
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.periods import parse_period
from rules.procedure_steps import StepState
from rules.procedures import (
    Escalation,
    Limit,
    Moment,
    Procedure,
    ProcedureRole,
    ProcedureStep,
    Repeat,
    Standing,
    Test,
    Urgency,
)
from tests.actions.breach_world import (
    COORDINATOR,
    FRIDAY,
    STEPS,
    begun,
    duty_keyed,
    follow_procedure,
    procedure,
    sweep_breaches,
)
from tests.actions.databases import SLOW_ON_POSTGRES, on_both, store_of
from tests.actions.world import SECRETARY, World, contact_of, kept, party, protocol

HOUR = timedelta(hours=1)
LATER = FRIDAY + HOUR


# Most of it on SQLite: the slow run has PostgreSQL.
@pytest.fixture(params=SLOW_ON_POSTGRES)
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    return store_of(request)


@kept
def follow(world: World, *steps: ProcedureStep, slugs: tuple[str, ...] = ("council",), **facts: Any) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*steps, parties=slugs))
        begun(session, FRIDAY, *slugs, **facts)


def state(world: World, now: datetime, found: Mapping[FactName, Any], because: str | None = None) -> None:
    with world.act() as session:
        state_facts(session, now, 1, found, COORDINATOR, because)


def finish(world: World, now: datetime, step: str, outcome: str = "Done.", **how: Any) -> None:
    with world.act() as session:
        finish_step(session, now, 1, "council", step, COORDINATOR, outcome, **how)


def open_steps(world: World, slug: str = "council") -> dict[str, datetime]:
    owing = world.every(Obligation, Obligation.kind == ObligationKind.STEP)
    return {
        str(duty.subject): duty.due_at for duty in owing if duty.outcome is None and duty.key.split(":")[3] == slug
    }  # fmt: skip


def states(world: World) -> dict[str, StepState]:
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        follow_up, _ = follow_up_at(session, breach, "council")
        return {key: view.state for key, view in standing_of(session, breach, follow_up).views.items()}


@on_both
def test_only_what_has_come_to_its_turn_is_owed(world: World) -> None:
    follow(world)
    assert open_steps(world) == {"contain": LATER, "tell-dpo": FRIDAY + 24 * HOUR}
    assert states(world) == {
        "contain": StepState.OPEN, "tell-dpo": StepState.OPEN, "investigate": StepState.WAITING,
        "many": StepState.UNKNOWN, "notify": StepState.UNKNOWN,
    }  # fmt: skip
    finish(world, LATER, "contain")
    assert set(open_steps(world)) == {"tell-dpo", "investigate"}
    contain = world.only(Obligation, Obligation.subject == "contain")
    assert (contain.outcome, contain.discharged_by) == (Outcome.ANSWERED, COORDINATOR)
    assert contain.what == "contain the breach at once"
    assert world.broken(LATER) == []


@on_both
def test_two_become_four_and_a_step_is_due_that_had_not_been(world: World) -> None:
    """And three again with a reason: what nobody has done is withdrawn, and it may come back."""
    follow(world, PEOPLE=2)
    assert states(world)["many"] is StepState.NOT_NEEDED
    state(world, LATER, {FactName.PEOPLE: 4}, "Two more children.")
    assert open_steps(world)["many"] == LATER + 8 * HOUR
    state(world, LATER + HOUR, {FactName.PEOPLE: 3}, "One of them twice.")
    assert "many" not in open_steps(world)
    withdrawn = world.only(Obligation, Obligation.subject == "many")
    assert withdrawn.outcome is Outcome.SUPERSEDED
    state(world, LATER + 2 * HOUR, {FactName.PEOPLE: "unknown"}, "Nobody is sure.")
    assert "many" not in open_steps(world)
    assert states(world)["many"] is StepState.UNKNOWN
    state(world, LATER + 3 * HOUR, {FactName.PEOPLE: 5})
    assert open_steps(world)["many"] == LATER + 11 * HOUR
    assert [row.key[-2:] for row in world.every(Obligation, Obligation.subject == "many")] == [":1", ":2"]
    updates = [row.details["steps"] for row in world.every(History, History.what == "update steps")]
    assert updates == [["council:many"]] * 3
    assert world.broken(LATER + 4 * HOUR) == []


def test_what_is_done_stays_done_whatever_the_facts_become(world: World) -> None:
    follow(world, PEOPLE=4)
    finish(world, LATER, "many")
    state(world, LATER, {FactName.PEOPLE: 3}, "One fewer.")
    assert states(world)["many"] is StepState.DONE
    state(world, LATER, {FactName.PEOPLE: 9}, "More.")
    assert states(world)["many"] is StepState.DONE
    assert "many" not in open_steps(world)


def test_a_step_done_before_its_turn_is_not_asked_for(world: World) -> None:
    follow(world)
    finish(world, FRIDAY, "investigate", evidence="report 12")
    finish(world, LATER, "contain")
    assert set(open_steps(world)) == {"tell-dpo"}


@on_both
def test_what_counts_from_a_moment_is_due_anew_when_it_is_known_better_unless_somebody_gave_time(world: World) -> None:
    follow(world, *STEPS, replace(STEPS[1], id="tell-all"))
    with world.act() as session:
        extend(
            session,
            LATER,
            duty_keyed(session, "breach:1:step:council:tell-all:1"),
            date(2026, 10, 30),
            SECRETARY,
            "Yes.",
        )
    state(world, LATER, {FactName.DETECTED: "2026-10-23T10:00"})
    after = open_steps(world)
    assert after["tell-dpo"] == datetime(2026, 10, 24, 9, tzinfo=UTC)
    assert after["tell-all"] == datetime(2026, 10, 31, tzinfo=UTC)
    assert after["contain"] == FRIDAY + HOUR
    [row] = world.every(History, History.what == "due anew")
    assert row.details["obligation"] == "breach:1:step:council:tell-dpo:1"
    state(world, LATER, {FactName.DETECTED: "2026-10-23T10:00"})
    with world.act() as session:
        redate_steps(session, LATER, session.get_one(Breach, 1))
    assert len(world.every(History, History.what == "due anew")) == 1


def test_a_step_that_counts_from_awareness_is_asked_for_and_dated_once_that_is_known(world: World) -> None:
    aware = ProcedureStep(
        id="decide", do="decide", by="dpo", limit=Limit(period=parse_period("PT48H"), moment=Moment.AWARE)
    )
    follow(world, aware)
    first = open_steps(world)["decide"]
    assert first > FRIDAY + 72 * HOUR, "nobody knows yet: when Concordat asks again"
    with world.act() as session:
        duty = duty_keyed(session, "breach:1:step:council:decide:1")
        assert described(session, duty, first + HOUR).asked_at == FRIDAY, "a figure of nobody knows what is no deadline"
        record_awareness(session, LATER, 1, "council", FRIDAY, "DPO", COORDINATOR, "Read.")
    assert open_steps(world)["decide"] == FRIDAY + 48 * HOUR
    with world.read() as session:
        said = described(session, duty_keyed(session, "breach:1:step:council:decide:1"), LATER)
        assert (said.asked_at, said.due_at) == (None, FRIDAY + 48 * HOUR)


def test_the_final_answer_counts_from_the_provisional_one(world: World) -> None:
    assess = ProcedureStep(
        id="assess", do="assess", by="dpo", limit=Limit(period=parse_period("PT8H")), may_be_provisional=True,
        final=Limit(period=parse_period("PT48H"), moment=Moment.STEP, step="assess"),
    )  # fmt: skip
    then = ProcedureStep(id="then", do="go on", by="dpo", after=("assess",))
    follow(world, assess, then)
    finish(world, FRIDAY + 5 * HOUR, "assess", provisional=True, done_at=FRIDAY + 2 * HOUR)
    assert open_steps(world)["assess"] == FRIDAY + 50 * HOUR
    assert states(world) == {"assess": StepState.OPEN, "then": StepState.OPEN}, "the provisional one holds nobody up"
    finish(world, FRIDAY + 9 * HOUR, "assess")
    assert states(world)["assess"] is StepState.DONE


def test_what_is_repeated_is_asked_again_until_another_step_ends(world: World) -> None:
    look = ProcedureStep(
        id="look", do="look again", by="dpo", limit=Limit(period=parse_period("PT1H")),
        repeat=Repeat(every=parse_period("P7D"), until="end"),
    )  # fmt: skip
    follow(world, look, ProcedureStep(id="end", do="end it", by="dpo"))
    finish(world, FRIDAY + HOUR, "look")
    assert open_steps(world)["look"] == datetime(2026, 10, 31, tzinfo=UTC), "until the end of the seventh day"
    finish(world, FRIDAY + 24 * HOUR, "end")
    assert open_steps(world) == {}
    assert states(world) == {"look": StepState.DONE, "end": StepState.DONE}
    with world.read() as session:
        assert standing_of(session, session.get_one(Breach, 1), session.get_one(FollowUp, 1)).pending == []


def test_words_without_a_figure_never_become_a_date_of_the_procedure(world: World) -> None:
    words = [ProcedureStep(id=f"w{i}", do="act", by="dpo", limit=Limit(urgency=u)) for i, u in enumerate(Urgency)]
    assert [in_words(step) for step in words] == ["act at once", "act without undue delay", "act without delay"]
    follow(world, *words)
    assert open_steps(world) == {"w0": LATER, "w1": FRIDAY + 24 * HOUR, "w2": FRIDAY + 24 * HOUR}


def test_a_date_beyond_the_published_holidays_holds_up_no_step(world: World) -> None:
    far = datetime(2035, 1, 5, 12, tzinfo=UTC)
    step = ProcedureStep(id="act", do="act", by="dpo", limit=Limit(period=parse_period("2 working days")))
    plain = ProcedureStep(id="plain", do="act", by="dpo")
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(step, plain))
        begun(session, far, "council")
    assert open_steps(world) == dict.fromkeys(("act", "plain"), far + 24 * HOUR)


def test_long_words_of_a_procedure_hold_up_no_step(world: World) -> None:
    follow(world, ProcedureStep(id="act", do="a" * 299, by="dpo", limit=Limit(urgency=Urgency.IMMEDIATELY)))
    assert len(world.only(Obligation, Obligation.subject == "act").what or "") == 300


@on_both
def test_a_running_follow_up_keeps_the_version_it_began_with(world: World) -> None:
    follow(world)
    with world.act() as session:
        follow_procedure(session, LATER, procedure(STEPS[0], ProcedureStep(id="new", do="x", by="dpo"), version=2))
    finish(world, LATER, "contain")
    sweep_breaches(world, LATER)
    assert set(open_steps(world)) == {"tell-dpo", "investigate"}
    with world.act() as session:
        begun(session, LATER, "council")
    assert {row.subject for row in world.every(Obligation, Obligation.case == "breach:2")} == {None, "contain", "new"}


@on_both
def test_each_party_follows_its_own_procedure_or_a_model_for_its_kind_or_the_default(world: World) -> None:
    model = replace(procedure(STEPS[0], id="model", parties=()), standing=Standing.MODEL, kinds=("other",))
    police = replace(procedure(STEPS[1], id="police", parties=("police",)))
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(), police, model)
        party(session, "trust").kind = "nhs"
        begun(session, FRIDAY, "council", "police", "fire", "trust")
    keys = {row.id: row.key for row in world.every(ProcedureVersion)}
    followed = [keys[row.procedure_version_id] for row in world.every(FollowUp)]
    assert followed == ["westshire", "model", "police", "default"]
    assert set(open_steps(world, "police")) == {"tell-dpo"}
    assert set(open_steps(world, "fire")) == {"contain"}


def roles(only: bool) -> Procedure:
    return replace(
        procedure(ProcedureStep(id="act", do="act", by="guardian")),
        roles={
            "guardian": ProcedureRole(
                id="guardian", name="Guardian", contact="caldicott guardian", fallback=("dpo",), only=only
            ),
            "dpo": ProcedureRole(id="dpo", name="DPO", contact="data protection officer"),
        },
    )


@pytest.mark.parametrize(
    ("named", "away", "only", "asked"),
    [
        ((), False, False, Role.LEAD_MEMBER),
        ((Role.DPO,), False, False, Role.DPO),
        ((Role.DPO, Role.CALDICOTT), False, False, Role.CALDICOTT),
        ((Role.DPO, Role.CALDICOTT), True, False, Role.DPO),
        ((Role.DPO, Role.CALDICOTT), True, True, Role.CALDICOTT),
    ],
)
def test_who_is_asked(world: World, named: tuple[Role, ...], away: bool, only: bool, asked: Role) -> None:
    with world.act() as session:
        for role in named:
            set_contact(
                session, FRIDAY, protocol(session), party(session, "council"), role, f"{role.name}@c.example", "s"
            )
        if away:
            contact_of(session, "council", Role.CALDICOTT).away_until = date(2026, 10, 30)
        follow_procedure(session, FRIDAY, roles(only))
        begun(session, FRIDAY, "council")
    duty = world.only(Obligation, Obligation.subject == "act")
    assert world.only(Contact, Contact.id == duty.contact_id).role is asked


def name(session: Session, role: Role) -> None:
    set_contact(
        session, FRIDAY, protocol(session), party(session, "council"), role, f"{role.name}@c.example", SECRETARY
    )


def test_a_step_knows_whom_to_tell_when_it_is_late(world: World) -> None:
    step = ProcedureStep(
        id="act", do="act", by="dpo", limit=Limit(period=parse_period("PT8H")),
        escalate=(Escalation(after=parse_period("PT2H"), to="dpo"),),
    )  # fmt: skip
    with world.act() as session:
        name(session, Role.DPO)
    follow(world, step)
    duty = world.only(Obligation, Obligation.subject == "act")
    dpo = world.only(Contact, Contact.role == Role.DPO)
    assert (duty.escalate_to_id, duty.escalate_after) == (dpo.id, 120)


def test_when_it_is_late_that_one_is_told_and_not_the_deputy_and_the_forecast_says_so(world: World) -> None:
    step = ProcedureStep(
        id="act", do="act", by="dpo", limit=Limit(period=parse_period("PT8H")),
        escalate=(Escalation(after=parse_period("PT2H"), to="staff"),),
    )  # fmt: skip
    with world.act() as session:
        for role in (Role.DPO, Role.DEPUTY):
            name(session, role)
        siro = replace(procedure(step).roles["staff"], contact="senior information risk owner")
        name(session, Role.SIRO)
        given = procedure(step)
        follow_procedure(session, FRIDAY, replace(given, roles={**given.roles, "staff": siro}))
        begun(session, FRIDAY, "council")
    end = FRIDAY + 40 * HOUR
    with world.read() as session:
        told = [(m.at, m.address, m.kind) for m in forecast_of(session, FRIDAY, protocol(session), end)]
    newest = max((row.id or 0 for row in world.every(Message)), default=0)
    for hours in range(41):
        world.sweep(FRIDAY + hours * HOUR)
    sent = [(row.queued_at, row.address, row.kind) for row in world.every(Message, col(Message.id) > newest)]
    assert sorted(sent) == sorted(told)
    rungs = [row.rung for row in world.every(Reminder, Reminder.obligation_id == 2)]
    assert rungs == ["before-4h-owner", "at-0h-owner", "escalation", "after-24h-secretary"]
    assert (FRIDAY + 10 * HOUR, "SIRO@c.example", "duty_escalated_to_deputy") in sent


@pytest.mark.parametrize(("hours", "to"), [(2, "secretary"), (0, "owner")], ids=["at one instant", "earlier"])
def test_a_store_whose_ladder_has_a_rung_of_the_procedures_key_takes_both(world: World, hours: int, to: str) -> None:
    """Files with such a ladder are refused now."""
    step = ProcedureStep(
        id="act", do="act", by="dpo", limit=Limit(period=parse_period("PT8H")),
        escalate=(Escalation(after=parse_period("PT2H"), to="staff"),),
    )  # fmt: skip
    with world.act() as session:
        of = protocol(session)
        ladders = {**of.operating["ladders"], "step": {"rungs": [{"hours": hours, "to": to, "key": "escalation"}]}}
        of.operating = {**of.operating, "ladders": ladders}
    follow(world, step)
    for late in (8, 10):
        world.sweep(FRIDAY + late * HOUR)
    duty = world.only(Obligation, Obligation.subject == "act")
    taken = world.every(Reminder, Reminder.obligation_id == duty.id)
    assert {row.rung: row.outcome.value for row in taken} == {"escalation": "sent", "escalation of the ladder": "sent"}
    assert world.broken(FRIDAY + 10 * HOUR) == []


def test_a_step_is_skipped_and_never_waived(world: World) -> None:
    follow(world)
    key = "breach:1:step:council:contain:1"
    with pytest.raises(IsAnswered, match=r"breach step 1 council contain --skip"), world.act() as session:
        waive(session, LATER, duty_keyed(session, key), SECRETARY, "It came back by itself.")
    assert "contain" in open_steps(world)
    with world.act() as session:
        skip_step(session, LATER, 1, "council", "contain", COORDINATOR, "It came back by itself.")
    assert states(world)["contain"] is StepState.SKIPPED
    assert set(open_steps(world)) == {"tell-dpo", "investigate"}


def test_a_condition_on_what_nobody_knows_waits_and_keeps_the_case_open(world: World) -> None:
    follow(world, ProcedureStep(id="many", do="x", by="dpo", when=Test("people", "at least", 4)))
    assert open_steps(world) == {}
    with world.read() as session:
        assert standing_of(session, session.get_one(Breach, 1), session.get_one(FollowUp, 1)).pending == ["many"]
    state(world, LATER, {FactName.PEOPLE: 1})
    with world.read() as session:
        assert standing_of(session, session.get_one(Breach, 1), session.get_one(FollowUp, 1)).pending == []


def test_what_counts_from_another_step_is_dated_when_that_one_is_first_done(world: World) -> None:
    """It was open before: the procedure names the moment, and no order."""
    role, two_hours = "staff", parse_period("PT2H")
    again = Repeat(every=parse_period("PT4H"), until="last")
    first = ProcedureStep(id="first", do="look", by=role, repeat=again)
    second = ProcedureStep(
        id="second", do="tell", by=role, limit=Limit(period=two_hours, moment=Moment.STEP, step="first")
    )  # fmt: skip
    follow(world, first, second, ProcedureStep(id="last", do="end it", by=role))
    assert open_steps(world)["second"] > FRIDAY + 24 * HOUR, "nobody can count it yet"
    finish(world, LATER, "first")
    assert open_steps(world)["second"] == LATER + 2 * HOUR
    finish(world, LATER + HOUR, "first", "Again.", done_at=LATER + HOUR)
    assert open_steps(world)["second"] == LATER + 2 * HOUR, "doing that one again gives nobody more time"
    assert world.broken(LATER + HOUR) == []


def reminders(world: World, words: str) -> list[str]:
    every = (f"{each.subject} {each.text}" for each in world.every(Message) if each.kind.startswith("dut"))
    return [" ".join(each.split()) for each in every if words in " ".join(each.split())]


def test_a_step_without_a_figure_is_never_said_to_be_due_or_overdue(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "They rang.")
        conclude(session, FRIDAY, 1, "council", Risk.HIGH, "x", "A family.")
    for hours in (1, 5, 25, 49):
        world.sweep(FRIDAY + timedelta(hours=hours))
    for words in ("contain the breach at once", "tell the people concerned without undue delay"):
        said = reminders(world, words)
        assert len(said) > 1, words
        for each in said:
            about = each[each.index(words) :][:140]
            assert not re.search(r"\b(over)?due\b", about), about
            assert "first asked for on Friday 23 October 2026 16:20 BST" in each
    with world.act() as session:
        duty = duty_keyed(session, "breach:1:step:council:contain:1")
        extend(session, FRIDAY + timedelta(hours=49), duty, date(2026, 10, 30), SECRETARY, "The office is shut.")
        said_now = described(session, duty, FRIDAY)
        assert (said_now.asked_at, said_now.due_on) == (None, date(2026, 10, 30)), "the secretary has given a day"
