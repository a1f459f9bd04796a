"""What can be done with a review now: what is next stands first, what its stage does not allow is not there.

Each offer is an act of the console, by the title and the address that the act itself has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from actions.review_next import nothing_accepted
from actions.review_overview import ReviewView
from actions.review_parties import Answer, Standing
from actions.review_table import ProposalLine
from models.access import Standing as Caller
from rules.review import JOINABLE, Stage
from web.declaring import DECIDES, WORKS, Who

SHOWN = 3  # of many alike; the tables below have a link for each


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`first`: it is the next thing to do."""

    title: str
    path: str
    first: bool = False


Possible = tuple[Who, Offer]


def offers(view: ReviewView, standing: Caller, of: str = "") -> tuple[Offer, ...]:
    """For somebody who may do it. `of` is appended to addresses where several protocols are loaded."""
    stage = Stage(view.review.stage)
    found = [*_next(view, stage, of), *_besides(view, stage)]
    return tuple(offer for who, offer in found if standing in who)


def _works(title: str, path: str, *, first: bool = True) -> Possible:
    return WORKS, Offer(title=title, path=path, first=first)


def _decides(title: str, path: str, *, first: bool = True) -> Possible:
    return DECIDES, Offer(title=title, path=path, first=first)


def address(view: ReviewView, act: str) -> str:
    return f"/console/reviews/{view.review.id}/{act}"


def _next(view: ReviewView, stage: Stage, of: str) -> Iterator[Possible]:
    match stage:
        case Stage.SCHEDULED:
            yield _decides("Open the review now", f"/console/reviews/open{of}")
            yield _decides("Set another review date", f"/console/reviews/schedule{of}", first=False)
        case Stage.COLLECTING:
            yield from _collecting(view)
        case Stage.DRAFTING:
            yield from _drafting(view)
        case Stage.ADVISING:
            yield from _advising(view)
        case Stage.DECIDING:
            yield from _deciding(view)
        case Stage.SIGNING:
            yield from _signing(view, of)
        case Stage.ADOPTED:
            yield from _confirming(view)
        case Stage.NO_CHANGE | Stage.CANCELLED | Stage.JOINED:
            return
        case _:
            assert_never(stage)


def _standing(view: ReviewView) -> Sequence[ProposalLine]:
    return [line for line in view.proposals if line.stands]


def waits(answer: Answer) -> bool:
    return answer.standing in (Standing.WAITING, Standing.EXTENDED, Standing.UNREACHABLE)


def _collecting(view: ReviewView) -> Iterator[Possible]:
    for answer in [each for each in view.answers if waits(each)][:1]:
        yield _works(f"Record the feedback of {answer.name}", address(view, f"feedback/{answer.party}"))
    yield _works("Close feedback now", address(view, "close-feedback"), first=not any(map(waits, view.answers)))
    yield _works("Propose for the steering group", address(view, "propose"), first=False)


def _drafting(view: ReviewView) -> Iterator[Possible]:
    standing = _standing(view)
    bare = [line.number for line in standing if line.magnitude is None]
    for number in bare[:SHOWN]:
        yield _works(f"Mark proposal {number} minor or major", f"/console/proposals/{number}/classify")
    if not bare:
        yield _after_drafting(view, standing)
    yield _works("Propose for the steering group", address(view, "propose"), first=False)


def _after_drafting(view: ReviewView, standing: Sequence[ProposalLine]) -> Possible:
    if nothing_accepted(view.proposals):
        return _decides(concluding(view), address(view, "conclude"))
    if any(line.needs_advice for line in standing):
        return _works("Ask the adviser", address(view, "seek-advice"))
    return _works("Begin deciding", address(view, "begin-deciding"))


def _advising(view: ReviewView) -> Iterator[Possible]:
    waiting = [line.number for line in _standing(view) if line.needs_advice]
    for number in waiting[:SHOWN]:
        yield _works(f"Record the advice on proposal {number}", f"/console/proposals/{number}/advise")
        yield _decides(f"Go on without advice on proposal {number}", f"/console/proposals/{number}/waive-advice",
                       first=False)  # fmt: skip
    if not waiting:
        yield _works("Begin deciding", address(view, "begin-deciding"))
    yield _works("Go back to drafting", address(view, "return"), first=False)


def _deciding(view: ReviewView) -> Iterator[Possible]:
    undecided = [line.number for line in _standing(view) if line.decision is None]
    for number in undecided[:SHOWN]:
        yield _decides(f"Record the decision on proposal {number}", f"/console/proposals/{number}/decide")
    if not undecided:
        yield _decides(concluding(view), address(view, "conclude"))
    yield _works("Go back to drafting", address(view, "return"), first=False)


def concluding(view: ReviewView) -> str:
    """What concluding comes to, as far as the decisions say it."""
    accepted = [line for line in view.proposals if line.decision and line.decision.accepted]
    if not accepted:
        return "End the review with no change"
    major = any(line.magnitude == "major" for line in accepted)
    return "Make the new version and open signing" if major else "Make the new version"


def _signing(view: ReviewView, of: str) -> Iterator[Possible]:
    owing = [line for line in view.signatures if line.state == "owed"]
    for line in owing[:1]:
        path = f"/console/versions/{line.version}/sign/{line.party}{of}"
        yield _works(f"Record the signature of {line.name}", path)
    yield _decides("End signing and adopt", address(view, "adopt"), first=not owing)


def _confirming(view: ReviewView) -> Iterator[Possible]:
    for line in [each for each in view.confirmations if each.owed][:1]:
        yield _works(f"Record the confirmation of {line.name}", address(view, f"confirm/{line.party}"))


def _besides(view: ReviewView, stage: Stage) -> Iterator[Possible]:
    if stage in JOINABLE:
        yield _decides("Add a reason to this review", address(view, "reason"), first=False)
    if stage in (Stage.SCHEDULED, Stage.COLLECTING, Stage.SIGNING):
        yield _works("Let the clock look now", address(view, "look-now"), first=False)
    if stage in JOINABLE or stage is Stage.SCHEDULED:
        yield _decides("Cancel this review", address(view, "cancel"), first=False)
