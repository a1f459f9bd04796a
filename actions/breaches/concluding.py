"""What a person concludes in law. The score is advice: nothing is computed from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.breaches.awareness import require_awareness
from actions.breaches.deciding import apply_law, decide_duty, decided_otherwise
from actions.breaches.duties import text_of
from actions.breaches.facts import Stated, facts_of, newest_conclusion
from actions.breaches.following import owe_counted, owed_at
from actions.breaches.matching import answer, match_obligations
from actions.breaches.moving import open_breach_locked, open_follow_up_at, protocol_of
from actions.breaches.regime import set_regime
from actions.breaches.settling import settle
from actions.breaches.stating import state_facts
from actions.breaches.windows import window_day
from actions.cast import known_id
from actions.reasons import reason
from models import history
from models.breach import Breach, Conclusion, FollowUp, Lesson
from models.obligation import ObligationKind
from models.protocol import Party
from rules.breach_duties import Risk, doubts, needs_awareness, stood_before
from rules.breach_facts import FactName
from rules.severity import Severity, severity
from rules.severity_factors import Factors, as_plain, from_plain

__all__ = ["assess", "conclude", "decide_duty", "set_regime", "severity_of"]


def assess(
    session: Session, now: datetime, breach_id: int, factors: Factors, by: str, because: str | None = None
) -> list[Stated]:
    """The factors of the severity, as a fact of the breach: every party's procedure is asked again."""
    return state_facts(session, now, breach_id, {FactName.FACTORS: as_plain(factors)}, by, because)


def severity_of(facts: Mapping[FactName, Any]) -> Severity | None:
    """As far as the factors are known."""
    factors = facts.get(FactName.FACTORS)
    if not isinstance(factors, Mapping):
        return None
    people, unintelligible = facts.get(FactName.PEOPLE), facts.get(FactName.UNINTELLIGIBLE)
    return severity(
        from_plain(factors),
        people if isinstance(people, int) else None,
        unintelligible if isinstance(unintelligible, bool) else None,
    )


def conclude(
    session: Session, now: datetime, breach_id: int, slug: str, risk: Risk, by: str, because: str
) -> tuple[str, ...]:
    """Record the conclusion; answers sentences of doubt where it and the facts look contradictory.

    The same again does nothing. What somebody has decided of a single duty stands, before the first conclusion and
    where the same risk is concluded for other reasons; a conclusion of another risk decides all of them anew.
    Raises AwarenessNeeded, ReasonNeeded, BreachHasEnded, NoFollowUp, FollowUpHasEnded.
    """
    breach = open_breach_locked(session, breach_id)
    follow_up, party = open_follow_up_at(session, breach, slug)
    why = reason(because, "a conclusion")
    if needs_awareness(risk, follow_up.capacity):
        require_awareness(session, follow_up, party, "what has to be told counts from it")
    before, facts = newest_conclusion(session, follow_up), facts_of(session, breach)
    if not _said_already(session, follow_up, before, risk, why):
        _keep(session, now, breach, follow_up, party, risk, by, why, severity_of(facts))
        stood = stood_before(before.risk if before else None, follow_up.regime, follow_up.capacity)
        anew = before is not None and before.risk is not risk
        apply_law(session, now, breach, follow_up, risk, by, stood, anew=anew)
        _assessed(session, now, breach, follow_up, by)
        match_obligations(session, now, breach)
        settle(session, now, breach)
    scored = severity_of(facts)
    personal = facts.get(FactName.PERSONAL_DATA)
    found = doubts(risk, scored.band if scored else None, personal if isinstance(personal, bool) else None)
    return (*found, *decided_otherwise(session, follow_up, party, risk))


def _said_already(session: Session, follow_up: FollowUp, before: Conclusion | None, risk: Risk, why: str) -> bool:
    if before is None or follow_up.assessed_at is None:
        return False
    return (before.risk, text_of(session, before.why_id)) == (risk, why)


def _keep(
    session: Session, now: datetime, breach: Breach, follow_up: FollowUp, party: Party, risk: Risk, by: str, why: str,
    scored: Severity | None,
) -> None:  # fmt: skip
    row = {
        "follow_up_id": known_id(follow_up), "risk": risk, "why_id": history.narrate(session, why),
        "severity": scored.score if scored else None, "concluded_at": now, "concluded_by": by,
    }  # fmt: skip
    session.add(Conclusion.model_validate(row))
    session.flush()
    history.write(
        session, breach.case, now, by, "concluded", why=why, party=party.slug, risk=risk.value,
        severity=scored.score if scored else None,
    )  # fmt: skip


def _assessed(session: Session, now: datetime, breach: Breach, follow_up: FollowUp, by: str) -> None:
    """The first conclusion ends the assessment, and asks what was learnt; so does the first of a reopened one."""
    if follow_up.assessed_at is not None:
        return
    follow_up.assessed_at = now
    session.add(follow_up)
    session.flush()
    answer(session, now, breach, follow_up, ObligationKind.ASSESSMENT, by)
    learnt = session.exec(select(Lesson.id).where(Lesson.follow_up_id == follow_up.id)).first()
    if learnt is None and not owed_at(session, breach, follow_up, ObligationKind.LEARNING):
        by_then = window_day(protocol_of(session, breach), "learning", now)
        owe_counted(session, now, breach, follow_up, ObligationKind.LEARNING, by_then)
