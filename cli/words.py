"""What a start says by itself of each loaded protocol, from the data alone, and below each what to do about it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from cli.printing import capital, counted, in_words, number, paragraph
from rules.instants import LONDON, local_day
from rules.sentences import listed

if TYPE_CHECKING:
    from sqlmodel import Session

    from actions.overview import ReviewLine
    from actions.stock import LawChanged, Stock

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NAMED = 4  # of many parties, so that the sentence can be read
TO_DO = "      "  # a command stands alone on its line: it can be copied


def first_words(session: "Session", now: datetime) -> str:
    """One section a protocol; nothing is said of what is in order."""
    from actions.overview import loaded_protocols
    from actions.stock import stock_of

    stocks = [stock_of(session, now, protocol) for protocol in loaded_protocols(session)]
    if not stocks:
        return f"No protocol is loaded yet. Load one from its folder:\n{TO_DO}concordat load DIR"
    return "\n\n".join(_section(stock) for stock in stocks)


def _section(stock: "Stock") -> str:
    version = f", version {stock.version}" if stock.version else ""
    heading = paragraph(f"{stock.name} ({stock.slug}{version}, {counted(stock.parties, 'party', 'parties')}):")
    findings = [
        _finding(sentence, commands)
        for sentence, commands in (
            *_review(stock), *_signatures(stock), *_law(stock), *_successors(stock), *_addresses(stock), *_rest(stock)
        )
    ]  # fmt: skip
    return "\n\n".join([heading, *(findings or ["  Nothing waits for you."]), _rehearsal(stock)])


def _finding(sentence: str, commands: Sequence[str]) -> str:
    return "\n".join([paragraph(sentence, "  "), *(f"{TO_DO}{command}" for command in commands)])


def _rehearsal(stock: "Stock") -> str:
    words = "First see the coming year played through; nothing leaves this machine:"
    return f"  {words}\n{TO_DO}concordat rehearse {stock.slug}"


def _review(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    if stock.review is not None:
        yield _going_on(stock, stock.review)
        return
    suggested = stock.suggestion
    asked = f", and every party is asked on {in_words(suggested.asked_on)}" if suggested.asked_on else ""
    to_do = f"Set its date, for example to {in_words(suggested.review_on)}{asked}:"
    yield f"{_since_when(stock)} {to_do}", [f"concordat review schedule {stock.slug} {suggested.review_on}"]


def _since_when(stock: "Stock") -> str:
    due = stock.review_due
    if due is None:
        return "No review is scheduled."
    if due.overdue:
        return f"The {due.kind} has been due since {due.words}: the last one known is of {due.last_words}."
    return f"The next review falls due in {due.words}, and its date is not set."


def _going_on(stock: "Stock", review: "ReviewLine") -> tuple[str, list[str]]:
    if review.stage == "scheduled":
        when = f"every party is asked on {in_words(local_day(review.opens_at, LONDON))}"
        return f"The next review is on {in_words(review.review_on)}; {when}.", [
            f"concordat forecast --protocol {stock.slug}"
        ]
    answered = f"{review.answered} of {review.parties} parties have answered"
    return f"Review {review.id} is {review.stage}: {answered}.", [f"concordat review show {review.id}"]


def _signatures(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    undated, absent = stock.undated, stock.without_row
    parts = []
    if undated:
        is_are = "is" if len(undated) == 1 else "are"
        parts.append(f"{counted(len(undated), 'signature')} {is_are} undated ({some(undated)})")
    if absent:
        has_have = "has" if len(absent) == 1 else "have"
        parts.append(f"{counted(len(absent), 'member')} {has_have} no row in the register ({some(absent)})")
    if parts:
        yield (
            f"{capital(' and '.join(parts))}. See who signed what:",
            [f"concordat version register --protocol {stock.slug}"],
        )


def _law(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    for law in stock.repealed:
        if law.marked == 0:
            continue  # it is recorded, and every clause has its answer
        rests = f"on which {law.clauses} of {stock.clauses} clauses rest"
        took = f" In its place: {law.successor}." if law.successor else ""
        yield f"The {law.title}, {rests}, was repealed{_on(law.since)}.{took} {_to_do(law)}:", [_recording(stock, law)]
    if stock.replaced:
        yield _replaced(stock, stock.replaced)


def _to_do(law: "LawChanged") -> str:
    if law.marked is None:
        return "Raise it in the next review; or record it, which marks those clauses and asks everybody at once"
    waits = "clause waits" if law.marked == 1 else "clauses wait"
    return f"That is recorded, and {number(law.marked)} {waits} for an answer"


def _recording(stock: "Stock", law: "LawChanged") -> str:
    if law.marked is not None:
        return f"concordat legislation show {law.key} --protocol {stock.slug}"
    since = law.since or "DATE"
    return (
        f"concordat legislation change {law.key} --protocol {stock.slug} --in-force-from {since} "
        f'--what "The {law.title} was repealed{_on(law.since)}"'
    )


def _replaced(stock: "Stock", replaced: "Sequence[LawChanged]") -> tuple[str, list[str]]:
    more = "more of the texts it cites" if stock.repealed else "of the texts it cites"
    has_have = "has" if len(replaced) == 1 else "have"
    return f"{capital(number(len(replaced)))} {more} {has_have} been replaced or superseded. What to do about each:", [
        f"concordat matters {stock.slug}"
    ]


def _on(day: date | None) -> str:
    return f" on {in_words(day).partition(' ')[2]}" if day else ""


def _successors(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    if stock.succeeded:
        has_have = "has" if len(stock.succeeded) == 1 else "have"
        which = f"{capital(number(len(stock.succeeded)))} of the {stock.parties} parties {has_have}"
        yield (
            f"{which} merged, moved or been renamed since. See by what, then ask each successor to adopt:",
            [f"concordat succession list {stock.slug}", "concordat succession apply NUMBER --lead ADDRESS"],
        )


def _addresses(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    if stock.made_up:
        which = "One address is" if stock.made_up == 1 else f"{stock.made_up} addresses are"
        yield (
            f"{which} made up (they end in .example), and nothing reaches anybody there. Correct them:",
            [f"concordat parties {stock.slug}", "concordat contact set PARTY lead-member ADDRESS"],
        )
    if stock.bounced:
        which = "This address has bounced" if len(stock.bounced) == 1 else "These addresses have bounced"
        yield (
            f"{which}: {listed(stock.bounced)}. Telephone them, then correct it:",
            ["concordat contact correct PARTY lead-member ADDRESS"],
        )


def _rest(stock: "Stock") -> Iterator[tuple[str, list[str]]]:
    if stock.matters:
        things = counted(len(stock.matters), "matter")
        yield f"{capital(things)} in all on the secretary's list:", [f"concordat matters {stock.slug}"]


def some(names: Sequence[str]) -> str:
    """The first few by name."""
    return listed([*names[:NAMED], f"{len(names) - NAMED} more"] if len(names) > NAMED else list(names))
