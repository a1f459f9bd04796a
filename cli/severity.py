"""`concordat severity`: how severe a breach is, and the sum behind it."""

import typer


def severity_command(
    dpc: list[str] = typer.Option(
        [],
        metavar="KIND=LEVEL",
        help="simple, behavioural, financial or sensitive data, with a level from 1 to 4. May be repeated.",
        show_default=False,
    ),
    ei: list[str] = typer.Option(
        [],
        metavar="0.25|0.5|0.75|1",
        help="How easily somebody is identified: negligible, limited, significant, maximum. May be repeated.",
        show_default=False,
    ),
    cb: list[str] = typer.Option(
        [],
        metavar="NAME=VALUE",
        help="confidentiality, integrity or availability with 0, 0.25 or 0.5, intent with 0 or 0.5; or “none”. "
        "May be repeated.",
        show_default=False,
    ),
    people: int | None = typer.Option(None, min=0, metavar="NUMBER", help="How many people the data is about."),
    unintelligible: bool | None = typer.Option(
        None,
        "--unintelligible/--intelligible",
        help="Whether the data means nothing to whoever has it.",
        show_default=False,
    ),
    as_json: bool = typer.Option(False, "--json", help="Print {score, band, because, flags} as JSON."),
) -> None:
    """Score how severe a breach is (ENISA 2013), and say why. The score is advice."""
    import json

    from rules.severity import read_factors, severity

    found = severity(read_factors(dpc, ei, cb), people, unintelligible)
    if as_json:
        facts = {"score": found.score, "band": found.band, "because": found.because, "flags": found.flags}
        typer.echo(json.dumps(facts))
        return
    typer.echo(f"{found.score} {found.band}\n{found.because}")
    if found.flags:
        typer.echo(f"Weigh beside it: {', '.join(found.flags)}.")
