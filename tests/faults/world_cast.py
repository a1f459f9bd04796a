"""What people do in a simulated year about what they owe: answer in time, late or never, once or twice.

An answer is one or more acts, each in a transaction of its own and each told the same dice again when it is repeated:
somebody presses the button twice, or sends the form again because no answer came.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, select

from actions.confirming import ItemAnswer, confirm
from actions.proposals import Proposed, standing_proposals
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, seek_advice, unadvised
from actions.review_feedback import give_feedback
from actions.review_signing import decline, sign
from actions.signatures import version_of
from models.obligation import Obligation, ObligationKind
from models.protocol import Version
from models.review import ConfirmationAnswer, Decision, DecisionOutcome, Magnitude, Review
from tests.actions.world import CLAUSES, ITEMS
from tests.faults.world_cast_cases import (
    a_breach,
    a_gap,
    about_of,
    acknowledged,
    an_action,
    aware,
    close_it,
    complaint_closed,
    determination,
    finish,
    held,
    learn,
    local_action,
    nothing_changes,
    notice,
    number_of,
    outcome_told,
    party_of,
    progress,
    read_again,
    recheck,
    score,
    state,
    step,
    tell_partners,
    tell_people,
)

Act = Callable[[Session, datetime, Obligation, Random], object]

SECRETARY = "secretary"


def feedback(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    speaks = rng.random() < 0.4
    wording = f"{rng.choice(('Records', 'Requests', 'Copies'))} are kept for {rng.randint(2, 4)} years."
    proposed = (Proposed(clause=rng.choice([*CLAUSES]), wording=wording, problem="It has happened."),)
    give_feedback(
        session, now, number_of(duty), party_of(session, duty), "lead member", no_comments=not speaks,
        proposals=proposed if speaks else (),
    )  # fmt: skip


def draft(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, number_of(duty))
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
    give_advice(session, now, int(about_of(duty)), "It is lawful.", "adviser", rng.random() < 0.2)


def go_to_the_group(session: Session, now: datetime, duty: Obligation, _rng: Random) -> None:
    begin_deciding(session, now, number_of(duty), SECRETARY)


def decide_all(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, number_of(duty))
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
    conclude(session, now, number_of(duty), SECRETARY)


def signature(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    version = session.exec(select(Version).where(Version.label == about_of(duty))).one()
    party = party_of(session, duty)
    if rng.random() < 0.15:
        decline(session, now, version, party, "lead member", "Our own Act says otherwise.")
    else:
        sign(session, now, version, party, "lead member", position="Chief Executive", sha256=version.sha256)


def confirmation(session: Session, now: datetime, duty: Obligation, rng: Random) -> None:
    review = session.get_one(Review, number_of(duty))
    answers = [ItemAnswer(item=item, answer=ConfirmationAnswer.IN_PLACE) for item in ITEMS]
    if duty.kind is ObligationKind.IMPLEMENTATION:
        answers = [each for each in answers if each.item == about_of(duty)]
    elif rng.random() < 0.4:
        until = now.date() + timedelta(days=rng.randint(5, 60))
        why = "It has been ordered."
        answers[-1] = ItemAnswer(item=answers[-1].item, answer=ConfirmationAnswer.NOT_YET, by_when=until, why=why)
    confirm(session, now, review, version_of(session, review), party_of(session, duty), answers, "lead member")


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
