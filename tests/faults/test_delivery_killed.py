"""A deliverer killed at any point and started again: nothing lost, nothing twice but what is listed in doubt."""

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.outbox import Delivery
from notifications.claiming import LEASE
from notifications.delivery import deliver
from tests.faults.killed_deliverer import POINTS
from tests.notifications.outbox_world import NOW, World, make_world
from tests.notifications.smtp_server import PostOffice, mail, serving

pytestmark = pytest.mark.slow

MESSAGES = 30
CHECKOUT = Path(__file__).parents[2]


def queued(store: sa.Engine) -> World:
    """Reminders, and one notice in five, which is never sent twice by the machine."""
    world = make_world(store)
    for number in range(MESSAGES):
        world.queue(number % 3, key=f"message:{number}", resend_in_doubt=bool(number % 5))
    return world


def run_until_killed(store: sa.Engine, port: int, point: str, times: int, minutes: int = 0) -> int:
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.faults.killed_deliverer", url, str(port), point, str(times), str(minutes)]
    return subprocess.run(command, cwd=CHECKOUT, timeout=120).returncode


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("point", POINTS)
async def test_killed_and_started_again(store: sa.Engine, point: str, times: int) -> None:
    world, office = queued(store), PostOffice()
    if point == "in the claim, before its commit":
        times = 1
    with serving(office) as port:
        assert run_until_killed(store, port, point, times) == -signal.SIGKILL
        before = {row.message_id for row in world.rows() if row.state is Delivery.ACCEPTED}
        late = NOW + LEASE + timedelta(seconds=1)
        await deliver(store, clock=lambda: late, post_office=mail(port, connections=2))
    _nothing_lost_and_nothing_twice(world, office)
    assert before <= set(office.ids)


async def test_killed_again_and_again(store: sa.Engine) -> None:
    world, office = queued(store), PostOffice()
    lease = int(LEASE.total_seconds() / 60) + 1
    with serving(office) as port:
        for number, point in enumerate(("after DATA", "after the 250")):
            assert run_until_killed(store, port, point, 2, number * lease) == -signal.SIGKILL
        late = NOW + timedelta(minutes=2 * lease)
        await deliver(store, clock=lambda: late, post_office=mail(port, connections=2))
    _nothing_lost_and_nothing_twice(world, office)


def _nothing_lost_and_nothing_twice(world: World, office: PostOffice) -> None:
    copies = Counter(office.ids)
    rows = world.rows()
    assert set(copies) <= {row.message_id for row in rows}
    for row in rows:
        arrived = copies[row.message_id]
        if row.state is Delivery.IN_DOUBT:
            assert not row.resend_in_doubt, "a reminder in doubt goes again"
            assert row.in_doubt_at is not None
            assert arrived <= 1
        else:
            assert row.state is Delivery.ACCEPTED
            assert arrived >= 1, f"{row.key} is accepted and did not arrive"
            assert arrived == 1 or row.in_doubt_at is not None, f"{row.key} arrived {arrived} times unlisted"
        assert arrived <= (3 if row.resend_in_doubt else 1)
