"""What a reporter says otherwise than somebody else has stated since: that stands, and the secretary looks at it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from actions.breaches.facts import Stated, digest
from actions.breaches.moving import protocol_of
from actions.breaches.reporter_questions import without_number
from actions.breaches.showing_facts import in_words
from actions.cast import known_id
from actions.matters import close_matter, keyed_from, open_matter, open_matters
from actions.policy import zone_of
from models import history
from models.breach import Breach, BreachFact, BreachReport
from models.protocol import Matter, MatterKind, Protocol
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape

SAID = "reporter-said:"
DIGITS = 16  # of the digest of what was said
REPORTER_OF = "reporter of "
SAID_SINCE = "The reporter has said something of it since."
STATED_SINCE = "What the reporter says has been stated."
TAKEN_BACK = "The reporter does not say so any more."
TAKEN_OFF = (SAID_SINCE, STATED_SINCE, TAKEN_BACK)  # by itself: nobody has looked at it
ONLY_ADDED = frozenset({FactName.PARTIES, FactName.DATA, FactName.PEOPLE_KINDS})


class Added(NamedTuple):
    """What a reporter's statement came to: `stated` stands now, `noted` is looked at."""

    stated: list[Stated]
    noted: list[FactName]


def others_statements(
    session: Session, breach: Breach, report: BreachReport, by: str, known: Mapping[FactName, Any],
    read: Mapping[FactName, Any],
) -> dict[FactName, BreachFact]:  # fmt: skip
    """Of what is `read`, that in which the reporter (`by`) would replace what somebody else has stated. What is only
    added to stands all the same, and whoever said that nobody knows is not contradicted."""
    newest = newest_statements(session, breach, read)
    return {
        name: newest[name]
        for name, value in read.items()
        if known.get(name) not in (None, UNKNOWN, value)
        and not _is_own(newest[name], report, by)
        and not _only_adds(name, known[name], value)
    }


def newest_statements(session: Session, breach: Breach, names: Iterable[FactName]) -> dict[FactName, BreachFact]:
    of = select(BreachFact).where(BreachFact.breach_id == breach.id, col(BreachFact.name).in_(list(names)))
    return {row.name: row for row in session.exec(of.order_by(col(BreachFact.id)))}


def named(report: BreachReport) -> str:
    """As whose a reporter's statements are kept."""
    return f"{REPORTER_OF}{report.reference}"


def is_of_a_reporter(row: BreachFact) -> bool:
    """Said in a report, whoever took it down, or by whoever came back to it."""
    return row.report_id is not None or row.stated_by.startswith(REPORTER_OF)


def _is_own(row: BreachFact, report: BreachReport, by: str) -> bool:
    return row.report_id == report.id or row.stated_by == by


def _only_adds(name: FactName, before: Any, value: Any) -> bool:
    return name in ONLY_ADDED or (SHAPES[name] is Shape.TEXT and value.startswith(before))


def note(
    session: Session, now: datetime, breach: Breach, report: BreachReport, by: str, name: FactName, value: Any,
    stands: BreachFact,
) -> None:  # fmt: skip
    """Kept with history as its words, so that retention may empty them. One matter for each fact of a report: what the
    reporter said last. The same again is on the list already, or somebody has looked at it."""
    protocol, key = protocol_of(session, breach), f"{SAID}{report.id}:{stands.id}:{digest(value)[:DIGITS]}"
    earlier = [each for each in _noted(session, protocol, report) if each.name is name]
    if earlier and earlier[-1].is_about(stands, value) and earlier[-1].matter.outcome not in TAKEN_OFF:
        return
    for each in earlier:
        close_matter(session, now, each.matter, SAID_SINCE)
    again = sum(each.is_about(stands, value) for each in earlier)
    open_matter(
        session, now, protocol, MatterKind.BREACH,
        # without the breach: a merger moves the report
        f"{key}:{again + 1}" if again else key,
        f"The reporter of {report.reference} (breach {breach.id}) says otherwise of “{name}” than the "
        f"{without_number(stands.stated_by)} has stated. What was stated stands.",
        f"Read what the reporter says in `concordat history {breach.case}`, where the last counts, and ask whoever "
        f"stated it. Where the reporter is right, correct it with `concordat breach fact {known_id(breach)} "
        f"{name.replace(' ', '-')}=VALUE --because TEXT`.",
    )  # fmt: skip
    history.write(
        session, breach.case, now, by, "reporter says otherwise", why=in_words(name, value, zone_of(protocol)),
        reference=report.reference, fact=name.value,
    )  # fmt: skip


class _Noted(NamedTuple):
    matter: Matter
    name: FactName
    stands: int
    said: str

    def is_about(self, stands: BreachFact, value: Any) -> bool:
        return self.stands == stands.id and self.said == digest(value)[:DIGITS]


def _noted(session: Session, protocol: Protocol, report: BreachReport, *where: ColumnElement[bool]) -> list[_Noted]:
    """What this reporter has said otherwise, the oldest first."""
    of = (col(Matter.protocol_id) == protocol.id, keyed_from(protocol, f"{SAID}{report.id}:"), *where)
    matters = session.exec(select(Matter).where(*of).order_by(col(Matter.id))).all()
    parts = [matter.key.partition(SAID)[2].split(":") for matter in matters]
    facts = select(BreachFact.id, BreachFact.name).where(col(BreachFact.id).in_({int(each[1]) for each in parts}))
    names = dict(session.exec(facts).all()) if parts else {}
    return [
        _Noted(matter, FactName(names[int(stands)]), int(stands), said)
        for matter, (_, stands, said, *_again) in zip(matters, parts, strict=True)
        if int(stands) in names
    ]


def close_what_was_stated(session: Session, now: datetime, breach: Breach, read: Mapping[FactName, Any]) -> None:
    """Somebody has stated what a reporter says: nobody says otherwise any more."""
    protocol = protocol_of(session, breach)
    if not open_matters(session, protocol, keyed_from(protocol, SAID)):
        return
    for report in session.exec(select(BreachReport).where(BreachReport.breach_id == breach.id)).all():
        for each in _noted(session, protocol, report, col(Matter.closed_at).is_(None)):
            if each.name in read and each.said == digest(read[each.name])[:DIGITS]:
                close_matter(session, now, each.matter, STATED_SINCE)


def close_what_is_taken_back(
    session: Session, now: datetime, breach: Breach, report: BreachReport, names: Iterable[FactName]
) -> None:
    """What the reporter says of these now contradicts nobody."""
    said = frozenset(names)
    for each in _noted(session, protocol_of(session, breach), report, col(Matter.closed_at).is_(None)):
        if each.name in said:
            close_matter(session, now, each.matter, TAKEN_BACK)
