"""A breach as the courts of this county have seen it, told in chapters that any test may play.

The police pass a safeguarding referral to a council. A council worker who has no need to opens the records, and tells
the person complained of what they say. Two parties, two laws, two clocks, letters that must wait, and a lesson.

Every chapter is one transaction; told twice, it changes nothing.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close, finish_follow_up
from actions.breaches.concluding import conclude
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.learning import learn
from actions.breaches.notifying import record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_told
from actions.breaches.reporting import Report, report_breach
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step
from actions.cast import protocol_named
from models.breach import LessonEffect, ReporterKind
from rules.breach_duties import Risk
from rules.breach_facts import FactName

COUNCIL, POLICE = "central-bedfordshire-council", "bedfordshire-police"
BREACH = 1

FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)  # 16:20 in London
OPENED = FRIDAY + timedelta(minutes=1)
SATURDAY = datetime(2026, 10, 24, 8, tzinfo=UTC)  # 09:00 in London; the clocks go back in the night that follows
MONDAY = datetime(2026, 10, 26, 11, tzinfo=UTC)
COUNCIL_DUE = datetime(2026, 10, 26, 15, 20, tzinfo=UTC)
POLICE_DUE = datetime(2026, 10, 27, 8, tzinfo=UTC)
TUESDAY = datetime(2026, 10, 27, 9, 30, tzinfo=UTC)
RELEASED = datetime(2026, 11, 3, 10, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 20, 14, tzinfo=UTC)

WORDS = (
    "A worker who had no need to opened a safeguarding referral that the police had passed to the council, and told "
    "the person complained of what it says."
)
MEDIUM = {"dpc": {"sensitive": 2}, "ei": ["1"], "cb": {"confidentiality": "0.25", "intent": "0.5"}}
HIGH = {"dpc": {"sensitive": 3}, "ei": ["1"], "cb": {"confidentiality": "0.25", "intent": "0.5"}}

Chapter = tuple[str, datetime, Callable[[Session, datetime], Any]]


def reported(session: Session, now: datetime) -> None:
    report = Report(
        facts={
            FactName.HAPPENED: WORDS, FactName.PARTIES: [COUNCIL, POLICE], FactName.DETECTED: "2026-10-23T16:20",
            FactName.PEOPLE: 2, FactName.RECORDS: "unknown", FactName.KIND: "breach",
            FactName.NATURE: "confidentiality", FactName.DATA: ["safeguarding", "criminal"],
            FactName.PEOPLE_KINDS: ["children", "victims or witnesses"],
            FactName.CLAUSES: ["7-need-to-know"], FactName.TOLD: "the team manager", FactName.ICT: "no",
        },
        reporter_kind=ReporterKind.CONFIDENTIAL, reporter="Robin Reporter", reach="robin@example.org", party=COUNCIL,
        key="the-referral",
    )  # fmt: skip
    report_breach(session, now, protocol_named(session, "bedfordshire"), report, "reporter")


def council_contains(session: Session, now: datetime) -> None:
    step(session, now, COUNCIL, "contain", "The worker's access was withdrawn.", "access log of 23 October")
    step(session, now, COUNCIL, "tell-dpo", "Told by telephone.")


def council_is_aware(session: Session, now: datetime) -> None:
    because = "The access log shows the record opened without a case."
    record_awareness(session, now, BREACH, COUNCIL, FRIDAY, "data protection officer", "secretary", because)


def police_are_aware(session: Session, now: datetime) -> None:
    because = "The council's message was read by the duty officer."
    record_awareness(session, now, BREACH, POLICE, SATURDAY, "data protection officer", "secretary", because)


def first_assessed(session: Session, now: datetime) -> None:
    state_facts(session, now, BREACH, {FactName.FACTORS: MEDIUM}, "data protection officer")
    step(session, now, COUNCIL, "assess", "Scored.", "the score sheet")


def police_hold_letters(session: Session, now: datetime) -> None:
    place_hold(session, now, BREACH, POLICE, "police", "Letters would warn a suspect.")


def more_children(session: Session, now: datetime) -> None:
    because = "The referral also names two younger children."
    facts = {FactName.PEOPLE: 4, FactName.FACTORS: HIGH}
    state_facts(session, now, BREACH, facts, "data protection officer", because)


def both_conclude(session: Session, now: datetime) -> None:
    step(session, now, POLICE, "contain", "The person was spoken to.", "log 4711")
    step(session, now, POLICE, "tell-dpo", "Told on Saturday.")
    step(session, now, POLICE, "protect", "The family was seen and is safe.")
    step(session, now, POLICE, "assess", "Scored and concluded.", "the score sheet")
    conclude(session, now, BREACH, COUNCIL, Risk.HIGH, "secretary", "The family may be put in danger.")
    conclude(session, now, BREACH, POLICE, Risk.HIGH, "secretary", "A witness may be intimidated.")


def measures(session: Session, now: datetime) -> None:
    facts = {
        FactName.DONE: "Access withdrawn; the family was seen and is safe; access to referrals is being reviewed.",
        FactName.CAUSE: "records open to everybody in the service",
    }
    state_facts(session, now, BREACH, facts, "data protection officer")


def consequences(session: Session, now: datetime) -> None:
    facts = {FactName.CONSEQUENCES: "The family may be threatened or put under pressure."}
    state_facts(session, now, BREACH, facts, "data protection officer")


def council_notifies(session: Session, now: datetime) -> None:
    record_notice(session, now, BREACH, COUNCIL, now, "secretary", regulator_reference="IC-1")


def police_notify_late(session: Session, now: datetime) -> None:
    because = "The duty officer could not reach the system on Sunday."
    record_notice(session, now, BREACH, POLICE, now, "secretary", late_because=because)


def records_counted(session: Session, now: datetime) -> None:
    state_facts(session, now, BREACH, {FactName.RECORDS: 7}, "data protection officer", "They have been counted.")


def council_supplements(session: Session, now: datetime) -> None:
    record_notice(session, now, BREACH, COUNCIL, now, "secretary", regulator_reference="IC-1")


def police_release(session: Session, now: datetime) -> None:
    release_hold(session, now, BREACH, POLICE, "police", "The suspect has been arrested.")


def people_hear(session: Session, now: datetime) -> None:
    people_told(session, now, BREACH, COUNCIL, now, "secretary", "By a social worker, in person.")
    people_told(session, now, BREACH, POLICE, now, "secretary", "Together with the council.")
    for slug in (COUNCIL, POLICE):
        partners_told(session, now, BREACH, slug, now, "secretary")


def procedures_end(session: Session, now: datetime) -> None:
    for party in (COUNCIL, POLICE):
        step(session, now, party, "tell-siro", "Told.")
        if party == COUNCIL:
            step(session, now, party, "tell-caldicott", "Told.")
        step(session, now, party, "decide", "Decided as recorded.", "minutes of the decision")
        step(session, now, party, "record", "In the register.")
        step(session, now, party, "learn", "The cause has been found.", "the report")


def lessons(session: Session, now: datetime) -> None:
    learn(
        session, now, BREACH, COUNCIL, "records open to everybody in the service",
        "The protocol does not say who may open a referral once it has been passed on.", LessonEffect.GAP, "secretary",
        remedy="Say that the receiving body limits access to those who work on the case.", clause="7-need-to-know",
    )  # fmt: skip
    learn(
        session, now, BREACH, POLICE, "passed on as agreed", "The referral went to the right address.",
        LessonEffect.NONE, "secretary", none_because="Nothing on the side of the police would have prevented it.",
    )  # fmt: skip


def all_end(session: Session, now: datetime) -> None:
    from models.breach import Breach
    from rules.breach import Stage

    if session.get_one(Breach, BREACH).stage is Stage.CLOSED:
        return
    record_notice(session, now, BREACH, COUNCIL, now, "secretary")  # that the people have been told
    finish_follow_up(session, now, BREACH, COUNCIL, "secretary")
    finish_follow_up(session, now, BREACH, POLICE, "secretary", "The council has told the Commissioner for both.")
    close(session, now, BREACH, "secretary")


def step(session: Session, now: datetime, party: str, key: str, outcome: str, evidence: str | None = None) -> None:
    finish_step(session, now, BREACH, party, key, "secretary", outcome, evidence)


STORY: tuple[Chapter, ...] = (
    ("reported", FRIDAY, reported),
    ("the council contains it", FRIDAY + timedelta(minutes=40), council_contains),
    ("the council is aware", FRIDAY + timedelta(minutes=50), council_is_aware),
    ("the police are aware", SATURDAY + timedelta(minutes=30), police_are_aware),
    ("first assessed", SATURDAY + timedelta(minutes=40), first_assessed),
    ("the police hold letters", SATURDAY + timedelta(hours=2), police_hold_letters),
    ("more children", SATURDAY + timedelta(hours=5), more_children),
    ("both conclude", SATURDAY + timedelta(hours=6), both_conclude),
    ("measures", MONDAY - timedelta(minutes=30), measures),
    ("consequences", MONDAY - timedelta(minutes=5), consequences),
    ("the council notifies", MONDAY, council_notifies),
    ("the police notify late", TUESDAY, police_notify_late),
    ("records counted", TUESDAY + timedelta(hours=5), records_counted),
    ("the council supplements", TUESDAY + timedelta(hours=6), council_supplements),
    ("the police release", RELEASED, police_release),
    ("people hear", RELEASED + timedelta(hours=3), people_hear),
    ("the procedures end", NOVEMBER, procedures_end),
    ("lessons", NOVEMBER + timedelta(hours=1), lessons),
    ("all end", NOVEMBER + timedelta(hours=2), all_end),
)
