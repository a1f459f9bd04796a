"""A complaint as text: what `concordat complaint show` prints."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from actions.complaints.shown import ComplaintDuty, ComplaintView, EffectLine, FindingLine
from actions.complaints.suggested import worth_showing
from cli.printing import capital, counted, in_words, paragraph
from rules.sentences import listed, written_day, written_instant

WITHOUT = "not asked"


def complaint_text(view: ComplaintView) -> str:
    parts = (_head, _told, _owed, _on_its_way, _suggested, _findings, _asked_again, _next)
    written = ("\n".join(part(view)) for part in parts)
    return "\n\n".join(part for part in written if part)


def _head(view: ComplaintView) -> Iterator[str]:
    line = view.complaint
    yield f"Complaint {line.number} of {line.protocol}: {line.outcome or line.stage}"
    found = f" Found: {view.result}." if view.findings else ""
    yield paragraph(f"It is {view.state}.{found}")
    got = view.received_by or "the secretary"
    yield paragraph(f"{capital(line.kind)}, about {line.party}. Received {_at(view, line.received_at)} by {got}.")
    yield paragraph(f"Answered by {line.handler or 'the secretary of the steering group'}.")


def _told(view: ComplaintView) -> Iterator[str]:
    yield "What was told"
    for label, words in (("What", view.what), ("Wanted", view.wanted), ("To be reached", view.reach)):
        if words:
            yield paragraph(f"{label}: {words}", "  ", "  ")
    yield paragraph(f"Happened: {_days(view.happened_from, view.happened_to)}. {view.version_because}", "  ", "  ")
    if view.attachments:
        yield paragraph(f"Kept elsewhere: {'; '.join(view.attachments)}", "  ", "  ")


def _days(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return "nobody has said when"
    return written_day(first) if first == last else f"{written_day(first)} to {written_day(last)}"


def _owed(view: ComplaintView) -> Iterator[str]:
    going = [duty for duty in view.duties if duty.outcome is None]
    if going:
        yield "What is owed"
    for duty in going:
        whose = duty.party or "steering group"
        yield paragraph(f"{duty.number}  {_due(duty)}: {whose}, {duty.what}", "  ", "    ")
        if duty.kind == "acknowledgement" and view.counted:
            yield paragraph(view.counted, "      ")


def _due(duty: ComplaintDuty) -> str:
    day = written_day(duty.due_on)
    if duty.overdue:
        return f"{day}, OVERDUE by {counted(-duty.days_left, 'day')}"
    return f"{day}, {'today' if not duty.days_left else counted(duty.days_left, 'day') + ' left'}"


def _on_its_way(view: ComplaintView) -> Iterator[str]:
    """Referrals and what whoever complained was told, as they came."""
    whose = [(each, each.sender or "the secretary", each.to or "the secretary") for each in view.referrals]
    lines = [(each.at, f"Referred by {of} to {to} ({each.by}): {each.because}") for each, of, to in whose]
    lines += [
        (each.given_at, f"{capital(each.kind)} {each.how}{_late(each.late)} ({each.by})") for each in view.notices
    ]
    if lines:
        yield "What has been done"
    for at, words in sorted(lines):
        yield paragraph(f"{_at(view, at)}: {words}", "  ", "  ")
    if view.untold:
        yield paragraph(f"Whoever complained cannot be told: {view.untold}")


def _late(late: bool | None) -> str:
    return {True: ", LATE", False: ", in time", None: ""}[late]


def _suggested(view: ComplaintView) -> Iterator[str]:
    """Until somebody has answered, and after that no more."""
    found = view.suggestion
    if found is None or view.findings or view.complaint.ended_at is not None:
        return
    yield "Clauses that may govern it, as read from its words; a person decides"
    if found.unread:
        yield paragraph(found.unread, "  ", "  ")
        return
    for clause in worth_showing(found.clauses):
        because = listed([f"“{words}”" for words in clause.because]) or "earlier cases like it"
        yield paragraph(f"{clause.id} ({clause.heading}), score {clause.score:.2f}: {because}", "  ", "    ")
    if found.none_likely:
        words = f" ({', '.join(found.none_because)})" if found.none_because else ""
        yield paragraph(f"Probably none of ours{words}.", "  ", "  ")
    for case in found.similar:
        clauses = f", {', '.join(case.clauses)}" if case.clauses else ""
        yield paragraph(f"Like {case.id.replace(':', ' ')}: {case.determination}{clauses}", "  ", "    ")


def _findings(view: ComplaintView) -> Iterator[str]:
    for finding in view.findings:
        yield from _finding(view, finding, "")
        for corrected in finding.corrected:
            yield from _finding(view, corrected, "    ")


def _finding(view: ComplaintView, finding: FindingLine, margin: str) -> Iterator[str]:
    issue = f", issue {finding.issue}" if len(view.findings) > 1 else ""
    words = f" “{finding.words}”" if finding.words else ""
    was = "Before that, finding" if margin else "Finding"
    said = f"{was} {finding.number}{issue}{words}: {finding.result.upper()}{_where(finding)}"
    yield paragraph(f"{said}. {_at(view, finding.at)}, {finding.by}.", margin, "  ")
    if finding.because:
        yield paragraph(f"Corrects the one before, because: {finding.because}", f"{margin}  ", "  ")
    for answer in finding.answers:
        rests = " ".join(filter(None, (answer.evidence, answer.reference)))
        why = f": {answer.because} [{rests}]" if answer.because else ""
        yield paragraph(f"{answer.asked} {capital(answer.answer or WITHOUT)}{why}", f"{margin}  ", "  ")
    if finding.observation:
        yield paragraph(f"Kept in view: {finding.observation}", f"{margin}  ", "  ")
    if finding.what_matters and not margin:
        yield paragraph(f"To be found out: {listed(finding.what_matters)}", f"{margin}  ", "  ")
    if finding.reading:
        agreed = "agrees" if finding.reading.agrees else "does NOT agree"
        yield paragraph(f"{finding.reading.by} {agreed}: {finding.reading.because}", f"{margin}  ", "  ")
    for effect in finding.effects:
        yield paragraph(f"→ {_effect(effect)}: {effect.words}", f"{margin}  ", "  ")
    for wanted in finding.wanting:
        yield paragraph(f"→ still to follow: {' or '.join(wanted)}", f"{margin}  ", "  ")


def _where(finding: FindingLine) -> str:
    clause = f", clause {finding.clause}" if finding.clause else ", no clause"
    heading = f" ({finding.heading})" if finding.heading else ""
    version = f" of version {finding.version}" if finding.version and finding.clause else ""
    return f"{clause}{heading}{version}, {finding.party}"


def _effect(effect: EffectLine) -> str:
    number = effect.obligation or effect.breach or effect.gap
    what = {"local action": f"local action, obligation {number}", "no change": "no change, because"}
    named = what.get(effect.effect, f"{effect.effect} {number}")
    return f"{named} ({effect.standing})" if effect.standing else named


def _asked_again(view: ComplaintView) -> Iterator[str]:
    for each in view.rechecks:
        if each.answer is None:
            yield paragraph(f"Would version {each.version} cover it? Asked {in_words(each.asked_at)}; no answer yet.")
        else:
            said = f"Would version {each.version} cover it? {capital(each.answer)}: {each.because} ({each.by})"
            yield paragraph(said, hanging="  ")


def _next(view: ComplaintView) -> Iterator[str]:
    if view.next:
        yield "What to do next:"
        yield from (f"  {command}" for command in view.next)


def _at(view: ComplaintView, value: datetime) -> str:
    """A day where nobody said at what time."""
    zone = ZoneInfo(view.zone)
    local = value.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return written_day(local)
    return written_instant(value.replace(second=0, microsecond=0), zone)
