"""The notice: complete from the record but for what it names, late only with reasons, and nobody's name in it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from actions.breaches.awareness import AwarenessNeeded, aware_since, record_awareness
from actions.breaches.concluding import assess, conclude, decide_duty, set_regime
from actions.breaches.duties import LiesAhead
from actions.breaches.merging import merge
from actions.breaches.moving import follow_up_at
from actions.breaches.notice_references import references_in
from actions.breaches.notifying import (
    Draft,
    GivenBefore,
    ReferenceTooLong,
    differences_from_notice,
    differs_from_notice,
    draft_notice,
    record_notice,
)
from actions.breaches.showing import breach_view
from actions.breaches.stating import state_facts
from models.breach import Breach, BreachDuty, BreachReport, NoticeKind, RegulatorNotice, ReporterKind
from models.history import History, Narrative
from models.obligation import Obligation, ObligationKind, Outcome
from models.protocol import Contact, Role
from rules.breach_duties import Capacity, DutyKind, LateWithoutReasons, Regime, Risk
from rules.breach_facts import FactName
from rules.regulator_notice import missing_in_words
from rules.severity_factors import read_factors
from tests.actions.breach_world import DUE, FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, kept, party, protocol

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
MONDAY = DUE - 4 * HOUR  # 11:00 in London
EVERYTHING: dict[str, Any] = {
    "NATURE": "confidentiality", "PEOPLE_KINDS": "children", "PEOPLE": 2, "DATA": "safeguarding", "RECORDS": 1,
    "CONSEQUENCES": "Distress to the family.", "DONE": "The letter was collected.",
    "DETECTED": "2026-10-23T16:10+01:00", "OCCURRED_FROM": "2026-10-22",
}  # fmt: skip


@kept
def begin(world: World, *slugs: str, aware: bool = True, risk: Risk | None = Risk.LIKELY, **facts: Any) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
        of, council = protocol(session), party(session, "council")
        session.add(Contact(protocol_id=of.id, party_id=council.id, role=Role.DPO, address="dpo@council.example"))
        begun(session, FRIDAY, *slugs, **(EVERYTHING | facts))
        if aware:
            record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "The family rang.")
        if risk is not None:
            conclude(session, FRIDAY, 1, "council", risk, "x", "Children are concerned.")


def drafted(world: World, now: Any = MONDAY, slug: str = "council") -> Draft:
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        return draft_notice(session, now, breach, follow_up_at(session, breach, slug)[0])


def given(world: World, at: Any = MONDAY, now: Any = None, **more: Any) -> None:
    with world.act() as session:
        record_notice(session, now or at, 1, "council", at, "officer", **more)


def differing(world: World) -> tuple[str, ...]:
    with world.read() as session:
        breach = session.get_one(Breach, 1)
        return differs_from_notice(session, breach, follow_up_at(session, breach, "council")[0])


def regulator(world: World) -> BreachDuty:
    return world.only(BreachDuty, BreachDuty.kind == DutyKind.REGULATOR, BreachDuty.follow_up_id == 1)


def state(session: Session, **facts: Any) -> None:
    found = {FactName[name]: value for name, value in facts.items()}
    state_facts(session, MONDAY, 1, found, "x", "Known better now.")


def test_the_notice_is_complete_but_for_one_field_which_it_names(world: World) -> None:
    begin(world, CONSEQUENCES="unknown")
    draft = drafted(world)
    assert draft.missing == ()
    assert draft.content["unknown"] == ["consequences"]
    assert "Still unknown, to follow in a supplement when it is known: consequences." in draft.text


def test_what_nobody_has_stated_is_missing_and_unknown_is_said_and_never_zero(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY, PEOPLE="unknown")
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "They rang.")
    draft = drafted(small_world)
    missing = ("nature", "kinds of people", "kinds of data", "records", "consequences", "measures")
    assert set(draft.missing) == set(missing)
    assert all(f"- Missing (UK GDPR art. 33(3)): {name}." in draft.text for name in missing_in_words(missing))
    assert "Approximate number of people: unknown" in draft.text
    assert "Approximate number of records: not stated yet" in draft.text
    assert not draft.complete


def test_it_says_what_happened_when_to_whom_what_was_done_and_whom_to_ask(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        assess(session, FRIDAY, 1, read_factors(["sensitive=4"], ["0.75"], ["intent=0.5"]), "x")
    draft = drafted(small_world)
    words = " ".join(draft.text.split())
    for said in (
        "A safeguarding referral went to the wrong family.", "Nature: confidentiality",
        "Occurred from: Thursday 22 October 2026", "Detected: Friday 23 October 2026 16:10 BST",
        "Became aware: Friday 23 October 2026 16:20 BST", "Categories of people: children",
        "Approximate number of people: 2", "Categories of data: safeguarding", "Approximate number of records: 1",
        "Distress to the family.", "The letter was collected.", "Data protection officer, dpo@council.example",
        "UK GDPR art. 33.", "They have not been told: the risk to people is not high", "3.50 (high)",
        "The score is advice.", "Westshire Council", "initial notice",
    ):  # fmt: skip
        assert said in words, said
    assert draft.complete
    assert "Not complete" not in words
    assert json.loads(json.dumps(draft.content))["aware"] == FRIDAY.isoformat()


def test_no_line_of_the_paper_is_longer_than_78(small_world: World) -> None:
    begin(small_world, HAPPENED="A referral went astray and was found again. " * 40, CONSEQUENCES="## Distress\n> all")
    text = drafted(small_world).text
    assert max(map(len, text.splitlines())) <= 78
    assert "## " not in text


def test_a_law_enforcement_controller_cites_its_own_act(small_world: World) -> None:
    begin(small_world, risk=None)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "Prosecutions.")
        state(session, NATURE="unknown")
    draft = drafted(small_world)
    assert "under DPA 2018 s.67." in draft.text
    assert draft.content["content law"] == "DPA 2018 s.67(4)"


@pytest.mark.parametrize("kind", [ReporterKind.NAMED, ReporterKind.CONFIDENTIAL])
def test_no_name_no_reporter_and_no_reference_of_theirs_is_in_it(small_world: World, kind: ReporterKind) -> None:
    begin(small_world, HAPPENED="Robin Example found Mrs Patel's letter.")
    with small_world.act() as session:
        session.add(
            BreachReport.model_validate(
                {
                    "breach_id": 1, "reference": "BR-2026-7K3Q9M", "code_hash": "x", "code_made_at": FRIDAY,
                    "reporter_kind": kind, "reporter": "Robin Example", "reach": "robin@home.example",
                    "received_at": FRIDAY,
                }
            )
        )  # fmt: skip
        state(session, DONE="Write to robin@home.example for it.")
    draft = drafted(small_world)
    everything = draft.text + json.dumps(draft.content)
    for never in ("Robin", "Patel", "robin@home.example", "BR-2026"):
        assert never not in everything
    assert not draft.complete
    assert draft.notice.to_restate == ("what happened", "measures")
    assert "Withheld: “what happened” seems to name somebody" in " ".join(draft.text.split())
    given(small_world)
    assert small_world.only(RegulatorNotice).missing == ["what happened", "measures"]


def test_exactly_at_the_72_hours_end_it_is_in_time(small_world: World) -> None:
    begin(small_world)
    given(small_world, DUE)
    assert (regulator(small_world).done_at, regulator(small_world).late_because_id) == (DUE, None)
    assert small_world.broken(DUE) == []


def test_one_second_after_it_is_late_and_goes_only_with_reasons(world: World) -> None:
    begin(world)
    with pytest.raises(LateWithoutReasons, match=r"Monday 26 October 2026 15:20 GMT.*--late-because"):
        given(world, DUE + SECOND)
    assert world.every(RegulatorNotice) == []
    given(world, DUE + SECOND, late_because="The office was shut.")
    [why] = world.every(Narrative, Narrative.id == regulator(world).late_because_id)
    assert why.text == "The office was shut."
    text = world.only(Narrative, Narrative.id == world.only(RegulatorNotice).text_id).text or ""
    assert "The office was shut." in text
    assert "The 72 hours ended on Monday 26 October 2026 15:20 GMT." in " ".join(text.split())
    assert world.broken(DUE + SECOND) == []


def test_what_was_given_in_time_may_be_recorded_after_the_hours_are_over(small_world: World) -> None:
    begin(small_world)
    given(small_world, MONDAY, now=DUE + 9 * HOUR)
    assert regulator(small_world).late_because_id is None


def test_it_is_neither_given_in_the_future_nor_before_the_party_was_aware(small_world: World) -> None:
    begin(small_world)
    with pytest.raises(LiesAhead):
        given(small_world, MONDAY + SECOND, now=MONDAY)
    with pytest.raises(GivenBefore, match="became aware"):
        given(small_world, FRIDAY - SECOND, now=MONDAY)
    given(small_world, FRIDAY, now=MONDAY)
    with small_world.act() as session:
        record_awareness(session, MONDAY, 1, "council", FRIDAY - HOUR, "officer", "x", "Read on the phone.")
    with pytest.raises(GivenBefore, match="first notice"):
        given(small_world, FRIDAY - SECOND, now=MONDAY)


def test_without_an_awareness_there_is_no_notice(small_world: World) -> None:
    begin(small_world, aware=False, risk=None)
    with pytest.raises(AwarenessNeeded, match="concordat breach aware 1 council"):
        given(small_world)


def test_the_first_notice_answers_the_duty_and_each_later_one_is_a_supplement_that_restarts_nothing(
    world: World,
) -> None:
    begin(world, RECORDS="unknown")
    given(world, MONDAY, regulator_reference="INV/0042")
    assert world.only(Obligation, Obligation.kind == ObligationKind.NOTICE).outcome is Outcome.ANSWERED
    with world.act() as session:
        state(session, RECORDS=3, PEOPLE=4)
    later = DUE + 100 * HOUR
    given(world, later)
    first, second = world.every(RegulatorNotice)
    assert (first.kind, second.kind) == (NoticeKind.INITIAL, NoticeKind.SUPPLEMENT)
    assert (first.content["facts"]["people"], second.content["facts"]["people"]) == (2, 4)
    assert second.content["given"] == later.isoformat()
    assert (regulator(world).done_at, regulator(world).due_at) == (MONDAY, DUE)
    assert len(world.duties(ObligationKind.NOTICE)) == 1
    text = world.only(Narrative, Narrative.id == second.text_id).text or ""
    assert "supplement number 1" in text
    assert "Reasons for the delay" not in text
    assert world.broken(later) == []


def test_the_same_notice_twice_is_one_and_the_regulators_reference_may_follow(small_world: World) -> None:
    begin(small_world)
    given(small_world)
    before = small_world.rows()
    given(small_world, now=MONDAY + HOUR)
    assert small_world.rows() == before
    for _ in range(2):
        given(small_world, now=MONDAY + HOUR, regulator_reference="INV/0042")
    assert len(small_world.every(RegulatorNotice)) == 1
    assert small_world.moves("breach:1").count("regulator's reference") == 1
    with small_world.read() as session:
        assert references_in(session, session.get_one(Breach, 1)) == {("council", "regulator", 1): "INV/0042"}
    with pytest.raises(ReferenceTooLong):
        given(small_world, now=MONDAY + HOUR, regulator_reference="x" * 61)


def test_it_may_be_given_in_phases_with_what_is_missing_on_record(small_world: World) -> None:
    with small_world.act() as session:
        follow_procedure(session, FRIDAY, procedure())
        begun(session, FRIDAY)
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "officer", "x", "They rang.")
    given(small_world)
    assert "people" in small_world.only(RegulatorNotice).missing
    assert regulator(small_world).done_at == MONDAY


def test_a_notice_that_was_not_required_is_recorded_and_is_never_late(small_world: World) -> None:
    begin(small_world, risk=Risk.UNLIKELY)
    given(small_world, DUE + HOUR)
    assert (regulator(small_world).required, regulator(small_world).done_at) == (False, DUE + HOUR)
    [why] = small_world.every(Narrative, Narrative.id == regulator(small_world).late_because_id)
    assert "own accord" in (why.text or "")
    assert small_world.broken(DUE + HOUR) == []


def test_a_supplement_brings_the_reasons_that_a_correction_made_necessary(small_world: World) -> None:
    begin(small_world)
    given(small_world, DUE)
    with small_world.act() as session:
        record_awareness(session, DUE, 1, "council", FRIDAY - HOUR, "officer", "x", "Read on the phone.")
    given(small_world, DUE + HOUR, late_because="Nobody had read the message.")
    [why] = small_world.every(Narrative, Narrative.id == regulator(small_world).late_because_id)
    assert why.text == "Nobody had read the message."


def test_when_facts_change_after_the_notice_it_is_said_which(small_world: World) -> None:
    begin(small_world)
    assert differing(small_world) == ()
    given(small_world)
    assert differing(small_world) == ()
    with small_world.act() as session:
        state(session, PEOPLE=4)
    assert differing(small_world) == ("people",)
    with small_world.read() as session:
        breach = session.get_one(Breach, 1)
        [found] = differences_from_notice(session, breach, follow_up_at(session, breach, "council")[0])
    assert found.words == "The notice given says 2 people, 4 are known: a supplement may be due."
    given(small_world, MONDAY + HOUR)
    assert differing(small_world) == ()


def test_a_processor_tells_its_controller_and_is_never_late(small_world: World) -> None:
    begin(small_world, risk=None)
    with small_world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    assert "To the controller, under UK GDPR art. 33(2)." in drafted(small_world).text
    given(small_world, DUE + 100 * HOUR)
    controller = small_world.only(BreachDuty, BreachDuty.kind == DutyKind.CONTROLLER)
    assert controller.done_at == DUE + 100 * HOUR
    assert regulator(small_world).done_at is None
    assert small_world.broken(DUE + 100 * HOUR) == []


def test_who_told_its_controller_gives_the_regulator_a_first_notice_when_it_is_a_controller_after_all(
    world: World,
) -> None:
    begin(world)
    with world.act() as session:
        set_regime(session, FRIDAY, 1, "council", Regime.UK_GDPR, Capacity.PROCESSOR, "x", "It hosts the records.")
    given(world, FRIDAY + HOUR)
    given(world, FRIDAY + 2 * HOUR)
    with world.act() as session:
        set_regime(session, FRIDAY + 2 * HOUR, 1, "council", Regime.UK_GDPR, Capacity.CONTROLLER, "x", "It decides.")
    assert differing(world) == (), "nothing was told to the regulator that could differ"
    assert "initial notice" in drafted(world).text
    with pytest.raises(LateWithoutReasons):
        given(world, DUE + SECOND)
    given(world, FRIDAY + HOUR, now=MONDAY)  # earlier than the second to the controller, and no earlier than its own
    given(world, MONDAY)
    found = [(row.addressee.value, row.number, row.kind) for row in world.every(RegulatorNotice)]
    assert found == [
        ("controller", 1, NoticeKind.INITIAL), ("controller", 2, NoticeKind.SUPPLEMENT),
        ("regulator", 1, NoticeKind.INITIAL), ("regulator", 2, NoticeKind.SUPPLEMENT),
    ]  # fmt: skip
    assert regulator(world).done_at == FRIDAY + HOUR
    assert world.moves("breach:1").count("notice given") == 2
    assert world.broken(MONDAY) == []


def test_the_regulators_reference_may_follow_also_after_the_awareness_was_corrected_to_later(world: World) -> None:
    begin(world)
    given(world, FRIDAY)
    with world.act() as session:  # as a store of an earlier version has it, which took this as a correction
        breach, of = session.get_one(Breach, 1), follow_up_at(session, session.get_one(Breach, 1), "council")
        aware_since(session, MONDAY, breach, *of, FRIDAY + HOUR, "officer", "x", "It was certain then only.")
    for _ in range(2):
        given(world, FRIDAY, now=MONDAY, regulator_reference="INV/0042")
    assert len(world.every(RegulatorNotice)) == 1
    with world.read() as session:
        assert references_in(session, session.get_one(Breach, 1)) == {("council", "regulator", 1): "INV/0042"}
    with pytest.raises(GivenBefore):
        given(world, FRIDAY + SECOND, now=MONDAY)


def test_the_paper_speaks_by_the_protocols_own_clock(small_world: World) -> None:
    begin(small_world)
    with small_world.act() as session:
        of = protocol(session)
        of.zone = "Europe/Paris"
        session.add(of)
    words = " ".join(drafted(small_world, DUE + HOUR).text.split())
    assert "Became aware: Friday 23 October 2026 17:20 CEST" in words
    assert "Detected: Friday 23 October 2026 17:10 CEST" in words
    assert "The 72 hours ended on Monday 26 October 2026 16:20 CET." in words


def test_why_the_people_are_not_told_is_told(small_world: World) -> None:
    begin(small_world, risk=Risk.HIGH)
    with small_world.act() as session:
        decide_duty(session, FRIDAY, 1, "council", DutyKind.PEOPLE, "x", "the letter came back unopened")
    assert "They have not been told: the letter came back unopened." in " ".join(drafted(small_world).text.split())


def test_history_tells_of_the_notice_without_its_words(small_world: World) -> None:
    begin(small_world)
    given(small_world, regulator_reference="INV/0042")
    row = small_world.only(History, History.what == "notice given")
    assert row.details["party"] == "council"
    assert "family" not in json.dumps(row.details)


def references_shown(world: World, number: int = 1) -> list[str | None]:
    with world.read() as session:
        view = breach_view(session, MONDAY, session.get_one(Breach, number))
        return [notice.regulator_reference for each in view.follow_ups for notice in each.notices]


def test_a_reference_that_follows_is_shown_with_its_notice_and_goes_with_it_into_a_merger(world: World) -> None:
    begin(world)
    given(world, MONDAY)
    given(world, MONDAY, regulator_reference="INV/0042")
    assert references_shown(world) == ["INV/0042"]
    given(world, MONDAY, regulator_reference="INV/0043")
    assert references_shown(world) == ["INV/0043"], "the first one was a slip"
    with world.act() as session:
        begun(session, FRIDAY)
        merge(session, MONDAY, 1, 2, "x", "One letter, reported twice.")
    assert references_shown(world, 2) == ["INV/0043"]
    assert world.broken(MONDAY) == []


def test_a_reference_is_taken_by_the_minute_that_a_page_shows(world: World) -> None:
    begin(world)
    given(world, MONDAY + 20 * SECOND, now=MONDAY + HOUR)
    given(world, MONDAY, now=MONDAY + HOUR, regulator_reference="INV/0042")
    assert references_shown(world) == ["INV/0042"]
    assert len(world.every(RegulatorNotice)) == 1
