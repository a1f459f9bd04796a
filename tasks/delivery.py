"""The outbox's unit of work: one round over a few connections that stay open."""

from collections.abc import Callable
from datetime import datetime

from prefect import task

from models.store import engine
from notifications.delivery import DeliveryCount, deliver
from notifications.post_office import mail_settings


@task
async def deliver_round(clock: Callable[[], datetime]) -> DeliveryCount:
    """Not retried: what could not be sent is in its row, with the time of the next attempt."""
    return await deliver(engine(), clock=clock, post_office=mail_settings())
