"""What was said to whom: the outbox, one message, a bounce; and the history of a case."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import acting, looking
from cli.options import SECRETARY, By, Json, Number, one_of
from cli.printing import in_words, instant, paragraph, say, show_json

if TYPE_CHECKING:
    from models.outbox import Message

outbox = typer.Typer(help="The messages that were queued, sent or not.", invoke_without_command=True)
message = typer.Typer(help="One message.", no_args_is_help=True)

State = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only those that are queued, claimed, sending, accepted, in-doubt, failed or withdrawn.",
    ),
]
OfCase = Annotated[str | None, typer.Option("--case", metavar="CASE", help="Only of this case, such as review:1.")]
DIGEST = re.compile(r"[0-9a-f]{64}")
Fate = Annotated[str, typer.Argument(metavar="sent|send-again", help="What became of it, as they told you.")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="Such as review:1 or protocol:bedfordshire.")]


@outbox.callback()
def outbox_list(context: typer.Context, state: State = None, case: OfCase = None, as_json: Json = False) -> None:
    """The messages that were queued, sent or not."""
    if context.invoked_subcommand:
        return
    from actions.listing import message_lines
    from models.outbox import Delivery

    chosen = one_of(Delivery, state, "--state") if state else None
    with looking() as (session, _):
        lines = message_lines(session, chosen, case)
    if as_json:
        show_json(lines)
        return
    for m in lines:
        typer.echo(f"{m.number}  {m.state}, {instant(m.settled_at or m.queued_at)}, to {m.address}")
        typer.echo(paragraph(m.subject, "    "))
    if not lines:
        typer.echo("No message.")


@outbox.command("resolve")
def resolve(number: Number, fate: Fate, by: By = SECRETARY, as_json: Json = False) -> None:
    """Settle a message in doubt: it arrived, or goes again."""
    from actions.resolving import resolve_in_doubt, said_of_going

    if fate not in ("sent", "send-again"):
        raise typer.BadParameter("say “sent” or “send-again”.", param_hint="sent|send-again")
    with acting() as (session, now):
        settled = resolve_in_doubt(session, now, number, by, arrived=fate == "sent")
    say(as_json, said_of_going(number, settled), message=settled.id, state=settled.state.value)


@outbox.command("again")
def again(number: Number, by: By = SECRETARY, as_json: Json = False) -> None:
    """Send what has failed, or came back, to the address of today."""
    from actions.resolving import said_of_going, try_again

    with acting() as (session, now):
        going = try_again(session, now, number, by)
    say(as_json, said_of_going(number, going), message=going.id, state=going.state.value)


@message.command("show")
def message_show(number: Number, as_json: Json = False) -> None:
    """A message, word for word as it is sent."""
    from actions.listing import message_numbered

    with looking() as (session, _):
        found = message_numbered(session, number)
    if as_json:
        kept = found.model_dump(exclude={"leased_by", "lease_until", "shared_text_id", "own_text", "own_html"})
        show_json(kept | {"text": found.text, "html": found.html})
        return
    typer.echo("\n".join(_as_sent(found)))


def _as_sent(found: "Message") -> Iterator[str]:
    from rules.retention import GONE
    from settings import settings

    yield f"From: {settings().mail_from}"
    yield f"To: {found.address}"
    if found.reply_to:
        yield f"Reply-To: {found.reply_to}"
    yield f"Subject: {found.subject}"
    yield f"Message-ID: {found.message_id}"
    yield f"State: {found.state}, {in_words(found.settled_at or found.queued_at)}"
    if found.answer:
        yield paragraph(found.answer if found.state == "withdrawn" else f"The server said: {found.answer}")
    yield f"\n{GONE if found.is_emptied else found.text.rstrip()}"
    if found.calendar:
        yield f"\n[Attached: the due date as a calendar file]\n{found.calendar.strip()}"


def bounce_command(by: By = "delivery report", as_json: Json = False) -> None:
    """Read a delivery report on standard input. An address that takes no mail becomes work."""
    from actions.bouncing import record_bounce
    from notifications.bounces import bounce_report

    report = bounce_report(typer.get_binary_stream("stdin").read())
    with acting() as (session, now):
        sentence = record_bounce(session, now, report, by)
    say(as_json, sentence, message_id=report.message_id, recipient=report.recipient, permanent=report.permanent)


def history_command(case: Case, as_json: Json = False) -> None:
    """What happened in a case: what, who, when, why."""
    from actions.listing import history_of

    with looking() as (session, _):
        lines = history_of(session, case)
    if as_json:
        show_json(lines)
        return
    for line in lines:
        moved = f" ({line.moved_from or 'new'} → {line.moved_to})" if line.moved_to else ""
        typer.echo(paragraph(f"{line.seq}  {instant(line.at)}  {line.who}: {line.what}{moved}"))
        for words in (_detailed(line.said), f"Why: {line.why}" if line.why else ""):
            if words:
                typer.echo(paragraph(words, "    "))


def _detailed(value: object) -> str:
    """Details of a row in words: what is empty is left out."""
    match value:
        case dict() if value and all(isinstance(each, str) and DIGEST.fullmatch(each) for each in value.values()):
            return ", ".join(value)  # by their names; what they said is not in history, only its hash
        case dict():
            told = {key: _detailed(each) for key, each in value.items()}
            return "; ".join(f"{str(key).replace('_', ' ')}: {words}" for key, words in told.items() if words)
        case list():
            return ", ".join(_detailed(each) for each in value)
        case None | False:
            return ""
        case True:
            return "yes"
        case _:
            return str(value)
