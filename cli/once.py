"""`concordat sweep` and `concordat deliver`: one pass of the clock's work by hand, without Prefect.

Safe beside a running `concordat up`: two sweeps or two deliverers at once do nothing twice.
"""

from dataclasses import asdict

import typer

from cli.options import Json


def sweep_command(as_json: Json = False) -> None:
    """Take every step and queue every reminder that is due, once."""
    from cli.clockwork import run_clock
    from cli.opening import the_clock
    from cli.printing import counted, say
    from models.store import engine, giving_way
    from models.upgrading import require_current

    require_current(engine())
    with giving_way():
        swept = run_clock(engine(), the_clock())
    sentence = (
        f"Swept: {counted(swept.steps, 'step')} taken, {counted(swept.looked_at, 'duty', 'duties')} looked at."
        + "".join(f"\n{_named(case)} could not go on: {why}" for case, why in swept.refused.items())
    )
    say(as_json, sentence, steps=swept.steps, looked_at=swept.looked_at, refused=swept.refused)


def _named(case: str) -> str:
    """“Review 3”."""
    return case.replace(":", " ").capitalize()


def deliver_command(as_json: Json = False) -> None:
    """Send what waits in the outbox, once, through the mail server that the settings name."""
    import asyncio

    from cli.opening import the_clock
    from cli.printing import counted, say
    from models.store import engine
    from models.upgrading import require_current
    from notifications.delivery import deliver
    from notifications.post_office import mail_settings

    require_current(engine())
    count = asyncio.run(deliver(engine(), clock=the_clock, post_office=mail_settings()))
    sentence = f"Sent: {counted(count.accepted, 'message')}. Put off: {count.queued}, failed: {count.failed}, "
    sentence += f"in doubt: {count.in_doubt}." + (f"\n{count.closed}" if count.closed else "")
    say(as_json, sentence, **asdict(count))
    if count.closed:
        raise typer.Exit(1)
