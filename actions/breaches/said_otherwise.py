"""What a reporter says otherwise than somebody else has stated since: that stands, and the secretary looks at it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from actions.breaches.facts import Stated, digest
from actions.breaches.moving import protocol_of
from actions.breaches.reporter_questions import without_number
from actions.breaches.showing_facts import in_words
from actions.cast import known_id
from actions.matters import open_matter
from actions.policy import zone_of
from models import history
from models.breach import Breach, BreachFact, BreachReport
from models.protocol import MatterKind
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape

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
    newest = _newest(session, breach, read)
    return {
        name: newest[name]
        for name, value in read.items()
        if known.get(name) not in (None, UNKNOWN, value)
        and not _is_own(newest[name], report, by)
        and not _only_adds(name, known[name], value)
    }


def _newest(session: Session, breach: Breach, names: Iterable[FactName]) -> dict[FactName, BreachFact]:
    of = select(BreachFact).where(BreachFact.breach_id == breach.id, col(BreachFact.name).in_(list(names)))
    return {row.name: row for row in session.exec(of.order_by(col(BreachFact.id)))}


def _is_own(row: BreachFact, report: BreachReport, by: str) -> bool:
    return row.report_id == report.id or row.stated_by == by


def _only_adds(name: FactName, before: Any, value: Any) -> bool:
    return name in ONLY_ADDED or (SHAPES[name] is Shape.TEXT and value.startswith(before))


def note(
    session: Session, now: datetime, breach: Breach, report: BreachReport, by: str, name: FactName, value: Any,
    stands: BreachFact,
) -> None:  # fmt: skip
    """Kept with history as its words, so that retention may empty them. The same again is on the list already."""
    protocol = protocol_of(session, breach)
    on_the_list = open_matter(
        session, now, protocol, MatterKind.BREACH,
        # without the breach: a merger moves the report
        f"reporter-said:{report.id}:{stands.id}:{digest(value)[:16]}",
        f"The reporter of {report.reference} (breach {breach.id}) says otherwise of “{name}” than the "
        f"{without_number(stands.stated_by)} has stated. What was stated stands.",
        f"Read what the reporter says in `concordat history {breach.case}`, and ask whoever stated it. Where the "
        f"reporter is right, correct it with `concordat breach fact {known_id(breach)} "
        f"{name.replace(' ', '-')}=VALUE --because TEXT`.",
    )  # fmt: skip
    if on_the_list:
        history.write(
            session, breach.case, now, by, "reporter says otherwise", why=in_words(name, value, zone_of(protocol)),
            reference=report.reference, fact=name.value,
        )  # fmt: skip
