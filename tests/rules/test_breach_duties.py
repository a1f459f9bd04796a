"""What the law asks after a breach: the 72 hours, and what follows from a person's conclusion."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.breach_duties import (
    LAW,
    Capacity,
    DutyKind,
    LateWithoutReasons,
    Regime,
    Risk,
    doubts,
    duties_of,
    law_of,
    needs_awareness,
    notice_due,
    regime_for,
    required_by,
)
from rules.instants import LONDON, NotAnInstant
from rules.limits import is_over
from rules.sentences import written_instant
from rules.severity import Band

SECOND = timedelta(seconds=1)
REGULATOR, PEOPLE, PARTNERS, CONTROLLER = (
    DutyKind.REGULATOR, DutyKind.PEOPLE, DutyKind.PARTNERS, DutyKind.CONTROLLER
)  # fmt: skip


@pytest.mark.parametrize(
    ("aware", "due"),
    [
        ("2026-11-20T16:45+00:00", "Monday 23 November 2026 16:45 GMT"),
        ("2026-03-27T16:20+00:00", "Monday 30 March 2026 17:20 BST"),
        ("2026-10-23T16:20+01:00", "Monday 26 October 2026 15:20 GMT"),
        ("2026-12-24T15:30+00:00", "Sunday 27 December 2026 15:30 GMT"),
    ],
)
def test_the_72_hours_are_elapsed_hours_and_end_in_time_at_their_very_instant(aware: str, due: str) -> None:
    limit = notice_due(datetime.fromisoformat(aware)).instant
    assert written_instant(limit, LONDON) == due
    assert not is_over(limit, limit, exact=True)
    assert is_over(limit, limit + SECOND, exact=True)


@given(st.integers(0, 20 * 366 * 24 * 60))
def test_the_72_hours_are_the_same_whatever_the_clock_on_the_wall(minutes: int) -> None:
    aware = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert notice_due(aware.astimezone(LONDON)).instant - aware == timedelta(hours=72)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NotAnInstant):
        notice_due(datetime(2026, 10, 23, 16, 20))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("risk", "regulator", "people"),
    [
        (Risk.NOT_PERSONAL, False, False),
        (Risk.UNLIKELY, False, False),
        (Risk.LIKELY, True, False),
        (Risk.HIGH, True, True),
    ],
)
@pytest.mark.parametrize("regime", list(Regime))
def test_what_a_controller_has_to_tell_follows_from_the_conclusion(
    regime: Regime, risk: Risk, regulator: bool, people: bool
) -> None:
    decided = required_by(risk, regime)
    assert {kind: required for kind, (required, _) in decided.items()} == {REGULATOR: regulator, PEOPLE: people}
    assert all(because for _, because in decided.values())


@pytest.mark.parametrize("risk", list(Risk))
def test_every_reason_names_the_act_the_party_is_under(risk: Risk) -> None:
    if risk is Risk.NOT_PERSONAL:
        return
    for _, because in required_by(risk, Regime.UK_GDPR).values():
        assert "UK GDPR art. 3" in because
        assert "DPA" not in because
    for _, because in required_by(risk, Regime.LAW_ENFORCEMENT).values():
        assert "DPA 2018 s.6" in because
        assert "GDPR" not in because


def test_the_exemption_for_unlikely_risks_is_quoted_from_where_it_stands() -> None:
    assert "art. 33(1)" in required_by(Risk.UNLIKELY, Regime.UK_GDPR)[REGULATOR][1]
    assert "s.67(2)" in required_by(Risk.UNLIKELY, Regime.LAW_ENFORCEMENT)[REGULATOR][1]


@pytest.mark.parametrize("regime", list(Regime))
def test_a_processor_tells_its_controller_whatever_the_risk_and_nobody_else(regime: Regime) -> None:
    for risk in (Risk.UNLIKELY, Risk.LIKELY, Risk.HIGH):
        [(kind, (required, because))] = required_by(risk, regime, Capacity.PROCESSOR).items()
        assert (kind, required) == (CONTROLLER, True)
        assert LAW[regime, CONTROLLER] in because
    assert required_by(Risk.NOT_PERSONAL, regime, Capacity.PROCESSOR)[CONTROLLER][0] is False


def test_awareness_has_to_be_known_where_something_has_to_be_told() -> None:
    assert [needs_awareness(risk) for risk in Risk] == [False, False, True, True]
    assert [needs_awareness(risk, Capacity.PROCESSOR) for risk in Risk] == [False, True, True, True]


@pytest.mark.parametrize("capacity", list(Capacity))
def test_a_conclusion_decides_only_duties_of_the_capacity(capacity: Capacity) -> None:
    assert set(required_by(Risk.HIGH, Regime.UK_GDPR, capacity)) == set(duties_of(capacity)) - {PARTNERS}


@pytest.mark.parametrize(
    ("kind", "regime"),
    [("police", Regime.LAW_ENFORCEMENT), ("prison", Regime.LAW_ENFORCEMENT), ("council", Regime.UK_GDPR)],
)
def test_the_kind_of_party_gives_the_regime_to_begin_with(kind: str, regime: Regime) -> None:
    assert regime_for(kind) is regime


def test_every_duty_says_where_it_is_written() -> None:
    assert law_of(Regime.LAW_ENFORCEMENT, PEOPLE) == "DPA 2018 s.68"
    assert law_of(Regime.UK_GDPR, PARTNERS) == "the protocol"
    assert all(law_of(regime, kind) for regime in Regime for kind in DutyKind)


@pytest.mark.parametrize(
    ("risk", "band", "personal", "many"),
    [
        (Risk.UNLIKELY, Band.HIGH, None, 1),
        (Risk.UNLIKELY, Band.VERY_HIGH, None, 1),
        (Risk.UNLIKELY, Band.MEDIUM, None, 0),
        (Risk.UNLIKELY, None, None, 0),
        (Risk.NOT_PERSONAL, Band.HIGH, True, 2),
        (Risk.NOT_PERSONAL, None, False, 0),
        (Risk.LIKELY, Band.VERY_HIGH, True, 0),
        (Risk.HIGH, Band.LOW, True, 1),
        (Risk.HIGH, Band.MEDIUM, True, 0),
    ],
)
def test_a_contradiction_between_score_and_conclusion_is_a_doubt(
    risk: Risk, band: Band | None, personal: bool | None, many: int
) -> None:
    assert len(doubts(risk, band, personal)) == many


def test_lateness_without_reasons_names_the_instant_and_what_to_do() -> None:
    said = str(LateWithoutReasons("Monday 26 October 2026 15:20 GMT"))
    assert "Monday 26 October 2026 15:20 GMT" in said
    assert "--late-because" in said
