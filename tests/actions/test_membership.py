"""Parties join, leave and are succeeded; addresses bounce and are corrected."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.cast import known_id
from actions.contacts import NotAnAddress, WrongPlace, correct_address, set_contact
from actions.matters import open_matter
from actions.membership import HasLeft, NameTaken, apply_succession, join, leave
from actions.parties import NameNeeded, NotASlug
from actions.reasons import ReasonNeeded
from actions.review_feedback import give_feedback
from actions.review_signing import sign
from actions.signatures import signers_of
from actions.versions import version_named
from models.history import History
from models.obligation import Obligation, ObligationKind, Outcome
from models.outbox import Delivery, Message, MessageAbout
from models.protocol import (
    Contact,
    MatterKind,
    Party,
    Role,
    Signature,
    SignatureKind,
    Succession,
    SuccessionKind,
    Version,
)
from models.review import Feedback
from notifications.claiming import begin_sending, claim
from notifications.settling import Failed, settle
from rules.working_days import Nation
from tests.actions.world import (
    CLOSES,
    NOVEMBER,
    OPENS,
    SECRETARY,
    World,
    at_once,
    contact_of,
    party,
    protocol,
)

FEEDBACK, SIGNATURE = ObligationKind.FEEDBACK, ObligationKind.SIGNATURE
LATER = OPENS + timedelta(days=10)
LEAD = "lead.member@borders.example"


def joined(
    world: World, slug: str = "borders", name: str = "NHS Borders", address: str = LEAD, at: datetime = LATER
) -> Party:
    with world.act() as session:
        return join(session, at, protocol(session), slug, name, "nhs-trust", Nation.SCOTLAND, address, SECRETARY)


def left(world: World, slug: str, because: str = "It merged.", at: datetime = LATER) -> None:
    with world.act() as session:
        leave(session, at, party(session, slug), SECRETARY, because)


# Joining and leaving


def test_a_party_that_joins_in_the_middle_is_asked_with_the_time_that_is_left(world: World) -> None:
    world.collecting()
    added = joined(world)
    assert (added.joined_on, added.nation) == (date(2027, 3, 8), Nation.SCOTLAND)
    duty = world.only(Obligation, Obligation.key == "review:1:feedback:borders")
    assert (duty.due_on, duty.opened_at, duty.nation) == (date(2027, 3, 31), LATER, Nation.SCOTLAND)
    asked = world.only(Message, Message.key == "review:1:feedback:borders:invite")
    assert asked.address == LEAD
    assert world.moves("protocol:westshire") == ["contact named", "party joined"]
    assert world.broken(LATER) == []


def test_a_party_that_joins_when_feedback_has_closed_is_not_asked(small_world: World) -> None:
    small_world.collecting().sweep(CLOSES)
    joined(small_world, at=CLOSES)
    assert len(small_world.duties(FEEDBACK)) == 4


@pytest.mark.parametrize(
    ("slug", "name", "address", "error"),
    [
        ("police", "Another Police", LEAD, NameTaken),
        ("police-2", "westshire  POLICE ", LEAD, NameTaken),
        ("rozzers", "The Rozzers", LEAD, NameTaken),
        ("Borders", "NHS Borders", LEAD, NotASlug),
        ("b" * 51, "NHS Borders", LEAD, NotASlug),
        ("", "NHS Borders", LEAD, NotASlug),
        ("borders", "  ", LEAD, NameNeeded),
        ("borders", "NHS Borders", "nobody", NotAnAddress),
        ("borders", "NHS Borders", "a@b.example\nBcc: c@d.example", NotAnAddress),
        ("borders", "NHS Borders", "x" * 300 + "@b.example", NotAnAddress),
    ],
)
def test_who_cannot_join(small_world: World, slug: str, name: str, address: str, error: type[Exception]) -> None:
    with small_world.act() as session:
        party(session, "police").aliases = ["The Rozzers"]
    before = small_world.rows()
    with pytest.raises(error):
        joined(small_world, slug, name, address)
    assert small_world.rows() == before


def test_two_of_one_name_that_join_at_once_are_one(world: World) -> None:
    found = at_once(3, lambda: joined(world))
    assert sorted(type(each).__name__ for each in found) == ["NameTaken", "NameTaken", "Party"]
    assert len(world.every(Party)) == 5


def test_a_name_is_free_again_when_its_party_has_left(small_world: World) -> None:
    left(small_world, "police")
    assert joined(small_world, "police-service", "Westshire Police").id
    with pytest.raises(NameTaken):
        joined(small_world, "police", "The Police")


def test_leaving_ends_what_is_owed_and_keeps_what_was_answered(world: World) -> None:
    world.collecting()
    with world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "fire"), "fire", comments="It works.")
    for slug in ("fire", "police"):
        left(world, slug)
    assert {duty.key: duty.outcome for duty in world.duties(FEEDBACK)} == {
        "review:1:feedback:council": None, "review:1:feedback:fire": Outcome.ANSWERED,
        "review:1:feedback:police": Outcome.SUPERSEDED, "review:1:feedback:trust": None,
    }  # fmt: skip
    assert len(world.every(Feedback)) == 1
    rows = world.every(History, History.what == "party left")
    assert [row.details["duties"] for row in rows] == [[], ["review:1:feedback:police"]]
    before = world.rows()
    left(world, "police", "Once more.")
    assert world.rows() == before
    with pytest.raises(ReasonNeeded):
        left(world, "trust", " ")
    assert world.broken(LATER) == []


def test_leaving_joining_and_answering_at_once(world: World) -> None:
    world.collecting()

    def answer() -> None:
        with world.act() as session:
            give_feedback(session, LATER, 1, party(session, "police"), "police", no_comments=True)

    todo = iter([lambda: left(world, "police"), answer, lambda: joined(world), lambda: world.sweep(LATER)])
    failed = [each for each in at_once(4, lambda: next(todo)()) if isinstance(each, BaseException)]
    assert [type(each).__name__ for each in failed] in ([], ["NotAParty"])
    assert world.only(Obligation, Obligation.key == "review:1:feedback:police").outcome is not None
    assert world.only(Obligation, Obligation.key == "review:1:feedback:borders").outcome is None
    assert world.broken(LATER) == []


# Contacts


def test_a_role_is_named_once_and_then_its_address_is_corrected(world: World) -> None:
    with world.act() as session:
        for address in ("deputy@fire.example", "deputy@fire.example", "second@fire.example"):
            set_contact(session, NOVEMBER, protocol(session), party(session, "fire"), Role.DEPUTY, address, SECRETARY)
        set_contact(session, NOVEMBER, protocol(session), None, Role.SECRETARY, "new@westshire.example", SECRETARY)
    assert world.moves("protocol:westshire") == ["contact named", "address corrected", "address corrected"]
    with world.read() as session:
        assert contact_of(session, "fire", Role.DEPUTY).address == "second@fire.example"
        assert contact_of(session, None, Role.SECRETARY).address == "new@westshire.example"


def test_a_role_named_at_once_is_one_contact(world: World) -> None:
    def name() -> int:
        with world.act() as session:
            fire = party(session, "fire")
            named = set_contact(session, NOVEMBER, protocol(session), fire, Role.DEPUTY, "d@fire.example", SECRETARY)
            return known_id(named)

    assert len(set(map(str, at_once(3, name)))) == 1
    assert len(world.every(Contact, Contact.role == Role.DEPUTY)) == 3


@pytest.mark.parametrize(("slug", "role"), [("fire", Role.SECRETARY), (None, Role.LEAD_MEMBER)])
def test_the_secretary_is_the_protocols_and_a_lead_member_a_partys(
    small_world: World, slug: str | None, role: Role
) -> None:
    with small_world.act() as session:
        of, at = protocol(session), party(session, slug) if slug else None
        with pytest.raises(WrongPlace, match="belongs to"):
            set_contact(session, NOVEMBER, of, at, role, "x@y.example", SECRETARY)


def bounced(world: World, slug: str = "police") -> None:
    """As delivery leaves it: the invitation failed, the address is marked, the secretary has work."""
    with world.act() as session:
        contact = contact_of(session, slug)
        contact.bounced_at = OPENS
        session.execute(
            sa.update(Message)
            .where(col(Message.contact_id) == contact.id)
            .values(state=Delivery.FAILED, bounced_at=OPENS)
        )
        open_matter(
            session, OPENS, protocol(session), MatterKind.BOUNCE, f"bounce:contact-{contact.id}:message-1",
            "Mail comes back.", "Telephone them.",
        )  # fmt: skip


@pytest.mark.parametrize("address", ["right@police.example", "lead.member@police.example"], ids=["another", "the same"])
def test_a_corrected_address_gets_once_what_had_bounced_and_the_matter_is_closed(world: World, address: str) -> None:
    world.collecting()
    bounced(world)
    for _ in range(2):
        with world.act() as session:
            correct_address(session, LATER, contact_of(session, "police"), address, SECRETARY)
    again = world.only(Message, Message.key.endswith(":once-more"))  # type: ignore[attr-defined]
    lost = world.only(Message, Message.key == "review:1:feedback:police:invite")
    assert (again.address, again.state, again.kind, again.text) == (address, Delivery.QUEUED, lost.kind, lost.text)
    assert again.message_id != lost.message_id
    assert (again.only_while_owed, again.next_attempt_at) == (True, LATER)
    links = world.every(MessageAbout, MessageAbout.message_id == again.id)
    assert [link.obligation_id for link in links] == [
        row.obligation_id for row in world.every(MessageAbout, MessageAbout.message_id == lost.id)
    ]
    assert world.matters() == []
    assert world.only(Contact, Contact.address == address).bounced_at is None
    assert world.moves("protocol:westshire") == ["address corrected"]


def all_sent(session: Session) -> None:
    session.execute(sa.update(Message).values(state=Delivery.ACCEPTED, settled_at=OPENS))


def told_at_new_address(world: World) -> list[tuple[str, int]]:
    """Where, and of how many duties."""
    rows = world.every(Message, col(Message.key).startswith("new-address:"))
    return [(row.address, len(world.every(MessageAbout, MessageAbout.message_id == row.id))) for row in rows]


def test_whoever_is_named_as_the_right_person_is_told_what_is_owed(world: World) -> None:
    """The request went to somebody else, and links to the old address open nothing any more."""
    world.collecting()
    with world.act() as session:
        all_sent(session)
    for _ in range(2):
        with world.act() as session:
            correct_address(session, LATER, contact_of(session, "police"), "right@police.example", SECRETARY)
    assert told_at_new_address(world) == [("right@police.example", 1)]
    row = world.only(Message, col(Message.key).startswith("new-address:"))
    assert (row.case, row.kind, row.only_while_owed) == ("review:1", "duty_reminder", True)
    assert "send feedback on the protocol" in " ".join(row.text.split())
    assert world.broken(LATER) == []


def test_whoever_is_named_again_is_told_again_as_the_first_links_open_nothing(small_world: World) -> None:
    small_world.collecting()
    for now, address in ((OPENS, "wrong@police.example"), (LATER, "lead.member@police.example")):
        with small_world.act() as session:
            all_sent(session)
            correct_address(session, now, contact_of(session, "police"), address, SECRETARY)
    assert told_at_new_address(small_world) == [("wrong@police.example", 1), ("lead.member@police.example", 1)]


def test_an_address_that_had_bounced_before_it_was_asked_is_told_when_it_works(small_world: World) -> None:
    with small_world.act() as session:
        contact_of(session, "police").bounced_at = OPENS
    small_world.collecting()
    with small_world.act() as session:
        all_sent(session)
        correct_address(session, LATER, contact_of(session, "police"), "lead.member@police.example", SECRETARY)
    assert told_at_new_address(small_world) == [("lead.member@police.example", 1)]


def test_what_is_about_to_be_sent_or_not_owed_any_more_is_not_told_besides(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        correct_address(session, LATER, contact_of(session, "police"), "right@police.example", SECRETARY)
        all_sent(session)
        give_feedback(session, OPENS, 1, party(session, "fire"), SECRETARY, no_comments=True)
        correct_address(session, LATER, contact_of(session, "fire"), "right@fire.example", SECRETARY)
    assert told_at_new_address(small_world) == []


def test_what_is_no_longer_owed_is_not_sent_once_more(small_world: World) -> None:
    small_world.collecting()
    bounced(small_world)
    with small_world.act() as session:
        give_feedback(session, OPENS, 1, party(session, "police"), SECRETARY, no_comments=True)
        correct_address(session, LATER, contact_of(session, "police"), "right@police.example", SECRETARY)
    assert [key for key in small_world.said() if key.endswith("once-more")] == []


def test_an_address_that_bounces_again_gets_its_copy_once_more(small_world: World) -> None:
    small_world.collecting()
    for address in ("second@police.example", "third@police.example"):
        bounced(small_world)
        with small_world.act() as session:
            correct_address(session, LATER, contact_of(session, "police"), address, SECRETARY)
    copies = small_world.every(Message, col(Message.key).endswith(":once-more"))
    assert [copy.address for copy in copies] == ["second@police.example", "third@police.example"]


def test_what_still_waits_in_the_outbox_goes_to_the_corrected_address(small_world: World) -> None:
    small_world.collecting()
    with small_world.act() as session:
        correct_address(session, LATER, contact_of(session, "police"), "right@police.example", SECRETARY)
    invitation = small_world.only(Message, Message.key == "review:1:feedback:police:invite")
    assert invitation.address == "right@police.example"
    assert "lead.member@fire.example" in {row.address for row in small_world.every(Message)}


def test_what_a_worker_has_claimed_goes_to_the_corrected_address_and_what_it_has_begun_does_not(
    small_world: World,
) -> None:
    """Hundreds are claimed at a time, and surely not sent yet; what is begun may have been sent to where it says."""
    small_world.collecting()
    with small_world.act() as session:
        numbers = {row.address: known_id(row) for row in session.exec(select(Message)).all()}
        claimed, begun = numbers["lead.member@police.example"], numbers["lead.member@fire.example"]
        assert {claimed, begun} <= set(claim(session, OPENS, "worker", 400))
        assert begin_sending(session, OPENS, [begun], "worker")
    with small_world.act() as session:
        for slug in ("police", "fire"):
            correct_address(session, OPENS, contact_of(session, slug), f"right@{slug}.example", SECRETARY)
    with small_world.act() as session:
        [going] = begin_sending(session, OPENS, [claimed], "worker")
    assert going.address == "right@police.example"
    assert small_world.only(Message, Message.id == begun).address == "lead.member@fire.example"


def test_what_the_old_address_refuses_after_the_correction_has_gone_to_the_new_one(small_world: World) -> None:
    """Corrected while it was being sent: nobody waits for what the old server says."""
    small_world.collecting()
    with small_world.act() as session:
        number = known_id(session.exec(select(Message).where(Message.address == "lead.member@police.example")).one())
        claim(session, OPENS, "worker", 400)
        [going] = begin_sending(session, OPENS, [number], "worker")
    with small_world.act() as session:
        correct_address(session, OPENS, contact_of(session, "police"), "right@police.example", SECRETARY)
    refused = Failed(id=number, attempts=going.attempts, said="550 5.1.1 no such user", address_refused=True)
    with small_world.act() as session:
        assert settle(session, LATER, "worker", [refused]) == {"lease lost": 1}
    row = small_world.only(Message, Message.id == number)
    assert (row.state, row.address, row.in_doubt_at) == (Delivery.WITHDRAWN, "lead.member@police.example", OPENS)
    assert (row.leased_by, row.bounced_at) == (None, None)
    copy = small_world.only(Message, Message.key == f"message-{number}:once-more")
    assert (copy.state, copy.address, copy.next_attempt_at) == (Delivery.QUEUED, "right@police.example", OPENS)
    assert small_world.only(Contact, Contact.id == row.contact_id).bounced_at is None


# Successions


def succession(
    world: World, predecessor: str, successor: str, name: str, kind: SuccessionKind = SuccessionKind.ONE_TO_ONE
) -> int:
    with world.act() as session:
        row = Succession(
            protocol_id=1, key=f"{predecessor}>{successor}", party_id=known_id(party(session, predecessor)),
            successor_slug=successor, successor_name=name, kind=kind, happened_on=date(2021, 4, 1),
            happened_words="1 April 2021", source="NHS England", note="A merger.",
        )  # fmt: skip
        session.add(row)
        session.flush()
        open_matter(
            session, NOVEMBER, protocol(session), MatterKind.SUCCESSION, f"succession:{row.key}", "Became.", "Apply."
        )
        return known_id(row)


def applied(world: World, *numbers: int, address: str = "lead@successor.example") -> Sequence[str]:
    found = []
    for number in numbers:
        with world.act() as session:
            row = session.get_one(Succession, number)
            found.append(apply_succession(session, LATER, row, address, SECRETARY).slug)
    return found


def active(world: World) -> set[str]:
    return {each.slug for each in world.every(Party, col(Party.left_on).is_(None))}


def test_one_to_one_the_successor_is_asked_to_adopt_and_the_predecessor_leaves(world: World) -> None:
    world.collecting()
    number = succession(world, "trust", "west-hospitals", "West Hospitals")
    assert applied(world, number, number) == ["west-hospitals", "west-hospitals"]
    assert active(world) == {"council", "fire", "police", "west-hospitals"}
    duty = world.only(Obligation, Obligation.kind == SIGNATURE)
    assert (duty.key, duty.case, duty.subject) == (
        "westshire:version:4.2:sign:west-hospitals", "protocol:westshire", "version:4.2"
    )  # fmt: skip
    asked = world.only(Message, Message.kind == "successor_asked_to_adopt")
    assert asked.address == "lead@successor.example"
    assert "1 April 2021" in asked.text
    assert world.only(Obligation, Obligation.key == "review:1:feedback:trust").outcome is Outcome.SUPERSEDED
    assert world.only(Obligation, Obligation.key == "review:1:feedback:west-hospitals").outcome is None
    assert world.matters() == []
    assert world.moves("protocol:westshire").count("succession applied") == 1
    assert world.broken(LATER) == []


def test_a_signature_is_never_inherited(world: World) -> None:
    with world.act() as session:
        session.add(
            Signature(
                key="register:trust", version_id=known_id(version_named(session, protocol(session), "4.2")),
                party_id=known_id(party(session, "trust")), kind=SignatureKind.SIGNED, position="Guardian",
                signed_on=date(2014, 12, 5), recorded_at=NOVEMBER, recorded_by=SECRETARY,
            )
        )  # fmt: skip
    applied(world, succession(world, "trust", "west-hospitals", "West Hospitals"))
    with world.read() as session:
        version = version_named(session, protocol(session), "4.2")
        assert signers_of(session, version) == {party(session, "trust").id}
    with world.act() as session:
        version, successor = version_named(session, protocol(session), "4.2"), party(session, "west-hospitals")
        sign(session, LATER, version, successor, "lead", position="Chief Executive")
    assert world.only(Obligation, Obligation.kind == SIGNATURE).outcome is Outcome.ANSWERED


def test_a_successor_can_adopt_a_version_of_before_concordat(small_world: World) -> None:
    """It was asked to sign a version without a hash, and its signature was then refused."""
    with small_world.act() as session:
        day = date(2015, 10, 1)
        session.add(
            Version(
                protocol_id=1, label="9", major=9, minor=0, dated_from=day, dated_to=day, dated_words="2015",
                in_force_from=day,
            )
        )  # fmt: skip
    applied(small_world, succession(small_world, "trust", "west-hospitals", "West Hospitals"))
    with small_world.act() as session:
        version, successor = version_named(session, protocol(session), "9"), party(session, "west-hospitals")
        signed = sign(session, LATER, version, successor, "lead", position="Chief Executive")
    assert signed.version_sha256 is None
    assert small_world.only(Obligation, Obligation.kind == SIGNATURE).outcome is Outcome.ANSWERED


def test_many_to_one_one_successor_is_asked_once_and_both_leave(world: World) -> None:
    merged = SuccessionKind.MANY_TO_ONE
    numbers = [
        succession(world, slug, "west-hospitals", "West Hospitals", merged) for slug in ("trust", "fire")
    ]  # fmt: skip
    assert applied(world, *numbers) == ["west-hospitals"] * 2
    assert active(world) == {"council", "police", "west-hospitals"}
    assert world.counts() == {"successor_asked_to_adopt": 1}
    assert world.matters() == []


def test_part_of_a_body_the_body_stays_and_a_party_that_has_signed_is_not_asked_again(world: World) -> None:
    with world.act() as session:
        session.add(
            Signature(
                key="register:council", version_id=known_id(version_named(session, protocol(session), "4.1")),
                party_id=known_id(party(session, "council")), kind=SignatureKind.SIGNED, position="Chief Executive",
                signed_on=date(2015, 8, 18), recorded_at=NOVEMBER, recorded_by=SECRETARY,
            )
        )  # fmt: skip
    part = SuccessionKind.PART_OF
    applied(world, succession(world, "trust", "council", "Westshire Council", part), address="")
    applied(world, succession(world, "trust", "fire", "Westshire Fire", part), address="")
    assert active(world) == {"council", "fire", "police", "trust"}
    assert [duty.key for duty in world.duties(SIGNATURE)] == ["westshire:version:4.2:sign:fire"]


def test_a_body_that_keeps_its_name_succeeds_itself(small_world: World) -> None:
    applied(small_world, succession(small_world, "trust", "west-trust", "West Trust"))
    assert active(small_world) == {"council", "fire", "police", "west-trust"}


def test_a_successor_that_has_itself_been_succeeded_comes_first(small_world: World) -> None:
    number = succession(small_world, "trust", "fire", "Westshire Fire")
    left(small_world, "fire", at=NOVEMBER)
    with pytest.raises(HasLeft, match=r"^Westshire Fire left on 2026-11-23\.$"):
        applied(small_world, number)
    assert "trust" in active(small_world), "nothing of it was done"


def test_one_succession_applied_at_once_is_applied_once(world: World) -> None:
    world.collecting()
    number = succession(world, "trust", "west-hospitals", "West Hospitals")
    assert [str(each) for each in at_once(3, lambda: applied(world, number))] == ["['west-hospitals']"] * 3
    assert world.counts()["successor_asked_to_adopt"] == 1
    assert world.moves("protocol:westshire").count("succession applied") == 1
    assert world.only(Succession).applied_at == LATER.astimezone(UTC)
