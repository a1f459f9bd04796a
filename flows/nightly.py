"""The nightly check: the records are proved, and a silent sweep is noticed."""

from datetime import datetime, timedelta

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from flows.clock import present, this_instant
from tasks.breach import bring_up_to_date, overlooked
from tasks.nightly import (
    ask_whoever_counts_since_today,
    check_records,
    empty_what_was_kept_long_enough,
    forget_what_is_over,
    reopen_gaps,
    watch_the_sweep,
)

# Later than this, nothing ran here at half past three: the sweep was off as well, and is only just beginning again.
ON_TIME = timedelta(minutes=5)


class RecordsBroken(RuntimeError):
    """Fails the run, so that whoever watches Prefect sees it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} invariants are broken: run `concordat verify`")


@flow(name="nightly", flow_run_name="nightly")
async def nightly(now: datetime | None = None) -> None:
    """Take what the sweep has overlooked, empty what was kept long enough, open gaps again that nothing answers, prove
    the history and the invariants, ask who is a party since today; raise the alarm where the sweep has been silent,
    unless this run is late itself."""
    now = this_instant(now)
    if present() - flow_run.scheduled_start_time <= ON_TIME:
        await watch_the_sweep(now)
    await forget_what_is_over(now)
    if breaches := await overlooked(now):
        await bring_up_to_date(breaches, now)
    await empty_what_was_kept_long_enough(now)
    await reopen_gaps(now)
    report = await check_records(now)
    lines = [f"{report.checked} invariants checked, {len(report.broken)} broken.", *report.broken]
    lines.append(f"Fingerprint of all history: {report.fingerprint}")
    await acreate_markdown_artifact("\n\n".join(lines), key="nightly-check")
    if report.broken:
        raise RecordsBroken(len(report.broken))
    await ask_whoever_counts_since_today(now)  # where the records hold: on others it may well fail, and hide why
