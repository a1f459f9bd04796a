"""The year's report over a small world: every number counted by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from actions.annual_report import NoSuchYear, year_report
from actions.annual_report_shapes import Kept, YearReport
from actions.cast import known_id
from actions.complaints.telling_complainant import acknowledge
from actions.review_concluding import conclude
from models.breach import BreachDuty, BreachOutcome, FollowUp
from models.protocol import Party, Signature, SignatureKind, Version
from models.store import reading
from rules.breach_duties import DutyKind
from tests.actions.breach_world import FRIDAY, begun, done_with
from tests.actions.complaint_world import HANDLER, acknowledged, found, received
from tests.actions.world import CLOSES, PARTIES, SECRETARY, World, protocol

YEAR_END = datetime(2026, 12, 31, 12, tzinfo=UTC)


def report(world: World, now: datetime = YEAR_END, year: int = 2026) -> YearReport:
    with reading(world.store) as session:
        return year_report(session, now, protocol(session), year)


def counts(found: Any) -> dict[str, int]:
    return {name: count for name, count in found if count}


def test_an_empty_year_says_nothing_of_anybody(world: World) -> None:
    empty = report(world)
    assert (empty.reviews, empty.late, empty.deadlines, empty.silent, empty.law) == ((), (), (), (), ())
    assert (empty.breaches.reported, empty.complaints.received, empty.gaps.opened) == (0, 0, 0)
    assert not empty.is_over
    assert report(world, datetime(2027, 1, 1, tzinfo=UTC)).is_over


def test_a_year_beyond_all_calendars_is_refused(world: World) -> None:
    with pytest.raises(NoSuchYear):
        report(world, year=9999)


def test_breaches_are_counted_once_by_cause_and_the_72_hours_are_named_when_late(world: World) -> None:
    """Three breaches: one learnt from, its regulator told 25 hours late; one open; one that was none."""
    with world.act() as session:
        number = known_id(begun(session, FRIDAY))
        other = begun(session, FRIDAY + timedelta(days=1))
        none = begun(session, FRIDAY + timedelta(days=2))
        none.outcome = BreachOutcome.NOT_A_BREACH
        session.add_all([other, none])
        done_with(session, number, FRIDAY + timedelta(hours=3))
        _clock(session, number, due=FRIDAY + timedelta(hours=72), done=FRIDAY + timedelta(hours=97))
        _clock(session, known_id(other), due=FRIDAY + timedelta(hours=96), done=FRIDAY + timedelta(hours=96))
    made = report(world)
    assert made.breaches.reported == 3
    assert counts(made.breaches.outcomes) == {"going on": 2, "not a breach": 1}
    assert [(cause, counts(bands)) for cause, bands in made.breaches.by_cause] == [
        ("wrong recipient", {"not scored": 1}),
        ("not known yet", {"not scored": 1}),
    ]
    assert counts(made.breaches.regulator) == {Kept.IN_TIME: 1, Kept.LATE: 1}
    [late] = [each for each in made.late if each.kind.startswith("telling the regulator")]
    assert (late.case, late.who, late.late_by) == (f"breach:{number}", "Westshire Council", "one day and one hour")


def _clock(session: Session, breach: int, due: datetime, done: datetime) -> None:
    """As if the party had been aware and told the regulator."""
    follow_up = session.exec(select(FollowUp).where(FollowUp.breach_id == breach)).one()
    duty = session.exec(
        select(BreachDuty).where(BreachDuty.follow_up_id == follow_up.id, BreachDuty.kind == DutyKind.REGULATOR)
    ).one()
    duty.due_at, duty.done_at = due, done
    session.add(duty)


def test_complaints_are_counted_by_clause_and_a_late_acknowledgement_is_named(world: World) -> None:
    """Received on 25 November: due on 29 December. One acknowledged at once, and a breakdown; one two days late."""
    answered = acknowledged(world)
    found(world, answered, now=datetime(2026, 12, 10, 10, tzinfo=UTC))
    with world.act() as session:
        late_one = known_id(received(session, what="Another thing altogether, of which I was never told."))
    with world.act() as session:
        acknowledge(session, datetime(2026, 12, 31, 9, tzinfo=UTC), late_one, HANDLER, "by letter")
    made = report(world)
    assert made.complaints.received == 2
    assert counts(made.complaints.determined) == {"breakdown": 1}
    assert [(key, counts(results)) for key, _, results in made.complaints.by_clause] == [
        ("12-security", {"breakdown": 1})
    ]
    assert counts(made.complaints.acknowledged) == {Kept.IN_TIME: 1, Kept.LATE: 1}
    [late] = [each for each in made.late if each.kind == "acknowledgement"]
    assert (late.case, late.due_on, late.late_by) == (f"complaint:{late_one}", date(2026, 12, 29), "2 days")


def test_who_was_silent_is_named_in_the_year_of_that_day_alone(world: World) -> None:
    """Whoever was silent in 2027 was silent in 2028 too, for the review was still open."""
    world.collecting().sweep(CLOSES + timedelta(hours=1))
    assert [(each.name, each.reviews) for each in report(world, datetime(2028, 1, 5, tzinfo=UTC), 2027).silent] == [
        (name, (1,)) for name in sorted(PARTIES.values())
    ]
    later = report(world, datetime(2028, 2, 5, tzinfo=UTC), 2028)
    assert ([each.number for each in later.reviews], later.silent) == ([1], ())


def test_the_version_is_the_one_that_was_in_force_when_the_year_ended(world: World) -> None:
    february = datetime(2027, 2, 1, 9, tzinfo=UTC)
    world.decided()
    with world.act() as session:
        conclude(session, february, 1, SECRETARY)
    assert report(world, february, 2026).version == "4.2"
    assert report(world, february, 2027).version == "4.3"


def test_more_breaches_are_counted_in_as_many_statements(world: World) -> None:
    def asked() -> int:
        count: list[int] = []
        with world.read() as session:
            sa.event.listen(session.connection(), "before_cursor_execute", lambda *_: count.append(1))
            assert year_report(session, YEAR_END, protocol(session), 2026).breaches.reported
        return len(count)

    with world.act() as session:
        for number in range(2):
            begun(session, FRIDAY + timedelta(days=number))
    few = asked()
    with world.act() as session:
        for number in range(2, 7):
            begun(session, FRIDAY + timedelta(days=number))
    assert asked() == few


def test_signatures_stand_in_their_months_and_those_of_other_years_do_not(world: World) -> None:
    with world.act() as session:
        version = session.exec(select(Version)).first()
        assert version is not None
        of = protocol(session)
        parties = session.exec(select(Party).where(Party.protocol_id == of.id)).all()
        days = (date(2026, 1, 1), date(2026, 1, 31), date(2026, 12, 31), date(2027, 1, 1))
        for number, (party, day) in enumerate(zip(parties, days, strict=True)):
            row = {
                "key": f"test:{number}", "version_id": version.id, "party_id": party.id, "kind": SignatureKind.SIGNED,
                "signed_on": day, "recorded_at": YEAR_END, "recorded_by": "test",
            }  # fmt: skip
            session.add(Signature.model_validate(row))
    assert {month.month: count for month, count in report(world).signed_by_month if count} == {1: 2, 12: 1}
