"""Who hears what of a breach, and what nobody reads in a mail: the story of the Friday of the clock change."""

import re
import secrets
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from actions.breaches.affecting import affect, not_affected
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import end_early
from actions.breaches.concluding import conclude
from actions.breaches.consulting import answer_consultation, consult
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.learning import learn
from actions.breaches.listeners import coordinator
from actions.breaches.merging import merge
from actions.breaches.moving import follow_up_at, follow_ups_of
from actions.breaches.reopening import reopen
from actions.breaches.reporting import Report, report_breach
from actions.breaches.settling import settle
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.breaches.telling import (
    tell_of_awareness,
    tell_of_end,
    tell_of_facts,
    tell_of_follow_up,
    tell_of_hold,
    tell_of_local_action,
    tell_of_merger,
    tell_of_reopening,
    tell_secretary_of_report,
)
from actions.breaches.wording import begun_late, references_of
from actions.cast import known_id
from actions.duties import numbered_key, open_obligation
from actions.owing import delegate, extend, waive
from models.breach import Breach, BreachOutcome, LessonEffect, LetterHold, ReporterKind
from models.obligation import Obligation, ObligationKind
from models.outbox import Delivery, Message
from models.protocol import Contact, Role
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from rules.instants import LONDON
from rules.procedures import Limit, Moment, Urgency
from tests.actions.breach_world import DUE, FRIDAY, STEPS, follow_procedure, procedure, sweep_breaches
from tests.actions.world import SECRETARY, World, contact_of, kept, party, played_once, protocol

NAME, REACH = "Ada Lovelace", "ada.lovelace@council.example"
HAPPENED = "A referral about the Quimby family went to the wrong door."
SATURDAY = FRIDAY + timedelta(hours=20)
ROLES = {Role.COORDINATOR: "coordinator", Role.DPO: "officer"}
WORDS = "Zebedee said so."  # whatever a person writes on the way


@pytest.fixture
def friday(small_world: World) -> World:
    return with_people(small_world)


@played_once
def with_people(world: World) -> None:
    """A council with a coordinator and an officer, police likewise, each with a procedure of its own."""
    with world.act() as session:
        of = protocol(session)
        for slug in ("council", "police"):
            for role, box in ROLES.items():
                row = {"protocol_id": of.id, "party_id": party(session, slug).id, "role": role}
                session.add(Contact.model_validate(row | {"address": f"{box}@{slug}.example"}))
        party(session, "police").kind = "police"
        session.flush()
        police = procedure(*STEPS[:2], id="police", parties=("police",))
        follow_procedure(session, FRIDAY, procedure(), police)


@kept
def report(world: World, *slugs: str, **facts: Any) -> int:
    """Reported by somebody at the council; the clock has done what it does at once."""
    found: dict[FactName, Any] = {FactName.HAPPENED: HAPPENED, FactName.PARTIES: list(slugs)}
    found |= {FactName[name]: value for name, value in facts.items()}
    with world.act() as session:
        said = Report(
            facts=found, reporter_kind=ReporterKind.NAMED, reporter=NAME, reach=REACH, party="council", key=None
        )
        breach = report_breach(session, FRIDAY, protocol(session), said, "reporter", secrets.token_bytes).breach
        number = known_id(breach)
    sweep_breaches(world, FRIDAY)
    return number


def told(world: World, *kinds: str) -> Counter[tuple[str, str]]:
    """How many of each kind went to whom: “coordinator@council”."""
    rows = world.every(Message, *([col(Message.kind).in_(kinds)] if kinds else []))
    return Counter((row.address.removesuffix(".example"), row.kind) for row in rows)


def mail(world: World, to: str, kind: str) -> str:
    """The newest text of that kind to them, on one line."""
    rows = world.every(Message, Message.kind == kind, Message.address == f"{to}.example")
    return " ".join(rows[-1].text.split())


