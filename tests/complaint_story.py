"""From two complaints and a concern to seventeen answers under a new version, told in chapters that any test may play.

A father complains to the wrong body that a referral named who had called. What is found is a breakdown, and, looked at
again, an inadequacy too: a gap, which a mother's complaint joins. The review proposes words for it, is advised, decides
with a dissent, and the parties sign. A nurse's concern leaves a gap that nobody answers.

Every chapter is one transaction; told twice, it changes nothing.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from actions.cast import active_parties, known_id, party_named, protocol_named
from actions.clauses import clause_named, clause_text
from actions.complaints.answering import Answered, Given
from actions.complaints.asking_again import answer
from actions.complaints.closing import close
from actions.complaints.determining import correct, determine
from actions.complaints.following_up import act_locally, finish_action, open_breach, open_gap
from actions.complaints.receiving import Received, receive
from actions.complaints.referring import refer
from actions.complaints.standing import all_findings_of
from actions.complaints.telling_complainant import acknowledge, report_progress, tell_outcome
from actions.gaps.answering import name_answers
from actions.gaps.living import assign, mark_urgent
from actions.policy import today_of
from actions.proposals import Proposed, standing_proposals
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, seek_advice
from actions.review_feedback import give_feedback
from actions.review_opening import set_review_date
from actions.review_signing import decline, sign
from actions.signatures import version_of
from models.complaint import Complaint, ComplaintEffect, Covered
from models.obligation import Obligation, ObligationKind
from models.protocol import Protocol
from models.review import Decision, DecisionOutcome, Magnitude, Review
from rules.complaint import ComplaintKind
from rules.determination import Answer, Effect, Evidence

SLUG = "bedfordshire"
POLICE, COUNCIL, BEDFORD = "bedfordshire-police", "central-bedfordshire-council", "bedford-borough-council"
TRUST, FIRE = "bedfordshire-nhs-hospital-trust", "bedfordshire-fire-and-rescue-service"
CLAUSE = "7-need-to-know"
HANDLER, SECRETARY = "complaint handler", "secretary"
FATHER, NURSE, MOTHER = "the-father", "the-nurse", "the-mother"
FIRST_GAP, SECOND_GAP = 1, 2

RECEIVED = datetime(2026, 12, 2, 10, tzinfo=UTC)  # a Wednesday: thirty days end on New Year's Day
ACKNOWLEDGE_BY = date(2027, 1, 4)  # the Monday after it
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
CLOSES = datetime(2027, 3, 31, 23, tzinfo=UTC)
SIGNED_FROM = datetime(2027, 4, 26, 10, tzinfo=UTC)
LAST_WORD = datetime(2027, 7, 12, 10, tzinfo=UTC)

HAPPENED = (
    "In May I rang the police because I feared for my children, and asked that nobody learn who had called. Their "
    "referral to the council gave my name, which nobody needed to know, and their mother found out that it was me."
)
CONCERN = "Lists of discharged patients are sent every Monday, and nobody knows who still needs them."
COPIED = "My report about next door was copied to four offices with my name, and no one needed to know it was me."
WANTING = "The clause does not say that whoever told of a concern is left out where the purpose does not need them."
NO_OWNER = "Nobody says who owns a standing list of recipients, and when it is looked at again."
SENTENCE = "Whoever told of a concern is left out, unless the purpose needs them and the reason is recorded."
DISSENT = "The fire service would have kept the words as they are: they bind whoever is in doubt too much."

Chapter = tuple[str, datetime, Callable[[Session, datetime], Any]]


def protocol(session: Session) -> Protocol:
    return protocol_named(session, SLUG)


def number(session: Session, key: str) -> int:
    return known_id(session.exec(select(Complaint).where(Complaint.key == f"{SLUG}:{key}")).one())


def finding(session: Session, key: str, place: int = -1) -> int:
    """The newest of that complaint's."""
    return known_id(all_findings_of(session, session.get_one(Complaint, number(session, key)))[place])


def said(covered: Answer, followed: Answer | None, clear: Answer | None, harm: Answer, because: str) -> Given:
    answers = {"covered": covered, "followed": followed, "clear": clear, "harm": harm}
    answered: dict[str, Any] = {
        name: Answered(answer=each, because=because, evidence=Evidence.RECORD, reference="the referral and its log")
        for name, each in answers.items()
        if each is not None
    }
    return Given(clause=CLAUSE if covered is Answer.YES else None, **answered)


def the_year_is_set(session: Session, now: datetime) -> None:
    set_review_date(session, now, protocol(session), date(2027, 3, 31), SECRETARY)


def a_father_complains_to_the_wrong_body(session: Session, now: datetime) -> None:
    came = Received(
        kind=ComplaintKind.PERSON, what=HAPPENED, about=POLICE, received_by=BEDFORD, received_at=RECEIVED,
        happened_from=date(2026, 5, 11), wanted="That it does not happen to others.", key=FATHER,
        attachments=["BBC/2026/1187"],
    )  # fmt: skip
    receive(session, now, protocol(session), came, "front desk")


