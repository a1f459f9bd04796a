"""What whoever reported can do with the reference and the code: look, add, and have another code."""

from collections.abc import Callable
from dataclasses import asdict

import typer

from cli.breach_options import Code, Facts, Reference, code_from, facts_from
from cli.opening import acting, looking
from cli.options import Json
from cli.printing import in_words, paragraph, say, show_json


def add_to(breach: typer.Typer) -> None:
    commands: dict[str, Callable[..., None]] = {"follow": follow, "add": add, "code": code}
    for name, command in commands.items():
        breach.command(name)(command)


def follow(reference: Reference, given: Code, as_json: Json = False) -> None:
    """Where the matter stands, as the reporter may read it."""
    from actions.breaches.reporters import reader_of, reporter_view

    typed = code_from(given)
    with looking() as (session, _):
        view = reporter_view(session, reader_of(session, reference, typed))
    if as_json:
        show_json(asdict(view))
        return
    typer.echo(paragraph(f"{view.reference}, received on {in_words(view.received_at)}: it is {view.stage}."))
    if view.parties:
        typer.echo(paragraph(f"It may concern: {', '.join(view.parties)}."))
    typer.echo(paragraph(view.next))


def add(reference: Reference, given: Code, facts: Facts, as_json: Json = False) -> None:
    """Add what the reporter knows better now. What others have stated since stands, and is looked at."""
    from actions.breaches.reporters import add_from_reporter

    typed, found = code_from(given), facts_from(facts)
    with acting() as (session, now):
        added = add_from_reporter(session, now, reference, typed, found)
    changed, noted = [stated.name.value for stated in added.stated], [name.value for name in added.noted]
    said = [f"Added: {', '.join(changed)}."] if changed else []
    if noted:
        said.append(f"Noted, and will be looked at, because others have stated it since: {', '.join(noted)}.")
    say(as_json, " ".join(said) or "That was known already.", changed=changed, noted=noted)


def code(reference: Reference, given: Code, as_json: Json = False) -> None:
    """Replace the follow-up code. The old one opens nothing any more."""
    from actions.breaches.reporters import replace_code
    from rules.codes import written

    typed = code_from(given)
    with acting() as (session, now):
        fresh = written(replace_code(session, now, reference, typed))
    say(as_json, f"The new code, shown once: {fresh}. The old one opens nothing any more.", code=fresh)
