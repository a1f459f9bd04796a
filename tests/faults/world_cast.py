"""What people do in a simulated year about what they owe: answer in time, late or never, once or twice.

An answer is one or more acts, each in a transaction of its own and each told the same dice again when it is repeated:
somebody presses the button twice, or sends the form again because no answer came.
"""

from collections.abc import Callable
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
from actions.confirming import ItemAnswer, confirm
from actions.proposals import Proposed, standing_proposals
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, seek_advice, unadvised
from actions.review_feedback import give_feedback
from actions.review_signing import decline, sign
from actions.signatures import version_of
from models.breach import LessonEffect
from models.complaint import Covered, Finding
from models.obligation import Obligation, ObligationKind
from models.protocol import Party, Version
from models.review import ConfirmationAnswer, Decision, DecisionOutcome, Magnitude, Review
from rules.breach_duties import Risk
from rules.breach_facts import FactName
from tests.actions.complaint_world import NOT_COVERED, UNKNOWN, N, Y, given
from tests.actions.world import CLAUSES, ITEMS

Act = Callable[[Session, datetime, Obligation, Random], object]

SECRETARY, HANDLER, COORDINATOR = "secretary", "complaint handler", "coordinator"
LATE = "Nobody was there at the weekend."


def _number(duty: Obligation) -> int:
    return int(duty.case.partition(":")[2])


def _party(session: Session, duty: Obligation) -> Party:
    return session.get_one(Party, duty.party_id)


def _slug(session: Session, duty: Obligation) -> str:
    return _party(session, duty).slug


def _about(duty: Obligation) -> str:
    return (duty.subject or "").partition(":")[2]


# A review


