from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import LONDON, NotAnInstant, end_of_day
from rules.ladders import (
    DueRungs,
    Ladder,
    LadderTimeHasZone,
    Recipient,
    RepeatedRung,
    Rung,
    UnsafeHour,
    due_rungs,
    next_rung_instant,
    rung_instant,
)
from rules.working_days import BeyondPublishedHolidays, Nation, is_working_day, published

EW, SC, NI = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
OWNER, DEPUTY, SECRETARY = Recipient.OWNER, Recipient.DEPUTY, Recipient.SECRETARY

# Due on Wednesday 31 March 2027, with Easter from 26 to 29 March: 15, 5 and 2 working days before are
# 8, 22 and 25 March; 1, 3 and 5 after are 1, 5 and 7 April. From 28 March nine in London is eight in UTC.
DUE = date(2027, 3, 31)
FIRST, SECOND, LAST_CALL = Rung("first", -15), Rung("second", -5), Rung("last-call", -2)
TODAY, LATE = Rung("today", 0), Rung("late", 1)
TO_DEPUTY, TO_SECRETARY = Rung("deputy", 3, DEPUTY), Rung("secretary", 5, SECRETARY)
LADDER = Ladder("feedback", time(9), (FIRST, SECOND, LAST_CALL, TODAY, LATE, TO_DEPUTY, TO_SECRETARY))
OPENED = datetime(2027, 2, 26, 9, tzinfo=UTC)


def ask(now: datetime, *taken: Rung, due_day: date = DUE, opened_at: datetime = OPENED) -> DueRungs:
    return due_rungs(
        LADDER,
        due_day=due_day,
        nation=EW,
        zone=LONDON,
        opened_at=opened_at,
        taken={rung.key for rung in taken},
        now=now,
    )


def at(month: int, day: int, hour: int = 12, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rung", "nation", "instant"),
    [
        (FIRST, EW, at(3, 8, 9)),
        (SECOND, EW, at(3, 22, 9)),
        (SECOND, SC, at(3, 23, 9)),
        (LAST_CALL, EW, at(3, 25, 9)),
        (TODAY, EW, at(3, 31, 8)),
        (LATE, EW, at(4, 1, 8)),
        (TO_DEPUTY, EW, at(4, 5, 8)),
        (TO_SECRETARY, EW, at(4, 7, 8)),
    ],
)
def test_rungs_stand_on_working_days_of_the_partys_nation_at_the_local_hour(
    rung: Rung, nation: Nation, instant: datetime
) -> None:
    assert rung_instant(rung, LADDER, DUE, nation, LONDON) == instant


def test_on_the_day_of_a_sunday_is_the_working_day_before_it() -> None:
    assert rung_instant(TODAY, LADDER, date(2027, 2, 28), EW, LONDON) == at(2, 26, 9)


def test_a_ladder_at_nine_climbs_one_rung_at_a_time() -> None:
    assert ask(at(3, 8, 8)) == DueRungs()
    assert ask(at(3, 8, 9)) == DueRungs(send=(FIRST,))
    assert ask(at(3, 8, 9), FIRST) == DueRungs()
    assert ask(at(3, 22), FIRST) == DueRungs(send=(SECOND,))
    assert ask(at(4, 5), FIRST, SECOND, LAST_CALL, TODAY, LATE) == DueRungs(send=(TO_DEPUTY,))


def test_after_an_outage_one_message_goes_out_and_the_missed_ones_are_skipped() -> None:
    assert ask(at(3, 26)) == DueRungs(send=(LAST_CALL,), skip=(FIRST, SECOND))


def test_after_an_outage_past_the_due_day_nobody_is_told_that_it_is_due_soon() -> None:
    just_over = end_of_day(DUE, LONDON)
    assert ask(just_over) == DueRungs(skip=(FIRST, SECOND, LAST_CALL, TODAY))
    assert ask(just_over - timedelta(seconds=1)) == DueRungs(send=(TODAY,), skip=(FIRST, SECOND, LAST_CALL))


def test_after_a_long_outage_each_person_gets_one_message() -> None:
    assert ask(at(5, 1)) == DueRungs(send=(LATE, TO_DEPUTY, TO_SECRETARY), skip=(FIRST, SECOND, LAST_CALL, TODAY))


def test_an_obligation_opened_with_less_time_left_starts_where_it_is() -> None:
    late_joiner = at(3, 23)
    assert ask(late_joiner, opened_at=late_joiner) == DueRungs(skip=(FIRST, SECOND))
    assert ask(at(3, 25), FIRST, SECOND, opened_at=late_joiner) == DueRungs(send=(LAST_CALL,))


def test_a_rung_at_the_very_instant_of_opening_is_skipped_since_the_request_itself_has_just_been_sent() -> None:
    assert ask(at(3, 22, 9), opened_at=at(3, 22, 9)) == DueRungs(skip=(FIRST, SECOND))
    assert ask(at(3, 22, 9), opened_at=at(3, 22, 8)) == DueRungs(send=(SECOND,), skip=(FIRST,))


