"""The nightly check: the records are proved, and a silent sweep is noticed."""

from datetime import datetime

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact

from flows.clock import this_instant
from tasks.breach import bring_up_to_date, overlooked
from tasks.nightly import check_records, forget_what_is_over, watch_the_sweep


class RecordsBroken(RuntimeError):
    """Fails the run, so that whoever watches Prefect sees it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} invariants are broken: run `concordat verify`")


@flow(name="nightly", flow_run_name="nightly")
async def nightly(now: datetime | None = None) -> None:
    """Prove the history and the invariants, take what the sweep has overlooked; raise the alarm where it has been
    silent."""
    now = this_instant(now)
    await watch_the_sweep(now)
    await forget_what_is_over(now)
    if breaches := await overlooked(now):
        await bring_up_to_date(breaches, now)
    report = await check_records(now)
    lines = [f"{report.checked} invariants checked, {len(report.broken)} broken.", *report.broken]
    lines.append(f"Fingerprint of all history: {report.fingerprint}")
    await acreate_markdown_artifact("\n\n".join(lines), key="nightly-check")
    if report.broken:
        raise RecordsBroken(len(report.broken))
