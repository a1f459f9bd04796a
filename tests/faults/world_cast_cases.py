"""What people do about a breach or a complaint in a simulated year."""

from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, col, select

from actions.breaches import learning
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import close as close_breach
from actions.breaches.closing import finish_follow_up
from actions.breaches.concluding import conclude as conclude_risk
from actions.breaches.holding import confirm_hold, release_hold
from actions.breaches.notifying import record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_told
from actions.breaches.stating import state_facts
from actions.breaches.stepping import finish_step, skip_step
from actions.complaints import following_up
from actions.complaints.asking_again import answer as answer_recheck
from actions.complaints.closing import close as close_complaint
from actions.complaints.determining import determine
from actions.complaints.second_reading import second_read
from actions.complaints.telling_complainant import acknowledge, report_progress, tell_outcome
from models.breach import LessonEffect
from models.complaint import Covered, Finding
from models.obligation import Obligation
from models.protocol import Party
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from tests.actions.complaint_world import NOT_COVERED, UNKNOWN, N, Y, given

SECRETARY, HANDLER, COORDINATOR = "secretary", "complaint handler", "coordinator"
LATE = "Nobody was there at the weekend."


def number_of(duty: Obligation) -> int:
    return int(duty.case.partition(":")[2])


def party_of(session: Session, duty: Obligation) -> Party:
    return session.get_one(Party, duty.party_id)


def slug_of(session: Session, duty: Obligation) -> str:
    return party_of(session, duty).slug


def about_of(duty: Obligation) -> str:
    return (duty.subject or "").partition(":")[2]


def aware(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    at = now - timedelta(minutes=rng.choice((0, 5, 600)))
    record_awareness(session, now, number_of(duty), slug_of(session, duty), at, "DPO", COORDINATOR, "They rang.")


def score(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    risk = rng.choice((Risk.HIGH, Risk.LIKELY, Risk.UNLIKELY, Risk.NOT_PERSONAL))
    conclude_risk(session, now, number_of(duty), slug_of(session, duty), risk, COORDINATOR, "The record says so.")


def state(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    facts = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "It was fetched back.", FactName.PEOPLE: 2}
    state_facts(session, now, number_of(duty), facts, COORDINATOR, "It has been counted.")


def step(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    about = (number_of(duty), slug_of(session, duty), duty.subject or "", COORDINATOR)
    if rng.random() < 0.2:
        skip_step(session, now, *about, "Nothing is left to do.")
    else:
        finish_step(session, now, *about, "Done.", "report 12")


def notice(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    record_notice(session, now, number_of(duty), slug_of(session, duty), now, COORDINATOR, late_because=LATE)


def tell_people(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    people_told(session, now, number_of(duty), slug_of(session, duty), now, COORDINATOR, "By letter.")


def tell_partners(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    partners_told(session, now, number_of(duty), slug_of(session, duty), now, COORDINATOR, LATE)


def held(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    act = release_hold if rng.random() < 0.6 else confirm_hold
    act(session, now, number_of(duty), slug_of(session, duty), COORDINATOR, "The arrest is near.")


def learn(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    effect = rng.choice([*LessonEffect])
    because = "It is unlikely again." if effect is LessonEffect.NONE else None
    learning.learn(
        session, now, number_of(duty), slug_of(session, duty), "wrong recipient", "Two lists of one name.", effect,
        COORDINATOR, none_because=because, clause="12-security",
    )  # fmt: skip


def finish(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    finish_follow_up(session, now, number_of(duty), slug_of(session, duty), COORDINATOR, "They know already.")


def close_it(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    close_breach(session, now, number_of(duty), SECRETARY)


def local_action(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    of = learning if duty.case.startswith("breach:") else following_up
    of.finish_action(session, now, duty.id or 0, HANDLER, "It is in place.")


def acknowledged(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    acknowledge(session, now, number_of(duty), HANDLER, "by letter")


def progress(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    report_progress(session, now, number_of(duty), HANDLER, "by letter", now)


def determination(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    answers = rng.choice((given(), given(clear=N), given(followed=Y), given(**NOT_COVERED), given(followed=UNKNOWN)))
    determine(session, now, number_of(duty), answers, HANDLER)


def _findings(session: Session, duty: Obligation) -> list[int]:
    statement = select(Finding.id).where(Finding.complaint_id == number_of(duty)).order_by(col(Finding.id))
    return [number for number in session.exec(statement) if number is not None]


def a_gap(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    for number in _findings(session, duty):
        following_up.open_gap(session, now, number, "The text does not say it.", HANDLER, urgent=rng.random() < 0.2)


def an_action(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    for number in _findings(session, duty):
        following_up.act_locally(session, now, number, "The form is changed.", HANDLER)


def a_breach(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    for number in _findings(session, duty):
        following_up.open_breach(session, now, number, "A list went to the wrong address.", HANDLER)


def nothing_changes(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    for number in _findings(session, duty):
        following_up.change_nothing(session, now, number, HANDLER, "All was as agreed.")


def outcome_told(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    tell_outcome(session, now, number_of(duty), HANDLER, "by letter")


def complaint_closed(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    close_complaint(session, now, number_of(duty), HANDLER)


def read_again(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    second_read(session, now, int(about_of(duty)), rng.random() < 0.8, "another analyst", "So the record says.")


def recheck(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    covered = rng.choice([*Covered])
    answer_recheck(session, now, number_of(duty), about_of(duty), covered, HANDLER, "The new sentence says so.")