def feedback(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    speaks = rng.random() < 0.4
    wording = f"{rng.choice(('Records', 'Requests', 'Copies'))} are kept for {rng.randint(2, 4)} years."
    proposed = (Proposed(clause=rng.choice([*CLAUSES]), wording=wording, problem="It has happened."),)
    give_feedback(
        session, now, _number(duty), _party(session, duty), "lead member", no_comments=not speaks,
        proposals=proposed if speaks else (),
    )  # fmt: skip


def draft(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, _number(duty))
    by_words: dict[tuple[int, str], int] = {}
    for proposal in standing_proposals(session, review):
        first = by_words.setdefault((proposal.clause_id, proposal.wording), proposal.id or 0)
        if first != proposal.id:
            merge(session, now, proposal.id or 0, first, SECRETARY, "They say the same.")
    for proposal in standing_proposals(session, review):
        classify(session, now, proposal.id or 0, rng.choice([*Magnitude]), SECRETARY, "Because.")
    if unadvised(session, review):
        seek_advice(session, now, review.id or 0, SECRETARY)
    elif standing_proposals(session, review):
        begin_deciding(session, now, review.id or 0, SECRETARY)
    else:
        conclude(session, now, review.id or 0, SECRETARY)


def advise(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    give_advice(session, now, int(_about(duty)), "It is lawful.", "adviser", rng.random() < 0.2)


def go_to_the_group(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    begin_deciding(session, now, _number(duty), SECRETARY)


def decide_all(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, _number(duty))
    decided = set(session.exec(select(Decision.proposal_id)))
    taken: set[int] = set()
    for proposal in standing_proposals(session, review):
        outcome = DecisionOutcome.REJECTED if proposal.clause_id in taken else rng.choice([*DecisionOutcome])
        taken.add(proposal.clause_id)
        if proposal.id not in decided:
            changed = outcome is DecisionOutcome.ACCEPTED_WITH_CHANGES
            wording = f"{proposal.wording} Or longer." if changed else None
            decide(
                session, now, proposal.id or 0, outcome, SECRETARY, because="So it is.", wording=wording, dissent="No."
            )  # fmt: skip


def conclude_review(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    conclude(session, now, _number(duty), SECRETARY)


def signature(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    version = session.exec(select(Version).where(Version.label == _about(duty))).one()
    party = _party(session, duty)
    if rng.random() < 0.15:
        decline(session, now, version, party, "lead member", "Our own Act says otherwise.")
    else:
        sign(session, now, version, party, "lead member", position="Chief Executive", sha256=version.sha256)


def confirmation(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, _number(duty))
    answers = [ItemAnswer(item=item, answer=ConfirmationAnswer.IN_PLACE) for item in ITEMS]
    if duty.kind is ObligationKind.IMPLEMENTATION:
        answers = [each for each in answers if each.item == _about(duty)]
    elif rng.random() < 0.4:
        until = now.date() + timedelta(days=rng.randint(5, 60))
        why = "It has been ordered."
        answers[-1] = ItemAnswer(item=answers[-1].item, answer=ConfirmationAnswer.NOT_YET, by_when=until, why=why)
    confirm(session, now, review, version_of(session, review), _party(session, duty), answers, "lead member")


# A breach


def aware(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    at = now - timedelta(minutes=rng.choice((0, 5, 600)))
    record_awareness(session, now, _number(duty), _slug(session, duty), at, "DPO", COORDINATOR, "They rang.")


def score(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    risk = rng.choice((Risk.HIGH, Risk.LIKELY, Risk.UNLIKELY, Risk.NOT_PERSONAL))
    conclude_risk(session, now, _number(duty), _slug(session, duty), risk, COORDINATOR, "The record says so.")


def state(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    facts = {FactName.CONSEQUENCES: "Distress.", FactName.DONE: "It was fetched back.", FactName.PEOPLE: 2}
    state_facts(session, now, _number(duty), facts, COORDINATOR, "It has been counted.")


def step(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    about = (_number(duty), _slug(session, duty), duty.subject or "", COORDINATOR)
    if rng.random() < 0.2:
        skip_step(session, now, *about, "Nothing is left to do.")
    else:
        finish_step(session, now, *about, "Done.", "report 12")


def notice(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    record_notice(session, now, _number(duty), _slug(session, duty), now, COORDINATOR, late_because=LATE)


def tell_people(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    people_told(session, now, _number(duty), _slug(session, duty), now, COORDINATOR, "By letter.")


def tell_partners(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    partners_told(session, now, _number(duty), _slug(session, duty), now, COORDINATOR, LATE)


def held(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    act = release_hold if rng.random() < 0.6 else confirm_hold
    act(session, now, _number(duty), _slug(session, duty), COORDINATOR, "The arrest is near.")


def learn(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    effect = rng.choice([*LessonEffect])
    because = "It is unlikely again." if effect is LessonEffect.NONE else None
    learning.learn(
        session, now, _number(duty), _slug(session, duty), "wrong recipient", "Two lists of one name.", effect,
        COORDINATOR, none_because=because, clause="12-security",
    )  # fmt: skip


def finish(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    finish_follow_up(session, now, _number(duty), _slug(session, duty), COORDINATOR, "They know already.")


def close_it(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    close_breach(session, now, _number(duty), SECRETARY)


def local_action(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    of = learning if duty.case.startswith("breach:") else following_up
    of.finish_action(session, now, duty.id or 0, HANDLER, "It is in place.")


# A complaint


def acknowledged(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    acknowledge(session, now, _number(duty), HANDLER, "by letter")


def progress(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    report_progress(session, now, _number(duty), HANDLER, "by letter", now)


def determination(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    answers = rng.choice((given(), given(clear=N), given(followed=Y), given(**NOT_COVERED), given(followed=UNKNOWN)))
    determine(session, now, _number(duty), answers, HANDLER)


def _findings(session: Session, duty: Obligation) -> list[int]:
    statement = select(Finding.id).where(Finding.complaint_id == _number(duty)).order_by(col(Finding.id))
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
    tell_outcome(session, now, _number(duty), HANDLER, "by letter")


def complaint_closed(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    close_complaint(session, now, _number(duty), HANDLER)


def read_again(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    second_read(session, now, int(_about(duty)), rng.random() < 0.8, "another analyst", "So the record says.")


def recheck(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    covered = rng.choice([*Covered])
    answer_recheck(session, now, _number(duty), _about(duty), covered, HANDLER, "The new sentence says so.")


K = ObligationKind
ANSWERS: dict[ObligationKind, tuple[Act, ...]] = {
    K.FEEDBACK:         (feedback,),
    K.DRAFTING:         (draft,),
    K.ADVICE:           (advise, go_to_the_group),
    K.DECISION:         (decide_all, conclude_review),
    K.SIGNATURE:        (signature,),
    K.CONFIRMATION:     (confirmation,),
    K.IMPLEMENTATION:   (confirmation,),
    K.ASSESSMENT:       (aware, score),
    K.STEP:             (step,),
    K.NOTICE:           (state, notice),
    K.TELLING_PEOPLE:   (tell_people,),
    K.TELLING_PARTNERS: (tell_partners,),
    K.HOLD:             (held,),
    K.LEARNING:         (state, learn, finish, close_it),
    K.LOCAL_ACTION:     (local_action,),
    K.ACKNOWLEDGEMENT:  (acknowledged,),
    K.PROGRESS:         (progress,),
    K.ANALYSIS:         (determination, a_gap, an_action, a_breach, nothing_changes, outcome_told, complaint_closed),
    K.SECOND_READING:   (read_again, a_gap, outcome_told, complaint_closed),
    K.RECHECK:          (recheck,),
}  # fmt: skip
