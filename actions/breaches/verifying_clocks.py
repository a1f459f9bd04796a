"""No clock of a breach was ever restarted: asked by `concordat verify`. Reads only."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from models.breach import Awareness, BreachDuty, FollowUp
from models.history import History
from models.obligation import Obligation, ObligationKind
from models.protocol import Party
from rules.breach_duties import Capacity, DutyKind, notice_due

Broken = Iterator[str]


def no_clock_was_ever_restarted(session: Session, _now: datetime) -> Broken:
    """72 hours from becoming aware, as last corrected; every instant of awareness is the one that history tells."""
    known, told, owed = _known(session), _told(session), _owed(session)
    for follow_up, slug, duty in _clocks(session):
        case, aware = f"breach:{follow_up.breach_id}", known[follow_up.id or 0]
        if len(aware) != len(told[case, slug]):
            yield f"{case}: history does not tell every awareness of {slug}"
        elif aware != told[case, slug]:
            yield f"{case}: history tells another instant of {slug} becoming aware"
        due = notice_due(aware[-1]).instant if aware else None
        if duty is not None and duty.due_at != due:
            yield f"{case}: the 72 hours of {slug} do not end 72 hours after it became aware"
        # a processor's notice goes to its controller, without the 72 hours
        asked = owed[case, follow_up.party_id] if follow_up.capacity is Capacity.CONTROLLER else []
        if any(due is not None and at > due for at in asked):
            yield f"{case}: the notice of {slug} is asked for later than 72 hours after it became aware"


def _clocks(session: Session) -> list[tuple[FollowUp, str, BreachDuty | None]]:
    """Every follow-up, with the slug of its party, and the duty that the 72 hours are for."""
    rows = session.exec(
        select(FollowUp, Party.slug, BreachDuty)
        .join(Party, col(Party.id) == FollowUp.party_id)
        .outerjoin(
            BreachDuty,
            (col(BreachDuty.follow_up_id) == FollowUp.id) & (col(BreachDuty.kind) == DutyKind.REGULATOR),
        )
        .order_by(col(FollowUp.id))
    )
    return [(follow_up, slug, duty) for follow_up, slug, duty in rows]


def _known(session: Session) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for follow_up, at in session.exec(select(Awareness.follow_up_id, Awareness.aware_at).order_by(col(Awareness.id))):
        found[follow_up].append(at)
    return found


def _told(session: Session) -> dict[tuple[str, str], list[datetime]]:
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    rows = session.exec(
        select(History.case, History.details)
        .where(col(History.case).startswith("breach:"), col(History.what).startswith("awareness "))
        .order_by(col(History.case), col(History.seq))
    )
    for case, details in rows:
        found[case, str(details.get("party"))].append(datetime.fromisoformat(str(details.get("aware_at"))))
    return found


def _owed(session: Session) -> dict[tuple[str, int | None], list[datetime]]:
    """By when a notice is owed, by whom."""
    found: dict[tuple[str, int | None], list[datetime]] = defaultdict(list)
    rows = session.exec(
        select(Obligation.case, Obligation.party_id, Obligation.due_at).where(
            Obligation.kind == ObligationKind.NOTICE, col(Obligation.outcome).is_(None)
        )
    )
    for case, party, at in rows:
        found[case, party].append(at)
    return found
