"""The Bedfordshire review from invitation to confirmation: a real Prefect server and worker, mail over real SMTP.

The year is 2026, which has passed: a flow refuses to run ahead of time. What people do goes through the actions;
what the clock does goes through the deployments of `prefect.yaml`, run by the worker.
"""

import asyncio
import email
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.policy import default as readable
from pathlib import Path

import pytest
import sqlalchemy as sa
from prefect.client.orchestration import PrefectClient
from sqlmodel import select

from actions.cast import active_parties, party_named, protocol_named
from actions.confirming import ItemAnswer, checklist, confirm
from actions.loading import load_protocol
from actions.proposals import Proposed
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, merge, seek_advice
from actions.review_feedback import give_feedback
from actions.review_opening import set_review_date
from actions.review_signing import decline, sign
from actions.verifying import verify
from actions.versions import version_named
from cli.machine import Machine
from cli.processes import Tree
from models.outbox import Delivery, Message
from models.protocol_file import read_protocol
from models.review import ConfirmationAnswer, DecisionOutcome, Magnitude, Review
from models.store import engine, reading, transaction
from models.upgrading import upgrade
from rules.review import Stage
from tests.migrated_prefect import put_into

pytestmark = pytest.mark.slow

BEDFORDSHIRE = Path(__file__).parents[2] / "protocols" / "bedfordshire"
LOADED_AT = datetime(2025, 11, 3, 9, tzinfo=UTC)
OPENS = datetime(2026, 2, 27, 9, tzinfo=UTC)
REMINDED = datetime(2026, 3, 17, 9, 5, tzinfo=UTC)  # ten working days before the review date
CLOSED = datetime(2026, 3, 31, 23, tzinfo=UTC)
MEETING = datetime(2026, 4, 21, 13, tzinfo=UTC)
ALL_SIGNED = datetime(2026, 7, 9, 15, tzinfo=UTC)
PATIENCE_SECONDS = 120

