"""Two acts at once: neither waits for the other for ever, and neither loses what the other did."""

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.access.party_links import revoke_links
from actions.bouncing import record_bounce
from actions.cast import known_id
from actions.complaints.determining import determine
from actions.complaints.following_up import open_gap
from actions.complaints.moving import complaint_locked
from actions.complaints.receiving import NotAPartyNow
from actions.complaints.referring import refer
from actions.complaints.settling import take_complaint_step
from actions.complaints.telling_complainant import acknowledge
from actions.contacts import correct_address
from actions.gaps.answering import name_answers
from actions.gaps.asking import ask_for_review
from actions.gaps.keeping import GapIsClosed
from actions.membership import leave
from actions.moving import review_locked
from actions.owing import AlreadyDischarged, extend
from actions.review_closing import close_feedback
from actions.review_deciding import conclude, decide
from actions.review_drafting import begin_deciding, classify, propose
from actions.review_opening import open_extraordinary
from actions.review_signing import decline, sign
from actions.versions import version_named
from models.complaint import Finding
from models.gap import GapOrigin
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Delivery, Message
from models.protocol import Contact
from models.review import DecisionOutcome, Magnitude
from notifications import settling
from notifications.bounces import BounceReport
from notifications.claiming import begin_sending, claim, pause, put_back
from notifications.messages import DutyReminder
from notifications.outbox import queue
from notifications.refusals import address_refused
from notifications.settling import Accepted, Deferred, Failed, Result, settle
from rules.complaint import Step
from rules.review import Stage
from tests.actions.complaint_world import (
    HANDLER,
    WEDNESDAY,
    N,
    acknowledged,
    found,
    given,
    owed_in,
    received,
)
from tests.actions.world import (
    CLOSES,
    LOCKED,
    NOVEMBER,
    OPENS,
    PARTIES,
    SECRETARY,
    WRITTEN,
    World,
    contact_of,
    duty_of,
    party,
    protocol,
)
from tests.notifications.examples import FEEDBACK, LEAD

Act = Callable[[Session], object]


def meet(world: World, begin: Act, go_on: Act, other: Act) -> list[BaseException]:
    """`other` comes between `begin` and `go_on`, which are one transaction. Answers what went wrong."""
    wrong: list[BaseException] = []

    def guarded(what: Callable[[], None]) -> None:
        try:
            what()
        except BaseException as error:
            wrong.append(error)

    def comes_between() -> None:
        with world.act() as session:
            other(session)

    thread = threading.Thread(target=guarded, args=(comes_between,))

    def first() -> None:
        with world.act() as session:
            begin(session)
            thread.start()
            _until_it_waits(world, thread)
            go_on(session)

    guarded(first)
    thread.join(60)
    return wrong


def _until_it_waits(world: World, thread: threading.Thread) -> None:
    """On PostgreSQL until it is seen to wait; on SQLite it cannot even begin."""
    until = time.monotonic() + 5
    while time.monotonic() < until and thread.is_alive():
        if world.store.dialect.name != "postgresql":
            time.sleep(0.1)
            return
        with world.store.connect() as connection:
            if connection.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar():
                return
        time.sleep(0.01)


def _request_to(session: Session, slug: str) -> Message:
    contact = contact_of(session, slug)
    statement = select(Message).where(Message.contact_id == contact.id, Message.kind == "feedback_invited")
    return session.exec(statement).one()


def _in_the_case(session: Session) -> None:
    review_locked(session, 1)


def _closes(session: Session) -> None:
    close_feedback(session, CLOSES, 1, SECRETARY)


def test_mail_that_is_refused_while_the_case_goes_on(world: World) -> None:
    world.collecting()
    refused = "550 5.1.1 no such user"
    wrong = meet(
        world, _in_the_case, _closes,
        lambda s: address_refused(s, CLOSES, _request_to(s, "police"), refused, "clock"),
    )  # fmt: skip
    assert wrong == []
    assert world.review().stage is Stage.DRAFTING
    assert [row.address for row in world.every(Contact, col(Contact.bounced_at).is_not(None))] == [
        "lead.member@police.example"
    ]
    assert world.broken(CLOSES) == []


