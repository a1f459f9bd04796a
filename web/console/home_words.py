"""What Concordat sees in a protocol before anything has begun, and below each what to do about it, as links.

The command line says the same with commands (`cli.words`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actions.overview import ReviewLine
from actions.stock import LawChanged, Stock
from notifications.wording import capitalised, counted
from rules.instants import LONDON, local_day
from rules.sentences import listed, written_day

NAMED = 4  # of many parties, so that the sentence can be read
Links = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`links`: address and words of what can be done about it."""

    sentence: str
    links: Links


@dataclass(frozen=True, kw_only=True)
class FirstWords:
    slug: str
    heading: str
    findings: tuple[Finding, ...]


def first_words(stock: Stock) -> FirstWords:
    """Nothing is said of what is in order."""
    version = f"version {stock.version}, " if stock.version else ""
    found = (_review, _signatures, _law, _successors, _addresses, _rest)
    return FirstWords(
        slug=stock.slug,
        heading=f"{stock.name} ({version}{counted(stock.parties, 'party', 'parties')})",
        findings=tuple(
            Finding(sentence=sentence, links=links) for each in found for sentence, links in each(stock)
        ),
    )  # fmt: skip


def _review(stock: Stock) -> Iterator[tuple[str, Links]]:
    if stock.review is not None:
        yield _going_on(stock.review)
        return
    suggested = stock.suggestion
    asked = f"; every party is then asked on {written_day(suggested.asked_on)}" if suggested.asked_on else ""
    address = f"/console/reviews/schedule?protocol={stock.slug}&day={suggested.review_on}"
    yield (
        f"{_since_when(stock)} A date that leaves everybody time is {written_day(suggested.review_on)}{asked}.",
        ((address, "Set the review date"),),
    )


def _since_when(stock: Stock) -> str:
    due = stock.review_due
    if due is None:
        return "No review is scheduled."
    if due.overdue:
        return f"The {due.kind} has been due since {due.words}: the last one known is of {due.last_words}."
    return f"The next review falls due in {due.words}, and its date is not set."


def _going_on(review: ReviewLine) -> tuple[str, Links]:
    if review.stage == "scheduled":
        asked = written_day(local_day(review.opens_at, LONDON))
        sentence = f"The next review is on {written_day(review.review_on)}; every party is asked on {asked}."
        return sentence, (("/console/forecast", "See what will be sent"),)
    sentence = f"Review {review.id} is {review.stage}: {review.answered} of {review.parties} parties have answered."
    return sentence, ((f"/console/reviews/{review.id}", f"Go on with review {review.id}"),)


def _signatures(stock: Stock) -> Iterator[tuple[str, Links]]:
    undated, absent, parts = stock.undated, stock.without_row, []
    if undated:
        are = "is" if len(undated) == 1 else "are"
        parts.append(f"{counted(len(undated), 'signature')} {are} undated ({some(undated)})")
    if absent:
        have = "has" if len(absent) == 1 else "have"
        parts.append(f"{counted(len(absent), 'member')} {have} no row in the register ({some(absent)})")
    if parts:
        where = f"/console/versions?protocol={stock.slug}"
        yield f"{capitalised(' and '.join(parts))}.", ((where, "See who signed what"),)


def _law(stock: Stock) -> Iterator[tuple[str, Links]]:
    for law in stock.repealed:
        if law.marked == 0:
            continue  # it is recorded, and every clause has its answer
        on = f" on {written_day(law.since)}" if law.since else ""
        rests = f"on which {law.clauses} of {stock.clauses} clauses rest"
        took = f" In its place: {law.successor}." if law.successor else ""
        yield f"The {law.title}, {rests}, was repealed{on}.{took} {_to_do(law)}.", (_recording(stock, law),)
    if stock.replaced:
        more = "more of the texts it cites" if stock.repealed else "of the texts it cites"
        have = "has" if len(stock.replaced) == 1 else "have"
        sentence = f"{capitalised(counted(len(stock.replaced), more, more))} {have} been replaced or superseded."
        where = f"/console/matters?protocol={stock.slug}&kind=legislation"
        yield sentence, ((where, "See what to do about each"),)


def _to_do(law: LawChanged) -> str:
    if law.marked is None:
        return "Raise it in the next review; or record it, which marks those clauses and asks everybody at once"
    return f"That is recorded, and {counted(law.marked, 'clause waits', 'clauses wait')} for an answer"


def _recording(stock: Stock, law: LawChanged) -> tuple[str, str]:
    act = f"/console/legislation/acts/{law.key}"
    if law.marked is not None:
        return f"{act}?protocol={stock.slug}", f"Answer for the {law.title}"
    return f"{act}/change?protocol={stock.slug}", f"Record the repeal of the {law.title}"


def _successors(stock: Stock) -> Iterator[tuple[str, Links]]:
    if stock.succeeded:
        have = "has" if len(stock.succeeded) == 1 else "have"
        which = capitalised(counted(len(stock.succeeded), "party", "parties"))
        yield (
            f"{which} of {stock.parties} {have} merged, moved or been renamed since ({some(stock.succeeded)}).",
            ((f"/console/successions?protocol={stock.slug}", "See by what, and ask each successor to adopt"),),
        )


def _addresses(stock: Stock) -> Iterator[tuple[str, Links]]:
    where = f"/console/parties?protocol={stock.slug}"
    if stock.made_up:
        are = "One address is" if stock.made_up == 1 else f"{stock.made_up} addresses are"
        yield f"{are} made up (they end in .example), and nothing reaches anybody there.", ((where, "Correct them"),)
    if stock.bounced:
        have = "This address has" if len(stock.bounced) == 1 else "These addresses have"
        yield f"{have} bounced: {some(stock.bounced)}. Telephone them.", ((where, "Then correct the address"),)


def _rest(stock: Stock) -> Iterator[tuple[str, Links]]:
    if stock.matters:
        matters = capitalised(counted(len(stock.matters), "matter"))
        yield f"{matters} in all on your list.", ((f"/console/matters?protocol={stock.slug}", "See the whole list"),)


def some(names: Sequence[str]) -> str:
    """The first few by name."""
    return listed([*names[:NAMED], f"{len(names) - NAMED} more"] if len(names) > NAMED else list(names))
