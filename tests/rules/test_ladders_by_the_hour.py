"""Ladders where hours were counted: elapsed time, by night, over weekends and over both changes of the clocks."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.instants import LONDON, elapsed, end_of_day, local_day
from rules.ladders import (
    DueRungs,
    EitherDaysOrMinutes,
    Ladder,
    MixedRungs,
    Recipient,
    Rung,
    due_rungs,
    next_rung_instant,
    rung_instant,
)
from rules.limits import is_over
from rules.reminding import look
from rules.working_days import Nation, published

EW = Nation.ENGLAND_AND_WALES
OWNER, DEPUTY, SECRETARY = Recipient.OWNER, Recipient.DEPUTY, Recipient.SECRETARY


def hours(key: str, before: int, to: Recipient = OWNER) -> Rung:
    return Rung(key, to=to, minutes=before * 60)


TWO_DAYS, ONE_DAY, LAST_CALL, TO_DEPUTY = hours("48", -48), hours("24", -24), hours("6", -6), hours("6d", -6, DEPUTY)
NOW, TO_SECRETARY, STILL = hours("0", 0), hours("1s", 1, SECRETARY), hours("24s", 24, SECRETARY)
NOTICE = Ladder("notice", time(9), (TWO_DAYS, ONE_DAY, LAST_CALL, TO_DEPUTY, NOW, TO_SECRETARY, STILL))

# 72 elapsed hours across both changes of the clocks, in London's own readings.
FRIDAY = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)
BEFORE_SUMMER = datetime(2026, 3, 27, 16, 20, tzinfo=UTC)
BEFORE_WINTER = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)


@dataclass
class Duty:
    """What is due 72 hours after it was opened, swept as the engine would."""

    opened_at: datetime
    ladder: Ladder = NOTICE
    lasts: timedelta = timedelta(hours=72)
    counted: bool = True
    sent: list[tuple[datetime, Rung]] = field(default_factory=list)
    skipped: list[Rung] = field(default_factory=list)

    @property
    def due_at(self) -> datetime:
        return elapsed(self.opened_at, hours=0, minutes=int(self.lasts / timedelta(minutes=1)))

    @property
    def due_day(self) -> date:
        return local_day(self.due_at, LONDON)

    @property
    def taken(self) -> frozenset[str]:
        return frozenset(rung.key for rung in [*self.skipped, *(rung for _, rung in self.sent)])

    def look(self, now: datetime) -> DueRungs:
        return due_rungs(
            self.ladder, due_day=self.due_day, due_at=self.due_at if self.counted else None, nation=EW, zone=LONDON,
            opened_at=self.opened_at, taken=self.taken, now=now,
        )  # fmt: skip

    def sweep(self, now: datetime) -> DueRungs:
        come = self.look(now)
        self.sent += [(now, rung) for rung in come.send]
        self.skipped += come.skip
        return come

    def next(self) -> datetime | None:
        return next_rung_instant(
            self.ladder, due_day=self.due_day, due_at=self.due_at if self.counted else None, nation=EW, zone=LONDON,
            taken=self.taken,
        )  # fmt: skip

    def play(self) -> list[tuple[str, str]]:
        """Swept whenever there is something to do: London's clock and the rung."""
        while now := self.next():
            self.sweep(now)
        return [(f"{now.astimezone(LONDON):%a %H:%M %Z}", rung.key) for now, rung in self.sent]


