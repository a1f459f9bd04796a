"""`concordat sweep`, `deliver` and `nightly`: one pass of the clock's work by hand, without Prefect.

Safe beside a running `concordat up`: two sweeps or two deliverers at once do nothing twice.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cli.options import Json

if TYPE_CHECKING:
    from datetime import datetime

    from actions.verifying import VerifyReport
    from cli.clockwork import Swept


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
        + _could_not_go_on(swept)
    )
    say(as_json, sentence, steps=swept.steps, looked_at=swept.looked_at, refused=swept.refused)


def _could_not_go_on(swept: "Swept") -> str:
    return "".join(f"\n{_named(case)} could not go on: {why}" for case, why in swept.refused.items())


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


def nightly_command(as_json: Json = False) -> None:
    """Watch the sweep, forget what is over, empty what was kept long enough, prove the records, ask new parties.

    Exit 1 if an invariant does not hold.
    """
    from actions.access.forgetting import forget_what_is_over
    from actions.verifying import verify
    from actions.watching import watch_sweep
    from cli.opening import the_clock
    from cli.printing import say
    from models.store import engine, giving_way, reading, transaction
    from models.upgrading import require_current
    from tasks.gaps import reopen_what_nothing_answers
    from tasks.newcomers import ask_newcomers
    from tasks.retention import empty_what_is_over

    require_current(engine())
    now = the_clock()
    with giving_way():
        with transaction() as session:
            late = watch_sweep(session, now)
        with transaction() as session:
            forgotten = forget_what_is_over(session, now)
        swept = _overlooked(now)
        emptied = empty_what_is_over(now)
        reopened = reopen_what_nothing_answers(now)
    with reading() as session:
        report = verify(session, now)
    asked = 0
    if not report.broken:  # on other records it may well fail, and hide why
        with giving_way():
            asked = ask_newcomers(now)
    say(
        as_json, "\n".join(_of_the_night(late, forgotten, swept, emptied, reopened, asked, report)), sweep_late=late,
        forgotten=forgotten, emptied=emptied, reopened=reopened, asked=asked, steps=swept.steps, refused=swept.refused,
        **asdict(report),
    )  # fmt: skip
    if report.broken:
        raise typer.Exit(1)


def _of_the_night(
    late: bool, forgotten: int, swept: "Swept", emptied: int, reopened: int, asked: int, report: "VerifyReport"
) -> Iterator[str]:
    from cli.printing import counted, proof

    yield "The sweep is silent: nothing is opened or reminded." if late else "The sweep runs."
    yield f"Forgotten: {counted(forgotten, 'row')} of old answers, visits, links and codes."
    yield f"Overlooked by the sweep and taken now: {counted(swept.steps, 'step')}.{_could_not_go_on(swept)}"
    if emptied:
        yield f"Kept for as long as the protocol says, and emptied now: the words of {counted(emptied, 'case')}."
    if reopened:
        yield f"Resolved in a text that never came into force, and open again: {counted(reopened, 'gap')}."
    if asked:
        yield f"Asked to adopt, as newcomers: {counted(asked, 'party', 'parties')}."
    yield from proof(report)


def _overlooked(now: "datetime") -> "Swept":
    from actions.breaches.settling import overlooked_breaches
    from cli.clockwork import Swept, advance
    from models.store import engine, reading

    swept = Swept()
    with reading() as session:
        breaches = overlooked_breaches(session, now)
    for number in breaches:
        advance(engine(), now, f"breach:{number}", swept)
    return swept
