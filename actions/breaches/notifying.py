"""The notice to the regulator (or, of a processor, to its controller): drafted from the record, recorded when given."""

from datetime import datetime

from sqlmodel import Session

from actions.breaches.awareness import require_awareness
from actions.breaches.drafting import Draft, addressee_of, build_notice, draft_notice, drafted, next_number, notices_of
from actions.breaches.duties import done, has_happened
from actions.breaches.matching import answer, first_duty, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.notice_references import with_reference
from actions.breaches.settling import settle
from actions.cast import known_id
from actions.policy import zone_of
from actions.reasons import reason_if_any
from models import history
from models.breach import Breach, BreachDuty, FollowUp, NoticeKind, RegulatorNotice
from models.obligation import ObligationKind
from models.protocol import Party
from rules.breach_duties import LateWithoutReasons
from rules.errors import Refused
from rules.notice_differences import Difference, differences
from rules.regulator_notice import content
from rules.sentences import written_instant

__all__ = [
    "Draft", "GivenBefore", "ReferenceTooLong", "differences_from_notice", "differs_from_notice", "draft_notice",
    "notices_of", "record_notice",
]  # fmt: skip

OF_ITS_OWN_ACCORD = "the notice was not required; it was given of the party's own accord"
LONGEST_REFERENCE = 60


class GivenBefore(Refused):
    """Before the party was aware, or before the first notice."""

    def __init__(self, what: str, breach_id: int, party: Party) -> None:
        super().__init__(
            f"That is before {what}: give the right instant, or correct the awareness first with "
            f"`concordat breach aware {breach_id} {party.slug} --at WHEN --who ROLE --because TEXT`."
        )


class ReferenceTooLong(Refused):
    def __init__(self) -> None:
        super().__init__(f"A regulator's reference has at most {LONGEST_REFERENCE} characters.")


def record_notice(
    session: Session, now: datetime, breach_id: int, slug: str, given_at: datetime, by: str,
    regulator_reference: str | None = None, late_because: str | None = None,
) -> RegulatorNotice:  # fmt: skip
    """It was given, as the facts are now, perhaps with fields still missing: supplements follow, and restart nothing.

    The same again does nothing; with the regulator's reference, what was given at that instant has it from now on,
    whatever has been corrected since. Raises AwarenessNeeded, LiesAhead, GivenBefore, ReasonNeeded,
    LateWithoutReasons (the first only), ReferenceTooLong."""
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    zone = zone_of(protocol_of(session, breach))
    at, reference = has_happened(given_at, now, zone), _reference(regulator_reference)
    why, known = reason_if_any(late_because, "a delay"), notices_of(session, follow_up)
    if given := _given_then(known, at):
        at = given.given_at
        if reference and why is None:
            return with_reference(session, now, breach, party, given, reference, by)
    _require_in_order(session, follow_up, party, at, known)
    _require_reasons(session, breach, follow_up, at, why)
    draft = drafted(build_notice(session, at, breach, follow_up, next_number(known), why), zone)
    if known and _same(known[-1], at, draft):
        return with_reference(session, now, breach, party, known[-1], reference, by)
    row = _keep(session, now, follow_up, draft, at, by, reference)
    _answered(session, first_duty(session, follow_up), at, by, why)
    _tell_history(session, now, breach, party, row, by, why)
    answer(session, now, breach, follow_up, ObligationKind.NOTICE, by)
    match_obligations(session, now, breach)
    settle(session, now, breach)
    return row


def _given_then(known: list[RegulatorNotice], at: datetime) -> RegulatorNotice | None:
    """At that instant, or within that minute: pages show and take no seconds."""
    within = [row for row in known if row.given_at == at or (row.given_at.replace(second=0, microsecond=0) == at)]
    return next((row for row in within if row.given_at == at), within[-1] if within else None)


def _tell_history(
    session: Session, now: datetime, breach: Breach, party: Party, row: RegulatorNotice, by: str, why: str | None
) -> None:
    history.write(
        session, breach.case, now, by, "notice given" if row.number == 1 else "supplement given", why=why,
        party=party.slug, to=row.addressee.value, number=row.number, given_at=row.given_at.isoformat(),
        missing=row.missing, reference=row.regulator_reference,
    )  # fmt: skip


def _require_in_order(
    session: Session, follow_up: FollowUp, party: Party, at: datetime, known: list[RegulatorNotice]
) -> None:
    aware = require_awareness(session, follow_up, party, "a notice counts from it")
    if at < aware.aware_at:
        raise GivenBefore(f"{party.name} became aware", follow_up.breach_id, party)
    if known and at < known[0].given_at:
        raise GivenBefore("the first notice was given", follow_up.breach_id, party)


def _require_reasons(session: Session, breach: Breach, follow_up: FollowUp, at: datetime, why: str | None) -> None:
    """Exactly at the 72 hours' end is in time. Nobody is late with what is not required."""
    duty = first_duty(session, follow_up)
    if duty.done_at is not None or duty.required is False or duty.due_at is None or why is not None:
        return
    if at > duty.due_at:
        raise LateWithoutReasons(written_instant(duty.due_at, zone_of(protocol_of(session, breach))))


def _reference(found: str | None) -> str | None:
    words = reason_if_any(found, "the regulator's reference")
    if words is not None and len(words) > LONGEST_REFERENCE:
        raise ReferenceTooLong
    return words


def _same(before: RegulatorNotice, at: datetime, draft: Draft) -> bool:
    told, now_told = before.content, draft.content
    return before.given_at == at and {**told, "number": 0} == {**now_told, "number": 0}


def _keep(
    session: Session, now: datetime, follow_up: FollowUp, draft: Draft, at: datetime, by: str, reference: str | None
) -> RegulatorNotice:
    number, withheld = draft.notice.number, draft.notice.to_restate
    row = RegulatorNotice.model_validate(
        {
            "follow_up_id": known_id(follow_up), "addressee": addressee_of(follow_up), "number": number,
            "kind": NoticeKind.INITIAL if number == 1 else NoticeKind.SUPPLEMENT, "content": draft.content,
            "missing": list(dict.fromkeys([*draft.missing, *withheld])),
            "text_id": history.narrate(session, draft.text), "regulator_reference": reference, "given_at": at,
            "recorded_at": now, "recorded_by": by,
        }
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _answered(session: Session, duty: BreachDuty, at: datetime, by: str, why: str | None) -> None:
    """By the first notice. A supplement may bring the reasons for a delay that only a correction made one."""
    done(duty, at, by)
    if duty.done_at is not None and duty.due_at is not None and duty.done_at > duty.due_at:
        voluntary = OF_ITS_OWN_ACCORD if duty.required is False and duty.late_because_id is None else None
        if reasons := why or voluntary:
            duty.late_because_id = history.narrate(session, reasons)
    session.add(duty)


def differences_from_notice(session: Session, breach: Breach, follow_up: FollowUp) -> tuple[Difference, ...]:
    """What is known now and is not what the newest notice to whom the party tells now says; none before the first, nor
    where what it said is no longer kept."""
    known = notices_of(session, follow_up)
    if not known or not known[-1].content:
        return ()
    last = known[-1]
    now_told = build_notice(session, last.given_at, breach, follow_up, last.number, None)
    return differences(last.content, content(now_told))


def differs_from_notice(session: Session, breach: Breach, follow_up: FollowUp) -> tuple[str, ...]:
    """The names of what differs: “people” where two were told of and four are known."""
    return tuple(each.name for each in differences_from_notice(session, breach, follow_up))
