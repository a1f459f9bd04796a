"""Two reports of one breach become one case: the reports, the facts and every party's work move into it.

No clock starts later for it: what was known, told or due earlier in either stands.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.breaches.affecting import OF_A_FOLLOW_UP, end_follow_up
from actions.breaches.asking_secretary import close_matters_about
from actions.breaches.awareness import aware_since
from actions.breaches.beginning import (
    AwareBeforeThat,
    DoneBeforeThat,
    require_nobody_aware_before,
    require_nothing_done_before,
)
from actions.breaches.facts import Stated, digests, facts_of, keep_facts
from actions.breaches.given_facts import OccurredBackwards, require_order
from actions.breaches.matching import match_obligations
from actions.breaches.merged_duties import no_later_than
from actions.breaches.merged_follow_ups import Carried, carry_follow_up
from actions.breaches.merged_records import carry_lessons, gaps_learnt, move_consultations, move_reports
from actions.breaches.moving import BreachHasEnded, follow_ups_of, protocol_of, take_step
from actions.breaches.notice_dates import date_notices_earlier
from actions.breaches.reopening import reopen_follow_up
from actions.breaches.settling import next_breach_step, settle, take_breach_step
from actions.breaches.stating import WHEN_IT_OCCURRED, name_again
from actions.breaches.steps import redate_steps
from actions.breaches.telling import tell_of_merger
from actions.cast import NotThere, known_id
from actions.duties import owed
from actions.gaps.moving import hold_gaps
from actions.moving import hold_cases, protocol_locked
from actions.policy import zone_of
from actions.reasons import reason
from actions.retention.cases import held_now
from models import history
from models.breach import Breach, BreachOutcome, FollowUpEnd
from models.obligation import Obligation, ObligationKind
from rules.breach import Stage, Step
from rules.breach_facts import UNKNOWN, FactName
from rules.breach_merger import Differs
from rules.errors import Refused
from rules.retention import KEPT


class IntoItself(Refused):
    def __init__(self, breach_id: int) -> None:
        super().__init__(
            f"Breach {breach_id} cannot be merged into itself: name the other one (`concordat breach list`)."
        )


class OfAnotherProtocol(Refused):
    def __init__(self, source: Breach, into: Breach) -> None:
        super().__init__(
            f"Breaches {source.id} and {into.id} belong to different protocols, with other parties and other clocks: "
            "they stay apart."
        )


def merge(session: Session, now: datetime, breach_id: int, into_id: int, by: str, because: str) -> list[str]:
    """`breach_id` ends, and goes on in `into_id`. Answers what differs, for somebody to look at.

    Of facts, that stay as they are in each, their names; of a party's two follow-ups “council: conclusion”, where the
    stricter stands.

    Twice the same does nothing. Raises NotThere, IntoItself, OfAnotherProtocol, BreachHasEnded, ReasonNeeded.
    """
    source, into = _held(session, breach_id, into_id)
    if source.merged_into_id == into.id:
        return []
    for breach in (source, into):
        if breach.stage is Stage.CLOSED:
            raise BreachHasEnded(breach)
    why = reason(because, "a merger")
    before = [duty for duty in owed(session, source.case, *OF_A_FOLLOW_UP) if duty.party_id is not None]
    copied, unlike = _merge_facts(session, now, source, into, by)
    move_reports(session, source, into)
    into.reported_at = min(source.reported_at, into.reported_at)
    session.add(into)
    each_of = (carry_follow_up(session, now, each, source, into, by) for each in follow_ups_of(session, source))
    carried = [each for each in each_of if each is not None]
    moved = {each.from_id: known_id(each.follow_up) for each in carried}
    move_consultations(session, source, into, moved)
    lessons = carry_lessons(session, now, source, into, moved, by)
    differing = _differing(unlike, carried)
    history.write(
        session, into.case, now, by, "merged from", why=why, breach=breach_id, facts=digests(copied),
        differing=differing, parties=[each.party.slug for each in carried], lessons=lessons,
    )  # fmt: skip
    if source.case in held_now(session, source.case) and into.case not in held_now(session, into.case):
        history.write(
            session, into.case, now, by, KEPT, why=f"It goes on from breach {breach_id}, whose words are kept."
        )
    _end(session, now, source, into, by, why, differing)
    _go_on(session, now, source, into, by, carried, before)
    tell_of_merger(session, now, source, into, {each.from_id: each.differing for each in carried})
    settle(session, now, into)
    if follow_ups_of(session, into, still_open=True):
        close_matters_about(session, now, into, f"breach {source.id} goes on in it")
    return differing


def _held(session: Session, breach_id: int, into_id: int) -> tuple[Breach, Breach]:
    if breach_id == into_id:
        raise IntoItself(breach_id)
    source, into = _known(session, breach_id), _known(session, into_id)
    if source.protocol_id != into.protocol_id:
        raise OfAnotherProtocol(source, into)
    protocol_locked(session, protocol_of(session, source))
    hold_cases(session, (source.case, into.case))
    hold_gaps(session, gaps_learnt(session, source))
    for breach in sorted((source, into), key=known_id):
        session.refresh(breach, with_for_update=True)
    return source, into


def _known(session: Session, breach_id: int) -> Breach:
    breach = session.get(Breach, breach_id)
    if breach is None:
        raise NotThere(f"There is no breach {breach_id}: see `concordat breach list`.")
    return breach


def _merge_facts(
    session: Session, now: datetime, source: Breach, into: Breach, by: str
) -> tuple[list[Stated], list[FactName]]:
    """What nobody knew there is copied. Answers what was, and what differs."""
    theirs, ours = facts_of(session, source), facts_of(session, into)
    known = {name: value for name, value in theirs.items() if _is_known(value)}
    copied = {name: value for name, value in known.items() if not _is_known(ours.get(name))}
    differing = [name for name in known if name not in copied and known[name] != ours[name]]
    if FactName.PARTIES in differing:
        differing.remove(FactName.PARTIES)
        copied[FactName.PARTIES] = list(dict.fromkeys([*ours[FactName.PARTIES], *known[FactName.PARTIES]]))
    differing += _out_of_order(session, into, ours, copied)
    stated = keep_facts(session, now, into, copied, by, f"merged from breach {source.id}")
    return stated, differing


def _out_of_order(
    session: Session, into: Breach, ours: Mapping[FactName, Any], copied: dict[FactName, Any]
) -> list[FactName]:
    """What would make it begin after it was over, was known to a party, or was acted upon, is not copied."""
    try:
        require_order({**ours, **copied}, zone_of(protocol_of(session, into)))
        require_nobody_aware_before(session, into, copied)
        require_nothing_done_before(session, into, copied)
    except (OccurredBackwards, AwareBeforeThat, DoneBeforeThat):
        return [name for name in WHEN_IT_OCCURRED if copied.pop(name, None) is not None]
    return []


def _is_known(value: Any) -> bool:
    return value not in (None, UNKNOWN, [])


def _differing(facts: Iterable[FactName], carried: Iterable[Carried]) -> list[str]:
    of_parties = [f"{each.party.slug}: {what}" for each in carried for what in each.differing]
    return sorted(name.value for name in facts) + sorted(of_parties)


def _end(
    session: Session, now: datetime, source: Breach, into: Breach, by: str, why: str, differing: list[str]
) -> None:  # fmt: skip
    words = f"goes on in breach {into.id}"
    for follow_up in follow_ups_of(session, source, still_open=True):
        end_follow_up(session, now, source, follow_up, FollowUpEnd.MERGED, by, words)
    close_matters_about(session, now, source, words)
    source.outcome, source.merged_into_id = BreachOutcome.MERGED, known_id(into)
    take_step(session, now, source, Step.MERGE, by, why, into=into.id, differing=differing)


def _go_on(
    session: Session, now: datetime, source: Breach, into: Breach, by: str, carried: list[Carried],
    before: list[Obligation],
) -> None:  # fmt: skip
    """The work goes on where it stood: nobody waits for the clock's next round, and nothing is due later."""
    before = _of_one_capacity(before, carried)
    no_later_than(session, now, into, before, opens=True)
    match_obligations(session, now, into)
    if into.stage is Stage.REPORTED and carried and (step := next_breach_step(session, now, known_id(into))):
        take_breach_step(session, now, known_id(into), step)
    redate_steps(session, now, into)
    why = f"merged from breach {source.id}, where it was recorded"
    _recall(session, now, into, by, carried, why)
    name_again(session, now, into, {}, by, why)
    date_notices_earlier(session, now, into)
    settle(session, now, into)
    no_later_than(session, now, into, before)


def _of_one_capacity(before: list[Obligation], carried: list[Carried]) -> list[Obligation]:
    """What a processor was to tell its controller dates no notice to the regulator, nor the other way round."""
    other = {each.party.id for each in carried if Differs.CAPACITY in each.differing}
    return [duty for duty in before if duty.kind is not ObligationKind.NOTICE or duty.party_id not in other]


def _recall(session: Session, now: datetime, into: Breach, by: str, carried: list[Carried], why: str) -> None:
    """An earlier awareness stands, and whoever was at work is."""
    for each in carried:
        if each.reopen:
            reopen_follow_up(session, now, known_id(into), each.party.slug, by, why)
        if each.aware is not None:
            aware_since(
                session, now, into, each.follow_up, each.party, each.aware.aware_at, each.aware.who, by, why
            )  # fmt: skip
