"""What a person does next in a review, as commands that can be copied and, where a word is in capitals, filled in."""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import assert_never

from actions.review_parties import Answer, Standing
from actions.review_signers import ConfirmationLine, SignatureLine
from actions.review_table import ProposalLine
from models.review import Review
from rules.review import Stage

SHOWN = 3  # of many alike, so that the list can be read


def next_commands(
    protocol: str, review: Review, parties: Sequence[Answer], proposals: Sequence[ProposalLine],
    signatures: Sequence[SignatureLine], confirmations: Sequence[ConfirmationLine],
) -> Iterator[str]:  # fmt: skip
    standing = [line for line in proposals if line.stands]
    match review.stage:
        case Stage.SCHEDULED:
            yield f"concordat review open {protocol}"
        case Stage.COLLECTING:
            yield from _collecting(review, parties)
        case Stage.DRAFTING:
            yield from _drafting(review, standing, ends_unchanged=nothing_accepted(proposals))
        case Stage.ADVISING:
            yield from _advising(review, standing)
        case Stage.DECIDING:
            yield from _deciding(review, standing)
        case Stage.SIGNING:
            yield from _signing(review, signatures)
        case Stage.ADOPTED:
            owing = [line.party for line in confirmations if line.owed]
            yield from _some(f"concordat confirm {review.id} {party} --all-in-place" for party in owing)
        case Stage.NO_CHANGE | Stage.CANCELLED | Stage.JOINED:
            pass
        case _:
            assert_never(review.stage)


def _some(commands: Iterator[str]) -> Iterator[str]:
    return islice(commands, SHOWN)


def _collecting(review: Review, parties: Sequence[Answer]) -> Iterator[str]:
    unreachable = (answer.party for answer in parties if answer.standing is Standing.UNREACHABLE)
    yield from _some(f"concordat contact correct {party} lead-member ADDRESS" for party in unreachable)
    waiting = [answer for answer in parties if answer.standing in (Standing.WAITING, Standing.EXTENDED)]
    yield from _some(f"concordat review feedback {review.id} {answer.party} --no-comments" for answer in waiting[:1])
    yield from _some(f"concordat obligation extend {answer.obligation} DATE --because WHY" for answer in waiting[:1])
    yield f"concordat review close-feedback {review.id}"


def nothing_accepted(proposals: Sequence[ProposalLine]) -> bool:
    """All is decided, and changes nothing: the review may end without deciding again."""
    decided = [line.decision for line in proposals if line.stands or line.decision]
    return not any(decision is None or decision.accepted for decision in decided)


def _drafting(review: Review, standing: Sequence[ProposalLine], *, ends_unchanged: bool) -> Iterator[str]:
    bare = [line for line in standing if line.magnitude is None]
    yield from _some(f"concordat proposal classify {line.number} minor|major --because WHY" for line in bare)
    for first, second in pairwise(standing):
        if first.clause == second.clause:
            yield f"concordat proposal merge {second.number} {first.number} --because WHY"
    if bare:
        return
    if ends_unchanged:
        yield f"concordat review conclude {review.id}"
    elif any(line.needs_advice for line in standing):
        yield f"concordat review seek-advice {review.id}"
    else:
        yield f"concordat review begin-deciding {review.id}"


def _advising(review: Review, standing: Sequence[ProposalLine]) -> Iterator[str]:
    waiting = [line.number for line in standing if line.needs_advice]
    yield from _some(f"concordat proposal advise {number} --text TEXT" for number in waiting)
    yield from _some(f"concordat proposal waive-advice {number} --because WHY" for number in waiting[:1])
    if not waiting:
        yield f"concordat review begin-deciding {review.id}"


def _deciding(review: Review, standing: Sequence[ProposalLine]) -> Iterator[str]:
    undecided = [line.number for line in standing if line.decision is None]
    yield from _some(f"concordat proposal decide {number} OUTCOME --because WHY" for number in undecided)
    if not undecided:
        yield f"concordat review conclude {review.id}"


def _signing(review: Review, signatures: Sequence[SignatureLine]) -> Iterator[str]:
    owing = [line for line in signatures if line.state == "owed"]
    yield from _some(f"concordat version sign {line.version} {line.party} --position POSITION" for line in owing)
    if owing or not any(line.state == "signed" for line in signatures):
        yield f"concordat review adopt {review.id} --because WHY"
    else:
        yield f"concordat review adopt {review.id}"
