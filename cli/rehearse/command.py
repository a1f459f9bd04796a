"""`concordat rehearse`: a protocol's coming year, played with the real actions on a scratch copy."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Json, Protocol, a_day

if TYPE_CHECKING:
    from cli.rehearse.record import Record
    from cli.rehearse.world import World

From = Annotated[
    date | None,
    typer.Option("--from", metavar="DATE", parser=a_day, help="The day on which the year begins; otherwise today."),
]
Months = Annotated[int, typer.Option(min=1, max=60, help="How far to play.")]
Seed = Annotated[int, typer.Option(help="Another seed, other people; the same seed, the same year.")]


def rehearse_command(
    protocol: Protocol, begin: From = None, months: Months = 14, seed: Seed = 1, as_json: Json = False
) -> None:
    """Play a protocol's coming year on a scratch copy: nothing is sent, nothing here is changed."""
    from actions.verifying import verify
    from cli.printing import show_json
    from cli.rehearse.record import Record
    from cli.rehearse.scratch import scratch_store
    from cli.rehearse.threads import longest_thread
    from cli.rehearse.timeline import ending, the_thread
    from cli.rehearse.world import World
    from models.store import reading
    from notifications import threads

    start, end = _span(begin, months)
    with scratch_store(protocol, start) as (engine, first):
        world, record = World(engine, protocol, first, end, seed), Record(engine, protocol)
        _play(world, record, quiet=as_json)
        with reading(engine) as session:
            report, thread = verify(session, end), longest_thread(session, protocol)
    if as_json:
        invariants = {"checked": report.checked, "broken": report.broken}
        breaches = list(record.breaches.values())
        show_json(
            {
                "stages": record.stages, "breaches": breaches, "complaints": list(record.complaints.values()),
                "messages": record.messages, "invariants": invariants,
                "thread": threads.as_json(thread) if thread else None,
            }
        )  # fmt: skip
    else:
        for line in ending(record, world.people, world.sweeps, list(world.refusals), report):
            typer.echo(line)
        for line in the_thread(threads.as_text(thread)) if thread else ():
            typer.echo(line)
    if report.broken:
        raise typer.Exit(1)


def _span(begin: date | None, months: int) -> tuple[datetime, datetime]:
    """From nine in the morning of that day in London to the same hour so many months later."""
    from datetime import time

    from cli.opening import the_clock
    from rules.anchors import corresponding_day
    from rules.instants import LONDON, at_local, local_day

    first = begin or local_day(the_clock(), LONDON)
    last = corresponding_day(first, months)
    return at_local(first, time(9), LONDON), at_local(last, time(9), LONDON)


def _play(world: "World", record: "Record", quiet: bool) -> None:
    from cli.rehearse.bar import bar
    from cli.rehearse.timeline import Timeline, opening

    timeline = Timeline()
    if not quiet:
        typer.echo(opening(world.slug, world.begin, world.end, world.seed))
    with bar(world.begin, world.end) as gone_by:
        for at, sentences in world.moments():
            record.read_on()
            gone_by.show(at)
            for line in () if quiet else timeline.lines(at, sentences, record):
                typer.echo(line)
        for line in () if quiet else timeline.rest():
            typer.echo(line)