def test_reminders_come_over_the_weekend_because_the_hours_run_on() -> None:
    assert Duty(FRIDAY).play() == [
        ("Sat 16:45 GMT", "48"), ("Sun 16:45 GMT", "24"), ("Mon 10:45 GMT", "6"), ("Mon 10:45 GMT", "6d"),
        ("Mon 16:45 GMT", "0"), ("Mon 17:45 GMT", "1s"), ("Tue 16:45 GMT", "24s"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("opened_at", "clocks"),
    [
        (BEFORE_SUMMER, ["Sat 16:20 GMT", "Sun 17:20 BST", "Mon 11:20 BST", "Mon 11:20 BST", "Mon 17:20 BST"]),
        (BEFORE_WINTER, ["Sat 16:20 BST", "Sun 15:20 GMT", "Mon 09:20 GMT", "Mon 09:20 GMT", "Mon 15:20 GMT"]),
    ],
)
def test_a_change_of_the_clocks_moves_no_reminder(opened_at: datetime, clocks: list[str]) -> None:
    duty = Duty(opened_at)
    assert [clock for clock, _ in duty.play()][:5] == clocks
    assert [now - opened_at for now, _ in duty.sent] == [
        timedelta(hours=h) for h in (24, 48, 66, 66, 72, 73, 96)
    ]  # fmt: skip


@pytest.mark.parametrize("night", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_every_minute_of_the_nights_of_the_changes_is_passed_once(night: datetime) -> None:
    """From midnight to three there is neither a skipped nor a repeated instant."""
    rungs = tuple(Rung(f"r{m}", minutes=m - 180) for m in range(180))
    duty = Duty(night - timedelta(hours=1), Ladder("night", time(9), rungs), timedelta(hours=4))
    duty.play()
    assert [now for now, _ in duty.sent] == [night + timedelta(minutes=m) for m in range(180)]


def test_exactly_at_the_limit_a_reminder_still_says_due_soon_and_a_second_later_none_does() -> None:
    duty, second = Duty(FRIDAY), timedelta(seconds=1)
    assert duty.look(duty.due_at - second).send == (LAST_CALL, TO_DEPUTY)
    assert duty.look(duty.due_at).send == (TO_DEPUTY, NOW)
    assert duty.look(duty.due_at + second) == DueRungs(send=(NOW,), skip=(TWO_DAYS, ONE_DAY, LAST_CALL, TO_DEPUTY))


def test_after_an_outage_over_the_limit_each_person_gets_one_message() -> None:
    duty = Duty(FRIDAY)
    back = duty.due_at + timedelta(days=3)
    looked = look(
        NOTICE, due_day=duty.due_day, due_at=duty.due_at, nation=EW, zone=LONDON, opened_at=FRIDAY,
        taken=frozenset(), now=back,
    )  # fmt: skip
    assert looked.rungs == DueRungs(send=(NOW, STILL), skip=(TWO_DAYS, ONE_DAY, LAST_CALL, TO_DEPUTY, TO_SECRETARY))
    assert looked.next_at is None


def test_what_is_opened_with_few_hours_left_starts_where_it_is() -> None:
    late = Duty(FRIDAY, lasts=timedelta(hours=8))
    assert late.sweep(FRIDAY) == DueRungs(skip=(TWO_DAYS, ONE_DAY))
    assert late.next() == FRIDAY + timedelta(hours=2)


def test_where_a_day_was_given_hours_count_from_its_end() -> None:
    day = date(2026, 10, 25)  # 25 hours long
    assert rung_instant(LAST_CALL, NOTICE, day, EW, LONDON) == datetime(2026, 10, 25, 18, tzinfo=UTC)
    ask = due_rungs(
        NOTICE, due_day=day, nation=EW, zone=LONDON, opened_at=BEFORE_WINTER, taken=frozenset(),
        now=end_of_day(day, LONDON),
    )  # fmt: skip
    assert ask.send == (NOW,)


def test_hours_need_no_bank_holidays() -> None:
    none = published().until(date(2026, 1, 1))
    assert rung_instant(STILL, NOTICE, date(2026, 11, 23), EW, LONDON, none, FRIDAY) == FRIDAY + timedelta(days=1)


def test_days_and_hours_are_not_mixed_in_one_ladder() -> None:
    with pytest.raises(MixedRungs, match="“mixed” counts either working days or hours and minutes, not both"):
        Ladder("mixed", time(9), (NOW, Rung("day", 1)))


@pytest.mark.parametrize("wrong", [{}, {"offset": 1, "minutes": 1}])
def test_a_rung_counts_exactly_one_of_both(wrong: dict[str, int]) -> None:
    with pytest.raises(EitherDaysOrMinutes, match="“odd” counts either"):
        Rung("odd", **wrong)


MINUTES = st.integers(-5 * 24 * 60, 5 * 24 * 60)
LADDERS = st.lists(st.tuples(MINUTES, st.sampled_from(Recipient)), max_size=9).map(
    lambda rungs: Ladder("any", time(9), tuple(Rung(f"r{n}", to=to, minutes=m) for n, (m, to) in enumerate(rungs)))
)
AROUND = [FRIDAY, BEFORE_SUMMER, BEFORE_WINTER]
DUTIES = st.builds(
    Duty, st.sampled_from(AROUND), LADDERS, st.integers(0, 96 * 60).map(lambda m: timedelta(minutes=m)), st.booleans()
)


@given(DUTIES, st.lists(MINUTES, max_size=12))
def test_no_look_sends_one_recipient_two_and_no_rung_is_taken_twice(duty: Duty, minutes: list[int]) -> None:
    for now in (duty.due_at + timedelta(minutes=m) for m in sorted(minutes)):
        before, come = duty.taken, duty.sweep(now)
        recipients = [rung.to for rung in come.send]
        assert len(recipients) == len(set(recipients))
        assert not before & {rung.key for rung in (*come.send, *come.skip)}
        assert duty.look(now) == DueRungs()
    keys = [rung.key for rung in (*duty.skipped, *(rung for _, rung in duty.sent))]
    assert len(keys) == len(set(keys))


@given(DUTIES, st.lists(MINUTES, max_size=12))
def test_nothing_is_early_nor_from_before_opening_nor_due_soon_when_over(duty: Duty, minutes: list[int]) -> None:
    for now in (duty.due_at + timedelta(minutes=m) for m in sorted(minutes)):
        duty.sweep(now)
    due_at = duty.due_at if duty.counted else end_of_day(duty.due_day, LONDON)
    for now, rung in duty.sent:
        instant = due_at + timedelta(minutes=rung.distance)
        assert duty.opened_at <= instant <= now
        assert rung.distance >= 0 or not is_over(due_at, now, exact=duty.counted)


@given(DUTIES, st.lists(MINUTES, max_size=6), st.integers(1, 9000), st.lists(MINUTES, max_size=6))
def test_more_time_never_sends_a_rung_again(duty: Duty, before: list[int], more: int, after: list[int]) -> None:
    for now in (duty.due_at + timedelta(minutes=m) for m in sorted(before)):
        duty.sweep(now)
    later = replace(duty, lasts=duty.lasts + timedelta(minutes=more))
    already = later.taken
    for now in (later.due_at + timedelta(minutes=m) for m in sorted(after)):
        come = later.sweep(now)
        assert not already & {rung.key for rung in (*come.send, *come.skip)}


@given(DUTIES)
def test_looking_only_when_told_to_takes_every_rung_at_its_instant(duty: Duty) -> None:
    due_at = duty.due_at if duty.counted else end_of_day(duty.due_day, LONDON)
    duty.play()
    assert duty.taken == {rung.key for rung in duty.ladder.rungs}
    assert all(now == due_at + timedelta(minutes=rung.distance) for now, rung in duty.sent)