def test_an_extension_repeats_nothing_that_was_sent() -> None:
    sent = (FIRST, SECOND, LAST_CALL)
    extended = date(2027, 5, 28)
    assert ask(at(5, 27), *sent, due_day=extended) == DueRungs()
    assert ask(at(5, 28), *sent, due_day=extended) == DueRungs(send=(TODAY,))


def test_an_extension_moves_the_rungs_that_are_left() -> None:
    look_again = next_rung_instant(LADDER, due_day=date(2027, 5, 28), nation=EW, zone=LONDON, taken={"first", "second"})
    assert look_again == at(5, 26, 8)


def test_the_clock_looks_again_at_the_first_rung_not_taken() -> None:
    keys = [rung.key for rung in LADDER.rungs]
    looks = [
        next_rung_instant(LADDER, due_day=DUE, nation=EW, zone=LONDON, taken=set(keys[:n]))
        for n in range(len(keys) + 1)
    ]
    assert looks == [*(rung_instant(rung, LADDER, DUE, EW, LONDON) for rung in LADDER.rungs), None]


def test_two_rungs_of_one_instant_are_one_message_the_later_written() -> None:
    twice = Ladder("twice", time(9), (Rung("a", -1), Rung("b", 0), Rung("c", 0)))
    come = due_rungs(
        twice,
        due_day=date(2027, 2, 28),
        nation=EW,
        zone=LONDON,
        opened_at=OPENED - timedelta(days=3),
        taken=frozenset(),
        now=at(2, 26),
    )
    assert come == DueRungs(send=(twice.rungs[2],), skip=twice.rungs[:2])


def test_the_order_in_which_a_ladder_is_written_does_not_matter() -> None:
    backwards = Ladder("feedback", time(9), tuple(reversed(LADDER.rungs)))
    assert backwards.in_order() == LADDER.rungs


@pytest.mark.parametrize("clock", [time(1, 0), time(1, 59, 59)])
def test_no_ladder_stands_in_the_hour_of_the_clock_change(clock: time) -> None:
    with pytest.raises(UnsafeHour, match=r"“night” stands at 01:.*nothing may be scheduled from 01:00 to 02:00"):
        Ladder("night", clock, (TODAY,))
    assert Ladder("night", time(0, 59), (TODAY,))
    assert Ladder("night", time(2, 0), (TODAY,))


def test_the_zone_belongs_to_the_protocol_and_not_to_the_ladder() -> None:
    with pytest.raises(LadderTimeHasZone, match="the protocol's zone decides"):
        Ladder("zoned", time(9, tzinfo=UTC), (TODAY,))


def test_two_rungs_with_one_key_are_refused() -> None:
    with pytest.raises(RepeatedRung, match="two rungs with the key “today”"):
        Ladder("double", time(9), (TODAY, Rung("today", 3)))


def test_a_ladder_without_rungs_reminds_nobody() -> None:
    silent = Ladder("silent", time(9), ())
    assert next_rung_instant(silent, due_day=DUE, nation=EW, zone=LONDON, taken=frozenset()) is None


@pytest.mark.parametrize("naive", ["now", "opened_at"])
def test_a_naive_instant_is_refused(naive: str) -> None:
    instants = {"now": at(3, 25), "opened_at": OPENED}
    instants[naive] = instants[naive].replace(tzinfo=None)
    with pytest.raises(NotAnInstant):
        due_rungs(LADDER, due_day=DUE, nation=EW, zone=LONDON, taken=frozenset(), **instants)


def short_ask(now: datetime, last: date) -> DueRungs:
    return due_rungs(
        LADDER,
        due_day=DUE,
        nation=EW,
        zone=LONDON,
        opened_at=OPENED,
        taken=frozenset(),
        now=now,
        holidays=published().until(last),
    )


def test_an_escalation_past_the_published_holidays_does_not_hold_up_the_reminders_before_it() -> None:
    assert short_ask(at(4, 2), date(2027, 4, 2)).send == (LATE,)
    with pytest.raises(BeyondPublishedHolidays, match="Saturday 3 April 2027"):
        short_ask(at(4, 3), date(2027, 4, 2))


def test_a_reminder_counted_back_from_an_unknown_day_is_refused() -> None:
    with pytest.raises(BeyondPublishedHolidays):
        short_ask(at(3, 10), date(2027, 3, 29))


OFFSETS = st.lists(st.tuples(st.integers(-25, 25), st.sampled_from(Recipient)), max_size=9)
LADDERS = st.builds(
    lambda clock, rungs: Ladder(
        "any", clock, tuple(Rung(f"rung-{n}", offset, to) for n, (offset, to) in enumerate(rungs))
    ),
    st.times().filter(lambda clock: not time(1) <= clock < time(2)),
    OFFSETS,
)
DUE_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
MINUTES = st.integers(-60 * 24 * 60, 60 * 24 * 60)


