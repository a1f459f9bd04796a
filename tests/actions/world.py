"""A small protocol, built directly in the tables: four parties, three clauses, and everything that acts on them."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from datetime import UTC, date, datetime
from functools import cache, wraps
from pathlib import Path
from threading import Barrier
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

import protocols
from actions.cast import known_id, party_named
from actions.clockwork import next_step, reviews_due, take_clock_step
from actions.proposals import Proposed, standing_proposals
from actions.reminding import remind_batch
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, give_advice, propose
from actions.review_opening import open_annual, set_review_date
from actions.signatures import version_of
from actions.verifying import verify
from models.history import History
from models.obligation import Obligation, ObligationKind, Reminder
from models.outbox import Message
from models.protocol import (
    ChecklistItem,
    Clause,
    Contact,
    Matter,
    Party,
    Protocol,
    Role,
    Version,
    VersionClause,
)
from models.protocol_file import read_protocol
from models.review import DecisionOutcome, Magnitude, Review
from models.store import reading, transaction
from rules.review import Stage
from rules.versions import text_hash
from rules.working_days import Nation

SLUG = "westshire"
SECRETARY = "secretary"
NOVEMBER = datetime(2026, 11, 23, 9, tzinfo=UTC)
REVIEW_ON = date(2027, 3, 31)
OPENS = datetime(2027, 2, 26, 9, tzinfo=UTC)  # 28 February is a Sunday
CLOSES = datetime(2027, 3, 31, 23, tzinfo=UTC)  # the end of 31 March, in summer time
PARTIES = {
    "council": "Westshire Council",
    "fire": "Westshire Fire",
    "police": "Westshire Police",
    "trust": "West Trust",
}
WITH_DEPUTY = ("police", "trust")
CLAUSES = {
    "7-consent": ("Consent", "Consent is asked for in writing."),
    "12-security": ("Security", "Records are kept locked."),
    "13-breaches": ("Breaches", "A breach is followed up."),
}
ITEMS = {"10-trained": "Are staff trained?", "12-locked": "Are records locked?"}

Told = ParamSpec("Told")
Value = TypeVar("Value")
Row = TypeVar("Row", bound=SQLModel)


@cache
def _stated() -> tuple[dict[str, Any], dict[str, Any]]:
    identity = read_protocol(Path(protocols.__file__).parent / "bedfordshire").identity
    return identity.policies.model_dump(mode="json"), identity.operating.model_dump(mode="json")


def saved(store: sa.Engine) -> bytes:
    """A SQLite store as it is now, in one piece."""
    store.dispose()
    path = Path(store.url.database or "")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path.read_bytes()


def put_back(store: sa.Engine, content: bytes) -> None:
    store.dispose()
    path = Path(store.url.database or "")
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    path.write_bytes(content)
    committed(store)  # it is listened to from now on, also where no world has asked yet
    COMMITTED.update((store,))  # whatever was played in it is gone


COMMITTED: Counter[sa.Engine] = Counter()
PLAYED: dict[tuple[str, ...], tuple[bytes, Any]] = {}


def committed(store: sa.Engine) -> int:
    """How often this process has committed anything to that store, since it was first asked."""
    if store not in COMMITTED:
        COMMITTED[store] = 0
        sa.event.listen(store, "commit", lambda _: COMMITTED.update((store,)))
    return COMMITTED[store]


class Playing:
    """Whoever plays parts in a store of its own; `now`, where there is a clock, is set by whoever plays."""

    store: sa.Engine
    now: datetime | None = None

    @property
    def played(self) -> tuple[str, ...] | None:
        """The kept parts that made the store what it is; None once anything else has been committed to it."""
        untouched = self.store.dialect.name == "sqlite" and committed(self.store) == self._committed
        return self._played if untouched else None

    @played.setter
    def played(self, parts: tuple[str, ...] | None) -> None:
        self._played, self._committed = parts, committed(self.store)


Where = TypeVar("Where", bound=Playing)


def kept(part: Callable[Concatenate[Where, Told], Value]) -> Callable[Concatenate[Where, Told], Value]:
    """A part is played once by a world in which nothing but such parts has been played. What it left in the store and
    what it answered are kept, and put back the next time: most tests begin alike. On SQLite, where a store is a file.
    """

    @wraps(part)
    def play(world: Where, *how: Told.args, **named: Told.kwargs) -> Value:
        before = world.played
        if before is None:
            return part(world, *how, **named)
        key = (*before, str(world.now), part.__module__, part.__qualname__, repr(how), repr(named))
        assert " at 0x" not in key[-2] + key[-1], "what is told by its address is not told apart"
        if key in PLAYED:
            put_back(world.store, PLAYED[key][0])
        else:
            answer = part(world, *how, **named)
            PLAYED[key] = saved(world.store), answer
        world.played = key
        answered: Value = PLAYED[key][1]
        return answered

    return play


def played_once(part: Callable[..., None]) -> Callable[..., "World"]:
    """`kept`, for a part that goes on: `world.scheduled().sweep(OPENS)`."""
    keeping = kept(part)

    @wraps(part)
    def play(world: "World", *how: Any, **named: Any) -> "World":
        keeping(world, *how, **named)
        return world

    return play


class World(Playing):
    """One store with the protocol in it. `act()` is a transaction; everything else reads, or plays a longer part."""

    def __init__(
        self,
        store: sa.Engine,
        parties: Mapping[str, str] = PARTIES,
        labels: Sequence[str] = ("4", "4.1", "4.2"),
        slug: str = SLUG,
        **policies: Mapping[str, Any],
    ) -> None:
        """`policies` replaces single ones: `World(store, changes={"decision_rule": "unanimity"})`."""
        self.store = store
        self.played = ()
        self._built(parties, labels, slug, policies)
        self.built = self.played

    @played_once
    def _built(self, *made_of: Any) -> None:
        parties, labels, slug, policies = made_of
        with self.act() as session:
            _build(session, slug, policies)
            of = protocol(session)
            for short, name in parties.items():
                add_party(session, of, short, name, with_deputy=short in WITH_DEPUTY)
            _add_text(session, known_id(of), labels)

    def act(self) -> AbstractContextManager[Session]:
        return transaction(self.store)

    def read(self) -> AbstractContextManager[Session]:
        return reading(self.store)

    def every(self, table: type[Row], *where: Any) -> list[Row]:
        with self.read() as session:
            rows = list(session.exec(select(table).where(*where).order_by(table.id)))  # type: ignore[attr-defined]
            session.expunge_all()  # they stay as they were
        return rows

    def only(self, table: type[Row], *where: Any) -> Row:
        [row] = self.every(table, *where)
        return row

    def said(self, *kinds: str) -> list[str]:
        """The keys of the messages of these kinds, of all without one."""
        return [row.key for row in self.every(Message, *([col(Message.kind).in_(kinds)] if kinds else []))]

    def words(self, key: str) -> str:
        """The text of the message of that key, on one line."""
        return " ".join(self.only(Message, Message.key == key).text.split())

    def counts(self) -> Counter[str]:
        return Counter(row.kind for row in self.every(Message))

    def review(self, number: int = 1) -> Review:
        return self.only(Review, Review.id == number)

    def duties(self, kind: ObligationKind, *where: Any) -> list[Obligation]:
        return self.every(Obligation, Obligation.kind == kind, *where)

    def moves(self, case: str = "review:1") -> list[str]:
        return [row.what for row in self.every(History, History.case == case)]

    def matters(self) -> list[Matter]:
        return self.every(Matter, col(Matter.closed_at).is_(None))

    def rungs(self) -> Counter[tuple[str, str]]:
        return Counter((row.rung, row.outcome.value) for row in self.every(Reminder))

    def rows(self) -> dict[str, int]:
        counted = (
            sa.select(sa.literal(t.name), sa.func.count()).select_from(t) for t in SQLModel.metadata.sorted_tables
        )
        with self.read() as session:
            return dict(session.connection().execute(sa.union_all(*counted)).all())  # type: ignore[arg-type]

    def broken(self, now: datetime) -> list[str]:
        """What `concordat verify` would find."""
        with self.read() as session:
            return verify(session, now).broken

    def sweep(self, now: datetime, limit: int = 500) -> None:
        """What the clock owes at that instant, each step and each batch in its own transaction."""
        while due := self._due(now):
            for number in due:
                while self._step(now, number):
                    pass
        while self._remind(now, limit):
            pass

    def _due(self, now: datetime) -> list[int]:
        with self.read() as session:
            return reviews_due(session, now)

    def _step(self, now: datetime, number: int) -> bool:
        with self.act() as session:
            step = next_step(session, now, number)
            return step is not None and take_clock_step(session, now, number, step)

    def _remind(self, now: datetime, limit: int) -> int:
        with self.act() as session:
            return remind_batch(session, now, limit)

    # Longer parts, each from an untouched store.

    @played_once
    def scheduled(self, review_on: date = REVIEW_ON) -> None:
        with self.act() as session:
            set_review_date(session, NOVEMBER, protocol(session), review_on, SECRETARY)

    @played_once
    def collecting(self) -> None:
        self.scheduled().sweep(OPENS)
        assert self.review().stage is Stage.COLLECTING

    @played_once
    def drafting(self, *proposed: Proposed) -> None:
        """Opened and closed by the secretary in November, so that nobody's day has come."""
        with self.act() as session:
            review = open_annual(session, NOVEMBER, protocol(session), SECRETARY)
            close_feedback(session, NOVEMBER, known_id(review), SECRETARY)
            for each in proposed:
                propose(session, NOVEMBER, known_id(review), each, SECRETARY)

    @played_once
    def deciding(self, magnitude: Magnitude = Magnitude.MINOR, *proposed: Proposed) -> None:
        self.drafting(*(proposed or (LOCKED,)))
        with self.act() as session:
            for proposal in standing_proposals(session, session.get_one(Review, 1)):
                classify(session, NOVEMBER, known_id(proposal), magnitude, SECRETARY, "Because.")
                if magnitude is Magnitude.MAJOR:
                    give_advice(session, NOVEMBER, known_id(proposal), "It is lawful.", "adviser")
            begin_deciding(session, NOVEMBER, 1, SECRETARY)

    @played_once
    def decided(self, magnitude: Magnitude = Magnitude.MINOR) -> None:
        self.deciding(magnitude)
        with self.act() as session:
            decide(session, NOVEMBER, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")

    @played_once
    def signing(self) -> None:
        self.decided(Magnitude.MAJOR)
        with self.act() as session:
            assert conclude(session, NOVEMBER, 1, SECRETARY) is Stage.SIGNING


LOCKED = Proposed(clause="12-security", wording="Records are kept locked, day and night.", problem="They were not.")
WRITTEN = Proposed(clause="7-consent", wording="Consent is asked for, and written down.")


def protocol(session: Session) -> Protocol:
    return session.exec(select(Protocol)).one()


def party(session: Session, slug: str) -> Party:
    return party_named(session, protocol(session), slug)


def duty_of(session: Session, kind: ObligationKind, slug: str | None = None) -> Obligation:
    """The one of that kind that is still owed, by that party or by nobody's."""
    who = party(session, slug).id if slug else None
    statement = select(Obligation).where(Obligation.kind == kind, col(Obligation.outcome).is_(None))
    return session.exec(statement.where(Obligation.party_id == who)).one()


def another_protocol(session: Session) -> Protocol:
    """Beside the one of this world; `protocol` finds two from then on."""
    row = Protocol.model_validate(protocol(session).model_dump(exclude={"id"}) | {"slug": "eastshire"})
    session.add(row)
    session.flush()
    return row


def contact_of(session: Session, slug: str | None, role: Role = Role.LEAD_MEMBER) -> Contact:
    who = party(session, slug).id if slug else None
    return session.exec(select(Contact).where(Contact.party_id == who, Contact.role == role)).one()


def made_by(session: Session, number: int = 1) -> Version:
    return version_of(session, session.get_one(Review, number))


def at_once(times: int, do: Callable[[], Value]) -> list[Value | BaseException]:
    """That many threads begin together; what each returned or raised."""
    barrier = Barrier(times)

    def run(_: int) -> Value | BaseException:
        barrier.wait()
        try:
            return do()
        except BaseException as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def days(*parts: tuple[int, int, int]) -> Iterator[datetime]:
    """Nine o'clock UTC on each."""
    return (datetime(*part, 9, tzinfo=UTC) for part in parts)


def _build(session: Session, slug: str, policies: Mapping[str, Mapping[str, Any]]) -> None:
    stated, operating = _stated()
    row = Protocol(
        slug=slug, name="The Westshire Protocol", short_name="Westshire Protocol", zone="Europe/London",
        nation=Nation.ENGLAND_AND_WALES, operating=operating, loaded_at=NOVEMBER,
        policies={group: values | dict(policies.get(group, {})) for group, values in stated.items()},
    )  # fmt: skip
    session.add(row)
    session.flush()
    number = known_id(row)
    for role in (Role.SECRETARY, Role.ADVISER):
        session.add(Contact(protocol_id=number, role=role, address=f"{role}@westshire.example"))
    for position, (key, question) in enumerate(ITEMS.items(), 1):
        session.add(
            ChecklistItem(
                protocol_id=number, key=key, clause_key="12-security", question=question, position=position
            )
        )  # fmt: skip
    session.flush()


def add_party(
    session: Session, of: Protocol, slug: str, name: str, *, nation: Nation | None = None, with_deputy: bool = False
) -> Party:
    added = Party(protocol_id=known_id(of), slug=slug, name=name, kind="other", nation=nation or of.nation)
    session.add(added)
    session.flush()
    for role in (Role.LEAD_MEMBER, Role.DEPUTY)[: 2 if with_deputy else 1]:
        address = f"{role.value.replace(' ', '.')}@{slug}.example"
        session.add(Contact(protocol_id=known_id(of), party_id=added.id, role=role, address=address))
    session.flush()
    return added


def _add_text(session: Session, number: int, labels: Sequence[str]) -> None:
    """Versions of before Concordat; the last has a text, and is in force."""
    for label in labels:
        major, minor = (int(part) for part in f"{label}.0".split(".")[:2])
        version = Version(
            protocol_id=number, label=label, major=major, minor=minor, dated_from=date(2014, 2, 1),
            dated_to=date(2014, 2, 28), dated_words="February 2014", in_force_from=date(2014, 2, 1),
            sha256=text_hash(label, CLAUSES) if label == labels[-1] else None,
        )  # fmt: skip
        session.add(version)
        session.flush()
    for position, (key, (heading, text)) in enumerate(CLAUSES.items(), 1):
        clause = Clause(protocol_id=number, key=key, section=int(key.split("-")[0]), position=position)
        session.add(clause)
        session.flush()
        row = VersionClause(version_id=known_id(version), clause_id=known_id(clause), heading=heading, text=text)
        session.add(row)
    session.flush()
