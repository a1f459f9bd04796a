"""Conditions and limits of a procedure, in the words that people read."""

from collections.abc import Callable, Sequence

from rules.breach_facts import FactName
from rules.periods import Period, Unit
from rules.procedure_conditions import ANY_OF, AT_LEAST, AT_MOST, IS, MORE_THAN, ORDERS
from rules.procedures import Clock, Condition, Every, Limit, Moment, Negation, Some, Test

_TRUE_FALSE = {
    FactName.PROTOCOL_BROKEN: ("the protocol was broken", "the protocol was not broken"),
    FactName.PERSONAL_DATA: ("data of living people are concerned", "no data of living people are concerned"),
    FactName.UNINTELLIGIBLE: ("nobody else can read the data", "somebody else may read the data"),
    FactName.IMMEDIATE_RISK: ("there is an immediate risk of harm", "there is no immediate risk of harm"),
    FactName.SIGNIFICANT_HARM: ("significant harm is likely", "significant harm is not likely"),
    FactName.LARGE_NUMBER: ("a large number of people is concerned", "no large number of people is concerned"),
    FactName.ICT: ("ICT is involved", "ICT is not involved"),
    FactName.NIS: ("the NIS criteria are met", "the NIS criteria are not met"),
}
_LISTS = {
    FactName.KIND: "it is {}",
    FactName.NATURE: "{} is lost",
    FactName.DATA: "the kinds of data include {}",
    FactName.PEOPLE_KINDS: "the people include {}",
    FactName.PARTIES: "{} is concerned",
    FactName.CLAUSES: "the clauses include {}",
}
_COUNTED = {FactName.PEOPLE: "people are concerned", FactName.RECORDS: "records are concerned"}
_AMOUNT = {AT_LEAST: "at least", MORE_THAN: "more than", AT_MOST: "at most"}

FROM = {
    Moment.OCCURRED: "when it happened",
    Moment.SUSPECTED: "when anybody first knew or suspected it",
    Moment.DETECTED: "when it was detected",
    Moment.REPORTED: "when it was reported here",
    Moment.NOTIFIED: "when the party was notified",
    Moment.AWARE: "when the party became aware",
    Moment.OPENED: "when the step was opened",
}


def words(condition: Condition) -> str:
    """“the risk is at least likely, or more than 100 people are concerned”."""
    match condition:
        case Test():
            return _test(condition)
        case Negation(Test(subject, verb, value)) if verb == IS and isinstance(value, bool):
            return words(Test(subject, IS, not value))
        case Negation(Test(subject, _, _) as test) if subject in ORDERS:
            return words(test).replace(" is ", " is not ", 1)
        case Negation(part):
            return f"it is not the case that {_inside(part)}"
        case Every(parts):
            return _joined(parts, "and", words)
        case Some(parts):
            return _joined(parts, "or", words)


def _joined(parts: Sequence[Condition], word: str, one: Callable[[Condition], str]) -> str:
    return one(parts[0]) if len(parts) == 1 else f", {word} ".join(_inside(part) for part in parts)


def _inside(condition: Condition) -> str:
    """A part of something larger: what it joins itself is kept together."""
    match condition:
        case Every(parts) if len(parts) > 1:
            return "both " + " and ".join(_inside(part) for part in parts)
        case Some(parts) if len(parts) > 1:
            return "either " + " or ".join(_inside(part) for part in parts)
        case _:
            return words(condition)


def _test(test: Test) -> str:
    if test.subject in ORDERS:
        values = " or ".join(test.value) if test.verb == ANY_OF else test.value
        return f"the {test.subject} is {_AMOUNT.get(test.verb, '')} {values}".replace("  ", " ")
    name = FactName(test.subject)
    if name in _TRUE_FALSE:
        return _TRUE_FALSE[name][0 if test.value else 1]
    if name in _LISTS:
        return _LISTS[name].format(_choices(name, test))
    if name in _COUNTED:
        return f"{_AMOUNT[test.verb]} {test.value} {_COUNTED[name]}"
    return f"the {name} is {_AMOUNT[test.verb]} {test.value} of 5"


def _choices(name: FactName, test: Test) -> str:
    values = test.value if test.verb == ANY_OF else (test.value,)
    return " or ".join(_with_article(each) if name is FactName.KIND else each for each in values)


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def limit_words(limit: Limit) -> str:
    """“immediately”, “within 72 hours from when the party became aware”."""
    if limit.urgency is not None:
        return str(limit.urgency) + (f" from {from_words(limit)}" if limit.moment is not Moment.OPENED else "")
    return f"within {figure_words(limit)} from {from_words(limit)}"


def figure_words(limit: Limit) -> str:
    """“72 hours”, “8 working hours”, “48 hours (the procedure does not say which)”."""
    if limit.working_minutes is not None:
        hours = str(Period(limit.working_minutes, Unit.MINUTES))
        return hours.replace("one hour", "one working hour").replace(" hours", " working hours")
    return str(limit.period) + (" (it does not say which hours)" if limit.clock is Clock.UNSPECIFIED else "")


def from_words(limit: Limit) -> str:
    return f"when “{limit.step}” was done" if limit.moment is Moment.STEP else FROM[limit.moment]
