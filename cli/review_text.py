"""A review as text: what `concordat review show` prints."""

from collections.abc import Iterator

from actions.gaps.keeping import GapView
from actions.review_overview import ReviewView
from actions.review_parties import Answer, Standing
from actions.review_table import DecisionLine, ProposalLine
from cli.printing import in_words, paragraph, table


def review_text(view: ReviewView) -> str:
    parts = [
        "\n".join(_head(view)), "\n".join(_dates(view)), _answers(view), _gaps(view), "\n".join(_proposals(view)),
        _signatures(view), _confirmations(view), "\n".join(_next(view)),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _head(view: ReviewView) -> Iterator[str]:
    line = view.review
    yield paragraph(f"Review {line.id} of {line.protocol}: {line.kind}, {line.stage_said}")
    for reason in view.reasons:
        yield paragraph(f"Because: {reason.words} ({reason.kind}, {reason.given_by})")
    if view.joined:
        yield f"It joined review {view.joined}."
    if view.ended_because:
        yield paragraph(f"Ended because: {view.ended_because}")
    if view.version:
        yield f"Version {view.version}, SHA-256 {view.sha256}"


def _dates(view: ReviewView) -> Iterator[str]:
    for dated in view.dates:
        yield paragraph(f"{dated.what.capitalize()}: {in_words(dated.at)}")
        if dated.because:
            yield paragraph(dated.because, "    ")


def _answers(view: ReviewView) -> str:
    if not view.answers:
        return ""
    rows = []
    for answer in view.answers:
        words = answer.standing.value
        if answer.standing is Standing.EXTENDED:
            words += f", until {answer.due_on}"
        if answer.because:
            words += f": {answer.because}"
        rows.append((answer.name, words, "\n".join(_all_said(answer))))
    heading = f"Feedback: {view.review.answered} of {view.review.parties} have answered"
    return f"{heading}\n{table(('Party', 'Stands', 'Said'), rows)}"


def _all_said(answer: Answer) -> Iterator[str]:
    for before in answer.earlier:
        yield f"In round {before.round}: {_said(before.no_comments, before.comments, before.proposals)}"
    if now := _said(answer.no_comments, answer.comments, answer.proposals):
        yield now


def _said(no_comments: bool, comments: tuple[str, ...], proposals: tuple[int, ...]) -> str:
    said = ["no comments"] if no_comments else list(comments)
    if proposals:
        said.append(f"proposals {', '.join(map(str, proposals))}")
    return "\n".join(said)


def _gaps(view: ReviewView) -> str:
    """What is on the agenda; once the version is made, what it answers and what it does not."""
    if view.agenda:
        rows = [
            (gap.id, gap.clause, gap.words, ", ".join(gap.origins), ", ".join(_gap_standing(gap)))
            for gap in view.agenda
        ]  # fmt: skip
        return f"On the agenda\n{table(('Gap', 'Clause', 'What is wanting', 'From', 'Stands'), rows)}"
    said = (("Answered", view.gaps_answered), ("Not answered", view.gaps_not_answered))
    lines = [f"{what} by version {view.version}: {_named(gaps)}" for what, gaps in said if gaps]
    return "\n".join(paragraph(line, hanging="  ") for line in lines)


def _gap_standing(gap: GapView) -> Iterator[str]:
    if gap.urgent:
        yield "urgent"
    proposals = ", ".join(map(str, gap.proposals))
    yield f"answered by {'proposals' if len(gap.proposals) > 1 else 'proposal'} {proposals}" if proposals else "open"


def _named(gaps: tuple[GapView, ...]) -> str:
    return "; ".join(f"gap {gap.id}{f' (clause {gap.clause})' if gap.clause else ''}" for gap in gaps) + "."


def _proposals(view: ReviewView) -> Iterator[str]:
    clause = None
    for line in view.proposals:
        if line.clause != clause:
            clause = line.clause
            yield f"Clause {line.clause}, {line.heading}"
        yield from proposal_lines_text(line)


def proposal_lines_text(line: ProposalLine) -> Iterator[str]:
    """One proposal under its clause."""
    yield paragraph(f"Proposal {line.number}, by {', '.join(line.origins)}{_magnitude(line)}{_fate(line)}", "  ")
    yield paragraph(f"Wording: {line.wording}", "    ")
    if line.problem:
        yield paragraph(f"Problem: {line.problem}", "    ")
    if line.answers:
        yield paragraph(f"Answers: {', '.join(line.answers)}", "    ")
    for advice in line.advice:
        yield paragraph(f"{'Advice waived' if advice.waived else 'Advice'} ({advice.given_by}): {advice.text}", "    ")
    if line.needs_advice:
        yield "    Waits for advice, or a recorded waiver."
    if line.decision:
        yield from _decision(line.decision)


def _magnitude(line: ProposalLine) -> str:
    if line.magnitude is None:
        return ", not marked minor or major yet" if line.stands else ""
    return f", {line.magnitude} ({line.magnitude_why})"


def _fate(line: ProposalLine) -> str:
    merged = f"; {', '.join(map(str, line.merged))} merged into it" if line.merged else ""
    carried = "; put off by an earlier review" if line.carried_from else ""
    if line.merged_into:
        return f"; merged into {line.merged_into}{carried}"
    return f"{merged}{carried}" + (f"; withdrawn: {line.withdrawn}" if line.withdrawn else "")


def _decision(decision: DecisionLine) -> Iterator[str]:
    yield paragraph(f"Decided on {in_words(decision.decided_on)}: {decision.outcome}. {decision.because}", "    ")
    if decision.wording:
        yield paragraph(f"Accepted wording: {decision.wording}", "    ")
    if decision.votes:
        yield paragraph("Votes: " + ", ".join(f"{party} {vote}" for party, vote in decision.votes.items()), "    ")
    if decision.dissent:
        yield paragraph(f"Dissent: {decision.dissent}", "    ")
    yield paragraph(f"Rule: {decision.rule}", "    ")


def _signatures(view: ReviewView) -> str:
    if not view.signatures:
        return ""
    rows = [
        (line.name, line.state, line.version, line.position or line.because, line.signed_on or f"due {line.due_on}")
        if line.state != "declined"
        else (line.name, line.state, line.version, line.because, "")
        for line in view.signatures
    ]
    signed = len({line.party for line in view.signatures if line.state == "signed"})
    of = len({line.party for line in view.signatures})
    return f"Signatures: {signed} of {of}\n{table(('Party', 'State', 'Version', 'Position', 'Day'), rows)}"


def _confirmations(view: ReviewView) -> str:
    if not any(line.answered or line.owed for line in view.confirmations):
        return ""
    rows = [
        (line.name, f"{line.answered} of {line.items}", ", ".join(f"{key} by {day}" for key, day in line.not_yet),
         f"due {line.due_on}" if line.due_on else "")
        for line in view.confirmations
    ]  # fmt: skip
    return f"Confirmations\n{table(('Party', 'Items', 'Not yet', ''), rows)}"


def _next(view: ReviewView) -> Iterator[str]:
    if view.next:
        yield "What to do next:"
        yield from (f"  {command}" for command in view.next)
