"""What the secretary, the adviser and the steering group do in a rehearsal, with the real actions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from actions.cast import NoContact, active_parties, known_id, officer
from actions.clauses import clause_named, clause_text
from actions.gaps.agenda import agenda
from actions.gaps.answering import name_answers
from actions.matters import open_matters
from actions.moving import review_in
from actions.policy import decision_policy_of, zone_of
from actions.proposals import Proposed, standing_proposals
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, propose, seek_advice, unadvised
from actions.review_opening import open_annual, set_review_date
from actions.versions import accepted_in
from cli.rehearse.acts import SECRETARY
from cli.rehearse.cast import Character, Idea
from models.obligation import Obligation
from models.protocol import Clause, MatterKind, Party, Protocol, Role
from models.review import Decision, DecisionOutcome, Magnitude, Proposal, Review
from rules.anchors import corresponding_day
from rules.decisions import DecisionRule, Vote
from rules.instants import local_day
from rules.review import JOINABLE, Stage
from rules.sentences import written_day

Cast = Mapping[str, Character]
ADVISER = "adviser"
ANSWER = "Whoever told of a concern is left out where the purpose does not need them."


def begin_the_year(session: Session, now: datetime, protocol_id: int) -> Iterator[str]:
    """An overdue review is opened at once; where nothing is due and nothing ahead, a date is set."""
    protocol = session.get_one(Protocol, protocol_id)
    if review_in(session, protocol, Stage.SCHEDULED, Stage.SIGNING, *JOINABLE):
        return
    overdue = [matter for matter in open_matters(session, protocol) if matter.kind is MatterKind.REVIEW_OVERDUE]
    if overdue:
        review = open_annual(session, now, protocol, SECRETARY)
        yield overdue[0].sentence
        yield f"The secretary opens it now. Feedback is wanted until {written_day(review.due_on)}."
        return
    review_on = corresponding_day(local_day(now, zone_of(protocol)), 2)
    set_review_date(session, now, protocol, review_on, SECRETARY)
    yield f"The secretary sets the date of the annual review: {written_day(review_on)}."


def draft(session: Session, now: datetime, review_id: int, cast: Cast) -> Iterator[str]:
    """Two that say the same become one; each is minor or major; then advice, or the group."""
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.stage is not Stage.DRAFTING:
        return
    yield from _answer_the_gaps(session, now, review)
    yield from _merge_the_same(session, now, review)
    for proposal in standing_proposals(session, review):
        yield from _classify(session, now, proposal, cast)
    if not standing_proposals(session, review):
        conclude(session, now, review_id, SECRETARY)
        yield "Nobody has proposed anything: the review ends with no change."
    elif unadvised(session, review):
        yield from _seek_advice(session, now, review)
    else:
        yield from go_to_the_group(session, now, review_id)


def _answer_the_gaps(session: Session, now: datetime, review: Review) -> Iterator[str]:
    """Each gap under a clause is answered: by what a party proposes there, else by the group's own words."""
    protocol = session.get_one(Protocol, review.protocol_id)
    there = {proposal.clause_id: known_id(proposal) for proposal in standing_proposals(session, review)}
    for gap in agenda(session, review):
        names = [f"gap:{gap.id}", *(case for case in gap.origins if case.partition(":")[0] in ("complaint", "breach"))]
        if gap.clause is None:
            yield f"Gap {gap.id} is under no clause: nobody proposes anything, and it stays on the agenda."
            continue
        clause = clause_named(session, protocol, gap.clause)
        if known_id(clause) in there:
            name_answers(session, now, there[known_id(clause)], names, SECRETARY)
            yield f"Gap {gap.id} is answered by a proposal for clause {clause.key} that is on the table."
            continue
        _, text = clause_text(session, protocol, clause)
        proposed = Proposed(clause=clause.key, wording=f"{text} {ANSWER}".strip(), problem=gap.words)
        raised = propose(session, now, known_id(review), proposed, SECRETARY, names)
        if raised is not None:
            there[known_id(clause)] = known_id(raised)
            yield f"The steering group proposes words for clause {clause.key} that answer gap {gap.id}."


def _merge_the_same(session: Session, now: datetime, review: Review) -> Iterator[str]:
    same: dict[tuple[int, str], list[Proposal]] = defaultdict(list)
    for proposal in standing_proposals(session, review):
        same[proposal.clause_id, proposal.wording].append(proposal)
    for first, *others in same.values():
        for other in others:
            merge(session, now, known_id(other), known_id(first), SECRETARY, "They ask for the same words.")
            clause = session.get_one(Clause, first.clause_id).key
            yield f"Two proposals for clause {clause} say the same: they become one, with both origins."


def _classify(session: Session, now: datetime, proposal: Proposal, cast: Cast) -> Iterator[str]:
    party = session.get(Party, proposal.party_id) if proposal.party_id else None
    character = cast.get(party.slug) if party else None
    is_major = character is not None and character.idea is Idea.MAJOR
    magnitude = Magnitude.MAJOR if is_major else Magnitude.MINOR
    because = "It changes who may be told what." if is_major else "It makes plain what the parties do already."
    classify(session, now, known_id(proposal), magnitude, SECRETARY, because)
    clause = session.get_one(Clause, proposal.clause_id).key
    yield f"The secretary marks the proposal for clause {clause} {magnitude}: {because[0].lower()}{because[1:]}"


