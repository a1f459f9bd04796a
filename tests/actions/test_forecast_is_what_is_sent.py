"""Forecast = sent: the pure forecast and the real clock over the real Bedfordshire data, on both databases."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from actions.away import set_away
from actions.breaches.reporting import Report, report_breach
from actions.cast import contact_at, known_id, protocol_named
from actions.complaints.receiving import Received, receive
from actions.complaints.telling_complainant import acknowledge
from actions.duties import numbered_key, open_obligation
from actions.forecasting import forecast_of, obligations_named
from actions.loading import load_protocol
from actions.membership import join
from actions.owing import delegate, extend, waive
from actions.proposals import Proposed, standing_proposals
from actions.reminding import remind_batch
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice
from actions.review_feedback import give_feedback
from actions.review_opening import open_extraordinary, set_review_date
from actions.review_signing import decline, sign
from actions.signatures import version_of
from cli.clockwork import next_clock_instant, run_clock
from models.breach import ReporterKind
from models.obligation import Obligation, ObligationKind
from models.outbox import Message
from models.protocol import Contact, Party, Protocol, Role
from models.protocol_file import read_protocol
from models.review import DecisionOutcome, Magnitude, Review
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from rules.breach_facts import FactName
from rules.complaint import ComplaintKind
from rules.forecast import Forecasted
from rules.review import Stage
from rules.working_days import Nation
from tests.conftest import examples_in_ci, on_postgres_among_the_slow

BEDFORDSHIRE = Path(__file__).parents[2] / "protocols" / "bedfordshire"
SECRETARY = "secretary"
REVIEW_ON = date(2027, 3, 31)
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 23, 10, tzinfo=UTC)
A_YEAR = timedelta(days=430)

Line = tuple[datetime, str, str, str]
Setting = Callable[[sa.Engine], datetime]


# A setting prepares a store and answers the instant at which the forecast is made.


def the_review_date_is_set(store: sa.Engine) -> datetime:
    load(store)
    with transaction(store) as session:
        set_review_date(session, NOVEMBER, bedfordshire(session), REVIEW_ON, SECRETARY)
    return NOVEMBER


def an_extraordinary_review_collects_when_the_annual_one_opens(store: sa.Engine) -> datetime:
    return extraordinary(store, datetime(2027, 2, 22, 10, tzinfo=UTC))


def an_extraordinary_review_is_drafted_when_the_annual_one_opens(store: sa.Engine) -> datetime:
    return extraordinary(store, datetime(2027, 1, 18, 10, tzinfo=UTC))


def extraordinary(store: sa.Engine, at: datetime) -> datetime:
    the_review_date_is_set(store)
    with transaction(store) as session:
        open_extraordinary(session, at, bedfordshire(session), SECRETARY, "The Act has been amended.")
    return at


def the_clock_stands_still_for_three_weeks(store: sa.Engine) -> datetime:
    the_review_date_is_set(store)
    run_clock(store, OPENS)
    return datetime(2027, 3, 24, 11, tzinfo=UTC)


def feedback_is_coming_in(store: sa.Engine) -> datetime:
    """Some have answered; one has more time, one a deputy, one is waived; one bounced, one is new and in Scotland."""
    the_review_date_is_set(store)
    run_clock(store, OPENS)
    now = datetime(2027, 3, 17, 15, tzinfo=UTC)
    run_clock(store, now)
    with transaction(store) as session:
        protocol, duties = bedfordshire(session), owed(session, ObligationKind.FEEDBACK)
        for duty in duties[:5]:
            give_feedback(session, now, 1, party_of(session, duty), "lead", no_comments=True)
        extend(session, now, duties[5], date(2027, 4, 16), SECRETARY, "They meet later.")
        delegate(session, now, duties[6], SECRETARY, "On leave.")
        waive(session, now, duties[7], SECRETARY, "It is being dissolved.")
        session.get_one(Contact, duties[8].contact_id).bounced_at = now
        join(
            session, now, protocol, "nhs-borders", "NHS Borders", "nhs-trust", Nation.SCOTLAND, "b@x.example", SECRETARY
        )
        early = session.exec(select(Party).where(Party.slug == "virgin-health")).one()
        early.left_on = date(2028, 1, 1)
    return now


def some_are_away_when_the_review_opens(store: sa.Engine) -> datetime:
    """For one the deputy stands in; one comes back before it; of one the deputy is away too, of another not reached."""
    the_review_date_is_set(store)
    now = datetime(2027, 2, 1, 10, tzinfo=UTC)
    run_clock(store, now)
    with transaction(store) as session:
        protocol, parties = bedfordshire(session), session.exec(select(Party).order_by(col(Party.name))).all()
        for party, until in zip(
            parties, (date(2027, 3, 5), date(2027, 2, 25), OPENS.date(), OPENS.date()), strict=False
        ):
            set_away(session, now, protocol, party, Role.LEAD_MEMBER, until, SECRETARY)
        set_away(session, now, protocol, parties[2], Role.DEPUTY, OPENS.date(), SECRETARY)
        bounced = contact_at(session, parties[3], Role.DEPUTY)
        assert bounced is not None
        bounced.bounced_at = now
    return now


def a_stand_in_comes_back_before_the_lead_member(store: sa.Engine) -> datetime:
    """Everybody there was away when the review opened."""
    the_review_date_is_set(store)
    with transaction(store) as session:
        protocol, party = bedfordshire(session), session.exec(select(Party).order_by(col(Party.name))).all()[2]
        for contact in session.exec(select(Contact).where(Contact.party_id == party.id)).all():
            until = date(2027, 3, 5) if contact.role is Role.DEPUTY else date(2027, 5, 1)
            set_away(session, OPENS - timedelta(days=1), protocol, party, contact.role, until, SECRETARY)
    run_clock(store, OPENS)
    return OPENS


def signatures_are_coming_in(store: sa.Engine) -> datetime:
    """Two have signed, one declines, one is waived; the others owe theirs."""
    now = the_version_waits_for_signatures(store)
    with transaction(store) as session:
        version = version_of(session, session.get_one(Review, 1))
        duties = owed(session, ObligationKind.SIGNATURE)
        for duty in duties[:2]:
            sign(session, now, version, party_of(session, duty), "lead", position="Chief Executive")
        decline(session, now, version, party_of(session, duties[2]), "lead", "It goes too far.")
        waive(session, now, duties[3], SECRETARY, "It is being dissolved.")
    return now


def the_last_signature_has_just_come_in(store: sa.Engine) -> datetime:
    now = the_version_waits_for_signatures(store)
    with transaction(store) as session:
        version = version_of(session, session.get_one(Review, 1))
        for duty in owed(session, ObligationKind.SIGNATURE):
            sign(session, now, version, party_of(session, duty), "lead", position="Chief Executive")
    return now


def feedback_closes_where_the_published_holidays_end(store: sa.Engine) -> datetime:
    """Drafting would be due in 2029: the step is refused at every sweep, and the year goes on around it."""
    load(store)
    now = datetime(2028, 11, 1, 10, tzinfo=UTC)
    with transaction(store) as session:
        set_review_date(session, now, bedfordshire(session), date(2028, 12, 20), SECRETARY)
    return now


def a_breach_is_followed_up_over_easter(store: sa.Engine) -> datetime:
    """Duties to the minute and of days, beside a review; from Thursday, over Good Friday and the change of clocks.

    One party has a deputy, one has none, one cannot be reached; a step has begun a while ago.
    """
    the_review_date_is_set(store)
    with transaction(store) as session:
        lonely = contact_at(session, session.exec(select(Party).order_by(col(Party.name))).all()[1], Role.DEPUTY)
        assert lonely is not None
        session.delete(lonely)
    run_clock(store, OPENS)
    now = datetime(2027, 3, 25, 16, tzinfo=UTC)
    run_clock(store, now)
    with transaction(store) as session:
        protocol, parties = bedfordshire(session), session.exec(select(Party).order_by(col(Party.name))).all()[:3]
        for party in parties:
            lead = contact_at(session, party, Role.LEAD_MEMBER)
            assert lead is not None
            for kind, due in OF_A_BREACH:
                number = numbered_key(session, BREACH, kind, party.slug)
                open_obligation(
                    session, now, protocol, key=number, case=BREACH, kind=kind, contact=lead, party=party,
                    due_at=now + due if isinstance(due, timedelta) else None,
                    due_on=due if isinstance(due, date) else None,
                )  # fmt: skip
        lead.bounced_at = now
    return now


def a_breach_and_complaints_wait_for_those_who_are_away(store: sa.Engine) -> datetime:
    """At one party all are away, and so is the secretary: whoever is back first takes what is owed; at another the
    secretary stands in; at a third somebody is not reached, and the deputy comes back; at a fourth the deputy is back
    before the secretary, who stands in because nobody else is reached."""
    the_review_date_is_set(store)
    with transaction(store) as session:
        protocol, slugs = bedfordshire(session), [party.slug for party in by_name(session)[:4]]
        facts = {FactName.HAPPENED: "A letter went astray.", FactName.PARTIES: slugs, FactName.PEOPLE: 3}
        report_breach(session, NOVEMBER, protocol, Report(facts=facts, reporter_kind=ReporterKind.ANONYMOUS), "form")
        for slug in slugs:
            about = Received(kind=ComplaintKind.PERSON, what="They passed it on.", about=slug, received_by=slug)
            number = known_id(receive(session, NOVEMBER, protocol, about, SECRETARY))
            acknowledge(session, NOVEMBER, number, SECRETARY, "by letter")
    run_clock(store, NOVEMBER)
    now = NOVEMBER + timedelta(hours=1)
    with transaction(store) as session:
        protocol, (one, other, third, fourth) = bedfordshire(session), by_name(session)[:4]
        for contact in contacts_of(session, fourth):
            until = date(2026, 12, 4) if contact.role is Role.DEPUTY else date(2026, 11, 27)
            contact.bounced_at = None if contact.role is Role.DEPUTY else now
            set_away(session, now, protocol, fourth, contact.role, until, SECRETARY)
        set_away(session, now, protocol, None, Role.SECRETARY, date(2026, 12, 11), SECRETARY)
        back = {Role.DEPUTY: date(2026, 12, 2), Role.DESIGNATED_PERSON: date(2026, 11, 27)}
        for contact in contacts_of(session, one):
            set_away(session, now, protocol, one, contact.role, back.get(contact.role, date(2027, 6, 1)), SECRETARY)
        for contact in contacts_of(session, other):
            set_away(session, now, protocol, other, contact.role, date(2027, 1, 15), SECRETARY)
        for contact in contacts_of(session, third):
            if contact.role is Role.DEPUTY:
                set_away(session, now, protocol, third, contact.role, date(2026, 12, 4), SECRETARY)
            else:
                contact.bounced_at = now
    return now


def by_name(session: Session) -> Sequence[Party]:
    return session.exec(select(Party).order_by(col(Party.name))).all()


def contacts_of(session: Session, party: Party) -> Sequence[Contact]:
    return session.exec(select(Contact).where(Contact.party_id == party.id).order_by(col(Contact.id))).all()


BREACH = "breach:1"
OF_A_BREACH: list[tuple[ObligationKind, timedelta | date]] = [
    (ObligationKind.ASSESSMENT, timedelta(hours=24)),
    (ObligationKind.STEP, timedelta(hours=8)),
    (ObligationKind.STEP, timedelta(hours=2)),
    (ObligationKind.STEP, timedelta()),
    (ObligationKind.NOTICE, timedelta(hours=72)),
    (ObligationKind.TELLING_PEOPLE, date(2027, 3, 28)),
    (ObligationKind.TELLING_PARTNERS, timedelta(hours=6)),
    (ObligationKind.HOLD, date(2027, 4, 9)),
    (ObligationKind.LEARNING, date(2027, 4, 26)),
    (ObligationKind.LOCAL_ACTION, timedelta(days=30)),
]


def the_version_waits_for_signatures(store: sa.Engine) -> datetime:
    the_review_date_is_set(store)
    run_clock(store, OPENS)
    now = datetime(2027, 3, 10, 12, tzinfo=UTC)
    with transaction(store) as session:
        first = party_of(session, owed(session, ObligationKind.FEEDBACK)[0])
        give_feedback(session, now, 1, first, "lead", proposals=[Proposed(clause="12-security", wording="Locked.")])
        close_feedback(session, now, 1, SECRETARY)
        [proposal] = standing_proposals(session, session.get_one(Review, 1))
        number = known_id(proposal)
        classify(session, now, number, Magnitude.MAJOR, SECRETARY, "New.")
        give_advice(session, now, number, "Lawful.", "adviser")
        begin_deciding(session, now, 1, SECRETARY)
        decide(session, now, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
        assert conclude(session, now, 1, SECRETARY) is Stage.SIGNING
    return now


ON_BOTH: list[Setting] = [a_breach_is_followed_up_over_easter]
ON_POSTGRES_AMONG_THE_SLOW: list[Setting] = [
    the_review_date_is_set,
    an_extraordinary_review_is_drafted_when_the_annual_one_opens,
    feedback_is_coming_in,
    signatures_are_coming_in,
]
ON_ONE: list[Setting] = [
    an_extraordinary_review_collects_when_the_annual_one_opens,
    some_are_away_when_the_review_opens,
    a_stand_in_comes_back_before_the_lead_member,
    a_breach_and_complaints_wait_for_those_who_are_away,
    the_clock_stands_still_for_three_weeks,
    the_last_signature_has_just_come_in,
    feedback_closes_where_the_published_holidays_end,
]


@pytest.mark.parametrize("setting", ON_BOTH, ids=lambda setting: setting.__name__)
def test_a_year_in_which_nobody_answers_sends_exactly_the_forecast(store: sa.Engine, setting: Setting) -> None:
    play_a_year(store, setting(store))


@on_postgres_among_the_slow
@pytest.mark.parametrize("setting", ON_POSTGRES_AMONG_THE_SLOW, ids=lambda setting: setting.__name__)
def test_so_does_a_year_in_which_a_review_is_under_way(store: sa.Engine, setting: Setting) -> None:
    play_a_year(store, setting(store))


@pytest.mark.parametrize("setting", ON_ONE, ids=lambda setting: setting.__name__)
def test_so_it_does_where_more_has_happened(sqlite_store: sa.Engine, setting: Setting) -> None:
    play_a_year(sqlite_store, setting(sqlite_store))


def play_a_year(store: sa.Engine, now: datetime) -> None:
    """And the forecast remade at any moment in between is the rest of it."""
    end, newest = now + A_YEAR, newest_message(store)
    expected = lines(forecast_at(store, now, end))
    at: datetime | None = now
    while at is not None and at <= end:
        run_clock(store, at)
        assert lines(forecast_at(store, at, end)) == [line for line in expected if line[0] > at]
        at = next_instant(store, at)
    assert len(expected) > 50
    assert sent(store, newest) == expected


def test_whoever_comes_back_first_is_foreseen_to_take_what_waits(sqlite_store: sa.Engine) -> None:
    now = a_breach_and_complaints_wait_for_those_who_are_away(sqlite_store)
    handed = {
        (message.at.date(), message.kind, message.party, message.address.partition("@")[0])
        for message in forecast_at(sqlite_store, now, now + A_YEAR)
        if message.kind in ("steps_handed_over", "complaint_asked")
    }
    with reading(sqlite_store) as session:
        one, _, third, fourth = [party.slug for party in by_name(session)[:4]]
    saturday, fifth, twelfth = date(2026, 11, 28), date(2026, 12, 5), date(2026, 12, 12)
    assert handed == {
        (saturday, "steps_handed_over", one, "designated.person"),
        (saturday, "complaint_asked", one, "designated.person"),
        (fifth, "steps_handed_over", third, "deputy"),
        (fifth, "steps_handed_over", fourth, "deputy"),
        (fifth, "complaint_asked", fourth, "deputy"),
        (twelfth, "steps_handed_over", None, "secretary"),
        (twelfth, "complaint_asked", None, "secretary"),
    }


def test_swept_every_hour_over_a_weekend_the_reminders_of_a_breach_are_those_of_the_forecast(
    sqlite_store: sa.Engine,
) -> None:
    now = a_breach_is_followed_up_over_easter(sqlite_store)
    end, newest = now + timedelta(days=6), newest_message(sqlite_store)
    expected = lines(forecast_at(sqlite_store, now, end))
    for hour in range(6 * 24 + 1):
        run_clock(sqlite_store, now + timedelta(hours=hour))
    assert sent(sqlite_store, newest) == expected
    of_the_breach = [line for line in expected if line[3].startswith(BREACH)]
    assert len(of_the_breach) > 40
    assert {at.weekday() for at, _, _, _ in of_the_breach} >= {4, 5, 6}


def test_after_an_outage_over_the_limits_the_forecast_is_the_catching_up(sqlite_store: sa.Engine) -> None:
    back = a_breach_is_followed_up_over_easter(sqlite_store) + timedelta(days=6, minutes=7)
    newest, expected = newest_message(sqlite_store), lines(forecast_at(sqlite_store, back, back))
    run_clock(sqlite_store, back)
    assert sent(sqlite_store, newest) == expected
    of_the_breach = [(address, about) for _, address, _, about in expected if about.startswith(BREACH)]
    assert len(of_the_breach) == len(set(of_the_breach)) > 8


def test_a_review_that_is_stuck_is_named_and_the_clock_goes_on(sqlite_store: sa.Engine) -> None:
    feedback_closes_where_the_published_holidays_end(sqlite_store)
    run_clock(sqlite_store, datetime(2028, 11, 20, 9, tzinfo=UTC))
    closing = datetime(2028, 12, 21, tzinfo=UTC)
    for _ in range(2):
        swept = run_clock(sqlite_store, closing)
        assert list(swept.refused) == ["review:1"]
        assert "published" in swept.refused["review:1"]
    later = next_instant(sqlite_store, closing)
    assert later is not None
    assert later > closing


def test_one_message_to_the_secretary_although_the_batch_is_smaller_than_the_case(store: sa.Engine) -> None:
    the_review_date_is_set(store)
    run_clock(store, OPENS)
    at = datetime(2027, 3, 30, 8, tzinfo=UTC)
    newest, expected = newest_message(store), lines(forecast_at(store, at, at))
    looked_at = []
    while not looked_at or looked_at[-1]:
        with transaction(store) as session:
            looked_at.append(remind_batch(session, at, limit=4))
    assert looked_at == [17, 0]
    assert sent(store, newest) == expected
    assert Counter(kind for _, _, kind, _ in expected)["duties_escalated_to_secretary"] == 1


def test_a_reminder_is_sent_although_the_rung_after_it_lies_beyond_the_published_holidays(store: sa.Engine) -> None:
    """It used to be lost: the whole look was given up because the next one could not be named."""
    load(store)
    last = date(2028, 12, 29)
    with transaction(store) as session:
        set_review_date(session, NOVEMBER, bedfordshire(session), date(2028, 3, 31), SECRETARY)
    run_clock(store, datetime(2028, 2, 29, 9, tzinfo=UTC))
    run_clock(store, datetime(2028, 4, 1, tzinfo=UTC))
    now = datetime(2028, 4, 3, 9, tzinfo=UTC)
    with transaction(store) as session:
        extend(session, now, owed(session, ObligationKind.DRAFTING)[0], last, SECRETARY, "Nobody has the time.")
    newest, end = newest_message(store), datetime(2029, 2, 1, tzinfo=UTC)
    expected = lines(forecast_at(store, now, end))
    at: datetime | None = now
    while at is not None and at <= end:
        run_clock(store, at)
        at = next_instant(store, at)
    assert sent(store, newest) == expected
    assert [line[0].date() for line in expected] == [date(2028, 12, 20)]  # five working days before the last day


# Answers only remove or replace what comes later


@dataclass(frozen=True)
class Deed:
    """What somebody does on a day after the opening, about one of the duties owed then."""

    day: int
    kind: str
    which: int
    days: int


KINDS = ("answer", "waive", "extend", "delegate", "bounce")
deeds = st.lists(
    st.builds(Deed, st.integers(1, 45), st.sampled_from(KINDS), st.integers(0, 4), st.integers(1, 40)),
    min_size=1, max_size=6,
)  # fmt: skip


played = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@settings(played, max_examples=5)
@given(deeds)
def test_what_people_do_only_removes_or_replaces_later_messages(done: list[Deed]) -> None:
    do_and_forecast(done)


@pytest.mark.slow
@settings(played, max_examples=examples_in_ci(25))
@given(deeds)
def test_so_it_is_whatever_they_do(done: list[Deed]) -> None:
    do_and_forecast(done)


def do_and_forecast(done: list[Deed]) -> None:
    end = OPENS + timedelta(days=120)
    with TemporaryDirectory() as folder:
        store = copied(Path(folder))
        before = forecast_at(store, OPENS, end)
        for deed in sorted(done, key=lambda each: each.day):
            at = OPENS + timedelta(days=deed.day, hours=3)
            sent_meanwhile = play(store, at)
            assert sent_meanwhile == [line for line in lines(before) if line[0] <= at]
            before = [message for message in before if message.at > at]
            kind, key = perform(store, at, deed)
            after = forecast_at(store, at, end)
            assert_only_less_or_instead(kind, key, at, before, after)
            before = after
        assert play(store, end) == lines(before)
        store.dispose()


def assert_only_less_or_instead(
    kind: str, key: str, at: datetime, before: list[Forecasted], after: list[Forecasted]
) -> None:
    for message in after:
        assert message.at > at
        same = [m for m in before if m.at == message.at and set(message.obligations) <= set(m.obligations)]
        if key in message.obligations and kind in ("extend", "reach"):
            continue  # on other days; or to somebody instead of to nobody
        if key in message.obligations and kind == "delegate":
            assert same
        else:
            assert any((m.kind, m.address) == (message.kind, message.address) for m in same)
    if kind == "nothing":
        assert lines(after) == lines(before)
    elif kind != "reach":
        assert about(key, after) <= about(key, before)


def about(key: str, messages: Iterable[Forecasted]) -> int:
    return sum(key in message.obligations for message in messages)


def perform(store: sa.Engine, now: datetime, deed: Deed) -> tuple[str, str]:
    """What came of it, and the key of the obligation it was about."""
    with transaction(store) as session:
        duties = owed(session, ObligationKind.FEEDBACK)
        if not duties:
            return "nothing", ""
        duty = duties[deed.which % len(duties)]
        owner, party = session.get_one(Contact, duty.contact_id), party_of(session, duty)
        match deed.kind:
            case "answer":
                give_feedback(session, now, 1, party, "lead", no_comments=True)
            case "waive":
                waive(session, now, duty, SECRETARY, "It is being dissolved.")
            case "extend":
                later = max(duty.due_on, now.date()) + timedelta(days=deed.days)
                extend(session, now, duty, later, SECRETARY, "They meet later.")
            case "bounce":
                owner.bounced_at = now
            case _ if contact_at(session, party, Role.DEPUTY) is None:
                return "nothing", duty.key
            case _:
                delegate(session, now, duty, SECRETARY, "On leave.")
                return ("reach" if owner.bounced_at else "delegate"), duty.key
        return deed.kind, duty.key


@cache
def template() -> tuple[TemporaryDirectory[str], Path]:
    """Six parties, one of them without a deputy, have just been asked."""
    folder = TemporaryDirectory()
    path = Path(folder.name) / "template.db"
    made = engine(f"sqlite:///{path}")
    upgrade(made)
    the_review_date_is_set(made)
    with transaction(made) as session:
        parties = session.exec(select(Party).order_by(col(Party.name))).all()
        for party in parties[6:]:
            party.left_on = date(2027, 1, 1)
        lonely = contact_at(session, parties[3], Role.DEPUTY)
        assert lonely is not None
        session.delete(lonely)
    run_clock(made, OPENS)
    made.dispose()
    return folder, path


def copied(folder: Path) -> sa.Engine:
    path = folder / "copy.db"
    shutil.copy(template()[1], path)
    made = sa.create_engine(f"sqlite:///{path}")
    cached = engine.__wrapped__(f"sqlite:///{path}")
    made.dispose()
    sa.event.listen(cached, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return cached


# The store


def load(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, NOVEMBER, read_protocol(BEDFORDSHIRE), SECRETARY)


def bedfordshire(session: Session) -> Protocol:
    return protocol_named(session, "bedfordshire")


def owed(session: Session, kind: ObligationKind) -> list[Obligation]:
    statement = select(Obligation).where(Obligation.kind == kind, col(Obligation.outcome).is_(None))
    return list(session.exec(statement.order_by(col(Obligation.id))))


def party_of(session: Session, duty: Obligation) -> Party:
    return session.get_one(Party, duty.party_id)


def forecast_at(store: sa.Engine, now: datetime, until: datetime) -> list[Forecasted]:
    with reading(store) as session:
        return forecast_of(session, now, None, until)


def next_instant(store: sa.Engine, after: datetime) -> datetime | None:
    with reading(store) as session:
        return next_clock_instant(session, after)


def play(store: sa.Engine, until: datetime) -> list[Line]:
    """Let the clock run until then; answers what it sends."""
    newest = newest_message(store)
    with reading(store) as session:
        at = next_clock_instant(session)
    while at is not None and at <= until:
        run_clock(store, at)
        at = next_instant(store, at)
    return sent(store, newest)


def newest_message(store: sa.Engine) -> int:
    with reading(store) as session:
        return session.exec(select(func.max(Message.id))).one() or 0


def sent(store: sa.Engine, after: int) -> list[Line]:
    with reading(store) as session:
        messages = session.exec(select(Message).where(col(Message.id) > after)).all()
        named = obligations_named(session, messages)
        return sorted((m.queued_at, m.address, m.kind, named[known_id(m)]) for m in messages)


def lines(messages: Iterable[Forecasted]) -> list[Line]:
    return sorted(map(line_of, messages))


def line_of(message: Forecasted) -> Line:
    return message.at, message.address, message.kind, message.obligation
