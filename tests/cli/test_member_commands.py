"""Parties, contacts and successors by their commands."""

from datetime import timedelta

from rules.sentences import written_day
from tests.cli.conftest import Concordat


def party(concordat: Concordat, slug: str) -> dict[str, object]:
    return next(each for each in concordat.does("parties")["bedfordshire"]["parties"] if each["party"] == slug)


def address(concordat: Concordat, slug: str, role: str) -> str:
    contacts = party(concordat, slug)["contacts"]
    assert isinstance(contacts, list)
    return next(str(contact["address"]) for contact in contacts if contact["role"] == role)


def test_protocols_and_parties_are_listed(concordat: Concordat) -> None:
    [line] = concordat.does("protocols")
    assert (line["slug"], line["version"], line["parties"], line["review"]) == ("bedfordshire", "4.2", 17, None)
    assert len(concordat.does("parties", "bedfordshire")["bedfordshire"]["parties"]) == 17
    assert party(concordat, "luton-ccg")["successors"] == ["Central East Integrated Care Board"]
    assert "lead member: lead.member@virgin-health.example" in concordat("parties").out
    assert "none set" in concordat("protocols").out


def test_contact_set_names_a_partys_contact(concordat: Concordat) -> None:
    concordat.does("contact", "set", "bedfordshire-police", "lead-member", "chief@police.example")
    assert address(concordat, "bedfordshire-police", "lead member") == "chief@police.example"


def test_contact_set_names_the_protocols_own_officers(concordat: Concordat) -> None:
    concordat.does("contact", "set", "bedfordshire", "secretary", "office@isp.example")
    officers = {each["role"]: each["address"] for each in concordat.does("parties")["bedfordshire"]["officers"]}
    assert officers["secretary"] == "office@isp.example"


def test_contact_correct_sends_there_what_had_bounced(collecting: Concordat) -> None:
    from sqlmodel import select

    from models.outbox import Delivery, Message
    from models.protocol import Contact

    def bounce(session) -> None:  # type: ignore[no-untyped-def]
        lead = session.exec(select(Contact).where(Contact.address == "lead.member@virgin-health.example")).one()
        message = session.exec(select(Message).where(Message.contact_id == lead.id)).one()
        lead.bounced_at = message.bounced_at = message.settled_at = collecting.clock.now
        message.state = Delivery.ACCEPTED
        session.add_all([lead, message])

    collecting.act(bounce)
    said = collecting("contact", "correct", "virgin-health", "lead-member", "new@hcrg.example")
    assert "What had bounced is sent there." in " ".join(said.out.split())
    assert [m["address"] for m in collecting.does("outbox", "--state", "queued")].count("new@hcrg.example") == 1


def test_whoever_is_named_is_there_and_a_corrected_address_is_of_somebody_who_is_away(concordat: Concordat) -> None:
    lead = ("bedfordshire-police", "lead-member")
    until = (concordat.clock.now + timedelta(days=30)).date()
    concordat.does("contact", "away", *lead, "--until", str(until))
    told = " ".join(concordat("contact", "correct", *lead, "chief@police.example").out.split())
    assert (
        f"They are still away until {written_day(until)}. If somebody else is reached there now, say that they" in told
    )
    told = " ".join(concordat("contact", "set", *lead, "new.chief@police.example").out.split())
    assert f"Whoever it was is away until {written_day(until)}; whoever is named now is asked from now on." in told
    told = " ".join(concordat("contact", "set", *lead, "next.chief@police.example").out.split())
    assert told.endswith("is reached at next.chief@police.example.")


def test_contact_correct_of_nobody_is_refused(concordat: Concordat) -> None:
    concordat.does("party", "join", "bedfordshire", "x", "X", "--lead", "a@x.example", "--nation", "scotland")
    assert "X has no deputy" in concordat("contact", "correct", "x", "deputy", "b@x.example").refusal


def test_party_join_is_asked_in_an_open_review(collecting: Concordat) -> None:
    joined = collecting.does(
        "party", "join", "bedfordshire", "milton-keynes", "Milton Keynes Council", "--kind", "council",
        "--lead", "lead@mk.example", "--nation", "england-and-wales",
    )  # fmt: skip
    assert joined["joined_on"] == "2026-11-22"
    assert [d["kind"] for d in collecting.does("obligation", "list", "--party", "milton-keynes")] == ["feedback"]
    refusal = collecting(
        "party", "join", "bedfordshire", "mk2", "milton keynes council", "--lead", "b@mk.example",
        "--nation", "england-and-wales",
    ).refusal  # fmt: skip
    assert "There is a party of that name already" in refusal


def test_party_leave_ends_what_it_owes(collecting: Concordat) -> None:
    collecting.does("party", "leave", "virgin-health", "--because", "its contract ended")
    assert party(collecting, "virgin-health")["left_on"] == "2026-11-22"
    assert collecting.does("obligation", "list", "--party", "virgin-health") == []


def test_successions_are_listed_and_applied_one_by_one(concordat: Concordat) -> None:
    found = {line["party"]: line for line in concordat.does("succession", "list")}
    number = str(found["bedfordshire-nhs-hospital-trust"]["number"])
    assert "Name the address of the lead member" in concordat("succession", "apply", number).refusal
    applied = concordat.does("succession", "apply", number, "--lead", "lead@bedshospitals.example")
    assert (applied["successor"], applied["asked"]) == ("bedfordshire-hospitals", True)
    assert party(concordat, "bedfordshire-nhs-hospital-trust")["left_on"] == "2026-11-22"
    assert party(concordat, "bedfordshire-hospitals")["signed"] == []
    second = str(found["luton-and-dunstable-hospital"]["number"])
    assert concordat.does("succession", "apply", second)["successor"] == "bedfordshire-hospitals"
    assert "applied" in concordat("succession", "list").out
    assert len(concordat.does("succession", "list", "bedfordshire")) == 11


def test_two_protocols_have_to_be_told_apart(concordat: Concordat) -> None:
    from sqlmodel import select

    from models.protocol import Protocol

    def second(session) -> None:  # type: ignore[no-untyped-def]
        first = session.exec(select(Protocol)).one()
        session.add(Protocol(**first.model_dump(exclude={"id", "slug"}), slug="wales"))

    concordat.act(second)
    assert "Say which protocol it is (`--protocol`): bedfordshire, wales." in concordat("version", "register").refusal
    assert concordat("version", "register", "--protocol", "bedfordshire").code == 0
