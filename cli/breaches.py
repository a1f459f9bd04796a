"""Breaches: reported, looked at, and what is known of them. The parties' own work is in `breach_duties`, `breach_steps`
and `breach_ends`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli import breach_duties, breach_ends, breach_reader, breach_steps
from cli.breach_options import BreachId, Facts, facts_from
from cli.breach_report import report_command
from cli.opening import acting, looking, the_protocol
from cli.options import SECRETARY, Because, By, Json, MaybeBecause, Party, WhichProtocol
from cli.printing import counted, instant, say, show_json, table
from rules.instants import LONDON, local_day

if TYPE_CHECKING:
    from actions.breaches.shown import BreachLine

breach = typer.Typer(help="A breach, from the report to what was learnt.", no_args_is_help=True)
breach.command("report")(report_command)

Ended = Annotated[bool, typer.Option("--all", help="Also those that are closed.")]
Dpc = Annotated[
    list[str],
    typer.Option("--dpc", metavar="KIND=LEVEL", help="simple, behavioural, financial or sensitive, with 1 to 4."),
]
Ei = Annotated[
    list[str], typer.Option("--ei", metavar="VALUE", help="How easily somebody is identified: 0.25, 0.5, 0.75 or 1.")
]
Cb = Annotated[
    list[str],
    typer.Option("--cb", metavar="NAME=VALUE", help="confidentiality=0.25, intent=0.5 …, or “none”; may be repeated."),
]


ToParty = Annotated[
    str | None,
    typer.Option("--party", metavar="PARTY", help="Only what this party may read: to be passed on to it."),
]


@breach.command("list")
def list_(ended: Ended = False, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """Open breaches, each with the next of its 72 hours."""
    from actions.breaches.breach_lines import breach_lines

    with looking() as (session, now):
        of = the_protocol(session, protocol) if protocol else None
        lines = breach_lines(session, now, of, ended=ended)
    if as_json:
        show_json(lines)
        return
    typer.echo(breaches_table(lines, "None is open: see `concordat breach report`."))


def breaches_table(lines: "list[BreachLine]", empty: str = "None.") -> str:
    rows = [
        (b.number, b.outcome or b.stage, local_day(b.reported_at, LONDON), b.owed, b.overdue, _hours(b)) for b in lines
    ]
    return table(("Breach", "Stage", "Reported", "Owed", "Overdue", "72 hours end"), rows, empty)


def _hours(line: "BreachLine") -> str:
    """The nearest; of a party that has not said since when it has been aware there are none yet."""
    parts = []
    if line.next_statutory is not None:
        parts += [instant(line.next_statutory.due_at), line.next_statutory.left.replace("overdue", "OVERDUE")]
    if line.not_aware:
        parts.append(f"not known yet of {counted(len(line.not_aware), 'party', 'parties')}")
    return "\n".join(parts)


@breach.command("show")
def show(number: BreachId, party: ToParty = None, as_json: Json = False) -> None:
    """All of one breach: the facts, and each party's part."""
    from actions.breaches.showing import breach_named, breach_view
    from actions.breaches.shown_to_party import view_of_party

    with looking() as (session, now):
        breach = breach_named(session, number)
        view = view_of_party(session, now, breach, party) if party else breach_view(session, now, breach)
    if as_json:
        whole = asdict(view)
        show_json(whole.pop("breach") | whole)
        return
    from cli.breach_text import breach_text

    typer.echo(breach_text(view))


@breach.command("facts")
def facts_command(number: BreachId, as_json: Json = False) -> None:
    """What was said of each fact, when, by whom and why."""
    from actions.breaches.showing import breach_named
    from actions.breaches.showing_facts import statement_lines

    with looking() as (session, _):
        lines = statement_lines(session, breach_named(session, number))
    if as_json:
        show_json(lines)
        return
    from cli.breach_text import statements_text

    typer.echo(statements_text(lines))


@breach.command("fact")
def fact(
    number: BreachId, facts: Facts, because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False
) -> None:
    """State what is known now. A correction takes a reason."""
    from actions.breaches.confirming_facts import sentence_of
    from actions.breaches.stating import state_facts

    found = facts_from(facts)
    with acting() as (session, now):
        stated = state_facts(session, now, number, found, by, because)
    told = {each.name.value: each.value for each in stated if each.is_new}
    say(as_json, sentence_of(stated), breach=number, changed=told, next=[f"concordat breach show {number}"])


@breach.command("assess")
def assess(
    number: BreachId, dpc: Dpc, ei: Ei, cb: Cb, because: MaybeBecause = None, by: By = SECRETARY, as_json: Json = False
) -> None:
    """Record the factors of the severity. The score is advice."""
    from actions.breaches.concluding import assess as act
    from actions.breaches.showing import breach_named
    from actions.breaches.showing_facts import fact_lines, severity_line
    from rules.severity import read_factors

    factors = read_factors(dpc, ei, cb)
    with acting() as (session, now):
        act(session, now, number, factors, by, because)
        session.flush()
        scored = severity_line(fact_lines(session, breach_named(session, number)))
    assert scored is not None
    flags = f" Weigh beside it: {', '.join(scored.flags)}." if scored.flags else ""
    sentence = f"{scored.score} {scored.band}. {scored.because}{flags}"
    say(as_json, sentence, breach=number, score=scored.score, band=scored.band, flags=scored.flags)


@breach.command("affect")
def affect(number: BreachId, slug: Party, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """It may concern this party too: its follow-up begins."""
    from actions.breaches.affecting import affect as act

    with acting() as (session, now):
        act(session, now, number, slug, by, because)
    say(as_json, f"Breach {number} may concern {slug}.", breach=number, party=slug)


@breach.command("not-affected")
def not_affected(number: BreachId, slug: Party, because: Because, by: By = SECRETARY, as_json: Json = False) -> None:
    """It does not concern this party: its follow-up ends."""
    from actions.breaches.affecting import not_affected as act

    with acting() as (session, now):
        act(session, now, number, slug, by, because)
    say(as_json, f"Breach {number} does not concern {slug}; the reason is recorded.", breach=number, party=slug)


for part in (breach_duties, breach_steps, breach_ends, breach_reader):
    part.add_to(breach)
