"""What messages about a breach say of steps, limits and facts. No text of anybody's: those stay in the record."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from actions.breaches.facts import Stated, listed_in
from actions.breaches.steps import Opened
from models.breach import Breach, BreachReport, FollowUp, LetterHold
from models.protocol import Contact, Party
from models.remembering import remembered
from notifications.messages import StepAsked
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape, instant_of
from rules.instants import end_of_day
from rules.limits import is_over, time_left
from rules.procedure_limits import start_of
from rules.procedure_words import from_words
from rules.procedures import Limit, Procedure, Urgency, roles_named
from rules.sentences import listed, written_day, written_instant
from rules.severity import severity
from rules.severity_factors import from_plain

URGENCIES = {
    Urgency.IMMEDIATELY: "at once", Urgency.UNDUE_DELAY: "without undue delay", Urgency.DELAY: "without delay",
}  # fmt: skip


@remembered(BreachReport)
def references_of(session: Session, breach: Breach) -> tuple[str, ...]:
    """Which reporters quote: several after a merger."""
    return tuple(session.exec(_REFERENCES, params={"of": breach.id}))


_REFERENCES = (
    select(BreachReport.reference).where(BreachReport.breach_id == bindparam("of")).order_by(col(BreachReport.id))
)


@remembered(LetterHold, FollowUp, Party)
def holders(session: Session, breach: Breach, besides: LetterHold | None = None) -> tuple[str, ...]:
    """The parties whose holds on letters stand, by name."""
    own, standing = besides.id if besides else None, session.exec(_HOLDERS, params={"of": breach.id})
    return tuple(dict.fromkeys(name for number, name in standing if number != own))


_HOLDERS = (
    select(LetterHold.id, Party.name)
    .join(FollowUp, col(FollowUp.id) == LetterHold.follow_up_id)
    .join(Party, col(Party.id) == FollowUp.party_id)
    .where(LetterHold.breach_id == bindparam("of"), col(LetterHold.released_at).is_(None))
    .order_by(col(LetterHold.id))
)


def asked_step(
    opened: Opened,
    procedure: Procedure,
    reader: Contact,
    zone: ZoneInfo,
    now: datetime,
    moments: Mapping[str, datetime],
) -> StepAsked:
    """The step as its own procedure has it: where that gives no figure, none is named."""
    step, asked = opened.step, opened.asked.contact
    return StepAsked(
        what=step.do, taken_by=procedure.roles[step.by].name,
        asked=None if asked.id == reader.id else asked.role.value, evidence=step.evidence, note=step.note,
        advised_by=roles_named(procedure, step.advised_by), inform=roles_named(procedure, step.inform),
        **_limit(opened, zone, now, moments),
    )  # fmt: skip


def _limit(opened: Opened, zone: ZoneInfo, now: datetime, moments: Mapping[str, datetime]) -> dict[str, Any]:
    if opened.due is None:
        return {"instead": _instead(opened.step.limit) + begun_late(opened.step.limit, zone, now, moments)}
    due, said = opened.due.due, {"how_counted": opened.due.because}
    if isinstance(due, datetime):
        return said | {"due_at": due, "overdue": is_over(due, now, exact=True), "left": time_left(due, now)}
    return said | {"due_on": due, "overdue": is_over(end_of_day(due, zone), now, exact=False)}


def _instead(limit: Limit | None) -> str:
    if limit is None:
        return "the procedure gives no time"
    if limit.urgency is not None:
        return URGENCIES[limit.urgency]
    return f"the time counts from {from_words(limit)}, which nobody has recorded yet"


def begun_late(limit: Limit | None, zone: ZoneInfo, now: datetime, moments: Mapping[str, datetime]) -> str:
    """“At once” beside a limit of long ago: it counts from then as well."""
    since = start_of(limit, moments) if limit and limit.urgency else None
    if since is None or now - since < timedelta(days=1):
        return ""
    return f": it should have been begun on {written_day(since.astimezone(zone))}"


# Of these a message says what is known: times, counts and a word of ours, nothing that anybody wrote.
SAID = (
    FactName.KIND, FactName.OCCURRED_FROM, FactName.OCCURRED_TO, FactName.SUSPECTED, FactName.DETECTED, FactName.PEOPLE,
    FactName.RECORDS,
)  # fmt: skip


def known_facts(facts: Mapping[FactName, Any], zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """By name; the numbers also where they are unknown."""
    counts = (FactName.PEOPLE, FactName.RECORDS)
    stated = ((name, facts.get(name, UNKNOWN)) for name in SAID)
    return tuple(
        (name.value, str(value) if name is FactName.KIND else _shown(name, value, {}, zone) or UNKNOWN)
        for name, value in stated
        if value != UNKNOWN or name in counts
    )


def changes(
    session: Session, breach: Breach, changed: list[Stated], zone: ZoneInfo
) -> tuple[tuple[str, str | None, str | None], ...]:
    """Counts, times, parties and the band, before and after; of everything else, the name of the fact alone."""
    values = [value for each in changed if each.name is FactName.PARTIES for value in (each.before, each.value)]
    names = party_names(session, breach, [slug for value in values for slug in listed_in(value)])
    return tuple(_change(stated, names, zone) for stated in changed)


def _change(stated: Stated, names: Mapping[str, str], zone: ZoneInfo) -> tuple[str, str | None, str | None]:
    name = "severity" if stated.name is FactName.FACTORS else stated.name.value
    before, after = (_shown(stated.name, value, names, zone) for value in (stated.before, stated.value))
    return (name, before, after) if before != after else (name, None, None)


def _shown(name: FactName, value: Any, names: Mapping[str, str], zone: ZoneInfo) -> str | None:
    """None: not shown in a message."""
    shape = SHAPES[name]
    if shape not in (Shape.COUNT, Shape.INSTANT, Shape.FACTORS) and name is not FactName.PARTIES:
        return None
    if value is None or value == UNKNOWN:
        return UNKNOWN
    match shape:
        case Shape.COUNT:
            return f"{value:,}"
        case Shape.INSTANT:
            return _time(str(value), zone)
        case Shape.FACTORS:
            return severity(from_plain(value)).band.value
        case _:
            return listed([names.get(slug, slug) for slug in value]) or "none"


def _time(value: str, zone: ZoneInfo) -> str:
    instant = instant_of(value, zone)
    assert instant is not None
    is_a_day = len(value) == len("2026-10-23")
    return written_day(instant.astimezone(zone)) if is_a_day else written_instant(instant, zone)


def party_names(session: Session, breach: Breach, slugs: Sequence[str]) -> dict[str, str]:
    """Of these, not of all: a framework has thousands."""
    of = select(Party.slug, Party.name).where(Party.protocol_id == breach.protocol_id, col(Party.slug).in_(set(slugs)))
    return dict(session.exec(of).all()) if slugs else {}
