"""The `concordat` command: its commands gathered, and every refusal turned into a sentence and an exit code.

0 done, 1 refused with a sentence on standard error, 2 a wrong command line, 130 interrupted.
"""

import functools
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from cli import (
    breaches,
    complaint_paper,
    complaints,
    confirming,
    forecast,
    gaps,
    legislation,
    loading,
    members,
    obligations,
    post,
    procedure_books,
    proposals,
    retention,
    reviews,
    status,
    store,
    versions,
)
from cli.away import away_command
from cli.deadline import deadline_command
from cli.once import deliver_command, nightly_command, sweep_command
from cli.printing import seen
from cli.rehearse.command import rehearse_command
from cli.severity import severity_command
from cli.signing_in import sign_in_command
from cli.trace import trace_command
from cli.up import up_command
from web.refusing import sentence_for

REFUSED = 1
INTERRUPTED = 130

app = typer.Typer(
    name="concordat",
    help="Keeps an information sharing protocol alive: who owes what by when, asked, reminded, recorded, proved.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: it reads the same in a pipe, and Rich costs a fifth of a second
    pretty_exceptions_enable=False,
)
app.command("up", short_help="Run everything this machine needs.")(up_command)
app.command("sign-in")(sign_in_command)
app.command("load")(loading.load_command)
app.command("status")(status.status_command)
app.command("matters")(status.matters_command)
app.add_typer(status.matter, name="matter")
app.command("protocols")(status.protocols_command)
app.command("parties")(members.parties_command)
app.add_typer(members.party, name="party")
app.add_typer(members.contact, name="contact")
app.add_typer(members.succession, name="succession")
app.add_typer(reviews.review, name="review")
app.add_typer(proposals.proposal, name="proposal")
app.add_typer(versions.version, name="version")
members.contact.command("away")(away_command)
app.add_typer(breaches.breach, name="breach")
app.add_typer(procedure_books.procedure, name="procedure")
app.add_typer(gaps.gap, name="gap")
app.add_typer(legislation.legislation, name="legislation")
app.add_typer(retention.retention, name="retention")
complaint_paper.add_to(complaints.complaint)
app.add_typer(complaints.complaint, name="complaint")
app.command("trace", short_help="What led to what, from complaint to signature.")(trace_command)
app.command("severity")(severity_command)
app.command("confirm")(confirming.confirm_command)
app.add_typer(obligations.obligation, name="obligation")
app.command("forecast", short_help="What will be sent to whom if nobody answers.")(forecast.forecast_command)
app.command("rehearse", short_help="Play a protocol's coming year on a scratch copy.")(rehearse_command)
app.command("sweep", short_help="Take everything the clock owes, once, without Prefect.")(sweep_command)
app.command("deliver", short_help="Send what waits in the outbox, once.")(deliver_command)
app.command("nightly", short_help="Do the night's work, once, without Prefect.")(nightly_command)
app.add_typer(post.outbox, name="outbox")
app.add_typer(post.message, name="message")
app.command("bounce")(post.bounce_command)
app.command("history")(post.history_command)
app.command("deadline")(deadline_command)
app.command("verify")(store.verify_command)
app.command("upgrade")(store.upgrade_command)
app.command("backup")(store.backup_command)
app.command("restore")(store.restore_command)


def run(arguments: Sequence[str]) -> int:
    """Run one command; answers its exit code."""
    try:
        _main()(args=list(arguments), prog_name="concordat")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        _refuse(sentence, as_json="--json" in arguments)
        return REFUSED
    return 0


@functools.cache
def _main() -> Callable[..., Any]:
    """Reading the signatures of all commands takes a tenth of a second: once a process."""
    return typer.main.get_command(app).main


def _refuse(sentence: str, *, as_json: bool) -> None:
    typer.echo(seen(sentence), err=True)
    if as_json:
        typer.echo(json.dumps({"refused": sentence}), err=True)


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without our quotation marks still shows the words
    sys.exit(run(sys.argv[1:]))
