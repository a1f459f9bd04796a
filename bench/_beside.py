"""What runs beside the pages that `bench.web` measures, each a process without Prefect: `python -m bench._beside sweep`
or `python -m bench._beside deliver SMTP-PORT`, until it is killed; the store is that of the environment.

One sweep after another with a second between, in the order of the flow's and leaving the writer to people as that does:
breaches once through, then reminders by the batch. Nothing else is ever due in that store. The deliverer looks again at
once while there is something, else after a second. Their schedules have minutes between.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime

from actions.breaches.settling import breaches_due, next_breach_step, take_breach_step
from actions.reminding import remind_batch
from bench._mail_peers import SENDER
from models.store import engine, giving_way, reading, transaction
from notifications.delivery import deliver
from notifications.post_office import MailSettings


def sweep_for_ever() -> None:
    while True:
        now, reminders = datetime.now(UTC), 0
        with giving_way():
            with reading() as session:
                breaches = breaches_due(session, now)
            for number in breaches:
                _take_every_step(number, now)
            while more := _remind(now):
                reminders += more
        print(len(breaches), "breaches,", reminders, "reminders", flush=True)
        time.sleep(1)


def _take_every_step(number: int, now: datetime) -> None:
    with transaction() as session:
        while step := next_breach_step(session, now, number):
            take_breach_step(session, now, number, step)


def _remind(now: datetime) -> int:
    with transaction() as session:
        return remind_batch(session, now)


def deliver_for_ever(port: int) -> None:
    post_office = MailSettings(host="127.0.0.1", port=port, sender=SENDER, bounces_to=SENDER)
    while True:
        count = asyncio.run(deliver(engine(), clock=lambda: datetime.now(UTC), post_office=post_office))
        print(count.accepted, "accepted", flush=True)
        if not count.accepted:
            time.sleep(1)


if __name__ == "__main__":
    if sys.argv[1] == "sweep":
        sweep_for_ever()
    deliver_for_ever(int(sys.argv[2]))
