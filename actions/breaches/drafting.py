"""What goes into a notice: the facts that are allowed there, gathered from the record, and the paper made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from actions.breaches.awareness import newest_awareness
from actions.breaches.concluding import severity_of
from actions.breaches.duties import text_of
from actions.breaches.facts import facts_of
from actions.breaches.following import asked_of
from actions.breaches.known_words import known_words
from actions.breaches.matching import first_duty, holds_on
from actions.breaches.moving import party_of, protocol_of
from actions.breaches.statutory import duty_of
from actions.cast import known_id
from actions.policy import zone_of
from models.breach import Addressee, Breach, BreachReport, FollowUp, RegulatorNotice
from models.obligation import ObligationKind
from notifications.papers import paper
from rules.breach_duties import Capacity, DutyKind, law_of
from rules.breach_facts import SHAPES, UNKNOWN, FactName, Shape
from rules.naming_somebody import Suspicion
from rules.regulator_notice import Contact, Notice, Severity, Stated, build, content
from rules.retention import NO_LONGER_KEPT
from rules.sentences import written_day, written_instant


@dataclass(frozen=True, slots=True)
class Draft:
    """`text` is the paper. It names nobody, so `suspicious`, which quotes, is not in it."""

    notice: Notice
    text: str

    @property
    def content(self) -> dict[str, Any]:
        return content(self.notice)

    @property
    def missing(self) -> tuple[str, ...]:
        return self.notice.missing

    @property
    def suspicious(self) -> tuple[Suspicion, ...]:
        return self.notice.suspicious

    @property
    def complete(self) -> bool:
        return self.notice.complete


def addressee_of(follow_up: FollowUp) -> Addressee:
    """Whom the party has to tell, in the capacity it acts in now."""
    return Addressee.CONTROLLER if follow_up.capacity is Capacity.PROCESSOR else Addressee.REGULATOR


def notices_of(session: Session, follow_up: FollowUp) -> list[RegulatorNotice]:
    """To whom the party has to tell now, as they were given: after a merger two first ones may be among them."""
    statement = select(RegulatorNotice).where(
        RegulatorNotice.follow_up_id == follow_up.id, RegulatorNotice.addressee == addressee_of(follow_up)
    )
    return list(session.exec(statement.order_by(col(RegulatorNotice.given_at), col(RegulatorNotice.number))))


def next_number(known: Sequence[RegulatorNotice]) -> int:
    """After a merger there may be gaps."""
    return max((each.number for each in known), default=0) + 1


def draft_notice(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, late_because: str | None = None
) -> Draft:
    """As it would be given now, from the facts as they are. Reads only."""
    number = next_number(notices_of(session, follow_up))
    notice = build_notice(session, now, breach, follow_up, number, late_because)
    return drafted(notice, zone_of(protocol_of(session, breach)))


def drafted(notice: Notice, zone: ZoneInfo) -> Draft:
    """The paper tells times by the protocol's own clock."""
    return Draft(notice, notice_text(notice, zone))


def build_notice(
    session: Session, at: datetime, breach: Breach, follow_up: FollowUp, number: int, late_because: str | None
) -> Notice:
    """As it would be given at that instant."""
    party, facts, aware = party_of(session, follow_up), facts_of(session, breach), newest_awareness(session, follow_up)
    processor, duty = follow_up.capacity is Capacity.PROCESSOR, first_duty(session, follow_up)
    scored, asked = severity_of(facts), asked_of(session, at, breach, follow_up, ObligationKind.NOTICE).contact
    return build(
        Stated(
            party=party.name, protocol=protocol_of(session, breach).name, breach=known_id(breach), number=number,
            regime=follow_up.regime, capacity=follow_up.capacity,
            law=law_of(follow_up.regime, DutyKind.CONTROLLER if processor else DutyKind.REGULATOR),
            contact=Contact(role=asked.role.value, address=asked.address) if asked.party_id == party.id else None,
            facts=facts, aware_at=aware.aware_at if aware else None, due_at=duty.due_at, at=at, first_at=duty.done_at,
            people_told=people_in_words(session, breach, follow_up),
            severity=Severity(score=scored.score, band=scored.band, flags=scored.flags) if scored else None,
            late_because=late_because or text_of(session, duty.late_because_id), never=tuple(_never(session, breach)),
            known=known_words(session, protocol_of(session, breach)),
        )
    )  # fmt: skip


def _never(session: Session, breach: Breach) -> Iterator[str]:
    for report in session.exec(select(BreachReport).where(BreachReport.breach_id == breach.id)):
        yield from (words for words in (report.reporter, report.reach) if words)


def people_in_words(session: Session, breach: Breach, follow_up: FollowUp) -> str | None:
    """Whether the people concerned have been told or will be, and why not. None: nobody has decided."""
    duty, zone = duty_of(session, follow_up, DutyKind.PEOPLE), zone_of(protocol_of(session, breach))
    if duty is None or (duty.required is None and duty.done_at is None):
        return None
    if duty.done_at is not None:
        return f"they were told on {written_instant(duty.done_at, zone)}."
    if duty.required is False:
        return f"they have not been told: {text_of(session, duty.because_id) or NO_LONGER_KEPT}."
    if holds_on(session, breach):
        return "they have not been told yet: telling them is restricted for now (DPA 2018 s.68(7))."
    return "they have not been told yet, and will be without undue delay."


def notice_text(notice: Notice, zone: ZoneInfo) -> str:
    """Plain text, at most 78 characters a line."""
    facts = {name: notice.facts.get(name.value) for name in FactName}
    told = {field: _shown(facts[name], SHAPES[name], zone) for field, name in FIELDS.items()}
    told |= {"aware_at": _instant(notice.aware_at, zone), "due_at": _instant(notice.due_at, zone)}
    context = asdict(notice) | told | {
        "unknown": notice.unknown, "to_restate": notice.to_restate, "complete": notice.complete,
    }  # fmt: skip
    return paper("regulator_notice", {key: value for key, value in context.items() if key != "suspicious"})


FIELDS = {
    "happened": FactName.HAPPENED, "nature": FactName.NATURE, "occurred_from": FactName.OCCURRED_FROM,
    "occurred_to": FactName.OCCURRED_TO, "suspected": FactName.SUSPECTED, "detected": FactName.DETECTED,
    "people_kinds": FactName.PEOPLE_KINDS, "people": FactName.PEOPLE, "data": FactName.DATA,
    "records": FactName.RECORDS, "consequences": FactName.CONSEQUENCES, "measures": FactName.DONE,
}  # fmt: skip


def _instant(at: datetime | None, zone: ZoneInfo) -> str | None:
    return written_instant(at, zone) if at is not None else None


def _shown(value: Any, shape: Shape, zone: ZoneInfo) -> Any:
    """An instant by the zone's own clock, a day as a day; everything else as it is."""
    if shape is not Shape.INSTANT or value in (None, UNKNOWN):
        return value
    if len(value) == len("2026-10-23"):
        return written_day(date.fromisoformat(value))
    return written_instant(datetime.fromisoformat(value), zone)