# `prefect.yaml` as it stands, with its schedules paused: the present would close a review of the past at once.
DEPLOY = """
import asyncio
from cli.deploying import deploy, make_work_pool
from prefect.client.orchestration import get_client

async def main():
    async with get_client() as client:
        await make_work_pool(client)
        await asyncio.to_thread(deploy)
        for deployment in await client.read_deployments():
            await client.pause_deployment(deployment.id)

asyncio.run(main())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: str, condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)


class World:
    """A store, a Prefect server with a worker, and a mail server that keeps what it is given."""

    def __init__(self, folder: Path) -> None:
        self.machine = Machine(folder, free_port(), free_port(), free_port())
        self.store = engine(f"sqlite:///{folder / 'concordat.db'}")
        self.tree = Tree()

    def start(self, migrated_prefect: Path) -> None:
        for name in ("logs", "mail"):
            (self.machine.data / name).mkdir()
        put_into(self.machine.data / "prefect", migrated_prefect)
        upgrade(self.store)
        self.tree.start(self.machine.catcher())
        self.tree.start(self.machine.server())
        wait_for("Prefect", self.machine.is_healthy)
        subprocess.run([sys.executable, "-c", DEPLOY], env=self.machine.environment(), check=True, timeout=120)
        self.tree.start(self.machine.worker())

    def run(self, deployment: str, **parameters: object) -> None:
        """Wake the deployment by name, as a program would, and wait until the worker has run it."""
        asyncio.run(self._run(deployment, parameters))

    async def _run(self, deployment: str, parameters: dict[str, object]) -> None:
        async with PrefectClient(f"{self.machine.address}/api") as client:
            woken = (await client.read_deployment_by_name(deployment)).id
            number = (await client.create_flow_run_from_deployment(woken, parameters=parameters)).id
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (state := (await client.read_flow_run(number)).state).is_final():
                assert time.monotonic() < deadline, f"waited in vain for {deployment}: {state}"
                await asyncio.sleep(0.2)
        assert state.is_completed(), state

    def sweep(self, now: datetime) -> None:
        self.run("sweep/sweep", now=now.isoformat())

    def deliver(self) -> None:
        self.run("delivery/delivery")

    def mail(self) -> list[email.message.EmailMessage]:
        files = sorted(self.machine.mail.glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=readable) for file in files]


@pytest.fixture
def world(tmp_path: Path, migrated_prefect: Path) -> Iterator[World]:
    made = World(tmp_path)
    try:
        made.start(migrated_prefect)
        yield made
    finally:
        made.tree.stop()
        made.store.dispose()


def bedfordshire(session):
    return protocol_named(session, "bedfordshire")


def load(store: sa.Engine) -> None:
    with transaction(store) as session:
        load_protocol(session, LOADED_AT, read_protocol(BEDFORDSHIRE), "secretary")
        set_review_date(session, LOADED_AT, bedfordshire(session), date(2026, 3, 31), "secretary")


def answer(store: sa.Engine) -> None:
    """Two propose the same, the fire service has no comments, fourteen are still to answer."""
    with transaction(store) as session:
        for slug in ("bedfordshire-police", "luton-borough-council"):
            wording = Proposed(clause="12-security", wording="Transfers are encrypted, and tested once a year.")
            party = party_named(session, bedfordshire(session), slug)
            give_feedback(session, OPENS + timedelta(days=3), 1, party, "secretary", proposals=[wording])
        fire = party_named(session, bedfordshire(session), "bedfordshire-fire-and-rescue-service")
        give_feedback(session, OPENS + timedelta(days=4), 1, fire, "secretary", no_comments=True)


def decide_everything(store: sa.Engine) -> None:
    with transaction(store) as session:
        merge(session, MEETING, 2, 1, "secretary", "They say the same.")
        classify(session, MEETING, 1, Magnitude.MAJOR, "secretary", "Every party has to test.")
        seek_advice(session, MEETING, 1, "secretary")
        give_advice(session, MEETING, 1, "Feasible within six months.", "adviser")
        begin_deciding(session, MEETING, 1, "secretary")
        decide(session, MEETING, 1, DecisionOutcome.ACCEPTED, "secretary", because="Agreed.", dissent="Too often.")
        assert conclude(session, MEETING, 1, "secretary") is Stage.SIGNING


def everybody_signs_but_one(store: sa.Engine) -> None:
    with transaction(store) as session:
        version = version_named(session, bedfordshire(session), "5.0")
        parties = active_parties(session, bedfordshire(session), MEETING.date())
        for weeks, party in enumerate(parties, 1):
            now = min(MEETING + timedelta(days=4 * weeks), ALL_SIGNED)
            if party.slug == "virgin-health":
                decline(session, now, version, party, "secretary", "We test in other ways.")
            else:
                sign(session, now, version, party, "secretary", position="Chief Executive", sha256=version.sha256)


def police_confirm(store: sa.Engine) -> None:
    with transaction(store) as session:
        version = version_named(session, bedfordshire(session), "5.0")
        police = party_named(session, bedfordshire(session), "bedfordshire-police")
        answers = [
            ItemAnswer(item=item.key, answer=ConfirmationAnswer.IN_PLACE)
            for item in checklist(session, bedfordshire(session))
        ]
        later = ALL_SIGNED + timedelta(days=2)
        confirm(session, later, session.get_one(Review, 1), version, police, answers, "secretary")


def test_the_bedfordshire_review_runs_from_invitation_to_confirmation(world: World):
    load(world.store)
    world.sweep(OPENS)
    world.deliver()
    assert len(world.mail()) == 17
    answer(world.store)
    world.sweep(REMINDED)
    world.sweep(REMINDED)  # again: nobody hears twice
    world.deliver()
    reminded = [mail for mail in world.mail() if "] Reminder" in mail["Subject"]]
    assert len(reminded) == 14
    assert not [mail for mail in reminded if "bedfordshire-police" in mail["To"]]

    world.sweep(CLOSED)
    decide_everything(world.store)
    everybody_signs_but_one(world.store)
    world.run("annual-review/annual-review", review_id=1, now=ALL_SIGNED.isoformat())
    police_confirm(world.store)
    world.deliver()

    with reading(world.store) as session:
        reviews = session.exec(select(Review).order_by(Review.id)).all()
        assert [(review.stage, review.review_on) for review in reviews] == [
            (Stage.ADOPTED, date(2026, 3, 31)),
            (Stage.SCHEDULED, date(2027, 3, 31)),
        ]
        states = Counter(session.exec(select(Message.state)))
        ids = Counter(session.exec(select(Message.message_id).where(Message.state == Delivery.ACCEPTED)))
        assert verify(session, datetime.now(UTC)).broken == []
    assert set(states) <= {Delivery.ACCEPTED, Delivery.WITHDRAWN}
    assert Counter(mail["Message-ID"] for mail in world.mail()) == ids, "each accepted message arrived once"
    adopted = [mail for mail in world.mail() if "adopted by 16 of 17" in mail["Subject"]]
    assert len(adopted) == 17
