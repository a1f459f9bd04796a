"""A breach is reported, follow-ups and steps open: whoever has to act is told what, by when and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from actions.breaches.facts import facts_of, parties_in
from actions.breaches.listeners import coordinator, open_assessment_of, say, times_taken
from actions.breaches.moving import party_of, protocol_of
from actions.breaches.procedures import procedure_of
from actions.breaches.roles import Asked
from actions.breaches.steps import Opened, standing_of
from actions.breaches.wording import asked_step, holders, known_facts, party_names
from actions.cast import known_id, secretary_of
from actions.describing import described
from actions.policy import zone_of
from actions.telling import tell
from models.breach import Breach, FollowUp
from models.obligation import Obligation
from models.protocol import Contact, Party
from notifications.messages import BreachReported, FollowUpOpened, LocalActionAsked, StepsHandedOver, StepsOpened
from rules.breach import Step
from rules.breach_duties import LAW, DutyKind, Regime, notice_due
from rules.breach_facts import FactName, instant_of
from rules.limits import is_over, time_left
from rules.sentences import listed


def tell_secretary_of_report(
    session: Session, now: datetime, breach: Breach, reference: str, slugs: Sequence[str]
) -> None:
    """`slugs`: whom it may concern, as the report says."""
    protocol, number = protocol_of(session, breach), known_id(breach)
    to, names = secretary_of(session, known_id(protocol)), _names(session, breach, slugs)
    affect = f"concordat breach affect {number} PARTY --because TEXT"
    commands = (f"concordat breach show {number}", affect)
    tell(
        session, now, protocol, to, breach.case, f"{breach.case}:reported:contact-{to.id}",
        lambda h: BreachReported(
            **h, breach=number, references=(reference,), received_at=breach.reported_at, parties=names,
            commands=commands,
        ),
    )  # fmt: skip


def named_parties(session: Session, breach: Breach) -> tuple[str, ...]:
    """Whom the breach may concern, by the facts as they are now, by name."""
    return _names(session, breach, parties_in(session, breach))


def _names(session: Session, breach: Breach, slugs: Sequence[str]) -> tuple[str, ...]:
    names = party_names(session, breach, slugs)
    return tuple(names.get(slug) or slug for slug in slugs)


def tell_of_follow_up(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, opened: Sequence[Opened]
) -> None:
    """To whoever owes the assessment, with every first step; to others whose steps have come, theirs."""
    to, party = coordinator(session, now, breach, follow_up), party_of(session, follow_up)
    procedure, zone = procedure_of(session, follow_up), zone_of(protocol_of(session, breach))
    moments = _moments(session, breach, follow_up, opened)
    duty = open_assessment_of(session, breach, follow_up)
    if duty is None:
        tell_of_steps(session, now, breach, follow_up, opened)
        return
    say(
        session, now, breach, to, party, f"{duty.key}:opened", FollowUpOpened,
        about=[duty, *(each.duty for each in opened if each.asked.contact.id == to.contact.id)],
        known=known_facts(facts_of(session, breach), zone), received_at=breach.reported_at,
        others=_others(session, breach, party), procedure=procedure.title, version=procedure.version,
        standing=procedure.standing.value,
        steps=tuple(asked_step(each, procedure, to.contact, zone, now, moments) for each in opened),
        assessment=described(session, duty, now), held_by=holders(session, breach),
        **_notice_if_aware_then(session, breach, follow_up, zone, now),
    )  # fmt: skip
    others = [each for each in opened if each.asked.contact.id != to.contact.id]
    tell_of_steps(session, now, breach, follow_up, others)


def _others(session: Session, breach: Breach, party: Party) -> tuple[str, ...]:
    return tuple(name for name in named_parties(session, breach) if name != party.name)


def _notice_if_aware_then(
    session: Session, breach: Breach, follow_up: FollowUp, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    """The strictest reading: nobody at the party has said yet since when it has been aware."""
    noticed, at = _noticed(session, breach, zone)
    due = notice_due(at or breach.reported_at, zone)
    return {
        "noticed": noticed, "noticed_at": at,
        "law": LAW[follow_up.regime, DutyKind.REGULATOR],
        "law_enforcement": follow_up.regime is Regime.LAW_ENFORCEMENT,
        "notice_due_at": due.instant, "notice_overdue": is_over(due.instant, now, exact=True),
        "notice_left": time_left(due.instant, now), "notice_counted": due.because,
    }  # fmt: skip


def _moments(session: Session, breach: Breach, follow_up: FollowUp, opened: Sequence[Opened]) -> Mapping[str, datetime]:
    """What limits count from, where one of these has words and no figure."""
    in_words = any(each.step.limit is not None and each.step.limit.urgency for each in opened)
    return standing_of(session, breach, follow_up).moments if in_words else {}


def _noticed(session: Session, breach: Breach, zone: ZoneInfo) -> tuple[str | None, datetime | None]:
    """What the report says of when somebody first knew or suspected it, where that was before it came."""
    facts = facts_of(session, breach)
    known = ((instant_of(facts.get(name), zone), name) for name in (FactName.DETECTED, FactName.SUSPECTED))
    stated = [(at, name.value) for at, name in known if at is not None and at < breach.reported_at]
    at, name = min(stated, key=lambda each: each[0], default=(None, None))
    return name, at


def tell_of_steps(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, opened: Sequence[Opened]
) -> None:
    """To each who takes some of them, those."""
    procedure, zone = procedure_of(session, follow_up), zone_of(protocol_of(session, breach))
    moments = _moments(session, breach, follow_up, opened)
    for contact, theirs in _by_contact(opened):
        asked = _as_one(contact, [each.asked for each in theirs])
        say(
            session, now, breach, asked, party_of(session, follow_up), f"{theirs[0].duty.key}:opened",
            StepsOpened, about=[each.duty for each in theirs], only_while_owed=True,
            procedure=procedure.title, version=procedure.version, held_by=holders(session, breach),
            steps=tuple(asked_step(each, procedure, contact, zone, now, moments) for each in theirs),
        )  # fmt: skip


def _by_contact(opened: Iterable[Opened]) -> list[tuple[Contact, list[Opened]]]:
    ordered = sorted(opened, key=lambda each: (known_id(each.asked.contact), known_id(each.duty)))
    grouped = groupby(ordered, key=lambda each: known_id(each.asked.contact))
    return [(group[0].asked.contact, group) for group in (list(each) for _, each in grouped)]


def tell_of_hand_over(
    session: Session, now: datetime, breach: Breach, handed: Sequence[tuple[Obligation, Asked]]
) -> None:
    """To whoever stands in. One who is asked, and again after somebody has come back, is told each time."""
    time = times_taken(session, breach, Step.HAND_OVER) + 1
    theirs: dict[tuple[int, int], list[tuple[Obligation, Asked]]] = {}
    for duty, asked in handed:
        assert duty.party_id is not None
        theirs.setdefault((duty.party_id, known_id(asked.contact)), []).append((duty, asked))
    for (party_id, _), group in theirs.items():
        party, duties = session.get_one(Party, party_id), [duty for duty, _ in group]
        say(
            session, now, breach, _as_one(group[0][1].contact, [asked for _, asked in group]), party,
            f"{breach.case}:{party.slug}:handed-over:{time}", StepsHandedOver, about=duties,
            only_while_owed=True, duties=tuple(described(session, duty, now) for duty in duties),
        )  # fmt: skip


def _as_one(contact: Contact, asked: Sequence[Asked]) -> Asked:
    """Whoever is asked for several things, for the reasons of each."""
    why = listed(list(dict.fromkeys(each.why for each in asked)))
    return Asked(contact, why, tuple(away for each in asked for away in each.instead_of))


def tell_of_local_action(
    session: Session, now: datetime, breach: Breach, duty: Obligation, instead_of: tuple[Contact, ...] = ()
) -> None:  # fmt: skip
    """`instead_of`: who would have come first, and is away."""
    party = session.get_one(Party, duty.party_id)
    contact = session.get_one(Contact, duty.contact_id)
    to = Asked(contact, f"you are asked to see to it for {party.name}", instead_of)
    say(
        session, now, breach, to, party, f"{duty.key}:asked", LocalActionAsked, about=[duty],
        only_while_owed=True, duty=described(session, duty, now),
    )  # fmt: skip
