"""In whatever order people act: what is required is owed, done, or held; and only an awareness moves the 72 hours."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from actions.breaches.awareness import newest_awareness, record_awareness
from actions.breaches.concluding import conclude, decide_duty, set_regime
from actions.breaches.consulting import consult
from actions.breaches.holding import confirm_hold, holds_on, place_hold, release_hold
from actions.breaches.moving import follow_ups_of
from actions.breaches.notifying import record_notice
from actions.breaches.partners import partners_told
from actions.breaches.people import people_not_told, people_told
from actions.breaches.statutory import duty_of
from actions.breaches.verifying import INVARIANTS
from actions.cast import known_id
from models.breach import Breach, BreachDuty, FollowUp
from models.obligation import Obligation, ObligationKind
from rules.breach_duties import Capacity, DutyKind, Regime, Risk, duties_of, notice_due
from rules.errors import Refused
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, party

OWED_AS = {
    DutyKind.REGULATOR: ObligationKind.NOTICE,
    DutyKind.CONTROLLER: ObligationKind.NOTICE,
    DutyKind.PEOPLE: ObligationKind.TELLING_PEOPLE,
    DutyKind.PARTNERS: ObligationKind.TELLING_PARTNERS,
}
Act = Callable[[Session, datetime, int, str, Any], object]
HOURS = st.integers(0, 90)
ACTS: dict[str, tuple[Act, st.SearchStrategy[Any]]] = {
    "aware": (
        lambda s, now, n, slug, x: record_awareness(s, now, n, slug, now - timedelta(hours=x), "o", "x", "They rang."),
        HOURS,
    ),
    "conclude": (
        lambda s, now, n, slug, x: conclude(s, now, n, slug, x[0], "x", f"Because {x[1]}."),
        st.tuples(st.sampled_from(Risk), st.integers(1, 2)),
    ),
    "decide": (
        lambda s, now, n, slug, x: decide_duty(s, now, n, slug, x[0], "x", "So.", x[1]),
        st.tuples(st.sampled_from(DutyKind), st.booleans()),
    ),
    "regime": (
        lambda s, now, n, slug, x: set_regime(s, now, n, slug, x[0], x[1], "x", "So."),
        st.tuples(st.sampled_from(Regime), st.sampled_from(Capacity)),
    ),
    "notify": (
        lambda s, now, n, slug, x: record_notice(s, now, n, slug, now - timedelta(hours=x), "x", None, "It took time."),
        HOURS,
    ),
    "tell": (
        lambda s, now, n, slug, x: people_told(s, now, n, slug, now - timedelta(hours=x), "x", "By letter."), HOURS
    ),
    "tell not": (lambda s, now, n, slug, x: people_not_told(s, now, n, slug, "x", f"Coded {x}."), st.integers(1, 2)),
    "hold": (lambda s, now, n, slug, x: place_hold(s, now, n, slug, "x", f"An arrest {x}."), st.integers(1, 2)),
    "confirm": (lambda s, now, n, slug, x: confirm_hold(s, now, n, slug, "x", f"Still {x}."), st.integers(1, 2)),
    "release": (lambda s, now, n, slug, x: release_hold(s, now, n, slug, "x", f"Arrested {x}."), st.integers(1, 2)),
    "partners": (
        lambda s, now, n, slug, x: partners_told(s, now, n, slug, now - timedelta(hours=x), "x", "It took time."), HOURS
    ),
    "consult": (
        lambda s, now, n, slug, x: consult(s, now, n, slug, "council" if slug == "police" else "police", f"{x}?", "x"),
        st.integers(1, 2),
    ),
}  # fmt: skip
SLUGS = st.sampled_from(("council", "police"))


@st.composite
def played(draw: st.DrawFn) -> tuple[str, str, Any, int]:
    """What is done, by whom, how, and how many hours after what was done before."""
    name = draw(st.sampled_from(sorted(ACTS)))
    return name, draw(SLUGS), draw(ACTS[name][1]), draw(st.integers(0, 30))


@settings(
    max_examples=15, phases=(Phase.explicit, Phase.generate),  # shrinking plays cases for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(acts=st.lists(played(), min_size=4, max_size=14))
def test_whatever_is_required_is_owed_and_nothing_but_an_awareness_moves_the_notice(
    small_world: World, acts: list[tuple[str, str, Any, int]]
) -> None:
    with suppress(_Over), small_world.act() as session:
        _play(session, acts)
        raise _Over


def _play(session: Session, acts: list[tuple[str, str, Any, int]]) -> None:
    breach = _breach(session)
    now, number = FRIDAY, known_id(breach)
    for name, slug, how, hours in acts:
        now, before = now + timedelta(hours=hours), _notices(session, breach)
        _act(session, now, number, name, slug, how)
        _everything_required_is_owed(session, breach)
        _the_hours_are_the_awareness(session, breach)
        if name != "aware":
            assert {key: due for key, due in _notices(session, breach).items() if key in before} == before
    assert [each for invariant in INVARIANTS for each in invariant(session, now)] == []


class _Over(Exception):
    """The example ends, and leaves nothing."""


def _breach(session: Session) -> Breach:
    party(session, "police").kind = "police"
    follow_procedure(session, FRIDAY, procedure(parties=("council", "police")))
    return begun(session, FRIDAY, "council", "police")


def _act(session: Session, now: datetime, number: int, name: str, slug: str, how: Any) -> None:
    """A refusal leaves everything as it was."""
    with suppress(Refused), session.begin_nested():
        ACTS[name][0](session, now, number, slug, how)
    session.expire_all()


def _owed(session: Session, breach: Breach, follow_up: FollowUp) -> list[ObligationKind]:
    statement = select(Obligation.kind).where(
        Obligation.case == breach.case, Obligation.party_id == follow_up.party_id, col(Obligation.outcome).is_(None)
    )
    return list(session.exec(statement))


def _everything_required_is_owed(session: Session, breach: Breach) -> None:
    held = bool(holds_on(session, breach))
    for follow_up in follow_ups_of(session, breach, still_open=True):
        owed = _owed(session, breach, follow_up)
        rows = session.exec(select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id)).all()
        for duty in rows:
            kind = OWED_AS[duty.kind]
            own = duty.kind in duties_of(follow_up.capacity)
            waits = held and duty.kind is DutyKind.PEOPLE
            if duty.required is True and duty.done_at is None:
                assert own
                assert owed.count(kind) == (0 if waits else 1), (duty.kind, owed)
            elif own and (duty.required is False or duty.done_at is not None):
                assert kind not in owed
            if duty.required is None:
                assert ObligationKind.ASSESSMENT in owed


def _the_hours_are_the_awareness(session: Session, breach: Breach) -> None:
    for follow_up in follow_ups_of(session, breach):
        aware, duty = newest_awareness(session, follow_up), duty_of(session, follow_up, DutyKind.REGULATOR)
        assert duty is not None
        assert duty.due_at == (notice_due(aware.aware_at).instant if aware else None)
        if follow_up.capacity is Capacity.CONTROLLER:
            statement = select(Obligation.due_at).where(
                Obligation.case == breach.case, Obligation.party_id == follow_up.party_id,
                Obligation.kind == ObligationKind.NOTICE, col(Obligation.outcome).is_(None),
            )  # fmt: skip
            assert set(session.exec(statement)) <= {duty.due_at}


def _notices(session: Session, breach: Breach) -> dict[str, datetime]:
    statement = select(Obligation.key, Obligation.due_at).where(
        Obligation.case == breach.case, Obligation.kind == ObligationKind.NOTICE
    )
    return dict(session.exec(statement).all())
