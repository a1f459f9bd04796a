"""A breach as text: what `concordat breach show` prints."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from actions.breaches.shown import BreachView, FactLine, ReporterLine, StatementLine
from cli.breach_party_text import party_text
from cli.printing import capital, counted, in_words, paragraph
from rules.sentences import listed, written_instant


def breach_text(view: BreachView) -> str:
    parts = [
        "\n".join(_head(view)), "\n".join(_reporters(view)), "\n".join(_facts(view)), "\n".join(_severity(view)),
        *(party_text(party) for party in view.follow_ups),
        "\n".join(_between(view)), "\n".join(_learnt(view)), "\n".join(_next(view)),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _head(view: BreachView) -> Iterator[str]:
    line = view.breach
    yield f"Breach {line.number} of {line.protocol}: {line.outcome or line.stage}"
    yield paragraph(f"It is {view.state}. Reported {_at(view, line.reported_at)}{_as(view.references)}.")
    if view.merged_into:
        yield f"It goes on as breach {view.merged_into}."
    if line.next_statutory is not None:
        of = line.next_statutory
        yield paragraph(f"Next by law: {of.party}, {_at(view, of.due_at)}: {of.left.replace('overdue', 'OVERDUE')}.")
    if line.not_aware:
        yield paragraph(f"Nobody has recorded since when these have been aware: {listed(line.not_aware)}.")


def _reporters(view: BreachView) -> Iterator[str]:
    """For the secretary alone."""
    if view.reporters:
        yield "Reported by"
    for each in view.reporters:
        yield paragraph(f"{each.reference}: {_reporter(each)}", "  ", "  ")


def _reporter(line: ReporterLine) -> str:
    if not line.reporter:
        return f"anonymous{f', of {line.party}' if line.party else ''}"
    known = ", ".join(filter(None, (line.reporter, line.party and f"of {line.party}")))
    reached = f"; to be reached: {line.reach}" if line.reach else ""
    secret = ". Confidential: only the secretary knows, tell no party" if line.kind == "confidential" else ""
    return f"{known}{reached}{secret}"


def _at(view: BreachView, value: datetime) -> str:
    return written_instant(value, ZoneInfo(view.zone))


def _as(references: tuple[str, ...]) -> str:
    return f" as {listed(references)}" if references else ""


def _facts(view: BreachView) -> Iterator[str]:
    yield "What is known"
    unknown = [line.name for line in view.facts if not line.known]
    for line in view.facts:
        if line.known:
            yield paragraph(f"{capital(line.name)}: {line.words}{_since(line)}", "  ", "  ")
    if unknown:
        yield paragraph(f"Unknown: {', '.join(unknown)}", "  ", "  ")


def _since(line: FactLine) -> str:
    if not line.corrected or line.stated_at is None:
        return ""
    why = f": {line.why}" if line.why else ""
    return f" (stated anew on {in_words(line.stated_at)} by {line.stated_by}{why})"


def statements_text(lines: Sequence[StatementLine]) -> str:
    """Each fact with all that was said of it, the oldest first; what stands is the last."""
    written = []
    for name, statements in groupby(lines, key=lambda line: line.name):
        written.append(capital(name))
        for line in statements:
            before = [f"before: {line.before}"] if line.before not in (None, line.words) else []
            beside = "; ".join(before + ([f"because: {line.why}"] if line.why else []))
            said = f"{in_words(line.stated_at)}, {line.stated_by}: {line.words}{f' ({beside})' if beside else ''}"
            written.append(paragraph(said, "  ", "  "))
    return "\n".join(written) or "Nobody has stated anything yet."


def _severity(view: BreachView) -> Iterator[str]:
    if view.severity is None:
        yield "Severity: not scored yet (`concordat breach assess`)"
        return
    yield paragraph(f"Severity: {view.severity.score}, {view.severity.band}. {view.severity.because}")
    if view.severity.flags:
        yield paragraph(f"Weigh beside it: {', '.join(view.severity.flags)}.")


def _between(view: BreachView) -> Iterator[str]:
    for hold in view.holds:
        until = f", released {in_words(hold.released_at)}: {hold.release_why}" if hold.released_at else ""
        still = "" if hold.released_at else ": nobody writes to the people concerned"
        since = f"Hold of {hold.party} since {in_words(hold.placed_at)}{still}"
        yield paragraph(f"{since}. {hold.why}{until}", hanging="  ")
    for asked in view.consultations:
        between = f"Question {asked.number}, {asked.asked_by} to {asked.asked_of}"
        yield paragraph(f"{between}: {asked.question}", hanging="  ")
        yield paragraph(f"Answer: {asked.answer or 'none yet; no clock waits for it'}", "  ")


def _learnt(view: BreachView) -> Iterator[str]:
    for lesson in view.lessons:
        became = {"gap": f"gap {lesson.gap}", "none": f"nothing changes, because: {lesson.none_because}"}
        remedy = f" Remedy: {lesson.remedy}." if lesson.remedy else ""
        effect = became.get(lesson.effect, lesson.effect)
        yield paragraph(f"Learnt by {lesson.party} ({lesson.cause}): {lesson.words}{remedy} → {effect}", hanging="  ")
    if view.similar or view.similar_elsewhere:
        yield "Earlier breaches like it"
        for each in view.similar:
            same = ", ".join(filter(None, (each.clause and f"clause {each.clause}", *each.causes)))
            yield paragraph(f"Breach {each.breach}, {in_words(each.at)}, {each.party}: {same}", "  ", "  ")
        for other in view.similar_elsewhere:
            about = f"clause {other.clause}" if other.clause else "the same cause"
            yield paragraph(f"{counted(other.breaches, 'breach', 'breaches')} elsewhere: {about}", "  ", "  ")


def _next(view: BreachView) -> Iterator[str]:
    if view.next:
        yield "What to do next:"
        yield from (f"  {command}" for command in view.next)
