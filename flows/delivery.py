"""Delivery: what is in the outbox goes out."""

from prefect import flow

from flows.clock import present
from tasks.delivery import deliver_round

ROUNDS = 20  # of a thousand messages; what is left then is the next run's


@flow(name="delivery", flow_run_name="delivery")
async def deliver() -> None:
    """Send what is due, round by round, until nothing is or the mail server cannot be used."""
    for _ in range(ROUNDS):
        count = await deliver_round(present)
        if count.closed or not (count.accepted + count.failed + count.in_doubt):
            return