def test_a_delivery_that_is_settled_while_the_case_goes_on(world: World) -> None:
    world.collecting()
    with world.act() as session:
        rows = session.exec(select(Message).order_by(col(Message.id).desc())).all()
        for row in rows:
            row.state, row.leased_by, row.attempts = Delivery.SENDING, "worker", 1
            row.lease_until = CLOSES + timedelta(minutes=5)
        failed = [Failed(id=row.id or 0, attempts=1, said="550 no", address_refused=True) for row in rows]
    wrong = meet(world, _in_the_case, _closes, lambda s: settle(s, CLOSES, "worker", failed))
    assert wrong == []
    assert len(world.every(Contact, col(Contact.bounced_at).is_not(None))) == len(PARTIES)
    assert world.broken(CLOSES) == []


def test_a_delivery_report_while_the_case_goes_on(world: World) -> None:
    world.collecting()
    report = BounceReport(
        message_id=world.only(Message, col(Message.key).contains("police")).message_id,
        recipient="lead.member@police.example",
        status="5.1.1", diagnostic="no such user", permanent=True,
    )  # fmt: skip
    assert meet(world, _in_the_case, _closes, lambda s: record_bounce(s, CLOSES, report, SECRETARY)) == []
    assert world.broken(CLOSES) == []


def test_an_address_corrected_while_a_refusal_is_settled(world: World) -> None:
    """One had the contact and wanted the message, the other had the message and wanted the contact."""
    world.collecting()
    with world.act() as session:
        row = _request_to(session, "police")
        number, contact = row.id or 0, row.contact_id
        row.state, row.leased_by, row.attempts = Delivery.SENDING, "worker", 1
        row.lease_until = CLOSES + timedelta(minutes=5)
    failed = Failed(id=number, attempts=1, said="550 no", address_refused=True)

    def has_the_contact(session: Session) -> None:
        correct_address(session, CLOSES, session.get_one(Contact, contact), "new@police.example", SECRETARY)

    def wants_the_message(session: Session) -> None:
        session.get_one(Message, number, with_for_update=True)

    wrong = meet(world, has_the_contact, wants_the_message, lambda s: settle(s, CLOSES, "worker", [failed]))
    assert wrong == []
    assert world.only(Contact, Contact.id == contact).bounced_at is None, "the old address was refused"


def _corrects(session: Session) -> None:
    correct_address(session, OPENS, contact_of(session, "police"), "new@police.example", SECRETARY)


def _a_second_message(session: Session) -> None:
    queue(
        session, OPENS, DutyReminder(**LEAD, duties=(FEEDBACK,)), to=contact_of(session, "police"), key="the second",
        case="review:1", protocol=protocol(session),
    )  # fmt: skip


def test_an_address_corrected_while_its_message_is_claimed(world: World) -> None:
    """Whoever corrects has waited for whoever claims: what was queued a moment before is claimed now."""
    world.collecting()
    assert meet(world, lambda s: claim(s, OPENS, "worker", 400), lambda _: None, _corrects) == []
    assert world.only(Message, col(Message.key).contains("police")).address == "new@police.example"


def test_an_address_corrected_while_a_round_ends_because_the_post_office_is_closed(world: World) -> None:
    """One has put back the second message and pauses all that waits, the other has the first and wants the second."""
    world.collecting()
    with world.act() as session:
        _a_second_message(session)
        second = session.exec(select(Message).where(Message.key == "the second")).one()
        second.state, second.leased_by, second.lease_until = Delivery.CLAIMED, "worker", CLOSES
        number = second.id or 0

    def puts_back(session: Session) -> None:
        put_back(session, OPENS, [number], "worker")

    wrong = meet(world, puts_back, lambda s: pause(s, OPENS + timedelta(minutes=5), "closed"), _corrects)
    assert wrong == []
    to_police = world.every(Message, col(Message.address).endswith("@police.example"))
    assert {row.address for row in to_police} == {"new@police.example"}