@dataclass
class Case:
    """One obligation, swept as the engine would: what a sweep returns is taken from then on."""

    ladder: Ladder
    due_day: date
    nation: Nation
    opened_at: datetime
    sent: list[tuple[datetime, Rung]] = field(default_factory=list)
    skipped: list[Rung] = field(default_factory=list)

    @property
    def taken(self) -> frozenset[str]:
        return frozenset(rung.key for rung in [*self.skipped, *(rung for _, rung in self.sent)])

    def look(self, now: datetime) -> DueRungs:
        return due_rungs(
            self.ladder,
            due_day=self.due_day,
            nation=self.nation,
            zone=LONDON,
            opened_at=self.opened_at,
            taken=self.taken,
            now=now,
        )

    def sweep(self, now: datetime) -> DueRungs:
        come = self.look(now)
        self.sent += [(now, rung) for rung in come.send]
        self.skipped += come.skip
        return come

    def next(self) -> datetime | None:
        return next_rung_instant(self.ladder, due_day=self.due_day, nation=self.nation, zone=LONDON, taken=self.taken)


def case_of(ladder: Ladder, due_day: date, nation: Nation, opened: int) -> Case:
    return Case(ladder, due_day, nation, end_of_day(due_day, LONDON) + timedelta(minutes=opened))


CASES = st.builds(case_of, LADDERS, DUE_DAYS, st.sampled_from(Nation), MINUTES)


def sweeps(case: Case, minutes: list[int]) -> list[datetime]:
    due = end_of_day(case.due_day, LONDON)
    return sorted(due + timedelta(minutes=each) for each in minutes)


@given(CASES, st.lists(MINUTES, max_size=12))
def test_no_rung_is_ever_sent_twice_or_both_sent_and_skipped(case: Case, minutes: list[int]) -> None:
    for now in sweeps(case, minutes):
        case.sweep(now)
        assert case.look(now) == DueRungs()
    keys = [rung.key for rung in [*case.skipped, *(rung for _, rung in case.sent)]]
    assert len(keys) == len(set(keys))


@given(CASES, st.lists(MINUTES, max_size=12))
def test_a_sweep_sends_each_recipient_at_most_one_message(case: Case, minutes: list[int]) -> None:
    for now in sweeps(case, minutes):
        recipients = [rung.to for rung in case.sweep(now).send]
        assert len(recipients) == len(set(recipients))


@given(CASES, st.lists(MINUTES, max_size=12))
def test_nothing_is_sent_early_from_before_opening_or_as_due_soon_when_over(case: Case, minutes: list[int]) -> None:
    for now in sweeps(case, minutes):
        case.sweep(now)
    for now, rung in case.sent:
        instant = rung_instant(rung, case.ladder, case.due_day, case.nation, LONDON)
        assert case.opened_at <= instant <= now
        assert rung.offset > 0 or now < end_of_day(case.due_day, LONDON)


@given(CASES, MINUTES)
def test_what_is_sent_after_an_outage_is_the_newest_for_its_recipient(case: Case, minute: int) -> None:
    come = case.look(end_of_day(case.due_day, LONDON) + timedelta(minutes=minute))
    for sent in come.send:
        assert all(old.offset <= sent.offset for old in come.skip if old.to == sent.to)


@given(LADDERS, DUE_DAYS, st.sampled_from(Nation))
def test_looking_only_when_told_to_sends_what_looking_every_hour_sends(
    ladder: Ladder, due_day: date, nation: Nation
) -> None:
    start = end_of_day(due_day, LONDON) - timedelta(days=62)
    told, hourly = (Case(ladder, due_day, nation, start) for _ in range(2))
    while now := told.next():
        told.sweep(now)
    for now in (start + timedelta(hours=hour) for hour in range(24 * 124)):
        if (look := hourly.next()) and look <= now:
            hourly.sweep(now)
    assert hourly.taken == told.taken == {rung.key for rung in ladder.rungs}
    if ladder.at <= time(23):  # later, an hourly look comes when the due day is already over
        assert [rung for _, rung in hourly.sent] == [rung for _, rung in told.sent]


@given(CASES, st.lists(MINUTES, max_size=6), st.integers(1, 90), st.lists(MINUTES, max_size=6))
def test_extending_the_due_day_never_sends_a_rung_again(
    case: Case, before: list[int], days: int, after: list[int]
) -> None:
    for now in sweeps(case, before):
        case.sweep(now)
    already = case.taken
    case.due_day += timedelta(days=days)
    for now in sweeps(case, after):
        assert not already & {rung.key for rung in [*case.look(now).send, *case.look(now).skip]}
        case.sweep(now)
    keys = [rung.key for _, rung in case.sent]
    assert len(keys) == len(set(keys))


@given(LADDERS, DUE_DAYS, st.sampled_from(Nation))
def test_every_rung_stands_on_a_working_day_in_the_order_of_its_offset(
    ladder: Ladder, due_day: date, nation: Nation
) -> None:
    instants = [rung_instant(rung, ladder, due_day, nation, LONDON) for rung in ladder.in_order()]
    assert instants == sorted(instants)
    for rung, instant in zip(ladder.in_order(), instants, strict=True):
        local = instant.astimezone(LONDON)
        assert local.time() == ladder.at
        assert is_working_day(local.date(), nation)
        assert (instant < end_of_day(due_day, LONDON)) == (rung.offset <= 0)
