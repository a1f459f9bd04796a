"""Procedures as rules: three-valued conditions, steps that open in turn, limits, and the worst case."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.breach_duties import Risk
from rules.breach_facts import CHOICES, SHAPES, UNKNOWN, FactName, Shape
from rules.instants import LONDON
from rules.periods import Period, Unit
from rules.procedure_conditions import (
    ANY_OF,
    AT_LEAST,
    AT_MOST,
    IS,
    MORE_THAN,
    SUBJECTS,
    Asked,
    CannotBeAsked,
    ask,
    read_operand,
    verbs_of,
)  # fmt: skip
from rules.procedure_limits import NotALimit, NotAMoment, due_of, from_text, read_limit, within_text
from rules.procedure_steps import OVER, StepEnded, StepsGoInACircle, StepState, cycle_in, in_order, states
from rules.procedure_words import limit_words, words
from rules.procedure_worst_case import worst_case
from rules.procedures import (
    Every,
    Limit,
    Moment,
    Negation,
    Procedure,
    ProcedureRole,
    ProcedureStep,
    Repeat,
    Some,
    Standing,
    Test,
)  # fmt: skip
from rules.severity import Band
from rules.working_days import Nation

FRIDAY = datetime(2026, 10, 23, 15, 20, tzinfo=UTC)
ENGLAND = Nation.ENGLAND_AND_WALES

VALUES = {"risk": st.sampled_from(list(Risk)), "severity": st.sampled_from(list(Band))}


def values_of(subject: str) -> st.SearchStrategy:
    if subject in VALUES:
        return VALUES[subject].map(str)
    match SHAPES[FactName(subject)]:
        case Shape.COUNT:
            return st.integers(0, 500)
        case Shape.SCALE:
            return st.integers(1, 5)
        case Shape.YES_NO:
            return st.booleans()
        case Shape.SLUGS:
            return st.sampled_from(["one", "two", "three"])
        case _:
            return st.sampled_from(CHOICES[FactName(subject)])


def is_list(subject: str) -> bool:
    return subject not in VALUES and SHAPES[FactName(subject)] in (Shape.CHOICES, Shape.SLUGS)


@st.composite
def comparisons(draw: st.DrawFn) -> Test:
    subject = draw(st.sampled_from(SUBJECTS))
    verb = draw(st.sampled_from(verbs_of(subject)))
    value = values_of(subject)
    return Test(subject, verb, tuple(draw(st.lists(value, min_size=1, max_size=3))) if verb == ANY_OF else draw(value))


conditions = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Some(tuple(parts))),
        inner.map(Negation),
    ),
    max_leaves=6,
)


@st.composite
def facts(draw: st.DrawFn) -> dict:
    known = {}
    for subject in SUBJECTS:
        state = draw(st.sampled_from(["known", "known", UNKNOWN, "missing"]))
        if state == "known":
            value = values_of(subject)
            known[subject] = draw(st.lists(value, max_size=2)) if is_list(subject) else draw(value)
        elif state == UNKNOWN:
            known[subject] = UNKNOWN
    return known


def nots(parts: tuple) -> tuple:
    return tuple(Negation(part) for part in parts)


@given(st.lists(conditions, min_size=1, max_size=3), facts())
def test_de_morgan_holds_in_three_values_too(parts, known):
    all_of, any_of = Every(tuple(parts)), Some(tuple(parts))
    assert ask(Negation(all_of), known).truth == ask(Some(nots(all_of.parts)), known).truth
    assert ask(Negation(any_of), known).truth == ask(Every(nots(any_of.parts)), known).truth


@given(conditions, facts())
def test_what_is_not_known_is_named_and_what_is_known_names_nothing(condition, known):
    asked = ask(condition, known)
    assert (asked.truth is None) == bool(asked.missing)
    assert all(known.get(subject, UNKNOWN) == UNKNOWN for subject in asked.missing)
    assert ask(Negation(Negation(condition)), known) == asked


@given(conditions, facts(), st.data())
def test_learning_a_fact_never_overturns_an_answer(condition, known, data):
    before = ask(condition, known).truth
    for subject in SUBJECTS:
        if known.get(subject, UNKNOWN) == UNKNOWN:
            value = values_of(subject)
            learnt = data.draw(st.lists(value, max_size=2)) if is_list(subject) else data.draw(value)
            after = ask(condition, known | {subject: learnt}).truth
            assert before in (None, after)


@st.composite
def everything(draw: st.DrawFn) -> dict:
    known = {}
    for subject in SUBJECTS:
        value = values_of(subject)
        known[subject] = draw(st.lists(value, max_size=2)) if is_list(subject) else draw(value)
    return known


@given(conditions, everything())
def test_when_all_facts_are_known_there_is_an_answer(condition, known):
    assert ask(condition, known).truth is not None


@given(conditions)
def test_every_condition_has_words(condition):
    said = words(condition)
    assert said.strip() == said != ""
    assert "  " not in said
    assert "Test(" not in said


@pytest.mark.parametrize(
    ("test", "value", "truth"),
    [
        (Test("risk", AT_LEAST, "likely"), "likely", True),
        (Test("risk", AT_LEAST, "likely"), "unlikely", False),
        (Test("risk", MORE_THAN, "likely"), "likely", False),
        (Test("risk", AT_MOST, "unlikely"), "not about living people", True),
        (Test("severity", AT_LEAST, "high"), "very high", True),
        (Test("severity", IS, "high"), "very high", False),
        (Test("people", MORE_THAN, 100), 100, False),
        (Test("people", MORE_THAN, 100), 101, True),
        (Test("people", AT_LEAST, 1), 0, False),
        (Test("impact", AT_MOST, 2), 2, True),
        (Test("ICT involved", IS, True), False, False),
        (Test("ICT involved", IS, False), False, True),
        (Test("kind", ANY_OF, ("loss", "near miss")), "near miss", True),
        (Test("kinds of data", ANY_OF, ("health",)), ["contact details", "health"], True),
        (Test("kinds of data", ANY_OF, ("health",)), [], False),
        (Test("people", MORE_THAN, 100), UNKNOWN, None),
        (Test("people", MORE_THAN, 100), None, None),
    ],
)
def test_one_comparison(test, value, truth):
    assert ask(test, {test.subject: value}) == Asked(truth, (test.subject,) if truth is None else ())


def test_one_true_part_decides_whatever_the_others_are():
    some = Some((Test("ICT involved", IS, True), Test("people", MORE_THAN, 100)))
    assert ask(some, {"people": 101}) == Asked(True)
    assert ask(some, {"people": 99}) == Asked(None, ("ICT involved",))
    assert ask(some, {}) == Asked(None, ("ICT involved", "people"))


LIKELY, MANY = Test("risk", AT_LEAST, "likely"), Test("people", MORE_THAN, 100)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Some((LIKELY, MANY)), "the risk is at least likely, or more than 100 people are concerned"),
        (
            Every((Some((LIKELY, MANY)), Test("ICT involved", IS, True))),
            "either the risk is at least likely or more than 100 people are concerned, and ICT is involved",
        ),
        (Negation(Test("ICT involved", IS, True)), "ICT is not involved"),
        (Negation(LIKELY), "the risk is not at least likely"),
        (Test("kind", ANY_OF, ("incident", "loss")), "it is an incident or a loss"),
        (Test("likelihood", AT_LEAST, 3), "the likelihood is at least 3 of 5"),
        (Test("severity", ANY_OF, ("high", "very high")), "the severity is high or very high"),
    ],
)
def test_conditions_in_words(condition, said):
    assert words(condition) == said


@pytest.mark.parametrize(
    ("subject", "verb", "found"),
    [
        ("people", AT_LEAST, "many"), ("people", AT_LEAST, "-1"), ("impact", AT_LEAST, "6"), ("risk", IS, "grave"),
        ("kind", ANY_OF, []), ("kind", ANY_OF, "loss"), ("ICT involved", IS, "perhaps"), ("ICT involved", IS, UNKNOWN),
        ("people", AT_LEAST, ["1"]), ("severity", AT_LEAST, "2"), ("parties", ANY_OF, [""]),
    ],
)  # fmt: skip
def test_a_value_that_the_subject_never_has_cannot_be_asked(subject, verb, found):
    with pytest.raises(CannotBeAsked):
        read_operand(subject, verb, found)


def test_texts_and_instants_are_no_subjects():
    assert verbs_of("what happened") == verbs_of("detected") == verbs_of("weather") == ()
    assert "risk" in SUBJECTS
    assert "severity" in SUBJECTS


# --- steps


def step(id: str, *after: str, **more) -> ProcedureStep:
    return ProcedureStep(id=id, do=f"do {id}", by="staff", after=after, **more)


def made(*steps: ProcedureStep) -> Procedure:
    return Procedure(
        id="made", title="Made", version=1, standing=Standing.OWN, kinds=(), parties=("one",), covers=("breach",),
        roles={"staff": ProcedureRole(id="staff", name="staff")}, steps={each.id: each for each in steps},
    )  # fmt: skip


def ended(**rounds: StepEnded) -> dict[str, StepEnded]:
    return rounds


DONE, SKIPPED = StepEnded(at=FRIDAY), StepEnded(at=FRIDAY, skipped=True)
IF_ICT = Test("ICT involved", IS, True)


def test_a_step_waits_for_those_before_it_and_then_for_the_facts():
    procedure = made(step("a"), step("b"), step("c", "a", "b", when=IF_ICT))
    assert states(procedure, {}, {})["c"].waits_for == ("a", "b")
    assert states(procedure, {}, ended(a=DONE))["c"].waits_for == ("b",)
    view = states(procedure, {}, ended(a=DONE, b=SKIPPED))["c"]
    assert (view.state, view.missing) == (StepState.UNKNOWN, ("ICT involved",))


def test_a_step_after_one_not_needed_or_skipped_goes_on():
    procedure = made(step("a", when=IF_ICT), step("b", "a"))
    assert states(procedure, {"ICT involved": False}, {})["b"].state is StepState.OPEN
    assert states(procedure, {}, ended(a=SKIPPED))["b"].state is StepState.OPEN
    assert states(procedure, {}, {})["b"].waits_for == ("a",)


def test_what_is_not_needed_still_keeps_its_place_in_the_order():
    procedure = made(step("a"), step("b", "a", when=IF_ICT), step("c", "b"))
    assert states(procedure, {"ICT involved": False}, {})["c"].state is StepState.WAITING


def test_a_condition_that_fails_while_the_step_is_open_withdraws_it():
    procedure = made(step("a", when=IF_ICT))
    assert states(procedure, {"ICT involved": True}, {})["a"].state is StepState.OPEN
    assert states(procedure, {"ICT involved": False}, {})["a"].state is StepState.NOT_NEEDED


def test_after_a_provisional_end_the_final_one_is_owed_and_holds_nobody_up():
    final = Limit(period=Period(30, Unit.DAYS), moment=Moment.STEP, step="a")
    procedure = made(step("a", may_be_provisional=True, final=final), step("b", "a"))
    views = states(procedure, {}, ended(a=StepEnded(at=FRIDAY, provisional=True)))
    assert (views["a"].state, views["a"].round, views["a"].limit) == (StepState.OPEN, 2, final)
    assert views["b"].state is StepState.OPEN
    assert due_of(views["a"].limit, {"step:a": FRIDAY}, ENGLAND).day == date(2026, 11, 22)


def test_a_step_is_repeated_until_another_has_ended():
    procedure = made(step("update", repeat=Repeat(every=Period(7, Unit.DAYS), until="close")), step("close"))
    second = states(procedure, {}, ended(update=DONE))["update"]
    assert (second.state, second.round) == (StepState.OPEN, 2)
    assert due_of(second.limit, {"step:update": FRIDAY}, ENGLAND).day == date(2026, 10, 30)
    third = states(procedure, {}, ended(update=StepEnded(at=FRIDAY, round=2)))["update"]
    assert third.round == 3
    assert states(procedure, {}, ended(update=DONE, close=DONE))["update"].state is StepState.DONE
    assert states(procedure, {}, ended(update=DONE, close=SKIPPED))["update"].state is StepState.DONE
    assert states(procedure, {}, ended(update=SKIPPED))["update"].state is StepState.SKIPPED


def test_circles_are_found_through_order_limits_and_repetitions():
    by_limit = Limit(period=Period(60, Unit.MINUTES), moment=Moment.STEP, step="b")
    until_b = Repeat(every=Period(60, Unit.MINUTES), until="b")
    for first in (step("a", "b"), step("a", limit=by_limit), step("a", repeat=until_b)):
        circle = cycle_in({"a": first, "b": step("b", "a")})
        assert circle is not None
        assert circle[0] == circle[-1]
        assert set(circle) == {"a", "b"}
    assert cycle_in({"a": step("a"), "b": step("b", "a")}) is None
    with pytest.raises(StepsGoInACircle, match="a → a"):
        in_order({"a": step("a", "a")})


@st.composite
def graphs(draw: st.DrawFn) -> Procedure:
    """Steps that only wait for earlier ones, in any order of the file, with conditions, finals and repetitions."""
    ids = [f"s{n}" for n in range(draw(st.integers(1, 8)))]
    steps = []
    for n, id in enumerate(ids):
        before = ids[:n]
        after = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        when = draw(st.none() | conditions)
        repeat = None
        if before and draw(st.booleans()):
            repeat = Repeat(every=Period(60, Unit.MINUTES), until=draw(st.sampled_from(before)))
        steps.append(step(id, *after, when=when, repeat=repeat, may_be_provisional=draw(st.booleans())))
    return made(*draw(st.permutations(steps)))


@given(graphs(), everything(), st.data())
def test_whoever_keeps_ending_open_steps_comes_to_the_end(procedure, known, data):
    """Where all facts are known: nothing waits for ever."""
    over: dict[str, StepEnded] = {}
    for _ in range(200):
        views = states(procedure, known, over)
        opened = [id for id, view in views.items() if view.state is StepState.OPEN]
        if not opened:
            break
        least = min(views[id].round for id in opened)  # nobody repeats one thing for ever while others are open
        id = data.draw(st.sampled_from([id for id in opened if views[id].round == least]))
        how = data.draw(st.sampled_from(["done", "skipped", "provisional"])) if least == 1 else "done"
        over[id] = StepEnded(at=FRIDAY, skipped=how == "skipped", provisional=how == "provisional", round=least)
    assert {view.state for view in states(procedure, known, over).values()} <= OVER


@given(graphs(), facts(), facts(), st.data())
def test_what_is_done_stays_done_whatever_the_facts_become(procedure, known, later, data):
    over = {}
    for _ in range(5):
        opened = [id for id, view in states(procedure, known, over).items() if view.state is StepState.OPEN]
        if opened:
            id = data.draw(st.sampled_from(opened))
            over[id] = StepEnded(at=FRIDAY, round=over[id].round + 1 if id in over else 1)
    views = states(procedure, later, over)
    for id in over:
        once = procedure.steps[id].repeat is None
        assert views[id].state is StepState.DONE if once else views[id].state in (StepState.DONE, StepState.OPEN)


@given(graphs(), st.data())
def test_no_circle_is_overlooked(procedure, data):
    assert cycle_in(procedure.steps) is None
    order = in_order(procedure.steps)
    assert sorted(order) == sorted(procedure.steps)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(order) - 1)] * 2)))
    chain = {id: step(id, *([order[n - 1]] if n else [])) for n, id in enumerate(order)}
    chain[order[first]] = step(order[first], order[last])
    circle = cycle_in(chain)
    assert circle is not None
    assert set(circle) == set(order[first : last + 1])


# --- limits


@pytest.mark.parametrize(
    "within",
    ["immediately", "without undue delay", "without delay", "PT24H", "8 hours", "1 hour", "90 minutes",
     "8 working hours", "2 working days", "P30D", "P1M"],
)  # fmt: skip
@pytest.mark.parametrize("counted_from", ["occurred", "aware", "opened", "step:contain"])
def test_a_limit_is_read_and_written_back(within, counted_from):
    limit = read_limit(within, counted_from)
    assert read_limit(within_text(limit), from_text(limit)) == limit
    assert limit_words(limit)


@pytest.mark.parametrize(
    "within",
    [
        "soon",
        "0 hours",
        "PT0H",
        "0 working hours",
        "0 working days",
        "P2Y",
        "PT9000H",
        "3000 working hours",
        "",
        "-1 h",
    ],
)
def test_what_is_no_limit_is_refused(within):
    with pytest.raises(NotALimit):
        read_limit(within, "aware")


@pytest.mark.parametrize("moment", ["step", "yesterday", "Aware", ""])
def test_what_is_no_moment_is_refused(moment):
    with pytest.raises(NotAMoment):
        read_limit("PT1H", moment)


def test_words_without_a_figure_and_moments_nobody_knows_have_no_due():
    assert due_of(None, {"aware": FRIDAY}, ENGLAND) is None
    assert due_of(read_limit("immediately", "aware"), {"aware": FRIDAY}, ENGLAND) is None
    assert due_of(read_limit("PT72H", "aware"), {"detected": FRIDAY}, ENGLAND) is None
    assert due_of(read_limit("PT72H", "step:a"), {"step:b": FRIDAY}, ENGLAND) is None


@pytest.mark.parametrize(
    ("within", "due"),
    [
        ("PT72H", datetime(2026, 10, 26, 15, 20, tzinfo=UTC)),
        ("72 hours", datetime(2026, 10, 26, 15, 20, tzinfo=UTC)),
        ("8 working hours", datetime(2026, 10, 26, 16, 20, tzinfo=UTC)),
        ("2 working days", date(2026, 10, 27)),
        ("P2D", date(2026, 10, 25)),
        ("P1M", date(2026, 11, 23)),
    ],
)
def test_each_clock_over_the_october_change(within, due):
    found = due_of(read_limit(within, "aware"), {"aware": FRIDAY}, ENGLAND, LONDON)
    assert found is not None
    assert found.due == due
    assert "The procedure counts from when the party became aware." in found.because
    assert ("does not say which hours" in found.because) == (within == "72 hours")


@given(st.integers(0, 7 * 365 * 24 * 60), st.integers(1, 500))
def test_elapsed_hours_are_elapsed_hours(minutes, hours):
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = due_of(read_limit(f"PT{hours}H", "aware"), {"aware": start}, ENGLAND)
    assert found is not None
    assert found.instant - start == timedelta(hours=hours)


# --- worst case


def late(*steps: ProcedureStep) -> dict[str, tuple[Fraction | None, bool]]:
    return {case.step: (case.hours, case.over_72) for case in worst_case(made(*steps))}


def within(text: str, moment: str) -> Limit:
    return read_limit(text, moment)


def test_limits_of_steps_add_up_along_their_chain():
    assert late(
        step("a", limit=within("PT4H", "suspected")),
        step("b", "a", limit=within("PT24H", "opened")),
        step("c", limit=within("PT60H", "step:b"), duty="regulator"),
        step("d", "c", limit=within("PT72H", "aware")),
    ) == {"a": (4, False), "b": (28, False), "c": (88, True), "d": (88, False)}


def test_a_notified_clock_counts_from_the_report_not_from_awareness():
    slow = step("report", limit=within("PT36H", "aware"))
    notify = step("notify", "report", limit=within("48 hours", "notified"), duty="regulator")
    assert late(slow, notify)["notify"] == (84, True)
    assert late(step("report", limit=within("PT4H", "aware")), notify)["notify"] == (52, False)
    assert late(step("report", limit=within("immediately", "aware")), notify)["notify"] == (None, True)
    assert late(step("notify", limit=within("48 hours", "notified"), duty="regulator"))["notify"] == (None, True)


def test_the_laws_own_limit_bounds_what_has_no_figure():
    assert late(step("report"), step("notify", "report", limit=within("PT72H", "aware"), duty="regulator")) == {
        "report": (None, False),
        "notify": (72, False),
    }


@pytest.mark.parametrize(
    ("text", "hours"), [("8 working hours", 120), ("1 working day", 144), ("2 working days", 168), ("P2D", 72)]
)
def test_working_time_is_taken_over_the_longest_closure(text, hours):
    (case,) = worst_case(made(step("notify", limit=within(text, "aware"), duty="regulator")))
    assert (case.hours, case.over_72) == (hours, hours > 72)
    assert case.note