def _revokes(session: Session) -> None:
    revoke_links(session, OPENS, contact_of(session, "police").id or 0, SECRETARY, "It was forwarded.")


def test_links_revoked_while_a_message_is_begun(world: World) -> None:
    """Whoever revokes has waited for whoever begins: it counts as sent, and goes once more."""
    world.collecting()
    with world.act() as session:
        ids = claim(session, OPENS, "worker", 400)
    assert meet(world, lambda s: begin_sending(s, OPENS, ids, "worker"), lambda _: None, _revokes) == []
    first, copy = world.every(Message, Message.contact_id == _police(world))
    assert (first.state, first.settled_at, first.in_doubt_at) == (Delivery.WITHDRAWN, OPENS, OPENS)
    assert (copy.state, copy.key) == (Delivery.QUEUED, f"message-{first.id}:once-more")
    assert world.broken(OPENS) == []


def test_links_revoked_while_a_message_in_doubt_is_claimed_again(world: World) -> None:
    """Whoever claims leaves out what is locked, and whoever revokes waits for what is claimed."""
    world.collecting()
    with world.act() as session:
        row = _request_to(session, "police")
        row.in_doubt_at = NOVEMBER
    assert meet(world, _revokes, lambda _: None, lambda s: claim(s, OPENS, "worker", 400)) == []
    first, copy = world.every(Message, Message.contact_id == _police(world))
    assert (first.state, first.leased_by) == (Delivery.WITHDRAWN, None)
    assert copy.state in (Delivery.QUEUED, Delivery.CLAIMED)
    assert world.broken(OPENS) == []


def _police(world: World) -> int:
    with world.read() as session:
        return contact_of(session, "police").id or 0


