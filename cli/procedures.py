"""`concordat procedure check` and `show`: a party's own breach procedure, read from its file without a database; or as
it is kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Json, WhichProtocol
from cli.printing import capital, counted, paragraph, say, show_json, table

if TYPE_CHECKING:
    from rules.procedure_worst_case import WorstCase
    from rules.procedures import Procedure, ProcedureStep

procedure = typer.Typer(help="What a party does after a breach, by its own rules.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A procedure's file.")]
Which = Annotated[
    str, typer.Argument(metavar="FILE|PROCEDURE", help="A file, or the id of one: see `concordat procedure list`.")
]
INDENT = "   "


@procedure.command("check")
def check(file: File, as_json: Json = False) -> None:
    """Read and validate a procedure's file; change nothing."""
    from models.procedure_file import read_procedure

    read = read_procedure(file)
    sentence = f"{file}: a procedure of {counted(len(read.steps), 'step')}, version {read.version}."
    say(as_json, sentence, procedure=read.id, version=read.version, standing=read.standing, steps=len(read.steps))


@procedure.command("show")
def show(which: Which, protocol: WhichProtocol = None, as_json: Json = False) -> None:
    """A procedure's steps, and how late each may be."""
    from models.procedure_file import read_procedure
    from rules.procedure_worst_case import worst_case

    read = read_procedure(Path(which)) if _is_path(which) else _kept(which, protocol)
    cases = worst_case(read)
    if as_json:
        show_json(as_facts(read, cases))
        return
    print_procedure(read, cases)


def _is_path(text: str) -> bool:
    return "/" in text or Path(text).suffix != "" or Path(text).is_file()


def _kept(key: str, protocol: str | None) -> "Procedure":
    """In its newest version. Raises NotThere."""
    from actions.breaches.kept_procedures import kept_procedure
    from cli.opening import looking, the_protocol

    with looking() as (session, _):
        return kept_procedure(session, the_protocol(session, protocol), key)


def as_facts(read: "Procedure", cases: "list[WorstCase]") -> dict[str, Any]:
    """The procedure in its file's own words, and beside it how late each step may be."""
    from models.procedure_file import as_content

    late = [
        {
            "step": case.step,
            "hours": None if case.hours is None else float(case.hours),
            "over_72": case.over_72,
            "note": case.note,
        }
        for case in cases
    ]
    return as_content(read) | {"worst_case": late}


def print_procedure(read: "Procedure", cases: "list[WorstCase]") -> None:
    from rules.sentences import listed

    typer.echo(paragraph(f"{read.title}, version {read.version}"))
    for line in (_standing(read), f"For {listed(read.covers)}.", _sources(read)):
        if line:
            typer.echo(paragraph(line))
    for number, step in enumerate(read.steps.values(), 1):
        typer.echo("\n" + paragraph(f"{number}. {step.id}: {step.do}", hanging=INDENT))
        for line in _about(read, step):
            typer.echo(paragraph(line, INDENT, "  "))
    if read.statistics:
        what, to = listed(read.statistics.what), read.roles[read.statistics.to].name
        typer.echo("\n" + paragraph(f"Every {read.statistics.every}, to {to}: {what}."))
    typer.echo("\nAt the latest, from the party's becoming aware, if every step is needed:")
    rows = [(case.step, _hours(case), _remark(case)) for case in cases]
    typer.echo(table(("Step", "Hours", "Remark"), rows))


def _standing(read: "Procedure") -> str:
    from rules.procedures import Standing
    from rules.sentences import listed

    match read.standing:
        case Standing.OWN:
            between = " between agencies" if read.multi_agency else ""
            return f"The own procedure{between} of {listed(read.parties)}."
        case Standing.MODEL:
            return f"A model for: {', '.join(read.kinds)}. To be replaced by the party's own."
        case Standing.DEFAULT:
            return "For a party that has given none. To be replaced by the party's own."


def _sources(read: "Procedure") -> str:
    return f"Sources: {'; '.join(read.sources)}." if read.sources else ""


def _about(read: "Procedure", step: "ProcedureStep") -> list[str]:
    from rules.procedure_words import limit_words, words

    lines = [f"Who: {_who(read, step)}"]
    lines.append(f"By when: {limit_words(step.limit) if step.limit else 'it does not say'}")
    if step.may_be_provisional:
        lines.append(f"May be provisional; the final answer: {_final(step)}")
    if step.when:
        lines.append(f"Needed if: {words(step.when)}")
    lines += _connections(read, step)
    lines += [f"{name}: {text}" for name, text in (("Evidence", step.evidence), ("Note", step.note)) if text]
    return lines


def _final(step: "ProcedureStep") -> str:
    from rules.procedure_words import limit_words

    if step.final is None:
        return "it does not say by when"
    return str(step.final.urgency) if step.final.urgency else limit_words(step.final)


def _connections(read: "Procedure", step: "ProcedureStep") -> list[str]:
    from rules.procedures import roles_named

    named = {
        "After": step.after,
        "Advised by": roles_named(read, step.advised_by),
        "Informs": roles_named(read, step.inform),
        "Duty of the law or the protocol": (step.duty,) if step.duty else (),
        "If late": tuple(f"after {each.after} to {read.roles[each.to].name}" for each in step.escalate),
    }
    lines = [f"{name}: {', '.join(values)}" for name, values in named.items() if values]
    if step.repeat:
        lines.append(f"Again: {step.repeat.every} after it was done, until “{step.repeat.until}” is done")
    return lines


def _who(read: "Procedure", step: "ProcedureStep") -> str:
    role = read.roles[step.by]
    if role.only:
        return f"{role.name}, and nobody else"
    others = [read.roles[other].name for other in role.fallback]
    return role.name + (f"; in their place {' or '.join(others)}" if others else "")


def _hours(case: "WorstCase") -> str:
    if case.hours is None:
        return "no figure"
    return f"{float(case.hours):g}"


def _remark(case: "WorstCase") -> str:
    mark = "MAY PASS 72 HOURS" if case.over_72 else ""
    return ". ".join(part for part in (mark, capital(case.note)) if part)
