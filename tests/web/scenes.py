"""Everything open at once, for the tests that walk every page there is.

A breach of a council and the police in the middle of its clocks, with letters held and questions asked, others at
their beginning and their end; complaints in every stage; gaps; the law changed; messages in every state; and a review
that goes on from scene to scene. No page is named here: a page finds what its address asks for (`tests.web.places`).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.access.signing_in import make_sign_in
from actions.access.tokens import make_token
from actions.breaches.affecting import not_affected
from actions.breaches.asking_reporter import ask_reporter
from actions.breaches.awareness import record_awareness
from actions.breaches.closing import end_early
from actions.breaches.concluding import conclude as conclude_in_law
from actions.breaches.consulting import consult
from actions.breaches.deciding import decide_duty
from actions.breaches.learning import learn
from actions.breaches.reporting import Report, report_breach
from actions.cast import known_id, party_named
from actions.complaints.closing import close
from actions.complaints.determining import determine
from actions.complaints.following_up import act_locally, open_gap
from actions.complaints.paper import keep_paper
from actions.complaints.receiving import Received, receive
from actions.complaints.telling_complainant import acknowledge, tell_outcome
from actions.confirming import ItemAnswer, checklist, confirm
from actions.gaps.answering import name_answers
from actions.gaps.living import assign, close_gap, open_gap_for
from actions.law.changing import record_change
from actions.law.told import ChangeOfLaw
from actions.policy import today_of
from actions.proposals import Proposed, standing_proposals
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, seek_advice
from actions.review_feedback import give_feedback
from actions.review_opening import open_annual
from actions.review_signing import adopt, sign
from actions.signatures import version_of
from actions.voices import Stance, give_view
from cli.clockwork import run_clock
from models.access import ConsoleUser, Standing
from models.breach import BreachOutcome, BreachReport, LessonEffect, ReporterKind
from models.outbox import Delivery, Message
from models.protocol import Protocol
from models.review import ConfirmationAnswer, DecisionOutcome, Magnitude, Review
from models.store import transaction
from rules.breach_duties import DutyKind, Risk
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind
from rules.determination import Answer
from tests import breach_story
from tests.actions.world import put_back, saved
from tests.complaint_story import said
from tests.web.site import START, Site, loaded_site

COUNCIL, POLICE, BEDFORD = "central-bedfordshire-council", "bedfordshire-police", "bedford-borough-council"
FIRE, LUTON, TRUST = "bedfordshire-fire-and-rescue-service", "luton-borough-council", "bedfordshire-nhs-hospital-trust"
SECRETARY = "secretary"
# Stands in what parties A (the council and the police) and their reporter wrote, and on no page of anybody else's.
PRIVATE = "zzprivate"
TODAY = START + timedelta(days=4, hours=2)
OPENED = TODAY - timedelta(days=1)

Scene = Callable[[Session, datetime, Protocol], Any]


def breaches(session: Session, now: datetime, protocol: Protocol) -> None:
    """The second begins; the third is no breach for one of its parties; the fourth was a near miss."""
    _reported(session, now, protocol, "second", COUNCIL, POLICE)
    _reported(session, now, protocol, "third", FIRE, LUTON)
    _reported(session, now, protocol, "fourth", TRUST)
    for report in session.exec(select(BreachReport).where(col(BreachReport.breach_id) <= 2)):
        ask_reporter(session, now, known_id(report), f"Which day was it? {PRIVATE}-question", "coordinator")


def _reported(session: Session, now: datetime, protocol: Protocol, key: str, *slugs: str) -> None:
    facts = {FactName.HAPPENED: f"A letter about a child went to the wrong house ({PRIVATE}-{key}).",
             FactName.PARTIES: list(slugs), FactName.PEOPLE: 3}  # fmt: skip
    kind = ReporterKind.ANONYMOUS if key == "third" else ReporterKind.CONFIDENTIAL
    sent = Report(
        facts=facts, reporter_kind=kind, key=key, reporter=None if key == "third" else f"Robin {PRIVATE}",
        reach=None if key == "third" else "robin@example.org",
    )  # fmt: skip
    report_breach(session, now, protocol, sent, "reporter")


def breaches_go_on(session: Session, now: datetime, _protocol: Protocol) -> None:
    words = f"{PRIVATE}-words between two parties"
    consult(session, now, 1, COUNCIL, POLICE, f"May we write to the family? {words}", "data protection officer")
    consult(session, now, 1, POLICE, COUNCIL, f"Who had access? {words}", "data protection officer")
    learn(
        session, now, 1, COUNCIL, "open to all", f"Access was wide. {words}", LessonEffect.ACTION, SECRETARY,
        remedy="Access by case only.",
    )  # fmt: skip
    aware, by = now - timedelta(hours=3), "data protection officer"
    record_awareness(session, now, 2, COUNCIL, aware, by, by, f"The family rang. {words}")
    conclude_in_law(session, now, 2, COUNCIL, Risk.HIGH, by, f"The other parent may find them. {words}")
    decide_duty(session, now, 2, COUNCIL, DutyKind.PARTNERS, by, f"They share the case. {words}", required=True)
    not_affected(session, now, 3, LUTON, "coordinator", "Nothing of ours was in it.")
    end_early(session, now, 4, BreachOutcome.NEAR_MISS, SECRETARY, "It was found unopened.")


def complaints(session: Session, now: datetime, protocol: Protocol) -> None:
    """One received, one acknowledged, one being analysed by two, one determined, one closed."""

    def came(key: str, kind: ComplaintKind, about: str, **more: Any) -> int:
        told = Received(
            kind=kind, what=f"They passed on where I live, and nobody had asked me ({PRIVATE}-{key}).", about=about,
            happened_from=date(2026, 5, 6), key=key, **({"received_by": about} | more),
        )  # fmt: skip
        return known_id(receive(session, now - timedelta(days=3), protocol, told, "front desk"))

    came("first", ComplaintKind.PERSON, POLICE, wanted="An apology.")
    acknowledged = came("second", ComplaintKind.DISCLOSURE, COUNCIL)
    acknowledge(session, now, acknowledged, "complaint handler", "by letter", now)
    by_two = came("third", ComplaintKind.DISAGREEMENT, TRUST, received_by=None)
    breakdown = said(Answer.YES, Answer.NO, Answer.YES, Answer.YES, f"The form was not shown. {PRIVATE}-why")
    inadequate = said(Answer.YES, Answer.YES, Answer.NO, Answer.YES, "The clause can be read in two ways.")
    determine(session, now, by_two, inadequate, SECRETARY)
    found = determine(session, now, came("fourth", ComplaintKind.PERSON, POLICE), breakdown, "complaint handler")
    act_locally(session, now, known_id(found), f"The form is shown first. {PRIVATE}-action", "complaint handler")
    determine(session, now, came("fifth", ComplaintKind.PERSON, FIRE), breakdown, "complaint handler")
    last = came("sixth", ComplaintKind.PERSON, POLICE)
    found = determine(session, now, last, inadequate, "complaint handler")
    open_gap(session, now, known_id(found), "It can be read in two ways.", "complaint handler")
    tell_outcome(session, now, last, "complaint handler", "by letter", now)
    close(session, now, last, "complaint handler")


def gaps(session: Session, now: datetime, protocol: Protocol) -> None:
    """The first came from a complaint; one is owned; one is closed."""
    owned = open_gap_for(session, now, protocol, "12-security", "Nobody says who keeps the lists.", None, SECRETARY)
    assign(session, now, known_id(owned), POLICE, SECRETARY)
    closed = open_gap_for(session, now, protocol, "7-consent", "The leaflet is not named.", None, SECRETARY)
    close_gap(session, now, known_id(closed), SECRETARY, "It is named in the appendix.")
    keep_paper(session, now, protocol)


def the_law(session: Session, now: datetime, protocol: Protocol) -> None:
    told = ChangeOfLaw(key="data-protection-act-1998", in_force_from=date(2018, 5, 25), what="Another took its place.")
    record_change(session, now, protocol, told, SECRETARY, review=False, because="The review asks about it anyway.")
    other = ChangeOfLaw(act="The Sharing Act 2026", in_force_from=date(2026, 9, 1), what="New.", clauses=("7-consent",))
    record_change(session, now, protocol, other, SECRETARY, review=False, because="There is no guidance yet.")


def who_comes_in(session: Session, now: datetime, _protocol: Protocol) -> None:
    """A sign-in link that nobody has used, and a token."""
    secretary = session.exec(select(ConsoleUser).where(ConsoleUser.standing == Standing.SECRETARY)).first()
    assert secretary is not None
    make_sign_in(session, now, secretary, timedelta(days=90))
    make_token(session, now, secretary, "the council’s own list", Standing.AUDITOR, 300)


def messages(session: Session, now: datetime, _protocol: Protocol) -> None:
    """Most were sent; the newest are in every other state."""
    rows = session.exec(select(Message).order_by(col(Message.id).desc())).all()
    for at, row in enumerate(rows):
        state = (Delivery.FAILED, Delivery.IN_DOUBT, Delivery.QUEUED, Delivery.WITHDRAWN)[at] if at < 4 else None
        row.state = state or Delivery.ACCEPTED
        session.add(row)


def review_opens(session: Session, now: datetime, protocol: Protocol) -> None:
    """Two propose, one has nothing to say, all others are waited for."""
    review = known_id(open_annual(session, now, protocol, SECRETARY))
    for slug, wording in ((FIRE, "Lists are looked at every March."), (COUNCIL, "Whoever told is left out.")):
        proposed = Proposed(clause="12-security", wording=wording, problem="It has gone wrong twice.")
        party = party_named(session, protocol, slug)
        give_feedback(session, now, review, party, f"lead member of {slug}", proposals=[proposed], comments="Thanks.")
    give_feedback(session, now, review, party_named(session, protocol, TRUST), "lead member", no_comments=True)
    proposal = known_id(standing_proposals(session, session.get_one(Review, review))[0])
    give_view(session, now, proposal, party_named(session, protocol, POLICE), Stance.SUPPORTS, "Yes.", "lead member")


def _review(session: Session) -> Review:
    return session.exec(select(Review).where(col(Review.opened_at).is_not(None)).order_by(col(Review.id))).one()


def drafting(session: Session, now: datetime, _protocol: Protocol) -> None:
    close_feedback(session, now, known_id(_review(session)), SECRETARY)


def advising(session: Session, now: datetime, _protocol: Protocol) -> None:
    proposals = standing_proposals(session, _review(session))
    name_answers(session, now, known_id(proposals[0]), ["gap:1"], SECRETARY)
    for proposal in proposals:
        classify(session, now, known_id(proposal), Magnitude.MAJOR, SECRETARY, "It changes who is told.")
    seek_advice(session, now, known_id(_review(session)), SECRETARY)


def deciding(session: Session, now: datetime, _protocol: Protocol) -> None:
    for proposal in standing_proposals(session, _review(session)):
        give_advice(session, now, known_id(proposal), "It is lawful.", "adviser")
    begin_deciding(session, now, known_id(_review(session)), SECRETARY)


def signing(session: Session, now: datetime, protocol: Protocol) -> None:
    """One proposal is accepted, with a dissent; three have signed."""
    outcomes = iter((DecisionOutcome.ACCEPTED, DecisionOutcome.REJECTED))
    for proposal in standing_proposals(session, _review(session)):
        decide(
            session, now, known_id(proposal), next(outcomes), SECRETARY, because="It would have helped twice.",
            dissent="The words bind whoever is in doubt too much.",
        )  # fmt: skip
    conclude(session, now, known_id(_review(session)), SECRETARY)
    version = version_of(session, _review(session))
    for slug in (POLICE, FIRE, TRUST):
        sign(session, now, version, party_named(session, protocol, slug), f"{slug} (lead)", position="Chief Executive")


def confirming(session: Session, now: datetime, protocol: Protocol) -> None:
    """In force with those who have signed; the police have confirmed all but one thing."""
    review = _review(session)
    version = version_of(session, review)
    adopt(session, now, known_id(review), SECRETARY, "The others sign later.")
    items = checklist(session, protocol)
    first = ItemAnswer(
        item=items[0].key, answer=ConfirmationAnswer.NOT_YET, by_when=today_of(protocol, now) + timedelta(days=90),
        why="The mailbox is set up in spring.",
    )  # fmt: skip
    others = [ItemAnswer(item=each.key, answer=ConfirmationAnswer.IN_PLACE) for each in items[1:]]
    confirm(session, now, review, version, party_named(session, protocol, POLICE), [first, *others], "lead member")


# The days on which a person acts, and after which the clock does its part.
ON_TOP = (breaches, breaches_go_on, complaints, gaps, the_law, who_comes_in, review_opens)
SCENES: dict[str, tuple[Scene, ...]] = {
    "collecting": (*ON_TOP, messages),
    "advising": (drafting, advising),
    "signing": (deciding, signing),
    "confirming": (confirming,),
}
PLAYED: dict[str, bytes] = {}


def site_at(store: sa.Engine, scene: str) -> Site:
    """Played once a process, each scene from the one before."""
    if scene not in PLAYED:
        _play(store, scene)
    site = loaded_site(store) if scene == "loaded" else Site(store)
    put_back(store, PLAYED[scene])
    site.now = TODAY
    return site


def _play(store: sa.Engine, scene: str) -> None:
    names = list(SCENES)
    before = names[names.index(scene) - 1] if scene != names[0] else ""
    if before:
        site_at(store, before)
    else:
        loaded_site(store)
        play_referral(store)
    play(store, SCENES[scene])
    PLAYED[scene] = saved(store)


def play_referral(store: sa.Engine) -> None:
    """The breach of October as far as both parties' conclusions: the council has not yet told the regulator."""
    for _, now, tell in takewhile(lambda chapter: chapter[0] != "the council notifies", breach_story.STORY):
        with transaction(store) as session:
            tell(session, now)
        run_clock(store, now)


def play(store: sa.Engine, acts: tuple[Scene, ...]) -> None:
    for act in acts:
        with transaction(store) as session:
            act(session, TODAY, session.exec(select(Protocol)).one())
        run_clock(store, TODAY)
