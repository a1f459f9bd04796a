"""What has no deadline in protocol, law or procedure is asked for, and nobody is late with it, in any list or count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from actions.annual_report_deadlines import deadlines_of
from actions.annual_report_shapes import Kept
from actions.breaches.awareness import record_awareness
from actions.breaches.concluding import conclude, set_regime
from actions.breaches.duties import duties_view
from actions.breaches.holding import place_hold, release_hold
from actions.breaches.moving import follow_up_at
from actions.breaches.partners import partners_told
from actions.breaches.stepping import finish_step
from actions.describing import described
from actions.duty_pages import Narrowed, duty_piece
from actions.first_page import first_page, numbers_of
from actions.listing import duty_lines
from actions.overview import obligation_counts
from actions.pieces import From
from actions.year_span import year_of
from models.breach import Breach, BreachDuty
from models.obligation import Obligation, ObligationKind
from rules import deadlines, working_days
from rules.breach_duties import Capacity, DutyKind, Regime, Risk
from rules.periods import parse_period
from rules.procedures import Limit, Moment, ProcedureStep, Repeat, Urgency
from rules.working_days import Nation
from tests.actions.breach_world import FRIDAY, begun, follow_procedure, procedure
from tests.actions.world import World, protocol

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 10, 26, 12, tzinfo=UTC)
FAR = datetime(2035, 1, 5, 12, tzinfo=UTC)  # bank holidays are not published that far
AT_ONCE = ProcedureStep(id="contain", do="contain it", by="dpo", limit=Limit(urgency=Urgency.IMMEDIATELY))
NO_LIMIT = ProcedureStep(id="note", do="note it", by="dpo")
IN_HOURS = ProcedureStep(id="log", do="log it", by="dpo", limit=Limit(period=parse_period("PT8H")))
IN_WORKING_DAYS = ProcedureStep(id="act", do="act", by="dpo", limit=Limit(period=parse_period("2 working days")))


def begin(world: World, *steps: ProcedureStep, at: datetime = FRIDAY, times: int = 1) -> World:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(*steps))
        for _ in range(times):
            begun(session, at)
    return world


def seen(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """By each face how much is overdue, and how much falls due in seven days."""
    page, counts = numbers_of(session, now), obligation_counts(session, now)

    def found(by: Narrowed) -> int:
        piece = duty_piece(session, now, by, From())
        assert piece.number == len(piece.lines)
        return piece.number

    return {
        "first page": (page.overdue.count, page.due_7_days.count),
        "status": (counts.overdue, counts.due_7_days),
        "filters": (found(Narrowed(overdue=True)), found(Narrowed(due_days=7))),
        "lists": (
            len(duty_lines(session, now, overdue=True)),
            sum(each.asked_at is None and not each.overdue for each in duty_lines(session, now)),
        ),
    }


def test_what_has_no_deadline_is_neither_overdue_nor_due_whatever_counts_it(world: World) -> None:
    """Of the assessment and three steps one has a figure: the console said that four things were overdue."""
    begin(world, AT_ONCE, NO_LIMIT, IN_HOURS)
    with world.read() as session:
        assert set(seen(session, FRIDAY + HOUR).values()) == {(0, 1)}
        assert set(seen(session, MONDAY + timedelta(days=30)).values()) == {(1, 0)}
        owed = first_page(session, MONDAY).owed
        assert sum(line.overdue for line in owed) == numbers_of(session, MONDAY).overdue.count == 1


def test_many_are_counted_in_as_many_statements(small_world: World) -> None:
    def asked(ask: Callable[[Session], object]) -> int:
        count: list[str] = []
        with small_world.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(""))
            ask(session)
        return len(count)

    asks: tuple[Callable[[Session], object], ...] = (
        lambda session: numbers_of(session, MONDAY),
        lambda session: obligation_counts(session, MONDAY),
        lambda session: duty_piece(session, MONDAY, Narrowed(overdue=True), From()),
    )
    steps = (AT_ONCE, IN_HOURS, IN_WORKING_DAYS, replace(IN_HOURS, id="ask", limit=Limit(
        period=parse_period("PT8H"), moment=Moment.AWARE)))  # fmt: skip
    begin(small_world, *steps, times=2)
    few = [asked(ask) for ask in asks]
    begin(small_world, *steps, times=20)
    assert [asked(ask) for ask in asks] == few


def one(session: Session, kind: ObligationKind, which: int = -1) -> Obligation:
    return session.exec(select(Obligation).where(Obligation.kind == kind).order_by(Obligation.id)).all()[which]  # type: ignore[arg-type]


def is_deadline(world: World, kind: ObligationKind, now: datetime, which: int = -1) -> bool:
    """As messages say it."""
    with world.read() as session:
        said = described(session, one(session, kind, which), now)
        assert said.overdue is (said.asked_at is None), "all this is long after"
        return said.asked_at is None


# A protocol that says “immediately” between partners


def at_once_between_partners(store: sa.Engine, *steps: ProcedureStep) -> World:
    return begin(World(store, breaches={"partner_notification": "immediately"}), *(steps or (NO_LIMIT,)))


def test_immediately_between_partners_is_a_word_and_no_hour_of_ours(sqlite_store: sa.Engine) -> None:
    """It was kept, and shown, as a clock of one hour; who told after it had to say why it was late."""
    world = at_once_between_partners(sqlite_store)
    later = FRIDAY + 30 * HOUR
    partners = world.only(BreachDuty, BreachDuty.kind == DutyKind.PARTNERS)
    assert (partners.required, partners.due_at) == (True, None)
    with world.read() as session:
        duty = one(session, ObligationKind.TELLING_PARTNERS)
        assert duty.due_at == FRIDAY + HOUR, "when Concordat asks again"
        breach = session.get_one(Breach, 1)
        views = duties_view(session, breach, follow_up_at(session, breach, "council")[0], later)
        [view] = [each for each in views if each.kind is DutyKind.PARTNERS]
        assert (view.late, view.left) == (False, "immediately")
        assert view.because == "the protocol asks that partners are told immediately"
    assert not is_deadline(world, ObligationKind.TELLING_PARTNERS, later)
    with world.act() as session:
        partners_told(session, later, 1, "council", later, "x")
    assert world.broken(later) == []


def test_beside_it_the_figure_of_the_partys_own_procedure_is_a_deadline(sqlite_store: sa.Engine) -> None:
    own = ProcedureStep(id="tell", do="tell them", by="dpo", duty="partners",
                        limit=Limit(period=parse_period("PT12H"), moment=Moment.AWARE))  # fmt: skip
    world = at_once_between_partners(sqlite_store, own)
    assert not is_deadline(world, ObligationKind.TELLING_PARTNERS, FRIDAY + 30 * HOUR), "nobody knows from when"
    with world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
        assert one(session, ObligationKind.TELLING_PARTNERS).due_at == FRIDAY + 12 * HOUR
    assert is_deadline(world, ObligationKind.TELLING_PARTNERS, FRIDAY + 30 * HOUR)


@pytest.mark.parametrize("hours", [1, 24])
def test_a_clock_of_as_long_as_concordat_waits_is_no_later_for_a_later_figure(
    sqlite_store: sa.Engine, hours: int
) -> None:
    """It looked like the time at which Concordat asks again, and gave way to the 48 hours of the party's procedure."""
    own = ProcedureStep(id="tell", do="tell them", by="dpo", duty="partners",
                        limit=Limit(period=parse_period("PT48H"), moment=Moment.AWARE))  # fmt: skip
    world = begin(World(sqlite_store, breaches={"partner_notification": f"PT{hours}H"}), own)
    with world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
        assert one(session, ObligationKind.TELLING_PARTNERS).due_at == FRIDAY + hours * HOUR