def test_the_council_s_coordinator_reads_what_to_do_by_when_and_when_the_72_hours_end(friday: World) -> None:
    report(friday, "council", "police")
    said = mail(friday, "coordinator@council", "follow_up_opened")
    assert "A breach was reported on Friday 23 October 2026 16:20 BST" in said
    assert "It may also concern Westshire Police." in said
    assert "- contain the breach (at once). Taken by: member of staff; you are asked to see to it." in said
    assert "- tell the data protection officer (by Saturday 24 October 2026 16:20 BST, one day left)." in said
    assert "“Breach procedure of Westshire Council” is the procedure that Westshire Council has given." in said
    assert "version 1" in said
    assert "Monday 26 October 2026 15:20 GMT (3 days left)" in said
    assert "because the clocks go back on Sunday 25 October" in said
    assert "(UK GDPR art. 33)" in said
    assert "part 3 of the Data Protection Act" not in said


def test_the_police_read_of_their_own_act_and_procedure(friday: World) -> None:
    report(friday, "council", "police")
    said = mail(friday, "coordinator@police", "follow_up_opened")
    assert "DPA 2018 s.67" in said
    assert "part 3 of the Data Protection Act 2018" in said
    assert "It may also concern Westshire Council." in said


def test_a_reference_can_be_quoted_from_every_mail_and_the_case_stands_in_the_subject(friday: World) -> None:
    report(friday, "council")
    rows = friday.every(Message)
    assert rows
    for row in rows:
        assert row.subject.startswith("[breach:1] ")
        assert re.search(r"BR-2026-[A-Z0-9]{6}", row.text)


def test_each_contact_has_one_mail_when_follow_ups_open(friday: World) -> None:
    report(friday, "council", "police")
    assert told(friday) == {
        ("secretary@westshire", "breach_reported"): 1,
        ("coordinator@council", "follow_up_opened"): 1,
        ("coordinator@police", "follow_up_opened"): 1,
    }


def test_whoever_takes_a_step_at_another_desk_is_told_of_it_alone(friday: World) -> None:
    report(friday, "council", PEOPLE=5)
    said = mail(friday, "officer@council", "steps_opened")
    assert "- tell the chief executive (by Saturday 24 October 2026 00:20 BST, 8 hours left). Taken by: you." in said
    assert "contain the breach" not in said
    listed = mail(friday, "coordinator@council", "follow_up_opened")
    assert "Taken by: data protection officer, who has been asked." in listed


def test_a_model_says_that_it_wants_to_be_replaced(friday: World) -> None:
    report(friday, "fire")
    said = mail(friday, "lead.member@fire", "follow_up_opened")
    assert "This is a model: replace it by your own." in said
    assert "Westshire Fire has named no address for its breach coordinator" in said


def test_where_nobody_can_be_asked_the_secretary_is_told_to_telephone(friday: World) -> None:
    with friday.act() as session:
        contact_of(session, "fire").bounced_at = FRIDAY
    report(friday, "fire")
    said = mail(friday, "secretary@westshire", "follow_up_opened")
    assert "Nobody at Westshire Fire can be reached through the addresses we have" in said
    assert "concordat breach show 1" in said


def test_a_step_that_opens_later_goes_to_whoever_takes_it(friday: World) -> None:
    number = report(friday, "council")
    assert told(friday)["officer@council", "steps_opened"] == 0
    with friday.act() as session:
        finish_step(session, SATURDAY, number, "council", "contain", "coordinator", WORDS)
    said = mail(friday, "officer@council", "steps_opened")
    assert "- investigate the cause (by the end of Friday 30 October 2026). Taken by: you." in said
    assert "To show it: the report's number." in said