def test_refusals_and_extensions_many_times_over(world: World) -> None:
    world.collecting()
    number = world.only(Message, col(Message.key).contains("police")).id

    def refusals() -> None:
        for _ in range(15):
            with world.act() as session:
                address_refused(session, OPENS, session.get_one(Message, number), "550 no", "clock")

    def extensions() -> None:
        for day in range(15):
            with world.act() as session:
                duty = duty_of(session, ObligationKind.FEEDBACK, "police")
                extend(session, OPENS, duty, date(2027, 4, 1) + timedelta(days=day), SECRETARY, "Because.")

    wrong: list[BaseException] = []

    def guarded(what: Callable[[], None]) -> None:
        try:
            what()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(what,)) for what in (refusals, extensions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def _minor_version_decided(world: World) -> int:
    with world.act() as session:
        review = open_extraordinary(session, NOVEMBER, protocol(session), SECRETARY, "A typing error.").id or 0
        close_feedback(session, NOVEMBER, review, SECRETARY)
        proposal = propose(session, NOVEMBER, review, WRITTEN, SECRETARY)
        assert proposal is not None
        number = proposal.id or 0
        classify(session, NOVEMBER, number, Magnitude.MINOR, SECRETARY, "A typing error.")
        begin_deciding(session, NOVEMBER, review, SECRETARY)
        decide(session, NOVEMBER, number, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")
    return review


def _signs(session: Session) -> None:
    version = version_named(session, protocol(session), "5.0")
    sign(session, NOVEMBER, version, party(session, "police"), "police", position="Chief")


def _declines(session: Session) -> None:
    version = version_named(session, protocol(session), "5.0")
    decline(session, NOVEMBER, version, party(session, "fire"), "fire", "Too far.")


def test_a_signature_given_while_a_minor_version_is_announced_is_not_asked_for_again(world: World) -> None:
    world.signing()
    review = _minor_version_decided(world)

    def nothing(_: Session) -> None:
        """It has been announced, and is about to be committed."""

    def announced(session: Session) -> None:
        conclude(session, NOVEMBER, review, SECRETARY)

    assert meet(world, announced, nothing, _signs) == []
    owed = {duty.key: duty.outcome for duty in world.duties(ObligationKind.SIGNATURE)}
    assert owed["westshire:version:5.1:sign:police"] is Outcome.ANSWERED
    assert owed["westshire:version:5.1:sign:fire"] is None
    assert world.broken(NOVEMBER) == []


def test_declining_while_a_minor_version_is_announced_is_not_asked_for_again(world: World) -> None:
    world.signing()
    review = _minor_version_decided(world)
    assert meet(world, lambda s: conclude(s, NOVEMBER, review, SECRETARY), lambda _: None, _declines) == []
    moved = world.only(Obligation, Obligation.key == "westshire:version:5.1:sign:fire")
    assert moved.outcome is Outcome.ANSWERED


def test_a_minor_version_announced_holds_the_case_whose_signatures_it_moves(world: World) -> None:
    """Whoever acts there meanwhile waits, and then finds what has become of it."""
    world.signing()
    review = _minor_version_decided(world)

    def extends(session: Session) -> None:
        duty = duty_of(session, ObligationKind.SIGNATURE, "trust")
        extend(session, NOVEMBER, duty, date(2027, 3, 31), SECRETARY, "Because.")

    wrong = meet(
        world, lambda s: review_locked(s, 1), lambda s: extends(s),
        lambda s: conclude(s, NOVEMBER, review, SECRETARY),
    )  # fmt: skip
    assert wrong == []
    moved = world.only(Obligation, Obligation.key == "westshire:version:5.1:sign:trust")
    assert moved.due_on == date(2027, 3, 31), "the day it had been given"


# In complaints


def _in_the_complaint(session: Session) -> None:
    complaint_locked(session, 1)


def test_more_time_is_given_while_a_complaint_is_referred(world: World) -> None:
    """Whoever asked for it is told that it is not owed there any more, or it goes along."""
    acknowledged(world)

    def extends(session: Session) -> None:
        duty = session.exec(select(Obligation).where(Obligation.key == "complaint:1:analysis:1")).one()
        extend(session, WEDNESDAY, duty, date(2027, 4, 30), SECRETARY, "Because.")

    wrong = meet(
        world, _in_the_complaint, lambda s: refer(s, WEDNESDAY, 1, "fire", HANDLER, "Theirs."), extends
    )  # fmt: skip
    assert all(isinstance(each, AlreadyDischarged) for each in wrong)
    assert owed_in(world)["analysis"][0] == "lead.member@fire"
    assert world.broken(WEDNESDAY) == []


def test_the_party_leaves_to_which_a_complaint_is_being_referred(world: World) -> None:
    acknowledged(world)

    def leaves(session: Session) -> None:
        leave(session, WEDNESDAY, party(session, "fire"), SECRETARY, "Dissolved.")

    wrong = meet(world, _in_the_complaint, lambda s: refer(s, WEDNESDAY, 1, "fire", HANDLER, "Theirs."), leaves)
    assert wrong == []
    assert {who for who, _ in owed_in(world).values()} == {"secretary@westshire"}
    assert world.broken(WEDNESDAY) == []


def test_a_complaint_is_referred_to_a_party_that_is_leaving(world: World) -> None:
    acknowledged(world)

    def leaves(session: Session) -> None:
        leave(session, WEDNESDAY, party(session, "fire"), SECRETARY, "Dissolved.")

    [told] = meet(world, leaves, lambda _: None, lambda s: refer(s, WEDNESDAY, 1, "fire", HANDLER, "Theirs."))
    assert isinstance(told, NotAPartyNow)
    assert {who for who, _ in owed_in(world).values()} == {"lead.member@police"}
    assert world.broken(WEDNESDAY) == []


def test_a_gap_is_joined_while_the_version_that_answers_it_is_announced(world: World) -> None:
    """Joined after it was resolved, nobody would have answered it: whoever joins is told so."""
    world.drafting(LOCKED)
    for number in (1, 2):
        acknowledged(world)
        found(world, number, given(clear=N))
    with world.act() as session:
        open_gap(session, WEDNESDAY, 1, "Nobody says when.", HANDLER)
        name_answers(session, WEDNESDAY, 1, ["gap:1"], SECRETARY)
        classify(session, WEDNESDAY, 1, Magnitude.MINOR, SECRETARY, "Small.")
        begin_deciding(session, WEDNESDAY, 1, SECRETARY)
        decide(session, WEDNESDAY, 1, DecisionOutcome.ACCEPTED, SECRETARY, because="Agreed.")

    def joins(session: Session) -> None:
        open_gap(session, WEDNESDAY, 2, "Here too.", HANDLER, gap_id=1)

    [told] = meet(world, lambda s: conclude(s, WEDNESDAY, 1, SECRETARY), lambda _: None, joins)
    assert isinstance(told, GapIsClosed)
    assert [row.case for row in world.every(GapOrigin)] == ["complaint:1"]
    assert world.broken(WEDNESDAY) == []


def test_an_urgent_gap_opens_its_review_while_somebody_determines_another_complaint(world: World) -> None:
    for _ in range(2):
        acknowledged(world)
    found(world, 1, given(clear=N))

    def asks(session: Session) -> None:
        open_gap(session, WEDNESDAY, 1, "Nobody says when.", HANDLER, urgent=True)
        ask_for_review(session, WEDNESDAY, 1, SECRETARY)

    wrong = meet(world, _in_the_complaint, asks, lambda s: determine(s, WEDNESDAY, 2, given(clear=N), HANDLER))
    assert wrong == []
    assert (world.review().stage, len(world.every(Finding))) == (Stage.COLLECTING, 2)
    assert world.broken(WEDNESDAY) == []


def test_the_clock_begins_an_analysis_that_a_person_is_just_finishing(world: World) -> None:
    with world.act() as session:
        received(session)
        acknowledge(session, WEDNESDAY, 1, HANDLER, "by letter")
    took: list[bool] = []

    def clock(session: Session) -> None:
        took.append(take_complaint_step(session, WEDNESDAY, 1, Step.BEGIN_ANALYSIS))

    wrong = meet(world, _in_the_complaint, lambda s: determine(s, WEDNESDAY, 1, given(), HANDLER), clock)
    assert (wrong, took) == ([], [False])
    assert world.duties(ObligationKind.ANALYSIS) == [], "what is answered at once was never asked"
    assert world.broken(WEDNESDAY) == []


def test_a_contacts_links_end_while_a_worker_settles_two_of_their_messages(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One was put off, the later one accepted: neither side takes them the other way round."""
    world, write, meets = postgres_world, settling._write_accepted, threading.Event()
    world.collecting()
    with world.act() as session:
        police = contact_of(session, "police")
        queue(session, OPENS, DutyReminder(**LEAD, duties=(FEEDBACK,)), to=police, key="k", case="review:1",
              protocol=protocol(session))  # fmt: skip
    with world.act() as session:
        going = begin_sending(session, OPENS, claim(session, OPENS, "worker", 400), "worker")
    first, second = sorted((row for row in going if row.contact_id == police.id), key=lambda row: row.id)

    results: list[Result] = [
        Accepted(id=second.id, attempts=second.attempts, said="250"),
        Deferred(id=first.id, attempts=first.attempts, said="450"),
    ]

    wrong: list[BaseException] = []

    def ends() -> None:
        meets.wait(60)
        try:
            with world.act() as session:
                revoke_links(session, OPENS, known_id(police), SECRETARY, "Lost.")
        except BaseException as error:
            wrong.append(error)

    other = threading.Thread(target=ends)

    def accepts(*args: Any) -> set[int]:
        written = write(*args)
        meets.set()
        _until_it_waits(world, other)
        return written

    monkeypatch.setattr(settling, "_write_accepted", accepts)
    other.start()
    with world.act() as session:
        assert settle(session, OPENS, "worker", results) == {"accepted": 1, "queued": 1}
    other.join(60)
    assert wrong == []