# Letters that have waited


TELL_PEOPLE = ProcedureStep(id="tell-people", do="tell them", by="dpo", duty="people",
                            limit=Limit(period=parse_period("PT48H"), moment=Moment.AWARE))  # fmt: skip


def risky(world: World, at: datetime) -> None:
    with world.act() as session:
        record_awareness(session, FRIDAY, 1, "council", FRIDAY, "DPO", "x", "They rang.")
        conclude(session, at, 1, "council", Risk.HIGH, "x", "A family.")


def test_after_a_hold_the_letters_have_no_deadline(world: World) -> None:
    with world.act() as session:
        follow_procedure(session, FRIDAY, procedure(TELL_PEOPLE))
        begun(session, FRIDAY, "council", "police")
    risky(world, FRIDAY)
    assert is_deadline(world, ObligationKind.TELLING_PEOPLE, MONDAY)
    with world.act() as session:
        set_regime(session, FRIDAY, 1, "police", Regime.LAW_ENFORCEMENT, Capacity.CONTROLLER, "x", "It investigates.")
        place_hold(session, FRIDAY + HOUR, 1, "police", "officer", "An arrest.")
    with world.act() as session:
        release_hold(session, FRIDAY + 10 * HOUR, 1, "police", "officer", "Arrested.")
    with world.read() as session:
        assert one(session, ObligationKind.TELLING_PEOPLE).due_at == FRIDAY + 34 * HOUR, "the day after it"
    assert not is_deadline(world, ObligationKind.TELLING_PEOPLE, MONDAY)