def _seek_advice(session: Session, now: datetime, review: Review) -> Iterator[str]:
    waiting = unadvised(session, review)
    try:
        officer(session, review.protocol_id, Role.ADVISER)
    except NoContact:
        for proposal in waiting:
            give_advice(session, now, known_id(proposal), "The protocol has no adviser.", SECRETARY, waived=True)
        yield "The protocol has no adviser: the secretary records that none is asked."
        yield from go_to_the_group(session, now, known_id(review))
        return
    seek_advice(session, now, known_id(review), SECRETARY)
    yield "A major proposal is not decided without advice: the adviser is asked."


def advise(session: Session, now: datetime, duty_id: int) -> Iterator[str]:
    duty = session.get_one(Obligation, duty_id, populate_existing=True)
    proposal = session.get(Proposal, int((duty.subject or ":0").partition(":")[2]))
    if duty.outcome is not None or proposal is None:
        return
    text = "The new words are lawful, as long as each disclosure is recorded with its purpose."
    give_advice(session, now, known_id(proposal), text, ADVISER)
    yield f"The adviser answers: {text[0].lower()}{text[1:]}"


def go_to_the_group(session: Session, now: datetime, review_id: int) -> Iterator[str]:
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.stage in (Stage.DRAFTING, Stage.ADVISING):
        begin_deciding(session, now, review_id, SECRETARY)
        yield "The proposals go to the steering group."


def meet(session: Session, now: datetime, review_id: int, cast: Cast) -> Iterator[str]:
    """The group decides on everything that is on its table; the secretary records it."""
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.stage is not Stage.DECIDING:
        return
    decided = set(session.exec(select(Decision.proposal_id)))
    for proposal in standing_proposals(session, review):
        if proposal.id not in decided:
            yield _decide(session, now, review, proposal, cast)


def _decide(session: Session, now: datetime, review: Review, proposal: Proposal, cast: Cast) -> str:
    outcome, because = _outcome(session, review, proposal)
    against = _dissenter(cast) if proposal.magnitude is Magnitude.MAJOR else None
    dissent = f"{against.name}: we would have kept the words as they are." if against else None
    wording = f"{proposal.wording} The parties look at this again each year."
    decider = decision_policy_of(session.get_one(Protocol, review.protocol_id)).decider
    decide(
        session, now, known_id(proposal), outcome, SECRETARY, because=because, dissent=dissent,
        wording=wording if outcome is DecisionOutcome.ACCEPTED_WITH_CHANGES else None,
        votes=_votes(session, now, review, against), decided_by=decider or "steering group",
    )  # fmt: skip
    clause = session.get_one(Clause, proposal.clause_id).key
    return f"The steering group: clause {clause} {outcome}" + (
        f", with one dissent ({against.name})." if against else "."
    )


def _outcome(session: Session, review: Review, proposal: Proposal) -> tuple[DecisionOutcome, str]:
    if any(accepted.clause_id == proposal.clause_id for accepted, _ in accepted_in(session, review)):
        return DecisionOutcome.REJECTED, "Other words for the same clause have been accepted."
    merged = session.exec(select(Proposal.id).where(col(Proposal.merged_into_id) == proposal.id)).first()
    if merged or proposal.magnitude is Magnitude.MAJOR:
        return DecisionOutcome.ACCEPTED, "The group agrees with the reasons given."
    return DecisionOutcome.ACCEPTED_WITH_CHANGES, "The group agrees, and wants to see how it works."


def _dissenter(cast: Cast) -> Character | None:
    return next((character for character in cast.values() if character.dissents), None)


def _votes(session: Session, now: datetime, review: Review, against: Character | None) -> dict[str, Vote]:
    """What the protocol's own rule of decision asks for; where it states none, nothing."""
    protocol = session.get_one(Protocol, review.protocol_id)
    rule = decision_policy_of(protocol).rule
    if rule not in (DecisionRule.UNANIMITY, DecisionRule.MAJORITY):
        return {}
    votes = {party.slug: Vote.FOR for party in active_parties(session, protocol, local_day(now, zone_of(protocol)))}
    if against and rule is DecisionRule.MAJORITY:
        votes[against.slug] = Vote.AGAINST
    return votes


def close_the_meeting(session: Session, now: datetime, review_id: int) -> Iterator[str]:
    review = session.get_one(Review, review_id, populate_existing=True)
    if review.stage is not Stage.DECIDING:
        return
    stage = conclude(session, now, review_id, SECRETARY)
    match stage:
        case Stage.SIGNING:
            yield "The new version stands: its text cannot change any more. Every party is asked to sign it."
        case Stage.ADOPTED:
            yield "The new version stands and is announced."
        case _:
            yield "The review ends with no change."
