"""Feedback, proposals, advice and decisions in a thread."""

from collections import Counter
from collections.abc import Iterator

from actions.cast import known_id
from actions.threads.known import Known
from models.review import ACCEPTED, Advice, Decision, Feedback, Proposal
from rules.decisions import Vote
from rules.review import ENDED
from rules.sentences import listed
from rules.threads import Link, Node, NodeKind


def of_reviews(known: Known) -> Iterator[Node | Link]:
    for feedback in known.feedback:
        yield _feedback(known, feedback)
    for proposal in known.proposals:
        yield _proposal(known, proposal)
        yield from _links_of_proposal(known, proposal)
    proposals = {known_id(proposal): proposal for proposal in known.proposals}
    for answer in known.answers:
        words = "was to be answered by" if _came_to_nothing(known, proposals[answer.proposal_id]) else "answered by"
        yield Link(answer.answers, f"proposal:{answer.proposal_id}", words)
    for advice in known.advice:
        yield _advice(known, advice)
        yield from _links_of_advice(known, advice)
    for proposal in known.proposals:
        if (decision := known.decisions.get(known_id(proposal))) is not None:
            yield _decision(known, proposal, decision)
            yield Link(f"proposal:{proposal.id}", f"decision:{decision.id}", "decided by")


def _feedback(known: Known, feedback: Feedback) -> Node:
    return Node(
        f"feedback:{feedback.id}", NodeKind.FEEDBACK, f"feedback of {known.name_of(feedback.party_id)}",
        at=known.day(feedback.given_at), state="no comments" if feedback.no_comments else "",
    )  # fmt: skip


def _proposal(known: Known, proposal: Proposal) -> Node:
    standing, note = proposal.magnitude.value if proposal.magnitude else "", None
    if proposal.merged_into_id is not None:
        standing = "merged"
    elif proposal.withdrawn_why is not None:
        standing = "withdrawn"
    elif known_id(proposal) not in known.decisions:
        ended = known.reviews[proposal.review_id].stage in ENDED
        note = f"review {proposal.review_id} ended without a decision on it" if ended else "not decided yet"
    return Node(
        f"proposal:{proposal.id}", NodeKind.PROPOSAL,
        f"to clause {known.key_of(proposal.clause_id)}, by {known.name_of(proposal.party_id)}",
        at=known.day(proposal.raised_at), state=standing, note=note,
    )  # fmt: skip


def _came_to_nothing(known: Known, proposal: Proposal) -> bool:
    """Withdrawn, or not accepted; one that was merged goes the way of the one that stands."""
    if proposal.withdrawn_why is not None:
        return True
    decision = known.decisions.get(proposal.merged_into_id or known_id(proposal))
    if decision is not None:
        return decision.outcome not in ACCEPTED
    return known.reviews[proposal.review_id].stage in ENDED


def _links_of_proposal(known: Known, proposal: Proposal) -> Iterator[Link]:
    ref = f"proposal:{proposal.id}"
    yield Link(f"clause:{known.key_of(proposal.clause_id)}", ref, "to be changed by")
    if proposal.feedback_id is not None:
        yield Link(f"feedback:{proposal.feedback_id}", ref, "brought")
    if proposal.carried_from_id is not None:
        yield Link(f"proposal:{proposal.carried_from_id}", ref, "carried over as")
    if proposal.merged_into_id is not None:
        yield Link(ref, f"proposal:{proposal.merged_into_id}", "merged into")


def _advice(known: Known, advice: Advice) -> Node:
    what = "no advice taken" if advice.waived else "advice"
    return Node(
        f"advice:{advice.id}", NodeKind.ADVICE, f"{what} on proposal {advice.proposal_id}",
        at=known.day(advice.given_at), state="waived, with a reason" if advice.waived else "given",
    )  # fmt: skip


def _links_of_advice(known: Known, advice: Advice) -> Iterator[Link]:
    yield Link(f"proposal:{advice.proposal_id}", f"advice:{advice.id}", "put to")
    if (decision := known.decisions.get(advice.proposal_id)) is not None:
        yield Link(f"advice:{advice.id}", f"decision:{decision.id}", "heard before")


def _decision(known: Known, proposal: Proposal, decision: Decision) -> Node:
    dissent = "dissent recorded" if decision.dissent_id is not None else "no dissent recorded"
    # Of what was not accepted, that no rule applied is no reason of the group's.
    rule = decision.rule.rstrip(".") if decision.outcome in ACCEPTED else ""
    words = "; ".join(filter(None, (rule, votes_in_words(decision), dissent)))
    return Node(
        f"decision:{decision.id}", NodeKind.DECISION, words, at=decision.decided_on, state=decision.outcome.value,
        note=_note_on(known, proposal, decision),
    )  # fmt: skip


def votes_in_words(decision: Decision) -> str:
    """“three for, one against” in figures; how each party voted stands in the decision."""
    counted = Counter(decision.votes.values())
    return listed([f"{counted[vote]} {vote}" for vote in Vote if counted[vote]]) or "no votes recorded"


def _note_on(known: Known, proposal: Proposal, decision: Decision) -> str | None:
    """Where what was accepted goes no further."""
    if decision.outcome not in ACCEPTED:
        return None
    version = known.made_here.get(proposal.review_id)
    if version is None:
        ended = known.reviews[proposal.review_id].stage in ENDED
        return f"review {proposal.review_id} ended without a version" if ended else "decided, not in a version yet"
    change = known.changes.get(version.id, {}).get(known.key_of(proposal.clause_id))
    if change is None or change.after != (decision.wording or proposal.wording):
        return f"version {version.label} does not have the wording that was accepted"
    return None