def test_a_figure_that_had_passed_when_they_were_first_owed_is_none(small_world: World) -> None:
    begin(small_world, TELL_PEOPLE)
    risky(small_world, FRIDAY + 50 * HOUR)
    assert not is_deadline(small_world, ObligationKind.TELLING_PEOPLE, MONDAY + timedelta(days=9))


# Beyond the published bank holidays


@pytest.mark.parametrize("limit", ["2 working days", "PT8H"])
def test_a_limit_that_nobody_can_count_yet_is_no_deadline(world: World, limit: str) -> None:
    begin(world, replace(IN_WORKING_DAYS, limit=Limit(period=parse_period(limit))), at=FAR)
    assert is_deadline(world, ObligationKind.STEP, FAR + timedelta(days=30)) is (limit == "PT8H")


def test_it_is_none_either_once_they_are_published_and_it_still_has_our_own_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(world, IN_WORKING_DAYS, at=FAR)
    known = working_days.published().weekdays_until(FAR.date() + timedelta(days=3 * 366))
    monkeypatch.setattr(working_days, "published", lambda: known)
    monkeypatch.setattr(deadlines, "published", lambda: known)
    assert deadlines.deadline(parse_period("2 working days"), FAR, nation=Nation.ENGLAND_AND_WALES)
    assert not is_deadline(world, ObligationKind.STEP, FAR + timedelta(days=30))


def test_a_limit_in_working_days_that_can_be_counted_is_one(world: World) -> None:
    begin(world, IN_WORKING_DAYS)
    assert is_deadline(world, ObligationKind.STEP, MONDAY + timedelta(days=9))


def test_the_annual_report_tells_of_deadlines_alone(world: World) -> None:
    begin(world, AT_ONCE, NO_LIMIT, IN_HOURS)
    with world.read() as session:
        year = year_of(session, MONDAY, protocol(session), 2026)
        duties = {each.key: each for each in session.exec(select(Obligation))}
        assert len(duties) > 2
        assert [each.due_at for each in deadlines_of(year) if each.kind == "step"] == [FRIDAY + 8 * HOUR]
        assert not [each for each in deadlines_of(year) if each.kind == "assessment"]


def test_the_annual_report_knows_the_limit_of_each_time_that_a_step_was_owed(world: World) -> None:
    """A final answer, and what is done again, went by the limit of the first time: without one they were not told of,
    and of nothing else was it said that they had been late."""
    final = Limit(period=parse_period("PT48H"), moment=Moment.STEP, step="assess")
    begin(
        world, ProcedureStep(id="assess", do="assess", by="dpo", may_be_provisional=True, final=final),
        ProcedureStep(id="look", do="look again", by="dpo", repeat=Repeat(every=parse_period("PT24H"), until="assess")),
    )  # fmt: skip
    for days, step, for_now in ((0, "assess", True), (0, "look", False), (9, "look", False), (9, "assess", False)):
        with world.act() as session:
            at = FRIDAY + HOUR + timedelta(days=days)
            finish_step(session, at, 1, "council", step, "x", f"Done after {days} days.", provisional=for_now)
    with world.read() as session:
        told = [each for each in deadlines_of(year_of(session, at, protocol(session), 2026)) if each.kind == "step"]
    late = [each.due_at - FRIDAY - HOUR for each in told if each.kept is Kept.LATE]
    assert late == [timedelta(hours=24), timedelta(hours=48)]
    assert len([each for each in told if each.kept is Kept.IN_TIME]) == 0