def it_is_referred(session: Session, now: datetime) -> None:
    refer(session, now, number(session, FATHER), POLICE, "front desk", "It is about what the police passed on.")


def the_police_acknowledge_it(session: Session, now: datetime) -> None:
    acknowledge(session, now, number(session, FATHER), HANDLER, "by letter", now)


def a_nurse_is_worried(session: Session, now: datetime) -> None:
    came = Received(kind=ComplaintKind.CONCERN, what=CONCERN, about=TRUST, key=NURSE, received_at=now)
    receive(session, now, protocol(session), came, SECRETARY)
    acknowledge(session, now, number(session, NURSE), SECRETARY, "by e-mail", now)


def the_police_answer_the_four_questions(session: Session, now: datetime) -> None:
    given = said(Answer.YES, Answer.NO, Answer.YES, Answer.YES, "The form was sent as it had been filled in.")
    determine(session, now, number(session, FATHER), given, HANDLER)


def somebody_looks_at_it_again(session: Session, now: datetime) -> None:
    given = said(Answer.YES, Answer.NO, Answer.NO, Answer.YES, "The clause speaks of what is shared, not of who told.")
    first = finding(session, FATHER, 0)
    because = "The clause does not say it."
    correct(session, now, first, given, "data protection officer", because)


def what_follows(session: Session, now: datetime) -> None:
    found = finding(session, FATHER)
    act_locally(session, now, found, "The form leaves out who called, unless somebody says why not.", HANDLER)
    open_gap(session, now, found, WANTING, HANDLER)
    report_progress(session, now, number(session, FATHER), HANDLER, "by letter", now)


def the_father_hears(session: Session, now: datetime) -> None:
    tell_outcome(session, now, number(session, FATHER), HANDLER, "by letter", now)
    close(session, now, number(session, FATHER), HANDLER)


def the_nurses_concern_is_a_gap(session: Session, now: datetime) -> None:
    given = said(Answer.NO, None, None, Answer.YES, "The protocol has no word on standing lists.")
    determine(session, now, number(session, NURSE), given, SECRETARY)
    open_gap(session, now, finding(session, NURSE), NO_OWNER, SECRETARY)
    close(session, now, number(session, NURSE), SECRETARY)


def a_mother_complains(session: Session, now: datetime) -> None:
    came = Received(
        kind=ComplaintKind.DISCLOSURE, what=COPIED, about=COUNCIL, received_by=COUNCIL, received_at=now,
        happened_from=date(2026, 11, 2), happened_to=date(2026, 11, 6), key=MOTHER,
    )  # fmt: skip
    receive(session, now, protocol(session), came, "front desk")


def hers_is_the_same_gap_and_a_breach(session: Session, now: datetime) -> None:
    """Answered within the thirty days: nothing had to be acknowledged before."""
    given = said(Answer.YES, Answer.NO, Answer.NO, Answer.YES, "Four offices were on the list, and one had asked.")
    determine(session, now, number(session, MOTHER), given, HANDLER)
    found = finding(session, MOTHER)
    open_gap(session, now, found, "It says the same as the father’s.", HANDLER, gap_id=FIRST_GAP)
    open_breach(session, now, found, "A report was copied to three offices that had no need of it.", HANDLER)
    tell_outcome(session, now, number(session, MOTHER), HANDLER, "by letter", now)
    close(session, now, number(session, MOTHER), HANDLER)


def the_police_own_it(session: Session, now: datetime) -> None:
    assign(session, now, FIRST_GAP, POLICE, SECRETARY)
    mark_urgent(session, now, FIRST_GAP, SECRETARY, "Two bodies within a month; people were put in danger.")


def the_form_is_changed(session: Session, now: datetime) -> None:
    action = session.exec(
        select(ComplaintEffect.obligation_id).where(ComplaintEffect.effect == Effect.ACTION)
    ).one()  # fmt: skip
    finish_action(session, now, action or 0, HANDLER, "The new form is in use since Monday.")


def the_clock_alone(_session: Session, _now: datetime) -> None:
    """Nobody does anything."""


def review(session: Session) -> Review:
    """The one that was opened."""
    opened = select(Review).where(col(Review.opened_at).is_not(None))
    return session.exec(opened.order_by(col(Review.id)).limit(1)).one()


def feedback_comes_in(session: Session, now: datetime) -> None:
    """Two propose the same; all others have nothing to say."""
    of = protocol(session)
    _, text = clause_text(session, of, clause_named(session, of, CLAUSE))
    proposed = Proposed(clause=CLAUSE, wording=f"{text} {SENTENCE}", problem="It has happened twice since autumn.")
    for party in active_parties(session, of, today_of(of, now)):
        speaks = party.slug in (POLICE, COUNCIL)
        give_feedback(
            session, now, known_id(review(session)), party, f"{party.slug} (lead member)", no_comments=not speaks,
            proposals=(proposed,) if speaks else (),
        )  # fmt: skip


