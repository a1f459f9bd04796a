"""When numbers raise a question: at the threshold, and on the window's first day, not a day before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.signals import Acknowledgement, Breakdown, SignalKind, Span, Thresholds, signals

YEAR = Span(date(2026, 4, 1), date(2027, 3, 31))
LIMITS = Thresholds(clause_parties=3, clause_times=5, party_times=5, late_acknowledgements=3)
MAY = date(2026, 5, 4)
PARTIES = ("police", "council", "trust", "fire")


def by_parties(count, day=MAY, clause="7-consent"):
    return [Breakdown(clause, party, day, number) for number, party in enumerate(PARTIES[:count], 1)]


def at_one_party(count, day=MAY):
    """Of a clause each, so that only the party stands out."""
    return [Breakdown(f"clause-{number}", "police", day, number) for number in range(1, count + 1)]


def of_one_clause(count, day=MAY):
    """By two parties in turn: fewer than the clause's threshold of parties, and than the party's of times."""
    return [Breakdown("7-consent", PARTIES[number % 2], day, number) for number in range(1, count + 1)]


def late(count, due=MAY, done=None):
    return [Acknowledgement("police", due, done, number) for number in range(1, count + 1)]


def kinds(breakdowns=(), acknowledgements=(), window=YEAR, limits=LIMITS):
    return [each.kind for each in signals(breakdowns, acknowledgements, limits, window)]


@pytest.mark.parametrize(
    ("kind", "threshold", "cases"),
    [
        (SignalKind.CLAUSE_PARTIES, 3, lambda count, day: (by_parties(count, day), ())),
        (SignalKind.CLAUSE_TIMES, 5, lambda count, day: (of_one_clause(count, day), ())),
        (SignalKind.PARTY_TIMES, 5, lambda count, day: (at_one_party(count, day), ())),
        (SignalKind.LATE, 3, lambda count, day: ((), late(count, day))),
    ],
)
def test_it_stands_from_the_threshold_on_and_from_the_first_day_of_the_window(kind, threshold, cases):
    assert kinds(*cases(threshold - 1, MAY)) == []
    assert kinds(*cases(threshold, MAY)) == [kind]
    assert kinds(*cases(threshold, YEAR.first_day)) == [kind]
    assert kinds(*cases(threshold, YEAR.first_day - timedelta(days=1))) == []


def test_what_was_determined_on_the_last_day_counts_and_what_comes_after_does_not_yet():
    assert kinds(by_parties(3, YEAR.last_day)) == [SignalKind.CLAUSE_PARTIES]
    assert kinds(by_parties(3, YEAR.last_day + timedelta(days=1))) == []


def test_one_breakdown_outside_the_window_is_one_too_few():
    out = Breakdown("7-consent", "trust", YEAR.first_day - timedelta(days=1), 9)
    assert kinds([*by_parties(2), out]) == []
    assert kinds([*by_parties(2), out._replace(day=YEAR.first_day)]) == [SignalKind.CLAUSE_PARTIES]


def test_one_party_three_times_is_not_three_parties():
    assert kinds([Breakdown("7-consent", "police", MAY, number) for number in (1, 2, 3)]) == []


def test_a_complaint_split_into_issues_is_counted_once():
    assert kinds([Breakdown("7-consent", "police", MAY, 1)] * 9) == []


def test_what_no_clause_is_named_for_counts_for_its_party_alone():
    rows = [Breakdown(None, "police", MAY, number) for number in range(5)]
    assert kinds(rows) == [SignalKind.PARTY_TIMES]


def test_an_acknowledgement_is_late_on_the_day_after_its_last_and_stays_so_however_late_it_came():
    assert kinds((), late(3, due=YEAR.last_day)) == []
    assert kinds((), late(3, due=YEAR.last_day - timedelta(days=1))) == [SignalKind.LATE]
    assert kinds((), late(3, due=MAY, done=MAY)) == []
    assert kinds((), late(3, due=MAY, done=MAY + timedelta(days=1))) == [SignalKind.LATE]


def test_it_says_what_it_counts_in_a_sentence_and_its_key_does_not_follow_the_count():
    rows = [Breakdown("7-consent", party, MAY + timedelta(days=n), 10 - n) for n, party in enumerate(PARTIES[:3])]
    [signal] = signals(rows, (), LIMITS, YEAR)
    assert signal.sentence == (
        "Clause 7-consent was broken by 3 parties in the year to Wednesday 31 March 2027: does the clause work?"
    )
    assert (signal.count, signal.threshold, signal.subject) == (3, 3, "7-consent")
    assert (signal.first_day, signal.last_day) == (MAY, MAY + timedelta(days=2))
    assert signal.complaints == (8, 9, 10)
    assert signal.key == "clause-parties:7-consent"
    [more] = signals([*rows, Breakdown("7-consent", "fire", MAY, 99)], (), LIMITS, YEAR)
    assert (more.count, more.key) == (4, signal.key)


def test_a_party_is_called_by_its_name_and_another_window_by_its_days():
    window = Span(date(2027, 1, 1), date(2027, 3, 31))
    day = date(2027, 2, 1)
    said = [each.sentence for each in signals(at_one_party(5, day), late(3, day), LIMITS, window, {"police": "Police"})]
    assert said == [
        "Police did not follow the protocol 5 times from Friday 1 January 2027 to Wednesday 31 March 2027: "
        "what would help it to?",
        "Police was late to acknowledge 3 complaints from Friday 1 January 2027 to Wednesday 31 March 2027: "
        "what holds it up?",
    ]


def test_a_year_that_begins_after_a_leap_day_is_a_year():
    assert str(Span(date(2028, 3, 1), date(2029, 2, 28))).startswith("in the year to")
    assert str(Span(date(2027, 3, 1), date(2028, 2, 29))).startswith("in the year to")


CASES = st.lists(
    st.builds(
        Breakdown,
        st.sampled_from(["7-consent", "12-security", None]),
        st.sampled_from(PARTIES),
        st.dates(YEAR.first_day - timedelta(days=3), YEAR.last_day + timedelta(days=3)),
        st.integers(1, 12),
    )
)
LATENESS = st.lists(
    st.builds(
        Acknowledgement,
        st.sampled_from(PARTIES),
        st.dates(YEAR.first_day - timedelta(days=3), YEAR.last_day),
        st.none() | st.dates(YEAR.first_day, YEAR.last_day),
        st.integers(1, 12),
    )
)


@given(CASES, CASES, LATENESS, LATENESS)
def test_more_cases_never_take_a_signal_away(some, more, owed, further):
    before = {each.key: each for each in signals(some, owed, LIMITS, YEAR)}
    after = {each.key: each for each in signals(some + more, owed + further, LIMITS, YEAR)}
    assert before.keys() <= after.keys()
    for key, each in before.items():
        assert after[key].count >= each.count >= each.threshold
        assert set(each.complaints) <= set(after[key].complaints)
