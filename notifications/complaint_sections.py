"""What the steering group's paper on complaints says, from its kept numbers: sections that every form shows alike."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from notifications.paper_shapes import Paper, Section, table_of, tabled
from notifications.pictures import bars, columns_by_month, stacked_by_month
from notifications.wording import counted, single_line, the
from rules.report_periods import period_in_words
from rules.sentences import written_day

Facts = Mapping[str, Any]

RESULTS = ("breakdown", "both", "inadequacy", "neither", "undetermined")
OF_THE_ACT = "Data Protection Act 2018, section 164A"


def paper_of(facts: Facts) -> Paper:
    period = period_in_words(_day(facts["period"]["first_day"]), _day(facts["period"]["last_day"]))
    title = f"Complaints under {the(single_line(facts['protocol']['name']))}: {period}"
    sections = (
        _signals(facts), _received(facts), _determined(facts), _parties(facts), _clauses(facts),
        _acknowledged(facts), _referred(facts), _followed(facts), _gaps(facts), _suggested(facts),
    )  # fmt: skip
    return Paper(title, _opening(facts), sections)


def _opening(facts: Facts) -> tuple[str, ...]:
    written = written_day(_day(facts["period"]["written_on"]))
    over = "It was written" if facts["period"]["is_over"] else "The period is not over: these are its numbers"
    received, determined = facts["received"], facts["determinations"]
    return (
        f"{counted(received['total'], 'complaint').capitalize()} recorded, {received['statutory']} of them under the "
        f"{OF_THE_ACT}; {received['earlier']} of them had been received before the period. A complaint stands in the "
        "paper of the period in which it was recorded, and in no other.",
        f"{counted(determined['issues'], 'issue').capitalize()} determined, in "
        f"{counted(determined['complaints'], 'complaint')}.",
        f"{over} on {written}, by what was on record then. It holds numbers, and nothing that anybody wrote.",
    )


def _signals(facts: Facts) -> Section:
    rows = [
        (each["sentence"], each["count"], each["threshold"], ", ".join(map(str, each["complaints"])))
        for each in facts["signals"]
    ]
    heads = ("Question", "Number", "Asked from", "Complaints counted")
    return tabled("Signals", "Questions that the numbers raise", heads, rows, "No number has reached its threshold.")


def _received(facts: Facts) -> Section:
    received = facts["received"]
    months = [(_month(each["month"]), each["complaints"]) for each in received["by_month"]]
    ended = [(f"closed in the period: {name}", count) for name, count in facts["ended"].items()]
    stages = [(f"now: {name}", count) for name, count in facts["stages"].items()]
    return Section(
        "Received",
        pictures=(
            bars("Complaints recorded in the period, by kind", list(received["by_kind"].items()), "complaints"),
            columns_by_month("Complaints recorded in twelve months", months, "complaints"),
        ),
        tables=(table_of("Where complaints stand", ("State", "Complaints"), [*stages, *ended]),),
    )


def _determined(facts: Facts) -> Section:
    determined, read = facts["determinations"], facts["second_readings"]
    months = [
        (_month(each["month"]), {_result(name): each["by_result"][name] for name in RESULTS})
        for each in determined["by_month"]
    ]
    rows = [(_result(name), determined["by_result"][name]) for name in RESULTS]
    return Section(
        "Determinations",
        (
            "Counted by issue: a complaint may have several. “Both” is a breakdown and an inadequacy at once.",
            f"Of these, {determined['corrections']} correct an earlier one. Second readings: {read['agree']} agree, "
            f"{read['disagree']} do not.",
        ),
        (table_of("Determined in the period", ("Determination", "Issues"), rows),),
        (stacked_by_month("Determinations in twelve months", months, [_result(name) for name in RESULTS], "issues"),),
    )


def _parties(facts: Facts) -> Section:
    """Two tables: one of both would be wider than a terminal."""
    if not facts["parties"]:
        return Section("By party", ("No party has a complaint.",))
    about = [(each["name"], each["received"], each["not_closed"]) for each in facts["parties"]]
    at_it = [(each["name"], *(each["by_result"][name] for name in RESULTS)) for each in facts["parties"]]
    heads = ("Party", "Recorded in the period", "Now not closed")
    return Section(
        "By party",
        (),
        (
            table_of("Complaints about each party", heads, about),
            table_of("Issues determined in the period, at each party", ("Party", *map(_result, RESULTS)), at_it),
        ),
    )


def _clauses(facts: Facts) -> Section:
    rows = [
        (each["clause"], each["heading"], *(each["by_result"][name] for name in RESULTS)) for each in facts["clauses"]
    ]
    heads = ("Clause", "Heading", *map(_result, RESULTS))
    caption = "Issues determined in the period, by the clause in question"
    return tabled("By clause", caption, heads, rows, "No issue was determined of a clause.", words=2)


def _acknowledged(facts: Facts) -> Section:
    kept = facts["acknowledgements"]
    rows = [
        (each["name"], *_times(each), each["statutory"]["due"], each["statutory"]["late"]) for each in kept["by_party"]
    ]
    heads = ("Party", "Due", "In time", "Late", "Waiting", "Act: due", "Act: late")
    said = (
        "Those whose last day was in the period, or that were recorded in it after their last day: "
        f"{kept['due']}. Late: {kept['late']}, given after it or still "
        f"lacking. “The Act” is the {OF_THE_ACT}: thirty days.",
    )
    made = tabled("Acknowledgements", "Acknowledgements, by who owed them", heads, rows, "None was due.")
    return made._replace(sentences=said) if rows else made


def _times(kept: Mapping[str, Any]) -> tuple[int, ...]:
    return kept["due"], kept["in_time"], kept["late"], kept["waiting"]


def _referred(facts: Facts) -> Section:
    rows = [
        (each["from_name"] or "the secretary", each["to_name"] or "the secretary", each["referrals"])
        for each in facts["referrals"]["by_way"]
    ]
    caption = "Complaints passed on to whoever has to answer them"
    return tabled("Referrals", caption, ("From", "To", "Referrals"), rows, "None was passed on.", words=2)


def _followed(facts: Facts) -> Section:
    rows = list(facts["effects"].items())
    return Section("What followed", (), (table_of("Effects of determinations", ("Effect", "Number"), rows),))


def _gaps(facts: Facts) -> Section:
    gaps, asked = facts["gaps"], facts["rechecks"]
    rows = [
        ("opened in the period", gaps["opened"]),
        ("of these, from complaints", gaps["opened_from_complaints"]),
        ("resolved in a version", gaps["resolved"]),
        ("closed, because", gaps["closed"]),
        ("now waiting for a review", gaps["waiting"]),
        ("of these, answered by a proposal", gaps["proposed"]),
        ("of these, urgent", gaps["urgent"]),
    ]
    again = [
        ("asked in the period", asked["asked"]), ("covered now", asked["covered"]),
        ("partly covered", asked["partly_covered"]), ("still not covered", asked["not_covered"]),
        ("now waiting for an answer", asked["waiting"]),
    ]  # fmt: skip
    return Section(
        "Gaps",
        (),
        (
            table_of("Gaps in the protocol", ("Gaps", "Number"), rows),
            table_of("Complaints asked again after a new version", ("Complaints", "Number"), again),
        ),
    )


def _suggested(facts: Facts) -> Section:
    known, held = facts["suggestions"]["suggestion_known"], facts["suggestions"]["among_first_three"]
    said = (
        f"Of {counted(known, 'decided clause')} for which a suggestion is on record, {held} stood among its first "
        "three. A suggestion is made from words alone: a person decides."
    )
    return Section("Suggestions", (said,))


def _result(name: str) -> str:
    return name.capitalize()


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