def test_what_has_changed_is_said_in_numbers_and_names_and_never_in_words(friday: World) -> None:
    number = report(friday, "council", PEOPLE=2)
    new = {FactName.PEOPLE: 4, FactName.RECORDS: 7, FactName.CAUSE: WORDS, FactName.DATA: ["health"]}
    with friday.act() as session:
        state_facts(session, SATURDAY, number, new, "officer", WORDS)
    said = mail(friday, "coordinator@council", "breach_facts_changed")
    assert "- people: 2 → 4" in said
    assert "- records: unknown → 7" in said
    assert "- cause: stated anew, and kept in the record" in said
    assert "- kinds of data: stated anew, and kept in the record" in said
    assert "health" not in said
    assert told(friday, "steps_opened") == {("officer@council", "steps_opened"): 1}


def test_what_is_corrected_in_one_sitting_is_one_message_and_what_is_taken_back_is_none(friday: World) -> None:
    number, minute = report(friday, "council", PEOPLE=2, RECORDS=1), timedelta(minutes=1)

    def state(at: datetime, name: FactName, value: int) -> None:
        with friday.act() as session:
            state_facts(session, at, number, {name: value}, "officer", WORDS)

    def waiting() -> list[Message]:
        kind, to = Message.kind == "breach_facts_changed", col(Message.address).startswith("coordinator")
        return [each for each in friday.every(Message, kind, to) if each.state is Delivery.QUEUED]

    for minutes, people in ((0, 3), (2, 4), (4, 5)):
        state(SATURDAY + minutes * minute, FactName.PEOPLE, people)
    state(SATURDAY + 4 * minute, FactName.RECORDS, 7)
    [first] = waiting()
    assert "- people: 2 → 5" in first.text
    assert "- records: 1 → 7" in first.text
    assert first.next_attempt_at == SATURDAY + 5 * minute, "whoever goes on correcting does not keep it back"
    state(SATURDAY + 5 * minute, FactName.RECORDS, 1)
    state(SATURDAY + 5 * minute, FactName.PEOPLE, 2)
    assert waiting() == []
    with friday.act() as session:
        for message in session.exec(select(Message).where(Message.kind == "breach_facts_changed")):
            message.state = Delivery.ACCEPTED
    state(SATURDAY + 60 * minute, FactName.PEOPLE, 4)
    assert "- people: 2 → 4" in waiting()[0].text


def test_a_severity_that_rises_is_said_with_both_bands(friday: World) -> None:
    medium = {"dpc": {"simple": "2"}, "ei": ["1"], "cb": {}}
    high = {"dpc": {"sensitive": "4"}, "ei": ["0.75"], "cb": {"confidentiality": "0.25"}}
    number = report(friday, "council", FACTORS=medium)
    with friday.act() as session:
        state_facts(session, SATURDAY, number, {FactName.FACTORS: high}, "officer", WORDS)
    assert "- severity: medium → high" in mail(friday, "coordinator@council", "breach_facts_changed")


def test_a_party_that_is_added_is_told_and_the_others_hear_of_it_by_name(friday: World) -> None:
    number = report(friday, "council")
    with friday.act() as session:
        affect(session, SATURDAY, number, "police", SECRETARY, WORDS)
    changed = mail(friday, "coordinator@council", "breach_facts_changed")
    assert "- parties: Westshire Council → Westshire Council and Westshire Police" in changed
    assert told(friday)["coordinator@police", "follow_up_opened"] == 1
    assert told(friday)["coordinator@police", "breach_facts_changed"] == 0


def test_awareness_names_the_end_of_the_72_hours_and_what_is_left(friday: World) -> None:
    number = report(friday, "council")
    with friday.act() as session:
        record_awareness(session, SATURDAY, number, "council", FRIDAY, "officer", "officer", WORDS)
    said = mail(friday, "officer@council", "awareness_recorded")
    assert "Your organisation has 2 days and 4 hours left." in said
    assert "Monday 26 October 2026 15:20 GMT, because the clocks go back on Sunday 25 October" in said
    assert "This corrects" not in said
    with friday.act() as session:
        record_awareness(session, DUE, number, "council", FRIDAY - timedelta(hours=2), "officer", "officer", WORDS)
    corrected = mail(friday, "officer@council", "awareness_recorded")
    assert "This corrects what was recorded before." in corrected
    assert "the notice is overdue by 2 hours" in corrected


