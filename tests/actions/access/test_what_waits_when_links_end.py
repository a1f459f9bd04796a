"""What waits in the outbox, or is in doubt there, when links are revoked or an address is corrected: it goes to the
address in force now with a link that opens, and whatever may have left before opens nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from actions.access.party_links import LinkOpensNothing, party_link, revoke_links
from actions.cast import known_id
from actions.contacts import correct_address
from actions.resolving import resolve_in_doubt, try_again
from models.outbox import Delivery
from models.outbox import Message as OutboxRow
from models.protocol import Contact
from notifications.claiming import begin_sending, claim
from notifications.links import own_page
from notifications.outgoing import Outgoing
from notifications.settling import Accepted, Deferred, Failed, InDoubt, Result, settle
from tests.actions.databases import SLOW_ON_POSTGRES, store_of
from tests.actions.world import OPENS, SECRETARY, World, contact_of

OLD, NEW = "lead.member@police.example", "right@police.example"
WORKER = "worker"


# Most of it on SQLite: the slow run has PostgreSQL.
@pytest.fixture(params=SLOW_ON_POSTGRES)
def empty_store(request: pytest.FixtureRequest) -> sa.Engine:
    return store_of(request)


def link_of(row: OutboxRow | Outgoing) -> str:
    return urlsplit(own_page(row)).path.removeprefix("/p/")


@dataclass
class Case:
    """One invitation, and whatever became of it."""

    world: World
    now: datetime = OPENS
    left: list[str] = field(default_factory=list)  # links of what a mail server may have had

    @property
    def number(self) -> int:
        with self.world.read() as session:
            row = session.exec(select(OutboxRow).where(OutboxRow.key == "review:1:feedback:police:invite")).one()
            return known_id(row)

    def later(self, hours: int = 5) -> None:
        self.now += timedelta(hours=hours)

    def begin(self, worker: str = WORKER) -> list[Outgoing]:
        """All that is due, as it goes."""
        with self.world.act() as session:
            ids = claim(session, self.now, worker, 400)
        with self.world.act() as session:
            return begin_sending(session, self.now, ids, worker)

    def say(self, going: list[Outgoing], said: Callable[[Outgoing], Result], worker: str = WORKER) -> None:
        with self.world.act() as session:
            settle(session, self.now, worker, [said(row) for row in going])

    def act(self, do: Callable[[Session, Contact], object]) -> None:
        with self.world.act() as session:
            do(session, contact_of(session, "police"))

    def attempt(self, said: Callable[[Outgoing], Result]) -> None:
        going = self.begin()
        if said is not deferred and said is not failed:
            self.left += [link_of(row) for row in going if row.contact_id == self.contact]
        self.say(going, lambda row: said(row) if row.contact_id == self.contact else accepted(row))

    @property
    def contact(self) -> int:
        with self.world.read() as session:
            return known_id(contact_of(session, "police"))

    def opens(self, link: str) -> bool:
        with self.world.read() as session:
            try:
                return not party_link(session, self.now, link).over
            except LinkOpensNothing:
                return False


def accepted(row: Outgoing) -> Result:
    return Accepted(id=row.id, attempts=row.attempts, said="250 OK")


def deferred(row: Outgoing) -> Result:
    return Deferred(id=row.id, attempts=row.attempts, said="451 later")


def failed(row: Outgoing) -> Result:
    return Failed(id=row.id, attempts=row.attempts, said="550 5.7.1 not such words", address_refused=False)


def doubted(row: Outgoing) -> Result:
    return InDoubt(id=row.id, attempts=row.attempts, said="no answer")


# How it stands when the links end


def queued(_case: Case) -> None: ...


def claimed(case: Case) -> None:
    with case.world.act() as session:
        claim(session, case.now, WORKER, 400)


def put_off(case: Case) -> None:
    case.attempt(deferred)


def doubted_once(case: Case) -> None:
    case.attempt(doubted)


def doubted_and_put_off(case: Case) -> None:
    doubted_once(case)
    case.later()
    case.attempt(deferred)


def doubted_and_claimed(case: Case) -> None:
    doubted_once(case)
    case.later()
    claimed(case)


def asked_about(case: Case) -> None:
    for _ in range(3):
        case.attempt(doubted)
        case.later()


def let_go_again(case: Case) -> None:
    asked_about(case)
    case.act(lambda s, _: resolve_in_doubt(s, case.now, case.number, SECRETARY, arrived=False))


def not_taken(case: Case) -> None:
    case.attempt(failed)


def doubted_and_not_taken(case: Case) -> None:
    doubted_once(case)
    case.later()
    case.attempt(failed)


def sent(case: Case) -> None:
    case.attempt(accepted)


# What ends them


def revoked(case: Case) -> None:
    case.later()
    case.act(lambda s, contact: revoke_links(s, case.now, known_id(contact), SECRETARY, "It was forwarded."))


def corrected(case: Case, address: str = NEW) -> None:
    case.later()
    case.act(lambda s, contact: correct_address(s, case.now, contact, address, SECRETARY))


def corrected_back(case: Case) -> None:
    corrected(case)
    corrected(case, OLD)


BEFORE = (
    queued, claimed, put_off, doubted_once, doubted_and_put_off, doubted_and_claimed, asked_about, let_go_again,
    not_taken, doubted_and_not_taken, sent,
)  # fmt: skip
ENDS = (revoked, corrected, corrected_back)


def by_hand(case: Case) -> None:
    """What the secretary lets go again afterwards."""
    with case.world.read() as session:
        state = session.get_one(OutboxRow, case.number).state
    if state is Delivery.IN_DOUBT:
        case.act(lambda s, _: resolve_in_doubt(s, case.now, case.number, SECRETARY, arrived=False))
    if state is Delivery.FAILED:
        case.act(lambda s, _: try_again(s, case.now, case.number, SECRETARY))


def goes_on(case: Case, worker: str = "another") -> list[Outgoing]:
    """Everything that leaves for them from now on, until nothing waits."""
    gone = []
    for _ in range(4):
        case.later()
        going = case.begin(worker)
        case.say(going, accepted, worker)
        gone += [row for row in going if row.contact_id == case.contact]
    return gone


def right(case: Case, gone: list[Outgoing], address: str) -> None:
    assert {row.address for row in gone} <= {address}
    assert [case.opens(link_of(row)) for row in gone] == [True] * len(gone), "a link that is sent opens"
    assert [case.opens(link) for link in case.left] == [False] * len(case.left), "a link that had left opens nothing"
    assert len({row.message_id for row in gone}) == len(gone)
    assert case.world.broken(case.now) == []


@pytest.mark.parametrize(("before", "ends"), list(product(BEFORE, ENDS)))
def test_whatever_had_left_opens_nothing_and_what_goes_goes_where_they_are_now(
    world: World, before: Callable[[Case], None], ends: Callable[[Case], None]
) -> None:
    world.collecting()
    case = Case(world)
    before(case)
    ends(case)
    assert [case.opens(link) for link in case.left] == [False] * len(case.left)
    by_hand(case)
    gone = goes_on(case)
    right(case, gone, NEW if ends is corrected else OLD)
    assert gone or (before, ends) == (sent, revoked), "they are told"
    texts = [row.kind for row in gone]
    assert "feedback_invited" in texts or before is sent


@pytest.mark.parametrize("said", [accepted, deferred, failed, doubted, None])
@pytest.mark.parametrize("ends", ENDS)
def test_what_is_being_sent_at_that_moment_is_told_once_more_whatever_becomes_of_it(
    world: World, ends: Callable[[Case], None], said: Callable[[Outgoing], Result] | None
) -> None:
    """None: its worker is dead, and says nothing."""
    world.collecting()
    case = Case(world)
    going = case.begin()
    case.left += [link_of(row) for row in going if row.contact_id == case.contact]
    ends(case)
    if said is not None:
        case.say(going, said)
    assert [case.opens(link) for link in case.left] == [False]
    gone = goes_on(case)
    right(case, gone, NEW if ends is corrected else OLD)
    assert [row.kind for row in gone].count("feedback_invited") == 1
