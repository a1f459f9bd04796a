"""The year's reviews: who answered, what was proposed and decided, dissent, signing, confirming."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlmodel import col, or_, select

from actions.annual_report_shapes import Counts, Dissent, ReviewYear
from actions.cast import known_id
from actions.review_overview import version_made_by
from actions.review_parties import Answer, Standing, answers_of
from actions.review_signers import SignatureLine, confirmation_lines, signature_lines
from actions.review_table import ProposalLine, proposal_lines
from actions.version_standing import NOT_IN_FORCE, ended_in_nothing
from actions.year_span import Year, counted_as
from models.protocol import Party, Signature, SignatureKind
from models.review import DecisionOutcome, Review

OWED = "owed"
UNDECIDED = "not decided yet"


def review_years(year: Year) -> list[ReviewYear]:
    """Those that were open on some day of the year, oldest first."""
    statement = select(Review).where(
        Review.protocol_id == year.protocol.id, col(Review.opened_at) < year.ends_at,
        or_(col(Review.ended_at).is_(None), col(Review.ended_at) >= year.begins_at),
    )  # fmt: skip
    in_nothing = ended_in_nothing(year.session, year.protocol.id)
    return [_review(year, review, in_nothing) for review in year.session.exec(statement.order_by(col(Review.id)))]


def _review(year: Year, review: Review, in_nothing: Collection[int | None]) -> ReviewYear:
    session = year.session
    version = version_made_by(session, review)
    answers = [each for each in answers_of(session, review) if each.standing is not Standing.LEFT]
    proposals = [each for each in proposal_lines(session, review) if each.stands]
    signatures = signature_lines(session, review, version)
    confirming = confirmation_lines(session, year.now, review, version)
    return ReviewYear(
        number=known_id(review), kind=review.kind.value,
        stage=NOT_IN_FORCE if review.id in in_nothing else review.stage.value, review_on=review.review_on,
        asked=len(answers), standings=counted_as(Standing, [each.standing for each in answers]),
        answers=tuple((each.name, each.standing.value) for each in answers), silent=tuple(_silent(year, answers)),
        proposals=len(proposals), decisions=_decisions(proposals), dissents=tuple(_dissents(proposals)),
        version=version.label if version else None, signatures=_signatures(signatures),
        confirmations=(
            ("confirmed", sum(each.answered > 0 and not each.owed for each in confirming)),
            ("still owed", sum(each.owed for each in confirming)),
            ("something not yet in place", sum(bool(each.not_yet) for each in confirming)),
        ),
    )  # fmt: skip


def _silent(year: Year, answers: Sequence[Answer]) -> Iterator[str]:
    for each in answers:
        if each.standing is Standing.SILENT and each.due_on and year.first_day <= each.due_on <= year.last_day:
            yield each.name


def _decisions(proposals: Sequence[ProposalLine]) -> Counts:
    found = Counter(each.decision.outcome if each.decision else UNDECIDED for each in proposals)
    return tuple((name, found[name]) for name in (*(each.value for each in DecisionOutcome), UNDECIDED))


def _dissents(proposals: Sequence[ProposalLine]) -> Iterator[Dissent]:
    for each in proposals:
        if each.decision and each.decision.dissent:
            yield Dissent(proposal=each.number, clause=each.clause, words=each.decision.dissent)


def _signatures(lines: Sequence[SignatureLine]) -> Counts:
    """Parties, not signers: a party with two signers is one."""
    by_state = {state: {line.party for line in lines if line.state == state} for state in ("signed", "declined", OWED)}
    return tuple((state, len(parties)) for state, parties in by_state.items())


def signed_by_month(year: Year) -> Iterator[tuple[date, int]]:
    """Dated signatures, by the day written beside them; all twelve months."""
    statement = (
        select(Signature)
        .join(Party, col(Party.id) == Signature.party_id)
        .where(Party.protocol_id == year.protocol.id, Signature.kind == SignatureKind.SIGNED)
        .where(col(Signature.signed_on) >= year.first_day, col(Signature.signed_on) <= year.last_day)
    )
    found = Counter(row.signed_on.month for row in year.session.exec(statement) if row.signed_on is not None)
    for month in year.months():
        yield month, found[month.month]