def test_a_hold_is_told_to_the_others_and_its_release_to_all(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        place_hold(session, SATURDAY, number, "police", "police", WORDS)
    assert told(friday, "letters_held") == {("coordinator@council", "letters_held"): 1}
    with friday.act() as session:
        release_hold(session, DUE, number, "police", "police", WORDS)
    assert {to for to, _ in told(friday, "letters_released")} >= {"coordinator@council", "coordinator@police"}
    assert "do it now, without undue delay" in mail(friday, "coordinator@council", "letters_released")


def test_a_hold_reaches_whoever_was_to_write_the_letters(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        record_awareness(session, SATURDAY, number, "council", FRIDAY, "officer", "officer", WORDS)
        conclude(session, SATURDAY, number, "council", Risk.HIGH, "officer", WORDS)
        place_hold(session, SATURDAY, number, "police", "police", WORDS)
    assert told(friday, "letters_held")["officer@council", "letters_held"] == 1


def test_whoever_is_told_while_a_hold_stands_reads_that_letters_wait(friday: World) -> None:
    number = report(friday, "police")
    with friday.act() as session:
        place_hold(session, FRIDAY, number, "police", "police", WORDS)
        affect(session, SATURDAY, number, "council", SECRETARY, WORDS)
    assert "Westshire Police has asked that nobody writes" in mail(friday, "coordinator@council", "follow_up_opened")


def test_a_question_between_partners_is_announced_and_stays_in_the_record(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        asked = consult(session, SATURDAY, number, "council", "police", WORDS, "council")
        answer_consultation(session, SATURDAY, asked, WORDS, "police")
    question = mail(friday, "coordinator@police", "consultation_asked")
    assert "Westshire Council has a question for Westshire Police" in question
    assert "stops no clock" in question
    assert "Westshire Police has answered" in mail(friday, "coordinator@council", "consultation_answered")


def test_whoever_stands_in_is_told_once_what_is_asked_and_why(friday: World) -> None:
    report(friday, "council")
    with friday.act() as session:
        contact_of(session, "council", Role.COORDINATOR).away_until = date(2026, 10, 30)
    sweep_breaches(friday, SATURDAY)
    assert told(friday, "steps_handed_over") == {("officer@council", "steps_handed_over"): 1}
    said = mail(friday, "officer@council", "steps_handed_over")
    assert "Somebody else there was asked before you, who is away or cannot be reached." in said
    assert "assess the breach" in said
    assert "contain the breach at once" in said
    assert (
        "You get this because the breach coordinator of Westshire Council is away, and you are its data protection "
        "officer" in said
    )


def test_the_72_hours_of_the_first_mail_count_from_when_the_report_says_it_was_noticed(friday: World) -> None:
    report(friday, "council", SUSPECTED="2026-10-21", DETECTED="2026-10-22T09:00")
    said = mail(friday, "coordinator@council", "follow_up_opened")
    assert (
        "The report says that it was first suspected on Wednesday 21 October 2026 00:00 BST. If your organisation knew "
        "then, the 72 hours end on Saturday 24 October 2026 00:00 BST"
    ) in said


def test_at_once_says_since_when_where_that_was_long_ago() -> None:
    at_once = Limit(urgency=Urgency.IMMEDIATELY, moment=Moment.DETECTED)
    moments = {Moment.DETECTED.value: FRIDAY}
    assert begun_late(at_once, LONDON, FRIDAY + timedelta(hours=23), moments) == ""
    late = begun_late(at_once, LONDON, FRIDAY + timedelta(days=2), moments)
    assert late == ": it should have been begun on Friday 23 October 2026"


def test_nothing_is_told_twice(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        record_awareness(session, SATURDAY, number, "council", FRIDAY, "officer", "officer", WORDS)
        state_facts(session, SATURDAY, number, {FactName.PEOPLE: 4}, "officer")
        hold = place_hold(session, SATURDAY, number, "police", "police", WORDS)
        duty = local_action(session)
        tell_of_local_action(session, SATURDAY, session.get_one(Breach, number), duty)
        hold_id = hold.id
    before = told(friday)
    with friday.act() as session:
        breach = session.get_one(Breach, number)
        for follow_up in follow_ups_of(session, breach):
            tell_of_follow_up(session, DUE, breach, follow_up, [])
        tell_secretary_of_report(session, DUE, breach, *references_of(session, breach), ["council"])
        tell_of_facts(session, DUE, breach)
        tell_of_awareness(session, DUE, breach, follow_up_at(session, breach, "council")[0], corrected=False)
        tell_of_hold(session, DUE, breach, session.get_one(LetterHold, hold_id), released=False)
        tell_of_local_action(session, DUE, breach, duty)
        settle(session, DUE, breach)
    assert told(friday) == before


def local_action(session: Session) -> Obligation:
    duty = open_obligation(
        session, SATURDAY, protocol(session), case="breach:1", kind=ObligationKind.LOCAL_ACTION,
        key=numbered_key(session, "breach:1", ObligationKind.LOCAL_ACTION, "council"), party=party(session, "council"),
        contact=contact_of(session, "council", Role.COORDINATOR), due_on=date(2026, 12, 18),
    )  # fmt: skip
    assert duty is not None
    return duty


def test_an_end_is_told_to_everybody_who_was_asked_and_so_is_each_later_one(friday: World) -> None:
    number = report(friday, "council", PEOPLE=5)
    for at in (SATURDAY, DUE):
        with friday.act() as session:
            end_early(session, at, number, BreachOutcome.NEAR_MISS, SECRETARY, WORDS)
            tell_of_end(session, at, session.get_one(Breach, number), None)
        with friday.act() as session:
            reopen(session, at + timedelta(hours=1), number, SECRETARY, WORDS)
            tell_of_reopening(session, at + timedelta(hours=2), session.get_one(Breach, number), None)
    assert told(friday, "breach_closed") == {
        ("coordinator@council", "breach_closed"): 2,
        ("officer@council", "breach_closed"): 2,
    }
    assert told(friday, "breach_reopened") == {("coordinator@council", "breach_reopened"): 2}
    assert "It was a near miss" in mail(friday, "coordinator@council", "breach_closed")
    assert "Please assess the breach" in mail(friday, "coordinator@council", "breach_reopened")


def test_a_party_that_is_not_concerned_hears_so_and_nothing_more(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        not_affected(session, SATURDAY, number, "police", SECRETARY, WORDS)
        end_early(session, DUE, number, BreachOutcome.NOT_A_BREACH, SECRETARY, WORDS)
    assert "does not concern Westshire Police" in mail(friday, "coordinator@police", "follow_up_ended")
    assert told(friday)["coordinator@police", "breach_closed"] == 0
    assert told(friday)["coordinator@council", "breach_closed"] == 1


def test_of_a_merger_is_told_where_it_goes_on(friday: World) -> None:
    first, second = report(friday, "council"), report(friday, "council")
    with friday.act() as session:
        merge(session, SATURDAY, second, first, SECRETARY, WORDS)
        tell_of_merger(session, DUE, session.get_one(Breach, second), session.get_one(Breach, first), {})
    assert told(friday)["coordinator@council", "breach_merged"] == 1
    assert "is the same event as breach 1" in mail(friday, "coordinator@council", "breach_merged")


def test_an_address_that_bounced_breaks_nothing_and_another_is_told(friday: World) -> None:
    number = report(friday, "council")
    with friday.act() as session:
        contact_of(session, "council", Role.COORDINATOR).bounced_at = SATURDAY
        session.flush()
        state_facts(session, SATURDAY, number, {FactName.PEOPLE: 4}, "officer")
        breach = session.get_one(Breach, number)
        assert coordinator(session, SATURDAY, breach, follow_ups_of(session, breach)[0]).contact.role is Role.DPO
    assert told(friday)["coordinator@council", "breach_facts_changed"] == 0
    assert told(friday)["officer@council", "breach_facts_changed"] == 1
    assert told(friday)["officer@council", "steps_handed_over"] == 1


def test_nothing_breaks_where_no_address_is_left_at_all(friday: World) -> None:
    number = report(friday, "council", "police")
    with friday.act() as session:
        for contact in session.exec(select(Contact)).all():
            contact.bounced_at = SATURDAY
        session.flush()
        before = len(session.exec(select(Message)).all())
        state_facts(session, SATURDAY, number, {FactName.PEOPLE: 4}, "officer")
        record_awareness(session, SATURDAY, number, "council", FRIDAY, "officer", "officer", WORDS)
        place_hold(session, SATURDAY, number, "police", "police", WORDS)
        end_early(session, DUE, number, BreachOutcome.NOT_A_BREACH, SECRETARY, WORDS)
        assert len(session.exec(select(Message)).all()) == before


def test_no_mail_holds_what_somebody_wrote_nor_who_reported_it(world: World) -> None:
    friday = with_people(world)
    number = report(friday, "council", "police", PEOPLE=2, CONSEQUENCES=WORDS, DONE=WORDS, TOLD=WORDS)
    with friday.act() as session:
        finish_step(session, SATURDAY, number, "council", "contain", "coordinator", WORDS, evidence=WORDS)
        state_facts(session, SATURDAY, number, {FactName.PEOPLE: 4, FactName.CAUSE: WORDS}, "officer", WORDS)
        record_awareness(session, SATURDAY, number, "council", FRIDAY, "officer", "officer", WORDS)
        place_hold(session, SATURDAY, number, "police", "police", WORDS)
        release_hold(session, SATURDAY, number, "police", "police", WORDS)
        asked = consult(session, SATURDAY, number, "council", "police", WORDS, "council")
        answer_consultation(session, SATURDAY, asked, WORDS, "police")
        learn(session, SATURDAY, number, "council", WORDS, WORDS, LessonEffect.ACTION, "officer", remedy=WORDS)
        _changed_by_the_secretary(session, number)
        end_early(session, DUE, number, BreachOutcome.NOT_A_BREACH, SECRETARY, WORDS)
        reopen(session, DUE, number, SECRETARY, WORDS)
    rows = friday.every(Message)
    assert len({row.kind for row in rows}) >= 13
    assert {"duty_extended", "duty_waived", "duty_delegated"} <= {row.kind for row in rows}
    for row in rows:
        read = " ".join(f"{row.subject} {row.text} {row.html} {row.calendar}".split())
        for secret in (HAPPENED, "Quimby", NAME, "Lovelace", REACH, "Zebedee"):
            assert secret not in read, row.key


def _changed_by_the_secretary(session: Session, number: int) -> None:
    council = party(session, "council")
    session.add(
        Contact(protocol_id=council.protocol_id, party_id=council.id, role=Role.DEPUTY, address="d@council.example")
    )
    session.flush()
    duty = session.exec(select(Obligation).where(Obligation.kind == ObligationKind.LOCAL_ACTION)).one()
    extend(session, SATURDAY, duty, date(2027, 3, 1), SECRETARY, WORDS)
    delegate(session, SATURDAY, duty, SECRETARY, WORDS)
    waive(session, SATURDAY, duty, SECRETARY, WORDS)


def test_a_mail_says_where_the_reason_stands_that_it_does_not_hold(friday: World) -> None:
    number = report(friday, "council")
    with friday.act() as session:
        learn(session, SATURDAY, number, "council", "haste", WORDS, LessonEffect.ACTION, "officer")
        _changed_by_the_secretary(session, number)
    for kind in ("duty_extended", "duty_waived", "duty_delegated"):
        for row in friday.every(Message, Message.kind == kind):
            assert "The reason is in the record of breach:1." in " ".join(row.text.split())
            assert "The reason is in the record of breach:1." in " ".join((row.html or "").split())