def proposals_are_sorted(session: Session, now: datetime) -> None:
    first, *others = standing_proposals(session, review(session))
    for other in others:
        merge(session, now, known_id(other), known_id(first), SECRETARY, "They ask for the same words.")
    if session.get_one(Review, review(session).id).stage.value != "drafting":
        return
    name_answers(session, now, known_id(first), [f"gap:{FIRST_GAP}"], SECRETARY)
    classify(session, now, known_id(first), Magnitude.MAJOR, SECRETARY, "It changes who may be named.")
    seek_advice(session, now, known_id(review(session)), SECRETARY)


def the_adviser_answers(session: Session, now: datetime) -> None:
    [proposal] = standing_proposals(session, review(session))
    give_advice(session, now, known_id(proposal), "Lawful, and what the courts have come to expect.", "adviser")
    if review(session).stage.value == "advising":
        begin_deciding(session, now, known_id(review(session)), SECRETARY)


def the_group_decides(session: Session, now: datetime) -> None:
    [proposal] = standing_proposals(session, review(session))
    decide(
        session, now, known_id(proposal), DecisionOutcome.ACCEPTED, SECRETARY, because="It would have helped twice.",
        dissent=DISSENT, decided_on=date(2027, 4, 21),
    )  # fmt: skip
    if session.exec(select(Decision)).all() and review(session).stage.value == "deciding":
        conclude(session, now, known_id(review(session)), SECRETARY)


def most_sign(session: Session, now: datetime) -> None:
    """All but two on one day."""
    of, version = protocol(session), version_of(session, review(session))
    for party in active_parties(session, of, date(2027, 4, 26)):
        if party.slug not in (FIRE, COUNCIL):
            sign(
                session, now, version, party, f"{party.slug} (lead member)", position="Chief Executive",
                sha256=version.sha256, signed_on=date(2027, 4, 26),
            )  # fmt: skip


def one_declines(session: Session, now: datetime) -> None:
    fire = party_named(session, protocol(session), FIRE)
    decline(session, now, version_of(session, review(session)), fire, f"{FIRE} (lead member)", "As in the dissent.")


def the_last_one_signs(session: Session, now: datetime) -> None:
    version, council = version_of(session, review(session)), party_named(session, protocol(session), COUNCIL)
    sign(
        session, now, version, council, f"{COUNCIL} (lead member)", position="Director of Children’s Services",
        sha256=version.sha256, signed_on=date(2027, 7, 5),
    )  # fmt: skip


def they_are_asked_again(session: Session, now: datetime) -> None:
    label = version_of(session, review(session)).label
    answer(session, now, number(session, FATHER), label, Covered.YES, HANDLER, "The name would have been left out.")
    answer(session, now, number(session, MOTHER), label, Covered.PARTLY, HANDLER, "The list would have been as long.")


def owed_again(session: Session) -> list[Obligation]:
    return list(session.exec(select(Obligation).where(Obligation.kind == ObligationKind.RECHECK)))


def _at(month: int, day: int, hour: int = 10, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


STORY: tuple[Chapter, ...] = (
    ("the year is set", RECEIVED - timedelta(days=1), the_year_is_set),
    ("a father complains to the wrong body", RECEIVED, a_father_complains_to_the_wrong_body),
    ("it is referred", RECEIVED + timedelta(hours=5), it_is_referred),
    ("the police acknowledge it", _at(12, 4, year=2026), the_police_acknowledge_it),
    ("a nurse is worried", _at(12, 9, year=2026), a_nurse_is_worried),
    ("the police answer the four questions", _at(12, 21, year=2026), the_police_answer_the_four_questions),
    ("somebody looks at it again", _at(12, 22, year=2026), somebody_looks_at_it_again),
    ("what follows", _at(12, 23, year=2026), what_follows),
    ("the father hears", _at(1, 5), the_father_hears),
    ("the nurse's concern is a gap", _at(1, 6), the_nurses_concern_is_a_gap),
    ("a mother complains", _at(1, 12), a_mother_complains),
    ("hers is the same gap, and a breach", _at(1, 26), hers_is_the_same_gap_and_a_breach),
    ("the police own it", _at(1, 27), the_police_own_it),
    ("the form is changed", _at(2, 15), the_form_is_changed),
    ("the review opens by itself", OPENS, the_clock_alone),
    ("feedback comes in", _at(3, 8), feedback_comes_in),
    ("feedback closes by itself", CLOSES, the_clock_alone),
    ("proposals are sorted", _at(4, 6), proposals_are_sorted),
    ("the adviser answers", _at(4, 14), the_adviser_answers),
    ("the group decides", _at(4, 22), the_group_decides),
    ("most sign", SIGNED_FROM, most_sign),
    ("one declines", _at(5, 17), one_declines),
    ("the last one signs", _at(7, 5), the_last_one_signs),
    ("they are asked again", LAST_WORD, they_are_asked_again),
)
